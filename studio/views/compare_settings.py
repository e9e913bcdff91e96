"""What two recipes do differently, step by step and layer by layer. No Qt widgets, no engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from PySide6.QtCore import QCoreApplication

from engine.frozen import thaw
from engine.layer_table import LayerTable
from engine.recipe.model import Recipe, Step
from engine.recipe.plan import Assignment, Plan
from engine.recipe.resolve import examine
from engine.registry import REGISTRY
from studio.forms.form import shown
from studio.forms.recipe_words import method_title
from studio.forms.schema import Field, fields_of, plain
from studio.views.trials_words import step_words
from studio.words import word

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that two recipes do differently.

    Attributes:
        step: The step's method, in words; empty: the recipe as a whole.
        what: The setting.
        first: What the first recipe says.
        second: What the second says.
        layers: For these layers alone; empty: for all.
    """

    step: str
    what: str
    first: str
    second: str
    layers: tuple[str, ...] = ()


def differences(first: Recipe, second: Recipe, table: LayerTable | None) -> tuple[Difference, ...]:
    """Compare two recipes.

    Args:
        first: One.
        second: The other.
        table: Of the network as it was opened; None: settings of single layers are left out.
    """
    plans = None
    if table is not None:
        plans = (examine(first, table).plan, examine(second, table).plan)
    found: list[Difference] = []
    for a, b in _pairs(first, second):
        if a is None or b is None:
            found.append(_alone(first, second, a, b))
            continue
        one, other = first.steps[a], second.steps[b]
        found.extend(_of_step(one, other))
        if plans is not None:
            found.extend(_of_layers(one, (plans[0], a), other, (plans[1], b)))
    if first.seed != second.seed:
        found.append(
            Difference("", translate("Compare", "Seed"), str(first.seed), str(second.seed))
        )
    return tuple(found)


def _pairs(first: Recipe, second: Recipe) -> Iterator[tuple[int | None, int | None]]:
    """Steps of the same method beside each other, the others alone; in the order of the recipes."""
    names = [[step.method for step in recipe.steps] for recipe in (first, second)]
    matcher = SequenceMatcher(a=names[0], b=names[1], autojunk=False)
    for kind, a, a_end, b, b_end in matcher.get_opcodes():
        if kind == "equal":
            yield from zip(range(a, a_end), range(b, b_end), strict=True)
            continue
        for at in range(a, a_end):
            yield at, None
        for at in range(b, b_end):
            yield None, at


def _alone(first: Recipe, second: Recipe, a: int | None, b: int | None) -> Difference:
    missing = translate("Compare", "not there")
    if a is not None:
        step = first.steps[a]
        return Difference(
            method_title(step.method), translate("Compare", "Step"), step_words(step), missing
        )
    assert b is not None
    step = second.steps[b]
    return Difference(
        method_title(step.method), translate("Compare", "Step"), missing, step_words(step)
    )


def _of_step(one: Step, other: Step) -> Iterator[Difference]:
    """Settings for all layers."""
    title = method_title(one.method)
    if one.enabled != other.enabled:
        words = {True: translate("Compare", "on"), False: translate("Compare", "off")}
        yield Difference(
            title, translate("Compare", "Step"), words[one.enabled], words[other.enabled]
        )
    fields = _fields(one.method)
    before, after = _values(one, fields), _values(other, fields)
    for name in dict.fromkeys((*before, *after)):
        if before.get(name) != after.get(name):
            yield Difference(
                title,
                _title(fields, name),
                _shown(fields, name, before.get(name)),
                _shown(fields, name, after.get(name)),
            )


def _of_layers(
    one: Step, first: tuple[Plan, int], other: Step, second: tuple[Plan, int]
) -> Iterator[Difference]:
    """Settings of single layers that differ otherwise than those of the step do."""
    fields = _fields(one.method)
    title = method_title(one.method)
    groups: dict[tuple[str, str, str], list[str]] = {}
    usual = _values(one, fields), _values(other, fields)
    right_of = {name: each for each in second[0].of_step(second[1]) for name in each.layers}
    for left in first[0].of_step(first[1]):
        right = right_of.get(left.layers[0]) if left.layers else None
        if right is None:
            continue
        for name, before, after in _changes(left, right, usual):
            key = (
                _title(fields, name) if name else translate("Compare", "Step"),
                _shown(fields, name, before) if name else before,
                _shown(fields, name, after) if name else after,
            )
            groups.setdefault(key, []).extend(left.layers)
    for (what, before, after), layers in groups.items():
        yield Difference(title, what, before, after, tuple(layers))


def _changes(
    left: Assignment, right: Assignment, usual: tuple[dict[str, Any], dict[str, Any]]
) -> Iterator[tuple[str, Any, Any]]:
    if left.active != right.active:
        words = {True: translate("Compare", "applied"), False: translate("Compare", "left out")}
        yield "", words[left.active], words[right.active]
        return
    if not left.active:
        return
    before, after = _dumped(left), _dumped(right)
    for name in before:
        here = (before[name], after.get(name))
        if here[0] != here[1] and here != (usual[0].get(name), usual[1].get(name)):
            yield name, *here


def _dumped(one: Assignment) -> dict[str, Any]:
    return {name: plain(value) for name, value in dict(one.params).items()}


def _fields(method: str) -> dict[str, Field]:
    found = REGISTRY.step(method)
    return {} if found is None else {one.name: one for one in fields_of(found.params)}


def _values(step: Step, fields: dict[str, Field]) -> dict[str, Any]:
    """Every setting in force, defaults included."""
    said = {name: thaw(value) for name, value in step.params.items()}
    return {name: plain(one.default) for name, one in fields.items()} | said


def _title(fields: dict[str, Field], name: str) -> str:
    return word(fields[name].title) if name in fields else name


def _shown(fields: dict[str, Field], name: str, value: Any) -> str:
    if value is None and name not in fields:
        return translate("Compare", "not there")
    try:
        text = shown(fields[name], value) if name in fields else ""
    except (TypeError, ValueError):  # a value of the wrong kind is shown as it stands
        text = ""
    return text or str(value)
