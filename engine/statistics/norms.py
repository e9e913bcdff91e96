"""Gives batch norms the mean and variance that they see now, after what is before them changed."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, fx, nn
from torch.nn.modules.batchnorm import _BatchNorm

from engine.errors import DataError
from engine.jobs.job import Job
from engine.network.network import Network
from engine.statistics.calibration import Calibration
from engine.statistics.run import Walker
from engine.surgery.copy import copy_network, replace_tensors


class _Sums:
    """Mean and variance per channel over several batches, in double precision."""

    def __init__(self) -> None:
        self.count = 0
        self.first: Tensor | float = 0.0  # [C]
        self.second: Tensor | float = 0.0  # [C]

    def add(self, x: Tensor) -> None:
        """Count a batch `[N, C, ...]`."""
        values = x.detach().movedim(1, 0).flatten(1)  # [C, n]
        variance, mean = torch.var_mean(values, dim=1, correction=0)
        mean = mean.double()
        self.count += values.shape[1]
        self.first = self.first + mean * values.shape[1]
        self.second = self.second + (variance.double() + mean.square()) * values.shape[1]

    def result(self) -> tuple[Tensor, Tensor]:
        """Mean and unbiased variance, as batch norms keep them."""
        mean = torch.as_tensor(self.first) / self.count
        variance = torch.as_tensor(self.second) / self.count - mean.square()
        return mean, variance.clamp_min(0) * (self.count / max(1, self.count - 1))


def norms(module: nn.Module) -> tuple[_BatchNorm, ...]:
    """Batch norms that keep statistics."""
    return tuple(
        leaf
        for leaf in module.modules()
        if isinstance(leaf, _BatchNorm) and isinstance(leaf.running_mean, Tensor)
    )


def reestimate(network: Network, calibration: Calibration, job: Job) -> Network:
    """A network whose batch norms keep the statistics of the calibration samples.

    In one pass every norm normalizes by its batch, and what it sees is gathered over all batches.
    Weights are shared with the original, which is not changed.

    Args:
        network: Without batch norms it is given back as it is.
        calibration: Two samples or more.
        job: For progress and cancelling.

    Raises:
        DataError: There is but one sample.
    """
    if not norms(network.module):
        return network
    if len(calibration) < 2:
        raise DataError(
            "Batch norm cannot be re-estimated on a single sample", hint="Give more data."
        )
    result = copy_network(network)
    module = result.module.eval()
    kept = [b for leaf in norms(module) for b in leaf.buffers(recurse=False)]
    replace_tensors(module, {id(buffer): buffer.clone() for buffer in kept})
    sums = {id(leaf): _Sums() for leaf in norms(module)}
    for leaf in norms(module):
        leaf.train()
    _gather(module, calibration, sums, job)
    for leaf in norms(module):
        leaf.eval()
        found = sums[id(leaf)]
        assert leaf.running_mean is not None
        assert leaf.running_var is not None
        if found.count:
            mean, variance = found.result()
            leaf.running_mean.copy_(mean)
            leaf.running_var.copy_(variance)
    return result


def _gather(
    module: fx.GraphModule, calibration: Calibration, sums: dict[int, _Sums], job: Job
) -> None:
    def look(node: fx.Node, args: tuple[Tensor, ...], result: Tensor) -> None:
        del result
        if node.op == "call_module":
            found = sums.get(id(module.get_submodule(str(node.target))))
            if found is not None:
                found.add(args[0])

    walker = Walker(module, look, None, job)
    with torch.no_grad():
        for done, inputs in _batches(calibration):
            job.checkpoint("Re-estimating batch norm", done, len(calibration))
            walker.run(*inputs)
    job.checkpoint("Re-estimating batch norm", len(calibration), len(calibration))


def _batches(calibration: Calibration) -> Iterator[tuple[int, tuple[Tensor, ...]]]:
    """With how many samples came before; a single one at the end has no variance."""
    size = max(2, calibration.batch)
    done = 0
    for inputs in calibration.batches(size):
        if len(inputs[0]) > 1:
            yield done, inputs
        done += len(inputs[0])
