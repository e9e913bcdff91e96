"""Run a network on arrays, whatever form it is in: in memory (PyTorch) or a file (ONNX Runtime)."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import fx
from torch.utils import _pytree as pytree

from engine.errors import EngineError
from engine.info import TensorInfo
from engine.jobs.job import Job
from engine.measure.runtime import Array, Options, Session, feed_of, runtime_name, torch_name
from engine.network.network import Network

Model = Network | str | Path
"""A network in memory, or the path of an ONNX file."""


class Predictor(Protocol):
    """A network that is ready to run."""

    inputs: tuple[TensorInfo, ...]
    outputs: tuple[TensorInfo, ...]
    runtime: str

    def __call__(self, arrays: Sequence[Array], job: Job | None = None) -> list[Array]:
        """All outputs for one batch, in order.

        Raises:
            EngineError: The arrays do not fit, or the run fails.
            Cancelled: By the job, if one is given.
        """


def predictor(model: Model, threads: int | None = None) -> Predictor:
    """Make a network ready to run.

    Args:
        model: In memory, or the path of an ONNX file.
        threads: For ONNX Runtime; None takes all cores but one.

    Raises:
        ModelError: The file does not load.
    """
    if isinstance(model, Network):
        return TorchPredictor(model)
    return OnnxPredictor(Session(model, Options(threads=threads)))


class TorchPredictor:
    """Runs a network in evaluation mode without touching it (it may be in training elsewhere)."""

    def __init__(self, network: Network) -> None:
        self.inputs = network.inputs
        self.outputs = network.outputs
        self.runtime = torch_name()
        self._module = evaluation_copy(network.module)

    def __call__(self, arrays: Sequence[Array], job: Job | None = None) -> list[Array]:
        """All outputs for one batch (see `Predictor`)."""
        if job is not None:
            job.checkpoint()
        return in_fixed_batches(self._run, self.inputs, arrays)

    def _run(self, feed: Mapping[str, Array]) -> list[Array]:
        tensors = [torch.from_numpy(_writable(array)) for array in feed.values()]
        try:
            with torch.inference_mode():
                outputs = self._module(*tensors)
        except (RuntimeError, ValueError, IndexError, TypeError, MemoryError) as error:
            shapes = ", ".join(f"{name} {list(array.shape)}" for name, array in feed.items())
            first = (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
            raise EngineError(
                f"The network does not run on inputs of shape {shapes}: {first}",
                hint="Use a smaller batch." if "memory" in first else "",
            ) from error
        leaves = pytree.tree_leaves(outputs)
        return [_as_numpy(leaf) for leaf in leaves if isinstance(leaf, torch.Tensor)]


class OnnxPredictor:
    """Runs a file in ONNX Runtime, as its user will: with all optimizations on."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.inputs = session.inputs
        self.outputs = session.outputs
        self.runtime = runtime_name()

    def __call__(self, arrays: Sequence[Array], job: Job | None = None) -> list[Array]:
        """All outputs for one batch (see `Predictor`)."""
        return in_fixed_batches(lambda feed: self.session.run(feed, job), self.inputs, arrays)


def evaluation_copy(module: fx.GraphModule) -> fx.GraphModule:
    """A copy in evaluation mode that shares every tensor with the original."""
    tensors = [*module.parameters(), *module.buffers()]
    return copy.deepcopy(module, {id(tensor): tensor for tensor in tensors}).eval()


def in_fixed_batches(
    run: Callable[[Mapping[str, Array]], list[Array]],
    inputs: Sequence[TensorInfo],
    arrays: Sequence[Array],
) -> list[Array]:
    """Run a batch of any size through a network whose batch may be fixed in its file.

    The last part is filled up with its first sample, whose answers are dropped. A network whose
    batch may vary gets everything at once.
    """
    feed = feed_of(inputs, arrays)
    fixed = {info.shape[0] for info in inputs if info.shape and isinstance(info.shape[0], int)}
    samples = {len(array) for array in feed.values() if array.ndim}
    if len(fixed) != 1 or len(samples) != 1 or fixed == samples:
        return run(feed)
    size, total = int(next(iter(fixed))), next(iter(samples))
    if size < 1 or total < 1:
        return run(feed)
    parts: list[list[Array]] = []
    for start in range(0, total, size):
        part = {name: array[start : start + size] for name, array in feed.items()}
        missing = size - min(size, total - start)
        filled = {
            name: np.concatenate([array, np.repeat(array[:1], missing, axis=0)])
            for name, array in part.items()
        }
        outputs = run(filled if missing else part)
        parts.append([output[: size - missing] for output in outputs])
    return [np.concatenate(output) for output in zip(*parts, strict=True)]


def arrays_of(inputs: Any, names: Sequence[str] = ()) -> list[Array]:
    """A batch's inputs as a list of arrays: one array, a sequence of them, or a mapping by name."""
    if isinstance(inputs, Mapping):
        ordered = [name for name in names if name in inputs] or list(inputs)
        return [np.asarray(inputs[name]) for name in ordered]
    if isinstance(inputs, (tuple, list)):
        return [np.asarray(array) for array in inputs]
    return [np.asarray(inputs)]


def _writable(array: Array) -> Array:
    """PyTorch warns about memory that it could write to and should not."""
    return array if array.flags.writeable else array.copy()


def _as_numpy(tensor: torch.Tensor) -> Array:
    tensor = tensor.detach().cpu()
    result: Array = (tensor.float() if tensor.dtype is torch.bfloat16 else tensor).numpy()
    return result
