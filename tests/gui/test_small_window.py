"""A window of 1024 by 640: nothing is wider than its place, and sliders can be dragged."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from engine.jobs.requests import ModelSource
from engine.recipe.edit import make_step
from engine.recipe.model import Recipe
from studio.document import messages as m
from studio.document.deeds import Deed, label
from studio.document.facets import Facet
from studio.frame import Frame
from studio.settings import Settings
from studio.store import Store
from studio.widgets.wrapping import Wrapping
from studio.window import MainWindow
from tests.unit.studio.test_document import network

SIZE = (1024, 640)


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    monkeypatch.setenv("ESPALIER_NO_WEBENGINE", "1")
    settings = Settings(tmp_path / "settings.ini")
    frame = Frame(settings)
    qtbot.addWidget(frame)
    found = MainWindow(frame, Store(), settings)
    frame.resize(*SIZE)
    frame.show()
    found.store.dispatch(m.OpenModel(ModelSource("net.onnx")))
    found.store.dispatch(m.Opened(network()))
    recipe = Recipe(steps=(make_step("channel"), make_step("uniform")))
    found.store.dispatch(m.EditRecipe(label(Deed.YAML), recipe))
    found.store.dispatch(m.SetFacet(Facet.PRUNE, ("stem",), 0.25))
    found.store.dispatch(m.Lock(("head",), locked=True))
    found.store.dispatch(m.Select(("stem",)))
    yield found
    frame.may_close = lambda: True


def test_panels_have_the_room_that_they_need(window: MainWindow, qtbot: QtBot) -> None:
    assert (window.frame.width(), window.frame.height()) == SIZE
    for name in ("recipe", "sensitivity", "inspector", "trials"):
        window.show_panel(name)
        view = window.docks[name].view
        assert view is not None
        qtbot.wait(1)
        assert view.width() <= window.docks[name].width(), name
        assert view.minimumWidth() <= window.docks[name].width(), name
    assert window.frame.width() == SIZE[0]


def test_the_slider_for_all_layers_can_be_dragged(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.wait(1)
    strip = window.table.strip
    assert strip.note.text()
    assert strip.editor is not None
    assert strip.editor.width() > strip.note.fontMetrics().averageCharWidth() * 20
    for child in strip.findChildren(QWidget):
        if child.parent() is strip and child.isVisible():
            assert strip.rect().contains(child.geometry())


def test_rows_wrap_where_there_is_little_room(qtbot: QtBot) -> None:
    row = Wrapping(4)
    qtbot.addWidget(row)
    buttons = [QPushButton("Some words", row) for _ in range(4)]
    row.set_items(buttons)
    one = buttons[0].sizeHint()
    row.resize(4 * one.width() + 12, 200)
    row.show()
    assert {button.y() for button in buttons} == {0}
    row.resize(2 * one.width() + 4, 200)
    assert [button.y() for button in buttons] == [0, 0, one.height() + 4, one.height() + 4]
    assert all(button.width() == one.width() for button in buttons)
    assert row.heightForWidth(row.width()) == 2 * one.height() + 4
    buttons[1].setText("Some more words")
    qtbot.waitUntil(lambda: buttons[1].width() == buttons[1].sizeHint().width())
    buttons[1].setText("Some words")
    qtbot.waitUntil(lambda: buttons[1].width() == one.width())
    buttons[0].hide()
    row.arrange()
    assert buttons[1].x() == 0
    assert row.sizeHint().width() == 3 * one.width() + 8


@pytest.mark.parametrize("height", [20, 30, 60, 200])
@pytest.mark.parametrize("ends", [(0.962, 0.969), (0.0, 0.021), (3.0, 800.0)])
def test_labels_of_a_low_axis_do_not_overlap(
    qtbot: QtBot, height: int, ends: tuple[float, float]
) -> None:
    from studio.widgets.plots.axes import Axis  # pyqtgraph is loaded late

    low, high = ends
    found = Axis("left").tickValues(low, high, height)
    places = sorted({value for _, at in found for value in at if low <= value <= high})
    dots = [(b - a) * height / (high - low) for a, b in pairwise(places)]
    assert all(distance >= 14.9 for distance in dots)
    assert len(places) >= (2 if height >= 60 else 0)


def test_a_low_plot_of_a_training_keeps_its_room_for_curves(qtbot: QtBot) -> None:
    from studio.widgets.plots.live import LivePlot, Series

    plot = LivePlot("Training", (Series("loss", "Training loss"),))
    qtbot.addWidget(plot)
    plot.show()
    heights = []
    for height in (80, 400):
        plot.resize(500, height)
        qtbot.wait(1)
        heights.append(plot.bottom_axis.maximumHeight())
    assert heights[0] < heights[1]  # without its title
