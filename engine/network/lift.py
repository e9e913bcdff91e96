"""From an exported program to a network of `nn.Module` leaves."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import fx
from torch.export import ExportedProgram
from torch.export.graph_signature import OutputKind

from engine.errors import ModelError
from engine.frozen import FrozenMap
from engine.info import Format
from engine.network.export import fixed_batch
from engine.network.fake_quantize import FAKE_QUANTIZE
from engine.network.lifting.builders import BUILDERS
from engine.network.lifting.calls import Leaf, OpCall
from engine.network.lifting.folding import fold_weights
from engine.network.lifting.inlining import inline_grad_regions
from engine.network.lifting.inplace import Aliases, is_inplace
from engine.network.lifting.skeleton import Scope, Skeleton
from engine.network.lifting.state import ProgramState, Stored
from engine.network.lifting.ties import Ties
from engine.network.network import Network
from engine.network.signature import input_infos, output_infos

aten = torch.ops.aten
_CHECKS = {
    "_assert_tensor_metadata",
    "_assert_scalar",
    "_assert_async",
    "sym_constrain_range",
    "sym_constrain_range_for_size",
    "_functional_assert_async",
}
_META = ("val", "nn_module_stack")
_SHOWN = 3


def lift(program: ExportedProgram, *, ties: Ties | None = None) -> fx.GraphModule:
    """Rebuild an exported program as a graph of leaves, in eval mode.

    Whatever carries weights becomes an `nn.Module` at its original path, so that tensors keep
    their full names; the rest are functional operators. Several calls of one module are calls of
    one leaf; tied weights stay one parameter. Batch norm and dropout follow `train()` and
    `eval()`, however the program was exported. Tensors are shared with the program, not copied.

    The result takes the program's tensor inputs in order and returns its tensor outputs: one
    tensor, or a flat tuple of several. Each node has `meta["val"]` (fake tensors) and
    `meta["nn_module_stack"]` (the modules that the call was in: path → (path, class)). The graph
    module's own `meta` holds `stored_names`, `transposed`, `computed`,
    `transient` and `unused`; see `Skeleton.names`.

    Args:
        program: From `torch.export`.
        ties: Makes parameters of equal values one; None where equal ones may be different.

    Raises:
        ModelError: The program has no output that is a tensor.
    """
    return _Lifter(program, ties).run()


def network_from_program(  # noqa: PLR0913 - one call is all that a reader needs
    program: ExportedProgram,
    format: Format,
    *,
    input_names: Sequence[str] = (),
    output_names: Sequence[str] = (),
    source_names: Mapping[str, str] | None = None,
    restrictions: Mapping[str, str] | None = None,
    warnings: Sequence[str] = (),
) -> Network:
    """Lift a program and describe its inputs and outputs.

    Args:
        program: From `export_module` or a `.pt2` file.
        format: What it was read from; weights that an ONNX file stores twice become one.
        input_names: Names of the inputs, where the file has better ones than the program.
        output_names: Likewise.
        source_names: Layer → node of the original file.
        restrictions: Layer → sentence on what holds it back.
        warnings: One sentence each; one each is added where the batch size is fixed,
            where stored tensors are left out, and where weights were computed.
    """
    module = lift(program, ties=Ties() if format is Format.ONNX else None)
    notes = list(warnings)
    batch = fixed_batch(program)
    if batch is not None:
        notes.append(
            f"The network works for batches of {batch} only: it is measured and exported for those"
        )
    if unused := module.meta["unused"]:
        notes.append(f"{len(unused)} stored tensors are not used and are left out: {_some(unused)}")
    if computed := module.meta["computed"]:
        notes.append(
            f"{len(computed)} weights were computed from others at every call (as by weight "
            f"normalization) and are now stored as they are: {_some(computed)}"
        )
    return Network(
        module,
        input_infos(module, input_names),
        output_infos(module, output_names or _keys(program)),
        format,
        FrozenMap(source_names or {}),
        FrozenMap(restrictions or {}),
        tuple(notes),
    )


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")


class _Lifter:
    """One pass over the program's graph; see `lift`."""

    def __init__(self, program: ExportedProgram, ties: Ties | None) -> None:
        self.program = program
        self.source = inline_grad_regions(program.graph_module)
        self.state = ProgramState(program, ties)
        self.dead = fold_weights(self.source, self.state)
        self.skeleton = Skeleton(self.state, _module_paths(self.source))
        held = [node for node in self.source.nodes if self.state.of(node) is not None]
        self.aliases = Aliases(self.source, held)
        self.graph = fx.Graph()
        self.env: dict[fx.Node, Any] = {}
        self.counters = self._batch_counters()

    def run(self) -> fx.GraphModule:
        for node in self.source.nodes:
            if node.op == "placeholder":
                self._placeholder(node)
            elif node.op == "get_attr":
                self._submodule(node)
            elif node.op == "output":
                self._output(node)
            else:
                self._call(node)
        whole = fx.GraphModule(self.skeleton.build(), self.graph)
        whole.graph.eliminate_dead_code()
        live = set(whole.graph.nodes)
        self.skeleton.free = [entry for entry in self.skeleton.free if entry[0] in live]
        module = fx.GraphModule(whole, whole.graph)  # takes over what live nodes refer to
        _mark_transient(module, self.skeleton)
        module.meta.update(self.skeleton.names())
        return module.eval()

    def _placeholder(self, node: fx.Node) -> None:
        """Inputs are copied; a stored tensor is read where it is first needed."""
        if self.state.of(node) is not None:
            return
        if isinstance(node.meta.get("val"), torch.Tensor) or node.users:
            self.env[node] = self._copy_meta(self.graph.placeholder(node.name), node)

    def _submodule(self, node: fx.Node) -> None:
        """The graph of a higher-order operator (a condition, a loop)."""
        path = str(node.target)
        self.skeleton.submodules[path] = self.program.graph_module.get_submodule(path)
        self.env[node] = self.graph.get_attr(path)

    def _call(self, node: fx.Node) -> None:
        target: Any = node.target
        name = target._schema.name if isinstance(target, torch._ops.OpOverload) else ""
        if name.rpartition("::")[2] in _CHECKS or node in self.dead or self._counts_batches(node):
            return
        if target is operator.getitem and isinstance(self.env.get(_first(node)), tuple):
            self._result_of(node, self.env[_first(node)])
        elif target is aten.alias.default:
            self.env[node] = self._mapped(node.args[0])
        elif (leaf := self._leaf(node)) is not None:
            self._call_leaf(node, leaf)
        else:
            self._call_operator(node)

    def _leaf(self, node: fx.Node) -> Leaf | None:
        builder = BUILDERS.get(node.target)
        if builder is None:
            return None
        if is_inplace(node.target) and self.aliases.seen_elsewhere(node):
            return None
        return builder(OpCall.of(node, self.state))

    def _call_leaf(self, node: fx.Node, leaf: Leaf) -> None:
        path = self.skeleton.place(leaf, _scope(node))
        call = self.graph.call_module(path, fx.node.map_arg(leaf.inputs, self._read))
        if not leaf.results:
            self.env[node] = self._copy_meta(call, node)
            return
        values = node.meta["val"]
        call.meta = {"nn_module_stack": _stack(node), "val": _arranged(values, leaf.results)}
        self.env[node] = tuple(self._result(call, path) for path in leaf.results)

    def _result_of(self, node: fx.Node, results: tuple[Any, ...]) -> None:
        """One result of a leaf; a norm's new statistics, which the leaf keeps, are not there."""
        index: Any = node.args[1]
        if index < len(results):
            self.env[node] = results[index]

    def _result(self, node: fx.Node, path: tuple[int, ...]) -> fx.Node:
        """One of the things that a module returned."""
        for index in path:
            value = node.meta["val"][index]
            stack = node.meta["nn_module_stack"]
            node = self.graph.call_function(operator.getitem, (node, index))
            node.meta = {"val": value, "nn_module_stack": stack}
        return node

    def _call_operator(self, node: fx.Node) -> None:
        target: Any = self.aliases.functional(node) or node.target
        arguments = fx.node.map_arg(node.args, self._read)
        settings = fx.node.map_arg(node.kwargs, self._read)
        if target is aten.scaled_dot_product_attention.default and len(arguments) > 4:
            arguments = (*arguments[:4], 0.0, *arguments[5:])  # exported in training mode
        name = node.name
        if target is FAKE_QUANTIZE:  # a name that a quantized network's own has as well
            name = f"{arguments[0]}_quantized"
        copied = self.graph.create_node(node.op, target, arguments, settings, name)
        self.env[node] = self._copy_meta(copied, node)

    def _output(self, node: fx.Node) -> None:
        specs = self.program.graph_signature.output_specs
        outputs = []
        for spec, value in zip(specs, node.args[0], strict=True):  # type: ignore[arg-type]  # fx lets an argument be anything; this operator's is known
            if not isinstance(value, fx.Node):
                continue
            if spec.kind is OutputKind.BUFFER_MUTATION:
                self._update_buffer(value, str(spec.target))
            elif spec.kind is OutputKind.USER_OUTPUT and _is_tensor(value):
                outputs.append(self._read(value))
        if not outputs:
            raise ModelError("The network returns no tensor", hint="It must return its outputs")
        result = self.graph.output(outputs[0] if len(outputs) == 1 else tuple(outputs))
        values = tuple(output.meta["val"] for output in outputs)
        result.meta = {"val": values[0] if len(values) == 1 else values}

    def _update_buffer(self, value: fx.Node, name: str) -> None:
        """Write a buffer's new value, unless the leaf that owns it does so itself."""
        stored = self.state.named(name)
        owned = {s.name for leaf in self.skeleton.leaves.values() for s in leaf.tensors.values()}
        if stored is not None and name not in owned:
            self.graph.call_function(aten.copy_.default, (self._free(stored), self._read(value)))

    def _read(self, node: fx.Node) -> Any:
        """The new node for an old one; a stored tensor becomes a `get_attr`."""
        if node not in self.env:
            stored = self.state.of(node)
            assert stored is not None, f"{node} has no value"
            self.env[node] = self._copy_meta(self._free(stored), node)
        return self.env[node]

    def _mapped(self, argument: Any) -> Any:
        return self._read(argument) if isinstance(argument, fx.Node) else argument

    def _free(self, stored: Stored) -> fx.Node:
        node = self.graph.create_node("get_attr", stored.name)
        self.skeleton.free.append((node, stored))
        return node

    def _copy_meta(self, new: fx.Node, old: fx.Node) -> fx.Node:
        """Keep shapes and scopes; stack traces hold the paths of somebody's machine."""
        new.meta = {key: old.meta[key] for key in _META if key in old.meta}
        if "nn_module_stack" in new.meta:
            new.meta["nn_module_stack"] = _stack(old)
        return new

    def _batch_counters(self) -> set[str]:
        """Placeholders of batch-norm counters, which the leaves count up themselves."""
        return {
            node.name
            for node in self.source.nodes
            if (stored := self.state.of(node)) is not None and stored.local == "num_batches_tracked"
        }

    def _counts_batches(self, node: fx.Node) -> bool:
        first = _first(node)
        return is_inplace(node.target) and first is not None and first.name in self.counters


def _first(node: fx.Node) -> Any:
    return node.args[0] if node.args and isinstance(node.args[0], fx.Node) else None


def _is_tensor(node: fx.Node) -> bool:
    return isinstance(node.meta.get("val"), torch.Tensor)


def _stack(node: fx.Node) -> dict[str, tuple[str, str]]:
    """The modules a call was in, outermost first: path → (path, class)."""
    stack: dict[str, tuple[str, str]] = {}
    for path, kind in node.meta.get("nn_module_stack", {}).values():
        name = kind if isinstance(kind, str) else f"{kind.__module__}.{kind.__qualname__}"
        path = path.split("@")[0]
        stack[path] = (path, name)
    return stack


def _scope(node: fx.Node) -> Scope:
    """Where a call was made."""
    stack = list(_stack(node).values())
    path, kind = stack[-1] if stack else ("", "")
    return Scope(path, kind.rpartition(".")[2], node.name)


def _module_paths(graph: fx.Graph) -> set[str]:
    return {path for node in graph.nodes for path in _stack(node)}


def _arranged(values: Sequence[Any], paths: Sequence[tuple[int, ...]]) -> Any:
    """Results in the order of the operator, arranged as the module returns them."""
    if paths == ((),):
        return values[0]
    if paths == ((0,), (1, 0), (1, 1)):
        return (values[0], (values[1], values[2]))
    return tuple(values)


def _mark_transient(module: fx.GraphModule, skeleton: Skeleton) -> None:
    """Keep what was not in the original's state dict out of this one: fx registers it there."""
    for node, stored in skeleton.free:
        if not stored.trainable and not stored.persistent:
            path, _, local = str(node.target).rpartition(".")
            owner = module.get_submodule(path)
            if local in owner._buffers:
                owner._non_persistent_buffers_set.add(local)


def _keys(program: ExportedProgram) -> tuple[str, ...]:
    """Names of the outputs where the program returns a dict of tensors."""
    spec = program.call_spec.out_spec
    specs = program.graph_signature.output_specs
    results = [s for s in specs if s.kind is OutputKind.USER_OUTPUT]
    tensors = [type(s.arg).__name__ == "TensorArgument" for s in results]
    if spec is None or spec.type is not dict or len(results) != spec.num_children:
        return ()
    return tuple(str(k) for k, used in zip(spec.context, tensors, strict=True) if used)
