"""The part of a float ONNX export that runs in a child process: seconds of it hold the lock.

The parent leaves `program.pt2` in the folder; this leaves `model.onnx` and, for
large ones, a file of external data.
"""

from __future__ import annotations

import hashlib
import logging
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx
import onnx_ir as ir
import torch
from onnxscript import optimizer
from torch.export import ExportedProgram

from engine.errors import EngineError
from engine.info import Target
from engine.jobs.job import Job
from engine.readers.pt2 import load_program
from engine.writers.fake_quantize import translations
from engine.writers.onnx_names import Naming, rename
from engine.writers.onnx_quantized import is_rounded, quantize_model
from engine.writers.onnx_shortcuts import convolve_shortcuts
from engine.writers.stored import load_stored

PROGRAM = "program.pt2"
MODEL = "model.onnx"
_DATA = "weights.data"
_STEPS = 5


def export(arguments: dict[str, Any], folder: Path, job: Job) -> dict[str, Any]:
    """Write `model.onnx` from `program.pt2`.

    Args:
        arguments: `opset`; `naming`, what `Naming.as_json` gave; `external_bytes`, from which
            size on weights go into a file of their own; `stem`, of the final file's name;
            `quantized`, whether any of it is; `encodings`, what `save_stored` gave; `target`.
        folder: Of both files.
        job: For the progress.

    Returns:
        `layers`: layer name → `[node names, tensor names]`; `data`: name of the file of external
        data, empty without one; `notes`: sentences for the user; `rounded`: something is
        computed in integers.

    Raises:
        EngineError: An operator cannot be written as ONNX.
    """
    job.checkpoint("Loading the network", 0, _STEPS)
    program = load_program(folder / PROGRAM)
    naming = Naming.from_json(arguments["naming"])
    job.checkpoint("Translating to ONNX", 1, _STEPS)
    model = translate(program, int(arguments["opset"]))
    job.checkpoint("Simplifying", 2, _STEPS)
    optimizer.optimize_ir(model, should_fold=keep_weights(naming))
    layers = rename(model, naming)
    notes: list[str] = []
    if arguments["quantized"]:
        stored = load_stored(folder, arguments["encodings"])
        notes = quantize_model(model, stored, naming, Target(arguments["target"]))
    else:
        convolve_shortcuts(model)
    job.checkpoint("Writing", 3, _STEPS)
    data = ""
    if _weight_bytes(model) >= int(arguments["external_bytes"]):
        ir.save(model, folder / MODEL, external_data=_DATA)
        data = _name_data(folder, str(arguments["stem"]))
    else:
        ir.save(model, folder / MODEL)
    job.checkpoint("Checking the file", 4, _STEPS)
    _check(folder / MODEL, external=bool(data))
    job.checkpoint("Checking the file", _STEPS, _STEPS)
    return {"layers": layers, "data": data, "notes": notes, "rounded": is_rounded(model)}


def translate(program: ExportedProgram, opset: int) -> ir.Model:
    """The program in ONNX operators, not yet simplified.

    Raises:
        EngineError: An operator has no translation.
    """
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exported = torch.onnx.export(
                program,
                dynamo=True,
                optimize=False,
                verbose=False,
                opset_version=opset,
                custom_translation_table=translations(),
            )
    except torch.onnx.errors.OnnxExporterError as error:
        raise EngineError(
            f"The network cannot be written as ONNX: {_cause(error)}",
            hint="Write it as .pt2 or .safetensors, which hold any network.",
        ) from error
    finally:
        logging.disable(logging.NOTSET)
    assert exported is not None
    model: ir.Model = exported.model
    return model


def _cause(error: BaseException) -> str:
    """The innermost reason's first line; the outer ones are a report for developers."""
    while error.__cause__ is not None:
        error = error.__cause__
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__)[:300]


def keep_weights(naming: Naming) -> Callable[[ir.Node], bool | None]:
    """What the simplifier may compute in advance: nothing that would take a layer's weight away.

    A position table that is sliced, or a tied weight that is transposed, stays one tensor of the
    file under its own name; ONNX Runtime computes it in advance when it loads the file.
    """

    def decide(node: ir.Node) -> bool | None:
        for value in node.inputs:
            if value is None or value.name not in naming.owners:
                continue
            if naming.is_table(value.name):
                return False
            others = {use.node.op_type for use in value.uses()}
            if node.op_type == "Transpose" and others != {"Transpose"}:
                return False
        return None

    return decide


def _weight_bytes(model: ir.Model) -> int:
    tensors = [v.const_value for v in model.graph.initializers.values()]
    return sum(tensor.nbytes for tensor in tensors if tensor is not None)


def _name_data(folder: Path, stem: str) -> str:
    """Name the data file after its contents; the name.

    So a new export never overwrites the data of the file that it replaces, and both are whole at
    every moment.
    """
    with (folder / _DATA).open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    name = f"{stem}.{digest[:12]}.data"
    proto = onnx.load(folder / MODEL, load_external_data=False)
    for tensor in proto.graph.initializer:
        for entry in tensor.external_data:
            if entry.key == "location":
                entry.value = name
    (folder / _DATA).rename(folder / name)
    (folder / MODEL).write_bytes(proto.SerializeToString(deterministic=True))
    return name


def _check(path: Path, *, external: bool) -> None:
    """Have onnx's own checker look at the file; shapes too, where that needs no second copy."""
    try:
        onnx.checker.check_model(str(path), full_check=not external)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        first = (str(error).strip().splitlines() or [""])[0]
        raise EngineError(
            f"The exported file does not pass ONNX's own check: {first[:300]}",
            hint="Write it as .pt2 or .safetensors; this network meets a fault of the exporter.",
        ) from error
