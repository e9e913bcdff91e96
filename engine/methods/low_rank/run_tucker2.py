"""Factors convolutions along their input and output channels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, fx, nn

from engine.jobs.job import Job
from engine.methods.context import Context
from engine.methods.low_rank.factor import Spectrum, known_ranks, spectrum_of
from engine.methods.low_rank.in_order import calibration_batches, called_once, calls_of, gather
from engine.methods.low_rank.lockstep import Lockstep
from engine.methods.low_rank.response import solve
from engine.methods.low_rank.shapes import CORE, Ranks, U, Unit, V, refusal, shape_ranks
from engine.methods.low_rank.step import Factored, candidates, leaf_of, leaves_for, with_parts
from engine.methods.low_rank.tucker2 import form_of
from engine.methods.waiting import wait_for
from engine.network.network import Network
from engine.registry import Choices

_ITERATIONS = 6
_GAIN = 1e-4
"""Of the energy kept, below which another iteration is not worth it."""


def run(network: Network, choices: Choices, context: Context) -> Network:
    """The step; see `engine.methods.context.RunStep`."""
    units = candidates(network, choices, context)
    factored: dict[str, tuple[Unit, Factored]] = {}
    for done, unit in enumerate(units):
        context.job.checkpoint(f"Factoring {unit.owner.name}", done, len(units))
        found = _factor(network, unit, context)
        if isinstance(found, str):
            context.note(found)
        else:
            factored[unit.owner.name] = unit, found
    context.job.checkpoint("Factoring", len(units), len(units))
    chains: dict[str, dict[str, nn.Module]] = {}
    for unit, found in factored.values():
        chains |= leaves_for(network, unit, found)
    return with_parts(network, _refitted(network, factored, chains, context), context)


def _factor(network: Network, unit: Unit, context: Context) -> Factored | str:
    """The parts, or why the unit stays as it is."""
    form = form_of(unit.params)
    known = shape_ranks(unit.owner, unit.params, form)
    reason = refusal(unit, known, form) if known else ""
    if reason:
        return reason
    leaf = leaf_of(network, unit)
    old = leaf.weight
    assert isinstance(old, Tensor)
    weight = old.detach().flatten(2).to("cpu", torch.float64)  # [C_out, C_in, kernel]
    spectra = wait_for(lambda: (_side(weight, 1), _side(weight, 0)), context.job)
    ranks = known_ranks(unit, form, spectra)
    reason = refusal(unit, ranks, form)
    if reason:
        return reason
    parts = _balanced(*decompose(weight, ranks, spectra, context.job))
    ones = (1,) * (old.dim() - 2)
    inner, core, outer = parts
    weights = {
        V: inner.T.reshape(*inner.T.shape, *ones),
        CORE: core.reshape(*core.shape[:2], *old.shape[2:]),
        U: outer.reshape(*outer.shape, *ones),
    }
    biases = {}
    if form.add_bias:
        for layer in unit.layers:
            bias = network.module.get_submodule(layer.name)._parameters.get("bias")
            biases[layer.name] = torch.zeros(len(old)) if bias is None else bias.detach()
    return Factored({name: w.to(old.dtype).contiguous() for name, w in weights.items()}, biases)


def _refitted(
    network: Network,
    factored: Mapping[str, tuple[Unit, Factored]],
    chains: Mapping[str, dict[str, nn.Module]],
    context: Context,
) -> dict[str, dict[str, nn.Module]]:
    """The parts with their last weights solved for the original's outputs, where that is wanted."""
    result = dict(chains)
    once = called_once(network)
    wanted = [
        name
        for name, (unit, _) in factored.items()
        if name in once and form_of(unit.params).add_bias
    ]
    if wanted and context.calibration is None:
        context.note("There is no data to fit the layers' outputs to, so they were not fitted.")
        wanted = []
    if not wanted:
        return result
    done = 0

    def decide(node: fx.Node, batches: Sequence[tuple[Tensor, Tensor]]) -> dict[str, nn.Module]:
        nonlocal done
        name = str(node.target)
        context.job.checkpoint(f"Fitting {name}", done, len(wanted))
        done += 1
        unit, plain = factored[name]
        refitted = _solve_last(network, unit, plain, result[name], batches, context.job)
        if isinstance(refitted, str):
            context.note(refitted)
        else:
            result[name] = leaves_for(network, unit, refitted)[name]
        return result[name]

    samples = calibration_batches(network, context)
    first = {name: chain for name, chain in chains.items() if name not in wanted}
    Lockstep(network.module, samples, first, context.job).run(calls_of(network, wanted), decide)
    context.job.checkpoint("Fitting", len(wanted), len(wanted))
    return result


def _solve_last(
    network: Network,
    unit: Unit,
    plain: Factored,
    chain: Mapping[str, nn.Module],
    batches: Sequence[tuple[Tensor, Tensor]],
    job: Job,
) -> Factored | str:
    """Least squares from what the first two parts give, on what the layer gave."""
    before = []
    for x, y in batches:
        job.checkpoint()
        before.append((chain[CORE](chain[V](x)), y))
    response = gather(chain[U], leaf_of(network, unit), before, job)
    if not response.is_finite:
        return f"{unit.owner.name} was not fitted: its inputs are NaN or infinite."
    old = plain.weights[U]
    matrix = old.flatten(1).double()
    best = wait_for(lambda: solve(matrix, response, None), job).weight
    assert response.output_mean is not None
    original = leaf_of(network, unit)._parameters.get("bias")
    bias = response.output_mean - best @ response.input_mean
    if original is not None:
        bias = bias + original.detach().cpu().double()
    weights = {**plain.weights, U: best.reshape(old.shape).to(old.dtype)}
    return Factored(weights, {unit.owner.name: bias})


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
