"""Outputs that are kept stand for the network that gave them."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from engine.jobs.job import Quiet
from engine.measure.evaluate import evaluate
from engine.measure.predict import predictor
from engine.measure.recorded import Recorder, Replay
from engine.network.network import Network
from tests.helpers.networks import network_of

X = np.random.default_rng(0).normal(size=(10, 3)).astype(np.float32)
LABELS = np.arange(10) % 4


def batches(step: int = 4) -> list[SimpleNamespace]:
    return [
        SimpleNamespace(inputs=(X[at : at + step],), labels=LABELS[at : at + step], indices=None)
        for at in range(0, len(X), step)
    ]


def linear(seed: int) -> Network:
    torch.manual_seed(seed)
    return network_of(nn.Linear(3, 4), torch.zeros(2, 3))


def test_a_replay_gives_the_same_divergence_as_the_network_itself() -> None:
    first, second = linear(1), linear(2)
    recorder = Recorder(predictor(first))
    alone = evaluate(recorder, batches(), Quiet()).evaluation
    assert alone == evaluate(first, batches(), Quiet()).evaluation
    direct = evaluate(second, batches(), Quiet(), reference=first).evaluation
    replayed = evaluate(second, batches(), Quiet(), reference=Replay(recorder)).evaluation
    assert replayed == direct
    assert replayed.kl is not None
    assert replayed.kl > 0.01
    again = evaluate(first, batches(), Quiet(), reference=Replay(recorder)).evaluation
    assert again.kl == 0


def test_what_is_too_much_is_not_kept() -> None:
    recorder = Recorder(predictor(linear(1)), most_bytes=100)
    evaluate(recorder, batches(), Quiet())
    assert recorder.batches is None


def test_other_batches_are_refused() -> None:
    recorder = Recorder(predictor(linear(1)))
    evaluate(recorder, batches(), Quiet())
    with pytest.raises(ValueError, match="not those"):
        evaluate(linear(2), batches(5), Quiet(), reference=Replay(recorder))
