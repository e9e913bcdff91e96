"""The layer table: what every layer weighs, and what the recipe does to it, edited in place."""

from __future__ import annotations

import base64
import binascii
import json
from pathlib import Path

from PySide6.QtCore import QByteArray, QEvent, QPoint, Qt, Slot
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFileDialog,
    QHeaderView,
    QLabel,
    QMenu,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from studio.document.facets import Facet
from studio.document.messages import Message, Told
from studio.document.selectors import LayerRow, lit, rows
from studio.document.state import DocumentState, Notice, Opening, Severity
from studio.store import Store
from studio.style.metrics import metrics
from studio.style.sheet import set_property
from studio.style.theme import scaled_font, theme
from studio.views.layer_columns import Column, as_csv, title
from studio.views.layer_filter import Filter, FilterBar
from studio.views.layer_global import GlobalStrip
from studio.views.layer_menu import LayerMenu, show_menu
from studio.views.layer_model import LayerModel
from studio.views.layer_tree import LayerTree
from studio.words import word

_LAYOUT = 1
"""Version of a saved layout; one of another version is not taken."""


class LayerTable(QWidget):
    """The central view."""

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self.model = LayerModel(self)
        self.tree = LayerTree(self.model, self)
        self.bar = FilterBar(self)
        self.strip = GlobalStrip(self)
        self.pages = QStackedWidget(self)
        self.empty = _Empty(self)
        self.pages.addWidget(self.empty)
        self.pages.addWidget(self.tree)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self.pages, 1)
        column.addWidget(self.strip)
        self._connect()
        self._show(None, store.state)

    def _connect(self) -> None:
        look = theme()
        if look is not None:  # when every widget has the new palette, the tree too
            look.changed.connect(self._restyle)
        self._store.changed.connect(self._show)
        self.tree.wish.connect(self._wish)
        self.tree.menu_wanted.connect(self._open_menu)
        self.tree.csv_wanted.connect(self.save_csv)
        self.strip.wish.connect(self._wish)
        self.bar.edited.connect(self._filter)
        self.bar.grouping.connect(self._group)
        self.bar.leave.connect(self._go_to_table)
        self.empty.button.clicked.connect(self.bar.clear)
        header = self.tree.header()
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._header_menu)
        header.sortIndicatorChanged.connect(self._restore_selection)
        menu = QMenu(self.bar.columns)
        menu.aboutToShow.connect(lambda: self._fill_columns(menu))
        self.bar.columns.setMenu(menu)
        find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        find.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        find.activated.connect(self.go_to_filter)

    # The state -------------------------------------------------------------------------------

    def _wish(self, message: Message) -> None:
        self._store.dispatch(message)

    def _show(self, old: DocumentState | None, new: DocumentState) -> None:
        """Show what differs."""
        table = rows(new)
        if table is not self.model.rows or old is None:
            self._show_rows(old, new, table)
        if old is None or old.model is not new.model:
            self._show_page()
        if old is None or lit(old) is not lit(new):
            self.tree.rows.shown.lit = lit(new)
            self.tree.viewport().update()
        if old is None or (old.selection, old.current) != (new.selection, new.current):
            self.tree.show_selection(new.selection, new.current)
        if (
            old is None
            or old.resolution is not new.resolution
            or old.locks is not new.locks
            or old.step != new.step
        ):
            self.strip.show_state(new)

    def _show_rows(
        self, old: DocumentState | None, new: DocumentState, table: tuple[LayerRow, ...]
    ) -> None:
        facts = ("model", "profile", "cost")
        settle = old is None or any(getattr(old, one) is not getattr(new, one) for one in facts)
        self.model.set_rows(table, settle=settle and not self.tree.is_busy)
        kinds = dict.fromkeys(row.layer.kind for row in table)
        self.bar.set_kinds(tuple(sorted(kinds, key=lambda kind: kind.value)))
        self._arranged()

    def _arranged(self) -> None:
        """After rows came, went or moved."""
        self.bar.set_count(self.model.shown, len(self.model.rows))
        self._restore_selection()
        self._show_page()

    def _restore_selection(self) -> None:
        state = self._store.state
        self.tree.show_selection(state.selection, state.current)

    def _show_page(self) -> None:
        state = self._store.state
        some = bool(self.model.shown)
        self.pages.setCurrentWidget(self.tree if some else self.empty)
        listed = bool(self.model.rows)
        self.bar.setEnabled(listed)
        self.strip.setVisible(listed)
        if some:
            return
        hint = ""
        if listed:
            text = self.tr("No layer passes the filter")
        elif state.model.opening is Opening.READING:
            text = self.tr("Reading the model…")
        elif state.model.opening is Opening.FAILED and state.model.error is not None:
            text, hint = word(state.model.error.message), word(state.model.error.hint)
        elif state.model.opening is Opening.NOTHING:
            text = self.tr("No model is open")
            hint = self.tr("Drop a model file on the window, or open one.")
        else:
            text = self.tr("The model has no layers with weights")
        self.empty.show_text(text, hint, clearable=listed)

    # Filter, groups, columns -----------------------------------------------------------------

    def go_to_filter(self) -> None:
        """Go to the filter."""
        self.bar.text.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.bar.text.selectAll()

    def _go_to_table(self) -> None:
        self.tree.setFocus(Qt.FocusReason.TabFocusReason)

    def _filter(self, wanted: Filter) -> None:
        self.model.set_filter(wanted)
        self._arranged()

    def _group(self, grouped: bool) -> None:
        self.tree.set_grouped(grouped)
        self._arranged()

    def _header_menu(self, place: QPoint) -> None:
        menu = QMenu(self)
        self._fill_columns(menu)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.tree.header().mapToGlobal(place))

    def _fill_columns(self, menu: QMenu) -> None:
        """The columns to choose from."""
        menu.clear()
        for column in Column:
            action = menu.addAction(title(column))
            action.setCheckable(True)
            action.setChecked(not self.tree.isColumnHidden(column))
            action.setEnabled(column is not Column.NAME)
            action.setData(int(column))
            action.toggled.connect(self._column_toggled)
        menu.addSeparator()
        menu.addAction(self.tr("Reset columns")).triggered.connect(self.tree.reset_columns)

    def _column_toggled(self, shown: bool) -> None:
        action = self.sender()
        assert isinstance(action, QAction)  # only they are connected
        self.tree.setColumnHidden(action.data(), not shown)

    def save_layout(self) -> bytes:
        """Columns, their order and widths, sorting and grouping, to be kept between starts."""
        header = bytes(self.tree.header().saveState().data())
        layout = {
            "version": _LAYOUT,
            "columns": len(Column),
            "grouped": self.model.grouped,
            "header": base64.b64encode(header).decode(),
            "facet": self.strip.chosen.value,
        }
        return json.dumps(layout).encode()

    def restore_layout(self, saved: bytes) -> bool:
        """Take a layout; False where it is none, or of another version."""
        try:
            layout = json.loads(saved)
            if layout["version"] != _LAYOUT or layout["columns"] != len(Column):
                return False
            header = base64.b64decode(layout["header"], validate=True)
            facet = Facet(layout["facet"])
            grouped = bool(layout["grouped"])
        except (ValueError, KeyError, TypeError, binascii.Error):
            return False
        taken = self.tree.header().restoreState(QByteArray(header))
        self.tree.header().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.bar.group.setChecked(grouped)
        self.strip.facet.setCurrentIndex(self.strip.facet.findData(facet))
        self._arranged()
        return taken

    # Menu and files --------------------------------------------------------------------------

    def _open_menu(self, at: QPoint, facet: Facet | None) -> None:
        names = frozenset(self.tree.selected())
        chosen = [row for row in self.model.rows if row.layer.name in names]
        if chosen:
            show_menu(LayerMenu(self.tree, self._store.state, chosen, facet), at)

    def save_csv(self) -> None:
        """Ask where to, and write all rows that are shown."""
        dialog = QFileDialog(self, self.tr("Save as CSV"), "layers.csv", "CSV (*.csv)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("csv")
        dialog.fileSelected.connect(self.write_csv)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def write_csv(self, path: str) -> None:
        """Write the table; a failure is told as a notice."""
        try:
            Path(path).write_text(as_csv(self.model.rows), encoding="utf-8-sig", newline="")
        except OSError as error:
            text = self.tr("{path} cannot be written: {why}.")
            told = text.format(path=path, why=error.strerror or error)
            taken = {notice.id for notice in self._store.state.notices}
            notice = Notice(max(taken, default=0) + 1, told, severity=Severity.ERROR)
            self._store.dispatch(Told(notice))

    def changeEvent(self, event: QEvent) -> None:
        """Other colors or another font."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._restyle()

    @Slot()
    def _restyle(self) -> None:
        self.tree.rows.restyle()
        self.tree.viewport().update()


class _Empty(QWidget):
    """What stands in place of the rows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = QLabel(self)
        self.text.setFont(scaled_font(self.font(), 1.15, bold=True))
        self.hint = QLabel(self)
        set_property(self.hint, "tone", "secondary")
        self.button = QPushButton(self.tr("Clear the filter"), self)
        column = QVBoxLayout(self)
        column.setSpacing(metrics(self).gap)
        column.addStretch(1)
        for label in (self.text, self.hint):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setWordWrap(True)
            column.addWidget(label)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)

    def show_text(self, text: str, hint: str, *, clearable: bool) -> None:
        """Say why there is nothing, and what to do."""
        self.text.setText(text)
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))
        self.button.setVisible(clearable)
