"""Small networks and data that a training learns in a few steps."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from torch import nn

from engine.data.dataset import DataSet, Samples, Split
from engine.data.roles import Subset
from engine.errors import Cancelled
from engine.frozen import FrozenMap
from engine.info import TensorInfo
from engine.methods.context import Context, TrainingData
from engine.methods.recovery.finetune import FinetuneParams
from engine.network.encoding import WeightEncoding, dequantize, quantize
from engine.network.leaves import uses
from engine.network.network import Network
from engine.preprocessing import Preprocessing, Task
from engine.statistics.calibration import Calibration
from engine.surgery.copy import copy_network, replace_tensors
from engine.training.options import Augmentation
from engine.training.student import FAKE_QUANTIZE
from tests.helpers.networks import network_of

CLASSES = 3
SHORT: dict[str, Any] = {
    "steps": 12,
    "batch_size": 16,
    "learning_rate": 0.1,
    "augmentation": Augmentation.NONE,
}
"""Settings with which the small network learns."""


def short(**more: Any) -> dict[str, FinetuneParams]:
    """Choices of a step `finetune`."""
    return {"": FinetuneParams(**{**SHORT, **more})}


class MemorySplit(Split):
    """Arrays by input name, ready to be run."""

    prepared = True

    def __init__(self, inputs: dict[str, np.ndarray], labels: np.ndarray | None) -> None:
        super().__init__("train")
        self.inputs = inputs
        self.targets = labels
        self.labels = labels
        self.labelled = labels is not None
        self.reads = 0

    def __len__(self) -> int:
        return len(next(iter(self.inputs.values())))

    def read(self, indices: Any, preprocessing: Preprocessing | None = None) -> Samples:
        self.reads += 1
        made = {name: values[indices] for name, values in self.inputs.items()}
        labels = None if self.targets is None else self.targets[indices]
        return Samples(made, labels, indices)


@dataclass
class Watched:
    """A job that records, and can be asked to stop or cancelled at a checkpoint."""

    stop_after: int | None = None
    cancel_at: int | None = None
    texts: list[tuple[str, int, int]] = field(default_factory=list)
    curves: dict[str, list[tuple[int, float]]] = field(default_factory=dict)
    stopping: bool = False

    def checkpoint(self, text: str = "", done: int = 0, total: int = 0) -> None:
        self.texts.append((text, done, total))
        if text.startswith("Training"):
            if self.stop_after is not None and done >= self.stop_after:
                self.stopping = True
            if self.cancel_at is not None and done >= self.cancel_at:
                raise Cancelled

    def metric(self, name: str, step: int, value: float) -> None:
        self.curves.setdefault(name, []).append((step, value))

    def partial(self, value: object) -> None:
        del value


class Small(nn.Module):
    """Two convolutions with batch norm, and a classifier."""

    def __init__(self, dropout: float = 0.0) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(8)
        self.conv2 = nn.Conv2d(8, 8, 3, padding=1, stride=2)
        self.drop = nn.Dropout(dropout)
        self.fc = nn.Linear(8, CLASSES)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.conv2(self.bn1(self.conv1(x)).relu()).relu()
        return self.fc(self.drop(x.mean((2, 3))))


@functools.cache
def small_network(seed: int = 0, dropout: float = 0.0) -> Network:
    """Made once: whoever changes it fails the test that looks."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return network_of(Small(dropout).eval(), torch.zeros(2, 3, 8, 8))


def image_data(count: int = 96, seed: int = 0, *, labelled: bool = True) -> MemorySplit:
    """Images whose class is the channel that is bright on the left."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, CLASSES, count)
    images = random.normal(0, 1, (count, 3, 8, 8)).astype(np.float32)
    images[np.arange(count), labels, :, :4] += 1.0
    return MemorySplit({"x": images}, labels.astype(np.int64) if labelled else None)


def context_of(
    network: Network,
    split: MemorySplit,
    *,
    job: Any = None,
    notes: list[str] | None = None,
    inputs: Sequence[TensorInfo] = (),
    preprocessing: Preprocessing | None = None,
    **more: Any,
) -> Context:
    """The last third of the samples is for validation."""
    dataset = DataSet("made", "arrays", {"train": split}, fingerprint="made")
    cut = len(split) * 2 // 3
    preprocessing = preprocessing or Preprocessing(layout="NCHW", task=Task.CLASSIFICATION)
    data = TrainingData(
        Subset(dataset, split, np.arange(cut)),
        Subset(dataset, split, np.arange(cut, len(split))),
        preprocessing,
        tuple(inputs) or network.inputs,
    )
    samples = tuple(torch.from_numpy(v[:32]) for v in split.inputs.values())
    taken = [] if notes is None else notes
    more.setdefault("original", network)
    return Context(
        job=job or Watched(),
        training=data,
        calibration=Calibration(samples, None, 16),
        note=taken.append,
        **more,
    )


def weights(network: Network) -> dict[str, torch.Tensor]:
    module = network.module
    return {**dict(module.named_parameters()), **dict(module.named_buffers())}


def snapshot(network: Network) -> dict[str, torch.Tensor]:
    return {name: tensor.detach().clone() for name, tensor in weights(network).items()}


def equal(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def accuracy(network: Network, split: MemorySplit) -> float:
    with torch.inference_mode():
        answers = network.module(*(torch.from_numpy(v) for v in split.inputs.values()))
    return float((answers.argmax(1).numpy() == split.targets).mean())


def quantized(network: Network, weight_bits: int = 4, activation_bits: int = 4) -> Network:
    """Weights on grids per channel, and activations rounded before each layer but the first."""
    result = copy_network(network)
    encodings, new = {}, {}
    for use in uses(result.module):
        if isinstance(use.module, (nn.Conv2d, nn.Linear)):
            matrix = use.weight.detach().flatten(1)
            scale = matrix.abs().amax(dim=1, keepdim=True) / (2 ** (weight_bits - 1) - 1)
            zero = torch.zeros_like(scale, dtype=torch.int32)
            encodings[use.name] = WeightEncoding(weight_bits, scale, zero)
            on_grid = dequantize(quantize(use.weight, encodings[use.name]), encodings[use.name])
            new[id(use.weight)] = nn.Parameter(on_grid)
    replace_tensors(result.module, new)
    graph = result.module.graph
    top = 2**activation_bits - 1
    for node in list(graph.nodes):
        if node.op == "call_module" and node.target in ("conv2", "fc"):
            source = node.args[0]
            with graph.inserting_before(node):
                call = graph.call_function(FAKE_QUANTIZE, (source, 0.25, 1, 0, top))
            call.meta = {"val": source.meta["val"]}
            node.replace_input_with(source, call)
    result.module.recompile()
    return replace(result, encodings=FrozenMap(encodings))


def masked(network: Network, layers: Sequence[str], share: float = 0.5) -> Network:
    """The smallest weights of some layers are zero, and are to stay so."""
    result = copy_network(network)
    new = {}
    for use in uses(result.module):
        if use.name in layers:
            limit = use.weight.detach().abs().quantile(share)
            new[id(use.weight)] = nn.Parameter(
                torch.where(use.weight.detach().abs() < limit, 0.0, use.weight.detach())
            )
    replace_tensors(result.module, new)
    return replace(result, sparse=frozenset(layers))


def activation_scales(network: Network) -> list[float]:
    return [n.args[1] for n in network.module.graph.nodes if n.target is FAKE_QUANTIZE]
