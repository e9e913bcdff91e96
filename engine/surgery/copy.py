"""Copies of networks that share every tensor with the original."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace

from torch import Tensor, fx, nn

from engine.network.network import Network


def copy_network(network: Network) -> Network:
    """A network whose graph and leaves can be changed without changing the original.

    Parameters and buffers are the same objects: replace them, never write into them.
    """
    return replace(network, module=copy_module(network.module))


def copy_module(module: fx.GraphModule) -> fx.GraphModule:
    """A graph module with its own graph and leaves, and shared tensors."""
    twin = fx.GraphModule(nn.Module(), fx.Graph())
    shell = _shallow(module, {})
    for name in ("_parameters", "_buffers", "_modules", "_non_persistent_buffers_set", "training"):
        twin.__dict__[name] = shell.__dict__[name]
    twin.graph = copy_graph(module.graph)
    twin.meta = dict(module.meta)
    return twin


def copy_graph(graph: fx.Graph) -> fx.Graph:
    """A graph with the same node names and its own `meta` dictionaries."""
    twin = fx.Graph()
    known: dict[fx.Node, fx.Node] = {}
    result = twin.graph_copy(graph, known)
    end = twin.output(result)
    end.meta = dict(next(reversed(graph.nodes)).meta)
    twin._codegen = copy.copy(graph._codegen)
    return twin


def replace_tensors(module: nn.Module, new: Mapping[int, Tensor]) -> None:
    """Put tensors in the place of others, under every name, so that tied ones stay tied.

    Args:
        module: Changed.
        new: `id` of the old tensor → the new one.
    """
    for part in module.modules():
        for name, tensor in [*part._parameters.items(), *part._buffers.items()]:
            if tensor is not None and id(tensor) in new:
                setattr(part, name, new[id(tensor)])


def as_kind_of(tensor: Tensor, values: Tensor) -> Tensor:
    """New values for a tensor: a parameter if it is one, trained if it is."""
    if isinstance(tensor, nn.Parameter):
        return nn.Parameter(values, requires_grad=tensor.requires_grad)
    return values


def free_name(module: nn.Module, wanted: str) -> str:
    """A name that nothing in the module has yet."""
    name, number = wanted, 1
    while hasattr(module, name):
        number += 1
        name = f"{wanted}_{number}"
    return name


def tensor_at(module: nn.Module, path: str) -> Tensor:
    """The parameter or buffer at a dotted path."""
    owner, _, name = path.rpartition(".")
    tensor = getattr(module.get_submodule(owner), name)
    assert isinstance(tensor, Tensor)
    return tensor


def _shallow(module: nn.Module, known: dict[int, nn.Module]) -> nn.Module:
    """The module and all below it anew; a module at two places stays one."""
    if id(module) in known:
        return known[id(module)]
    twin = object.__new__(nn.Module if isinstance(module, fx.GraphModule) else type(module))
    known[id(module)] = twin
    for name, value in module.__dict__.items():
        own = isinstance(value, (dict, list, set))
        twin.__dict__[name] = copy.copy(value) if own else value
    for name, child in module._modules.items():
        twin._modules[name] = None if child is None else _shallow(child, known)
    return twin
