"""netron in the window: a browser view of our own server's page, with the choice both ways.

Import this module only when `webengine.trial` has found that the browser view works, and after
`webengine.prepare_environment`: it loads Chromium.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QFile, QIODevice, QObject, Qt, QUrl, Signal, Slot
from PySide6.QtWebChannel import QWebChannel
from PySide6.QtWebEngineCore import (
    QWebEngineDownloadRequest,
    QWebEnginePage,
    QWebEngineProfile,
    QWebEngineScript,
    QWebEngineSettings,
    QWebEngineUrlRequestInfo,
    QWebEngineUrlRequestInterceptor,
)
from PySide6.QtWebEngineWidgets import QWebEngineView
from PySide6.QtWidgets import QApplication, QWidget

from engine.paths import RESOURCES
from studio.style.palette import colors, is_dark
from studio.widgets.graph.names import NOBODY, GraphNode, Owners, find_owners
from studio.widgets.graph.server import ModelServer, Source, shared_server

_BRIDGE = RESOURCES / "graph" / "bridge.js"
_CHANNEL = ":/qtwebchannel/qwebchannel.js"


class LocalOnly(QWebEngineUrlRequestInterceptor):
    """Lets requests to our own server through, and no others.

    Attributes:
        blocked: The last addresses that were asked for and refused.
    """

    def __init__(self, server: ModelServer, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._server = server
        self.blocked: deque[str] = deque(maxlen=100)

    def interceptRequest(self, info: QWebEngineUrlRequestInfo) -> None:
        """Decide on a request."""
        url = info.requestUrl()
        if url.scheme() in ("qrc", "data", "blob"):
            return
        ours = url.scheme() == "http" and url.host() == "127.0.0.1"
        if not ours or url.port() != self._server.port:
            self.blocked.append(url.toString())
            info.block(True)


class _Page(QWebEnginePage):
    """A page that stays where we sent it and says nothing on the console."""

    address = QUrl()

    def acceptNavigationRequest(
        self, url: QUrl | str, kind: QWebEnginePage.NavigationType, isMainFrame: bool
    ) -> bool:
        """Go where we said, and follow no link."""
        return QUrl(url) == self.address

    def javaScriptConsoleMessage(self, *_message: object) -> None:
        """Keep quiet: what matters comes over the bridge."""


class _Ear(QObject):
    """What the page talks to."""

    heard = Signal(str, str, str)

    @Slot(str, str, str)
    def hear(self, what: str, text: str, address: str) -> None:
        """Pass on what a page says, and which."""
        self.heard.emit(what, text, address)


class NetronView(QWebEngineView):
    """The graph of a model file.

    Args:
        parent: Qt's.
    """

    ready = Signal(int)
    """A graph is on the screen; so many nodes."""
    picked = Signal(tuple)
    """Names of the layers that the user chose; empty: none."""
    failed = Signal(str)
    """netron cannot show the file; what it says about it."""
    slow = Signal()
    """The layout takes long."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._server = shared_server()
        self._address = ""
        self._layers: Mapping[str, str] = {}
        self._nodes: tuple[GraphNode, ...] = ()
        self._owners: Owners = NOBODY
        self._selected: tuple[str, ...] = ()
        self._near: tuple[str, ...] = ()
        self._colors: Mapping[str, str] = {}
        self._details = False
        self._options: dict[str, Any] = {}
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setAcceptDrops(False)  # a file dropped here is the window's
        self._make_page()
        self.loadFinished.connect(self._loaded)
        self.renderProcessTerminated.connect(self._died)

    def show_model(self, source: Source, name: str, layers: Mapping[str, str]) -> None:
        """Show a model.

        Args:
            source: Its file or its content.
            name: File name; netron tells formats by its ending.
            layers: Layer → its name in the file, or nothing where that is the same.
        """
        self.forget()
        self._layers = dict(layers)
        self._address = self._server.add(source, name)
        self._page.address = QUrl(self._address)
        self._page.load(self._page.address)

    def set_layers(self, layers: Mapping[str, str]) -> None:
        """The layers changed, the file did not."""
        if dict(layers) != self._layers:
            self._layers = dict(layers)
            self._match()

    def select(self, names: Iterable[str], near: Iterable[str] = ()) -> None:
        """Mark layers and bring the first into view; tells nobody.

        `near`: layers that hang together with them, marked less.
        """
        chosen, beside = tuple(names), tuple(near)
        if (chosen, beside) != (self._selected, self._near):
            scroll = chosen != self._selected
            self._selected, self._near = chosen, beside
            self._send_selection(scroll=scroll)

    def set_colors(self, chosen: Mapping[str, str]) -> None:
        """Color layers, `#rrggbb`; nothing: netron's own colors."""
        self._colors = dict(chosen)
        self._send_colors()

    def set_option(self, name: str, value: bool | str) -> None:
        """Netron's `names`, `attributes`, `weights` (switches), `direction` (`horizontal`, …)."""
        self._options[name] = value
        if self._nodes:
            self._call("option", name, value)

    def set_details(self, wanted: bool) -> None:
        """Whether a click also opens what netron knows of a node; a double click always does."""
        self._details = wanted
        self._call("details", wanted)

    def zoom(self, step: str) -> None:
        """`in`, `out`, `reset` or `fit`."""
        self._call("zoom", step)

    @property
    def owners(self) -> Owners:
        """Which nodes are which layer's."""
        return self._owners

    def changeEvent(self, event: QEvent) -> None:
        """Follow the palette."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._send_theme()

    def _make_page(self) -> None:
        page = self._page = _Page(profile(), self)
        self.setPage(page)
        self._ear = _Ear(self)
        self._ear.heard.connect(self._hear)
        channel = QWebChannel(page)
        channel.registerObject("espalier", self._ear)
        page.setWebChannel(channel)
        for name, code in (("channel", _qt_file(_CHANNEL)), ("bridge", _text(_BRIDGE))):
            script = QWebEngineScript()
            script.setName(name)
            script.setSourceCode(code)
            script.setInjectionPoint(QWebEngineScript.InjectionPoint.DocumentCreation)
            script.setWorldId(QWebEngineScript.ScriptWorldId.MainWorld)
            page.scripts().insert(script)
        settings = page.settings()
        attribute = QWebEngineSettings.WebAttribute
        for unwanted in (
            attribute.PluginsEnabled,
            attribute.JavascriptCanOpenWindows,
            attribute.LocalContentCanAccessRemoteUrls,
            attribute.NavigateOnDropEnabled,
            attribute.DnsPrefetchEnabled,
            attribute.AutoLoadIconsForPage,
        ):
            settings.setAttribute(unwanted, False)
        page.setBackgroundColor(Qt.GlobalColor.transparent)

    def forget(self) -> None:
        """Stop offering the model."""
        if self._address:
            self._server.remove(self._address)
        self._address = ""
        self._nodes = ()
        self._owners = NOBODY

    def _hear(self, what: str, text: str, address: str) -> None:
        if address != self._address:  # a page that is on its way out
            return
        said = json.loads(text)
        if what == "graph":
            self._nodes = tuple(
                GraphNode(one["name"], one["op"], tuple(one["weights"]), tuple(one["outputs"]))
                for one in said["nodes"]
            )
            self._match()
            self._send_theme()
            for name, value in self._options.items():
                self._call("option", name, value)
            self.ready.emit(len(self._nodes))
        elif what == "picked":
            self._pick(said)
        elif what == "failed":
            self.failed.emit(str(said))
        elif what == "slow":
            self.slow.emit()

    def _pick(self, said: Mapping[str, Any]) -> None:
        """The user clicked; with Ctrl what was clicked is added or taken away."""
        layers = self._owners.layers
        chosen = dict.fromkeys(layers[i] for i in said["nodes"] if i < len(layers) and layers[i])
        if not chosen and not said["empty"]:
            self._send_selection()  # a node between layers: the choice stays
            return
        names = tuple(chosen)
        if said["more"]:
            kept = tuple(name for name in self._selected if name not in chosen)
            names = kept + tuple(name for name in chosen if name not in self._selected)
        if names != self._selected:
            self._selected = names
            self.picked.emit(names)
        self._send_selection(scroll=False)

    def _match(self) -> None:
        self._owners = find_owners(self._nodes, self._layers)
        if self._nodes:
            self._send_colors()
            self._send_selection()

    def _send_selection(self, *, scroll: bool = True) -> None:
        found = self._owners.nodes
        indices = [found[name][0] for name in self._selected if name in found]
        near = [found[name][0] for name in self._near if name in found]
        self._call("select", indices, near, scroll)

    def _send_colors(self) -> None:
        neutral = colors(dark=is_dark(self)).pressed if self._colors else ""
        by_node = {
            index: color
            for name, color in self._colors.items()
            for index in self._owners.nodes.get(name, ())
        }
        self._call("color", by_node, neutral)

    def _send_theme(self) -> None:
        dark = is_dark(self)
        chosen = colors(dark=dark)
        self._call(
            "theme",
            {"ground": chosen.base, "edge": chosen.original, "accent": chosen.accent},
            dark,
        )
        self._send_colors()

    def _call(self, name: str, *values: object) -> None:
        """Call a function of the bridge; before there is one, nothing happens."""
        arguments = ",".join(json.dumps(value) for value in values)
        self.page().runJavaScript(f"window.espalier && window.espalier.{name}({arguments})")

    def _loaded(self, fine: bool) -> None:
        if fine and self._address:
            self._send_theme()
            self._call("details", self._details)
        elif self._address:
            self.failed.emit(self.tr("The page of the graph could not be loaded."))

    def _died(self, *_how: object) -> None:
        """Chromium's process for the page ended, as it does when memory runs out."""
        self.forget()
        if not QApplication.closingDown():
            self.failed.emit(self.tr("The process that draws the graph ended."))


class Profile(QWebEngineProfile):
    """How all graphs browse: off the record, from our own server alone, downloading nothing."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.guard = LocalOnly(shared_server(), self)
        self.setUrlRequestInterceptor(self.guard)
        self.downloadRequested.connect(self._refuse)
        app = QApplication.instance()
        if app is not None:
            app.aboutToQuit.connect(shared_server().close)

    def _refuse(self, request: QWebEngineDownloadRequest) -> None:
        request.cancel()


def profile() -> Profile:
    """The program's one profile; it must live longer than every page."""
    app = QApplication.instance()
    found = app.findChild(Profile) if app is not None else None
    return found if found is not None else Profile(app)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _qt_file(name: str) -> str:
    file = QFile(name)
    if not file.open(QIODevice.OpenModeFlag.ReadOnly):
        return ""
    content = bytes(file.readAll().data()).decode()
    file.close()
    return content
