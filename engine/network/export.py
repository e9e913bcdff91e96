"""From an `nn.Module` to an exported program with a symbolic batch."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import nn
from torch.export import Dim, ExportedProgram
from torch.fx.experimental.symbolic_shapes import GuardOnDataDependentSymNode

from engine.errors import ModelError
from engine.network import fake_quantize  # noqa: F401 - completes the operator for tracing
from engine.network.signature import is_constant

_LONGEST_REASON = 300
_LOGGERS = ("torch._export", "torch.export", "torch.fx", "torch._dynamo")


def export_module(
    module: nn.Module,
    example_inputs: Sequence[torch.Tensor],
    *,
    dynamic_axes: Mapping[int, Sequence[int]] | None = None,
) -> ExportedProgram:
    """Export a module with a symbolic batch on axis 0 of every input.

    The module is exported in eval mode; its mode is restored. Its parameters are shared with the
    program, not copied. A module that works for one batch size only is exported for that of the
    example; `network_from_program` then says so in a warning.

    Args:
        module: Any module that `torch.export` can trace.
        example_inputs: One tensor for each input of `forward`, batch first.
        dynamic_axes: Input number → further axes whose size may vary (a sequence's length). An
            axis that the module cannot vary gets the example's size; see `fixed_axes`.

    Raises:
        ModelError: The module cannot be exported; the message says why, in one sentence.
    """
    inputs = tuple(example_inputs)
    modes = [(m, m.training) for m in module.modules()]
    module.eval()
    try:
        with _silence():
            return _export(module, inputs, dynamic_axes or {})
    finally:
        for part, training in modes:
            part.training = training


def _export(
    module: nn.Module, inputs: tuple[torch.Tensor, ...], extra: Mapping[int, Sequence[int]]
) -> ExportedProgram:
    failure: Exception | None = None
    second_best: ExportedProgram | None = None
    for axes, ways in _attempts(inputs, extra):
        wide = _widened(inputs, axes)
        for strict in ways:
            try:
                program = _trace(module, wide, axes, strict=strict)
            except Exception as error:  # noqa: BLE001 - the tracer raises whatever the module does
                failure = failure or error
                continue
            if fixed_batch(program) is None:
                if not _first_is_fixed(program):
                    return program
                # what varies may be the layers of a recurrent state, [layers, batch, hidden]
                second_best = second_best or program
            break
    return second_best or _export_fixed(module, inputs, failure)


def _first_is_fixed(program: ExportedProgram) -> bool:
    """Whether the first input has one batch size only, whatever the others have."""
    first = program.graph_signature.user_inputs[0]
    value = next(n for n in program.graph.nodes if n.name == first).meta.get("val")
    return isinstance(value, torch.Tensor) and value.dim() > 0 and is_constant(value.shape[0])


def _attempts(
    inputs: tuple[torch.Tensor, ...], extra: Mapping[int, Sequence[int]]
) -> Iterator[tuple[list[set[int]], tuple[bool, ...]]]:
    """What to try in turn: axes that vary, and ways of tracing (strict or not)."""
    if any(extra.values()):
        for axes in _axes(inputs, extra):
            yield axes, (False,)
    for axes in _axes(inputs, {}):
        yield axes, (False, True)


def _axes(
    inputs: tuple[torch.Tensor, ...], extra: Mapping[int, Sequence[int]]
) -> Iterator[list[set[int]]]:
    """Axes to try as varying: the first of each input; then others as long as the batch.

    The second try finds the batch of recurrent states, `[layers, batch, hidden]`; the third takes
    every axis as long as the batch.
    """
    first = [{0, *extra.get(i, ())} if x.dim() else set[int]() for i, x in enumerate(inputs)]
    yield first
    batch = inputs[0].shape[0] if inputs and inputs[0].dim() else 1
    states = [
        (chosen - {0}) | {1} if i and x.dim() == 3 and x.shape[1] == batch > 1 else chosen
        for i, (x, chosen) in enumerate(zip(inputs, first, strict=True))
    ]
    if states != first:
        yield states
    same = [
        chosen | {axis for axis, size in enumerate(x.shape) if size == batch > 1}
        for x, chosen in zip(inputs, first, strict=True)
    ]
    if same != first:
        yield same


def _export_fixed(
    module: nn.Module, inputs: tuple[torch.Tensor, ...], failure: Exception | None
) -> ExportedProgram:
    """Export for the batch size of the example, for a module that works with no other."""
    for strict in (False, True):
        try:
            return _trace(module, inputs, [set() for _ in inputs], strict=strict)
        except Exception as error:  # noqa: BLE001 - as above
            failure = failure or error
    assert failure is not None
    _check_runs(module, inputs)
    raise ModelError(
        f"The network cannot be traced: {_reason(failure)}",
        hint="It can be looked at, but not run or changed",
    ) from failure


def _check_runs(module: nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
    """Tell an input that does not fit from a network that cannot be traced."""
    try:
        with torch.no_grad():
            module(*inputs)
    except Exception as error:
        shapes = " and ".join("×".join(str(size) for size in x.shape) for x in inputs)
        raise ModelError(
            f"The network does not run on an input of shape {shapes}: {_reason(error)}",
            hint="Check the input shape, batch first",
        ) from error


def _trace(
    module: nn.Module,
    inputs: tuple[torch.Tensor, ...],
    axes: Sequence[set[int]],
    *,
    strict: bool,
) -> ExportedProgram:
    shapes: tuple[Any, ...] = tuple(
        dict.fromkeys(sorted(chosen), Dim.AUTO) or None for chosen in axes
    )
    program: ExportedProgram = torch.export.export(
        module, inputs, dynamic_shapes=shapes, strict=strict
    )
    return program


def fixed_batch(program: ExportedProgram) -> int | None:
    """The batch size that the program is specialized to, or None where it is symbolic."""
    names = set(program.graph_signature.user_inputs)
    sizes = [
        node.meta["val"].shape[0]
        for node in program.graph.nodes
        if node.op == "placeholder" and node.name in names
        if isinstance(node.meta.get("val"), torch.Tensor) and node.meta["val"].dim()
    ]
    if not sizes or any(not is_constant(size) for size in sizes):
        return None
    return int(sizes[0])


def fixed_axes(
    program: ExportedProgram, axes: Mapping[int, Sequence[int]]
) -> dict[int, tuple[int, ...]]:
    """Which of these axes (input number → axes) the program has for one size only."""
    names = program.graph_signature.user_inputs
    values = {node.name: node.meta.get("val") for node in program.graph.nodes}
    found = {}
    for index, wanted in axes.items():
        shape = values[str(names[index])].shape
        fixed = tuple(axis for axis in wanted if is_constant(shape[axis]))
        if fixed:
            found[index] = fixed
    return found


def _widened(
    inputs: tuple[torch.Tensor, ...], axes: Sequence[set[int]]
) -> tuple[torch.Tensor, ...]:
    """Repeat what has size 1 on a varying axis: the tracer takes a 1 for a constant.

    Axis 0 of an input is left alone where the first input's is longer: it is not the batch then.
    """
    batch = inputs[0].shape[0] if inputs and inputs[0].dim() else 1
    widened = []
    for x, chosen in zip(inputs, axes, strict=True):
        grown = chosen - {0} if batch > 1 else chosen
        repeats = [2 if axis in grown and size == 1 else 1 for axis, size in enumerate(x.shape)]
        widened.append(x.repeat(repeats) if any(r > 1 for r in repeats) else x)
    return tuple(widened)


def _reason(error: Exception) -> str:
    """The first line that says something, without the tracer's decoration."""
    if isinstance(error, GuardOnDataDependentSymNode) or "data-dependent" in str(error):
        return "one of its steps depends on the values of its input"
    lines = [line.strip() for line in str(error).splitlines()]
    first = next((line for line in lines if line), type(error).__name__)
    return first.rstrip(".:")[:_LONGEST_REASON]


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Keep the tracer's advice to developers from the user's screen: it also prints graphs."""
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    levels = [logger.level for logger in loggers]
    with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        for logger in loggers:
            logger.setLevel(logging.CRITICAL)
        try:
            yield
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)
