"""Learned steps, against the formulas of the paper and against differences."""

from __future__ import annotations

import math

import pytest
import torch

from engine.network.encoding import (
    HalfEncoding,
    WeightEncoding,
    dequantize,
    is_on_grid,
    quantize,
)
from engine.training.fake_quant import LearnedStep, WeightQuantizer, learned_activation

CPU = torch.device("cpu")


def rounded(x: torch.Tensor, scale: torch.Tensor, factor: float = 1.0) -> torch.Tensor:
    return LearnedStep.apply(x, scale, 3.0, 0, 15, factor)


def test_values_are_those_of_pytorch() -> None:
    x = torch.linspace(-4, 8, 301)
    expected = torch.fake_quantize_per_tensor_affine(x, 0.5, 3, 0, 15)
    assert torch.equal(rounded(x, torch.tensor(0.5)), expected)


def test_gradient_of_the_step_follows_the_paper() -> None:
    """Esser et al. 2020, eq. 3: round(v) - v inside, the bound outside; times the factor."""
    x = torch.tensor([0.6, 1.2, -0.9, -9.0, 9.0])
    scale = torch.tensor(0.5, requires_grad=True)
    rounded(x, scale, 0.25).backward(torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0]))
    v = [0.6 / 0.5, 1.2 / 0.5, -0.9 / 0.5]
    inside = [g * (round(one) - one) for g, one in zip((1, 2, 3), v, strict=True)]
    outside = 4 * (0 - 3) + 5 * (15 - 3)
    assert scale.grad is not None
    assert float(scale.grad) == pytest.approx(0.25 * (sum(inside) + outside), rel=1e-5)


def test_gradient_of_the_step_is_the_slope_where_values_are_clipped() -> None:
    x = torch.tensor([30.0, -30.0, 40.0], dtype=torch.float64)
    scale = torch.tensor(0.5, dtype=torch.float64, requires_grad=True)
    rounded(x, scale).sum().backward()
    with torch.no_grad():
        slope = (rounded(x, scale + 1e-4).sum() - rounded(x, scale - 1e-4).sum()) / 2e-4
    assert scale.grad is not None
    assert float(scale.grad) == pytest.approx(float(slope), rel=1e-6)


def test_gradient_of_the_values_passes_only_inside() -> None:
    x = torch.tensor([-1.6, -1.4, 0.0, 5.9, 6.1], requires_grad=True)
    rounded(x, torch.tensor(0.5)).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [0, 1, 1, 1, 0]


def grid(weight: torch.Tensor, groups: int, *, axis: int = 0, symmetric: bool = True) -> object:
    channels = weight.shape[axis]
    columns = weight.numel() // channels
    size = -(-columns // groups) if groups > 1 else 0
    random = torch.Generator().manual_seed(1)
    scale = 0.1 + 0.2 * torch.rand(channels, groups, generator=random)
    zero = torch.zeros(channels, groups, dtype=torch.int32)
    return WeightEncoding(
        4, scale, zero if symmetric else zero + 7, symmetric, size, axis, narrow=symmetric
    )


@pytest.mark.parametrize("symmetric", [True, False])
@pytest.mark.parametrize(("shape", "axis"), [((6, 5, 3, 3), 0), ((5, 6, 2), 1), ((4, 10), 0)])
@pytest.mark.parametrize("groups", [1, 3])
def test_weights_are_rounded_as_the_encoding_says(
    symmetric: bool, shape: tuple[int, ...], axis: int, groups: int
) -> None:
    weight = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    encoding = grid(weight, groups, axis=axis, symmetric=symmetric)
    assert isinstance(encoding, WeightEncoding)
    quantizer = WeightQuantizer(encoding, CPU, learned=True)
    expected = dequantize(quantize(weight, encoding), encoding)
    assert torch.allclose(quantizer(weight), expected, atol=1e-6)
    quantizer(weight).square().sum().backward()
    assert quantizer.scale is not None
    assert quantizer.scale.grad is not None
    assert (quantizer.scale.grad != 0).any(dim=1).all()


def test_steps_of_weights_have_the_papers_factor() -> None:
    """Sec. 2.2: 1 / sqrt(values that share the step × highest integer)."""
    weight = torch.full((2, 8), 100.0)
    encoding = WeightEncoding(4, torch.ones(2, 1), torch.zeros(2, 1, dtype=torch.int32))
    quantizer = WeightQuantizer(encoding, CPU, learned=True)
    quantizer(weight).sum().backward()
    assert quantizer.scale is not None
    assert quantizer.scale.grad is not None
    assert quantizer.scale.grad[0].item() == pytest.approx(8 * 7 / math.sqrt(8 * 7))


def test_steps_of_activations_have_the_papers_factor() -> None:
    x = torch.full((4, 3, 5), 100.0)
    scale = torch.ones((), requires_grad=True)
    learned_activation(x, scale, 2, 0, 15).mean().backward()
    assert scale.grad is not None
    assert float(scale.grad) == pytest.approx((15 - 2) / math.sqrt(15 * 15))


def test_steps_stay_positive() -> None:
    encoding = WeightEncoding(4, torch.ones(2, 1), torch.zeros(2, 1, dtype=torch.int32))
    quantizer = WeightQuantizer(encoding, CPU, learned=True)
    assert quantizer.scale is not None
    with torch.no_grad():
        quantizer.scale.copy_(torch.tensor([[-1.0], [0.5]]))
    quantizer.keep_positive()
    assert 0 < quantizer.scale[0].item() < 0.01
    assert quantizer.scale[1].item() == 0.5


def test_half_precision_passes_gradients() -> None:
    weight = torch.randn(3, 4, requires_grad=True)
    quantizer = WeightQuantizer(HalfEncoding(), CPU, learned=True)
    made = quantizer(weight)
    assert is_on_grid(made.detach(), HalfEncoding())
    made.sum().backward()
    assert weight.grad is not None
    assert torch.equal(weight.grad, torch.ones(3, 4))
