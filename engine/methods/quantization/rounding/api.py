"""Puts the weights of a network on their grids."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from engine.frozen import FrozenMap
from engine.methods.context import Context
from engine.methods.quantization.rounding.adaround import learn_rounding
from engine.methods.quantization.rounding.sequential import GptqRequest, round_in_order
from engine.methods.quantization.rounding.settings import Rounding, RoundingSettings
from engine.network.encoding import Encoding, WeightEncoding, dequantize, quantize
from engine.network.leaves import uses
from engine.network.network import Network
from engine.statistics.unfold import has_rows
from engine.surgery.copy import as_kind_of, copy_network, replace_tensors


@dataclass(frozen=True, slots=True, eq=False)
class RoundingRequest:
    """How the weight of one layer is to be rounded.

    Attributes:
        method: Nearest, GPTQ or adaptive.
        encoding: The grid to start from; learned rounding may refine its scales.
        settings: Of the method.
    """

    method: Rounding
    encoding: WeightEncoding
    settings: RoundingSettings = field(default_factory=RoundingSettings)


def round_weights(
    network: Network,
    original: Network,
    requests: Mapping[str, RoundingRequest],
    context: Context,
) -> Network:
    """Put weights on their grids.

    Args:
        network: Batch norms folded, weights float, activations rounded by
            `fake_quantize_per_tensor_affine` nodes with initial scales. Never changed.
        original: The same without rounded activations: a node of the same name computes what the
            node in `network` should.
        requests: Layer → how to round it; other layers stay as they are.
        context: Its calibration samples are needed unless all layers are rounded to nearest.

    Returns:
        The network with weights on their grids and `encodings` that describe them; scales of
        weights and activations, and biases, may have been refined.

    Raises:
        DataError: There are no calibration samples.
        Cancelled: By the job.
    """
    network = _finite(network, requests)
    methods = _methods(network, requests)
    grids = {
        method: {n: r.encoding for n, r in requests.items() if methods.get(n) is method}
        for method in Rounding
    }
    network = _nearest(network, grids[Rounding.NEAREST])
    by_columns = {
        name: GptqRequest(encoding, requests[name].settings.gptq)
        for name, encoding in grids[Rounding.GPTQ].items()
    }
    if by_columns:
        network = round_in_order(network, by_columns, context)
    if grids[Rounding.ADAROUND]:
        settings = _settings(requests, Rounding.ADAROUND).reconstruction
        network = learn_rounding(network, original, grids[Rounding.ADAROUND], settings, context)
    return network


def _methods(network: Network, requests: Mapping[str, RoundingRequest]) -> dict[str, Rounding]:
    """How each layer is rounded: tables, whose rows are not summed, to nearest.

    Layers with one weight are rounded as the first of them that is not a table.
    """
    chosen: dict[int, Rounding] = {}
    found = [use for use in uses(network.module) if use.name in requests]
    for use in found:
        if use.module is not None and has_rows(use.module):
            chosen.setdefault(id(use.weight), requests[use.name].method)
    return {use.name: chosen.get(id(use.weight), Rounding.NEAREST) for use in found}


def _finite(network: Network, names: Collection[str]) -> Network:
    """A network in which weights that are no numbers are zero."""
    odd = {
        id(use.weight): as_kind_of(use.weight, torch.nan_to_num(use.weight.detach(), 0.0, 0.0, 0.0))
        for use in uses(network.module)
        if use.name in names and not use.weight.isfinite().all()
    }
    if odd:
        network = copy_network(network)
        replace_tensors(network.module, odd)
    return network


def _settings(requests: Mapping[str, RoundingRequest], method: Rounding) -> RoundingSettings:
    """Those of the first layer that is rounded so."""
    return next(one.settings for one in requests.values() if one.method is method)


def _nearest(network: Network, grids: Mapping[str, WeightEncoding]) -> Network:
    result = copy_network(network)
    new: dict[int, Tensor] = {}
    for use in uses(result.module):
        if use.name in grids:
            encoding = grids[use.name]
            value = dequantize(quantize(use.weight, encoding), encoding)
            new[id(use.weight)] = as_kind_of(use.weight, value.to(use.weight.dtype))
    replace_tensors(result.module, new)
    encodings: dict[str, Encoding] = {**network.encodings, **grids}
    return replace(result, encodings=FrozenMap(encodings))
