"""The recipe panel over a store without an engine: by mouse and by keyboard."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.recipe.edit import make_rule, make_step
from engine.recipe.model import Recipe
from engine.registry import REGISTRY
from studio.document.deeds import Deed, label
from studio.document.messages import EditRecipe, Undo
from studio.forms.recipe_words import strength_words
from studio.store import Store
from studio.views.recipe_panel import RecipePanel
from studio.views.recipe_panel_methods import MethodPicker
from studio.views.trials_words import recipe_words
from tests.helpers.documents import store_with

THREE = Recipe(
    (
        make_step("channel", ratio=0.4),
        make_step("finetune", epochs=8.0),
        make_step("uniform", weight_bits=4),
    )
)


@pytest.fixture
def make(qtbot):
    def made(recipe: Recipe = THREE, step: int | None = None) -> tuple[RecipePanel, Store]:
        store = store_with(recipe, step)
        panel = RecipePanel(store)
        store.setParent(panel)
        qtbot.addWidget(panel)
        panel.resize(340, 700)
        panel.show()
        panel.activateWindow()
        qtbot.waitUntil(panel.isActiveWindow)
        return panel, store

    return made


def methods(store: Store) -> list[str]:
    return [step.method for step in store.state.recipe.steps]


def test_without_steps_it_offers_ways_out(make, qtbot) -> None:
    panel, store = make(Recipe())
    assert panel.pages.currentWidget() is panel.empty
    panel.empty.button("add").click()
    picker = panel.findChild(MethodPicker)
    qtbot.keyClicks(picker.line, "uniform")
    assert picker.shown() == ["uniform"]
    qtbot.keyClick(picker.line, Qt.Key.Key_Return)
    assert methods(store) == ["uniform"]
    assert store.state.step == 0
    assert panel.pages.currentWidget() is panel.list
    assert panel.list.cards[0].form is not None


def test_cards_show_the_steps_in_order(make) -> None:
    panel, _ = make()
    names = [card.head.accessibleName() for card in panel.list.cards]
    assert names == ["1. Channel pruning", "2. Fine-tune", "3. Uniform quantization"]
    notes = [card.head.accessibleDescription() for card in panel.list.cards]
    assert notes[0] == "Pruning ratio: 40 % · 6 layers"
    assert "training data" in notes[1]
    assert notes[2] == "Weight bits: 4 · 7 layers"


@pytest.mark.parametrize(
    ("ratio", "rules", "words"),
    [
        (0.0, {"a": 0.44, "b": 0.59}, "44–59 %"),
        (0.3, {"a": 0.59}, "30–59 %"),
        (0.0, {"a": 0.44}, "44 %"),
        (0.3, {"a": 0.59, "*": 0.2}, "20 %"),
        (0.3, {}, "30 %"),
        (0.0, {"a": "much"}, "0 %"),  # its editor complains of it
    ],
)
def test_a_step_says_what_its_layers_have(ratio, rules, words) -> None:
    made = [make_rule(layer, ratio=value) for layer, value in rules.items()]
    step = make_step("channel", made, ratio=ratio)
    assert strength_words(step) == f"Pruning ratio: {words}"
    assert recipe_words(Recipe((step,))) == f"Channel pruning {words}"


def test_bits_of_single_layers_are_told_in_trials() -> None:
    rules = [make_rule("a", weight_bits=4), make_rule("b", weight_bits=None, skip=True)]
    step = make_step("uniform", rules, weight_bits=8, activation_bits=8)
    assert recipe_words(Recipe((step,))) == "Uniform quantization 4–8/8 bits"


def test_a_press_unfolds_the_form_and_another_folds_it(make, qtbot) -> None:
    panel, store = make()
    head = panel.list.cards[2].head
    assert panel.list.cards[2].form is None  # made when it is first needed
    qtbot.mouseClick(head, Qt.MouseButton.LeftButton)
    assert store.state.step == 2
    assert panel.list.cards[2].form.isVisible()
    qtbot.mouseClick(head, Qt.MouseButton.LeftButton)
    assert store.state.step is None
    assert not panel.list.cards[2].form.isVisible()


def test_a_field_changes_the_recipe_and_undo_shows_it(make, qtbot) -> None:
    panel, store = make(step=0)
    form = panel.list.cards[0].form
    number = form.row("ratio").editor.number
    number.setFocus()
    number.selectAll()
    qtbot.keyClicks(number, "60")
    qtbot.keyClick(number, Qt.Key.Key_Return)
    assert store.state.recipe.steps[0].params["ratio"] == 0.6
    assert panel.list.cards[0].head.accessibleDescription() == "Pruning ratio: 60 % · 6 layers"
    store.dispatch(Undo())
    assert number.text() == "40 %"
    form.row("ratio").button.click()
    assert "ratio" not in store.state.recipe.steps[0].params
    assert number.text() == "30 %"


def test_a_drag_of_a_slider_is_one_step_of_undo(make) -> None:
    panel, store = make(step=0)
    slider = panel.list.cards[0].form.row("ratio").editor.slider
    before = len(store.state.history.edits)
    slider.setSliderDown(True)
    for position in (500, 600, 700):
        slider.setValue(position)
    slider.setSliderDown(False)
    assert len(store.state.history.edits) == before + 1
    assert store.state.recipe.steps[0].params["ratio"] == pytest.approx(0.7)


def test_steps_are_moved_by_keyboard(make, qtbot) -> None:
    panel, store = make()
    head = panel.list.cards[0].head
    head.setFocus()
    qtbot.keyClick(head, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert methods(store) == ["finetune", "channel", "uniform"]
    assert panel.list.cards[1].head.hasFocus()
    qtbot.keyClick(panel.list.cards[1].head, Qt.Key.Key_End, Qt.KeyboardModifier.AltModifier)
    assert methods(store) == ["finetune", "uniform", "channel"]
    last = panel.list.cards[2].head
    qtbot.keyClick(last, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)  # no further
    assert methods(store) == ["finetune", "uniform", "channel"]
    qtbot.keyClick(last, Qt.Key.Key_Up)
    assert panel.list.cards[1].head.hasFocus()
    assert store.state.history.undo_label == label(Deed.MOVE, "channel")


def test_keys_choose_remove_and_duplicate(make, qtbot) -> None:
    panel, store = make()
    head = panel.list.cards[1].head
    head.setFocus()
    qtbot.keyClick(head, Qt.Key.Key_Return)
    assert store.state.step == 1
    qtbot.keyClick(head, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert methods(store) == ["channel", "finetune", "finetune", "uniform"]
    qtbot.keyClick(panel.list.cards[2].head, Qt.Key.Key_Delete)
    qtbot.keyClick(panel.list.cards[2].head, Qt.Key.Key_Delete)
    assert methods(store) == ["channel", "finetune"]
    assert panel.list.cards[1].head.hasFocus()
    for _ in range(2):
        qtbot.keyClick(panel.list.cards[0].head, Qt.Key.Key_Delete)
    assert methods(store) == []
    assert panel.pages.currentWidget() is panel.empty


def drag(head, to: QPoint, *, release: bool = True) -> None:
    start = QPoint(head.width() // 2, 4)
    QTest.mousePress(head, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(head, start + QPoint(0, QApplication.startDragDistance() + 2))
    QTest.mouseMove(head, head.mapFromGlobal(to))
    if release:
        QTest.mouseRelease(head, Qt.MouseButton.LeftButton, pos=head.mapFromGlobal(to))


def below(card) -> QPoint:
    return card.mapToGlobal(QPoint(20, card.height() - 2))


def above(card) -> QPoint:
    return card.mapToGlobal(QPoint(20, 2))


def test_steps_are_dragged(make) -> None:
    panel, store = make()
    cards = panel.list.cards
    drag(cards[0].head, below(cards[2]))
    assert methods(store) == ["finetune", "uniform", "channel"]
    drag(cards[2].head, above(cards[1]))
    assert methods(store) == ["finetune", "channel", "uniform"]
    drag(cards[1].head, below(cards[1]))  # back where it was
    assert methods(store) == ["finetune", "channel", "uniform"]
    assert panel.list.gap is None


def test_escape_gives_a_drag_up(make, qtbot) -> None:
    panel, store = make()
    cards = panel.list.cards
    drag(cards[0].head, below(cards[2]), release=False)
    assert panel.list.gap == 3
    qtbot.keyClick(cards[0].head, Qt.Key.Key_Escape)
    QTest.mouseRelease(cards[0].head, Qt.MouseButton.LeftButton)
    assert methods(store) == ["channel", "finetune", "uniform"]
    assert store.state.step is None


def test_a_step_is_switched_off_and_on(make) -> None:
    panel, store = make()
    card = panel.list.cards[2]
    card.box.click()
    assert not store.state.recipe.steps[2].enabled
    assert card.head.accessibleDescription() == "Switched off"
    assert card.box.accessibleName() == "Switch on Uniform quantization"
    card.box.click()
    assert store.state.recipe.steps[2].enabled


def test_the_menu_of_a_step(make, qtbot) -> None:
    panel, store = make()
    menu = panel.list.cards[0].menu()
    texts = {action.text(): action for action in menu.actions() if action.text()}
    assert not texts["Move up"].isEnabled()
    texts["Move down"].trigger()
    assert methods(store) == ["finetune", "channel", "uniform"]
    menu.close()
    second = panel.list.cards[2].menu()
    {action.text(): action for action in second.actions()}["Remove"].trigger()
    assert methods(store) == ["finetune", "channel"]
    second.close()


def test_another_method_keeps_what_means_the_same(make, qtbot) -> None:
    recipe = Recipe((make_step("svd", size=0.4, rank_by="size"),))
    panel, store = make(recipe, 0)
    panel.list.cards[0].choose_method()
    picker = panel.findChild(MethodPicker)
    assert set(picker.shown()) == {m.name for m in REGISTRY.steps() if m.kind == "low_rank"}
    qtbot.keyClicks(picker.line, "tucker")
    qtbot.keyClick(picker.line, Qt.Key.Key_Return)
    assert methods(store) == ["tucker2"]
    assert store.state.recipe.steps[0].params["size"] == 0.4
    assert panel.list.cards[0].form.row("input_rank") is not None


def test_problems_are_at_their_fields(make) -> None:
    recipe = Recipe(
        (
            make_step("uniform", [make_rule("nolayer", skip=True)], weight_bits=9, nosuch=1),
            make_step("channell"),
        )
    )
    panel, _ = make(recipe, 0)
    card = panel.list.cards[0]
    assert "9" in card.form.row("weight_bits").told
    assert "no parameter" in card._wrong.text()
    assert "matches no layer" in card._rules.rows[0]._wrong.text()
    assert panel.tabs.tabText(0) == "Steps (4 problems)"
    unknown = panel.list.cards[1]
    unknown.head.pressed.emit()
    assert unknown.form is None
    assert "Did you mean" in unknown._wrong.text()


def test_rules_select_their_layers_and_go(make) -> None:
    step = make_step(
        "channel", [make_rule("layer[12].conv", ratio=0.5), make_rule("layer3.conv", skip=True)]
    )
    panel, store = make(Recipe((step,)), 0)
    rows = panel.list.cards[0]._rules.rows
    rows[0].layers.click()
    assert store.state.selection == ("layer1.conv", "layer2.conv")
    rows[1].button.click()
    assert len(store.state.recipe.steps[0].rules) == 1
    rows[0].button.click()
    assert not panel.list.cards[0]._rules.isVisible()


def test_a_rule_that_a_method_refuses_says_why(make) -> None:
    rules = [make_rule("*", ratio=0.5), make_rule(["head", "layer1.conv"], ratio=0.6)]
    panel, _ = make(Recipe((make_step("channel", rules),)), 0)
    rows = panel.list.cards[0]._rules.rows
    assert rows[0]._refused.text() == ""  # a pattern is not expected to be for all it matches
    assert rows[1]._refused.text() == "It belongs to no channel group."


def test_needs_follow_the_parameters(make) -> None:
    taught = make_step("finetune", losses=[{"name": "soft_targets"}])
    panel, _ = make(Recipe((make_step("finetune"), taught)))
    notes = [card.head.accessibleDescription() for card in panel.list.cards]
    assert notes == ["Needs labels, training data", "Needs training data"]


def test_of_many_rules_the_first_are_shown(make) -> None:
    step = make_step("channel", [make_rule("layer1.conv", ratio=n / 100) for n in range(50)])
    panel, _ = make(Recipe((step,)), 0)
    rules = panel.list.cards[0]._rules
    assert len(rules.rows) == 40
    assert rules._more.isVisible()
    assert rules._more.text().startswith("10 more")


def test_the_seed_is_typed(make, qtbot) -> None:
    panel, store = make()
    panel.seed.setFocus()
    panel.seed.selectAll()
    qtbot.keyClicks(panel.seed, "42")
    qtbot.keyClick(panel.seed, Qt.Key.Key_Return)
    assert store.state.recipe.seed == 42


def test_losses_of_a_training_are_chosen(make) -> None:
    panel, store = make(step=1)
    editor = panel.list.cards[1].form.row("losses").editor
    actions = {one.text(): one for one in editor.add_button.menu().actions()}
    actions["Soft targets"].trigger()
    assert store.state.recipe.to_data()["steps"][1]["losses"] == [{"name": "soft_targets"}]
    parts = editor.items[0].part.rows.rows
    parts["temperature"].editor.setText("6")
    parts["temperature"].editor.commit()
    parts["teacher"].editor.choose = lambda: "teacher.onnx"
    parts["teacher"].editor.button.click()
    loss = store.state.recipe.to_data()["steps"][1]["losses"][0]
    assert loss == {"name": "soft_targets", "temperature": 6.0, "teacher": "teacher.onnx"}
    assert panel.tabs.tabText(0) == "Steps"  # and nothing is wrong with it


def test_presets_replace_the_recipe_and_can_be_undone(make) -> None:
    panel, store = make()
    actions = {one.data(): one for one in panel.presets_button.menu().actions()}
    actions["eight_bits"].trigger()
    assert methods(store) == ["uniform"]
    assert "Eight bits" in panel.notice.text
    store.dispatch(Undo())
    assert methods(store) == ["channel", "finetune", "uniform"]
    assert panel.notice.isHidden()


def test_advice_is_used(make, qtbot) -> None:
    panel, store = make(Recipe())
    panel.empty.button("advice").click()
    from studio.dialogs.advice import AdviceDialog

    dialog = panel.findChild(AdviceDialog)
    dialog.questions["samples"].buttons["none"].click()
    dialog.use.click()
    assert store.state.recipe.steps[0].params["activation_bits"] is None


def test_forms_stay_when_steps_are_edited(make) -> None:
    panel, store = make(step=0)
    form = panel.list.cards[0].form
    store.dispatch(EditRecipe("x", Recipe((make_step("channel", ratio=0.1), *THREE.steps[1:]))))
    assert panel.list.cards[0].form is form
    assert form.row("ratio").editor.number.text() == "10 %"


def test_without_a_network_values_are_checked_all_the_same(qtbot) -> None:
    store = Store()
    panel = RecipePanel(store)
    store.setParent(panel)
    qtbot.addWidget(panel)
    store.dispatch(EditRecipe("x", Recipe((make_step("uniform", weight_bits=9),))))
    assert panel.tabs.tabText(0) == "Steps (1 problem)"
    assert panel.list.cards[0].head.accessibleDescription() == "Weight bits: 9"
