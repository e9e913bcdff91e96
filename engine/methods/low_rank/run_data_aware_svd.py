"""Factors weights so that outputs, not weights, are nearest to the original's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor, fx, nn

from engine.errors import DataError
from engine.methods.context import Context
from engine.methods.low_rank.data_aware_svd import DataAwareSvdParams, form_of
from engine.methods.low_rank.factor import known_ranks, shaped
from engine.methods.low_rank.lockstep import Lockstep
from engine.methods.low_rank.response import Response, Seen, Solution, from_moments, solve
from engine.methods.low_rank.shapes import Unit, refusal, shape_ranks
from engine.methods.low_rank.step import (
    Factored,
    candidates,
    leaf_of,
    leaves_for,
    matrix_of,
    with_parts,
)
from engine.methods.low_rank.waiting import wait_for
from engine.network.layers import layer_table
from engine.network.memory import peak_activation_bytes
from engine.network.network import Network
from engine.registry import Choices
from engine.statistics.moments import Moments, input_moments

LIVE_BYTES = 1_500_000_000
"""Of the activations of all samples, in both networks."""
NODE_MACS = 2_000_000_000
"""Of one call of a layer, between two looks at the job."""
_TEXT = "Factoring"


def run(network: Network, choices: Choices, context: Context) -> Network:
    """The step; see `engine.methods.context.RunStep`."""
    units = candidates(network, choices, context)
    step = _Step(network, context, len(units))
    units = tuple(unit for unit in units if not step.refused(unit))
    chained = _sequential(network, units)
    if len(chained) == 1 and _has_moments(chained[0], context):
        chained = ()  # nothing before it changes: its inputs are known
    alone = tuple(unit for unit in units if unit not in chained)
    if alone:
        step.solve_alone(alone)
    if chained:
        step.solve_in_order(chained)
    context.job.checkpoint(_TEXT, len(units), len(units))
    return with_parts(network, step.chains, context)


def _sequential(network: Network, units: Sequence[Unit]) -> tuple[Unit, ...]:
    """Those to solve in order: asked for, with one weight that is called once."""
    calls: dict[str, int] = {}
    for node in network.module.graph.nodes:
        if node.op == "call_module":
            calls[str(node.target)] = calls.get(str(node.target), 0) + 1
    return tuple(
        unit
        for unit in units
        if _settings(unit).sequential and len(unit.layers) == 1 and calls[unit.owner.name] == 1
    )


def _settings(unit: Unit) -> DataAwareSvdParams:
    assert isinstance(unit.params, DataAwareSvdParams)
    return unit.params


def _has_moments(unit: Unit, context: Context) -> bool:
    return all(layer.name in context.statistics.moments for layer in unit.layers)


@dataclass
class _Step:
    """The step while it runs; `chains` holds the parts of each layer that was factored."""

    network: Network
    context: Context
    total: int
    chains: dict[str, dict[str, nn.Module]] = field(default_factory=dict)
    done: int = 0

    def refused(self, unit: Unit) -> bool:
        """Whether shapes alone say that the unit stays as it is."""
        form = form_of(unit.params)
        ranks = shape_ranks(unit.owner, unit.params, form)
        reason = refusal(unit, ranks, form) if ranks else ""
        if reason:
            self.context.note(reason)
        return bool(reason)

    def solve_alone(self, units: Sequence[Unit]) -> None:
        """Each unit for its inputs in the network as it was."""
        known: Mapping[str, Moments] = self.context.statistics.moments
        names = {layer.name for unit in units for layer in unit.layers}
        missing = names - known.keys()
        if missing:
            samples = self.context.samples()
            found = input_moments(self.network, missing, samples, self.context.job)
            known = {**known, **found}
        for unit in units:
            moments = [known[layer.name] for layer in unit.layers if layer.name in known]
            if not moments:
                self.context.note(f"{unit.owner.name} was left as it is: no sample reaches it.")
                continue
            self._factor(unit, from_moments(moments))

    def solve_in_order(self, units: Sequence[Unit]) -> None:
        """Each unit for its inputs in the network as it is by then."""
        by_name = {unit.owner.name: unit for unit in units}
        stops = {
            node.name: str(node.target)
            for node in self.network.module.graph.nodes
            if node.op == "call_module" and str(node.target) in by_name
        }

        def decide(
            node: fx.Node, batches: Sequence[tuple[Tensor, Tensor]]
        ) -> dict[str, nn.Module] | None:
            unit = by_name[str(node.target)]
            self._factor(unit, self._seen(unit, batches))
            return self.chains.get(unit.owner.name)

        batches = calibration_batches(self.network, self.context)
        Lockstep(self.network.module, batches, self.chains, self.context.job).run(stops, decide)

    def _seen(self, unit: Unit, batches: Sequence[tuple[Tensor, Tensor]]) -> Response:
        leaf = leaf_of(self.network, unit)
        rows, columns = matrix_of(leaf).shape
        positions = sum(y.numel() // rows for _, y in batches)
        seen = Seen(leaf, max(1, positions // rows_for(columns)))
        for x, y in batches:
            wait_for(lambda x=x, y=y: seen.add(x, y), self.context.job)  # type: ignore[misc]
        bias = leaf._parameters.get("bias")
        return seen.result(None if bias is None else bias.detach())

    def _factor(self, unit: Unit, response: Response) -> None:
        name = unit.owner.name
        self.context.job.checkpoint(f"{_TEXT} {name}", self.done, self.total)
        self.done += 1
        if not response.is_finite:
            self.context.note(f"{name} was left as it is: its inputs are NaN or infinite.")
            return
        matrix = matrix_of(leaf_of(self.network, unit))
        importance = self._importance(unit)
        solution = wait_for(lambda: solve(matrix, response, importance), self.context.job)
        form = form_of(unit.params)
        ranks = known_ranks(unit, form, (solution.spectrum,))
        reason = refusal(unit, ranks, form)
        if reason:
            self.context.note(reason)
            return
        factored = wait_for(
            lambda: self._factored(unit, matrix, solution, ranks[0], response), self.context.job
        )
        self.chains |= leaves_for(self.network, unit, factored)

    def _importance(self, unit: Unit) -> Tensor | None:
        if not _settings(unit).importance:
            return None
        known = self.context.statistics.gradients
        found = [known[layer.name] for layer in unit.layers if layer.name in known]
        if not found or not all(bool(g.sum().isfinite()) for g in found):
            return None
        return sum((g.double() for g in found[1:]), found[0].double())

    def _factored(
        self, unit: Unit, matrix: Tensor, solution: Solution, rank: int, response: Response
    ) -> Factored:
        leaf = leaf_of(self.network, unit)
        weight = leaf.weight
        assert isinstance(weight, Tensor)
        left, right = solution.truncated(rank)
        biases = {}
        if _settings(unit).correct_bias:
            wanted = response.output_mean
            wanted = matrix @ response.input_mean if wanted is None else wanted
            correction = wanted - left @ (right @ response.input_mean)
            for layer in unit.layers:
                bias = self.network.module.get_submodule(layer.name)._parameters.get("bias")
                old = torch.zeros(()) if bias is None else bias.detach().cpu()
                biases[layer.name] = old.double() + correction
        return Factored(shaped(leaf, left, right, weight.detach()), biases)


def rows_for(columns: int) -> int:
    """How many rows of a layer's input are enough to solve for so many columns."""
    return max(16_384, 4 * columns)


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
