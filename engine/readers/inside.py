"""What the child does with a file: list it, or make a network of it.

Arguments and results are plain data; `open` gives the former and checks the latter.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.export import ExportedProgram

from engine.errors import EngineError, ModelError
from engine.info import Format, NetworkInfo
from engine.jobs.job import Job
from engine.network.export import export_module
from engine.readers.architecture import build, fill
from engine.readers.checkpoint import (
    load_safetensors,
    load_state_dict,
    sketch_safetensors,
    sketch_state_dict,
)
from engine.readers.examples import Input, Inspection, inputs_for, shape_missing
from engine.readers.given import fix_hint, given_shapes
from engine.readers.inert import open_torch
from engine.readers.limits import GIB, MIB, UNCERTAIN
from engine.readers.listing import network_info, nonfinite_warning, without_prefix
from engine.readers.onnx.convert import Converted, to_program
from engine.readers.onnx.listing import sketch_loaded
from engine.readers.onnx.load import Loaded, load_model
from engine.readers.pickled import load_pickled, module_of, sketch_pickled
from engine.readers.pt2 import load_program, save_program
from engine.readers.pt2_listing import sketch_pt2
from engine.readers.sniff import Container, sniff
from engine.readers.torchscript import convert, sketch_torchscript
from engine.readers.trust import pickle_needs_trust
from engine.readers.wire import info_to_json

NETWORK = "network.pt2"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request's arguments, as `open` sends them."""

    path: Path
    architecture: str = ""
    trusted: bool = False
    input_shapes: Mapping[str, str] = field(default_factory=dict)
    fixed_inputs: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def of(arguments: Mapping[str, Any]) -> Asked:
        """From plain data."""
        return Asked(**{**arguments, "path": Path(arguments["path"])})


@dataclass(slots=True)
class Made:
    """A program, and what the file says about it beyond the program itself."""

    program: ExportedProgram
    form: Format
    input_names: list[str] = field(default_factory=list)
    output_names: list[str] = field(default_factory=list)
    source_names: dict[str, str] = field(default_factory=dict)
    restrictions: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    prefix: str = ""
    """What the names of the file have before those of the network."""


@dataclass(slots=True)
class Known:
    """A file that is listed, and how to make a network of it."""

    info: NetworkInfo
    make: Callable[[], Made]


def list_file(arguments: Mapping[str, Any], folder: Path, job: Job) -> dict[str, Any]:
    """The quick listing; makes no network."""
    return {"info": info_to_json(_open(Asked.of(arguments), job).info)}


def read_file(arguments: Mapping[str, Any], folder: Path, job: Job) -> dict[str, Any]:
    """The listing, and the network in `folder` where one can be made, else why not."""
    known = _open(Asked.of(arguments), job)
    result: dict[str, Any] = {"info": info_to_json(known.info)}
    try:
        made = known.make()
    except Inspection as reason:
        return {**result, "reason": reason.message, "hint": reason.hint}
    job.checkpoint("Handing the network over")
    _check_room(made.program, folder)
    save_program(made.program, folder / NETWORK)
    return {
        "info": info_to_json(without_prefix(known.info, made.prefix)),
        "network": {
            "format": made.form.value,
            "input_names": made.input_names,
            "output_names": made.output_names,
            "source_names": made.source_names,
            "restrictions": made.restrictions,
            "warnings": [*made.warnings, *_nonfinite(made.program, job)],
        },
    }


def _check_room(program: ExportedProgram, folder: Path) -> None:
    needed = sum(t.nbytes for t in program.state_dict.values()) + 64 * MIB
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise ModelError(
            f"The temporary folder has {free / GIB:.1f} GiB left, and this network needs "
            f"{needed / GIB:.1f} GiB there while it is opened",
            hint="Make room, or set TMPDIR to a folder with more.",
            where=str(folder.parent),
        )


def _nonfinite(program: ExportedProgram, job: Job) -> list[str]:
    """A warning for each layer with NaN or infinity, every value looked at."""
    warnings = []
    for done, (name, tensor) in enumerate(program.state_dict.items()):
        job.checkpoint("Checking weights", done, len(program.state_dict))
        if tensor.is_floating_point() and not bool(tensor.isfinite().all()):
            warnings.append(nonfinite_warning(name.rpartition(".")[0] or name))
    return warnings


TASKS: dict[str, Callable[[Mapping[str, Any], Path, Job], dict[str, Any]]] = {
    "list": list_file,
    "read": read_file,
}


def _open(asked: Asked, job: Job) -> Known:
    job.checkpoint("Looking at the file")
    container = sniff(asked.path)
    try:
        return _OPENERS[container](asked, job)
    except (EngineError, MemoryError):
        raise
    except Exception as error:
        what = (str(error).strip().splitlines() or [""])[0][:160]
        raise ModelError(
            f"{asked.path} is {container} that cannot be read: it is damaged, or uses what is not "
            f"known here ({type(error).__name__}: {what})",
            hint=UNCERTAIN,
            where=str(asked.path),
        ) from error


def _onnx(asked: Asked, job: Job) -> Known:
    job.checkpoint("Parsing the graph")
    loaded = load_model(asked.path)
    info = network_info(asked.path, sketch_loaded(loaded), job)

    given = given_shapes(info.inputs, asked.input_shapes)

    def make() -> Made:
        program, converted = _onnx_program(loaded, asked, info, given, job)
        return Made(
            program,
            Format.ONNX,
            [tensor.name for tensor in converted.inputs],
            [tensor.name for tensor in converted.outputs],
            dict(converted.source_names),
            dict(converted.restrictions),
            list(converted.warnings),
        )

    return Known(info, make)


def _onnx_program(
    loaded: Loaded, asked: Asked, info: NetworkInfo, given: Mapping[str, str], job: Job
) -> tuple[ExportedProgram, Converted]:
    try:
        return to_program(
            loaded.model, fixed_inputs=asked.fixed_inputs, input_shapes=given, job=job
        )
    except (MemoryError, Inspection):
        raise
    except ModelError as error:
        hint = fix_hint(error.hint, info.inputs) or _WITHOUT
        raise Inspection(error.message, hint=hint, where=error.where) from error
    except Exception as error:
        raise Inspection(_reason(error), hint=_WITHOUT, where=str(asked.path)) from error


_WITHOUT = (
    "It opens for inspection and for what changes weights alone; to train or prune it, export it "
    "without this part."
)


def _reason(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    text = lines[0][:300] if lines else type(error).__name__
    return f"The graph cannot be made trainable: {text}"


def _pt2(asked: Asked, job: Job) -> Known:
    job.checkpoint("Reading the program")
    info = network_info(asked.path, sketch_pt2(asked.path), job)
    return Known(info, lambda: Made(load_program(asked.path), Format.PT2))


def _torchscript(asked: Asked, job: Job) -> Known:
    sketch = sketch_torchscript(open_torch(asked.path))
    info = network_info(asked.path, sketch, job)

    def make() -> Made:
        inputs = _inputs(asked)
        job.checkpoint("Converting TorchScript")
        program, names = convert(asked.path, inputs)
        return Made(program, Format.TORCHSCRIPT, names)

    return Known(info, make)


def _inputs(asked: Asked) -> list[Input]:
    inputs = inputs_for(asked.path, asked.input_shapes)
    if not inputs:
        raise shape_missing(asked.path)
    return inputs


def _torch(asked: Asked, job: Job) -> Known:
    """A file of torch.save: a pickled module, or weights."""
    file = open_torch(asked.path)
    module = module_of(file)
    if module is None:
        info = network_info(asked.path, sketch_state_dict(asked.path, file), job)
        return _weights(asked, job, info, lambda: load_state_dict(asked.path, job))
    if not asked.trusted:
        raise pickle_needs_trust(str(asked.path), file.imports)
    info = network_info(asked.path, sketch_pickled(file, module), job)
    return Known(info, lambda: _exported(load_pickled(asked.path), asked, Format.PICKLE, job))


def _safetensors(asked: Asked, job: Job) -> Known:
    info = network_info(asked.path, sketch_safetensors(asked.path), job)
    return _weights(asked, job, info, lambda: load_safetensors(asked.path))


def _weights(
    asked: Asked, job: Job, info: NetworkInfo, load: Callable[[], dict[str, torch.Tensor]]
) -> Known:
    def make() -> Made:
        if not asked.architecture:
            raise Inspection(
                f"{asked.path.name} holds weights without a graph",
                hint="Give the code that builds the network, as FILE.py:FACTORY.",
                where=str(asked.path),
            )
        job.checkpoint("Building the network")
        network = build(asked.architecture)
        prefix = fill(network, load(), asked.architecture, str(asked.path))
        return replace(_exported(network, asked, info.format, job), prefix=prefix)

    return Known(info, make)


def _exported(module: nn.Module, asked: Asked, form: Format, job: Job) -> Made:
    """Trace a module with the inputs that the user or the JSON beside the file gives."""
    inputs = _inputs(asked)
    job.checkpoint("Tracing the network")
    varying = {index: spec.varying for index, spec in enumerate(inputs)}
    failure: ModelError | None = None
    whole_numbers = [None, torch.int64] if any(i.dtype is None for i in inputs) else [None]
    for dtype in whole_numbers:
        examples = [spec.example(None if spec.dtype is not None else dtype) for spec in inputs]
        try:
            program = export_module(module, examples, dynamic_axes=varying)
        except ModelError as error:
            failure = failure or error
            continue
        return Made(program, form, [spec.name for spec in inputs if spec.name])
    assert failure is not None
    raise Inspection(failure.message, hint=failure.hint, where=str(asked.path))


_OPENERS: dict[Container, Callable[[Asked, Job], Known]] = {
    Container.ONNX: _onnx,
    Container.PT2: _pt2,
    Container.PT2_OLD: _pt2,
    Container.TORCHSCRIPT: _torchscript,
    Container.TORCH: _torch,
    Container.TORCH_OLD: _torch,
    Container.SAFETENSORS: _safetensors,
}
