"""The view of sensitivity over plain cost tables."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine.cost import CostTable, Entry, Grid
from engine.details import WeightFigures
from engine.jobs.events import Finished, Progress
from engine.jobs.looks import FiguresLook
from engine.jobs.requests import DataSource
from engine.recipe.edit import make_step
from engine.recipe.model import Recipe
from studio.document.facets import Facet
from studio.document.looks import key_of
from studio.document.messages import (
    Ask,
    CostKnown,
    EditRecipe,
    JobAdded,
    JobNews,
    Lock,
    LookAnswered,
    MeasureCosts,
    OpenData,
    Select,
    StopJob,
)
from studio.document.selectors import rows
from studio.document.state import CostFacts, JobState, JobStatus, Purpose
from studio.views.sensitivity import SensitivityView
from studio.views.sensitivity_cells import Column, wish_of
from tests.helpers.documents import network, store_with

NAMES = tuple(layer.name for layer in network().layers)
GRIDS = (Grid("uniform", (8.0, 4.0, 2.0)), Grid("channel", (0.25, 0.5), 0.0))


def table() -> CostTable:
    entries = [
        Entry(
            name,
            grid.method,
            setting,
            loss=10.0 ** (place - 4) * (row + 1),
            loss_low=10.0 ** (place - 4) * (row + 1) / 2,
            loss_high=10.0 ** (place - 4) * (row + 1) * 2,
            accuracy_drop=0.01 * place,
            measured=row == 0,
        )
        for row, name in enumerate(NAMES)
        for grid in GRIDS
        for place, setting in enumerate(grid.settings)
        if name != "head" or grid.method == "uniform"
    ]
    return CostTable.empty(NAMES, GRIDS).with_entries(entries)


@pytest.fixture
def store(qapp):
    return store_with(Recipe())


@pytest.fixture
def view(qtbot, store):
    store.dispatch(CostKnown(table()))
    view = SensitivityView(store)
    qtbot.addWidget(view)
    view.resize(500, 700)
    view.show()
    qtbot.waitExposed(view)
    return view


def test_without_a_table_it_says_what_is_missing(qtbot, store):
    view = SensitivityView(store)
    qtbot.addWidget(view)
    view.show()
    assert view.empty.isVisible()
    assert view.empty.title
    store.dispatch(CostKnown(table()))
    assert not view.empty.isVisible()
    store.dispatch(CostKnown(None))
    assert view.empty.isVisible()


def test_all_methods_stand_beside_each_other(view):
    cells = view.map.cells
    assert cells.rows == NAMES
    assert cells.columns == ("8", "4", "2", "25 %", "50 %")
    assert [count for _, count in cells.groups] == [3, 2]
    assert cells.measured[0].all()
    assert not cells.measured[1].any()
    text = view.map.cell_text(0, 3)
    assert text == f"{NAMES[0]}, Channel pruning: Pruning ratio 25 %: loss 0.0001, measured"
    assert view.map.cell_text(6, 4).endswith("not known")


def test_one_method_alone(view):
    view.method.setCurrentIndex(view.method.findData("channel"))
    assert view.map.cells.columns == ("25 %", "50 %")
    view.quantity.setCurrentIndex(1)
    assert view.map.cells.values[0].tolist() == [0.0, 0.01]
    assert view.map.cell_text(0, 1).endswith("accuracy lost 1.00 pt, measured")


def test_the_selection_is_shared(view, store):
    store.dispatch(Select((NAMES[2], NAMES[4]), NAMES[2]))
    assert view.map._chosen == {2, 4}
    assert [one.label for one in view.curves._curves] == [NAMES[2], NAMES[4]]
    view.map.cell_chosen.emit(3, 1)
    assert store.state.selection == (NAMES[3],)
    assert [one.label for one in view.curves._curves] == [NAMES[3]]
    assert len(view.curves._curves[0].low) == 3


def test_the_curves_follow_the_cursor_to_another_method(view):
    QTest.keyClick(view.map, Qt.Key.Key_Down)
    assert view.curves._curves[0].settings.tolist() == [8.0, 4.0, 2.0]
    for _ in range(3):
        QTest.keyClick(view.map, Qt.Key.Key_Right)
    assert view.curves._curves[0].settings.tolist() == [0.25, 0.5]


def test_one_switch_for_both_scales(view):
    view.log.setChecked(False)
    assert not view.map.log
    assert not view.curves.log
    view.curves.set_log(True)
    assert view.map.log


def cell(store, row, facet):
    return rows(store.state)[row].cells[facet].value


def test_the_setting_under_the_cursor_can_be_used(view, store):
    assert not view.use.isEnabled()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Right):
        QTest.keyClick(view.map, key)
    assert view.map.at == (1, 1)
    assert NAMES[1] in view.use.words
    view.use.click()
    assert cell(store, 1, Facet.WEIGHT_BITS) == 4
    assert cell(store, 2, Facet.WEIGHT_BITS) is None
    view.map._press(2, 4)
    view.use.click()
    assert cell(store, 2, Facet.PRUNE) == 0.5


@pytest.mark.parametrize(("method", "facet"), [("weight", Facet.PRUNE), ("svd", Facet.RANK)])
def test_a_step_that_has_to_be_made_is_of_the_settings_method(store, method, facet):
    wish = wish_of(store.state, NAMES[1], Column(Grid(method, (0.5,)), 0.5, 0))
    store.dispatch(wish)
    assert [step.method for step in store.state.recipe.steps] == [method]
    assert cell(store, 1, facet) == 0.5
    assert cell(store, 2, facet) in (None, 0.0)


def test_a_setting_of_another_method_than_the_recipes_is_not_offered(view, store):
    store.dispatch(EditRecipe("", Recipe((make_step("weight", sparsity=0.5),))))
    view.map._press(2, 4)
    assert not view.use.isEnabled()


def test_a_new_table_keeps_the_method(view, store):
    view.method.setCurrentIndex(view.method.findData("channel"))
    store.dispatch(CostKnown(table().with_entries([Entry(NAMES[1], "channel", 0.5, loss=3.0)])))
    assert view.method.currentData() == "channel"
    assert view.map.cells.values[1, 1] == 3.0


# Before there is data


def figures(store):
    errors = np.arange(len(NAMES) * 3, dtype=float).reshape(len(NAMES), 3) / 100
    found = WeightFigures(NAMES, (("uniform", (8.0, 4.0, 2.0)),), errors)
    request = FiguresLook(store.state.model.source)
    store.dispatch(LookAnswered(key_of(request), found))


def test_the_weights_alone_are_shown_until_there_is_data(qtbot, store):
    asked = []
    store.dispatched.connect(
        lambda message: asked.append(message) if isinstance(message, Ask) else None
    )
    view = SensitivityView(store)
    qtbot.addWidget(view)
    view.show()
    assert [type(one.request) for one in asked] == [FiguresLook]
    figures(store)
    assert view.map.isVisible()
    assert view.map.cells.columns == ("8", "4", "2")
    assert not view.map.cells.measured.any()
    assert view.quantity.currentText() == "Weights changed"
    assert "weights alone" in view.about.text()
    assert not view.measure.button.isEnabled()
    store.dispatch(CostKnown(table()))
    assert view.quantity.currentText() == "Loss"
    assert "weights" not in view.about.text()
    store.dispatch(CostKnown(None))
    assert view.quantity.currentText() == "Weights changed"
    assert len(asked) == 1


# Where numbers are from


def test_the_view_says_where_its_numbers_are_from(view, store):
    assert view.about.text() == "5 of 33 measured, the others estimated"
    facts = CostFacts(256, 41.3)
    guessed = CostTable.empty(NAMES, GRIDS).with_entries(
        [Entry(NAMES[0], "uniform", 4.0, loss=1.0)]
    )
    store.dispatch(CostKnown(guessed, facts))
    assert view.about.text() == "Estimated from 256 samples, 41 passes"


def test_what_a_setting_saves_can_be_shown(store, qtbot):
    baseline = np.full((len(NAMES), 3), 1000.0)
    entry = Entry(NAMES[0], "uniform", 4.0, loss=0.1, loss_low=0.05, loss_high=0.2,
                  accuracy_drop=0.02, size_bytes=125.0, macs=1000.0)  # fmt: skip
    store.dispatch(CostKnown(CostTable.empty(NAMES, GRIDS, baseline).with_entries([entry])))
    view = SensitivityView(store)
    qtbot.addWidget(view)
    names = [view.quantity.itemData(at) for at in range(view.quantity.count())]
    assert names == ["loss", "drop", "bytes", "macs"]  # no time is known
    view.quantity.setCurrentIndex(2)
    assert view.map.cells.values[0, 1] == 875.0
    assert view.map.cell_text(0, 1).endswith("bytes saved ~875 B, estimated")
    tip = view.map.details(0, 1)
    assert "between 0.05 and 0.2" in tip
    assert "Bytes: 1.00 KB → ~125 B" in tip
    assert "~−2.00 pt" in tip


# At a glance


@pytest.fixture
def ranking(view):
    view.tabs.setCurrentWidget(view.ranking)
    return view.ranking


def test_layers_are_ranked_by_the_setting_under_the_cursor(view, ranking, store):
    assert "Uniform quantization, 4 bits" in ranking.by.text()
    assert [line.name for line in ranking.hurt.lines()][:2] == [NAMES[-1], NAMES[-2]]
    assert not ranking.hurt.lines()[0].measured
    view.map._press(0, 3)
    assert "Channel pruning 25 %" in ranking.by.text()
    assert NAMES[-1] not in [line.name for line in ranking.hurt.lines()]  # it has no channels


def test_a_click_selects_a_bucket_or_a_layer(view, ranking, store):
    counts = [button.count for button in ranking.buckets.buttons]
    assert counts == [2, 2, 2, 1]
    ranking.buckets.buttons[0].click()
    assert set(store.state.selection) == {NAMES[0], NAMES[1]}
    assert ranking.buckets.buttons[0].is_chosen
    ranking.hurt.itemClicked.emit(ranking.hurt.item(0))
    assert store.state.selection == (NAMES[-1],)
    assert ranking.hurt.item(0).isSelected()


def test_the_cheapest_bytes_are_found_on_the_map(qtbot, store):
    baseline = np.full((len(NAMES), 3), 1000.0)
    entries = [
        Entry(name, "uniform", bits, loss=(9 - bits) * 0.01, size_bytes=30 * bits * (row + 1))
        for row, name in enumerate(NAMES)
        for bits in (8.0, 4.0, 2.0)
    ]
    store.dispatch(CostKnown(CostTable.empty(NAMES, GRIDS, baseline).with_entries(entries)))
    view = SensitivityView(store)
    qtbot.addWidget(view)
    view.resize(500, 900)
    view.show()
    view.tabs.setCurrentWidget(view.ranking)
    first = view.ranking.cheap.lines()[0]
    assert first.name == f"{NAMES[0]} · 8"
    assert first.value == "−760 B for ~0.01"
    view.ranking.cheap.itemActivated.emit(view.ranking.cheap.item(0))
    assert store.state.selection == (NAMES[0],)
    assert view.map.at == (0, 0)


# Wishes


def wishes(store, kind):
    found = []
    store.dispatched.connect(lambda one: found.append(one) if isinstance(one, kind) else None)
    return found


def test_measuring_is_asked_for_with_a_time(view, store):
    found = wishes(store, MeasureCosts)
    assert not view.measure.button.isEnabled()  # there is no data
    store.dispatch(OpenData(DataSource(("images.npz",))))
    store.dispatch(CostKnown(table()))
    assert view.measure.button.isEnabled()
    view.measure.button.click()
    view.measure.times[30.0].trigger()
    view.method.setCurrentIndex(view.method.findData("channel"))
    store.dispatch(Select((NAMES[1],)))
    view.measure.selected.setChecked(True)
    view.measure.times[0.0].trigger()
    assert found == [
        MeasureCosts(120.0),
        MeasureCosts(30.0),
        MeasureCosts(0.0, ("channel",), (NAMES[1],)),
    ]


def test_measuring_tells_how_far_it_is_and_can_be_stopped(view, store):
    job = JobState(7, "Measure", Purpose.MEASURE_COSTS, status=JobStatus.RUNNING)
    store.dispatch(JobAdded(job))
    assert view.measure.running
    store.dispatch(JobNews(Progress(7, "Measuring settings", 30, 120, 60.0)))
    assert view.measure.bar.value() == 250
    assert view.measure.left.text().startswith("~3 min")
    assert view.measure.text.text() == "Measuring settings"
    stops = wishes(store, StopJob)
    view.measure.stop.click()
    assert stops == [StopJob(7)]
    store.dispatch(JobNews(Finished(7, None)))
    assert not view.measure.running


def test_a_double_click_uses_a_setting(view, store):
    view.map.cell_activated.emit(1, 1)
    assert cell(store, 1, Facet.WEIGHT_BITS) is None  # the cursor is elsewhere
    view.map._activate(1, 1)
    assert cell(store, 1, Facet.WEIGHT_BITS) == 4
    QTest.keyClick(view.map, Qt.Key.Key_Right)
    QTest.keyClick(view.map, Qt.Key.Key_Return)
    assert cell(store, 1, Facet.WEIGHT_BITS) == 2
    texts = [action.text() for action in view.map.extra_actions()]
    assert texts == [view.use.words, "Save all costs as CSV…"]


def test_locked_layers_are_set_by_hand_as_any_other(view, store):
    store.dispatch(Lock((NAMES[1],), locked=True))
    view.map._activate(1, 1)
    assert cell(store, 1, Facet.WEIGHT_BITS) == 4


def test_what_is_not_known_is_offered_nothing(view, store):
    view.map._activate(6, 4)  # the last layer has no channels
    assert not view.use.isEnabled()
    assert len(view.map.extra_actions()) == 1


def test_all_costs_are_saved_as_the_command_line_does(view, tmp_path):
    view.save_costs(tmp_path / "costs.csv")
    lines = (tmp_path / "costs.csv").read_text().splitlines()
    assert lines[0].startswith("layer,method,setting,loss")
    assert len(lines) == 1 + 33
    view.save_costs(tmp_path / "nowhere" / "costs.csv")
    assert "could not be written" in view.map.read_out.text()


def test_fit_is_a_command(view):
    told = []
    view.commanded.connect(told.append)
    view.fit.click()
    assert told == ["fit"]
