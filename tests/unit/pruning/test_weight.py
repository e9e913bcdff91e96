"""`weight`: single weights become zero, wherever they stand."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from engine.errors import Cancelled, DataError
from engine.jobs.job import Quiet
from engine.methods.pruning.matrices import as_matrices, from_matrices, layers_of
from engine.methods.pruning.side_by_side import SideBySide, bytes_per_sample
from engine.methods.pruning.targets import in_order
from engine.network.groups import channel_groups
from engine.network.network import Network
from engine.recipe.model import Rule
from engine.surgery.copy import copy_network
from engine.surgery.slice import remove_channels
from tests.helpers.networks import network_of
from tests.unit.pruning.weight_networks import (
    answers,
    error,
    images,
    kinds,
    lines,
    residual,
    rows,
    shared,
    stage,
    step,
    weights,
    zeros,
)

CRITERIA = ("magnitude", "wanda", "obs")
DISTRIBUTIONS = ("uniform", "global", "balanced")
SAMPLES = images(96)


def pruned(network: Network, *inputs: Tensor, **params: object) -> Network:
    return stage(network, step("weight", **params), *inputs).network


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
@pytest.mark.parametrize("criterion", CRITERIA)
def test_zeros_are_as_many_as_asked_for(criterion: str, distribution: str) -> None:
    before = residual()
    after = pruned(before, SAMPLES, criterion=criterion, distribution=distribution, sparsity=0.63)
    total = sum(weight.numel() for weight in weights(before).values())
    slack = len(weights(before)) if distribution == "uniform" else 1
    assert abs(zeros(after) - 0.63 * total) <= slack
    assert after.sparse == set(weights(before))
    if distribution == "uniform":
        for weight in weights(after).values():
            assert abs(int((weight == 0).sum()) - 0.63 * weight.numel()) <= 1


@pytest.mark.parametrize("params", [{}, {"criterion": "magnitude"}, {"compensation": False}])
def test_the_input_is_unchanged_and_the_result_is_the_same_twice(params: dict[str, object]) -> None:
    before = residual()
    tensors = {name: value.clone() for name, value in before.module.state_dict().items()}
    first = pruned(before, SAMPLES, sparsity=0.7, **params)
    second = pruned(before, SAMPLES, sparsity=0.7, **params)
    assert all(torch.equal(v, tensors[n]) for n, v in before.module.state_dict().items())
    assert not before.sparse
    for name, value in first.module.state_dict().items():
        assert torch.equal(value, second.module.state_dict()[name])


def test_obs_is_much_nearer_to_the_original_than_the_others() -> None:
    before, held_out = residual(), images(64, seed=9)
    errors = {}
    for criterion, solved in (("magnitude", True), ("wanda", True), ("obs", False), ("obs", True)):
        params = {"criterion": criterion, "compensation": solved, "sparsity": 0.6}
        errors[criterion, solved] = error(before, pruned(before, SAMPLES, **params), held_out)
    others = [value for key, value in errors.items() if key != ("obs", True)]
    assert errors["obs", True] < 0.6 * min(others)


def test_magnitude_takes_the_smallest() -> None:
    before = residual()
    after = pruned(before, criterion="magnitude", distribution="global", sparsity=0.5)
    old, new = weights(before), weights(after)
    went = torch.cat([old[name][new[name] == 0].abs() for name in old])
    stayed = torch.cat([new[name][new[name] != 0].abs() for name in old])
    assert went.max() <= stayed.min()


def test_wanda_takes_as_many_of_each_row_by_weight_times_input() -> None:
    before = residual()
    params = {"criterion": "wanda", "distribution": "uniform", "reestimate_norms": False}
    after = pruned(before, SAMPLES, sparsity=0.5, **params)
    weight, new = weights(before)["fc"], weights(after)["fc"]
    inputs: list[Tensor] = []
    module = copy_network(before).module
    fc = module.get_submodule("fc")
    handle = fc.register_forward_pre_hook(lambda _m, args: inputs.append(args[0]))
    with torch.inference_mode():
        module(SAMPLES)
    handle.remove()
    scores = weight.abs() * inputs[0].square().mean(0).sqrt()
    for row in range(len(weight)):
        wanted = scores[row].argsort()[:8].sort().values
        assert torch.equal((new[row] == 0).nonzero()[:, 0], wanted)


def test_magnitude_needs_no_data_and_says_what_was_not_done() -> None:
    done = stage(residual(), step("weight", criterion="magnitude", distribution="global"))
    assert zeros(done.network) > 0
    assert any("no calibration data" in note for note in done.result.notes)
    with pytest.raises(DataError, match="needs data"):
        stage(residual(), step("weight"))


def test_norms_are_measured_again_where_nothing_else_makes_up() -> None:
    before = residual()
    params = {"criterion": "magnitude", "distribution": "uniform", "sparsity": 0.7}
    plain = pruned(before, SAMPLES, reestimate_norms=False, **params)
    renewed = pruned(before, SAMPLES, **params)
    assert torch.equal(plain.module.bn2.running_var, before.module.bn2.running_var)
    assert error(before, renewed, SAMPLES) < 0.9 * error(before, plain, SAMPLES)
    assert zeros(renewed) == zeros(plain)


def test_a_layer_with_a_setting_of_its_own_has_a_budget_of_its_own() -> None:
    rules = (Rule(("conv1",), params={"sparsity": 0.25}), Rule(("fc",), skip=True))  # type: ignore[arg-type]  # fields by their names
    after = stage(residual(), step("weight", *rules, sparsity=0.8), SAMPLES).network
    new = weights(after)
    assert int((new["conv1"] == 0).sum()) == round(0.25 * new["conv1"].numel())
    assert int((new["fc"] == 0).sum()) == 0
    others = [new[name] for name in ("stem", "conv2", "beside")]
    total = sum(weight.numel() for weight in others)
    assert abs(sum(int((weight == 0).sum()) for weight in others) - 0.8 * total) <= 1
    assert after.sparse == {"stem", "conv1", "conv2", "beside"}


def test_balanced_spares_what_the_answers_depend_on() -> None:
    torch.manual_seed(0)

    class Two(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.minor, self.major = nn.Linear(32, 4), nn.Linear(32, 4)

        def forward(self, x: Tensor) -> Tensor:
            return 0.05 * self.minor(x) + self.major(x)

    x = torch.randn(200, 32)
    after = pruned(network_of(Two(), x[:2]), x, sparsity=0.5)
    lost = {name: int((weight == 0).sum()) for name, weight in weights(after).items()}
    assert lost["minor"] > 1.5 * lost["major"]


@pytest.mark.parametrize("criterion", CRITERIA)
def test_every_kind_of_layer_is_pruned(criterion: str) -> None:
    before, held_out = kinds(), lines(32, seed=5)
    after = pruned(before, lines(64), criterion=criterion, sparsity=0.5)
    total = sum(weight.numel() for weight in weights(before).values())
    assert abs(zeros(after) - total / 2) <= 1
    assert answers(after, held_out).isfinite().all()
    assert error(before, after, held_out) < (0.75 if criterion == "obs" else 1.5)
    for name, weight in weights(after).items():
        assert (weight == 0).any() or weights(before)[name].numel() < 10


def test_layers_that_share_weights_stay_alike() -> None:
    before = shared()
    after = pruned(before, rows(64), sparsity=0.5)
    assert after.module.a.weight is after.module.b.weight
    assert {"a", "b", "twice"} <= after.sparse
    assert error(before, after, rows(32, seed=4)) < 0.7
    total = sum({w.data_ptr(): w.numel() for w in weights(before).values()}.values())
    assert abs(zeros(after) - total / 2) <= 1
    assert (weights(after)["dead"] == 0).all(dim=1).sum() >= 11  # reads zeros, so loses nothing


def test_zeros_of_an_earlier_step_stay() -> None:
    first = step("weight", criterion="magnitude", distribution="uniform", sparsity=0.4)
    once = stage(residual(), first, SAMPLES).network
    twice = stage(residual(), (first, step("weight", sparsity=0.7)), SAMPLES).network
    for name, weight in weights(once).items():
        assert (weights(twice)[name][weight == 0] == 0).all(), name
    fewer = stage(residual(), (first, step("weight", sparsity=0.1)), SAMPLES).network
    for name, weight in weights(once).items():
        assert (weights(fewer)[name][weight == 0] == 0).all(), name


def test_zeros_hold_when_channels_are_cut_out() -> None:
    after = pruned(residual(), SAMPLES, sparsity=0.7)
    sliced = remove_channels(after, channel_groups(after), {"conv1": range(0, 16, 2)})
    assert torch.equal(weights(sliced)["conv1"], weights(after)["conv1"][1::2])
    kept = weights(after)["conv2"][:, 1::2]
    assert torch.equal(weights(sliced)["conv2"] == 0, kept == 0)
    assert sliced.sparse == after.sparse


def test_the_layer_before_an_addition_makes_up_for_the_shortcut() -> None:
    """Only the shortcut is bad at first: the convolution beside it has to know."""
    before = residual()
    rules = (Rule(("*",), skip=True), Rule(("stem", "conv2"), skip=False))
    after = stage(before, step("weight", *rules, sparsity=0.5), SAMPLES).network
    assert error(before, after, images(64, seed=3)) < 0.35
    order = in_order(before.module, layers_of(before, ["stem", "conv1", "conv2", "beside"]))
    names = [layer.name for layer, _ in order]
    meeting = {layer.name: around.other for layer, around in order if around is not None}
    assert names.index("beside") < names.index("conv2")
    assert str(meeting["conv2"]) == "beside"
    assert meeting["beside"] is None
    assert meeting["conv1"] is None


def test_weights_that_are_not_finite_are_left_with_a_note() -> None:
    before = copy_network(residual())
    bad = before.module.conv1.weight.detach().clone()
    bad[0, 0, 0, 0] = torch.nan
    before.module.conv1.weight = nn.Parameter(bad)
    done = stage(before, step("weight", criterion="magnitude", distribution="global"))
    assert any(note.startswith("conv1 was left as it is") for note in done.result.notes)
    assert "conv1" not in done.network.sparse
    assert zeros(done.network) > 0


def test_nothing_is_done_at_zero_sparsity() -> None:
    after = pruned(residual(), SAMPLES, sparsity=0.0)
    assert zeros(after) == 0
    assert not after.sparse


def test_extreme_sparsity_leaves_every_layer_something() -> None:
    after = pruned(residual(), SAMPLES, sparsity=0.995)
    assert all((weight != 0).any() for weight in weights(after).values())
    assert answers(after, SAMPLES).isfinite().all()


def test_progress_ends_and_cancelling_is_heard() -> None:
    class Watched(Quiet):
        def __init__(self, stop_at: int) -> None:
            self.looks, self.stop_at = 0, stop_at
            self.seen: list[tuple[int, int]] = []

        def checkpoint(self, text: str = "", done: int = 0, total: int = 0) -> None:
            self.looks += 1
            if text.startswith("Pruning"):
                self.seen.append((done, total))
            if self.looks == self.stop_at:
                raise Cancelled

    watched = Watched(0)
    stage(residual(), step("weight", sparsity=0.5), SAMPLES, job=watched)
    assert watched.seen[-1] == (5, 5)
    assert watched.looks > 200
    with pytest.raises(Cancelled):
        stage(residual(), step("weight"), SAMPLES, job=Watched(watched.looks - 50))


def test_matrices_of_weights_can_be_turned_back() -> None:
    for layer in layers_of(kinds(), ["depthwise", "grouped", "up", "volume"]):
        again = from_matrices(layer.leaf, as_matrices(layer.leaf, layer.weight))
        assert torch.equal(again, layer.weight)


def test_both_networks_are_run_once_and_values_are_dropped() -> None:
    network = residual()
    changed = copy_network(network)
    changed.module.conv1.weight = nn.Parameter(network.module.conv1.weight.detach() * 0.5)
    batches = [(SAMPLES[:32],), (SAMPLES[32:64],)]
    sides = SideBySide(network.module, changed.module, batches, Quiet())
    nodes = {node.name: node for node in network.module.graph.nodes}
    sides.run_to(nodes["conv1"])
    reference, other = next(sides.values(nodes["conv1"]))
    assert torch.allclose(other, 0.5 * reference, atol=1e-6)
    sides.run_to(nodes["fc"])
    found = list(sides.values(nodes["fc"]))
    assert torch.allclose(found[1][0], answers(network, SAMPLES[32:64]), atol=1e-6)
    assert torch.allclose(found[1][1], answers(changed, SAMPLES[32:64]), atol=1e-6)
    with pytest.raises(KeyError):
        next(sides.values(nodes["conv1"]))
    assert bytes_per_sample(network.module) >= 4 * (16 + 16) * 64
