"""Small building blocks of onnx-ir graphs that the quantizing passes share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ml_dtypes
import numpy as np
import onnx_ir as ir
from numpy.typing import NDArray

Array = NDArray[Any]
Attributes = Mapping[str, int | float | str | Sequence[int]]
MICROSOFT = "com.microsoft"
_PACKED: Mapping[ir.DataType, Any] = {
    ir.DataType.INT4: ml_dtypes.int4,
    ir.DataType.UINT4: ml_dtypes.uint4,
    ir.DataType.INT2: ml_dtypes.int2,
    ir.DataType.UINT2: ml_dtypes.uint2,
    ir.DataType.BFLOAT16: ml_dtypes.bfloat16,
}


class Builder:
    """Adds constants and nodes to a graph; equal small constants are stored once."""

    def __init__(self, graph: ir.Graph) -> None:
        self.graph = graph
        self._names = {v.name for v in graph.inputs} | set(graph.initializers)
        self._names |= {v.name for node in graph.all_nodes() for v in node.outputs}
        self._nodes = {node.name for node in graph.all_nodes()}
        self._shared: dict[tuple[Any, ...], ir.Value] = {}

    def constant(self, name: str, array: Array, dtype: ir.DataType | None = None) -> ir.Value:
        """A new initializer; `dtype` for types that numpy lacks."""
        if dtype is not None:
            array = array.astype(_PACKED.get(dtype) or dtype.numpy())
        tensor = ir.Tensor(np.ascontiguousarray(array) if array.ndim else array, dtype=dtype)
        value = ir.Value(
            name=self.free(name),
            const_value=tensor,
            shape=ir.Shape(array.shape),
            type=ir.TensorType(tensor.dtype),
        )
        tensor.name = value.name
        self.graph.register_initializer(value)
        return value

    def shared(self, name: str, array: Array, dtype: ir.DataType | None = None) -> ir.Value:
        """Likewise, but one that is there already with the same values is used again."""
        key = (array.dtype.str, array.shape, array.tobytes(), dtype)
        if key not in self._shared:
            self._shared[key] = self.constant(name, array, dtype)
        return self._shared[key]

    def node(
        self,
        op: str,
        inputs: Sequence[ir.Value | None],
        before: ir.Node,
        *,
        name: str,
        attributes: Attributes | None = None,
        domain: str = "",
    ) -> ir.Value:
        """The output of a new node in front of another."""
        node = ir.node(op, inputs, attributes, domain=domain, name=self._free_node(name))
        node.outputs[0].name = self.free(name)
        self.graph.insert_before(before, node)
        return node.outputs[0]

    def release(self, value: ir.Value) -> str:
        """Take a value's name away, for the one that is to replace it; the name."""
        name = value.name or "value"
        value.name = self.free(f"{name}_replaced")
        self._names.discard(name)
        return name

    def free(self, wanted: str) -> str:
        """A name that no value has yet, and is taken from now on."""
        return _free(wanted, self._names)

    def _free_node(self, wanted: str) -> str:
        return _free(wanted, self._nodes)


def _free(wanted: str, taken: set[str | None]) -> str:
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}_{number}"
    taken.add(name)
    return name


def attribute(node: ir.Node, name: str, default: Any) -> Any:
    """An attribute's value, or what the standard takes where it is absent."""
    found = node.attributes.get(name)
    return default if found is None else found.value


def constant_of(value: ir.Value | None) -> Array | None:
    """The values of an initializer or of a `Constant` node's output; None for any other."""
    tensor = ir.convenience.get_const_tensor(value) if value is not None else None
    if tensor is None:
        return None
    result: Array = tensor.numpy()
    return result


def only_user(value: ir.Value) -> ir.Node | None:
    """The one node that uses a value that is used once and is no output of the graph."""
    users = list(value.uses())
    if len(users) != 1 or value.is_graph_output():
        return None
    return users[0].node
