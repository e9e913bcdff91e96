"""Recipes in files: YAML and JSON, with line and field of everything that is wrong."""

from __future__ import annotations

import difflib
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from engine.errors import RecipeError
from engine.layer_table import LayerTable
from engine.paths import write_atomically
from engine.recipe import model
from engine.recipe.model import InvalidRecipe, Problem, Recipe
from engine.recipe.plan import Plan
from engine.recipe.resolve import Resolution, check, examine
from engine.recipe.source import MAX_BYTES, Source, parse_json, parse_yaml, scalar
from engine.registry import REGISTRY, Registry


@dataclass(frozen=True, slots=True)
class RecipeFile:
    """A recipe as it was read, and where each part of it stands.

    Attributes:
        recipe: All of it that could be read.
        problems: What is wrong with its form, each with its line.
        name: Of the file, for messages.
        source: The text's data and lines.
    """

    recipe: Recipe
    problems: tuple[Problem, ...]
    name: str
    source: Source

    def check(self, registry: Registry = REGISTRY) -> tuple[Problem, ...]:
        """All that is wrong whatever the network: form, methods, parameters, values."""
        return self._all(check(self.recipe, registry))

    def examine(self, table: LayerTable, registry: Registry = REGISTRY) -> Resolution:
        """The plan as far as it goes, and all that is wrong."""
        resolution = examine(self.recipe, table, registry)
        return replace(resolution, problems=self._all(resolution.problems))

    def resolve(self, table: LayerTable, registry: Registry = REGISTRY) -> Plan:
        """The plan for a network.

        Raises:
            InvalidRecipe: With all that is wrong, in the order of the file.
        """
        resolution = self.examine(table, registry)
        if resolution.problems:
            raise InvalidRecipe(resolution.problems, self.name)
        return resolution.plan

    def _all(self, others: Iterable[Problem]) -> tuple[Problem, ...]:
        """With those of the form; a part whose form is wrong is complained about once."""
        known = {problem.path for problem in self.problems}
        located = (replace(p, line=self.source.line_of(p.path)) for p in others)
        new = (
            p for p in located if not any(p.path[:n] in known for n in range(1, len(p.path) + 1))
        )
        return tuple(sorted((*self.problems, *new), key=lambda problem: problem.line))


def read_text(text: str, name: str = "", *, as_json: bool = False) -> RecipeFile:
    """Read a recipe; problems of its form are in the result.

    Raises:
        InvalidRecipe: It is not YAML (or JSON) at all; the problem has the line.
    """
    try:
        source = parse_json(text) if as_json else parse_yaml(text)
    except InvalidRecipe as error:
        raise InvalidRecipe(error.problems, name) from None
    recipe, problems = model.read(source.data)
    located = [replace(p, line=source.line_of(p.path)) for p in problems]
    doubled = [model.with_place(p, recipe) for p in source.problems]
    ordered = sorted((*doubled, *located), key=lambda problem: problem.line)
    return RecipeFile(recipe, tuple(ordered), name, source)


def read_file(path: Path) -> RecipeFile:
    """Read a recipe file: JSON if its name ends in `.json`, else YAML.

    Raises:
        RecipeError: It cannot be read at all.
    """
    where = str(path)
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise RecipeError(f"The recipe cannot be read: {reason}.", where=where) from error
    if len(content) > MAX_BYTES:
        raise RecipeError(
            f"The file is larger than {MAX_BYTES >> 20} MiB, which no recipe is.", where=where
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RecipeError("The file is not text, so it is no recipe.", where=where) from None
    return read_text(text, path.name, as_json=path.suffix.lower() == ".json")


def load(path: Path) -> Recipe:
    """The recipe in a file whose form is right; methods and layers are not looked at.

    Raises:
        RecipeError: It cannot be read, or its form is wrong.
    """
    file = read_file(path)
    if file.problems:
        raise InvalidRecipe(file.problems, file.name)
    return file.recipe


def to_json(recipe: Recipe) -> str:
    """The recipe as JSON."""
    return json.dumps(recipe.to_data(), indent=2, ensure_ascii=False) + "\n"


def to_yaml(recipe: Recipe) -> str:
    """The recipe as YAML, one line for each rule."""
    return _dump(_styled(recipe.to_data()))


def save(recipe: Recipe, path: Path) -> None:
    """Write a recipe file, JSON or YAML by its name, whole or not at all.

    The comments of a YAML file that is written over are kept where what they stand at is kept.

    Raises:
        RecipeError: It cannot be written; what was there is untouched.
    """
    if path.suffix.lower() == ".json":
        text = to_json(recipe)
    else:
        text = _merged(recipe, path) or to_yaml(recipe)
    try:
        write_atomically(path, text.encode())
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise RecipeError(f"The recipe cannot be written: {reason}.", where=str(path)) from error


def merge(recipe: Recipe, text: str) -> str:
    """YAML text changed to say what a recipe says, with its comments; "" if it cannot be."""
    try:
        old = read_text(text)
    except InvalidRecipe:
        return ""
    if old.source.aliases or old.problems:
        return ""
    data = _round_trip().load(text)
    if not isinstance(data, CommentedMap):
        return ""
    _update_map(data, recipe.to_data())
    merged = _dump(data)
    return merged if _reads_as(merged, recipe) else ""


def _merged(recipe: Recipe, path: Path) -> str:
    """The text of the file at `path`, changed to say what the recipe says; "" if it cannot be."""
    try:
        read_file(path)
    except RecipeError:
        return ""
    return merge(recipe, path.read_text(encoding="utf-8-sig"))


def _reads_as(text: str, recipe: Recipe) -> bool:
    try:
        file = read_text(text)
    except InvalidRecipe:
        return False
    return not file.problems and file.recipe.key == recipe.key


def _update_map(old: CommentedMap, new: Mapping[str, Any]) -> None:
    for name in [name for name in old if name not in new]:
        del old[name]
    for position, (name, value) in enumerate(new.items()):
        if name not in old:
            old.insert(position, _text(name), _styled(value, name))
        elif not _update(old[name], value):
            old[name] = _styled(value, name)


def _update_list(old: CommentedSeq, new: Sequence[Any]) -> None:
    """Line up what stayed the same, so that comments stay with it."""
    before, after = [[json.dumps(_bare(item)) for item in items] for items in (old, new)]
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for tag, i1, i2, j1, j2 in reversed(matcher.get_opcodes()):
        if tag == "equal":
            continue
        both = min(i2 - i1, j2 - j1)
        for i in range(i2 - 1, i1 + both - 1, -1):
            del old[i]
        for j in range(j1 + both, j2):
            old.insert(i1 + j - j1, _styled(new[j]))
        for offset in range(both):
            if not _update(old[i1 + offset], new[j1 + offset]):
                old[i1 + offset] = _styled(new[j1 + offset])


def _update(old: Any, new: Any) -> bool:
    """Change a value in place; False if it must be replaced."""
    if isinstance(old, CommentedMap) and isinstance(new, dict):
        _update_map(old, new)
    elif isinstance(old, CommentedSeq) and isinstance(new, list):
        _update_list(old, new)
    else:
        return type(new) is type(_bare(old)) and bool(new == old)
    return True


def _bare(value: Any) -> Any:
    """Without the classes that carry comments and style."""
    if isinstance(value, dict):
        return {str(name): _bare(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_bare(item) for item in value]
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return kind(value)
    return value


_PLAIN = re.compile(r"[A-Za-z_][\w./*-]*(?: [\w./*-]+)*")
"""What no reader of YAML takes for anything but text, in any place."""


def _styled(value: Any, name: str = "") -> Any:
    """Plain data as ruamel's, in the style of the manual: whatever is in a step on one line."""
    if isinstance(value, dict):
        styled = CommentedMap((_text(key), _styled(item, key)) for key, item in value.items())
        if "method" not in value and "steps" not in value:
            styled.fa.set_flow_style()
        return styled
    if isinstance(value, list):
        items = CommentedSeq(_styled(item) for item in value)
        if name not in {"steps", "rules"} or not value:
            items.fa.set_flow_style()
        return items
    if isinstance(value, str):
        return _text(value)
    return value


def _text(value: str) -> str:
    """In quotes where it would be taken for something else, by any reader."""
    try:
        safe = scalar(value) == value and _PLAIN.fullmatch(value) is not None
    except ValueError:
        safe = False
    return value if safe else DoubleQuotedScalarString(value)


def _dump(data: Any) -> str:
    stream = io.StringIO()
    _round_trip().dump(data, stream)
    return stream.getvalue()


def _round_trip() -> YAML:
    yaml = YAML(typ="rt", pure=True)
    yaml.width = 100
    yaml.allow_unicode = True
    yaml.preserve_quotes = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml
