"""Which layers a rule means: exact names, globs, and the parts that replaced a layer."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Mapping
from functools import cached_property, lru_cache

from engine.layer_table import LayerTable

_GLOB = frozenset("*?[")


class Lineage:
    """Where the layers of a predicted table come from, and which of them a pattern means.

    Immutable; `after` gives the lineage one step on. Steps that leave all names as they are share
    one, and with it what was found.

    Args:
        ancestors: Layer → itself and what it is a part of, nearest first.
        gone: Layer → index of the step that removed it and left no part.
    """

    def __init__(
        self, ancestors: Mapping[str, tuple[str, ...]], gone: Mapping[str, int] | None = None
    ) -> None:
        self._ancestors = dict(ancestors)
        self.gone = dict(gone or {})

    @classmethod
    def of(cls, table: LayerTable) -> Lineage:
        """At the start every layer is its own."""
        return cls({name: (name,) for name in table.names()})

    def after(self, table: LayerTable, step: int) -> Lineage:
        """The lineage of the table that a step leaves."""
        names = set(table.names())
        vanished = self._ancestors.keys() - names
        if not vanished and len(names) == len(self._ancestors):
            return self
        ancestors: dict[str, tuple[str, ...]] = {}
        replaced: set[str] = set()
        for name in table.names():
            if name in self._ancestors:
                ancestors[name] = self._ancestors[name]
                continue
            parent = _parent(name, vanished)
            ancestors[name] = (name, *self._ancestors.get(parent, ()))
            replaced.add(parent)
        gone = dict.fromkeys(vanished - replaced, step)
        return Lineage(ancestors, self.gone | gone)

    def find(self, pattern: str) -> list[str]:
        """The layers that a pattern means; empty if none.

        A name that is a layer's is that layer, whatever characters it has; a `*` also spans dots.
        """
        if pattern in self._index:
            return self._index[pattern]
        if not is_glob(pattern):
            return []
        if pattern not in self._found:
            match = _compile(pattern)
            hits = (layers for name, layers in self._index.items() if match(name))
            self._found[pattern] = list(dict.fromkeys(name for layers in hits for name in layers))
        return self._found[pattern]

    def known(self) -> tuple[str, ...]:
        """All names that a pattern can match."""
        return tuple(self._index)

    def inside_layer(self, pattern: str) -> bool:
        """Whether a pattern looks like a part of a layer that is still whole."""
        parts = pattern.split(".")
        return any(".".join(parts[:end]) in self._index for end in range(1, len(parts)))

    @cached_property
    def _index(self) -> dict[str, list[str]]:
        """Name that a pattern can match → the layers it then means, in execution order."""
        index: dict[str, list[str]] = {}
        for layer, names in self._ancestors.items():
            for name in names:
                index.setdefault(name, []).append(layer)
        return index

    @cached_property
    def _found(self) -> dict[str, list[str]]:
        """What globs have been found to mean."""
        return {}


def is_glob(pattern: str) -> bool:
    """Whether a pattern has a wildcard."""
    return not _GLOB.isdisjoint(pattern)


def _parent(name: str, vanished: set[str]) -> str:
    """The replaced layer that this one is a part of, or ""."""
    while "." in name:
        name = name.rpartition(".")[0]
        if name in vanished:
            return name
    return ""


@lru_cache(maxsize=1024)
def _compile(pattern: str) -> Callable[[str], re.Match[str] | None]:
    return re.compile(fnmatch.translate(pattern)).match
