"""TorchScript: listed from the archive, converted by torch's own converter, which may abort.

So it runs in the child alone. The archive's code is TorchScript, which cannot import; what could
touch files is refused before it is loaded.
"""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.export import ExportedProgram
from torch.export.graph_signature import InputKind

from engine.errors import ModelError
from engine.info import Format
from engine.network.export import export_module
from engine.readers.examples import Input, Inspection
from engine.readers.inert import Thing, TorchFile
from engine.readers.limits import MIB, open_archive
from engine.readers.listing import Sketch, entries_of_tensors
from engine.readers.stored import Stored

_FILES = re.compile(rb"\b(?:torch|aten|ops\.aten)\s*\.\s*(save|from_file|load)\s*\(")
CODE_BYTES = 64 * MIB
_MANGLED = re.compile(r"\.___torch_mangle_\d+")


def sketch_torchscript(file: TorchFile) -> Sketch:
    """The layers of a TorchScript archive, kinds from the names of its classes."""
    tensors: dict[str, Stored] = {}
    classes: dict[str, str] = {}
    pending: list[tuple[str, Any, int]] = [("", file.root, 0)]
    while pending:
        prefix, thing, depth = pending.pop()
        if not isinstance(thing, Thing) or depth > 200:
            continue
        classes[prefix.rstrip(".")] = _MANGLED.sub("", thing.path)
        state = thing.state if isinstance(thing.state, dict) else {}
        children = []
        for name, value in state.items():
            if (tensor := file.tensor(value)) is not None:
                tensors[f"{prefix}{name}"] = tensor
            elif isinstance(value, Thing) and value.path.startswith("__torch__"):
                children.append((f"{prefix}{name}.", value, depth + 1))
        pending += reversed(children)
    return Sketch(Format.TORCHSCRIPT, entries_of_tensors(tensors, classes))


def check_code(path: Path) -> None:
    """Refuse TorchScript that opens files.

    Raises:
        ModelError: It does.
    """
    with open_archive(path) as archive:
        for name in archive.namelist():
            if "/code/" not in name or not name.endswith(".py"):
                continue
            if archive.getinfo(name).file_size > CODE_BYTES:
                raise _refused(path, "has more code than any network")
            if (found := _FILES.search(archive.read(name))) is not None:
                raise _refused(path, f"would open files when it is loaded ({found[1].decode()})")


def _refused(path: Path, what: str) -> ModelError:
    return ModelError(
        f"{path} is a TorchScript archive that {what}", hint="It was not opened.", where=str(path)
    )


def convert(path: Path, inputs: list[Input]) -> tuple[ExportedProgram, list[str]]:
    """Convert a TorchScript archive, and the names of its inputs.

    Raises:
        Inspection: The converter cannot; it opens for inspection.
        ModelError: The archive is damaged.
    """
    from torch._export.converter import TS2EPConverter

    check_code(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            script = torch.jit.load(str(path), map_location="cpu").eval()  # type: ignore[no-untyped-call]  # torch has no types there
        except RuntimeError as error:
            raise ModelError(
                f"{path} is a TorchScript archive that is damaged or of another version of torch "
                f"({_first_line(error)})",
                hint="Save it again with this version of torch.",
                where=str(path),
            ) from error
        names = _input_names(script, path)
        examples = tuple(spec.example() for spec in inputs)
        try:
            with torch.no_grad():
                script(*examples)
        except Exception as error:
            raise Inspection(
                f"{path.name} does not run with an input of that shape: {_last_line(error)}",
                hint="Give the shape that it was made for.",
                where=str(path),
            ) from error
        parameters = {name for name, _ in script.named_parameters()}
        try:
            program = with_parameters(TS2EPConverter(script, examples).convert(), parameters)
            # the converter makes every size symbolic, which hides the shapes
            program = export_module(plain_module(program), examples)
        except Exception as error:
            raise Inspection(
                f"{path.name} is TorchScript that cannot be converted: {_first_line(error)}",
                hint="Export the original network with torch.export.",
                where=str(path),
            ) from error
    return program, names[: len(inputs)]


def _input_names(script: torch.jit.ScriptModule, path: Path) -> list[str]:
    """The names of its inputs.

    Raises:
        Inspection: Some are no tensors.
    """
    arguments = script.forward.schema.arguments[1:]  # type: ignore[attr-defined]  # an attribute of a module, whose kind is known here
    for argument in arguments:
        kind = str(argument.type)
        if kind != "Tensor" and not argument.has_default_value():
            raise Inspection(
                f"{path.name} takes the input {argument.name!r} as {kind}, not as a tensor",
                hint="Export the original network with torch.export, that input fixed.",
                where=str(path),
            )
    return [str(argument.name) for argument in arguments]


def plain_module(program: ExportedProgram) -> nn.Module:
    """A program's module, without torch's refusal to switch it to eval mode, where it is."""
    module = program.module(check_guards=False)
    for name in ("train", "eval"):
        vars(module).pop(name, None)
    return module


def with_parameters(program: ExportedProgram, names: set[str]) -> ExportedProgram:
    """Make parameters of what the converter took for constants: free tensors of the network."""
    for spec in program.graph_signature.input_specs:
        if spec.target in names and spec.kind in (InputKind.BUFFER, InputKind.CONSTANT_TENSOR):
            value = program.constants.pop(spec.target, program.state_dict.get(spec.target))
            program.state_dict[spec.target] = nn.Parameter(value)
            spec.kind, spec.persistent = InputKind.PARAMETER, None
    return program


def _first_line(error: BaseException) -> str:
    return next((s.strip()[:200] for s in str(error).splitlines() if s.strip()), "")


def _last_line(error: BaseException) -> str:
    return next((s.strip()[:200] for s in reversed(str(error).splitlines()) if s.strip()), "")
