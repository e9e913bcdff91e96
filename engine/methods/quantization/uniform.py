"""Uniform quantization: weights and activations as integers with scales."""

from __future__ import annotations

from dataclasses import replace

from engine.frozen import by_identity
from engine.info import FOLDS_INTO, ChannelGroup, LayerInfo, LayerKind
from engine.layer_table import LayerTable, changed
from engine.methods.quantization.rounding.settings import Rounding
from engine.methods.quantization.settings import (
    MATRICES,
    UniformParams,
    WeightRange,
    channels,
    has_bias,
    item_bytes,
    quantized_bytes,
    why_not,
)
from engine.parameters import Params
from engine.registry import Axis, Choices, Kind, Method, Needs, Tag, register

_FEW_BITS = 6


def applies(layer: LayerInfo, params: Params) -> str:
    """Layers that multiply with a weight, and tables."""
    assert isinstance(params, UniformParams)
    reason = why_not(layer)
    if not reason and item_bytes(layer) < 4:
        return f"Its weights are {layer.dtype} already; grids are made from full precision."
    if not reason and layer.kind is LayerKind.EMBEDDING and params.weight_bits is None:
        return "Its input is numbers of rows, which are integers as they are."
    return reason


def needs_for(params: Params) -> Needs:
    """Data for whatever looks at activations; a float network's weights can do without."""
    assert isinstance(params, UniformParams)
    needs = Needs.NOTHING
    if params.activation_bits is not None:
        needs |= Needs.CALIBRATION | Needs.ACTIVATION_RANGES
    if params.bias_correction:
        needs |= Needs.CALIBRATION
    if params.weight_bits is not None and params.rounding is not Rounding.NEAREST:
        needs |= Needs.CALIBRATION
    if needs and uses_moments(params):
        needs |= Needs.INPUT_MOMENTS
    return needs


def uses_moments(params: UniformParams) -> bool:
    """Whether ranges of weights are chosen by what the layer's inputs are.

    With more bits they reach as far as the weights do, whatever the inputs.
    """
    few = params.weight_bits is not None and params.weight_bits <= _FEW_BITS
    return few and params.weight_range is WeightRange.MSE


def predict(table: LayerTable, choices: Choices) -> LayerTable:
    """Norms go where they can; weights shrink; corrected layers get a bias."""
    folded = table.once(_folded)
    takers = table.once(_takers)
    layers: list[LayerInfo] = []
    for layer in table.layers:
        name = layer.name
        if name not in folded:
            layers.append(_predicted(layer, choices.get(name), name in takers, len(layers)))
    return LayerTable(tuple(layers), _groups(table.groups, folded))


@by_identity(20_000)
def _predicted(layer: LayerInfo, params: Params | None, folds: bool, position: int) -> LayerInfo:
    changes: dict[str, int] = {}
    if position != layer.position:
        changes["position"] = position
    gains = folds
    if isinstance(params, UniformParams):
        gains |= params.bias_correction and layer.kind in MATRICES
    if gains and not has_bias(layer):
        more = channels(layer)
        changes["parameters"] = layer.parameters + more
        changes["size_bytes"] = layer.size_bytes + more * item_bytes(layer)
    if folds:  # whatever grid it was on, it leaves
        parameters = changes.get("parameters", layer.parameters)
        changes["size_bytes"] = parameters * item_bytes(layer)
    if isinstance(params, UniformParams) and params.weight_bits is not None:
        gained = changed(layer, **changes) if changes else layer
        changes["size_bytes"] = quantized_bytes(gained, params)
    return changed(layer, **changes) if changes else layer


def _takers(table: LayerTable) -> frozenset[str]:
    """The layers that norms are merged into."""
    return frozenset(table.once(_folded).values())


def _folded(table: LayerTable) -> dict[str, str]:
    """Norm → the layer it is merged into, under the name that steps before gave it."""
    found = {}
    for layer in table.layers:
        target = layer.attributes.get(FOLDS_INTO)
        if layer.kind is not LayerKind.BATCH_NORM or not isinstance(target, str):
            continue
        if target not in table:
            parts = [name for name in table.names() if name.startswith(f"{target}.")]
            if not parts:
                continue
            target = parts[-1]
        found[layer.name] = target
    return found


def _groups(groups: tuple[ChannelGroup, ...], folded: dict[str, str]) -> tuple[ChannelGroup, ...]:
    if not folded:
        return groups
    return tuple(
        replace(group, layers=tuple(name for name in group.layers if name not in folded))
        for group in groups
    )


UNIFORM = register(
    Method(
        kind=Kind.QUANTIZATION,
        name="uniform",
        title="Uniform quantization",
        summary="Stores weights as integers of 2 to 16 bits, and rounds activations so that the "
        "runtime can compute with integers.",
        params=UniformParams,
        run="engine.methods.quantization.run_uniform:run",
        reference="Jacob et al. 2018, arXiv:1712.05877; Nagel et al. 2021, arXiv:2106.08295",
        tags=(Tag.FRONT_END, Tag.SIZE, Tag.LATENCY, Tag.MEMORY),
        predict=predict,
        applies=applies,
        needs_for=needs_for,
        axis=Axis("weight_bits", (8, 6, 5, 4, 3, 2)),
    )
)
