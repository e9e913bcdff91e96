"""Moments of what layers read, measured once and kept while there is room."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, fx, nn

from engine.jobs.job import Job
from engine.methods.context import Context
from engine.methods.pruning.channel_least_squares import MOST_PRIMAL, gram, rows_wanted
from engine.methods.pruning.channel_units import Group, Reader, is_transposed
from engine.network.leaves import uses
from engine.network.network import Network
from engine.statistics.run import Walker
from engine.statistics.unfold import unfold_input

MOST_BYTES = 1 << 30
"""Of second moments that are held at a time."""
_BATCH = 16


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """How the rows that a layer reads lie.

    Attributes:
        covariance: `[groups, K, K]` float32.
        mean: `[groups, K]`.
    """

    covariance: Tensor
    mean: Tensor


class Spreads:
    """The spreads of a network's layers; those of earlier requests are kept up to a size.

    Args:
        network: Not changed.
        context: For the calibration data.
    """

    def __init__(self, network: Network, context: Context) -> None:
        self.network = network
        self._context = context
        self._known: dict[str, Spread] = {}

    def of(self, readers: Sequence[Reader]) -> Mapping[str, Spread]:
        """Layer → spread, of those that are small enough to have one.

        Raises:
            DataError: There is no calibration data.
        """
        wanted = {reader.layer: reader for reader in readers if is_primal(reader)}
        missing = [reader for layer, reader in wanted.items() if layer not in self._known]
        if missing:
            if self._bytes(self._known) + self._bytes(wanted) > MOST_BYTES:
                self._known = {k: v for k, v in self._known.items() if k in wanted}
            self._known |= _measure(self.network, missing, self._context)
        return {layer: self._known[layer] for layer in wanted if layer in self._known}

    def _bytes(self, found: Mapping[str, Spread | Reader]) -> int:
        return sum(
            moment_bytes(one) if isinstance(one, Reader) else 4 * one.covariance.numel()
            for one in found.values()
        )


def moment_bytes(reader: Reader) -> int:
    """Of a layer's second moment; 0 for one that is too large to have one."""
    matrix = reader.matrix()
    return 4 * len(matrix) * matrix.shape[1] ** 2 if is_primal(reader) else 0


def is_primal(reader: Reader) -> bool:
    """Whether a layer's matrix is small enough for second moments."""
    return reader.matrix().shape[1] <= MOST_PRIMAL


def portions(groups: Sequence[Group]) -> Iterator[list[Group]]:
    """Groups whose moments fit into memory together."""
    some: list[Group] = []
    held = 0
    for group in groups:
        size = sum(moment_bytes(reader) for reader in group.readers)
        if some and held + size > MOST_BYTES:
            yield some
            some, held = [], 0
        some.append(group)
        held += size
    if some:
        yield some


def _measure(network: Network, readers: Sequence[Reader], context: Context) -> dict[str, Spread]:
    samples = context.samples()
    calls = {node: reader for reader in readers for node in reader.nodes}
    sums: dict[str, _Sum] = {}
    number = 0

    def look(node: fx.Node, args: tuple[Any, ...], result: Tensor) -> None:
        reader = calls[node.name]
        like = args[0] if is_transposed(reader.leaf) else result
        axis = like.dim() - 1 if isinstance(reader.leaf, nn.Linear) else 1
        positions = like.numel() // max(like.shape[axis] * len(like), 1)
        every = max(1, positions * len(samples) // rows_wanted(reader.matrix().shape[1]))
        rows = unfold_input(reader.leaf, args[0], every, 3 * number).float()
        context.job.checkpoint()
        found = sums.setdefault(reader.layer, _Sum(rows.mean(1, keepdim=True)))
        found.add(rows, context.job)

    walker = Walker(network.module, look, calls, context.job)
    size = min(samples.batch, _BATCH)
    total = -(-len(samples) // size)
    with torch.inference_mode():
        for number, batch in enumerate(samples.batches(size)):
            context.job.checkpoint("Collecting statistics", number, total)
            walker.run(*batch)
    context.job.checkpoint("Collecting statistics", total, total)
    return {layer: found.spread() for layer, found in sums.items() if found.count}


class _Sum:
    """Moments about a point near the mean, so that the variance is not lost to rounding."""

    def __init__(self, around: Tensor) -> None:
        self.around = around.clone()  # [groups, 1, K]
        self.count = 0
        self.second = self.first = torch.zeros(())

    def add(self, rows: Tensor, job: Job) -> None:
        rows = rows - self.around
        more = gram(rows, job)
        self.second = self.second.add_(more) if self.count else more
        self.first = self.first + rows.sum(1)
        self.count += rows.shape[1]

    def spread(self) -> Spread:
        mean = self.first / self.count
        covariance = self.second / self.count - mean[:, :, None] * mean[:, None, :]
        return Spread(covariance.clone(), (self.around[:, 0] + mean).clone())


def output_scales(network: Network, layers: Sequence[str]) -> dict[str, Tensor]:
    """For layers that a batch norm follows, what it multiplies each output channel with."""
    leaves = {use.name: use for use in uses(network.module)}
    scales = {}
    for layer in layers:
        for node in leaves[layer].nodes:
            for user in node.users:
                norm: Any = (
                    network.module.get_submodule(str(user.target))
                    if user.op == "call_module"
                    else None
                )
                if isinstance(norm, nn.modules.batchnorm._BatchNorm):
                    variance: Any = norm.running_var
                    weight = 1.0 if norm.weight is None else norm.weight.detach()
                    scales[layer] = weight / torch.sqrt(variance + norm.eps)
    return scales
