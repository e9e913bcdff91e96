"""A trial's answers to single samples agree with its evaluations, and it becomes plain data."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pytest

from engine import opened
from engine.compress import compression
from engine.compress.answers import NO_ANSWERS
from engine.compress.compression import compress
from engine.errors import EngineError
from engine.jobs.job import Quiet
from engine.jobs.requests import Compress, DataSource
from engine.trials import (
    UNKNOWN,
    compressed_from_data,
    compressed_to_data,
    load_answers,
    versus,
)
from tests.unit.looks.cases import DATA, MODEL

RECIPE = "espalier: 1\nsteps:\n  - {method: svd, size: 0.6}\n"


@pytest.fixture(autouse=True)
def untimed(monkeypatch) -> None:
    """Times are not looked at here."""
    monkeypatch.setattr(compression, "latencies_or_note", lambda *_: (None, None, ""))


def request(tmp_path: Path, **more) -> Compress:
    settings = {
        "data": DATA,
        "limit": 200,
        "threads": 1,
        "predictions": str(tmp_path / "answers.npz"),
    }
    return Compress(MODEL, RECIPE, str(tmp_path / "small.pt2"), **{**settings, **more})


def test_answers_with_labels(tmp_path: Path) -> None:
    result = compress(request(tmp_path), Quiet())
    answers = load_answers(result.predictions)
    assert len(answers) == 200
    assert answers.split == "test"
    assert answers.classes == tuple("0123456789")
    with np.load(DATA.paths[0]) as file:
        assert np.array_equal(answers.labels, file["y_test"][answers.indices])
    original, evaluation = result.original_evaluation, result.evaluation
    assert (answers.original == answers.labels).mean() == original.top1
    assert (answers.compressed == answers.labels).mean() == evaluation.top1
    assert 1 - len(answers.changed) / 200 == pytest.approx(evaluation.agreement)
    compared = versus(answers)
    right = compared.per_class[:, 2] / compared.per_class[:, 0]
    assert right == pytest.approx(np.array(evaluation.per_class))
    assert pickle.loads(pickle.dumps(result)) == result
    text = json.dumps(compressed_to_data(result), allow_nan=False)
    assert compressed_from_data(json.loads(text)) == result


def test_answers_without_labels(tmp_path: Path) -> None:
    with np.load(DATA.paths[0]) as file:
        np.savez(tmp_path / "x.npz", x_train=file["x_train"], x_test=file["x_test"])
    result = compress(
        request(tmp_path, data=DataSource((str(tmp_path / "x.npz"),), preprocessing=JSON)), Quiet()
    )
    answers = load_answers(result.predictions)
    assert (answers.labels == UNKNOWN).all()
    assert 1 - len(answers.changed) / 200 == pytest.approx(result.evaluation.agreement)
    assert np.isfinite(answers.original_confidence).all()


JSON = str(Path(MODEL.path).with_suffix(".json"))


def test_noise_has_no_answers_worth_keeping(tmp_path: Path) -> None:
    result = compress(request(tmp_path, data=None), Quiet())
    assert result.predictions == ""
    assert NO_ANSWERS in result.notes
    assert not (tmp_path / "answers.npz").exists()


def test_a_place_that_cannot_be_written_to_is_refused_before_anything_runs(tmp_path: Path) -> None:
    wrong = str(tmp_path / "gone" / "answers.npz")
    with pytest.raises(EngineError):
        compress(request(tmp_path, predictions=wrong), Quiet())
    assert not (tmp_path / "small.pt2").exists()


def test_the_original_is_measured_once(tmp_path: Path, monkeypatch) -> None:
    opened.MODELS.forget()
    asked = []

    def count(name):
        measure = getattr(compression, name)

        def counted(model, *arguments):
            asked.append(model)
            return measure(model, *arguments)

        monkeypatch.setattr(compression, name, counted)

    count("evaluation_of")
    count("recorded_evaluation")
    first = compress(request(tmp_path, limit=50), Quiet())
    second = compress(request(tmp_path, limit=50), Quiet())
    third = compress(request(tmp_path, limit=60), Quiet())
    network = opened.open_model(MODEL, Quiet()).network
    assert [model is network for model in asked] == [True, False, False, True, False]
    assert first.original_evaluation == second.original_evaluation
    assert third.original_evaluation.samples == 60
    assert first.evaluation.kl == second.evaluation.kl
    assert first.evaluation.kl > 0  # of labeled data too
