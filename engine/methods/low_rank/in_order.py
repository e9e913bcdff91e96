"""What solving layers in execution order takes: samples, places, and moments at them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from torch import Tensor, nn

from engine.errors import DataError
from engine.jobs.job import Job
from engine.methods.context import Context
from engine.methods.low_rank.response import Response, Seen
from engine.methods.waiting import wait_for
from engine.network.layers import layer_table
from engine.network.leaves import uses
from engine.network.memory import peak_activation_bytes
from engine.network.network import Network

LIVE_BYTES = 1_500_000_000
"""Of the activations of all samples, in both networks."""
NODE_MACS = 2_000_000_000
"""Of one call of a layer, between two looks at the job."""


def called_once(network: Network) -> frozenset[str]:
    """Layers with a weight of their own that are called once: their place in the order is clear."""
    found = uses(network.module)
    owners: dict[int, int] = {}
    for use in found:
        owners[id(use.weight)] = owners.get(id(use.weight), 0) + 1
    return frozenset(u.name for u in found if len(u.nodes) == 1 and owners[id(u.weight)] == 1)


def calls_of(network: Network, layers: Collection[str]) -> dict[str, str]:
    """Name of each node that calls one of the layers → the layer."""
    return {
        node.name: str(node.target)
        for node in network.module.graph.nodes
        if node.op == "call_module" and str(node.target) in layers
    }


def gather(
    leaf: nn.Module, original: nn.Module, batches: Sequence[tuple[Tensor, Tensor]], job: Job
) -> Response:
    """What a leaf gets and what should come out.

    Args:
        leaf: Whose weight is to be solved for.
        original: Whose outputs are wanted; its bias counts as the leaf's.
        batches: Inputs of the leaf, and outputs of the original.
        job: Looked at while it takes long.
    """
    weight = leaf.weight
    assert isinstance(weight, Tensor)
    rows, columns = weight.flatten(1).shape
    positions = sum(y.numel() // rows for _, y in batches)
    seen = Seen(leaf, max(1, positions // rows_for(columns)))
    for x, y in batches:
        wait_for(lambda x=x, y=y: seen.add(x, y), job)  # type: ignore[misc]  # the default binds the loop's value
    bias = original._parameters.get("bias")
    return wait_for(lambda: seen.result(None if bias is None else bias.detach()), job)


def rows_for(columns: int) -> int:
    """How many rows of a layer's input are enough to solve for so many columns.

    Their product takes rows · columns² MACs, which bounds them for wide layers.
    """
    return max(2 * columns, min(16_384, 20_000_000_000 // columns**2))


def calibration_batches(network: Network, context: Context) -> list[tuple[Tensor, ...]]:
    """The samples, as many as memory allows, in the batches that the network takes.

    Raises:
        DataError: There are fewer samples than the network's batch.
    """
    samples = context.samples()
    each = peak_activation_bytes(network.module) or 1
    most = max(LIVE_BYTES // (2 * each), 1)
    dearest = max((layer.macs or 0 for layer in layer_table(network)), default=0)
    size = min(samples.batch, most, max(NODE_MACS // max(dearest, 1), 1))
    fixed = network.inputs[0].shape[0] if network.inputs[0].shape else None
    if isinstance(fixed, int):
        size = fixed
    batches = list(samples.first(max(most, size)).batches(size))
    if isinstance(fixed, int):
        batches = [batch for batch in batches if len(batch[0]) == size]
    if not batches:
        raise DataError(
            f"The network takes batches of {size} samples, and there are {len(samples)}",
            hint="Give more data.",
        )
    if most < len(samples):
        context.note(f"{most} calibration samples were used, as many as memory allows.")
    return batches
