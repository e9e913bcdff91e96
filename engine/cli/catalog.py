"""The catalog of methods, for the shell."""

from __future__ import annotations

import difflib
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from engine import registry
from engine.errors import EngineError


def describe(name: str | None) -> list[dict[str, Any]]:
    """The entries of all methods, or of the one that is named.

    Raises:
        EngineError: There is no method of that name.
    """
    rows = registry.describe()
    if name is None:
        return rows
    found = [row for row in rows if row["name"] == name]
    if not found:
        near = difflib.get_close_matches(name, [row["name"] for row in rows], n=1)
        hint = f"Did you mean {near[0]}?" if near else "espalier methods lists them all."
        raise EngineError(f"There is no method called {name}", hint=hint)
    return found


def table(rows: list[dict[str, Any]]) -> RenderableType:
    """Methods by family; with its parameters where there is one."""
    if not rows:
        return Text("This version has no compression methods yet; it opens and measures networks.")
    if len(rows) == 1:
        return _one(rows[0])
    listing = Table(box=None, pad_edge=False)
    for title in ("family", "name", "what it does", "needs", "gains"):
        listing.add_column(title, overflow="fold")
    for row in rows:
        listing.add_row(
            row["kind"],
            row["name"],
            row["summary"],
            ", ".join(row["needs"]),
            ", ".join(row["tags"]),
        )
    return listing


def _one(row: dict[str, Any]) -> RenderableType:
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim")
    facts.add_column()
    for title, text in (
        ("family", row["kind"]),
        ("needs", ", ".join(row["needs"]) or "nothing"),
        ("tags", ", ".join(row["tags"])),
        ("reference", row["reference"]),
    ):
        facts.add_row(title, text)
    settings = Table(title="Parameters", title_justify="left", box=None, pad_edge=False)
    for title in ("name", "default", "what it is"):
        settings.add_column(title, overflow="fold")
    for name, field in row["schema"].get("properties", {}).items():
        default = field.get("default", "required")
        settings.add_row(name, str(default), field.get("description", ""))
    return Group(Text(f"{row['title']}: {row['summary']}"), facts, settings)
