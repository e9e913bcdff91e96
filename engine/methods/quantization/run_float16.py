"""Rounds weights to half precision."""

from __future__ import annotations

from dataclasses import replace

import torch

from engine.frozen import FrozenMap
from engine.methods.context import Context
from engine.methods.quantization.float16 import Float16Params, HalfFormat
from engine.network.encoding import Encoding, HalfEncoding
from engine.network.leaves import uses
from engine.network.network import Network
from engine.registry import Choices
from engine.surgery.copy import as_kind_of, copy_network, replace_tensors

_TYPES = {HalfFormat.FLOAT16: torch.float16, HalfFormat.BFLOAT16: torch.bfloat16}


def run(network: Network, choices: Choices, context: Context) -> Network:
    """Round the weights of the chosen layers to the nearest number of two bytes; see `RunStep`.

    What is beyond the largest float16 becomes that.
    """
    result = copy_network(network)
    encodings: dict[str, Encoding] = dict(network.encodings)
    found = [use for use in uses(result.module) if use.name in choices]
    for done, use in enumerate(found):
        context.job.checkpoint("Rounding weights", done, len(found))
        params = choices[use.name]
        assert isinstance(params, Float16Params)
        kind = _TYPES[params.format]
        weight = use.weight.detach()
        largest = torch.finfo(kind).max
        beyond = int((weight.abs() > largest).sum())
        if beyond:
            context.note(
                f"{use.name}: {beyond} weights are beyond {largest:g}, the largest number of "
                f"{params.format}, and became that."
            )
        rounded = weight.clamp(-largest, largest).to(kind).to(weight.dtype)
        replace_tensors(result.module, {id(use.weight): as_kind_of(use.weight, rounded)})
        encodings[use.name] = HalfEncoding(params.format.value)
    context.job.checkpoint("Rounding weights", len(found), len(found))
    return replace(result, encodings=FrozenMap(encodings))
