"""Text → plain data with the line of every part: YAML and JSON, of files that nobody vouches for.

YAML is read from its parser's events, not by a loader: nothing is constructed, tags are refused,
aliases and nesting are bounded, and scalars mean what they mean in JSON (YAML 1.2's core schema).
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
)

from engine.recipe.model import InvalidRecipe, Path, Problem

MAX_BYTES = 1 << 20
MAX_DEPTH = 24
MAX_NODES = 60_000

_INT = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?(\.inf|\.Inf|\.INF|Infinity)|\.nan|\.NaN|\.NAN|NaN")
_WORDS: dict[str, bool | None] = {"": None, "~": None}
_WORDS |= dict.fromkeys(("null", "Null", "NULL"))
_WORDS |= dict.fromkeys(("true", "True", "TRUE"), True)
_WORDS |= dict.fromkeys(("false", "False", "FALSE"), False)


@dataclass(slots=True)
class Source:
    """What a text says.

    Attributes:
        data: Lists, dicts, text, numbers, true, false, None.
        lines: Path → line, from 1; of keys and of list items.
        problems: Keys given twice.
        aliases: Whether it uses any.
    """

    data: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    aliases: bool = False

    def line_of(self, path: Path) -> int:
        """The line of a part, or of the nearest thing around it.

        Parts of the path that are not in the text are passed over (the name of a variant, say).
        """
        at: Path = ()
        for part in path:
            if (*at, part) in self.lines:
                at = (*at, part)
        return self.lines.get(at, 1)


class _Unreadable(Exception):
    """The parser gave up: why, and at which line (from 1; 0: not known)."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.line = line


def parse_yaml(text: str) -> Source:
    """Read YAML.

    Raises:
        InvalidRecipe: It is not YAML, or uses what recipes do not (tags, merge keys).
    """
    try:
        return _read(text)
    except _Unreadable as error:
        raise _fault(f"This is not YAML: {error}", error.line) from None


def parse_json(text: str) -> Source:
    """Read JSON.

    Raises:
        InvalidRecipe: It is not JSON.
    """
    try:
        data = json.loads(text, parse_constant=scalar, parse_int=_read_int, parse_float=_read_float)
    except json.JSONDecodeError as error:
        raise _fault(f"This is not JSON: {error.msg}", error.lineno) from None
    except RecursionError:
        raise _fault("It is nested too deeply") from None
    except ValueError as error:
        raise _fault(str(error)) from None
    try:  # JSON is YAML, but for tabs between its words; this finds lines and doubled keys
        source = _read(text.replace("\t", " "))
    except _Unreadable:
        source = Source()
    source.data = data
    return source


def _read(text: str) -> Source:
    builder = _Builder()
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            builder.take(event)
    except InvalidRecipe:
        raise
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = " ".join(str(error.problem or error.context or "it breaks off").split())
        raise _Unreadable(reason, mark.line + 1 if mark else 0) from None
    except Exception as error:  # noqa: BLE001 - the parser itself trips over some broken files
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise _Unreadable(reason) from None
    return builder.source


def scalar(text: str) -> bool | int | float | str | None:
    """What a plain scalar means.

    Raises:
        ValueError: A number without bounds; the message says so.
    """
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return _read_int(text)
    if _BASED.fullmatch(text):
        return int(text, 0) if len(text) <= 32 else _read_int("9" * 99)
    if _FLOAT.fullmatch(text):
        return _read_float(text)
    if _NOT_FINITE.fullmatch(text):
        raise ValueError(f"{text} is not a number that a recipe can have")
    return text


class _Builder:
    """Builds data from parser events, without recursion and within limits."""

    def __init__(self) -> None:
        self.source = Source()
        self._stack: list[_Open] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._nodes = 0
        self._documents = 0

    def take(self, event: Event) -> None:
        """Take the parser's next event.

        Raises:
            InvalidRecipe: It is nothing that a recipe has.
        """
        line = event.start_mark.line + 1
        match event:
            case DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    raise _fault("A file holds one recipe, and here another one begins", line)
            case CollectionStartEvent():
                self._check_tag(event, line)
                self._open(event, line)
            case MappingEndEvent() | SequenceEndEvent():
                done = self._stack.pop()
                if done.anchor:
                    self._anchors[done.anchor] = (done.value, self._nodes - done.nodes_before + 1)
            case ScalarEvent():
                self._check_tag(event, line)
                value = self._scalar(event, line)
                self._count(1, line)
                self._add(value, line)
                if event.anchor:
                    self._anchors[event.anchor] = (value, 1)
            case AliasEvent():
                if event.anchor not in self._anchors:
                    raise _fault(f"“*{event.anchor}” names nothing that stands before it", line)
                value, nodes = self._anchors[event.anchor]
                self.source.aliases = True
                self._count(nodes, line)
                self._add(value, line)

    def _open(self, event: CollectionStartEvent, line: int) -> None:
        self._count(1, line)
        value: dict[str, Any] | list[Any] = {} if isinstance(event, MappingStartEvent) else []
        path = self._add(value, line)
        if len(self._stack) >= MAX_DEPTH:
            raise _fault(f"It is nested more than {MAX_DEPTH} deep", line)
        self._stack.append(_Open(value, path, self._nodes, event.anchor or ""))

    def _add(self, value: Any, line: int) -> Path:
        """Put a value where it belongs, and return its path."""
        if not self._stack:
            self.source.data = value
            self.source.lines[()] = line
            return ()
        parent = self._stack[-1]
        if isinstance(parent.value, list):
            parent.value.append(value)
            path: Path = (*parent.path, len(parent.value) - 1)
            self.source.lines[path] = line
            return path
        if parent.key is None:
            parent.key = self._key(parent, value, line)
            return (*parent.path, parent.key)
        path = (*parent.path, parent.key)
        parent.value[parent.key] = value
        parent.key = None
        return path

    def _key(self, parent: _Open, key: Any, line: int) -> str:
        if not isinstance(key, str):
            raise _fault("A name before a colon must be text; put it in quotes", line)
        path = (*parent.path, key)
        if key in parent.value:
            first = self.source.lines[path]
            text = f"“{key}” is given twice, here and in line {first}"
            self.source.problems.append(Problem(text, path, "Keep one of them.", line=line))
        else:
            self.source.lines[path] = line
        return key

    def _scalar(self, event: ScalarEvent, line: int) -> Any:
        text: str = event.value
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise _fault("Here is text that is not Unicode", line)
        if not event.implicit[0]:  # quoted
            return text
        if text == "<<":
            raise _fault("Merge keys (“<<”) are not read; write the fields out", line)
        try:
            return scalar(text)
        except ValueError as error:
            raise _fault(str(error), line) from None

    def _check_tag(self, event: NodeEvent, line: int) -> None:
        tag = getattr(event, "tag", None)
        if tag:
            raise _fault(f"Tags (“{str(tag)[:40]}”) are not read; write plain values", line)

    def _count(self, nodes: int, line: int) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            raise _fault(f"It has more than {MAX_NODES:,} values", line)


@dataclass(slots=True)
class _Open:
    """A mapping or list that has not ended yet."""

    value: Any
    path: Path
    nodes_before: int
    anchor: str
    key: str | None = None


def _read_int(text: str) -> int:
    if len(text) > 40:
        raise ValueError(f"{text[:12]}… is a number with too many digits")
    return int(text)


def _read_float(text: str) -> float:
    value = float(text) if len(text) <= 400 else math.inf
    if not math.isfinite(value):
        raise ValueError(f"{text[:12]} is a number that is too large")
    return value


def _fault(message: str, line: int = 0) -> InvalidRecipe:
    return InvalidRecipe([Problem(message, line=line)])
