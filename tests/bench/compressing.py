"""One recipe after another through the engine, as the command line and the window send them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.compress import compression
from engine.info import Compressed
from engine.jobs.job import Quiet
from engine.jobs.requests import Compress, DataSource, ModelSource
from engine.recipe.files import to_yaml
from engine.recipe.model import recipe_from
from engine.worker import handle


@dataclass(frozen=True)
class Outcome:
    """What came of a recipe.

    Attributes:
        file: The written file.
        result: All that the engine says of it.
        cpu_s: Processor seconds of the steps, what is measured between them left out.
        wall_s: Seconds of the whole request.
    """

    file: Path
    result: Compressed
    cpu_s: float
    wall_s: float


@dataclass
class Clock:
    """Processor time of the pipeline's steps alone."""

    spent_s: float = 0.0
    _measuring_s: float = field(default=0.0, repr=False)

    def watch(self, run: Any) -> Any:
        """The pipeline's `run`, which adds what it takes to `spent_s`."""

        def timed(*arguments: Any, measure: Any = None, **options: Any) -> Any:
            def measured(network: Any) -> Any:
                start = time.process_time()
                try:
                    return measure(network)
                finally:
                    self._measuring_s += time.process_time() - start

            start = time.process_time()
            try:
                return run(*arguments, measure=measured if measure else None, **options)
            finally:
                self.spent_s = time.process_time() - start - self._measuring_s

        return timed


def compress(
    model: Path,
    data: Path | None,
    steps: list[dict[str, Any]],
    out: Path,
    *,
    seed: int = 0,
    threads: int = 1,
    limit: int = 250,
    report: Path | None = None,
) -> Outcome:
    """Run a recipe.

    Args:
        model: The network.
        data: What to calibrate and train with.
        steps: As in a recipe file.
        out: The file to write.
        seed: Of the recipe.
        threads: For PyTorch.
        limit: Evaluation samples of the engine's own report; the benchmarks count on their own.
        report: Where to write the HTML report.
    """
    recipe = to_yaml(recipe_from({"espalier": 1, "seed": seed, "steps": steps}))
    request = Compress(
        ModelSource(str(model)),
        recipe,
        str(out),
        None if data is None else DataSource((str(data),)),
        threads=threads,
        limit=limit,
        report="" if report is None else str(report),
    )
    compression.CACHE.clear()
    clock, plain = Clock(), compression.run
    compression.run = clock.watch(plain)
    start = time.perf_counter()
    try:
        result = handle(request, Quiet())
    finally:
        compression.run = plain
    return Outcome(out, result, clock.spent_s, time.perf_counter() - start)
