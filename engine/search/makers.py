"""All changes that a table asks for, made one after the other as the methods would make them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from torch import Tensor

from engine.cost import Grid
from engine.info import LayerInfo
from engine.jobs.job import Job
from engine.layer_table import LayerTable
from engine.methods.context import Context
from engine.network.leaves import Use, uses
from engine.network.macs import network_macs
from engine.network.network import Network
from engine.registry import Needs
from engine.search.activations import rounded_inputs
from engine.search.changes import WAYS, Change, factored, rounded, sparse
from engine.search.channels import without_channels
from engine.search.savings import ACTIVATIONS, applicable, rows_of
from engine.statistics.calibration import Calibration
from engine.statistics.moments import ROWS, Moments, Statistics, collect
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
_SINGLE = ("uniform", "weight", *WAYS)
"""Methods that change layers one by one: the first needs no gradients, and is quick."""
_LONG = 1e10
"""Operations of second moments that are worth being divided."""
_QUICK = 0.2
"""Of them, the part that comes first."""


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


def stages_of(
    network: Network,
    table: LayerTable,
    grids: Sequence[Grid],
    samples: Calibration,
    job: Job,
) -> Iterator[Iterator[Change]]:
    """The changes of `changes_of`, those first that are made quickly.

    Rounding needs one look at the samples, and that at narrow layers is quick; what is solved and
    chosen comes after it.

    Args:
        network: With batch norms folded; not changed.
        table: Its layers and groups.
        grids: Methods and settings.
        samples: What methods look at; labels are not.
        job: For progress.

    Yields:
        Changes, to be taken before the next ones are asked for.
    """
    yield from _Makers(network, table, grids, samples, job).stages()


class _Makers:
    def __init__(
        self,
        network: Network,
        table: LayerTable,
        grids: Sequence[Grid],
        samples: Calibration,
        job: Job,
    ) -> None:
        self.network = network
        self.table = table
        self.samples = samples
        self.job = job
        self._grids = {grid.method: grid for grid in grids}
        self._chosen = {name: applicable(table, grid) for name, grid in self._grids.items()}
        self._found = {use.name: use for use in uses(network.module) if use.module is not None}

    def changes(self) -> Iterator[Change]:
        """One after the other."""
        gradients = self._gradients()
        portions = self._portions()
        known: Mapping[str, Moments] = {}
        for some in portions:
            moments = self._moments(_names(some))
            known = moments if len(portions) == 1 else {}
            yield from self._of_layers(some, _SINGLE, Statistics(moments, gradients))
        yield from self._rounded_inputs()
        yield from self._without_channels(known)

    def stages(self) -> Iterator[Iterator[Change]]:
        """Quick ones first."""
        gradients: Mapping[str, Tensor] | None = None
        portions = self._portions()
        known: dict[str, Moments] = {}
        for some in portions:
            known = {}
            for part in self._quick_first(some):
                known |= self._moments(_names(part))
                yield self._of_layers(part, _SINGLE[:1], Statistics(known))
            if gradients is None:
                gradients = self._gradients()
            statistics = Statistics(known, gradients)
            solved = [tied for part in self._quick_first(some) for tied in part]
            yield self._of_layers(solved, _SINGLE[1:], statistics)
        yield self._rounded_inputs()
        yield self._without_channels(known if len(portions) == 1 else {})

    def _portions(self) -> list[list[list[str]]]:
        """Layers that are changed one by one; tied ones together."""
        names = {
            name
            for method, some in self._chosen.items()
            if method not in ("channel", ACTIVATIONS)
            for name in some
        }
        weights: dict[int, list[str]] = {}
        for use in self._found.values():
            if use.name in names:
                weights.setdefault(id(use.weight), []).append(use.name)
        return list(_portions(list(weights.values()), self._found))

    def _quick_first(self, some: Sequence[list[str]]) -> Iterator[list[list[str]]]:
        """Those layers first whose moments are together a small part of the work, if that is long.

        Each layer's moments are the same whichever others are looked at with it.
        """
        works = [sum(self._work(self._found[name]) for name in tied) for tied in some]
        if sum(works) < _LONG:
            yield list(some)
            return
        order = sorted(range(len(some)), key=lambda place: works[place])
        done = np.cumsum([works[place] for place in order])
        count = max(1, int(np.searchsorted(done, _QUICK * done[-1], side="right")))
        yield [some[place] for place in order[:count]]
        if count < len(order):
            yield [some[place] for place in order[count:]]

    def _work(self, use: Use) -> float:
        """Operations of a layer's second moment, about."""
        macs = self.table[use.name].macs if use.name in self.table else None
        rows = len(self.samples) * (macs or 0) / max(use.weight.numel(), 1)
        return _moment_bytes(use) / 4 * min(rows, ROWS)

    def _rounded_inputs(self) -> Iterator[Change]:
        if ACTIVATIONS in self._grids:
            read = [self._found[name] for name in self._chosen[ACTIVATIONS] if name in self._found]
            bits = self._grids[ACTIVATIONS].settings
            yield from rounded_inputs(self.network, read, bits, self._context(Statistics()))

    def _without_channels(self, known: Mapping[str, Moments]) -> Iterator[Change]:
        if "channel" not in self._grids:
            return
        context = self._context(Statistics())
        settings = self._grids["channel"].settings
        few = frozenset(name for name, use in self._found.items() if self._is_starved(use))
        missing = [name for name in few if name not in known]
        if sum(_moment_bytes(self._found[name]) for name in missing) <= _MOMENT_BYTES:
            known = {**known, **self._moments(missing)}
        few &= known.keys()
        made = without_channels(self.network, self._chosen["channel"], settings, known, context)
        for change in made:
            yield self._marked(change, bool(few & change.leaves.keys()))

    def _most(self) -> float:
        """Operations of an exact elimination of one layer: a small part of a forward pass."""
        macs = network_macs(self.network.module) or 1
        part = min(_EXACT, _EXACT_ALL / max(len(rows_of(self.table)), 1))
        return max(part * macs * len(self.samples), _LEAST_EXACT)

    def _of_layers(
        self, some: Sequence[list[str]], methods: Sequence[str], statistics: Statistics
    ) -> Iterator[Change]:
        if not self._grids.keys() & set(methods):
            return
        context = self._context(statistics)
        for tied in some:
            self.job.checkpoint(f"Trying settings of {tied[0]}")
            yield from self._of_layer(tied, methods, context)

    def _of_layer(
        self, tied: Sequence[str], methods: Sequence[str], context: Context
    ) -> Iterator[Change]:
        use = self._found[tied[0]]

        def settings(method: str) -> tuple[float, ...]:
            wanted = method in methods and use.name in self._chosen.get(method, ())
            return self._grids[method].settings if wanted else ()

        leaves = {name: self.network.module.get_submodule(name) for name in tied}
        few = any(self._is_starved(self._found[name]) for name in tied)
        if settings("uniform"):
            yield from rounded(use, leaves, settings("uniform"), context)
        if settings("weight"):
            zeros = settings("weight")
            for change in sparse(self.network, use.name, zeros, self._most(), context):
                yield self._marked(change, few)
        layers: list[LayerInfo] = [self.table[name] for name in tied]
        for method in WAYS:
            if settings(method):
                for change in factored(method, leaves, layers, settings(method), context):
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

    def _gradients(self) -> Mapping[str, Tensor]:
        solved = (self._chosen.get(method, ()) for method in _SINGLE[1:])
        names = {name for some in solved for name in some} & self._found.keys()
        if not names:
            return {}
        needs = Needs.OUTPUT_GRADIENTS
        return collect(self.network, needs, names, self.samples, self.job).gradients

    def _moments(self, names: Sequence[str]) -> dict[str, Moments]:
        names = [name for name in names if _moment_bytes(self._found[name])]
        few = [name for name in names if self._is_starved(self._found[name])]
        known: dict[str, Moments] = {}
        for some, samples in (
            ([name for name in names if name not in few], self.samples),
            (few, fitting(self.samples)),
        ):
            if some:
                needs = Needs.INPUT_MOMENTS
                known |= collect(self.network, needs, some, samples, self.job).moments
        return known

    def _context(self, statistics: Statistics) -> Context:
        return Context(self.job, self.network, calibration=self.samples, statistics=statistics)


def _names(some: Sequence[list[str]]) -> list[str]:
    return [name for tied in some for name in tied]


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
