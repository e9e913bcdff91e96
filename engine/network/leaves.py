"""The leaves of a lifted network: what kind each is, and where it is called."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import fx, nn

from engine.info import LayerKind

KINDS: dict[type[nn.Module], LayerKind] = {
    nn.Conv1d: LayerKind.CONV1D,
    nn.Conv2d: LayerKind.CONV2D,
    nn.Conv3d: LayerKind.CONV3D,
    nn.ConvTranspose1d: LayerKind.CONV_TRANSPOSE1D,
    nn.ConvTranspose2d: LayerKind.CONV_TRANSPOSE2D,
    nn.ConvTranspose3d: LayerKind.CONV_TRANSPOSE3D,
    nn.Linear: LayerKind.LINEAR,
    nn.Embedding: LayerKind.EMBEDDING,
    nn.BatchNorm1d: LayerKind.BATCH_NORM,
    nn.BatchNorm2d: LayerKind.BATCH_NORM,
    nn.BatchNorm3d: LayerKind.BATCH_NORM,
    nn.LayerNorm: LayerKind.LAYER_NORM,
    nn.GroupNorm: LayerKind.GROUP_NORM,
    nn.InstanceNorm1d: LayerKind.INSTANCE_NORM,
    nn.InstanceNorm2d: LayerKind.INSTANCE_NORM,
    nn.InstanceNorm3d: LayerKind.INSTANCE_NORM,
    nn.RMSNorm: LayerKind.RMS_NORM,
    nn.PReLU: LayerKind.PRELU,
    nn.LSTM: LayerKind.LSTM,
    nn.LSTMCell: LayerKind.LSTM,
    nn.GRU: LayerKind.GRU,
    nn.GRUCell: LayerKind.GRU,
    nn.RNN: LayerKind.RNN,
    nn.RNNCell: LayerKind.RNN,
}

CONVOLUTIONS = frozenset({LayerKind.CONV1D, LayerKind.CONV2D, LayerKind.CONV3D})
TRANSPOSED = frozenset(
    {LayerKind.CONV_TRANSPOSE1D, LayerKind.CONV_TRANSPOSE2D, LayerKind.CONV_TRANSPOSE3D}
)
RECURRENT = frozenset({LayerKind.LSTM, LayerKind.GRU, LayerKind.RNN})


@dataclass(frozen=True, slots=True, eq=False)
class Use:
    """A layer, with every node that calls or reads it.

    `module` is None for a parameter that stands free in the graph.
    """

    name: str
    kind: LayerKind
    module: nn.Module | None
    weight: torch.Tensor
    nodes: tuple[fx.Node, ...]


def kind_of(module: nn.Module) -> LayerKind | None:
    """What kind of layer a leaf is; None for one without weights (dropout) or an unknown one."""
    for base in type(module).__mro__:
        if base in KINDS:
            return KINDS[base]
    return None


def main_weight(module: nn.Module) -> torch.Tensor | None:
    """The tensor whose shape and histogram stand for a leaf, if it has any."""
    for local in ("weight", "weight_ih_l0", "weight_ih", "running_mean"):
        tensor = getattr(module, local, None)
        if isinstance(tensor, torch.Tensor):
            return tensor
    return None


def uses(module: fx.GraphModule) -> tuple[Use, ...]:
    """Every layer of a network in execution order: leaves with weights, and free parameters."""
    nodes: dict[str, list[fx.Node]] = {}
    for node in module.graph.nodes:
        if node.op in ("call_module", "get_attr"):
            nodes.setdefault(str(node.target), []).append(node)
    return tuple(_uses(module, nodes))


def _uses(module: fx.GraphModule, nodes: dict[str, list[fx.Node]]) -> Iterator[Use]:
    members = dict(module.named_modules(remove_duplicate=False))
    parameters = dict(module.named_parameters(remove_duplicate=False))
    for name, calls in nodes.items():
        if name in parameters:
            weight: torch.Tensor | None = parameters[name]
            if weight is not None and name.rpartition(".")[0] not in nodes:
                yield Use(name, LayerKind.PARAMETER, None, weight, tuple(calls))
            continue
        leaf = members.get(name)
        kind = kind_of(leaf) if leaf is not None else None
        weight = main_weight(leaf) if leaf is not None else None
        if leaf is not None and kind is not None and weight is not None:
            yield Use(name, kind, leaf, weight, tuple(calls))
