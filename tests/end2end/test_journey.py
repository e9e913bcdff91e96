"""The whole journey in the real window, with the real engine: open, look, tune, apply, export.

Once off screen, and once more in a real window under Xvfb where that is installed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from engine.recipe.edit import make_step
from engine.recipe.model import Recipe
from studio.app import App
from studio.dialogs.export import ExportDialog
from studio.document import messages as m
from studio.document.facets import Facet
from studio.document.selectors import rows
from studio.document.state import JobStatus, Opening, Purpose
from studio.opener import SAMPLES
from studio.settings import Settings
from studio.views.layer_columns import Column
from tests.helpers.qt_log import complaints

PATIENCE_MS = 120_000


@pytest.fixture
def program(qtbot: QtBot, tmp_path: Path) -> Iterator[App]:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    settings = Settings(tmp_path / "settings.ini")
    settings.quick_samples = 100
    found = App(app, settings, tmp_path / "home")
    found.show()
    qtbot.waitUntil(lambda: found.is_furnished, timeout=PATIENCE_MS)
    found.frame.may_close = lambda: True  # nobody answers a question here
    yield found
    found.frame.close()
    found.destroy()


def until(qtbot: QtBot, what: Callable[[], Any]) -> None:
    qtbot.waitUntil(lambda: bool(what()), timeout=PATIENCE_MS)


def drop(widget: QWidget, *paths: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    place = widget.rect().center()
    action, button = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    none = Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(place, action, mime, button, none)
    QApplication.sendEvent(widget, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(widget, QDropEvent(QPointF(place), action, mime, button, none))


def value(program: App, layer: str, facet: Facet) -> Any:
    row = next(one for one in rows(program.store.state) if one.layer.name == layer)
    return row.cells[facet].value


def place_of(program: App, layer: str, column: Column) -> QPoint:
    table: Any = program.window.table
    index = table.model.index_of(layer, column)
    table.tree.scrollTo(index)
    return table.tree.visualRect(index).center()


@pytest.mark.timeout(900)
def test_open_look_tune_apply_export(
    qtbot: QtBot, program: App, tmp_path: Path, qtlog: Any
) -> None:
    store, frame = program.store, program.frame
    drop(frame, SAMPLES / "digits.pt2", SAMPLES / "digits.npz")
    until(qtbot, lambda: store.state.model.opening is Opening.READY)
    until(qtbot, lambda: store.state.evaluation is not None)
    assert store.state.evaluation.top1 > 0.95
    tree = program.window.table.tree
    viewport = tree.viewport()

    # look: a click selects, and the inspector asks for what it shows
    qtbot.mouseClick(
        viewport, Qt.MouseButton.LeftButton, pos=place_of(program, "block2.conv2", Column.NAME)
    )
    assert store.state.selection == ("block2.conv2",)
    until(qtbot, lambda: any(not look.pending for look in store.state.looks.values()))
    assert not any(look.error for look in store.state.looks.values())

    # tune: drag a slider, type bits, undo, redo
    index = program.window.table.model.index_of("block2.conv1", Column.PRUNE)
    tree.scrollTo(index)
    track = tree.rows.track(tree.visualRect(index)).toRect()
    start = QPoint(track.left() + 1, track.center().y())
    qtbot.mousePress(viewport, Qt.MouseButton.LeftButton, pos=start)
    for share in (0.2, 0.4, 0.5):
        qtbot.mouseMove(viewport, start + QPoint(int(share * track.width()), 0))
        qtbot.wait(5)
    end = start + QPoint(int(0.5 * track.width()), 0)
    qtbot.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=end)
    ratio = value(program, "block2.conv1", Facet.PRUNE)
    assert 0.3 < ratio < 0.7
    edits = len(store.state.history.edits)
    assert edits == 2  # the drag is one
    qtbot.mouseClick(
        viewport, Qt.MouseButton.LeftButton, pos=place_of(program, "hidden", Column.WEIGHT_BITS)
    )
    qtbot.keyClicks(tree, "4")
    until(qtbot, lambda: value(program, "hidden", Facet.WEIGHT_BITS) == 4)
    program.commander.do("undo")
    assert value(program, "hidden", Facet.WEIGHT_BITS) is None
    program.commander.do("redo")
    assert value(program, "hidden", Facet.WEIGHT_BITS) == 4

    # apply
    program.commander.do("apply.quick")
    until(qtbot, lambda: store.state.trials)
    first = store.state.trials[0]
    assert first.measured.size_bytes < store.state.original.size_bytes
    assert first.measured.top1 > 0.8

    stop_a_training(qtbot, program)
    cancel_a_training(qtbot, program)

    # compare: the two trials, with the samples that changed
    store.dispatch(m.ChooseTrials((1, 2)))
    program.window.show_panel("compare")
    until(qtbot, lambda: store.state.details.get("1") and store.state.details.get("2"))

    # export, and open the file elsewhere
    store.dispatch(m.RestoreTrial(1))
    program.commander.do("export")
    dialog = next(one for one in frame.findChildren(ExportDialog) if one.isVisible())
    path = tmp_path / "small.onnx"
    dialog.path.setText(str(path))
    dialog.export_button.click()
    until(qtbot, lambda: dialog.export_button.isEnabled() and path.exists())
    assert "Verified" in dialog.status.text()
    dialog.export_button.click()
    assert path.with_name("small.report.html").exists()
    assert path.with_suffix(".recipe.yaml").exists()
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    answers = session.run(None, {name: np.zeros((3, 1, 8, 8), np.float32)})[0]
    assert answers.shape == (3, 10)
    assert np.isfinite(answers).all()
    assert complaints(qtlog.records) == []


def stop_a_training(qtbot: QtBot, program: App) -> None:
    """A training that is stopped keeps the best so far; looks are answered meanwhile."""
    store = program.store
    losses = [{"name": "soft_targets"}]
    long = Recipe(
        (make_step("channel", ratio=0.3), make_step("finetune", epochs=200, losses=losses))
    )
    store.dispatch(m.EditRecipe("Train", long))
    store.dispatch(m.Apply(quick=True))
    until(qtbot, lambda: any(j.chunks and not j.status.is_over for j in store.state.jobs))
    store.dispatch(m.Select(("stem",)))
    until(qtbot, lambda: all(not look.pending for look in store.state.looks.values()))
    until(qtbot, lambda: working(program, Purpose.APPLY))
    program.commander.do("stop")
    until(qtbot, lambda: len(store.state.trials) == 2)
    second = store.state.trials[1]
    assert second.measured.top1 > 0.8
    assert second.stopped
    notes = [note for step in store.state.details["2"].steps for note in step.notes]
    assert any("stopped after" in note for note in notes)


def cancel_a_training(qtbot: QtBot, program: App) -> None:
    """A training that is cancelled leaves nothing behind."""
    store = program.store
    store.dispatch(m.SetFields(0, (("ratio", 0.5),)))
    before = store.state
    program.commander.do("apply.quick")
    until(qtbot, lambda: working(program, Purpose.APPLY))
    number = store.state.working.number
    program.commander.do("cancel")
    until(qtbot, lambda: store.state.job(number).status is JobStatus.STOPPED)
    assert store.state.trials == before.trials
    assert store.state.recipe == before.recipe
    applied = [job for job in store.state.jobs if job.purpose is Purpose.APPLY]
    assert all(job.status.is_over for job in applied)


def working(program: App, purpose: Purpose) -> bool:
    """Whether a job for this purpose is well under way."""
    job = program.store.state.working
    return job is not None and job.purpose is purpose and job.total > 0


@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="Xvfb is not installed")
@pytest.mark.skipif(os.environ.get("QT_QPA_PLATFORM") == "xcb", reason="this is that run")
@pytest.mark.timeout(900)
def test_the_same_in_a_real_window(tmp_path: Path) -> None:
    test = f"{__file__}::test_open_look_tune_apply_export"
    options = ["-q", "-p", "no:xdist", "-p", "no:cacheprovider", "--basetemp", str(tmp_path / "x")]
    command = ["xvfb-run", "-a", "-s", "-screen 0 1600x1000x24"]
    command += [sys.executable, "-m", "pytest", *options, test]
    root = Path(__file__).parents[2]
    done = subprocess.run(
        command,
        env={**os.environ, "QT_QPA_PLATFORM": "xcb"},
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
