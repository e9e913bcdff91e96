"""Prunes layer after layer, each for the inputs that the pruned ones before it give.

The outputs wanted are those of the network as it was, so that what earlier layers lost is made up
for by later ones: at an addition the layer before it also takes over the error of the shortcut.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, fx, nn

from engine.jobs.job import Job
from engine.methods.context import Context
from engine.methods.pruning.matrices import Layer, put, row_weights
from engine.methods.pruning.problem import Observed, Wanted, make_problem, solve
from engine.methods.pruning.side_by_side import SideBySide, bytes_per_sample
from engine.methods.pruning.targets import Surroundings, in_order
from engine.network.network import Network
from engine.statistics.calibration import Calibration
from engine.statistics.moments import ROWS, Moments
from engine.statistics.shortcuts import norm_scale, wanted_output
from engine.statistics.unfold import unfold_input, unfold_output
from engine.surgery.copy import as_kind_of

_HELD_BYTES = 1 << 30
"""Of the values that both networks hold between two layers, about."""
_AT_ONCE = 1_000_000_000
"""Multiplications between two looks at the job."""


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """What becomes of a layer.

    Attributes:
        wanted: How its zeros are chosen.
        damping: Of its moments.
        forced: Weights that are zero and stay so, `[groups, R, K]`.
    """

    wanted: Wanted
    damping: float
    forced: Tensor | None = None


def prune_in_turn(
    network: Network, changed: Network, orders: Mapping[Layer, Order], context: Context
) -> list[Layer]:
    """Give the layers of `changed` new weights with zeros, one after the other.

    Args:
        network: The network as it was.
        changed: A copy, which is changed.
        orders: The layers, and what becomes of them.
        context: Around the step.

    Returns:
        The layers that were pruned.
    """
    samples = _affordable(network, context)
    sides = SideBySide(network.module, changed.module, list(samples.batches()), context.job)
    turns = in_order(network.module, list(orders))
    pruned = []
    for done, (layer, around) in enumerate(turns):
        context.job.checkpoint(f"Pruning {layer.name}", done, len(turns))
        order = orders[layer]
        costs = row_weights(layer.leaf, context.statistics.gradients.get(layer.name))
        if around is None:
            seen = _seen_before(layer, context)
        else:
            seen = _look(sides, layer, around, context.job)
        if seen is None:
            context.note(f"{layer.name} was left as it is: the calibration data never reach it.")
            continue
        observed = Observed(seen.second, seen.cross)
        problem = make_problem(
            observed, layer.matrix, costs, order.damping, order.forced, context.job
        )
        matrices = solve(problem, order.wanted, context.job)
        put(changed, layer, matrices)
        pruned.append(layer)
        if around is not None and around.can_shift:
            _shift(changed.module, layer, around, seen.missing(matrices))
    context.job.checkpoint("Pruning", len(turns), len(turns))
    return pruned


@dataclass(slots=True, eq=False)
class _Seen:
    """Sums over rows of what goes into a layer and what should come out; `close` makes means.

    With `centered` all is summed up about the means of the first rows: those of all are near, and
    nothing is lost in the difference of large numbers.
    """

    second: Tensor
    cross: Tensor | None
    mean_in: Tensor
    mean_out: Tensor
    centered: bool = False
    count: int = 0
    origin_in: Tensor | float = 0.0
    origin_out: Tensor | float = 0.0

    def add(self, rows: Tensor, wanted: Tensor, job: Job) -> None:
        """Rows `[groups, n, K]` and `[groups, n, R]`."""
        each = rows.shape[0] * rows.shape[2] * (rows.shape[2] + wanted.shape[2])
        size = max(1, _AT_ONCE // max(each, 1))
        for start in range(0, rows.shape[1], size):
            job.checkpoint()
            part = slice(start, start + size)
            self._add(rows[:, part], wanted[:, part])

    def _add(self, rows: Tensor, wanted: Tensor) -> None:
        assert self.cross is not None
        if self.centered and not self.count:
            self.origin_in = rows.mean(dim=1, keepdim=True)
            self.origin_out = wanted.mean(dim=1, keepdim=True)
        rows, wanted = rows - self.origin_in, wanted - self.origin_out
        self.second = torch.baddbmm(self.second, rows.transpose(1, 2), rows)
        self.cross = torch.baddbmm(self.cross, wanted.transpose(1, 2), rows)
        self.mean_in = self.mean_in + rows.sum(dim=1)
        self.mean_out = self.mean_out + wanted.sum(dim=1)
        self.count += rows.shape[1]

    def close(self) -> None:
        assert self.cross is not None
        for name in ("second", "cross", "mean_in", "mean_out"):
            setattr(self, name, getattr(self, name) / max(self.count, 1))
        if self.centered:
            line = self.mean_in[:, None]  # [groups, 1, K]
            self.second = self.second - line.transpose(1, 2) * line
            self.cross = self.cross - self.mean_out[:, :, None] * line
            self.mean_in = self.mean_in + torch.as_tensor(self.origin_in).flatten(1)
            self.mean_out = self.mean_out + torch.as_tensor(self.origin_out).flatten(1)

    def missing(self, matrices: Tensor) -> Tensor:
        """What new weights leave to a constant for each output, `[C_out]`."""
        return (self.mean_out - (matrices @ self.mean_in[:, :, None])[:, :, 0]).flatten()


def _look(sides: SideBySide, layer: Layer, around: Surroundings, job: Job) -> _Seen | None:
    """Run both networks up to a layer and sum up what they show there."""
    sides.run_to(around.source, *([] if around.other is None else [around.other]))
    groups, rows, columns = layer.matrix.shape
    seen = _Seen(
        torch.zeros(groups, columns, columns),
        torch.zeros(groups, rows, columns),
        torch.zeros(groups, columns),
        torch.zeros(groups, rows),
        around.can_shift,
    )
    module = sides.reference
    scale = norm_scale(module, around.norm) if around.norm and around.other is not None else None
    every = max(1, _rows(sides, layer, around.source) // ROWS)
    others = None if around.other is None else sides.values(around.other)
    for number, (reference, changed) in enumerate(sides.values(around.source)):
        with torch.inference_mode():
            output = layer.leaf(reference)
            other = None if others is None else next(others)
            wanted = wanted_output(output, other, scale)
            offset = 3 * number
            given = unfold_input(layer.leaf, changed, every, offset).float()
            seen.add(given, unfold_output(layer.leaf, wanted, every, offset).float(), job)
    if not seen.count or not seen.second.isfinite().all() or not seen.mean_out.isfinite().all():
        return None
    seen.close()
    return seen


def _rows(sides: SideBySide, layer: Layer, source: fx.Node) -> int:
    """How many rows a layer sees in all batches."""
    first = next(sides.values(source))[0]
    with torch.inference_mode():
        output = layer.leaf(first[:1])
    channels = output.shape[-1] if isinstance(layer.leaf, nn.Linear) else output.shape[1]
    return int(output.numel()) // int(channels) * sides.samples


def _seen_before(layer: Layer, context: Context) -> _Seen | None:
    """Moments of the network as it was, over all layers that share the weight."""
    found = moments_of(layer, context)
    if found is None:
        return None
    return _Seen(found.second, None, found.mean, torch.zeros(()))


def moments_of(layer: Layer, context: Context) -> Moments | None:
    """Of the inputs of all layers that share a weight; None where they were never run."""
    parts = [context.statistics.moments[n] for n in layer.names if n in context.statistics.moments]
    count = sum(part.count for part in parts)
    if not count:
        return None
    second = sum((part.second * (part.count / count) for part in parts), torch.zeros(()))
    mean = sum((part.mean * (part.count / count) for part in parts), torch.zeros(()))
    return Moments(second, mean, count) if second.isfinite().all() else None


def _shift(module: fx.GraphModule, layer: Layer, around: Surroundings, constant: Tensor) -> None:
    """Let a layer, or the batch norm after it, add a constant to each channel."""
    if around.has_bias:
        leaf = module.get_submodule(layer.name)
        bias = leaf.bias
        assert isinstance(bias, Tensor)
        leaf.bias = as_kind_of(bias, constant.to(bias.device, bias.dtype))
        return
    norm = module.get_submodule(around.norm)
    mean = norm.running_mean
    assert isinstance(mean, Tensor)
    norm.running_mean = mean - constant.to(mean.device, mean.dtype)


def _affordable(network: Network, context: Context) -> Calibration:
    """As many samples as can be held in memory between two layers."""
    samples = context.samples()
    each = max(2 * bytes_per_sample(network.module), 1)
    count = max(_HELD_BYTES // each, min(len(samples), samples.batch), 1)
    if count >= len(samples):
        return samples
    context.note(f"{count} of {len(samples)} calibration samples were used, to bound memory.")
    return samples.first(count)
