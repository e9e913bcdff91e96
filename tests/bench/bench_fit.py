"""Fit to budget: how quick, and how good beside uniform recipes and single methods.

`ESPALIER_DATA=folder python -m tests.bench fit [--rows solver,slider,resnet20] [--threads 1]`

No training, 512 calibration images. Accuracy, and KL divergence from the original, are of the
written files in ONNX Runtime over the whole test set; the test images are used for nothing else.
Two recipes are compared by the exact McNemar test over the test images.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy import special

from engine.budget import FitBudget, Fitted, Quantity, Target
from engine.cost import CostTable, Entry, Grid
from engine.frozen import FrozenMap
from engine.jobs.job import Quiet
from engine.jobs.requests import DataSource, Estimate, ModelSource
from engine.measure.paired import mcnemar_p_value
from engine.prediction import layer_bytes
from engine.recipe.model import Recipe, recipe_from
from engine.search.fit_problem import Channels, Limits, Problem, Unit
from engine.search.fit_solve import solve
from engine.search.fit_walk import walk
from engine.worker import handle
from tests.bench.compressing import compress
from tests.bench.figures import Figure, Row, options, parsed, places, print_table
from tests.bench.scoring import BATCH, Images, images, session

METHODS = ("channel", "data_aware_svd", "uniform")
NETWORKS = {
    "resnet20": "resnet20_cifar10jpeg",
    "resnet56": "resnet56_cifar10",
    "lenet5": "lenet5_mnist",
}
P_VALUE = 0.01
Steps = list[dict[str, Any]]


@dataclass(frozen=True)
class Scored:
    """A written file over the test set."""

    top1: float
    right: np.ndarray
    kl: float
    weights: float
    macs: float

    def told(self) -> str:
        """In a line."""
        return (
            f"{self.top1:.2f} %, KL {self.kl:.4f}, {100 * self.weights:.1f} % of the weight bytes, "
            f"{100 * self.macs:.1f} % of the MACs"
        )

    def beside(self, other: Scored) -> str:
        """How much better another one is, and whether by chance."""
        lost = int((self.right & ~other.right).sum())
        won = int((~self.right & other.right).sum())
        p = mcnemar_p_value(lost, won)
        return f"{other.top1 - self.top1:+.2f} points, p = {p:.1g}"


@dataclass
class Bench:
    """One network."""

    asked: argparse.Namespace
    folder: Path
    archive: Path
    out: Path
    name: str
    table: CostTable | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.model = self.folder / f"{self.name}.pt2"
        onnx = self.folder / f"{self.name}.onnx"
        self.test: Images = images(self.archive, "test", onnx).first(self.asked.samples)
        self.source = ModelSource(str(self.model))
        self.data = DataSource((str(self.archive),))
        self.reference = self._logits(onnx)
        right = self.reference.argmax(1) == self.test.labels
        self.original = Scored(100 * float(right.mean()), right, 0.0, 1.0, 1.0)

    def fit(self, *targets: Target, rounds: int = 1, methods: tuple[str, ...] = METHODS) -> Fitted:
        """A recipe within targets; costs are estimated once."""
        if self.table is None:
            wanted = Estimate(self.source, self.data, METHODS)
            self.table = handle(wanted, Quiet()).table
        request = FitBudget(
            self.source, targets, self.data, self.table, methods, rounds=rounds, points=0
        )
        fitted: Fitted = handle(request, Quiet())
        return fitted

    def run(self, label: str, recipe: Recipe | Steps) -> Scored:
        """A recipe, written and scored."""
        steps = recipe if isinstance(recipe, list) else recipe.to_data()["steps"]
        recipe_from({"espalier": 1, "seed": 0, "steps": steps})
        file = self.out / f"{self.name}_{label}.onnx"
        made = compress(self.model, self.archive, steps, file, threads=self.asked.threads).result
        logits = self._logits(file)
        right = logits.argmax(1) == self.test.labels
        before, after = made.before, made.after
        result = Scored(
            100 * float(right.mean()),
            right,
            _divergence(self.reference, logits),
            layer_bytes(after.layers) / layer_bytes(before.layers),
            (after.macs or 0) / (before.macs or 1),
        )
        sys.stderr.write(f"{self.name} {label}: {result.told()}\n")
        return result

    def _logits(self, file: Path) -> np.ndarray:
        run = session(file, self.asked.threads)
        name = run.get_inputs()[0].name
        found = []
        for start in range(0, len(self.test), BATCH):
            x = self.test.prepared(start, start + BATCH).astype(np.float32)
            found.append(run.run(None, {name: x})[0])
        return np.concatenate(found)


def _divergence(reference: np.ndarray, answers: np.ndarray) -> float:
    """Mean KL divergence, nats."""
    p, q = special.log_softmax(reference, axis=1), special.log_softmax(answers, axis=1)
    return float((np.exp(p) * (p - q)).sum(axis=1).mean())


def quarter(bench: Bench) -> Iterator[Figure]:
    """A quarter of the weight bytes."""
    fitted = bench.fit(Target(Quantity.WEIGHTS, 0.25, relative=True))
    found = bench.run("fit_25", fitted.recipe)
    lost = bench.original.top1 - found.top1
    notes = f"{found.told()}; solver {fitted.solver_seconds:.2f} s"
    yield Figure(
        f"{bench.name}: lost at 25 % of the weight bytes",
        (lost,),
        0.1,
        unit="pt",
        less=True,
        notes=notes,
    )


def eighth(bench: Bench) -> Iterator[Figure]:
    """An eighth of the weight bytes, beside whatever else comes to as much."""
    target = Target(Quantity.WEIGHTS, 0.125, relative=True)
    yield from _beside(bench, "12.5 % of the weight bytes", target, EIGHTHS)


def half_macs(bench: Bench) -> Iterator[Figure]:
    """Half of the MACs, beside whatever else comes to as much."""
    target = Target(Quantity.MACS, 0.5, relative=True)
    yield from _beside(bench, "50 % of the MACs", target, HALVES)


EIGHTHS: dict[str, Steps] = {
    "uniform 4 bits": [{"method": "uniform", "weight_bits": 4}],
    "uniform 4 bits, gptq": [{"method": "uniform", "weight_bits": 4, "rounding": "gptq"}],
    "uniform 2 bits, gptq": [{"method": "uniform", "weight_bits": 2, "rounding": "gptq"}],
    "uniform 4 bits and channels": [
        {"method": "channel", "ratio": 0.05, "round_to": 1},
        {"method": "uniform", "weight_bits": 4, "rounding": "gptq"},
    ],
    "low rank": [{"method": "data_aware_svd", "size": 0.125}],
    "channels": [{"method": "channel", "ratio": 0.65, "round_to": 1}],
}
HALVES: dict[str, Steps] = {
    "uniform channels": [{"method": "channel", "ratio": 0.5, "target": "macs", "round_to": 1}],
    "channels, own allocation": [
        {"method": "channel", "ratio": 0.5, "target": "macs", "allocation": "sensitivity"}
    ],
    "low rank": [{"method": "data_aware_svd", "size": 0.5}],
    "uniform channels and low rank": [
        {"method": "channel", "ratio": 0.3, "target": "macs", "round_to": 1},
        {"method": "data_aware_svd", "size": 0.7},
    ],
}


def _beside(bench: Bench, words: str, target: Target, others: dict[str, Steps]) -> Iterator[Figure]:
    label = target.quantity.value
    first = bench.fit(target)
    fitted = bench.fit(target, rounds=2)
    found = bench.run(f"fit_{label}", fitted.recipe)
    notes = f"{found.told()}; before correction predicted {first.predicted.loss:.4f}"
    yield Figure(f"{bench.name}: fit at {words}", (found.top1,), notes=notes)
    ratio = max(fitted.predicted.loss / found.kl, found.kl / fitted.predicted.loss)
    yield Figure(
        f"{bench.name}: predicted loss at {words} after one correction, from the measured one",
        (ratio,),
        2.0,
        unit="×",
        less=True,
        notes=f"predicted {fitted.predicted.loss:.4f}, measured {found.kl:.4f}",
    )
    for name, steps in others.items():
        other = bench.run(f"{label}_{name.replace(' ', '_')}", steps)
        yield Figure(
            f"{bench.name}: {name}, {words}",
            (other.top1,),
            notes=f"{other.told()}; the fit: {other.beside(found)}",
        )


def solver() -> Iterator[Figure]:
    """100 layers × 30 settings, alone and tied by channel groups."""
    for words, problem in (("alone", _drawn(0)), ("tied by 50 channel groups", _drawn(50))):
        whole = sum(float(unit.use[:, 0].max()) for unit in problem.units)
        spent, gaps, greedy = [], [], []
        for share in (0.5, 0.25, 0.125):
            limits = Limits({0: share * whole})
            began = time.process_time()
            found = solve(problem, limits, 60.0)
            spent.append(time.process_time() - began)
            assert found is not None
            gaps.append(found.gap)
            *_, last = walk(problem, limits, Quiet())
            greedy.append(last.loss / problem.totals(found)[0] - 1)
        yield Figure(
            f"solver, 100 layers × 30 settings, {words}",
            (max(spent),),
            2.0,
            unit="CPU s",
            less=True,
            notes=f"gap {max(gaps):.1%}; the greedy walk loses {max(greedy):.1%} more at most",
        )


def _drawn(groups: int) -> Problem:
    """Layers with 30 settings each: with groups, five numbers of channels times six of its own."""
    rng = np.random.default_rng(0)
    states = 5 if groups else 1
    own = 30 // states
    ratios = tuple(np.linspace(0, 0.7, states).tolist())
    losses = np.cumsum(rng.exponential(0.005, (groups, states)), axis=1)
    losses -= losses[:, :1]
    channels = tuple(
        Channels(f"g{n}", (f"l{2 * n}",), ratios, loss) for n, loss in enumerate(losses)
    )
    units = []
    for n in range(100):
        size, hurt = 10 ** rng.uniform(3, 6), 10 ** rng.uniform(-3, -1)
        left = np.sort(rng.uniform(0.05, 1, own))[::-1]
        met = (n // 2,) if groups else ()
        kept = 1 - np.array(channels[n // 2].ratios) if groups else np.ones(1)
        use = (kept[:, None] * left * size).reshape(-1)
        loss = np.tile(hurt * (1 / left - 1), states)
        at = np.repeat(np.arange(states), own).reshape(-1, 1)[:, : len(met)]
        settings = tuple(FrozenMap({"uniform": float(k)}) for k in range(own)) * states
        used = np.column_stack([use, use, use, 0 * use])
        units.append(Unit(f"l{n}", (f"l{n}",), met, at, settings, loss, used))
    return Problem(tuple(units), channels, np.zeros(4))


def slider() -> Iterator[Figure]:
    """A cost table of 500 layers × 30 settings: from a new setting of all layers to its costs."""
    layers = [f"layer{i}" for i in range(500)]
    grids = [
        Grid("uniform", (8, 6, 4, 3, 2)),
        Grid("data_aware_svd", (0.75, 0.5, 0.35, 0.25, 0.15)),
        Grid("channel", tuple(np.linspace(0.05, 0.9, 20)), identity=0.0),
    ]
    table = CostTable.empty(layers, grids, np.ones((500, 3))).with_entries(
        Entry(layer, grid.method, s, loss=0.1 * i, size_bytes=1 / (i + 1), macs=1 / (i + 1))
        for layer in layers
        for grid in grids
        for i, s in enumerate(grid.settings)
    )
    rest = {"channel": dict.fromkeys(layers, 0.3), "data_aware_svd": dict.fromkeys(layers, 0.4)}
    table.total(rest)
    spent = []
    for bits in np.linspace(8, 2, 61):
        began = time.perf_counter()
        table.total({**rest, "uniform": dict.fromkeys(layers, float(bits))})
        spent.append(1e3 * (time.perf_counter() - began))
    yield Figure(
        "slider, 500 layers × 30 settings, to the new prediction",
        (float(np.median(spent)),),
        50.0,
        unit="ms",
        less=True,
        notes=f"longest {max(spent):.1f} ms",
    )


def main() -> int:
    """Print the table; the status is the number of rows that could not be made."""
    asked = parsed(options(__doc__ or ""))
    torch.set_num_threads(asked.threads)
    rows: dict[str, Row] = {"solver": solver, "slider": slider}
    names = [*rows, *(f"{short}_{row}" for short in NETWORKS for row in ("25", "12", "macs"))]
    if asked.list:
        print("\n".join(names))
        return 0
    if asked.rows and set(asked.rows) <= set(rows):
        return print_table(rows, asked.rows)
    with places(asked) as found:
        if found is None:
            return print_table(rows, asked.rows)
        folder, cifar, out = found
        for short, name in NETWORKS.items():
            if asked.rows and not any(row.startswith(short) for row in asked.rows):
                continue
            archive = cifar if "cifar" in name else folder / "mnist.npz"
            bench = Bench(asked, folder, archive, out, name)
            makers = (("25", quarter), ("12", eighth), ("macs", half_macs))
            rows |= {f"{short}_{row}": partial(make, bench) for row, make in makers}
        return print_table(rows, asked.rows)


if __name__ == "__main__":
    sys.exit(main())
