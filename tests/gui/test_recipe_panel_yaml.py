"""The recipe as text: applied when it is right, kept when it is not, with its comments."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QTextCursor

from engine.recipe.edit import make_rule, make_step, with_params
from engine.recipe.files import merge, read_text
from engine.recipe.model import Recipe
from studio.document.messages import EditRecipe, Undo
from studio.views.recipe_panel import RecipePanel
from tests.helpers.documents import store_with

RECIPE = Recipe((make_step("channel", [make_rule("layer1.conv", ratio=0.5)], ratio=0.4),))


@pytest.fixture
def panel(qtbot):
    store = store_with(RECIPE)
    made = RecipePanel(store)
    store.setParent(made)
    qtbot.addWidget(made)
    made.resize(400, 600)
    made.show()
    made.show_yaml()
    return made


def store_of(panel: RecipePanel):
    return panel._store


def type_text(panel: RecipePanel, text: str) -> None:
    editor = panel.yaml.editor
    editor.selectAll()
    editor.insertPlainText(text)
    editor.settle()


def test_it_shows_the_recipe(panel) -> None:
    assert read_text(panel.yaml.editor.toPlainText()).recipe == RECIPE
    assert panel.yaml.editor.marks == {}
    assert not panel.yaml.give_up.isVisible()


def test_right_text_is_applied_after_a_while(panel, qtbot) -> None:
    editor = panel.yaml.editor
    before = len(store_of(panel).state.history.edits)
    cursor = editor.document().find("ratio: 0.4")
    cursor.insertText("ratio: 0.6 # more")
    assert "stop typing" in panel.yaml.status.text()
    qtbot.waitUntil(lambda: store_of(panel).state.recipe.steps[0].params["ratio"] == 0.6)
    assert len(store_of(panel).state.history.edits) == before + 1
    assert "# more" in editor.toPlainText()  # the text is the user's
    assert not panel.yaml.status.isVisible()


@pytest.mark.parametrize(
    ("change", "line", "says"),
    [
        (("ratio: 0.4", "ratio: 4"), 5, "below 1"),
        (("channel", "channell"), 4, "Did you mean"),
        (("layer1.conv", "layer9.conv"), 7, "matches no layer"),
        (("steps:", "stops:"), 3, "not a part of a recipe"),
        (("ratio: 0.4", "ratio: [0.4"), 6, "not YAML"),
        (("ratio: 0.4", "retio: 0.4"), 5, "Did you mean"),
    ],
)
def test_wrong_text_is_marked_at_its_line_and_not_applied(panel, change, line, says) -> None:
    before = store_of(panel).state.recipe
    text = panel.yaml.editor.toPlainText().replace(*change)
    type_text(panel, text)
    assert store_of(panel).state.recipe is before
    assert says in panel.yaml.editor.marks[line]
    assert panel.yaml.status.text().startswith(f"Not applied. Line {line}:")
    assert panel.yaml.editor.toPlainText() == text
    panel.yaml.give_up.click()
    assert read_text(panel.yaml.editor.toPlainText()).recipe == RECIPE
    assert panel.yaml.editor.marks == {}


def test_comments_outlive_edits_elsewhere(panel) -> None:
    text = panel.yaml.editor.toPlainText().replace("ratio: 0.4", "ratio: 0.4  # by hand")
    type_text(panel, "# mine\n" + text)
    recipe = store_of(panel).state.recipe
    store_of(panel).dispatch(EditRecipe("x", with_params(recipe, 0, ratio=0.7)))
    shown = panel.yaml.editor.toPlainText()
    assert "# mine" in shown
    assert "ratio: 0.7  # by hand" in shown
    store_of(panel).dispatch(Undo())
    assert "ratio: 0.4  # by hand" in panel.yaml.editor.toPlainText()


def test_unfinished_text_is_not_taken_away(panel) -> None:
    type_text(panel, "espalier: 1\nsteps: [")
    store_of(panel).dispatch(EditRecipe("x", with_params(RECIPE, 0, ratio=0.7)))
    assert panel.yaml.editor.toPlainText() == "espalier: 1\nsteps: ["
    panel.yaml.give_up.click()
    assert "0.7" in panel.yaml.editor.toPlainText()


def test_a_hidden_tab_writes_nothing_until_it_is_shown(panel) -> None:
    panel.tabs.setCurrentIndex(0)
    store_of(panel).dispatch(EditRecipe("x", with_params(RECIPE, 0, ratio=0.7)))
    assert "0.7" not in panel.yaml.editor.toPlainText()
    panel.show_yaml()
    assert "0.7" in panel.yaml.editor.toPlainText()


def test_the_same_recipe_written_otherwise_is_no_edit(panel) -> None:
    before = store_of(panel).state.history
    type_text(panel, "# only a comment\n" + panel.yaml.editor.toPlainText())
    assert store_of(panel).state.history is before


def test_what_is_wrong_in_force_is_marked_too(panel) -> None:
    store_of(panel).dispatch(EditRecipe("x", with_params(RECIPE, 0, ratio=7)))
    assert "below 1" in panel.yaml.editor.marks[5]
    assert not panel.yaml.give_up.isVisible()
    assert panel.yaml.status.text().startswith("Line 5:")
    panel.yaml.editor.moveCursor(QTextCursor.MoveOperation.End)


def test_merging_keeps_comments_or_gives_nothing() -> None:
    text = "# top\nespalier: 1\nseed: 0\nsteps:\n  - method: channel # here\n    ratio: 0.4\n"
    merged = merge(Recipe((make_step("channel", ratio=0.2),), seed=3), text)
    assert "# top" in merged
    assert "# here" in merged
    assert read_text(merged).recipe == Recipe((make_step("channel", ratio=0.2),), seed=3)
    assert merge(RECIPE, "") == ""
    assert merge(RECIPE, "a: [") == ""
    assert merge(RECIPE, "espalier: 1\nsteps: 7\n") == ""
