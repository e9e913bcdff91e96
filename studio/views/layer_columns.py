"""Columns of the layer table: their words, what they sort by, and what their cells say."""

from __future__ import annotations

import csv
import enum
import io
import math
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from PySide6.QtCore import QCoreApplication

from engine.info import LayerKind
from engine.registry import REGISTRY
from engine.units import UNKNOWN, format_bytes, format_count, format_percent
from studio.document.cells import Cell
from studio.document.facets import FACET_METHODS, Facet, facet_field
from studio.document.selectors import LayerRow
from studio.forms import numbers
from studio.forms.schema import Field, Shape, fields_of
from studio.widgets.written import number_text

translate = QCoreApplication.translate


class Column(enum.IntEnum):
    """One column each, in the order that a new table has."""

    NAME = 0
    SIZE = 1
    MACS = 2
    PRUNE = 3
    WEIGHT_BITS = 4
    ACTIVATION_BITS = 5
    RANK = 6
    HISTOGRAM = 7
    SENSITIVITY = 8
    LATENCY = 9
    LOSS = 10
    SHAPE = 11
    KIND = 12
    PARAMETERS = 13
    GROUP = 14


FACETS = {
    Column.PRUNE: Facet.PRUNE,
    Column.WEIGHT_BITS: Facet.WEIGHT_BITS,
    Column.ACTIVATION_BITS: Facet.ACTIVATION_BITS,
    Column.RANK: Facet.RANK,
}
COLUMN_OF = {facet: column for column, facet in FACETS.items()}
NUMBERS = frozenset({Column.PARAMETERS, Column.SIZE, Column.MACS, Column.LATENCY, Column.LOSS})
"""Columns whose words stand at the right."""
SUMMED = frozenset({Column.PARAMETERS, Column.SIZE, Column.MACS, Column.LATENCY})
"""Columns of which a block shows the sum."""
CHARS = {
    Column.NAME: 19,
    Column.KIND: 10,
    Column.SHAPE: 13,
    Column.PARAMETERS: 11,
    Column.SIZE: 13,
    Column.MACS: 13,
    Column.LATENCY: 10,
    Column.HISTOGRAM: 10,
    Column.SENSITIVITY: 9,
    Column.PRUNE: 16,
    Column.WEIGHT_BITS: 7,
    Column.ACTIVATION_BITS: 7,
    Column.RANK: 14,
    Column.LOSS: 9,
    Column.GROUP: 7,
}
"""Width of a new table's columns, in digits."""
HIDDEN = frozenset({Column.PARAMETERS, Column.LOSS})
"""Columns that a new table does not show."""


def title(column: Column) -> str:
    """What stands in the header."""
    return {
        Column.NAME: translate("Layers", "Layer"),
        Column.KIND: translate("Layers", "Kind"),
        Column.SHAPE: translate("Layers", "Shape"),
        Column.PARAMETERS: translate("Layers", "Parameters"),
        Column.SIZE: translate("Layers", "Size"),
        Column.MACS: translate("Layers", "MACs"),
        Column.LATENCY: translate("Layers", "Time"),
        Column.HISTOGRAM: translate("Layers", "Weights"),
        Column.SENSITIVITY: translate("Layers", "Sensitivity"),
        Column.PRUNE: translate("Layers", "Prune"),
        Column.WEIGHT_BITS: translate("Layers", "W bits"),
        Column.ACTIVATION_BITS: translate("Layers", "A bits"),
        Column.RANK: translate("Layers", "Rank"),
        Column.LOSS: translate("Layers", "Loss"),
        Column.GROUP: translate("Layers", "Group"),
    }[column]


def explanation(column: Column) -> str:
    """What the header's tooltip says."""
    return {
        Column.NAME: translate("Layers", "Name of the layer, as in the graph and in recipes"),
        Column.KIND: translate("Layers", "What the layer computes"),
        Column.SHAPE: translate("Layers", "Shape of the weights: outputs × inputs × kernel"),
        Column.PARAMETERS: translate("Layers", "How many weights and biases it has"),
        Column.SIZE: translate(
            "Layers", "Bytes in the file: gray as it came, hatched as the recipe would leave it"
        ),
        Column.MACS: translate(
            "Layers",
            "Multiply-accumulates for one sample: gray as it came, hatched as the recipe would "
            "leave them",
        ),
        Column.LATENCY: translate(
            "Layers", "Share of the original's measured time; empty until it is measured"
        ),
        Column.HISTOGRAM: translate("Layers", "How the weights are distributed"),
        Column.SENSITIVITY: translate(
            "Layers", "How the predicted loss grows as the layer is compressed (log scale)"
        ),
        Column.PRUNE: translate("Layers", "Share that is pruned away"),
        Column.WEIGHT_BITS: translate("Layers", "Bits of each weight"),
        Column.ACTIVATION_BITS: translate("Layers", "Bits of each value that flows in"),
        Column.RANK: translate(
            "Layers", "Low rank: share of the layer's bytes that the factors may take"
        ),
        Column.LOSS: translate("Layers", "Predicted loss of the layer's settings, in nats"),
        Column.GROUP: translate(
            "Layers", "How many layers must lose the same channels together with this one"
        ),
    }[column]


def kind_words(kind: LayerKind) -> str:
    """A kind of layer in words."""
    return {
        LayerKind.CONV1D: translate("Layers", "Conv 1-D"),
        LayerKind.CONV2D: translate("Layers", "Conv 2-D"),
        LayerKind.CONV3D: translate("Layers", "Conv 3-D"),
        LayerKind.CONV_TRANSPOSE1D: translate("Layers", "Deconv 1-D"),
        LayerKind.CONV_TRANSPOSE2D: translate("Layers", "Deconv 2-D"),
        LayerKind.CONV_TRANSPOSE3D: translate("Layers", "Deconv 3-D"),
        LayerKind.LINEAR: translate("Layers", "Linear"),
        LayerKind.EMBEDDING: translate("Layers", "Embedding"),
        LayerKind.BATCH_NORM: translate("Layers", "Batch norm"),
        LayerKind.LAYER_NORM: translate("Layers", "Layer norm"),
        LayerKind.GROUP_NORM: translate("Layers", "Group norm"),
        LayerKind.INSTANCE_NORM: translate("Layers", "Instance norm"),
        LayerKind.RMS_NORM: translate("Layers", "RMS norm"),
        LayerKind.PRELU: translate("Layers", "PReLU"),
        LayerKind.LSTM: translate("Layers", "LSTM"),
        LayerKind.GRU: translate("Layers", "GRU"),
        LayerKind.RNN: translate("Layers", "RNN"),
        LayerKind.PARAMETER: translate("Layers", "Parameter"),
    }[kind]


@lru_cache(maxsize=64)
def field_of(facet: Facet, method: str) -> Field | None:
    """The parameter that a cell of this facet sets; None where there is none."""
    found = REGISTRY.step(method or FACET_METHODS[facet])
    if found is None:
        return None
    name = facet_field(facet, found)
    return next((one for one in fields_of(found.params) if one.name == name), None)


def is_ratio(field: Field | None) -> bool:
    """Whether a cell shows a slider rather than a number."""
    return field is not None and field.shape in (Shape.RATIO, Shape.NUMBER)


def bits_offered(field: Field) -> tuple[int, ...]:
    """The numbers of bits of a drop-down: what the field can take, else what is in use."""
    if field.choices:
        return tuple(one.value for one in field.choices if isinstance(one.value, int))
    low, high = round(field.low or 2), round(field.high or 8)
    return tuple(bits for bits in (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16) if low <= bits <= high)


def facet_text(cell: Cell) -> str:
    """A setting as the table writes it; a dot marks a layer's own."""
    if cell.value is None:
        return UNKNOWN if cell.editable else ""
    field = field_of(cell.facet, cell.method)
    text = numbers.show(field, cell.value) if field is not None else f"{cell.value:g}"
    return f"• {text}" if cell.own else text


def shape_text(shape: tuple[int, ...]) -> str:
    """`16×3×3×3`."""
    return "×".join(map(str, shape))


def predicted_text(original: int | None, now: int | None, write: Callable[..., str]) -> str:
    """A number with `~` where the recipe changes it."""
    if now is None:
        return write(original)
    return write(now) if now == original else f"~{write(now)}"


def text_of(row: LayerRow, column: Column) -> str:
    """What a cell says."""
    facet = FACETS.get(column)
    return facet_text(row.cells[facet]) if facet is not None else _WORDS[column](row)


def _loss_text(row: LayerRow) -> str:
    if row.loss is None:
        return UNKNOWN
    text = number_text(row.loss)
    return text if row.loss_measured else f"~{text}"


def _share_text(row: LayerRow) -> str:
    return "" if row.latency_share is None else format_percent(row.latency_share, 1)


_WORDS: dict[Column, Callable[[LayerRow], str]] = {
    Column.NAME: lambda row: row.layer.name,
    Column.KIND: lambda row: kind_words(row.layer.kind),
    Column.SHAPE: lambda row: shape_text(row.layer.shape),
    Column.PARAMETERS: lambda row: format_count(row.layer.parameters),
    Column.SIZE: lambda row: predicted_text(row.layer.size_bytes, row.size_bytes, format_bytes),
    Column.MACS: lambda row: predicted_text(row.layer.macs, row.macs, format_count),
    Column.LATENCY: _share_text,
    Column.HISTOGRAM: lambda row: "",
    Column.SENSITIVITY: lambda row: "",
    Column.LOSS: _loss_text,
    Column.GROUP: lambda row: str(members(row)) if members(row) > 1 else "",
}


def members(row: LayerRow) -> int:
    """How many layers lose channels together with this one, itself included."""
    return len(row.group.layers) if row.group is not None else 0


def sort_key(column: Column) -> Callable[[LayerRow], Any]:
    """What a column sorts by; what is not known comes first when rising."""
    facet = FACETS.get(column)
    if facet is not None:
        return lambda row: -1 if row.cells[facet].value is None else row.cells[facet].value
    return _KEYS[column]


@lru_cache(maxsize=16384)
def _natural(name: str) -> tuple[tuple[int, int | str], ...]:
    """`layer2` comes before `layer10`."""
    parts: list[tuple[int, int | str]] = []
    word_so_far = ""
    for is_number, char in ((c.isdecimal() and c.isascii(), c) for c in name):
        if parts and parts[-1][0] == int(not is_number):
            word_so_far += char
        else:
            word_so_far = char
            parts.append((int(not is_number), ""))
        parts[-1] = (parts[-1][0], int(word_so_far) if is_number else word_so_far)
    return tuple(parts)


def _spread(row: LayerRow) -> float:
    found = row.layer.histogram
    return -1.0 if found is None else max(abs(found.low), abs(found.high))


def _worst(row: LayerRow) -> float:
    return max((loss for _, loss in row.curve), default=-1.0)


_KEYS: dict[Column, Callable[[LayerRow], Any]] = {
    Column.NAME: lambda row: _natural(row.layer.name),
    Column.KIND: lambda row: row.layer.kind.value,
    Column.SHAPE: lambda row: math.prod(row.layer.shape),
    Column.PARAMETERS: lambda row: row.layer.parameters,
    Column.SIZE: lambda row: row.size_bytes,
    Column.MACS: lambda row: -1 if row.macs is None else row.macs,
    Column.LATENCY: lambda row: -1.0 if row.latency_share is None else row.latency_share,
    Column.HISTOGRAM: _spread,
    Column.SENSITIVITY: _worst,
    Column.LOSS: lambda row: -1.0 if row.loss is None else row.loss,
    Column.GROUP: lambda row: (members(row), row.group.id if row.group else ""),
}


_CSV = (
    *("name", "kind", "shape", "parameters", "size_bytes", "predicted_size_bytes"),
    *("macs", "predicted_macs", "latency_ms", "latency_share"),
    *("prune", "weight_bits", "activation_bits", "rank", "predicted_loss", "group", "locked"),
)


def as_csv(rows: Iterable[LayerRow]) -> str:
    """Rows with their plain values, for a spreadsheet."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(_CSV)
    for row in rows:
        layer = row.layer
        writer.writerow(
            [
                *(layer.name, layer.kind.value, shape_text(layer.shape), layer.parameters),
                *(layer.size_bytes, row.size_bytes, layer.macs, row.macs),
                *(row.latency_ms, row.latency_share),
                *(row.cells[facet].value for facet in Facet),
                *(row.loss, row.group.id if row.group else "", int(row.locked)),
            ]
        )
    return buffer.getvalue()
