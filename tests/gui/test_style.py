"""Colors keep apart for all eyes, words are readable, and the look follows a change at run time."""

from __future__ import annotations

from dataclasses import fields
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QToolButton, QWidget
from pytestqt.qtbot import QtBot
from qtawesome.iconic_font import CharIconEngine

from studio.style import icons, palette
from studio.style.icons import GLYPHS, set_icon
from studio.style.metrics import metrics
from studio.style.palette import Colors, colors, diverging_map, is_dark, sequential_map
from studio.style.theme import Scheme, apply, scaled_font, theme
from tests.helpers.qt_log import complaints

BOTH = [pytest.param(False, id="light"), pytest.param(True, id="dark")]

# Simulation of missing cones in linear RGB (Viénot, Brettel & Mollon 1999; Machado et al. 2009).
SIGHT = {
    "full": np.eye(3),
    "protan": np.array(
        [[0.1524, 1.0526, -0.2049], [0.1145, 0.7863, 0.0992], [-0.0039, -0.0481, 1.0520]]
    ),
    "deutan": np.array(
        [[0.3673, 0.8606, -0.2280], [0.2801, 0.6727, 0.0472], [-0.0118, 0.0429, 0.9689]]
    ),
}


def linear(name: str) -> np.ndarray:
    rgb = np.frombuffer(bytes.fromhex(name[1:]), dtype=np.uint8) / 255
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = np.cbrt(np.clip(xyz @ rgb, 1e-4, None) / [0.9505, 1.0, 1.089])
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def contrast(one: str, other: str) -> float:
    light = sorted((linear(c) @ [0.2126, 0.7152, 0.0722] for c in (one, other)), reverse=True)
    return float((light[0] + 0.05) / (light[1] + 0.05))


@pytest.mark.parametrize("dark", BOTH)
def test_words_are_readable_on_every_ground_they_stand_on(dark: bool) -> None:
    c = colors(dark=dark)
    for ground in (c.window, c.base, c.raised, c.hover, c.selection):
        assert contrast(c.text, ground) >= 7
        assert contrast(c.secondary, ground) >= 4.4
    for ground in (c.window, c.base, c.raised):
        for name in (c.warning, c.error, c.good, c.running, c.accent):
            assert contrast(name, ground) >= 4.4, (name, ground)
    assert contrast(c.text, c.warning_ground) >= 7
    assert contrast(c.text, c.error_ground) >= 7
    assert contrast(c.error, c.error_ground) >= 4.4
    assert contrast(c.on_accent, c.accent) >= 4.5


@pytest.mark.parametrize("dark", BOTH)
@pytest.mark.parametrize("sight", SIGHT)
def test_series_keep_apart_for_all_eyes(sight: str, dark: bool) -> None:
    seen = [lab(np.clip(SIGHT[sight] @ linear(c), 0, 1)) for c in colors(dark=dark).series]
    nearest = min(float(np.linalg.norm(a - b)) for a, b in combinations(seen, 2))
    assert nearest > 20


@pytest.mark.parametrize("dark", BOTH)
def test_series_stand_out_from_the_ground(dark: bool) -> None:
    c = colors(dark=dark)
    assert min(contrast(one, c.base) for one in c.series) >= 2.3
    assert contrast(c.original, c.base) >= 3
    assert contrast(c.measured, c.base) >= 4.5


def test_every_meaning_has_a_color_in_both() -> None:
    for field in fields(Colors):
        for chosen in (palette.LIGHT, palette.DARK):
            value = getattr(chosen, field.name)
            for one in value if isinstance(value, tuple) else (value,):
                assert len(one) == 7
                assert one.startswith("#")
    assert len(palette.LIGHT.series) == len(palette.DARK.series) == 8


def test_maps_rise_evenly_and_cannot_be_changed() -> None:
    light = sequential_map() @ np.array([0.2126, 0.7152, 0.0722])
    assert sequential_map().shape == (256, 3)
    assert (np.diff(light) > -1.0).all()
    assert light[-1] - light[0] > 150
    with pytest.raises(ValueError, match="read-only"):
        sequential_map()[0] = 0


@pytest.mark.parametrize("dark", BOTH)
def test_diverging_map_has_the_ground_in_its_middle(dark: bool) -> None:
    table = diverging_map(dark=dark).astype(int)
    base = np.frombuffer(bytes.fromhex(colors(dark=dark).base[1:]), dtype=np.uint8).astype(int)
    assert np.abs(table[127] - base).max() < 24
    assert table[0][2] > table[0][0]  # blue below
    assert table[255][0] > table[255][2]  # orange above


class Watcher(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.seen = 0

    def changeEvent(self, event: QEvent) -> None:
        self.seen += event.type() is QEvent.Type.PaletteChange
        super().changeEvent(event)


def test_scheme_is_changed_at_run_time(qapp, qtbot) -> None:
    look = apply(qapp, Scheme.LIGHT)
    watcher = Watcher()
    qtbot.addWidget(watcher)
    assert not is_dark(watcher)
    before = watcher.seen
    with qtbot.waitSignal(look.changed):
        apply(qapp, Scheme.DARK)
    assert is_dark()
    qtbot.waitUntil(lambda: is_dark(watcher))
    assert look.dark
    assert watcher.seen > before
    apply(qapp, Scheme.LIGHT)
    assert theme() is look
    qtbot.waitUntil(lambda: not is_dark(watcher))


def test_icons_come_after_the_first_rest_and_follow_the_colors(qapp, qtbot) -> None:
    apply(qapp, Scheme.LIGHT)
    button = QToolButton()
    qtbot.addWidget(button)
    set_icon(button, "undo")
    qtbot.waitUntil(lambda: not button.icon().isNull())
    light = button.icon().pixmap(32, 32).toImage()
    assert light.pixelColor(0, 0).alpha() == 0
    dark_pixels = [
        light.pixelColor(x, y).lightness()
        for x in range(32)
        for y in range(32)
        if light.pixelColor(x, y).alpha() > 200
    ]
    assert dark_pixels
    assert max(dark_pixels) < 128
    apply(qapp, Scheme.DARK)
    again = button.icon().pixmap(32, 32).toImage()
    assert again != light
    apply(qapp, Scheme.LIGHT)


@pytest.mark.parametrize("name", sorted(GLYPHS))
def test_every_icon_draws_something_of_its_own(name: str, qapp) -> None:
    image = icons.icon(name).pixmap(32, 32).toImage()
    drawn = sum(image.pixelColor(x, y).alpha() > 40 for x in range(32) for y in range(32))
    assert drawn > 12


def test_an_icon_is_drawn_once_for_each_size_and_sharp_on_fine_screens(qapp, monkeypatch) -> None:
    apply(qapp, Scheme.LIGHT)
    found = icons.icon("undo", "accent")
    drawn: list[tuple[int, int]] = []
    real = CharIconEngine.paint

    def paint(self, painter, rect, mode, state) -> None:
        drawn.append((rect.width(), rect.height()))
        real(self, painter, rect, mode, state)

    monkeypatch.setattr(CharIconEngine, "paint", paint)
    for _ in range(3):
        assert not found.pixmap(QSize(37, 37), 1.0).isNull()
    assert drawn == [(37, 37)]
    screen = QPixmap(2 * 37, 2 * 37)
    screen.setDevicePixelRatio(2.0)
    screen.fill(Qt.GlobalColor.white)
    painter = QPainter(screen)
    found.paint(painter, QRect(0, 0, 37, 37))
    painter.end()
    assert drawn == [(37, 37), (74, 74)]
    white = QImage(74, 74, screen.toImage().format())
    white.fill(Qt.GlobalColor.white)
    white.setDevicePixelRatio(2.0)
    assert screen.toImage() != white


def test_unknown_icon_is_told(qapp, qtbot) -> None:
    button = QToolButton()
    qtbot.addWidget(button)
    with pytest.raises(KeyError):
        set_icon(button, "no such thing")


def test_a_button_that_is_gone_is_forgotten(qapp, qtbot) -> None:
    apply(qapp, Scheme.LIGHT)
    button = QToolButton()
    set_icon(button, "undo")
    button.deleteLater()
    qtbot.wait(1)
    del button
    apply(qapp, Scheme.DARK)  # draws all that are left
    assert apply(qapp, Scheme.LIGHT).colors == palette.LIGHT


def test_distances_follow_the_font(qtbot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    normal = metrics(widget)
    widget.setFont(scaled_font(QApplication.font(), 2.0, bold=True))
    assert metrics(widget).row > 1.7 * normal.row
    assert metrics(widget).chars(10) > 1.7 * normal.chars(10)
    assert widget.font().bold() or widget.font().weight() >= 600


@pytest.mark.parametrize("side", [0, 1, 2, 5])
def test_a_squeezed_button_asks_for_no_icon_of_nothing(qtbot: QtBot, qtlog: Any, side: int) -> None:
    """The icon font is asked for letters of a size, and warns where that is none."""
    button = QToolButton()
    qtbot.addWidget(button)
    button.setMinimumSize(0, 0)
    drawn = icons.icon("open")
    button.setIcon(drawn)
    button.resize(side, side)
    button.grab()
    picture = QPixmap(20, 20)
    painter = QPainter(picture)
    drawn.paint(painter, QRect(0, 0, side, 0))
    painter.end()
    assert drawn.pixmap(QSize(side, 0)).isNull()
    assert not drawn.pixmap(QSize(16, 16)).isNull()
    assert complaints(qtlog.records) == []
