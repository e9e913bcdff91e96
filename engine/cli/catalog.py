"""The catalog of methods, for the shell."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
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
    for title in ("name", "default", "values", "what it is"):
        settings.add_column(title, overflow="fold")
    definitions = row["schema"].get("$defs", {})
    for name, field in row["schema"].get("properties", {}).items():
        default = _plain(field.get("default", "required"))
        settings.add_row(name, default, values(field, definitions), field.get("description", ""))
    return Group(Text(f"{row['title']}: {row['summary']}"), facts, settings)


def values(field: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    """What a parameter may be, from its JSON Schema: `2 to 16`, `nearest, gptq`, `yes or no`."""
    if "$ref" in field:
        return values(definitions[field["$ref"].rpartition("/")[2]], definitions)
    for word in ("anyOf", "oneOf"):
        if word in field:
            forms = dict.fromkeys(values(one, definitions) for one in field[word])
            return " or ".join(form for form in forms if form)
    if "const" in field:
        return _plain(field["const"])
    if "enum" in field:
        return ", ".join(map(_plain, field["enum"]))
    match field.get("type"):
        case "boolean":
            return "yes or no"
        case "null":
            return "none"
        case "integer" | "number":
            return _range(field)
        case "array":
            return f"list of {values(field.get('items', {}), definitions) or 'anything'}"
        case "object" if "name" in field.get("properties", {}):
            return f"{{name: {values(field['properties']['name'], definitions)}, …}}"
        case kind:
            return {"string": "text", "object": "settings"}.get(str(kind), "")


def _range(field: Mapping[str, Any]) -> str:
    low, high = field.get("minimum"), field.get("maximum")
    above, below = field.get("exclusiveMinimum"), field.get("exclusiveMaximum")
    parts = []
    if low is not None:
        parts.append(f"from {low:g}")
    if above is not None:
        parts.append(f"above {above:g}")
    if high is not None:
        parts.append(f"to {high:g}")
    if below is not None:
        parts.append(f"below {below:g}")
    kind = "whole number" if field["type"] == "integer" else "number"
    return " ".join([kind, *parts])


def _plain(value: Any) -> str:
    """A value as a recipe says it."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    return json.dumps(value) if isinstance(value, (list, dict)) else str(value)
