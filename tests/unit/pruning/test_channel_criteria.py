"""Each criterion finds the channel that does not matter."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from engine.methods.pruning.channel import (
    Allocation,
    ChannelParams,
    Criterion,
    Norm,
    applies,
    needs_for,
)
from engine.pipeline import table_of
from engine.registry import Needs
from tests.unit.pruning.channel_cases import (
    Block,
    context,
    images,
    kept_units,
    made,
    network,
    pruned,
)

PLANTED = 5
ONE = {"ratio": 0.125, "compensate": False, "reestimate_norms": False}


def planted(kind: str) -> nn.Module:
    """A block in which channel 5 is superfluous in one way."""
    module = made(Block())
    assert isinstance(module, Block)
    assert isinstance(module.bn, nn.BatchNorm2d)
    with torch.no_grad():
        if kind == "small":
            module.first.weight[PLANTED] *= 0.01
        if kind == "scale":
            module.bn.weight[PLANTED] = 0.001
        if kind == "dead":
            module.bn.weight[PLANTED] = 0.01
            module.bn.bias[PLANTED] = -5.0
        if kind == "unread":
            module.second.weight[:, PLANTED] *= 1e-4
        if kind == "between":
            module.first.weight[PLANTED] = module.first.weight.mean(0)
        if kind == "twin":  # the same as channel 2 once the norm has passed
            module.first.weight[PLANTED] = module.first.weight[2]
            for tensor in (module.bn.weight, module.bn.bias):
                tensor[PLANTED] = tensor[2]
            for tensor in (module.bn.running_mean, module.bn.running_var):
                assert tensor is not None
                tensor[PLANTED] = tensor[2]
    return module


@pytest.mark.parametrize(
    ("criterion", "kind"),
    [
        (Criterion.MAGNITUDE, "small"),
        (Criterion.BN_SCALE, "scale"),
        (Criterion.SYNAPTIC_STRENGTH, "small"),
        (Criterion.SYNAPTIC_STRENGTH, "scale"),
        (Criterion.TAYLOR, "dead"),
        (Criterion.TAYLOR, "unread"),
        (Criterion.GEOMETRIC_MEDIAN, "between"),
        (Criterion.ACTIVATION_ZEROS, "dead"),
        (Criterion.RECONSTRUCTION, "dead"),
        (Criterion.RECONSTRUCTION, "unread"),
    ],
)
def test_superfluous_channel_goes(criterion: Criterion, kind: str) -> None:
    before = network(planted(kind))
    after = pruned(before, only="first".__eq__, criterion=criterion, **ONE)
    assert sorted(kept_units(before, after, "first")) == [0, 1, 2, 3, 4, 6, 7]


def test_reconstruction_removes_one_of_two_that_say_the_same() -> None:
    before = network(planted("twin"))
    after = pruned(before, only="first".__eq__, criterion=Criterion.RECONSTRUCTION, **ONE)
    kept = after.module.get_submodule("first").weight
    twin = before.module.get_submodule("first").weight[2]
    assert len(kept) == 7
    assert sum(bool(torch.equal(row, twin)) for row in kept) == 1


def test_taylor_listens_to_labels() -> None:
    before = network(made(Block()))
    x = images(64)
    with torch.no_grad():
        labels = before.module(x).argmax(1)
    x = x[:16]
    kept = []
    for wanted in (labels[:16], torch.zeros(16, dtype=torch.int64)):
        around = context(before, x, labels=wanted)
        after = pruned(
            before,
            around,
            only="first".__eq__,
            criterion="taylor",
            **{**ONE, "ratio": 0.5},
        )
        kept.append(kept_units(before, after, "first"))
    assert kept[0] != kept[1]


def test_norms_differ() -> None:
    module = made(Block())
    assert isinstance(module, Block)
    with torch.no_grad():  # one large value: small in L1, large in L2
        module.first.weight[PLANTED] = 0.0
        module.first.weight[PLANTED, 0, 1, 1] = 0.6 * module.first.weight.abs().sum((1, 2, 3)).max()
    before = network(module)
    settings = {**ONE, "ratio": 0.75, "criterion": "magnitude"}
    by_l1, by_l2 = (
        pruned(before, only="first".__eq__, norm=norm, **settings) for norm in (Norm.L1, Norm.L2)
    )
    assert PLANTED in kept_units(before, by_l2, "first")
    assert PLANTED not in kept_units(before, by_l1, "first")


def test_random_follows_the_seed() -> None:
    before = network(made(Block()))

    def kept(seed: int) -> list[int]:
        around = context(before, seed=seed)
        settings = {**ONE, "ratio": 0.5}
        return kept_units(before, pruned(before, around, criterion="random", **settings), "first")

    assert kept(0) == kept(0)
    assert len({tuple(kept(seed)) for seed in range(6)}) > 1


@pytest.mark.parametrize("criterion", ["bn_scale", "synaptic_strength"])
def test_criteria_of_batch_norm_say_so_where_it_is_folded(criterion: str) -> None:
    params = ChannelParams(criterion=criterion)
    folded = table_of(network(made(Block(norm=False))))
    assert all("batch norm" in applies(layer, params) for layer in folded.layers)
    whole = table_of(network(made(Block())))
    assert applies(whole["bn"], params) == ""


def test_needs_follow_the_settings() -> None:
    bare = ChannelParams(criterion="magnitude", compensate=False, reestimate_norms=False)
    assert needs_for(bare) is Needs.NOTHING
    assert Needs.CALIBRATION in needs_for(ChannelParams(criterion="magnitude"))
    assert Needs.CALIBRATION in needs_for(bare.model_copy(update={"criterion": Criterion.TAYLOR}))
    sensitive = bare.model_copy(update={"allocation": Allocation.SENSITIVITY})
    assert Needs.CALIBRATION in needs_for(sensitive)
    assert Needs.BATCH_NORM in needs_for(ChannelParams(criterion="bn_scale"))
