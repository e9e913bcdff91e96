"""The command palette: found by a few letters, chosen by keyboard."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from studio.dialogs.palette import Command, CommandPalette, find, match

COMMANDS = (
    Command("open", "Open…", "Ctrl+O", group="File"),
    Command("export", "Export…", "Ctrl+E", enabled=False, group="File"),
    Command("undo", "Undo", "Ctrl+Z", group="Edit"),
    Command("fit", "Fit to budget…", group="Recipe"),
    Command("reset", "Reset layout", group="View"),
    Command("unlock", "Unlock layers", group="Edit"),
)


@pytest.fixture
def window(qtbot):
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(900, 600)
    return made


@pytest.fixture
def palette(window, qtbot):
    made = CommandPalette(COMMANDS, ("fit",), window)
    qtbot.addWidget(made)
    made.open_over(window)
    return made


@pytest.mark.parametrize(
    ("query", "text", "fits"),
    [
        ("ftb", "Fit to budget…", True),
        ("btf", "Fit to budget…", False),
        ("undo", "Undo", True),
        ("un do", "Undo", True),
        ("UNDO", "undo", True),
        ("", "anything", True),
        ("x", "", False),
        ("straße", "Straße", True),
    ],
)
def test_letters_fit_in_their_order(query: str, text: str, fits: bool) -> None:
    found = match(query, text)
    assert (found is not None) is fits
    if found is not None:
        letters = "".join(text[place] for place in found[1]).casefold()
        assert letters == query.replace(" ", "").casefold()


def test_starts_of_words_and_runs_are_worth_more() -> None:
    def worth(query: str, text: str) -> int:
        found = match(query, text)
        assert found is not None
        return found[0]

    assert worth("rl", "Reset layout") > worth("rl", "Unravel")
    assert worth("lay", "Reset layout") > worth("lay", "Label a yard".replace(" ", ""))


def test_without_a_query_the_recent_come_first_and_disabled_ones_last() -> None:
    order = [found.command.id for found in find("", COMMANDS, ("fit", "reset"))]
    assert order[:2] == ["fit", "reset"]
    assert order[-1] == "export"
    assert len(order) == len(COMMANDS)


def test_the_menu_is_searched_too() -> None:
    assert {found.command.id for found in find("file", COMMANDS)} == {"open", "export"}


def test_choosing_by_keyboard(palette, qtbot) -> None:
    qtbot.keyClicks(palette.line, "un")
    assert palette.shown()[:2] == ["undo", "unlock"]
    qtbot.keyClick(palette.line, Qt.Key.Key_Down)
    assert palette.current() == "unlock"
    qtbot.keyClick(palette.line, Qt.Key.Key_Down)  # and round
    qtbot.keyClick(palette.line, Qt.Key.Key_Up)
    with qtbot.waitSignal(palette.chosen) as told:
        qtbot.keyClick(palette.line, Qt.Key.Key_Return)
    assert told.args == ["unlock"]
    assert not palette.isVisible()


def test_choosing_by_mouse(palette, qtbot) -> None:
    row = palette.shown().index("undo")
    area = palette.list.visualRect(palette.list.model().index(row, 0))
    with qtbot.waitSignal(palette.chosen) as told:
        qtbot.mouseClick(palette.list.viewport(), Qt.MouseButton.LeftButton, pos=area.center())
    assert told.args == ["undo"]


def test_what_is_disabled_cannot_be_chosen(palette, qtbot) -> None:
    chosen: list[str] = []
    palette.chosen.connect(chosen.append)
    qtbot.keyClicks(palette.line, "export")
    assert palette.shown() == ["export"]
    assert palette.current() == ""
    qtbot.keyClick(palette.line, Qt.Key.Key_Return)
    assert chosen == []
    assert palette.isVisible()


def test_nothing_fits(palette, qtbot) -> None:
    qtbot.keyClicks(palette.line, "zzzz")
    assert palette.shown() == []
    assert not palette.list.isVisible()


def test_escape_closes(palette, qtbot) -> None:
    qtbot.keyClick(palette.line, Qt.Key.Key_Escape)
    assert not palette.isVisible()


def test_it_fits_into_a_small_window(qtbot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(300, 200)
    palette = CommandPalette(COMMANDS, (), window)
    qtbot.addWidget(palette)
    palette.open_over(window)
    assert palette.width() <= 300
    assert palette.height() <= 200
