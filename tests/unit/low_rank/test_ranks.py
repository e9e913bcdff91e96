"""How ranks are chosen."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.info import LayerInfo
from engine.methods.low_rank.factor import choose_rank, spectrum_of
from engine.methods.low_rank.ranks import RankBy, RankParams
from engine.methods.low_rank.shapes import CORE, Form, U, V, parts_of, shape_ranks
from engine.methods.low_rank.vbmf import vbmf_rank
from tests.helpers.methods import conv, linear


def planted(rows: int, columns: int, rank: int, noise: float, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    signal = rng.standard_normal((rows, rank)) @ rng.standard_normal((rank, columns))
    return signal / max(rank, 1) ** 0.5 + noise * rng.standard_normal((rows, columns))


@pytest.mark.parametrize(
    ("rows", "columns", "rank", "noise"),
    [(100, 300, 10, 1.0), (300, 100, 10, 1.0), (64, 576, 5, 0.3), (200, 200, 20, 0.5)],
)
def test_vbmf_finds_the_planted_rank(rows: int, columns: int, rank: int, noise: float) -> None:
    values = np.linalg.svd(planted(rows, columns, rank, noise), compute_uv=False)
    assert vbmf_rank(values, rows, columns) == rank
    assert vbmf_rank(1e-6 * values, rows, columns) == rank


def test_vbmf_of_noise_nothing_and_exact_products() -> None:
    noise = np.linalg.svd(planted(50, 80, 0, 1.0), compute_uv=False)
    assert vbmf_rank(noise, 50, 80) == 0
    assert vbmf_rank(np.zeros(4), 4, 9) == 0
    exact = np.linalg.svd(planted(60, 90, 7, 0.0), compute_uv=False)
    assert vbmf_rank(exact, 60, 90) == 7
    assert vbmf_rank(np.ones(1), 1, 20) in (0, 1)


def spectrum(*singular_values: float):
    return spectrum_of(torch.diag(torch.tensor(singular_values, dtype=torch.float64) ** 2), (4, 4))


def test_energy_keeps_the_fewest_that_reach_the_share() -> None:
    values = spectrum(1, 3, 2, 0)  # squares 9, 4, 1 of 14
    for energy, rank in ((0.5, 1), (9 / 14, 1), (0.65, 2), (13 / 14, 2), (0.93, 3), (1.0, 3)):
        assert choose_rank(values, RankParams(rank_by=RankBy.ENERGY, energy=energy)) == rank
    dead = spectrum(0, 0, 0, 0)
    for rank_by in (RankBy.ENERGY, RankBy.VBMF):
        assert choose_rank(dead, RankParams(rank_by=rank_by)) == 1


FORMS = [Form(), Form(add_bias=True), Form((V, CORE, U)), Form(spatial=True)]


@pytest.mark.parametrize("form", FORMS)
def test_ranks_are_rounded_down_to_a_multiple(form: Form) -> None:
    layer = conv("c", 48, 36)
    for rank_by in (RankBy.SIZE, RankBy.RATIO):
        plain = RankParams(rank_by=rank_by, size=0.6, ratio=0.55)
        whole, ranks = (
            shape_ranks(layer, plain.model_copy(update={"round_to": step}), form) for step in (1, 8)
        )
        assert whole is not None
        assert ranks == tuple(rank - rank % 8 for rank in whole)
    few = RankParams(size=0.02, round_to=64)
    assert shape_ranks(layer, few, form) == shape_ranks(layer, RankParams(size=0.02), form)
    exact = RankParams(rank_by=RankBy.NUMBER, rank=13, round_to=8)
    assert set(shape_ranks(layer, exact, form) or ()) == {13}  # as it was asked for


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("share", [0.6, 0.3, 0.1])
def test_size_is_used_up_and_not_exceeded(form: Form, share: float) -> None:
    layer = conv("c", 48, 36)
    ranks = shape_ranks(layer, RankParams(size=share), form)
    assert ranks is not None
    more = tuple(rank + 1 for rank in ranks)
    assert size(layer, ranks, form) <= share * layer.size_bytes < size(layer, more, form)


def size(layer: LayerInfo, ranks: tuple[int, ...], form: Form) -> int:
    return sum(part.size_bytes for part in parts_of(layer, ranks, form))


def test_number_and_ratio() -> None:
    layer = linear("l", 30, 80)
    by_number = RankParams(rank_by=RankBy.NUMBER, rank=50)
    assert shape_ranks(layer, by_number, Form()) == (30,)
    assert shape_ranks(layer, by_number.model_copy(update={"rank": 7}), Form()) == (7,)
    by_ratio = RankParams(rank_by=RankBy.RATIO, ratio=0.1)
    assert shape_ranks(layer, by_ratio, Form()) == (3,)
    assert shape_ranks(layer, by_ratio.model_copy(update={"ratio": 0.001}), Form()) == (1,)


def test_more_is_kept_of_what_is_worth_more() -> None:
    layer = conv("c", 48, 36)
    params = [RankParams(size=share) for share in (0.1, 0.15, 0.25, 0.5, 0.75)]
    ranks = [shape_ranks(layer, p, Form()) for p in params]
    assert ranks == sorted(ranks, key=lambda r: r or ())
    assert len(set(ranks)) == len(ranks)
