"""Colors by what they mean, for a light and a dark window.

Nothing else in the studio names a color. The eight of `series` keep apart for the usual kinds of
color blindness: those of Okabe & Ito 2008, moved until the nearest two, seen without the red or
without the green cones, were as far apart as could be on the ground they stand on.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QWidget

_MIDDLE = 128
"""Lightness of a window below which it counts as dark."""


@dataclass(frozen=True, slots=True)
class Colors:
    """One color for each meaning, as `#rrggbb`.

    Attributes:
        window: Ground of panels.
        base: Ground of tables, plots and editors.
        raised: Ground of cards, buttons and menus.
        hover: Ground under the pointer.
        pressed: Ground while pressed, and of grooves.
        border: Lines that separate.
        strong_border: Outline of what can be edited.
        text: Words and numbers.
        secondary: Words that explain, units, column titles.
        disabled: Words of what cannot be used now.
        accent: What is chosen or active.
        on_accent: Words on `accent`.
        selection: Ground of selected rows.
        original: Values of the network as it came: gray in every view.
        predicted: Values that were computed from shapes; drawn hollow or hatched.
        measured: Values that were measured; drawn solid.
        running: What is being worked on.
        dimmed: Marks of what is locked, frozen or not supported.
        warning: What deserves a look.
        error: What is wrong.
        good: What went well.
        warning_ground: Behind a notice that warns.
        error_ground: Behind a notice of an error, and wrong editors.
        info_ground: Behind a notice that tells.
        series: Lines and points of a plot, in order.
    """

    window: str
    base: str
    raised: str
    hover: str
    pressed: str
    border: str
    strong_border: str
    text: str
    secondary: str
    disabled: str
    accent: str
    on_accent: str
    selection: str
    original: str
    predicted: str
    measured: str
    running: str
    dimmed: str
    warning: str
    error: str
    good: str
    warning_ground: str
    error_ground: str
    info_ground: str
    series: tuple[str, ...]


LIGHT = Colors(
    window="#f5f6f8",
    base="#ffffff",
    raised="#ffffff",
    hover="#eceff3",
    pressed="#e0e5eb",
    border="#dfe3e9",
    strong_border="#c3cad4",
    text="#1d2229",
    secondary="#59626f",
    disabled="#a0a8b4",
    accent="#1666b0",
    on_accent="#ffffff",
    selection="#d6e7f7",
    original="#868f9c",
    predicted="#0072b2",
    measured="#0072b2",
    running="#ab5a00",
    dimmed="#b6bdc7",
    warning="#8a5300",
    error="#b3361b",
    good="#00714f",
    warning_ground="#fdf3df",
    error_ground="#fcebe6",
    info_ground="#e9f2fb",
    series=(
        "#0072b2",
        "#c2a110",
        "#00ba72",
        "#b7749b",
        "#3c8dff",
        "#952623",
        "#a85804",
        "#5e3864",
    ),
)

DARK = Colors(
    window="#1d2025",
    base="#16181c",
    raised="#262a30",
    hover="#2c3138",
    pressed="#363c45",
    border="#31363e",
    strong_border="#48505b",
    text="#e3e7ec",
    secondary="#9ca5b2",
    disabled="#646d79",
    accent="#5cade8",
    on_accent="#0d1a26",
    selection="#1d3c56",
    original="#8a93a0",
    predicted="#56b4e9",
    measured="#56b4e9",
    running="#f0a43a",
    dimmed="#565e69",
    warning="#edb65a",
    error="#ff8a6b",
    good="#3cc79a",
    warning_ground="#372c17",
    error_ground="#3a221c",
    info_ground="#1b2c3b",
    series=(
        "#56b4e9",
        "#e69f00",
        "#00cc7d",
        "#e2bcca",
        "#3e61cf",
        "#e73d3e",
        "#eced7a",
        "#798199",
    ),
)

_CIVIDIS = (
    "00204d 002c69 06366e 2d426c 414d6b 52596c 61646f 6f7073 7d7c78 8b8779 9b9477 aca174 "
    "bcaf6f cebc68 e0cb5e f2da50 ffea46"
)
"""Every sixteenth color of cividis (Nuñez et al. 2018; released under CC0)."""
_DIVERGING_LIGHT = "0b4a8f 2f7bbf 74aed9 b9d6ea f6f6f4 f5d3a6 e3a052 bf6a12 7f3f00"
_DIVERGING_DARK = "8cc8ff 559fdd 32709f 284a66 25282d 5d4222 95621f d08c2c ffc16b"


def colors(*, dark: bool) -> Colors:
    """The colors of a dark or a light window."""
    return DARK if dark else LIGHT


def is_dark(widget: QWidget | None = None) -> bool:
    """Whether a widget (or the program) stands on dark ground now."""
    palette = widget.palette() if widget is not None else QApplication.palette()
    return palette.color(QPalette.ColorRole.Window).lightness() < _MIDDLE


def colors_of(widget: QWidget | None = None) -> Colors:
    """The colors for a widget as it is now; ask again upon a `PaletteChange`."""
    return colors(dark=is_dark(widget))


def color(name: str, alpha: float = 1.0) -> QColor:
    """A `Colors` value as Qt takes it.

    Args:
        name: `#rrggbb`.
        alpha: 0 (clear) … 1.
    """
    made = QColor(name)
    made.setAlphaF(alpha)
    return made


@lru_cache(maxsize=2)
def sequential_map() -> np.ndarray:
    """Little to much: `[256, 3]` uint8, cividis, which reads the same for all eyes."""
    return _table(_CIVIDIS)


@lru_cache(maxsize=2)
def diverging_map(*, dark: bool) -> np.ndarray:
    """Below, at and above a middle: `[256, 3]` uint8, blue to orange.

    The middle is the ground's own color.
    """
    return _table(_DIVERGING_DARK if dark else _DIVERGING_LIGHT)


def _table(stops: str) -> np.ndarray:
    """256 colors through the given ones, not to be changed."""
    known = np.array([list(bytes.fromhex(stop)) for stop in stops.split()], dtype=np.float64)
    at = np.linspace(0, len(known) - 1, 256)
    channels = [np.interp(at, np.arange(len(known)), known[:, channel]) for channel in range(3)]
    table = np.stack(channels, axis=1).round().astype(np.uint8)
    table.setflags(write=False)
    return table


def palette_of(chosen: Colors) -> QPalette:
    """Qt's palette from ours."""
    role = QPalette.ColorRole
    made = QPalette()
    roles = {
        role.Window: chosen.window,
        role.WindowText: chosen.text,
        role.Base: chosen.base,
        role.AlternateBase: chosen.window,
        role.ToolTipBase: chosen.raised,
        role.ToolTipText: chosen.text,
        role.PlaceholderText: chosen.secondary,
        role.Text: chosen.text,
        role.Button: chosen.raised,
        role.ButtonText: chosen.text,
        role.BrightText: chosen.error,
        role.Link: chosen.accent,
        role.LinkVisited: chosen.accent,
        role.Highlight: chosen.accent,
        role.HighlightedText: chosen.on_accent,
        role.Accent: chosen.accent,
        role.Light: chosen.raised,
        role.Midlight: chosen.hover,
        role.Mid: chosen.border,
        role.Dark: chosen.strong_border,
        role.Shadow: chosen.strong_border,
    }
    for which, name in roles.items():
        made.setColor(which, QColor(name))
    for which in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        made.setColor(QPalette.ColorGroup.Disabled, which, QColor(chosen.disabled))
    made.setColor(QPalette.ColorGroup.Disabled, role.Highlight, QColor(chosen.pressed))
    return made
