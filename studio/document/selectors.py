"""What views show, worked out from the state; kept until what it hangs on changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.cost import QUANTITIES
from engine.frozen import Data, by_identity
from engine.info import ChannelGroup, LayerInfo, Metrics, NetworkInfo
from engine.layer_table import LayerTable
from engine.prediction import predicted_metrics
from engine.recipe.edit import find_step
from engine.recipe.model import Problem, Step
from engine.recipe.plan import Assignment, Plan
from engine.registry import REGISTRY, Method, Scope
from studio.document.facets import FACET_KINDS, FACET_METHODS, Facet
from studio.document.forecast import layer_losses
from studio.document.memory import remembered
from studio.document.state import DocumentState, Opening
from studio.document.trial import UNMEASURED


@remembered("model.info", "model.opening")
def layer_table(state: DocumentState) -> LayerTable | None:
    """The layers and groups that recipes are resolved on; None until the network is read."""
    if state.info is None or state.model.opening is not Opening.READY:
        return None
    return LayerTable(state.info.layers, state.info.groups)


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


@dataclass(frozen=True, slots=True)
class LayerRow:
    """One row of the layer table.

    Attributes:
        layer: The layer as it is.
        group: Its channel group, if it has one that can shrink with others.
        cells: Facet → what the recipe does.
        size_bytes: Predicted, of whatever stands in its place.
        macs: Predicted; None where the shapes are not known.
        latency_share: Its part of the original's time, 0…1; None: not measured.
        latency_ms: Likewise.
        locked: By the user.
        reason: Why the layer is frozen as a whole; empty: it isn't.
        loss: Of its settings (KL, nats), corrected by trials; None: not known.
        loss_measured: It rests on measured entries alone.
        curve: Setting → loss of the method of the sensitivity column; empty: not known.
        curve_measured: Of each point of the curve.
        block: Name of the block that it belongs to, for grouping.
    """

    layer: LayerInfo
    group: ChannelGroup | None
    cells: Mapping[Facet, Cell]
    size_bytes: int
    macs: int | None
    latency_share: float | None = None
    latency_ms: float | None = None
    locked: bool = False
    reason: str = ""
    loss: float | None = None
    curve: tuple[tuple[float, float], ...] = ()
    block: str = ""
    loss_measured: bool = False
    curve_measured: tuple[bool, ...] = ()

    @property
    def is_changed(self) -> bool:
        """Whether the recipe does anything to it."""
        return any(cell.value is not None for cell in self.cells.values())


def facet_field(facet: Facet, method: Method) -> str:
    """The parameter that a facet sets; empty if the method has none."""
    if facet in (Facet.WEIGHT_BITS, Facet.ACTIVATION_BITS):
        return facet.value if facet.value in method.fields() else ""
    return method.axis.field if method.axis is not None else ""


def facet_step(state: DocumentState, facet: Facet) -> int | None:
    """The step that a facet edits: the selected one of its family, else the last."""
    found = None
    for kind in FACET_KINDS[facet]:
        index = find_step(state.recipe, kind, state.step)
        if index is not None and (
            found is None or index == state.step or (found != state.step and index > found)
        ):
            method = REGISTRY.step(state.recipe.steps[index].method)
            if method is not None and facet_field(facet, method):
                found = index
    return found


def block_of(name: str) -> str:
    """The part of a layer's name that its neighbors share."""
    return name.rpartition(".")[0]


@remembered(
    "model.info",
    "model.opening",
    "resolution",
    "step",
    "locks",
    "profile",
    "cost",
    "trials",
)
def rows(state: DocumentState) -> tuple[LayerRow, ...]:
    """The layer table, in execution order."""
    if state.info is None:
        return ()
    after = _after(state)
    cells = [(facet, _BLANK[facet], _cells(state, facet)) for facet in Facet]
    losses = layer_losses(state)
    result = []
    for fact in _facts(state):
        layer = fact.layer
        name = layer.name
        size_bytes, macs = after.get(name, (layer.size_bytes, layer.macs))
        loss, loss_measured = losses.get(name, _NO_LOSS)
        result.append(
            LayerRow(
                layer,
                fact.group,
                {facet: found.get(name, blank) for facet, blank, found in cells},
                size_bytes,
                macs,
                fact.latency_share,
                fact.latency_ms,
                name in state.locks,
                layer.verdict.reason,
                loss,
                fact.curve,
                fact.block,
                loss_measured,
                fact.curve_measured,
            )
        )
    return tuple(result)


@dataclass(frozen=True, slots=True)
class _Fact:
    """What a row shows whatever the recipe is."""

    layer: LayerInfo
    group: ChannelGroup | None
    latency_share: float | None
    latency_ms: float | None
    curve: tuple[tuple[float, float], ...]
    block: str
    curve_measured: tuple[bool, ...]


_NO_LOSS: tuple[float | None, bool] = (None, False)


@remembered("model.info", "profile", "cost")
def _facts(state: DocumentState) -> tuple[_Fact, ...]:
    """Of each layer."""
    if state.info is None:
        return ()
    groups = {name: group for group in state.info.groups for name in group.layers}
    times = {} if state.profile is None else {one.name: one for one in state.profile.layers}
    curves = _curves(state)
    facts = []
    for layer in state.info.layers:
        name = layer.name
        time = times.get(name)
        share, latency_ms = (None, None) if time is None else (time.share, time.latency_ms)
        curve, measured = curves.get(name, ((), ()))
        group, block = groups.get(name), block_of(name)
        facts.append(_Fact(layer, group, share, latency_ms, curve, block, measured))
    return tuple(facts)


_BLANK = {facet: Cell(facet, editable=False) for facet in Facet}
"""Of layers that no step of the family knows."""


@remembered("cost")
def _curves(
    state: DocumentState,
) -> dict[str, tuple[tuple[tuple[float, float], ...], tuple[bool, ...]]]:
    """Layer → setting and loss of each point, and which are measured.

    They are of the first method that the cost table has a curve for.
    """
    table = state.cost
    curves: dict[str, tuple[tuple[tuple[float, float], ...], tuple[bool, ...]]] = {}
    if table is None:
        return curves
    place = QUANTITIES.index("loss")
    losses = table.values[:, :, place].tolist()
    flags = table.measured[:, :, place].tolist()
    start = 0
    for grid in table.grids:
        end = start + len(grid.settings)
        for name, line, sure in zip(table.layers, losses, flags, strict=True):
            if name in curves:
                continue
            points = zip(grid.settings, line[start:end], sure[start:end], strict=True)
            known = [(float(at), loss, flag) for at, loss, flag in points if loss == loss]  # no NaN
            if len(known) > 1:
                curve = tuple((at, loss) for at, loss, _ in known)
                curves[name] = (curve, tuple(flag for _, _, flag in known))
        start = end
    return curves


@remembered("resolution", "model.info")
def _after(state: DocumentState) -> dict[str, tuple[int, int | None]]:
    """Original layer → bytes and MACs of what stands in its place at the end."""
    if state.resolution is None or state.info is None:
        return {}
    sums: dict[str, tuple[int, int | None]] = {
        layer.name: (0, None if layer.macs is None else 0) for layer in state.info.layers
    }
    for layer in state.resolution.plan.result.layers:
        owner = _owner(layer.name, sums)
        if owner:
            size, macs = sums[owner]
            more = None if macs is None or layer.macs is None else macs + layer.macs
            sums[owner] = (size + layer.size_bytes, more)
    return sums


def _owner(name: str, known: Mapping[str, Any]) -> str:
    """The original layer of a part that an earlier step made; empty: there is none."""
    while name and name not in known:
        name = name.rpartition(".")[0]
    return name


def _cells(state: DocumentState, facet: Facet) -> Mapping[str, Cell]:
    """Layer → what the recipe does, or what could be done."""
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
    cells: dict[str, Cell] = {}
    shared: dict[tuple[object, ...], Cell] = {}
    for one in assignments:
        key = (id(one.params), id(one.sources), one.rule, one.reason, one.skipped)
        cell = shared.get(key)
        if cell is None:
            value = getattr(one.params, field, None) if one.active and step.enabled else None
            value = None if value == identity else value
            cell = shared[key] = _cell(facet, one, value, field, for_all)
        for layer in one.layers:
            cells[layer if layer in known else _owner(layer, known) or layer] = cell
    return cells


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
    cells: dict[str, Cell] = {}
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
        cells[name if name in known else _owner(name, known) or name] = cell
    return cells


_NO_GROUP = "Its channels cannot be removed one by one."


@remembered("resolution", "model.info", "profile")
def predicted(state: DocumentState) -> Metrics:
    """What the recipe will come to, from shapes alone."""
    if state.resolution is None or state.info is None:
        return UNMEASURED
    found = predicted_metrics(state.resolution.plan, state.info, "onnx")
    if state.profile is None:
        return found
    return replace(found, latency_ms=_scaled_ms(state))


def _scaled_ms(state: DocumentState) -> float:
    """Each layer's measured time in proportion to its MACs; what integers gain is not in it."""
    assert state.profile is not None
    after = _after(state)
    before = {} if state.info is None else {one.name: one.macs for one in state.info.layers}
    listed = sum(one.latency_ms for one in state.profile.layers)
    total = 0.0
    for one in state.profile.layers:
        old, new = before.get(one.name), after.get(one.name, (0, None))[1]
        factor = new / old if old and new is not None else 1.0
        total += one.latency_ms * factor
    return state.profile.latency_ms * (total / listed if listed else 1.0)


@remembered("resolution")
def problems(state: DocumentState) -> tuple[Problem, ...]:
    """What is wrong with the recipe."""
    return () if state.resolution is None else state.resolution.problems


def plan(state: DocumentState) -> Plan | None:
    """The recipe for this network; None without a network."""
    return None if state.resolution is None else state.resolution.plan


def group_of(info: NetworkInfo | None, layer: str) -> ChannelGroup | None:
    """The channel group that a layer's outputs belong to."""
    if info is None:
        return None
    return next((group for group in info.groups if layer in group.layers), None)


@remembered("model.info", "selection")
def lit(state: DocumentState) -> frozenset[str]:
    """The selected layers and all that share a channel group with one of them."""
    chosen = set(state.selection)
    if state.info is not None:
        for group in state.info.groups:
            if chosen.intersection(group.layers):
                chosen.update(group.layers)
    return frozenset(chosen)


def similar(state: DocumentState, name: str) -> tuple[str, ...]:
    """The layers of the same kind and weight shape, this one included."""
    if state.info is None:
        return ()
    mine = next((one for one in state.info.layers if one.name == name), None)
    if mine is None:
        return ()
    return tuple(
        one.name for one in state.info.layers if one.kind is mine.kind and one.shape == mine.shape
    )


def settings_of(state: DocumentState, step: int, layer: str) -> Mapping[str, Data] | None:
    """All parameters in force for a layer in a step, as plain values; None: not known there."""
    if state.resolution is None:
        return None
    found = state.resolution.plan.find(step, layer)
    return None if found is None else found.params.model_dump(mode="json")
