"""The layer table's rows on the screen: columns, blocks, painting, scrolling, the selection."""

from __future__ import annotations

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QHeaderView,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)

from studio.document.messages import Select
from studio.style.palette import color, colors_of
from studio.views.layer_columns import (
    CHARS,
    HIDDEN,
    Column,
    title,
)
from studio.views.layer_model import LayerModel, Node, names_of, runs
from studio.views.layer_paint import RowPainter

Index = QModelIndex | QPersistentModelIndex


class _Corner(QAbstractButton):
    """The header of the names, which stays where it is while the others scroll."""

    def __init__(self, tree: LayerRows) -> None:
        super().__init__(tree.header())
        self._tree = tree
        self.setText(title(Column.NAME))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.clicked.connect(self._sort)
        self.hide()

    def place(self) -> None:
        """Over the first section."""
        header = self._tree.header()
        self.setGeometry(0, 0, header.sectionSize(Column.NAME), header.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt's: as the header's own sections look."""
        del event
        rows, rect = self._tree.rows, self.rect()
        chosen = colors_of(self)
        painter = QPainter(self)
        painter.fillRect(rect, color(chosen.hover if self.underMouse() else chosen.window))
        painter.fillRect(0, rect.bottom(), rect.width(), 1, rows.brushes.border)
        painter.fillRect(rect.right(), 0, 1, rect.height(), rows.brushes.border)
        painter.setPen(rows.brushes.secondary)
        inner = rect.adjusted(rows.sizes.gap, 0, -rows.sizes.gap, 0)
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(inner, flags, self.text())

    def _sort(self) -> None:
        rising = Qt.SortOrder.AscendingOrder
        header = self._tree.header()
        now = (header.sortIndicatorSection(), header.sortIndicatorOrder())
        falls = now == (int(Column.NAME), rising)
        wanted = Qt.SortOrder.DescendingOrder if falls else rising
        header.setSortIndicator(Column.NAME, wanted)


class LayerRows(QTreeView):
    """Shows a `LayerModel`; the names stay at the left while the other columns scroll."""

    wish = Signal(object)
    """A message for the store."""

    def __init__(self, model: LayerModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.rows = RowPainter(self, model)
        self._columns: list[tuple[Column, int, int]] = []
        self._syncing = False
        self._collapsed: set[str] = set()
        self.setModel(model)
        self._configure()
        self.selectionModel().selectionChanged.connect(self._selection_changed)
        self.collapsed.connect(self._remember_collapsed)
        self.expanded.connect(self._remember_expanded)
        self.reset_columns()

    def _configure(self) -> None:
        self.setUniformRowHeights(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setExpandsOnDoubleClick(False)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # scrolls by moving
        self.setAllColumnsShowFocus(False)
        self.setFrameShape(QTreeView.Shape.NoFrame)
        self.setAccessibleName(self.tr("Layers"))
        self.setCornerWidget(QWidget(self))  # else a white square between the scroll bars
        self.setSortingEnabled(True)
        self._set_branches()
        header = self.header()
        # with the table's own it would ask for flags of every cell each time it is painted
        header.setSelectionModel(QItemSelectionModel(self._model, header))
        header.setSortIndicatorClearable(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(False)
        header.setSectionsMovable(True)
        header.setFirstSectionMovable(False)
        header.setHighlightSections(False)
        self.corner = _Corner(self)
        header.sectionResized.connect(self.corner.place)
        header.geometriesChanged.connect(self.corner.place)

    def reset_columns(self) -> None:
        """Columns as a new table has them."""
        header = self.header()
        digit = self.fontMetrics().horizontalAdvance("0")
        for column in Column:
            header.moveSection(header.visualIndex(column), column)
            header.resizeSection(column, round(CHARS[column] * digit) + digit)
            header.setSectionHidden(column, column in HIDDEN)

    # Selection -------------------------------------------------------------------------------

    def show_selection(self, names: tuple[str, ...], current: str) -> None:
        """Select these layers, as far as they are shown."""
        if self._syncing:
            return
        self._syncing = True
        try:
            if frozenset(self.selected()) != frozenset(names):
                self._select_rows(names)
            self.rows.shown.selected = frozenset(names)
            index = self._model.index_of(current, max(self.currentIndex().column(), 0))
            now = self._model.row_at(self.currentIndex())
            if index.isValid() and (now is None or now.layer.name not in names):
                nothing = QItemSelectionModel.SelectionFlag.NoUpdate
                self.selectionModel().setCurrentIndex(index, nothing)
                self.scrollTo(index)
        finally:
            self._syncing = False

    def _select_rows(self, names: tuple[str, ...]) -> None:
        by_parent: dict[QModelIndex, list[int]] = {}
        for name in names:
            index = self._model.index_of(name)
            if index.isValid():
                by_parent.setdefault(index.parent(), []).append(index.row())
        chosen = QItemSelection()
        last = len(Column) - 1
        for parent, places in by_parent.items():
            for first, end in runs(places):
                chosen.select(
                    self._model.index(first, 0, parent), self._model.index(end, last, parent)
                )
        flag = QItemSelectionModel.SelectionFlag
        self.selectionModel().select(chosen, flag.ClearAndSelect | flag.Rows)

    def selected(self) -> tuple[str, ...]:
        """The layers that are selected and shown."""
        nodes: list[Node] = []
        selection = self.selectionModel().selection()
        for chosen in (selection.at(number) for number in range(selection.size())):
            nodes += self._model.nodes(chosen.parent(), chosen.top(), chosen.bottom())
        return names_of(nodes)

    def _selection_changed(self) -> None:
        if self._syncing:
            return
        names = self.selected()
        self.rows.shown.selected = frozenset(names)
        self.viewport().update()
        row = self._model.row_at(self.currentIndex())
        current = row.layer.name if row is not None and row.layer.name in names else ""
        self._syncing = True
        try:
            self.wish.emit(Select(names, current))
        finally:
            self._syncing = False

    # Blocks ----------------------------------------------------------------------------------

    def set_grouped(self, grouped: bool) -> None:
        """Show blocks, or not."""
        self._model.set_grouped(grouped)
        self._set_branches()

    def _set_branches(self) -> None:
        self.setRootIsDecorated(self._model.grouped)
        self.setItemsExpandable(self._model.grouped)
        self.setIndentation(round(self.fontMetrics().height() * 1.1) if self._model.grouped else 0)

    def reset(self) -> None:
        """Qt's: after the model was arranged anew, blocks are as open as they were."""
        super().reset()
        if self._model.grouped:
            closed = frozenset(self._collapsed)
            self.expandAll()
            for at, block in self._model.blocks():
                if block.name in closed:
                    self.setExpanded(self._model.index(at, 0), False)

    def _remember_collapsed(self, index: QModelIndex) -> None:
        node = self._model.node(index)
        self._collapsed.add(getattr(node, "name", ""))

    def _remember_expanded(self, index: QModelIndex) -> None:
        node = self._model.node(index)
        self._collapsed.discard(getattr(node, "name", ""))

    # Painting --------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt's: where columns are is looked up once for all rows."""
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), self.rows.brushes.base)
        painter.end()
        width = self.viewport().width()
        header = self.header()
        self._columns = []
        for column in Column:
            left, wide = header.sectionViewportPosition(column), header.sectionSize(column)
            if column and wide and left + wide > 0 and left < width:
                self._columns.append((column, left, wide))
        index = self.currentIndex()
        focused = self.hasFocus() and index.isValid()
        self.rows.shown.focus = (self._model.node(index), index.column()) if focused else (None, -1)
        super().paintEvent(event)

    def drawRow(self, painter: QPainter, options: QStyleOptionViewItem, index: Index) -> None:
        """Qt's: the whole row; the name stays at the left while the others scroll."""
        node = self._model.node(index)
        if node is None:
            return
        row: QRect = options.rect
        top, height = row.top(), row.height()
        self.rows.ground(painter, QRect(0, top, self.viewport().width(), height), node)
        for column, left, width in self._columns:
            self.rows.cell(painter, QRect(left, top, width, height), node, column)
        name = QRect(0, top, self.name_width(), height)
        scrolled = self.horizontalOffset() > 0
        if scrolled:
            self.rows.ground(painter, name, node)
            painter.fillRect(name.right(), top, 1, height, self.rows.brushes.border)
        indent = self.indentation()
        if indent:
            deeper = int(index.internalId()) > 0
            if not deeper and self._model.rowCount(self._model.index(index.row(), 0)):
                self.drawBranches(painter, QRect(0, top, indent, height), index)
            name.setLeft(indent * (2 if deeper else 1))
        self.rows.cell(painter, name, node, Column.NAME)

    def name_width(self) -> int:
        """Of the first column, which stays where it is."""
        return self.header().sectionSize(Column.NAME)

    def indexAt(self, point: QPoint) -> QModelIndex:
        """Qt's; the name lies over what is scrolled under it."""
        index = super().indexAt(point)
        if index.isValid() and point.x() < self.name_width():
            return index.siblingAtColumn(Column.NAME)
        return index

    def visualRect(self, index: Index) -> QRect:
        """Qt's; see `indexAt`."""
        rect = super().visualRect(index)
        if index.isValid() and index.column() == Column.NAME:
            rect.translate(self.horizontalOffset(), 0)
        return rect

    def scrollTo(
        self,
        index: Index,
        hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible,
    ) -> None:
        """Qt's; a cell does not stay under the name."""
        across = self.horizontalScrollBar()
        before = across.value()
        super().scrollTo(index, hint)
        if index.column() == Column.NAME:
            across.setValue(before)
            return
        hidden = self.name_width() - self.visualRect(index).left()
        if hidden > 0:
            across.setValue(across.value() - hidden)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Qt's; rows that stay in sight are moved, not painted again."""
        if dx == 0 and abs(dy) < self.viewport().height():
            self.viewport().scroll(0, dy)
            return
        super().scrollContentsBy(dx, dy)
        self.viewport().update()
        self.corner.setVisible(self.horizontalOffset() > 0)

    def moveCursor(
        self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        """Qt's: left and right go from cell to cell."""
        moves = QAbstractItemView.CursorAction
        index = self.currentIndex()
        if action not in (moves.MoveLeft, moves.MoveRight) or self._model.row_at(index) is None:
            return super().moveCursor(action, modifiers)
        header = self.header()
        place = header.visualIndex(index.column())
        step = 1 if action is moves.MoveRight else -1
        place += step
        while 0 <= place < header.count() and header.isSectionHidden(header.logicalIndex(place)):
            place += step
        if not 0 <= place < header.count():
            return index
        return index.siblingAtColumn(header.logicalIndex(place))
