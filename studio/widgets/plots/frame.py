"""What every picture has around it: a line that reads values out, an empty text, a menu."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QGuiApplication,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
)
from PySide6.QtWidgets import QFileDialog, QLabel, QMenu, QStackedLayout, QVBoxLayout, QWidget

from studio.style.metrics import metrics
from studio.style.palette import Colors, color, colors_of
from studio.widgets.plots.export import Table, save_csv, save_png, save_svg, to_image

_EXPORT_WIDTH = 640
_EXPORT_HEIGHT = 360
"""Size of the picture of a plot that has no room in the window at the moment."""


class ReadOut(QLabel):
    """One line of text that never asks for more width than there is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setMinimumWidth(0)
        self.setFixedHeight(metrics(self).line + 2 * metrics(self).hair)

    def sizeHint(self) -> QSize:
        """Any width will do."""
        return QSize(0, self.height())

    def minimumSizeHint(self) -> QSize:
        """Any width will do."""
        return QSize(0, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Leave out the end of what does not fit."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        area = self.rect().adjusted(metrics(self).small, 0, -metrics(self).small, 0)
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
        painter.end()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the font."""
        if event.type() == QEvent.Type.FontChange:
            self.setFixedHeight(metrics(self).line + 2 * metrics(self).hair)
        super().changeEvent(event)


class Picture(QWidget):
    """A picture of values; subclasses give the canvas and say how it is painted.

    Args:
        name: What a screen reader calls it.
        canvas: Shows the picture.
        parent: As in Qt.
    """

    saved = Signal(str)
    """Path of a file that was written."""

    def __init__(self, name: str, canvas: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.canvas = canvas
        self._empty = QLabel(self)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._empty.setTextFormat(Qt.TextFormat.PlainText)
        self._empty.setMargin(metrics(self).wide)
        self._stack = QStackedLayout()
        self._stack.addWidget(canvas)
        self._stack.addWidget(self._empty)
        self.read_out = ReadOut(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)  # room for the frame that shows the focus
        layout.setSpacing(0)
        layout.addLayout(self._stack, 1)
        layout.addWidget(self.read_out)
        self._rest = ""
        self.set_empty(self.tr("Nothing to show yet."))

    # What there is to see

    @property
    def colors(self) -> Colors:
        """The colors of the window as it is now."""
        return colors_of(self)

    @property
    def empty_text(self) -> str:
        """Why nothing is shown; empty while something is."""
        return self._empty.text() if self._stack.currentWidget() is self._empty else ""

    def set_empty(self, text: str) -> None:
        """Show a sentence instead of the picture; an empty one shows the picture again."""
        self._empty.setText(text)
        self._empty.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._stack.setCurrentWidget(self._empty if text else self.canvas)
        if text:
            self.rest("")

    def say(self, text: str) -> None:
        """Read out what is under the pointer."""
        self.read_out.setText(text or self._rest)
        self.read_out.setToolTip(self.read_out.text())

    def rest(self, text: str) -> None:
        """What the line says while the pointer is elsewhere."""
        self._rest = text
        self.setAccessibleDescription(text)
        self.say("")

    def table(self) -> Table:
        """The values behind the picture, for a spreadsheet."""
        return Table()

    def render_picture(self, painter: QPainter, rect: QRect) -> None:
        """Paint the whole picture into a rectangle; by default, the canvas as it is."""
        self.canvas.render(painter, rect.topLeft())

    def picture_size(self) -> QSize:
        """Size of the picture when it is saved."""
        size = self.canvas.size()
        if size.width() < _EXPORT_WIDTH // 4 or size.height() < _EXPORT_HEIGHT // 4:
            return QSize(_EXPORT_WIDTH, _EXPORT_HEIGHT)
        return size

    def apply_theme(self) -> None:
        """Take the window's colors and font; called upon each change of them."""

    # Menu

    def extra_actions(self) -> list[QAction]:
        """What a picture's menu offers besides copying and saving; shown first."""
        return []

    def menu(self) -> QMenu:
        """The context menu; it is deleted when it closes."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        extra = self.extra_actions()
        for action in extra:
            action.setParent(menu)
            menu.addAction(action)
        if extra:
            menu.addSeparator()
        for text, slot, values in self._common():
            action = menu.addAction(text)
            action.triggered.connect(slot)
            known = bool(self.table().columns) if values else True
            action.setEnabled(not self.empty_text and known)
        return menu

    def _common(self) -> list[tuple[str, Callable[[], None], bool]]:
        return [
            (self.tr("Copy as picture"), self.copy_picture, False),
            (self.tr("Save as PNG…"), self._ask_png, False),
            (self.tr("Save as SVG…"), self._ask_svg, False),
            (self.tr("Copy values"), self.copy_values, True),
            (self.tr("Save as CSV…"), self._ask_csv, True),
        ]

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Show the menu, also upon the keyboard's menu key."""
        self.menu().popup(event.globalPos())
        event.accept()

    def copy_picture(self) -> None:
        """Put the picture on the clipboard."""
        QGuiApplication.clipboard().setImage(to_image(self.render_picture, self.picture_size()))
        self.say(self.tr("The picture is on the clipboard."))

    def copy_values(self) -> None:
        """Put the values on the clipboard, as text and as a spreadsheet takes them."""
        data = QMimeData()
        data.setText(self.table().text("\t"))
        data.setData("text/csv", self.table().text().encode())
        QGuiApplication.clipboard().setMimeData(data)
        self.say(self.tr("The values are on the clipboard."))

    def save(self, path: Path) -> None:
        """Write the picture (`.png`, `.svg`) or the values (`.csv`); a failure is read out."""
        try:
            if path.suffix.lower() == ".csv":
                save_csv(self.table(), path)
            elif path.suffix.lower() == ".svg":
                save_svg(self.render_picture, self.picture_size(), path)
            else:
                save_png(self.render_picture, self.picture_size(), path)
        except OSError:
            self.say(
                self.tr("{file} could not be written. Choose another folder.").format(
                    file=path.name
                )
            )
            return
        self.say(self.tr("Saved as {file}.").format(file=path.name))
        self.saved.emit(str(path))

    def _ask_png(self) -> None:
        self._ask(".png", self.tr("PNG picture (*.png)"))

    def _ask_svg(self) -> None:
        self._ask(".svg", self.tr("SVG drawing (*.svg)"))

    def _ask_csv(self) -> None:
        self._ask(".csv", self.tr("Table (*.csv)"))

    def _ask(self, ending: str, filters: str) -> None:
        stem = "".join(c if c.isalnum() else "_" for c in self.accessibleName().lower())
        name, _ = QFileDialog.getSaveFileName(self, self.tr("Save"), stem + ending, filters)
        if name:
            path = Path(name)
            self.save(path if path.suffix.lower() == ending else Path(name + ending))

    # Qt

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme and the font."""
        kinds = (QEvent.Type.PaletteChange, QEvent.Type.FontChange, QEvent.Type.StyleChange)
        if event.type() in kinds:
            self.apply_theme()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Frame the picture while it has the keyboard."""
        super().paintEvent(event)
        painter = QPainter(self)
        name = self.colors.accent if self.hasFocus() else self.colors.base
        painter.setPen(QPen(color(name), 1))
        painter.fillRect(self.rect(), color(self.colors.base))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()
