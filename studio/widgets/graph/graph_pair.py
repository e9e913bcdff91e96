"""One graph, or two side by side: before and after, with one selection and one toolbar."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSplitter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from studio.style.icons import set_icon
from studio.style.metrics import metrics
from studio.widgets.graph.names import all_related
from studio.widgets.graph.panel import GraphPanel


class GraphPair(QWidget):
    """Two panels, of which the second may be hidden, and what drives both.

    Names in and out are those of the network as it was opened; parts of a layer that was replaced
    count as the layer.
    """

    picked = Signal(tuple)
    """Names of the layers that the user chose in either; empty: none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.before = GraphPanel(self)
        self.after = GraphPanel(self)
        self._before_names: tuple[str, ...] = ()
        self._after_names: tuple[str, ...] = ()
        self._into: Mapping[str, str] = {}
        self._selected: tuple[str, ...] = ()
        self._near: tuple[str, ...] = ()
        self._titles = (QLabel(self), QLabel(self))
        self._splitter = QSplitter(Qt.Orientation.Horizontal, self)
        self._splitter.setChildrenCollapsible(False)
        room = metrics(self)
        self._sides = []
        for title, panel in zip(self._titles, (self.before, self.after), strict=True):
            title.setProperty("tone", "secondary")
            title.setContentsMargins(room.gap, room.hair, room.gap, room.hair)
            side = QFrame(self._splitter)
            column = QVBoxLayout(side)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(0)
            column.addWidget(title)
            column.addWidget(panel, 1)
            self._splitter.addWidget(side)
            self._sides.append(side)
            panel.kind_changed.connect(self._follow_kind)
        self.before.picked.connect(self._picked_before)
        self.after.picked.connect(self._picked_after)
        self._bar = QHBoxLayout()
        self._bar.setContentsMargins(room.gap, room.small, room.gap, room.small)
        self._bar.setSpacing(room.hair)
        self._fill_bar()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self._below = QVBoxLayout()
        layout.addLayout(self._bar)
        layout.addLayout(self._below)
        layout.addWidget(self._splitter, 1)
        self.show_after(False)

    def add_tool(self, widget: QWidget, stretch: int = 0, *, at_end: bool = False) -> None:
        """Put something more on the toolbar: at its left, or at its right end."""
        self._bar.insertWidget(self._bar.count() if at_end else self._left, widget, stretch)
        if not at_end:
            self._left += 1

    def add_below(self, widget: QWidget) -> None:
        """Put something between the toolbar and the graph."""
        room = metrics(self)
        widget.setContentsMargins(room.gap, 0, room.gap, room.small)
        self._below.addWidget(widget)

    def show_after(self, wanted: bool, title: str = "") -> None:
        """Show the second graph too, under a title."""
        if wanted and self._sides[1].isHidden():
            half = max(self._splitter.width() // 2, 1)
            self._sides[1].show()
            self._splitter.setSizes([half, half])
        self._sides[1].setVisible(wanted)
        for label in self._titles:
            label.setVisible(wanted)
        self._titles[0].setText(self.tr("Before"))
        self._titles[1].setText(title)

    def set_layers(
        self,
        before: tuple[str, ...],
        after: tuple[str, ...] = (),
        into: Mapping[str, str] | None = None,
    ) -> None:
        """Names of the layers of the two networks.

        `into`: layers that the second network lacks because another took them over → that one.
        """
        self._before_names, self._after_names = before, after
        self._into = dict(into or {})
        self.select(self._selected, self._near)

    def select(self, names: tuple[str, ...], near: tuple[str, ...] = ()) -> None:
        """Mark layers in both, and less those `near` to them; tells nobody."""
        self._selected, self._near = names, near
        self.before.select(names, near)
        chosen = self._there(names)
        beside = tuple(name for name in self._there(near) if name not in chosen)
        self.after.select(chosen, beside)

    def _there(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """What layers are called in the second network."""
        moved = [
            name if name in self._after_names else self._into.get(name, name) for name in names
        ]
        return all_related(moved, self._after_names)

    def set_colors(self, before: Mapping[str, str], after: Mapping[str, str]) -> None:
        """Color the layers of each, `#rrggbb`."""
        self.before.set_colors(before)
        self.after.set_colors(after)

    def _fill_bar(self) -> None:
        self._left = 0
        self._bar.addStretch(1)
        self._zooms = [
            self._button("zoom-in", self.tr("Zoom in (+)"), "in"),
            self._button("zoom-out", self.tr("Zoom out (−)"), "out"),
            self._button("zoom-fit", self.tr("Fit to height (9)"), "fit"),
        ]
        for button in self._zooms:
            button.clicked.connect(self._zoom)
        self._more = self._button("settings", self.tr("What the graph shows"), "")
        self._more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._more.setMenu(self._menu())

    def _button(self, icon: str, text: str, step: str) -> QToolButton:
        button = QToolButton(self)
        button.setAutoRaise(True)
        button.setToolTip(text)
        button.setAccessibleName(text)
        button.setProperty("step", step)
        button.setProperty("role", "icon")
        side = metrics(self).icon
        button.setIconSize(QSize(side, side))
        set_icon(button, icon)
        self._bar.addWidget(button)
        return button

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        self._options = {}
        for name, text in (
            ("names", self.tr("Names of nodes")),
            ("attributes", self.tr("Attributes of operators")),
            ("horizontal", self.tr("From left to right")),
            ("details", self.tr("Open a node’s properties with one click")),
        ):
            action = menu.addAction(text)
            action.setCheckable(True)
            action.toggled.connect(self._set_option)
            self._options[name] = action
        menu.addSeparator()
        self._simple = menu.addAction(self.tr("Simple graph"))
        self._simple.setCheckable(True)
        self._simple.toggled.connect(self._set_simple)
        return menu

    def _zoom(self) -> None:
        step = str(self.sender().property("step"))
        self.before.zoom(step)
        if self._sides[1].isVisible():
            self.after.zoom(step)

    def _set_option(self, checked: bool) -> None:
        name = next(name for name, action in self._options.items() if action is self.sender())
        for panel in (self.before, self.after):
            if name == "horizontal":
                panel.set_option("direction", "horizontal" if checked else "vertical")
            else:
                panel.set_option(name, checked)

    def _set_simple(self, checked: bool) -> None:
        for panel in (self.before, self.after):
            panel.set_simple(checked)

    def _follow_kind(self) -> None:
        """Only netron knows these options."""
        detailed = self.before.is_detailed or self.after.is_detailed
        for action in self._options.values():
            action.setEnabled(detailed)

    def _picked_before(self, names: tuple[str, ...]) -> None:
        self._tell(names)

    def _picked_after(self, names: tuple[str, ...]) -> None:
        self._tell(all_related(names, self._before_names))

    def _tell(self, names: tuple[str, ...]) -> None:
        self.select(names)
        self.picked.emit(names)
