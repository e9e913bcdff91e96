"""All changes that a table asks for, made one after the other as the methods would make them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from torch import Tensor

from engine.cost import Grid
from engine.info import LayerInfo
from engine.jobs.job import Job
from engine.methods.context import Context
from engine.network.leaves import Use, uses
from engine.network.macs import network_macs
from engine.network.network import Network
from engine.registry import LayerTable, Needs
from engine.search.activations import rounded_inputs
from engine.search.changes import Change, factored, rounded, sparse
from engine.search.channels import without_channels
from engine.search.savings import ACTIVATIONS, applicable, rows_of
from engine.statistics.calibration import Calibration
from engine.statistics.moments import Moments, Statistics, collect
from engine.statistics.unfold import has_rows

_MOMENT_BYTES = 1 << 30
_WIDEST = 6144
"""Inputs of a matrix above which no second moment is formed."""
_ROWS = 8
"""Rows of a layer's inputs, for each input, below which it is fitted to what it sees by chance."""
_HELD_OUT = 4
"""One sample in so many is kept from such layers, so that their losses can be told."""
_EXACT = 0.1
"""Part of the MACs of a forward pass over all samples that one layer's elimination may take."""
_EXACT_ALL = 2.5
"""The same for all layers together."""
_LEAST_EXACT = 1e8


def fitting(samples: Calibration) -> Calibration:
    """What layers with few rows are fitted to; the samples after it tell what that loses."""
    return samples.first(max(len(samples) - len(samples) // _HELD_OUT, 1))


def changes_of(
    network: Network,
    table: LayerTable,
    grids: Sequence[Grid],
    samples: Calibration,
    job: Job,
) -> Iterator[Change]:
    """Every setting of every layer that it applies to, layer by layer; channels at the end.

    The same for the same samples, so that what was measured of a change is true of the next one.

    Args:
        network: With batch norms folded; not changed.
        table: Its layers and groups.
        grids: Methods and settings.
        samples: What methods look at; labels are not.
        job: For progress.
    """
    yield from _Makers(network, table, grids, samples, job).changes()


@dataclass
class _Makers:
    network: Network
    table: LayerTable
    grids: Sequence[Grid]
    samples: Calibration
    job: Job

    def changes(self) -> Iterator[Change]:
        """One after the other."""
        grids = {grid.method: grid for grid in self.grids}
        chosen = {name: applicable(self.table, grid) for name, grid in grids.items()}
        found = {use.name: use for use in uses(self.network.module) if use.module is not None}
        names = {
            n for name, some in chosen.items() if name not in ("channel", ACTIVATIONS) for n in some
        }
        weights: dict[int, list[str]] = {}
        for use in found.values():
            if use.name in names:
                weights.setdefault(id(use.weight), []).append(use.name)
        gradients = self._gradients(found, chosen)
        portions = list(_portions(list(weights.values()), found))
        known: Mapping[str, Moments] = {}
        for some in portions:
            moments = self._moments([name for tied in some for name in tied], found)
            known = moments.moments if len(portions) == 1 else {}
            context = self._context(replace(moments, gradients=gradients))
            for tied in some:
                self.job.checkpoint(f"Trying settings of {tied[0]}")
                yield from self._of_layer(tied, found, chosen, grids, context)
        if ACTIVATIONS in grids:
            read = [found[name] for name in chosen[ACTIVATIONS] if name in found]
            bits = grids[ACTIVATIONS].settings
            yield from rounded_inputs(self.network, read, bits, self._context(Statistics()))
        if "channel" in grids:
            context = self._context(Statistics())
            settings = grids["channel"].settings
            few = frozenset(name for name, use in found.items() if self._is_starved(use))
            missing = [name for name in few if name not in known]
            if sum(_moment_bytes(found[name]) for name in missing) <= _MOMENT_BYTES:
                known = {**known, **self._moments(missing, found).moments}
            few &= known.keys()
            made = without_channels(self.network, chosen["channel"], settings, known, context)
            for change in made:
                yield self._marked(change, bool(few & change.leaves.keys()))

    def _most(self) -> float:
        """Operations of an exact elimination of one layer: a small part of a forward pass."""
        macs = network_macs(self.network.module) or 1
        part = min(_EXACT, _EXACT_ALL / max(len(rows_of(self.table)), 1))
        return max(part * macs * len(self.samples), _LEAST_EXACT)

    def _of_layer(
        self,
        tied: Sequence[str],
        found: dict[str, Use],
        chosen: dict[str, tuple[str, ...]],
        grids: dict[str, Grid],
        context: Context,
    ) -> Iterator[Change]:
        use = found[tied[0]]

        def settings(method: str) -> tuple[float, ...]:
            wanted = method in grids and use.name in chosen[method]
            return grids[method].settings if wanted else ()

        leaves = {name: self.network.module.get_submodule(name) for name in tied}
        few = any(self._is_starved(found[name]) for name in tied)
        if settings("uniform"):
            yield from rounded(use, leaves, settings("uniform"), context)
        if settings("weight"):
            zeros = settings("weight")
            for change in sparse(self.network, use.name, zeros, self._most(), context):
                yield self._marked(change, few)
        if settings("data_aware_svd"):
            layers: list[LayerInfo] = [self.table[name] for name in tied]
            for change in factored(leaves, layers, settings("data_aware_svd"), context):
                yield self._marked(change, few)

    def _is_starved(self, use: Use) -> bool:
        """Whether a layer sees too few rows for what is solved from them to hold for others."""
        macs = self.table[use.name].macs if use.name in self.table else None
        if not macs or not _moment_bytes(use):
            return False
        rows = len(self.samples) * macs / use.weight.numel()
        return rows < _ROWS * use.weight[0].numel()

    def _marked(self, change: Change, few: bool) -> Change:
        return replace(change, fitted=len(fitting(self.samples))) if few else change

    def _gradients(
        self, found: dict[str, Use], chosen: dict[str, tuple[str, ...]]
    ) -> dict[str, Tensor]:
        names = {*chosen.get("weight", ()), *chosen.get("data_aware_svd", ())} & found.keys()
        if not names:
            return {}
        needs = Needs.OUTPUT_GRADIENTS
        return dict(collect(self.network, needs, names, self.samples, self.job).gradients)

    def _moments(self, names: Sequence[str], found: dict[str, Use]) -> Statistics:
        names = [name for name in names if _moment_bytes(found[name])]
        few = [name for name in names if self._is_starved(found[name])]
        known: dict[str, Moments] = {}
        for some, samples in (
            ([name for name in names if name not in few], self.samples),
            (few, fitting(self.samples)),
        ):
            if some:
                needs = Needs.INPUT_MOMENTS
                known |= collect(self.network, needs, some, samples, self.job).moments
        return Statistics(known)

    def _context(self, statistics: Statistics) -> Context:
        return Context(self.job, self.network, calibration=self.samples, statistics=statistics)


def _portions(weights: Sequence[list[str]], found: dict[str, Use]) -> Iterator[list[list[str]]]:
    """Layers whose second moments fit into memory together."""
    some: list[list[str]] = []
    held = 0
    for tied in weights:
        size = sum(_moment_bytes(found[name]) for name in tied)
        if some and held + size > _MOMENT_BYTES:
            yield some
            some, held = [], 0
        some.append(tied)
        held += size
    if some:
        yield some


def _moment_bytes(use: Use) -> int:
    """Of a layer's second moment; 0 for one that has none or is too wide."""
    if use.module is None or not has_rows(use.module):
        return 0
    leaf: Any = use.module
    groups = int(getattr(leaf, "groups", 1))
    columns = int(np.prod(use.weight.shape[1:]))
    if getattr(leaf, "transposed", False):
        columns = use.weight.shape[0] // groups
    return 4 * groups * columns**2 if columns <= _WIDEST else 0
