"""Puts weights and activations on grids of integers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import cast

import torch
from torch import Tensor, fx

from engine.frozen import FrozenMap
from engine.methods.context import Context
from engine.methods.quantization.activation_ranges import activation_grid
from engine.methods.quantization.correct_bias import correct_biases, with_biases
from engine.methods.quantization.equalize import equalize
from engine.methods.quantization.rounding.api import RoundingRequest, round_weights
from engine.methods.quantization.rounding.settings import Rounding
from engine.methods.quantization.settings import MATRICES, UniformParams
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
    chosen = _usable(network, cast("Chosen", choices), context)
    folded = fold_batch_norms(network)
    wanted = {name for name, params in chosen.items() if params.cross_layer_equalization}
    if wanted:
        folded, divided = equalize(folded, wanted)
        context = replace(context, statistics=_rescaled(context.statistics, divided))
    corrected = [
        use.name
        for use in uses(folded.module)
        if use.name in chosen and use.kind in MATRICES and chosen[use.name].bias_correction
    ]
    folded = with_biases(folded, corrected)
    result = quantize_activations(folded, chosen, context)
    original = remove_quantizers(folded, [node.name for node in _quantizers(folded)])
    result = quantize_weights(result, original, chosen, context)
    left = [name for name in corrected if not _learns_biases(chosen[name])]
    if left:
        result = correct_biases(result, original, left, context.samples(), context.job)
    return result


def quantize_activations(network: Network, chosen: Chosen, context: Context) -> Network:
    """Round what goes into the chosen layers, and into additions between them.

    Tensors that were rounded for a chosen layer before are looked at anew.
    """
    bits = {n: p.activation_bits for n, p in chosen.items() if p.activation_bits is not None}
    if not bits:
        return network
    network, found = _without_earlier(network, bits)
    wanted = places(network.module, found)
    names = {place.node for place in wanted}
    seen = distributions(network.module, names, context.samples(), context.job)
    settings = _settings_of(network, wanted, chosen)
    grids = {}
    for done, place in enumerate(wanted):
        context.job.checkpoint("Choosing ranges", done, len(wanted))
        if place.node not in seen:
            context.note(f"{place.node} gives no finite value, and stays float.")
            continue
        params = settings[place]
        grids[place] = activation_grid(
            seen[place.node], params.activation_range, place.bits, params.percentile
        )
    return insert_quantizers(network, grids)


def quantize_weights(
    network: Network, original: Network, chosen: Chosen, context: Context
) -> Network:
    """Put the weights of the chosen layers on grids.

    Args:
        network: With rounded activations.
        original: The same without.
        chosen: Layers; those without bits for weights are left alone.
        context: Its moments, where there are any, say which errors count.
    """
    requests = {}
    shared: dict[int, WeightEncoding] = {}
    found = [u for u in uses(network.module) if u.name in chosen and chosen[u.name].weight_bits]
    for done, use in enumerate(found):
        context.job.checkpoint("Choosing grids", done, len(found))
        params = chosen[use.name]
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


def _usable(network: Network, chosen: Chosen, context: Context) -> Chosen:
    """Leave out layers whose weights are not numbers."""
    bad = {
        use.name
        for use in uses(network.module)
        if use.name in chosen and not bool(torch.isfinite(use.weight).all())
    }
    for name in sorted(bad):
        context.note(f"{name}: some of its weights are NaN or infinite, so it was left alone.")
    return {name: params for name, params in chosen.items() if name not in bad}


def _encoding(use: Use, params: UniformParams, context: Context) -> WeightEncoding:
    moments = context.statistics.moments.get(use.name)
    transposed = use.kind in TRANSPOSED
    second = None if moments is None or transposed else moments.second
    if second is not None and second.shape[-1] != use.weight[0].numel():
        second = None
    if second is not None and moments is not None and params.bias_correction:
        # the mean of the error is taken out afterwards: what is left is its variance
        second = second - moments.mean[:, :, None] * moments.mean[:, None, :]
    pause = context.job.checkpoint
    return weight_encoding(use.weight, params, 1 if transposed else 0, second, pause)


def _learns_biases(params: UniformParams) -> bool:
    learned = params.weight_bits is not None and params.rounding is Rounding.ADAROUND
    return learned and params.rounding_settings.reconstruction.learn_biases


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
    """A network without the quantizers of these layers, and bits of all who read any."""
    found: dict[str, int] = {}
    gone = []
    for node in _quantizers(network):
        layers = [str(n.target) for n in readers(node) if n.op == "call_module"]
        found.update(dict.fromkeys(layers, bits_of(node)))
        if not layers or any(layer in bits for layer in layers):
            gone.append(node.name)
    return (remove_quantizers(network, gone) if gone else network), {**found, **bits}


def _quantizers(network: Network) -> list[fx.Node]:
    return [node for node in network.module.graph.nodes if is_quantizer(node)]


def _settings_of(
    network: Network, wanted: Collection[Place], chosen: Chosen
) -> dict[Place, UniformParams]:
    """Each place's settings: those of the first layer that reads it; of additions the usual."""
    nodes = {node.name: node for node in network.module.graph.nodes}
    usual = next(params for params in chosen.values() if params.activation_bits is not None)
    found = {}
    for place in wanted:
        targets = [str(nodes[u].target) for u in place.users if nodes[u].op == "call_module"]
        readers_chosen = [chosen[name] for name in targets if name in chosen]
        found[place] = next(iter(readers_chosen), usual)
    return found
