"""`n_m`: of every m neighboring weights n stay."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from engine.info import LayerInfo
from engine.methods.pruning import problem
from engine.methods.pruning.n_m import NMParams, applies
from engine.network.layers import layer_table
from engine.network.network import Network
from engine.registry import REGISTRY
from tests.unit.pruning.weight_networks import (
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

SAMPLES = images(96)


def kept(weight: Tensor, m: int, *, transposed: bool = False, groups: int = 1) -> Tensor:
    """How many weights each group keeps, groups being along the input channels."""
    if transposed:  # [C_in, C_out / groups, ...]
        parts = weight.reshape(groups, -1, m, *weight.shape[1:])
        return (parts != 0).sum(dim=2)
    return (weight.reshape(len(weight), -1, m, *weight.shape[2:]) != 0).sum(dim=2)


def pruned(network: Network, *inputs: Tensor, **params: object) -> Network:
    return stage(network, step("n_m", **params), *inputs).network


@pytest.mark.parametrize("criterion", ["magnitude", "wanda", "obs", "obs in blocks"])
@pytest.mark.parametrize(("n", "m"), [(2, 4), (1, 4), (3, 6)])
def test_every_group_keeps_n(
    monkeypatch: pytest.MonkeyPatch, criterion: str, n: int, m: int
) -> None:
    if criterion == "obs in blocks":
        monkeypatch.setattr(problem, "EXACT_OPERATIONS", 1.0)
    before = residual()
    after = pruned(before, SAMPLES, criterion=criterion.split()[0], n=n, m=m, block_size=16)
    for name, weight in weights(after).items():
        if weight.shape[1] % m:
            assert torch.equal(weight, weights(before)[name])
            assert name not in after.sparse
        else:
            assert (kept(weight, m) == n).all()
            assert name in after.sparse


def test_magnitude_keeps_the_largest_of_each_group() -> None:
    before = residual()
    after = pruned(before, criterion="magnitude")
    old, new = weights(before)["conv2"], weights(after)["conv2"]
    for group in range(4):
        part = slice(4 * group, 4 * group + 4)
        largest = old[:, part].abs().topk(2, dim=1).indices.sort(dim=1).values
        found = (new[:, part] != 0).int().topk(2, dim=1).indices.sort(dim=1).values
        assert torch.equal(found, largest)
    stays = new != 0
    assert torch.equal(new[stays], old[stays])


def test_obs_is_much_nearer_to_the_original_than_the_others() -> None:
    before, held_out = residual(), images(64, seed=9)
    errors = {
        name: error(before, pruned(before, SAMPLES, criterion=name), held_out)
        for name in ("magnitude", "wanda", "obs")
    }
    assert errors["obs"] < 0.6 * min(errors["magnitude"], errors["wanda"])
    plain = error(before, pruned(before, SAMPLES, compensation=False), held_out)
    assert errors["obs"] < 0.7 * plain


def test_other_kinds_of_layers() -> None:
    before = kinds()
    done = stage(before, step("n_m"), lines(64))
    new = weights(done.network)
    assert (kept(new["grouped"], 4) == 2).all()
    assert (kept(new["up"], 4, transposed=True, groups=2) == 2).all()
    assert (kept(new["volume"], 4) == 2).all()
    assert torch.equal(new["depthwise"], weights(before)["depthwise"])
    assert error(before, done.network, lines(32, seed=3)) < 0.75
    tied = pruned(shared(), rows(64))
    assert tied.module.a.weight is tied.module.b.weight
    assert (kept(weights(tied)["a"], 4) == 2).all()


def test_layers_that_the_groups_do_not_divide_say_so() -> None:
    table = {layer.name: layer for layer in (*layer_table(residual()), *layer_table(kinds()))}

    def reason(layer: LayerInfo, m: int = 4) -> str:
        return applies(layer, NMParams(n=1, m=m))

    assert reason(table["stem"]) == "Groups of 4 do not divide the 3 input channels."
    assert reason(table["depthwise"]) == (
        "Groups of 4 do not divide the 1 input channel of each of its groups."
    )
    assert reason(table["conv1"]) == ""
    assert reason(table["up"], 8) == ""
    assert "the 8 input channels of each" in reason(table["up"], 16)
    assert "batch_norm" in reason(table["bn1"])


def test_settings_that_keep_all_are_refused() -> None:
    method = REGISTRY.step("n_m")
    assert method is not None
    faults = method.parse({"n": 4, "m": 4})
    assert isinstance(faults, tuple)
    assert "n must be below m" in faults[0].message


def test_zeros_of_an_earlier_step_stay_and_groups_keep_no_more() -> None:
    first = step("weight", criterion="magnitude", distribution="uniform", sparsity=0.7)
    once = stage(residual(), first, SAMPLES).network
    for criterion in ("magnitude", "obs"):
        steps = (first, step("n_m", criterion=criterion))
        twice = stage(residual(), steps, SAMPLES).network
        for name, weight in weights(once).items():
            assert (weights(twice)[name][weight == 0] == 0).all()
            if not weight.shape[1] % 4:
                assert (kept(weights(twice)[name], 4) <= 2).all()
        assert zeros(twice) > zeros(once)


def test_the_input_is_unchanged_and_the_result_is_the_same_twice() -> None:
    before = residual()
    tensors = {name: value.clone() for name, value in before.module.state_dict().items()}
    first, second = (pruned(before, SAMPLES).module.state_dict() for _ in range(2))
    assert all(torch.equal(v, tensors[n]) for n, v in before.module.state_dict().items())
    assert all(torch.equal(value, second[name]) for name, value in first.items())
