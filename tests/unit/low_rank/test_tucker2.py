"""`tucker2`: a small convolution between two 1 × 1 ones."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from engine.jobs.job import Quiet
from engine.methods.low_rank.run_tucker2 import _side, decompose
from engine.pipeline import table_of
from engine.recipe.model import Recipe
from engine.recipe.resolve import resolve
from tests.unit.low_rank.networks import answers, images, odd, only, residual, stage, step
from tests.unit.low_rank.test_svd import predicted, table, with_weights


def together(inner: Tensor, core: Tensor, outer: Tensor) -> Tensor:
    return torch.einsum("ir,srk,os->oik", inner, core, outer)


def test_planted_ranks_are_exact() -> None:
    torch.manual_seed(0)
    factors = (torch.randn(7, 2), torch.randn(3, 2, 9), torch.randn(8, 3))
    planted = together(*(factor.double() for factor in factors))
    spectra = (_side(planted, 1), _side(planted, 0))
    parts = decompose(planted, (2, 3), spectra, Quiet())
    assert torch.allclose(together(*parts), planted)
    inner, _, outer = parts
    assert torch.allclose(inner.T @ inner, torch.eye(2, dtype=torch.float64))
    assert torch.allclose(outer.T @ outer, torch.eye(3, dtype=torch.float64))


def test_iterations_are_no_worse_than_the_start() -> None:
    torch.manual_seed(1)
    weight = torch.randn(10, 9, 9, dtype=torch.float64)
    spectra = (_side(weight, 1), _side(weight, 0))
    first = [s.vectors[:, :rank] for s, rank in zip(spectra, (3, 4), strict=True)]
    core = torch.einsum("oik,ir,os->srk", weight, *first)
    start = (weight - together(first[0], core, first[1])).norm()
    end = (weight - together(*decompose(weight, (3, 4), spectra, Quiet()))).norm()
    assert end < start


def test_the_network_computes_the_decomposition() -> None:
    chosen = only("tucker2", "down", rank_by="number", rank=4, input_rank=3, refit=False)
    result = stage(residual(), chosen).network
    parts: Any = result.module.get_submodule("down")
    shapes = [tuple(p.weight.shape) for p in (parts.v, parts.core, parts.u)]
    assert shapes == [(3, 12, 1, 1), (4, 3, 3, 3), (20, 4, 1, 1)]
    v, core, u = (p.weight.detach().flatten(2) for p in (parts.v, parts.core, parts.u))
    whole = together(v[:, :, 0].T, core, u[:, :, 0])
    same = with_weights(residual(), down=whole)
    x = images(3)
    assert torch.allclose(answers(result, x), answers(same, x), atol=1e-5)
    assert (parts.v.stride, parts.core.stride, parts.u.stride) == ((1, 1), (2, 2), (1, 1))
    norms = [p.norm() for p in (v, core, u)]
    assert max(norms) < 3 * min(norms)


@pytest.mark.parametrize(
    "params",
    [
        {"size": 0.5},
        {"size": 0.15, "refit": False},
        {"rank_by": "ratio", "ratio": 0.4},
        {"rank_by": "number", "rank": 4},
        {"rank_by": "number", "rank": 1, "input_rank": 2},
    ],
)
def test_the_table_is_as_predicted(params: dict[str, Any]) -> None:
    for network in (residual(), odd()):
        result = stage(network, step("tucker2", **params)).network
        assert table(result) == predicted(network, step("tucker2", **params))


@pytest.mark.parametrize("params", [{"rank_by": "energy", "energy": 0.6}, {"rank_by": "vbmf"}])
def test_ranks_from_the_weights(params: dict[str, Any]) -> None:
    torch.manual_seed(0)
    planted = together(torch.randn(12, 2), torch.randn(2, 2, 9), torch.randn(16, 2))
    network = with_weights(residual(), conv1=planted + 0.01 * torch.randn(16, 12, 9))
    made = stage(network, only("tucker2", "conv1", **params)).network
    shape = table(made)["conv1.core"].shape
    assert shape[:2] == (2, 2) if params["rank_by"] == "vbmf" else max(shape[:2]) <= 2


def test_outputs_are_fitted_to() -> None:
    seen, unseen = images(64, seed=1), images(64, seed=2)
    wanted = answers(residual(), unseen)
    errors = []
    for refit in (False, True):
        result = stage(residual(), step("tucker2", size=0.4, refit=refit), seen).network
        errors.append((answers(result, unseen) - wanted).square().mean())
    assert errors[1] < 0.5 * errors[0]
    again = stage(residual(), step("tucker2", size=0.4), seen).network
    assert torch.equal(answers(again, unseen), answers(result, unseen))


def test_without_data_nothing_is_fitted_and_a_note_says_so() -> None:
    made = stage(residual(), step("tucker2", size=0.4))
    assert any("no data" in note for note in made.result.notes)
    plain = stage(residual(), step("tucker2", size=0.4, refit=False)).network
    assert table(made.network)["conv1.u"].parameters > table(plain)["conv1.u"].parameters


def test_which_layers_and_why_not() -> None:
    plan = resolve(Recipe(steps=(step("tucker2"),)), table_of(odd()))
    reasons = {a.target: a.reason for a in plan.assignments}
    assert reasons["line"] == reasons["volume"] == ""
    assert all(reasons[name] for name in ("single", "grouped", "up"))
    plan = resolve(Recipe(steps=(step("tucker2"),)), table_of(residual()))
    assert "linear" in {a.target: a.reason for a in plan.assignments}["fc"]


def test_one_by_one_kernels_are_left_to_svd() -> None:
    made = stage(residual(), step("svd", size=0.5)).network
    plan = resolve(Recipe(steps=(step("tucker2"),)), table_of(made))
    assert "svd" in {a.target: a.reason for a in plan.assignments}["conv1.u"]


def test_depth_of_a_volume() -> None:
    """Three-dimensional kernels."""
    torch.manual_seed(0)
    weight = torch.randn(6, 8, 6, dtype=torch.float64)
    spectra = (_side(weight, 1), _side(weight, 0))
    inner, core, outer = decompose(weight, (8, 6), spectra, Quiet())
    x = torch.randn(1, 8, 2, 3, 5, dtype=torch.float64)
    v = functional.conv3d(x, inner.T.reshape(8, 8, 1, 1, 1))
    core_out = functional.conv3d(v, core.reshape(6, 8, 1, 2, 3))
    u = functional.conv3d(core_out, outer.reshape(6, 6, 1, 1, 1))
    assert torch.allclose(u, functional.conv3d(x, weight.reshape(6, 8, 1, 2, 3)))
