"""Puts weights and activations on grids of integers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from torch import Tensor, fx, nn

from engine.frozen import FrozenMap
from engine.methods.context import Context
from engine.methods.quantization.activation_ranges import activation_grid
from engine.methods.quantization.correct_bias import correct_biases
from engine.methods.quantization.equalize import equalize
from engine.methods.quantization.rounding.api import RoundingRequest, round_weights
from engine.methods.quantization.settings import UniformParams
from engine.methods.quantization.weight_ranges import weight_encoding
from engine.network.encoding import WeightEncoding
from engine.network.leaves import TRANSPOSED, Use, uses
from engine.network.network import Network
from engine.registry import Choices
from engine.statistics.moments import Statistics
from engine.statistics.ranges import distributions
from engine.surgery.fold import fold_batch_norms
from engine.surgery.quantizers import (
    Place,
    bits_of,
    insert_quantizers,
    is_quantizer,
    places,
    readers,
    remove_quantizers,
)

Chosen = Mapping[str, UniformParams]


def run(network: Network, choices: Choices, context: Context) -> Network:
    """Quantize the chosen layers; see `RunStep`.

    Batch norms are folded first, in the whole network. Then, where asked for: equalization, grids
    of activations, grids of weights, rounding, correction of biases.
    """
    chosen = cast("Chosen", choices)
    folded = fold_batch_norms(network)
    wanted = {name for name, params in chosen.items() if params.cross_layer_equalization}
    if wanted:
        folded, divided = equalize(folded, wanted)
        context = replace(context, statistics=_rescaled(context.statistics, divided))
    rounded = quantize_activations(folded, chosen, context)
    rounded = quantize_weights(rounded, folded, chosen, context)
    corrected = [
        use.name
        for use in uses(rounded.module)
        if use.name in chosen and _is_corrected(use, chosen[use.name])
    ]
    if corrected:
        original = remove_quantizers(folded, [node.name for node in _quantizers(folded)])
        rounded = correct_biases(rounded, original, corrected, context.samples(), context.job)
    return rounded


def quantize_activations(network: Network, chosen: Chosen, context: Context) -> Network:
    """Round what goes into the chosen layers, and into additions between them.

    Tensors that were rounded for a chosen layer before are looked at anew.
    """
    bits = {n: p.activation_bits for n, p in chosen.items() if p.activation_bits is not None}
    if not bits:
        return network
    network, found = _without_earlier(network, bits)
    wanted = places(network.module, found)
    seen = distributions(
        network.module, {place.node for place in wanted}, context.samples(), context.job
    )
    usual = next(iter(chosen.values()))
    grids = {}
    for done, place in enumerate(wanted):
        context.job.checkpoint("Choosing ranges", done, len(wanted))
        if place.node not in seen:
            context.note(f"{place.node} gives no finite value and is not rounded.")
            continue
        params = _params_at(network, place, chosen) or usual
        grids[place] = activation_grid(
            seen[place.node], params.activation_range, place.bits, params.percentile
        )
    return insert_quantizers(network, grids)


def quantize_weights(
    network: Network, original: Network, chosen: Chosen, context: Context
) -> Network:
    """Put the weights of the chosen layers on grids."""
    requests = {}
    shared: dict[int, WeightEncoding] = {}
    found = [use for use in uses(network.module) if use.name in chosen]
    for done, use in enumerate(found):
        context.job.checkpoint("Choosing grids", done, len(found))
        params = chosen[use.name]
        if params.weight_bits is None:
            continue
        if id(use.weight) not in shared:
            shared[id(use.weight)] = _encoding(use, params, context)
        requests[use.name] = RoundingRequest(
            params.rounding, shared[id(use.weight)], params.rounding_settings
        )
    if not requests:
        return network
    encodings = {n: e for n, e in network.encodings.items() if n not in requests}
    network = replace(network, encodings=FrozenMap(encodings))
    return round_weights(network, original, requests, context)


def _encoding(use: Use, params: UniformParams, context: Context) -> WeightEncoding:
    moments = context.statistics.moments.get(use.name)
    transposed = use.kind in TRANSPOSED
    second = None if moments is None or transposed else moments.second
    if second is not None and second.shape[-1] != use.weight[0].numel():
        second = None
    return weight_encoding(
        use.weight, params, 1 if transposed else 0, second, context.job.checkpoint
    )


def _rescaled(statistics: Statistics, divided: Mapping[str, Tensor]) -> Statistics:
    """Moments of inputs that equalization divided."""
    moments = dict(statistics.moments)
    for name, factor in divided.items():
        if name in moments:
            old = moments[name]
            second = old.second / (factor[:, :, None] * factor[:, None, :])
            moments[name] = replace(old, second=second, mean=old.mean / factor)
    return replace(statistics, moments=moments)


def _without_earlier(network: Network, bits: Mapping[str, int]) -> tuple[Network, dict[str, int]]:
    """A network without the quantizers of these layers, and bits of all who read them."""
    found = dict(bits)
    gone = []
    for node in _quantizers(network):
        read_by = readers(node)
        layers = [str(n.target) for n in read_by if n.op == "call_module"]
        if not layers or any(layer in bits for layer in layers):
            gone.append(node.name)
            before = bits_of(node)
            found = {**dict.fromkeys(layers, before), **found}
    return (remove_quantizers(network, gone) if gone else network), found


def _quantizers(network: Network) -> list[fx.Node]:
    return [node for node in network.module.graph.nodes if is_quantizer(node)]


def _params_at(network: Network, place: Place, chosen: Chosen) -> UniformParams | None:
    """The settings of the first layer that reads a place."""
    nodes = {node.name: node for node in network.module.graph.nodes}
    for user in place.users:
        target = str(nodes[user].target)
        if nodes[user].op == "call_module" and target in chosen:
            return chosen[target]
    return None


def _is_corrected(use: Use, params: UniformParams) -> bool:
    matrix = isinstance(use.module, (nn.Linear, nn.modules.conv._ConvNd))
    return matrix and params.bias_correction and params.weight_bits is not None
