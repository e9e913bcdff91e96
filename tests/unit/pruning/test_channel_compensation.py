"""Layers solved anew after channels have gone: the error gets smaller, on samples not seen too."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from engine.jobs.job import Quiet
from engine.methods.context import Context
from engine.methods.pruning.channel_elimination import Problem, eliminate
from engine.methods.pruning.channel_least_squares import MOST_PRIMAL, Rows, gram, ridge
from engine.network.network import Network
from engine.statistics.calibration import Calibration
from engine.statistics.norms import reestimate
from tests.helpers.zoo import ZOO, cached_network
from tests.unit.pruning.channel_cases import (
    Block,
    Residual,
    context,
    difference,
    images,
    made,
    network,
    pruned,
)

HELD_OUT = images(64, seed=9)
WEIGHTS: dict[str, Any] = {"criterion": "magnitude", "reestimate_norms": False}


class Transposed(nn.Module):
    """A transposed convolution that reads channels."""

    def __init__(self, groups: int = 1) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 10, 3, padding=1)
        self.up = nn.ConvTranspose2d(10, 4, 2, stride=2, groups=groups)
        self.last = nn.Conv2d(4, 3, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.up(torch.relu(self.first(x))))


class Concatenated(nn.Module):
    """Two branches side by side, one of them depthwise."""

    def __init__(self) -> None:
        super().__init__()
        self.left = nn.Conv2d(3, 8, 3, padding=1)
        self.right = nn.Conv2d(3, 6, 1)
        self.deep = nn.Conv2d(6, 6, 3, padding=1, groups=6)
        self.last = nn.Conv2d(14, 5, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        both = [torch.relu(self.left(x)), torch.relu(self.deep(torch.relu(self.right(x))))]
        return self.last(torch.cat(both, 1))


class Dense(nn.Module):
    """Dense layers on three axes, as in a transformer's feed-forward part."""

    def __init__(self) -> None:
        super().__init__()
        self.up = nn.Linear(6, 20)
        self.down = nn.Linear(20, 6)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.down(torch.nn.functional.gelu(self.up(x)))


@pytest.mark.parametrize("kind", [Block, Residual, Transposed, Concatenated])
def test_error_on_samples_not_seen_is_less(kind: type[nn.Module]) -> None:
    before = network(made(kind()))
    only = "first".__eq__ if kind is Transposed else lambda name: True
    plain = pruned(before, only=only, ratio=0.4, compensate=False, **WEIGHTS)
    solved = pruned(before, only=only, ratio=0.4, **WEIGHTS)
    assert [p.shape for p in plain.module.parameters()] == [
        p.shape for p in solved.module.parameters()
    ]
    assert difference(before, solved, HELD_OUT) < 0.75 * difference(before, plain, HELD_OUT)


def test_dense_layers_on_three_axes() -> None:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(64, 7, 6, generator=generator)
    torch.manual_seed(0)
    before = network(Dense().eval(), x[:2])
    plain, solved = (
        pruned(before, context(before, x[:48]), ratio=0.5, compensate=c, **WEIGHTS)
        for c in (False, True)
    )
    held = x[48:]
    assert difference(before, solved, held) < 0.6 * difference(before, plain, held)


def test_reconstruction_and_absorbing_help() -> None:
    before = network(made(Residual()))
    errors = [
        difference(before, pruned(before, ratio=0.5, **settings), HELD_OUT)
        for settings in (
            {"criterion": "magnitude", "absorb": False},
            {"criterion": "reconstruction", "absorb": True},
        )
    ]
    assert errors[1] < errors[0]


def test_network_whose_batch_norm_is_folded() -> None:
    before = network(made(Block(norm=False)))
    plain = pruned(before, ratio=0.4, compensate=False, **WEIGHTS)
    corrected = pruned(before, ratio=0.4, compensate=False, criterion="magnitude")
    solved = pruned(before, ratio=0.4)
    errors = [difference(before, one, HELD_OUT) for one in (plain, corrected, solved)]
    assert errors[2] < errors[1] < errors[0]


def test_layers_of_which_nothing_changed_keep_their_tensors() -> None:
    before = network(made(Residual()))
    after = pruned(before, only="inner".__eq__, ratio=0.5)
    old, new = before.module, after.module
    assert new.get_submodule("stem").weight is old.get_submodule("stem").weight
    assert new.get_submodule("bn").running_mean is old.get_submodule("bn").running_mean
    assert new.get_submodule("outer").weight.shape == (12, 5, 3, 3)


def test_what_cannot_be_solved_is_noted() -> None:
    notes: list[str] = []
    before = cached_network("shared_conv")
    samples = Calibration(ZOO["shared_conv"].inputs(8))
    pruned(before, Context(Quiet(), before, calibration=samples, note=notes.append), ratio=0.5)
    assert any("body" in note and "several places" in note for note in notes)


def test_groups_of_a_transposed_convolution_go_as_wholes() -> None:
    before = network(made(Transposed(2)))
    after = pruned(before, ratio=0.5)
    assert after.module.get_submodule("up").weight.shape == (5, 2, 2, 2)
    with torch.no_grad():
        assert after.module(HELD_OUT).shape == before.module(HELD_OUT).shape


@pytest.mark.parametrize("poison", ["dead", "constant", "one sample"])
def test_data_that_says_little(poison: str) -> None:
    module = made(Block())
    x = images(32)
    if poison == "dead":
        with torch.no_grad():
            assert isinstance(module, Block)
            assert isinstance(module.bn, nn.BatchNorm2d)
            module.bn.bias.fill_(-100.0)
    if poison == "constant":
        x = torch.ones_like(x)
    if poison == "one sample":
        x = x[:1]
    before = network(module)
    for settings in ({}, {"allocation": "sensitivity"}, {"compensate": False}):
        after = pruned(before, context(before, x), ratio=0.5, **settings)
        with torch.no_grad():
            assert torch.isfinite(after.module(HELD_OUT)).all()


def test_masked_weights_stay_masked() -> None:
    module = made(Block())
    with torch.no_grad():
        assert isinstance(module, Block)
        module.second.weight[:, :, 0] = 0
    plain = network(module)
    before = dataclasses.replace(plain, sparse=frozenset({"second"}))
    notes: list[str] = []
    after = pruned(before, context(before, note=notes.append), only="first".__eq__, ratio=0.5)
    assert not after.module.get_submodule("second").weight[:, :, 0].any()
    assert any("second" in note for note in notes)


def test_least_squares_in_primal_and_dual_agree_with_the_formula() -> None:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(1, 400, 7, generator=generator) + 3
    w = torch.randn(1, 7, 2, generator=generator)
    t = x @ w + torch.tensor([5.0, -1.0])
    start = torch.zeros(1, 7, 2)
    for dual in (False, True):
        rows = Rows(MOST_PRIMAL + 1 if dual else 7, Quiet(), centered=True)
        for part in range(0, 400, 100):
            rows.add(x[:, part : part + 100], t[:, part : part + 100])
        fit = rows.solve(start, 1e-6)
        assert fit is not None
        if not dual:  # in the dual the damping is not that small
            torch.testing.assert_close(fit.matrix.float(), w, rtol=1e-3, atol=1e-3)
            torch.testing.assert_close(
                fit.offset.float(), torch.tensor([[5.0, -1.0]]), rtol=0.01, atol=0.01
            )
        error = x @ fit.matrix.float() + fit.offset.float() - t
        assert error.square().mean() < 0.02 * t.var()


def test_gram_in_blocks_is_the_product() -> None:
    x = torch.randn(2, 9, 1100, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(gram(x, Quiet()), x.transpose(1, 2) @ x, rtol=1e-4, atol=1e-4)


def test_elimination_predicts_the_error_of_solving_anew() -> None:
    generator = torch.Generator().manual_seed(0)
    mix = torch.randn(12, 12, generator=generator, dtype=torch.float64)
    second = mix @ mix.T / 12 + 0.01 * torch.eye(12, dtype=torch.float64)
    matrix = torch.randn(12, 3, generator=generator, dtype=torch.float64)
    units = torch.arange(12).div(3, rounding_mode="floor").numpy()
    found = eliminate([Problem(second, matrix, units)], 4, 1, Quiet())
    for removed in (1, 2, 3):
        stay = [i for i in range(12) if units[i] not in found.order[:removed]]
        sub, cross = second[stay][:, stay], second[stay] @ matrix
        solved = ridge(sub, cross, matrix[stay], 1e-12)
        error = 0.5 * ((matrix * (second @ matrix)).sum() - (solved * cross).sum())
        assert found.losses[removed - 1] == pytest.approx(float(error), rel=1e-6)
    singles = []
    for unit in range(4):
        stay = [i for i in range(12) if units[i] != unit]
        cross = second[stay] @ matrix
        solved = torch.linalg.solve(second[stay][:, stay], cross)
        singles.append(float((matrix * (second @ matrix)).sum() - (solved * cross).sum()))
    assert found.order[0] == singles.index(min(singles))


def _shifted(norm: bool) -> tuple[Network, Network]:
    """A network, and the same with a first layer of twice the size."""
    before = network(made(Block(norm=norm)))
    module = made(Block(norm=norm))
    with torch.no_grad():
        assert isinstance(module, Block)
        module.first.weight *= 2
        if module.first.bias is not None:
            module.first.bias *= 2
    return before, network(module)


def test_norms_are_measured_from_front_to_back() -> None:
    before, after = _shifted(norm=True)
    state = {k: v.clone() for k, v in after.module.state_dict().items()}
    found = reestimate(after, Calibration((images(64),)), Quiet())
    with torch.no_grad():
        z = found.module.get_submodule("first")(images(64))
    norm: Any = found.module.get_submodule("bn")
    torch.testing.assert_close(norm.running_mean, z.mean((0, 2, 3)), rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(
        norm.running_var, z.var((0, 2, 3), unbiased=False), rtol=1e-4, atol=1e-5
    )
    assert difference(before, found, HELD_OUT) < 0.05 * difference(before, after, HELD_OUT)
    assert all(torch.equal(v, state[k]) for k, v in after.module.state_dict().items())


def test_without_norms_channels_are_corrected_to_the_reference() -> None:
    before, after = _shifted(norm=False)
    found = reestimate(after, Calibration((images(64),)), Quiet(), reference=before)
    assert difference(before, found, HELD_OUT) < 0.05 * difference(before, after, HELD_OUT)
    same = reestimate(after, Calibration((images(64),)), Quiet())
    assert difference(after, same, HELD_OUT) == 0
    left = reestimate(
        after,
        Calibration((images(64),)),
        Quiet(),
        reference=before,
        leave=("first", "second", "head"),
    )
    assert difference(after, left, HELD_OUT) == 0


def test_tied_weights_stay_tied() -> None:
    class Tied(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first = nn.Linear(6, 6)
            self.second = nn.Linear(6, 6)
            self.second.weight = self.first.weight

        def forward(self, x: Tensor) -> Tensor:
            return self.second(torch.relu(self.first(x)))

    torch.manual_seed(0)
    x = torch.randn(32, 6)
    before = network(Tied().eval(), x[:2])
    found = reestimate(before, Calibration((x * 3,)), Quiet(), reference=before)
    after = found.module
    assert after.get_submodule("first").weight is after.get_submodule("second").weight
