"""The table or tree of trials."""

from __future__ import annotations

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)

from studio.style.metrics import metrics
from studio.views.trials_model import Column, TrialModel


class TrialsTable(QTreeView):
    """A row for each trial; which rows are marked follows the document's choice.

    Args:
        model: The trials.
        parent: Owner.
    """

    chosen = Signal(object)
    """The user marked the rows of these trials: a tuple of ids, in the order of the rows."""

    def __init__(self, model: TrialModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._trials = model
        self._marking = False
        self.setModel(model)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setSortingEnabled(True)
        self.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setRootIsDecorated(False)
        self.setAccessibleName(self.tr("Trials"))
        self.setItemDelegate(_Roomy(self))
        self._size_columns()
        self.selectionModel().selectionChanged.connect(self._selection_changed)

    def _size_columns(self) -> None:
        header = self.header()
        header.setStretchLastSection(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        room = metrics(self)
        for column, characters in (
            (Column.NAME, 10),
            (Column.ACCURACY, 21),
            (Column.SIZE, 16),
            (Column.MACS, 16),
            (Column.LATENCY, 16),
            (Column.TIME, 11),
            (Column.RECIPE, 27),
        ):
            header.resizeSection(column, room.chars(characters))
        header.moveSection(header.visualIndex(Column.RECIPE), 1)  # numbers say little without it

    def mark(self, ids: tuple[int, ...]) -> None:
        """Mark the rows of these trials, and tell nobody."""
        selection = QItemSelection()
        for number in ids:
            index = self._trials.index_of(number)
            if index.isValid():
                selection.select(index, index.siblingAtColumn(len(Column) - 1))
        self._marking = True
        flag = QItemSelectionModel.SelectionFlag
        self.selectionModel().select(selection, flag.ClearAndSelect | flag.Rows)
        if ids:
            current = self._trials.index_of(ids[-1])
            self.selectionModel().setCurrentIndex(current, flag.NoUpdate)
            self.scrollTo(current)
        self._marking = False

    def edit_cell(self, number: int, column: Column) -> None:
        """Let the user write in a trial's cell."""
        index = self._trials.index_of(number).siblingAtColumn(column)
        self.scrollTo(index)
        self.edit(index)

    def show_tree(self, wanted: bool) -> None:
        """Show which trial came from which, or all of them in a row."""
        self.setRootIsDecorated(wanted)
        self._trials.set_tree(wanted)
        if wanted:
            needed = self.sizeHintForColumn(Column.NAME)
            self.setColumnWidth(Column.NAME, max(needed, self.columnWidth(0)))

    def _selection_changed(self) -> None:
        if not self._marking:
            rows = self.selectionModel().selectedRows()
            self.chosen.emit(tuple(self._trials.line(index).id for index in rows))


class _Roomy(QStyledItemDelegate):
    """Rows with room around the words."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """As high as a row of the other tables."""
        size = super().sizeHint(option, index)
        view = self.parent()
        assert isinstance(view, QWidget)  # that it was made for
        return size.expandedTo(QSize(0, metrics(view).row))
