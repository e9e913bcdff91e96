"""Factors weights so that outputs, not weights, are nearest to the original's."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from engine.methods.context import Context
from engine.methods.low_rank.data_aware_svd import form_of
from engine.methods.low_rank.factor import Spectrum, shaped
from engine.methods.low_rank.fitting import Way, run_way
from engine.methods.low_rank.response import Response, Solution, solve
from engine.methods.low_rank.step import matrix_of
from engine.network.network import Network
from engine.registry import Choices


def run(network: Network, choices: Choices, context: Context) -> Network:
    """The step; see `engine.methods.context.RunStep`."""
    return run_way(WAY, network, choices, context)


@dataclass(frozen=True, slots=True, eq=False)
class _Matrix:
    """A layer as a matrix; see `engine.methods.low_rank.fitting.Solved`."""

    solution: Solution

    @property
    def spectrum(self) -> Spectrum:
        """Of the solution."""
        return self.solution.spectrum

    def parts(self, leaf: nn.Module, rank: int) -> tuple[dict[str, Tensor], Tensor]:
        """Of the leading singular vectors."""
        left, right = self.solution.truncated(rank)
        weight = leaf.weight
        assert isinstance(weight, Tensor)
        return shaped(leaf, left, right, weight.detach()), left @ right


def _solve(leaf: nn.Module, response: Response, importance: Tensor | None) -> _Matrix:
    return _Matrix(solve(matrix_of(leaf), response, importance))


WAY = Way(form_of, _solve)
