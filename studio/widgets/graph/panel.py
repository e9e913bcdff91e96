"""One graph: netron's view where the browser view works, else our own.

What it needs comes as plain values. Where our own view is needed and nobody has brought the nodes
and edges yet, it asks for them with `wanted`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLabel, QStackedWidget, QVBoxLayout, QWidget

from engine.details import GraphDetail
from studio.style.metrics import metrics
from studio.widgets.graph.native_view import NativeView
from studio.widgets.graph.server import Source
from studio.widgets.graph.webengine import trial

if TYPE_CHECKING:
    from studio.widgets.graph.netron_view import NetronView

LARGEST_BYTES = 256 << 20
"""Of a file that netron is given: it reads all of it into memory."""


class GraphPanel(QWidget):
    """A graph of one model."""

    picked = Signal(tuple)
    """Names of the layers that the user chose; empty: none."""
    wanted = Signal()
    """Nodes and edges are needed: `show_detail`."""
    kind_changed = Signal()
    """Another view shows the graph now."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._source: Source | None = None
        self._name = ""
        self._layers: Mapping[str, str] = {}
        self._detail: GraphDetail | None = None
        self._simple = False
        self._problem = ""
        self._netron: NetronView | None = None
        self._netron_has: tuple[Source, str] | None = None
        self._selected: tuple[str, ...] = ()
        self._near: tuple[str, ...] = ()
        self._tints: Mapping[str, str] = {}
        self._options: dict[str, bool | str] = {}
        self._asked = False
        self._shown = False
        self._native = NativeView(self)
        self._native.picked.connect(self._picked)
        self._word = QLabel(self)
        self._word.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._word.setWordWrap(True)
        self._note = QLabel(self)
        self._note.setWordWrap(True)
        self._note.setProperty("tone", "secondary")
        self._note.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        room = metrics(self)
        self._note.setContentsMargins(room.gap, room.small, room.gap, room.small)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self._word)
        self._stack.addWidget(self._native)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._stack, 1)
        layout.addWidget(self._note)
        self._note.hide()
        trial().finished.connect(self._tried)

    def show_model(
        self, source: Source | None, name: str, layers: Mapping[str, str], text: str = ""
    ) -> None:
        """Show another model.

        Args:
            source: Its file, or its content; None: there is no file that netron could show.
            name: File name.
            layers: Layer → its name in the file, or nothing where that is the same.
            text: What to say where there is no model at all (`name` is empty).
        """
        if source == self._source and name == self._name and name:
            self._layers = dict(layers)
            if self._netron is not None:
                self._netron.set_layers(self._layers)
            return
        self._source, self._name, self._layers = source, name, dict(layers)
        self._detail = None
        self._problem = ""
        self._asked = False
        self._word.setText(text)
        self._rest_netron()
        self._decide()

    def show_detail(self, detail: GraphDetail | None, problem: str = "") -> None:
        """The nodes and edges that were `wanted`, or why there are none."""
        self._detail = detail
        if detail is None:
            self._word.setText(problem or self.tr("Reading the graph…"))
        else:
            self._native.show_graph(detail)
        self._decide()

    def select(self, names: tuple[str, ...], near: tuple[str, ...] = ()) -> None:
        """Mark layers, and less those `near` to them; bring the first into view; tells nobody."""
        self._selected, self._near = names, near
        self._native.select(names, near)
        if self._netron is not None:
            self._netron.select(names, near)

    def set_colors(self, chosen: Mapping[str, str]) -> None:
        """Color layers, `#rrggbb`; nothing: as the view likes."""
        self._tints = dict(chosen)
        self._native.set_colors(self._tints)
        if self._netron is not None:
            self._netron.set_colors(self._tints)

    def set_simple(self, wanted: bool) -> None:
        """Whether our own view is preferred."""
        if wanted is not self._simple:
            self._simple = wanted
            self._decide()

    def set_option(self, name: str, value: bool | str) -> None:
        """See `NetronView.set_option`; `details`: a click opens what netron knows of a node."""
        self._options[name] = value
        if self._netron is not None:
            self._set_netron_option(name, value)

    def zoom(self, step: str) -> None:
        """`in`, `out`, `reset` or `fit`."""
        view = self._stack.currentWidget()
        if view is self._native:
            self._native.zoom(step)
        elif self._netron is not None:
            self._netron.zoom(step)

    @property
    def is_detailed(self) -> bool:
        """Whether netron shows the graph now."""
        return self._netron is not None and self._stack.currentWidget() is self._netron

    @property
    def is_drawn(self) -> bool:
        """Whether the graph is there, and not only on its way."""
        if self.is_detailed and self._netron is not None:
            return bool(self._netron.owners.nodes)
        return self._stack.currentWidget() is self._native

    @property
    def is_waiting(self) -> bool:
        """Whether nodes and edges are `wanted` and not there yet."""
        return self._asked and self._detail is None

    @property
    def note(self) -> str:
        """What is said below the graph."""
        return self._note.text()

    def showEvent(self, event: QShowEvent) -> None:
        """Start the browser view only when somebody looks."""
        super().showEvent(event)
        if not self._shown:
            self._shown = True
            self._decide()

    def _decide(self) -> None:
        """Choose the view."""
        if not self._shown:
            return
        before = self._stack.currentWidget()
        problem = self._reason()
        if not self._name:
            self._stack.setCurrentWidget(self._word)
            self._say("")
        elif problem is None:
            self._word.setText(self.tr("Starting the graph…"))
            self._stack.setCurrentWidget(self._word)
            trial().start()
        elif problem or self._simple:
            self._rest_netron()
            self._say(problem)
            self._show_native()
        else:
            self._say("")
            self._show_netron()
        if self._stack.currentWidget() is not before:
            self.kind_changed.emit()

    def _reason(self) -> str | None:
        """Why netron cannot be used (empty: it can); None: not known yet."""
        if self._simple or self._problem or self._source is None:
            return self._problem
        if isinstance(self._source, Path):
            try:
                too_large = self._source.stat().st_size > LARGEST_BYTES
            except OSError:
                return self.tr("The file is no longer there, so the graph is a simple one.")
            if too_large:
                return self.tr("The file is large, so the graph is a simple one.")
        return trial().answer

    def _show_native(self) -> None:
        if self._detail is not None:
            self._stack.setCurrentWidget(self._native)
            return
        self._stack.setCurrentWidget(self._word)
        if not self._asked:
            self._asked = True
            self._word.setText(self.tr("Reading the graph…"))
            self.wanted.emit()

    def _show_netron(self) -> None:
        if self._source is None:
            self._show_native()
            return
        if self._netron is None:
            from studio.widgets.graph.netron_view import NetronView  # loads Chromium

            view = NetronView(self)
            view.picked.connect(self._picked)
            view.failed.connect(self._failed)
            view.slow.connect(self._slow)
            view.ready.connect(self._ready)
            view.set_colors(self._tints)
            view.select(self._selected, self._near)
            self._netron = view
            self._stack.addWidget(view)
            for name, value in self._options.items():
                self._set_netron_option(name, value)
        if self._netron_has != (self._source, self._name):
            self._netron_has = self._source, self._name
            self._netron.show_model(self._source, self._name, self._layers)
        self._stack.setCurrentWidget(self._netron)

    def _set_netron_option(self, name: str, value: bool | str) -> None:
        if self._netron is None:
            return
        if name == "details":
            self._netron.set_details(bool(value))
        else:
            self._netron.set_option(name, value)

    def _rest_netron(self) -> None:
        """Let netron's view go of its model.

        The view itself stays for the next one: now and then Qt WebEngine takes the program with
        it when a view is deleted and others live on.
        """
        self._netron_has = None
        if self._netron is not None:
            self._netron.forget()

    def _tried(self, _problem: str) -> None:
        self._decide()

    def _picked(self, names: tuple[str, ...]) -> None:
        self._selected = names
        self.picked.emit(names)

    def _failed(self, message: str) -> None:
        """Netron cannot show the file: say so, and show what we can."""
        self._problem = self.tr(
            "The detailed graph cannot show this file, so the graph is a simple one ({reason})."
        ).format(reason=message.rstrip("."))
        self._decide()

    def _slow(self) -> None:
        self._say(
            self.tr("A large graph takes a while to arrange. The simple one is there sooner.")
        )

    def _ready(self, _count: int) -> None:
        unknown = self._netron is not None and self._layers and not self._netron.owners.nodes
        text = self.tr("This file does not name its layers: choose them in the simple graph.")
        self._say(text if unknown else "")

    def _say(self, text: str) -> None:
        self._note.setText(text)
        self._note.setVisible(bool(text))
