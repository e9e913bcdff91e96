"""Costs measured on data, as data: what is asked, what comes back, and a table as CSV."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePath

from engine.cost import QUANTITIES, CostTable, Entry
from engine.errors import EngineError
from engine.jobs.requests import DataSource, ModelSource

LEAST_SAMPLES = 2
SAMPLES = 2000
"""On which an entry is measured at most."""
PRECISION = 0.15
"""How far, as a part of the loss, all samples may give another one for an entry to be done."""

Place = tuple[str, str, float]
"""Layer, method and setting of an entry."""


@dataclass(frozen=True, slots=True)
class MeasureCosts:
    """Measure what settings of layers cost: result `Measured`, and on the way `Partial`s of it.

    Stopped, it gives what is finished.

    Attributes:
        model: The network.
        data: Its validation samples are run, and its calibration samples make the changes.
        methods: Names of methods; empty: those of `table`, or all that can be looked at.
        entries: Only these, in this order; empty: all, those that are least certain first.
        seconds: To measure for, what is estimated before not counted; None: until every entry is
            done.
        samples: On which an entry is measured at most.
        precision: How far, as a part of the loss, all samples may give another one (with 95 %
            certainty) for an entry to be done; 0: exact, each entry is run on all of them.
        table: What is known; measured entries that are certain enough stay. None: it is estimated
            first.
        state: Of an earlier result, so that its samples are not run again.
        seed: For the choice of samples.
        key: The asker's; comes back with the result.
    """

    model: ModelSource
    data: DataSource
    methods: tuple[str, ...] = ()
    entries: tuple[Place, ...] = ()
    seconds: float | None = None
    samples: int = SAMPLES
    precision: float = PRECISION
    table: CostTable | None = field(default=None, compare=False, repr=False)
    state: bytes = field(default=b"", repr=False)
    seed: int = 0
    key: str = ""

    @property
    def label(self) -> str:
        """Shown in the job list."""
        return f"Measure costs of {PurePath(self.model.path).name}"


@dataclass(frozen=True, eq=False)
class Measured:
    """What measuring found, so far or in the end.

    Attributes:
        table: Costs; estimates are replaced where entries were measured.
        done: Entries that are certain enough, or were measured on all samples.
        total: Entries that were asked for and can be measured.
        samples: In all; on which an exact entry is measured.
        seconds: How long it took so far.
        forward_passes: Its processor time in forward passes of the network over the samples; what
            the estimate took before is not in it.
        stopped: It ended before all entries were done.
        labeled: There are labels, so that entries have accuracy losses.
        estimated: The table as it was before.
        state: For `MeasureCosts.state`: what was run of each entry.
        notes: What there is to say, a sentence each.
    """

    table: CostTable
    done: int
    total: int
    samples: int
    seconds: float = 0.0
    forward_passes: float = 0.0
    stopped: bool = False
    labeled: bool = False
    estimated: CostTable | None = field(default=None, repr=False)
    state: bytes = field(default=b"", repr=False)
    notes: tuple[str, ...] = ()


def check_measuring(request: MeasureCosts) -> None:
    """Refuse what cannot be done, before anything heavy begins.

    Raises:
        EngineError: A number is out of its range.
    """
    if request.samples < LEAST_SAMPLES:
        raise EngineError(
            f"{request.samples} samples tell nothing", hint=f"Take {LEAST_SAMPLES} or more."
        )
    if not 0 <= request.precision <= 1:
        raise EngineError(
            f"A precision of {request.precision:g} is none",
            hint="Take a part of the loss, 0 (exact) to 1.",
        )
    if request.seconds is not None and not request.seconds > 0:
        raise EngineError("There is no time to measure in", hint="Give some seconds.")


def known_entries(table: CostTable) -> Iterator[Entry]:
    """Entries of settings that layers can have, layer by layer."""
    for name in table.layers:
        for grid in table.grids:
            for setting in grid.settings:
                one = table.entry(name, grid.method, setting)
                if not (math.isnan(one.loss) and math.isnan(one.size_bytes)):
                    yield one


def table_as_csv(table: CostTable) -> str:
    """A cost table with a head and one line for each entry; what is not known is empty."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["layer", "method", "setting", *QUANTITIES, "measured"])
    for one in known_entries(table):
        values = [getattr(one, name) for name in QUANTITIES]
        told = ["" if math.isnan(value) else repr(value) for value in values]
        writer.writerow([one.layer, one.method, f"{one.setting:g}", *told, int(one.measured)])
    return stream.getvalue()
