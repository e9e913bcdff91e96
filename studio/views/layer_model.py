"""The layer table as an item model: rows in execution order or sorted, filtered, in blocks.

Sorting and filtering are done here and not by a proxy: 2,000 rows are sorted by one call of
`sorted` instead of 20,000 calls from Qt into Python.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from engine.units import format_bytes, format_count, format_percent
from studio.document.selectors import LayerRow
from studio.views.layer_columns import (
    FACETS,
    NUMBERS,
    SUMMED,
    Column,
    explanation,
    predicted_text,
    sort_key,
    text_of,
    title,
)
from studio.views.layer_filter import Filter
from studio.views.layer_tips import tip

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Block:
    """Layers whose names begin alike, with their sums.

    Attributes:
        name: What they share.
        rows: Those that are shown.
        parameters: Of these rows, as are the other sums.
        size_before: Bytes as they came.
        size_bytes: Predicted.
        macs_before: As they came; None where one is not known.
        macs: Predicted; None likewise.
        latency_share: None where one was not measured.
    """

    name: str
    rows: tuple[LayerRow, ...]
    parameters: int = 0
    size_before: int = 0
    size_bytes: int = 0
    macs_before: int | None = None
    macs: int | None = None
    latency_share: float | None = None

    @classmethod
    def of(cls, name: str, rows: Sequence[LayerRow]) -> Block:
        """A block with its sums."""
        return cls(
            name,
            tuple(rows),
            sum(row.layer.parameters for row in rows),
            sum(row.layer.size_bytes for row in rows),
            sum(row.size_bytes for row in rows),
            _total([row.layer.macs for row in rows]),
            _total([row.macs for row in rows]),
            _total([row.latency_share for row in rows]),
        )

    def text(self, column: Column) -> str:
        """What a cell says."""
        if column is Column.NAME:
            return self.name
        if column is Column.PARAMETERS:
            return format_count(self.parameters)
        if column is Column.SIZE:
            return predicted_text(self.size_before, self.size_bytes, format_bytes)
        if column is Column.MACS:
            return predicted_text(self.macs_before, self.macs, format_count)
        if column is Column.LATENCY and self.latency_share is not None:
            return format_percent(self.latency_share, 1)
        return ""

    def key(self, column: Column) -> float:
        """What it sorts by, in a column that has sums."""
        value = {
            Column.PARAMETERS: self.parameters,
            Column.SIZE: self.size_bytes,
            Column.MACS: self.macs,
            Column.LATENCY: self.latency_share,
        }[column]
        return -1.0 if value is None else float(value)


def _total(values: Sequence[Any]) -> Any:
    """The sum, or None where a part is not known (norms have no MACs of their own: 0)."""
    return None if any(value is None for value in values) else sum(values)


Node = LayerRow | Block
_ROOT = QModelIndex()
_COLUMNS = len(Column)
_BLOCK_FLAGS = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
_LAYER_FLAGS = _BLOCK_FLAGS | Qt.ItemFlag.ItemNeverHasChildren
_EDITABLE_FLAGS = _LAYER_FLAGS | Qt.ItemFlag.ItemIsEditable


class LayerModel(QAbstractItemModel):
    """Rows of layers; with grouping, blocks that hold them."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[LayerRow, ...] = ()
        self._filter = Filter()
        self._sorted: tuple[Column, Qt.SortOrder] | None = None
        self._grouped = False
        self._top: list[Node] = []
        self._places: dict[str, tuple[int, int]] = {}
        self.most_bytes = 1
        self.most_macs = 1
        self.most_share = 1.0
        self.losses: tuple[float, float] | None = None

    # What it is given ------------------------------------------------------------------------

    def set_rows(self, rows: tuple[LayerRow, ...], *, settle: bool = True) -> None:
        """Take the rows in.

        Args:
            rows: In execution order.
            settle: Filter and sort again; else rows that are shown stay where they are, so that
                none runs away from under the pointer while it is being edited.
        """
        same = [r.layer.name for r in rows] == [r.layer.name for r in self._rows]
        self._rows = rows
        self._measure()
        if same and not settle:
            self._refresh()
        else:
            self._rebuild()

    def set_filter(self, wanted: Filter) -> None:
        """Show what passes."""
        if wanted != self._filter:
            self._filter = wanted
            self._rebuild()

    def set_grouped(self, grouped: bool) -> None:
        """Put rows into their blocks, or not."""
        if grouped != self._grouped:
            self._grouped = grouped
            self._rebuild()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; by −1: execution order."""
        wanted = (Column(column), order) if column >= 0 else None
        if wanted != self._sorted:
            self._sorted = wanted
            self._rebuild()

    # What it is asked ------------------------------------------------------------------------

    @property
    def rows(self) -> tuple[LayerRow, ...]:
        """All rows, shown or not, in execution order."""
        return self._rows

    @property
    def shown(self) -> int:
        """How many layers are shown."""
        return len(self._places)

    @property
    def grouped(self) -> bool:
        """Whether rows stand in blocks."""
        return self._grouped

    def blocks(self) -> list[tuple[int, Block]]:
        """The blocks, with their places."""
        return [(at, node) for at, node in enumerate(self._top) if isinstance(node, Block)]

    def node(self, index: Index) -> Node | None:
        """The row or block at an index."""
        if not index.isValid():
            return None
        inside = int(index.internalId())
        if inside == 0:
            return self._top[index.row()]
        block = self._top[inside - 1]
        assert isinstance(block, Block)  # only blocks have children
        return block.rows[index.row()]

    def row_at(self, index: Index) -> LayerRow | None:
        """The layer at an index; None for a block."""
        node = self.node(index)
        return node if isinstance(node, LayerRow) else None

    def index_of(self, name: str, column: int = 0) -> QModelIndex:
        """Where a layer stands; not valid if it is not shown."""
        place = self._places.get(name)
        if place is None:
            return QModelIndex()
        top, inside = place
        if inside < 0:
            return self.createIndex(top, column, 0)
        return self.createIndex(inside, column, top + 1)

    def nodes(self, parent: Index, first: int, last: int) -> Sequence[Node]:
        """The rows and blocks from one place to another below a parent."""
        if not parent.isValid():
            return self._top[first : last + 1]
        block = self._top[parent.row()]
        return block.rows[first : last + 1] if isinstance(block, Block) else ()

    # Qt's questions --------------------------------------------------------------------------

    def index(self, row: int, column: int, parent: Index = _ROOT) -> QModelIndex:
        """Qt's."""
        if not parent.isValid():
            inside = 0
            count = len(self._top)
        else:
            node = self._top[parent.row()] if parent.internalId() == 0 else None
            count = len(node.rows) if isinstance(node, Block) else 0
            inside = parent.row() + 1
        if not (0 <= row < count and 0 <= column < _COLUMNS):
            return QModelIndex()
        return self.createIndex(row, column, inside)

    def parent(self, index: Index = _ROOT) -> QModelIndex:  # type: ignore[override] # QObject has a parent() too
        """Qt's."""
        inside = int(index.internalId()) if index.isValid() else 0
        return self.createIndex(inside - 1, 0, 0) if inside else QModelIndex()

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Qt's."""
        if not parent.isValid():
            return len(self._top)
        node = self.node(parent) if parent.column() == 0 else None
        return len(node.rows) if isinstance(node, Block) else 0

    def columnCount(self, parent: Index = _ROOT) -> int:
        """Qt's."""
        del parent
        return _COLUMNS

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Qt's."""
        node = self.node(index)
        if not isinstance(node, LayerRow):
            return _BLOCK_FLAGS if node is not None else Qt.ItemFlag.NoItemFlags
        facet = FACETS.get(Column(index.column()))
        if facet is not None and node.cells[facet].editable:
            return _EDITABLE_FLAGS
        return _LAYER_FLAGS

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Qt's."""
        node = self.node(index)
        column = Column(index.column()) if node is not None else Column.NAME
        if node is None:
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return node.text(column) if isinstance(node, Block) else text_of(node, column)
        if role == Qt.ItemDataRole.ToolTipRole and isinstance(node, LayerRow):
            return tip(node, column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """Qt's."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        column = Column(section)
        if role == Qt.ItemDataRole.DisplayRole:
            return title(column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return explanation(column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        return None

    # Inside ----------------------------------------------------------------------------------

    def _measure(self) -> None:
        """The longest bars, and the range of all curves."""
        rows = self._rows
        self.most_bytes = max((row.layer.size_bytes for row in rows), default=1) or 1
        self.most_macs = max((row.layer.macs or 0 for row in rows), default=1) or 1
        self.most_share = max((row.latency_share or 0 for row in rows), default=1) or 1.0
        losses = [loss for row in rows for _, loss in row.curve if loss > 0]
        self.losses = (min(losses), max(losses)) if losses else None

    def _rebuild(self) -> None:
        self.beginResetModel()
        self._top = self._arranged()
        self._places = _places(self._top)
        self.endResetModel()

    def _refresh(self) -> None:
        """New values in the places of the old ones."""
        now = {row.layer.name: row for row in self._rows}
        self._top = [
            Block.of(node.name, [now[row.layer.name] for row in node.rows])
            if isinstance(node, Block)
            else now[node.layer.name]
            for node in self._top
        ]
        last = _COLUMNS - 1
        if self._top:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._top) - 1, last))
        for at, block in self.blocks():
            parent = self.index(at, 0)
            end = self.index(len(block.rows) - 1, last, parent)
            self.dataChanged.emit(self.index(0, 0, parent), end)

    def _arranged(self) -> list[Node]:
        rows = self._filter.chosen(self._rows)
        if self._sorted is not None:
            column, order = self._sorted
            rows.sort(key=sort_key(column), reverse=order is Qt.SortOrder.DescendingOrder)
        if not self._grouped:
            return list(rows)
        blocks: dict[str, list[LayerRow]] = {}
        for row in rows:
            blocks.setdefault(row.block, []).append(row)
        nodes: list[Node] = []
        seen: set[str] = set()
        for row in rows:
            if not row.block:
                nodes.append(row)
            elif row.block not in seen:
                seen.add(row.block)
                nodes.append(Block.of(row.block, blocks[row.block]))
        return self._by_sums(nodes)

    def _by_sums(self, nodes: list[Node]) -> list[Node]:
        """Blocks and single layers, sorted by sums in the columns that have them."""
        if self._sorted is None or self._sorted[0] not in SUMMED:
            return nodes
        column, order = self._sorted
        row_key = sort_key(column)
        return sorted(
            nodes,
            key=lambda node: node.key(column) if isinstance(node, Block) else row_key(node),
            reverse=order is Qt.SortOrder.DescendingOrder,
        )


def _places(top: list[Node]) -> dict[str, tuple[int, int]]:
    """Layer → place of its block (or its own), and its place in the block or −1."""
    places = {}
    for at, node in enumerate(top):
        if isinstance(node, Block):
            places.update({row.layer.name: (at, inside) for inside, row in enumerate(node.rows)})
        else:
            places[node.layer.name] = (at, -1)
    return places


def names_of(nodes: Iterable[Node]) -> tuple[str, ...]:
    """The layers of rows; a block stands for all that it holds."""
    names: dict[str, None] = {}
    for node in nodes:
        if isinstance(node, LayerRow):
            names[node.layer.name] = None
        else:
            names.update(dict.fromkeys(row.layer.name for row in node.rows))
    return tuple(names)


def _alignment(column: Column) -> Qt.AlignmentFlag:
    side = (
        Qt.AlignmentFlag.AlignRight
        if column in NUMBERS or column in FACETS
        else Qt.AlignmentFlag.AlignLeft
    )
    return side | Qt.AlignmentFlag.AlignVCenter


def runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """First and last of each unbroken run: `[1, 2, 3, 7]` → `[(1, 3), (7, 7)]`."""
    found = sorted(numbers)
    if not found:
        return []
    ends = [a for a, b in pairwise(found) if b != a + 1] + [found[-1]]
    starts = [found[0]] + [b for a, b in pairwise(found) if b != a + 1]
    return list(zip(starts, ends, strict=True))
