"""One pass over calibration data: second moments of inputs and of output gradients.

With A = E[x xᵀ] of a layer's inputs and G = E[Σ g gᵀ] of its output gradients, the loss of any
change ΔW of its weight is about ½·tr(G ΔW A ΔWᵀ) (Martens & Grosse 2015, arXiv:1503.05671, sec. 3;
for convolutions Grosse & Martens 2016, arXiv:1602.01407).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, fx, nn

from engine.jobs.job import Job
from engine.network.leaves import uses
from engine.network.network import Network
from engine.registry import Needs
from engine.statistics.calibration import Calibration
from engine.statistics.run import Walker
from engine.statistics.unfold import has_rows, unfold_input

ROWS = 40_000
"""Rows of a layer's input that are looked at, about; more make its moments no better."""
_GRADIENT_BATCH = 16


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """What is known of a layer's input rows (see `unfold_input`).

    Attributes:
        second: `[groups, K, K]` float32, E[x xᵀ].
        mean: `[groups, K]` float32, E[x].
        count: Rows that were looked at.
    """

    second: Tensor
    mean: Tensor
    count: int


@dataclass(frozen=True, slots=True, eq=False)
class Statistics:
    """What one pass found; empty where nothing was asked for.

    Attributes:
        moments: Layer → moments of its input.
        gradients: Layer → `[C_out, C_out]` float32, E over samples of Σ over positions of g gᵀ,
            for the loss of which the Hessian is that of the KL divergence from the network's own
            answers (for one that does not classify: of half the squared error).
    """

    moments: Mapping[str, Moments] = field(default_factory=dict)
    gradients: Mapping[str, Tensor] = field(default_factory=dict)


def collect(
    network: Network,
    needs: Needs,
    layers: Collection[str],
    calibration: Calibration,
    job: Job,
    seed: int = 0,
) -> Statistics:
    """Everything that the methods of a step need, in one pass over the calibration data.

    Args:
        network: Not changed.
        needs: `INPUT_MOMENTS` and `OUTPUT_GRADIENTS` are looked at.
        layers: Those it is needed for; others and those without rows are left out.
        calibration: What to run.
        job: For progress.
        seed: Draws the answers that gradients are taken for.
    """
    moments: Mapping[str, Moments] = {}
    gradients: Mapping[str, Tensor] = {}
    if Needs.INPUT_MOMENTS in needs:
        moments = input_moments(network, layers, calibration, job)
    if Needs.OUTPUT_GRADIENTS in needs:
        gradients = output_gradients(network, layers, calibration, job, seed)
    return Statistics(moments, gradients)


def calls_of(network: Network, layers: Collection[str]) -> dict[str, str]:
    """Name of each node that calls one of the layers → the layer; of those with rows."""
    return {
        node.name: use.name
        for use in uses(network.module)
        if use.name in layers and use.module is not None and has_rows(use.module)
        for node in use.nodes
    }


def input_moments(
    network: Network, layers: Collection[str], calibration: Calibration, job: Job
) -> dict[str, Moments]:
    """Mean and second moment of what the layers' weights are multiplied with.

    Bounded in memory by one batch and the moments themselves; positions are sampled, so that about
    `ROWS` rows of each layer are looked at, other ones in every batch.
    """
    calls = calls_of(network, layers)
    sums = {layer: _Sum() for layer in calls.values()}
    number = 0

    def look(node: fx.Node, args: tuple[Any, ...], result: Any) -> None:
        layer = calls[node.name]
        leaf = network.module.get_submodule(layer)
        rows = result.numel() // max(result.shape[1] if result.dim() > 2 else result.shape[-1], 1)
        every = max(1, rows * -(-len(calibration) // max(len(args[0]), 1)) // ROWS)
        sums[layer].add(unfold_input(leaf, args[0], every, offset=3 * number))

    walker = Walker(network.module, look, calls, job)
    total = -(-len(calibration) // calibration.batch)
    with torch.inference_mode():
        for number, inputs in enumerate(calibration.batches()):
            job.checkpoint("Collecting statistics", number, total)
            walker.run(*inputs)
    job.checkpoint("Collecting statistics", total, total)
    return {layer: found.result() for layer, found in sums.items() if found.count}


class _Sum:
    def __init__(self) -> None:
        self.count = 0
        self.second = self.mean = torch.zeros(())

    def add(self, rows: Tensor) -> None:
        """Rows `[groups, n, K]`."""
        rows = rows.float()
        self.second = self.second + rows.transpose(1, 2) @ rows
        self.mean = self.mean + rows.sum(dim=1)
        self.count += rows.shape[1]

    def result(self) -> Moments:
        return Moments(self.second / self.count, self.mean / self.count, self.count)


def output_gradients(
    network: Network, layers: Collection[str], calibration: Calibration, job: Job, seed: int = 0
) -> dict[str, Tensor]:
    """Second moments of output gradients, for answers drawn from the network's own.

    No labels are needed: the gradient of the log-likelihood of a drawn answer has the Hessian of
    the KL divergence as its second moment (Martens 2020, arXiv:1412.1193, sec. 5).
    """
    calls = calls_of(network, layers)
    sums: dict[str, Tensor] = {}
    kept: dict[str, Tensor] = {}

    def keep(node: fx.Node, _args: tuple[Any, ...], result: Any) -> None:
        kept[node.name] = result

    walker = Walker(network.module, keep, calls, job)
    generator = torch.Generator().manual_seed(seed)
    total = -(-len(calibration) // _GRADIENT_BATCH)
    for number, inputs in enumerate(calibration.batches(_GRADIENT_BATCH)):
        job.checkpoint("Collecting gradients", number, total)
        kept.clear()
        with torch.enable_grad():
            lifted = tuple(x.requires_grad_() if x.is_floating_point() else x for x in _own(inputs))
            loss = likelihood_loss(walker.run(*lifted), generator)
        nodes = [name for name, value in kept.items() if value.requires_grad]
        values = [kept[name] for name in nodes]
        found = torch.autograd.grad(loss, values, allow_unused=True)
        for name, gradient in zip(nodes, found, strict=True):
            if gradient is not None:
                layer = calls[name]
                rows = _rows(gradient, network.module.get_submodule(layer))
                product = rows.T @ rows / len(calibration)
                sums[layer] = sums[layer] + product if layer in sums else product
    job.checkpoint("Collecting gradients", total, total)
    return sums


def likelihood_loss(outputs: Any, generator: torch.Generator) -> Tensor:
    """A scalar whose gradient's second moment is the Hessian of the network's natural loss.

    For `[N, classes]` the negative log-likelihood of drawn classes, summed over samples; for
    anything else the outputs times standard normal numbers.
    """
    first: Tensor = outputs[0] if isinstance(outputs, (tuple, list)) else outputs
    if first.dim() == 2 and first.shape[1] > 1:
        logs = torch.log_softmax(first.float(), dim=1)
        chances = logs.detach().exp()
        sound = chances.isfinite().all(dim=1, keepdim=True)  # weights may be NaN
        drawn = torch.multinomial(torch.where(sound, chances, 1.0), 1, generator=generator)
        return -logs.gather(1, drawn).sum()
    noise = torch.randn(first.shape, generator=generator)
    return (first.float() * noise).sum()


def _own(inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    return tuple(tensor.clone() for tensor in inputs)


def _rows(gradient: Tensor, leaf: nn.Module) -> Tensor:
    """`[N · positions, C_out]`: channels are the last axis of a linear layer, else the second."""
    if not isinstance(leaf, nn.Linear):
        gradient = gradient.movedim(1, -1)
    return gradient.reshape(-1, gradient.shape[-1]).float()
