"""Details: every fact of the layer, what can be done to it, and why not the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from html import escape

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFormLayout, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from engine.info import FOLDS_INTO, ChannelGroup, LayerInfo
from engine.units import UNKNOWN, format_bytes, format_count, format_ms, format_percent
from studio.document.facets import Facet
from studio.document.messages import Select
from studio.document.selectors import LayerRow, rows
from studio.document.state import DocumentState
from studio.store import Store
from studio.style.metrics import metrics
from studio.views.inspector_state import current_row
from studio.views.layer_columns import facet_text, kind_words, shape_text
from studio.words import word

_LINKED = 24
"""Members of a group that are listed by name."""


class DetailsTab(QWidget):
    """Facts in two columns; names of other layers can be clicked.

    Args:
        store: Whose state is shown.
        parent: Owner.
    """

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.store = store
        self._facts: list[tuple[str, str]] = []
        self._area = QScrollArea(self)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QScrollArea.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._area)

    def refresh(self) -> None:
        """Show what the state says now."""
        if not self.isVisible():
            return
        facts = self.facts(self.store.state)
        if facts != self._facts:
            self._facts = facts
            self._fill()

    def showEvent(self, event: QShowEvent) -> None:
        """Show what has changed in the meantime."""
        super().showEvent(event)
        self.refresh()

    def _fill(self) -> None:
        page = QWidget()
        form = QFormLayout(page)
        distances = metrics(self)
        form.setContentsMargins(*[distances.small] * 4)
        form.setVerticalSpacing(distances.small)
        form.setHorizontalSpacing(distances.wide)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        for name, text in self._facts:
            label = QLabel(name, page)
            label.setProperty("tone", "secondary")
            value = QLabel(text, page)
            value.setTextFormat(Qt.TextFormat.RichText)
            value.setWordWrap(True)
            value.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse
                | Qt.TextInteractionFlag.LinksAccessibleByMouse
                | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
            )
            value.setSizePolicy(_wrapping())
            value.setAccessibleName(name)
            value.linkActivated.connect(self._go)
            form.addRow(label, value)
        self._area.setWidget(page)

    @Slot(str)
    def _go(self, name: str) -> None:
        self.store.dispatch(Select((name,), name))

    # Facts

    def facts(self, state: DocumentState) -> list[tuple[str, str]]:
        """Name and rich text of each fact, of the layer or of the whole selection."""
        row = current_row(state)
        if row is None:
            return []
        if len(state.selection) > 1:
            return self._of_several(state)
        made = [*self._what_it_is(row.layer), *self._what_it_takes(state, row)]
        made += self._who_it_goes_with(state, row)
        made += self._what_is_done(row)
        return made

    def _of_several(self, state: DocumentState) -> list[tuple[str, str]]:
        chosen = [row for row in rows(state) if row.layer.name in state.selection]
        layers = [row.layer for row in chosen]
        macs = [layer.macs for layer in layers]
        after = [row.macs for row in chosen]
        names = self._links(tuple(layer.name for layer in layers))
        return [
            (self.tr("Layers"), f"{len(layers)}<br>{names}"),
            (self.tr("Parameters"), format_count(sum(one.parameters for one in layers))),
            (
                self.tr("Size"),
                _change(
                    sum(one.size_bytes for one in layers),
                    sum(row.size_bytes for row in chosen),
                    format_bytes,
                ),
            ),
            (self.tr("MACs"), _change(_total(macs), _total(after), format_count)),
            (self.tr("Share of the time"), _shares(chosen)),
        ]

    def _what_it_is(self, layer: LayerInfo) -> list[tuple[str, str]]:
        found = [
            (self.tr("Name"), escape(layer.name)),
            (self.tr("Kind"), escape(kind_words(layer.kind))),
            (self.tr("Weight"), escape(f"{shape_text(layer.shape)} {layer.dtype}")),
            (self.tr("Input"), escape(_dims(layer.input_shape))),
            (self.tr("Output"), escape(_dims(layer.output_shape))),
            (self.tr("Position"), str(layer.position + 1)),
        ]
        shown = {k: v for k, v in layer.attributes.items() if k != FOLDS_INTO}
        if shown:
            text = ", ".join(f"{name} {value}" for name, value in shown.items())
            found.append((self.tr("Attributes"), escape(text)))
        if layer.source_name and layer.source_name != layer.name:
            found.append((self.tr("In the file"), escape(layer.source_name)))
        return found

    def _what_it_takes(self, state: DocumentState, row: LayerRow) -> list[tuple[str, str]]:
        layer = row.layer
        found = [
            (self.tr("Parameters"), format_count(layer.parameters)),
            (self.tr("Size"), _change(layer.size_bytes, row.size_bytes, format_bytes)),
            (self.tr("MACs"), _change(layer.macs, row.macs, format_count)),
            (self.tr("Output memory"), format_bytes(layer.activation_bytes)),
        ]
        if row.latency_ms is not None:
            share = format_percent(row.latency_share, 1)
            found.append((self.tr("Time"), f"{format_ms(row.latency_ms)} ({share})"))
        elif state.profile is None:
            found.append((self.tr("Time"), self.tr("not measured")))
        counted = layer.multiplications
        if counted is not None:
            text = self.tr("direct {direct}, Winograd {winograd}, FFT {fft}; the runtime chooses")
            found.append(
                (
                    self.tr("Multiplications"),
                    text.format(
                        direct=format_count(counted.direct),
                        winograd=format_count(counted.winograd),
                        fft=format_count(counted.fft),
                    ),
                )
            )
        return found

    def _who_it_goes_with(self, state: DocumentState, row: LayerRow) -> list[tuple[str, str]]:
        found = []
        group, layer = row.group, row.layer
        if group is not None:
            found.append((self.tr("Channel group"), self._group(group)))
            if group.consumers:
                found.append((self.tr("Read by"), self._links(group.consumers)))
        if layer.tied_to:
            found.append((self.tr("Weights shared with"), self._links((layer.tied_to,))))
        into = layer.attributes.get(FOLDS_INTO)
        if isinstance(into, str):
            found.append((self.tr("Folds into"), self._links((into,))))
        if layer.name in state.locks:
            found.append((self.tr("Locked"), self.tr("The solver and the slider leave it alone.")))
        return found

    def _group(self, group: ChannelGroup) -> str:
        alone = len(group.layers) == 1
        text = self.tr("{channels} channels of {count} layers")
        if alone:
            text = self.tr("{channels} channels, of this layer alone")
        lines = [text.format(channels=group.channels, count=len(group.layers))]
        if group.unit > 1:
            lines.append(self.tr("{unit} go together").format(unit=group.unit))
        if not alone:
            lines.append(self._links(group.layers))
        if group.frozen_reason:
            lines.append(escape(word(group.frozen_reason)))
        return "<br>".join(lines)

    def _what_is_done(self, row: LayerRow) -> list[tuple[str, str]]:
        verdict = row.layer.verdict
        found = [(self.tr("Verdict"), escape(word(verdict.reason)) or self.tr("no limits"))]
        for facet in Facet:
            cell = row.cells[facet]
            text = escape(facet_text(replace(cell, own=False))) if cell.value is not None else ""
            if cell.reason:
                text = escape(word(cell.reason))
            elif cell.skipped:
                text = self.tr("left out by a rule")
            if text:
                found.append((self._facet_title(facet), text))
        return found

    def _facet_title(self, facet: Facet) -> str:
        return {
            Facet.PRUNE: self.tr("Pruning"),
            Facet.WEIGHT_BITS: self.tr("Weight bits"),
            Facet.ACTIVATION_BITS: self.tr("Activation bits"),
            Facet.RANK: self.tr("Low rank"),
        }[facet]

    def _links(self, names: tuple[str, ...]) -> str:
        made = [f'<a href="{escape(name)}">{escape(name)}</a>' for name in names[:_LINKED]]
        if len(names) > _LINKED:
            made.append(self.tr("and {count} more").format(count=len(names) - _LINKED))
        return ", ".join(made)


def _wrapping() -> QSizePolicy:
    """As wide as there is room, as high as the words then need."""
    policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
    policy.setHeightForWidth(True)
    return policy


def _dims(shape: tuple[int | str, ...] | None) -> str:
    return UNKNOWN if shape is None else "×".join(map(str, shape)) or "1"


def _change(before: int | None, after: int | None, write: Callable[[float | None], str]) -> str:
    """A number, and what the recipe is predicted to make of it."""
    if after is None or before == after:
        return write(before)
    return f"{write(before)} → ~{write(after)}"


def _total(values: list[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def _shares(chosen: list[LayerRow]) -> str:
    known = [row.latency_share for row in chosen if row.latency_share is not None]
    return format_percent(sum(known), 1) if known else UNKNOWN
