"""Labels, reshapes and their solution, on small arrays."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.fx.experimental.symbolic_shapes import ShapeEnv

from engine.network.axes.labels import SYMBOLIC, Factor, Ledger, Reason, plain, regroup
from engine.network.axes.sizes import Sizes
from engine.network.axes.solve import components, solve

EDGES = st.integers(1, 30).flatmap(
    lambda n: st.tuples(
        st.just(n), st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=60)
    )
)


@given(EDGES)
def test_components_against_search(case: tuple[int, list[tuple[int, int]]]) -> None:
    count, edges = case
    a, b = (np.array([e[i] for e in edges], dtype=np.int64) for i in (0, 1))
    found = components(count, a, b).tolist()
    neighbors: dict[int, set[int]] = {v: {v} for v in range(count)}
    for x, y in edges:
        neighbors[x].add(y)
        neighbors[y].add(x)
    for vertex in range(count):
        reached, waiting = {vertex}, [vertex]
        while waiting:
            for other in neighbors[waiting.pop()] - reached:
                reached.add(other)
                waiting.append(other)
        assert found[vertex] == min(reached)


def test_components_of_a_long_chain_in_random_order() -> None:
    order = np.random.default_rng(0).permutation(50_000)
    found = components(50_000, order[1:], order[:-1])
    assert (found == 0).all()


@given(st.lists(st.integers(1, 4), min_size=1, max_size=4), st.data())
def test_regroup_without_labels_follows_any_reshape(sizes: list[int], data: st.DataObject) -> None:
    total = math.prod(sizes)
    divisors = [d for d in range(1, total + 1) if total % d == 0]
    first = data.draw(st.sampled_from(divisors))
    axes = regroup(Ledger(), [plain(s) for s in sizes], (first, total // first), "'view'")
    assert axes is not None
    assert [math.prod(f.size for f in axis) for axis in axes] == [first, total // first]


def test_flatten_and_back_keeps_labels() -> None:
    """`[C, 3, 4]` → `[12 C]` → `[C, 12]`: channels stay where they were."""
    ledger = Ledger()
    labels = ledger.new(5)
    flat = regroup(ledger, [plain(5, labels), plain(3), plain(4)], (60,), "'flatten'")
    assert flat is not None
    assert ledger.flatten(flat[0], "'flatten'").tolist() == np.repeat(labels, 12).tolist()  # type: ignore[union-attr]  # its kind is known here
    back = regroup(ledger, flat, (5, 12), "'view'")
    assert back is not None
    assert back[0][0].labels is labels
    assert not ledger.blocks


def test_channels_after_positions() -> None:
    ledger = Ledger()
    labels = ledger.new(3)
    flat = ledger.flatten((Factor(2), Factor(3, labels)), "")
    assert flat is not None
    assert flat.tolist() == [0, 1, 2, 0, 1, 2]


@pytest.mark.parametrize("sizes", [(4, 5), (7, 3), (2, 2, 3)])
def test_reshape_that_does_not_line_up(sizes: tuple[int, ...]) -> None:
    ledger = Ledger()
    assert regroup(ledger, [plain(6, ledger.new(6)), plain(5)], sizes, "'view'") is None


def test_split_shrinks_along_the_longer_factor() -> None:
    ledger = Ledger()
    labels = ledger.new(12)
    axes = regroup(ledger, [plain(12, labels)], (3, 4), "'view'")
    classes = solve(ledger)
    assert axes is not None
    assert len(np.unique(classes.of[labels])) == 4
    assert classes.frozen[axes[0][0].labels].all()


def test_split_shrinks_along_heads() -> None:
    ledger = Ledger()
    labels = ledger.new(12)
    axes = regroup(ledger, [plain(12, labels)], (3, 4), "'view'")
    assert axes is not None
    ledger.preferred.append(axes[0][0].labels)  # type: ignore[arg-type]  # its kind is known here
    classes = solve(ledger)
    assert classes.of[labels].reshape(3, 4).tolist() == [[v] * 4 for v in classes.of[labels][::4]]
    assert len(np.unique(classes.of[labels])) == 3


def test_split_avoids_a_frozen_factor() -> None:
    ledger = Ledger()
    labels = ledger.new(12)
    axes = regroup(ledger, [plain(12, labels)], (3, 4), "'view'")
    assert axes is not None
    ledger.freeze(axes[1][0].labels, Reason("Fixed."))
    classes = solve(ledger)
    assert not classes.frozen[labels].any()
    assert len(np.unique(classes.of[labels])) == 3


def test_split_of_which_every_factor_is_frozen() -> None:
    ledger = Ledger()
    labels = ledger.new(12)
    for axis in regroup(ledger, [plain(12, labels)], (3, 4), "'view'") or ():
        ledger.freeze_axis(axis, Reason("Fixed.", 1))
    classes = solve(ledger)
    assert classes.frozen[labels].all()


def test_the_most_telling_reason_wins() -> None:
    ledger = Ledger()
    labels = ledger.new(2)
    ledger.freeze(labels[:1], Reason("An operation is not understood.", 5))
    ledger.freeze(labels[:1], Reason("They reach the output.", 0))
    ledger.freeze(labels[1:], Reason("They come from the input.", 1))
    ledger.unite(labels[:1], labels[1:])
    classes = solve(ledger)
    assert classes.reasons[int(classes.of[labels[1]])].text == "They reach the output."


def test_symbolic_sizes_are_told_apart() -> None:
    env = ShapeEnv()
    a, b = (env.create_unbacked_symint() for _ in range(2))
    sizes = Sizes()
    assert sizes(12) == 12
    assert sizes(a) >= SYMBOLIC
    assert sizes(a) != sizes(b)
    assert sizes(a * 12) == 12 * sizes(a)
    assert sizes((a * 12) // 4) == 3 * sizes(a)
    assert sizes(a * b) == sizes(b * a)
    assert isinstance(torch.sym_int(a), torch.SymInt)


def test_an_axis_of_varying_size_freezes_what_it_is_merged_with() -> None:
    ledger = Ledger()
    labels = ledger.new(3)
    assert ledger.flatten((Factor(SYMBOLIC * 3), Factor(3, labels)), "'view'") is None
    assert solve(ledger).frozen[labels].all()
