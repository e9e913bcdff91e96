"""Recipe + layer table → plan: what happens to each layer, and which rule caused it.

Pure: nothing is read, run or changed. The steps are walked over predicted tables, so that a rule
for the part of a layer that an earlier step will have replaced is understood.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from engine.errors import EngineError
from engine.frozen import FrozenMap
from engine.info import ChannelGroup
from engine.recipe.model import InvalidRecipe, Path, Problem, Recipe, Step, suggest, with_place
from engine.recipe.patterns import Lineage, Matcher
from engine.recipe.settings import Settings
from engine.registry import (
    REGISTRY,
    LayerTable,
    Method,
    Needs,
    Params,
    Registry,
    Scope,
)


@dataclass(frozen=True, slots=True)
class Assignment:
    """One setting of one step: for a layer, a channel group, or the whole network.

    Attributes:
        step: Index of the step in the recipe.
        method: Its method's name.
        target: The layer, or the id of the group; empty for the whole network.
        layers: All layers concerned: the group's members, or those that share the weights.
        params: The parameters in force.
        rule: Index of the last rule that matched; None: the step's own parameters.
        sources: Field → index of the rule that it comes from, where it comes from one.
        via: The member that the last rule matched, where a rule for one is a rule for all.
        skipped: A rule leaves it out.
        reason: Why it is left alone although no rule says so; empty otherwise.
    """

    step: int
    method: str
    target: str
    layers: tuple[str, ...]
    params: Params
    rule: int | None = None
    sources: FrozenMap[int] = FrozenMap()
    via: str = ""
    skipped: bool = False
    reason: str = ""

    @property
    def active(self) -> bool:
        """Whether the step changes it."""
        return not self.skipped and not self.reason


@dataclass(frozen=True, slots=True)
class Plan:
    """A recipe without a pattern left in it, for one network.

    Attributes:
        recipe: What it was resolved from.
        assignments: By step, then in execution order; those that are skipped or refused too.
        tables: Before each step (disabled ones included), and at the end.
        needs: Of all active assignments together.
    """

    recipe: Recipe
    assignments: tuple[Assignment, ...]
    tables: tuple[LayerTable, ...]
    needs: Needs = Needs.NOTHING

    def __iter__(self) -> Iterator[Assignment]:
        """The active assignments, in the order they are run."""
        return (a for a in self.assignments if a.active)

    def of_step(self, step: int) -> tuple[Assignment, ...]:
        """Everything that the plan says about a step, skipped and refused layers too."""
        return tuple(a for a in self.assignments if a.step == step)

    def find(self, step: int, layer: str) -> Assignment | None:
        """What a step does to a layer; None if it knows no such layer."""
        return next((a for a in self.of_step(step) if layer in a.layers), None)

    @property
    def refused(self) -> tuple[Assignment, ...]:
        """Layers left alone for a reason although a rule of the recipe names them."""
        return tuple(
            a for a in self.assignments if a.reason and not a.skipped and a.rule is not None
        )

    @property
    def result(self) -> LayerTable:
        """The predicted shapes after the last step."""
        return self.tables[-1]

    def stage_key(self, step: int) -> str:
        """Hash of all that the steps up to this one do: equal plans up to here share results.

        How a setting came about (a rule, a default) does not matter, nor do disabled steps.
        """
        digest = hashlib.sha256(f"{self.recipe.seed}".encode())
        previous = -1
        for a in self:
            if a.step > step:
                break
            if a.step != previous:
                digest.update(f"\n\n{a.method}".encode())
                previous = a.step
            digest.update(f"\n{a.target}\t{a.params.model_dump_json()}".encode())
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Resolution:
    """What could be made of a recipe, and all that is wrong with it.

    Attributes:
        plan: Complete only if there are no problems.
        problems: Each with its step, rule and field.
    """

    plan: Plan
    problems: tuple[Problem, ...]


def resolve(recipe: Recipe, table: LayerTable, registry: Registry = REGISTRY) -> Plan:
    """Work out what happens to each layer.

    Raises:
        InvalidRecipe: With every problem there is: an unknown method, parameter, value or layer.
    """
    resolution = examine(recipe, table, registry)
    if resolution.problems:
        raise InvalidRecipe(resolution.problems)
    return resolution.plan


def examine(recipe: Recipe, table: LayerTable, registry: Registry = REGISTRY) -> Resolution:
    """Like `resolve`, but never raises: the plan so far, and the problems beside it.

    A wrong field is left out of the plan, a wrong step is passed over, so that the rest can still
    be shown.
    """
    walk = _Walk(table, registry)
    for index, step in enumerate(recipe.steps):
        walk.tables.append(walk.table)
        if step.enabled:
            walk.step(index, step)
    walk.tables.append(walk.table)
    plan = Plan(recipe, tuple(walk.assignments), tuple(walk.tables), walk.needs)
    return Resolution(plan, tuple(with_place(problem, recipe) for problem in walk.problems))


def check(recipe: Recipe, registry: Registry = REGISTRY) -> tuple[Problem, ...]:
    """What is wrong with a recipe whatever the network: methods, parameters and values."""
    problems: list[Problem] = []
    for index, step in enumerate(recipe.steps):
        if step.enabled:
            method = _find_method(index, step, registry, problems)
            if method is not None:
                Settings(index, step, method, problems)
    return tuple(with_place(problem, recipe) for problem in problems)


@dataclass(frozen=True, slots=True)
class _Unit:
    """What has one setting."""

    target: str
    layers: tuple[str, ...]
    reason: str = ""


class _Walk:
    """The state of one walk over the steps."""

    def __init__(self, table: LayerTable, registry: Registry) -> None:
        self.table = table
        self.registry = registry
        self.tables: list[LayerTable] = []
        self.assignments: list[Assignment] = []
        self.problems: list[Problem] = []
        self.needs = Needs.NOTHING
        self.lineage = Lineage.of(table)
        self.certain = True

    def step(self, index: int, step: Step) -> None:
        method = _find_method(index, step, self.registry, self.problems)
        if method is None:
            self.certain = False
            return
        settings = Settings(index, step, method, self.problems)
        units = _units(self.table, method.scope)
        matches = self._match(index, step, method, units)
        assigned: list[Assignment] = []
        for unit, rules in zip(units, matches, strict=True):
            params = settings.overlay(tuple(rules))
            if params is not None:
                assigned.append(self._assign(index, step, method, unit, rules, params))
        self.assignments += assigned
        self._predict(index, method, [a for a in assigned if a.active])

    def _match(
        self, index: int, step: Step, method: Method, units: list[_Unit]
    ) -> list[dict[int, frozenset[str]]]:
        """For each unit: the rules that match it, in order, with the layers each one matched."""
        matches: list[dict[int, frozenset[str]]] = [{} for _ in units]
        if step.rules and method.scope is Scope.NETWORK:
            text = f"{method.name} is for the network as a whole and takes no rules"
            self.problems.append(Problem(text, ("steps", index, "rules"), "Take them out."))
            return matches
        owners: dict[str, list[int]] = {}
        for number, unit in enumerate(units):
            for layer in unit.layers:
                owners.setdefault(layer, []).append(number)
        matcher = Matcher(self.lineage)
        for number, rule in enumerate(step.rules):
            found: set[str] = set()
            for place, pattern in enumerate(rule.layers):
                hits = matcher.find(pattern)
                found.update(hits)
                if not hits and not rule.optional:
                    path = ("steps", index, "rules", number, "layers", place)
                    self._unmatched(path[:-1] if len(rule.layers) == 1 else path, pattern, matcher)
            names = frozenset(found)
            for layer in found:
                for owner in owners[layer]:
                    matches[owner][number] = names
        return matches

    def _unmatched(self, path: Path, pattern: str, matcher: Matcher) -> None:
        if not self.certain and matcher.inside_layer(pattern):
            return  # perhaps a part that a step with a problem would have made
        if pattern in self.lineage.gone:
            step = self.lineage.gone[pattern] + 1
            text = f"“{pattern}” is gone by now: step {step} removes it or merges it into another"
            hint = "Take the rule out, or say “optional: true”."
        else:
            text = f"“{pattern}” matches no layer"
            hint = suggest(pattern, matcher.known()) or "Or say “optional: true” in the rule."
        self.problems.append(Problem(text, path, hint))

    def _assign(
        self,
        index: int,
        step: Step,
        method: Method,
        unit: _Unit,
        rules: dict[int, frozenset[str]],
        params: Params,
    ) -> Assignment:
        via, skipped = "", False
        sources: dict[str, int] = {}
        for number in rules:
            rule = step.rules[number]
            sources.update(dict.fromkeys(rule.params, number))
            if rule.skip is not None:
                skipped = rule.skip
                sources["skip"] = number
        last = max(rules, default=None)
        if last is not None and not rules[last].issuperset(unit.layers):
            via = next(layer for layer in unit.layers if layer in rules[last])
        return Assignment(
            index,
            method.name,
            unit.target,
            unit.layers,
            params,
            last,
            FrozenMap(sources) if sources else _NO_SOURCES,
            via,
            skipped,
            unit.reason or _reason(method, unit, params, self.table),
        )

    def _predict(self, index: int, method: Method, active: list[Assignment]) -> None:
        if not active:
            return
        for params in {a.params for a in active}:
            self.needs |= method.all_needs(params)
        by_layer = method.scope is Scope.LAYER
        choices = {
            name: a.params for a in active for name in (a.layers if by_layer else (a.target,))
        }
        try:
            table = method.predict(self.table, choices)
        except EngineError as error:
            text = f"{error.where}: {error.message}" if error.where else error.message
            self.problems.append(Problem(text, ("steps", index), error.hint))
            self.certain = False
            return
        self.lineage = self.lineage.after(table, index)
        self.table = table


_NO_SOURCES: FrozenMap[int] = FrozenMap()


def _find_method(
    index: int, step: Step, registry: Registry, problems: list[Problem]
) -> Method | None:
    method = registry.step(step.method)
    if method is None:
        others = registry.find(step.method)
        text = f"No method is called “{step.method}”"
        if others:
            text = f"“{step.method}” is a {others[0].kind.value}, which is not a step of its own"
        hint = suggest(step.method, [m.name for m in registry.steps()])
        problems.append(Problem(text, ("steps", index, "method"), hint))
    return method


def _units(table: LayerTable, scope: Scope) -> list[_Unit]:
    """What has one setting under this scope, in execution order."""
    if scope is Scope.NETWORK:
        return [_Unit("", ())]
    if scope is Scope.LAYER:
        tied: dict[str, list[str]] = {}
        for layer in table.layers:
            owner = layer.tied_to if layer.tied_to in table else layer.name
            tied.setdefault(owner, []).append(layer.name)
        return [_Unit(owner, tuple(layers)) for owner, layers in tied.items()]
    groups: dict[str, list[ChannelGroup]] = {}
    for group in table.groups:
        for layer_name in group.layers:
            groups.setdefault(layer_name, []).append(group)
    units: dict[str, _Unit] = {}
    for layer in table.layers:
        for group in groups.get(layer.name, ()):
            units.setdefault(group.id, _Unit(group.id, group.layers, group.frozen_reason))
        if layer.name not in groups:
            reason = "It belongs to no channel group."
            units[layer.name] = _Unit(layer.name, (layer.name,), reason)
    return list(units.values())


def _reason(method: Method, unit: _Unit, params: Params, table: LayerTable) -> str:
    """Why a method leaves a unit alone.

    A channel group needs one member that the method is for; layers that share their weights must
    all be.
    """
    reasons = [method.applies(table[name], params) for name in unit.layers if name in table]
    if method.scope is Scope.GROUP:
        return "" if not all(reasons) else next(iter(reasons), "")
    return next((reason for reason in reasons if reason), "")
