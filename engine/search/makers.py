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
from engine.search.changes import Change, factored, rounded, sparse
from engine.search.channels import without_channels
from engine.search.savings import applicable
from engine.statistics.calibration import Calibration
from engine.statistics.moments import Moments, Statistics, collect
from engine.statistics.unfold import has_rows

_MOMENT_BYTES = 1 << 30
_WIDEST = 6144
"""Inputs of a matrix above which no second moment is formed."""
_EXACT = 0.1
"""Part of the MACs of a forward pass over all samples that one layer's elimination may take."""
_LEAST_EXACT = 1e9


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
        names = {n for name, some in chosen.items() if name != "channel" for n in some}
        weights: dict[int, list[str]] = {}
        for use in found.values():
            if use.name in names:
                weights.setdefault(id(use.weight), []).append(use.name)
        gradients = self._gradients(found, chosen)
        portions = list(_portions(list(weights.values()), found))
        known: Mapping[str, Moments] = {}
        for some in portions:
            moments = self._moments(some, found)
            known = moments.moments if len(portions) == 1 else {}
            context = self._context(replace(moments, gradients=gradients))
            for tied in some:
                self.job.checkpoint(f"Trying settings of {tied[0]}")
                yield from self._of_layer(found[tied[0]], tied, chosen, grids, context)
        if "channel" in grids:
            context = self._context(Statistics())
            settings = grids["channel"].settings
            yield from without_channels(self.network, chosen["channel"], settings, known, context)

    def _most(self) -> float:
        """Operations of an exact elimination of one layer: a small part of a forward pass."""
        macs = network_macs(self.network.module) or 1
        return max(_EXACT * macs * len(self.samples), _LEAST_EXACT)

    def _of_layer(
        self,
        use: Use,
        tied: Sequence[str],
        chosen: dict[str, tuple[str, ...]],
        grids: dict[str, Grid],
        context: Context,
    ) -> Iterator[Change]:
        def settings(method: str) -> tuple[float, ...]:
            wanted = method in grids and use.name in chosen[method]
            return grids[method].settings if wanted else ()

        leaves = {name: self.network.module.get_submodule(name) for name in tied}
        if settings("uniform"):
            yield from rounded(use, leaves, settings("uniform"), context)
        if settings("weight"):
            yield from sparse(self.network, use.name, settings("weight"), self._most(), context)
        if settings("data_aware_svd"):
            layers: list[LayerInfo] = [self.table[name] for name in tied]
            yield from factored(leaves, layers, settings("data_aware_svd"), context)

    def _gradients(
        self, found: dict[str, Use], chosen: dict[str, tuple[str, ...]]
    ) -> dict[str, Tensor]:
        names = {*chosen.get("weight", ()), *chosen.get("data_aware_svd", ())} & found.keys()
        if not names:
            return {}
        needs = Needs.OUTPUT_GRADIENTS
        return dict(collect(self.network, needs, names, self.samples, self.job).gradients)

    def _moments(self, some: Sequence[Sequence[str]], found: dict[str, Use]) -> Statistics:
        names = [n for tied in some for n in tied if _moment_bytes(found[n])]
        return collect(self.network, Needs.INPUT_MOMENTS, names, self.samples, self.job)

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
