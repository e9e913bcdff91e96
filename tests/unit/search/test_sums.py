"""Losses from some samples, their intervals, and what is kept of them."""

from __future__ import annotations

import numpy as np
import pytest

from engine.cost import Floats
from engine.search.design import Design, design_of
from engine.search.sums import LEAST, Key, Sums, sums_from

KEY: Key = ("conv", "uniform", 4.0)
COUNT = 2000


def population(seed: int = 0) -> tuple[Floats, Floats]:
    """How unsure the original is of samples, and losses that follow it with much noise."""
    random = np.random.default_rng(seed)
    uncertainty = np.minimum(random.lognormal(-6, 3, COUNT), 0.9)
    return uncertainty, uncertainty * random.lognormal(0, 1, COUNT)


def begun(losses: Floats, design: Design, count: int) -> Sums:
    sums = Sums(design, labeled=False)
    for start in range(0, count, 50):
        sums.add(KEY, losses[design.order[start : min(start + 50, count)]], None)
    return sums


def test_all_samples_give_the_mean() -> None:
    uncertainty, losses = population()
    found = begun(losses, design_of(uncertainty, COUNT, 0), COUNT)
    assert found.loss(KEY).loss == pytest.approx(losses.mean(), rel=1e-12)
    assert found.loss(KEY).reach == 0
    assert found.is_done(KEY, 0.0)
    low, high = found.loss(KEY).low, found.loss(KEY).high
    reach = 1.96 * losses.std() / np.sqrt(COUNT) / losses.mean()
    assert high / losses.mean() == pytest.approx(np.exp(reach), rel=1e-3)
    assert low * high == pytest.approx(losses.mean() ** 2)


def test_a_few_samples_come_near_and_say_how_near() -> None:
    inside, far, plain = 0, [], []
    for seed in range(60):
        uncertainty, losses = population(seed)
        design = design_of(uncertainty, COUNT, seed)
        found = begun(losses, design, 200).loss(KEY)
        error = np.log(found.loss / losses.mean())
        inside += abs(error) <= found.reach
        far.append(error)
        some = np.random.default_rng(seed).permutation(COUNT)[:200]
        plain.append(np.log(losses[some].mean() / losses.mean()))
    assert inside >= 50
    assert abs(np.mean(far)) < 0.05
    assert np.std(far) < 0.5 * np.std(plain)  # than of samples drawn alike


@pytest.mark.parametrize("count", [1, 3, 16, 40, 500])
def test_an_order_holds_every_sample_once(count: int) -> None:
    uncertainty = np.random.default_rng(1).random(count) ** 9
    for given in (uncertainty, np.zeros(count), None):
        design = design_of(given, count, 0)
        assert sorted(design.order) == list(range(count))
        assert design.is_whole
        assert design.counts(count).tolist() == design.sizes.tolist()
        assert design.counts(0).sum() == 0
    again = design_of(uncertainty, count, 0)
    assert again.order.tolist() == design_of(uncertainty, count, 0).order.tolist()


def test_each_stratum_is_among_the_first_samples() -> None:
    uncertainty, _ = population()
    design = design_of(uncertainty, COUNT, 0)
    assert len(design.sizes) > 4
    assert (design.counts(LEAST) >= np.minimum(design.sizes, 5)).all()


def test_a_loss_is_believed_from_enough_samples_on() -> None:
    uncertainty, losses = population()
    design = design_of(uncertainty, COUNT, 0)
    assert not begun(losses, design, 50).is_known(KEY)
    few = begun(losses, design, 100)
    assert few.is_known(KEY)
    reach = few.loss(KEY).reach
    assert not few.is_done(KEY, 0.9 * reach)
    assert few.is_done(KEY, 1.1 * reach)
    assert not few.is_done(KEY, 0.0)


def test_answers_that_are_no_numbers_are_the_worst() -> None:
    sums = Sums(design_of(None, 100, 0), labeled=True)
    sums.add(KEY, np.full(100, np.nan), np.ones(100))
    assert sums.loss(KEY).loss == pytest.approx(1e6)
    assert sums.loss(KEY).drop == pytest.approx(1.0)


def test_sums_are_kept_and_go_on() -> None:
    uncertainty, losses = population()
    design = design_of(uncertainty, COUNT, 0)
    half = begun(losses, design, 1000)
    again = sums_from(half.to_bytes("net"), "net", COUNT, labeled=False)
    assert again is not None
    assert again.loss(KEY) == pytest.approx(half.loss(KEY)) or repr(again.loss(KEY)) == repr(
        half.loss(KEY)
    )
    again.add(KEY, losses[again.design.order[1000:]], None)
    assert again.loss(KEY).loss == pytest.approx(losses.mean(), rel=1e-9)


def test_sums_of_something_else_are_not_taken() -> None:
    uncertainty, losses = population()
    content = begun(losses, design_of(uncertainty, COUNT, 0), 100).to_bytes("net")
    assert sums_from(content, "other", COUNT, labeled=False) is None
    assert sums_from(content, "net", COUNT - 1, labeled=False) is None
    assert sums_from(b"", "net", COUNT, labeled=False) is None
    for place in range(40, len(content), len(content) // 40):
        broken = content[:place] + bytes([content[place] ^ 255]) + content[place + 1 :]
        sums_from(broken, "net", COUNT, labeled=False)  # nothing is raised
    assert sums_from(content[: len(content) // 2], "net", COUNT, labeled=False) is None
