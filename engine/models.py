"""Models as a user names them, made ready to run, to measure and to write."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from engine.errors import ModelError
from engine.info import TensorInfo
from engine.jobs.job import Job
from engine.jobs.requests import ModelSource
from engine.measure.predict import Model
from engine.measure.runtime import unnamed_dim
from engine.measure.samples import np_kind
from engine.network.network import Network
from engine.opened import open_model
from engine.readers.given import given_shapes
from engine.readers.open import list_model
from engine.readers.sniff import Container, sniff
from engine.writers.onnx_float import write_onnx


@contextmanager
def as_onnx(source: ModelSource, job: Job) -> Iterator[tuple[Path, tuple[TensorInfo, ...]]]:
    """The model as an ONNX file, written where it is none, with its inputs."""
    if runs_as_it_is(source):
        yield Path(source.path), list_model(source, job).inputs
        return
    model = open_model(source, job)
    written = model.fact("as ONNX", lambda: _Written(model.network, source, job))
    if not written.path.is_file():  # something has tidied the temporary folder
        written = _Written(model.network, source, job)
    yield written.path, model.network.inputs


class _Written:
    """A network as an ONNX file, which is there for as long as this is."""

    def __init__(self, network: Network, source: ModelSource, job: Job) -> None:
        folder = tempfile.mkdtemp(prefix="espalier-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self.path = Path(folder) / f"{Path(source.path).stem}.onnx"
        write_onnx(network, self.path, job)


def runs_as_it_is(source: ModelSource) -> bool:
    """Whether it is an ONNX file for ONNX Runtime: its listing is enough, and is there sooner."""
    return not source.fixed_inputs and sniff(source.path) is Container.ONNX


def open_sizes(inputs: tuple[TensorInfo, ...], source: ModelSource) -> dict[str, int]:
    """Name of each dimension that the file leaves open → its size, where the user gives one."""
    sizes: dict[str, int] = {}
    given = given_shapes(inputs, source.input_shapes)
    for info in inputs:
        for axis, size in enumerate(given[info.name].split("x") if info.name in given else (), 1):
            names = (str(info.shape[axis]), unnamed_dim(info.name, axis))
            sizes |= dict.fromkeys(names, int(size))
    return sizes


def ready(
    source: ModelSource, job: Job, *, sized: bool = False
) -> tuple[Model, tuple[TensorInfo, ...], tuple[TensorInfo, ...]]:
    """What to run, its inputs and its outputs: an ONNX file itself, else the network.

    Args:
        source: The model.
        job: For progress and cancelling.
        sized: Inputs need a size where the file leaves it open, which only the network has.
    """
    as_it_is = runs_as_it_is(source)
    if as_it_is and not sized:
        info = list_model(source, job)
        return source.path, per_sample(info.inputs, source), per_sample(info.outputs, source)
    network = open_model(source, job).network
    return source.path if as_it_is else network, network.inputs, network.outputs


def per_sample(tensors: tuple[TensorInfo, ...], source: ModelSource) -> tuple[TensorInfo, ...]:
    """As a network has them: the first axis is the batch, whatever size the file fixes it to."""
    strange = next((info for info in tensors if np_kind(info) == "?"), None)
    if strange is not None:
        raise ModelError(
            f"{strange.name!r} of {source.path} is of type {strange.dtype}, and networks that take "
            "and give numbers can be measured",
            hint="Export the network without what turns texts into numbers.",
        )
    return tuple(replace(info, shape=("batch", *info.shape[1:])) for info in tensors)
