"""The shapes of a network at one point of a recipe, as predictions take and give them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any, TypeVar

from engine.info import ChannelGroup, LayerInfo

T = TypeVar("T")


@dataclass(frozen=True)
class LayerTable:
    """The shapes of a network at one point of a recipe: what `predict` takes and gives.

    Attributes:
        layers: In execution order.
        groups: Channel groups of these layers.
    """

    layers: tuple[LayerInfo, ...]
    groups: tuple[ChannelGroup, ...] = ()
    _index: dict[str, LayerInfo] = field(init=False, repr=False, compare=False)
    _found: dict[object, Any] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_index", {layer.name: layer for layer in self.layers})
        object.__setattr__(self, "_found", {})
        if len(self._index) != len(self.layers):
            raise ValueError("Two layers have the same name")

    def __reduce__(self) -> tuple[type[LayerTable], tuple[Any, ...]]:
        return LayerTable, (self.layers, self.groups)

    def once(self, compute: Callable[[LayerTable], T]) -> T:
        """What a pure function makes of this table, worked out the first time it is asked for."""
        if compute not in self._found:
            self._found[compute] = compute(self)
        found: T = self._found[compute]
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._index

    def __getitem__(self, name: str) -> LayerInfo:
        return self._index[name]

    def __len__(self) -> int:
        return len(self.layers)

    def names(self) -> tuple[str, ...]:
        """The layers' names, in execution order."""
        return tuple(self._index)


_layer_fields = tuple(one.name for one in fields(LayerInfo))
_layer_values = attrgetter(*_layer_fields)
_layer_slots = tuple(getattr(LayerInfo, name).__set__ for name in _layer_fields)
_layer_index = {name: number for number, name in enumerate(_layer_fields)}


def changed(layer: LayerInfo, **changes: Any) -> LayerInfo:
    """`dataclasses.replace` for layers in half the time: predictions call it for every layer.

    Raises:
        KeyError: A layer has no such field.
    """
    values = list(_layer_values(layer))
    for name, value in changes.items():
        values[_layer_index[name]] = value
    new = object.__new__(LayerInfo)
    for set_slot, value in zip(_layer_slots, values, strict=True):
        set_slot(new, value)
    return new
