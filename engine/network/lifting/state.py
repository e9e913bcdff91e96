"""The tensors that an exported program holds, by name and by graph node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import fx
from torch.export import ExportedProgram
from torch.export.graph_signature import InputKind

from engine.network.lifting.ties import Ties

_HELD = {InputKind.PARAMETER, InputKind.BUFFER, InputKind.CONSTANT_TENSOR}
_TRANSPOSES = {
    torch.ops.aten.permute.default: ((1, 0), (-1, -2), (-1, 0), (1, -2)),
    torch.ops.aten.transpose.int: (0, 1),
    torch.ops.aten.t.default: (),
}


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """One tensor of the program.

    Attributes:
        name: Its full name in the original module.
        value: The tensor itself, shared with the program.
        trainable: It is a parameter, not a buffer or a constant.
        persistent: It belongs to the state dict.
        transposed: It is used as its transpose.
        computed_from: Names of the tensors that it was computed from, if it was.
    """

    name: str
    value: torch.Tensor
    trainable: bool
    persistent: bool
    transposed: bool = False
    computed_from: tuple[str, ...] = ()

    @property
    def owner(self) -> str:
        """Path of the module it belongs to."""
        return self.name.rpartition(".")[0]

    @property
    def local(self) -> str:
        """Its name within that module."""
        return self.name.rpartition(".")[2]


class ProgramState:
    """What stands behind the placeholders of an exported program."""

    def __init__(self, program: ExportedProgram, ties: Ties | None = None) -> None:
        self._by_node: dict[str, Stored] = {}
        self._by_name: dict[str, Stored] = {}
        self._computed: dict[fx.Node, Stored] = {}
        self._mutations = set(program.graph_signature.buffers_to_mutate)
        for spec in program.graph_signature.input_specs:
            if spec.kind in _HELD and spec.target is not None:
                value = _value(program, spec.target)
                if ties is not None and spec.kind is InputKind.PARAMETER:
                    value = ties.of(value)
                stored = Stored(
                    spec.target,
                    value,
                    spec.kind is InputKind.PARAMETER,
                    spec.kind is InputKind.PARAMETER or spec.persistent is True,
                )
                self._by_node[spec.arg.name] = stored
                self._by_name[spec.target] = stored

    def of(self, node: Any) -> Stored | None:
        """The tensor that a graph node stands for, if it is one of the program's."""
        if not isinstance(node, fx.Node):
            return None
        if node.op != "placeholder":
            return self._computed.get(node)
        return self._by_node.get(node.name)

    def add(self, node: fx.Node, stored: Stored) -> None:
        """Let a computed node stand for a tensor of its own."""
        self._computed[node] = stored
        self._by_name[stored.name] = stored

    def matrix(self, node: Any) -> Stored | None:
        """The matrix that a node stands for, directly or as its transpose."""
        stored = self.of(node)
        if stored is None and isinstance(node, fx.Node) and is_transpose(node):
            inner = self.of(node.args[0])
            if inner is not None:
                stored = Stored(
                    inner.name, inner.value.t(), inner.trainable, inner.persistent, transposed=True
                )
        return stored if stored is not None and stored.value.dim() == 2 else None

    def is_update(self, node: fx.Node) -> bool:
        """Whether a node is a buffer's new value, which the program returns beside its outputs."""
        return node.name in self._mutations and all(user.op == "output" for user in node.users)

    def named(self, name: str) -> Stored | None:
        """The tensor with this full name."""
        return self._by_name.get(name)

    @property
    def names(self) -> Mapping[str, Stored]:
        """Every tensor by its full name."""
        return self._by_name


def is_transpose(node: fx.Node) -> bool:
    """Whether a node swaps the two axes of a matrix."""
    target: Any = node.target
    if target not in _TRANSPOSES:
        return False
    if target is torch.ops.aten.permute.default:
        order = node.args[1]
        return isinstance(order, (list, tuple)) and tuple(order) in _TRANSPOSES[target]
    axes = {int(a) % 2 for a in node.args[1:] if isinstance(a, int)}
    return target is torch.ops.aten.t.default or axes == {0, 1}


def same_tensor(a: torch.Tensor, b: torch.Tensor) -> bool:
    """Whether two tensors are the same values in memory, seen the same way."""
    return a is b or identity(a) == identity(b)


def identity(value: torch.Tensor) -> tuple[object, ...]:
    """A key that equal views of one storage share."""
    try:
        pointer = value.data_ptr()
    except RuntimeError:  # fake tensors have no memory
        pointer = 0
    if pointer == 0 or value.numel() == 0:
        return (id(value),)
    return (pointer, value.dtype, tuple(value.shape), tuple(value.stride()))


def _value(program: ExportedProgram, name: str) -> torch.Tensor:
    found: torch.Tensor | None = program.state_dict.get(name)
    if found is None:
        found = program.constants[name]
    assert isinstance(found, torch.Tensor)
    return found
