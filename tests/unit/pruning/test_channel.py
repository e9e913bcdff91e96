"""Channel pruning as a whole: shapes, rounding, targets, structures, and what is left untouched."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from engine.errors import Cancelled, DataError, RecipeError
from engine.jobs.job import Quiet
from engine.methods.context import Context
from engine.methods.pruning.channel import ChannelParams, predict
from engine.methods.pruning.channel_scores import weight_scores
from engine.methods.pruning.channel_shapes import Rounding, Shapes, units_kept
from engine.methods.pruning.channel_units import groups_of, to_remove
from engine.methods.pruning.run_channel import run
from engine.network.groups import channel_groups
from engine.network.macs import network_macs
from engine.network.network import Network
from engine.pipeline import table_of
from engine.statistics.calibration import Calibration
from engine.surgery.zero import zero_channels
from tests.helpers.zoo import ZOO, cached_network
from tests.unit.pruning.channel_cases import (
    Block,
    Residual,
    context,
    free_groups,
    images,
    made,
    network,
    pruned,
)

BARE: dict[str, Any] = {
    "criterion": "magnitude",
    "compensate": False,
    "reestimate_norms": False,
}
WHOLE = (
    *[(name, {}) for name in ("resnet50", "mobilenet_v2", "shufflenet_like", "unet", "vit")],
    *[(name, {}) for name in ("audio", "multi_input", "tied_weights", "bilstm_classifier")],
    *[(name, {"round_to": 4}) for name in ("resnet18", "grouped_conv", "lstm_classifier")],
)


def zoo_context(name: str, count: int = 16) -> Context:
    """Calibration data for a network of the zoo."""
    samples = Calibration(ZOO[name].inputs(count))
    return Context(Quiet(), cached_network(name), calibration=samples)


@pytest.mark.parametrize(("name", "settings"), WHOLE)
def test_prediction_is_what_comes_out(name: str, settings: dict[str, int]) -> None:
    before = cached_network(name)
    params = ChannelParams(ratio=0.45, **BARE, **settings)
    after = pruned(before, zoo_context(name), ratio=0.45, **BARE, **settings)
    predicted = predict(table_of(before), dict.fromkeys(free_groups(before), params))
    for wanted, found in zip(predicted.layers, table_of(after).layers, strict=True):
        assert (wanted.name, wanted.shape) == (found.name, found.shape)
        assert (wanted.macs, wanted.parameters) == (found.macs, found.parameters)
        assert wanted.size_bytes == found.size_bytes
        assert wanted.output_shape == found.output_shape


@pytest.mark.parametrize("name", ["resnet18", "vit", "grouped_conv"])
def test_without_compensation_it_equals_the_masked_network(name: str) -> None:
    before = cached_network(name)
    after = pruned(before, zoo_context(name), ratio=0.4, **BARE)
    analysis = channel_groups(before)
    removal = {}
    for group in analysis.groups:
        if group.frozen_reason:
            continue
        member = next(m for m in analysis.members(group.id) if m.path.endswith("weight"))
        old = before.module.get_submodule(member.layer).weight
        new = after.module.get_submodule(member.layer).weight
        assert isinstance(old, torch.Tensor)
        assert isinstance(new, torch.Tensor)
        assert new.shape[member.axis] < old.shape[member.axis]
        removal[group.id] = removed_units(before, after, group.id)
    masked = zero_channels(before, analysis, removal)
    inputs = ZOO[name].inputs(3)
    with torch.no_grad():
        torch.testing.assert_close(
            after.module(*inputs), masked.module(*inputs), rtol=1e-4, atol=1e-5
        )


def removed_units(before: Network, after: Network, group_id: str) -> list[int]:
    """The units of a group that are gone: those by whose removal its tensors come about."""
    params = ChannelParams(ratio=0.4, **BARE)
    (group,) = groups_of(before, channel_groups(before), [group_id])
    info = channel_groups(before).group(group_id)
    keep = units_kept(info, 0.4, Rounding())
    units = to_remove(group, keep, weight_scores(before, group, params), Rounding())
    return [int(unit) for unit in units]


def test_input_is_unchanged_and_the_result_repeats() -> None:
    before = network(made(Residual()))
    state = {name: tensor.clone() for name, tensor in before.module.state_dict().items()}
    graph = str(before.module.graph)
    settings: dict[str, Any] = {"ratio": 0.4, "allocation": "sensitivity", "target": "macs"}
    first, second = pruned(before, **settings), pruned(before, **settings)
    assert str(before.module.graph) == graph
    for name, tensor in before.module.state_dict().items():
        assert torch.equal(tensor, state[name]), name
    for name, tensor in first.module.state_dict().items():
        assert torch.equal(tensor, second.module.state_dict()[name]), name
    assert not torch.is_inference(first.module.get_submodule("head").weight)


@pytest.mark.parametrize("name", ["vit", "bert_like"])
def test_heads_go_as_wholes(name: str) -> None:
    before = cached_network(name)
    heads = {g.id: g for g in channel_groups(before).groups if not g.frozen_reason and g.unit > 1}
    assert heads
    after = pruned(before, zoo_context(name), only=lambda one: one in heads, ratio=0.5)
    for group in channel_groups(after).groups:
        if group.id in heads:
            assert group.channels == units_kept(heads[group.id], 0.5, Rounding())
            assert group.channels < heads[group.id].channels
            assert group.unit == heads[group.id].unit


@pytest.mark.parametrize("multiple", [2, 4, 16])
def test_rounding_keeps_multiples(multiple: int) -> None:
    before = network(made(Residual()))
    after = pruned(before, ratio=0.6, round_to=multiple, **BARE)
    for layer, channels in (("stem", 12), ("inner", 10)):
        left = after.module.get_submodule(layer).weight.shape[0]
        assert left % multiple == 0 or left == channels
        assert left == (
            channels if multiple > channels else max(multiple, round(4 / multiple) * multiple)
        )


@pytest.mark.parametrize(
    ("channels", "width", "step"),
    [(10, 1, 1), (16, 1, 4), (32, 1, 8), (64, 1, 16), (2048, 1, 16), (12, 64, 1), (16, 12, 4)],
)
def test_rounding_by_itself_suits_the_width(channels: int, width: int, step: int) -> None:
    rounding = Rounding()
    assert rounding.step(channels, width) == step
    for wanted in range(1, channels):
        left = rounding.allowed(channels, width, wanted)
        assert left % step == 0 or left == channels
        assert abs(left - wanted) <= max(step / 2, step - wanted)


class Wide(nn.Module):
    """Two blocks in a row: 32 channels of which the readers need all alike, and 64."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Conv2d(3, 32, 3, padding=1)
        self.b = nn.Conv2d(32, 8, 3, padding=1)
        self.c = nn.Conv2d(8, 64, 3, padding=1)
        self.d = nn.Conv2d(64, 8, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.b(torch.relu(self.a(x))))
        return self.d(torch.relu(self.c(x)))


def test_sensitivity_steps_in_whole_blocks_of_what_kernels_compute() -> None:
    before = network(made(Wide()))
    wanted = {"target": "macs", "allocation": "sensitivity", "ratio": 0.4}
    after = pruned(before, only=lambda one: one in ("a", "c"), **wanted)
    for layer, step in (("a", 8), ("c", 16)):
        assert after.module.get_submodule(layer).weight.shape[0] % step == 0
    assert network_macs(after.module) <= 0.6 * (network_macs(before.module) or 0)


def test_work_counts_outputs_in_blocks_and_inputs_one_by_one() -> None:
    table = table_of(network(made(Wide())))
    shapes = Shapes(table, {"a": Rounding(1), "c": Rounding(1)})
    whole = shapes.work("a", {})
    assert whole == shapes.macs("a", {})
    assert [32 * shapes.work("a", {"a": left}) // whole for left in (31, 17, 16, 1)] == [
        32,
        32,
        16,
        16,
    ]
    reads = shapes.macs("b", {})
    assert shapes.work("b", {"a": 17}) == 2 * reads * 17 // 32  # 8 outputs count as a block of 16


def test_ratio_that_would_take_all_leaves_one() -> None:
    before = network(made(Block()))
    after = pruned(before, ratio=0.999)
    assert all(count == 1 for count in free_groups(after).values()) or not free_groups(after)
    assert after.module.get_submodule("first").weight.shape[0] == 1
    with torch.no_grad():
        assert torch.isfinite(after.module(images(3))).all()


def test_minimum_is_kept() -> None:
    after = pruned(network(made(Block())), ratio=0.9, min_channels=3, **BARE)
    assert after.module.get_submodule("first").weight.shape[0] == 3


def test_strata_of_a_padded_shortcut_lose_evenly() -> None:
    class Padded(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.stem = nn.Conv2d(3, 8, 3, padding=1)
            self.wide = nn.Conv2d(8, 16, 3, padding=1)
            self.head = nn.Linear(16, 3)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = torch.relu(self.stem(x))
            y = self.wide(x) + nn.functional.pad(x, (0, 0, 0, 0, 4, 4))
            return self.head(torch.relu(y).mean((2, 3)))

    module = made(Padded())
    with torch.no_grad():  # by score alone the narrow part would go first, all of it
        assert isinstance(module.stem, nn.Conv2d)
        module.stem.weight *= 1e-3
    before = network(module)
    for ratio, narrow, wide in ((0.5, 4, 8), (0.25, 6, 12), (0.9, 1, 2)):
        after = pruned(before, ratio=ratio, round_to=1, **BARE)
        assert after.module.get_submodule("stem").weight.shape[0] == narrow
        assert after.module.get_submodule("wide").weight.shape[0] == wide
        with torch.no_grad():
            after.module(images(2))


@pytest.mark.parametrize("allocation", ["uniform", "global", "sensitivity"])
def test_share_of_macs_is_reached_and_hardly_passed(allocation: str) -> None:
    before = network(made(Residual()))
    after = pruned(before, ratio=0.4, target="macs", allocation=allocation)
    share = 1 - (network_macs(after.module) or 0) / (network_macs(before.module) or 1)
    assert 0.4 <= share < 0.52


def test_rounding_does_not_carry_a_uniform_share_of_macs_far_beyond() -> None:
    table = table_of(network(made(Wide())))
    params = ChannelParams(ratio=0.55, target="macs")
    after = predict(table, {"a": params, "c": params})
    left = sum(layer.macs or 0 for layer in after.layers) / sum(x.macs or 0 for x in table.layers)
    sizes = [after["a"].shape[0], after["c"].shape[0]]
    assert 0.4 < left <= 0.45
    assert sizes in ([16, 16], [8, 32])  # one step of one of them below the half of both


def test_share_of_channels_is_reached_globally() -> None:
    before = network(made(Residual()))
    after = pruned(before, ratio=0.5, allocation="global", **BARE)
    assert sum(free_groups(after).values()) == sum(free_groups(before).values()) // 2


def test_global_threshold_takes_where_scores_are_low() -> None:
    module = made(Residual())
    with torch.no_grad():
        assert isinstance(module.inner, nn.Conv2d)
        module.inner.weight[1:] *= 0.01
    after = pruned(network(module), ratio=0.3, allocation="global", **BARE)
    assert after.module.get_submodule("inner").weight.shape[0] < 7
    assert after.module.get_submodule("stem").weight.shape[0] > 8


def test_sensitivity_spares_what_matters() -> None:
    module = made(Residual())
    with torch.no_grad():  # all but two inner channels do nothing
        assert isinstance(module.outer, nn.Conv2d)
        module.outer.weight[:, 2:] = 0
    after = pruned(network(module), ratio=0.5, target="macs", allocation="sensitivity")
    assert after.module.get_submodule("inner").weight.shape[0] == 4
    assert after.module.get_submodule("stem").weight.shape[0] == 12


class Crossed(nn.Module):
    """Two branches of which the one that is made first is read last; only it matters."""

    def __init__(self) -> None:
        super().__init__()
        self.early = nn.Conv2d(3, 8, 3, padding=1)
        self.late = nn.Conv2d(3, 8, 3, padding=1)
        self.late_reader = nn.Conv2d(8, 4, 3, padding=1)
        self.early_reader = nn.Conv2d(8, 4, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        early, late = torch.relu(self.early(x)), torch.relu(self.late(x))
        last = self.late_reader(late)
        return self.early_reader(early) * 1e-3 + last


def test_sensitivity_is_measured_where_branches_cross() -> None:
    after = pruned(network(made(Crossed())), ratio=0.3, target="macs", allocation="sensitivity")
    early, late = (after.module.get_submodule(n).weight.shape[0] for n in ("early", "late"))
    assert early < late


class Recurrent(nn.Module):
    """Channels that a recurrent layer alone reads, and others."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Linear(4, 12)
        self.lstm = nn.LSTM(12, 8, batch_first=True)
        self.middle = nn.Linear(8, 20)
        self.head = nn.Linear(20, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        states, _ = self.lstm(torch.relu(self.embed(x)))
        return self.head(torch.relu(self.middle(states[:, -1])))


def test_sensitivity_spares_what_no_solvable_layer_reads() -> None:
    torch.manual_seed(0)
    x = torch.randn(32, 5, 4)
    before = network(Recurrent().eval(), x[:2])
    assert set(free_groups(before)) == {"embed", "middle"}
    after = pruned(before, context(before, x), ratio=0.2, allocation="sensitivity")
    assert free_groups(after)["embed"] == 12
    assert free_groups(after)["middle"] <= 14


def test_rules_may_give_groups_their_own_ratio_beside_a_share_of_macs() -> None:
    before = network(made(Residual()))
    choices = {
        "stem": ChannelParams(ratio=0.25, **BARE),
        "inner": ChannelParams(ratio=0.45, target="macs", **BARE),
    }
    after = run(before, choices, context(before))
    assert after.module.get_submodule("stem").weight.shape[0] == 9
    assert (network_macs(after.module) or 0) <= 0.55 * (network_macs(before.module) or 0)
    assert [a.shape for a in predict(table_of(before), choices).layers] == [
        b.shape for b in table_of(after).layers
    ]


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({"inner": {"ratio": 0.9, "target": "macs"}}, "At most"),
        (
            {"inner": {"ratio": 0.2, "target": "macs"}, "stem": {"ratio": 0.1, "target": "macs"}},
            "one number",
        ),
    ],
)
def test_targets_that_cannot_be(choices: dict[str, Any], words: str) -> None:
    before = network(made(Residual()))
    params = {name: ChannelParams(**{**BARE, **more}) for name, more in choices.items()}
    with pytest.raises(RecipeError, match=words):
        predict(table_of(before), params)
    with pytest.raises(RecipeError, match=words):
        run(before, params, context(before))


def test_without_data_it_says_what_it_needs() -> None:
    before = network(made(Block()))
    bare = Context(Quiet(), before)
    with pytest.raises(DataError, match="data"):
        pruned(before, bare, ratio=0.5)
    assert pruned(before, bare, ratio=0.5, **BARE) is not before


def test_ratio_zero_changes_nothing() -> None:
    before = network(made(Block()))
    assert pruned(before, ratio=0.0) is before
    table = table_of(before)
    assert predict(table, {"first": ChannelParams(ratio=0.0)}).layers == table.layers


def test_so_few_channels_that_none_goes_is_noted() -> None:
    notes: list[str] = []
    before = network(made(Block()))
    after = pruned(before, context(before, note=notes.append), ratio=0.01, **BARE)
    assert after is before
    assert notes


class _Cancelling(Quiet):
    def __init__(self, after: int) -> None:
        self.left = after

    def checkpoint(self, text: str = "", done: int = 0, total: int = 0) -> None:
        self.left -= 1
        if self.left < 0:
            raise Cancelled


@pytest.mark.parametrize("after", [0, 40, 150, 400])
def test_cancelling_is_heard_on_the_way(after: int) -> None:
    before = network(made(Residual()))
    job = _Cancelling(after)
    around = Context(job, before, calibration=Calibration((images(64),)))
    with pytest.raises(Cancelled):
        pruned(before, around, ratio=0.5, allocation="sensitivity", target="macs")
