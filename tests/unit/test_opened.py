"""Networks that are open are shared, and read again when their file changes."""

from __future__ import annotations

import os
import shutil
import threading
import time
from pathlib import Path

import pytest

from engine import opened
from engine.errors import Cancelled, ModelError
from engine.jobs.job import Quiet
from engine.jobs.requests import ModelSource
from engine.opened import OpenModels, Recent
from engine.paths import RESOURCES
from tests.unit.looks.cases import Canceled

SAMPLE = RESOURCES / "samples" / "digits.pt2"


@pytest.fixture
def reads(monkeypatch) -> list[str]:
    """Paths that are read."""
    found: list[str] = []
    read = opened.read_model

    def counted(source, job):
        found.append(source.path)
        return read(source, job)

    monkeypatch.setattr(opened, "read_model", counted)
    return found


@pytest.fixture
def files(tmp_path: Path) -> list[ModelSource]:
    paths = [tmp_path / f"{name}.pt2" for name in "abc"]
    for path in paths:
        shutil.copy(SAMPLE, path)
    return [ModelSource(str(path)) for path in paths]


def test_a_file_is_read_once(files, reads) -> None:
    models = OpenModels()
    first = models.open(files[0], Quiet())
    assert models.open(files[0], Quiet()) is first
    assert len(reads) == 1
    assert first.network is first.opened.network
    models.forget()
    assert models.open(files[0], Quiet()) is not first


def test_a_file_that_changed_is_read_again_and_the_old_one_dropped(files, reads) -> None:
    models = OpenModels()
    first = models.open(files[0], Quiet())
    os.utime(files[0].path, ns=(1, 1))
    assert models.open(files[0], Quiet()) is not first
    assert len(reads) == 2
    assert len(models) == 1


def test_what_says_the_inputs_shape_is_part_of_the_model(files, reads) -> None:
    models = OpenModels()
    models.open(files[0], Quiet())
    Path(files[0].path).with_suffix(".json").write_text("{}")
    models.open(files[0], Quiet())
    assert len(reads) == 2


def test_the_least_recently_used_goes_first_and_the_latest_never(files, reads) -> None:
    size = OpenModels().open(files[0], Quiet()).size_bytes
    assert size > 100_000
    models = OpenModels(most_bytes=2 * size)
    first = models.open(files[0], Quiet())
    models.open(files[1], Quiet())
    models.open(files[0], Quiet())
    models.open(files[2], Quiet())
    assert len(models) == 2
    assert models.open(files[0], Quiet()) is first
    small = OpenModels(most_bytes=1)
    kept = small.open(files[0], Quiet())
    assert small.open(files[0], Quiet()) is kept


def test_what_cannot_be_read_is_not_kept(tmp_path, reads) -> None:
    path = tmp_path / "not.onnx"
    path.write_bytes(b"no model")
    models = OpenModels()
    for _ in range(2):
        with pytest.raises(ModelError):
            models.open(ModelSource(str(path)), Quiet())
    assert len(reads) == 2
    assert len(models) == 0


def test_one_reads_and_the_other_waits(files, monkeypatch) -> None:
    read = opened.read_model
    began, go = threading.Event(), threading.Event()
    calls = []

    def slow(source, job):
        calls.append(source)
        began.set()
        assert go.wait(30)
        return read(source, job)

    monkeypatch.setattr(opened, "read_model", slow)
    models = OpenModels()
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(models.open(files[0], Quiet())))
        for _ in range(2)
    ]
    threads[0].start()
    assert began.wait(30)
    threads[1].start()
    waiting = Canceled(at=3)
    start = time.monotonic()
    with pytest.raises(Cancelled):
        models.open(files[0], waiting)
    assert time.monotonic() - start < 5
    go.set()
    for thread in threads:
        thread.join(60)
    assert len(calls) == 1
    assert found[0] is found[1]


def test_a_cancelled_reading_can_be_begun_again(files) -> None:
    models = OpenModels()
    with pytest.raises(Cancelled):
        models.open(files[0], Canceled(at=1))
    assert models.open(files[0], Quiet()).opened.network is not None


def test_facts_are_found_once_and_forgotten_in_turn() -> None:
    found = []
    recent = Recent(2)
    for key in ("a", "b", "a", "c", "a", "b"):
        assert recent.get(key, lambda key=key: (found.append(key), key)[1]) == key
    assert found == ["a", "b", "c", "b"]


def test_the_table_has_groups_histograms_and_names(files) -> None:
    model = OpenModels().open(files[0], Quiet())
    assert model.info.groups == model.groups.groups
    assert all(layer.histogram for layer in model.info.layers)
    assert model.row("stem").group == "stem"
    assert model.info.name == "a"
