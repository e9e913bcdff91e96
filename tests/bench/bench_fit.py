"""Fit to budget: how quick, and how good beside uniform recipes and single methods.

`ESPALIER_DATA=folder python -m tests.bench fit [--rows solver,slider,resnet20_12] [--threads 1]`

No training, 512 calibration images. Accuracy, and KL divergence from the original, are over the
whole test set; the test images are used for nothing else. Two recipes are compared by the exact
McNemar test over the test images. Single methods are fitted to the same budget by the same solver
in as many rounds, so that each of them is as good as it can be, and are there uniform too.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from functools import partial

import numpy as np
import torch

from engine.budget import Quantity, Target
from engine.cost import CostTable, Entry, Grid
from engine.frozen import FrozenMap
from engine.jobs.job import Quiet
from engine.recipe.model import Recipe
from engine.search.fit_problem import Channels, Limits, Problem, Unit
from engine.search.fit_solve import solve
from engine.search.fit_walk import walk
from tests.bench.figures import Figure, Row, options, parsed, places, print_table
from tests.bench.fit_material import METHODS, Bench, Steps

NETWORKS = {
    "lenet5": "lenet5_mnist",
    "resnet20": "resnet20_cifar10jpeg",
    "resnet56": "resnet56_cifar10",
}
_WITHIN = 1 + 1e-9
ROUNDS = 8
"""Of the fits that are compared: seven runs, each measured on validation data."""


def quarter(bench: Bench) -> Iterator[Figure]:
    """A quarter of the weight bytes."""
    target = Target(Quantity.WEIGHTS, 0.25, relative=True)
    first = bench.fit(target)
    found = bench.written("fit_25", first.recipe)
    notes = f"the written file: {found.told()}; solver {first.solver_seconds:.2f} s"
    yield Figure(
        f"{bench.name}: lost at 25 % of the weight bytes",
        (bench.original.top1 - found.top1,),
        0.1,
        unit="pt",
        less=True,
        notes=notes,
    )
    yield from _predicted(bench, "25 % of the weight bytes", target)


def eighth(bench: Bench) -> Iterator[Figure]:
    """An eighth of the weight bytes, beside whatever else comes to as much."""
    target = Target(Quantity.WEIGHTS, 0.125, relative=True)
    yield from _beside(bench, "12.5 % of the weight bytes", target, EIGHTHS)


def half_macs(bench: Bench) -> Iterator[Figure]:
    """Half of the MACs, beside whatever else comes to as much."""
    target = Target(Quantity.MACS, 0.5, relative=True)
    yield from _beside(bench, "50 % of the MACs", target, HALVES)


EIGHTHS: dict[str, Steps] = {
    "uniform 2 bits, gptq": [{"method": "uniform", "weight_bits": 2, "rounding": "gptq"}],
    "uniform 4 bits": [{"method": "uniform", "weight_bits": 4}],
    "uniform 4 bits, gptq": [{"method": "uniform", "weight_bits": 4, "rounding": "gptq"}],
    "uniform low rank": [{"method": "data_aware_svd", "size": 0.12}],
    "uniform spatial": [{"method": "spatial", "size": 0.12}],
    "uniform channels": [{"method": "channel", "ratio": 0.65, "round_to": 1}],
}
HALVES: dict[str, Steps] = {
    "uniform channels": [{"method": "channel", "ratio": 0.5, "target": "macs", "round_to": 1}],
    "channels, own allocation": [
        {"method": "channel", "ratio": 0.5, "target": "macs", "allocation": "sensitivity"}
    ],
    "uniform low rank": [{"method": "data_aware_svd", "size": 0.5}],
    "uniform spatial": [{"method": "spatial", "size": 0.5}],
}
"""Uniform recipes; those above the budget are told apart."""


def _beside(bench: Bench, words: str, target: Target, others: dict[str, Steps]) -> Iterator[Figure]:
    yield from _predicted(bench, words, target)
    fitted = bench.fit(target, rounds=ROUNDS)
    found = bench.scored(f"{words}, {ROUNDS} rounds", fitted.recipe)
    losses = ", ".join(f"{trial.loss:.3g}" for trial in fitted.finished)
    yield Figure(
        f"{bench.name}: fit at {words}, {ROUNDS} rounds",
        (found.top1,),
        notes=f"{found.told()}; on validation {losses}; {fitted.seconds:.0f} s",
    )
    for name, steps in _rivals(bench, target, others).items():
        other = bench.scored(f"{words}, {name}", steps)
        share = other.weights if target.quantity is Quantity.WEIGHTS else other.macs
        over = "" if share <= target.limit * _WITHIN else " (above the budget)"
        yield Figure(
            f"{bench.name}: {name}, {words}{over}",
            (other.top1,),
            notes=f"{other.told()}; the fit: {other.beside(found)}",
        )


def _predicted(bench: Bench, words: str, target: Target) -> Iterator[Figure]:
    """A fit with one round of correction."""
    first, fitted = bench.fit(target), bench.fit(target, rounds=2)
    before = bench.scored(f"{words}, before correction", first.recipe)
    found = bench.scored(f"{words}, corrected", fitted.recipe)
    yield Figure(f"{bench.name}: fit at {words}", (found.top1,), notes=found.told())
    for title, one, score, most in (
        ("before correction", first, before, None),
        ("after one correction", fitted, found, 2.0),
    ):
        loss = one.predicted.loss
        validated = "" if one is first else f"; on validation {fitted.finished[-1].loss:.3g}"
        yield Figure(
            f"{bench.name}: predicted loss at {words} {title}, from the measured one",
            (max(loss / score.kl, score.kl / loss),),
            most,
            unit="×",
            less=True,
            notes=f"predicted {loss:.3g}, measured {score.kl:.3g}{validated}",
        )


def _rivals(bench: Bench, target: Target, others: dict[str, Steps]) -> dict[str, Recipe | Steps]:
    """Uniform recipes, and single methods by the same solver where these can meet the target."""
    found: dict[str, Recipe | Steps] = dict(others)
    for method in METHODS:
        if method == "uniform" and target.quantity is Quantity.MACS:
            continue
        fitted = bench.fit(target, rounds=ROUNDS, methods=(method,))
        if fitted.met:
            found[f"{method} alone, fitted"] = fitted.recipe
        else:
            sys.stderr.write(f"{bench.name}: {method} alone cannot come to {target}\n")
    return found


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
