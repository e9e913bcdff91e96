"""Between the layer table's cells and their editors; rows are painted in `layer_paint`."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from studio.style.metrics import metrics
from studio.views.layer_editors import NOTHING, BitsList, NumberLine, make_editor
from studio.views.layer_model import LayerModel

Index = QModelIndex | QPersistentModelIndex


class LayerDelegate(QStyledItemDelegate):
    """Makes editors, and tells what they were closed with."""

    chosen = Signal(QModelIndex, object)
    """An editor was closed with a value for this cell."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """One height for all rows."""
        del option, index
        sizes = metrics(cast(QWidget, self.parent()))
        return QSize(sizes.chars(8), sizes.row)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """Qt's; see `layer_editors`."""
        del option
        editor = make_editor(parent, cast(LayerModel, index.model()), index)
        if isinstance(editor, BitsList):
            editor.left.connect(self._leave)
        return cast(QWidget, editor)

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """An editor is made with its value; what is typed since stays."""

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        """The value becomes a wish; the model is never written to."""
        del model
        value = editor.value() if isinstance(editor, NumberLine | BitsList) else NOTHING
        if value is not NOTHING:
            self.chosen.emit(index, value)

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: Index
    ) -> None:
        """Over the cell."""
        del index
        rect: QRect = option.rect
        editor.setGeometry(rect)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter closes an editor only if its text can be taken."""
        if (
            isinstance(watched, NumberLine)
            and isinstance(event, QKeyEvent)
            and event.type() is QEvent.Type.KeyPress
            and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)
            and not watched.accepts()
        ):
            return True
        return super().eventFilter(watched, event)

    def _leave(self) -> None:
        editor = self.sender()
        if isinstance(editor, BitsList):
            self.commitData.emit(editor)
            self.closeEditor.emit(editor, QStyledItemDelegate.EndEditHint.NoHint)
