"""At a glance: buckets of layers, those that are hurt most, and where bytes are cheapest."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from engine.cost import CostTable, Grid
from engine.units import format_bytes
from studio.document.sensitivity import (
    Bargain,
    Bucket,
    Standing,
    bargains,
    buckets,
    middle_setting,
    standings,
)
from studio.style.metrics import metrics
from studio.style.palette import colors_of
from studio.style.sheet import set_property
from studio.views.sensitivity_words import (
    layers_words,
    loss_words,
    setting_words,
    short_setting,
)
from studio.widgets.elided import Elided
from studio.widgets.plots.color_scale import ColorScale, is_dark
from studio.widgets.ranked import Buckets, Line, RankedList
from studio.widgets.written import number_text

SHOWN = 6
"""Lines of each list."""
_SHARES = {Bucket.LOW: 0.08, Bucket.MEDIUM: 0.4, Bucket.HIGH: 0.7, Bucket.TOP: 1.0}
"""Where on the map's scale a bucket has its color from."""


class Ranking(QScrollArea):
    """Four buckets and two short lists; a click selects.

    Args:
        parent: Owner.
    """

    layers_chosen = Signal(tuple)
    """Names of layers that are to be selected."""
    setting_chosen = Signal(str, str, float)
    """Layer, method and setting that are to be looked at."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hurt: tuple[Standing, ...] = ()
        self._all: Mapping[Bucket, tuple[Standing, ...]] = {}
        self._cheap: tuple[Bargain, ...] = ()
        self._scale = ColorScale()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        page = QWidget(self)
        sizes = metrics(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, sizes.small, 0, sizes.small)
        column.setSpacing(sizes.small)
        self.by = Elided(parent=page)
        set_property(self.by, "tone", "secondary")
        self.buckets = Buckets(
            (self.tr("Low"), self.tr("Medium"), self.tr("High"), self.tr("Top 5 %")), page
        )
        self.hurt = RankedList(self.tr("Layers that are hurt most"), page)
        self.cheap = RankedList(self.tr("Cheapest bytes"), page)
        column.addWidget(self.by)
        column.addWidget(self.buckets)
        column.addWidget(self._title(self.tr("Hurt most"), page))
        column.addWidget(self.hurt)
        column.addWidget(self._title(self.tr("Cheapest bytes next"), page))
        column.addWidget(self.cheap)
        column.addStretch(1)
        self.setWidget(page)
        self.buckets.chosen.connect(self._choose_bucket)
        self.hurt.chosen.connect(self._choose_hurt)
        self.cheap.chosen.connect(self._choose_cheap)

    def _title(self, text: str, parent: QWidget) -> QLabel:
        label = QLabel(text, parent)
        set_property(label, "tone", "title")
        return label

    def show_losses(
        self,
        table: CostTable,
        grid: Grid,
        setting: float | None,
        scale: ColorScale | None = None,
    ) -> None:
        """Rank layers by what a setting costs them; None: the middle one of the method."""
        at = middle_setting(grid) if setting is None else setting
        self._hurt = standings(table, grid.method, at)
        self._all = buckets(self._hurt)
        self._scale = scale or ColorScale(dark=is_dark(colors_of(self).base))
        text = self.tr("By the loss at {setting}")
        self.by.setText(text.format(setting=setting_words(grid, at)))
        for bucket, some in self._all.items():
            ink = self._scale.color_of(self._scale.value_at(_SHARES[bucket]))
            self.buckets.set_bucket(bucket, len(some), ink, self._tip(some))
        most = max((one.loss for one in self._hurt), default=0.0) or 1.0
        self.hurt.set_lines([_hurt_line(one, most) for one in self._hurt[:SHOWN]])

    def show_bargains(
        self,
        table: CostTable,
        choices: Mapping[str, Mapping[str, float]],
        methods: tuple[str, ...] = (),
    ) -> None:
        """Where the next bytes are cheapest, beyond what the recipe has already."""
        self._cheap = bargains(table, choices, methods)[:SHOWN]
        grids = {grid.method: grid for grid in table.grids}
        most = max((one.saved_bytes for one in self._cheap), default=0.0) or 1.0
        lines = []
        for one in self._cheap:
            tip = self.tr("{layer}, {setting}: saves {bytes} more for a loss of {loss} more")
            loss = loss_words(one.loss, measured=one.measured)
            values = {
                "layer": ", ".join(one.layers[:8]),
                "setting": setting_words(grids[one.method], one.setting),
                "bytes": f"~{format_bytes(one.saved_bytes)}",
                "loss": loss,
            }
            short = short_setting(grids[one.method], one.setting)
            name = self.tr("{layer} · {setting}")
            lines.append(
                Line(
                    name.format(layer=layers_words(one.layers), setting=short),
                    self.tr("−{bytes} for {loss}").format(
                        bytes=format_bytes(one.saved_bytes), loss=loss
                    ),
                    one.saved_bytes / most,
                    one.measured,
                    tip.format(**values),
                )
            )
        self.cheap.set_lines(lines)

    def mark(self, selection: tuple[str, ...]) -> None:
        """Show which bucket or line the selection is, and tell nobody."""
        chosen = set(selection)
        found = [
            bucket
            for bucket, some in self._all.items()
            if some and chosen == {name for one in some for name in one.layers}
        ]
        self.buckets.mark(found[0] if found else -1)
        hurt = [set(one.layers) for one in self._hurt[:SHOWN]]
        self.hurt.mark(hurt.index(chosen) if chosen in hurt else -1)
        cheap = [set(one.layers) for one in self._cheap]
        self.cheap.mark(cheap.index(chosen) if chosen in cheap else -1)

    def _tip(self, some: tuple[Standing, ...]) -> str:
        if not some:
            return ""
        text = self.tr("Losses from {low} to {high}; click to select these layers")
        return text.format(low=number_text(some[-1].loss, 2), high=number_text(some[0].loss, 2))

    @Slot(int)
    def _choose_bucket(self, place: int) -> None:
        names = [name for one in self._all[Bucket(place)] for name in one.layers]
        self.layers_chosen.emit(tuple(names))

    @Slot(int)
    def _choose_hurt(self, place: int) -> None:
        self.layers_chosen.emit(self._hurt[place].layers)

    @Slot(int)
    def _choose_cheap(self, place: int) -> None:
        one = self._cheap[place]
        self.layers_chosen.emit(one.layers)
        self.setting_chosen.emit(one.layers[0], one.method, one.setting)


def _hurt_line(one: Standing, most: float) -> Line:
    return Line(
        layers_words(one.layers),
        loss_words(one.loss, measured=one.measured),
        one.loss / most,
        one.measured,
        "\n".join(one.layers[:20]),
    )
