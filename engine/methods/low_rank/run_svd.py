"""Factors weights by their singular values alone."""

from __future__ import annotations

from torch import Tensor

from engine.methods.context import Context
from engine.methods.low_rank.factor import Spectrum, known_ranks, shaped, spectrum_of
from engine.methods.low_rank.shapes import Form, Unit, refusal, shape_ranks
from engine.methods.low_rank.step import (
    Factored,
    candidates,
    leaf_of,
    matrix_of,
    replace_units,
)
from engine.methods.waiting import wait_for
from engine.network.network import Network
from engine.registry import Choices

FORM = Form()


def run(network: Network, choices: Choices, context: Context) -> Network:
    """The step; see `engine.methods.context.RunStep`."""

    def factor(unit: Unit) -> Factored | str:
        known = shape_ranks(unit.owner, unit.params, FORM)
        reason = refusal(unit, known, FORM) if known else ""
        if reason:
            return reason
        leaf = leaf_of(network, unit)
        matrix = matrix_of(leaf)
        spectrum = wait_for(lambda: decompose(matrix), context.job)
        ranks = known_ranks(unit, FORM, (spectrum,))
        reason = refusal(unit, ranks, FORM)
        if reason:
            return reason
        weight = leaf.weight
        assert isinstance(weight, Tensor)

        def weights() -> dict[str, Tensor]:
            left, right = truncated(matrix, spectrum, ranks[0])
            return shaped(leaf, left, right, weight)

        return Factored(wait_for(weights, context.job), {})

    units = candidates(network, choices, context)
    return replace_units(network, units, factor, context, "Factoring")


def decompose(matrix: Tensor) -> Spectrum:
    """Of the shorter side of a matrix."""
    rows, columns = matrix.shape
    gram = matrix @ matrix.T if rows <= columns else matrix.T @ matrix
    return spectrum_of(gram, (rows, columns))


def truncated(matrix: Tensor, spectrum: Spectrum, rank: int) -> tuple[Tensor, Tensor]:
    """The nearest matrix of a rank (Eckart & Young 1936), as `[rows, rank]` and `[rank, columns]`.

    It is the projection of the matrix on its leading singular vectors.
    """
    vectors = spectrum.vectors[:, :rank]
    if matrix.shape[0] <= matrix.shape[1]:
        return vectors, vectors.T @ matrix
    return matrix @ vectors, vectors.T
