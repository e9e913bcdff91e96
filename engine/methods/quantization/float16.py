"""Half precision: weights in two bytes each."""

from __future__ import annotations

import enum
from typing import Annotated

from pydantic import Field

from engine.info import LayerInfo
from engine.layer_table import LayerTable, changed
from engine.methods.quantization.settings import item_bytes, values, why_not
from engine.parameters import Params
from engine.registry import Choices, Kind, Method, Tag, register


class HalfFormat(enum.StrEnum):
    """Numbers of two bytes."""

    FLOAT16 = "float16"
    BFLOAT16 = "bfloat16"


class Float16Params(Params):
    """Of the method `float16`."""

    format: Annotated[
        HalfFormat,
        Field(
            title="Format",
            description="float16: 11 significant bits, up to 65504. bfloat16: 8 significant bits, "
            "the range of float32.",
        ),
    ] = HalfFormat.FLOAT16


def applies(layer: LayerInfo, params: Params) -> str:
    """Layers with a matrix that takes more than two bytes a number."""
    del params
    reason = why_not(layer)
    if not reason and item_bytes(layer) <= 2:
        return f"Its weights are {layer.dtype} already."
    return reason


def predict(table: LayerTable, choices: Choices) -> LayerTable:
    """Half the bytes of each chosen weight; biases stay."""

    def halved(layer: LayerInfo) -> LayerInfo:
        if layer.name not in choices:
            return layer
        rest = (layer.parameters - values(layer)) * item_bytes(layer)
        return changed(layer, size_bytes=rest + 2 * values(layer))

    return LayerTable(tuple(halved(layer) for layer in table.layers), table.groups)


FLOAT16 = register(
    Method(
        kind=Kind.QUANTIZATION,
        name="float16",
        title="Half precision",
        summary="Stores weights as float16 or bfloat16: half the size, hardly any loss.",
        params=Float16Params,
        run="engine.methods.quantization.run_float16:run",
        reference="Micikevicius et al. 2018, arXiv:1710.03740",
        tags=(Tag.FRONT_END, Tag.SIZE),
        predict=predict,
        applies=applies,
    )
)
