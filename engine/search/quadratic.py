"""The loss of changed weights to second order, from a pass forward and a few back.

The KL divergence from a network's own answers is, to second order, ½ · E[dᵀ H d] with d the change
of its outputs and H their Hessian, for logits diag(p) - p pᵀ (Martens 2020, arXiv:1412.1193,
sec. 9). To first order d follows from the change of a layer's outputs Δy = ΔW x through the
gradients: for v with E[v vᵀ] = H, dᵀ v = Σ over positions of gᵀ Δy, where g is the gradient of
vᵀ outputs. So each change costs a product of the layer with ΔW, or of the gradients of its weight
with ΔW, and none of the independences
that tr(G ΔW A ΔWᵀ) assumes between inputs, gradients and positions (Grosse & Martens 2016,
arXiv:1602.01407, sec. 3.1) is needed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, fx, nn

from engine.jobs.job import Job
from engine.network.leaves import uses
from engine.network.network import Network
from engine.search.activations import RoundedInput
from engine.search.alike import doubts_of, log_probabilities
from engine.search.changes import Change, difference, with_weight
from engine.search.weight_gradients import can_sum, summed
from engine.statistics.calibration import Calibration

PROBES = 2
"""Gradients for each batch of samples."""
_BATCH = 32
_BYTES = 64 << 20
"""Of the changed outputs of one layer that are held at a time."""
_WORK = 2_000_000_000
"""MACs between two looks at the job, about."""

_Mine = Sequence[tuple[int, nn.Module]]
"""Numbers of a layer's changes, and what gives what each of them gives more than the layer."""


@dataclass(frozen=True, slots=True, eq=False)
class Effects:
    """Predicted losses of changes, sample by sample.

    Attributes:
        moves: `[changes, samples]`: losses to second order in nats as a part of the doubt of the
            sample, of outputs that are no classes half the squared error as a part of their square.
        doubts: `[samples]`, traces of H; of outputs that are no classes 1.
        apart: `[changes]`: whether samples could be told apart; else all of a batch have its mean.
        power: Mean square of the outputs of a sample, of outputs that are no classes; else 1.
        answers: Logarithms of probabilities, `[samples, classes]`; None: outputs are no classes.
    """

    moves: Tensor
    doubts: Tensor
    apart: Tensor
    power: float
    answers: Tensor | None

    @property
    def losses(self) -> Tensor:
        """`[changes, samples]`; their mean is the loss."""
        return self.moves * self.doubts


def quadratic_losses(
    network: Network, changes: Sequence[Change], samples: Calibration, job: Job, seed: int = 0
) -> Effects:
    """Predicted losses of changes.

    Args:
        network: The one that is changed.
        changes: Together small enough to be held in memory.
        samples: Labels are not looked at.
        job: Looked at between changes and nodes.
        seed: Of the signs in v.
    """
    pass_ = _Pass(network, changes, job, seed)
    size = min(samples.batch, _BATCH)
    total = -(-len(samples) // size)
    for number, inputs in enumerate(samples.batches(size)):
        job.checkpoint("Predicting losses", number, total)
        pass_.add(inputs)
    job.checkpoint("Predicting losses", total, total)
    return pass_.effects()


class _Recorder(fx.Interpreter):
    """Runs a network and keeps what some calls got and gave, with gradients from there on."""

    def __init__(self, module: fx.GraphModule, calls: Mapping[str, str], job: Job) -> None:
        super().__init__(module)
        self.extra_traceback = False
        self.inputs: dict[str, Tensor] = {}
        self.outputs: dict[str, Tensor] = {}
        self._calls = calls
        self._job = job

    def run_node(self, n: fx.Node) -> Any:
        """Run one node."""
        self._job.checkpoint()
        if n.name not in self._calls:
            return super().run_node(n)
        args, _ = self.fetch_args_kwargs_from_env(n)
        result = super().run_node(n)
        if isinstance(result, Tensor) and result.is_floating_point():
            if not result.requires_grad:
                result.requires_grad_()
            self.inputs[n.name] = args[0].detach()
            self.outputs[n.name] = result
        return result


class _Pass:
    """Sums over batches."""

    def __init__(self, network: Network, changes: Sequence[Change], job: Job, seed: int) -> None:
        self._module = network.module
        self._job = job
        self._apart = torch.ones(len(changes), dtype=torch.bool)
        self._found: list[Tensor] = []
        self._answers: list[Tensor] = []
        self._power = 0.0
        self._generator = torch.Generator().manual_seed(seed)
        self._changes: dict[str, list[tuple[int, nn.Module]]] = {}
        self._rounded: dict[str, list[tuple[int, nn.Module]]] = {}
        for number, change in enumerate(changes):
            for layer, leaf in change.leaves.items():
                if isinstance(leaf, RoundedInput):
                    self._rounded.setdefault(layer, []).append((number, leaf.difference()))
                    continue
                more = difference(leaf, network.module.get_submodule(layer))
                self._changes.setdefault(layer, []).append((number, more))
        known = {*self._changes, *self._rounded}
        found = [use for use in uses(network.module) if use.name in known]
        self._calls = {node.name: use.name for use in found for node in use.nodes}

    def add(self, inputs: tuple[Tensor, ...]) -> None:
        recorder = _Recorder(self._module, self._calls, self._job)
        with torch.enable_grad():
            outputs = first_output(recorder.run(*inputs))
        if is_classes(outputs):
            self._answers.append(log_probabilities(outputs.detach()))
        else:
            self._power += float(outputs.detach().square().sum())
        count = len(inputs[0])
        effects = torch.zeros(len(self._apart), PROBES, count)
        names = list(recorder.outputs)
        gradients = self._gradients(outputs, [recorder.outputs[name] for name in names])
        with torch.inference_mode():
            for name, gradient in zip(names, gradients, strict=True):
                layer, x = self._calls[name], recorder.inputs[name]
                for some in (self._changes.get(layer), self._rounded.get(layer)):
                    if some and gradient is not None:
                        self._add_effects(effects, some, x, gradient)
            moves = 0.5 * effects.double().square().mean(1)
            together = moves.mean(1, keepdim=True)
            self._found.append(torch.where(self._apart[:, None], moves, together))

    def effects(self) -> Effects:
        """Of all samples that were added."""
        moves = torch.cat(self._found, 1)
        if self._answers:
            answers = torch.cat(self._answers)
            return Effects(moves, doubts_of(answers), self._apart, 1.0, answers)
        power = self._power / moves.shape[1] if self._power > 0 else 1.0
        doubts = moves.new_ones(moves.shape[1])
        return Effects(moves / power, doubts, self._apart, power, None)

    def _gradients(self, outputs: Tensor, values: Sequence[Tensor]) -> list[Tensor | None]:
        """`[probes, ...]` for each value."""
        found: list[list[Tensor]] = [[] for _ in values]
        if not outputs.requires_grad:
            return [None] * len(values)
        for number, probe in enumerate(probes_of(outputs.detach(), self._generator)):
            self._job.checkpoint()
            keep = number < PROBES - 1
            gradients = torch.autograd.grad(
                outputs, values, probe, retain_graph=keep, allow_unused=True
            )
            for place, gradient in enumerate(gradients):
                if gradient is not None:
                    found[place].append(gradient)
        return [torch.stack(parts) if parts else None for parts in found]

    def _add_effects(self, effects: Tensor, mine: _Mine, x: Tensor, gradient: Tensor) -> None:
        """Add dᵀ v of each change of a layer, for each probe and sample.

        Where axes do not tell samples apart they are taken together, as if the first were all of
        them. That is right on average: the signs in v are independent of each other.

        Args:
            effects: `[changes, probes, samples]`.
            mine: The changes, and what each gives more.
            x: The layer's input.
            gradient: `[probes, ...]` at its output.
        """
        if len(mine) > PROBES and can_sum(mine[0][1], x, gradient):
            self._add_products(effects, mine, x, gradient)
            return
        probes, samples = effects.shape[1:]
        parts = samples if gradient.shape[1] % samples == 0 else 1
        rows = gradient.reshape(probes, parts, -1).transpose(0, 1)  # [parts, probes, n]
        first: Any = mine[0][1]
        weight: Any = (first.leaf if isinstance(first, RoundedInput) else first).weight
        count = max(gradient[0].numel(), 1)
        each = max(1, min(_BYTES // (4 * count), _WORK // (count * max(weight[0].numel(), 1))))
        for start in range(0, len(mine), each):
            self._job.checkpoint()
            some = mine[start : start + each]
            leaves = [leaf for _, leaf in some]
            change = side_by_side(leaves, x).reshape(len(some), parts, -1)  # [changes, parts, n]
            found = (rows @ change.permute(1, 2, 0)).permute(2, 1, 0)  # [changes, probes, parts]
            places = torch.tensor([number for number, _ in some])
            if parts < samples:
                self._apart[places] = False
            effects[places, :, :parts] += found.float()

    def _add_products(self, effects: Tensor, mine: _Mine, x: Tensor, gradient: Tensor) -> None:
        """The same by the gradients of the weight, for layers with many positions."""
        weights, biases = summed(mine[0][1], x, gradient)
        rows = weights.flatten(2).flatten(0, 1)  # [samples · probes, C_out · K]
        each = max(1, _BYTES // (4 * rows.shape[1]))
        for start in range(0, len(mine), each):
            self._job.checkpoint()
            some = mine[start : start + each]
            leaves: list[Any] = [leaf for _, leaf in some]
            found = rows @ torch.stack([leaf.weight.flatten() for leaf in leaves]).float().T
            found = found.reshape(*biases.shape[:2], -1)  # [samples, probes, changes]
            for place, leaf in enumerate(leaves):
                if leaf.bias is not None:
                    found[:, :, place] += biases @ leaf.bias
            places = torch.tensor([number for number, _ in some])
            effects[places] += found.permute(2, 1, 0).float()


def side_by_side(leaves: Sequence[nn.Module], x: Tensor) -> Tensor:
    """What several layers of the same shapes give for one input, `[layers, ...]`.

    Where it can be done they are run as one with more outputs, which narrow ones gain from.
    """
    first: Any = leaves[0]
    plain = isinstance(first, nn.Linear) or (
        isinstance(first, (nn.Conv1d, nn.Conv2d, nn.Conv3d)) and first.groups == 1
    )
    if len(leaves) == 1 or not plain:
        return torch.stack([leaf(x) for leaf in leaves])
    weight = torch.cat([leaf.weight for leaf in leaves])  # type: ignore[misc]  # weights are tensors
    both: Any = with_weight(first, weight)
    parts: list[Any] = list(leaves)
    if any(leaf.bias is not None for leaf in parts):
        none = weight.new_zeros(len(first.weight))
        biases = [none if leaf.bias is None else leaf.bias for leaf in parts]
        both.bias = nn.Parameter(torch.cat(biases), requires_grad=False)
    y: Tensor = both(x)
    axis = y.dim() - 1 if isinstance(first, nn.Linear) else y.dim() - len(first.kernel_size) - 1
    shape = (*y.shape[:axis], len(leaves), -1, *y.shape[axis + 1 :])
    return y.reshape(shape).movedim(axis, 0)


def probes_of(outputs: Tensor, generator: torch.Generator) -> Tensor:
    """Random v with E[v vᵀ] = H over its trace, `[probes, ...]`: signs times a root of H.

    Of classes, the second has the signs of the first but for every other class in the order of
    their probabilities: between classes that are apart by it, above all the first two, what one
    probe has too much the other has too little.
    """
    shape = (PROBES, *outputs.shape)
    signs = torch.randint(0, 2, shape, generator=generator).double() * 2 - 1
    if not is_classes(outputs):
        return signs.to(outputs.dtype)
    answers = log_probabilities(outputs)
    order = answers.argsort(dim=1, descending=True, stable=True)
    turned = torch.ones_like(answers)
    turned[:, ::2] = -1
    signs[1] = signs[0] * torch.empty_like(turned).scatter_(1, order, turned)
    chances = answers.exp()
    roots = chances.sqrt()
    probes = roots * signs - chances * (roots * signs).sum(2, keepdim=True)
    return (probes / doubts_of(answers).sqrt()[:, None]).to(outputs.dtype)


def first_output(value: Any) -> Tensor:
    """The first of what a network gives."""
    while isinstance(value, (tuple, list)):
        value = value[0]
    tensor: Tensor = value
    return tensor


def is_classes(outputs: Tensor) -> bool:
    """As `engine.methods.pruning.channel_sensitivity.divergence` tells them."""
    return outputs.dim() == 2 and outputs.shape[1] > 1
