"""What the recipe does to each layer in each facet, and why: the cells of the layer table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.frozen import by_identity
from engine.recipe.model import Step
from engine.recipe.plan import Assignment
from engine.registry import REGISTRY, Scope
from studio.document.facets import FACET_METHODS, Facet, facet_field, facet_step
from studio.document.memory import remembered
from studio.document.state import DocumentState


@dataclass(frozen=True, slots=True)
class Cell:
    """A facet of a layer: what the recipe does to it, and why.

    Attributes:
        facet: Which.
        value: The setting in force; None: nothing is done.
        step: The step that it comes from; None: there is none of this family.
        method: Its method's name.
        own: A rule says so, not the step as a whole.
        rule: Index of that rule.
        reason: Why nothing is done although it could be set; or why it cannot be set.
        editable: Whether it can be set.
        skipped: A rule leaves the layer out.
    """

    facet: Facet
    value: float | int | None = None
    step: int | None = None
    method: str = ""
    own: bool = False
    rule: int | None = None
    reason: str = ""
    editable: bool = True
    skipped: bool = False


BLANK = {facet: Cell(facet, editable=False) for facet in Facet}
"""Of layers that no step of the family knows."""


def cells(state: DocumentState, facet: Facet) -> Mapping[str, Cell]:
    """Layer → what the recipe does, or what could be done; some layers may be missing."""
    step = facet_step(state, facet)
    if state.resolution is None:
        return {}
    if step is None:
        return _possible(state, facet)
    assignments = state.resolution.states[step + 1].assignments
    return _done(facet, state.recipe.steps[step], assignments, _names(state))


@by_identity(16)
def _done(
    facet: Facet, step: Step, assignments: tuple[Assignment, ...], known: Mapping[str, int]
) -> Mapping[str, Cell]:
    """Layer → what a step does; kept, since an edit changes one step of several."""
    method = REGISTRY.step(step.method)
    assert method is not None  # facet_step has looked
    field = facet_field(facet, method)
    identity = method.axis.identity if method.axis and field == method.axis.field else None
    rules = enumerate(step.rules)
    for_all = frozenset(index for index, rule in rules if rule.layers == ("*",))
    found: dict[str, Cell] = {}
    shared: dict[tuple[object, ...], Cell] = {}
    for one in assignments:
        key = (id(one.params), id(one.sources), one.rule, one.reason, one.skipped)
        cell = shared.get(key)
        if cell is None:
            value = getattr(one.params, field, None) if one.active and step.enabled else None
            value = None if value == identity else value
            cell = shared[key] = _cell(facet, one, value, field, for_all)
        for layer in one.layers:
            found[layer if layer in known else owner_of(layer, known) or layer] = cell
    return found


@remembered("model.info")
def _names(state: DocumentState) -> dict[str, int]:
    layers = () if state.info is None else state.info.layers
    return {layer.name: index for index, layer in enumerate(layers)}


def _cell(
    facet: Facet, assignment: Assignment, value: Any, field: str, for_all: frozenset[int]
) -> Cell:
    """A cell; what a rule for all layers says (`for_all`) is no layer's own setting."""
    rules = {assignment.sources[name] for name in (field, "skip") if name in assignment.sources}
    return Cell(
        facet,
        value,
        assignment.step,
        assignment.method,
        own=bool(rules - for_all),
        rule=assignment.sources.get(field, assignment.rule),
        reason=assignment.reason,
        editable=not assignment.reason,
        skipped=assignment.skipped,
    )


def _possible(state: DocumentState, facet: Facet) -> Mapping[str, Cell]:
    """Which layers the family's method would apply to, where no step of it is there yet."""
    method = REGISTRY.step(FACET_METHODS[facet])
    if method is None or state.resolution is None:
        return {}
    params = method.params()
    table = state.resolution.plan.result
    by_group = method.scope is Scope.GROUP
    frozen: dict[str, str] = {}
    if by_group:
        frozen = {name: group.frozen_reason for group in table.groups for name in group.layers}
    known = _names(state)
    found: dict[str, Cell] = {}
    shared: dict[str, Cell] = {}
    for layer in table.layers:
        name = layer.name
        reason = method.applies(layer, params)
        if not reason and by_group:
            reason = frozen.get(name, _NO_GROUP)
        cell = shared.get(reason)
        if cell is None:
            cell = Cell(facet, method=method.name, reason=reason, editable=not reason)
            shared[reason] = cell
        found[name if name in known else owner_of(name, known) or name] = cell
    return found


_NO_GROUP = "Its channels cannot be removed one by one."


def owner_of(name: str, known: Mapping[str, Any]) -> str:
    """The original layer of a part that an earlier step made; empty: there is none."""
    while name and name not in known:
        name = name.rpartition(".")[0]
    return name
