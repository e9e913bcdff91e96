"""Notice, empty state, shortened label, folding section, YAML editor: plain values in and out."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QHelpEvent, QTextCursor
from PySide6.QtWidgets import QApplication, QLabel, QToolTip

from studio.style.palette import colors
from studio.style.theme import Scheme, apply
from studio.widgets.collapsible import Collapsible
from studio.widgets.elided import Elided
from studio.widgets.empty import EmptyState
from studio.widgets.notice import NoticeBar
from studio.widgets.yaml_editor import YamlEditor

RECIPE = "espalier: 1\nseed: 0\nsteps:\n  - method: channel # half\n    ratio: 0.5\n"


@pytest.fixture
def editor(qtbot):
    made = YamlEditor()
    qtbot.addWidget(made)
    made.resize(400, 300)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    made.setFocus()
    return made


def test_notice_tells_and_is_dismissed(qtbot) -> None:
    bar = NoticeBar()
    qtbot.addWidget(bar)
    assert bar.isHidden()
    bar.tell("It was read.", "Look <here>.", "warning", [("show", "Show layers")])
    assert bar.text == "It was read."
    assert bar.hint == "Look <here>."
    assert "&lt;here&gt;" in bar.findChild(QLabel).text()  # not markup
    assert bar.accessibleName() == "It was read. Look <here>."
    with qtbot.waitSignal(bar.pressed) as told:
        bar.button("show").click()
    assert told.args == ["show"]
    bar.tell("Another.")
    with pytest.raises(KeyError):
        bar.button("show")
    with qtbot.waitSignal(bar.dismissed):
        qtbot.keyClick(bar, Qt.Key.Key_Escape)
    assert bar.isHidden()
    assert bar.text == ""


def test_empty_state_offers_ways_out(qtbot) -> None:
    empty = EmptyState("drop", "Nothing is open", "Drop a file here.")
    qtbot.addWidget(empty)
    empty.resize(500, 400)
    empty.set_buttons([("open", "Open…"), ("sample", "Open the sample")])
    assert empty.button("open").property("role") == "primary"
    with qtbot.waitSignal(empty.pressed) as told:
        empty.button("sample").click()
    assert told.args == ["sample"]
    plain = empty.grab().toImage()
    empty.set_drop_hint("Files can be dropped anywhere")
    framed = empty.grab().toImage()
    empty.set_dropping(True)
    assert len({plain.pixelColor(250, 11).name(), "x"}) == 2
    assert plain != framed
    assert framed != empty.grab().toImage()


@pytest.mark.parametrize("width", [180, 320, 800])
def test_empty_state_shows_all_of_its_text(width: int, qtbot) -> None:
    empty = EmptyState("drop", "Nothing", "A sentence that is too long for one line. " * 3)
    qtbot.addWidget(empty)
    empty.resize(width, 500)
    empty.show()
    text = empty._text
    qtbot.waitUntil(lambda: text.height() >= text.heightForWidth(text.width()) > 20)
    assert text.width() <= width
    empty.set_text("Nothing", "Another sentence that is too long for one line. " * 5)
    assert text.height() >= text.heightForWidth(text.width())


def test_elided_label_tells_the_rest_in_its_tooltip(qtbot) -> None:
    label = Elided("a very long sentence that does not fit")
    qtbot.addWidget(label)
    label.resize(60, 20)
    label.show()
    assert label.is_cut()
    assert label.toolTip() == label.text()
    label.set_tip("and more")
    assert label.toolTip().endswith("\nand more")
    label.resize(900, 20)
    assert label.toolTip() == "and more"
    assert label.minimumSizeHint().width() < 60


def test_collapsible_makes_its_content_when_it_is_first_shown(qtbot) -> None:
    made: list[QLabel] = []

    def make() -> QLabel:
        made.append(QLabel("inside"))
        return made[-1]

    part = Collapsible("More", make)
    qtbot.addWidget(part)
    part.show()
    assert made == []
    qtbot.keyClick(part.header, Qt.Key.Key_Space)
    assert part.is_open()
    assert made[0].isVisible()
    part.set_open(False)
    part.set_open(True)
    assert len(made) == 1
    assert part.content is made[0]


def test_typing_settles_after_a_while(editor, qtbot) -> None:
    editor.set_text(RECIPE)
    assert not editor.is_pending()
    told: list[str] = []
    editor.settled.connect(told.append)
    editor.moveCursor(QTextCursor.MoveOperation.End)
    qtbot.keyClicks(editor, "    x: 1")
    assert told == []
    qtbot.waitUntil(lambda: len(told) == 1, timeout=2000)
    assert told[0].endswith("x: 1")


def test_control_enter_settles_at_once(editor, qtbot) -> None:
    told: list[str] = []
    editor.settled.connect(told.append)
    qtbot.keyClicks(editor, "a")
    qtbot.keyClick(editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert told == ["a"]
    assert not editor.is_pending()


def test_text_from_outside_keeps_the_place(editor) -> None:
    editor.set_text(RECIPE)
    editor.go_to_line(4)
    told: list[str] = []
    editor.settled.connect(told.append)
    editor.set_text(RECIPE.replace("0.5", "0.25"))
    assert editor.textCursor().blockNumber() == 3
    assert told == []
    assert not editor.is_pending()
    editor.set_text("short")
    assert editor.textCursor().blockNumber() == 0


def test_new_lines_go_where_they_belong(editor, qtbot) -> None:
    qtbot.keyClicks(editor, "steps:")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.keyClicks(editor, "- method: channel")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.keyClicks(editor, "rules:")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.keyClicks(editor, "- a")
    assert editor.toPlainText() == "steps:\n  - method: channel\n    rules:\n      - a"


def test_tab_indents_and_escape_leaves(editor, qtbot) -> None:
    editor.set_text("a\nb")
    editor.selectAll()
    qtbot.keyClick(editor, Qt.Key.Key_Tab)
    assert editor.toPlainText() == "  a\n  b"
    qtbot.keyClick(editor, Qt.Key.Key_Backtab)
    assert editor.toPlainText() == "a\nb"
    assert "Escape" in editor.accessibleDescription()


def test_marks_show_at_their_line(editor, qtbot) -> None:
    editor.set_text(RECIPE)
    before = editor.grab().toImage()
    editor.set_marks({5: "must be below 1"})
    assert editor.grab().toImage() != before
    assert [one.cursor.blockNumber() for one in editor.extraSelections()] == [4]
    editor.go_to_line(5)
    y = editor.cursorRect().center().y()
    at = editor.viewport().mapTo(editor, QPoint(30, y))
    event = QHelpEvent(QHelpEvent.Type.ToolTip, at, editor.mapToGlobal(at))
    QApplication.sendEvent(editor, event)
    assert QToolTip.text() == "must be below 1"
    QToolTip.hideText()
    editor.set_marks({})
    assert editor.extraSelections() == []


def formats(editor: YamlEditor, line: int) -> dict[str, str]:
    block = editor.document().findBlockByNumber(line - 1)
    found = block.layout().formats()
    return {
        block.text()[one.start : one.start + one.length]: one.format.foreground().color().name()
        for one in found
    }


def test_words_are_colored_by_what_they_are(editor, qapp, qtbot) -> None:
    look = apply(qapp, Scheme.LIGHT)
    c = colors(dark=False)
    editor.set_text(RECIPE + '    rules: [{layers: "layer3.*", skip: true, x4: -2e-3}]\n')
    qtbot.waitUntil(lambda: formats(editor, 2).get("seed") == c.accent)
    assert formats(editor, 2) == {"seed": c.accent, "0": c.running}
    assert formats(editor, 4)["# half"] == c.secondary
    rule = formats(editor, 6)
    assert rule['"layer3.*"'] == c.good
    assert rule["true"] == c.running
    assert rule["-2e-3"] == c.running
    assert {"rules", "layers", "skip", "x4"} <= set(rule)
    look.set_scheme(Scheme.DARK)
    qtbot.waitUntil(lambda: formats(editor, 2).get("seed") == colors(dark=True).accent)
    look.set_scheme(Scheme.LIGHT)
