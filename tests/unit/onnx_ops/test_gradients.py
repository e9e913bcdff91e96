"""Gradients reach every float input of the operators that have one."""

from __future__ import annotations

import pytest
import torch

from engine.readers.onnx.fold import outputs_of
from engine.readers.onnx.operators import load_all
from tests.helpers.onnx_cases import Case, call_of, tensors_of
from tests.unit.onnx_ops.cases.everything import by_operator

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


def _first_of_each_form() -> dict[str, list[Case]]:
    """Per operator, the first case of each set of attributes."""
    chosen = {}
    for name, cases in by_operator().items():
        forms = {
            tuple(sorted(case.attributes)): case
            for case in reversed(cases)
            if case.op not in FLAT and not case.op.startswith("QLinear") and _has_floats(case)
        }
        if forms:
            chosen[name] = list(forms.values())
    return chosen


def _has_floats(case: Case) -> bool:
    return any(x is not None and x.dtype == "float32" and x.size for x in case.inputs)


def _gradients(case: Case) -> list[torch.Tensor]:
    """The gradient of each float input that has one, of a weighted sum of the outputs."""
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
    return list(torch.autograd.grad(total, leaves))


@pytest.mark.parametrize("cases", _first_of_each_form().values(), ids=list(_first_of_each_form()))
def test_gradients_flow(cases: list[Case]) -> None:
    for case in cases:
        gradients = _gradients(case)
        assert gradients, case.id
        for gradient in gradients:
            assert torch.isfinite(gradient).all(), case.id
            assert gradient.any(), case.id
