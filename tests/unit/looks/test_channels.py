"""Scores of channel groups: those by which the method prunes."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import RecipeError
from engine.jobs.job import Quiet
from engine.jobs.looks import ChannelLook
from engine.looks.channels import look_at_channels
from engine.looks.material import calibration_samples
from engine.methods.context import Context
from engine.methods.pruning.channel import NEED_DATA, ChannelParams, Criterion, Norm
from engine.methods.pruning.run_channel import run
from engine.opened import open_model
from tests.unit.looks.cases import DATA, MODEL

LAYER = "block2.conv2"


def look(criterion: str, layer: str = LAYER, **more):
    return look_at_channels(ChannelLook(MODEL, layer, criterion, **more), Quiet())


@pytest.mark.parametrize("criterion", [*Criterion])
def test_the_lowest_scores_are_the_channels_that_the_method_removes(criterion: Criterion) -> None:
    model = open_model(MODEL, Quiet())
    detail = look(criterion.value, data=DATA)
    assert not detail.reason
    assert len(detail.scores) == detail.channels == 32
    assert np.isfinite(detail.scores).all()
    looked = calibration_samples(model, DATA, 64, 0, Quiet())
    context = Context(Quiet(), model.network, calibration=looked.samples)
    free = [g.id for g in model.groups.groups if not g.frozen_reason]
    params = ChannelParams(
        criterion=criterion, ratio=0.25, compensate=False, reestimate_norms=False
    )
    # of the random ones each group draws its own
    chosen = dict.fromkeys(free if criterion is Criterion.RANDOM else [detail.group], params)
    pruned = run(model.network, chosen, context).module.get_submodule(LAYER).weight.detach()
    before = model.use(LAYER).weight.detach()
    kept = np.sort(np.argsort(detail.scores, kind="stable")[8:])
    units = np.searchsorted(detail.unit_of, kept)
    assert (detail.unit_of == np.arange(32)).all()
    inner = pruned.shape[1]
    if inner == before.shape[1]:
        assert np.array_equal(pruned.numpy(), before.numpy()[units])
    assert len(pruned) == 24


def test_scores_of_weights_need_no_data() -> None:
    detail = look("magnitude")
    assert detail.samples == 0
    assert detail.need_data == tuple(sorted(one.value for one in NEED_DATA))
    assert detail.layers[0] == detail.group
    assert LAYER in detail.layers
    assert detail.consumers
    assert not np.allclose(detail.scores, look("magnitude", norm=Norm.L2.value).scores)


@pytest.mark.parametrize("criterion", sorted(NEED_DATA))
def test_criteria_that_look_at_data_say_that_they_need_it(criterion: Criterion) -> None:
    without = look(criterion.value)
    assert "there is no data" in without.reason
    assert not len(without.scores)
    assert look(criterion.value, data=DATA).samples == 64


def test_every_member_of_a_group_has_the_same_scores() -> None:
    first, other = look("magnitude"), look("magnitude", "block2.shortcut.0")
    assert first.group == other.group
    assert np.array_equal(first.scores, other.scores)


def test_what_cannot_be_removed_says_so() -> None:
    detail = look("magnitude", "output")
    assert detail.frozen_reason == detail.reason != ""
    assert not len(detail.scores)


def test_criteria_of_batch_norm_do_not_fit_a_group_without_one() -> None:
    detail = look("bn_scale", "hidden")
    assert set(detail.unfit) == {"bn_scale", "synaptic_strength"}
    assert "batch norm" in detail.reason
    assert not look("magnitude", "hidden").reason


def test_random_scores_follow_the_seed() -> None:
    first = look("random", seed=1).scores
    assert np.array_equal(first, look("random", seed=1).scores)
    assert not np.array_equal(first, look("random", seed=2).scores)


@pytest.mark.parametrize("wrong", [{"criterion": "beauty"}, {"criterion": "random", "norm": "l3"}])
def test_an_unknown_criterion_is_refused(wrong) -> None:
    with pytest.raises(RecipeError):
        look(**wrong)
