"""`spatial`: a column of the kernel after a row, nearest in outputs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
from torch import Tensor, nn

from engine.jobs.job import Quiet
from engine.methods.low_rank.response import Response, from_moments
from engine.methods.low_rank.run_spatial import WAY
from engine.network.network import Network
from engine.pipeline import table_of
from engine.recipe.model import Recipe
from engine.recipe.resolve import resolve
from engine.statistics.calibration import Calibration
from engine.statistics.moments import input_moments
from engine.writers.onnx_float import write_onnx
from tests.helpers.networks import network_of
from tests.unit.low_rank.networks import answers, images, odd, only, residual, stage, step
from tests.unit.low_rank.test_svd import predicted, table, with_weights


class Uneven(nn.Module):
    """Kernels, strides, paddings and dilations that differ in height and width."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Conv2d(3, 8, (3, 5), stride=(1, 2), padding=(1, 2))
        self.b = nn.Conv2d(8, 10, 3, stride=2, padding=1, padding_mode="circular", bias=False)
        self.c = nn.Conv2d(10, 6, (2, 3), padding="same", dilation=(1, 2))
        self.d = nn.Conv2d(6, 4, (4, 2), padding="valid")

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.d(self.c(self.b(self.a(x).relu()).relu()).relu())
        return found.flatten(1)


@pytest.fixture(scope="module")
def uneven() -> Network:
    torch.manual_seed(3)
    return network_of(Uneven().eval(), torch.zeros(2, 3, 16, 24))


def large(count: int, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.randn(count, 3, 5, 7, generator=generator)
    found: Tensor = nn.functional.interpolate(coarse, size=(16, 24), mode="bilinear")
    return found


@pytest.mark.parametrize("layer", ["a", "b", "c", "d"])
def test_with_full_rank_nothing_is_lost(uneven: Network, layer: str) -> None:
    """So that strides, paddings and dilations are in their places."""
    info = table(uneven)[layer]
    rank = min(info.shape[1] * info.shape[2], info.shape[0] * info.shape[3])
    leaf = uneven.module.get_submodule(layer)
    weight = leaf.weight
    assert isinstance(weight, Tensor)
    columns = weight[0].numel()
    second = torch.eye(columns, dtype=torch.float64)
    response = Response(second, None, None, torch.zeros(columns, dtype=torch.float64), None)
    weights, product = WAY.solve(leaf, response, None).parts(leaf, rank)
    assert torch.allclose(product, weight.detach().double().flatten(1), atol=1e-6)
    assert [tuple(w.shape) for w in weights.values()] == [
        (rank, info.shape[1], info.shape[2], 1),
        (info.shape[0], rank, 1, info.shape[3]),
    ]


@pytest.mark.parametrize("layer", ["a", "b", "c", "d"])
def test_the_network_computes_the_product(uneven: Network, layer: str) -> None:
    chosen = only("spatial", layer, rank_by="number", rank=2, correct_bias=False)
    result = stage(uneven, chosen, large(24)).network
    parts: Any = result.module.get_submodule(layer)
    v, u = parts.v.weight.detach(), parts.u.weight.detach()
    whole = torch.einsum("rixy,orzb->oixb", v, u)
    same = with_weights(uneven, **{layer: whole.flatten(2)})
    x = large(3, seed=5)
    assert torch.allclose(answers(result, x), answers(same, x), atol=1e-5)
    assert max(v.norm(), u.norm()) < 4 * min(v.norm(), u.norm())


@pytest.mark.parametrize(
    "params",
    [
        {"size": 0.5},
        {"size": 0.2, "correct_bias": False},
        {"rank_by": "ratio", "ratio": 0.3},
        {"size": 0.6, "round_to": 4},
        {"rank_by": "number", "rank": 3, "sequential": False},
    ],
)
def test_the_table_is_as_predicted(uneven: Network, params: dict[str, Any]) -> None:
    for network, x in ((uneven, large(16)), (residual(), images(16))):
        chosen = step("spatial", **params)
        result = stage(network, chosen, x).network
        assert table(result) == predicted(network, chosen)


def test_planted_columns_and_rows_are_found() -> None:
    torch.manual_seed(0)
    planted = torch.einsum("rix,orb->oixb", torch.randn(2, 12, 3), torch.randn(16, 2, 3)).flatten(2)
    network = with_weights(residual(), conv1=planted)
    x = images(64)
    chosen = {"rank_by": "number", "rank": 2}
    near = stage(network, only("spatial", "conv1", **chosen), x).network
    assert torch.allclose(answers(near, x), answers(network, x), atol=1e-3)
    noisy = with_weights(residual(), conv1=planted + 0.01 * torch.randn(16, 12, 9))
    params = {"rank_by": "energy", "energy": 0.95}
    made = stage(noisy, only("spatial", "conv1", **params), x).network
    assert table(made)["conv1.v"].shape[0] <= 3


def test_nearer_than_without_data_and_near_the_best() -> None:
    """What comes out in one go, beside descent from there and the nearest weight."""
    network = residual()
    moments = input_moments(network, ["conv1"], Calibration((images(64),), None, 16), Quiet())
    known = from_moments(moments.values())
    assert known.second is not None
    second, leaf = known.second, network.module.get_submodule("conv1")
    assert isinstance(leaf, nn.Conv2d)
    weight = leaf.weight.detach().double()
    torch.manual_seed(1)
    side = torch.randn(16, 16, dtype=torch.float64)
    metric = side @ side.T
    _, product = WAY.solve(leaf, known, metric).parts(leaf, 9)

    def loss(near: Tensor) -> Tensor:
        rest = weight.flatten(1) - near
        return torch.trace(metric @ rest @ second @ rest.T)

    columns = len(second)
    blind = Response(torch.eye(columns).double(), None, None, torch.zeros(columns).double(), None)
    _, plain = WAY.solve(leaf, blind, None).parts(leaf, 9)
    found = float(loss(product))
    assert found < 0.5 * float(loss(plain))
    planes = weight.permute(1, 2, 0, 3).reshape(36, 48)
    u, s, vh = torch.linalg.svd(planes)
    first = (u[:, :9] * s[:9].sqrt()).contiguous().requires_grad_()
    last = (s[:9, None].sqrt() * vh[:9]).contiguous().requires_grad_()
    descent = torch.optim.LBFGS([first, last], max_iter=400, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        descent.zero_grad()
        near = (first @ last).reshape(12, 3, 16, 3).permute(2, 0, 1, 3).flatten(1)
        value = loss(near)
        value.backward()  # type: ignore[no-untyped-call]  # torch has no types for it
        return value

    descent.step(closure)  # type: ignore[no-untyped-call]  # torch has no types for it
    assert found < 1.3 * float(closure().detach())


def test_with_wanted_outputs_errors_before_it_are_made_up_for() -> None:
    seen, unseen = images(64, seed=1), images(64, seed=2)
    params = {"size": 0.4, "importance": False}
    alone, ordered = (
        stage(residual(), step("spatial", sequential=s, **params), seen).network
        for s in (False, True)
    )
    wanted = answers(residual(), unseen)
    errors = [float((answers(one, unseen) - wanted).square().mean()) for one in (alone, ordered)]
    assert errors[1] < errors[0]


def test_wide_layers_are_divided_without_moments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.methods.low_rank.response.MOST_COLUMNS", 20)
    monkeypatch.setattr("engine.methods.low_rank.lockstep.MOST_COLUMNS", 20)
    x = images(32)
    made = stage(residual(), step("spatial", size=0.6), x)
    assert "conv1.v" in table(made.network)
    rest = answers(made.network, x) - answers(residual(), x)
    assert float(rest.square().mean()) < float(answers(residual(), x).var())


def test_which_layers_and_why_not() -> None:
    plan = resolve(Recipe(steps=(step("spatial"),)), table_of(residual()))
    reasons = {a.target: a.reason for a in plan.assignments}
    assert reasons["conv1"] == reasons["down"] == ""
    assert "single column" in reasons["conv2"]
    assert "linear" in reasons["fc"]
    plan = resolve(Recipe(steps=(step("spatial"),)), table_of(odd()))
    assert all(a.reason for a in plan.assignments)


def test_a_written_file_computes_the_same(uneven: Network, tmp_path: Path) -> None:
    result = stage(uneven, step("spatial", size=0.5), large(24)).network
    path = tmp_path / "divided.onnx"
    write_onnx(result, path, Quiet())
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    x = large(2, seed=9)
    (found,) = session.run(None, {session.get_inputs()[0].name: x.numpy()})
    assert np.allclose(found, answers(result, x).numpy(), atol=1e-4)
