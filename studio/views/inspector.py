"""The inspector: everything about the layer that is selected, and what to do to it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QStackedLayout,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.units import format_bytes, format_count
from studio.document.messages import Lock, Select
from studio.document.selectors import LayerRow
from studio.document.state import DocumentState, Opening
from studio.store import Store
from studio.style.icons import set_icon
from studio.style.metrics import metrics
from studio.style.theme import scaled_font
from studio.views.inspector_activations import ActivationsTab
from studio.views.inspector_bits import BitsTab
from studio.views.inspector_channels import ChannelsTab
from studio.views.inspector_details import DetailsTab
from studio.views.inspector_look import LookTab
from studio.views.inspector_spectrum import SpectrumTab
from studio.views.inspector_state import current_row
from studio.views.inspector_tabs import WrappedTabs
from studio.views.inspector_weights import WeightsTab
from studio.views.layer_columns import kind_words, shape_text
from studio.views.settings_form import SettingsForm
from studio.widgets.elided import Elided
from studio.widgets.following import Following
from studio.widgets.plots.message import Message
from studio.words import word

_TABS: dict[str, type[LookTab | DetailsTab | SettingsForm]] = {
    "weights": WeightsTab,
    "channels": ChannelsTab,
    "spectrum": SpectrumTab,
    "activations": ActivationsTab,
    "quantization": BitsTab,
    "settings": SettingsForm,
    "details": DetailsTab,
}
_CHARS = 35.5
"""Width below which pictures tell nothing."""
_PARTS = (
    "model",
    "data",
    "resolution",
    "step",
    "selection",
    "current",
    "locks",
    "profile",
    "looks",
)
"""Parts of the state that the inspector shows."""


class Inspector(Following):
    """Header and tabs of the inspected layer.

    Args:
        store: Whose state is shown.
        parent: Owner.
    """

    commanded = Signal(str)
    """Id of a command of the window that the user asks for."""

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.store = store
        self._name = Elided("", Qt.TextElideMode.ElideLeft, self)
        self._name.setFont(scaled_font(self.font(), 1.15, bold=True))
        self._about = Elided("", Qt.TextElideMode.ElideRight, self)
        self._about.setProperty("tone", "secondary")
        self._reason = Elided("", Qt.TextElideMode.ElideRight, self)
        self._reason.setProperty("tone", "warning")
        self.group = QToolButton(self)
        self.group.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        set_icon(self.group, "group")
        self.lock = QToolButton(self)
        self.lock.setCheckable(True)
        self.tabs = QTabWidget(self)
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().hide()  # it would hide tabs in a narrow panel; ours wrap
        self.empty = Message(parent=self)
        self._page = QWidget(self)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._page)
        self._stack.addWidget(self.empty)
        self._made: dict[str, QWidget] = {}
        self._make_tabs()
        self._arrange()
        self.group.clicked.connect(self._select_group)
        self.lock.toggled.connect(self._set_lock)
        self.tabs.currentChanged.connect(self._tab_changed)
        self.follow(store, self._on_changed)
        self._show(store.state)

    def _make_tabs(self) -> None:
        """Pages without content: each is filled when it is first looked at."""
        titles = {
            "weights": self.tr("Weights"),
            "channels": self.tr("Channels"),
            "spectrum": self.tr("Spectrum"),
            "activations": self.tr("Activations"),
            "quantization": self.tr("Quantization"),
            "settings": self.tr("Settings"),
            "details": self.tr("Details"),
        }
        for name, title in titles.items():
            page = QWidget(self)
            page.setObjectName(name)
            QVBoxLayout(page).setContentsMargins(0, 0, 0, 0)
            self.tabs.addTab(page, title)
        self.bar = WrappedTabs(tuple(titles.values()), self)
        self.bar.chosen.connect(self.tabs.setCurrentIndex)
        self.tabs.currentChanged.connect(self.bar.set_current)

    def tab(self, name: str) -> QWidget:
        """What a tab holds, made if it is not there yet.

        Raises:
            KeyError: There is no such tab.
        """
        if name not in self._made:
            made = _TABS[name](self.store, self)
            if isinstance(made, LookTab):
                made.commanded.connect(self.commanded)
            page = self.tabs.findChild(QWidget, name)
            layout = None if page is None else page.layout()
            assert layout is not None  # every name has its page
            self._made[name] = made
            layout.addWidget(made)
            made.show()
        return self._made[name]

    def open_tab(self, name: str) -> None:
        """Bring a tab to the front.

        Raises:
            KeyError: There is no such tab.
        """
        self.tab(name)
        self.tabs.setCurrentIndex(list(_TABS).index(name))

    def _arrange(self) -> None:
        distances = metrics(self)
        head = QHBoxLayout()
        head.setSpacing(distances.small)
        head.addWidget(self._name, 1)
        head.addWidget(self.group)
        head.addWidget(self.lock)
        column = QVBoxLayout(self._page)
        column.setContentsMargins(distances.gap, distances.small, distances.gap, distances.small)
        column.setSpacing(distances.hair)
        column.addLayout(head)
        column.addWidget(self._about)
        column.addWidget(self._reason)
        column.addWidget(self.bar)
        column.addWidget(self.tabs, 1)
        self.setMinimumWidth(distances.chars(_CHARS))

    # State

    @Slot(object, object)
    def _on_changed(self, old: DocumentState, new: DocumentState) -> None:
        if any(getattr(old, part) is not getattr(new, part) for part in _PARTS):
            self._show(new)

    def _show(self, state: DocumentState) -> None:
        row = current_row(state)
        self._stack.setCurrentWidget(self.empty if row is None else self._page)
        if row is None:
            self._say_empty(state)
            return
        self._show_head(state, row)
        if self.isVisible():
            tab = self.tab(self.tabs.currentWidget().objectName())
            if isinstance(tab, LookTab | DetailsTab):
                tab.refresh()

    def _say_empty(self, state: DocumentState) -> None:
        if state.model.opening is Opening.NOTHING:
            self.empty.say(
                self.tr("Nothing to inspect"),
                self.tr("Open a network; its layers can then be looked at here."),
            )
        else:
            self.empty.say(
                self.tr("No layer is selected"),
                self.tr("Select a layer in the table, in the graph or in the sensitivity map."),
            )

    def _show_head(self, state: DocumentState, row: LayerRow) -> None:
        layer = row.layer
        others = len(state.selection) - 1
        self._name.setText(layer.name)
        about = self.tr("{kind} · {shape} · {parameters} parameters · {size}").format(
            kind=kind_words(layer.kind),
            shape=shape_text(layer.shape),
            parameters=format_count(layer.parameters),
            size=format_bytes(layer.size_bytes),
        )
        if others > 0:
            text = self.tr("{about} · and {count} more selected")
            about = text.format(about=about, count=others)
        self._about.setText(about)
        reason = row.reason or (row.group.frozen_reason if row.group is not None else "")
        self._reason.setText(word(reason))
        self._reason.setVisible(bool(reason))
        self._show_group(row)
        self._show_lock(locked=row.locked)

    def _show_group(self, row: LayerRow) -> None:
        members = 0 if row.group is None else len(row.group.layers)
        self.group.setVisible(members > 1)
        self.group.setText(str(members))
        text = self.tr("Channels of {count} layers go together. Select all of them.")
        self.group.setToolTip(text.format(count=members))
        self.group.setAccessibleName(self.group.toolTip())

    def _show_lock(self, *, locked: bool) -> None:
        self.lock.blockSignals(True)
        self.lock.setChecked(locked)
        self.lock.blockSignals(False)
        set_icon(self.lock, "lock" if locked else "unlock", "accent" if locked else "secondary")
        text = (
            self.tr("Locked: the solver and the slider leave this layer alone. Unlock it.")
            if locked
            else self.tr("Lock this layer: the solver and the slider then leave it alone.")
        )
        self.lock.setToolTip(text)
        self.lock.setAccessibleName(text)

    # Wishes

    @Slot()
    def _select_group(self) -> None:
        row = current_row(self.store.state)
        if row is not None and row.group is not None:
            self.store.dispatch(Select(row.group.layers, row.layer.name))

    @Slot(bool)
    def _set_lock(self, locked: bool) -> None:
        current = self.store.state.current
        self.store.dispatch(Lock((current,), locked))

    @Slot(int)
    def _tab_changed(self, _index: int) -> None:
        self._show(self.store.state)

    # Qt

    def showEvent(self, event: QShowEvent) -> None:
        """Now a tab may be made, and ask."""
        super().showEvent(event)
        self._show(self.store.state)
