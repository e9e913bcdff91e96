"""Measures the mean and variance of channels anew after a network has changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import torch
from torch import Tensor, fx, nn

from engine.jobs.job import Job
from engine.network.leaves import Use, uses
from engine.network.network import Network
from engine.statistics.calibration import Calibration
from engine.statistics.stepper import Stepper, batches_within
from engine.statistics.unfold import has_rows
from engine.surgery.copy import as_kind_of, copy_network

_MOST_BYTES = 3 << 29
_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
_TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
_MOST_GAIN = 4.0
_EPS = 1e-12


def reestimate(
    network: Network,
    calibration: Calibration,
    job: Job,
    *,
    reference: Network | None = None,
    leave: Collection[str] = (),
) -> Network:
    """A network whose channels have the statistics that its norms expect.

    Running means and variances of batch norms are computed exactly over the calibration samples,
    from the input of the network to its output, so that each norm sees what those before it now
    give. Layers without a batch norm behind them are instead given the mean and variance that each
    channel has in the reference, folded into weight and bias (Nagel et al. 2019, arXiv:1906.04721,
    sec. 4.2 for the mean).

    Args:
        network: Not changed.
        calibration: Samples.
        job: For progress.
        reference: The network as it was; without one, and where a layer has another number of
            channels there, layers without batch norm stay as they are.
        leave: Names of layers and norms that stay as they are.
    """
    result = copy_network(network)
    batches = batches_within(network.module, calibration, _MOST_BYTES)
    after = Stepper(result.module, batches, job)
    before = None if reference is None else Stepper(reference.module, batches, job)
    found = {use.name: use for use in uses(result.module)}
    tied = _tied(found.values())
    total = len(after.nodes)
    for place, node in enumerate(after.nodes):
        job.checkpoint("Measuring norms anew", place, total)
        use = found.get(str(node.target)) if node.op == "call_module" else None
        if use is not None and use.name not in leave and len(use.nodes) == 1:
            if isinstance(use.module, _NORMS):
                _measure(use.module, [args[0] for args in after.arguments(node)])
            elif before is None or use.name in tied:
                pass
            elif _correctable(result, use, node, before):
                _correct(use, node, before, after)
        if node.op != "output":
            after.compute(node)
    job.checkpoint("Measuring norms anew", total, total)
    return result


def _tied(found: Iterable[Use]) -> set[str]:
    """Layers whose weight is another's as well."""
    owners: dict[int, list[str]] = {}
    for use in found:
        owners.setdefault(id(use.weight), []).append(use.name)
    return {name for names in owners.values() if len(names) > 1 for name in names}


def _measure(norm: nn.Module, values: list[Tensor]) -> None:
    """Set running mean and variance from what goes into a batch norm."""
    module: Any = norm
    if module.running_mean is None:
        return
    mean, variance = _moments(values, 1)
    if bool(torch.isfinite(mean).all()) and bool(torch.isfinite(variance).all()):
        module.running_mean = mean.to(module.running_mean.dtype)
        module.running_var = variance.to(module.running_var.dtype)


def _moments(values: list[Tensor], axis: int) -> tuple[Tensor, Tensor]:
    """Mean and variance of each channel over all batches, `[C]` each."""
    count = 0
    first = second = torch.zeros(())
    for value in values:
        flat = value.movedim(axis, -1).flatten(0, -2).double()
        count += len(flat)
        first = first + flat.sum(0)
        second = second + flat.square().sum(0)
    mean = (first / max(count, 1)).clone()
    return mean, (second / max(count, 1) - mean.square()).clamp_min(0).clone()


def _correctable(network: Network, use: Use, node: fx.Node, before: Stepper) -> bool:
    """A layer with rows, whose weight is its own, without a batch norm behind it."""
    leaf: Any = use.module
    if leaf is None or not has_rows(leaf) or use.name in network.encodings:
        return False
    twin = before.named.get(node.name)
    if twin is None or twin.meta["val"].dim() != node.meta["val"].dim():
        return False
    axis = _axis(leaf, node.meta["val"].dim())
    same = twin.meta["val"].shape[axis] == node.meta["val"].shape[axis]
    followed = any(
        user.op == "call_module"
        and isinstance(network.module.get_submodule(str(user.target)), _NORMS)
        for user in node.users
    )
    plain = not (isinstance(leaf, _TRANSPOSED) and int(leaf.groups) > 1)
    return same and plain and not followed and leaf.bias is not None


def _axis(leaf: nn.Module, dims: int) -> int:
    return dims - 1 if isinstance(leaf, nn.Linear) else 1


def _correct(use: Use, node: fx.Node, before: Stepper, after: Stepper) -> None:
    """Give each output channel the mean and variance that it has in the reference."""
    leaf: Any = use.module
    twin = before.named[node.name]
    before.compute(twin)
    originals = before.values(twin)
    with torch.inference_mode():
        values = [leaf(*args) for args in after.arguments(node)]
    if not originals:
        return
    axis = _axis(leaf, node.meta["val"].dim())
    wanted, wanted_variance = _moments(originals, axis)
    mean, variance = _moments(values, axis)
    gain = torch.sqrt(wanted_variance / variance.clamp_min(_EPS)).clamp(1 / _MOST_GAIN, _MOST_GAIN)
    gain = torch.where(variance > _EPS, gain, 1.0)
    bias = wanted + (leaf.bias.detach().double() - mean) * gain
    if not bool(torch.isfinite(bias).all() & torch.isfinite(gain).all()):
        return
    shape = _gain_shape(leaf)
    weight = leaf.weight.detach()
    scaled = weight * gain.to(weight.dtype).reshape(shape)
    leaf.weight = as_kind_of(leaf.weight, scaled.reshape(weight.shape))
    leaf.bias = as_kind_of(leaf.bias, bias.to(leaf.bias.dtype))


def _gain_shape(leaf: Any) -> tuple[int, ...]:
    """How one number for each output channel lies beside the weight."""
    if isinstance(leaf, _TRANSPOSED):
        return (1, -1, *[1] * (leaf.weight.dim() - 2))
    return (-1, *[1] * (leaf.weight.dim() - 1))
