"""The report's part on layers: which became which, what they weigh, how long they take."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from engine import units
from engine.info import Compressed, Histogram, LayerInfo, LayerKind, Profile
from engine.jobs.job import Job
from engine.writers import report_plots as plots
from engine.writers.report_html import (
    Cell,
    Column,
    Html,
    bullets,
    element,
    escape,
    folded,
    join,
    named,
    paragraph,
    section,
    table,
)

DRAWN = 40
"""Layers in a bar chart; the rest is one bar."""
HISTOGRAMS = 36
"""Layers whose histograms are drawn, the largest."""
_NORMS = frozenset(
    {
        LayerKind.BATCH_NORM,
        LayerKind.LAYER_NORM,
        LayerKind.GROUP_NORM,
        LayerKind.INSTANCE_NORM,
        LayerKind.RMS_NORM,
    }
)
_WIDTHS = {"float64": 64, "float32": 32, "float16": 16, "bfloat16": 16, "int8": 8, "uint8": 8}


@dataclass(frozen=True, slots=True)
class Pair:
    """A layer and what became of it.

    Attributes:
        before: None for a layer that is new.
        after: Nothing where it is gone; several where it was divided.
    """

    before: LayerInfo | None
    after: tuple[LayerInfo, ...] = ()

    @property
    def name(self) -> str:
        """Of the original layer, or of the new one."""
        return self.before.name if self.before else self.after[0].name

    @property
    def biggest(self) -> int:
        """Bytes, the larger of both."""
        return max(_size(self.before), sum(map(_size, self.after)))

    def macs(self) -> tuple[int | None, int | None]:
        """Before and after."""
        return (self.before.macs if self.before else None), _sum(one.macs for one in self.after)


def pairs(before: Sequence[LayerInfo], after: Sequence[LayerInfo]) -> tuple[Pair, ...]:
    """Each layer with the one of its name, or with the parts it was divided into (`name.part`)."""
    names = {layer.name for layer in before}
    found: dict[str, list[LayerInfo]] = {name: [] for name in names}
    new = []
    for layer in after:
        parent = _parent(layer.name, names)
        if parent is None:
            new.append(Pair(None, (layer,)))
        else:
            found[parent].append(layer)
    return (*(Pair(layer, tuple(found[layer.name])) for layer in before), *new)


def _parent(name: str, names: set[str]) -> str | None:
    """The longest original name that this one is, or is a part of."""
    while name not in names:
        name, dot, _ = name.rpartition(".")
        if not dot:
            return None
    return name


def layers(result: Compressed, job: Job) -> Html:
    """The table of layers, and where bytes and MACs are."""
    found = pairs(result.before.layers, result.after.layers)
    if not found:
        return Html("")
    gone, shown = _divided(found)
    return section(
        "Layers",
        paragraph(
            "Sizes are the bytes of weights, scales and biases. MACs are multiply-accumulates for "
            "one sample. ",
            _about_times(result),
            "A value that changed reads “original → compressed”.",
            class_="small",
        ),
        _gone(gone),
        _charts(shown),
        _table(shown, result, job),
        _others(result),
        anchor="layers",
    )


def _divided(found: Sequence[Pair]) -> tuple[list[Pair], list[Pair]]:
    """Normalizations that are gone (folded), and all else."""
    gone = [pair for pair in found if _is_folded(pair)]
    return gone, [pair for pair in found if not _is_folded(pair)]


def _is_folded(pair: Pair) -> bool:
    return not pair.after and pair.before is not None and pair.before.kind in _NORMS


def _about_times(result: Compressed) -> str:
    if result.profile is None or not result.profile.layers:
        return ""
    return (
        "Times are measured: the median time of a run, divided among the layers by ONNX Runtime’s "
        "own profile. "
    )


def _gone(gone: Sequence[Pair]) -> Html:
    if not gone:
        return Html("")
    text = (
        f"{_count(len(gone), 'normalization layer')} of the original {_is(len(gone))} not listed: "
        "folded into the layer before, or removed together with it."
    )
    return folded(text, paragraph(*_spaced([named(pair.name) for pair in gone])))


def _charts(shown: Sequence[Pair]) -> Html:
    sizes = [
        (pair.name, _some(_size(pair.before)), _some(sum(map(_size, pair.after)))) for pair in shown
    ]
    macs = [(pair.name, *pair.macs()) for pair in shown]
    charts = [_chart("Bytes of each layer", sizes, units.format_bytes)]
    if any(one or other for _, one, other in macs):
        charts.append(_chart("MACs of each layer", macs, units.format_count))
    return element("div", *charts, class_="columns")


_Row = tuple[str, int | None, int | None]


def _chart(title: str, rows: Sequence[_Row], write: Callable[[float | None], str]) -> Html:
    """Bars in the order of the network; only the largest of very many."""
    chosen = [row for row in rows if row[1] or row[2]]
    rest: list[_Row] = []
    if len(chosen) > DRAWN:
        order = sorted(chosen, key=lambda row: max(row[1] or 0, row[2] or 0), reverse=True)
        large = set(map(id, order[:DRAWN]))
        rest = [row for row in chosen if id(row) not in large]
        chosen = [row for row in chosen if id(row) in large]
        title = f"{title} (the {DRAWN} largest)"
    drawn = [
        plots.Bar(name, old, new, _change(write(old), write(new))) for name, old, new in chosen
    ]
    chart = plots.bars(title, drawn)
    if not rest:
        return chart
    before = write(sum(row[1] or 0 for row in rest))
    after = write(sum(row[2] or 0 for row in rest))
    note = f"{len(rest):,} other layers together: {_change(before, after)}"
    return element("div", chart, paragraph(note, class_="small"))


@dataclass(slots=True)
class _Times:
    """Measured time of each layer."""

    before: Mapping[str, float] = field(default_factory=dict)
    after: Mapping[str, float] = field(default_factory=dict)
    share: Mapping[str, float] = field(default_factory=dict)


def _times(result: Compressed) -> _Times:
    def by_name(profile: Profile | None) -> dict[str, float]:
        return {one.name: one.latency_ms for one in profile.layers} if profile else {}

    share = {one.name: one.share for one in result.profile.layers} if result.profile else {}
    return _Times(by_name(result.original_profile), by_name(result.profile), share)


def _table(shown: Sequence[Pair], result: Compressed, job: Job) -> Html:
    times = _times(result)
    columns = [
        Column("#", numeric=True),
        Column("Layer"),
        Column("Kind"),
        Column("Weight shape"),
        Column("Parameters", numeric=True),
        Column("Bytes", numeric=True),
        Column("MACs", numeric=True),
        Column("Bits", numeric=True, hint="Bits in which each weight is stored"),
    ]
    if times.after:
        columns += [Column("Time", numeric=True), Column("Share of time", numeric=True)]
    rows, classes = [], []
    for place, pair in enumerate(shown, start=1):
        job.checkpoint()
        divided = len(pair.after) > 1 or bool(
            pair.before and pair.after and pair.after[0].name != pair.before.name
        )
        rows.append(_row(place, pair, times))
        classes.append("" if pair.after else "gone")
        if divided:
            for part in pair.after:
                rows.append(_row(place, Pair(None, (part,)), times))
                classes.append("part")
    return table(
        columns,
        rows,
        caption="Layers",
        foot=_totals(result, bool(times.after)),
        sortable=True,
        classes=classes,
    )


def _row(place: int, pair: Pair, times: _Times) -> list[Cell]:
    before, after = pair.before, pair.after
    macs = pair.macs()
    spent = _sum_float(times.after, [one.name for one in after])
    took = times.before.get(before.name) if before else None
    cells = [
        Cell(str(place), place, numeric=True),
        Cell(named(pair.name)),
        Cell((before or after[0]).kind.value),
        Cell(_shapes(pair), whole=True),
        _numbers(before.parameters if before else None, _sum(one.parameters for one in after)),
        _numbers(_size_or_none(before), _sum(map(_size, after)), units.format_bytes),
        _numbers(*macs),
        Cell(
            _change(_bits((before,) if before else ()), _bits(after)),
            _bits_value(after),
            numeric=True,
        ),
    ]
    if times.after:
        share = _sum_float(times.share, [one.name for one in after])
        cells += [
            Cell(_change(units.format_ms(took), units.format_ms(spent)), spent, numeric=True),
            Cell(units.format_percent(share, 1), share, numeric=True),
        ]
    return cells


def _totals(result: Compressed, timed: bool) -> list[Cell]:
    before, after = result.before, result.after
    old, new = (sum(map(_size, info.layers)) for info in (before, after))
    cells = [
        Cell(""),
        Cell("All layers"),
        Cell(""),
        Cell(""),
        _numbers(before.parameters, after.parameters),
        _numbers(old, new, units.format_bytes),
        _numbers(before.macs, after.macs),
        Cell(""),
    ]
    if timed:
        cells += [
            Cell(
                _change(
                    *(
                        units.format_ms(one.latency_ms if one else None)
                        for one in (result.original_profile, result.profile)
                    )
                ),
                numeric=True,
            ),
            Cell(""),
        ]
    return cells


def _others(result: Compressed) -> Html:
    """Time that belongs to no layer: what the runtime does between them."""
    if result.profile is None:
        return Html("")
    names = {layer.name for layer in result.after.layers}
    others = [one for one in result.profile.layers if one.name not in names]
    if not others:
        return Html("")
    items = [
        [
            named(one.name.removeprefix("other: ")),
            f": {units.format_ms(one.latency_ms)} ({units.format_percent(one.share, 1)})",
        ]
        for one in sorted(others, key=lambda one: one.latency_ms, reverse=True)
    ]
    share = units.format_percent(sum(one.share for one in others), 1)
    return folded(
        f"{share} of the compressed network’s time belongs to no layer",
        bullets(items[:50]),
    )


def histograms(result: Compressed) -> Html:
    """Distributions of weights, of the largest layers that have them."""
    found = [
        pair
        for pair in pairs(result.before.layers, result.after.layers)
        if any(_histograms(pair)) and not _is_folded(pair)
    ]
    largest = sorted(found, key=lambda pair: pair.biggest, reverse=True)[:HISTOGRAMS]
    made = [plots.weights(pair.name, *_histograms(pair)) for pair in largest]
    if not any(made):
        return Html("")
    note = f"The {HISTOGRAMS} largest of {len(found):,} layers. " if len(found) > len(made) else ""
    return section(
        "Weights",
        paragraph(
            note,
            "How the values of each layer’s weights are distributed; each curve is scaled to its "
            "own highest point. ",
            plots.legend(),
            class_="small",
        ),
        element("div", *made, class_="tiles"),
        anchor="weights",
    )


def _histograms(pair: Pair) -> tuple[Histogram | None, Histogram | None]:
    """Before and after; of a layer that was divided only before."""
    after = pair.after[0].histogram if len(pair.after) == 1 else None
    return (pair.before.histogram if pair.before else None), after


def _shapes(pair: Pair) -> Html:
    before = "×".join(map(str, pair.before.shape)) if pair.before else ""
    if not pair.after:
        return element("span", before, " → removed")
    if len(pair.after) > 1:
        return element("span", before, f" → {len(pair.after)} layers")
    after = "×".join(map(str, pair.after[0].shape))
    return escape(after if not before else _change(before, after))


def _numbers(
    before: int | None, after: int | None, write: Callable[[float | None], str] = units.format_count
) -> Cell:
    if before is None:
        return Cell(write(after), after, numeric=True)
    return Cell(_change(write(before), write(after)), after, numeric=True)


def _change(before: str, after: str) -> str:
    """Both, or one where they are the same (or the first is not known)."""
    return after if before in (after, units.UNKNOWN, "") else f"{before} → {after}"


def _bits(found: Sequence[LayerInfo]) -> str:
    several = {_bits_of(layer) for layer in found} - {None}
    if not several:
        return units.UNKNOWN
    values = sorted(value for value in several if value is not None)
    return " / ".join(f"{value:.3g}" for value in values)


def _bits_value(found: Sequence[LayerInfo]) -> float | None:
    return max((value for value in map(_bits_of, found) if value is not None), default=None)


def _bits_of(layer: LayerInfo) -> float | None:
    """In which each weight is stored, from the bytes of the layer; None for normalizations."""
    values = math.prod(layer.shape)
    if layer.kind in _NORMS or not values:
        return None
    stored = layer.size_bytes - 4 * max(layer.parameters - values, 0)  # biases stay float
    if stored >= 4 * values:
        return float(_WIDTHS.get(layer.dtype, 32))
    for bits in (16, 8, 4, 2):
        rest = stored - units.packed_bytes(values, bits)
        scales = (1, layer.shape[0], layer.shape[-1])
        points = (units.packed_bytes(count, bits) for count in scales)
        if rest in {
            0,
            *(4 * n + p for n, p in zip(scales, points, strict=True)),
            *(4 * n for n in scales),
        }:
            return float(bits)
    # Scales of groups take some bits more of each weight, less than the next width.
    return max((float(bits) for bits in (2, 4, 8, 16) if 8 * stored >= bits * values), default=None)


def _size(layer: LayerInfo | None) -> int:
    return 0 if layer is None or layer.tied_to else layer.size_bytes


def _size_or_none(layer: LayerInfo | None) -> int | None:
    return None if layer is None else _size(layer)


def _some(value: int) -> int | None:
    return value or None


def _sum(values: Iterable[int | None]) -> int | None:
    """Of nothing, and of what is not known, nothing is known."""
    found = list(values)
    known = [value for value in found if value is not None]
    return sum(known) if found and len(known) == len(found) else None


def _sum_float(values: Mapping[str, float], names: Sequence[str]) -> float | None:
    found = [values[name] for name in names if name in values]
    return sum(found) if found else None


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' * (number != 1)}"


def _is(number: int) -> str:
    return "is" if number == 1 else "are"


def _spaced(names: Sequence[Html]) -> list[Html]:
    return [join([one, ", " if place < len(names) - 1 else ""]) for place, one in enumerate(names)]
