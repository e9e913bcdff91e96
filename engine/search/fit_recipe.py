"""Choices as steps of a recipe, and a recipe's steps as what the choices start from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.factors import INTEGERS, chooses_zero_points
from engine.frozen import FrozenMap
from engine.layer_table import LayerTable
from engine.methods import catalog as _catalog  # noqa: F401 - fills the registry
from engine.parameters import Params
from engine.recipe import edit
from engine.recipe.model import Recipe, Rule, Step
from engine.recipe.plan import Assignment, Plan
from engine.recipe.resolve import examine, resolve
from engine.registry import REGISTRY, Method
from engine.search.fit_ranks import FORMS
from engine.search.savings import method_of

_ONE_FOR_EACH: Mapping[str, Mapping[str, Any]] = {
    "channel": {"target": "channels", "allocation": "uniform"},
    "data_aware_svd": {"rank_by": "size"},
    "spatial": {"rank_by": "size"},
}
"""What lets the setting of a method's axis be exactly that of one layer or group."""

_NEW: Mapping[str, Mapping[str, Any]] = {"uniform": {"rounding": "gptq"}}
"""What a step is given that is not there yet: seconds of work that save most of the loss."""

_QUICK: Mapping[str, Mapping[str, Any]] = {name: {"round_to": 8} for name in FORMS}
"""The same where milliseconds count: other ranks are packed anew between layers."""


@dataclass(frozen=True, slots=True)
class Base:
    """What the choices start from.

    Attributes:
        recipe: With a step for each method that is mixed.
        steps: Method → index of its step.
        assigned: Method → target (layer or group) → what the recipe says of it.
        table: Of the network as it is.
        plan: Of the recipe as it was given, where it resolves.
        shifts: Grids have zero points where that costs no time.
    """

    recipe: Recipe
    steps: Mapping[str, int]
    assigned: Mapping[str, Mapping[str, Assignment]]
    table: LayerTable
    plan: Plan
    shifts: bool = False

    def params(self, method: str, target: str) -> Params:
        """Settings other than the axis, of a layer or group."""
        found = self.assigned[method].get(target)
        base = method_of(method).params() if found is None else found.params
        return base.model_copy(update=dict(_ONE_FOR_EACH.get(method, {})))

    def at(self, method: str, target: str, setting: float) -> Params:
        """The same with a setting of the axis."""
        axis = method_of(method).axis
        assert axis is not None
        value = int(setting) if isinstance(axis.settings[0], int) else float(setting)
        beside = self.beside(method, setting)
        return self.params(method, target).model_copy(update={axis.field: value, **beside})

    def beside(self, method: str, setting: float) -> dict[str, Any]:
        """What goes with a setting of the axis."""
        chosen = self.shifts and method == "uniform"
        return {"symmetric": setting >= INTEGERS} if chosen else {}


def base_of(
    recipe: Recipe, table: LayerTable, methods: Sequence[str], *, timed: bool = False
) -> Base:
    """Begin from a recipe.

    Args:
        recipe: As it is.
        table: Of the network.
        methods: That are mixed.
        timed: Milliseconds are limited: new steps choose what processors compute at once.

    Raises:
        InvalidRecipe: It does not fit the network.
    """
    before = resolve(recipe, table)
    shifts = chooses_zero_points(recipe)
    steps: dict[str, int] = {}
    for name in methods:
        new = {**_NEW.get(name, {}), **(_QUICK.get(name, {}) if timed else {})}
        recipe, steps = _with_step(recipe, edit.make_step(name, **new), steps)
    assigned = {}
    for name, index in steps.items():  # on the layers as they are: a rule for one is for its parts
        plan = examine(replace(recipe, steps=(recipe.steps[index],)), table).plan
        assigned[name] = {target: one for one in plan.assignments for target in _targets(one)}
    return Base(recipe, steps, assigned, table, before, shifts)


def _targets(one: Assignment) -> tuple[str, ...]:
    method = REGISTRY.step(one.method)
    assert method is not None
    return (one.target, *one.layers) if method.scope.value == "layer" else (one.target,)


def _with_step(recipe: Recipe, new: Step, known: dict[str, int]) -> tuple[Recipe, dict[str, int]]:
    """A recipe with an enabled step of a new one's method, and where the steps are then."""
    name = new.method
    there = [i for i, step in enumerate(recipe.steps) if step.method == name and step.enabled]
    if there:
        return recipe, {**known, name: there[-1]}
    recipe, at = edit.with_step_in_order(recipe, new)
    moved = {method: index + (index >= at) for method, index in known.items()}
    return recipe, {**moved, name: at}


def recipe_of(base: Base, choices: Mapping[str, Mapping[str, float]]) -> Recipe:
    """The recipe with these choices, and nothing else in the steps of the methods that are mixed.

    Args:
        base: What they start from.
        choices: Method → layer, or id of a channel group → setting; others are left alone.
    """
    recipe = base.recipe
    unused = []
    for name, index in base.steps.items():
        chosen = choices.get(name, {})
        if chosen:
            recipe = _with_choices(recipe, index, base, chosen)
        else:
            unused.append(index)
    for index in sorted(unused, reverse=True):
        recipe = edit.without_step(recipe, index)
    return recipe


def _with_choices(recipe: Recipe, index: int, base: Base, chosen: Mapping[str, float]) -> Recipe:
    step = recipe.steps[index]
    method, assigned = method_of(step.method), base.assigned[step.method]
    assert method.axis is not None
    field = method.axis.field
    layers, left = _by_setting(method, assigned, chosen)
    most = Counter({setting: len(names) for setting, names in layers.items()})
    (usual, _), *_ = most.most_common(1)
    beside = base.beside(method.name, usual)
    rules = [_without(rule, {field, *beside}) for rule in step.rules]
    rules = [rule for rule in rules if rule.fields()]
    for setting in sorted(layers):
        if setting != usual:
            more = base.beside(method.name, setting)
            more = {name: value for name, value in more.items() if value != beside[name]}
            rules.append(Rule(tuple(layers[setting]), FrozenMap({field: setting, **more})))
    if left:
        rules.append(edit.make_rule(left, skip=True))
    fixed = _ONE_FOR_EACH.get(method.name, {})
    wanted = {name: value for name, value in fixed.items() if name in step.params}
    recipe = edit.with_params(recipe, index, **{field: usual}, **wanted, **beside)
    steps = list(recipe.steps)
    steps[index] = replace(steps[index], rules=tuple(rules))
    return replace(recipe, steps=tuple(steps))


def _by_setting(
    method: Method, assigned: Mapping[str, Assignment], chosen: Mapping[str, float]
) -> tuple[dict[float, list[str]], list[str]]:
    """Setting → names of the layers or groups that have it; and those that have none."""
    assert method.axis is not None
    whole = isinstance(method.axis.settings[0], int)
    layers: dict[float, list[str]] = {}
    left: list[str] = []
    for one in {id(one): one for one in assigned.values()}.values():
        if one.reason:
            continue
        name = _name_of(one, assigned)
        setting = next((chosen[n] for n in (one.target, *one.layers) if n in chosen), None)
        if setting is None:
            left.append(name)
        else:
            layers.setdefault(int(setting) if whole else setting, []).append(name)
    return layers, left


def _name_of(one: Assignment, assigned: Mapping[str, Assignment]) -> str:
    """A layer that a rule can name: of a group, a member that no other group has."""
    owners = Counter(
        name for other in {id(a): a for a in assigned.values()}.values() for name in other.layers
    )
    return next((name for name in one.layers if owners[name] == 1), one.layers[0])


def _without(rule: Rule, fields: Collection[str]) -> Rule:
    """A rule without what the choices say themselves."""
    gone = {*fields, *(name for fixed in _ONE_FOR_EACH.values() for name in fixed)}
    params = FrozenMap({name: value for name, value in rule.params.items() if name not in gone})
    return replace(rule, params=params, skip=None)
