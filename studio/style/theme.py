"""How the program looks: Fusion with our palette, and a sheet for what Fusion draws in relief.

`apply` is called once, before the first window; the look then follows the system, or the user's
choice (`set_scheme`). Widgets that paint for themselves repaint upon `QEvent.Type.PaletteChange`.
"""

from __future__ import annotations

import enum
from pathlib import Path

from PySide6.QtCore import QDir, QObject, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication

from studio.style.palette import Colors, colors, palette_of
from studio.style.sheet import sheet

_NAME = "espalier-theme"
_MARKS = Path(__file__).parent / "marks"


class Scheme(enum.StrEnum):
    """Which colors the user wants."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


_QT_SCHEMES = {
    Scheme.SYSTEM: Qt.ColorScheme.Unknown,
    Scheme.LIGHT: Qt.ColorScheme.Light,
    Scheme.DARK: Qt.ColorScheme.Dark,
}


class Theme(QObject):
    """The look of the running program; there is one, `theme()`.

    Args:
        app: The program; owns the theme.
    """

    changed = Signal()
    """Other colors are in force."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self.setObjectName(_NAME)
        self._app = app
        self._scheme = Scheme.SYSTEM
        self._dark: bool | None = None
        QDir.addSearchPath("marks", str(_MARKS))
        app.setStyle("Fusion")
        app.styleHints().colorSchemeChanged.connect(self._follow)
        self._follow()

    @property
    def scheme(self) -> Scheme:
        """What the user wants."""
        return self._scheme

    @property
    def dark(self) -> bool:
        """Whether the window is dark now."""
        return bool(self._dark)

    @property
    def colors(self) -> Colors:
        """The colors in force."""
        return colors(dark=self.dark)

    def set_scheme(self, scheme: Scheme) -> None:
        """Choose light, dark, or what the system has."""
        self._scheme = scheme
        self._app.styleHints().setColorScheme(_QT_SCHEMES[scheme])
        self._follow()

    def _follow(self) -> None:
        wanted = self._scheme
        if wanted is Scheme.SYSTEM:
            dark = self._app.styleHints().colorScheme() is Qt.ColorScheme.Dark
        else:
            dark = wanted is Scheme.DARK
        if dark is self._dark:
            return
        self._dark = dark
        chosen = colors(dark=dark)
        self._app.setPalette(palette_of(chosen))
        self._app.setStyleSheet(sheet(chosen, dark=dark))
        self.changed.emit()


def apply(app: QApplication, scheme: Scheme = Scheme.SYSTEM) -> Theme:
    """Give the program its look; again: change the scheme."""
    found = theme()
    if found is None:
        found = Theme(app)
    if scheme is not found.scheme:
        found.set_scheme(scheme)
    return found


def theme() -> Theme | None:
    """The look of the running program; None before `apply`."""
    app = QApplication.instance()
    return app.findChild(Theme, _NAME) if app is not None else None


def scaled_font(font: QFont, factor: float, *, bold: bool | None = None) -> QFont:
    """A font made larger or smaller, as titles and remarks have it."""
    made = QFont(font)
    if font.pointSizeF() > 0:
        made.setPointSizeF(font.pointSizeF() * factor)
    else:
        made.setPixelSize(max(1, round(font.pixelSize() * factor)))
    if bold is not None:
        made.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    return made
