"""The tables of a comparison: numbers, settings, layers, classes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from engine.info import LayerInfo
from engine.layer_table import LayerTable
from engine.recipe.model import Recipe
from engine.trials import Versus
from engine.units import UNKNOWN, format_bytes, format_count, format_percent, format_points
from studio.forms.recipe_words import layers_words
from studio.views.compare_numbers import Side, class_pairs, layer_pairs, number_rows
from studio.views.compare_rows import Cell, Head, Row, RowsTable
from studio.views.compare_settings import differences
from studio.views.trials_words import ORIGINAL

Sides = tuple[Side, Side]


class NumbersTable(RowsTable):
    """What was measured of both."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        heads = (
            Head("", 17),
            Head("", 20, right=True),
            Head("", 20, right=True),
            Head(self.tr("Change"), 9, right=True),
        )
        self.set_heads(self.tr("Measured numbers of both"), heads)

    def show_sides(self, sides: Sides) -> None:
        """Show the numbers of two networks."""
        for column, side in enumerate(sides, start=1):
            self.set_title(column, side.line.name)
        rows: list[Row] = []
        for row in number_rows(*sides):
            tone = "" if row.gain is None else "good" if row.gain else "error"
            cells = (
                Cell(row.title, tip=row.about),
                Cell(row.first, tip=row.tips[0], tone=_tone(sides[0])),
                Cell(row.second, tip=row.tips[1], tone=_tone(sides[1])),
                Cell(row.change, tone=tone),
            )
            rows.append((row.title, cells))
        self.set_rows(rows)


class SettingsTable(RowsTable):
    """What their recipes do differently."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        heads = (
            Head(self.tr("Step"), 24),
            Head(self.tr("Setting"), 24),
            Head("", 22),
            Head("", 22),
            Head(self.tr("Layers"), 26),
        )
        self.set_heads(self.tr("Settings that differ"), heads)

    def show_sides(self, sides: Sides, table: LayerTable | None) -> None:
        """Show what two recipes do differently to this network."""
        for column, side in enumerate(sides, start=2):
            self.set_title(column, side.line.name)
        first, second = (
            Recipe() if side.line.trial is None else side.line.trial.recipe for side in sides
        )
        rows: list[Row] = []
        for number, found in enumerate(differences(first, second, table)):
            layers = layers_words(found.layers) if found.layers else self.tr("all")
            cells = (
                Cell(found.step),
                Cell(found.what),
                Cell(found.first, tip=found.first),
                Cell(found.second, tip=found.second),
                Cell(layers, tip="\n".join(found.layers[:40])),
            )
            rows.append((str(number), cells))
        self.set_rows(rows or [self.remark(self.tr("The same recipe"))])


class LayersTable(RowsTable):
    """What became of each layer of the network as it was opened."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        heads = (
            Head(self.tr("Layer"), 24),
            Head("", 18),
            Head("", 18),
            Head("", 12, right=True),
            Head("", 12, right=True),
            Head(self.tr("Bytes left"), 11, right=True),
            Head(self.tr("MACs left"), 11, right=True),
        )
        self.set_heads(self.tr("Layers of both"), heads)
        self.allow_sorting()

    def show_sides(self, sides: Sides, layers: Sequence[LayerInfo]) -> None:
        """Show what stands in each layer's place in two networks."""
        first, second = sides
        for column, side in enumerate(sides, start=1):
            self.set_title(column, side.line.name)
            title = self.tr("Bytes, {name}").format(name=side.line.name)
            self.set_title(column + 2, title)
        if not first.layers or not second.layers:
            self.set_rows([self.remark(self.tr("Reading the trial…"))])
            return
        pairs = layer_pairs(layers, first.layers, second.layers)
        largest = max((max(one.first_bytes, one.second_bytes) for one in pairs), default=0) or 1
        gone = self.tr("folded into another")
        rows: list[Row] = []
        for one in pairs:
            cells = (
                Cell(one.name, tip=one.name),
                Cell(one.first or gone, tone="" if one.first else "disabled", tip=one.first),
                Cell(one.second or gone, tone="" if one.second else "disabled", tip=one.second),
                _bytes_cell(one.first_bytes, largest, first),
                _bytes_cell(one.second_bytes, largest, second),
                _share_cell(one.first_bytes, one.second_bytes),
                _share_cell(one.first_macs, one.second_macs),
            )
            rows.append((one.name, cells))
        self.set_rows(rows)


class ClassesTable(RowsTable):
    """The accuracy of both on each class."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        heads = (
            Head(self.tr("Class"), 20),
            Head(self.tr("Samples"), 10, right=True),
            Head("", 18, right=True),
            Head("", 18, right=True),
            Head(self.tr("Change"), 12, right=True),
        )
        self.set_heads(self.tr("Accuracy of each class"), heads)
        self.allow_sorting()

    def show_sides(self, sides: Sides, found: Versus | None) -> None:
        """Show the classes, on the same samples where both have answered."""
        first, second = sides
        for column, side in enumerate(sides, start=2):
            self.set_title(column, side.line.name)
        rows: list[Row] = []
        for number, one in enumerate(class_pairs(found, first, second)):
            change = None
            if one.first is not None and one.second is not None:
                change = one.second - one.first
            tone = "" if not change else "good" if change > 0 else "error"
            cells = (
                Cell(one.name, key=number),
                Cell(UNKNOWN if one.samples is None else f"{one.samples:,}", key=one.samples),
                _ratio_cell(one.first, first),
                _ratio_cell(one.second, second),
                Cell(format_points(change, 1), key=change, tone=tone),
            )
            rows.append((one.name, cells))
        self.set_rows(rows or [self.remark(self.tr("No accuracy of classes was measured."))])


def _tone(side: Side) -> str:
    return "original" if side.line.id == ORIGINAL else ""


def _ink(side: Side) -> str:
    return "original" if side.line.id == ORIGINAL else "measured"


def _ratio_cell(value: float | None, side: Side) -> Cell:
    return Cell(format_percent(value, 1), key=value, bar=value, ink=_ink(side))


def _bytes_cell(value: int, largest: int, side: Side) -> Cell:
    return Cell(format_bytes(value), key=value, bar=value / largest, ink=_ink(side))


def _share_cell(first: int | None, second: int | None) -> Cell:
    """What is left of the first's number in the second."""
    if not first or second is None:
        return Cell("", key=None)
    share = second / first
    tone = "" if share == 1 else "good" if share < 1 else "error"
    tip = f"{format_count(first)} → {format_count(second)}"
    return Cell(format_percent(share, 0), key=share, tone=tone, tip=tip)
