"""Mouse, wheel and keys over the layer table's rows, turned into wishes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRectF,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QKeySequence, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QToolTip, QWidget

from studio.document.cells import Cell
from studio.document.facets import Facet
from studio.document.messages import Lock, ResetLayers, SetFacet, Undo
from studio.document.selectors import LayerRow
from studio.forms import numbers
from studio.forms.schema import Field
from studio.views.layer_columns import FACETS, Column, as_csv, field_of, is_ratio
from studio.views.layer_delegate import LayerDelegate
from studio.views.layer_model import LayerModel
from studio.views.layer_rows import LayerRows
from studio.views.layer_tips import facet_tip
from studio.views.layer_typing import BitsTyping

Index = QModelIndex | QPersistentModelIndex
_NEAR = 4
"""Pixels of movement that make a press a drag."""
_PAUSE_MS = 500
"""A row of wheel or key steps has ended."""
_EDIT_KEYS = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2})
_STEP_KEYS = {Qt.Key.Key_Plus: 1, Qt.Key.Key_Equal: 1, Qt.Key.Key_Minus: -1}


@dataclass(slots=True)
class _Drag:
    """A slider that is held."""

    facet: Facet
    names: tuple[str, ...]
    field: Field
    track: QRectF
    start: float
    value: float | None = None


class LayerTree(LayerRows):
    """Edits what `LayerRows` shows; every change is a wish."""

    menu_wanted = Signal(QPoint, object)
    """A context menu at this place of the screen, for this facet (None: another column)."""
    csv_wanted = Signal()
    """The table is to be saved."""

    def __init__(self, model: LayerModel, parent: QWidget | None = None) -> None:
        super().__init__(model, parent)
        self._drag: _Drag | None = None
        self._steps: SetFacet | None = None
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self.settle)
        self._typing = BitsTyping(self)
        self._typing.wish.connect(self.wish)
        delegate = LayerDelegate(self)
        delegate.chosen.connect(self._chosen)
        self.setItemDelegate(delegate)
        triggers = QAbstractItemView.EditTrigger
        self.setEditTriggers(triggers.DoubleClicked | triggers.EditKeyPressed)
        self.setMouseTracking(True)

    @property
    def is_busy(self) -> bool:
        """Whether rows must not move: a slider is held, or a row of steps goes on."""
        editing = self.state() == QAbstractItemView.State.EditingState
        moving = self._drag is not None or self._steps is not None
        return moving or self._typing.is_open or editing

    # Edits -----------------------------------------------------------------------------------

    def targets(self, row: LayerRow) -> tuple[str, ...]:
        """The layers that an edit of this row is for: the selection, if it is part of it."""
        names = self.selected()
        return names if row.layer.name in names else (row.layer.name,)

    def editable(self, names: tuple[str, ...], facet: Facet) -> tuple[str, ...]:
        """Those of them whose facet can be set."""
        wanted = frozenset(names)
        return tuple(
            row.layer.name
            for row in self._model.rows
            if row.layer.name in wanted and row.cells[facet].editable
        )

    def cell_at(self, index: QModelIndex) -> tuple[LayerRow, Cell, Field] | None:
        """The setting at an index, if it can be set."""
        row = self._model.row_at(index)
        facet = FACETS.get(Column(index.column())) if row is not None else None
        if row is None or facet is None:
            return None
        cell = row.cells[facet]
        field = field_of(facet, cell.method)
        if field is None or not cell.editable:
            return None
        return row, cell, field

    def set_value(self, index: QModelIndex, value: Any) -> None:
        """Set a cell, and with it the selection that it is part of."""
        found = self.cell_at(index)
        if found is not None:
            row, cell, _ = found
            names = self.editable(self.targets(row), cell.facet)
            self.wish.emit(SetFacet(cell.facet, names, value))

    def _chosen(self, index: QModelIndex, value: object) -> None:
        self.set_value(index, value)

    def _step(self, index: QModelIndex, steps: float) -> bool:
        """Move a setting by some steps; a row of them is one edit."""
        found = self.cell_at(index)
        if found is None:
            return False
        row, cell, field = found
        start = cell.value
        if start is None and not is_ratio(field):
            start = 8
            steps = 0
        elif start is None and cell.facet is Facet.RANK:
            start = 1.0
        value = numbers.stepped(field, start, steps)
        if value != cell.value:
            names = self.editable(self.targets(row), cell.facet)
            self._steps = SetFacet(cell.facet, names, value, final=False)
            self.wish.emit(self._steps)
        self._pause.start()
        return True

    def settle(self) -> None:
        """A row of steps, or of digits, has ended."""
        self._pause.stop()
        self._typing.end()
        steps, self._steps = self._steps, None
        if steps is not None:
            self.wish.emit(SetFacet(steps.facet, steps.layers, steps.value))

    def reset_cells(self, names: tuple[str, ...], cell: Cell | None) -> None:
        """Take back what the recipe says of layers by name: in one step, or in all."""
        if names:
            self.wish.emit(ResetLayers(names, cell.step if cell is not None else None))

    # Mouse -----------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Qt's: a press on a slider holds it; the selection that it is part of stays."""
        self.settle()
        index = self.indexAt(event.position().toPoint())
        track = self._slider_at(event.position().toPoint(), index)
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        if track is None or event.button() is not Qt.MouseButton.LeftButton or not plain:
            super().mousePressEvent(event)
            return
        found = self.cell_at(index)
        assert found is not None  # `_slider_at` has looked
        row, cell, field = found
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        flag = QItemSelectionModel.SelectionFlag
        if row.layer.name not in self.selected():
            self.selectionModel().setCurrentIndex(index, flag.ClearAndSelect | flag.Rows)
        else:
            self.selectionModel().setCurrentIndex(index, flag.NoUpdate)
        names = self.editable(self.targets(row), cell.facet)
        self._drag = _Drag(cell.facet, names, field, track, event.position().x())
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Qt's."""
        if self._drag is not None:
            self._drag_to(event.position().x())
            event.accept()
            return
        super().mouseMoveEvent(event)
        place = event.position().toPoint()
        index = self.indexAt(place)
        self._hover(index)
        over = self._slider_at(place, index) is not None
        shape = Qt.CursorShape.SizeHorCursor if over else Qt.CursorShape.ArrowCursor
        if self.viewport().cursor().shape() is not shape:
            self.viewport().setCursor(shape)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Qt's."""
        drag, self._drag = self._drag, None
        if drag is None:
            super().mouseReleaseEvent(event)
        elif drag.value is not None:
            self.wish.emit(SetFacet(drag.facet, drag.names, drag.value))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Qt's: a block opens or closes."""
        index = self.indexAt(event.position().toPoint())
        if self._model.rowCount(index.siblingAtColumn(0)):
            first = index.siblingAtColumn(0)
            self.setExpanded(first, not self.isExpanded(first))
            return
        self._drag = None
        super().mouseDoubleClickEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Qt's."""
        super().leaveEvent(event)
        self._hover(QModelIndex())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Qt's: with Ctrl a setting under the pointer moves by a step."""
        turned = event.angleDelta().y() / 120
        index = self.indexAt(event.position().toPoint())
        wanted = event.modifiers() & Qt.KeyboardModifier.ControlModifier and turned
        if wanted and self._step(index, 1 if turned > 0 else -1):
            event.accept()
            return
        super().wheelEvent(event)

    def _slider_at(self, place: QPoint, index: QModelIndex) -> QRectF | None:
        """The track of the slider under the pointer."""
        found = self.cell_at(index) if index.isValid() else None
        if found is None or not is_ratio(found[2]):
            return None
        track = self.rows.track(self.visualRect(index))
        reach = self.fontMetrics().height() * 0.4
        return track if track.adjusted(-reach, 0, reach, 0).contains(place.toPointF()) else None

    def _drag_to(self, x: float) -> None:
        drag = self._drag
        assert drag is not None  # the caller has looked
        if drag.value is None and abs(x - drag.start) < _NEAR:
            return
        share = min(max((x - drag.track.left()) / drag.track.width(), 0.0), 1.0)
        value = snapped(drag.field, share)
        if value != drag.value:
            drag.value = value
            self.wish.emit(SetFacet(drag.facet, drag.names, value, final=False))

    def cancel_drag(self) -> bool:
        """Put a slider that is held back to where it was."""
        drag, self._drag = self._drag, None
        if drag is not None and drag.value is not None:
            self.wish.emit(SetFacet(drag.facet, drag.names, drag.value))
            self.wish.emit(Undo())
        return drag is not None

    def _hover(self, index: QModelIndex) -> None:
        """Over a cell of the groups' column its members light up."""
        row = self._model.row_at(index) if index.column() == Column.GROUP else None
        group = row.group if row is not None else None
        names = (
            frozenset(group.layers) if group is not None and len(group.layers) > 1 else frozenset()
        )
        if names != self.rows.shown.hovered:
            self.rows.shown.hovered = names
            self.viewport().update()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Qt's."""
        by_key = event.reason() is QContextMenuEvent.Reason.Keyboard
        place = self.viewport().mapFromGlobal(event.globalPos())
        index = self.currentIndex() if by_key else self.indexAt(place)
        at = event.globalPos()
        if by_key:
            at = self.viewport().mapToGlobal(self.visualRect(index).bottomLeft())
        if index.isValid():
            self.menu_wanted.emit(at, FACETS.get(Column(index.column())))

    # Keys ------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's."""
        index = self.currentIndex()
        if event.key() == Qt.Key.Key_Escape and self.cancel_drag():
            return
        if self._typing.is_open and self._ends_typing(event):
            return
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.modifiers() & ~(
            Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
        ) or not (index.isValid() and self._key(Qt.Key(event.key()), event.text(), index)):
            super().keyPressEvent(event)

    def _key(self, key: Qt.Key, text: str, index: QModelIndex) -> bool:
        """Whether a key means something to the current cell."""
        row = self._model.row_at(index)
        if row is None:
            first = index.siblingAtColumn(0)
            if key in _EDIT_KEYS or key == Qt.Key.Key_Space:
                self.setExpanded(first, not self.isExpanded(first))
                return True
            return False
        if key in _EDIT_KEYS:
            self.edit_cell(index)
        elif key == Qt.Key.Key_L:
            self.toggle_locks(row)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            facet = FACETS.get(Column(index.column()))
            self.reset_cells(self.targets(row), row.cells[facet] if facet else None)
        elif key == Qt.Key.Key_Space:
            return self._leave_out_or_in(index)
        elif key in _STEP_KEYS:
            return self._step(index, _STEP_KEYS[key])
        else:
            return self._type(text, index)
        return True

    def toggle_locks(self, row: LayerRow) -> None:
        """Lock the layers that are meant, or unlock them if all are locked."""
        names = self.targets(row)
        locked = {one.layer.name for one in self._model.rows if one.locked}
        self.wish.emit(Lock(names, locked=not locked.issuperset(names)))

    def _leave_out_or_in(self, index: QModelIndex) -> bool:
        found = self.cell_at(index)
        if found is None:
            return False
        row, cell, _ = found
        if cell.skipped:
            self.reset_cells(self.targets(row), cell)
        elif cell.value is not None:
            self.set_value(index, None)
        return True

    def _type(self, text: str, index: QModelIndex) -> bool:
        found = self.cell_at(index)
        if found is None or not text or text not in "0123456789.,":
            return False
        row, cell, field = found
        if is_ratio(field):
            self._open_editor(index)
            editor = self.indexWidget(index)
            if editor is not None and hasattr(editor, "setText"):
                editor.setText(text)
            return True
        if text.isdigit():
            names = self.editable(self.targets(row), cell.facet)
            self._typing.type(text, index, field, SetFacet(cell.facet, names, cell.value))
        return True

    def _ends_typing(self, event: QKeyEvent) -> bool:
        """Whether a key after some digits is for them alone."""
        if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Backspace):
            self._typing.cancel()
            return True
        if not event.text().isdigit():
            self._typing.end()
        return event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)

    def edit_cell(self, index: QModelIndex) -> None:
        """Open the editor of this cell, or of the first of the row that has one."""
        choices = [index] if Column(index.column()) in FACETS else []
        if not choices:
            shown = (one for one in FACETS if not self.isColumnHidden(one))
            choices = [index.siblingAtColumn(one) for one in shown]
        chosen = next((one for one in choices if self.cell_at(one) is not None), None)
        if chosen is None:
            self._say_why(index)
            return
        flag = QItemSelectionModel.SelectionFlag
        self.selectionModel().setCurrentIndex(chosen, flag.NoUpdate)
        self.scrollTo(chosen)
        self._open_editor(chosen)

    def _open_editor(self, index: QModelIndex) -> None:
        """Edit a cell; an editor that is open there already, with a text it refused, goes on."""
        editor = cast("QWidget | None", self.indexWidget(index))
        if editor is None:
            self.edit(index)
        else:
            editor.setFocus()

    def _say_why(self, index: QModelIndex) -> None:
        row = self._model.row_at(index)
        facet = FACETS.get(Column(index.column()), Facet.PRUNE)
        if row is not None:
            at = self.viewport().mapToGlobal(self.visualRect(index).bottomLeft())
            QToolTip.showText(at, facet_tip(row, row.cells[facet]), self)

    def copy(self) -> None:
        """The selected rows as CSV, for a spreadsheet."""
        names = frozenset(self.selected())
        rows = [row for row in self._model.rows if row.layer.name in names]
        QApplication.clipboard().setText(as_csv(rows))


def snapped(field: Field, share: float) -> float:
    """The value at a part of a slider, in whole percents within the field's limits."""
    low, high = numbers.span(field)
    value = round(low + share * (high - low), 2)
    if value > high:
        value = round(value - 0.01, 2)
    return value if value >= low else round(value + 0.01, 2)
