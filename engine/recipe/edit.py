"""Edits of a recipe: each returns a new one.

Indices are those of `recipe.steps` and `step.rules`; one that does not exist is an `IndexError`, a
mistake of the caller.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from engine.frozen import Data, FrozenMap, freeze
from engine.recipe.model import Recipe, Rule, Step
from engine.registry import REGISTRY, Kind, Registry, Stage


class Unset(enum.Enum):
    """For a field that is to be taken out: a parameter then has what it would have without."""

    UNSET = "unset"


UNSET = Unset.UNSET


def make_step(method: str, rules: Iterable[Rule] = (), **params: Any) -> Step:
    """A step from plain values."""
    return Step(method, _frozen(params), tuple(rules))


def make_rule(
    layers: str | Sequence[str], skip: bool | None = None, *, optional: bool = False, **params: Any
) -> Rule:
    """A rule from plain values."""
    return Rule(_patterns(layers), _frozen(params), skip, optional)


def with_step(recipe: Recipe, step: Step, at: int | None = None) -> Recipe:
    """Put a step in; at the end unless said otherwise."""
    steps = list(recipe.steps)
    steps.insert(len(steps) if at is None else at, step)
    return replace(recipe, steps=tuple(steps))


def with_step_in_order(
    recipe: Recipe, step: Step, registry: Registry = REGISTRY
) -> tuple[Recipe, int]:
    """Put a step in its canonical place: before the first that belongs later.

    Returns:
        The recipe, and the step's index.
    """
    order = _order(step, registry)
    at = next(
        (i for i, other in enumerate(recipe.steps) if _order(other, registry) > order),
        len(recipe.steps),
    )
    return with_step(recipe, step, at), at


def find_step(
    recipe: Recipe, kind: Kind, selected: int | None = None, registry: Registry = REGISTRY
) -> int | None:
    """The step that the table edits for a family: the selected one, else its last."""
    of_kind = [
        index
        for index, step in enumerate(recipe.steps)
        if (method := registry.step(step.method)) is not None and method.kind is kind
    ]
    return selected if selected in of_kind else max(of_kind, default=None)


def without_step(recipe: Recipe, index: int) -> Recipe:
    """Take a step out."""
    _at(recipe.steps, index)
    return replace(recipe, steps=recipe.steps[:index] + recipe.steps[index + 1 :])


def with_step_moved(recipe: Recipe, index: int, to: int) -> Recipe:
    """Move a step, so that its index becomes `to`."""
    step = _at(recipe.steps, index)
    _at(recipe.steps, to)
    return with_step(without_step(recipe, index), step, to)


def with_enabled(recipe: Recipe, index: int, *, enabled: bool) -> Recipe:
    """Switch a step on or off."""
    return _change_step(recipe, index, lambda step: replace(step, enabled=enabled))


def with_method(recipe: Recipe, index: int, method: str, keep: Iterable[str] = ()) -> Recipe:
    """Let a step run another method; of its parameters those named in `keep` stay."""
    kept = frozenset(keep)

    def change(step: Step) -> Step:
        rules = tuple(replace(r, params=_only(r.params, kept)) for r in step.rules)
        rules = tuple(rule for rule in rules if rule.fields())
        return replace(step, method=method, params=_only(step.params, kept), rules=rules)

    return _change_step(recipe, index, change)


def with_seed(recipe: Recipe, seed: int) -> Recipe:
    """Set the seed."""
    return replace(recipe, seed=seed)


def with_params(recipe: Recipe, step: int, **params: Any) -> Recipe:
    """Set parameters of a step, for all its layers; `UNSET` takes the default again."""
    return _change_step(recipe, step, lambda s: replace(s, params=_set(s.params, params)))


def with_rule(
    recipe: Recipe,
    step: int,
    rule: int,
    layers: str | Sequence[str] | None = None,
    **fields: Any,
) -> Recipe:
    """Change fields of a rule (`skip` and `optional` too); `UNSET` takes one out."""

    def change(old: Rule) -> Rule:
        return _with_fields(
            old if layers is None else replace(old, layers=_patterns(layers)), fields
        )

    return _change_rules(recipe, step, lambda rules: _replaced(rules, rule, change))


def with_new_rule(recipe: Recipe, step: int, rule: Rule, at: int | None = None) -> Recipe:
    """Put a rule in; at the end unless said otherwise, where it wins."""
    return _change_rules(
        recipe, step, lambda rules: (*rules[:at], rule, *(() if at is None else rules[at:]))
    )


def without_rule(recipe: Recipe, step: int, rule: int) -> Recipe:
    """Take a rule out."""

    def change(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
        _at(rules, rule)
        return rules[:rule] + rules[rule + 1 :]

    return _change_rules(recipe, step, change)


def with_rule_moved(recipe: Recipe, step: int, rule: int, to: int) -> Recipe:
    """Move a rule, so that its index becomes `to`."""
    moved = _at(recipe.steps[step].rules, rule)
    _at(recipe.steps[step].rules, to)
    return with_new_rule(without_rule(recipe, step, rule), step, moved, to)


def override(recipe: Recipe, step: int, layers: str | Sequence[str], **fields: Any) -> Recipe:
    """Set fields (`skip` too) for some layers, so that they win: what the table does.

    One layer's override is a rule with its name, a selection's is one rule with the list. The last
    rule is added to if it is for the same layers. What earlier rules say about the same fields for
    no other layers is taken out, so that rules do not pile up.
    """
    patterns = _patterns(layers)
    names = frozenset(patterns)

    def change(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
        if rules and frozenset(rules[-1].layers) == names:
            earlier, last = rules[:-1], rules[-1]
        else:
            earlier, last = rules, Rule(patterns)
        new = _with_fields(last, fields)
        said = frozenset(name for name, value in fields.items() if value is not UNSET)
        shadowed = _within(earlier, names, said)
        return (*shadowed, new) if new.fields() else shadowed

    return _change_rules(recipe, step, change)


def reset(
    recipe: Recipe, step: int, layers: str | Sequence[str], fields: Iterable[str] | None = None
) -> Recipe:
    """Take back what rules say of these layers by name; what globs say of them stays.

    Args:
        recipe: Recipe to change.
        step: Index of the step.
        layers: Exact names.
        fields: What to take back; by default everything.
    """
    names = frozenset(_patterns(layers))
    wanted = None if fields is None else frozenset(fields)

    def change(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
        result: list[Rule] = []
        for rule in rules:
            named = tuple(pattern for pattern in rule.layers if pattern in names)
            others = tuple(pattern for pattern in rule.layers if pattern not in names)
            if not named:
                result.append(rule)
                continue
            if others:
                result.append(replace(rule, layers=others))
            rest = _without(rule, rule.fields() if wanted is None else wanted)
            if rest.fields():
                result.append(replace(rest, layers=named))
        return tuple(result)

    return _change_rules(recipe, step, change)


def without_rules(recipe: Recipe, step: int) -> Recipe:
    """Take all rules of a step out: every layer has the step's own parameters again."""
    return _change_rules(recipe, step, lambda _rules: ())


def _within(
    rules: tuple[Rule, ...], names: frozenset[str], fields: frozenset[str]
) -> tuple[Rule, ...]:
    """Rules without what a new last rule for `names` hides of them."""
    result: list[Rule] = []
    for rule in rules:
        if not names.issuperset(rule.layers) or fields.isdisjoint(rule.fields()):
            result.append(rule)
        elif (rest := _without(rule, fields)).fields():
            result.append(rest)
    return tuple(result)


def _without(rule: Rule, fields: frozenset[str]) -> Rule:
    params = FrozenMap({n: v for n, v in rule.params.items() if n not in fields})
    return replace(rule, params=params, skip=None if "skip" in fields else rule.skip)


def _with_fields(rule: Rule, fields: Mapping[str, Any]) -> Rule:
    rest = dict(fields)
    if "skip" in rest:
        skip = rest.pop("skip")
        rule = replace(rule, skip=None if skip is UNSET else skip)
    if "optional" in rest:
        rule = replace(rule, optional=rest.pop("optional") is True)
    return replace(rule, params=_set(rule.params, rest))


def _set(params: FrozenMap[Data], changes: Mapping[str, Any]) -> FrozenMap[Data]:
    kept = {name: value for name, value in params.items() if changes.get(name) is not UNSET}
    return FrozenMap(kept | {n: freeze(v) for n, v in changes.items() if v is not UNSET})


def _only(params: FrozenMap[Data], names: frozenset[str]) -> FrozenMap[Data]:
    return FrozenMap({name: value for name, value in params.items() if name in names})


def _frozen(params: Mapping[str, Any]) -> FrozenMap[Data]:
    return FrozenMap({name: freeze(value) for name, value in params.items()})


def _patterns(layers: str | Sequence[str]) -> tuple[str, ...]:
    patterns = (layers,) if isinstance(layers, str) else tuple(dict.fromkeys(layers))
    if not patterns:
        raise ValueError("A rule is for one layer at least")
    return patterns


def _order(step: Step, registry: Registry) -> int:
    method = registry.step(step.method)
    return method.order() if method is not None else Stage.CHANNEL


def _change_step(recipe: Recipe, index: int, change: Callable[[Step], Step]) -> Recipe:
    new = change(_at(recipe.steps, index))
    return replace(recipe, steps=(*recipe.steps[:index], new, *recipe.steps[index + 1 :]))


def _change_rules(
    recipe: Recipe, step: int, change: Callable[[tuple[Rule, ...]], tuple[Rule, ...]]
) -> Recipe:
    return _change_step(recipe, step, lambda s: replace(s, rules=change(s.rules)))


def _replaced(
    rules: tuple[Rule, ...], index: int, change: Callable[[Rule], Rule]
) -> tuple[Rule, ...]:
    return (*rules[:index], change(_at(rules, index)), *rules[index + 1 :])


def _at(items: Sequence[Any], index: int) -> Any:
    if not 0 <= index < len(items):
        raise IndexError(index)
    return items[index]
