"""Icons by what they mean, drawn from an icon font in the colors in force.

The font is loaded after the first window was painted: `set_icon` keeps a button's place free until
then. A change of colors draws all of them again.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, QRect, QSize, QTimer
from PySide6.QtGui import QGuiApplication, QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

from studio.style.palette import Colors, colors_of
from studio.style.theme import theme

if TYPE_CHECKING:
    from qtawesome.iconic_font import IconicFont

_FONT = ("ph", "phosphor-1.3.0.ttf", "phosphor-charmap-1.3.0.json")
_LOOK_MS = 20
_PATIENCE_MS = 400
_KEEPER = "espalier-icons"

GLYPHS = {
    "about": "info",
    "add": "plus",
    "advice": "compass",
    "apply": "play",
    "cancel": "x-circle",
    "check": "check",
    "clear": "eraser",
    "close": "x",
    "collapse": "caret-down",
    "columns": "columns",
    "command": "command",
    "compare": "git-diff",
    "copy": "copy",
    "data": "database",
    "delete": "trash",
    "down": "arrow-down",
    "drop": "download-simple",
    "duplicate": "copy-simple",
    "error": "warning-octagon",
    "expand": "caret-right",
    "export": "export",
    "file": "file",
    "filter": "funnel-simple",
    "fit": "target",
    "folder": "folder-open",
    "graph": "tree-structure",
    "grip": "dots-six-vertical",
    "group": "link-simple",
    "help": "question",
    "hide": "eye-slash",
    "history": "clock-counter-clockwise",
    "info": "info",
    "inspector": "magnifying-glass",
    "jobs": "queue",
    "layers": "rows",
    "latency": "timer",
    "lock": "lock-simple",
    "measure": "gauge",
    "method-compact": "cube",
    "method-distillation": "graduation-cap",
    "method-low_rank": "intersect",
    "method-pruning": "scissors",
    "method-quantization": "hash",
    "method-recovery": "first-aid-kit",
    "method-sharing": "swatches",
    "model": "cube",
    "more": "dots-three",
    "moon": "moon",
    "open": "folder-open",
    "pause": "pause",
    "pin": "push-pin-simple",
    "plot": "chart-line-up",
    "preset": "bookmark-simple",
    "project": "briefcase",
    "quit": "sign-out",
    "recipe": "list-numbers",
    "redo": "arrow-u-up-right",
    "refresh": "arrows-clockwise",
    "remove": "x",
    "rename": "pencil-simple",
    "reset": "arrow-counter-clockwise",
    "sample": "leaf",
    "save": "floppy-disk",
    "search": "magnifying-glass",
    "sensitivity": "thermometer-simple",
    "settings": "sliders-horizontal",
    "show": "eye",
    "stop": "stop",
    "sun": "sun",
    "table": "table",
    "train": "graduation-cap",
    "trials": "chart-line",
    "undo": "arrow-u-up-left",
    "unlock": "lock-simple-open",
    "up": "arrow-up",
    "warning": "warning",
    "zoom-in": "magnifying-glass-plus",
    "zoom-out": "magnifying-glass-minus",
    "zoom-fit": "frame-corners",
}
"""Meaning → glyph of the icon font."""


class HasIcon(Protocol):
    """A button, an action, a menu."""

    def setIcon(self, icon: QIcon, /) -> object:
        """Take an icon."""


def set_icon(target: HasIcon, name: str, tone: str = "text") -> None:
    """Give a button, action or menu an icon now or soon, and again when colors change.

    Args:
        target: What shows it.
        name: What it means, one of `GLYPHS`.
        tone: Which of `Colors` it is drawn in.

    Raises:
        KeyError: There is no such icon.
    """
    _keeper().take(target, GLYPHS[name], tone)


def icon(name: str, tone: str = "text") -> QIcon:
    """An icon in the colors in force, loading the font if need be: for what paints late.

    Raises:
        KeyError: There is no such icon.
    """
    return _keeper().draw(GLYPHS[name], tone)


class _Kept(QIconEngine):
    """Keeps the pictures of an icon: the font's own engine sets its text anew at every paint.

    Args:
        source: What draws it.
    """

    def __init__(self, source: QIcon) -> None:
        super().__init__()
        self._source = source
        self._pictures: dict[tuple[int, int, QIcon.Mode, QIcon.State], QPixmap] = {}

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """Qt's; the size is in the screen's own dots. A squeezed button has none for its icon."""
        if size.isEmpty():
            return QPixmap()
        key = (size.width(), size.height(), mode, state)
        if key not in self._pictures:
            self._pictures[key] = self._source.pixmap(size, 1.0, mode, state)
        return self._pictures[key]

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        """Qt's."""
        if rect.isEmpty():
            return
        ratio = painter.device().devicePixelRatioF()
        picture = QPixmap(self.pixmap(rect.size() * ratio, mode, state))
        picture.setDevicePixelRatio(ratio)
        painter.drawPixmap(rect.topLeft(), picture)


class _Keeper(QObject):
    """Holds the font, and who shows what."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self.setObjectName(_KEEPER)
        self._font: IconicFont | None = None
        self._shown: dict[int, tuple[weakref.ref[HasIcon], str, str]] = {}
        self._drawn: dict[tuple[str, str, Colors], QIcon] = {}
        self._follows = False

    def take(self, target: HasIcon, glyph: str, tone: str) -> None:
        self._follow()
        if not self._shown and self._font is None:
            QTimer.singleShot(0, self, self._begin)
        key = id(target)
        self._shown[key] = (weakref.ref(target, lambda _: self._shown.pop(key, None)), glyph, tone)
        if self._font is not None:
            target.setIcon(self.draw(glyph, tone))

    def draw(self, glyph: str, tone: str) -> QIcon:
        if self._font is None:
            from qtawesome.iconic_font import IconicFont

            self._font = IconicFont(_FONT)
        chosen = colors_of()
        key = (glyph, tone, chosen)
        if key not in self._drawn:
            drawn = self._font.icon(
                f"ph.{glyph}", color=getattr(chosen, tone), color_disabled=chosen.disabled
            )
            self._drawn[key] = QIcon(_Kept(drawn))
        return self._drawn[key]

    def _begin(self, waited: int = 0) -> None:
        """Draw what was asked for once a window is on the screen, or after a while without one."""
        windows = QGuiApplication.topLevelWindows()
        if waited < _PATIENCE_MS and not any(window.isExposed() for window in windows):
            QTimer.singleShot(_LOOK_MS, self, lambda: self._begin(waited + _LOOK_MS))
        else:
            self._again()

    def _follow(self) -> None:
        """Hear of other colors, as soon as there is somebody to tell."""
        found = theme() if not self._follows else None
        if found is not None:
            found.changed.connect(self._again)
            self._follows = True

    def _again(self) -> None:
        for shown, glyph, tone in list(self._shown.values()):
            drawn = self.draw(glyph, tone)
            target = shown()
            if target is not None and isValid(target):
                target.setIcon(drawn)


def _keeper() -> _Keeper:
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        raise RuntimeError("Icons need a running program")
    found: _Keeper | None = app.findChild(_Keeper, _KEEPER)
    return found if found is not None else _Keeper(app)
