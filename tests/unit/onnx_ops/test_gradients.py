"""Gradients reach every float input of the operators that have one."""

from __future__ import annotations

import pytest
import torch

from engine.readers.onnx.fold import outputs_of
from engine.readers.onnx.operators import load_all
from tests.helpers.onnx_cases import Case, call_of, tensors_of
from tests.unit.onnx_ops.cases.everything import ALL

load_all()

FLAT = frozenset(
    {"ArgMax", "ArgMin", "BitCast", "Cast", "CastLike", "Ceil", "ConstantOfShape", "Equal"}
    | {"DequantizeLinear", "DynamicQuantizeLinear", "EyeLike", "Floor", "Greater", "Hardmax"}
    | {"GreaterOrEqual", "IsInf", "IsNaN", "Less", "LessOrEqual", "MatMulNBits", "NonZero"}
    | {"MelWeightMatrix", "OneHot", "QLinearMatMul", "QuantizeLinear", "Range", "Round"}
    | {"Shape", "Sign", "Size", "Unique"}
)
"""Operators with no gradient, or none that is not zero."""
INDIRECT = {
    "AffineGrid": (0,),
    "BatchNormalization": (0, 1, 2),
    "BitShift": (),
    "DeformConv": (0, 1, 2, 3, 4),
    "MaxRoiPool": (0,),
    "Mod": (0,),
    "NegativeLogLikelihoodLoss": (0, 2),
    "Resize": (0,),
    "RoiAlign": (0,),
    "STFT": (0, 2),
}
"""Operators only some of whose float inputs have a gradient."""


def _first_of_each_form() -> list[Case]:
    """Per operator, the first case and the first of each set of attributes and opset."""
    seen: set[tuple[str, ...]] = set()
    chosen = []
    for case in ALL:
        form = (case.domain, case.op, *sorted(case.attributes))
        if case.op not in FLAT and _has_floats(case) and form not in seen:
            seen.add(form)
            chosen.append(case)
    return chosen


def _has_floats(case: Case) -> bool:
    return any(x is not None and x.dtype == "float32" and x.size for x in case.inputs)


@pytest.mark.parametrize("case", _first_of_each_form(), ids=lambda case: case.id)
def test_gradients_flow(case: Case) -> None:
    handler, call = call_of(case)
    inputs = tensors_of(case)
    leaves = []
    for slot, x in enumerate(inputs):
        chosen = slot in INDIRECT.get(case.op, range(len(inputs))) and slot not in case.constants
        if chosen and x is not None and x.is_floating_point() and x.numel():
            inputs[slot] = x.requires_grad_()
            leaves.append(x)
    outputs = [y for y in outputs_of(handler(call, *inputs), call) if y.is_floating_point()]
    # Weights of their own, so that nothing (a softmax) sums to a constant.
    total = sum((y * torch.linspace(0.5, 1.5, y.numel()).reshape(y.shape)).sum() for y in outputs)
    assert isinstance(total, torch.Tensor)
    for leaf, gradient in zip(leaves, torch.autograd.grad(total, leaves), strict=True):
        assert gradient.shape == leaf.shape
        assert torch.isfinite(gradient).all()
        assert gradient.any()
