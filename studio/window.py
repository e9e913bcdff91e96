"""The main window: layer table in the middle, panels around it, commands from one table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QCoreApplication, QObject, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolBar, QToolButton, QWidget

from studio import actions
from studio.actions import COMMANDS, MENUS, Command, Menu
from studio.dock_tabs import DockTabs
from studio.document import messages as m
from studio.document.state import DocumentState, Notice, Opening, Severity
from studio.frame import Frame
from studio.panels import BOTTOM, LEFT, PANELS, RIGHT, Dock, Maker
from studio.settings import Settings
from studio.status import StatusLine
from studio.store import Store
from studio.style.icons import set_icon
from studio.style.metrics import metrics
from studio.words import unmarked, word

if TYPE_CHECKING:
    from studio.views.layer_table import LayerTable

_LAYOUT_VERSION = 1
_TONES = {Severity.INFO: "info", Severity.WARNING: "warning", Severity.ERROR: "error"}
INFO_STAYS_MS = 8000
"""How long a notice that asks for nothing stays."""


class MainWindow(QObject):
    """Furnishes a frame over a store. What commands do is for whoever handles `commanded`.

    Args:
        frame: Shown already, or soon.
        store: What is shown.
        settings: Where the layout is remembered.
    """

    commanded = Signal(str)
    """Id of a command that was given."""

    def __init__(self, frame: Frame, store: Store, settings: Settings) -> None:
        super().__init__(frame)
        self.frame = frame
        self.store = store
        self.settings = settings
        self.actions_by_id: dict[str, QAction] = {}
        self.docks: dict[str, Dock] = {}
        self.table: LayerTable | None = None
        self.before_opening: Callable[[tuple[str, ...], Callable[[], None]], None] = _at_once
        """Given the paths and how to go on; asks where a run would be lost."""
        self._panels_shown = False
        self._shown_notice: Notice | None = None
        frame.commanded.connect(self.commanded)
        frame.dropped.connect(self._open)
        frame.closing.connect(self.keep_layout)
        frame.notice.dismissed.connect(self._dismiss)
        frame.notice.pressed.connect(self.commanded)
        self._make_actions()
        self._make_toolbar()
        self._make_status()
        self._notice_timer = QTimer(self)
        self._notice_timer.setSingleShot(True)
        self._notice_timer.timeout.connect(self._dismiss)
        store.changed.connect(self._on_changed)
        self._show_state(None, store.state)

    # Parts ------------------------------------------------------------------------------------

    def _make_actions(self) -> None:
        self._menus: dict[Menu, QMenu] = {}
        for menu, title in MENUS.items():
            self._menus[menu] = self.frame.menuBar().addMenu(_translated(title))
        last: dict[Menu, int] = {}
        for one in COMMANDS:
            menu_widget = self._menus[one.menu]
            if last.get(one.menu, one.section) != one.section:
                menu_widget.addSeparator()
            last[one.menu] = one.section
            menu_widget.addAction(self._action(one))
        self._recent = QMenu(self.tr("Open &recent"), self.frame)
        self._recent.aboutToShow.connect(self._fill_recent)
        file = self._menus[Menu.FILE]
        file.insertMenu(self.actions_by_id["save"], self._recent)
        self._view_actions = QAction(self)  # panels go before it
        self._view_actions.setSeparator(True)
        first = self._menus[Menu.VIEW].actions()[0]
        self._menus[Menu.VIEW].insertAction(first, self._view_actions)

    def _action(self, one: Command) -> QAction:
        action = QAction(one.title, self.frame)
        action.setObjectName(one.id)
        action.setIconText(one.plain)  # the toolbar's: without the letter in brackets
        standard = getattr(QKeySequence.StandardKey, one.shortcut, None)
        if standard is not None:
            keys = QKeySequence.keyBindings(standard)
            action.setShortcuts(keys or [QKeySequence(_FALLBACK.get(one.shortcut, ""))])
        elif one.shortcut:
            action.setShortcut(QKeySequence(one.shortcut))
        keys_text = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        tip = one.plain + (f" ({keys_text})" if keys_text else "")
        action.setToolTip(f"{tip}\n{one.hint}" if one.hint else tip)
        action.setStatusTip(one.hint)
        if one.icon:
            set_icon(action, one.icon)
        action.triggered.connect(lambda _checked=False, name=one.id: self.commanded.emit(name))
        self.actions_by_id[one.id] = action
        return action

    def _make_toolbar(self) -> None:
        bar = QToolBar(self.tr("Tools"), self.frame)
        bar.setObjectName("tools")
        bar.setMovable(False)
        side = metrics(self.frame).icon + 2
        bar.setIconSize(QSize(side, side))
        bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        for name in ("open", "open.data"):
            bar.addAction(self.actions_by_id[name])
        bar.addSeparator()
        for name in ("undo", "redo"):
            bar.addAction(self.actions_by_id[name])
            button = bar.widgetForAction(self.actions_by_id[name])
            if isinstance(button, QToolButton):
                button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        bar.addSeparator()
        self._data_label = QToolButton(bar)
        self._data_label.setAutoRaise(True)
        self._data_label.clicked.connect(lambda: self.commanded.emit("data.show"))
        bar.addWidget(self._data_label)
        spring = QWidget(bar)
        spring.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        bar.addWidget(spring)
        for name in ("apply", "export"):
            bar.addAction(self.actions_by_id[name])
        apply = bar.widgetForAction(self.actions_by_id["apply"])
        if apply is not None:
            apply.setProperty("role", "primary")
        self.frame.addToolBar(bar)

    def _make_status(self) -> None:
        self.status = StatusLine(self.store, self.frame)
        self.status.commanded.connect(self.commanded)
        self.frame.setStatusBar(self.status)

    # Panels -----------------------------------------------------------------------------------

    def show_panels(self) -> None:
        """Make the table and the panels, as they were arranged when they were last seen."""
        if self._panels_shown:
            return
        self._panels_shown = True
        from studio.views.budget_bar import BudgetBar
        from studio.views.layer_table import LayerTable

        self.table = LayerTable(self.store, self.frame.work)
        budget = BudgetBar(self.store, self.frame)
        budget.commanded.connect(self.commanded)
        self._make_budget(budget)
        self.frame.work_layout.addWidget(self.table, 1)
        self.table.restore_layout(bytes(self.settings.layout("table").data()))
        maker = Maker(self)
        for panel in PANELS:
            dock = Dock(panel, self.store, self.frame)
            self.docks[panel.id] = dock
            dock.wanted.connect(maker.add)
            dock.made.connect(self._on_made)
            action = dock.toggleViewAction()
            self._menus[Menu.VIEW].insertAction(self._view_actions, action)
            set_icon(action, panel.icon)
            go = QAction(self)
            go.setShortcut(QKeySequence(panel.shortcut))
            go.triggered.connect(lambda _=False, name=panel.id: self.show_panel(name))
            self.frame.addAction(go)
        self.arrange()
        self.frame.restoreState(self.settings.layout("panels"), _LAYOUT_VERSION)
        for dock in self.docks.values():
            dock.settle_title()
        DockTabs(self.frame)

    def _make_budget(self, budget: QWidget) -> None:
        """In a line of its own below the tools, over the whole width."""
        self.budget = budget
        bar = QToolBar(self.tr("Budget"), self.frame)
        bar.setObjectName("budget")
        bar.setMovable(False)
        bar.addWidget(budget)
        self.frame.addToolBarBreak()
        self.frame.addToolBar(bar)

    def arrange(self) -> None:
        """All panels in their first places."""
        for area in (LEFT, RIGHT, BOTTOM):
            docks = [dock for dock in self.docks.values() if dock.panel.area is area]
            for dock in docks:
                dock.setFloating(False)
                self.frame.addDockWidget(area, dock)
                dock.show()
            for other in docks[1:]:
                self.frame.tabifyDockWidget(docks[0], other)
            if docks:
                docks[0].raise_()
        self.frame.setCorner(Qt.Corner.BottomLeftCorner, LEFT)
        self.frame.setCorner(Qt.Corner.BottomRightCorner, RIGHT)
        width, height = self.frame.width(), self.frame.height()
        sides = [self.docks["recipe"], self.docks["inspector"]]
        self.frame.resizeDocks(
            sides, [width * 21 // 100, width * 23 // 100], Qt.Orientation.Horizontal
        )
        low = [dock for dock in self.docks.values() if dock.panel.area is BOTTOM][:1]
        self.frame.resizeDocks(low, [height * 30 // 100] * len(low), Qt.Orientation.Vertical)

    @Slot(str, object)
    def _on_made(self, name: str, view: QWidget) -> None:
        """Views do not know each other: what one wants of another goes through here."""
        commanded = getattr(view, "commanded", None)
        if commanded is not None:
            commanded.connect(self.commanded)
        compare_wanted = getattr(view, "compare_wanted", None)
        if compare_wanted is not None:
            compare_wanted.connect(self._show_compare)

    @Slot()
    def _show_compare(self) -> None:
        self.show_panel("compare")

    def show_panel(self, name: str) -> None:
        """Bring a panel to the front and give it the keyboard."""
        self.show_panels()
        dock = self.docks[name]
        dock.show()
        dock.raise_()
        dock.make()
        if dock.view is not None:
            dock.view.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def keep_layout(self) -> None:
        """Remember where everything is."""
        self.settings.keep_layout("geometry", self.frame.saveGeometry())
        if self._panels_shown:
            self.settings.keep_layout("panels", self.frame.saveState(_LAYOUT_VERSION))
            if self.table is not None:
                self.settings.keep_layout("table", QByteArray(self.table.save_layout()))
        self.settings.flush()

    # State ------------------------------------------------------------------------------------

    @Slot(object, object)
    def _on_changed(self, old: DocumentState, new: DocumentState) -> None:
        self._show_state(old, new)

    def _show_state(self, old: DocumentState | None, new: DocumentState) -> None:
        if old is None or old.model is not new.model or old.project is not new.project:
            self._show_title(new)
            working = new.model.opening is not Opening.NOTHING
            if working:
                self.show_panels()
            self.frame.pages.setCurrentWidget(self.frame.work if working else self.frame.empty)
        if old is None or old.notices is not new.notices:
            self._show_notice(new)
        if old is None or old.data is not new.data:
            self._show_data(new)
        for one in COMMANDS:
            self.actions_by_id[one.id].setEnabled(one.enabled(new))
        if old is None or old.history is not new.history:
            self._name_history(new)

    def _show_title(self, state: DocumentState) -> None:
        source = state.model.source
        name = "" if source is None else Path(source.path).name
        if state.project.titled:
            name = f"{Path(state.project.folder).stem} ({name})"
        self.frame.setWindowTitle(f"{name} — Espalier" if name else "Espalier")

    def _show_data(self, state: DocumentState) -> None:
        source, preview = state.data.source, state.data.preview
        if source is None:
            text = self.tr("No data")
            tip = self.tr("Without data accuracy means agreement with the original on noise.")
        elif state.data.error is not None:
            text = self.tr("Data cannot be used")
            tip = word(state.data.error.one_line())
        elif preview is None:
            text = self.tr("Looking at {name}…").format(name=Path(source.paths[0]).name)
            tip = source.paths[0]
        else:
            counts = " · ".join(f"{one.name} {one.samples:,}" for one in preview.info.splits)
            text = f"{preview.info.name} ({counts})"
            tip = "\n".join([*source.paths, word(preview.fit.message)])
        self._data_label.setText(text)
        self._data_label.setToolTip(tip)
        self._data_label.setEnabled(source is not None)

    def _name_history(self, state: DocumentState) -> None:
        for name, label in (("undo", state.history.undo_label), ("redo", state.history.redo_label)):
            action = self.actions_by_id[name]
            plain = actions.command(name).plain
            keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            action.setToolTip(f"{plain}: {_told(label)} ({keys})" if label else plain)

    def _show_notice(self, state: DocumentState) -> None:
        if not state.notices:
            self._shown_notice = None
            self.frame.notice.clear()
            return
        newest = state.notices[-1]
        if newest is self._shown_notice:
            return
        self._shown_notice = newest
        buttons = []
        if newest.action.startswith("view."):
            buttons = [(newest.action, self.tr("Show"))]
        elif newest.action == "fit":
            buttons = [("fit", self.tr("Fit again…"))]
        self.frame.notice.tell(
            word(newest.text), word(newest.hint), _TONES[newest.severity], buttons
        )
        self._notice_timer.stop()
        if newest.severity is Severity.INFO and not newest.action:
            self._notice_timer.start(INFO_STAYS_MS)

    @Slot()
    def _dismiss(self) -> None:
        if self._shown_notice is not None:
            self.store.dispatch(m.Dismiss(self._shown_notice.id))

    @Slot()
    def _fill_recent(self) -> None:
        self._recent.clear()
        for path in self.settings.recent:
            action = self._recent.addAction(Path(path).name)
            action.setToolTip(path)
            action.setEnabled(Path(path).exists())
            action.triggered.connect(lambda _=False, one=path: self._open((one,)))
        if not self.settings.recent:
            self._recent.addAction(self.tr("Nothing was opened yet")).setEnabled(False)

    @Slot(tuple)
    def _open(self, paths: tuple[str, ...]) -> None:
        self.before_opening(paths, lambda: self.store.dispatch(m.OpenPaths(paths)))


def _at_once(_paths: tuple[str, ...], go_on: Callable[[], None]) -> None:
    go_on()


def _told(label: str) -> str:
    from studio.edit_words import edit_words  # knows all methods: not before there is an edit

    return edit_words(label)


def _translated(text: str) -> str:
    return QCoreApplication.translate("Commands", text)


def menu_title(text: str) -> str:
    """A menu's title in the user's language, without the mark of its letter."""
    return unmarked(_translated(text))


_FALLBACK = {
    "Preferences": "Ctrl+,",
    "SaveAs": "Ctrl+Shift+S",
    "Quit": "Ctrl+Q",
    "FullScreen": "F11",
}
