"""Measured cost tables: exactness, and speed beside full evaluations in ONNX Runtime.

`ESPALIER_DATA=folder python -m tests.bench measurement [--quick] [--rows lenet5] [--samples 2000]`

Every layer × {2, 3, 4, 6, 8 bits; channels 10, 30, 50, 70 %; weights 30, 50, 70, 90, 95 %; four
ranks}, one thread. A full evaluation is a file with the changed weights that a session is made of
and all images are run through, in the batch that is fastest; it is timed for some entries, spread
over the table, before and after the measurement, and counted once for each entry of the table.
Entries that are the same change (layers of one channel group) are measured once: the note says what
is left where full evaluations do that too. Making the changes is what both need and is in neither
time. Processor seconds, so that other programs count little.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from scipy.special import log_softmax
from scipy.stats import spearmanr

from engine.cost import CostTable
from engine.costs_measured import PRECISION, MeasureCosts, Measured
from engine.jobs.job import Quiet
from engine.jobs.requests import DataSource, ModelSource
from engine.layer_table import LayerTable
from engine.looks.material import calibration_samples
from engine.looks.validation import validation_samples
from engine.opened import OpenModel, open_model
from engine.search.changes import Change
from engine.search.makers import changes_of
from engine.search.measurement import Samples, measure
from engine.search.sensitivity import estimate
from engine.statistics.calibration import Calibration
from engine.surgery.fold import fold_batch_norms
from engine.writers.onnx_float import write_onnx
from tests.bench.figures import Figure, Row, options, parsed, places, print_table
from tests.bench.sensitivity_material import METHODS

CALIBRATION = 256
BATCHES = (16, 32, 64, 128, 250)
EVALUATED = 24
"""Entries that are evaluated in full."""
Array = NDArray[Any]


@dataclass
class Bench:
    """One network."""

    asked: argparse.Namespace
    model_file: Path
    data: Path

    @cached_property
    def model(self) -> OpenModel:
        """The network."""
        return open_model(ModelSource(str(self.model_file)), Quiet())

    @cached_property
    def table(self) -> LayerTable:
        """Its layers."""
        return LayerTable(self.model.info.layers, self.model.info.groups)

    @cached_property
    def calibration(self) -> Calibration:
        """What makes the changes."""
        data = DataSource((str(self.data),))
        return calibration_samples(self.model, data, CALIBRATION, 0, Quiet()).samples

    @cached_property
    def samples(self) -> Calibration:
        """Other images."""
        data = DataSource((str(self.data),))
        return validation_samples(self.model, data, self.asked.samples, 0, Quiet())[0]

    @cached_property
    def costs(self) -> CostTable:
        """Nothing but savings."""
        return estimate(self.model.network, self.table, None, METHODS, Quiet()).table

    @cached_property
    def made(self) -> tuple[list[Change], float]:
        """All changes, and the processor seconds that making them takes."""
        network = fold_batch_norms(self.model.network)
        began = time.process_time()
        changes = list(changes_of(network, self.table, self.costs.grids, self.calibration, Quiet()))
        return changes, time.process_time() - began

    def measured(self, precision: float) -> tuple[Measured, float]:
        """A table, and the processor seconds of the measurement alone."""
        request = MeasureCosts(
            ModelSource(""),
            DataSource(()),
            samples=self.asked.samples,
            precision=precision,
            table=self.costs,
        )
        samples = Samples(self.calibration, self.samples)
        began = time.process_time()
        found = measure(self.model.network, self.table, request, samples, Quiet())
        return found, time.process_time() - began - self.made[1]

    def rows(self) -> Iterator[Figure]:
        """All figures of the network."""
        changes, made_s = self.made
        chosen = [changes[place] for place in _spread(len(changes), EVALUATED)]
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "network.onnx"
            write_onnx(self.model.network, file, Quiet())
            full = FullEvaluation(onnx.load(file), self.samples)
            losses = [full.loss(change) for change in chosen[::2]]
            exact, exact_s = self.measured(0.0)
            losses += [full.loss(change) for change in chosen[1::2]]
        ordered = [*chosen[::2], *chosen[1::2]]
        each_s = float(np.mean([seconds for _, seconds in losses]))
        off = max(
            abs(loss - exact.table.entry(change.rows[0], change.method, change.setting).loss)
            for change, (loss, _) in zip(ordered, losses, strict=True)
        )
        name = self.model_file.stem
        images = len(self.samples)
        yield Figure(
            f"{name}: largest difference of {len(losses)} exact entries from full evaluations",
            (off,),
            1e-5,
            unit="nats",
            less=True,
            notes=f"{off:.1e} nats; {images} images, losses up to {max(a for a, _ in losses):.2f}",
        )
        count, full_s = exact.total, exact.total * each_s
        yield Figure(
            f"{name}: exact table, times faster than full evaluations",
            (full_s / exact_s,),
            1.7,
            unit="×",
            notes=f"{exact_s:.1f} CPU s beside {count} × {each_s:.3f} s ({len(losses)} timed, "
            f"batch {full.size}); {len(changes) * each_s / exact_s:.2f} × where each of the "
            f"{len(changes)} changes is evaluated once; making them takes {made_s:.1f} s in both",
        )
        yield from self._sequential(exact, len(changes) * each_s, full_s, made_s)

    def _sequential(
        self, exact: Measured, once_s: float, full_s: float, made_s: float
    ) -> Iterator[Figure]:
        quick, quick_s = self.measured(PRECISION)
        yield Figure(
            f"{self.model_file.stem}: with sequential stopping, times faster",
            (full_s / quick_s,),
            5.0,
            unit="×",
            notes=f"{quick_s:.1f} CPU s; {once_s / quick_s:.1f} × where each change is evaluated "
            f"once; with the making in both {(full_s + made_s) / (quick_s + made_s):.1f} ×",
        )
        known = np.isfinite(exact.table.values[..., 0])
        wanted, found = (one.table.values[..., 0][known] for one in (exact, quick))
        low, high = (quick.table.values[..., place][known] for place in (1, 2))
        yield Figure(
            f"{self.model_file.stem}: Spearman of its table with the exact one",
            (float(spearmanr(wanted, found).statistic),),
            0.98,
            unit="",
            notes=f"{known.sum()} entries; {100 * np.mean((low <= wanted) & (wanted <= high)):.1f} "
            f"% of the exact losses are inside the intervals",
        )


class FullEvaluation:
    """Runs whole networks in ONNX Runtime, one file for each."""

    def __init__(self, model: Any, samples: Calibration) -> None:
        self._model = model
        self._samples = [tensor.numpy() for tensor in samples.inputs]
        times = {size: self._run(model.SerializeToString(), size, 512)[1] for size in BATCHES}
        self.size = min(times, key=lambda size: times[size])
        self._reference = log_softmax(self._run(model.SerializeToString(), self.size)[0], 1)

    def loss(self, change: Change) -> tuple[float, float]:
        """Mean divergence, and the processor seconds of a session and its runs."""
        model = type(self._model)()
        model.CopyFrom(self._model)
        kept = {one.name: one for one in model.graph.initializer}
        for layer, leaf in change.leaves.items():
            for name, tensor in leaf.named_parameters():
                old = kept[f"{layer}.{name}"]
                new = tensor.detach().numpy()
                if tuple(old.dims) != new.shape:
                    new = new.T
                old.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(new), old.name))
        answers, seconds = self._run(model.SerializeToString(), self.size)
        logs = log_softmax(answers, 1)
        return float((np.exp(self._reference) * (self._reference - logs)).sum(1).mean()), seconds

    def _run(self, content: bytes, size: int, count: int | None = None) -> tuple[Array, float]:
        settings = ort.SessionOptions()
        settings.intra_op_num_threads = settings.inter_op_num_threads = 1
        settings.log_severity_level = 4
        began = time.process_time()
        session = ort.InferenceSession(content, settings, providers=["CPUExecutionProvider"])
        names = [one.name for one in session.get_inputs()]
        total = min(len(self._samples[0]), count or len(self._samples[0]))
        parts = [
            session.run(
                None,
                {
                    n: x[at : min(at + size, total)]
                    for n, x in zip(names, self._samples, strict=True)
                },
            )[0]
            for at in range(0, total, size)
        ]
        return np.concatenate(parts).astype(np.float64), time.process_time() - began


def _spread(count: int, wanted: int) -> Sequence[int]:
    """So many places, evenly, the middle of each part."""
    wanted = min(count, wanted)
    return [int((place + 0.5) * count / wanted) for place in range(wanted)]


def main() -> int:
    """Print the table; the number of networks that could not be measured."""
    asked = parsed(options(__doc__.splitlines()[0]))
    asked.samples = asked.samples or 2000
    torch.set_num_threads(1)
    with places(asked) as found:
        if found is None:
            return 0
        folder, cifar, _out = found
        benches = {
            "lenet5": Bench(asked, folder / "lenet5_mnist.pt2", folder / "mnist.npz"),
            "resnet20": Bench(asked, folder / "resnet20_cifar10jpeg.pt2", cifar),
        }
        rows: dict[str, Row] = {name: bench.rows for name, bench in benches.items()}
        if asked.list:
            print(*rows, sep="\n")
            return 0
        return print_table(rows, asked.rows)


if __name__ == "__main__":
    sys.exit(main())
