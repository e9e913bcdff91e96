"""Fills a cost table: what each setting of each layer is predicted to cost, and what it saves."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from torch import Tensor

from engine.cost import CostTable, Entry, Estimated, Grid
from engine.jobs.job import Job
from engine.methods import catalog as _catalog  # noqa: F401 - fills the registry
from engine.methods.pruning.channel_sensitivity import divergence
from engine.network.macs import network_macs
from engine.network.network import Network
from engine.registry import LayerTable
from engine.search.calibrate import Point, Scale, scale_of, spread_out
from engine.search.changes import Change
from engine.search.coupling import groups_of
from engine.search.makers import changes_of
from engine.search.quadratic import quadratic_losses
from engine.search.savings import applicable, baseline_of, grids_of, rows_of, savings
from engine.statistics.calibration import Calibration
from engine.statistics.stepper import Stepper, batches_within
from engine.surgery.fold import fold_batch_norms

SAMPLES = 256
"""Calibration samples that are looked at."""
_CHANGED_BYTES = 256 << 20
"""Of changed weights that are held at a time; what they differ by takes as much again."""
_MEASURED = 128
"""Samples on which entries are measured."""
_POINTS = 3
"""Entries of each method that are measured."""
_MEASURED_BYTES = 1 << 30
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
    points: list[Point] = field(default_factory=list)
    pass_s: float = math.nan

    def __post_init__(self) -> None:
        self._probe = _Measurement(self.network, self.samples, self.job)
        self.pass_s = self._probe.pass_s

    def entries(self) -> list[Entry]:
        """All losses, scaled to those that were measured; none falls as its setting grows."""
        found: dict[tuple[str, str, float], float] = {}
        portions = max(1, -(-self._bytes() // _CHANGED_BYTES))
        changes = changes_of(self.network, self.table, self.grids, self.samples, self.job)
        for some in _filled(changes):
            losses = quadratic_losses(self.network, some, self.samples, self.job)
            self._measure(some, losses, -(-_POINTS // portions))
            for change, loss in zip(some, losses, strict=True):
                for row in change.rows:
                    key = row, change.method, change.setting
                    found[key] = max(found.get(key, 0.0), loss)
        return self._told(found, scale_of(self.points))

    def _told(self, found: dict[tuple[str, str, float], float], scale: Scale) -> list[Entry]:
        told = []
        for grid in self.grids:
            for row in applicable(self.table, grid):
                worst = 0.0
                for setting in grid.settings:
                    loss = found.get((row, grid.method, setting))
                    if loss is not None and math.isfinite(loss):
                        worst = max(worst, loss)
                        middle, low, high = scale.loss(grid.method, worst)
                        told.append(Entry(row, grid.method, setting, middle, low, high))
        return told

    def _bytes(self) -> int:
        """Of all changed weights, about."""
        columns = sum(len(grid.settings) for grid in self.grids)
        return columns * sum(4 * math.prod(row.shape) for row in rows_of(self.table))

    def _measure(self, changes: Sequence[Change], losses: Sequence[float], count: int) -> None:
        """Measure a few entries of each method, so that predictions can be scaled."""
        chosen: list[int] = []
        for grid in self.grids:
            places = [i for i, change in enumerate(changes) if change.method == grid.method]
            chosen += [places[i] for i in spread_out([losses[i] for i in places], count)]
        measured = self._probe.losses([changes[place] for place in chosen])
        for place, loss in zip(chosen, measured, strict=True):
            self.points.append(Point(changes[place].method, losses[place], loss))


class _Measurement:
    """Runs a network with changed layers on a few samples.

    Args:
        network: Not changed.
        samples: The first of them are run.
        job: Looked at between nodes.
    """

    def __init__(self, network: Network, samples: Calibration, job: Job) -> None:
        self._module = network.module
        self._job = job
        few = samples.first(_MEASURED)
        self._batches = batches_within(network.module, few, _MEASURED_BYTES)
        stepper = Stepper(self._module, self._batches, job)
        self._reference = self._answers(stepper.fork({}))
        began = time.process_time()  # of the second run: the first loads what it needs
        self._answers(stepper.fork({}))
        count = sum(len(batch[0]) for batch in self._batches)
        self.pass_s = max(time.process_time() - began, 1e-9) * len(samples) / count

    def losses(self, changes: Sequence[Change]) -> list[float]:
        """Mean divergence of the answers from the original's; what lies before is run once."""
        stepper = Stepper(self._module, self._batches, self._job)
        calls = {
            str(node.target): place
            for place, node in reversed(list(enumerate(stepper.nodes)))
            if node.op == "call_module"
        }
        begins = [min((calls[layer] for layer in one.leaves), default=0) for one in changes]
        found = [0.0] * len(changes)
        for number, place in enumerate(sorted(range(len(changes)), key=begins.__getitem__)):
            self._job.checkpoint("Measuring a few settings", number, len(changes))
            for node in stepper.nodes[: begins[place]]:
                stepper.compute(node)
            answers = self._answers(stepper.fork(changes[place].leaves))
            found[place] = divergence(self._reference, answers)
        return found

    def _answers(self, stepper: Stepper) -> list[Tensor]:
        result = []
        for arguments in stepper.arguments(stepper.nodes[-1]):
            value: Any = arguments[0]
            while isinstance(value, (tuple, list)):
                value = value[0]
            result.append(value.float())
        return result


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
