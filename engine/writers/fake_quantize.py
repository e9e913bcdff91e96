"""Carries fake quantization through PyTorch's ONNX exporter, which has no translation for it.

Each `aten.fake_quantize_per_tensor_affine` becomes a marker, an operator of a domain of its own
that says the same; `engine.writers.qdq` turns the markers into standard operators.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import onnx
from onnxscript.values import Opset

from engine.network.fake_quantize import FAKE_QUANTIZE

DOMAIN = "espalier"
MARKER = "FakeQuantize"


@functools.cache
def translations() -> dict[Callable[..., Any], Callable[..., Any]]:
    """The exporter's `custom_translation_table`; registers the marker's schema with onnx."""
    schema = onnx.defs.OpSchema
    integers = ("zero_point", "quant_min", "quant_max")
    attributes = [schema.Attribute("scale", schema.AttrType.FLOAT, required=True)]
    attributes += [schema.Attribute(n, schema.AttrType.INT, required=True) for n in integers]
    onnx.defs.register_schema(
        schema(
            MARKER,
            DOMAIN,
            1,
            inputs=[schema.FormalParameter("x", "T")],
            outputs=[schema.FormalParameter("y", "T")],
            type_constraints=[("T", ["tensor(float)"], "")],
            attributes=attributes,
        )
    )
    opset: Any = Opset(DOMAIN, 1)

    def marker(x: Any, scale: float, zero_point: int, quant_min: int, quant_max: int) -> Any:
        return opset.FakeQuantize(
            x, scale=scale, zero_point=zero_point, quant_min=quant_min, quant_max=quant_max
        )

    return {FAKE_QUANTIZE: marker}
