"""Sizes for one sample: shapes with the batch taken out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import fx

from engine.network.signature import dimension_names, is_constant, named_shape


class SampleShapes:
    """Reads shapes off a lifted network as they are for a batch of one.

    Dimensions that vary other than the batch take the size they had in the example.
    """

    def __init__(self, module: fx.GraphModule) -> None:
        self.names = dimension_names(module)
        self._values: dict[Any, int] = {}
        self._known: dict[Any, int | None] = {}
        self._batch_symbols: set[str] = set()
        self.fixed_batch = 1
        for node in module.graph.nodes:
            value = node.meta.get("val")
            if node.op == "placeholder" and isinstance(value, torch.Tensor):
                self._read(value)

    def _read(self, value: torch.Tensor) -> None:
        sizes: Sequence[Any] = value.shape
        for axis, size in enumerate(sizes):
            if is_constant(size):
                if axis == 0 and not self._batch_symbols:
                    self.fixed_batch = int(size)
                continue
            self._values[size.node.expr] = 1 if axis == 0 else _example(size)
            if axis == 0:
                self._batch_symbols.add(str(size))
                self.fixed_batch = 1

    def size(self, size: int | torch.SymInt) -> int | None:
        """A size for a batch of one; None where it depends on the input's values."""
        if is_constant(size):
            return int(size)
        symbolic: Any = size
        expression = symbolic.node.expr
        if expression not in self._known:  # sympy is slow, and most tensors share their sizes
            value = expression.subs(self._values)
            self._known[expression] = int(value) if value.is_number else None
        return self._known[expression]

    def shape(self, value: Any) -> tuple[int, ...] | None:
        """The shape of a fake tensor, of which the batch axis is 1 unless it is fixed."""
        if not isinstance(value, torch.Tensor):
            return None
        sizes = [self.size(size) for size in value.shape]
        return None if None in sizes else tuple(size for size in sizes if size is not None)

    def elements(self, value: Any) -> int | None:
        """Number of elements for a batch of one (of all samples where the batch is fixed)."""
        shape = self.shape(value)
        return None if shape is None else math.prod(shape)

    def count_bytes(self, value: Any) -> int | None:
        """Bytes of a tensor, or of all tensors in a nest of tuples, for one sample.

        None where a size depends on the input's values; 0 for what is no tensor.
        """
        if isinstance(value, (tuple, list)):
            parts = [self.count_bytes(part) for part in value]
            return None if None in parts else sum(part for part in parts if part is not None)
        if not isinstance(value, torch.Tensor):
            return 0
        elements = self.elements(value)
        return None if elements is None else elements * value.element_size() // self.fixed_batch

    def without_batch(self, value: torch.Tensor) -> tuple[int | str, ...]:
        """A shape without its batch axis; sizes that vary are text."""
        axis = self._batch_axis(value.shape)
        sizes = [size for index, size in enumerate(value.shape) if index != axis]
        return named_shape(sizes, self.names)

    def _batch_axis(self, shape: Sequence[Any]) -> int:
        for axis, size in enumerate(shape):
            if str(size) in self._batch_symbols:
                return axis
        first = bool(shape) and not self._batch_symbols and is_constant(shape[0])
        return 0 if first and int(shape[0]) == self.fixed_batch else -1


def _example(size: torch.SymInt) -> int:
    """The size in the example; a program from a file may have forgotten it."""
    try:
        return int(size.node.hint)
    except (TypeError, RuntimeError, AttributeError):
        return 1
