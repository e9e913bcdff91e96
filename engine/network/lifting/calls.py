"""One operator call of an exported program, and the leaf module that can stand for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import fx, nn

from engine.network.lifting.state import ProgramState, Stored


@dataclass(frozen=True, slots=True)
class Leaf:
    """A module for one call.

    Attributes:
        kind: Short name for a leaf whose path must be invented.
        module: Built on the meta device; its tensors are put in later.
        tensors: Local name → tensor of the program.
        inputs: Arguments of the call, in terms of the program's nodes.
        results: Where each of the call's results is found in what the module returns: a path of
            indices. Empty: the call and the module both return one tensor.
    """

    kind: str
    module: nn.Module
    tensors: Mapping[str, Stored]
    inputs: tuple[Any, ...]
    results: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class OpCall:
    """A graph node that calls an operator, with its arguments by name."""

    node: fx.Node
    state: ProgramState
    arguments: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, node: fx.Node, state: ProgramState) -> OpCall:
        """Bind positional, named and default arguments by the operator's schema."""
        schema = node.target._schema  # type: ignore[union-attr]  # fx lets an argument be anything; this operator's is known
        bound: dict[str, Any] = {}
        for index, argument in enumerate(schema.arguments):
            if index < len(node.args):
                bound[argument.name] = node.args[index]
            elif argument.name in node.kwargs:
                bound[argument.name] = node.kwargs[argument.name]
            elif argument.has_default_value():
                bound[argument.name] = argument.default_value
        return cls(node, state, bound)

    def __getitem__(self, name: str) -> Any:
        return self.arguments[name]

    def stored(self, name: str) -> Stored | None:
        """The program's tensor behind this argument."""
        return self.state.of(self.arguments[name])

    def tensors(self, **names: str) -> dict[str, Stored] | None:
        """Local name → tensor, for `local=argument`; None where an argument is computed.

        An argument that is absent (None) is left out.
        """
        found: dict[str, Stored] = {}
        for local, argument in names.items():
            if self.arguments[argument] is None:
                continue
            stored = self.stored(argument)
            if stored is None:
                return None
            found[local] = stored
        return found

    def dims(self, name: str) -> int:
        """Number of axes of a tensor argument."""
        return tensor_meta(self.arguments[name]).dim()


Builder = Callable[[OpCall], Leaf | None]
"""Makes the leaf for a call, or None where the call must stay an operator."""


def tensor_meta(node: Any) -> torch.Tensor:
    """The fake tensor of a node."""
    value = node.meta["val"]
    assert isinstance(value, torch.Tensor)
    return value


def per_axis(value: Any, axes: int) -> tuple[int, ...]:
    """A stride, padding or the like, one number for each axis."""
    if isinstance(value, (list, tuple)):
        return tuple(value) if len(value) == axes else tuple(value) * axes
    return (value,) * axes
