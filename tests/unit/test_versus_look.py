"""Answers of two trials, asked for as a look."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import EngineError
from engine.jobs.events import Lane
from engine.jobs.job import Quiet
from engine.jobs.looks import VersusLook
from engine.trials import Answers, save_answers
from engine.worker import handle


def answers(compressed, split="test"):
    count = len(compressed)
    sure = np.full(count, 0.5, np.float32)
    return Answers(
        split,
        np.arange(count),
        np.zeros(count, np.int32),
        np.zeros(count, np.int32),
        np.array(compressed, np.int32),
        sure,
        sure,
        ("a", "b"),
    )


def test_one_trial_against_its_original_and_against_another(tmp_path):
    first, second = str(tmp_path / "1.npz"), str(tmp_path / "2.npz")
    save_answers(answers([0, 1, 0]), first)
    save_answers(answers([1, 1, 0]), second)
    request = VersusLook(first)
    assert request.lane is Lane.LOOK
    found = handle(request, Quiet())
    assert (found.first.tolist(), found.second.tolist()) == ([0, 0, 0], [0, 1, 0])
    found = handle(VersusLook(first, second), Quiet())
    assert (found.first.tolist(), found.second.tolist()) == ([0, 1, 0], [1, 1, 0])


def test_other_samples_or_no_file_are_told(tmp_path):
    first, second = str(tmp_path / "1.npz"), str(tmp_path / "2.npz")
    save_answers(answers([0]), first)
    with pytest.raises(EngineError, match=r"2\.npz"):
        handle(VersusLook(first, second), Quiet())
    save_answers(answers([0], split="train"), second)
    with pytest.raises(EngineError, match="different samples"):
        handle(VersusLook(first, second), Quiet())
