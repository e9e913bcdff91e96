"""What the runs of all low-rank methods have in common: units, notes, and the replacement."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from engine.methods.context import Context
from engine.methods.low_rank.factor import is_finite, parts_for
from engine.methods.low_rank.shapes import Unit, units_of
from engine.network.layers import layer_table
from engine.network.network import Network
from engine.registry import Choices
from engine.surgery.replace import replace_leaves, tensors_read


@dataclass(frozen=True, slots=True, eq=False)
class Factored:
    """The parts of a unit.

    Attributes:
        weights: Part → its weight.
        biases: Layer → the bias of the last part; layers that are not in it keep their own.
    """

    weights: Mapping[str, Tensor]
    biases: Mapping[str, Tensor]


def candidates(network: Network, choices: Choices, context: Context) -> tuple[Unit, ...]:
    """The chosen layers that can be factored; a note says why not the others."""
    read = tensors_read(network)
    found = []
    for unit in units_of(layer_table(network), choices):
        names = [layer.name for layer in unit.layers]
        weight = leaf_of(network, unit).weight
        assert isinstance(weight, Tensor)
        if read.intersection(names):
            context.note(f"{names[0]} was left as it is: its weights are also used elsewhere.")
        elif not is_finite(weight):
            context.note(f"{names[0]} was left as it is: its weights are NaN or infinite.")
        else:
            found.append(unit)
    return tuple(found)


def _note_losses(network: Network, names: Iterable[str], context: Context) -> None:
    """Say what of earlier steps does not outlast this one."""
    for name in names:
        if name in network.encodings:
            context.note(f"{name} was quantized by an earlier step; its parts are stored as float.")
        if name in network.sparse:
            context.note(f"{name} was pruned by an earlier step; its parts have no zeros.")


def leaf_of(network: Network, unit: Unit) -> nn.Module:
    """The module of a unit's first layer."""
    return network.module.get_submodule(unit.owner.name)


def matrix_of(leaf: nn.Module) -> Tensor:
    """The weight as `[rows, columns]`, float64, on the CPU."""
    weight = leaf.weight
    assert isinstance(weight, Tensor)
    return weight.detach().flatten(1).to("cpu", torch.float64)


def leaves_for(network: Network, unit: Unit, factored: Factored) -> dict[str, dict[str, nn.Module]]:
    """Layer → its parts; layers that share their weight share the parts'."""
    old = leaf_of(network, unit).weight
    assert isinstance(old, Tensor)
    trained = old.requires_grad
    weights = {
        name: nn.Parameter(weight.to(old.device), requires_grad=trained)
        for name, weight in factored.weights.items()
    }
    chains = {}
    for layer in unit.layers:
        leaf = network.module.get_submodule(layer.name)
        bias = leaf._parameters.get("bias")
        if layer.name in factored.biases:
            value = factored.biases[layer.name].to(old.device, old.dtype)
            bias = nn.Parameter(value, requires_grad=trained)
        chains[layer.name] = parts_for(leaf, weights, bias)
    return chains


def replace_units(
    network: Network,
    units: tuple[Unit, ...],
    factor: Callable[[Unit], Factored | str],
    context: Context,
    text: str,
) -> Network:
    """Factor each unit by itself and put the parts in their places.

    Args:
        network: Not changed.
        units: What to factor.
        factor: Gives the parts, or a sentence on why the unit stays as it is.
        context: For progress and notes.
        text: What is being done.
    """
    chains: dict[str, dict[str, nn.Module]] = {}
    for done, unit in enumerate(units):
        context.job.checkpoint(f"{text} {unit.owner.name}", done, len(units))
        result = factor(unit)
        if isinstance(result, str):
            context.note(result)
        else:
            chains |= leaves_for(network, unit, result)
    context.job.checkpoint(text, len(units), len(units))
    return with_parts(network, chains, context)


def with_parts(
    network: Network, chains: Mapping[str, Mapping[str, nn.Module]], context: Context
) -> Network:
    """The network with parts in the place of layers; notes say what gets lost."""
    _note_losses(network, chains, context)
    return replace_leaves(network, chains) if chains else network
