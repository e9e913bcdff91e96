"""What was done is kept in no language."""

from __future__ import annotations

import json

import pytest

from engine.recipe.edit import UNSET, make_step
from engine.recipe.history import history_from
from engine.recipe.model import Recipe
from studio.document import messages as m
from studio.document.deeds import Deed, Done, done, label, set_label
from studio.document.facets import Facet
from studio.document.state import DocumentState
from studio.document.update import update
from tests.unit.studio.test_document import opened

RECIPE = Recipe((make_step("channel", ratio=0.5),))


def undone(state: DocumentState) -> Done | None:
    return done(state.history.undo_label)


def test_a_label_says_what_was_done_to_what() -> None:
    state = update(opened(), m.EditRecipe(label(Deed.OPEN, "small.yaml"), RECIPE))
    assert undone(state) == Done(Deed.OPEN, ("small.yaml",))
    state = update(state, m.SetFacet(Facet.PRUNE, ("stem",), 0.25))
    assert undone(state) == Done(Deed.SET, ("channel", "ratio", 0.25, "stem"))
    state = update(state, m.SetFacet(Facet.PRUNE, ("stem", "head"), None))
    assert undone(state) == Done(Deed.SET, ("channel", "skip", True, 2))
    state = update(state, m.SetGlobal(Facet.PRUNE, 0.75))
    assert undone(state) == Done(Deed.SET, ("channel", "ratio", 0.75, "*"))
    state = update(state, m.SetFields(0, (("ratio", 0.1), ("target", "channels"))))
    assert undone(state) == Done(Deed.SET, ("channel", "ratio", 0.1, ""))
    state = update(state, m.SetFields(0, (("ratio", UNSET),)))
    assert undone(state) == Done(Deed.RESET_FIELD, ("channel", "ratio", ""))


def test_a_drag_is_one_edit_with_the_last_value() -> None:
    state = update(opened(), m.EditRecipe(label(Deed.YAML), RECIPE))
    for value in (0.2, 0.3, 0.4):
        state = update(state, m.SetFacet(Facet.PRUNE, ("stem",), value, final=False))
    assert len(state.history.edits) == 3
    assert undone(state) == Done(Deed.SET, ("channel", "ratio", 0.4, "stem"))


def test_labels_come_back_from_the_disk() -> None:
    state = update(opened(), m.EditRecipe(label(Deed.OPEN, "试.yaml"), RECIPE))
    again = history_from(json.loads(json.dumps(state.history.to_data())))
    assert done(again.undo_label) == Done(Deed.OPEN, ("试.yaml",))


def test_what_has_no_room_in_a_line_is_left_out() -> None:
    text = set_label("distill", "losses", [{"name": "hints"}], ("a", "b"))
    assert done(text) == Done(Deed.TUNE, ("distill", "losses", 2))


@pytest.mark.parametrize("text", ["", "Set pruning: conv1", "[", "[]", '["fly"]', "[1, 2]", "设置"])
def test_other_texts_are_no_labels(text: str) -> None:
    assert done(text) is None
