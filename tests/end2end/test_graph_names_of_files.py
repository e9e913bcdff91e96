"""Which nodes are which layer's, in files that were written a moment ago."""

from __future__ import annotations

import onnx
import pytest
import torch
from torch import nn

from engine.jobs.job import Quiet
from engine.jobs.requests import Compress, ModelSource
from engine.paths import RESOURCES
from engine.readers.open import read_model
from engine.worker import handle
from studio.widgets.graph.names import GraphNode, find_owners

SAMPLE = RESOURCES / "samples" / "digits.pt2"


def nodes_of(path):
    """What netron tells of an ONNX file."""
    graph = onnx.load(path).graph
    constants = {one.name for one in graph.initializer}
    return [
        GraphNode(
            node.name,
            node.op_type,
            tuple(name for name in node.input if name in constants),
            tuple(node.output),
        )
        for node in graph.node
    ]


def layers_of(path):
    info = read_model(ModelSource(str(path)), Quiet()).info
    return {layer.name: layer.source_name for layer in info.layers}


RECIPE = """
espalier: 1
steps:
  - {method: svd, rank_by: ratio, ratio: 0.5, rules: [{layers: "block1.*", skip: true}]}
  - {method: uniform, weight_bits: 8, rules: [{layers: hidden*, weight_bits: 4}]}
"""


@pytest.mark.slow
def test_files_of_our_writers(tmp_path):
    path = tmp_path / "out.onnx"
    handle(Compress(ModelSource(str(SAMPLE)), RECIPE, str(path), original=False, limit=16), Quiet())
    # the reader takes scales of integers that only weights have for weights of their own
    layers = {name: own for name, own in layers_of(path).items() if not name.endswith("_scale")}
    nodes = nodes_of(path)
    owners = find_owners(nodes, layers)
    assert set(owners.nodes) == set(layers)
    assert {"block1.conv1", "block2.conv1.v", "block2.conv1.u"} <= set(layers)
    computing = ("Conv", "Gemm", "MatMul", "MatMulNBits")
    for name, indices in owners.nodes.items():
        assert nodes[indices[0]].op in computing, name  # what computes it comes first
    assert len(owners.nodes["block1.conv1"]) > 1  # its integers are its own too
    for index, node in enumerate(nodes):
        if node.op in ("Relu", "Add", "Reshape", "ReduceMean"):
            assert not owners.layers[index]


class Small(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU())
        self.head = nn.Linear(4, 5)
        self.scale = nn.Parameter(torch.ones(5))

    def forward(self, x):
        return self.head(self.features(x).mean((2, 3))) * self.scale


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the older exporter, which is meant
def test_files_of_the_older_exporter_of_pytorch(tmp_path):
    path = tmp_path / "torch.onnx"
    inputs = (torch.randn(1, 3, 8, 8),)
    torch.onnx.export(Small().eval(), inputs, path, dynamo=False, verbose=False)
    layers = layers_of(path)
    nodes = nodes_of(path)
    owners = find_owners(nodes, layers)
    assert {"features.0", "head"} <= set(owners.nodes)
    assert nodes[owners.nodes["features.0"][0]].op == "Conv"
    assert nodes[owners.nodes["head"][0]].op in ("Gemm", "MatMul")
