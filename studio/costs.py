"""Costs of settings: estimated by themselves, measured on wish, and out of the way of runs."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from engine.cost import CostTable, Estimated
from engine.costs_measured import MeasureCosts, Measured, Place
from engine.errors import EngineError
from engine.jobs.requests import Estimate, ModelSource
from studio.awaited import Extra
from studio.document import messages as m
from studio.document.sensitivity import with_measured
from studio.document.state import CostFacts, Opening, Purpose, Severity
from studio.dropped import Dropped

if TYPE_CHECKING:
    from studio.session import Session

_LEAST_S = 5.0
"""Measuring that was interrupted goes on if so much of its time is left."""


class CostRuns:
    """Hands estimates and measurements to the engine, and their tables to the document.

    Args:
        session: Whose engine and store are used.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._wish = m.MeasureCosts()
        self._ends_at = math.inf
        self._of: ModelSource | None = None
        self._waiting: dict[Purpose, m.EstimateCosts | m.MeasureCosts] = {}
        """What made way, and goes on when nothing else is to be run; of the model `_of`."""

    def estimate(self, wish: m.EstimateCosts) -> None:
        """Work out what each setting of each layer would cost."""
        del wish
        state = self._session.state
        source, data = state.model.source, state.data.source
        if source is None or state.info is None or state.model.opening is not Opening.READY:
            return
        if self._session.is_busy(Purpose.COSTS) or not state.info.runnable:
            return
        usable = state.data.error is None and not state.data.pending

        def done(result: Estimated) -> None:
            now = self._session.state
            if (now.model.source, now.data.source) == (source, data):
                facts = replace(
                    now.cost_facts,
                    samples=result.samples,
                    forward_passes=result.forward_passes,
                )
                table = with_measured(result.table, now.cost)
                self._session.store.dispatch(m.CostKnown(table, facts))

        request = Estimate(source, data if usable else None)
        self._session.submit(request, Purpose.COSTS, done, self._hint)

    def measure(self, wish: m.MeasureCosts) -> None:
        """Replace estimates by measurements, until the time is over or all is certain."""
        state = self._session.state
        source, data = state.model.source, state.data.source
        if source is None or data is None or state.model.opening is not Opening.READY:
            return
        if self._session.is_busy(Purpose.MEASURE_COSTS):
            return

        def take(result: Measured) -> None:
            now = self._session.state
            if (now.model.source, now.data.source) == (source, data):
                facts = measured_facts(now.cost_facts, result)
                self._session.store.dispatch(m.CostKnown(result.table, facts))

        def end(result: Measured) -> None:
            take(result)
            for note in result.notes:
                self._session.tell(note)

        request = MeasureCosts(
            source,
            data,
            wish.methods,
            entries_of(state.cost, wish),
            wish.seconds or None,
            table=state.cost,
            state=state.cost_facts.progress,
        )
        self._wish = wish
        self._ends_at = time.monotonic() + wish.seconds if wish.seconds else math.inf
        self._session.submit(request, Purpose.MEASURE_COSTS, end, self._hint, Extra(partly=take))

    def step_back(self) -> Callable[[], None]:
        """Make way for what the user wants to run.

        Returns:
            To be called when that is over: goes on with what made way.
        """
        source = self._session.state.model.source
        if source != self._of:
            self._of, self._waiting = source, {}
        if self._session.is_busy(Purpose.COSTS):
            self._waiting[Purpose.COSTS] = m.EstimateCosts()
        left_s = self._ends_at - time.monotonic()
        if self._session.is_busy(Purpose.MEASURE_COSTS) and left_s > _LEAST_S:
            self._waiting[Purpose.MEASURE_COSTS] = replace(
                self._wish, seconds=left_s if math.isfinite(left_s) else 0.0
            )
        self._session.drop(Purpose.COSTS)
        self._session.end_early(Purpose.MEASURE_COSTS)
        return self._again

    def _again(self) -> None:
        """Go on, unless there is more that the user wants to run."""
        runs = (Purpose.APPLY, Purpose.EXPORT, Purpose.LEARN)
        if any(self._session.is_busy(one) for one in runs):
            return
        waiting, self._waiting = self._waiting, {}
        if self._session.state.model.source == self._of:
            for wish in waiting.values():
                self._session.store.dispatch(wish)

    def _hint(self, error: EngineError) -> None:
        hint(self._session, error)


def hint(session: Session, error: EngineError) -> None:
    """Tell why something that went on by itself failed."""
    if not isinstance(error, Dropped):
        session.tell(error.message, error.hint, Severity.WARNING)


def measured_facts(known: CostFacts, result: Measured) -> CostFacts:
    """How the table came about, with what was measured of it."""
    return CostFacts(
        known.samples,
        known.forward_passes,
        result.samples,
        result.done,
        result.total,
        result.state or known.progress,
    )


def entries_of(table: CostTable | None, wish: m.MeasureCosts) -> tuple[Place, ...]:
    """The entries that a wish is for; empty: all of them."""
    if table is None or not wish.layers:
        return ()
    return tuple(
        (name, grid.method, setting)
        for name in table.layers
        if name in wish.layers
        for grid in table.grids
        if not wish.methods or grid.method in wish.methods
        for setting in grid.settings
        if table.entry(name, grid.method, setting).size_bytes >= 0
    )
