"""A model is written as ONNX once, and the file goes when nobody needs it."""

from __future__ import annotations

import gc
import shutil
from pathlib import Path

import pytest

from engine import models, opened
from engine.jobs.job import Quiet
from engine.jobs.requests import ModelSource
from engine.models import as_onnx
from engine.opened import OpenModels
from engine.paths import RESOURCES


@pytest.fixture
def source(tmp_path: Path, monkeypatch) -> ModelSource:
    """A model that nobody else has open."""
    path = tmp_path / "net.pt2"
    shutil.copy(RESOURCES / "samples" / "digits.pt2", path)
    monkeypatch.setattr(opened, "MODELS", OpenModels())
    return ModelSource(str(path))


@pytest.fixture
def written(monkeypatch) -> list[Path]:
    """Paths that were written to."""
    paths: list[Path] = []

    def write(network, path, job):
        assert network.module is not None
        Path(path).write_bytes(b"onnx")
        paths.append(Path(path))

    monkeypatch.setattr(models, "write_onnx", write)
    return paths


def test_it_is_written_once_and_again_when_it_has_gone(source, written) -> None:
    for _ in range(2):
        with as_onnx(source, Quiet()) as (path, inputs):
            assert path.read_bytes() == b"onnx"
            assert path.name == "net.onnx"
            assert [info.name for info in inputs] == ["x"]
    assert len(written) == 1
    written[0].unlink()
    with as_onnx(source, Quiet()) as (path, _):
        assert path.is_file()
    assert len(written) == 2


def test_nothing_is_left_when_the_network_is_forgotten(source, written) -> None:
    with as_onnx(source, Quiet()) as (path, _):
        assert path.is_file()
    opened.MODELS.forget()
    gc.collect()
    assert not path.parent.exists()
    assert written == [path]
