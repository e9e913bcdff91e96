"""The method `uniform` as a whole."""

from __future__ import annotations

import itertools
import time

import pytest
import torch
from torch import Tensor, nn

from engine.errors import Cancelled, DataError
from engine.frozen import FrozenMap
from engine.info import FOLDS_INTO, LayerInfo, LayerKind, Verdict
from engine.layer_table import LayerTable, changed
from engine.methods.context import Context
from engine.methods.quantization.rounding.settings import Rounding
from engine.methods.quantization.settings import UniformParams
from engine.network.encoding import WeightEncoding, is_on_grid
from engine.network.leaves import uses
from engine.network.network import Network
from engine.pipeline import run as run_recipe
from engine.pipeline import table_of
from engine.recipe.model import Recipe, Step
from engine.registry import Needs
from engine.statistics.calibration import Calibration
from engine.surgery.fold import fold_batch_norms
from engine.surgery.quantizers import bits_of, is_quantizer, quantizer_of
from tests.helpers.networks import network_of, zoo_network
from tests.unit.quantization.helpers import (
    Recorder,
    chosen,
    conv,
    images,
    method,
    quantized,
    residual,
    run,
)


@pytest.fixture(name="residual")
def _residual() -> Network:
    return residual()


def calls(network: Network, layer: str) -> list[torch.fx.Node]:
    return [node for node in network.module.graph.nodes if node.target == layer]


def distance(network: Network, original: Network, *inputs: Tensor) -> float:
    """Of the outputs, as a part of their spread."""
    expected = run(original, *inputs)
    off = run(network, *inputs) - expected
    return float(off.norm() / (expected - expected.mean(0)).norm())


def expect_prediction(network: Network, result: Network, choices: dict[str, UniformParams]) -> None:
    predicted, real = method().predict(table_of(network), choices), table_of(result)
    assert predicted.layers == real.layers
    assert [(g.id, g.layers, g.channels) for g in predicted.groups] == [
        (g.id, g.layers, g.channels) for g in real.groups
    ]


@pytest.mark.parametrize(
    ("settings", "most"),
    [
        ({}, 0.1),
        ({"weight_bits": 4}, 0.2),
        ({"weight_bits": 4, "symmetric": False}, 0.2),
        ({"weight_bits": 4, "granularity": "tensor", "cross_layer_equalization": True}, 0.5),
        ({"weight_bits": 4, "granularity": "group", "group_size": 24}, 0.2),
        ({"weight_bits": 16, "activation_bits": 16}, 3e-3),
        ({"weight_bits": None, "activation_bits": 8}, 0.1),
        ({"activation_bits": None}, 0.01),
        ({"activation_range": "entropy"}, 0.1),
        ({"activation_range": "percentile", "weight_range": "minmax"}, 0.1),
        ({"activation_range": "minmax", "bias_correction": False}, 0.1),
    ],
)
def test_every_setting_works_and_is_predicted(
    residual: Network, settings: dict[str, object], most: float
) -> None:
    params = UniformParams.model_validate(settings)
    choices = chosen(residual, params)
    result = quantized(residual, choices, [images(64)])
    assert distance(result.network, residual, images(64, seed=5)) < most
    assert result.notes == []
    expect_prediction(residual, result.network, choices)
    for use in uses(result.network.module):
        if params.weight_bits:
            assert is_on_grid(use.weight, result.network.encodings[use.name])
        else:
            assert result.network.encodings == {}
    rounded = {
        bits_of(quantizer_of(call.args[0]))
        for name in choices
        for call in calls(result.network, name)
        if quantizer_of(call.args[0]) is not None
    }
    assert rounded == ({params.activation_bits} - {None})


@pytest.mark.parametrize(
    "name",
    ["unet", "shared_conv", "tied_weights", "vit", "volume"],
)
def test_real_networks(name: str) -> None:
    network = zoo_network(name)
    inputs = [
        torch.randint(0, 5, [16, *(int(s) if isinstance(s, int) else 7 for s in info.shape[1:])])
        if info.dtype.startswith("int")
        else torch.randn([16, *(s if isinstance(s, int) else 8 for s in info.shape[1:])])
        for info in network.inputs
    ]
    params = UniformParams(weight_bits=6, cross_layer_equalization=True)
    choices = chosen(network, params)
    assert choices
    result = quantized(network, choices, inputs)
    expect_prediction(network, result.network, choices)
    assert bool(torch.isfinite(run(result.network, *inputs)).all())
    expected = run(network, *inputs)
    assert float((run(result.network, *inputs) - expected).norm() / expected.norm()) < 0.1
    assert set(result.network.encodings) == set(choices)


def test_the_original_is_not_touched(residual: Network) -> None:
    before = {name: t.clone() for name, t in residual.module.state_dict().items()}
    graph = str(residual.module.graph)
    quantized(residual, UniformParams(weight_bits=4), [images(32)])
    assert str(residual.module.graph) == graph
    after = residual.module.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in after)


def test_the_same_twice(residual: Network) -> None:
    first, second = (
        quantized(residual, UniformParams(weight_bits=3), [images(48)]).network for _ in range(2)
    )
    assert torch.equal(run(first, images(8)), run(second, images(8)))


def test_layers_have_settings_of_their_own(residual: Network) -> None:
    choices = {
        "stem": UniformParams(weight_bits=8),
        "conv1": UniformParams(weight_bits=2, activation_bits=4, granularity="tensor"),
        "conv4": UniformParams(weight_bits=4, activation_bits=None, bias_correction=False),
    }
    result = quantized(residual, choices, [images(32)]).network
    expect_prediction(residual, result, choices)
    found = {name: (e.bits, tuple(e.scale.shape)) for name, e in result.encodings.items()}
    assert found == {"stem": (8, (8, 1)), "conv1": (2, (1, 1)), "conv4": (4, (12, 1))}
    (call,) = calls(result, "conv1")
    assert bits_of(quantizer_of(call.args[0])) == 4
    assert quantizer_of(calls(result, "conv4")[0].args[0]) is None
    norms = [u.name for u in uses(result.module) if u.kind is LayerKind.BATCH_NORM]
    assert norms == []


def test_corrected_biases_keep_the_means(residual: Network) -> None:
    x = images(64)
    params = {"weight_bits": 2, "activation_bits": None}
    off = {}
    for corrected in (True, False):
        settings = UniformParams(**params, bias_correction=corrected)
        result = quantized(residual, settings, [x]).network
        off[corrected] = (run(result, x) - run(residual, x)).mean(0).abs().max()
    assert off[True] < 1e-4
    assert off[False] > 1e-2


def test_weights_follow_the_inputs(residual: Network) -> None:
    """The grid is chosen for the inputs that the layer has, their mean left to the bias."""
    x = images(64) * torch.tensor([10.0, 1.0, 0.1]).reshape(1, 3, 1, 1) + 3.0
    params = UniformParams(weight_bits=3, activation_bits=None)
    original = fold_batch_norms(residual).module.stem
    errors = []
    for known in (x, images(64)):
        stem = quantized(residual, {"stem": params}, [known]).network.module.stem
        off = (stem(x) - original(x)).detach()
        errors.append(float((off - off.mean((0, 2, 3), keepdim=True)).square().mean()))
    assert errors[0] < 0.9 * errors[1]


def test_weights_alone_need_no_data(residual: Network) -> None:
    params = UniformParams(activation_bits=None, bias_correction=False)
    assert method().all_needs(params) is Needs.NOTHING
    result = quantized(residual, params)
    assert distance(result.network, residual, images(32)) < 0.1
    expect_prediction(residual, result.network, chosen(residual, params))


@pytest.mark.parametrize(
    ("settings", "needs"),
    [
        ({}, Needs.CALIBRATION | Needs.ACTIVATION_RANGES),
        ({"activation_bits": None}, Needs.CALIBRATION),
        ({"activation_bits": None, "weight_bits": 4}, Needs.CALIBRATION | Needs.INPUT_MOMENTS),
        (
            {"activation_bits": None, "bias_correction": False, "rounding": "gptq"},
            Needs.CALIBRATION,
        ),
        ({"activation_bits": None, "bias_correction": False, "weight_bits": 4}, Needs.NOTHING),
    ],
)
def test_what_is_asked_for_is_used(settings: dict[str, object], needs: Needs) -> None:
    assert method().all_needs(UniformParams.model_validate(settings)) == needs


@pytest.mark.parametrize("settings", [{}, {"activation_bits": None}])
def test_data_that_is_missing_is_asked_for(residual: Network, settings: dict[str, object]) -> None:
    with pytest.raises(DataError, match="needs data"):
        quantized(residual, UniformParams.model_validate(settings))


def test_quantizing_again_looks_anew(residual: Network) -> None:
    x = images(64)
    once = quantized(residual, UniformParams(activation_bits=4, bias_correction=False), [x]).network
    params = UniformParams(weight_bits=None, activation_bits=8, bias_correction=False)
    again = quantized(once, params, [x]).network
    assert {bits_of(n) for n in again.module.graph.nodes if is_quantizer(n)} == {8}
    assert set(again.encodings) == set(once.encodings)
    assert distance(again, residual, x) < distance(once, residual, x) / 2
    part = quantized(once, {"conv1": UniformParams()}, [x]).network
    (call,) = calls(part, "conv1")
    assert bits_of(quantizer_of(call.args[0])) == 8
    assert bits_of(quantizer_of(calls(part, "conv4")[0].args[0])) == 4
    assert sum(map(is_quantizer, part.module.graph.nodes)) >= sum(
        map(is_quantizer, once.module.graph.nodes)
    )


def test_weights_that_are_not_numbers_are_left_alone() -> None:
    module = nn.Sequential(conv(3, 4), nn.ReLU(), conv(4, 5))
    with torch.no_grad():
        module[2].weight[0, 0, 0, 0] = float("nan")
    network = network_of(module, images(2))
    result = quantized(network, UniformParams(), [images(16)])
    assert set(result.network.encodings) == {"0"}
    assert result.notes == ["2: some of its weights are NaN or infinite, so it was left alone."]


def test_activations_that_are_not_numbers_stay_float() -> None:
    class Odd(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a = nn.Linear(3, 3)

        def forward(self, x: Tensor) -> Tensor:
            return self.a(x / 0.0)

    network = network_of(Odd(), torch.randn(2, 3))
    result = quantized(network, UniformParams(), [torch.randn(16, 3)])
    assert "stays float" in " ".join(result.notes)
    assert not any(is_quantizer(n) for n in result.network.module.graph.nodes)
    assert bool(result.network.module.a.bias.isfinite().all())


def test_sparse_weights_keep_their_zeros() -> None:
    module = nn.Sequential(conv(3, 4), nn.BatchNorm2d(4), nn.ReLU(), conv(4, 5))
    with torch.no_grad():
        for part in (module[0], module[3]):
            part.weight.mul_(torch.rand(part.weight.shape) > 0.6)
    network = network_of(module, images(2))
    for symmetric in (True, False):
        params = UniformParams(weight_bits=4, symmetric=symmetric)
        result = quantized(network, params, [images(16)]).network
        for name in ("0", "3"):
            weights = [n.module.get_submodule(name).weight for n in (network, result)]
            assert bool((weights[1][weights[0] == 0] == 0).all())


@pytest.mark.parametrize("rounding", [Rounding.GPTQ, Rounding.ADAROUND])
def test_other_roundings_are_asked_for(residual: Network, rounding: Rounding) -> None:
    settings = {"reconstruction": {"block_steps": 5, "network_steps": 0, "batch": 8}}
    params = UniformParams.model_validate(
        {"weight_bits": 3, "rounding": rounding, "rounding_settings": settings}
    )
    choices = chosen(residual, params)
    result = quantized(residual, choices, [images(64)]).network
    expect_prediction(residual, result, choices)
    nearest = quantized(residual, UniformParams(weight_bits=3), [images(64)]).network
    assert not torch.equal(result.module.conv3.weight, nearest.module.conv3.weight)
    assert distance(result, residual, images(64, seed=2)) < 0.6
    assert all(is_on_grid(use.weight, result.encodings[use.name]) for use in uses(result.module))


def test_progress_comes_to_its_end_and_cancelling_is_heard(residual: Network) -> None:
    job = Recorder()
    quantized(residual, UniformParams(weight_bits=4), [images(64)], job=job)
    last: dict[str, tuple[int, int]] = {}
    for text, done, total in job.seen:
        if text:
            last[text] = (done, total)
            assert done <= total
    for text in ("Looking at activations", "Correcting biases"):
        assert last[text][0] == last[text][1] > 0

    class Cancels(Recorder):
        def checkpoint(self, text: str = "", done: int = 0, total: int = 0) -> None:
            super().checkpoint(text, done, total)
            if len(self.seen) > len(job.seen) // 2:
                raise Cancelled

    with pytest.raises(Cancelled):
        quantized(residual, UniformParams(weight_bits=4), [images(64)], job=Cancels())


def test_work_looks_at_the_job_often() -> None:
    """Between two looks there is one batch of one node, or one range of one block of weights."""
    times: list[float] = []

    class Watching(Recorder):
        def checkpoint(self, text: str = "", done: int = 0, total: int = 0) -> None:
            times.append(time.process_time())

    network = network_of(nn.Sequential(nn.Linear(800, 800), nn.ReLU()), torch.randn(2, 800))
    quantized(network, UniformParams(weight_bits=4), [torch.randn(64, 800)], job=Watching())
    assert max(b - a for a, b in itertools.pairwise(times)) < 0.2


def test_in_a_recipe_norms_are_gone_and_masks_are_not(residual: Network) -> None:
    recipe = Recipe(
        steps=(
            Step(method="uniform", params={"weight_bits": 4, "activation_bits": None}),
            Step(method="float16", rules=()),
        )
    )
    context = Context(Recorder(), residual, calibration=Calibration((images(32),)))
    stages = run_recipe(residual, recipe, context)
    names = [use.name for use in uses(stages[0].network.module)]
    assert names == ["stem", "conv1", "conv2", "conv3", "conv4", "fc"]
    assert all(isinstance(e, WeightEncoding) for e in stages[0].network.encodings.values())
    assert stages[0].result.notes == ()


@pytest.mark.parametrize(
    ("settings", "path"),
    [
        ({"weight_bits": 9}, "weight_bits"),
        ({"activation_bits": 3}, "activation_bits"),
        ({"weight_bits": None, "activation_bits": None}, ""),
        ({"percentile": 40}, "percentile"),
        ({"group_size": 1}, "group_size"),
        ({"rounding": "up"}, "rounding"),
    ],
)
def test_wrong_settings_are_told(settings: dict[str, object], path: str) -> None:
    faults = method().parse(settings)  # type: ignore[arg-type]  # wrong on purpose
    assert isinstance(faults, tuple)
    assert ".".join(map(str, faults[0].path)) == path


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (LayerKind.LSTM, "feed back"),
        (LayerKind.LAYER_NORM, "only a few"),
        (LayerKind.PARAMETER, "free"),
        (LayerKind.LINEAR, ""),
        (LayerKind.EMBEDDING, ""),
    ],
)
def test_layers_that_are_not_for_it_say_why(kind: LayerKind, reason: str) -> None:
    layer = LayerInfo("a", kind, (4, 4), "float32", 16, 64)
    found = method().applies(layer, UniformParams())
    assert reason in found
    assert bool(found) is bool(reason)
    half = changed(layer, dtype="float16")
    assert method().applies(half, UniformParams())
    held = changed(layer, verdict=Verdict(trainable=False, prunable=False, reason="It is held."))
    assert method().applies(held, UniformParams()) == "It is held."


def test_tables_of_numbers_have_no_activation_to_round() -> None:
    table = LayerInfo("a", LayerKind.EMBEDDING, (4, 4), "float32", 16, 64)
    assert method().applies(table, UniformParams(weight_bits=None))


def test_prediction_follows_parts_of_layers() -> None:
    """A layer that an earlier step split is folded into by its last part."""
    norm = LayerInfo(
        "norm", LayerKind.BATCH_NORM, (4,), "float32", 8, 64,
        position=2, attributes=FrozenMap({FOLDS_INTO: "conv"}),
    )  # fmt: skip
    first = LayerInfo("conv.v", LayerKind.CONV2D, (2, 3, 3, 3), "float32", 54, 216)
    second = LayerInfo("conv.u", LayerKind.CONV2D, (4, 2, 1, 1), "float32", 8, 32, position=1)
    predicted = method().predict(LayerTable((first, second, norm)), {})
    assert predicted.names() == ("conv.v", "conv.u")
    assert predicted["conv.u"].parameters == 12
    assert predicted["conv.v"] == first
