"""A network's graph for people: which nodes are drawn, and what leads where."""

from __future__ import annotations

import torch
from torch import nn

from engine.jobs.job import Quiet
from engine.jobs.looks import GraphLook
from engine.looks.graph import graph_detail, look_at_graph
from tests.helpers.lifted import same
from tests.unit.looks.cases import MODEL


class Residual(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3, padding=1)
        self.drop = nn.Dropout()
        self.scale = nn.Parameter(torch.ones(3, 1, 1))

    def forward(self, x):
        y = self.drop(self.conv(x).relu()).to(torch.float32)
        return (y + x) * self.scale


def test_layers_operators_and_edges_are_drawn_and_what_does_nothing_is_not() -> None:
    module = same(Residual(), torch.randn(2, 3, 4, 4))
    detail = graph_detail(module)
    labels = [node.label for node in detail.nodes]
    assert labels == ["x", "conv2d", "relu", "add", "parameter", "mul", "output"]
    named = {(labels[a], labels[b]) for a, b in detail.edges}
    assert named == {
        ("x", "conv2d"),
        ("conv2d", "relu"),
        ("relu", "add"),
        ("x", "add"),
        ("add", "mul"),
        ("parameter", "mul"),
        ("mul", "output"),
    }
    layers = [node.layer for node in detail.nodes if node.layer]
    assert sorted(layers) == ["conv", "scale"]
    assert detail.nodes[1].shape == (3, 4, 4)


def test_the_sample_has_its_layers_in_order() -> None:
    detail = look_at_graph(GraphLook(MODEL), Quiet())
    assert {node.layer for node in detail.nodes if node.layer} >= {"stem", "block2.shortcut.0"}
    assert all(start < end for start, end in detail.edges)
    assert detail.nodes[-1].label == "output"
    assert look_at_graph(GraphLook(MODEL), Quiet()) is detail
