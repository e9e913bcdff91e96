"""Samples whose answer changed, with their pictures, which are asked for as they come into view."""

from __future__ import annotations

import enum
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

import numpy as np
from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPen, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QListView,
    QPushButton,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from engine.details import Sample
from engine.trials import UNKNOWN, Versus
from engine.units import format_percent
from studio.style.metrics import metrics
from studio.style.palette import colors_of
from studio.views.compare_numbers import class_words
from studio.widgets.wrapping import Wrapping

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
_NOWHERE = QModelIndex()
_AT_ONCE = 24
"""Samples that are asked for in one go."""
_KEPT = 600
"""Pictures that are kept."""


class Change(enum.Enum):
    """How the answer to a sample changed."""

    ANY = "any"
    LOST = "lost"
    WON = "won"
    BOTH_WRONG = "both wrong"


def places_of(found: Versus, change: Change) -> list[int]:
    """Places in `found` of the samples that changed so, the surest first."""
    places = found.changed
    if change is Change.ANY:
        return [int(one) for one in places]
    labels = found.labels[places]
    known = labels != UNKNOWN
    right, other = found.first[places] == labels, found.second[places] == labels
    wanted = {
        Change.LOST: known & right & ~other,
        Change.WON: known & ~right & other,
        Change.BOTH_WRONG: known & ~right & ~other,
    }[change]
    return [int(one) for one in places[wanted]]


class SampleModel(QAbstractListModel):
    """One row for each sample."""

    wanted = Signal(tuple)
    """Indices of samples whose pictures are needed now."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.found: Versus | None = None
        self.names = ("", "")
        self.places: list[int] = []
        self._samples: OrderedDict[int, Sample] = OrderedDict()
        self._pixmaps: dict[int, QPixmap] = {}
        self._missing: set[int] = set()
        self._asked: set[int] = set()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(30)
        self._timer.timeout.connect(self._ask)

    def show(self, found: Versus | None, change: Change, names: tuple[str, str]) -> None:
        """Show other samples."""
        self.beginResetModel()
        if found is not self.found:
            self._forget()
        self.found, self.names = found, names
        self.places = [] if found is None else places_of(found, change)
        self._missing.clear()
        self.endResetModel()

    def take(self, samples: Iterable[Sample]) -> None:
        """Pictures and words that were wanted."""
        for sample in samples:
            self._samples[sample.index] = sample
            self._samples.move_to_end(sample.index)
            self._pixmaps.pop(sample.index, None)
        while len(self._samples) > _KEPT:
            gone, _ = self._samples.popitem(last=False)
            self._pixmaps.pop(gone, None)
            self._asked.discard(gone)
        if self.places:
            self.dataChanged.emit(self.index(0), self.index(len(self.places) - 1))

    def ask_again(self) -> None:
        """What was asked for did not come; it may be asked for again."""
        self._asked.clear()

    def number(self, row: int) -> int:
        """The index of a row's sample in its split."""
        assert self.found is not None
        return int(self.found.indices[self.places[row]])

    def sample(self, row: int) -> Sample | None:
        """What is known of a sample; what is not known is wanted soon."""
        number = self.number(row)
        found = self._samples.get(number)
        if found is None and number not in self._asked:
            self._missing.add(row)
            if not self._timer.isActive():
                self._timer.start()
        return found

    def pixmap(self, row: int) -> QPixmap | None:
        """A sample's picture; None without one."""
        sample = self.sample(row)
        if sample is None or sample.picture is None:
            return None
        if sample.index not in self._pixmaps:
            self._pixmaps[sample.index] = _pixmap(sample.picture)
        return self._pixmaps[sample.index]

    def answers(self, row: int) -> tuple[str, str, str]:
        """The label and the two answers, in words."""
        assert self.found is not None
        found, place = self.found, self.places[row]
        names = found.classes
        return (
            class_words(names, int(found.labels[place])),
            class_words(names, int(found.first[place])),
            class_words(names, int(found.second[place])),
        )

    def right(self, row: int) -> tuple[bool | None, bool | None]:
        """Whether the two answers are right; None without a label."""
        assert self.found is not None
        found, place = self.found, self.places[row]
        label = int(found.labels[place])
        if label == UNKNOWN:
            return None, None
        return bool(found.first[place] == label), bool(found.second[place] == label)

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """How many samples there are."""
        return 0 if parent.isValid() else len(self.places)

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        """Words for tooltips and screen readers; the delegate paints from the model."""
        if not index.isValid() or role not in (
            Role.DisplayRole,
            Role.ToolTipRole,
            Role.AccessibleTextRole,
        ):
            return None
        return self.words(index.row())

    def words(self, row: int) -> str:
        """All about a sample."""
        assert self.found is not None
        label, first, second = self.answers(row)
        place = self.places[row]
        text = self.tr(
            "Sample {number} of {split}, label {label}. {one}: {first} ({sure}). {other}: "
            "{second} ({certain})."
        )
        return text.format(
            number=self.number(row),
            split=self.found.split,
            label=label,
            one=self.names[0],
            first=first,
            sure=_percent(self.found.first_confidence[place]),
            other=self.names[1],
            second=second,
            certain=_percent(self.found.second_confidence[place]),
        )

    def _ask(self) -> None:
        """Ask for what is missing, whole stretches of rows at once."""
        starts = {row - row % _AT_ONCE for row in self._missing}
        self._missing.clear()
        for start in sorted(starts):
            rows = range(start, min(start + _AT_ONCE, len(self.places)))
            numbers = [self.number(row) for row in rows]
            numbers = [n for n in numbers if n not in self._samples and n not in self._asked]
            self._asked.update(numbers)
            if numbers:
                self.wanted.emit(tuple(numbers))

    def _forget(self) -> None:
        self._samples.clear()
        self._pixmaps.clear()
        self._asked.clear()


class SampleGallery(QWidget):
    """The samples in a grid, with a choice of how they changed."""

    wanted = Signal(tuple)
    """Indices of samples whose pictures are needed now."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = SampleModel(self)
        self.model.wanted.connect(self.wanted)
        self._found: Versus | None = None
        self._names = ("", "")
        self.buttons = QButtonGroup(self)
        self.buttons.setExclusive(True)
        room = metrics(self)
        self.bar = Wrapping(room.small, self)
        bar = QHBoxLayout()
        bar.setContentsMargins(room.gap, room.small, room.gap, room.small)
        bar.addWidget(self.bar)
        for number, _change in enumerate(Change):
            button = QPushButton(self.bar)
            button.setCheckable(True)
            self.buttons.addButton(button, number)
        self.bar.set_items(self.buttons.buttons())
        self.buttons.button(0).setChecked(True)
        self.buttons.idToggled.connect(self._filter)
        self.list = QListView(self)
        self.list.setModel(self.model)
        self.list.setViewMode(QListView.ViewMode.IconMode)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.setMovement(QListView.Movement.Static)
        self.list.setUniformItemSizes(True)
        self.list.setLayoutMode(QListView.LayoutMode.Batched)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setItemDelegate(_Card(self.list))
        self.list.setAccessibleName(self.tr("Samples whose answer changed"))
        self.word = QLabel(self)
        self.word.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.word.setWordWrap(True)
        self.word.setProperty("tone", "secondary")
        self.note = QLabel(self)
        self.note.setProperty("tone", "secondary")
        self.note.setWordWrap(True)
        self.note.setContentsMargins(room.gap, 0, room.gap, room.small)
        self.note.hide()
        self.pages = QStackedWidget(self)
        self.pages.addWidget(self.word)
        self.pages.addWidget(self.list)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(bar)
        layout.addWidget(self.note)
        layout.addWidget(self.pages, 1)
        self.show_samples(None, ("", ""), "")

    def show_samples(self, found: Versus | None, names: tuple[str, str], text: str) -> None:
        """Show what changed between two networks.

        Args:
            found: Their answers; None: they are not known.
            names: Of the two.
            text: Why they are not known.
        """
        self._found, self._names = found, names
        self.word.setText(text)
        titles = (
            self.tr("All changed ({count:,})"),
            self.tr("Became wrong ({count:,})"),
            self.tr("Became right ({count:,})"),
            self.tr("Wrong otherwise ({count:,})"),
        )
        labeled = found is not None and bool(np.any(found.labels != UNKNOWN))
        for number, (change, title) in enumerate(zip(Change, titles, strict=True)):
            button = self.buttons.button(number)
            count = 0 if found is None else len(places_of(found, change))
            button.setText(title.format(count=count))
            button.setVisible(found is not None and (labeled or change is Change.ANY))
        self.bar.arrange()
        if not labeled:
            self.buttons.button(0).setChecked(True)
        self._refill()

    def take(self, samples: Iterable[Sample]) -> None:
        """Pictures that were wanted."""
        self.model.take(samples)

    def say(self, text: str) -> None:
        """Something about the pictures; nothing: all is well."""
        self.note.setText(text)
        self.note.setVisible(bool(text))

    def changeEvent(self, event: QEvent) -> None:
        """Cards follow the font."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.PaletteChange):
            self.list.doItemsLayout()

    def _filter(self, _number: int, checked: bool) -> None:
        if checked:
            self._refill()

    def _refill(self) -> None:
        change = list(Change)[self.buttons.checkedId()]
        self.model.show(self._found, change, self._names)
        if self._found is not None and not self.model.places:
            self.word.setText(self.tr("No sample changed so."))
        self.pages.setCurrentIndex(1 if self.model.places else 0)


class _Card(QStyledItemDelegate):
    """A picture with the label, and the two answers below it."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        room = metrics(option.widget)
        return QSize(room.chars(20), self._side(room.line) + 3 * room.line + 3 * room.small)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        if not isinstance(model, SampleModel):
            return
        chosen, room = colors_of(option.widget), metrics(option.widget)
        area: QRect = option.rect.adjusted(room.hair, room.hair, -room.hair, -room.hair)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.setPen(QPen(QColor(chosen.accent if selected else chosen.border), 1))
        painter.setBrush(QColor(chosen.selection if selected else chosen.raised))
        painter.drawRoundedRect(area, room.radius, room.radius)
        side = self._side(room.line)
        self._paint_picture(
            painter,
            model,
            index.row(),
            QRect(area.left(), area.top() + room.small, area.width(), side),
        )
        at = area.top() + side + 2 * room.small
        label, first, second = model.answers(index.row())
        inside = QRect(area.left() + room.small, at, area.width() - 2 * room.small, room.line)
        self._paint_line(painter, inside, label, chosen.secondary)
        for answer, right in zip((first, second), model.right(index.row()), strict=True):
            inside.translate(0, room.line)
            mark = "" if right is None else "✓ " if right else "✗ "
            ink = chosen.text if right is None else chosen.good if right else chosen.error
            self._paint_line(painter, inside, mark + answer, ink)
        painter.restore()

    def _paint_line(self, painter: QPainter, area: QRect, text: str, ink: str) -> None:
        shown = QFontMetrics(painter.font()).elidedText(
            text, Qt.TextElideMode.ElideRight, area.width()
        )
        painter.setPen(QColor(ink))
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, shown)

    def _paint_picture(self, painter: QPainter, model: SampleModel, row: int, area: QRect) -> None:
        pixmap = model.pixmap(row)
        if pixmap is not None:
            small = pixmap.width() < area.height() and pixmap.height() < area.height()
            how = (
                Qt.TransformationMode.FastTransformation
                if small
                else Qt.TransformationMode.SmoothTransformation
            )
            scaled = pixmap.scaled(area.size(), Qt.AspectRatioMode.KeepAspectRatio, how)
            where = scaled.rect()
            where.moveCenter(area.center())
            painter.drawPixmap(where.topLeft(), scaled)
            return
        sample = model.sample(row)
        text = "…" if sample is None else sample.text
        painter.drawText(
            area.adjusted(4, 0, -4, 0),
            Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap,
            text,
        )

    def _side(self, line: int) -> int:
        return round(line * 4.4)


def _pixmap(picture: Any) -> QPixmap:
    """`[h, w, 3]` uint8 as Qt has it."""
    pixels = np.ascontiguousarray(picture)
    height, width = pixels.shape[:2]
    image = QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    return QPixmap.fromImage(image.copy())  # the array may go before the picture does


def _percent(confidence: Any) -> str:
    return format_percent(float(confidence), 0)
