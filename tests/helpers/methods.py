"""Methods for tests: light halves only, with real predictions of shapes.

They pin what `resolve` promises (rules, groups, names that change on the way) without depending on
any method of the catalog. The registry is made anew for whoever asks.
"""

from __future__ import annotations

import enum
from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field, model_validator

from engine.frozen import FrozenMap
from engine.info import ChannelGroup, LayerInfo, LayerKind
from engine.layer_table import LayerTable, changed
from engine.parameters import Params
from engine.registry import Axis, Choices, Kind, Method, Needs, Registry, Scope, Stage, Tag

WEIGHTED = frozenset({LayerKind.CONV2D, LayerKind.LINEAR})


class Criterion(enum.StrEnum):
    MAGNITUDE = "magnitude"
    TAYLOR = "taylor"


class ChannelParams(Params):
    ratio: Annotated[
        float, Field(ge=0, lt=1, title="Pruning ratio", description="Share of channels removed.")
    ] = 0.0
    criterion: Annotated[
        Criterion, Field(title="Criterion", description="How channels are scored.")
    ] = Criterion.MAGNITUDE
    round_to: Annotated[
        int, Field(ge=1, le=64, title="Round to", description="Keep a multiple of this many.")
    ] = 1


class SvdParams(Params):
    rank: Annotated[
        int, Field(ge=0, title="Rank", description="Singular values kept; 0: by energy.")
    ] = 0
    energy: Annotated[
        float, Field(gt=0, le=1, title="Energy", description="Share of the energy kept.")
    ] = 0.5


class UniformParams(Params):
    weight_bits: Annotated[
        int, Field(ge=2, le=16, title="Weight bits", description="Bits of each weight.")
    ] = 8
    activation_bits: Annotated[
        int | None, Field(ge=4, le=16, title="Activation bits", description="Empty: float.")
    ] = None
    symmetric: Annotated[
        bool, Field(title="Symmetric", description="Whether zero is in the middle.")
    ] = True
    group_size: Annotated[
        int, Field(ge=0, title="Group size", description="Weights that share a scale; 0: all.")
    ] = 0

    @model_validator(mode="after")
    def _groups_are_symmetric(self) -> UniformParams:
        if self.group_size and not self.symmetric:
            raise ValueError("groups are only for symmetric weights.")
        return self


class SoftTargets(Params):
    name: Literal["soft_targets"] = "soft_targets"
    temperature: Annotated[
        float, Field(gt=0, le=100, title="Temperature", description="Softens both outputs.")
    ] = 4.0
    weight: Annotated[float, Field(ge=0, le=1, title="Weight", description="In the sum.")] = 0.5


class Hints(Params):
    name: Literal["hints"] = "hints"
    layers: Annotated[
        tuple[str, ...], Field(title="Layers", description="Whose outputs are compared.")
    ] = ()


class FinetuneParams(Params):
    epochs: Annotated[
        float, Field(gt=0, le=1000, title="Epochs", description="Passes over the data.")
    ] = 1.0
    losses: Annotated[
        tuple[Annotated[SoftTargets | Hints, Field(discriminator="name")], ...],
        Field(title="Losses", description="Besides the labels'."),
    ] = ()


def kept(channels: int, params: ChannelParams) -> int:
    """How many channels stay."""
    keep = max(round(channels * (1 - params.ratio)), 1)
    return min(-(-keep // params.round_to) * params.round_to, channels)


def predict_channel(table: LayerTable, choices: Choices) -> LayerTable:
    """Outputs of the members shrink, inputs of the consumers too."""
    layers = {layer.name: layer for layer in table.layers}
    groups: list[ChannelGroup] = []
    for group in table.groups:
        params = choices.get(group.id)
        if params is None:
            groups.append(group)
            continue
        assert isinstance(params, ChannelParams)
        keep = kept(group.channels, params)
        groups.append(replace(group, channels=keep))
        for name in group.layers:
            layers[name] = resized(layers[name], 0, keep * group.unit)
        for name in group.consumers:
            layers[name] = resized(layers[name], 1, keep * group.unit)
    return LayerTable(tuple(layers.values()), tuple(groups))


def predict_svd(table: LayerTable, choices: Choices) -> LayerTable:
    """A layer becomes two: `v` gives the rank's channels, `u` the layer's."""
    layers: list[LayerInfo] = []
    renamed: dict[str, str] = {}
    for layer in table.layers:
        params = choices.get(layer.name)
        if params is None:
            layers.append(layer)
            continue
        assert isinstance(params, SvdParams)
        full = min(layer.shape[0], layer.shape[1])
        rank = min(params.rank or max(round(full * params.energy), 1), full)
        first = resized(layer, 0, rank)
        second = changed(resized(layer, 1, rank), shape=(layer.shape[0], rank))
        renamed[layer.name] = f"{layer.name}.u"
        layers += [changed(first, name=f"{layer.name}.v"), changed(second, name=f"{layer.name}.u")]
    groups = [
        replace(
            group,
            id=renamed.get(group.id, group.id),
            layers=tuple(renamed.get(name, name) for name in group.layers),
            consumers=tuple(f"{name}.v" if name in renamed else name for name in group.consumers),
        )
        for group in table.groups
    ]
    return LayerTable(tuple(layers), tuple(groups))


def predict_uniform(table: LayerTable, choices: Choices) -> LayerTable:
    """Only bytes change."""

    def smaller(layer: LayerInfo) -> LayerInfo:
        params = choices.get(layer.name)
        if params is None:
            return layer
        assert isinstance(params, UniformParams)
        return changed(layer, size_bytes=layer.parameters * params.weight_bits // 8)

    return replace(table, layers=tuple(smaller(layer) for layer in table.layers))


def predict_fold(table: LayerTable, choices: Choices) -> LayerTable:
    """Batch norms disappear into the layers before them."""
    gone = {layer.name for layer in table.layers if layer.kind is LayerKind.BATCH_NORM}
    layers = tuple(layer for layer in table.layers if layer.name not in gone)
    groups = tuple(
        replace(group, layers=tuple(n for n in group.layers if n not in gone))
        for group in table.groups
    )
    return LayerTable(layers, groups)


def weighted_only(layer: LayerInfo, params: Params) -> str:
    """Convolutions and dense layers."""
    if layer.kind not in WEIGHTED:
        return f"A {layer.kind} layer has no matrix."
    if isinstance(params, UniformParams) and params.group_size:
        inputs = layer.shape[1] if len(layer.shape) > 1 else 1
        if inputs % params.group_size:
            return f"Groups of {params.group_size} do not divide its {inputs} inputs."
    return layer.verdict.reason if not layer.verdict.trainable else ""


def make_registry() -> Registry:
    """`channel`, `svd`, `uniform`, `finetune`, `fold`, and the criterion `taylor`."""
    registry = Registry()
    channel = Method(
        kind=Kind.PRUNING,
        name="channel",
        title="Channel pruning",
        summary="Removes whole channels.",
        params=ChannelParams,
        run="tests.helpers.methods:kept",
        reference="Li et al. 2017, arXiv:1608.08710",
        tags=(Tag.FRONT_END, Tag.SIZE, Tag.MACS, Tag.LATENCY),
        scope=Scope.GROUP,
        stage=Stage.CHANNEL,
        predict=predict_channel,
        applies=weighted_only,
        needs_for=_channel_needs,
        axis=Axis("ratio", (0.1, 0.3, 0.5, 0.7), identity=0.0),
    )
    svd = Method(
        kind=Kind.LOW_RANK,
        name="svd",
        title="Singular values",
        summary="Splits a layer in two.",
        params=SvdParams,
        run="tests.helpers.methods:kept",
        reference="Denton et al. 2014, arXiv:1404.0736",
        tags=(Tag.FRONT_END, Tag.SIZE, Tag.MACS),
        predict=predict_svd,
        applies=weighted_only,
    )
    uniform = Method(
        kind=Kind.QUANTIZATION,
        name="uniform",
        title="Uniform quantization",
        summary="Rounds to a grid.",
        params=UniformParams,
        run="tests.helpers.methods:kept",
        reference="Jacob et al. 2018, arXiv:1712.05877",
        needs=Needs.CALIBRATION | Needs.ACTIVATION_RANGES,
        tags=(Tag.BACK_END, Tag.SIZE),
        predict=predict_uniform,
        applies=weighted_only,
        axis=Axis("weight_bits", (8, 6, 4, 3, 2)),
    )
    finetune = Method(
        kind=Kind.RECOVERY,
        name="finetune",
        title="Fine-tune",
        summary="Trains what is left.",
        params=FinetuneParams,
        run="tests.helpers.methods:kept",
        reference="Han et al. 2015, arXiv:1506.02626",
        needs=Needs.TRAINING | Needs.LABELS,
        scope=Scope.NETWORK,
    )
    fold = Method(
        kind=Kind.RECOVERY,
        name="fold",
        title="Fold batch norm",
        summary="Merges batch norms.",
        params=Params,
        run="tests.helpers.methods:kept",
        reference="Jacob et al. 2018, arXiv:1712.05877, sec. 3.2",
        scope=Scope.NETWORK,
        predict=predict_fold,
    )
    taylor = Method(
        kind=Kind.CRITERION,
        name="taylor",
        title="Taylor",
        summary="Scores by the change of the loss.",
        params=Params,
        run="tests.helpers.methods:kept",
        reference="Molchanov et al. 2019, arXiv:1906.10771",
    )
    for method in (channel, svd, uniform, finetune, fold, taylor):
        registry.register(method)
    return registry


def _channel_needs(params: Params) -> Needs:
    taylor = isinstance(params, ChannelParams) and params.criterion is Criterion.TAYLOR
    return Needs.CALIBRATION | Needs.OUTPUT_GRADIENTS if taylor else Needs.NOTHING


def resized(layer: LayerInfo, axis: int, size: int) -> LayerInfo:
    """With another number of outputs (axis 0) or inputs (axis 1)."""
    if axis >= len(layer.shape):
        return layer
    shape = (*layer.shape[:axis], size, *layer.shape[axis + 1 :])
    factor = size / layer.shape[axis]
    return changed(
        layer,
        shape=shape,
        parameters=round(layer.parameters * factor),
        size_bytes=round(layer.size_bytes * factor),
        macs=None if layer.macs is None else round(layer.macs * factor),
    )


def conv(name: str, outputs: int, inputs: int, position: int = 0, size: int = 3) -> LayerInfo:
    """A convolution on 8 × 8 outputs."""
    weights = outputs * inputs * size * size
    return LayerInfo(
        name,
        LayerKind.CONV2D,
        (outputs, inputs, size, size),
        "float32",
        weights,
        4 * weights,
        64 * weights,
        position=position,
        attributes=FrozenMap({"groups": 1}),
    )


def batch_norm(name: str, channels: int, position: int = 0) -> LayerInfo:
    """A batch norm."""
    return LayerInfo(
        name,
        LayerKind.BATCH_NORM,
        (channels,),
        "float32",
        2 * channels,
        16 * channels,
        position=position,
    )


def linear(name: str, outputs: int, inputs: int, position: int = 0) -> LayerInfo:
    """A dense layer."""
    weights = outputs * inputs
    return LayerInfo(
        name,
        LayerKind.LINEAR,
        (outputs, inputs),
        "float32",
        weights,
        4 * weights,
        weights,
        position=position,
    )


def residual_table(blocks: int = 2, channels: int = 16) -> LayerTable:
    """`conv1 bn1 (layerB.conv1 bn1 conv2 bn2)* fc`, with additions around each block.

    The residual stream is one channel group, the inside of each block another; the classifier's
    outputs are frozen.
    """
    layers = [conv("conv1", channels, 3), batch_norm("bn1", channels)]
    stream, uses = ["conv1", "bn1"], []
    groups: list[ChannelGroup] = []
    for number in range(1, blocks + 1):
        name = f"layer{number}"
        layers += [
            conv(f"{name}.conv1", channels, channels),
            batch_norm(f"{name}.bn1", channels),
            conv(f"{name}.conv2", channels, channels),
            batch_norm(f"{name}.bn2", channels),
        ]
        inside = (f"{name}.conv1", f"{name}.bn1")
        groups.append(ChannelGroup(inside[0], inside, channels, consumers=(f"{name}.conv2",)))
        stream += [f"{name}.conv2", f"{name}.bn2"]
        uses.append(f"{name}.conv1")
    layers.append(linear("fc", 10, channels))
    reason = "The outputs of the network keep their size."
    groups.insert(0, ChannelGroup("conv1", tuple(stream), channels, consumers=(*uses, "fc")))
    groups.append(ChannelGroup("fc", ("fc",), 10, frozen_reason=reason))
    placed = (replace(layer, position=i) for i, layer in enumerate(layers))
    return LayerTable(tuple(placed), tuple(groups))
