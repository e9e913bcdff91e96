"""Exported programs (`.pt2`): the network as PyTorch's own exchange format."""

from __future__ import annotations

from pathlib import Path

import torch
from torch.export import ExportedProgram

from engine.errors import EngineError, ModelError
from engine.info import Format
from engine.jobs.job import Job
from engine.measure.predict import TorchPredictor, evaluation_copy
from engine.measure.samples import index_limits, make_inputs
from engine.network.export import export_module
from engine.network.lift import network_from_program
from engine.network.network import Network
from engine.network.signature import example_sizes
from engine.readers.pt2 import load_program, save_program
from engine.statistics.calibration import Calibration
from engine.writers.atomic import check_writable, replacing
from engine.writers.compact import compacted
from engine.writers.verify import Verification, verify

_EXAMPLES = 2
"""Samples to trace with; 1 would be taken for a constant."""


def program_of(network: Network) -> ExportedProgram:
    """The network as an exported program with the batch (and other varying sizes) symbolic.

    Raises:
        ModelError: It cannot be traced.
    """
    limits, sizes = index_limits(network), example_sizes(network.module)
    arrays = make_inputs(network.inputs, _EXAMPLES, limits=limits, sizes=sizes)
    varying = {
        number: [axis for axis, size in enumerate(info.shape) if axis and isinstance(size, str)]
        for number, info in enumerate(network.inputs)
    }
    tensors = [torch.from_numpy(array) for array in arrays]
    return export_module(evaluation_copy(network.module), tensors, dynamic_axes=varying)


def write_pt2(network: Network, path: str | Path, job: Job) -> int:
    """Write a network as `.pt2`, checked on made-up samples; its size in bytes (see `export_pt2`).

    Raises:
        EngineError: It cannot be traced, or not be written.
        Cancelled: By the job; an older file is then as it was.
    """
    export_pt2(network, path, job)
    return Path(path).stat().st_size


def export_pt2(
    network: Network, path: str | Path, job: Job, samples: Calibration | None = None
) -> Verification:
    """Write a network as `.pt2`, without the traces that name the exporting machine's folders.

    Encoded weights are stored as integers (or halves) from which the program computes them, by
    PyTorch's own operators; quantized activations stay `aten.fake_quantize_per_tensor_affine`.
    The file is read back, lifted and compared before it takes the place of an older one.

    Raises:
        EngineError: It cannot be traced or written, or differs from the network.
        Cancelled: By the job; an older file is then as it was.
    """
    check_writable(path)
    job.checkpoint("Tracing the network", 0, 3)
    program = program_of(compacted(network) if network.encodings else network)
    job.checkpoint("Writing the file", 1, 3)
    with replacing(path) as new:
        save_program(program, new)
        job.checkpoint("Checking the file", 2, 3)
        read = network_from_program(_check(program, new), Format.PT2)
        verification = verify(network, TorchPredictor(read), job, rounded=False, samples=samples)
    job.checkpoint("Checking the file", 3, 3)
    return verification


def _check(program: ExportedProgram, path: Path) -> ExportedProgram:
    """What the file holds; raises unless that is every tensor of the program, bit for bit."""
    try:
        read = load_program(path)
    except ModelError as error:
        raise EngineError(f"The written file cannot be read back: {error.message}") from error
    for name, value in program.state_dict.items():
        other = read.state_dict.get(name)
        if other is None or not _same(value, other):
            raise EngineError(f"The written file does not hold the weights of {name!r}")
    return read


def _same(a: torch.Tensor, b: torch.Tensor) -> bool:
    if a.dtype != b.dtype or a.shape != b.shape:
        return False
    a, b = a.detach().cpu().contiguous(), b.detach().contiguous()
    if a.numel() == 0:
        return True
    return torch.equal(a.reshape(-1).view(torch.uint8), b.reshape(-1).view(torch.uint8))
