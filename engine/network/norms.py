"""Which batch norms can be merged into the layer before them."""

from __future__ import annotations

from collections import Counter

from torch import Tensor, fx, nn

from engine.info import LayerKind
from engine.network.leaves import kind_of

_LAYERS = (
    nn.Linear,
    nn.Conv1d,
    nn.Conv2d,
    nn.Conv3d,
    nn.ConvTranspose1d,
    nn.ConvTranspose2d,
    nn.ConvTranspose3d,
)


def foldable_norms(module: fx.GraphModule) -> dict[str, str]:
    """Batch norm → the layer that can take it over without changing what the network computes.

    That is a convolution or dense layer whose outputs go nowhere but to the norm, at every call of
    either. The norm must have statistics of its own, and the layer's weight must not be shared.
    Norms that cannot be folded (after an addition, a concatenation, an activation) are left out.
    """
    calls: dict[str, list[fx.Node]] = {}
    read: set[str] = set()
    for node in module.graph.nodes:
        if node.op == "call_module":
            calls.setdefault(str(node.target), []).append(node)
        elif node.op == "get_attr":
            read.add(str(node.target).rpartition(".")[0])
    owners = Counter(
        id(tensor)
        for name in calls
        for tensor in module.get_submodule(name).parameters(recurse=False)
    )
    found: dict[str, str] = {}
    for norm, nodes in calls.items():
        leaf = module.get_submodule(norm)
        if kind_of(leaf) is not LayerKind.BATCH_NORM or norm in read:
            continue
        if not isinstance(getattr(leaf, "running_mean", None), Tensor):
            continue
        layer = _layer_before(nodes)
        if not layer or layer in read or layer in found.values():
            continue
        tensors = module.get_submodule(layer).parameters(recurse=False)
        if all(owners[id(t)] == 1 for t in tensors) and _feeds_only(module, calls[layer], nodes):
            found[norm] = layer
    return found


def _layer_before(norms: list[fx.Node]) -> str:
    """The one layer that all calls of a norm come directly after; empty if there is none."""
    sources = {node.args[0] if node.args else None for node in norms}
    targets = {
        str(source.target) if isinstance(source, fx.Node) and source.op == "call_module" else ""
        for source in sources
    }
    return targets.pop() if len(targets) == 1 else ""


def _feeds_only(module: fx.GraphModule, layers: list[fx.Node], norms: list[fx.Node]) -> bool:
    leaf = module.get_submodule(str(layers[0].target))
    if not isinstance(leaf, _LAYERS):
        return False
    if any(set(node.users) - set(norms) or not node.users for node in layers):
        return False
    if isinstance(leaf, nn.Linear):  # its channels are the last axis, the norm's the second
        return all(node.meta["val"].dim() == 2 for node in layers)
    return all(node.meta["val"].dim() == len(leaf.kernel_size) + 2 for node in layers)
