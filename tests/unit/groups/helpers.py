"""What every test of channel groups and surgery needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.export import ExportedProgram

from engine.info import ChannelGroup, Format
from engine.network.axes.walk import walk
from engine.network.export import export_module
from engine.network.groups import GroupAnalysis, channel_groups
from engine.network.lift import network_from_program
from engine.network.network import Network
from engine.surgery.slice import remove_channels
from engine.surgery.zero import zero_channels
from tests.helpers.lifted import own_copy
from tests.helpers.zoo import randomize_norms

Inputs = Sequence[Tensor]
TOLERANCE = 1e-5


def network_of(
    source: nn.Module | ExportedProgram,
    *inputs: Tensor,
    axes: Mapping[int, Sequence[int]] | None = None,
) -> Network:
    """A lifted network, with weights and statistics that matter.

    Args:
        source: A module, or a program.
        inputs: Examples, for a module.
        axes: Input number → axes that vary, beside the batch.
    """
    if isinstance(source, nn.Module):
        module = randomize_norms(source).eval()
        source = exported(module, inputs, axes)
    return network_from_program(source, Format.PT2)


def exported(
    module: nn.Module, inputs: Inputs, axes: Mapping[int, Sequence[int]] | None = None
) -> ExportedProgram:
    return export_module(module, tuple(inputs), dynamic_axes=axes)


def outputs(network: Network, inputs: Inputs) -> tuple[Tensor, ...]:
    with torch.no_grad():
        result = network.module(*inputs)
    return result if isinstance(result, tuple) else (result,)


def removal(analysis: GroupAnalysis, seed: int, ratio: float | None = None) -> dict[str, list[int]]:
    """Random units of every group that can shrink, at least one kept in each stratum."""
    rng = np.random.default_rng(seed)
    result = {}
    for group in analysis.groups:
        strata = analysis.strata_of(group.id)
        units: list[int] = []
        for stratum in np.unique(strata):
            members = np.flatnonzero(strata == stratum)
            most = len(members) - 1
            count = rng.integers(0, most + 1) if ratio is None else int(ratio * len(members))
            units += rng.choice(members, min(count, most), replace=False).tolist()
        result[group.id] = units
    return result


def difference(network: Network, reference: Network, inputs: Inputs) -> float:
    """Largest relative difference of any output."""
    worst = 0.0
    for a, b in zip(outputs(network, inputs), outputs(reference, inputs), strict=True):
        assert a.shape == b.shape
        assert torch.isfinite(b).all()
        worst = max(worst, ((a - b).abs().max() / b.abs().max().clamp_min(1e-12)).item())
    return worst


def shrunk(
    network: Network,
    batches: Sequence[Inputs],
    *,
    seed: int = 0,
    remove: Mapping[str, Sequence[int]] | None = None,
) -> tuple[Network, GroupAnalysis]:
    """Remove channels, and hold the result against the network with the same ones silenced."""
    assert walk(network.module).lost == []
    analysis = channel_groups(network)
    chosen = removal(analysis, seed, 0.5) if remove is None else remove
    assert any(len(units) for units in chosen.values()), "nothing to remove"
    pruned = remove_channels(network, analysis, chosen)
    silenced = zero_channels(network, analysis, chosen)
    for inputs in batches:
        assert difference(pruned, silenced, inputs) <= TOLERANCE
        assert difference(pruned, network, inputs) > TOLERANCE, "what was removed did not matter"
    return pruned, analysis


def check_trains(network: Network, inputs: Inputs) -> None:
    """Every parameter gets a gradient. Works on a copy: training writes into shared tensors."""
    trained = own_copy(network.module).train()
    result = trained(*inputs)
    results = result if isinstance(result, tuple) else (result,)
    sum(o.float().square().sum() for o in results).backward()
    for key, parameter in trained.named_parameters():
        assert parameter.grad is not None, key
        assert torch.isfinite(parameter.grad).all(), key


def table(analysis: GroupAnalysis) -> dict[str, tuple[int, int]]:
    """Group → (units, width) of those that can shrink."""
    return {g.id: (g.channels, g.unit) for g in analysis.groups if not g.frozen_reason}


def frozen(analysis: GroupAnalysis) -> dict[str, str]:
    """Group → reason, of those that cannot."""
    return {g.id: g.frozen_reason for g in analysis.groups if g.frozen_reason}


def by_layer(analysis: GroupAnalysis) -> dict[str, ChannelGroup]:
    return {name: group for group in analysis.groups for name in group.layers}
