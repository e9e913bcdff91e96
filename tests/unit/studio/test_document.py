"""The document: wishes become recipes, news become state. No Qt here."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from engine.errors import EngineError
from engine.info import (
    AccuracySource,
    ChannelGroup,
    Evaluation,
    Format,
    LayerInfo,
    LayerKind,
    NetworkInfo,
    Profile,
    Verdict,
)
from engine.jobs.events import Finished, Metric, Point, Progress, Started
from engine.jobs.looks import WeightLook
from engine.jobs.requests import ModelSource
from engine.recipe.edit import make_step
from engine.recipe.model import Recipe
from studio.document import messages as m
from studio.document.facets import Facet
from studio.document.looks import key_of, look_for
from studio.document.selectors import LayerRow, predicted, rows, similar
from studio.document.state import (
    LOOKS_KEPT,
    DocumentState,
    JobState,
    JobStatus,
    Notice,
    Opening,
    Purpose,
)
from studio.document.update import update


def conv(name: str, channels: int, before: int, position: int, group: str) -> LayerInfo:
    count = channels * before * 9
    return LayerInfo(
        name,
        LayerKind.CONV2D,
        (channels, before, 3, 3),
        "float32",
        count,
        4 * count,
        macs=count * 64,
        output_shape=(channels, 8, 8),
        position=position,
        group=group,
    )


def network(count: int = 4) -> NetworkInfo:
    layers = [conv("stem", 16, 3, 0, "stem")]
    layers += [conv(f"block.{i}.conv", 16, 16, i + 1, f"block.{i}.conv") for i in range(count)]
    layers.append(
        LayerInfo(
            "head", LayerKind.LINEAR, (10, 16), "float32", 160, 640, 160, position=count + 1,
            verdict=Verdict(prunable=False, reason="Its outputs are the network's."),
        )
    )  # fmt: skip
    names = [layer.name for layer in layers]
    groups = tuple(
        ChannelGroup(name, (name,), 16, consumers=(following,))
        for name, following in pairwise(names)
    )
    size = sum(layer.size_bytes for layer in layers)
    macs = sum(layer.macs or 0 for layer in layers)
    return NetworkInfo(
        "net",
        Format.ONNX,
        (),
        (),
        tuple(layers),
        groups,
        size // 4,
        size + 900,
        macs=macs,
        nodes=20,
    )


def opened(info: NetworkInfo | None = None) -> DocumentState:
    state = update(DocumentState(), m.OpenModel(ModelSource("net.onnx")))
    return update(state, m.Opened(info or network()))


def row(state: DocumentState, name: str) -> LayerRow:
    return next(one for one in rows(state) if one.layer.name == name)


def test_a_first_setting_changes_that_layer_alone() -> None:
    state = update(opened(), m.SetFacet(Facet.PRUNE, ("block.0.conv",), 0.5))
    values = {one.layer.name: one.cells[Facet.PRUNE].value for one in rows(state)}
    assert values["block.0.conv"] == 0.5
    assert not any(value for name, value in values.items() if name != "block.0.conv")
    assert state.recipe.steps[0].method == "channel"
    assert state.step == 0


@pytest.mark.parametrize("facet", [Facet.WEIGHT_BITS, Facet.RANK])
def test_families_without_an_identity_leave_the_others_out(facet: Facet) -> None:
    value = 4 if facet is Facet.WEIGHT_BITS else 0.5
    state = update(opened(), m.SetFacet(facet, ("block.1.conv",), value))
    values = {one.layer.name: one.cells[facet].value for one in rows(state)}
    assert {name for name, one in values.items() if one is not None} == {"block.1.conv"}
    state = update(state, m.SetFacet(facet, ("block.2.conv",), value))
    values = {one.layer.name: one.cells[facet].value for one in rows(state)}
    assert {n for n, one in values.items() if one is not None} == {"block.1.conv", "block.2.conv"}


def test_leaving_out_one_of_two_widths_keeps_the_other() -> None:
    state = update(opened(), m.SetGlobal(Facet.WEIGHT_BITS, 4))
    state = update(state, m.SetFacet(Facet.ACTIVATION_BITS, ("block.0.conv",), None))
    cells = row(state, "block.0.conv").cells
    assert (cells[Facet.WEIGHT_BITS].value, cells[Facet.ACTIVATION_BITS].value) == (4, None)
    state = update(state, m.SetFacet(Facet.WEIGHT_BITS, ("block.0.conv",), None))
    assert row(state, "block.0.conv").cells[Facet.WEIGHT_BITS].skipped
    assert not state.resolution.problems


def test_steps_stand_in_the_canonical_order() -> None:
    state = update(opened(), m.SetGlobal(Facet.WEIGHT_BITS, 8))
    state = update(state, m.SetGlobal(Facet.PRUNE, 0.3))
    state = update(state, m.SetGlobal(Facet.RANK, 0.5))
    assert [step.method for step in state.recipe.steps] == ["channel", "data_aware_svd", "uniform"]


def test_the_global_slider_leaves_overrides_and_locks_alone() -> None:
    state = update(opened(), m.SetGlobal(Facet.PRUNE, 0.3))
    state = update(state, m.SetFacet(Facet.PRUNE, ("block.0.conv",), 0.6))
    state = update(state, m.Lock(("block.1.conv",), locked=True))
    for share in (0.35, 0.4, 0.5):
        state = update(state, m.SetGlobal(Facet.PRUNE, share, final=share == 0.5))
    assert row(state, "block.0.conv").cells[Facet.PRUNE].value == 0.6
    assert row(state, "block.1.conv").cells[Facet.PRUNE].value == 0.3
    assert row(state, "block.2.conv").cells[Facet.PRUNE].value == 0.5


def test_a_drag_is_one_step_of_undo() -> None:
    state = opened()
    before = state.recipe
    for share in (0.1, 0.2, 0.3):
        wish = m.SetFacet(Facet.PRUNE, ("stem",), share, final=share == 0.3)
        state = update(state, wish)
    state = update(state, m.SetFacet(Facet.PRUNE, ("stem",), 0.4))
    state = update(state, m.Undo())
    assert row(state, "stem").cells[Facet.PRUNE].value == 0.3
    state = update(state, m.Undo())
    assert state.recipe == before
    assert state.resolution.plan.recipe == before
    assert row(update(state, m.Redo()), "stem").cells[Facet.PRUNE].value == 0.3


def test_a_selection_is_one_rule() -> None:
    chosen = ("block.0.conv", "block.2.conv")
    state = update(opened(), m.SetFacet(Facet.PRUNE, chosen, 0.25))
    assert [rule.layers for rule in state.recipe.steps[0].rules] == [chosen]
    state = update(state, m.ResetLayers(("block.0.conv",)))
    assert row(state, "block.0.conv").cells[Facet.PRUNE].value is None
    assert row(state, "block.2.conv").cells[Facet.PRUNE].value == 0.25


def test_settings_of_a_replaced_layer_go_to_its_parts() -> None:
    state = update(opened(), m.SetFacet(Facet.RANK, ("block.0.conv",), 0.5))
    state = update(state, m.SetFacet(Facet.WEIGHT_BITS, ("block.0.conv",), 4))
    assert not state.resolution.problems
    assert row(state, "block.0.conv").cells[Facet.WEIGHT_BITS].value == 4


def test_similar_layers_get_the_same_but_locked_ones() -> None:
    state = update(opened(), m.SetFacet(Facet.PRUNE, ("block.0.conv",), 0.5))
    state = update(state, m.SetFacet(Facet.WEIGHT_BITS, ("block.0.conv",), 4))
    state = update(state, m.Lock(("block.3.conv",), locked=True))
    assert similar(state, "block.0.conv") == tuple(f"block.{i}.conv" for i in range(4))
    state = update(state, m.ApplyToSimilar("block.0.conv"))
    for number, same in enumerate([True, True, True, False]):
        cells = row(state, f"block.{number}.conv").cells
        assert (cells[Facet.PRUNE].value == 0.5) is same
        assert (cells[Facet.WEIGHT_BITS].value == 4) is same


def test_a_layer_that_cannot_be_pruned_says_why() -> None:
    for state in (opened(), update(opened(), m.SetGlobal(Facet.PRUNE, 0.5))):
        cell = row(state, "head").cells[Facet.PRUNE]
        assert cell.reason
        assert not cell.editable


def test_predictions_follow_the_recipe() -> None:
    state = opened()
    start = predicted(state)
    assert start.size_bytes == state.info.size_bytes
    half = update(state, m.SetGlobal(Facet.PRUNE, 0.5))
    assert predicted(half).macs < 0.6 * start.macs
    assert predicted(half).size_bytes < 0.6 * start.size_bytes
    small = update(half, m.SetGlobal(Facet.WEIGHT_BITS, 4))
    assert predicted(small).size_bytes < 0.3 * predicted(half).size_bytes
    assert row(small, "block.0.conv").size_bytes < row(half, "block.0.conv").size_bytes


def test_rows_are_kept_while_nothing_changes() -> None:
    state = opened()
    assert rows(state) is rows(update(state, m.Select(("stem",))))
    before, locked = rows(state), update(state, m.Lock(("stem",), locked=True))
    assert rows(locked) is not before
    assert rows(state) is before  # views compare a state with the one before it


def test_selection_is_in_the_order_of_the_table() -> None:
    state = update(opened(), m.Select(("head", "stem", "unknown"), "stem"))
    assert state.selection == ("stem", "head")
    assert state.current == "stem"
    assert update(state, m.Select(("stem", "head"), "stem")) is state


def test_what_a_project_knows_of_the_original_stays_when_its_model_is_read_again() -> None:
    evaluation = Evaluation(500, AccuracySource.LABELS, top1=0.9)
    profile = Profile(2.5, 0.1, 1, 1, 30, (), "ORT", "CPU")
    state = replace(opened(), evaluation=evaluation, profile=profile)
    again = update(state, m.Opened(network()))
    assert (again.original.top1, again.original.samples) == (0.9, 500)
    assert again.original.latency_ms == 2.5


def test_notices_of_a_model_go_with_it() -> None:
    state = opened()
    state = update(state, m.Told(Notice(1, "Fit again.", action="fit")))
    state = update(state, m.Told(Notice(2, "x.txt was left out.")))
    state = update(state, m.OpenModel(ModelSource("other.onnx")))
    assert [one.id for one in state.notices] == [2]


def test_another_model_keeps_the_recipe_but_no_measurement() -> None:
    state = update(opened(), m.SetGlobal(Facet.PRUNE, 0.5))
    again = update(state, m.OpenModel(ModelSource("other.onnx")))
    assert again.resolution is None
    assert again.recipe == state.recipe
    assert again.model.opening is Opening.READING
    failed = update(again, m.OpenFailed(EngineError("It is no model.")))
    assert failed.model.opening is Opening.FAILED
    ready = update(again, m.Opened(network(2)))
    assert ready.resolution.plan.recipe == state.recipe
    assert ready.original.size_bytes == network(2).size_bytes


def test_a_recipe_with_a_problem_stays_editable() -> None:
    recipe = Recipe((make_step("channel", ratio=5), make_step("uniform")))
    state = update(opened(), m.EditRecipe("Paste", recipe))
    assert state.resolution.problems[0].field == "ratio"
    fixed = update(state, m.SetFields(0, (("ratio", 0.2),)))
    assert not fixed.resolution.problems


def test_jobs_follow_their_events() -> None:
    state = update(DocumentState(), m.JobAdded(JobState(3, "Train", Purpose.APPLY)))
    for event in (
        Started(3, "Train"),
        Progress(3, "Epoch 1", 5, 10, 2.0),
        Metric(3, (Point("loss", 1, 0.5),)),
        Metric(3, (Point("loss", 2, 0.4),)),
    ):
        state = update(state, m.JobNews(event))
    job = state.job(3)
    assert (job.status, job.text, job.remaining_s) == (JobStatus.RUNNING, "Epoch 1", 2.0)
    assert [point.value for chunk in job.chunks for point in chunk] == [0.5, 0.4]
    assert state.working is job
    state = update(state, m.JobNews(Finished(3, None)))
    assert state.job(3).status.is_over
    assert state.working is None
    assert update(state, m.ClearJobs()).jobs == ()
    assert update(state, m.JobNews(Started(99, ""))) is state


def test_looks_are_asked_once_and_bounded() -> None:
    state = opened()
    request = WeightLook(state.model.source, "stem")
    state = update(state, m.Ask(request))
    assert look_for(state, request).pending
    assert update(state, m.Ask(request)) is state
    state = update(state, m.LookAnswered(key_of(request), result="answer"))
    assert look_for(state, request).result == "answer"
    assert update(state, m.Ask(request)) is state
    failing = replace(request, layer="head")
    state = update(state, m.Ask(failing))
    state = update(state, m.LookAnswered(key_of(failing), error=EngineError("No.")))
    assert update(state, m.Ask(failing)) is not state  # it may be tried again
    for number in range(2 * LOOKS_KEPT):
        one = replace(request, window=(0.0, number + 1.0))
        state = update(state, m.Ask(one))
        state = update(state, m.LookAnswered(key_of(one), result=number))
    assert len(state.looks) <= LOOKS_KEPT
    assert look_for(state, one).result == number


def test_unknown_trials_and_steps_change_nothing() -> None:
    state = opened()
    assert update(state, m.RestoreTrial(7)) is state
    assert update(state, m.SelectStep(4)) is state
    assert update(state, m.GoTo(9)) is state
    assert update(state, m.SetFields(3, (("ratio", 0.1),))) is state
