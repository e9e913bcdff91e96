"""Plots of the report as inline SVG: bars, histograms and curves that fit any width.

Text never stands inside the SVG, whose drawing is stretched to the page; it would be stretched too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from engine.info import Histogram
from engine.writers.report_html import Content, Html, element, named

POINTS = 400
"""Of a curve that are drawn."""
_TOP = 96.0
"""Height of the highest point in a drawing 100 high: lines at the edge would be cut in half."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A pair of bars.

    Attributes:
        name: What it is of.
        before: Length; None draws nothing.
        after: Likewise.
        text: Written beside it.
    """

    name: str
    before: float | None
    after: float | None
    text: str


def bars(title: str, rows: Sequence[Bar], *, full: float = 0.0) -> Html:
    """Pairs of horizontal bars, one row for each.

    Args:
        title: Of the figure.
        rows: In the order of drawing.
        full: What the whole width stands for; 0: the longest bar.
    """
    longest = full or max((max(r.before or 0, r.after or 0) for r in rows), default=0.0) or 1.0
    lines = [
        element(
            "div",
            element("span", named(row.name), class_="of"),
            _pair(row, longest),
            element("span", row.text, class_="amount"),
            class_="row",
        )
        for row in rows
    ]
    return figure(title, legend(), element("div", *lines, class_="bars"))


def _pair(row: Bar, longest: float) -> Html:
    drawn = []
    for value, place, kind in ((row.before, 0, "before"), (row.after, 8, "after")):
        if value is not None and math.isfinite(value):
            width = f"{100 * min(max(value / longest, 0.0), 1.0):.2f}%"
            drawn.append(element("rect", y=place, width=width, height=7, class_=kind))
    return element("svg", *drawn, width="100%", height=15, aria_hidden="true")


def legend() -> Html:
    """What the two colors mean."""
    return element(
        "span",
        element("i", class_="before"),
        "original ",
        element("i", class_="after"),
        "compressed",
        class_="legend",
    )


def figure(title: str, *content: Content) -> Html:
    """A drawing with its title."""
    return element("figure", element("figcaption", title), *content)


def weights(name: str, before: Histogram | None, after: Histogram | None) -> Html:
    """Histograms of a layer's weights over one range, each as a share of its own highest bin."""
    both = [one for one in (before, after) if one is not None and any(one.counts)]
    if not both:
        return Html("")
    low, high = min(one.low for one in both), max(one.high for one in both)
    drawn = []
    for one, kind in ((before, "before"), (after, "after")):
        if one is not None and any(one.counts):
            drawn.append(element("path", d=_outline(one, low, high), class_=kind))
    picture = element(
        "svg", *drawn, viewBox="0 0 100 100", preserveAspectRatio="none", aria_hidden="true"
    )
    ends = element(
        "span",
        element("span", _number(low)),
        element("span", _number(high)),
        class_="ends",
    )
    return element("figure", element("figcaption", named(name)), picture, ends, class_="small")


def _outline(one: Histogram, low: float, high: float) -> str:
    """The histogram as a closed path in a square of 100."""
    span = high - low or 1.0
    left = 100 * (one.low - low) / span
    width = 100 * (one.high - one.low) / span / max(len(one.counts), 1)
    if width <= 0:  # all values equal
        left, width = (left if high > low else 50.0) - 0.5, 1.0 / max(len(one.counts), 1)
    most = max(one.counts)
    parts = [f"M{left:.1f} 100"]
    height = -1.0
    for place, count in enumerate(one.counts):
        y = round(100 - _TOP * count / most, 1)
        if y != height:
            parts.append(f"H{left + place * width:.1f}V{y:g}")
            height = y
    parts.append(f"H{left + len(one.counts) * width:.1f}V100Z")
    return "".join(parts)


def curve(title: str, points: Sequence[tuple[int, float]]) -> Html:
    """A line over steps, with the ends of both axes written beside it; gaps where not finite."""
    shown = thinned(points)
    finite = [value for _, value in shown if math.isfinite(value)]
    if not finite:
        return Html("")
    low, high = min(finite), max(finite)
    first, last = shown[0][0], shown[-1][0]
    span, height = (last - first) or 1, (high - low) or 1.0
    path, pen = [], "M"
    for step, value in shown:
        if not math.isfinite(value):
            pen = "M"
            continue
        y = 98 - _TOP * (value - low) / height if high > low else 50.0
        path.append(f"{pen}{100 * (step - first) / span:.2f} {y:.2f}")
        pen = "L"
    if len(finite) == 1:  # a line of no length is not drawn
        path.append("h0.01")
    line = element("path", d="".join(path), class_="line", vector_effect="non-scaling-stroke")
    picture = element(
        "svg", line, viewBox="0 0 100 100", preserveAspectRatio="none", aria_hidden="true"
    )
    up = element("span", element("span", _number(high)), element("span", _number(low)), class_="up")
    along = element(
        "span", element("span", f"step {first:,}"), element("span", f"{last:,}"), class_="ends"
    )
    end = next(value for _, value in reversed(points) if math.isfinite(value))
    text = f"{title}: {_number(points_first(points))} → {_number(end)}"
    return element(
        "figure",
        element("figcaption", text),
        element("div", up, picture, class_="plot"),
        along,
        class_="curve",
    )


def points_first(points: Sequence[tuple[int, float]]) -> float:
    """The first value that is a number."""
    return next(value for _, value in points if math.isfinite(value))


def thinned(points: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    """At most `POINTS` of them, each the mean of its neighbors; in order of the steps."""
    ordered = sorted(points, key=lambda point: point[0])
    if len(ordered) <= POINTS:
        return ordered
    made = []
    for place in range(POINTS):
        part = ordered[place * len(ordered) // POINTS : (place + 1) * len(ordered) // POINTS]
        values = [value for _, value in part if math.isfinite(value)]
        mean = sum(values) / len(values) if values else math.nan
        made.append((part[len(part) // 2][0], mean))
    return made


def _number(value: float) -> str:
    return f"{value:.3g}".replace("-", "−")
