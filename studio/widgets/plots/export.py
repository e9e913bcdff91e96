"""What leaves a plot: pictures and tables, to the clipboard or into a file."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QBuffer, QIODevice, QRect, QSize, Qt
from PySide6.QtGui import QImage, QImageWriter, QPainter

Render = Callable[[QPainter, QRect], None]
"""Paints a picture into a rectangle of a painter."""

_SCALE = 2
"""Pixels of a saved picture for each of the window's, so that it is sharp in print."""


@dataclass(frozen=True, slots=True)
class Table:
    """The values behind a picture.

    Attributes:
        titles: Of the columns, with units.
        columns: Of one length each.
    """

    titles: tuple[str, ...] = ()
    columns: tuple[Iterable[Any], ...] = ()

    def rows(self) -> Iterable[tuple[str, ...]]:
        """Line by line, numbers as they are; what is not known is empty."""
        for row in zip(*self.columns, strict=True):
            yield tuple(_text(value) for value in row)

    def text(self, separator: str = ",") -> str:
        """With titles; fields that hold a separator are quoted."""
        buffer = io.StringIO()
        writer = csv.writer(buffer, delimiter=separator, lineterminator="\n")
        writer.writerow(self.titles)
        writer.writerows(self.rows())
        return buffer.getvalue()


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or float(value).is_integer():
        return str(int(value))
    return "" if math.isnan(value) else repr(float(value))


def to_image(render: Render, size: QSize) -> QImage:
    """The picture at twice the window's pixels."""
    image = QImage(size * _SCALE, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(_SCALE)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    render(painter, QRect(0, 0, size.width(), size.height()))
    painter.end()
    return image


def save_png(render: Render, size: QSize, path: Path) -> None:
    """Write a PNG file.

    Raises:
        OSError: It could not be written.
    """
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, b"PNG").write(to_image(render, size))
    path.write_bytes(buffer.data().data())


def save_svg(render: Render, size: QSize, path: Path) -> None:
    """Write an SVG file.

    Raises:
        OSError: It could not be written.
    """
    from PySide6.QtSvg import QSvgGenerator  # only who saves one pays for it

    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(size)
    generator.setViewBox(QRect(0, 0, size.width(), size.height()))
    painter = QPainter(generator)
    render(painter, QRect(0, 0, size.width(), size.height()))
    painter.end()
    path.write_bytes(buffer.data().data())


def save_csv(table: Table, path: Path) -> None:
    """Write a CSV file that spreadsheets read as UTF-8.

    Raises:
        OSError: It could not be written.
    """
    path.write_text(table.text(), encoding="utf-8-sig", newline="")
