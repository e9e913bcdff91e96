"""Labels of channels: how they are united, frozen, and split over the axes of a reshape.

Every channel that a layer makes gets a label. Operations unite labels; what is united in the end
has to be removed together. Everything is recorded as arrays and solved once, at the end
(`engine.network.axes.solve`), so that a network with 50,000 channels takes milliseconds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.int64]
Mask = NDArray[np.bool_]

SYMBOLIC = 1 << 40
"""Sizes from here on contain a symbol; see `engine.network.axes.sizes`."""


@dataclass(frozen=True, slots=True)
class Factor:
    """One factor of an axis: its size, and a label for each position where channels lie on it."""

    size: int
    labels: Labels | None = None


Axis = tuple[Factor, ...]
"""An axis as the row-major product of factors: `[heads * width]` after a merge keeps both."""

Axes = tuple[Axis, ...]
"""All axes of one tensor."""


@dataclass(frozen=True, slots=True)
class Block:
    """Channels seen at once as one axis and as several.

    `elements` holds the labels of the one axis, shaped like the several. Removing channels must
    leave a full block, so only one of the several axes can shrink: which one, `solve` decides.

    Attributes:
        elements: `[size of each factor]`.
        factors: Labels along each factor; None where nothing can be removed.
        where: The operation, for messages.
    """

    elements: Labels
    factors: tuple[Labels | None, ...]
    where: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Why labels are frozen; of several, the lowest rank is told."""

    text: str
    rank: int = 5


@dataclass(slots=True)
class Ledger:
    """Records what the operations of a network say about its channels.

    Attributes:
        count: Number of labels so far.
        edges: Pairs that go together.
        frozen: What cannot be removed, and why.
        preferred: Along these a block had better shrink: attention heads.
        avoided: Along these it had better not: widths that a product sums over.
        flexible: Made to any size that is asked for, so that they are no choice of their own.
        blocks: See `Block`.
    """

    count: int = 0
    edges: list[tuple[Labels, Labels]] = field(default_factory=list)
    frozen: list[tuple[Labels, Reason]] = field(default_factory=list)
    preferred: list[Labels] = field(default_factory=list)
    avoided: list[Labels] = field(default_factory=list)
    flexible: list[Labels] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    _flat: dict[tuple[int, ...], tuple[Axis, Labels]] = field(default_factory=dict)
    _cut: dict[tuple[int, int], tuple[Labels, tuple[Factor, Factor]]] = field(default_factory=dict)

    def new(self, size: int) -> Labels:
        """Fresh labels."""
        labels = np.arange(self.count, self.count + size)
        self.count += size
        return labels

    def unite(self, a: Labels | None, b: Labels | None) -> None:
        """Position by position, what has label a and what has label b go together."""
        if a is not None and b is not None and a is not b:
            self.edges.append((a.ravel(), b.ravel()))

    def unite_rows(self, labels: Labels) -> None:
        """`[rows, n]`: position n of every row goes together."""
        if len(labels) > 1:
            self.edges.append((labels[1:].ravel(), np.tile(labels[0], len(labels) - 1)))

    def freeze(self, labels: Labels | None, reason: Reason) -> None:
        """Nothing that these labels name can be removed."""
        if labels is not None and labels.size:
            self.frozen.append((labels.ravel(), reason))

    def freeze_axis(self, axis: Axis, reason: Reason) -> None:
        """No part of this axis can shrink."""
        for factor in axis:
            self.freeze(factor.labels, reason)

    def flatten(self, axis: Axis, where: str) -> Labels | None:
        """One label for each position of an axis; None where the axis holds no channels."""
        if len(axis) == 1:
            return axis[0].labels
        labelled = [f for f in axis if f.labels is not None]
        if not labelled:
            return None
        if any(f.size >= SYMBOLIC for f in axis):
            reason = Reason(f"{where} mixes the channels with an axis of varying size.")
            self.freeze_axis(axis, reason)
            return None
        key = tuple(id(f.labels) if f.labels is not None else -f.size for f in axis)
        if key not in self._flat:
            self._flat[key] = (axis, self._flatten(axis, where))  # keeps the ids alive
        return self._flat[key][1]

    def _flatten(self, axis: Axis, where: str) -> Labels:
        places = [i for i, f in enumerate(axis) if f.labels is not None]
        if len(places) == 1:
            labels = axis[places[0]].labels
            assert labels is not None
            after = math.prod(f.size for f in axis[places[0] + 1 :])
            before = math.prod(f.size for f in axis[: places[0]])
            return np.tile(np.repeat(labels, after), before)
        sizes = [f.size for f in axis]
        flat = self.new(math.prod(sizes))
        self.blocks.append(Block(flat.reshape(sizes), tuple(f.labels for f in axis), where))
        return flat

    def cut(self, factor: Factor, first: int, where: str) -> tuple[Factor, Factor]:
        """A factor as the product of one of size `first` and one of the rest."""
        rest = factor.size // first
        if factor.labels is None:
            return Factor(first), Factor(rest)
        key = (id(factor.labels), first)
        if key not in self._cut:
            outer, inner = self.new(first), self.new(rest)
            elements = factor.labels.reshape(first, rest)
            self.blocks.append(Block(elements, (outer, inner), where))
            self._cut[key] = (factor.labels, (Factor(first, outer), Factor(rest, inner)))
        return self._cut[key][1]


def plain(size: int, labels: Labels | None = None) -> Axis:
    """An axis of one factor; an axis of size one has none, unless it is labelled."""
    return () if size == 1 and labels is None else (Factor(size, labels),)


def size_of(axis: Axis) -> int:
    """Number of positions."""
    return math.prod(f.size for f in axis)


def has_labels(axis: Axis) -> bool:
    """Whether channels lie on this axis."""
    return any(f.labels is not None for f in axis)


def coalesce(factors: Iterable[Factor]) -> Axis:
    """Neighbors without labels become one factor: their border means nothing."""
    result: list[Factor] = []
    for factor in factors:
        if result and factor.labels is None and result[-1].labels is None:
            result[-1] = Factor(result[-1].size * factor.size)
        else:
            result.append(factor)
    return tuple(result)


def regroup(ledger: Ledger, axes: Iterable[Axis], sizes: Sequence[int], where: str) -> Axes | None:
    """The axes of a tensor after a reshape to `sizes`; None if they do not line up.

    Factors of size one are dropped: a layer with one channel is frozen anyway.
    """
    rest = list(coalesce(f for axis in axes for f in axis if f.size != 1))[::-1]
    result: list[Axis] = []
    for size in sizes:
        need = size
        axis: list[Factor] = []
        while need > 1:
            if not rest:
                return None
            factor = rest.pop()
            if need % factor.size:
                if factor.size % need:
                    return None
                factor, tail = ledger.cut(factor, need, where)
                rest.append(tail)
            axis.append(factor)
            need //= factor.size
        if need < 1:
            return None
        result.append(coalesce(axis))
    return None if rest else tuple(result)
