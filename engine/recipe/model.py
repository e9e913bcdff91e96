"""The recipe: what to do to a network, as plain immutable data.

A recipe knows nothing of methods or networks: whether its names and values mean anything is for
`resolve` to say, so that a recipe with an error in it can still be shown and edited.
"""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.errors import RecipeError
from engine.frozen import Data, FrozenMap, freeze, thaw

VERSION = 1
"""Version of the format; the value of the key `espalier`."""

MAX_SEED = 2**32 - 1

Path = tuple[str | int, ...]
"""Where something stands in a recipe: `("steps", 0, "rules", 1, "ratio")`."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What differs for some layers.

    Attributes:
        layers: Patterns: exact names or globs.
        params: The parameters it sets; others stay as they are.
        skip: Leave these layers out, or (False) take them in again; None says nothing.
        optional: It is no error if a pattern matches nothing.
    """

    layers: tuple[str, ...]
    params: FrozenMap[Data] = FrozenMap()
    skip: bool | None = None
    optional: bool = False

    def fields(self) -> frozenset[str]:
        """Names of all that it sets, `skip` among them."""
        return frozenset(self.params) | ({"skip"} if self.skip is not None else set())

    def to_data(self) -> dict[str, Any]:
        """As it stands in a file."""
        data: dict[str, Any] = {
            "layers": self.layers[0] if len(self.layers) == 1 else list(self.layers)
        }
        data |= {name: thaw(value) for name, value in self.params.items()}
        if self.skip is not None:
            data["skip"] = self.skip
        if self.optional:
            data["optional"] = True
        return data


@dataclass(frozen=True, slots=True)
class Step:
    """One method, run over some layers.

    Attributes:
        method: A name of the catalog.
        params: For every layer it applies to.
        rules: In order; a later one wins, field by field.
        enabled: Whether it is run at all.
    """

    method: str
    params: FrozenMap[Data] = FrozenMap()
    rules: tuple[Rule, ...] = ()
    enabled: bool = True

    def to_data(self) -> dict[str, Any]:
        """As it stands in a file."""
        data: dict[str, Any] = {"method": self.method}
        if not self.enabled:
            data["enabled"] = False
        data |= {name: thaw(value) for name, value in self.params.items()}
        if self.rules:
            data["rules"] = [rule.to_data() for rule in self.rules]
        return data


@dataclass(frozen=True, slots=True)
class Recipe:
    """An ordered list of steps. Editing returns a new recipe.

    Attributes:
        steps: Run in order.
        seed: For whatever is random, 0…2³²−1.
    """

    steps: tuple[Step, ...] = ()
    seed: int = 0

    def to_data(self) -> dict[str, Any]:
        """As it stands in a file."""
        return {
            "espalier": VERSION,
            "seed": self.seed,
            "steps": [step.to_data() for step in self.steps],
        }

    @property
    def key(self) -> str:
        """Hash of the content: equal for equal recipes, on every machine."""
        text = json.dumps(self.to_data(), sort_keys=True, ensure_ascii=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a recipe.

    Attributes:
        message: One sentence without the place.
        path: Where it stands.
        hint: What to do about it.
        place: The same place in words: "step 2 (uniform), rule 1, weight_bits".
        line: Line of the file, from 1; 0 where there is no file.
    """

    message: str
    path: Path = ()
    hint: str = ""
    place: str = ""
    line: int = 0

    @property
    def step(self) -> int | None:
        """Index of the step that it is in, if any."""
        return self._index("steps", 0)

    @property
    def rule(self) -> int | None:
        """Index of the rule that it is in, if any."""
        return self._index("rules", 2)

    @property
    def field(self) -> str:
        """Name of the parameter (or `method`, `layers`, …); empty where it is the whole."""
        start = 4 if self.rule is not None else 2 if self.step is not None else 0
        return str(self.path[start]) if len(self.path) > start else ""

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message

    def _index(self, word: str, at: int) -> int | None:
        index = self.path[at + 1] if len(self.path) > at + 1 and self.path[at] == word else None
        return index if isinstance(index, int) else None


class InvalidRecipe(RecipeError):
    """A recipe with something wrong, all of it listed.

    Args:
        problems: At least one.
        name: The file, if there is one.
    """

    def __init__(self, problems: Iterable[Problem], name: str = "") -> None:
        self.problems = tuple(problems)
        self.name = name
        first = self.problems[0]
        more = len(self.problems) - 1
        tail = f" (and {more} more problem{'s' if more > 1 else ''})" if more else ""
        place = ", ".join(part for part in (name, first.line and f"line {first.line}") if part)
        place = ": ".join(part for part in (place, first.place) if part)
        super().__init__(first.message.rstrip(".") + tail + ".", hint=first.hint, where=place)

    def __reduce__(self) -> tuple[Any, ...]:
        """Keep the list when the error crosses a process boundary."""
        return (type(self), (self.problems, self.name))


def recipe_from(data: Any) -> Recipe:
    """A recipe from plain data, as `to_data` gives it.

    Raises:
        InvalidRecipe: Its form is wrong. Methods, parameters and layers are not looked at.
    """
    recipe, problems = read(data)
    if problems:
        raise InvalidRecipe(problems)
    return recipe


def read(data: Any) -> tuple[Recipe, tuple[Problem, ...]]:
    """Like `recipe_from`, but gives what could be read together with all that is wrong."""
    reader = _Reader()
    return reader.recipe(data), tuple(reader.problems)


def describe_place(path: Path, methods: Mapping[int, str] | None = None) -> str:
    """A path in words, counting from one: "step 2 (uniform), rule 1, weight_bits"."""
    words: list[str] = []
    rest = list(path)
    if len(rest) >= 2 and rest[0] == "steps" and isinstance(rest[1], int):
        method = (methods or {}).get(rest[1], "")
        words.append(f"step {rest[1] + 1}" + (f" ({method})" if method else ""))
        rest = rest[2:]
        if len(rest) >= 2 and rest[0] == "rules" and isinstance(rest[1], int):
            words.append(f"rule {rest[1] + 1}")
            rest = rest[2:]
    if rest:
        words.append(
            "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in rest).lstrip(
                "."
            )
        )
    return ", ".join(words)


def with_place(problem: Problem, recipe: Recipe) -> Problem:
    """The problem with its place in words."""
    methods = {index: step.method for index, step in enumerate(recipe.steps)}
    return replace(problem, place=describe_place(problem.path, methods))


def suggest(name: str, known: Iterable[str]) -> str:
    """A hint that names what was probably meant; empty if nothing is near."""
    close = difflib.get_close_matches(name, list(known), 1)
    return f"Did you mean “{close[0]}”?" if close else ""


class _Reader:
    """Reads plain data into a recipe, and notes everything that is wrong on the way."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._methods: dict[int, str] = {}

    def recipe(self, data: Any) -> Recipe:
        if not isinstance(data, Mapping):
            self._note((), f"A recipe is a mapping, not {_kind(data)}", _EXAMPLE)
            return Recipe()
        self._version(data)
        for name in data:
            if name not in {"espalier", "seed", "steps"}:
                hint = suggest(str(name), ("espalier", "seed", "steps"))
                self._note((str(name),), f"“{name}” is not a part of a recipe", hint)
        seed = data.get("seed", 0)
        if not _is_int(seed) or not 0 <= seed <= MAX_SEED:
            self._note(("seed",), f"must be a whole number from 0 to {MAX_SEED}, not {_show(seed)}")
            seed = 0
        steps = data.get("steps", [])
        if not isinstance(steps, (list, tuple)):
            self._note(("steps",), f"must be a list of steps, not {_kind(steps)}", _EXAMPLE)
            steps = []
        return Recipe(tuple(self._step(i, step) for i, step in enumerate(steps)), seed)

    def _version(self, data: Mapping[str, Any]) -> None:
        version = data.get("espalier")
        path: Path = ("espalier",)
        if version is None:
            self._note((), "It does not say “espalier: 1”", "Every recipe starts with that line.")
        elif not _is_int(version) or version < 1:
            self._note(path, f"must be {VERSION}, not {_show(version)}")
        elif version > VERSION:
            self._note(
                path,
                f"It is written for version {_show(version)} of the format; this program reads "
                f"version {VERSION}",
                "Update Espalier, or write the recipe again.",
            )

    def _step(self, index: int, data: Any) -> Step:
        path: Path = ("steps", index)
        if not isinstance(data, Mapping):
            self._note(path, f"A step is a mapping with a method, not {_kind(data)}", _EXAMPLE)
            return Step("")
        method = data.get("method")
        if not isinstance(method, str) or not method:
            fault = "is missing" if "method" not in data else f"must be a name, not {_show(method)}"
            self._note((*path, "method"), fault, "A step names its method: “method: channel”.")
            method = ""
        self._methods[index] = method
        rules = data.get("rules", [])
        if not isinstance(rules, (list, tuple)):
            self._note((*path, "rules"), f"must be a list of rules, not {_kind(rules)}")
            rules = []
        return Step(
            method,
            self._params(
                data, path, {"method", "rules", "enabled"}, {"layers", "skip", "optional"}
            ),
            tuple(self._rule((*path, "rules", i), rule) for i, rule in enumerate(rules)),
            bool(self._flag(data, "enabled", path, default=True)),
        )

    def _rule(self, path: Path, data: Any) -> Rule:
        if not isinstance(data, Mapping):
            self._note(path, f"A rule is a mapping with layers, not {_kind(data)}")
            return Rule(("*",), optional=True)
        layers = data.get("layers")
        patterns = [layers] if isinstance(layers, str) else layers
        if not isinstance(patterns, (list, tuple)) or not patterns:
            fault = "is missing" if "layers" not in data else _names_not(layers)
            self._note((*path, "layers"), fault, "Name the layers: “layers: conv1”.")
            patterns = []
        for number, pattern in enumerate(patterns):
            if not isinstance(pattern, str) or not pattern:
                self._note((*path, "layers", number), _names_not(pattern))
        return Rule(
            tuple(pattern for pattern in patterns if isinstance(pattern, str) and pattern),
            self._params(
                data, path, {"layers", "skip", "optional"}, {"method", "rules", "enabled"}
            ),
            self._flag(data, "skip", path, default=None),
            bool(self._flag(data, "optional", path, default=False)),
        )

    def _flag(
        self, data: Mapping[str, Any], name: str, path: Path, *, default: bool | None
    ) -> bool | None:
        value = data.get(name, default)
        if value is default or isinstance(value, bool):
            return value
        self._note((*path, name), f"must be true or false, not {_show(value)}")
        return default

    def _params(
        self, data: Mapping[Any, Any], path: Path, own: set[str], misplaced: set[str]
    ) -> FrozenMap[Data]:
        """All that is not a word of the recipe itself."""
        params: dict[str, Data] = {}
        for name, value in data.items():
            if not isinstance(name, str):
                self._note(path, f"A parameter's name is text, not {_show(name)}")
            elif name in misplaced:
                where = "a rule" if "layers" in misplaced else "a step"
                self._note((*path, name), f"“{name}” belongs in {where}, not here")
            elif name not in own:
                try:
                    params[name] = freeze(value)
                except TypeError:
                    self._note((*path, name), f"must be plain data, not {_show(value)}")
        return FrozenMap(params)

    def _note(self, path: Path, message: str, hint: str = "") -> None:
        place = describe_place(path, self._methods)
        self.problems.append(Problem(message, path, hint, place))


_EXAMPLE = "See “A recipe in full” in the manual: “steps:”, then “- method: channel”."


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _show(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 40 else text[:39] + "…"


def _names_not(value: Any) -> str:
    return f"must be a layer's name, a pattern or a list of them, not {_show(value)}"


def _kind(value: Any) -> str:
    """What a value is, in a user's words."""
    if value is None:
        return "empty"
    if isinstance(value, (list, tuple)):
        return "a list"
    if isinstance(value, Mapping):
        return "a mapping"
    return "text" if isinstance(value, str) else _show(value)
