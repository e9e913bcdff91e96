"""The one way to write a network: any format, checked, and an older file is never lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from engine.errors import EngineError
from engine.frozen import FrozenMap
from engine.info import Format, Target
from engine.jobs.job import Job
from engine.network.encoding import HalfEncoding
from engine.network.fake_quantize import FAKE_QUANTIZE
from engine.network.network import Network
from engine.statistics.calibration import Calibration
from engine.writers.onnx_float import OnnxOptions, Written, export_onnx
from engine.writers.pt2 import export_pt2
from engine.writers.safetensors import export_safetensors
from engine.writers.target import resolve

FORMATS = (Format.ONNX, Format.PT2, Format.SAFETENSORS)
"""What can be written."""


def write(
    network: Network,
    path: str | Path,
    job: Job,
    *,
    format: Format | str = Format.ONNX,
    target: Target = Target.AUTO,
    samples: Calibration | None = None,
) -> Written:
    """Write a network, load the file again, compare the two, and only then put it in place.

    Args:
        network: Not changed.
        path: Of the file.
        job: For progress and cancelling.
        format: `onnx`, `pt2` or `safetensors`.
        target: The kind of processor that an ONNX file of a quantized network is formed for.
        samples: Held-out ones that the comparison runs on; None makes some up.

    Raises:
        EngineError: It cannot be written in this format, or the file differs from the network.
        Cancelled: By the job; an older file is then as it was.
    """
    if format not in FORMATS:
        raise EngineError(
            f"Networks are not written as {format}", hint=f"Choose {', '.join(FORMATS)}."
        )
    return _WRITERS[Format(format)](network, Path(path), job, target, samples)


def _onnx(
    network: Network, path: Path, job: Job, target: Target, samples: Calibration | None
) -> Written:
    return export_onnx(network, path, job, OnnxOptions(target=target), samples)


def _pt2(
    network: Network, path: Path, job: Job, target: Target, samples: Calibration | None
) -> Written:
    verification = export_pt2(network, path, job, samples)
    return Written(
        path=path,
        size_bytes=path.stat().st_size,
        layer_nodes=FrozenMap(),
        difference=verification.difference,
        opset=0,
        format=Format.PT2,
        target=resolve(target),
        verification=verification,
    )


def _safetensors(
    network: Network, path: Path, job: Job, target: Target, samples: Calibration | None
) -> Written:
    verification = export_safetensors(network, path, job, samples)
    return Written(
        path=path,
        size_bytes=path.stat().st_size,
        layer_nodes=FrozenMap(),
        difference=verification.difference,
        opset=0,
        format=Format.SAFETENSORS,
        target=resolve(target),
        verification=verification,
        notes=_notes(network),
    )


def _notes(network: Network) -> tuple[str, ...]:
    """What `.safetensors` cannot hold."""
    notes = []
    if any(not isinstance(encoding, HalfEncoding) for encoding in network.encodings.values()):
        notes.append(
            "A .safetensors file keeps quantized weights as float32 values on their grid, which "
            "its metadata describes: it is no smaller. Write ONNX or .pt2 for a smaller file."
        )
    if any(node.target is FAKE_QUANTIZE for node in network.module.graph.nodes):
        notes.append(
            "A .safetensors file holds weights alone: how activations are rounded is not in it."
        )
    return tuple(notes)


_Writer = Callable[[Network, Path, Job, Target, Calibration | None], Written]
_WRITERS: Mapping[Format, _Writer] = {
    Format.ONNX: _onnx,
    Format.PT2: _pt2,
    Format.SAFETENSORS: _safetensors,
}
