"""Measures what settings cost: the divergence of a network's answers on data, change by change.

The changes are those of the estimate. What comes before a change is run once for all of them (see
`Tails`), samples come in the same order for every change, and a change is done when its interval
is narrow enough.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from engine.cost import Entry, Grid
from engine.costs_measured import MeasureCosts, Measured, Place
from engine.errors import DataError
from engine.jobs.job import Job
from engine.layer_table import LayerTable
from engine.network.macs import network_macs
from engine.network.memory import peak_activation_bytes
from engine.network.network import Network
from engine.search.answers import Answers
from engine.search.changes import Change
from engine.search.design import design_of
from engine.search.limited import Ended, Limited, Within
from engine.search.makers import stages_of
from engine.search.pace import Pace
from engine.search.runs import Run, by_worth
from engine.search.sums import Key, Sums, sums_from
from engine.search.tails import Tails
from engine.search.wanted import fingerprint, key_of, part_of, wanted_entries
from engine.statistics.calibration import Calibration
from engine.surgery.fold import fold_batch_norms

_CHANGED_BYTES = 512 << 20
"""Of changed weights that are held at a time."""
_BATCH_BYTES = 6 << 20
"""Of live activations of one batch: what processors have caches for."""
_MOST_BATCH = 256
_BATCH_WORK = 3e9
"""MACs of one batch: a cancel is heard in between."""
_WAVES = 3
_WAVE = 40
"""Changes that go through the network together at the least: what comes before them is run again
for each wave."""
_PATIENCE_S = 4.0
"""Changes are made before those that are there are measured; twice as long the next time."""
_PATIENCE = 0.1
"""The same as a part of the time that there is, where that is less."""
_NEEDED = 0.2
"""Share of the samples that a change needs as a rule."""
_SHOWN_S = 0.5
"""Between two tables that are shown on the way."""


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """What is measured with.

    Attributes:
        calibration: What the methods look at when they make changes.
        measured: What the changed networks are run on, in any order; with labels or without.
        notes: What there is to say of them, a sentence each.
    """

    calibration: Calibration
    measured: Calibration
    notes: tuple[str, ...] = ()


def measure(
    network: Network, table: LayerTable, request: MeasureCosts, samples: Samples, job: Job
) -> Measured:
    """Measure the entries of a cost table.

    Args:
        network: The original; never changed.
        table: Its layers and groups.
        request: What to measure; with a table.
        samples: Data.
        job: For progress; shows what is finished on the way. Where it is asked to stop, what is
            finished is returned.

    Raises:
        EngineError: An entry is not in the table, or the network gives no finite answers.
        Cancelled: By the job.
    """
    limited = Limited(job, time.monotonic(), request.seconds)
    work = _Measuring(network, table, request, samples, limited)
    try:
        work.run()
    except Ended:
        return work.result(stopped=True)
    return work.result(stopped=False)


class _Measuring:
    """State of one measurement."""

    def __init__(
        self,
        network: Network,
        table: LayerTable,
        request: MeasureCosts,
        samples: Samples,
        job: Limited,
    ) -> None:
        assert request.table is not None
        self._costs = request.table
        self._request = request
        self._table = table
        self._job = job
        self._worked = time.process_time()
        self._network = fold_batch_norms(network)
        self._calibration = samples.calibration
        self._samples = samples.measured
        self._notes = samples.notes
        self._wanted = wanted_entries(self._costs, request)
        self._keys: dict[Place, list[Key]] = {}
        self._pass_s = math.nan
        self._shown_at = time.monotonic()
        self._sums = Sums(design_of(None, 0, 0), labeled=False)
        self._state = request.state
        self._fingerprint = ""

    # The result ------------------------------------------------------------------------------

    def result(self, *, stopped: bool) -> Measured:
        """What is known now."""
        done = sum(self._is_done(place) for place in self._wanted)
        total = len(self._wanted)
        passes = (time.process_time() - self._worked) / self._pass_s
        return Measured(
            self._costs.with_entries(self._entries()),
            done,
            total,
            len(self._samples),
            self._job.now() - self._job.began,
            passes if math.isfinite(passes) else 0.0,
            stopped and done < total,
            self._samples.labels is not None,
            self._costs,
            self._sums.to_bytes(self._fingerprint) if self._fingerprint else self._state,
            self._notes,
        )

    def _entries(self) -> Iterator[Entry]:
        """Entries whose changes all have a loss; a row of several groups has the largest."""
        for (layer, method, setting), keys in self._keys.items():
            if all(self._sums.is_known(key) for key in keys):
                losses = [self._sums.loss(key) for key in keys]
                worst = max(losses, key=lambda one: one.loss)
                yield Entry(
                    layer,
                    method,
                    setting,
                    worst.loss,
                    worst.low,
                    worst.high,
                    worst.drop,
                    measured=True,
                )

    def _is_done(self, place: Place) -> bool:
        keys = self._keys.get(place)
        if keys is None:
            return self._is_certain(place)
        return all(self._sums.is_done(key, self._request.precision) for key in keys)

    def _is_certain(self, place: Place) -> bool:
        """Whether the table that was given is certain enough of an entry."""
        one = self._costs.entry(*place)
        if not one.measured or not self._request.precision:
            return False
        return one.loss_high - one.loss_low <= 2 * self._request.precision * one.loss

    # The work --------------------------------------------------------------------------------

    def run(self) -> None:
        """Measure until all is done."""
        if not self._wanted:
            return
        self._prepare()
        count = max(1, -(-self._bytes() // _CHANGED_BYTES))
        for number, runs in enumerate(self._portions()):
            left_s = self._job.ends_at - self._job.now()
            self._job.portion_ends_at = self._job.now() + left_s / max(count - number, 1)
            try:
                self._measure(by_worth(runs, self._costs))
            except Ended:
                if self._job.is_over:
                    raise
            self._job.portion_ends_at = math.inf
        self._wanted = [p for p in self._wanted if p in self._keys or self._is_certain(p)]

    def _prepare(self) -> None:
        """Run the original."""
        samples = self._samples
        size = batch_size(self._network)
        fixed = self._network.inputs[0].shape[0] if self._network.inputs else None
        if isinstance(fixed, int):
            if len(samples) < fixed:
                raise DataError(
                    f"The network takes {fixed} samples at a time, and there are {len(samples)}",
                    hint="Give more data.",
                )
            size, samples = fixed, samples.first(len(samples) // fixed * fixed)
        self._size = size
        first = next(iter(samples.batches(size)))
        self._job.checkpoint("Running the original", 0, len(samples))
        self._tails = Tails(self._network.module, first, self._job)
        self._answers = Answers(self._tails, samples, size, self._job)
        self._pass_s = self._answers.seconds
        usual_s = self._pass_s * (_NEEDED if self._request.precision else 1.0)
        self._pace = Pace(self._table.layers, self._wanted, usual_s, self._job.now)
        self._fingerprint = fingerprint(self._network, samples, self._calibration)
        self._sums = self._begun(samples)
        order = torch.from_numpy(self._sums.design.order)
        self._samples = _ordered(samples, order, labeled=self._answers.right is not None)
        self._answers.arrange(self._samples, order)

    def _begun(self, samples: Calibration) -> Sums:
        """The sums so far, if they are of these samples; else empty ones."""
        labeled, count = self._answers.right is not None, len(samples)
        if self._state:
            found = sums_from(self._state, self._fingerprint, count, labeled=labeled)
            if found is not None:
                return found
            self._notes += ("What was measured before is of other data, and is measured anew.",)
        design = design_of(self._answers.uncertainty, count, self._request.seed)
        return Sums(design, labeled=labeled)

    def _bytes(self) -> int:
        """Of all changed weights, about."""
        sizes = {row.name: 4 * math.prod(row.shape) for row in self._table.layers}
        return sum(sizes.get(place[0], 0) for place in self._wanted)

    def _portions(self) -> Iterator[list[Run]]:
        """Changes that are not done, as many as fit into memory at a time.

        Making them takes long: so what is most worth knowing of those that are there is measured
        meanwhile, for about as long as they took.
        """
        some: list[Run] = []
        held = fresh = 0
        began = self._job.began
        patience_s = min(_PATIENCE_S, _PATIENCE * (self._request.seconds or math.inf))
        for run in self._runs():
            if run is not None:
                if some and held + run.size_bytes > _CHANGED_BYTES:
                    yield some
                    some, held, fresh, began = [], 0, 0, self._job.now()
                some.append(run)
                held, fresh = held + run.size_bytes, fresh + 1
            making_s = self._job.now() - began
            if making_s >= patience_s and fresh >= (_WAVE if run is not None else 1):
                some = self._measure_first(some, making_s)
                held, fresh, began = sum(one.size_bytes for one in some), 0, self._job.now()
                patience_s *= 2
        if some:
            yield some

    def _runs(self) -> Iterator[Run | None]:
        """Changes that are not done, one by one; None after each stage of making them."""
        wanted = set(self._wanted)
        seen: set[Key] = set()
        for stage in self._stages():
            for change in stage:
                places = tuple(
                    place
                    for row in change.rows
                    if (place := (row, change.method, change.setting)) in wanted
                )
                if not places:
                    continue
                key = key_of(change, seen)
                seen.add(key)
                if not self._sums.count(key) and all(self._is_certain(one) for one in places):
                    self._pace.known(places)
                    continue
                self._pace.made(key, places, change.leaves, self._share_of(key))
                for place in places:
                    self._keys.setdefault(place, []).append(key)
                if not self._sums.is_done(key, self._request.precision):
                    changed = self._tails.changed(change.leaves)
                    yield Run(key, places, changed, change.size_bytes)
            yield None

    def _stages(self) -> Iterator[Iterator[Change]]:
        """Changes of the methods, settings and layers that are wanted, quick ones first."""
        settings: dict[str, set[float]] = {}
        for _layer, method, setting in self._wanted:
            settings.setdefault(method, set()).add(setting)
        grids = tuple(
            Grid(grid.method, tuple(s for s in grid.settings if s in chosen), grid.identity)
            for grid in self._costs.grids
            if (chosen := settings.get(grid.method))
        )
        table = part_of(self._table, {layer for layer, _method, _setting in self._wanted})
        job = Within(self._job, self._progress)
        return stages_of(self._network, table, grids, self._calibration, job)

    def _measure(self, order: Sequence[Run]) -> None:
        """The changes of a portion, in waves: what is most worth knowing first."""
        size = max(_WAVE, -(-len(order) // _WAVES))
        for start in range(0, len(order), size):
            self._wave(order[start : start + size])

    def _measure_first(self, runs: Sequence[Run], seconds: float) -> list[Run]:
        """One setting of each layer and method, and more while there is time.

        Returns:
            The others.
        """
        order = by_worth(runs, self._costs)
        ends_at = self._job.now() + seconds
        start, end = 0, min(len({run.key[:2] for run in order}), _WAVE)
        while start < len(order) and (not start or self._job.now() < ends_at):
            self._wave(order[start:end])
            start, end = end, end + _WAVE
        return order[start:]

    def _wave(self, runs: Sequence[Run]) -> None:
        """Changes that go through the network together, until each is done."""
        wave = list(runs)
        while wave:
            self._step(wave)
            precision = self._request.precision
            done = {run.key for run in wave if self._sums.is_done(run.key, precision)}
            for run in wave:
                if run.key in done:
                    run.change.release()
            wave = [run for run in wave if run.key not in done]
            self._tell()

    def _step(self, wave: Sequence[Run]) -> None:
        """One batch, for those changes that have seen the fewest samples."""
        start = min(self._sums.count(run.key) for run in wave)
        end = min((start // self._size + 1) * self._size, len(self._samples))
        batch = tuple(tensor[start:end] for tensor in self._samples.inputs)
        reference = self._answers.of(start, end)
        now = [run for run in wave if self._sums.count(run.key) == start]

        def visit(number: int, answers: Tensor) -> None:
            losses, drops = reference.compare(answers)
            self._sums.add(now[number].key, losses, drops)

        began = self._job.now()
        self._tails.run(batch, [run.change for run in now], visit)
        self._pace.ran(self._job.now() - began)

    def _tell(self) -> None:
        self._job.checkpoint("Measuring settings", *(self._progress() or (0, 0)))
        if time.monotonic() - self._shown_at >= _SHOWN_S:
            self._shown_at = time.monotonic()
            self._job.partial(self.result(stopped=True))

    def _progress(self) -> tuple[int, int] | None:
        """Done and total, by the time that it takes."""
        return self._pace.progress(self._share_of, self._job.ends_at)

    def _share_of(self, key: Key) -> float:
        """How far a run is, 0…1."""
        if self._sums.is_done(key, self._request.precision):
            return 1.0
        count, need = self._sums.count(key), float(len(self._samples))
        if self._sums.is_known(key) and self._request.precision:
            reach = self._sums.loss(key).reach
            need = min(need, count * (reach / self._request.precision) ** 2)
        return min(count / max(need, self._sums.least), 1.0)


def told_if_empty(result: Measured, seconds: float) -> Measured:
    """A result with a note if nothing could be measured in so many seconds."""
    if not result.stopped or result.table.measured.any():
        return result
    note = (
        f"In {seconds:.0f} s no setting could be measured: running the original and making the "
        "changes take longer than that; give more time."
    )
    return replace(result, notes=(*result.notes, note))


def batch_size(network: Network) -> int:
    """Samples that go through a network together."""
    each = max(peak_activation_bytes(network.module) or _BATCH_BYTES, 1)
    macs = network_macs(network.module) or 1
    return int(max(1, min(_MOST_BATCH, _BATCH_BYTES // each, _BATCH_WORK / macs)))


def _ordered(samples: Calibration, order: Tensor, *, labeled: bool) -> Calibration:
    labels = samples.labels[order] if labeled and samples.labels is not None else None
    return Calibration(tuple(tensor[order] for tensor in samples.inputs), labels, samples.batch)
