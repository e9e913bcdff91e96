"""Factors convolutions along their input and output channels."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.jobs.job import Job
from engine.methods.context import Context
from engine.methods.low_rank.factor import Spectrum, known_ranks, spectrum_of
from engine.methods.low_rank.shapes import CORE, Form, Ranks, U, Unit, V, refusal, shape_ranks
from engine.methods.low_rank.step import Factored, candidates, leaf_of, replace_units
from engine.methods.low_rank.waiting import wait_for
from engine.network.network import Network
from engine.registry import Choices

FORM = Form((V, CORE, U))
_ITERATIONS = 6
_GAIN = 1e-4
"""Of the energy kept, below which another iteration is not worth it."""


def run(network: Network, choices: Choices, context: Context) -> Network:
    """The step; see `engine.methods.context.RunStep`."""

    def factor(unit: Unit) -> Factored | str:
        known = shape_ranks(unit.owner, unit.params, FORM)
        reason = refusal(unit, known, FORM) if known else ""
        if reason:
            return reason
        old = leaf_of(network, unit).weight
        assert isinstance(old, Tensor)
        weight = old.detach().flatten(2).to("cpu", torch.float64)  # [C_out, C_in, kernel]
        spectra = wait_for(lambda: (_side(weight, 1), _side(weight, 0)), context.job)
        ranks = known_ranks(unit, FORM, spectra)
        reason = refusal(unit, ranks, FORM)
        if reason:
            return reason
        inner, core, outer = decompose(weight, ranks, spectra, context.job)
        inner, core, outer = _balanced(inner, core, outer)
        ones = (1,) * (old.dim() - 2)
        weights = {
            V: inner.T.reshape(*inner.T.shape, *ones),
            CORE: core.reshape(*core.shape[:2], *old.shape[2:]),
            U: outer.reshape(*outer.shape, *ones),
        }
        return Factored({name: w.to(old.dtype).contiguous() for name, w in weights.items()}, {})

    units = candidates(network, choices, context)
    return replace_units(network, units, factor, context, "Factoring")


def decompose(
    weight: Tensor, ranks: Ranks, spectra: tuple[Spectrum, Spectrum], job: Job
) -> tuple[Tensor, Tensor, Tensor]:
    """A Tucker decomposition along inputs and outputs (Kim et al. 2016, sec. 3.1).

    Starts from the singular vectors of both unfoldings and improves each side in turn for the
    other (De Lathauwer et al. 2000, "On the best rank-1 and rank-(R1, …, RN) approximation").

    Args:
        weight: `[C_out, C_in, kernel]` float64.
        ranks: Of the inputs and of the outputs.
        spectra: Of the same.
        job: Looked at between iterations.

    Returns:
        `[C_in, r_in]`, `[r_out, r_in, kernel]`, `[C_out, r_out]`; the outer two orthonormal.
    """
    inner, outer = (s.vectors[:, :rank] for s, rank in zip(spectra, ranks, strict=True))
    kept = 0.0
    for _ in range(_ITERATIONS):

        def improve(inner: Tensor = inner) -> tuple[Tensor, Tensor, Tensor]:
            by_input = torch.einsum("oik,ir->ork", weight, inner)
            outer = _side(by_input, 0).vectors[:, : ranks[1]]
            by_output = torch.einsum("oik,or->rik", weight, outer)
            inner = _side(by_output, 1).vectors[:, : ranks[0]]
            return inner, torch.einsum("rik,is->rsk", by_output, inner), outer

        inner, core, outer = wait_for(improve, job)
        energy = float(core.square().sum())
        if energy <= kept * (1 + _GAIN):
            break
        kept = energy
    return inner, core, outer


def _side(weight: Tensor, axis: int) -> Spectrum:
    """Of the unfolding along inputs (1) or outputs (0)."""
    matrix = weight.movedim(axis, 0).flatten(1)
    return spectrum_of(matrix @ matrix.T, (matrix.shape[0], matrix.shape[1]))


def _balanced(inner: Tensor, core: Tensor, outer: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The same product with the scale of each channel shared among the three."""
    a = _scale(core.norm(dim=(0, 2))) ** (1 / 3)
    core = core / a[None, :, None]
    b = _scale(core.norm(dim=(1, 2))) ** 0.5
    return inner * a, core / b[:, None, None], outer * b


def _scale(norms: Tensor) -> Tensor:
    return torch.where(norms > 0, norms, torch.ones_like(norms))
