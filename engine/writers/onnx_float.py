"""ONNX files: exported in a child process, named like the network, checked, then in place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from torch import nn

from engine.errors import EngineError, ModelError
from engine.frozen import FrozenMap
from engine.info import Format, LayerKind, Target
from engine.jobs.job import Job
from engine.measure.compare import Difference, compare
from engine.measure.predict import OnnxPredictor
from engine.measure.runtime import Session
from engine.measure.size import external_files, file_size
from engine.network.fake_quantize import FAKE_QUANTIZE
from engine.network.leaves import uses
from engine.network.network import Network
from engine.readers.limits import limits_for
from engine.readers.pt2 import save_program
from engine.statistics.calibration import Calibration
from engine.writers import onnx_export, onnx_quantized
from engine.writers.atomic import check_writable, copy_file, replacing, writing
from engine.writers.child import run_task, workplace
from engine.writers.onnx_names import Naming
from engine.writers.pt2 import program_of
from engine.writers.stored import save_stored
from engine.writers.target import resolve
from engine.writers.verify import Verification, verify

EXTERNAL_BYTES = 1_800_000_000
"""From this size on weights go into a file of their own; protobuf ends at 2 GiB."""
TOLERANCE = 1e-4
"""Largest difference from the network, as a part of an output's largest value."""
_TASK = "engine.writers.onnx_export:export"
_OPSET = 20
_OPSETS: Mapping[type[nn.Module], int] = {nn.GroupNorm: 21, nn.RMSNorm: 23}
"""Layers that are one operator only from this opset on; before, they fall apart."""


@dataclass(frozen=True, slots=True)
class Written:
    """A file that was written and checked.

    Attributes:
        path: Where it is.
        size_bytes: External data included.
        layer_nodes: Layer → names of its nodes in the file, and of its tensors. Several layers
            share a node where one was folded into the other. Empty for other formats than ONNX.
        difference: From the network, measured in ONNX Runtime (PyTorch for other formats).
        opset: Of the file; 0 for other formats than ONNX.
        format: Of the file.
        target: The kind of processor that it was formed for.
        verification: How it was compared with the network; None where `difference` says it all.
        notes: What the user must know of it, one sentence each.
    """

    path: Path
    size_bytes: int
    layer_nodes: FrozenMap[tuple[tuple[str, ...], tuple[str, ...]]]
    difference: Difference
    opset: int
    format: Format = Format.ONNX
    target: Target = Target.PORTABLE
    verification: Verification | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OnnxOptions:
    """How an ONNX file is written.

    Attributes:
        opset: By default 20, or what the network needs.
        external_bytes: From this size on, weights go into a file of their own.
        target: What the quantized parts are formed for.
    """

    opset: int | None = None
    external_bytes: int = EXTERNAL_BYTES
    target: Target = Target.AUTO


def write_onnx(
    network: Network,
    path: str | Path,
    job: Job,
    *,
    opset: int | None = None,
    external_bytes: int = EXTERNAL_BYTES,
) -> Written:
    """Write a network as ONNX for this processor, checked on made-up samples (see `export_onnx`).

    Raises:
        EngineError: It cannot be traced, exported, written, or differs from the network.
        Cancelled: By the job; an older file is then as it was.
    """
    return export_onnx(network, path, job, OnnxOptions(opset, external_bytes))


def export_onnx(
    network: Network,
    path: str | Path,
    job: Job,
    options: OnnxOptions,
    samples: Calibration | None = None,
) -> Written:
    """Write a network as ONNX, with its own layer names and a symbolic batch.

    Batch norm is folded into the convolution before it; encoded weights become integers, fake
    quantization becomes QuantizeLinear and DequantizeLinear. The file is checked by onnx's checker
    and compared with the network in ONNX Runtime before it takes the place of an older one.

    Args:
        network: Not changed.
        path: Of the file; external data of large networks lies beside it.
        job: Progress; cancelling kills the child process that exports.
        options: How.
        samples: To compare on; None makes some up.

    Raises:
        EngineError: It cannot be traced, exported, written, or differs from the network.
        Cancelled: By the job; an older file is then as it was.
    """
    path = Path(path)
    check_writable(path)
    job.checkpoint("Tracing the network", 0, 0)
    program = program_of(network)
    opset = options.opset or opset_for(network)
    target = resolve(options.target)
    with workplace() as folder:
        with writing(path):
            save_program(program, folder / onnx_export.PROGRAM)
            encodings = save_stored(network, folder)
        size = (folder / onnx_export.PROGRAM).stat().st_size
        arguments = {
            "opset": opset,
            "naming": naming_of(network).as_json(),
            "external_bytes": options.external_bytes,
            "stem": path.stem,
            "quantized": is_quantized(network),
            "encodings": encodings,
            "target": target,
        }
        result = run_task(_TASK, arguments, folder, limits_for(size), job)
        exported = folder / onnx_export.MODEL
        if is_quantized(network):
            file = OnnxPredictor(Session(exported))
            verification = verify(
                network, file, job, rounded=bool(result["rounded"]), samples=samples
            )
            difference = verification.difference
        else:
            verification, difference = None, check_agreement(network, exported, job)
        _install(exported, path, str(result["data"]), job)
    nodes = {name: (tuple(n), tuple(t)) for name, (n, t) in result["layers"].items()}
    return Written(
        path=path,
        size_bytes=file_size(path),
        layer_nodes=FrozenMap(nodes),
        difference=difference,
        opset=opset,
        target=target,
        verification=verification,
        notes=tuple(result.get("notes", ())),
    )


def is_quantized(network: Network) -> bool:
    """Whether anything of it is stored or computed in less than float."""
    return bool(network.encodings) or any(
        node.target is FAKE_QUANTIZE for node in network.module.graph.nodes
    )


def check_agreement(network: Network, path: Path, job: Job) -> Difference:
    """Compare a file that was written with the network it was made from.

    Raises:
        EngineError: They differ by more than `TOLERANCE`.
    """
    difference = compare(network, path, job)
    if difference.max_relative > TOLERANCE and difference.max_abs > TOLERANCE:
        raise EngineError(
            f"The exported file differs from the network by {difference.max_relative:.1e} of its "
            "largest output, so it was not written",
            hint="Write it as .pt2 or .safetensors; this network meets a fault of the exporter.",
        )
    return difference


def opset_for(network: Network) -> int:
    """The lowest opset, 20 or later, in which each of the network's layers is one operator."""
    needed = [_OPSETS[type(m)] for m in network.module.modules() if type(m) in _OPSETS]
    if is_quantized(network):
        needed.append(onnx_quantized.OPSET)
    return max(needed, default=_OPSET)


def naming_of(network: Network) -> Naming:
    """The names that the network's file shall have: those of its layer table."""
    layers: dict[str, tuple[str, ...]] = {}
    tables: set[str] = set()
    first: dict[int, str] = {}
    tied: dict[str, str] = {}
    for use in uses(network.module):
        own = {use.name: use.weight}
        if use.module is not None:
            own = {f"{use.name}.{n}": t for n, t in use.module.named_parameters(recurse=False)}
        layers[use.name] = tuple(own)
        if use.kind in (LayerKind.PARAMETER, LayerKind.EMBEDDING):
            tables.update(own)
        for name, tensor in own.items():
            kept = first.setdefault(id(tensor), name)
            if kept != name:
                tied[name] = kept
    return Naming(
        tuple(info.name for info in network.inputs),
        tuple(info.name for info in network.outputs),
        tuple(info.shape for info in network.inputs),
        layers,
        frozenset(tables),
        tied,
    )


def _install(exported: Path, path: Path, data: str, job: Job) -> None:
    """Put the exported file, and its data before it, in their places."""
    old = _old_data(path)
    if data:
        with replacing(path.with_name(data)) as new:
            copy_file(exported.with_name(data), new, job)
    try:
        with replacing(path) as new:
            copy_file(exported, new, job)
    except BaseException:
        if data and path.with_name(data) not in old:
            path.with_name(data).unlink(missing_ok=True)
        raise
    for file in old:
        if file.name != data:
            file.unlink(missing_ok=True)


def _old_data(path: Path) -> list[Path]:
    """Data files that belong to the file that is about to be replaced, and were written here."""
    if not path.is_file():
        return []
    pattern = re.compile(rf"{re.escape(path.stem)}\.[0-9a-f]{{12}}\.data")
    try:
        return [file for file in external_files(path) if pattern.fullmatch(file.name)]
    except ModelError:
        return []
