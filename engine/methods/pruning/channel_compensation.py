"""Solves layers anew after channels have gone, from the input of the network to its output.

The original and the pruned network are run side by side, one node after another on all samples.
When a layer is reached whose inputs are not what they were, its weights are solved by least squares
so that it gives the original's outputs from the inputs it now gets (He et al. 2017,
arXiv:1707.06168, sec. 3.3: "asymmetric"). Where its output is added to another, as in a residual
block, the target is the original's sum, so that the block also makes up for what was lost before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, fx, nn

from engine.jobs.job import Job
from engine.methods.pruning.channel_least_squares import Fit, Rows, rows_wanted
from engine.methods.pruning.channel_units import as_matrix, as_weight, is_transposed
from engine.network.axes.labels import Mask
from engine.network.axes.trace import Role
from engine.network.groups import GroupAnalysis
from engine.network.leaves import Use, uses
from engine.network.network import Network
from engine.statistics.calibration import Calibration
from engine.statistics.stepper import Stepper, batches_within
from engine.statistics.unfold import has_rows, unfold_input, unfold_output
from engine.surgery.copy import as_kind_of

aten = torch.ops.aten
_MOST_BYTES = 3 << 29
"""Of live activations of both networks on all samples."""
_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
_SMALL = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class Solved:
    """What compensation did.

    Attributes:
        layers: That were solved anew.
        norms: Batch norms that took up their offsets.
        left: Layer → why it was not, for those that lost inputs.
    """

    layers: frozenset[str]
    norms: frozenset[str]
    left: Mapping[str, str]


def compensate(
    original: Network,
    pruned: Network,
    kept: Kept,
    settings: Settings,
    job: Job,
) -> Solved:
    """Solve the layers of a pruned network anew, in place.

    Args:
        original: Before channels were removed.
        pruned: After; its leaves are its own, its tensors may be shared with the original.
        kept: Which channels stayed.
        settings: On what data, and how.
        job: For progress.
    """
    return _Compensation(original, pruned, kept, settings, job).run()


@dataclass(frozen=True, slots=True, eq=False)
class Settings:
    """Of compensation: see `ChannelParams`."""

    calibration: Calibration
    damping: float
    absorb: bool


class Kept:
    """For each layer which of its channels stayed.

    Args:
        analysis: Of the original.
        mask: For each label whether it stays, from `kept_labels`.
    """

    def __init__(self, analysis: GroupAnalysis, mask: Mask) -> None:
        self._masks: dict[tuple[str, str, int], Mask] = {}
        self.lost_inputs: set[str] = set()
        self.changed: set[str] = set()
        for slot in analysis.slots:
            stays = mask[slot.labels]
            self._masks[slot.layer, slot.path.rpartition(".")[2], slot.axis] = stays
            if slot.role is Role.IN and not stays.all():
                self.lost_inputs.add(slot.layer)
        for norm in analysis.normalized:
            labels = [f.labels for axis in norm.axes for f in axis if f.labels is not None]
            if any(not mask[one].all() for one in labels):
                self.changed.add(norm.where)
        for contraction in analysis.contractions:
            if not mask[contraction.labels].all():
                self.changed.add(contraction.node)

    def outputs(self, layer: str, leaf: nn.Module) -> Tensor | None:
        """Indices of the output channels that stayed; None for all."""
        axis = 1 if is_transposed(leaf) else 0
        stays = self._masks.get((layer, "weight", axis))
        if stays is None or stays.all():
            return None
        return torch.from_numpy(np.flatnonzero(stays))


class _Compensation:
    def __init__(
        self, original: Network, pruned: Network, kept: Kept, settings: Settings, job: Job
    ) -> None:
        calibration = settings.calibration
        batches = batches_within(original.module, calibration, _MOST_BYTES // 2)
        self.module = pruned.module
        self.before = Stepper(original.module, batches, job)
        self.after = Stepper(pruned.module, batches, job)
        self.samples = sum(len(batch[0]) for batch in batches)
        self.kept, self.settings, self.job = kept, settings, job
        self.changed: set[fx.Node] = set()
        self.visited: set[fx.Node] = set()
        self.solving: set[fx.Node] = set()
        self.left: dict[str, str] = {}
        self.solved: set[str] = set()
        self.norms: set[str] = set()
        self.uses = {use.name: use for use in uses(pruned.module)}
        self.sparse = pruned.sparse
        self.shared = _shared_weights(self.uses)

    def run(self) -> Solved:
        total = len(self.after.nodes)
        for place, node in enumerate(self.after.nodes):
            self.job.checkpoint("Solving layers anew", place, total)
            if node.op != "output":
                self._visit(node)
        self.job.checkpoint("Solving layers anew", total, total)
        return Solved(frozenset(self.solved), frozenset(self.norms), self.left)

    def _visit(self, node: fx.Node) -> None:
        """Compute a node of the pruned network, after solving it where it is to be."""
        if node in self.visited:
            return
        self.visited.add(node)
        use = self.uses.get(str(node.target)) if node.op == "call_module" else None
        if use is not None and self._to_solve(use, node):
            self.solving.add(node)
            self._solve(use, node)
            self.solving.discard(node)
        if self._is_changed(node):
            self.changed.add(node)
        self.after.compute(node)

    def _is_changed(self, node: fx.Node) -> bool:
        name = str(node.target) if node.op == "call_module" else node.name
        return (
            name in self.kept.lost_inputs
            or name in self.kept.changed
            or any(source in self.changed for source in node.all_input_nodes)
        )

    def _to_solve(self, use: Use, node: fx.Node) -> bool:
        lost = use.name in self.kept.lost_inputs
        wanted = self.settings.absorb and any(n in self.changed for n in node.all_input_nodes)
        if not lost and not wanted:
            return False
        reason = self._reason(use, node)
        if reason and lost:
            self.left[use.name] = reason
        return not reason

    def _reason(self, use: Use, node: fx.Node) -> str:
        if use.module is None or not has_rows(use.module):
            return f"a {use.kind} layer is not solved by least squares"
        if is_transposed(use.module) and use.module.groups != 1:
            return "a grouped transposed convolution is not solved by least squares"
        if len(use.nodes) > 1 or use.name in self.shared:
            return "its weights are used in several places"
        if use.name in self.sparse:
            return "its zeros have to stay"
        if not use.weight.is_floating_point() or node.name not in self.before.named:
            return "its weights cannot be solved for"
        return ""

    def _solve(self, use: Use, node: fx.Node) -> None:
        leaf: Any = use.module
        twin = self.before.named[node.name]
        inputs = [a[0] for a in self.before.arguments(twin)] if is_transposed(leaf) else []
        self.before.compute(twin)
        partner = None if is_transposed(leaf) else self._partner(node)
        norm = _norm_after(self.module, node)
        offsets = not is_transposed(leaf) and (leaf.bias is not None or norm is not None)
        matrix = as_matrix(leaf, use.weight)
        rows = Rows(matrix.shape[1], self.job, centered=offsets)
        if not self.before.values(twin):
            return
        for x, t in self._rows(use, node, partner, inputs):
            rows.add(x, t)
            self.job.checkpoint()
        fit = rows.solve(matrix, self.settings.damping)
        self.job.checkpoint()
        if fit is not None and bool(torch.isfinite(fit.matrix).all()):
            self._put(use, fit, norm)
            self.solved.add(use.name)

    def _rows(
        self, use: Use, node: fx.Node, partner: _Partner | None, inputs: list[Tensor]
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Inputs and targets, batch by batch; `inputs` are the original's, if transposed."""
        leaf: Any = use.module
        old: Any = self.before.module.get_submodule(use.name)
        outputs = self.before.values(self.before.named[node.name])
        chosen = self.kept.outputs(use.name, leaf)
        for number, (args, y) in enumerate(zip(self.after.arguments(node), outputs, strict=True)):
            x, offset = args[0], 3 * number
            every = self._every(leaf, x if inputs else y)
            with torch.inference_mode():
                found = unfold_input(leaf, x, every, offset)
                if inputs:
                    weight = as_matrix(old, _rows_kept(old.weight, chosen))
                    target = unfold_input(old, inputs[number], every, offset) @ weight
                else:
                    wanted = _channels(leaf, y, chosen)
                    if partner is not None:
                        wanted = wanted + partner.correction(leaf, number, chosen)
                    target = unfold_output(leaf, wanted, every, offset)
            yield found.clone(), target.clone()

    def _every(self, leaf: Any, like: Tensor) -> int:
        """Take one position in so many."""
        axis = like.dim() - 1 if isinstance(leaf, nn.Linear) else 1
        positions = like.numel() // max(like.shape[axis] * len(like), 1)
        wanted = rows_wanted(as_matrix(leaf, leaf.weight).shape[1])
        return max(1, positions * self.samples // wanted)

    def _partner(self, node: fx.Node) -> _Partner | None:
        """What the layer's output is added to, computed in both networks."""
        scale, last = None, node
        norm = _norm_after(self.module, node)
        if norm is not None:
            last = next(iter(node.users))
            scale = _norm_scale(norm)
        found = _added_to(last)
        if found is None or found.meta["val"].shape != node.meta["val"].shape:
            return None
        twin = self.before.named.get(found.name)
        if twin is None:
            return None
        missing = [] if found in self.after.done else [*self.after.missing(found), found]
        if self.solving.intersection(missing):
            return None
        for one in missing:
            self._visit(one)
        if found not in self.changed:
            return None
        self.before.compute(twin)
        values, originals = self.after.values(found), self.before.values(twin)
        if not values or not originals or not isinstance(values[0], Tensor):
            return None
        return _Partner(originals, values, scale)

    def _put(self, use: Use, fit: Fit, norm: nn.Module | None) -> None:
        """Replace the weight, and let bias or batch norm take up the offset."""
        leaf: Any = use.module
        leaf.weight = as_kind_of(leaf.weight, as_weight(leaf, fit.matrix, leaf.weight))
        if is_transposed(leaf):
            return
        offset = fit.offset.flatten()
        if leaf.bias is not None:
            leaf.bias = as_kind_of(leaf.bias, offset.to(leaf.bias.dtype))
        elif norm is not None:
            mean: Any = norm.running_mean
            norm.running_mean = mean - offset.to(mean.dtype)
        if norm is not None:
            self.norms.update(name for name, u in self.uses.items() if u.module is norm)


@dataclass(frozen=True, slots=True, eq=False)
class _Partner:
    """The other operand of an addition, batch by batch."""

    original: list[Tensor]
    pruned: list[Tensor]
    scale: Tensor | None

    def correction(self, leaf: nn.Module, number: int, chosen: Tensor | None) -> Tensor:
        """What is missing in the other operand, in units of the layer's output."""
        missing = _channels(leaf, self.original[number], chosen) - self.pruned[number]
        if self.scale is None:
            return missing
        scale = self.scale
        usable = scale.abs() > _SMALL * scale.abs().max()
        factor = torch.where(usable, 1 / torch.where(usable, scale, 1.0), 0.0)
        return missing * factor.reshape(-1, *[1] * (missing.dim() - 2))


def _channels(leaf: nn.Module, y: Tensor, chosen: Tensor | None) -> Tensor:
    """The output channels that stayed."""
    if chosen is None:
        return y
    axis = y.dim() - 1 if isinstance(leaf, nn.Linear) else 1
    return y.index_select(axis, chosen)


def _rows_kept(weight: Tensor, chosen: Tensor | None) -> Tensor:
    return weight if chosen is None else weight.index_select(1, chosen)


def _norm_after(module: fx.GraphModule, node: fx.Node) -> nn.Module | None:
    """The batch norm that alone reads a layer's output, and is used nowhere else."""
    users = list(node.users)
    if len(users) != 1 or users[0].op != "call_module":
        return None
    norm = module.get_submodule(str(users[0].target))
    calls = [n for n in module.graph.nodes if n.op == "call_module" and n.target == users[0].target]
    if not isinstance(norm, _NORMS) or norm.running_mean is None or len(calls) > 1:
        return None
    return norm


def _norm_scale(norm: nn.Module) -> Tensor:
    module: Any = norm
    variance: Tensor = module.running_var
    weight: Tensor = torch.ones_like(variance) if module.weight is None else module.weight
    return (weight / torch.sqrt(variance + module.eps)).detach()


def _added_to(node: fx.Node) -> fx.Node | None:
    """The other operand of the addition that alone reads a node."""
    users = list(node.users)
    if len(users) != 1 or users[0].target not in (aten.add.Tensor, aten.add_.Tensor):
        return None
    if users[0].kwargs.get("alpha", 1) != 1:
        return None
    others = [one for one in users[0].args if isinstance(one, fx.Node) and one is not node]
    return others[0] if len(others) == 1 else None


def _shared_weights(found: Mapping[str, Use]) -> set[str]:
    owners: dict[int, list[str]] = {}
    for use in found.values():
        owners.setdefault(id(use.weight), []).append(use.name)
    return {name for names in owners.values() if len(names) > 1 for name in names}
