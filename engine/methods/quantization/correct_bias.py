"""Takes out what rounding adds to the mean of each output channel."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, fx, nn

from engine.jobs.job import Job
from engine.network.leaves import uses
from engine.network.memory import peak_activation_bytes
from engine.network.network import Network
from engine.statistics.calibration import Calibration
from engine.surgery.copy import copy_network

MOST_BYTES = 1 << 29
"""Of activations that are kept at once."""
MOST_SAMPLES = 256
"""More make the means no better."""

Visit = Callable[[fx.Node, list[Tensor]], None]


def correct_biases(
    network: Network,
    original: Network,
    layers: Sequence[str],
    calibration: Calibration,
    job: Job,
) -> Network:
    """A network whose layers give the same mean in each channel as the original's.

    The quantized network is run node by node over all samples at once, so that each layer is
    corrected with what the corrected layers before it give (Nagel et al. 2019, arXiv:1906.04721,
    sec. 4.2, with means that are measured).

    Args:
        network: Quantized; not changed.
        original: The same layers before rounding, under the same names.
        layers: To be corrected. One that is called several times is corrected for the mean of
            what its first call gives.
        calibration: As much of it is used as fits into memory.
        job: Looked at between nodes.
    """
    result = copy_network(network)
    inputs = _portions(original, calibration)
    calls = _first_calls(original, layers)
    wanted: dict[str, Tensor] = {}

    def remember(node: fx.Node, values: list[Tensor]) -> None:
        wanted[calls[node.name]] = channel_means(module_at(original, node), values)

    lockstep(original.module, inputs, dict.fromkeys(calls, remember), "Correcting biases", job)

    def correct(node: fx.Node, values: list[Tensor]) -> None:
        leaf: Any = module_at(result, node)
        off = wanted[calls[node.name]] - channel_means(leaf, values)
        off = torch.nan_to_num(off, 0.0, 0.0, 0.0)
        add_to_bias(leaf, off)
        for value in values:
            value += _beside(leaf, off, value).to(value.dtype)

    lockstep(result.module, inputs, dict.fromkeys(calls, correct), "Correcting biases", job)
    return result


def with_biases(network: Network, layers: Collection[str]) -> Network:
    """A network in which these layers have a bias; new ones are zero."""
    lacking = [
        use.name
        for use in uses(network.module)
        if use.name in layers and getattr(use.module, "bias", None) is None
    ]
    if not lacking:
        return network
    result = copy_network(network)
    for name in lacking:
        leaf: Any = result.module.get_submodule(name)
        add_to_bias(leaf, torch.zeros(_channels(leaf)))
    return result


def _channels(leaf: Any) -> int:
    return int(leaf.out_features if isinstance(leaf, nn.Linear) else leaf.out_channels)


def module_at(network: Network, node: fx.Node) -> nn.Module:
    """The leaf that a node calls."""
    return network.module.get_submodule(str(node.target))


def add_to_bias(leaf: Any, amount: Tensor) -> None:
    """Give a leaf a new bias; the old tensor is not touched."""
    weight: Tensor = leaf.weight
    old = 0.0 if leaf.bias is None else leaf.bias.detach()
    trained = weight.requires_grad if leaf.bias is None else leaf.bias.requires_grad
    leaf.bias = nn.Parameter((old + amount).to(weight.dtype), requires_grad=trained)


def channel_means(leaf: nn.Module, values: Sequence[Tensor]) -> Tensor:
    """Mean of each output channel over batches `[n, C, ...]` or, of a linear layer, `[..., C]`."""
    axis = -1 if isinstance(leaf, nn.Linear) else 1
    total = torch.stack([v.double().movedim(axis, 0).flatten(1).sum(1) for v in values]).sum(0)
    count = sum(v.numel() // v.shape[axis] for v in values)
    return total / max(count, 1)


def _beside(leaf: nn.Module, per_channel: Tensor, value: Tensor) -> Tensor:
    if isinstance(leaf, nn.Linear):
        return per_channel
    return per_channel.reshape(-1, *[1] * (value.dim() - 2))


def _first_calls(network: Network, layers: Sequence[str]) -> dict[str, str]:
    """Node → layer."""
    chosen = set(layers)
    return {use.nodes[0].name: use.name for use in uses(network.module) if use.name in chosen}


def _portions(network: Network, calibration: Calibration) -> list[tuple[Tensor, ...]]:
    one = peak_activation_bytes(network.module) or MOST_BYTES
    count = min(len(calibration), MOST_SAMPLES, MOST_BYTES // max(one, 1))
    whole = max(count // calibration.batch, 1) * calibration.batch  # a batch may have a fixed size
    return list(calibration.first(whole).batches())


def lockstep(
    module: fx.GraphModule,
    inputs: Sequence[tuple[Tensor, ...]],
    visits: Mapping[str, Visit],
    text: str,
    job: Job,
) -> None:
    """Run several batches side by side, each node on all of them before the next.

    Args:
        module: In evaluation mode.
        inputs: The batches.
        visits: Node → called with the node and what it gave for each batch, which it may change.
        text: For progress.
        job: Looked at after each batch of each node.
    """
    runs = [fx.Interpreter(module) for _ in inputs]
    for run, batch in zip(runs, inputs, strict=True):
        run.args_iter = iter(batch)
        run.extra_traceback = False
    nodes = list(module.graph.nodes)
    with torch.no_grad():
        for done, node in enumerate(nodes):
            for run in runs:
                job.checkpoint(text, done, len(nodes))
                run.env[node] = run.run_node(node)
            if node.name in visits:
                visits[node.name](node, [run.env[node] for run in runs])
            for run in runs:
                for dead in run.user_to_last_uses.get(node, ()):
                    del run.env[dead]
    job.checkpoint(text, len(nodes), len(nodes))
