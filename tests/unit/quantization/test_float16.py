"""The method `float16`."""

import pytest
import torch
from torch import nn

from engine.methods.quantization.float16 import Float16Params
from engine.network.encoding import HalfEncoding, is_on_grid
from engine.network.leaves import uses
from engine.pipeline import table_of
from tests.helpers.networks import network_of, zoo_network
from tests.unit.quantization.helpers import chosen, images, method, quantized, residual, run


@pytest.mark.parametrize(("name", "most"), [("float16", 2e-3), ("bfloat16", 2e-2)])
def test_weights_are_rounded_and_halved(name: str, most: float) -> None:
    network = residual()
    params = Float16Params.model_validate({"format": name})
    choices = chosen(network, params, "float16")
    result = quantized(network, choices, name="float16").network
    assert method("float16").predict(table_of(network), choices).layers == table_of(result).layers
    assert result.encodings == dict.fromkeys(choices, HalfEncoding(name))
    for use in uses(result.module):
        if use.name in choices:
            assert is_on_grid(use.weight, HalfEncoding(name))
            assert use.weight.dtype is torch.float32
    before, after = run(network, images(16)), run(result, images(16))
    assert 0 < float((after - before).norm() / before.norm()) < most
    assert not is_on_grid(network.module.conv1.weight, HalfEncoding(name))


def test_tied_weights_stay_tied() -> None:
    network = zoo_network("tied_weights")
    choices = chosen(network, Float16Params(), "float16")
    result = quantized(network, choices, name="float16").network
    table = table_of(result)
    assert method("float16").predict(table_of(network), choices).layers == table.layers
    assert [layer.tied_to for layer in table.layers] == [
        layer.tied_to for layer in table_of(network).layers
    ]


def test_what_is_too_large_becomes_the_largest_number() -> None:
    module = nn.Linear(3, 2)
    with torch.no_grad():
        module.weight[0, 0] = 1e6
    network = network_of(nn.Sequential(module), torch.randn(2, 3))
    result = quantized(network, Float16Params(), name="float16")
    assert result.network.module.get_submodule("0").weight[0, 0].item() == 65504.0
    assert result.notes == [
        "0: 1 weights are beyond 65504, the largest number of float16, and became that."
    ]
    wide = quantized(network, Float16Params.model_validate({"format": "bfloat16"}), name="float16")
    assert wide.notes == []


def test_what_is_small_already_is_left_alone() -> None:
    layer = table_of(network_of(nn.Sequential(nn.Linear(3, 2).half()), torch.randn(2, 3).half()))
    assert "already" in method("float16").applies(layer.layers[0], Float16Params())
