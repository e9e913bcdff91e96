"""What an edit leaves as it was is not worked out again, and what comes out is the same."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from engine.cost import CostTable, Grid
from engine.frozen import FrozenMap
from engine.info import FOLDS_INTO, LayerInfo, LayerKind
from engine.layer_table import LayerTable
from engine.recipe.edit import with_rule
from engine.recipe.resolve import examine
from studio.document import messages as m
from studio.document import selectors
from studio.document.facets import Facet
from studio.document.selectors import layer_table, rows
from studio.document.state import DocumentState
from studio.document.update import update
from tests.unit.studio.test_document import network, opened


def with_norms() -> DocumentState:
    """A network whose norms are merged by quantization, so that positions move."""
    info = network()
    layers: list[LayerInfo] = []
    for layer in info.layers:
        layers.append(replace(layer, position=len(layers)))
        if layer.kind is LayerKind.CONV2D:
            into = FrozenMap[int | float | str | bool]({FOLDS_INTO: layer.name})
            name = layer.name.replace("conv", "norm")
            norm = LayerInfo(
                f"{name}.bn", LayerKind.BATCH_NORM, (16,), "float32", 32, 256, attributes=into
            )
            layers.append(replace(norm, position=len(layers)))
    return opened(replace(info, layers=tuple(layers)))


_VALUES: dict[Facet, list[float]] = {
    Facet.PRUNE: [0.0, 0.25, 0.5, 0.95],
    Facet.WEIGHT_BITS: [2, 4, 8],
    Facet.RANK: [0.25, 0.5],
}


def wish(chance: random.Random) -> Any:
    facet = chance.choice([Facet.PRUNE, Facet.WEIGHT_BITS, Facet.RANK])
    value = chance.choice(_VALUES[facet])
    layer = f"block.{chance.randrange(4)}.conv"
    return chance.choice(
        [
            m.SetGlobal(facet, value),
            m.SetFacet(facet, (layer,), value),
            m.SetFacet(facet, (layer, "stem"), None),
            m.SetFields(0, (("round_to", 1),), ()),  # so that a layer is left with one row
            m.SetFields(0, (("min_channels", chance.choice([1, 4])),), (layer,)),
            m.ResetLayers((layer,)),
            m.Undo(),
            m.Redo(),
        ]
    )


@pytest.mark.parametrize("seed", range(6))
def test_edits_in_a_row_come_to_what_the_last_recipe_says(seed: int) -> None:
    chance = random.Random(seed)
    state = with_norms() if seed % 2 else opened()
    for _ in range(25):
        state = update(state, wish(chance))
        known = layer_table(state)
        assert known is not None
        fresh = examine(state.recipe, LayerTable(known.layers, known.groups))
        assert state.resolution == fresh
        shown = rows(state)
        assert shown == rows(replace(state, resolution=fresh))


def test_an_edit_of_one_step_leaves_what_another_does_to_layers() -> None:
    state = update(opened(), m.SetGlobal(Facet.WEIGHT_BITS, 4))
    state = update(state, m.SetGlobal(Facet.PRUNE, 0.25))
    after = update(state, m.SetGlobal(Facet.PRUNE, 0.5))
    assert state.resolution is not None
    assert after.resolution is not None
    before, now = state.resolution.states[2], after.resolution.states[2]
    assert now.assignments is before.assignments
    for old, new in zip(rows(state), rows(after), strict=True):
        assert new.cells[Facet.WEIGHT_BITS] is old.cells[Facet.WEIGHT_BITS]
    assert any(a.size_bytes != b.size_bytes for a, b in zip(rows(state), rows(after), strict=True))


def test_a_slider_that_comes_back_finds_the_layers_it_left() -> None:
    state = update(opened(), m.SetGlobal(Facet.WEIGHT_BITS, 4))
    found = []
    for share in (0.25, 0.5, 0.25):
        state = update(state, m.SetGlobal(Facet.PRUNE, share))
        assert state.resolution is not None
        found.append(state.resolution.plan.result)
    there, away, back = found
    assert all(a is b for a, b in zip(there.layers, back.layers, strict=True))
    assert any(a is not b for a, b in zip(there.layers, away.layers, strict=True))


def test_curves_are_looked_up_once_for_a_cost_table(monkeypatch: pytest.MonkeyPatch) -> None:
    state = opened()
    names = [row.layer.name for row in rows(state)]
    table = CostTable.empty(names, [Grid("weight", (0.5, 0.9)), Grid("uniform", (8, 4, 2))])
    table.values[1, 2:, 0] = (0.1, np.nan, 0.7)
    table.values[2, :, 0] = (0.3, 0.4, 0.5, 0.6, 0.7)
    state = update(state, m.CostKnown(table))
    assert [row.curve for row in rows(state)[:4]] == [
        (),
        ((8.0, 0.1), (2.0, 0.7)),
        ((0.5, 0.3), (0.9, 0.4)),
        (),
    ]
    monkeypatch.setattr(selectors, "block_of", lambda name: pytest.fail(name))
    state = update(state, m.SetGlobal(Facet.PRUNE, 0.5))
    assert rows(state)[1].curve == ((8.0, 0.1), (2.0, 0.7))


def test_reasons_and_sources_that_change_alone_are_seen() -> None:
    state = update(opened(), m.SetGlobal(Facet.RANK, 0.5))
    state = update(state, m.SetGlobal(Facet.PRUNE, 0.25))
    state = update(state, m.SetFields(0, (("round_to", 1),), ()))
    assert state.resolution is not None
    assert not any(a.reason for a in state.resolution.plan.of_step(1))
    state = update(state, m.SetGlobal(Facet.PRUNE, 0.95))
    assert state.resolution is not None
    assert [a.target for a in state.resolution.plan.of_step(1) if "single row" in a.reason]
    state = update(state, m.SetFacet(Facet.PRUNE, ("stem",), 0.5))
    assert state.resolution is not None
    assert dict(state.resolution.plan.of_step(0)[0].sources) == {"ratio": 0, "target": 0}
    said = with_rule(state.recipe, 0, 0, skip=False)
    state = update(state, m.EditRecipe("Say so", said))
    assert state.resolution is not None
    assert set(state.resolution.plan.of_step(0)[0].sources) == {"ratio", "target", "skip"}
