"""Predicted against measured: the plot, and where the view of trials has it from."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine.info import Metrics
from studio.document import messages as m
from studio.document.trial import Forecast
from studio.store import Store
from studio.views.compare_numbers import number_rows, side_of
from studio.views.trials import TrialsView
from studio.views.trials_agreement import Agreement
from studio.widgets.plots.agreement import AgreementPlot, Pair
from tests.gui.trial_states import opened, trial

PAIRS = (
    Pair(1, "Trial 1", 0.1, 0.15, 0.05, 0.2, "8 bits"),
    Pair(2, "Trial 2", 0.01, 0.03),
    Pair(3, "Trial 3", 0.0, 0.1),
)


@pytest.fixture
def plot(qtbot):
    made = AgreementPlot("Agreement")
    qtbot.addWidget(made)
    made.resize(400, 300)
    made.show()
    qtbot.waitExposed(made)
    made.set_pairs(PAIRS, "Loss", lambda value: f"{value:g}")
    return made


def test_points_are_counted_by_a_factor_of_two(plot):
    assert plot.within() == (1, 2)  # the third has no place on a logarithmic axis
    assert plot.home.left == plot.home.bottom
    assert plot.home.right == plot.home.top
    assert plot.home.left < -2 < -0.8 < plot.home.right


def test_a_point_in_words(plot):
    text, _ = plot.describe(math.log10(0.1), math.log10(0.15))
    assert text == "Trial 1: ~0.1 predicted, 0.15 measured (1.5 times) · 8 bits"
    assert plot.table().columns[1] == [0.1, 0.01]
    assert plot.table().titles[1] == "Loss, predicted"


def test_the_keyboard_selects(plot, qtbot):
    with qtbot.waitSignal(plot.selected) as told:
        QTest.keyClick(plot, Qt.Key.Key_Right)
    assert told.args == [(2,)]


def test_nothing_to_show_is_said(plot):
    plot.set_pairs((), "Loss", str)
    assert plot.empty_text
    assert plot.within() == (0, 0)


def expected(number, loss, kl):
    return replace(trial(number), forecast=Forecast(loss=loss, low=loss / 2, high=loss * 2), kl=kl)


@pytest.fixture
def view(qtbot):
    state = opened(expected(1, 0.1, 0.15), expected(2, 0.1, None), trial(3))
    made = TrialsView(Store(state))
    qtbot.addWidget(made)
    made.resize(1000, 300)
    made.show()
    return made


def test_trials_of_which_both_are_known_are_shown(view):
    shown = view.agreement
    assert shown.quantity.currentData() == "loss"
    assert [pair.id for pair in shown.plot._pairs] == [1]
    assert (shown.plot._pairs[0].low, shown.plot._pairs[0].high) == (0.05, 0.2)
    assert shown.verdict.text() == "1 of 1 within a factor of two"


def test_a_click_in_the_plot_selects_the_trial(view):
    view.agreement.plot.selected.emit((1,))
    assert view._store.state.chosen == (1,)
    view._store.dispatch(m.ChooseTrials((2,)))
    assert view.agreement.plot._ids == (2,)


def test_another_quantity_is_chosen_where_no_loss_was_measured(qtbot):
    shown = Agreement()
    qtbot.addWidget(shown)
    sized = replace(
        trial(1), predicted=Metrics(size_bytes=100, macs=50), measured=Metrics(size_bytes=110)
    )
    shown.set_trials((sized,))
    assert shown.quantity.currentData() == "size"
    assert [(one.predicted, one.measured) for one in shown.plot._pairs] == [(100, 110)]
    shown.set_trials((replace(sized, deleted=True),))
    assert shown.plot._pairs == ()


def test_steps_without_costs_are_noted(qtbot):
    shown = Agreement()
    qtbot.addWidget(shown)
    trained = replace(trial(1), forecast=Forecast(loss=0.1, others=1), kl=0.05)
    shown.set_trials((trained,))
    assert shown.plot._pairs[0].note.startswith("with steps")


def test_predicted_and_measured_stand_beside_each_other_in_the_comparison() -> None:
    state = opened(expected(1, 0.1, 0.15), trial(2))
    sides = [side_of(state, number, other) for number, other in ((0, 1), (1, 0), (2, 1))]
    rows = {row.title: row for row in number_rows(sides[0], sides[1])}
    assert (rows["Divergence"].first, rows["Divergence"].second) == ("0", "0.15 (~0.1)")
    assert rows["Divergence"].gain is False
    rows = {row.title: row for row in number_rows(sides[0], sides[2])}
    assert "Divergence" not in rows  # nothing is known of it
