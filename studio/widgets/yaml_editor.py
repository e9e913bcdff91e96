"""A small editor for YAML: line numbers, colors, and marks at lines with something wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFontDatabase,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QSyntaxHighlighter,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QToolTip, QWidget

from studio.style.metrics import metrics
from studio.style.palette import Colors, color, colors_of

SETTLE_MS = 400
"""So long after the last key the text counts."""
_INDENT = "  "
_COMMENT = re.compile(r"(?:^|(?<=\s))#.*$")
_KEY = re.compile(r"(?:^|[{,])\s*(?:- )*(\"[^\"]*\"|[\w.-]+)(?=\s*:(?:\s|$))")
_TEXT = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'[^']*'")
_NUMBER = re.compile(r"(?<![\w.*/-])[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w.*/-])")
_WORD = re.compile(r"(?<![\w.*-])(?:true|false|null)(?![\w.*-])")


class _Highlighter(QSyntaxHighlighter):
    def __init__(self, document: QTextDocument, chosen: Colors) -> None:
        super().__init__(document)
        self._formats: list[tuple[re.Pattern[str], int, QTextCharFormat]] = []
        self.set_colors(chosen)

    def set_colors(self, chosen: Colors) -> None:
        self._formats = [
            (_NUMBER, 0, _format(chosen.running)),
            (_WORD, 0, _format(chosen.running)),
            (_TEXT, 0, _format(chosen.good)),
            (_KEY, 1, _format(chosen.accent)),
            (_COMMENT, 0, _format(chosen.secondary, italic=True)),
        ]
        self.rehighlight()

    def highlightBlock(self, text: str) -> None:
        quoted = [found.span() for found in _TEXT.finditer(text)]
        for pattern, group, drawn in self._formats:
            for found in pattern.finditer(text):
                start, end = found.span(group)
                inside = any(a < start < b for a, b in quoted)
                if not inside or pattern is _TEXT:
                    self.setFormat(start, end - start, drawn)


def _format(name: str, *, italic: bool = False) -> QTextCharFormat:
    made = QTextCharFormat()
    made.setForeground(QColor(name))
    made.setFontItalic(italic)
    return made


class _Gutter(QWidget):
    """Line numbers and marks, left of the text."""

    def __init__(self, editor: YamlEditor) -> None:
        super().__init__(editor)
        self._editor = editor

    def sizeHint(self) -> QSize:
        return QSize(self._editor.gutter_width(), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        self._editor.paint_gutter(self, event.rect())

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            self._editor.show_mark(event.pos().y(), event.globalPos())
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._editor.go_to_line(self._editor.line_at(event.position().toPoint().y()))


class YamlEditor(QPlainTextEdit):
    """Text with line numbers and marks.

    Tab indents; Escape leaves the editor, so that the keyboard alone suffices.

    Args:
        parent: Owner.
    """

    settled = Signal(str)
    """The text counts: a while after the last key, or at once with Ctrl+Enter."""

    typed = Signal()
    """Something was typed; `settled` follows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setAccessibleName(self.tr("Recipe as YAML"))
        self.setAccessibleDescription(self.tr("Tab indents, Escape leaves the editor."))
        self._marks: dict[int, str] = {}
        self._gutter = _Gutter(self)
        self._highlighter = _Highlighter(self.document(), colors_of(self))
        self._timer = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._timer.timeout.connect(self.settle)
        self._quiet = False
        self._text = ""
        self.textChanged.connect(self._changed)
        self.blockCountChanged.connect(self._fit)
        self.updateRequest.connect(self._scroll_gutter)
        self.cursorPositionChanged.connect(self._mark_lines)
        self._fit()

    @property
    def marks(self) -> Mapping[int, str]:
        """Line (from 1) → what is wrong there."""
        return self._marks

    def is_pending(self) -> bool:
        """Whether something was typed that does not count yet."""
        return self._timer.isActive()

    def set_text(self, text: str) -> None:
        """Show another text, keeping the place; `settled` is not told, and undo begins anew."""
        if text == self.toPlainText():
            return
        cursor = self.textCursor()
        line, column = cursor.blockNumber(), cursor.positionInBlock()
        bar = self.verticalScrollBar().value()
        self._quiet = True
        self.setPlainText(text)
        self._quiet = False
        self._timer.stop()
        self._put_cursor(line, column)
        self.verticalScrollBar().setValue(bar)

    def set_marks(self, marks: Mapping[int, str]) -> None:
        """Mark lines (from 1) with what is wrong there."""
        self._marks = dict(marks)
        self._mark_lines()
        self._gutter.update()

    def settle(self) -> None:
        """Let what was typed count now."""
        self._timer.stop()
        self.settled.emit(self.toPlainText())

    def go_to_line(self, line: int) -> None:
        """Put the cursor at the start of a line (from 1), and show it."""
        self._put_cursor(line - 1, 0)
        self.centerCursor()
        self.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys that mean something of their own here."""
        key, control = event.key(), event.modifiers() & Qt.KeyboardModifier.ControlModifier
        enter = key in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and control:
            self.settle()
        elif enter and not self.isReadOnly():
            self._break_line()
        elif key == Qt.Key.Key_Tab and not self.isReadOnly():
            self._indent()
        elif key == Qt.Key.Key_Backtab and not self.isReadOnly():
            self._outdent()
        elif key == Qt.Key.Key_Escape:
            self.focusNextPrevChild(True)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Tell what is wrong with the line under the pointer; follow colors."""
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            self.show_mark(self.viewport().mapFrom(self, event.pos()).y(), event.globalPos())
            return True
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "_highlighter"):
            self._highlighter.set_colors(colors_of(self))
            self._mark_lines()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The gutter is as tall as the text."""
        super().resizeEvent(event)
        area = self.contentsRect()
        self._gutter.setGeometry(QRect(area.topLeft(), QSize(self.gutter_width(), area.height())))

    def gutter_width(self) -> int:
        """Room for the line numbers."""
        digits = max(2, len(str(self.blockCount())))
        return self.fontMetrics().horizontalAdvance("0") * digits + 3 * metrics(self).small

    def line_at(self, y: int) -> int:
        """The line (from 1) at a height of the viewport."""
        return self.cursorForPosition(QPoint(0, y)).blockNumber() + 1

    def show_mark(self, y: int, at: QPoint) -> None:
        """Show what is wrong with the line at a height, if anything is."""
        text = self._marks.get(self.line_at(y), "")
        if text:
            QToolTip.showText(at, text, self)
        else:
            QToolTip.hideText()

    def paint_gutter(self, gutter: QWidget, area: QRect) -> None:
        """Draw numbers and marks."""
        chosen, distances = colors_of(self), metrics(self)
        painter = QPainter(gutter)
        painter.fillRect(area, color(chosen.window))
        painter.setFont(self.font())
        here = self.textCursor().blockNumber()
        block = self.firstVisibleBlock()
        top = round(self.blockBoundingGeometry(block).translated(self.contentOffset()).top())
        while block.isValid() and top <= area.bottom():
            height = round(self.blockBoundingRect(block).height())
            number = block.blockNumber()
            wrong = number + 1 in self._marks
            if wrong:
                painter.fillRect(0, top, distances.hair, height, color(chosen.error))
            name = chosen.error if wrong else chosen.text if number == here else chosen.disabled
            painter.setPen(color(name))
            room = QRect(0, top, gutter.width() - distances.small, height)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(room, right, str(number + 1))
            top += height
            block = block.next()

    def _changed(self) -> None:
        text = self.toPlainText()
        if text == self._text:  # only its colors are new
            return
        self._text = text
        if not self._quiet:
            self._timer.start()
            self.typed.emit()

    def _fit(self) -> None:
        self.setViewportMargins(self.gutter_width(), 0, 0, 0)

    def _scroll_gutter(self, area: QRect, by: int) -> None:
        if by:
            self._gutter.scroll(0, by)
        else:
            self._gutter.update(0, area.y(), self._gutter.width(), area.height())

    def _mark_lines(self) -> None:
        chosen = colors_of(self)
        selections = []
        for line in self._marks:
            block = self.document().findBlockByNumber(line - 1)
            if block.isValid():
                selections.append(_line_selection(block, chosen))
        self.setExtraSelections(selections)
        self._gutter.update()

    def _put_cursor(self, line: int, column: int) -> None:
        block = self.document().findBlockByNumber(min(line, self.blockCount() - 1))
        cursor = QTextCursor(block)
        cursor.movePosition(
            QTextCursor.MoveOperation.Right,
            QTextCursor.MoveMode.MoveAnchor,
            min(column, max(0, block.length() - 1)),
        )
        self.setTextCursor(cursor)

    def _break_line(self) -> None:
        """A new line begins where this one does, deeper after a colon."""
        cursor = self.textCursor()
        before = cursor.block().text()[: cursor.positionInBlock()]
        indent = before[: len(before) - len(before.lstrip(" "))]
        if before.lstrip().startswith("- "):
            indent += _INDENT
        if before.rstrip().endswith(":"):
            indent += _INDENT
        cursor.insertText("\n" + indent)
        self.setTextCursor(cursor)
        self.ensureCursorVisible()

    def _indent(self) -> None:
        cursor = self.textCursor()
        if not cursor.hasSelection():
            cursor.insertText(_INDENT)
            return
        for block in _blocks(cursor, self.document()):
            QTextCursor(block).insertText(_INDENT)

    def _outdent(self) -> None:
        for block in _blocks(self.textCursor(), self.document()):
            spaces = len(block.text()) - len(block.text().lstrip(" "))
            edit = QTextCursor(block)
            for _ in range(min(spaces, len(_INDENT))):
                edit.deleteChar()


def _blocks(cursor: QTextCursor, document: QTextDocument) -> list[QTextBlock]:
    """The lines of a selection, or the one the cursor is in."""
    first = document.findBlock(cursor.selectionStart()).blockNumber()
    last = document.findBlock(cursor.selectionEnd()).blockNumber()
    return [document.findBlockByNumber(number) for number in range(first, last + 1)]


def _line_selection(block: QTextBlock, chosen: Colors) -> QTextEdit.ExtraSelection:
    made = QTextEdit.ExtraSelection()
    cursor = QTextCursor(block)
    made.cursor = cursor
    drawn = QTextCharFormat()
    drawn.setBackground(QColor(chosen.error_ground))
    drawn.setProperty(QTextCharFormat.Property.FullWidthSelection, True)
    made.format = drawn
    return made
