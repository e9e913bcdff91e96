"""What one setting of one layer makes of its weights, as the method itself would do it."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from engine.info import LayerInfo
from engine.jobs.job import Job, Quiet
from engine.methods.context import Context
from engine.methods.low_rank import run_data_aware_svd, run_spatial
from engine.methods.low_rank.factor import is_finite
from engine.methods.low_rank.fitting import Way
from engine.methods.low_rank.response import from_moments
from engine.methods.low_rank.responses import ResponseParams
from engine.methods.low_rank.shapes import Unit, refusal, shape_ranks
from engine.methods.pruning.allocation import share, zeros_wanted
from engine.methods.pruning.blocked import Goal, prune_blocks_each
from engine.methods.pruning.elimination import operations
from engine.methods.pruning.masking import forced_zeros
from engine.methods.pruning.matrices import Layer, as_matrices, from_matrices, layers_of
from engine.methods.pruning.problem import Problem, removals, weighted
from engine.methods.pruning.scores import problem_before
from engine.methods.pruning.sequential import moments_of
from engine.methods.pruning.support import solve_on_support
from engine.methods.pruning.targets import surroundings_of
from engine.methods.pruning.weight import WeightParams
from engine.methods.quantization.settings import UniformParams
from engine.methods.quantization.uniform import uses_moments
from engine.methods.quantization.weight_ranges import weight_encoding
from engine.methods.waiting import wait_for
from engine.network.encoding import dequantize, quantize
from engine.network.leaves import TRANSPOSED, Use
from engine.network.network import Network
from engine.search.savings import method_of, params_of
from engine.statistics.moments import Moments
from engine.surgery.copy import as_kind_of

WAYS: Mapping[str, Way] = {"data_aware_svd": run_data_aware_svd.WAY, "spatial": run_spatial.WAY}
"""Methods that give layers lower ranks."""
_BYTES = 64 << 20
"""Of a layer with some of its settings side by side."""
_SOLVED = 1.0
"""Times the operations of an elimination that the weights which stay are solved with."""


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """One setting, as leaves of the same shapes that stand for those that are there.

    Attributes:
        rows: Rows of the table that the setting is for.
        method: The method's name.
        setting: On its axis.
        leaves: Layer → what stands for it.
        fitted: The first calibration samples, so many, were fitted so closely that they do not tell
            what it loses.
    """

    rows: tuple[str, ...]
    method: str
    setting: float
    leaves: Mapping[str, nn.Module]
    fitted: int = 0

    @property
    def size_bytes(self) -> int:
        """Of the new weights."""
        weights = [leaf.weight for leaf in self.leaves.values()]
        known = {weight.data_ptr(): weight for weight in weights if isinstance(weight, Tensor)}
        return sum(weight.nbytes for weight in known.values())


def rounded(
    use: Use, leaves: Mapping[str, nn.Module], bits: Sequence[float], context: Context
) -> Iterator[Change]:
    """A layer on grids of so many bits, rounded to nearest, with the bias corrected.

    Args:
        use: The layer, of a network whose batch norms are folded.
        leaves: All layers that share its weight.
        bits: Settings of `uniform`.
        context: Its moments say which errors count.
    """
    if use.module is None or not is_finite(use.weight):
        return
    moments = context.statistics.moments.get(use.name)
    axis = 1 if use.kind in TRANSPOSED else 0
    if axis or (moments is not None and moments.second.shape[-1] != use.weight[0].numel()):
        moments = None
    for setting in bits:
        params = UniformParams.model_validate({"weight_bits": int(setting)})
        second = None
        if moments is not None and uses_moments(params):
            second = about_mean(moments)
        pause = context.job.checkpoint
        encoding = weight_encoding(use.weight, params, axis, second, pause)
        weight = dequantize(quantize(use.weight, encoding), encoding).to(use.weight.dtype)
        shift = None if moments is None else _mean_error(use.module, use.weight, weight, moments)
        yield Change(tuple(leaves), "uniform", setting, _for_all(leaves, weight, shift))


def sparse(
    network: Network, name: str, sparsities: Sequence[float], most: float, context: Context
) -> Iterator[Change]:
    """A layer with weights that are zero, those that stay solved anew.

    Args:
        network: With batch norms folded.
        name: The layer's.
        sparsities: Settings of `weight`.
        most: Operations of an elimination one by one; larger layers lose their weights block by
            block.
        context: With moments and gradients.
    """
    layer = next(iter(layers_of(network, [name])), None)
    if layer is None or not is_finite(layer.weight):
        return
    moments = moments_of(layer, context)
    around = surroundings_of(network.module, layer)
    shifted = moments if around is not None and around.can_shift else None
    for setting, matrices in _thinned(network, layer, moments, sparsities, most, context):
        weight = from_matrices(layer.leaf, matrices).to(layer.weight.dtype).contiguous()
        shift = None
        if shifted is not None:
            shift = _mean_error(layer.leaf, layer.weight, weight, shifted)
        leaves = {name: network.module.get_submodule(name) for name in layer.names}
        yield Change(layer.names, "weight", setting, _for_all(leaves, weight, shift))


def _thinned(
    network: Network,
    layer: Layer,
    moments: Moments | None,
    sparsities: Sequence[float],
    most: float,
    context: Context,
) -> Iterator[tuple[float, Tensor]]:
    """Sparsity and new weights `[groups, R, K]`."""
    job, matrix = context.job, layer.matrix
    wanted = {s: zeros_wanted(matrix.numel(), s) for s in sparsities}
    if moments is None:  # the smallest go, for want of anything better
        order = matrix.abs().flatten().argsort(stable=True)
        for setting, zeros in wanted.items():
            new = matrix.flatten().clone()
            new[order[:zeros]] = 0
            yield setting, new.reshape(matrix.shape)
        return
    params = WeightParams()
    problem = problem_before(network, layer, params, forced_zeros(network, layer), context)
    groups, rows, columns = matrix.shape
    if operations(groups * rows, columns) > most:
        yield from _in_blocks(problem, wanted, most, job)
        return
    found = wait_for(lambda: removals(problem, Quiet()), job)
    losses = weighted(found.losses, problem)
    for setting, zeros in wanted.items():
        job.checkpoint()
        keep = found.keep(share({"": losses}, zeros)[""], matrix.shape[2]).reshape(matrix.shape)
        yield setting, _solved(problem, keep, job)


def _in_blocks(
    problem: Problem, wanted: Mapping[float, int], most: float, job: Job
) -> Iterator[tuple[float, Tensor]]:
    """Sparsity and new weights of a large layer, chosen in blocks of columns, then solved."""
    each = max(1, _BYTES // max(problem.start.nbytes, 1))
    settings = list(wanted)
    for start in range(0, len(settings), each):
        some = settings[start : start + each]
        zeros = [wanted[setting] for setting in some]
        found = wait_for(partial(_chosen, problem, zeros), job)
        for setting, matrices in zip(some, found, strict=True):
            keep = matrices != 0
            if float(keep.sum(dim=2).double().pow(3).sum()) <= _SOLVED * most:
                matrices = _solved(problem, keep, job)
            yield setting, matrices


def _chosen(problem: Problem, zeros: Sequence[int]) -> Tensor:
    """Weights `[zeros, groups, R, K]` with so many zeros."""
    block_size = WeightParams().block_size
    count = len(problem.start)
    result = []
    for group in range(count):
        forced = None if problem.forced is None else problem.forced[group]
        parts = [all_ * (group + 1) // count - all_ * group // count for all_ in zeros]
        goals = [Goal(part, problem.costs[group], None, forced) for part in parts]
        start, inverse = problem.start[group], problem.inverse[group]
        result.append(prune_blocks_each(start, inverse, goals, block_size, Quiet()))
    return torch.stack(result, dim=1)


def _solved(problem: Problem, keep: Tensor, job: Job) -> Tensor:
    second, cross = problem.second, problem.cross
    return wait_for(lambda: solve_on_support(second, cross, keep, Quiet()), job)


def factored(
    method: str,
    leaves: Mapping[str, nn.Module],
    layers: Sequence[LayerInfo],
    sizes: Sequence[float],
    context: Context,
) -> Iterator[Change]:
    """A layer of lower rank: what is nearest to its outputs, with their mean kept.

    Args:
        method: One of `WAYS`.
        leaves: The layer, and all that share its weight.
        layers: Their rows.
        sizes: Settings of the method.
        context: With moments and gradients.
    """
    way = WAYS[method]
    names = [layer.name for layer in layers]
    known = [context.statistics.moments.get(name) for name in names]
    moments = [one for one in known if one is not None and len(one.second) == 1]
    old = leaves[names[0]].weight
    assert isinstance(old, Tensor)
    if not moments or not is_finite(old):
        return
    response = from_moments(moments)
    if not response.is_finite:
        return
    gradients = [context.statistics.gradients.get(name) for name in names]
    found = [one.double() for one in gradients if one is not None and bool(one.sum().isfinite())]
    importance = torch.stack(found).sum(0) if len(found) == len(names) else None
    leaf, matrix = leaves[names[0]], old.detach().flatten(1).double()
    solved = wait_for(lambda: way.solve(leaf, response, importance), context.job)
    for setting in sizes:
        params = params_of(method_of(method), setting)
        assert isinstance(params, ResponseParams)
        form = way.form_of(params)
        ranks = shape_ranks(layers[0], params, form)
        if ranks is None or refusal(Unit(layers[0], tuple(layers), params), ranks, form):
            continue
        context.job.checkpoint()
        _, new = wait_for(partial(solved.parts, leaf, ranks[0]), context.job)
        shift = ((matrix - new) @ response.input_mean).float()
        weight = new.reshape(old.shape).to(old.dtype)
        yield Change(tuple(names), method, setting, _for_all(leaves, weight, shift))


def about_mean(moments: Moments) -> Tensor:
    """Covariance of a layer's inputs, `[groups, K, K]`."""
    return moments.second - moments.mean[:, :, None] * moments.mean[:, None, :]


def _mean_error(leaf: nn.Module, old: Tensor, new: Tensor, moments: Moments) -> Tensor | None:
    """What to add to each output so that its mean stays, `[C_out]`."""
    if isinstance(leaf, (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)):
        return None  # kernels overlap in the output
    change = as_matrices(leaf, (old.detach() - new).float())  # [groups, R, K]
    return (change @ moments.mean[:, :, None]).flatten()


def _for_all(
    leaves: Mapping[str, nn.Module], weight: Tensor, shift: Tensor | None
) -> dict[str, nn.Module]:
    """Layers that share a weight with another one; each keeps its own bias."""
    return {name: with_weight(leaf, weight, shift) for name, leaf in leaves.items()}


def with_weight(leaf: nn.Module, weight: Tensor, shift: Tensor | None = None) -> nn.Module:
    """A leaf with another weight, and with something added to its bias."""
    new: Any = copy.copy(leaf)
    new._parameters = dict(new._parameters)
    new.weight = as_kind_of(new.weight, weight)
    if shift is not None and "bias" in new._parameters:  # tables of embeddings have none
        bias = 0.0 if new.bias is None else new.bias.detach()
        new.bias = nn.Parameter((bias + shift).to(weight.dtype), requires_grad=False)
    result: nn.Module = new
    return result


def difference(new: nn.Module, old: nn.Module) -> nn.Module:
    """A leaf that gives what one gives more than another of the same shapes."""
    a: Any = new
    b: Any = old
    result: Any = with_weight(old, a.weight.detach() - b.weight.detach())
    ours, theirs = getattr(a, "bias", None), getattr(b, "bias", None)
    if ours is not None:
        bias = ours.detach() if theirs is None else ours.detach() - theirs.detach()
        result.bias = nn.Parameter(bias, requires_grad=False)
    leaf: nn.Module = result
    return leaf
