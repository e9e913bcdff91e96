"""The settings of the selected layers: what is in force, why, and how it is taken back."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from engine.recipe.edit import UNSET, make_rule, make_step
from engine.recipe.model import Recipe
from studio.document.deeds import set_label
from studio.document.messages import EditRecipe, Lock, Select, SelectStep, Undo
from studio.store import Store
from studio.views.settings_form import SettingsForm, settings, shown_step
from tests.helpers.documents import store_with

RECIPE = Recipe(
    (
        make_step(
            "channel",
            [
                make_rule(["layer1.conv", "layer2.conv"], ratio=0.5),
                make_rule("layer[34].conv", skip=True),
            ],
            ratio=0.4,
        ),
        make_step("finetune"),
        make_step("uniform"),
    )
)


@pytest.fixture
def make(qtbot):
    def made(*layers: str, recipe: Recipe = RECIPE, step: int | None = 0):
        store = store_with(recipe, step)
        store.dispatch(Select(layers))
        view = SettingsForm(store)
        store.setParent(view)
        qtbot.addWidget(view)
        view.resize(320, 600)
        view.show()
        return view, store

    return made


def rules(store: Store, step: int = 0) -> list[dict]:
    return store.state.recipe.to_data()["steps"][step].get("rules", [])


def is_empty(view: SettingsForm) -> bool:
    return view._pages.currentIndex() == 0


def test_nothing_selected_is_said(make) -> None:
    view, store = make()
    assert is_empty(view)
    store.dispatch(Select(("layer0.conv",)))
    assert not is_empty(view)
    store.dispatch(EditRecipe("x", Recipe((make_step("finetune"),))))
    assert is_empty(view)
    assert "layer by layer" in view.empty._title.text()


def test_it_shows_what_is_in_force_and_why(make) -> None:
    view, _ = make("layer1.conv")
    row = view.form.row("ratio")
    assert row.editor.number.text() == "50 %"
    assert row.button.isVisible()
    assert row.button.toolTip() == "Back to 40 %"
    assert view._origin.text() == "Set by rule 1 (layer1.conv, layer2.conv)."
    assert view.reset.isEnabled()


def test_a_layer_without_a_rule_follows_the_step(make) -> None:
    view, _ = make("layer0.conv")
    assert view.form.row("ratio").editor.number.text() == "40 %"
    assert view.form.row("ratio").button is None
    assert view._origin.text() == "As in the whole step."
    assert not view.reset.isEnabled()


def test_editing_makes_a_rule_for_the_selection(make, qtbot) -> None:
    view, store = make("layer0.conv", "layer5.conv")
    number = view.form.row("ratio").editor.number
    number.setText("70")
    number.commit()
    assert rules(store)[-1] == {"layers": ["layer0.conv", "layer5.conv"], "ratio": 0.7}
    assert number.text() == "70 %"
    store.dispatch(Undo())
    assert number.text() == "40 %"


def test_a_glob_is_told_but_not_offered_to_be_taken_back(make) -> None:
    view, _ = make("layer3.conv")
    assert view.skip.isChecked()
    assert view._origin.text() == "Left out by rule 2 (layer[34].conv)."
    assert not view.reset.isEnabled()
    assert not view.form.isEnabled()


def test_leaving_out_and_taking_in(make, qtbot) -> None:
    view, store = make("layer0.conv")
    view.skip.click()
    assert rules(store)[-1] == {"layers": "layer0.conv", "skip": True}
    assert view.skip.isChecked()
    view.skip.click()
    assert rules(store)[-1] == {"layers": "layer0.conv", "skip": False}
    assert view.form.isEnabled()


def test_one_field_is_taken_back(make) -> None:
    view, store = make("layer1.conv")
    view.form.row("ratio").button.click()
    assert rules(store)[0] == {"layers": "layer2.conv", "ratio": 0.5}
    assert view.form.row("ratio").editor.number.text() == "40 %"
    assert store.state.history.undo_label == set_label("channel", "ratio", UNSET, ("layer1.conv",))


def test_everything_is_taken_back(make) -> None:
    view, store = make("layer1.conv", "layer2.conv")
    view.reset.click()
    assert [rule["layers"] for rule in rules(store)] == ["layer[34].conv"]


def test_several_values_are_said(make) -> None:
    view, store = make("layer0.conv", "layer1.conv", "layer3.conv")
    assert view.form.row("ratio").editor.number.text() == ""
    assert view.skip.checkState() is Qt.CheckState.PartiallyChecked
    assert view._layers.text() == "3 layers"
    assert view._origin.text() == "These layers have different settings."
    number = view.form.row("ratio").editor.number
    number.setText("20")
    number.commit()
    assert rules(store)[-1]["layers"] == ["layer0.conv", "layer1.conv", "layer3.conv"]
    assert number.text() == "20 %"


def test_a_methods_reason_is_shown(make) -> None:
    view, _ = make("head")
    assert view._reason.text() == "It belongs to no channel group."
    other, _ = make("head", "layer0.conv")
    assert other._reason.text() == "1 of the layers: It belongs to no channel group."


def test_lock_and_unlock(make) -> None:
    view, store = make("layer0.conv", "layer1.conv")
    view.lock.click()
    assert store.state.locks == {"layer0.conv", "layer1.conv"}
    assert view.lock.text() == "Unlock"
    store.dispatch(Lock(("layer1.conv",), False))
    assert view.lock.text() == "Lock"


def test_the_step_is_chosen(make) -> None:
    view, store = make("layer0.conv")
    titles = [view.steps.itemText(i) for i in range(view.steps.count())]
    assert titles == ["1. Channel pruning", "3. Uniform quantization"]
    view.steps.setCurrentIndex(1)
    view.steps.activated.emit(1)
    assert store.state.step == 2
    assert view.form.row("weight_bits") is not None
    store.dispatch(SelectStep(1))  # a training knows no layers: the last one that does
    assert shown_step(store.state) == 2


def test_parts_that_an_earlier_step_made_are_found(make) -> None:
    recipe = Recipe((make_step("svd", size=0.5), make_step("uniform")))
    view, store = make("layer0.conv", recipe=recipe, step=1)
    found = settings(store.state, 1, ("layer0.conv",))
    assert found is not None
    assert set(found.names) == {"layer0.conv.v", "layer0.conv.u"}
    bits = view.form.row("weight_bits").editor
    bits.setCurrentIndex(bits.findText("4"))
    bits.activated.emit(bits.currentIndex())
    assert rules(store, 1)[-1]["layers"] == ["layer0.conv.v", "layer0.conv.u"]
    view.reset.click()
    assert rules(store, 1) == []


def test_a_drag_is_one_step_of_undo(make) -> None:
    view, store = make("layer0.conv")
    before = len(store.state.history.edits)
    slider = view.form.row("ratio").editor.slider
    slider.setSliderDown(True)
    for position in (100, 200, 300):
        slider.setValue(position)
    slider.setSliderDown(False)
    assert len(store.state.history.edits) == before + 1
