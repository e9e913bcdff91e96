"""Which nodes of an ONNX graph are layers, and what each is called.

The quick listing and the converter both ask `find_layers`, so the table that is there at once and
the network that arrives later agree by construction. It reads names, shapes and the nodes around a
weight, never the weights themselves, so it costs milliseconds.

A name comes from the first of these that says something, and is the same for the same file always:
the weight's own name (`conv1.weight` → `conv1`), the bias's, the module path that PyTorch's
exporter leaves in the metadata, the node's name (`/layer1/layer1.0/conv1/Conv` → `layer1.0.conv1`),
the operator. A weight that several nodes use belongs to the first; exporters merge equal tensors.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

import onnx_ir as ir

from engine.info import LayerKind
from engine.readers.onnx.naming import (
    ANONYMOUS,
    BIAS_SUFFIX,
    LONGEST,
    TAIL,
    WEIGHT_SUFFIX,
    path_of,
    plain_name,
    sanitize,
    scope_of,
    unique_name,
)
from engine.readers.onnx.sources import Source, Sources, standard

_CONV = (LayerKind.CONV1D, LayerKind.CONV2D, LayerKind.CONV3D)
_CONV_TRANSPOSE = (
    LayerKind.CONV_TRANSPOSE1D,
    LayerKind.CONV_TRANSPOSE2D,
    LayerKind.CONV_TRANSPOSE3D,
)

SLOTS: dict[str, tuple[int, ...]] = {
    "Conv": (1, 2),
    "ConvInteger": (1, 3),
    "ConvTranspose": (1, 2),
    "QLinearConv": (3, 8, 4, 5),
    "Gemm": (1, 2),
    "MatMul": (1,),
    "MatMulInteger": (1, 3),
    "QLinearMatMul": (3, 4, 5),
    "MatMulNBits": (1, 5, 2, 3, 4),
    "Gather": (0,),
    "BatchNormalization": (1, 2, 3, 4),
    "LayerNormalization": (1, 2),
    "GroupNormalization": (1, 2),
    "InstanceNormalization": (1, 2),
    "RMSNormalization": (1,),
    "SimplifiedLayerNormalization": (1,),
    "PRelu": (1,),
    "LSTM": (1, 2, 3, 7),
    "GRU": (1, 2, 3),
    "RNN": (1, 2, 3),
}
"""Operator → its input slots that hold weights: the weight, then the bias and the rest."""

_KINDS = {
    "Gemm": LayerKind.LINEAR,
    "MatMul": LayerKind.LINEAR,
    "MatMulInteger": LayerKind.LINEAR,
    "QLinearMatMul": LayerKind.LINEAR,
    "MatMulNBits": LayerKind.LINEAR,
    "Gather": LayerKind.EMBEDDING,
    "BatchNormalization": LayerKind.BATCH_NORM,
    "LayerNormalization": LayerKind.LAYER_NORM,
    "GroupNormalization": LayerKind.GROUP_NORM,
    "InstanceNormalization": LayerKind.INSTANCE_NORM,
    "RMSNormalization": LayerKind.RMS_NORM,
    "SimplifiedLayerNormalization": LayerKind.RMS_NORM,
    "PRelu": LayerKind.PRELU,
    "LSTM": LayerKind.LSTM,
    "GRU": LayerKind.GRU,
    "RNN": LayerKind.RNN,
}
_QUANTIZED = {"ConvInteger", "QLinearConv", "MatMulInteger", "QLinearMatMul", "MatMulNBits"}
_MICROSOFT = {"MatMulNBits", "SimplifiedLayerNormalization"}
_NOT_WEIGHTS = {
    "Resize": None,
    "Upsample": None,
    "Pad": None,
    "OneHot": None,
    "Clip": None,
    "Range": None,
    "QuantizeLinear": None,
    "DequantizeLinear": None,
    "Dropout": None,
    "Shape": None,
    "Size": None,
    "ConstantOfShape": None,
    "CastLike": (1,),
    "NonMaxSuppression": None,
    "STFT": None,
}
"""Operators whose constant inputs are settings (all of them, or these slots), never weights."""


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """A node that carries weights (or a free-standing weight, whose kind is PARAMETER).

    Attributes:
        name: The layer's name, everywhere. Nodes with the same name are calls of one layer.
        kind: What it is.
        op: Operator type.
        node: The node; for PARAMETER the first one that uses it.
        weight: Where the weight comes from.
        shape: Weight shape as PyTorch has it; None where it must be computed first.
        dtype: numpy's name of the stored type.
        tensors: The initializers that belong to it, weight first, each once.
        tied_to: Name of the earlier layer whose weight this one uses.
        quantized: The file holds it quantized.
        bias_node: The `Add` that became this layer's bias.
    """

    name: str
    kind: LayerKind
    op: str
    node: ir.Node
    weight: Source
    shape: tuple[int, ...] | None
    dtype: str
    tensors: tuple[ir.Value, ...]
    tied_to: str = ""
    quantized: bool = False
    bias_node: ir.Node | None = None

    @property
    def node_name(self) -> str:
        """Name of the node in the file; where it has none, of its first output."""
        return self.node.name or (self.node.outputs[0].name if self.node.outputs else None) or ""


def find_layers(graph: ir.Graph, sources: Sources | None = None) -> list[Layer]:
    """All layers, in the order of the graph's nodes (subgraphs included), with final names.

    Functions must have been inlined. Reads no weight.
    """
    sources = sources or Sources(graph)
    found = list(_weighted(graph, sources))
    taken = {id(layer.node) for layer in found}
    adds = {id(layer.bias_node) for layer in found if layer.bias_node is not None}
    # a table that is looked up at fixed places: what comes out of it is no weight of its own
    fixed = [layer for layer in found if any(map(sources.is_static, layer.node.outputs))]
    looked_up = {id(tensor) for layer in fixed for tensor in layer.tensors}
    free = _free(graph, sources, skip=taken, merged=adds)
    found += [layer for layer in free if id(layer.weight.initializer) not in looked_up]
    order = {id(node): index for index, node in enumerate(graph.all_nodes())}
    found.sort(key=lambda layer: order[id(layer.node)])
    return _named(found, sources)


def layer_names(graph: ir.Graph) -> dict[str, Layer]:
    """Layer name → the (first) node that carries it, in execution order."""
    first: dict[str, Layer] = {}
    for layer in find_layers(graph):
        first.setdefault(layer.name, layer)
    return first


def _weighted(graph: ir.Graph, sources: Sources) -> Iterator[Layer]:
    for node in graph.all_nodes():
        slots = SLOTS.get(node.op_type)
        if slots is None or not (standard(node.domain) or node.op_type in _MICROSOFT):
            continue
        layer = _layer_of(node, slots, sources)
        if layer is not None:
            yield layer


def _layer_of(node: ir.Node, slots: tuple[int, ...], sources: Sources) -> Layer | None:
    weight = sources.of(_input(node, slots[0]))
    if weight is None or any(
        value is not None and not sources.is_static(value)
        for value in (_input(node, slot) for slot in slots)
    ):
        return None
    if node.op_type != "Gather" and sources.is_static(_input(node, 0)):
        return None  # the node is itself part of a weight
    rank = len(weight.shape) if weight.shape is not None else None
    quantized = weight.quantized or node.op_type in _QUANTIZED
    if not (weight.is_float or quantized) or not _fits(node, rank):
        return None
    bias_node = _bias_add(node, weight, sources) if node.op_type == "MatMul" else None
    tensors = [sources.of(_input(node, slot)) for slot in slots]
    if bias_node is not None:
        tensors.append(next(s for s in map(sources.of, bias_node.inputs) if s is not None))
    values = dict.fromkeys(v for s in tensors if s is not None for v in s.initializers)
    return Layer(
        name="",
        kind=_kind(node, rank),
        op=node.op_type,
        node=node,
        weight=weight,
        shape=_torch_shape(node, weight.shape),
        dtype=weight.dtype,
        tensors=tuple(values),
        quantized=quantized,
        bias_node=bias_node,
    )


def _fits(node: ir.Node, rank: int | None) -> bool:
    """Whether a weight of this rank makes the node a layer; unknown ranks are taken on trust."""
    if rank is None:
        return node.op_type not in ("Gather", "MatMul")
    if node.op_type in ("Conv", "ConvTranspose", "ConvInteger", "QLinearConv"):
        return 3 <= rank <= 5
    if node.op_type == "Gather":
        axis = node.attributes.get("axis")
        return rank == 2 and (axis is None or axis.as_int() == 0)
    if node.op_type in ("Gemm", "MatMul", "MatMulInteger", "QLinearMatMul"):
        return rank == 2
    return True


def _kind(node: ir.Node, rank: int | None) -> LayerKind:
    if node.op_type in _KINDS:
        return _KINDS[node.op_type]
    table = _CONV_TRANSPOSE if node.op_type == "ConvTranspose" else _CONV
    return table[(rank or 4) - 3]


def _torch_shape(node: ir.Node, shape: tuple[int, ...] | None) -> tuple[int, ...] | None:
    if shape is None:
        return None
    if node.op_type == "Gemm":
        transposed = node.attributes.get("transB")
        return shape if transposed is not None and transposed.as_int() else shape[::-1]
    if node.op_type in ("MatMul", "MatMulInteger", "QLinearMatMul"):
        return shape[::-1]
    if node.op_type == "MatMulNBits":
        return (node.attributes["N"].as_int(), node.attributes["K"].as_int())
    if node.op_type in ("LSTM", "GRU", "RNN"):
        return shape[1:]
    return (math.prod(shape),) if node.op_type == "PRelu" else shape


def _bias_add(node: ir.Node, weight: Source, sources: Sources) -> ir.Node | None:
    """The Add right after a MatMul whose other input is a constant vector over its columns."""
    out = node.outputs[0]
    uses = list(out.uses())
    if len(uses) != 1 or out.is_graph_output() or weight.shape is None:
        return None
    add = uses[0].node
    if add.op_type != "Add" or not standard(add.domain) or add.graph is not node.graph:
        return None
    other = sources.of(add.inputs[1 - uses[0].idx])
    columns = weight.shape[-1]
    if other is None or other.shape is None or not (other.is_float or other.quantized):
        return None
    shape = other.shape
    fits = 1 <= len(shape) <= 2 and shape[-1] == columns and math.prod(shape) == columns
    return add if fits else None


def _free(graph: ir.Graph, sources: Sources, skip: set[int], merged: set[int]) -> list[Layer]:
    """Float initializers that other nodes use: class tokens, position tables, learned scales."""
    found: dict[int, Layer] = {}
    for node in graph.all_nodes():
        setting = standard(node.domain) and node.op_type in _NOT_WEIGHTS
        if id(node) in merged or (setting and _NOT_WEIGHTS[node.op_type] is None):
            continue
        if any(sources.is_static(out) for out in node.outputs):
            continue
        settings = (_NOT_WEIGHTS[node.op_type] or ()) if setting else ()
        weights = SLOTS.get(node.op_type, ()) if id(node) in skip else ()
        for slot, value in enumerate(node.inputs):
            if value is None or slot in weights or slot in settings:
                continue
            for initializer in sources.parameters(value):
                if id(initializer) not in found:
                    found[id(initializer)] = _parameter(initializer, node, sources)
    return list(found.values())


def _parameter(value: ir.Value, node: ir.Node, sources: Sources) -> Layer:
    source = sources.of(value)
    assert source is not None
    return Layer(
        name="",
        kind=LayerKind.PARAMETER,
        op=node.op_type,
        node=node,
        weight=source,
        shape=source.shape,
        dtype=source.dtype,
        tensors=(value,),
    )


def _named(found: list[Layer], sources: Sources) -> list[Layer]:
    """Give every layer its name: candidates, then uniqueness, then no name inside another's."""
    owners: dict[int, Layer] = {}
    users: Counter[int] = Counter(id(layer.weight.initializer) for layer in found)
    calls: dict[tuple[object, ...], str] = {}
    used: dict[str, int] = {}
    named: list[Layer] = []
    for layer in found:
        weight = layer.weight.initializer
        first = owners.get(id(weight))
        shared = users[id(weight)] > 1
        candidate = _candidate(layer, shared, first is None, sources)
        key = _call_key(layer, candidate, sources)
        if key in calls:
            named.append(replace(layer, name=calls[key]))
            continue
        name = unique_name(sanitize(candidate), used)
        tied = ""
        if first is not None and _ties(first, layer):
            tied = next(other.name for other in named if other.node is first.node)
        owners.setdefault(id(weight), layer)
        calls[key] = name
        named.append(replace(layer, name=name, tied_to=tied))
    return _without_nesting(named)


def _ties(first: Layer, layer: Layer) -> bool:
    """Whether a shared tensor is a tie; equal vectors are merged by exporters, and are not."""
    return first.shape is not None and len(first.shape) > 1 and layer.shape is not None


def _call_key(layer: Layer, candidate: str, sources: Sources) -> tuple[object, ...]:
    """Equal for two nodes that are calls of one layer: same operator, weights and settings.

    Exporters merge vectors that are equal (the scales of two fresh norms), so those have to have
    the same name as well.
    """
    if layer.shape is None or layer.kind is LayerKind.PARAMETER:
        return (id(layer.node), id(layer.weight.initializer))
    values = [_input(layer.node, slot) for slot in SLOTS[layer.op]]
    if layer.bias_node is not None:
        values += [v for v in layer.bias_node.inputs if sources.is_static(v)]
    settings = sorted((a.name, str(a.value)) for a in layer.node.attributes.values())
    name = candidate if len(layer.shape) < 2 else ""
    return (layer.op, name, tuple(sources.identity(v) for v in values), tuple(settings))


def _candidate(layer: Layer, shared: bool, is_first: bool, sources: Sources) -> str:
    weight = TAIL.sub("", (layer.weight.initializer.name or "")[:LONGEST])
    if layer.kind is LayerKind.PARAMETER:
        return _parameter_name(layer, weight)
    scope = scope_of(layer.node) or path_of((layer.node.name or "")[:LONGEST])
    own = "" if ANONYMOUS.match(weight) else weight
    if own and WEIGHT_SUFFIX.search(own) and (scope or is_first):
        base = WEIGHT_SUFFIX.sub("", own)
        # Elsewhere in the module tree: an exporter merged two equal weights under one name, or
        # kept a tied table under its other name. (A folded convolution has its norm's scope.)
        merged = shared or layer.op == "Gather"
        away = scope and base != scope and not base.startswith(f"{scope}.")
        return scope if merged and away else base
    bias = _bias_name(layer, sources)
    choices = [bias, scope] if not shared else [scope, bias]
    choices.append("" if shared else WEIGHT_SUFFIX.sub("", own))
    choices.append(plain_name((layer.node.name or "")[:LONGEST]))
    return next((c for c in choices if c), layer.op.lower())


def _parameter_name(layer: Layer, weight: str) -> str:
    if weight and not ANONYMOUS.match(weight):
        return weight
    scope = scope_of(layer.node) or path_of((layer.node.name or "")[:LONGEST])
    return f"{scope}_{layer.op.lower()}" if scope else f"parameter_{weight}"


def _bias_name(layer: Layer, sources: Sources) -> str:
    slots = SLOTS[layer.op]
    values = [_input(layer.node, slots[1])] if len(slots) > 1 else []
    if layer.bias_node is not None:
        values = [v for v in layer.bias_node.inputs if sources.is_static(v)]
    source = sources.of(values[0]) if values else None
    if source is None or len(list(source.initializer.uses())) != 1:
        return ""
    name = TAIL.sub("", (source.initializer.name or "")[:LONGEST])
    return BIAS_SUFFIX.sub("", name) if BIAS_SUFFIX.search(name) else ""


def _without_nesting(named: list[Layer]) -> list[Layer]:
    """Rename a layer whose name is the container of another's: `net` beside `net.fc`."""
    names = {layer.name for layer in named}
    containers = {name[:at] for name in names for at in range(len(name)) if name[at] == "."}
    renamed: dict[str, str] = {}
    for name in sorted(names & containers):
        count = 1
        op = next(layer.op for layer in named if layer.name == name).lower()
        while (new := f"{name}.{op}" + (f"_{count}" if count > 1 else "")) in names | containers:
            count += 1
        names.add(new)
        renamed[name] = new
    return [
        replace(
            layer,
            name=renamed.get(layer.name, layer.name),
            tied_to=renamed.get(layer.tied_to, layer.tied_to),
        )
        for layer in named
    ]


def _input(node: ir.Node, slot: int) -> ir.Value | None:
    return node.inputs[slot] if slot < len(node.inputs) else None
