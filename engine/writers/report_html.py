"""HTML for the report: every text is escaped, because names come from files of strangers."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

LONGEST = 160
"""Characters of a name that are shown; a hostile file's may have millions."""


class Html(str):
    """Text that is HTML already. Everything else is escaped where it enters."""

    __slots__ = ()


Content = str | Html | Sequence["Content"]

_PLAIN = "\n\t\N{NO-BREAK SPACE}"
_VOID = frozenset({"meta", "br"})


def element(tag: str, *content: Content, **attributes: str | float | None) -> Html:
    """`<tag attribute="…">content</tag>`.

    Args:
        tag: Name of the element.
        *content: Escaped unless it is `Html`.
        **attributes: `class_` is written `class`, `data_value` is written `data-value`; one that is
            None is left out.
    """
    written = "".join(
        f' {name.strip("_").replace("_", "-")}="{escape(str(value))}"'
        for name, value in attributes.items()
        if value is not None
    )
    if tag in _VOID:
        return Html(f"<{tag}{written}>")
    return Html(f"<{tag}{written}>{join(content)}</{tag}>")


def join(content: Sequence[Content] | Iterable[Content]) -> Html:
    """One piece of HTML from many; strings are escaped."""
    parts = []
    for part in content:
        if isinstance(part, Html):
            parts.append(part)
        elif isinstance(part, str):
            parts.append(escape(part))
        else:
            parts.append(join(part))
    return Html("".join(parts))


def escape(text: str) -> Html:
    """Text as HTML shows it; control codes (line ends and tabs aside) are shown, not obeyed."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() or c in _PLAIN else ascii(c)[1:-1] for c in text)
    return Html(html.escape(text))


def shortened(name: str, most: int = LONGEST) -> str:
    """A name with its middle left out where it is longer than anybody reads."""
    if len(name) <= most:
        return name
    half = (most - 1) // 2
    return f"{name[:half]}…{name[-half:]}"


def named(name: str) -> Html:
    """A name from a file: shortened, and kept apart from the text's direction."""
    return element("bdi", shortened(name), class_="name")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table.

    Attributes:
        content: What is shown.
        value: What the table is sorted by, where that is not the text.
        numeric: Set to the right.
        whole: No line ends within it.
    """

    content: Content
    value: float | None = None
    numeric: bool = False
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """The head of a column."""

    title: str
    numeric: bool = False
    hint: str = ""


def table(
    columns: Sequence[Column],
    rows: Iterable[Sequence[Cell]],
    *,
    caption: str,
    foot: Sequence[Cell] = (),
    sortable: bool = False,
    classes: Sequence[str] = (),
) -> Html:
    """A table in a box that scrolls by itself where it is wider than the page.

    Args:
        columns: Heads.
        rows: Of as many cells each; the first one is the row's head.
        caption: What it shows, for those who cannot see it.
        foot: A last row that stays last.
        sortable: The page's script makes buttons of the heads.
        classes: Of each row, in order; may be shorter than the rows.
    """
    heads = [
        element(
            "th",
            column.title,
            scope="col",
            class_="num" if column.numeric else None,
            title=column.hint or None,
        )
        for column in columns
    ]
    body = [
        element("tr", *_cells(row), class_=classes[i] or None if i < len(classes) else None)
        for i, row in enumerate(rows)
    ]
    parts = [
        element("caption", caption),
        element("thead", element("tr", *heads)),
        element("tbody", *body),
    ]
    if foot:
        parts.append(element("tfoot", element("tr", *_cells(foot))))
    inner = element("table", *parts, class_="sortable" if sortable else None)
    return element("div", inner, class_="scroll", tabindex="0", role="region", aria_label=caption)


def _cells(row: Sequence[Cell]) -> list[Html]:
    cells = []
    for place, cell in enumerate(row):
        value = None if cell.value is None else f"{cell.value:.10g}"
        kind = "num" if cell.numeric else "whole" if cell.whole else None
        tag, scope = ("td", None) if place else ("th", "row")
        cells.append(element(tag, cell.content, scope=scope, class_=kind, data_value=value))
    return cells


def section(title: str, *content: Content, anchor: str) -> Html:
    """A part of the page, with a head that can be linked to."""
    return element("section", element("h2", title), *content, id=anchor)


def paragraph(*content: Content, class_: str | None = None) -> Html:
    """A paragraph."""
    return element("p", *content, class_=class_)


def bullets(items: Iterable[Content]) -> Html:
    """A list; nothing where there are no items."""
    made = [element("li", item) for item in items]
    return element("ul", *made) if made else Html("")


def folded(summary: str, *content: Content) -> Html:
    """Something that opens on a click, without a script."""
    return element("details", element("summary", summary), *content)
