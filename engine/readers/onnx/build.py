"""Turning an ONNX graph into the steps of an `Interpreter`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import onnx_ir as ir
import torch
from torch import nn

from engine.errors import ModelError
from engine.info import LayerKind
from engine.jobs.job import Job

# Imported for the builders that they register.
from engine.readers.onnx import norms, quantized_layers, recurrent_layers  # noqa: F401
from engine.readers.onnx.attributes import call_of, graphs_of
from engine.readers.onnx.constants import as_setting, is_setting, natural
from engine.readers.onnx.fold import Constants
from engine.readers.onnx.interpreter import (
    Block,
    Constant,
    Interpreter,
    Step,
    interpreter_for,
)
from engine.readers.onnx.names import SLOTS, Layer
from engine.readers.onnx.naming import sanitize
from engine.readers.onnx.sources import Sources, is_parameter, stored
from engine.readers.onnx.table import Call, UnsupportedOp, handlers
from engine.readers.onnx.weights import BUILDERS, Leaf

_MIXED = (
    frozenset({"Concat", "Add", "Sub", "Mul", "Div", "Mod", "Pow", "Min", "Max", "Sum", "Mean"})
    | {"Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "And", "Or", "Xor", "Where"}
    | {"Gather", "GatherElements", "GatherND", "ScatterND", "ScatterElements", "MatMul"}
)
"""Operators that work on tensors and on shapes: a constant list goes in as the others do."""

_BRANCH_HINT = "Fix the input that it depends on to a constant."


class Builder:
    """Builds one graph's interpreter; `build` is called once."""

    def __init__(
        self,
        graph: ir.Graph,
        layers: list[Layer],
        sources: Sources,
        opsets: Mapping[str, int],
        job: Job,
    ) -> None:
        names = [v.name or "" for v in graph.inputs if stored(v) is None]
        self.module = interpreter_for(names)
        self.restrictions: dict[str, str] = {}
        self._job = job
        self._graph = graph
        self._sources = sources
        self._opsets = opsets
        self._constants = Constants(sources, opsets)
        self._layers = {v.node: v for v in layers if v.kind is not LayerKind.PARAMETER}
        self._free = {
            layer.weight.initializer: layer.name
            for layer in layers
            if layer.kind is LayerKind.PARAMETER
        }
        self._merged = {v.bias_node: v for v in self._layers.values() if v.bias_node is not None}
        self._leaves: dict[str, Leaf] = {}
        self._slots: dict[ir.Value, int] = {}
        self._paths: dict[ir.Value, str] = {}
        self._shared: dict[object, nn.Parameter] = {}
        self._live: set[ir.Node] = set()

    def build(self) -> Interpreter:
        """The module, with all its layers in place."""
        self._mark_live()
        block = self._block(self._graph, self._graph.inputs)
        self.module.load(block, [_torch_dtype(v.dtype) for v in self._graph.outputs])
        return self.module.eval()

    # What has to run

    def _mark_live(self) -> None:
        pending = [v for v in self._graph.outputs if v is not None]
        seen: set[ir.Value] = set()
        while pending:
            value = pending.pop()
            if value in seen or stored(value) is not None or self._constants.foldable(value):
                continue
            seen.add(value)
            node = value.producer()
            if node is None or node in self._live:
                continue
            self._live.add(node)
            pending += self._needed(node)
            for graph in graphs_of(node).values():
                pending += _reads(graph)

    def _needed(self, node: ir.Node) -> list[ir.Value]:
        if node in self._merged:
            return [self._merged[node].node.outputs[0]]
        held = SLOTS[node.op_type] if node in self._layers else ()
        return [v for i, v in enumerate(node.inputs) if v is not None and i not in held]

    def _block(self, graph: ir.Graph, inputs: Any) -> Block:
        slots = tuple(self._slot(v) for v in inputs if stored(v) is None)
        steps = [
            self._step(n)
            for n in graph
            if n in self._live and n not in self._merged and not self._is_folded(n)
        ]
        outputs = tuple(self._source(v, "", 0) for v in graph.outputs)
        return Block(_with_releases(steps, outputs, graph is self._graph), slots, outputs)

    def _is_folded(self, node: ir.Node) -> bool:
        return bool(node.outputs) and all(self._constants.foldable(v) for v in node.outputs)

    # Steps

    def _step(self, node: ir.Node) -> Step:
        self._job.checkpoint("Reading weights", len(self._leaves), len(self._layers))
        call = call_of(node, self._opsets)
        layer = self._layers.get(node)
        if layer is not None:
            step = self._layer_step(node, call, layer)
            if step is not None:
                return step
        blocks = {key: self._block(g, g.inputs) for key, g in graphs_of(node).items()}
        return Step(
            call=call,
            run=handlers().get((call.domain, call.op)),
            inputs=tuple(self._source(v, call.op, i) for i, v in enumerate(node.inputs)),
            outputs=self._outputs(node),
            blocks=blocks,
            hint=_BRANCH_HINT if call.op in ("If", "Loop") else "",
            makes=node.outputs[0].name or "" if node.outputs else "",
        )

    def _layer_step(self, node: ir.Node, call: Call, layer: Layer) -> Step | None:
        if layer.name not in self._leaves:
            try:
                leaf = BUILDERS[call.op](call, NodeWeights(self, layer))
            except UnsupportedOp as error:
                self.restrictions[layer.name] = f"{call.op}: {error}"
                return self._refused(node, call, layer, str(error))
            except (MemoryError, ModelError):
                raise
            except Exception as error:
                text = (str(error).splitlines() or [""])[0][:200]
                raise ModelError(
                    f"The weights of this {call.op} do not fit together ({text})", where=layer.name
                ) from error
            place(self.module, layer.name, leaf.module)
            if leaf.restriction:
                self.restrictions[layer.name] = leaf.restriction
            self._leaves[layer.name] = leaf
        leaf = self._leaves[layer.name]
        held = set(SLOTS[call.op]) - set(leaf.outside)
        ends = layer.bias_node if layer.bias_node is not None else node
        return Step(
            call=call,
            run=leaf.run,
            inputs=tuple(
                None if i in held else self._source(v, call.op, i, layer=True)
                for i, v in enumerate(node.inputs)
            ),
            outputs=self._outputs(ends),
            layer=layer.name,
        )

    def _refused(self, node: ir.Node, call: Call, layer: Layer, reason: str) -> Step:
        """A layer that cannot be built: whoever runs it learns why."""
        return Step(
            call=replace(call, name=layer.name),
            run=partial(_raise, reason),
            inputs=(),
            outputs=self._outputs(layer.bias_node or node),
        )

    def _outputs(self, node: ir.Node) -> tuple[int, ...]:
        return tuple(self._slot(v) for v in node.outputs)

    def _slot(self, value: ir.Value) -> int:
        return self._slots.setdefault(value, len(self._slots))

    # Inputs

    def _source(
        self, value: ir.Value | None, op_type: str, slot: int, *, layer: bool = False
    ) -> int | Constant | None:
        if value is None:
            return None
        if stored(value) is not None and is_parameter(value) and not is_setting(op_type, slot):
            return Constant(path=self._path(value))
        if not (stored(value) is not None or self._constants.foldable(value)):
            return self._slot(value)
        found = self._constants.value(value)
        if not isinstance(found, torch.Tensor):
            return Constant(found)
        # A list may be a weight as well as a shape, and a Python number would lose its int32.
        either = found.dim() == 1 and (op_type in _MIXED or layer)
        if (either or found.dtype is torch.int32) and not is_setting(op_type, slot):
            return Constant(path=self._path(value), mixed=as_setting(found))
        form = as_setting(found) if is_setting(op_type, slot) else natural(found)
        return Constant(form) if form is not None else Constant(path=self._path(value))

    def _path(self, value: ir.Value) -> str:
        """Where a constant tensor is registered; weights at their layer's name."""
        if value in self._paths:
            return self._paths[value]
        found = self._constants.tensor(value)
        weight = value in self._free and found.is_floating_point()
        path = self._free[value] if weight else self._buffer_name(value)
        owner, leaf = _owner(self.module, path)
        if weight:
            owner.register_parameter(leaf, self.shared((id(value), False), found))
        else:
            owner.register_buffer(leaf, found.clone())
        self._paths[value] = path
        return path

    def _buffer_name(self, value: ir.Value) -> str:
        base = sanitize(value.name or "constant").replace(".", "_")
        owner = "constants" if "constants" not in self._leaves else "constants_"
        name, count = base, 1
        while f"{owner}.{name}" in self._paths.values():
            count += 1
            name = f"{base}_{count}"
        return f"{owner}.{name}"

    def shared(self, key: object, value: torch.Tensor) -> nn.Parameter:
        """One parameter for all users of a stored matrix; vectors are everybody's own."""
        if value.dim() < 2:
            return nn.Parameter(value.clone())
        if key not in self._shared:
            self._shared[key] = nn.Parameter(value.contiguous())
        return self._shared[key]

    def constant(self, value: ir.Value) -> torch.Tensor:
        """A static value, as a tensor that others may hold as well."""
        return self._constants.tensor(value)

    def origin(self, value: ir.Value) -> object:
        """A key that is equal for equal uses of one stored tensor."""
        return self._sources.identity(value)

    def is_static(self, value: ir.Value) -> bool:
        """Whether a value is the same for every input."""
        return self._sources.is_static(value)


class NodeWeights:
    """The constants of one layer's node (see `engine.readers.onnx.weights.Weights`)."""

    def __init__(self, builder: Builder, layer: Layer) -> None:
        self._builder = builder
        self._layer = layer

    def tensor(self, slot: int) -> torch.Tensor | None:
        """A copy of a constant input; None for an absent one."""
        inputs = self._layer.node.inputs
        value = inputs[slot] if slot < len(inputs) else None
        return None if value is None else self._builder.constant(value).clone()

    def matrix(self, slot: int, *, transposed: bool = False) -> nn.Parameter:
        """The parameter for a stored matrix, the same for all nodes that use it so."""
        value = self._layer.node.inputs[slot]
        if value is None:
            raise UnsupportedOp("its weight is missing")
        found = self._builder.constant(value)
        flipped = transposed
        producer = value.producer()
        while producer is not None and producer.inputs and producer.inputs[0] is not None:
            if producer.op_type == "Transpose" and found.dim() == 2:
                flipped = not flipped
            elif producer.op_type != "Identity":
                break
            value = producer.inputs[0]
            producer = value.producer()
        key = (self._builder.origin(value), flipped)
        return self._builder.shared(key, found.t() if transposed else found)

    def bias(self) -> torch.Tensor | None:
        """The constant of the `Add` that became the bias."""
        add = self._layer.bias_node
        if add is None:
            return None
        value = next(v for v in add.inputs if v is not None and self._builder.is_static(v))
        return self._builder.constant(value).clone()


def place(root: nn.Module, path: str, module: nn.Module) -> None:
    """Put a module at a dotted path, making containers on the way."""
    owner, leaf = _owner(root, path)
    owner.add_module(leaf, module)


def _owner(root: nn.Module, path: str) -> tuple[nn.Module, str]:
    *containers, leaf = path.split(".")
    owner = root
    for name in containers:
        if name not in owner._modules:
            owner.add_module(name, nn.Module())
        owner = owner.get_submodule(name)
    return owner, leaf


def _raise(reason: str, *_: Any) -> Any:
    raise UnsupportedOp(reason)


def _reads(graph: ir.Graph) -> list[ir.Value]:
    """Every value that a subgraph's nodes and outputs use."""
    found = [v for v in graph.outputs if v is not None]
    for node in graph.all_nodes():
        found += [v for v in node.inputs if v is not None]
    return found


def _with_releases(
    steps: list[Step], outputs: tuple[int | Constant | None, ...], is_main: bool
) -> tuple[Step, ...]:
    """Say after which step each value is used no more (in the main graph; bodies repeat)."""
    if not is_main:
        return tuple(steps)
    last: dict[int, int] = {}
    for index, step in enumerate(steps):
        for slot in (*step.outputs, *_uses(step)):
            last[slot] = index
    for output in outputs:
        if isinstance(output, int):
            last.pop(output, None)
    releases: dict[int, list[int]] = {}
    for slot, index in last.items():
        releases.setdefault(index, []).append(slot)
    return tuple(
        replace(step, free_after=tuple(releases.get(index, ()))) for index, step in enumerate(steps)
    )


def _uses(step: Step) -> list[int]:
    found = [v for v in step.inputs if isinstance(v, int)]
    for block in step.blocks.values():
        found += [v for v in block.outputs if isinstance(v, int)]
        for inner in block.steps:
            found += _uses(inner)
    return found


def _torch_dtype(dtype: ir.DataType | None) -> torch.dtype | None:
    names = {"bool": torch.bool, "int32": torch.int32, "int64": torch.int64}
    if dtype is None or dtype in (ir.DataType.UNDEFINED, ir.DataType.STRING):
        return None
    name = dtype.numpy().name
    return names.get(name, getattr(torch, name, None))
