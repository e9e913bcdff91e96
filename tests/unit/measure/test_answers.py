"""Each sample's class and its probability."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from engine.jobs.job import Quiet
from engine.measure.answers import AnswerMeter
from engine.measure.evaluate import Asked, evaluate
from engine.preprocessing import Task


def found(*batches: np.ndarray):
    meter = AnswerMeter()
    for batch in batches:
        meter.add(batch)
    return meter.result()


def test_logits_become_probabilities() -> None:
    scores = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)
    answers = found(scores[:4], scores[4:])
    assert answers.indices.tolist() == list(range(6))
    assert answers.predicted.tolist() == scores.argmax(1).tolist()
    assert answers.confidence == pytest.approx(special.softmax(scores, axis=1).max(1), rel=1e-5)


def test_probabilities_stay_as_they_are() -> None:
    shares = np.array([[0.1, 0.9], [0.7, 0.3]], np.float32)
    assert found(shares).confidence == pytest.approx([0.9, 0.7])
    assert found(shares, shares * 3).confidence[0] == pytest.approx(special.expit(0.8), rel=1e-5)


def test_what_is_not_finite_has_no_class() -> None:
    answers = found(np.array([[0.0, np.nan], [0.0, 2.0]], np.float32))
    assert answers.predicted.tolist() == [-1, 1]
    assert np.isnan(answers.confidence[0])


def test_nothing_has_no_answers() -> None:
    assert found() is None


@pytest.mark.parametrize(
    ("shape", "kind", "fits"),
    [((3, 2), "f4", True), ((3, 1), "f4", False), ((3,), "f4", False), ((3, 2), "i8", False)],
)
def test_one_class_per_sample(shape, kind, fits) -> None:
    assert AnswerMeter.fits(np.zeros(shape, kind)) is fits


class Batch:
    labels = None

    def __init__(self, x: np.ndarray, indices: np.ndarray) -> None:
        self.inputs, self.indices = x, indices


@pytest.fixture
def networks():
    import torch
    from torch import nn

    from tests.helpers.networks import network_of

    torch.manual_seed(0)
    x = torch.randn(2, 3)
    return [network_of(nn.Linear(3, 4).eval(), x) for _ in range(2)]


def test_without_labels_both_networks_answers_are_kept(networks) -> None:
    x = np.random.default_rng(1).normal(size=(5, 3)).astype(np.float32)
    batches = [Batch(x[:3], np.array([5, 6, 7])), Batch(x[3:], np.array([1, 2]))]
    result = evaluate(networks[0], batches, Quiet(), reference=networks[1])
    for network, answers in zip(networks, (result.predictions, result.reference), strict=True):
        (layer,) = [m for m in network.module.modules() if hasattr(m, "weight")]
        scores = x @ layer.weight.detach().numpy().T + layer.bias.detach().numpy()
        assert answers.indices.tolist() == [5, 6, 7, 1, 2]
        assert answers.predicted.tolist() == scores.argmax(1).tolist()
    agreement = (result.predictions.predicted == result.reference.predicted).mean()
    assert result.evaluation.agreement == pytest.approx(agreement)


def test_numbers_are_no_classes(networks) -> None:
    batches = [Batch(np.zeros((2, 3), np.float32), np.arange(2))]
    asked = Asked(task=Task.REGRESSION)
    result = evaluate(networks[0], batches, Quiet(), reference=networks[1], asked=asked)
    assert result.predictions is None
    assert result.reference is None
