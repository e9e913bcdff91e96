"""Biases lie where a file's integers and the network in memory are rounded alike."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, fx, nn

from engine.frozen import FrozenMap
from engine.info import Target
from engine.jobs.job import Quiet
from engine.measure.predict import OnnxPredictor, TorchPredictor
from engine.measure.runtime import Session
from engine.methods.context import Context
from engine.methods.quantization.settings import UniformParams
from engine.network.encoding import WeightEncoding, dequantize
from engine.network.network import Network
from engine.pipeline import run as run_recipe
from engine.recipe.model import Recipe, Step
from engine.statistics.calibration import Calibration
from engine.surgery.copy import copy_network
from engine.surgery.quantizers import Grid, insert_quantizers, is_quantizer, places
from engine.surgery.settle import settle
from engine.writers.write import write
from tests.helpers.networks import network_of
from tests.unit.quantization.helpers import images, quantized, residual
from tests.unit.training import helpers as training

SCALE, ZERO, STEP = 0.25, 5, 0.31
"""Of the input's grid and the output's, of 4 bits."""


class Cut(nn.Module):
    def __init__(self, between: nn.Module, *, bias: bool = True) -> None:
        super().__init__()
        self.a = nn.Linear(6, 4, bias=bias)
        self.between = between
        self.b = nn.Linear(4, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.b(self.between(self.a(x)))


def network(between: nn.Module | None = None, bits: int = 4, top: int = 4, **more: bool) -> Network:
    """Weights ±1, 2, 3 times 0.1 and a bias that puts outputs on the borders of the next grid."""
    torch.manual_seed(0)
    found = network_of(Cut(between or nn.ReLU(), **more).eval(), torch.randn(2, 6))
    wanted = places(found.module, {"a": top, "b": top})
    grids = {p: Grid(SCALE if n == 0 else STEP, ZERO * (n == 0), top) for n, p in enumerate(wanted)}
    found = insert_quantizers(found, grids)
    scale = torch.full((4, 1), 0.1)
    encoding = WeightEncoding(bits, scale, torch.zeros(4, 1, dtype=torch.int32))
    integers = torch.arange(24).reshape(4, 6) % 7 - 3
    leaf = first_layer(found)
    leaf.weight = nn.Parameter(dequantize(integers, encoding))
    if leaf.bias is not None:  # one product more or less, and it is a half step
        leaf.bias = nn.Parameter(torch.tensor([2.5, 3.5, 1.5, 5.5]) * STEP - 7 * SCALE * 0.1)
    return replace(found, encodings=FrozenMap({"a": encoding}))


def first_layer(found: Network) -> Any:
    return found.module.get_submodule("a")


def all_inputs() -> Tensor:
    """Inputs of `a` that give very many of its sums."""
    points = torch.randint(0, 16, (4000, 6), generator=torch.Generator().manual_seed(1))
    return (points - ZERO) * SCALE


def closest(found: Network) -> float:
    """How near to a border outputs come, in steps, by arithmetic that does not round."""
    weight, bias = (t.detach().double() for t in first_layer(found).parameters())
    exact = nn.functional.linear(all_inputs().double(), weight, bias)
    steps = exact / torch.tensor(STEP, dtype=torch.float32).double()
    steps = steps[(steps > 0) & (steps < 15)]
    return float((steps - steps.floor() - 0.5).abs().min())


def test_outputs_keep_away_from_borders() -> None:
    before = network()
    after, unsure = settle(before)
    assert closest(before) < 1e-6
    assert closest(after) > 1e-3
    assert unsure == ()
    # less than half of the distance between two sums
    moved = first_layer(after).bias - first_layer(before).bias
    assert 0 < moved.abs().max() <= 0.5 * SCALE * 0.1 * 1.13


def test_biases_are_what_a_file_stores() -> None:
    after, _ = settle(network())
    step = SCALE * 0.1 / 8
    integers = first_layer(after).bias / step
    assert (integers - integers.round()).abs().max() < 1e-3
    plain, _ = settle(network(bits=8, top=8))  # nothing to choose: rounded
    integers = first_layer(plain).bias / (SCALE * 0.1)
    assert (integers - integers.round()).abs().max() < 1e-3


def test_settled_once_is_settled() -> None:
    before = network()
    bias = first_layer(before).bias.clone()
    after, _ = settle(before)
    assert torch.equal(first_layer(before).bias, bias)
    again, _ = settle(after)
    assert again is after


@pytest.mark.parametrize(
    ("between", "sure"),
    [
        (nn.ReLU(), True),
        (nn.ReLU6(), True),
        (nn.Hardtanh(-0.5, 2.0), True),
        (nn.Identity(), True),
        (nn.GELU(), False),
    ],
)
def test_what_cannot_be_sure_is_said(between: nn.Module, sure: bool) -> None:
    found = network(between)
    after, unsure = settle(found)
    quantizers = [node.name for node in found.module.graph.nodes if is_quantizer(node)]
    assert unsure == (() if sure else (quantizers[1],))
    if sure:
        return
    assert not torch.equal(first_layer(after).bias, first_layer(found).bias)


def test_layers_that_a_file_computes_in_float_stay() -> None:
    found = network()
    encoding = found.encodings["a"]
    assert isinstance(encoding, WeightEncoding)
    groups = replace(
        encoding,
        scale=encoding.scale.repeat(1, 2),
        zero_point=encoding.zero_point.repeat(1, 2),
        group_size=3,
    )
    for encodings in ({}, {"a": groups}, {"a": replace(encoding, bits=16)}):
        other = replace(found, encodings=FrozenMap(encodings))
        after, unsure = settle(other)
        assert after is other
        assert len(unsure) == 1
    free = network(bias=False)
    after, unsure = settle(free)
    assert after is free  # nothing to move


def test_shared_and_huge_biases_stay() -> None:
    found = network()
    copy = copy_network(found)
    first_layer(copy).bias = nn.Parameter(torch.full((4,), 1e9))
    after, unsure = settle(copy)
    assert after is copy
    assert len(unsure) == 1
    tied = network_of(
        nn.Sequential(nn.Linear(6, 6), nn.ReLU(), nn.Linear(6, 6)).eval(), torch.randn(2, 6)
    )
    result = quantized(tied, UniformParams(), [torch.randn(64, 6)]).network
    first, second = result.module.get_submodule("0"), result.module.get_submodule("2")
    second.bias = first.bias
    assert settle(result)[0] is result


def test_dead_channels_take_the_scale_of_the_others() -> None:
    found = network()
    leaf, encoding = first_layer(found), found.encodings["a"]
    assert isinstance(encoding, WeightEncoding)
    scale = encoding.scale.clone()
    scale[1] = 1e-9  # its bias would be no 32-bit integer
    leaf.weight = nn.Parameter(leaf.weight * torch.tensor([[1.0], [0], [1], [1]]))
    found = replace(found, encodings=FrozenMap({"a": replace(encoding, scale=scale)}))
    after, unsure = settle(found)
    assert after is not found
    assert unsure == ()
    assert (first_layer(after).bias[1] - leaf.bias[1]).abs() < 0.02


class Added(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a, self.b, self.c = (nn.Linear(4, 4) for _ in range(3))

    def forward(self, x: Tensor) -> Tensor:
        return self.c((self.a(x) + self.b(x)).relu())


@pytest.mark.parametrize(("scale", "sure"), [(0.2, False), (0.2001, True)])
def test_sums_on_a_border_are_said(scale: float, sure: bool) -> None:
    """Multiples of 0.1 and 0.2 add up to borders between multiples of 0.2."""
    found = network_of(Added().eval(), torch.randn(2, 4))
    wanted = places(found.module, dict.fromkeys("abc", 4))
    scales = {"x": 0.5, "a": 0.1, "b": 0.2}
    grids = {p: Grid(scales.get(p.node, scale), 0, 4) for p in wanted}
    found = insert_quantizers(found, grids)
    assert len(grids) == 4
    _, unsure = settle(found)
    last = [node.name for node in found.module.graph.nodes if is_quantizer(node)][-1]
    assert (last not in unsure) == sure


def borders(found: Network, x: Tensor) -> float:
    """How near outputs come to the borders of the quantizers behind, as a part of their ranges."""
    values: dict[str, Tensor] = {}

    class Run(fx.Interpreter):
        def run_node(self, n: fx.Node) -> object:
            values[n.name] = super().run_node(n)
            return values[n.name]

    with torch.no_grad():
        Run(found.module).run(x)
    least = 1.0
    for node in found.module.graph.nodes:
        if node.op != "call_module":
            continue
        user = next(iter(node.users))
        user = next(iter(user.users)) if "relu" in user.name else user
        if not is_quantizer(user):
            continue
        _, scale, zero, _, high = user.args
        leaf = found.module.get_submodule(str(node.target))
        tensors = {n: t.detach().double() for n, t in leaf.named_parameters()}
        exact = torch.func.functional_call(leaf, tensors, (values[node.args[0].name].double(),))
        steps = exact / scale + zero
        steps = steps[(steps > 0) & (steps < high)]
        least = min(least, float((steps - steps.floor() - 0.5).abs().min()) / high)
    return least


def test_recipes_leave_networks_settled_and_files_agree(tmp_path: Path) -> None:
    """With 4 bits a file gives the network's numbers, not about them."""
    steps = (Step(method="uniform", params={"weight_bits": 4, "activation_bits": 4}),)
    context = Context(Quiet(), residual(), calibration=Calibration((images(64),)))
    (stage,) = run_recipe(residual(), Recipe(steps=steps), context)
    assert stage.result.notes == ()
    x = images(256, seed=3)
    assert borders(stage.network, x) > 2**-20
    held_out = Calibration((x,), batch=64)
    path = tmp_path / "m.onnx"
    written = write(stage.network, path, Quiet(), target=Target.AVX2, samples=held_out)
    assert written.difference.max_relative < 1e-5
    file, ours = OnnxPredictor(Session(path)), TorchPredictor(stage.network)
    other = images(128, seed=9).numpy()
    assert abs(file([other])[0] - ours([other])[0]).max() < 1e-4


def test_training_goes_on_and_its_result_is_settled() -> None:
    start, _ = settle(training.quantized(training.small_network(), 4, 4))
    params = {**training.SHORT, "steps": 10, "losses": []}
    context = training.context_of(start, training.image_data(), original=start)
    (stage,) = run_recipe(start, Recipe(steps=(Step(method="qat", params=params),)), context)
    biases = [n for n, _ in start.module.named_parameters() if n.endswith("bias")]
    new, old = (dict(one.module.named_parameters()) for one in (stage.network, start))
    assert any(not torch.equal(new[name], old[name]) for name in biases)
    assert settle(stage.network)[0] is stage.network


def test_float_weights_between_few_bits_are_told() -> None:
    steps = (Step(method="uniform", params={"weight_bits": None, "activation_bits": 4}),)
    context = Context(Quiet(), residual(), calibration=Calibration((images(16),)))
    (stage,) = run_recipe(residual(), Recipe(steps=steps), context)
    assert any("last digits" in note for note in stage.result.notes)
