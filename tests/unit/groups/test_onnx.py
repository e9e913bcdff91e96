"""Groups of a network that comes from ONNX are those of the module it was written from."""

from __future__ import annotations

import logging
import warnings
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from engine.info import Format
from engine.network.groups import GroupAnalysis, channel_groups
from engine.network.lift import network_from_program
from engine.network.network import Network
from engine.readers.onnx.convert import to_program
from engine.readers.onnx.load import load_model
from engine.surgery.slice import remove_channels
from engine.surgery.zero import zero_channels
from tests.helpers.zoo import ZOO
from tests.unit.groups import networks, zoo_cases
from tests.unit.groups.helpers import TOLERANCE, difference, network_of, removal

pytestmark = pytest.mark.network_zoo

Inputs = tuple[Tensor, ...]
LEGACY = 14
"""The TorchScript exporter at an opset that has neither layer norm nor GELU: the longest graphs."""


def from_onnx(module: nn.Module, inputs: Inputs, folder: Path, opset: int) -> Network:
    path = folder / "network.onnx"
    names = [f"x{i}" for i in range(len(inputs))]
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if opset == LEGACY:
                torch.onnx.export(
                    module,
                    inputs,
                    str(path),
                    dynamo=False,
                    opset_version=opset,
                    input_names=names,
                    dynamic_axes={name: {0: "batch"} for name in names},
                )
            else:
                shapes = tuple({0: torch.export.Dim.AUTO} for _ in inputs)
                torch.onnx.export(
                    module, inputs, path, dynamo=True, dynamic_shapes=shapes, verbose=False
                )
    finally:
        logging.disable(logging.NOTSET)
    program, _ = to_program(load_model(path).model)
    return network_from_program(program, Format.ONNX)


def partition(analysis: GroupAnalysis, names: set[str]) -> dict[frozenset[str], tuple[int, str]]:
    """Members among `names` → (units, reason), of all groups that have any."""
    return {
        frozenset(names & set(g.layers)): (g.channels, g.frozen_reason)
        for g in analysis.groups
        if names & set(g.layers)
    }


def check(network: Network, expected: GroupAnalysis, batches: list[Inputs]) -> None:
    found = channel_groups(network)
    weighted = {
        name
        for name, layer in network.module.named_modules()
        if isinstance(layer, (nn.Linear, nn.modules.conv._ConvNd, nn.Embedding, nn.RNNBase))
    }
    known = {name for group in expected.groups for name in group.layers}
    assert weighted <= known, "layers have other names"
    assert partition(found, weighted) == partition(expected, weighted)
    chosen = removal(found, 0, 0.5)
    pruned = remove_channels(network, found, chosen)
    silenced = zero_channels(network, found, chosen)
    for inputs in batches:
        assert difference(pruned, silenced, inputs) <= TOLERANCE


@pytest.mark.parametrize(
    "name",
    [
        *("resnet18", "vgg_bn", "mobilenet_v2", "efficientnet_like", "unet", "vit", "bert_like"),
        *("shufflenet_v2_like", "lstm_classifier"),
    ],
)
def test_older_exporter(name: str, tmp_path: Path) -> None:
    module, inputs = ZOO[name].example()
    network = from_onnx(module, inputs, tmp_path, LEGACY)
    batches = [ZOO[name].inputs(1), ZOO[name].inputs(3)]
    check(network, zoo_cases.analysis(name), batches)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["vit"])
def test_newer_exporter(name: str, tmp_path: Path) -> None:
    module, inputs = ZOO[name].example()
    network = from_onnx(module, inputs, tmp_path, 20)
    batches = [ZOO[name].inputs(1), ZOO[name].inputs(3)]
    check(network, zoo_cases.analysis(name), batches)


@pytest.mark.parametrize(
    ("make", "shape"),
    [
        (networks.PaddedShortcut, (3, 16, 16)),
        (networks.Window, (3, 16, 16)),
        (networks.Picked, (3, 4, 4)),
    ],
)
def test_structures(make: type[nn.Module], shape: tuple[int, ...], tmp_path: Path) -> None:
    torch.manual_seed(0)
    module = make()
    inputs = (torch.randn(2, *shape),)
    expected = channel_groups(network_of(module, *inputs))
    network = from_onnx(module, inputs, tmp_path, LEGACY)
    check(network, expected, [inputs, (torch.randn(3, *shape),)])
