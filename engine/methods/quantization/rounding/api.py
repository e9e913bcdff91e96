"""Puts the weights of a network on their grids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from engine.frozen import FrozenMap
from engine.methods.context import Context
from engine.methods.quantization.rounding.settings import Rounding, RoundingSettings
from engine.network.encoding import WeightEncoding, dequantize, quantize
from engine.network.leaves import uses
from engine.network.network import Network
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
    del original, context
    result = copy_network(network)
    encodings = dict(network.encodings)
    for use in uses(result.module):
        if use.name in requests:
            encoding = requests[use.name].encoding
            rounded = dequantize(quantize(use.weight, encoding), encoding)
            replace_tensors(result.module, {id(use.weight): as_kind_of(use.weight, rounded)})
            encodings[use.name] = encoding
    return replace(result, encodings=FrozenMap(encodings))
