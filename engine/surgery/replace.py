"""Puts a chain of leaves in the place of one: `conv2` becomes `conv2.v` and `conv2.u`.

The parts are children of the old name, so that a file stores `layer4.0.conv2.v.weight`, and a rule
for `layer4.0.conv2` covers them in later steps of a recipe.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch._subclasses.fake_tensor import FakeTensor
from torch.func import functional_call

from engine.errors import RecipeError
from engine.frozen import FrozenMap
from engine.network.leaves import kind_of
from engine.network.network import Network
from engine.surgery.copy import copy_network

Chain = Mapping[str, nn.Module]
"""Name of each part (`v`) → its leaf, in the order in which they are called."""


def replace_leaves(network: Network, chains: Mapping[str, Chain]) -> Network:
    """A network in which every call of the named leaves is a call of each part in turn.

    Untouched tensors are shared with the input, which is not changed. Each part takes the mode
    (training or evaluation) of the leaf it replaces. Leaves that share weights may share them
    afterwards: give their parts the same parameters.

    Args:
        network: What to change.
        chains: Path of a leaf → its parts; the last part's output has the leaf's shape.

    Raises:
        RecipeError: The graph reads a tensor of such a leaf elsewhere; see `tensors_read`.
    """
    result = copy_network(network)
    read = tensors_read(network)
    for name, chain in chains.items():
        if name in read:
            raise RecipeError(
                f"The weights of {name} are also used outside the layer, so it cannot be replaced",
                where=name,
            )
        _replace_leaf(result.module, name, chain)
    result.module.graph.lint()
    result.module.recompile()
    _forget_names(result.module, chains)
    return _without_sources(result, chains)


def tensors_read(network: Network) -> frozenset[str]:
    """Leaves of which the graph reads a tensor by itself, beside calling them or not."""
    owners = set()
    for node in network.module.graph.nodes:
        if node.op == "get_attr":
            owner = str(node.target).rpartition(".")[0]
            if owner and kind_of(network.module.get_submodule(owner)) is not None:
                owners.add(owner)
    return frozenset(owners)


def _replace_leaf(module: fx.GraphModule, name: str, chain: Chain) -> None:
    leaf = module.get_submodule(name)
    house = nn.Module()
    for child_name, child in leaf.named_children():
        house.add_module(child_name, child)
    for part_name, part in chain.items():
        if part_name in house._modules:
            raise RecipeError(f"{name} already has a part called {part_name}", where=name)
        house.add_module(part_name, part.train(leaf.training))
    house.training = leaf.training
    parent, _, last = name.rpartition(".")
    setattr(module.get_submodule(parent), last, house)
    for node in list(module.graph.nodes):
        if node.op == "call_module" and node.target == name:
            _replace_call(module, node, chain)


def _replace_call(module: fx.GraphModule, node: fx.Node, chain: Chain) -> None:
    """One call of the leaf: its first argument goes through all parts."""
    value: Any = node.args[0] if node.args else next(iter(node.kwargs.values()))
    with module.graph.inserting_before(node):
        for part_name, part in chain.items():
            name = f"{node.name}_{part_name}"
            before = value
            call = module.graph.create_node(
                "call_module", f"{node.target}.{part_name}", (before,), name=name
            )
            call.meta = dict(node.meta)
            call.meta["val"] = shape_after(part, before.meta["val"])
            value = call
    value.meta["val"] = node.meta["val"]
    node.replace_all_uses_with(value)
    module.graph.erase_node(node)


def shape_after(part: nn.Module, value: FakeTensor) -> Tensor:
    """What a leaf makes of a fake tensor, batch as symbolic as it was."""
    mode = value.fake_mode
    tensors: dict[str, Tensor] = {
        name: mode.from_tensor(tensor.detach(), static_shapes=True)
        for name, tensor in [*part.named_parameters(), *part.named_buffers()]
    }
    with mode, torch.no_grad():
        result = functional_call(part, tensors, (value,))
    assert isinstance(result, Tensor)
    return result


def _forget_names(module: fx.GraphModule, chains: Mapping[str, Chain]) -> None:
    """What the original called the tensors of leaves that are gone is no use to their parts."""

    def stays(path: str) -> bool:
        return path.rpartition(".")[0] not in chains

    for key in ("stored_names", "transposed", "computed"):
        known = module.meta.get(key)
        if isinstance(known, Mapping):
            module.meta[key] = {path: name for path, name in known.items() if stays(path)}
        elif known is not None:
            module.meta[key] = type(known)(path for path in known if stays(path))


def _without_sources(network: Network, chains: Mapping[str, Chain]) -> Network:
    kept = {name: node for name, node in network.source_names.items() if name not in chains}
    return replace(network, source_names=FrozenMap(kept))
