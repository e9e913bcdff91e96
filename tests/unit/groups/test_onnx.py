"""Networks through ONNX: as the groups of the module, and pruned, trained and written again."""

from __future__ import annotations

import functools
import logging
import warnings
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.onnx._internal.exporter import _registration

from engine.info import Format
from engine.jobs.job import Quiet
from engine.network.groups import GroupAnalysis, channel_groups
from engine.network.lift import network_from_program
from engine.network.network import Network
from engine.readers.onnx.convert import to_program
from engine.readers.onnx.load import load_model
from engine.surgery.slice import remove_channels
from engine.surgery.zero import zero_channels
from engine.writers import onnx_export, onnx_float
from tests.helpers.zoo import ZOO
from tests.unit.groups import networks, zoo_cases
from tests.unit.groups.helpers import TOLERANCE, check_trains, difference, network_of, removal

pytestmark = pytest.mark.network_zoo

Inputs = tuple[Tensor, ...]
WRITTEN_AGAIN = ("resnet18", "bert_like", "lstm_classifier")
"""Graphs that differ most from the module's; exporting takes seconds."""
OPSET = 14
"""Of the older exporter: it has neither layer norm nor GELU, so graphs are the longest."""


def read(path: Path) -> Network:
    program, _ = to_program(load_model(path).model)
    return network_from_program(program, Format.ONNX)


_registry = functools.cache(_registration.ONNXRegistry.from_torchlib)


@pytest.fixture(autouse=True)
def _export_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """In this process, with one table of operators: a child of its own takes seconds."""

    def run_task(task: str, arguments: Any, folder: Path, limits: object, job: Any) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return onnx_export.export(arguments, folder, job)

    monkeypatch.setattr(onnx_float, "run_task", run_task)
    monkeypatch.setattr(_registration.ONNXRegistry, "from_torchlib", staticmethod(_registry))


def write(network: Network, path: Path) -> Path:
    """Write a file, and have ONNX Runtime agree with it at two batch sizes."""
    written = onnx_float.write_onnx(network, path, Quiet())
    assert written.difference.batches == (1, 3)
    assert written.difference.max_relative <= TOLERANCE
    return path


def written_by_the_older_exporter(module: nn.Module, inputs: Inputs, path: Path) -> Path:
    names = [f"x{i}" for i in range(len(inputs))]
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.onnx.export(
                module,
                inputs,
                str(path),
                dynamo=False,
                opset_version=OPSET,
                input_names=names,
                dynamic_axes={name: {0: "batch"} for name in names},
            )
    finally:
        logging.disable(logging.NOTSET)
    return path


def partition(analysis: GroupAnalysis, names: set[str]) -> dict[frozenset[str], tuple[int, str]]:
    """Members among `names` → (units, reason), of all groups that have any."""
    return {
        frozenset(names & set(g.layers)): (g.channels, g.frozen_reason)
        for g in analysis.groups
        if names & set(g.layers)
    }


def pruned(network: Network, expected: GroupAnalysis, batches: list[Inputs]) -> Network:
    """Prune a network from a file, after checking that its groups are those of the module."""
    found = channel_groups(network)
    weighted = {
        name
        for name, layer in network.module.named_modules()
        if isinstance(layer, (nn.Linear, nn.modules.conv._ConvNd, nn.Embedding, nn.RNNBase))
    }
    known = {name for group in expected.groups for name in group.layers}
    assert weighted <= known, "layers have other names"
    assert partition(found, weighted) == partition(expected, weighted)
    chosen = removal(found, 0, 0.4)
    result = remove_channels(network, found, chosen)
    silenced = zero_channels(network, found, chosen)
    for inputs in batches:
        assert difference(result, silenced, inputs) <= TOLERANCE
        assert difference(result, network, inputs) > TOLERANCE
    return result


@pytest.mark.parametrize("name", zoo_cases.FAMILIES)
def test_pruned_goes_through_files(name: str, tmp_path: Path) -> None:
    """Prune the module's network, write it, read it, prune and train it; write some again."""
    found = zoo_cases.analysis(name)
    first = remove_channels(zoo_cases.network(name), found, removal(found, 3, 0.4))
    again = read(write(first, tmp_path / "first.onnx"))
    batches = [ZOO[name].inputs(1), ZOO[name].inputs(3)]
    second = pruned(again, channel_groups(first), batches)
    check_trains(second, ZOO[name].inputs(2))
    if name in WRITTEN_AGAIN:
        write(second, tmp_path / "second.onnx")


@pytest.mark.parametrize("name", ["vit", "bert_like", "unet", "tied_weights"])
def test_older_exporter(name: str, tmp_path: Path) -> None:
    module, inputs = ZOO[name].example()
    network = read(written_by_the_older_exporter(module, inputs, tmp_path / "network.onnx"))
    batches = [ZOO[name].inputs(1), ZOO[name].inputs(3)]
    assert pruned(network, zoo_cases.analysis(name), batches).module is not network.module


def test_weights_that_a_file_stores_twice_are_one(tmp_path: Path) -> None:
    """The exporter transposes the output head's weights, which are the embedding's."""
    module, inputs = ZOO["tied_weights"].example()
    path = written_by_the_older_exporter(module, inputs, tmp_path / "network.onnx")
    found = read(path).module
    assert found.head.weight is found.embed.weight


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
    network = read(written_by_the_older_exporter(module, inputs, tmp_path / "network.onnx"))
    batches = [inputs, (torch.randn(3, *shape),)]
    assert pruned(network, expected, batches).module is not network.module
