"""The dialog of fit to budget over plain values: fields, answers, the line on the curve."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine.budget import (
    Costs,
    CurvePoint,
    Fitted,
    Quantity,
    Reached,
    Solver,
    Target,
    Tried,
    WalkStep,
)
from engine.correction import Finished
from engine.cost import Total
from engine.errors import EngineError
from engine.frozen import FrozenMap
from engine.recipe.model import Recipe
from studio.dialogs.fit import FitDialog
from studio.dialogs.fit_result import Round
from studio.dialogs.fit_situation import Situation, known_networks
from studio.dialogs.fit_targets import SETTLE_MS, TargetForm
from studio.document.state import Wanted
from studio.widgets.plots.pareto import Known, Offer, ParetoPlot

ORIGINAL = Costs(1_000_000, 990_000, 40e6, 2.0, 200_000)
NOW = Costs(400_000, 390_000, 30e6, 1.5, 150_000, 0.05, 0.02, 0.1, 0.01)
LAYERS = ("stem", "body", "head")
CHOICES = FrozenMap(
    {"channel": FrozenMap({"body": 0.5}), "uniform": FrozenMap({"stem": 8.0, "body": 4.0})}
)
SIZE = Target(Quantity.SIZE, 0.25, relative=True)
DROP = Target(Quantity.ACCURACY, 0.005)


def costs(size_bytes: float) -> Costs:
    loss = 1e5 / size_bytes**1.2
    return Costs(size_bytes, size_bytes - 1e4, 20e6, 1.0, 1e5, loss, loss / 2, loss * 2, loss / 10)


def answer(*reached: Reached, solver: Solver = Solver.EXACT, size: float = 249_000.0) -> Fitted:
    walk = ()
    if solver is Solver.GREEDY:
        before, after = FrozenMap({"uniform": 8.0}), FrozenMap({"uniform": 4.0})
        walk = (WalkStep(("stem", "body"), "uniform", before, after, 0.01, 5e4, Quantity.SIZE),)
    return Fitted(
        CHOICES,
        Recipe(seed=5),
        costs(size),
        ORIGINAL,
        Total(0, 0, 0, 0, 0, 0, 0),
        reached,
        tuple(one for one in reached if not one.met),
        tuple(CurvePoint(costs(at), CHOICES) for at in (800_000.0, 400_000.0, 100_000.0)),
        walk,
        solver,
        solver_seconds=0.2,
    )


MET = Reached(SIZE, 250_000, 249_000, met=True)


@pytest.fixture
def dialog(qtbot):
    situation = Situation(
        ORIGINAL,
        NOW,
        LAYERS,
        (("channel", True), ("uniform", True), ("weight", False)),
        frozenset({"head"}),
        frozenset({"stem"}),
        (Known("Trial 1", 300_000, 0.1),),
        (
            Round("Trial 1", 300_000, 0.08, 0.1),
            Round("Trial 2", 200_000, 0.01, 0.02, Quantity.ACCURACY),
        ),
    )
    made = FitDialog(situation, Wanted((SIZE,)))
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def type_in(editor, text):
    editor.selectAll()
    QTest.keyClicks(editor, text)


# Fields


def test_the_form_says_what_is_asked(dialog):
    wanted = dialog.wanted
    assert wanted.targets == (SIZE,)
    assert wanted.methods == ("channel", "uniform")
    assert (wanted.solver, wanted.keep_own) == (Solver.EXACT, True)
    dialog.methods["weight"].click()
    dialog.methods["channel"].click()
    dialog.fields.greedy.click()
    dialog.fields.keep.click()
    wanted = dialog.wanted
    assert wanted.methods == ("uniform", "weight")
    assert (wanted.solver, wanted.keep_own) == (Solver.GREEDY, False)


@pytest.mark.parametrize(
    ("quantity", "text", "target"),
    [
        (Quantity.SIZE, "300 KB", Target(Quantity.SIZE, 300_000)),
        (Quantity.MACS, "40%", Target(Quantity.MACS, 0.4, relative=True)),
        (Quantity.LATENCY, "1.5ms", Target(Quantity.LATENCY, 1.5)),
        (Quantity.MEMORY, "50 %", Target(Quantity.MEMORY, 0.5, relative=True)),
        (Quantity.ACCURACY, "1.5", None),
        (Quantity.ACCURACY, "1.5pt", Target(Quantity.ACCURACY, 0.015)),
        (Quantity.LOSS, "0.02", Target(Quantity.LOSS, 0.02)),
        (Quantity.LOSS, "-1", None),
    ],
)
def test_limits_are_typed_with_their_units(qtbot, quantity, text, target):
    form = TargetForm(ORIGINAL, NOW)
    qtbot.addWidget(form)
    form.show()
    type_in(form.line(quantity).limit, text)
    assert form.line(quantity).mark.isChecked()  # what is typed is meant
    assert form.targets == (None if target is None else (target,))
    assert form.line(quantity).fault.isVisible() == (target is None)


def test_the_values_of_now_stand_beside_the_limits(dialog):
    line = dialog.form.line(Quantity.SIZE)
    assert line.meaning.text() == "= 250 KB, now ~400 KB"
    type_in(line.limit, "300KB")
    assert line.meaning.text() == "now ~400 KB"
    type_in(line.limit, "25")  # bytes, not percent: it says so
    assert line.meaning.text() == "= 25 B, now ~400 KB"
    assert dialog.form.line(Quantity.LOSS).meaning.text() == "now ~0.05"


def test_losses_are_written_as_in_the_curve(qtbot):
    form = TargetForm(ORIGINAL, Costs(1000, loss=2.87e-6))
    qtbot.addWidget(form)
    form.set_targets((Target(Quantity.LOSS, 1e-6),))
    line = form.line(Quantity.LOSS)
    assert line.meaning.text() == "now ~2.87·10⁻⁶"
    form.show_reached(
        [Reached(Target(Quantity.LOSS, 1e-6), 1e-6, 2e-6, met=False, nearest=1.5e-6, alone=False)]
    )
    assert "1.5·10⁻⁶" in line.fault.text()


def test_what_is_not_known_cannot_be_asked_for(qtbot):
    form = TargetForm(Costs(1000.0), Costs())
    qtbot.addWidget(form)
    assert form.line(Quantity.SIZE).mark.isEnabled()
    assert form.line(Quantity.ACCURACY).mark.isEnabled()
    assert not form.line(Quantity.LATENCY).mark.isEnabled()


def test_typing_asks_once_it_has_settled(dialog, qtbot):
    asked = []
    dialog.asked.connect(asked.append)
    type_in(dialog.form.line(Quantity.SIZE).limit, "300KB")
    assert asked == []
    qtbot.waitUntil(lambda: bool(asked), timeout=10 * SETTLE_MS)
    assert [one.targets for one in asked] == [(Target(Quantity.SIZE, 300_000),)]
    type_in(dialog.form.line(Quantity.SIZE).limit, "nonsense")
    QTest.qWait(SETTLE_MS + 50)
    assert len(asked) == 1


def test_an_answer_is_for_what_was_asked_alone(dialog, qtbot):
    line = dialog.form.line(Quantity.SIZE)
    dialog.ask()
    dialog.show_fitted(answer(MET))
    assert dialog.use.isEnabled()
    QTest.keyClick(line.limit, Qt.Key.Key_Backspace)  # from the first key
    assert not dialog.use.isEnabled()
    assert not dialog.run.isEnabled()
    type_in(line.limit, "25 %")  # as it was asked: the answer holds
    assert dialog.use.isEnabled()
    with qtbot.waitSignal(dialog.asked):
        type_in(line.limit, "12 %")
    assert not dialog.run.isEnabled()
    type_in(line.limit, "oops")
    dialog.show_fitted(answer(MET))  # the answer to 12 %
    assert not dialog.use.isEnabled()
    assert line.fault.isVisible()
    QTest.qWait(SETTLE_MS + 50)
    assert not dialog.use.isEnabled()
    type_in(line.limit, "12 %")
    assert dialog.use.isEnabled()


def test_enter_in_a_field_does_not_use_the_answer_to_another(dialog):
    dialog.ask()
    dialog.show_fitted(answer(MET))
    line = dialog.form.line(Quantity.SIZE)
    type_in(line.limit, "12 %")
    QTest.keyClick(line.limit, Qt.Key.Key_Return)
    assert dialog.isVisible()
    assert not dialog.use.isEnabled()


def test_without_limits_or_methods_nothing_is_asked(dialog):
    asked = []
    dialog.asked.connect(asked.append)
    for box in dialog.methods.values():
        if box.isChecked():
            box.click()
    assert dialog.fields.no_method.isVisible()
    assert dialog.wanted is None
    assert len(asked) == 1  # with the last method but one
    dialog.methods["uniform"].click()
    dialog.form.set_targets(())
    dialog.ask()
    assert len(asked) == 2
    assert not dialog.use.isEnabled()


# Answers


def test_an_answer_is_shown_before_it_is_used(dialog):
    assert not dialog.use.isEnabled()
    dialog.show_fitted(answer(MET))
    assert dialog.use.isEnabled()
    assert dialog.numbers.cells[Quantity.SIZE, 0].text() == "1.00 MB"
    assert dialog.numbers.cells[Quantity.SIZE, 1].text() == "~400 KB"
    assert dialog.numbers.cells[Quantity.SIZE, 2].text() == "~249 KB"
    assert dialog.numbers.cells[Quantity.SIZE, 3].text() == "~4.02×"
    assert dialog.numbers.cells[Quantity.ACCURACY, 1].text() == "~1.00 pt"
    assert "…" in dialog.numbers.cells[Quantity.LOSS, 3].text()
    assert dialog.settings.topLevelItemCount() == 3
    texts = [dialog.settings.topLevelItem(1).text(column) for column in range(3)]
    assert texts == ["body", "50 %", "4"]
    assert not dialog.tabs.isTabVisible(2)
    assert "least" in dialog.status.text()


def test_the_greedy_walk_is_told_step_by_step(dialog):
    dialog.show_fitted(answer(MET, solver=Solver.GREEDY))
    assert dialog.tabs.isTabVisible(2)
    item = dialog.steps.topLevelItem(0)
    assert item.text(0) == "stem and 1 more"
    assert item.text(1) == "Uniform quantization 4"
    assert (item.text(2), item.text(3)) == ("~50.0 KB", "~0.01")


def test_an_impossible_budget_is_said_at_its_field(dialog):
    unmet = Reached(SIZE, 250_000, 310_000, met=False, nearest=300_000, alone=False)
    dialog.show_fitted(answer(unmet))
    line = dialog.form.line(Quantity.SIZE)
    assert line.fault.text() == "Cannot be reached: the least is 300 KB."
    assert line.limit.property("state") == "error"
    assert dialog.use.text() == "&Use the nearest"
    together = Reached(SIZE, 250_000, 310_000, met=False, nearest=200_000, alone=True)
    dialog.show_fitted(answer(together))
    assert "310 KB" in line.fault.text()
    dialog.show_fitted(answer(MET))
    assert not line.fault.isVisible()
    assert line.limit.property("state") == ""


def test_what_it_waits_for_and_what_went_wrong(dialog):
    dialog.show_waiting("Costs are being estimated", 0.4)
    assert dialog.progress.value() == 400
    assert not dialog.use.isEnabled()
    assert not dialog.estimate.isVisible()
    dialog.show_waiting("Not known", None, can_estimate=True)
    wishes = []
    dialog.estimate_wanted.connect(lambda: wishes.append(1))
    dialog.estimate.click()
    assert wishes == [1]
    dialog.show_error(EngineError("It failed.", hint="Try again."))
    assert dialog.status.text() == "It failed. Try again."
    assert not dialog.use.isEnabled()


def test_locks_own_settings_and_trials_are_told(dialog):
    assert dialog.fields.keep.isVisible()
    assert "(1)" in dialog.fields.keep.text()
    assert "1" in dialog.fields.kept.text()
    assert "2" in dialog.fields.kept.text()


def test_predicted_and_measured_of_earlier_runs_stand_side_by_side(dialog):
    rows = [dialog.rounds.topLevelItem(row) for row in range(2)]
    texts = [[row.text(column) for column in range(5)] for row in rows]
    assert texts == [
        ["Trial 2", "200 KB", "~1.00 pt", "2.00 pt", "2.00×"],
        ["Trial 1", "300 KB", "~0.08", "0.1", "1.25×"],
    ]
    assert dialog.tabs.isTabVisible(dialog.tabs.indexOf(dialog.rounds))
    dialog.set_situation(Situation(ORIGINAL, NOW, LAYERS))
    assert not dialog.tabs.isTabVisible(dialog.tabs.indexOf(dialog.rounds))


def run_of(recipe: Recipe, loss: float) -> Tried:
    return Tried(recipe, CHOICES, costs(2e5), Finished(FrozenMap(), loss, 0.012, 2000))


@pytest.mark.parametrize(
    ("losses", "at", "words"),
    [
        ((0.3, 0.1), 1, "2,000 validation samples: loss 0.1; the first of 2 runs lost 0.3"),
        ((0.1, 0.3), 0, "2,000 validation samples: loss 0.1, in the first of 2 runs"),
        ((0.1,), 0, "2,000 validation samples: loss 0.1."),
        ((0.3, 0.2), None, "from 2 runs, of which the best lost 0.2. This recipe"),
    ],
)
def test_what_runs_have_shown_is_told(dialog, losses, at, words):
    tried = tuple(run_of(Recipe(seed=seed), loss) for seed, loss in enumerate(losses, start=10))
    recipe = Recipe() if at is None else tried[at].recipe
    dialog.show_fitted(replace(answer(MET), recipe=recipe, tried=tried))
    assert words in dialog.status.text()
    cells = [dialog.numbers.cells[one, 3] for one in (Quantity.LOSS, Quantity.ACCURACY)]
    if at is None:
        assert "…" in cells[0].text()
        assert cells[0].toolTip() == ""
    else:
        assert [one.text() for one in cells] == ["0.1 measured", "1.20 pt measured"]
    unmet = Reached(SIZE, 250_000, 310_000, met=False, nearest=300_000, alone=False)
    dialog.show_fitted(replace(answer(unmet), recipe=recipe, tried=tried))
    assert dialog.status.text().startswith("Not all limits can be kept")
    assert words in dialog.status.text()


def test_sizes_of_runs_are_not_cut_off(dialog):
    dialog.tabs.setCurrentWidget(dialog.rounds)
    long = Round("Learning run 1", 123.4e6, 1.234e-5, 0.1, written=False)
    dialog.rounds.show_rounds((long,))
    for column in range(1, 5):
        assert dialog.rounds.columnWidth(column) >= dialog.rounds.sizeHintForColumn(column)


def test_using_and_running_are_two_wishes(dialog):
    assert not dialog.run.isEnabled()
    dialog.show_fitted(answer(MET))
    dialog.run.click()
    assert dialog.runs
    assert dialog.result() == FitDialog.DialogCode.Accepted


# The curve


def test_the_answer_stands_on_the_curve(dialog):
    dialog.show_fitted(answer(MET))
    sizes = [one.size_bytes for one in dialog.plot.offers]
    assert sizes == [100_000, 249_000, 400_000, 800_000]
    assert dialog.plot.at == 1


def test_an_answer_to_more_than_a_size_stands_beside_the_curve(dialog):
    dialog.show_fitted(answer(MET))
    assert len(dialog.plot._curve.getData()[0]) == 4
    macs = Reached(Target(Quantity.MACS, 0.5, relative=True), 2e7, 2e7, met=True)
    dialog.show_fitted(answer(MET, macs))
    assert [one.aside for one in dialog.plot.offers] == [False, True, False, False]
    assert list(dialog.plot._curve.getData()[0]) == [100_000, 400_000, 800_000]
    assert len(dialog.plot._points.data) == 4
    assert dialog.plot.at == 1


def test_going_along_the_curve_asks_for_that_size(dialog, qtbot):
    dialog.show_fitted(answer(MET))
    asked = []
    dialog.asked.connect(asked.append)
    dialog.plot.setFocus()
    QTest.keyPress(dialog.plot, Qt.Key.Key_Right)
    assert dialog.numbers.cells[Quantity.SIZE, 2].text() == "~400 KB"
    assert asked == []  # while the key is held
    QTest.keyRelease(dialog.plot, Qt.Key.Key_Right)
    assert [one.targets for one in asked] == [(Target(Quantity.SIZE, 400_000),)]


def test_a_size_on_the_curve_is_rounded_up(dialog):
    dialog.form.set_limit(Quantity.SIZE, 271_432.0, relative=False)
    assert dialog.form.line(Quantity.SIZE).limit.text() == "271.5 KB"
    assert dialog.form.targets[0].limit >= 271_432


def test_offers_in_words(qtbot):
    plot = ParetoPlot("Curve")
    qtbot.addWidget(plot)
    assert plot.empty_text
    plot.set_offers([Offer(1e5, 0.1, 0.05, 0.2, 0.01), Offer(2e5, 0.01)], 0)
    assert plot.line_text(0) == "~100 KB: loss ~0.1 (from 0.05 to 0.2), accuracy ~−1.00 pt"
    assert plot.line_text(1) == "~200 KB: loss ~0.01"
    assert plot.line_number(1.8e5) == 1
    assert len(plot.table().columns) == 5
    plot.set_known([Known("Trial 1", 1.5e5, 0.05), Known("Now", 1e5, math.nan)])
    assert [key.text for key in plot.legend.keys][1:] == ["Runs, measured"]
    plot.set_limit(1.2e5)
    assert plot._wall.isVisible()
    plot.set_limit(math.nan)
    assert not plot._wall.isVisible()


def test_networks_that_there_are() -> None:
    trials = [("Trial 1", 1000, 0.5), ("Trial 2", None, 0.5), ("Trial 3", 500, None)]
    found = known_networks(trials, NOW, "Now")
    assert [(one.label, one.measured) for one in found] == [("Trial 1", True), ("Now", False)]
    assert known_networks([], Costs(1.0), "Now") == ()
    assert np.isfinite(found[0].loss)
