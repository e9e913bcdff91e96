"""From an ONNX model to an `nn.Module`, and on to an exported program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import onnx_ir as ir
import torch
from torch.export import ExportedProgram

from engine.errors import EngineError, ModelError
from engine.frozen import FrozenMap
from engine.info import TensorInfo
from engine.jobs.job import Job, Quiet
from engine.network.export import export_module, fixed_axes
from engine.readers.onnx.build import Builder
from engine.readers.onnx.cut import cut_tail
from engine.readers.onnx.examples import examples, fix_inputs, infos, open_axes, open_hint
from engine.readers.onnx.interpreter import Interpreter, UnsupportedGraph
from engine.readers.onnx.names import Layer, find_layers
from engine.readers.onnx.operators import load_all
from engine.readers.onnx.opset import opsets, prepared
from engine.readers.onnx.sources import Sources

_QUANTIZED = "Its weights are already quantized in the file; it runs as a float simulation"
Axes = Mapping[int, tuple[int, ...]]
"""Input number → axes beyond the batch."""
_TOLERANCE = 1e-4
_LONG = 224


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
        open_axes: Input number → axes beyond the batch whose size the file leaves open.
        other_inputs: Examples of other usual sizes, for a network that the first do not fit.
        open_hint: What the user can do when none fits; empty where no size is open.
    """

    module: Interpreter
    example_inputs: tuple[torch.Tensor, ...]
    inputs: tuple[TensorInfo, ...]
    outputs: tuple[TensorInfo, ...]
    source_names: dict[str, str]
    restrictions: dict[str, str]
    warnings: list[str] = field(default_factory=list)
    batch: int | None = None
    open_axes: Axes = field(default_factory=dict)
    other_inputs: Sequence[tuple[torch.Tensor, ...]] = ()
    open_hint: str = ""


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
        input_shapes: Input name → shape without batch (`"3x224x224"`) to trace with, where the
            file leaves dimensions open.
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
    candidates = examples(copy.graph, layers, input_shapes)
    firsts = {info.shape[0] for info in inputs if info.shape}
    fixed = firsts.pop() if len(firsts) == 1 else None
    return Converted(
        module=module,
        example_inputs=candidates[0],
        inputs=inputs,
        outputs=outputs,
        source_names={layer.name: layer.node_name for layer in reversed(layers)},
        restrictions=_restrictions(layers) | builder.restrictions,
        warnings=warnings,
        batch=fixed if isinstance(fixed, int) else None,
        open_axes=open_axes(copy.graph, layers),
        other_inputs=candidates[1:],
        open_hint=open_hint(copy.graph, layers, input_shapes),
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
    Other sizes that the file leaves open stay open where the network can be traced so; where not,
    a warning says which size was taken. What cannot run is cut off where no weights follow it.

    Raises:
        UnsupportedGraph: A valid network that cannot run as a trainable graph.
        ModelError: As `convert`.
    """
    converted = _runnable(model, fixed_inputs, input_shapes, job)
    module = converted.module
    job.checkpoint("Tracing the network")
    rigid = False
    if converted.batch is not None:
        module.free_batch(converted.batch)
        rigid = not _works_for_any_batch(module, converted)
        if rigid:
            module.fix_batch(converted.batch)
    try:
        return _exported(converted, rigid=rigid), converted
    except EngineError as error:
        raise _cause(error) from error


def _runnable(
    model: ir.Model, fixed_inputs: Mapping[str, str], input_shapes: Mapping[str, str], job: Job
) -> Converted:
    """Converted and trimmed; cut before what cannot run, where only post-processing follows."""
    cuts: list[str] = []
    while True:
        converted = convert(model, fixed_inputs=fixed_inputs, input_shapes=input_shapes, job=job)
        try:
            converted = _fitted(converted, job)
        except UnsupportedGraph as error:
            if not cuts:
                model = prepared(model)
            warning = cut_tail(model, error)
            if not warning:
                raise
            cuts.append(warning)
            continue
        converted.warnings.extend(cuts)
        return converted


def _fitted(converted: Converted, job: Job) -> Converted:
    """Trimmed, with the first of the example inputs that the network takes.

    Raises:
        UnsupportedGraph: It takes none because a node cannot be part of a trainable graph.
        ModelError: It takes none.
    """
    failure: ModelError | None = None
    for inputs in (converted.example_inputs, *converted.other_inputs):
        job.checkpoint("Trying input sizes")
        try:
            converted.module.trim(inputs)
        except UnsupportedGraph:
            raise
        except ModelError as error:
            failure = failure or error
            continue
        return replace(converted, example_inputs=inputs)
    assert failure is not None
    raise ModelError(
        failure.message, hint=failure.hint or converted.open_hint, where=failure.where
    ) from failure


def _exported(converted: Converted, *, rigid: bool) -> ExportedProgram:
    """The program, with the sizes open that the file leaves open, if that can be."""
    module, examples, axes = converted.module, converted.example_inputs, converted.open_axes
    if not axes:
        return export_module(module, examples)
    sample = None if rigid else _at_other_sizes(converted, axes)
    fixed = axes
    if sample is not None:
        program = export_module(module, examples, dynamic_axes=axes)
        fixed = fixed_axes(program, axes)
        if fixed:
            sample = _at_other_sizes(converted, _without(axes, fixed))
    if sample is None or not _gives(program, *sample):
        program, fixed = export_module(module, examples), axes
    converted.warnings.extend(
        _size_taken(converted, index, axis) for index in fixed for axis in fixed[index]
    )
    return program


def _size_taken(converted: Converted, index: int, axis: int) -> str:
    info, size = converted.inputs[index], converted.example_inputs[index].shape[axis]
    return (
        f"The file leaves dimension {axis} ({info.shape[axis]}) of input {info.name!r} open, but "
        f"the network can be traced for one size only: it is {size} from here on; "
        f"--input-shape {info.name}=… sets another."
    )


def _without(axes: Axes, others: Axes) -> Axes:
    return {i: tuple(a for a in axes[i] if a not in others.get(i, ())) for i in axes}


def _at_other_sizes(
    converted: Converted, axes: Axes
) -> tuple[tuple[torch.Tensor, ...], list[torch.Tensor]] | None:
    """Larger inputs and what the module gives for them; None where it takes only its own size."""
    generator = torch.Generator().manual_seed(0)
    inputs = tuple(
        _another(_grown(x, axes.get(i, ())), generator)
        for i, x in enumerate(converted.example_inputs)
    )
    with torch.no_grad():
        try:
            return inputs, _flat(converted.module(*inputs))
        except EngineError:
            return None


def _gives(
    program: ExportedProgram, inputs: tuple[torch.Tensor, ...], wanted: list[torch.Tensor]
) -> bool:
    """Whether a program does so; the tracer decides for one size where a graph asks for sizes."""
    with torch.no_grad():
        try:
            found = program.module(check_guards=False)(*inputs)
        except Exception:  # noqa: BLE001  (whatever an operator says to a wrong shape)
            return False
    return _alike(_flat(found), wanted)


def _grown(x: torch.Tensor, axes: tuple[int, ...]) -> torch.Tensor:
    """Longer on these axes, by a multiple of 32 where they are long: images are halved often."""
    for axis in axes:
        size = x.shape[axis]
        more = size // 2 if size < _LONG else size // 7 // 32 * 32
        x = x.repeat_interleave(2, axis).narrow(axis, 0, size + more)
    return x


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
    return _alike(both, joined)


def _alike(some: list[torch.Tensor], others: list[torch.Tensor]) -> bool:
    return all(
        a.shape == b.shape
        and torch.allclose(a.double(), b.double(), rtol=_TOLERANCE, atol=_TOLERANCE, equal_nan=True)
        for a, b in zip(some, others, strict=True)
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
