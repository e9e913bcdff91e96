"""From what a trace recorded to classes of channels that go together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.network.axes.labels import Block, Labels, Ledger, Mask, Reason


@dataclass(frozen=True, slots=True, eq=False)
class Classes:
    """The solution.

    Attributes:
        of: For each label, its class: the lowest label in it.
        frozen: For each label, whether its class cannot be removed.
        reasons: For each frozen class, why.
    """

    of: Labels
    frozen: Mask
    reasons: dict[int, Reason]


def components(count: int, a: Labels, b: Labels) -> Labels:
    """Connected components of a graph: for each vertex the lowest vertex that it reaches.

    Hooks the higher root of each edge to the lower and halves paths, all edges at a time; the
    number of roots in a component at least halves each time.
    """
    parent = np.arange(count)
    while a.size:
        roots_a, roots_b = parent[a], parent[b]
        differ = roots_a != roots_b
        if not differ.any():
            break
        a, b = roots_a[differ], roots_b[differ]
        np.minimum.at(parent, np.maximum(a, b), np.minimum(a, b))
        while True:
            above = parent[parent]
            if np.array_equal(above, parent):
                break
            parent = above
    return parent


def solve(ledger: Ledger) -> Classes:
    """Unite labels, decide along which axis each block shrinks, and find what is frozen."""
    of, frozen = _state(ledger)
    waiting = list(ledger.blocks)
    while waiting:
        preferred = _preferred(ledger, of)
        avoided = _marked(ledger.avoided, of, ledger.count)
        flexible = np.zeros(ledger.count, dtype=np.bool_)
        for labels in ledger.flexible:
            flexible[labels] = True
        choices = [_viable(block, of, frozen) for block in waiting]
        forced = [(b, c) for b, c in zip(waiting, choices, strict=True) if len(c) <= 1]
        for block, choice in forced or zip(waiting, choices, strict=True):
            chosen = _best(block, choice, preferred[of], avoided[of], flexible) if choice else None
            _shrink(ledger, block, chosen)
        waiting = [b for b, c in zip(waiting, choices, strict=True) if len(c) > 1] if forced else []
        of, frozen = _state(ledger)
    return Classes(of, frozen, _reasons(ledger, of))


def _state(ledger: Ledger) -> tuple[Labels, Mask]:
    if ledger.edges:
        a = np.concatenate([edge[0] for edge in ledger.edges])
        b = np.concatenate([edge[1] for edge in ledger.edges])
    else:
        a = b = np.zeros(0, dtype=np.int64)
    of = components(ledger.count, a, b)
    frozen = _marked([labels for labels, _ in ledger.frozen], of, ledger.count)
    return of, frozen[of]


def _marked(arrays: Sequence[Labels], of: Labels, count: int) -> Mask:
    """Which classes hold any of these labels."""
    marked = np.zeros(count, dtype=np.bool_)
    if arrays:
        marked[of[np.concatenate([a.ravel() for a in arrays])]] = True
    return marked


def _viable(block: Block, of: Labels, frozen: Mask) -> list[int]:
    """Factors along which something can be removed."""
    return [
        i
        for i, labels in enumerate(block.factors)
        if labels is not None and not frozen[labels].all()
    ]


def _preferred(ledger: Ledger, of: Labels) -> Mask:
    """Classes along which blocks had better shrink; the parts of such an axis are such axes."""
    marks = list(ledger.preferred)
    while True:
        preferred = _marked(marks, of, ledger.count)
        more = [
            labels
            for block in ledger.blocks
            if preferred[of[block.elements]].any()
            for labels in block.factors
            if labels is not None and not preferred[of[labels]].all()
        ]
        if not more:
            return preferred
        marks += more


def _best(block: Block, choice: list[int], preferred: Mask, avoided: Mask, flexible: Mask) -> int:
    """Heads of an attention first, widths that a product sums over last, else the longest."""

    def rank(i: int) -> tuple[bool, bool, bool, int, int]:
        labels = block.factors[i]
        assert labels is not None
        heads, width = preferred[labels].any(), avoided[labels].any()
        return (bool(heads), not width, not flexible[labels].any(), len(labels), -i)

    return max(choice, key=rank)


def _shrink(ledger: Ledger, block: Block, chosen: int | None) -> None:
    """Removing position t of the chosen factor removes all elements there; the rest is frozen."""
    reason = Reason(
        f"{block.where} sees them as one axis and as several, of which only one can shrink."
    )
    for i, labels in enumerate(block.factors):
        if i != chosen:
            ledger.freeze(labels, reason)
    if chosen is None:
        ledger.freeze(block.elements, reason)
        return
    labels = block.factors[chosen]
    assert labels is not None
    slabs = np.moveaxis(block.elements, chosen, 0).reshape(len(labels), -1)  # [factor, rest]
    ledger.unite(slabs, np.repeat(labels, slabs.shape[1]))


def _reasons(ledger: Ledger, of: Labels) -> dict[int, Reason]:
    """The most telling reason of each frozen class: lowest rank, then first recorded."""
    reasons: dict[int, Reason] = {}
    for labels, reason in ledger.frozen:
        for root in np.unique(of[labels]).tolist():
            known = reasons.get(root)
            if known is None or reason.rank < known.rank:
                reasons[root] = reason
    return reasons
