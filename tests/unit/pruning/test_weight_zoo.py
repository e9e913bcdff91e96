"""Single weights of many kinds of networks become zero, and the networks still run."""

from __future__ import annotations

import pytest
import torch

from tests.helpers.zoo import ZOO, cached_network
from tests.unit.pruning.weight_networks import stage, step

pytestmark = pytest.mark.network_zoo


@pytest.mark.parametrize("name", ZOO)
@pytest.mark.parametrize("method", ["weight", "n_m"])
def test_every_network_can_be_pruned(name: str, method: str) -> None:
    before = cached_network(name)
    _, inputs = ZOO[name].example(8)
    params = {"sparsity": 0.5} if method == "weight" else {"n": 1, "m": 2}
    done = stage(before, step(method, **params), *inputs)
    after = done.network
    assert after.sparse
    state = after.module.state_dict()
    assert all(value.isfinite().all() for value in state.values() if value.is_floating_point())
    unique = {state[f"{n}.weight"].data_ptr(): state[f"{n}.weight"] for n in after.sparse}
    total = sum(weight.numel() for weight in unique.values())
    gone = sum(int((weight == 0).sum()) for weight in unique.values())
    assert abs(gone - total / 2) <= (1 if method == "weight" else 0)
    with torch.inference_mode():
        old, new = before.module(*inputs), after.module(*inputs)
    pairs = zip(old, new, strict=True) if isinstance(old, (tuple, list)) else [(old, new)]
    for wanted, found in pairs:
        assert found.shape == wanted.shape
        assert found.isfinite().all()
