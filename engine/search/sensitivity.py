"""Fills a cost table: what each setting of each layer is predicted to cost, and what it saves."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.cost import CostTable, Entry, Estimated, Grid
from engine.jobs.job import Job
from engine.layer_table import LayerTable
from engine.methods import catalog as _catalog  # noqa: F401 - fills the registry
from engine.network.macs import network_macs
from engine.network.network import Network
from engine.search.alike import Alike
from engine.search.calibrate import Floats, Looked, told
from engine.search.changes import Change
from engine.search.coupling import groups_of
from engine.search.few import FewSamples, chosen_samples, macs_after, pass_seconds
from engine.search.makers import changes_of
from engine.search.quadratic import quadratic_losses
from engine.search.savings import applicable, baseline_of, grids_of, rows_of, savings
from engine.statistics.calibration import Calibration
from engine.surgery.fold import fold_batch_norms

SAMPLES = 256
"""Calibration samples that are looked at."""
_CHANGED_BYTES = 256 << 20
"""Of changed weights that are held at a time; what they differ by takes as much again."""
_FEW_PASSES = 7
"""Forward passes over all samples that changed networks may take together, on a few of them."""
_FEWEST_FEW, _MOST_FEW = 12, 48
_SMALL = 3e-5
"""Nats below which second order is as good as running a few samples."""
_WORK = 4e12
"""MACs of the forward passes, about; of larger networks fewer samples are looked at."""
_PASSES = 40
_FEWEST = 16


def samples_wanted(network: Network) -> int:
    """How many samples to look at."""
    macs = max(network_macs(network.module) or 1, 1)
    return int(min(SAMPLES, max(_FEWEST, _WORK / _PASSES / macs)))


def estimate(
    network: Network,
    table: LayerTable,
    samples: Calibration | None,
    methods: Sequence[str],
    job: Job,
) -> Estimated:
    """A cost table: savings of all settings, and with samples their predicted losses.

    Args:
        network: The original; never changed.
        table: Its layers and groups.
        samples: Labels are not looked at; None: losses stay unknown.
        methods: Names of methods; empty: all that can be looked at.
        job: For progress.

    Raises:
        EngineError: A method has no costs.
        Cancelled: By the job.
    """
    began, worked = time.monotonic(), time.process_time()
    grids = grids_of(methods)
    rows = rows_of(table)
    costs = CostTable.empty([row.name for row in rows], grids, baseline_of(rows))
    costs = replace(costs, groups=groups_of(table, grids, job))
    for number, grid in enumerate(grids):
        job.checkpoint("Predicting sizes", number, len(grids))
        costs = costs.with_entries(savings(table, grid, job))
    if samples is None or not rows:
        return Estimated(costs, time.monotonic() - began, 0.0, 0)
    losses = _Losses(fold_batch_norms(network), table, grids, samples, job)
    costs = costs.with_entries(losses.entries())
    passes = (time.process_time() - worked) / losses.pass_s
    return Estimated(costs, time.monotonic() - began, passes, len(samples))


@dataclass
class _Losses:
    """Predicts the losses of all entries of a network whose batch norms are folded."""

    network: Network
    table: LayerTable
    grids: Sequence[Grid]
    samples: Calibration
    job: Job
    pass_s: float = math.nan

    def __post_init__(self) -> None:
        self.pass_s = pass_seconds(self.network, self.samples, self.job)
        self._after = macs_after(self.network.module)

    def entries(self) -> list[Entry]:
        """All losses; none falls as its setting grows."""
        changes = changes_of(self.network, self.table, self.grids, self.samples, self.job)
        portions = max(1, -(-self._bytes() // _CHANGED_BYTES))
        rows: list[tuple[tuple[str, ...], str, float]] = []
        parts = []
        for some in _filled(changes):
            parts.append(self._looked(some, portions))
            rows += [(change.rows, change.method, change.setting) for change in some]
        if not rows:
            return []
        known = told([method for _, method, _ in rows], parts)
        found: dict[tuple[str, str, float], tuple[float, float, float]] = {}
        for place, (names, method, setting) in enumerate(rows):
            values = known.at(place)
            for name in names:
                key = name, method, setting
                found[key] = max(found.get(key, values), values)
        return self._rising(found)

    def _looked(self, changes: Sequence[Change], portions: int) -> Looked:
        """What all samples say of changes to second order, and what a few say in truth."""
        effects = quadratic_losses(self.network, changes, self.samples, self.job)
        alike = Alike(effects.answers) if effects.answers is not None else None
        moves = effects.moves.numpy()
        starts = np.array([change.fitted for change in changes])
        seen = {start: _Seen(moves, start, alike) for start in set(starts.tolist())}
        predicted, noise = np.empty((2, len(changes)))
        for start, what in seen.items():
            mine = starts == start
            predicted[mine], noise[mine] = what.means[mine], what.noise[mine]
        large, count = self._few(changes, predicted, portions)
        chosen = [changes[place] for place in large.tolist()]
        first = max(seen)
        places, counts = chosen_samples(seen[first].losses, count)
        runs = self._runs(places + first, effects.power)
        places, counts = places[: runs.count] + first, counts[: runs.count]
        pairs = None if alike is None else alike.among(places, counts)
        weights = counts if pairs is None else pairs.weights
        true = np.full((len(changes), len(places)), np.nan)
        if chosen:
            true[large] = runs.losses(chosen, pairs) * (counts if pairs is None else 1.0)
        return Looked(predicted, noise, moves[:, places] * weights, true)

    def _runs(self, places: NDArray[np.int64], power: float) -> FewSamples:
        few = Calibration(tuple(x[places] for x in self.samples.inputs), batch=self.samples.batch)
        return FewSamples(self.network, few, self.job, power)

    def _few(
        self, changes: Sequence[Change], predicted: Floats, portions: int
    ) -> tuple[NDArray[np.int64], int]:
        """Which changes are run, and on how many samples, so that it takes so many passes.

        Where all that lose more than a little are too many, those that lose most: they are furthest
        from second order, and the others follow them.
        """
        parts = np.array([max(self._after.get(name, 0.5) for name in c.leaves) for c in changes])
        order = np.argsort(-predicted, kind="stable")
        order = order[predicted[order] > _SMALL]
        passes = np.cumsum(parts[order]) * portions / len(self.samples)  # on one sample
        most = int(np.searchsorted(passes * _FEWEST_FEW, _FEW_PASSES, side="right"))
        order = np.sort(order[: max(most, 1)])
        wanted = _FEW_PASSES / max(float(passes[: max(most, 1)][-1:].sum()), 1e-9)
        return order, int(min(max(wanted, _FEWEST_FEW), _MOST_FEW))

    def _rising(
        self, found: dict[tuple[str, str, float], tuple[float, float, float]]
    ) -> list[Entry]:
        entries = []
        for grid in self.grids:
            for row in applicable(self.table, grid):
                worst = (0.0, 0.0, 0.0)
                for setting in grid.settings:
                    values = found.get((row, grid.method, setting))
                    if values is not None and math.isfinite(values[0]):
                        worst = max(worst, values)
                        entries.append(Entry(row, grid.method, setting, *worst))
        return entries

    def _bytes(self) -> int:
        """Of all changed weights, about."""
        columns = sum(len(grid.settings) for grid in self.grids)
        return columns * sum(4 * math.prod(row.shape) for row in rows_of(self.table))


class _Seen:
    """What the samples from one on say of changes to second order.

    Args:
        moves: `[changes, samples]`.
        first: Samples before it do not count.
        alike: Of outputs that are classes.
    """

    def __init__(self, moves: Floats, first: int, alike: Alike | None) -> None:
        weights = np.ones(moves.shape[1] - first) if alike is None else alike.weights(first)
        self.losses: Floats = moves[:, first:] * weights
        self.means: Floats = self.losses.mean(1)
        squared = np.square(self.means) * self.losses.shape[1]
        spread = self.losses.var(1)
        self.noise: Floats = np.divide(
            spread, squared, out=np.zeros_like(spread), where=squared > 0
        )
        if alike is not None:
            self.noise += alike.noise()


def _filled(changes: Iterator[Change]) -> Iterator[list[Change]]:
    """Portions that fit into memory."""
    some: list[Change] = []
    held = 0
    for change in changes:
        size = change.size_bytes
        if some and held + size > _CHANGED_BYTES:
            yield some
            some, held = [], 0
        some.append(change)
        held += size
    if some:
        yield some
