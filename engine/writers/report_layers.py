"""The report's part on layers: which became which, what they weigh, how long they take."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from engine import units
from engine.info import Compressed, Histogram, LayerInfo, Profile
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
from engine.writers.report_pairs import NORMS, Pair, bits_text, most_bits, pairs, size_of, total

DRAWN = 40
"""Layers in a bar chart; the rest is one bar."""
HISTOGRAMS = 36
"""Layers whose histograms are drawn, the largest."""


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
    return not pair.after and pair.before is not None and pair.before.kind in NORMS


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
        (pair.name, size_of(pair.before) or None, sum(map(size_of, pair.after)) or None)
        for pair in shown
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
        _numbers(before.parameters if before else None, total(one.parameters for one in after)),
        _numbers(_size_or_none(before), total(map(size_of, after)), units.format_bytes),
        _numbers(*macs),
        Cell(
            _change(bits_text((before,) if before else ()), bits_text(after)),
            most_bits(after),
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
    old, new = (sum(map(size_of, info.layers)) for info in (before, after))
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


def _size_or_none(layer: LayerInfo | None) -> int | None:
    return None if layer is None else size_of(layer)


def _sum_float(values: Mapping[str, float], names: Sequence[str]) -> float | None:
    found = [values[name] for name in names if name in values]
    return sum(found) if found else None


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' * (number != 1)}"


def _is(number: int) -> str:
    return "is" if number == 1 else "are"


def _spaced(names: Sequence[Html]) -> list[Html]:
    return [join([one, ", " if place < len(names) - 1 else ""]) for place, one in enumerate(names)]
