"""Samples that speak for others: means hang on many of them, and are right."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.jobs.job import Quiet
from engine.search.alike import Alike, doubts_of, log_probabilities
from engine.search.few import FewSamples
from engine.statistics.calibration import Calibration
from tests.unit.search.test_quadratic import made, noisy


def answers(count: int = 256, spread: float = 12.0, seed: int = 0) -> Tensor:
    """Outputs of which a few are unsure by far more than the others, `[count, 4]`."""
    generator = torch.Generator().manual_seed(seed)
    outputs = torch.randn(count, 4, generator=generator)
    outputs[:, 0] += spread * torch.rand(count, generator=generator) + 2
    return outputs


def test_doubts_are_traces_and_right_where_single_precision_ends() -> None:
    outputs = torch.tensor([[0.0, 0.0], [5.0, 0.0], [40.0, 0.0]])
    p = torch.softmax(outputs.double(), 1)
    found = doubts_of(log_probabilities(outputs))
    assert found[:2].tolist() == pytest.approx((1 - p.square().sum(1))[:2].tolist())
    assert float(found[2]) == pytest.approx(2 * np.exp(-40.0), rel=1e-6)


def test_sure_and_unsure_samples_share_what_they_say() -> None:
    alike = Alike(log_probabilities(answers()))

    def worth(weights: np.ndarray) -> float:
        return float(weights.sum() ** 2 / np.square(weights).sum())

    assert worth(alike.doubts) < 90
    assert worth(alike.weights()) >= 128
    assert alike.weights().mean() == pytest.approx(alike.doubts.mean())
    assert alike.noise() == pytest.approx(1 / worth(alike.doubts) - 1 / 256)
    parts = alike.weights()[np.argsort(alike.doubts)].reshape(4, 64).mean(1)
    assert (np.diff(parts) > 0).all()  # the unsure still count more


def test_samples_that_are_about_as_sure_count_as_they_are() -> None:
    alike = Alike(log_probabilities(torch.randn(200, 4) * 0.1))
    assert alike.weights() == pytest.approx(alike.doubts)


def test_the_last_samples_speak_for_all() -> None:
    """The mean doubt is that of all, though the last are surer than the others."""
    outputs = answers()
    outputs[192:, 0] += 4
    alike = Alike(log_probabilities(outputs))
    weights = alike.weights(192)
    assert weights.shape == (64,)
    assert weights.mean() == pytest.approx(alike.doubts.mean())
    assert alike.doubts[192:].mean() < 0.2 * alike.doubts.mean()


def test_moves_of_a_few_are_tried_on_all() -> None:
    """Against pairs one by one; where moves are small it is half the moves squared under H."""
    old = answers(30)
    alike = Alike(log_probabilities(old))
    places = np.array([2, 9, 20])
    pairs = alike.among(places, np.array([1.0, 3.0, 1.0]))
    moves = torch.randn(3, 4, generator=torch.Generator().manual_seed(5))
    found = pairs.losses(old[places], old[places] + moves)
    p = torch.softmax(old.double(), 1)
    wanted = torch.zeros(3, dtype=torch.float64)
    for sample in range(30):
        new = torch.softmax(old.double()[sample] + moves.double(), 1)
        wanted += pairs._shares[:, sample] * (p[sample] * (p[sample] / new).log()).sum(1)
    torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-9)
    assert float(pairs._shares.sum()) == pytest.approx(1.0)
    assert pairs.weights.sum() == pytest.approx(alike.doubts.mean())
    even = alike.among(places, np.ones(3))
    assert pairs._shares[1].sum() > 1.2 * even._shares[1].sum()  # it stands for three


def test_what_all_lose_is_told_by_a_few() -> None:
    network, samples = made(count=200)
    x = samples.inputs[0] * torch.linspace(0.2, 4, 200)[torch.randperm(200)][:, None, None, None]
    samples = Calibration((x,), batch=64)
    changes = [noisy(network, name, 0.5) for name in ("head", "twice", "up")]
    with torch.inference_mode():
        alike = Alike(log_probabilities(network.module(x)))
    places = np.arange(0, 200, 8)
    few = Calibration((x[places],), batch=64)
    found = FewSamples(network, few, Quiet()).losses(
        changes, alike.among(places, np.ones(len(places)))
    )
    whole = FewSamples(network, samples, Quiet()).losses(changes).mean(1)
    assert found.shape == (3, 25)
    assert np.abs(np.log(found.sum(1) / whole)).max() < 0.6


def test_answers_that_move_without_end_are_the_worst() -> None:
    network, samples = made(count=8)
    change = noisy(network, "head", 0.3)
    change.leaves["head"].weight.data[0, 0] = torch.nan
    with torch.inference_mode():
        alike = Alike(log_probabilities(network.module(*samples.inputs)))
    pairs = alike.among(np.arange(8), np.ones(8))
    assert (FewSamples(network, samples, Quiet()).losses([change], pairs) == 1e6).all()
