"""The loss of changed weights to second order, from a pass forward and a few back.

The KL divergence from a network's own answers is, to second order, ½ · E[dᵀ H d] with d the change
of its outputs and H their Hessian, for logits diag(p) - p pᵀ (Martens 2020, arXiv:1412.1193,
sec. 9). To first order d follows from the change of a layer's outputs Δy = ΔW x through the
gradients: for v with E[v vᵀ] = H, dᵀ v = Σ over positions of gᵀ Δy, where g is the gradient of
vᵀ outputs. So each change costs a product of the layer with ΔW, and none of the independences
that tr(G ΔW A ΔWᵀ) assumes between inputs, gradients and positions (Grosse & Martens 2016,
arXiv:1602.01407, sec. 3.1) is needed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, fx

from engine.jobs.job import Job
from engine.network.leaves import uses
from engine.network.network import Network
from engine.search.changes import Change, difference
from engine.statistics.calibration import Calibration

PROBES = 4
"""Gradients for each batch of samples."""
_BATCH = 32


def quadratic_losses(
    network: Network, changes: Sequence[Change], samples: Calibration, job: Job, seed: int = 0
) -> list[float]:
    """Predicted loss of each change.

    Args:
        network: The one that is changed.
        changes: Together small enough to be held in memory.
        samples: Labels are not looked at.
        job: Looked at between changes and nodes.
        seed: Of the signs in v.

    Returns:
        Nats; of outputs that are no classes half the squared error as a part of their square.
    """
    pass_ = _Pass(network, changes, job, seed)
    size = min(samples.batch, _BATCH)
    total = -(-len(samples) // size)
    for number, inputs in enumerate(samples.batches(size)):
        job.checkpoint("Predicting losses", number, total)
        pass_.add(inputs)
    job.checkpoint("Predicting losses", total, total)
    return pass_.losses(len(samples))


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
        self._changes = changes
        self._sums = torch.zeros(len(changes), dtype=torch.float64)
        self._power = 0.0
        self._generator = torch.Generator().manual_seed(seed)
        touched = {layer for change in changes for layer in change.leaves}
        found = {use.name: use for use in uses(network.module) if use.name in touched}
        self._calls = {node.name: use.name for use in found.values() for node in use.nodes}
        self._nodes = {use.name: [n.name for n in use.nodes] for use in found.values()}

    def add(self, inputs: tuple[Tensor, ...]) -> None:
        recorder = _Recorder(self._module, self._calls, self._job)
        with torch.enable_grad():
            outputs = _first(recorder.run(*inputs))
        names = list(recorder.outputs)
        gradients = self._gradients(outputs, [recorder.outputs[name] for name in names])
        known = {n: g for n, g in zip(names, gradients, strict=True) if g is not None}
        count = len(inputs[0])
        with torch.inference_mode():
            for number, change in enumerate(self._changes):
                self._job.checkpoint()
                effect = self._effect(change, recorder.inputs, known, count)
                self._sums[number] += 0.5 * float(effect.square().sum()) / PROBES
        if not _is_classes(outputs):
            self._power += float(outputs.detach().square().sum())

    def losses(self, count: int) -> list[float]:
        """The mean over so many samples."""
        whole = self._power if self._power > 0 else float(count)
        return [max(float(value) / whole, 0.0) for value in self._sums]

    def _gradients(self, outputs: Tensor, values: Sequence[Tensor]) -> list[Tensor | None]:
        """`[probes, ...]` for each value."""
        found: list[list[Tensor]] = [[] for _ in values]
        if not outputs.requires_grad:
            return [None] * len(values)
        for probe in range(PROBES):
            self._job.checkpoint()
            seed = probe_of(outputs.detach(), self._generator)
            keep = probe < PROBES - 1
            gradients = torch.autograd.grad(
                outputs, values, seed, retain_graph=keep, allow_unused=True
            )
            for place, gradient in enumerate(gradients):
                if gradient is not None:
                    found[place].append(gradient)
        return [torch.stack(parts) if parts else None for parts in found]

    def _effect(
        self,
        change: Change,
        inputs: Mapping[str, Tensor],
        gradients: Mapping[str, Tensor],
        count: int,
    ) -> Tensor:
        """dᵀ v of each probe and sample; samples are taken together where axes do not tell them.

        That is right on average: the signs in v are independent of each other.
        """
        found: list[Tensor] = []
        for layer, leaf in change.leaves.items():
            more = difference(leaf, self._module.get_submodule(layer))
            for node in self._nodes[layer]:
                if node in gradients:
                    products = gradients[node] * more(inputs[node])  # [probes, ...]
                    parts = count if products.shape[1] % count == 0 else 1
                    found.append(products.reshape(PROBES, parts, -1).sum(2))
        if len({part.shape for part in found}) > 1:
            found = [part.sum(1, keepdim=True) for part in found]
        return torch.stack(found).sum(0) if found else torch.zeros(PROBES, 1)


def probe_of(outputs: Tensor, generator: torch.Generator) -> Tensor:
    """Random v with E[v vᵀ] = H, of the shape of the outputs: signs times a root of H."""
    signs = torch.randint(0, 2, outputs.shape, generator=generator).to(outputs.dtype) * 2 - 1
    if not _is_classes(outputs):
        return signs
    probabilities = torch.softmax(outputs, 1)
    roots = probabilities.sqrt()
    return roots * signs - probabilities * (roots * signs).sum(1, keepdim=True)


def _first(value: Any) -> Tensor:
    while isinstance(value, (tuple, list)):
        value = value[0]
    tensor: Tensor = value
    return tensor


def _is_classes(outputs: Tensor) -> bool:
    """As `engine.methods.pruning.channel_sensitivity.divergence` tells them."""
    return outputs.dim() == 2 and outputs.shape[1] > 1
