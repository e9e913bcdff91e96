"""An ONNX graph that is made in memory, and what nodes of a network tell of their values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, fx

_TYPES = {
    torch.float32: TensorProto.FLOAT,
    torch.int64: TensorProto.INT64,
    torch.int32: TensorProto.INT32,
    torch.bool: TensorProto.BOOL,
}


class Unknown(Exception):
    """An operator, or a way of calling it, that is not known here."""


class Graph:
    """Operators and constants of a model that is being made.

    An operator's result has its node's name.
    """

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def operator(self, kind: str, node: fx.Node, inputs: Sequence[Any], **attributes: Any) -> None:
        """An operator whose result is the node's."""
        self.step(kind, node.name, inputs, **attributes)

    def step(self, kind: str, name: str, inputs: Sequence[Any], **attributes: Any) -> str:
        """An operator; nodes, names and arrays are its inputs."""
        names = []
        for value in inputs:
            if isinstance(value, fx.Node):
                value_of(value)  # raises where it is a number
                names.append(value.name)
            elif isinstance(value, str):
                names.append(value)
            else:
                names.append(self.constant(value))
        self.nodes.append(helper.make_node(kind, names, [name], **attributes))
        return name

    def constant(self, array: Any) -> str:
        """A constant's name."""
        if isinstance(array, Tensor):
            array = array.detach().contiguous().numpy()
        name = f"constant {len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name


def is_tensor(value: Any) -> bool:
    """Whether an argument is a node whose value is a tensor."""
    return isinstance(value, fx.Node) and isinstance(value.meta.get("val"), Tensor)


def value_of(node: Any) -> Tensor:
    """A tensor like the node's value.

    Raises:
        Unknown: It is no tensor.
    """
    value = node.meta.get("val") if isinstance(node, fx.Node) else None
    if not isinstance(value, Tensor):
        raise Unknown("a number that is worked out")
    return value


def rank_of(node: Any) -> int:
    """Number of axes of the node's value.

    Raises:
        Unknown: It is no tensor.
    """
    return value_of(node).dim()


def type_of(node: fx.Node) -> int:
    """ONNX's number for the type of the node's value.

    Raises:
        Unknown: It is no tensor, or of another type.
    """
    kind = _TYPES.get(value_of(node).dtype)
    if kind is None:
        raise Unknown(str(value_of(node).dtype))
    return int(kind)


def shape_of(node: fx.Node) -> list[int | None]:
    """Sizes that are known; those that vary with the batch are not."""
    return [size if type(size) is int else None for size in value_of(node).shape]
