"""Where constants of an ONNX graph come from, told from its structure without reading any.

A value is *static* when nothing but initializers and constants feeds it: a weight that is
transposed, cast or dequantized on its way to the node that uses it is still that weight.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import onnx_ir as ir

FLOATS = frozenset(
    {ir.DataType.FLOAT, ir.DataType.FLOAT16, ir.DataType.BFLOAT16, ir.DataType.DOUBLE}
)
_RANDOM = frozenset(
    {"RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Multinomial"}
    | {"Bernoulli"}
)
_SAME_SHAPE = frozenset({"Identity", "Cast", "CastLike", "DequantizeLinear", "Dropout"})


def standard(domain: str) -> bool:
    """Whether this is the domain of the standard operators, under either of its names."""
    return domain in ("", "ai.onnx")


_SCALING = frozenset({"Mul", "Sub"})
_INTEGERS = frozenset(
    {ir.DataType.INT4, ir.DataType.UINT4, ir.DataType.INT8, ir.DataType.UINT8}
    | {ir.DataType.INT16, ir.DataType.UINT16}
)
"""Types that weights are quantized to."""


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """The stored tensor behind a static value.

    Attributes:
        initializer: The (largest) initializer, or output of a `Constant` node, that feeds it.
        initializers: All that feed it, that one first.
        shape: Of the static value itself, after what is done to the stored tensor; None where
            only computing it would tell.
        dtype: numpy's name of the stored type.
        is_float: The stored tensor is floating point.
        quantized: Integers are made floats on the way: by a `DequantizeLinear`, or by a `Cast` of
            a stored tensor.
    """

    initializer: ir.Value
    initializers: tuple[ir.Value, ...]
    shape: tuple[int, ...] | None
    dtype: str
    is_float: bool
    quantized: bool


class Sources:
    """Answers where the constants of one graph (and its subgraphs) come from."""

    def __init__(self, graph: ir.Graph) -> None:
        self._static: set[ir.Value] = set()
        self._cache: dict[ir.Value, Source | None] = {}
        for node in graph.all_nodes():
            if self._is_static_node(node):
                self._static.update(node.outputs)

    def is_static(self, value: ir.Value | None) -> bool:
        """Whether the value is the same for every input of the network."""
        return value is not None and (value in self._static or stored(value) is not None)

    def of(self, value: ir.Value | None) -> Source | None:
        """The tensor behind a static value; None for a value that depends on the input."""
        if value is None or not self.is_static(value):
            return None
        if value not in self._cache:
            self._cache[value] = self._find(value)
        return self._cache[value]

    def parameters(self, value: ir.Value) -> list[ir.Value]:
        """Float initializers with more than one element that a static value is made from."""
        source = self.of(value)
        return [v for v in source.initializers if is_parameter(v)] if source else []

    def identity(self, value: ir.Value | None) -> object:
        """Equal for two static values that are the same tensor used in the same way."""
        if value is None:
            return None
        producer = value.producer()
        if stored(value) is not None or producer is None:
            return id(value)
        if producer.op_type == "Identity":
            return self.identity(producer.inputs[0])
        settings = sorted((a.name, str(a.value)) for a in producer.attributes.values())
        inputs = tuple(self.identity(v) for v in producer.inputs)
        return (producer.op_type, inputs, tuple(settings), value.index())

    def _is_static_node(self, node: ir.Node) -> bool:
        if node.op_type in _RANDOM or not node.inputs:
            return node.op_type == "Constant"
        if any(a.type in _GRAPHS for a in node.attributes.values()):
            return False
        return all(v is None or self.is_static(v) for v in node.inputs)

    def _find(self, value: ir.Value) -> Source | None:
        leaves: dict[ir.Value, None] = {}
        quantized = False
        seen: set[ir.Value] = set()
        stack = [value]
        while stack:
            at = stack.pop()
            if at in seen:
                continue
            seen.add(at)
            if stored(at) is not None:
                leaves[at] = None
                continue
            producer = at.producer()
            if producer is None:
                continue
            quantized = quantized or _dequantizes(producer)
            stack.extend(v for v in reversed(producer.inputs) if v is not None)
        if not leaves:
            return None
        ordered = sorted(leaves, key=_size, reverse=True)
        dtype = _dtype(ordered[0])
        return Source(
            initializer=ordered[0],
            initializers=tuple(ordered),
            shape=self._shape(value),
            dtype=dtype.numpy().name if dtype is not ir.DataType.STRING else "str",
            is_float=dtype in FLOATS,
            quantized=quantized,
        )

    def _shape(self, value: ir.Value) -> tuple[int, ...] | None:
        """Through what stands before a weight: casts, transpositions, scales."""
        transposed: list[ir.Node] = []
        largest = 0
        tensor = stored(value)
        while tensor is None:
            producer = value.producer()
            if producer is None or producer.inputs[0] is None:
                return None
            if producer.op_type == "Transpose":
                transposed.append(producer)
            elif (scale := _scale(producer)) is not None:
                largest = max(largest, _size(scale))
            elif producer.op_type not in _SAME_SHAPE:
                return _known_shape(value) if not transposed else None
            value = producer.inputs[0]
            tensor = stored(value)
        shape = dims_of(tensor)
        if largest > math.prod(shape):
            return None  # it is broadcast
        for node in reversed(transposed):
            perm = node.attributes.get("perm")
            axes = list(perm.as_ints()) if perm is not None else list(range(len(shape)))[::-1]
            if sorted(axes) != list(range(len(shape))):
                return None
            shape = tuple(shape[a] for a in axes)
        return shape


_GRAPHS = (ir.AttributeType.GRAPH, ir.AttributeType.GRAPHS)


def stored(value: ir.Value) -> ir.TensorProtocol | None:
    """The tensor of an initializer or of a `Constant` node's output; None for the rest."""
    producer = value.producer()
    if producer is None:
        return value.const_value
    if producer.op_type == "Constant" and standard(producer.domain):
        return ir.convenience.get_const_tensor(value)
    return None


def is_parameter(value: ir.Value) -> bool:
    """Whether a stored tensor counts as a weight: a float initializer of more than one element."""
    return value.producer() is None and _dtype(value) in FLOATS and _size(value) > 1


def _dtype(value: ir.Value) -> ir.DataType:
    tensor = stored(value)
    return tensor.dtype if tensor is not None else ir.DataType.UNDEFINED


def _size(value: ir.Value) -> int:
    tensor = stored(value)
    return math.prod(dims_of(tensor)) if tensor is not None else 0


def dims_of(tensor: ir.TensorProtocol) -> tuple[int, ...]:
    """The shape of a stored tensor, which is never symbolic."""
    return tuple(d for d in tensor.shape if isinstance(d, int))


def _dequantizes(node: ir.Node) -> bool:
    """Whether a node makes floats of stored integers."""
    if node.op_type == "DequantizeLinear":
        return True
    source = node.inputs[0] if node.op_type == "Cast" and node.inputs else None
    return source is not None and _dtype(source) in _INTEGERS


def _scale(node: ir.Node) -> ir.Value | None:
    """The stored tensor that a node multiplies or shifts another value with."""
    other = node.inputs[1] if node.op_type in _SCALING else None
    return other if other is not None and stored(other) is not None else None


def _known_shape(value: ir.Value) -> tuple[int, ...] | None:
    if value.shape is None:
        return None
    dims = tuple(d for d in value.shape if isinstance(d, int))
    return dims if len(dims) == len(value.shape) else None
