"""Undo and redo."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import RecipeError
from engine.recipe.history import LIMIT, History, history_from
from engine.recipe.model import Recipe
from tests.helpers.recipes import steady


def seeds(history: History) -> list[int]:
    return [edit.recipe.seed for edit in history.edits]


def pushed(history: History, *steps: int, key: str = "") -> History:
    for seed in steps:
        history = history.push(f"Seed {seed}", Recipe(seed=seed), key)
    return history


START = History.of(Recipe())


def test_undo_and_redo_walk_the_list() -> None:
    history = pushed(START, 1, 2)
    assert history.undo_label == "Seed 2"
    assert history.redo_label == ""
    back = history.undo()
    assert (back.recipe.seed, back.undo_label, back.redo_label) == (1, "Seed 1", "Seed 2")
    assert back.redo() == history
    assert history.redo() == history
    assert START.undo() == START
    assert START.undo_label == ""


def test_an_edit_after_undo_forgets_what_was_undone() -> None:
    assert seeds(pushed(pushed(START, 1, 2).undo().undo(), 3)) == [0, 3]


def test_an_edit_that_changes_nothing_is_none() -> None:
    history = pushed(START, 1)
    assert history.push("Again", Recipe(seed=1)) is history


def test_the_steps_of_a_drag_are_one() -> None:
    history = pushed(pushed(START, 1), 2, 3, 4, key="drag")
    assert seeds(history) == [0, 1, 4]
    assert seeds(pushed(history, 5, key="another")) == [0, 1, 4, 5]
    assert history.undo().recipe.seed == 1


def test_a_new_drag_on_the_same_slider_is_a_new_edit() -> None:
    history = pushed(START, 1, key="drag")
    assert seeds(pushed(history.seal(), 2, key="drag")) == [0, 1, 2]
    assert seeds(
        pushed(history, 2, key="drag").undo().redo().push("x", Recipe(seed=3), "drag")
    ) == [
        0,
        2,
        3,
    ]
    assert START.seal() is START


def test_a_drag_that_ends_where_it_began_was_none() -> None:
    history = pushed(pushed(START, 1), 2, 1, key="drag")
    assert seeds(history) == [0, 1]
    assert history.recipe.seed == 1
    assert seeds(pushed(history, 3, key="drag")) == [0, 1, 3]


def test_the_first_edit_is_never_merged_away() -> None:
    assert seeds(pushed(START, 1, 2, key="drag")) == [0, 2]


def test_old_edits_are_forgotten() -> None:
    history = pushed(START, *range(1, LIMIT + 50))
    assert len(history.edits) == LIMIT
    assert history.recipe.seed == LIMIT + 49
    assert history.cursor == LIMIT - 1


def test_a_project_keeps_it() -> None:
    history = pushed(START, 1, 2).undo()
    again = history_from(json.loads(json.dumps(history.to_data())))
    assert again == history


@pytest.mark.parametrize(
    "data", [None, {}, {"edits": [], "cursor": 0}, {"edits": [{"label": "x"}], "cursor": 0}]
)
def test_what_is_no_history_is_refused(data: object) -> None:
    with pytest.raises(RecipeError):
        history_from(data)


def test_a_cursor_outside_is_refused() -> None:
    with pytest.raises(RecipeError):
        history_from({**pushed(START, 1).to_data(), "cursor": 2})


ACTIONS = st.lists(
    st.tuples(st.just("push"), st.integers(0, 5), st.sampled_from(["", "a", "b"]))
    | st.tuples(st.sampled_from(["undo", "redo", "seal"]), st.just(0), st.just("")),
    max_size=30,
)


@steady
@given(ACTIONS)
def test_whatever_is_done_it_can_be_undone_to_the_start(
    actions: list[tuple[str, int, str]],
) -> None:
    history = History.of(Recipe(), "Start")
    for action, seed, key in actions:
        if action == "push":
            before = history.recipe
            history = history.push("Edit", Recipe(seed=seed), key)
            assert history.recipe.seed == seed
            assert not history.redo_label or before == history.recipe
        else:
            history = getattr(history, action)()
        assert 0 <= history.cursor < len(history.edits)
        assert all(a.recipe != b.recipe for a, b in pairwise(history.edits))
    for _ in history.edits:
        history = history.undo()
    assert history.recipe == Recipe()
    for _ in history.edits:
        history = history.redo()
    assert history.recipe == history.edits[-1].recipe
