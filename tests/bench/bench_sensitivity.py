"""How well estimated costs rank what is really lost, and how long an estimate takes.

Each entry of the grid is evaluated in full on samples that the estimate has not seen; on a quiet
core that takes a minute for the small networks, ten for `resnet20_cifar10jpeg`, and an hour for
`resnet56_cifar10`. `--reference FOLDER` keeps the results, so that it is done once.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import spearmanr
from torch import Tensor

from engine.jobs.job import Quiet
from engine.registry import Needs
from engine.search.changes import Change, difference
from engine.search.makers import changes_of
from engine.search.savings import grids_of
from engine.search.sensitivity import estimate
from engine.statistics.moments import collect
from tests.bench.real_data import cifar_archive, data_folder
from tests.bench.sensitivity_material import METHODS, NETWORKS, Material, material
from tests.bench.sensitivity_reference import reference

Floats = NDArray[np.float64]
MUST = {"pooled": 0.985, "median": 0.85, "minimum": 0.70, "passes": 60.0}
_FEWEST = 3
"""Layers below which there is no order to speak of."""


def main() -> int:
    """Print a table for each network; the status is the number of figures that are missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", default=",".join(NETWORKS), help="With commas.")
    parser.add_argument("--reference", type=Path, help="Folder where references are kept.")
    parser.add_argument("--cifar", type=Path, help="CIFAR-10 as decoded before.")
    parser.add_argument("--threads", type=int, default=1, help="For PyTorch.")
    asked = parser.parse_args()
    folder = data_folder()
    if folder is None:
        return 0
    torch.set_num_threads(asked.threads)
    missed = 0
    with tempfile.TemporaryDirectory(prefix="espalier-bench-") as scratch:
        kept = asked.reference or Path(scratch)
        kept.mkdir(parents=True, exist_ok=True)
        archive = cache(lambda: asked.cifar or cifar_archive(folder, Path(scratch)))
        for name in asked.networks.split(","):
            missed += _judge(material(name, folder, kept, archive), kept)
    print(f"\n{_peer()}")
    return missed


def _peer() -> str:
    if importlib.util.find_spec("modelopt") is None:
        return "ModelOpt is not installed: its gradient score is not compared."
    return "ModelOpt is installed; its gradient score takes torch's own modules, not these."


def _judge(of: Material, kept: Path) -> int:
    """One network: how many figures it misses."""
    pass_s = _pass_seconds(of)
    began = time.process_time()
    found = estimate(of.network, of.table, of.samples, METHODS, Quiet())
    passes = (time.process_time() - began) / pass_s
    changes = list(changes_of(of.folded, of.table, grids_of(METHODS), of.samples, Quiet()))
    true = reference(of, changes, kept / f"{of.name}.npz")
    entries = [found.table.entry(c.rows[0], c.method, c.setting) for c in changes]
    losses = np.array([entry.loss for entry in entries])
    scores = {
        "estimate": _Score(changes, losses, true.losses),
        "½·tr(G ΔW A ΔWᵀ)": _Score(changes, _plain(of, changes), true.losses),
        "‖ΔW‖²/‖W‖²": _Score(changes, _relative(of, changes), true.losses),
        "half of the reference against the other": _Score(changes, *true.halves()),
    }
    low, high = (np.array([getattr(e, f"loss_{end}") for e in entries]) for end in ("low", "high"))
    known = (true.losses > 0) & np.isfinite(low)
    inside = ((low <= true.losses) & (true.losses <= high))[known].mean()
    shift = np.exp(np.median(np.log(true.losses[known] / losses[known])))
    print(
        f"\n### {of.name}: {len(changes)} entries, {found.samples} calibration samples, "
        f"reference on {true.samples.shape[1]} others ({true.cpu_s:.0f} CPU s)\n\n"
        f"Estimate: {passes:.1f} forward passes (must {MUST['passes']:.0f}; its own count "
        f"{found.forward_passes:.1f}; one takes {pass_s:.3f} CPU s). Of the references "
        f"{inside:.0%} lie in their interval; their median is {shift:.2f} × the estimate.\n"
    )
    print("| | " + " | ".join(scores) + " |")
    print("| --- |" + " --- |" * len(scores), flush=True)
    for title, cell in _lines(changes):
        print(f"| {title} | " + " | ".join(cell(score) for score in scores.values()) + " |")
    ours = scores["estimate"]
    missed = [ours.pooled < MUST["pooled"], ours.median < MUST["median"]]
    missed += [ours.minimum[0] < MUST["minimum"], passes > MUST["passes"]]
    return sum(missed)


def _lines(changes: Sequence[Change]) -> Iterator[tuple[str, Callable[[_Score], str]]]:
    yield f"pooled (must {MUST['pooled']})", lambda score: f"{score.pooled:.4f}"
    for method in dict.fromkeys(change.method for change in changes):
        yield f"`{method}`", lambda score, method=method: f"{score.of(method):.3f}"
    yield f"at a setting, median (must {MUST['median']})", lambda score: f"{score.median:.3f}"
    title = f"at a setting, minimum (must {MUST['minimum']})"
    yield title, lambda score: f"{score.minimum[0]:.3f} ({score.minimum[1]})"


class _Score:
    """How a figure ranks entries as another one does."""

    def __init__(self, changes: Sequence[Change], figure: Floats, true: Floats) -> None:
        self._methods = np.array([change.method for change in changes])
        self._settings = np.array([change.setting for change in changes])
        self._figure, self._true = figure, true

    @property
    def pooled(self) -> float:
        """Over all entries."""
        return self._rank(np.ones(len(self._true), np.bool_))

    def of(self, method: str) -> float:
        """Over those of a method."""
        return self._rank(self._methods == method)

    @property
    def median(self) -> float:
        """Of the settings."""
        return float(np.median([rank for rank, _ in self._by_setting()]))

    @property
    def minimum(self) -> tuple[float, str]:
        """The lowest of all settings, and which that is."""
        return min(self._by_setting())

    def _by_setting(self) -> Iterator[tuple[float, str]]:
        for method in dict.fromkeys(self._methods.tolist()):
            for setting in dict.fromkeys(self._settings[self._methods == method].tolist()):
                mine = (self._methods == method) & (self._settings == setting)
                if mine.sum() >= _FEWEST and np.ptp(self._true[mine]) > 0:
                    yield self._rank(mine), f"{method} {setting:g}"

    def _rank(self, mine: NDArray[np.bool_]) -> float:
        mine = mine & np.isfinite(self._figure)
        return float(spearmanr(self._figure[mine], self._true[mine]).statistic)


def _pass_seconds(of: Material) -> float:
    """CPU seconds of one forward pass over the calibration samples, the best of three."""
    times = []
    with torch.inference_mode():
        for _ in range(3):
            began = time.process_time()
            for batch in of.samples.batches():
                of.folded.module(*batch)
            times.append(time.process_time() - began)
    return min(times)


def _relative(of: Material, changes: Sequence[Change]) -> Floats:
    """What weights alone say."""

    def one(change: Change) -> float:
        off = whole = 0.0
        for layer, leaf in change.leaves.items():
            old = _weight(of, layer)
            off += float((leaf.weight.detach() - old).double().square().sum())
            whole += float(old.double().square().sum())
        return off / whole

    return np.array([one(change) for change in changes])


def _plain(of: Material, changes: Sequence[Change]) -> Floats:
    """Inputs and gradients taken as independent of each other and of positions; NaN: not known."""
    names = {layer for change in changes for layer in change.leaves}
    needs = Needs.INPUT_MOMENTS | Needs.OUTPUT_GRADIENTS
    known = collect(of.folded, needs, names, of.samples, Quiet())

    def one(change: Change) -> float:
        total = 0.0
        for layer, leaf in change.leaves.items():
            moments, gradient = known.moments.get(layer), known.gradients.get(layer)
            if moments is None or gradient is None or len(moments.second) > 1:
                return float("nan")
            more = difference(leaf, of.folded.module.get_submodule(layer))
            rows = more.weight.detach().flatten(1)  # [C_out, K]
            shift = rows.new_zeros(len(rows)) if more.bias is None else more.bias.detach()
            cross = torch.outer(rows @ moments.mean[0], shift)
            outputs = rows @ moments.second[0] @ rows.T + cross + cross.T
            outputs += torch.outer(shift, shift)
            total += 0.5 * float((gradient * outputs).sum())
        return max(total, 0.0)

    return np.array([one(change) for change in changes])


def _weight(of: Material, layer: str) -> Tensor:
    weight: Tensor = of.folded.module.get_submodule(layer).weight.detach()
    return weight


if __name__ == "__main__":
    sys.exit(main())
