"""From an ONNX model to an `nn.Module`, and on to an exported program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import onnx_ir as ir
import torch
from torch.export import ExportedProgram

from engine.errors import EngineError, ModelError
from engine.frozen import FrozenMap
from engine.info import TensorInfo
from engine.jobs.job import Job, Quiet
from engine.network.export import export_module
from engine.readers.onnx.build import Builder
from engine.readers.onnx.examples import example, fix_inputs, infos
from engine.readers.onnx.interpreter import Interpreter, UnsupportedGraph
from engine.readers.onnx.names import Layer, find_layers
from engine.readers.onnx.operators import load_all
from engine.readers.onnx.opset import opsets, prepared
from engine.readers.onnx.sources import Sources

_QUANTIZED = "Its weights are already quantized in the file; it runs as a float simulation"
_TOLERANCE = 1e-4


@dataclass(frozen=True, slots=True, eq=False)
class Converted:
    """An ONNX model as a module.

    Attributes:
        module: In eval mode; layers are submodules at their names.
        example_inputs: One for each input, batch first.
        inputs: Of the file, in order, batch axis included.
        outputs: Likewise.
        source_names: Layer name → name of its node in the file.
        restrictions: Layer name → sentence on what holds it back.
        warnings: One sentence each.
        batch: The batch size that the file fixes; None where it may vary.
    """

    module: Interpreter
    example_inputs: tuple[torch.Tensor, ...]
    inputs: tuple[TensorInfo, ...]
    outputs: tuple[TensorInfo, ...]
    source_names: dict[str, str]
    restrictions: dict[str, str]
    warnings: list[str] = field(default_factory=list)
    batch: int | None = None


def convert(
    model: ir.Model,
    *,
    fixed_inputs: Mapping[str, str] = FrozenMap(),
    input_shapes: Mapping[str, str] = FrozenMap(),
    job: Job = Quiet(),  # noqa: B008 - it has no state
) -> Converted:
    """Convert an ONNX model; the model itself is left alone, its weights are copied.

    Args:
        model: Weights may be memory-mapped.
        fixed_inputs: Input name → constant (`"true"`, `"0.5"`, `"1,2"`), for networks that branch
            on an input.
        input_shapes: Input name → shape without batch (`"3x224x224"`), where the file leaves
            dimensions open.
        job: Told of progress.

    Raises:
        UnsupportedGraph: A valid network that cannot run as a trainable graph. Some are found only
            when the module runs: `to_program` finds all.
        ModelError: Weights that do not fit, an input that is not there, a shape that is not known.
    """
    load_all()
    job.checkpoint("Reading the graph")
    versions, warnings = opsets(model)
    copy = prepared(model)
    warnings += fix_inputs(copy.graph, fixed_inputs)
    sources = Sources(copy.graph)
    layers = find_layers(copy.graph, sources)
    builder = Builder(copy.graph, layers, sources, versions, job)
    module = builder.build()
    inputs, outputs = infos(copy.graph.inputs), infos(copy.graph.outputs)
    examples = example(copy.graph, layers, input_shapes)
    fixed = {info.shape[0] for info in inputs if info.shape and isinstance(info.shape[0], int)}
    return Converted(
        module=module,
        example_inputs=examples,
        inputs=inputs,
        outputs=outputs,
        source_names={layer.name: layer.node_name for layer in reversed(layers)},
        restrictions=_restrictions(layers) | builder.restrictions,
        warnings=warnings,
        batch=int(min(fixed)) if len(fixed) == 1 else None,
    )


def to_program(
    model: ir.Model,
    *,
    fixed_inputs: Mapping[str, str] = FrozenMap(),
    input_shapes: Mapping[str, str] = FrozenMap(),
    job: Job = Quiet(),  # noqa: B008 - it has no state
) -> tuple[ExportedProgram, Converted]:
    """Convert an ONNX model and export it with a symbolic batch where it works with any.

    A file with a fixed batch size gets a symbolic one if samples then do not mix: that is tried.

    Raises:
        UnsupportedGraph: A valid network that cannot run as a trainable graph.
        ModelError: As `convert`.
    """
    converted = convert(model, fixed_inputs=fixed_inputs, input_shapes=input_shapes, job=job)
    module = converted.module
    module.trim(converted.example_inputs)
    job.checkpoint("Tracing the network")
    if converted.batch is not None:
        module.free_batch(converted.batch)
        if not _works_for_any_batch(module, converted):
            module.fix_batch(converted.batch)
    try:
        return export_module(module, converted.example_inputs), converted
    except EngineError as error:
        raise _cause(error) from error


def _works_for_any_batch(module: Interpreter, converted: Converted) -> bool:
    """Whether two batches of different samples give what each gives alone."""
    generator = torch.Generator().manual_seed(0)
    first = converted.example_inputs
    second = tuple(_another(x, generator) for x in first)
    if any(x.dim() == 0 for x in first):
        return False
    with torch.no_grad():
        try:
            both = _flat(module(*(torch.cat(pair) for pair in zip(first, second, strict=True))))
        except EngineError:
            return False
        alone = [_flat(module(*x)) for x in (first, second)]
    joined = [torch.cat(pair) if pair[0].dim() else pair[0] for pair in zip(*alone, strict=True)]
    return all(
        a.shape == b.shape
        and torch.allclose(a.double(), b.double(), rtol=_TOLERANCE, atol=_TOLERANCE, equal_nan=True)
        for a, b in zip(both, joined, strict=True)
    )


def _another(x: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    if x.is_floating_point():
        return torch.randn(x.shape, generator=generator).to(x.dtype)
    return x.flip(-1) if x.dim() else x


def _flat(result: torch.Tensor | tuple[torch.Tensor, ...]) -> list[torch.Tensor]:
    return list(result) if isinstance(result, tuple) else [result]


def _cause(error: BaseException) -> EngineError:
    """The reader's own error, which says more than the tracer that met it."""
    found = error
    at: BaseException | None = error
    while at is not None:
        if isinstance(at, UnsupportedGraph):
            return at
        if isinstance(at, EngineError):
            found = at
        at = at.__cause__ or at.__context__
    return found if isinstance(found, EngineError) else ModelError(str(found))


def _restrictions(layers: list[Layer]) -> dict[str, str]:
    return {layer.name: _QUANTIZED for layer in layers if layer.quantized}
