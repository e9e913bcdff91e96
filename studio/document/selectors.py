"""What views show, worked out from the state; kept until what it hangs on changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from engine.cost import QUANTITIES
from engine.frozen import Data
from engine.info import ChannelGroup, LayerInfo, Metrics, NetworkInfo
from engine.layer_table import LayerTable
from engine.prediction import predicted_metrics
from engine.recipe.model import Problem
from engine.recipe.plan import Plan
from studio.document.cells import BLANK, Cell, cells, owner_of
from studio.document.facets import Facet
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
    "learned",
)
def rows(state: DocumentState) -> tuple[LayerRow, ...]:
    """The layer table, in execution order."""
    if state.info is None:
        return ()
    after = _after(state)
    columns = [(facet, BLANK[facet], cells(state, facet)) for facet in Facet]
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
                {facet: found.get(name, blank) for facet, blank, found in columns},
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
        owner = owner_of(layer.name, sums)
        if owner:
            size, macs = sums[owner]
            more = None if macs is None or layer.macs is None else macs + layer.macs
            sums[owner] = (size + layer.size_bytes, more)
    return sums


@remembered("resolution", "model.info", "profile", "fitted", "fitted_time")
def predicted(state: DocumentState) -> Metrics:
    """What the recipe will come to, from shapes; the time as a fit said, where it looked at it."""
    if state.resolution is None or state.info is None:
        return UNMEASURED
    found = predicted_metrics(state.resolution.plan, state.info, "onnx")
    if state.profile is None:
        return found
    if state.fitted_time is not None and state.recipe == state.fitted:
        return replace(found, latency_ms=state.fitted_time * state.profile.latency_ms)
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
