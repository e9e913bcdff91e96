"""An ONNX graph as an `nn.Module` that walks its nodes; `torch.export` traces what it does.

Layers are submodules at their names, free weights are parameters, other constants buffers. All that
is arithmetic on shapes runs in Python while the trace is made, so the trace has none of it, and
conditions on shapes choose their branch, loops over them unroll.
"""

from __future__ import annotations

import inspect
import keyword
import logging
import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn
from torch._subclasses.fake_tensor import (
    DataDependentOutputException,
    DynamicOutputShapeException,
    FakeTensorMode,
)
from torch.fx.experimental.symbolic_shapes import GuardOnDataDependentSymNode

from engine.errors import EngineError, ModelError
from engine.readers.onnx.fold import outputs_of
from engine.readers.onnx.table import Call, UnsupportedOp, Value, is_shape, tensor

MAX_TENSOR_BYTES = 1 << 31
"""Largest intermediate tensor for a sample; what asks for more is a mistake or an attack."""
MAX_ITERATIONS = 256
"""Loops and scans unroll up to this many times."""


class UnsupportedGraph(ModelError):
    """A valid network that cannot run as a trainable graph; it still opens for inspection.

    `where` is the node, the message one sentence on what stops it.

    Attributes:
        makes: The first value that the node makes.
    """

    makes: str = ""


_DATA_DEPENDENT = (
    GuardOnDataDependentSymNode,
    DataDependentOutputException,
    DynamicOutputShapeException,
)


@dataclass(frozen=True, slots=True)
class Constant:
    """A constant input: as Python numbers where the node wants them, or at a path in the module.

    Attributes:
        value: Python form, or a list of values for a sequence.
        path: Where the tensor is registered; empty: `value` it is.
        mixed: Python form to use when the node's other inputs are shape arithmetic.
    """

    value: Any = None
    path: str = ""
    mixed: Value = None


@dataclass(frozen=True, slots=True)
class Block:
    """Steps in order, with the slots of what goes in and comes out."""

    steps: tuple[Step, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int | Constant | None, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One node.

    Attributes:
        call: What handlers see of it.
        run: The handler; a layer's gets its module first.
        inputs: Slots of values made while running, constants, None for absent inputs.
        outputs: Slots of what it makes.
        layer: Path of its module; empty for a node without one.
        blocks: The graphs of a control-flow node.
        hint: What the user can do when it is not supported.
        makes: Name of the first value that it makes.
        free_after: Slots that nothing uses any more.
    """

    call: Call
    run: Callable[..., Any] | None
    inputs: tuple[int | Constant | None, ...]
    outputs: tuple[int, ...]
    layer: str = ""
    blocks: dict[str, Block] = field(default_factory=dict)
    hint: str = ""
    makes: str = ""
    free_after: tuple[int, ...] = ()

    @property
    def place(self) -> str:
        """How messages name the node."""
        return self.layer or self.call.name or self.call.op


class Interpreter(nn.Module):
    """Runs the steps of one graph."""

    def __init__(self) -> None:
        super().__init__()
        self._block = Block((), (), ())
        self._dtypes: tuple[torch.dtype | None, ...] = ()
        self._batch: int | None = None
        self._used: set[str] | None = None
        self._written: int | None = None
        self._size: Any = None

    def load(self, block: Block, output_dtypes: Sequence[torch.dtype | None]) -> None:
        """Take the steps; the layers they name must be in place by the time they run."""
        self._block = block
        self._dtypes = tuple(output_dtypes)

    def trim(self, examples: Sequence[torch.Tensor]) -> None:
        """Run once on fake tensors, and drop what did not take part.

        Branches not taken and lists that turned out to be shapes leave their constants unused.

        Raises:
            UnsupportedGraph: As `run`; what is unsupported shows here, before any tracing.
            ModelError: As `run`.
        """
        used: set[str] = set()
        self._used = used
        log = logging.getLogger("torch._subclasses.fake_tensor")  # prints what it raises as well
        level = log.level
        log.setLevel(logging.CRITICAL)
        try:
            with torch.no_grad(), FakeTensorMode(allow_non_fake_inputs=True) as mode:
                self(*(mode.from_tensor(x) for x in examples))
        finally:
            self._used = None
            log.setLevel(level)
        for name in [name for name, _ in (*self.named_parameters(), *self.named_buffers())]:
            if not any(name == path or name.startswith(f"{path}.") for path in used):
                owner, _, leaf = name.rpartition(".")
                delattr(self.get_submodule(owner), leaf)
        _drop_empty(self)

    def fix_batch(self, size: int) -> None:
        """Refuse other batch sizes from now on, for a graph that would mix its samples."""
        self._batch, self._written = size, None

    def free_batch(self, size: int) -> None:
        """Read a batch of `size` that is written into a reshape as whatever the batch is.

        Whether that is what the file means shows in whether samples stay apart.
        """
        self._written = size

    def run(self, *inputs: torch.Tensor) -> Any:
        """The graph's outputs: one tensor, or a tuple of them.

        Raises:
            UnsupportedGraph: A node cannot be part of a trainable graph.
            ModelError: A node does not fit its inputs.
        """
        if self._batch is not None and any(x.shape[0] != self._batch for x in inputs if x.dim()):
            raise ModelError(f"The file works with a batch of {self._batch} only")
        self._size = inputs[0].shape[0] if inputs and inputs[0].dim() else None
        found = self._walk(self._block, dict(zip(self._block.inputs, inputs, strict=True)))
        outputs = [_as_output(v, dtype) for v, dtype in zip(found, self._dtypes, strict=True)]
        return outputs[0] if len(outputs) == 1 else tuple(outputs)

    def _walk(self, block: Block, slots: dict[int, Any]) -> list[Any]:
        for step in block.steps:
            slots.update(zip(step.outputs, self._results(step, slots), strict=False))
            for slot in step.free_after:
                slots.pop(slot, None)
        return [self._input(v, slots, shapes=False) for v in block.outputs]

    def _results(self, step: Step, slots: dict[int, Any]) -> list[Any]:
        try:
            results = self._run(step, slots)
        except UnsupportedOp as error:
            reason = f"{step.call.op} cannot be part of a trainable graph: {error}"
            raise _unsupported(step, reason) from error
        except _DATA_DEPENDENT as error:
            reason = f"The shape of what {step.call.op} makes depends on the input's values"
            raise _unsupported(step, reason) from error
        except (EngineError, MemoryError):
            raise
        except Exception as error:
            raise ModelError(
                f"{step.call.op} does not fit its inputs: {self._shapes(step, slots)}",
                where=step.place,
            ) from error
        for value in results:
            _check_size(step, value)
        return results

    def _shapes(self, step: Step, slots: dict[int, Any]) -> str:
        """The sizes of what a node is given, for a message."""
        found = [_shown(self._input(v, slots, shapes=False)) for v in step.inputs if v is not None]
        if step.layer:
            weights = self._held(step.layer).parameters()
            found += [f"a weight of {_shown(w)}" for w in list(weights)[:1]]
        return " and ".join(text for text in found[:4] if text) or "it has none"

    def _run(self, step: Step, slots: dict[int, Any]) -> list[Any]:
        shapes = any(isinstance(v, int) and is_shape(slots.get(v)) for v in step.inputs)
        inputs = [self._input(v, slots, shapes=shapes) for v in step.inputs]
        if step.call.op == "Reshape" and self._written is not None:
            inputs[1:2] = [self._with_batch(*inputs[:2])]
        if step.blocks:
            return self._control(step, inputs, slots)
        if step.run is None:
            domain = step.call.domain or "the standard one"
            raise UnsupportedOp(f"this operator (of domain {domain}) is not known here")
        if step.layer:
            module = self._held(step.layer)
            return outputs_of(step.run(module, step.call, *inputs), step.call)
        return outputs_of(step.run(step.call, *inputs), step.call)

    def _with_batch(self, x: Any, dims: Any = None) -> Any:
        """The new shape of a reshape, the batch of this run in place of the one in the file."""
        written = isinstance(dims, tuple) and dims[:1] == (self._written,)
        if not (written and isinstance(x, torch.Tensor) and x.dim() and x.shape[0] == self._size):
            return dims
        return (x.shape[0], *dims[1:])

    def _input(self, source: int | Constant | None, slots: dict[int, Any], *, shapes: bool) -> Any:
        if source is None:
            return None
        if isinstance(source, int):
            return slots[source]
        if not source.path or (shapes and source.mixed is not None):
            return source.value if not source.path else source.mixed
        return self._held(source.path)

    def _held(self, path: str) -> Any:
        if self._used is not None:
            self._used.add(path)
        return operator.attrgetter(path)(self)

    def _control(self, step: Step, inputs: list[Any], slots: dict[int, Any]) -> list[Any]:
        if step.call.op == "If":
            taken = "then_branch" if _condition(inputs[0]) else "else_branch"
            return self._walk(step.blocks[taken], slots)
        if step.call.op == "Loop":
            return self._loop(step.blocks["body"], inputs, slots)
        if step.call.op == "Scan":
            return self._scan(step, inputs, slots)
        raise UnsupportedOp("it applies a graph of its own")

    def _loop(self, body: Block, inputs: list[Any], slots: dict[int, Any]) -> list[Any]:
        trips, going = _trips(inputs[0]), inputs[1] is None or _condition(inputs[1])
        carried = inputs[2:]
        scanned: list[list[Any]] = [[] for _ in body.outputs[1 + len(carried) :]]
        count = 0
        while going and (trips is None or count < trips):
            if count == MAX_ITERATIONS:
                raise UnsupportedOp(f"it repeats more than {MAX_ITERATIONS} times")
            slots.update(zip(body.inputs, [count, True, *carried], strict=True))
            result = self._walk(body, slots)
            going, carried = _condition(result[0]), result[1 : 1 + len(carried)]
            for column, value in zip(scanned, result[1 + len(carried) :], strict=True):
                column.append(tensor(value))
            count += 1
        if count == 0 and scanned:
            raise UnsupportedOp("it collects the results of no repetition at all")
        return [*carried, *(torch.stack(column) for column in scanned)]

    def _scan(self, step: Step, inputs: list[Any], slots: dict[int, Any]) -> list[Any]:
        body, count = step.blocks["body"], int(step.call.get("num_scan_inputs"))
        if step.call.opset < 9:
            raise UnsupportedOp("operator set 8 defines it in another way")
        state, over = inputs[: len(inputs) - count], [tensor(v) for v in inputs[-count:]]
        axes = step.call.get("scan_input_axes", (0,) * count)
        backwards = step.call.get("scan_input_directions", (0,) * count)
        steps = [
            list(x.unbind(a)) if _is_short(x, a) else [] for x, a in zip(over, axes, strict=True)
        ]
        if not all(steps):
            raise UnsupportedOp(f"it walks over a length that varies or is above {MAX_ITERATIONS}")
        columns = [s[::-1] if back else s for s, back in zip(steps, backwards, strict=True)]
        scanned: list[list[Any]] = [[] for _ in body.outputs[len(state) :]]
        for parts in zip(*columns, strict=True):
            slots.update(zip(body.inputs, [*state, *parts], strict=True))
            result = self._walk(body, slots)
            state = result[: len(state)]
            for column, value in zip(scanned, result[len(state) :], strict=True):
                column.append(tensor(value))
        ends = step.call.get("scan_output_axes", (0,) * len(scanned))
        flips = step.call.get("scan_output_directions", (0,) * len(scanned))
        return [
            *state,
            *(
                torch.stack(column[::-1] if flip else column, axis)
                for column, axis, flip in zip(scanned, ends, flips, strict=True)
            ),
        ]


def _unsupported(step: Step, reason: str) -> UnsupportedGraph:
    error = UnsupportedGraph(reason, where=step.place, hint=step.hint)
    error.makes = step.makes
    return error


def _drop_empty(module: nn.Module) -> None:
    for name, child in list(module.named_children()):
        _drop_empty(child)
        empty = not (child._parameters or child._buffers or list(child.children()))
        if empty and type(child) is nn.Module:
            delattr(module, name)


def interpreter_for(names: Sequence[str]) -> Interpreter:
    """An empty interpreter whose `forward` has parameters of these names.

    `torch.export` names the program's inputs after them, and matches dynamic shapes with them.
    """

    def forward(self: Interpreter, *inputs: torch.Tensor) -> Any:
        return self.run(*inputs)

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    parameters = [inspect.Parameter(name, kind) for name in ("self", *_identifiers(names))]
    forward.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # inspect reads it from any function
    found: Interpreter = type("OnnxNetwork", (Interpreter,), {"forward": forward})()
    return found


def _identifiers(names: Sequence[str]) -> list[str]:
    found: list[str] = []
    for name in names:
        base = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_") or "input"
        base = f"input_{base}" if base[0].isdigit() or keyword.iskeyword(base) else base
        count, unique = 1, base
        while unique in (*found, "self"):
            count += 1
            unique = f"{base}_{count}"
        found.append(unique)
    return found


def _is_short(x: torch.Tensor, axis: int) -> bool:
    return isinstance(x.shape[axis], int) and 0 < x.shape[axis] <= MAX_ITERATIONS


def _condition(value: Any) -> bool:
    if isinstance(value, tuple) and len(value) == 1:
        value = value[0]
    if isinstance(value, (bool, int)):
        return bool(value)
    raise UnsupportedOp("it branches on a value that depends on the input")


def _trips(value: Any) -> int | None:
    if isinstance(value, tuple) and len(value) == 1:
        value = value[0]
    if value is None or isinstance(value, int):
        return value
    raise UnsupportedOp("the number of repetitions depends on the input")


def _as_output(value: Any, dtype: torch.dtype | None) -> torch.Tensor:
    if value is None or isinstance(value, list):
        raise UnsupportedGraph("An output of the network is not a tensor, but a sequence")
    found = tensor(value)
    return found if dtype in (None, found.dtype) else found.to(dtype)


def _check_size(step: Step, value: Any) -> None:
    if not isinstance(value, torch.Tensor):
        return
    size = value.element_size()
    for length in value.shape:
        size *= length if isinstance(length, int) else 1
    if size > MAX_TENSOR_BYTES and value.stride() and any(value.stride()):
        raise ModelError(
            f"{step.call.op} would make a tensor of {size / 1e9:.1f} GB", where=step.place
        )


def _shown(value: Any) -> str:
    if isinstance(value, torch.Tensor):
        return "×".join(str(size) for size in value.shape) or "a single number"
    return str(value)[:100]
