"""Predictions corrected by finished trials."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from engine.correction import Correction, Draw, Finished
from engine.factors import Search, correction_from
from engine.frozen import FrozenMap


def finished(loss: float, drop: float = math.nan, **predicted: float) -> Finished:
    return Finished(FrozenMap(predicted), loss, drop, samples=1000)


def test_without_trials_predictions_stay_and_the_interval_is_wide() -> None:
    loss, low, high = correction_from([]).loss({"uniform": 0.1, "channel": 0.2})
    assert loss == pytest.approx(0.3)
    assert low < 0.1
    assert high > 0.9
    assert Correction().loss({}) == (0, 0, 0)


def test_one_trial_brings_the_prediction_within_a_factor_of_two() -> None:
    predicted = {"uniform": 0.01, "channel": 0.03}
    for measured in (0.01, 0.16):  # four times less and more
        loss, low, high = correction_from([finished(measured, **predicted)]).loss(predicted)
        assert measured / 2 < loss < measured * 2
        assert low < measured < high


def test_trials_of_different_mixes_tell_the_methods_apart() -> None:
    rng = np.random.default_rng(0)
    trials = []
    for _ in range(40):
        bits, channels = rng.uniform(0.01, 0.2, 2)
        real = (3 * bits + 0.5 * channels) * math.exp(rng.normal(0, 0.1))
        trials.append(finished(real, uniform=bits, channel=channels))
    found = correction_from(trials)
    assert found.factor("uniform") == pytest.approx(3, rel=0.15)
    assert found.factor("channel") == pytest.approx(0.5, rel=0.25)
    assert 0.5 < found.factor("data_aware_svd") < 3  # nothing of its own, something of theirs
    assert found.trials == 40


def test_the_interval_narrows_with_trials() -> None:
    one = correction_from([finished(0.2, uniform=0.1)])
    many = correction_from([finished(0.2, uniform=0.1)] * 10)
    widths = [c.loss({"uniform": 0.1})[2] / c.loss({"uniform": 0.1})[1] for c in (one, many)]
    assert widths[0] > widths[1] > 1


def test_what_was_expected_holds_until_something_is_measured() -> None:
    prior = {"uniform": 0.5}
    assert correction_from([], prior).factor("uniform") == 0.5
    measured = correction_from([finished(0.1, uniform=0.1)] * 20, prior)
    assert measured.factor("uniform") == pytest.approx(1, rel=0.02)
    other = correction_from([finished(0.1, channel=0.1)], prior)
    assert other.factor("uniform") == 0.5


def test_useless_trials_say_nothing() -> None:
    useless = [finished(math.nan, uniform=0.1), finished(0.0, uniform=0.1), finished(0.1)]
    assert correction_from(useless).trials == 0


def test_accuracy_follows_what_trials_lost() -> None:
    plain = correction_from([])
    trials = [finished(0.1, drop=0.08, uniform=0.1), finished(0.2, drop=0.16, uniform=0.2)] * 10
    found = correction_from(trials)
    assert found.accuracy_drop(0.1) == pytest.approx(0.08, rel=0.1)
    assert plain.accuracy_drop(0.1) < 0.05
    assert found.accuracy_drop(0) == 0
    assert found.accuracy_drop(1e6) <= 0.9
    for drop in (0.001, 0.1, 0.5):
        assert found.accuracy_drop(found.loss_of_drop(drop)) == pytest.approx(drop)
    assert found.loss_of_drop(0.95) == math.inf


def test_what_bits_cost_anyway_is_taken_off_and_added_again() -> None:
    trial = Finished(FrozenMap({"uniform": 0.001}), 0.011, fixed=0.009)
    found = correction_from([trial] * 20)
    assert found.fixed == pytest.approx(0.009)
    assert found.factor("uniform") == pytest.approx(2.0, rel=0.3)
    assert found.loss({"uniform": 0.001})[0] == pytest.approx(0.011, rel=0.1)
    assert found.loss({"channel": 0.001})[0] < 0.002  # bits are not chosen there
    alone = correction_from([Finished(FrozenMap({"uniform": 0.001}), 0.009, fixed=0.009)])
    assert 0.5 < alone.factor("uniform") < 1.5  # nothing is left to tell of it
    assert alone.loss({"uniform": 1e-5})[0] == pytest.approx(0.009, rel=0.01)


def test_what_bits_cost_anyway_is_no_more_than_the_whole() -> None:
    trial = Finished(FrozenMap({"uniform": 0.00005}), 0.0005, fixed=0.0008)
    found = correction_from([trial])
    assert found.fixed == 0.0005
    assert 0.0005 <= found.loss(trial.predicted)[0] < 0.0007


def test_what_one_method_shows_is_half_believed_of_the_others() -> None:
    found = correction_from([finished(0.4, uniform=0.1)] * 50)
    assert found.factor("uniform") == pytest.approx(4, rel=0.05)
    assert found.factor("channel") == pytest.approx(2, rel=0.05)
    assert found.spread["uniform"] < 0.1 < 0.8 < found.spread["channel"] < 1


LAYERS = ("a", "b", "c", "d", "e", "f")


def of_layers(real: dict[str, float], **predicted: float) -> Finished:
    """A trial of ranks in which each layer loses so many times what was predicted."""
    parts = FrozenMap({"data_aware_svd": FrozenMap(predicted)})
    loss = sum(real.get(layer, 1.0) * part for layer, part in predicted.items())
    return replace(Finished.of_parts(parts), loss=loss, samples=1000)


def test_trials_of_different_layers_tell_the_layers_apart() -> None:
    rng = np.random.default_rng(1)
    real = {"a": 2.5, "b": 0.4}
    trials = [
        of_layers(real, **dict(zip(LAYERS, rng.exponential(0.02, 6), strict=True)))
        for _ in range(25)
    ]
    assert trials[0].predicted["data_aware_svd"] == pytest.approx(
        sum(trials[0].parts["data_aware_svd"].values())
    )
    found = correction_from(trials)
    whole = found.factor("data_aware_svd")
    got = {layer: whole * found.own_factor("data_aware_svd", layer) for layer in LAYERS}
    assert got["a"] == pytest.approx(2.5, rel=0.25)
    assert 0.3 < got["b"] < 0.6
    assert all(0.75 < got[layer] < 1.35 for layer in "cdef")
    new = {"a": 0.05, "b": 0.1, "c": 0.01}
    parts = {"data_aware_svd": new}
    loss, low, high = found.loss(found.own_losses(parts))
    assert loss == pytest.approx(2.5 * 0.05 + 0.4 * 0.1 + 0.01, rel=0.15)
    assert low < loss < high
    assert found.own_factor("data_aware_svd", "unheard of") == 1
    assert found.own_factor("uniform", "a") == 1


def test_both_ways_of_solving_agree() -> None:
    """In the space of the trials where they are fewer than the factors, else in theirs."""
    trials = [of_layers({"a": 2.0}, a=0.01 * n, b=0.02) for n in range(1, 10)]
    idle = {f"idle{n}": 1e-15 for n in range(20)}
    more = [of_layers({"a": 2.0}, a=0.01 * n, b=0.02, **idle) for n in range(1, 10)]
    few, many = correction_from(trials), correction_from(more)
    assert many.factor("data_aware_svd") == pytest.approx(few.factor("data_aware_svd"), rel=1e-6)
    assert many.spread["data_aware_svd"] == pytest.approx(few.spread["data_aware_svd"], rel=1e-6)
    for layer in "ab":
        mine, others = (one.own_factor("data_aware_svd", layer) for one in (few, many))
        assert mine == pytest.approx(others, rel=1e-6)


def test_what_is_drawn_differs_where_little_is_known() -> None:
    rows = {"data_aware_svd": LAYERS, "channel": ("a",)}
    plain = correction_from([of_layers({}, **dict.fromkeys(LAYERS, 0.01))] * 4)
    draws = [
        correction_from(
            [of_layers({}, **dict.fromkeys(LAYERS, 0.01))] * 4, search=Search(rows, Draw(seed))
        )
        for seed in range(200)
    ]
    assert draws[0] == correction_from(
        [of_layers({}, **dict.fromkeys(LAYERS, 0.01))] * 4, search=Search(rows, Draw(0))
    )
    logs = np.log([draw.factor("data_aware_svd") for draw in draws])
    channel = np.log([draw.factor("channel") for draw in draws])
    assert logs.mean() == pytest.approx(math.log(plain.factor("data_aware_svd")), abs=0.05)
    assert logs.std() < 0.5 * channel.std()
    assert channel.std() == pytest.approx(math.sqrt(0.5) * plain.spread["channel"], rel=0.2)
    own = np.log([draw.own_factor("data_aware_svd", "a") for draw in draws])
    assert 0.1 < own.std() < 0.4
    before = correction_from([], search=Search(rows, Draw(1)))
    assert before.own_factor("channel", "a") != 1


def test_a_layers_own_factor_counts_in_a_whole_recipe() -> None:
    own = FrozenMap({"uniform": FrozenMap({"a": 3.0})})
    correction = Correction(FrozenMap({"uniform": 2.0}), own=own)
    sums = correction.own_losses({"uniform": {"a": 0.01, "b": 0.02}, "channel": {"a": 0.5}})
    assert sums == {"uniform": pytest.approx(0.05), "channel": pytest.approx(0.5)}
    assert correction.loss(sums)[0] == pytest.approx(0.6)
