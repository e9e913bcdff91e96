"""What each layer can be given, exact in bytes and MACs: the methods' own predictions in a row."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from engine.cost import CostTable
from engine.errors import EngineError
from engine.frozen import FrozenMap
from engine.info import FOLDS_INTO, ChannelGroup, LayerInfo, LayerKind
from engine.jobs.job import Job
from engine.layer_table import LayerTable
from engine.methods.pruning.channel_shapes import Shapes, units_kept
from engine.parameters import Params
from engine.prediction import layer_bytes, most_held
from engine.registry import Scope
from engine.search.fit_channels import known_groups, rounding_of, states_of
from engine.search.fit_latency import INTEGERS, LayerTimes
from engine.search.fit_problem import CHANNEL, USES, Channels, Problem, Unit
from engine.search.fit_ranks import FORMS, share_of_whole, with_between
from engine.search.fit_recipe import Base
from engine.search.savings import method_of, rows_of

_MOST = 400
"""Combinations of states that a unit may have options for."""


@dataclass
class Options:
    """Makes the problem.

    Attributes:
        base: What the choices start from.
        cost: Predicted losses.
        methods: That are mixed.
        locks: Layers that keep what the recipe gives them.
        latency: Times of layers; None: not known.
        held: Bytes that a layer's input and output may take together.
        job: For progress.
    """

    base: Base
    cost: CostTable
    methods: Sequence[str]
    locks: frozenset[str]
    latency: LayerTimes | None
    job: Job
    held: float = math.inf
    integers: bool = False
    _groups: dict[str, tuple[ChannelGroup, tuple[str, ...]]] = field(default_factory=dict)
    _losses: dict[tuple[tuple[str, ...], str, float], float] = field(default_factory=dict)
    _params: dict[tuple[str, str, float], Params] = field(default_factory=dict)
    _known_choices: dict[tuple[str, tuple[str, ...]], tuple[float | None, ...]] = field(
        default_factory=dict
    )

    def problem(self) -> Problem:
        """Units and groups.

        Raises:
            EngineError: No loss is known.
        """
        self._check()
        table = self.base.table
        if CHANNEL in self.methods:
            self._groups = known_groups(table, self.cost, _MOST)
        groups = tuple(
            states_of(group, members, self.cost, self.base, self.locks)
            for group, members in self._groups.values()
        )
        places = {id: place for place, id in enumerate(self._groups)}
        units = []
        parts = list(_parts_of(table))
        for number, layers in enumerate(parts):
            self.job.checkpoint("Looking at settings", number, len(parts))
            units.append(self._unit(layers, groups, places))
        return Problem(tuple(units), groups, np.zeros(len(USES)))

    def _check(self) -> None:
        known = {
            grid.method
            for grid in self.cost.grids
            if any(
                not math.isnan(self.cost.predict(row, grid.method, grid.settings[-1]).loss)
                for row in self.cost.layers
            )
        }
        if not known & set(self.methods):
            raise EngineError(
                "It is not known what settings cost",
                hint="Give calibration data with --data; labels are not needed.",
            )

    def _unit(
        self, layers: tuple[LayerInfo, ...], groups: tuple[Channels, ...], places: dict[str, int]
    ) -> Unit:
        """All options of a layer, and of what goes with it."""
        known = {id: group for id, (group, _) in self._groups.items()}
        names = {layer.name for layer in layers}
        met = [id for id, g in known.items() if names & {*g.layers, *g.consumers}]
        mini = LayerTable(layers, tuple(self._groups[id][0] for id in met))
        roundings = {}
        for id in met:
            roundings[id] = rounding_of(self.base, id)
        shapes = Shapes(mini, roundings)
        rows = tuple(layer.name for layer in layers if layer.name in self.cost.layers)
        found: list[tuple[tuple[int, ...], FrozenMap[float], dict[str, float], list[float]]] = []
        axes = [range(len(groups[places[id]].ratios)) for id in met]
        for state in itertools.product(*axes):
            kept = {
                id: units_kept(known[id], groups[places[id]].ratios[at], roundings[id])
                for id, at in zip(met, state, strict=True)
            }
            table = shapes.after(kept) if met else mini
            for settings, after in self._settings(rows, table):
                losses = self._losses_of(rows, settings, mini, table)
                if not any(map(math.isnan, losses.values())):
                    found.append((state, settings, losses, self._use(layers, after, settings)))
        methods = {method for _, settings, _, _ in found for method in settings}
        return Unit(
            rows[0] if rows else layers[0].name,
            rows,
            tuple(places[id] for id in met),
            np.array([one[0] for one in found], np.int64).reshape(len(found), len(met)),
            tuple(one[1] for one in found),
            np.array([sum(one[2].values()) for one in found], np.float64),
            np.array([one[3] for one in found], np.float64).reshape(len(found), len(USES)),
            {m: np.array([one[2].get(m, 0.0) for one in found], np.float64) for m in methods},
        )

    def _settings(
        self, rows: tuple[str, ...], table: LayerTable
    ) -> Iterator[tuple[FrozenMap[float], LayerTable]]:
        """Combinations of the methods' settings, and what they make of the shapes."""
        methods = [
            name
            for name in sorted(self.methods, key=lambda name: method_of(name).order())
            if method_of(name).scope is not Scope.GROUP
        ]
        yield from self._from(tuple(methods), rows, table, {})

    def _from(
        self,
        methods: tuple[str, ...],
        rows: tuple[str, ...],
        table: LayerTable,
        done: dict[str, float],
    ) -> Iterator[tuple[FrozenMap[float], LayerTable]]:
        """All settings of the methods that are left, after those that are done."""
        if not methods:
            yield FrozenMap(done), table
            return
        method, *rest = methods
        choices = self._choices(method, rows)
        if method in FORMS and not done.keys().isdisjoint(FORMS):
            choices = (None,)  # parts are not divided again
        for setting in choices:
            after = self._after(method, setting, rows, table)
            if setting is None:
                yield from self._from(tuple(rest), rows, after, done)
            elif after is not table or self.locks.intersection(rows):
                # else the method leaves such shapes as they are
                yield from self._from(tuple(rest), rows, after, {**done, method: setting})

    def _choices(self, method: str, rows: tuple[str, ...]) -> tuple[float | None, ...]:
        known = self._known_choices.get((method, rows))
        if known is None:
            known = self._known_choices[method, rows] = self._found_choices(method, rows)
        return known

    def _found_choices(self, method: str, rows: tuple[str, ...]) -> tuple[float | None, ...]:
        if not rows:
            return (None,)
        if self.locks.intersection(rows):
            return (self._locked(method, rows),)
        grid = next((grid for grid in self.cost.grids if grid.method == method), None)
        axis = method_of(method).axis
        assert axis is not None
        settings = grid.settings if grid is not None else ()
        settings = with_between(settings) if method in FORMS else settings
        known = [s for s in settings if not math.isnan(self._one_loss(rows, method, s))]
        if self.integers and method == "uniform" and INTEGERS in known:
            return (INTEGERS,)
        return (None, *known)

    def _locked(self, method: str, rows: tuple[str, ...]) -> float | None:
        """What the recipe so far gives a layer."""
        axis = method_of(method).axis
        assert axis is not None
        for index, step in enumerate(self.base.plan.recipe.steps):
            if step.method == method and step.enabled:
                found = self.base.plan.find(index, rows[0])
                if found is not None and found.active:
                    value = getattr(found.params, axis.field)
                    return None if value is None else float(value)
        return None

    def _after(
        self, method: str, setting: float | None, rows: tuple[str, ...], table: LayerTable
    ) -> LayerTable:
        """The table after one method; the very same where it leaves the layers as they are."""
        chosen = {}
        if setting is not None:
            for layer in table.layers:
                owner = next((r for r in rows if _is_part(layer.name, r)), None)
                if owner is None:
                    continue
                params = self._at(method, owner, setting)
                if not method_of(method).applies(layer, params):
                    chosen[layer.name] = params
            if not chosen:
                return table
        elif method != "uniform":  # which folds norms wherever they are
            return table
        after = method_of(method).predict(table, chosen)
        same = all(a is b for a, b in zip(after.layers, table.layers, strict=False))
        return table if same and len(after) == len(table) else after

    def _at(self, method: str, owner: str, setting: float) -> Params:
        key = (method, owner, setting)
        if key not in self._params:
            self._params[key] = self.base.at(*key)
        return self._params[key]

    def _as_whole(
        self,
        rows: tuple[str, ...],
        settings: Mapping[str, float],
        whole: LayerTable,
        left: LayerTable,
    ) -> Mapping[str, float]:
        """Settings that lose in whole layers what these lose in what channels leave of them."""
        method = next((name for name in settings if name in FORMS), "")
        if not method or left is whole or self.locks.intersection(rows):
            return settings
        least = min(grid.settings[-1] for grid in self.cost.grids if grid.method == method)
        params = self._at(method, rows[0], settings[method])
        share = share_of_whole(method, whole[rows[0]], left[rows[0]], params, least)
        return {**settings, method: share}

    def _losses_of(
        self,
        rows: tuple[str, ...],
        settings: Mapping[str, float],
        whole: LayerTable,
        left: LayerTable,
    ) -> dict[str, float]:
        """Method → what its setting loses in what channels leave of layers."""
        share = _share_kept(whole, left)
        return {
            method: share * self._one_loss(rows, method, setting)
            for method, setting in self._as_whole(rows, settings, whole, left).items()
        }

    def _one_loss(self, rows: tuple[str, ...], method: str, setting: float) -> float:
        """Of layers that share weights: the change is one, and each of them tells its loss."""
        key = (rows, method, setting)
        if math.isnan(setting):
            return math.nan
        if key not in self._losses:
            self._losses[key] = self._looked_up(*key)
        return self._losses[key]

    def _looked_up(self, rows: tuple[str, ...], method: str, setting: float) -> float:
        losses = [self.cost.predict(row, method, setting).loss for row in rows]
        if self.locks.intersection(rows):
            return float(np.nan_to_num(max(losses)))  # what it keeps need not be known
        return max(losses)

    def _use(
        self, before: Sequence[LayerInfo], after: LayerTable, settings: Mapping[str, float]
    ) -> list[float]:
        macs = sum(layer.macs or 0 for layer in after.layers)
        times = self.latency
        latency = math.nan if times is None else times.of(before, after, settings)
        beyond = max(most_held(after.layers) - self.held, 0.0)
        return [float(layer_bytes(after.layers)), float(macs), latency, beyond]


def _is_part(name: str, row: str) -> bool:
    return name == row or name.startswith(f"{row}.")


def _share_kept(before: LayerTable, after: LayerTable) -> float:
    """Of the outputs of the first layer: errors of outputs that are gone cost nothing."""
    old, new = before.layers[0], after.layers[0]
    if not old.shape or not old.activation_bytes or not new.activation_bytes:
        return 1.0
    return new.activation_bytes / old.activation_bytes


def _parts_of(table: LayerTable) -> Iterator[tuple[LayerInfo, ...]]:
    """Layers that are looked at together: those that share weights, and norms that fold into them.

    Every layer of the table is in one part.
    """
    rows = {row.name for row in rows_of(table)}
    owners: dict[str, list[LayerInfo]] = {}
    for layer in table.layers:
        owner = layer.tied_to or layer.name
        into = layer.attributes.get(FOLDS_INTO)
        if layer.kind is LayerKind.BATCH_NORM and isinstance(into, str) and into in rows:
            owner = table[into].tied_to or into
        owners.setdefault(owner, []).append(layer)
    for layers in owners.values():
        yield tuple(sorted(layers, key=lambda layer: layer.name not in rows))
