"""The layer table of a network, and its description as plain numbers."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import torch
from torch import fx, nn

from engine.frozen import FrozenMap
from engine.info import (
    FOLDS_INTO,
    ChannelGroup,
    Histogram,
    LayerInfo,
    LayerKind,
    Multiplications,
    NetworkInfo,
    Verdict,
)
from engine.network.encoding import Encoding
from engine.network.fast_conv import multiplications
from engine.network.histograms import histogram
from engine.network.leaves import CONVOLUTIONS, RECURRENT, TRANSPOSED, Use, uses
from engine.network.macs import call_macs, network_macs
from engine.network.memory import peak_activation_bytes
from engine.network.network import Network
from engine.network.norms import foldable_norms
from engine.network.samples import SampleShapes

Attribute = int | float | str | bool
RECURRENT_REASON = (
    "The hidden size of a recurrent layer cannot be pruned yet: all its gates and the state that "
    "it feeds back would have to shrink together."
)
CONSTANT_REASON = "Its weights are stored as constants, so they are not trained."
_COUNTER = "num_batches_tracked"
NO_CHANNELS_REASON = "Its values are not channels of the network."


def layer_table(network: Network, *, histograms: bool = False) -> tuple[LayerInfo, ...]:
    """One row for each layer, in execution order.

    A layer that is called several times has one row: its MACs are the sum over the calls, its
    shapes and activation those of the first. `histograms` adds a sampled one of each weight.
    """
    shapes = SampleShapes(network.module)
    found = uses(network.module)
    foldable = foldable_norms(network.module)
    first_owner: dict[int, str] = {}
    rows = []
    for position, use in enumerate(found):
        tied = first_owner.setdefault(id(use.weight), use.name)
        row = _row(use, shapes, network)
        if use.name in foldable:
            attributes = {**row.attributes, FOLDS_INTO: foldable[use.name]}
            row = dataclasses.replace(row, attributes=FrozenMap(attributes))
        row = dataclasses.replace(row, position=position, tied_to="" if tied == use.name else tied)
        if histograms:
            row = dataclasses.replace(row, histogram=weight_histogram(use.weight))
        rows.append(row)
    return tuple(rows)


def describe(
    network: Network,
    *,
    name: str,
    size_bytes: int,
    groups: Sequence[ChannelGroup] | None = None,
    histograms: bool = False,
) -> NetworkInfo:
    """The whole network, as the table, the command line and the report show it.

    Args:
        network: What to describe.
        name: File name without the ending.
        size_bytes: Of the file, external data included.
        groups: Channel groups, see `with_groups`; None where nobody looked for them.
        histograms: Add sampled histograms, and a warning where weights are not finite.
    """
    layers = layer_table(network, histograms=histograms)
    if groups is not None:
        layers = with_groups(layers, groups)
    return NetworkInfo(
        name=name,
        format=network.format,
        inputs=network.inputs,
        outputs=network.outputs,
        layers=layers,
        groups=tuple(groups or ()),
        parameters=sum(p.numel() for p in network.module.parameters()),
        size_bytes=size_bytes,
        macs=network_macs(network.module),
        activation_bytes=peak_activation_bytes(network.module),
        warnings=network.warnings + _nonfinite_warnings(layers),
        nodes=len(network.module.graph.nodes),
    )


def with_groups(
    layers: Sequence[LayerInfo], groups: Sequence[ChannelGroup]
) -> tuple[LayerInfo, ...]:
    """The layer table with each layer's group, and why it cannot be pruned where it cannot.

    A layer that channels of several groups pass through is given the first of them that can shrink.
    """
    group_of: dict[str, ChannelGroup] = {}
    for group in groups:
        for name in group.layers:
            known = group_of.get(name)
            if known is None or (known.frozen_reason and not group.frozen_reason):
                group_of[name] = group
    return tuple(_with_group(layer, group_of.get(layer.name)) for layer in layers)


def weight_histogram(weight: torch.Tensor, *, sample: float | None = 0.01) -> Histogram:
    """The histogram of a tensor's values; `sample=None` counts all of them."""
    values = weight.detach().cpu()
    if values.dtype is torch.bfloat16:
        return histogram(values.view(torch.int16).numpy(), sample=sample, dtype="bfloat16")
    return histogram(values.numpy(), sample=sample)


def _row(use: Use, shapes: SampleShapes, network: Network) -> LayerInfo:
    x, y = _first_values(use)
    macs = [call_macs(node, use.module, shapes) for node in use.nodes]
    if use.module is None:
        macs = [0]
    return LayerInfo(
        name=use.name,
        kind=use.kind,
        shape=tuple(use.weight.shape),
        dtype=str(use.weight.dtype).removeprefix("torch."),
        parameters=_parameters(use),
        size_bytes=_size_bytes(use, network.encodings.get(use.name)),
        macs=None if None in macs else sum(m for m in macs if m is not None),
        input_shape=None if x is None else shapes.without_batch(x),
        output_shape=None if y is None else shapes.without_batch(y),
        activation_bytes=None if y is None else shapes.count_bytes(y),
        attributes=FrozenMap(_attributes(use)),
        verdict=_verdict(use, network),
        source_name=network.source_names.get(use.name, ""),
        multiplications=_multiplications(use, x, y, shapes),
    )


def _first_values(use: Use) -> tuple[torch.Tensor | None, torch.Tensor | None]:
    """What goes in and what comes out at the first call; nothing goes into a free parameter."""
    node = use.nodes[0]
    if use.module is None:
        return None, _tensor(node)
    argument = node.args[0] if node.args else None
    return (_tensor(argument) if isinstance(argument, fx.Node) else None), _tensor(node)


def _tensor(node: fx.Node) -> torch.Tensor | None:
    value = node.meta.get("val")
    while isinstance(value, (tuple, list)) and value:
        value = value[0]
    return value if isinstance(value, torch.Tensor) else None


def _parameters(use: Use) -> int:
    if use.module is None:
        return use.weight.numel()
    return sum(p.numel() for p in use.module.parameters(recurse=False))


def _size_bytes(use: Use, encoding: Encoding | None) -> int:
    """Of all tensors, as a file with the weight in this encoding holds them."""
    tensors = [use.weight]
    if use.module is not None:
        # batch norm's counter serves training alone, and most formats leave it out
        buffers = [b for n, b in use.module.named_buffers(recurse=False) if n != _COUNTER]
        tensors = [*use.module.parameters(recurse=False), *buffers]
    size_bytes = sum(t.numel() * t.element_size() for t in tensors)
    if encoding is None:
        return size_bytes
    plain = use.weight.numel() * use.weight.element_size()
    return size_bytes - plain + encoding.size_bytes(use.weight.numel())


def _verdict(use: Use, network: Network) -> Verdict:
    restriction = network.restrictions.get(use.name)
    if restriction:
        return Verdict(trainable=False, prunable=False, reason=restriction)
    if use.kind in RECURRENT:
        return Verdict(prunable=False, reason=RECURRENT_REASON)
    if isinstance(use.weight, nn.Parameter) and not use.weight.requires_grad:
        return Verdict(trainable=False, reason=CONSTANT_REASON)
    return Verdict()


def _with_group(layer: LayerInfo, group: ChannelGroup | None) -> LayerInfo:
    reason = NO_CHANNELS_REASON if group is None else group.frozen_reason
    verdict = layer.verdict
    if reason and verdict.prunable:
        both = f"{verdict.reason} {reason}".strip()
        verdict = dataclasses.replace(verdict, prunable=False, reason=both)
    return dataclasses.replace(layer, group=group.id if group else None, verdict=verdict)


def _attributes(use: Use) -> dict[str, Attribute]:
    """Settings that a person would want to see; `calls` where there are several."""
    found: dict[str, Attribute] = {}
    for key in _SHOWN.get(use.kind, ()):
        value: Any = getattr(use.module, key, None)
        if value is not None and (key, value) != ("proj_size", 0):
            found[_RENAMED.get(key, key)] = _plain(value)
    if len(use.nodes) > 1 and use.module is not None:
        found["calls"] = len(use.nodes)
    return found


def _plain(value: Any) -> Attribute:
    """A number as it is; a tuple as its one number or as `3x5`."""
    if isinstance(value, (tuple, list)):
        distinct = set(value)
        return int(distinct.pop()) if len(distinct) == 1 else "x".join(str(v) for v in value)
    plain: Attribute = value
    return plain


def _multiplications(
    use: Use, x: torch.Tensor | None, y: torch.Tensor | None, shapes: SampleShapes
) -> Multiplications | None:
    module = use.module
    before, after = shapes.shape(x), shapes.shape(y)
    if not isinstance(module, (nn.Conv1d, nn.Conv2d, nn.Conv3d)) or before is None or after is None:
        return None
    axes = len(module.kernel_size)
    return multiplications(module, before[-axes:], after[-axes:])


def _nonfinite_warnings(layers: Sequence[LayerInfo]) -> tuple[str, ...]:
    return tuple(
        f"{layer.name}: {layer.histogram.nonfinite} of the weights looked at are NaN or infinite"
        for layer in layers
        if layer.histogram is not None and layer.histogram.nonfinite
    )


_CONV_SETTINGS = ("stride", "padding", "dilation", "groups")
_NORM_SETTINGS = ("eps",)
_SHOWN: dict[LayerKind, tuple[str, ...]] = {
    **dict.fromkeys(CONVOLUTIONS, _CONV_SETTINGS),
    **dict.fromkeys(TRANSPOSED, (*_CONV_SETTINGS, "output_padding")),
    **dict.fromkeys(
        RECURRENT,
        ("hidden_size", "num_layers", "bidirectional", "batch_first", "proj_size", "nonlinearity"),
    ),
    LayerKind.EMBEDDING: ("padding_idx",),
    LayerKind.BATCH_NORM: ("eps", "momentum"),
    LayerKind.INSTANCE_NORM: _NORM_SETTINGS,
    LayerKind.LAYER_NORM: _NORM_SETTINGS,
    LayerKind.RMS_NORM: _NORM_SETTINGS,
    LayerKind.GROUP_NORM: ("num_groups", "eps"),
}
_RENAMED = {"num_layers": "layers", "num_groups": "groups", "proj_size": "projection"}
