"""What a few samples say, and how it is brought together with what all say to second order."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.stats import spearmanr

from engine.jobs.job import Quiet
from engine.methods.pruning.channel_sensitivity import divergence
from engine.search.calibrate import Looked, told
from engine.search.few import FewSamples, chosen_samples, macs_after
from engine.statistics.calibration import Calibration
from tests.unit.search.test_quadratic import made, measured, noisy

Floats = NDArray[np.float64]


@pytest.mark.parametrize("classes", [5, 1])
def test_changed_networks_are_run_on_the_samples(classes: int) -> None:
    network, samples = made(classes, count=12)
    changes = [noisy(network, name, 5.0) for name in ("head", "twice", "up")]
    with torch.inference_mode():
        power = float(network.module(*samples.inputs).square().sum()) / 12
    runs = FewSamples(network, samples, Quiet(), power)
    found = runs.losses(changes)
    assert found.shape == (3, 12)
    with torch.inference_mode():
        wanted = [measured(network, change, samples) for change in changes]
    assert found.mean(1) == pytest.approx(wanted, rel=0.01)


def test_answers_that_are_no_numbers_are_the_worst() -> None:
    network, samples = made(count=4)
    change = noisy(network, "head", 0.3)
    change.leaves["head"].weight.data[0, 0] = torch.nan
    assert (FewSamples(network, samples, Quiet()).losses([change]) == 1e6).all()


def test_samples_that_lose_more_are_looked_at_more_and_count_less() -> None:
    rng = np.random.default_rng(0)
    losses = rng.gamma(0.1, 1.0, (30, 256)) * rng.gamma(0.3, 1.0, 256)
    whole = losses.mean(1)
    places, weights = chosen_samples(losses, 24)
    assert losses[:, places].mean() > 2 * losses.mean()
    assert np.corrcoef(losses[:, places].mean(0), weights)[0, 1] < 0
    found = (losses[:, places] * weights).sum(1) / 24
    plain = losses[:, :24].mean(1)
    assert np.log(found / whole).std() < 0.7 * np.log(plain / whole).std()
    assert found.mean() == pytest.approx(whole.mean(), rel=0.3)


def test_where_nothing_is_lost_any_samples_do() -> None:
    places, weights = chosen_samples(np.zeros((3, 40)), 8)
    assert len(places) == len(weights) == 8
    places, _ = chosen_samples(np.ones((3, 5)), 8)
    assert places.tolist() == [0, 1, 2, 3, 4]


OTHERS = 1.8
"""Times that samples which are not looked at lose more."""


def _case(count: int = 60, few: int = 20) -> tuple[Looked, Floats]:
    """Losses that lie below second order where they are large, the more of them the larger.

    Returns:
        What is known of them, and what they are on other samples.
    """
    rng = np.random.default_rng(1)
    samples = rng.gamma(0.5, 2.0, 256)
    predicted = 10 ** rng.uniform(-5, 0, count)
    near = predicted[:, None] * samples * rng.gamma(3, 1 / 3, (count, 256))
    factor = np.exp(0.1 * rng.standard_normal(count)) / (1 + 3 * predicted)
    true = near * factor[:, None] * rng.gamma(1.5, 1 / 1.5, (count, 256))
    places, weights = chosen_samples(near, few)
    near_few, true_few = (one[:, places] * weights / few for one in (near, true))
    looked = Looked(near.mean(1), np.full(count, 0.01), near_few, true_few)
    return looked, OTHERS * true.mean(1)


def test_few_samples_bring_predictions_to_what_is_true() -> None:
    looked, true = _case()
    found = told(["weight"] * len(true), [looked])
    before = np.log(OTHERS * looked.predicted / true)
    after = np.log(found.losses / true)
    alone = np.log(OTHERS * looked.predicted * np.exp(looked.ratios()[0]) / true)
    assert np.abs(after).mean() < 0.7 * np.abs(before).mean()
    assert np.abs(after).mean() < np.abs(alone).mean()
    assert spearmanr(found.losses, true).statistic > spearmanr(looked.predicted, true).statistic
    assert ((found.low <= true) & (true <= found.high)).mean() > 0.9


def test_what_was_not_run_follows_what_was() -> None:
    looked, true = _case()
    mild = looked.predicted < 1e-2
    looked.true[mild] = np.nan
    found = told(["weight"] * len(true), [looked])
    assert np.isfinite(found.low).all()
    assert np.abs(np.log(found.losses[mild] / true[mild])).mean() < 0.35


def test_methods_do_not_disturb_each_other() -> None:
    looked, _ = _case()
    half = len(looked.predicted) // 2
    names = ["weight"] * half + ["channel"] * half
    together = told(names, [looked])
    first = Looked(
        looked.predicted[:half],
        looked.noise[:half],
        looked.near[:half],
        looked.true[:half],
    )
    assert told(names[:half], [first]).losses == pytest.approx(together.losses[:half])


def test_what_cannot_be_measured_stays_as_predicted() -> None:
    looked = Looked(
        np.array([0.0, 1e-14, 0.1]),
        np.zeros(3),
        np.zeros((3, 4)),
        np.zeros((3, 4)),
    )
    found = told(["weight"] * 3, [looked])
    assert found.losses.tolist() == pytest.approx([0.0, 1e-14, OTHERS * 0.1])
    assert np.isnan(found.low[:2]).all()
    assert 0 < found.low[2] < OTHERS * 0.1 < found.high[2]


def test_intervals_are_wide_where_a_few_samples_say_it_all() -> None:
    """One of the samples has nearly all of every loss, and no say in what is predicted."""
    rng = np.random.default_rng(0)
    near = rng.gamma(20, 1 / 20, (40, 16)) * np.geomspace(1e-4, 1, 40)[:, None] / 16
    even = Looked(near.sum(1), np.zeros(40), near, near * rng.gamma(20, 1 / 20, (40, 16)))
    odd = Looked(even.predicted, even.noise, near, even.true.copy())
    odd.true[:, 3] *= 60
    assert even.shared() < 0.01 < 0.3 < odd.shared()
    names = ["weight"] * 40
    widths = [np.log(one.high / one.low) for one in (told(names, [even]), told(names, [odd]))]
    assert (widths[1] > 1.3 * widths[0]).all()


def test_what_comes_after_a_layer_is_a_part_of_the_network() -> None:
    network, _ = made()
    parts = macs_after(network.module)
    assert parts["twice"] == pytest.approx(1.0)  # of its first call
    assert 0 < parts["head"] < parts["up"] < parts["grouped"] < 1


def test_divergences_agree_with_those_of_methods() -> None:
    network, samples = made(count=8)
    change = noisy(network, "grouped", 0.5)
    few = Calibration(samples.inputs, batch=3)
    with torch.inference_mode():
        before = network.module(*few.inputs)
    assert divergence([before], [before]) == 0
    assert FewSamples(network, few, Quiet()).losses([change]).mean() > 0
