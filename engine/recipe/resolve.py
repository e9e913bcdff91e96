"""Recipe + layer table → plan: what happens to each layer, and which rule caused it.

Pure: nothing is read, run or changed. The steps are walked over predicted tables, so that a rule
for the part of a layer that an earlier step will have replaced is understood.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache

from engine.errors import EngineError
from engine.frozen import FrozenMap
from engine.layer_table import LayerTable
from engine.parameters import Params
from engine.recipe.model import InvalidRecipe, Path, Problem, Recipe, Step, suggest, with_place
from engine.recipe.patterns import Lineage
from engine.recipe.plan import Assignment, Plan
from engine.recipe.settings import Settings
from engine.recipe.targets import Unit, reason_for, units_of
from engine.registry import REGISTRY, Method, Needs, Registry, Scope


@dataclass(frozen=True, slots=True)
class Resolution:
    """What could be made of a recipe, and all that is wrong with it.

    Attributes:
        plan: Complete only if there are no problems.
        problems: Each with its step, rule and field.
        states: What was known before each step and at the end, for the next `examine`.
    """

    plan: Plan
    problems: tuple[Problem, ...]
    states: tuple[State, ...] = field(default=(), repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class State:
    """The walk over the steps, between two of them.

    Attributes:
        table: The shapes here.
        lineage: Where its layers come from.
        certain: Whether all steps so far were understood.
        needs: Of the step before.
        assignments: Of the step before.
        problems: Of the step before.
    """

    table: LayerTable
    lineage: Lineage
    certain: bool = True
    needs: Needs = Needs.NOTHING
    assignments: tuple[Assignment, ...] = ()
    problems: tuple[Problem, ...] = ()


def resolve(recipe: Recipe, table: LayerTable, registry: Registry = REGISTRY) -> Plan:
    """Work out what happens to each layer.

    Raises:
        InvalidRecipe: With every problem there is: an unknown method, parameter, value or layer.
    """
    resolution = examine(recipe, table, registry)
    if resolution.problems:
        raise InvalidRecipe(resolution.problems)
    return resolution.plan


def examine(
    recipe: Recipe,
    table: LayerTable,
    registry: Registry = REGISTRY,
    previous: Resolution | None = None,
) -> Resolution:
    """Like `resolve`, but never raises: the plan so far, and the problems beside it.

    A wrong field is left out of the plan, a wrong step is passed over, so that the rest can still
    be shown.

    Args:
        recipe: What the user wants.
        table: The network's layers and channel groups.
        registry: The methods there are.
        previous: The last answer for the same table and registry; the steps up to the first that
            differs are taken from it.
    """
    states = [State(table, Lineage.of(table))] if previous is None else _reused(recipe, previous)
    for index in range(len(states) - 1, len(recipe.steps)):
        last = () if previous is None else previous.states[index + 1 : index + 2]
        known = last[0].assignments if last else ()
        states.append(_Walk(states[-1], index, recipe.steps[index], registry, known).walk())
    needs = Needs.NOTHING
    for state in states:
        needs |= state.needs
    plan = Plan(
        recipe,
        tuple(a for state in states for a in state.assignments),
        tuple(state.table for state in states),
        needs,
    )
    problems = (problem for state in states for problem in state.problems)
    return Resolution(plan, tuple(with_place(p, recipe) for p in problems), tuple(states))


def _reused(recipe: Recipe, previous: Resolution) -> list[State]:
    old = previous.plan.recipe.steps
    same = 0
    while same < min(len(old), len(recipe.steps)) and old[same] == recipe.steps[same]:
        same += 1
    return list(previous.states[: same + 1])


def start(table: LayerTable) -> State:
    """Before the first step of any recipe."""
    return State(table, Lineage.of(table))


def advance(before: State, recipe: Recipe, index: int, registry: Registry = REGISTRY) -> State:
    """The state after one step; its `assignments` say what the step does to each layer.

    Raises:
        InvalidRecipe: The step does not fit the layers there are.
    """
    state = _Walk(before, index, recipe.steps[index], registry).walk()
    if state.problems:
        raise InvalidRecipe(with_place(problem, recipe) for problem in state.problems)
    return state


def with_real_table(state: State, table: LayerTable, index: int) -> State:
    """A state whose shapes are those that step `index` really made, in place of the predicted."""
    return replace(state, table=table, lineage=state.lineage.after(table, index))


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
class _Setting:
    """What the same rules, in the same order, come to."""

    params: Params | None
    rule: int | None
    sources: FrozenMap[int]
    skipped: bool


class _Walk:
    """One step of the walk.

    Args:
        before: What is known before it.
        index: Of the step.
        step: The step.
        registry: The methods there are.
        known: Assignments of this step when it was last walked; those that are still right are
            taken as they are, so that whoever shows them sees at once which are others.
    """

    def __init__(
        self,
        before: State,
        index: int,
        step: Step,
        registry: Registry,
        known: tuple[Assignment, ...] = (),
    ) -> None:
        self._before = before
        self._index = index
        self._step = step
        self._registry = registry
        self._known = known
        self._problems: list[Problem] = []

    def walk(self) -> State:
        """The state after the step."""
        before = self._before
        if not self._step.enabled:
            return State(before.table, before.lineage, before.certain)
        method = _find_method(self._index, self._step, self._registry, self._problems)
        if method is None:
            return State(
                before.table, before.lineage, certain=False, problems=tuple(self._problems)
            )
        assigned = self._assign_all(method)
        return self._predicted(method, assigned)

    def _assign_all(self, method: Method) -> tuple[Assignment, ...]:
        values = Settings(self._index, self._step, method, self._problems)
        units = units_of(self._before.table, method.scope)
        matches = self._match(method, units)
        settings: dict[tuple[int, ...], _Setting] = {}
        assigned: list[Assignment] = []
        for number, unit in enumerate(units):
            found = matches.get(number, _NO_RULES)
            rules = tuple(found)
            setting = settings.get(rules)
            if setting is None:
                setting = settings[rules] = self._setting(rules, values)
            if setting.params is not None:
                via = _via(unit, found[rules[-1]]) if rules else ""
                reason = reason_for(method, unit, setting.params, self._before.table)
                assigned.append(self._assign(len(assigned), unit, setting, (via, reason)))
        same = len(assigned) == len(self._known)
        same = same and all(a is b for a, b in zip(assigned, self._known, strict=True))
        return self._known if same else tuple(assigned)

    def _match(
        self, method: Method, units: tuple[Unit, ...]
    ) -> dict[int, dict[int, frozenset[str]]]:
        """Unit → the rules that match it, in order, with all layers that each one matched."""
        matches: dict[int, dict[int, frozenset[str]]] = {}
        if not self._step.rules:
            return matches
        if method.scope is Scope.NETWORK:
            text = f"{method.name} is for the network as a whole and takes no rules"
            self._problems.append(Problem(text, ("steps", self._index, "rules"), "Take them out."))
            return matches
        owners: dict[str, list[int]] = {}
        for number, unit in enumerate(units):
            for layer in unit.layers:
                owners.setdefault(layer, []).append(number)
        lineage = self._before.lineage
        for number, rule in enumerate(self._step.rules):
            found: set[str] = set()
            for place, pattern in enumerate(rule.layers):
                hits = lineage.find(pattern)
                found.update(hits)
                if not hits and not rule.optional:
                    path = ("steps", self._index, "rules", number, "layers", place)
                    self._unmatched(path[:-1] if len(rule.layers) == 1 else path, pattern)
            names = frozenset(found)
            for layer in found:
                for owner in owners[layer]:
                    matches.setdefault(owner, {})[number] = names
        return matches

    def _unmatched(self, path: Path, pattern: str) -> None:
        lineage = self._before.lineage
        if not self._before.certain and lineage.inside_layer(pattern):
            return  # perhaps a part that a step with a problem would have made
        if pattern in lineage.gone:
            step = lineage.gone[pattern] + 1
            text = f"“{pattern}” is gone by now: step {step} removes it or merges it into another"
            hint = "Take the rule out, or say “optional: true”."
        else:
            text = f"“{pattern}” matches no layer"
            hint = suggest(pattern, lineage.known()) or "Or say “optional: true” in the rule."
        self._problems.append(Problem(text, path, hint))

    def _setting(self, rules: tuple[int, ...], values: Settings) -> _Setting:
        skipped = False
        sources: dict[str, int] = {}
        for number in rules:
            rule = self._step.rules[number]
            sources.update(dict.fromkeys(rule.params, number))
            if rule.skip is not None:
                skipped = rule.skip
                sources["skip"] = number
        last = rules[-1] if rules else None
        return _Setting(values.overlay(rules), last, _sources(tuple(sources.items())), skipped)

    def _assign(
        self, place: int, unit: Unit, setting: _Setting, why: tuple[str, str]
    ) -> Assignment:
        """What is done to a unit: the assignment that stood in this place before, if it says so."""
        assert setting.params is not None  # the caller has looked
        via, reason = why
        if place < len(self._known):
            old = self._known[place]
            if (
                old.params is setting.params
                and old.sources is setting.sources
                and old.target == unit.target
                and old.reason == reason
                and (old.rule, old.via, old.skipped) == (setting.rule, via, setting.skipped)
                and old.layers == unit.layers
                and (old.step, old.method) == (self._index, self._step.method)
            ):
                return old
        return Assignment(
            self._index,
            self._step.method,
            unit.target,
            unit.layers,
            setting.params,
            setting.rule,
            setting.sources,
            via,
            setting.skipped,
            reason,
        )

    def _predicted(self, method: Method, assigned: tuple[Assignment, ...]) -> State:
        table, lineage, certain = self._before.table, self._before.lineage, self._before.certain
        needs = Needs.NOTHING
        by_layer = method.scope is Scope.LAYER
        choices: dict[str, Params] = {}
        for a in assigned:
            if a.active:
                for name in a.layers if by_layer else (a.target,):
                    choices[name] = a.params
        for params in {id(params): params for params in choices.values()}.values():
            needs |= method.all_needs(params)
        try:
            if choices:
                table = method.predict(table, choices)
                lineage = lineage.after(table, self._index)
        except EngineError as error:
            text = f"{error.where}: {error.message}" if error.where else error.message
            self._problems.append(Problem(text, ("steps", self._index), error.hint))
            certain = False
        return State(table, lineage, certain, needs, assigned, tuple(self._problems))


_NO_RULES: dict[int, frozenset[str]] = {}


@lru_cache(maxsize=4096)
def _sources(items: tuple[tuple[str, int], ...]) -> FrozenMap[int]:
    """Equal sources are one object, so that two assignments are compared quickly."""
    return FrozenMap(dict(items))


def _via(unit: Unit, matched: frozenset[str]) -> str:
    """The member that a rule named, where it did not name them all."""
    if matched.issuperset(unit.layers):
        return ""
    return next(layer for layer in unit.layers if layer in matched)


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
