"""Factors layers so that their outputs are nearest to the original's, in one of several ways."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import torch
from torch import Tensor, fx, nn

from engine.methods.context import Context
from engine.methods.low_rank.factor import Spectrum, known_ranks
from engine.methods.low_rank.in_order import calibration_batches, called_once, calls_of, gather
from engine.methods.low_rank.lockstep import Lockstep
from engine.methods.low_rank.response import Response, from_moments
from engine.methods.low_rank.responses import ResponseParams
from engine.methods.low_rank.shapes import Form, Unit, refusal, shape_ranks
from engine.methods.low_rank.step import (
    Factored,
    candidates,
    leaf_of,
    leaves_for,
    matrix_of,
    with_parts,
)
from engine.methods.waiting import wait_for
from engine.network.network import Network
from engine.parameters import Params
from engine.registry import Choices
from engine.statistics.moments import Moments, input_moments

_TEXT = "Factoring"


class Solved(Protocol):
    """A layer that is ready to be truncated."""

    @property
    def spectrum(self) -> Spectrum:
        """What ranks are chosen by."""

    def parts(self, leaf: nn.Module, rank: int) -> tuple[dict[str, Tensor], Tensor]:
        """Weights of the parts, of the leaf's type, and `[C_out, K]` float64: what they compute."""


@dataclass(frozen=True, slots=True)
class Way:
    """A way to divide a layer.

    Attributes:
        form_of: Settings → the form of the parts.
        solve: Leaf, what it should do, `[C_out, C_out]` what errors of its outputs count (None:
            all alike) → the layer, solved.
    """

    form_of: Callable[[Params], Form]
    solve: Callable[[nn.Module, Response, Tensor | None], Solved]


def run_way(way: Way, network: Network, choices: Choices, context: Context) -> Network:
    """The step; see `engine.methods.context.RunStep`."""
    units = candidates(network, choices, context)
    step = _Step(way, network, context, len(units))
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
    once = called_once(network)
    return tuple(u for u in units if _settings(u).sequential and u.owner.name in once)


def _settings(unit: Unit) -> ResponseParams:
    assert isinstance(unit.params, ResponseParams)
    return unit.params


def _has_moments(unit: Unit, context: Context) -> bool:
    return all(layer.name in context.statistics.moments for layer in unit.layers)


@dataclass
class _Step:
    """The step while it runs; `chains` holds the parts of each layer that was factored."""

    way: Way
    network: Network
    context: Context
    total: int
    chains: dict[str, dict[str, nn.Module]] = field(default_factory=dict)
    done: int = 0

    def refused(self, unit: Unit) -> bool:
        """Whether shapes alone say that the unit stays as it is."""
        form = self.way.form_of(unit.params)
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

        def decide(
            node: fx.Node, batches: Sequence[tuple[Tensor, Tensor]]
        ) -> dict[str, nn.Module] | None:
            unit = by_name[str(node.target)]
            leaf = leaf_of(self.network, unit)
            self._factor(unit, gather(leaf, leaf, batches, self.context.job))
            return self.chains.get(unit.owner.name)

        batches = calibration_batches(self.network, self.context)
        lockstep = Lockstep(self.network.module, batches, self.chains, self.context.job)
        lockstep.run(calls_of(self.network, by_name), decide)

    def _factor(self, unit: Unit, response: Response) -> None:
        name = unit.owner.name
        self.context.job.checkpoint(f"{_TEXT} {name}", self.done, self.total)
        self.done += 1
        if not response.is_finite:
            self.context.note(f"{name} was left as it is: its inputs are NaN or infinite.")
            return
        leaf, importance = leaf_of(self.network, unit), self._importance(unit)
        solution = wait_for(lambda: self.way.solve(leaf, response, importance), self.context.job)
        form = self.way.form_of(unit.params)
        ranks = known_ranks(unit, form, (solution.spectrum,))
        reason = refusal(unit, ranks, form)
        if reason:
            self.context.note(reason)
            return
        factored = wait_for(
            lambda: self._factored(unit, solution, ranks[0], response), self.context.job
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

    def _factored(self, unit: Unit, solution: Solved, rank: int, response: Response) -> Factored:
        leaf = leaf_of(self.network, unit)
        weights, product = solution.parts(leaf, rank)
        biases = {}
        if _settings(unit).correct_bias:
            wanted = response.output_mean
            wanted = matrix_of(leaf) @ response.input_mean if wanted is None else wanted
            correction = wanted - product @ response.input_mean
            for layer in unit.layers:
                bias = self.network.module.get_submodule(layer.name)._parameters.get("bias")
                old = torch.zeros(()) if bias is None else bias.detach().cpu()
                biases[layer.name] = old.double() + correction
        return Factored(weights, biases)
