"""Whole networks, written by both of PyTorch's exporters, with their own layer names."""

from __future__ import annotations

import contextlib
import functools
import io
import logging
import warnings

import onnx
import onnx_ir as ir
import pytest
import torch
from torch import nn

from engine.readers.onnx.names import layer_names
from engine.readers.onnx.opset import prepared
from tests.helpers.zoo import ZOO
from tests.unit.onnx_reader.checks import agrees

CURRENT = ["resnet18", "vit", "bert_like", "gpt_like", "tied_weights", "shared_conv"]
OLDER = [("unet", 11), ("bert_like", 13), ("shufflenet_v2_like", 9), ("lstm_classifier", 14)]
OLDER += [("vit", 17), ("pixel_shuffle", 12), ("volume", 16)]
NAMED = [("resnet18", 0), ("vit", 0), ("gpt_like", 0), ("tied_weights", 0), ("unet", 11)]
NAMED += [("bert_like", 13), ("shufflenet_v2_like", 9)]
FOLDED = nn.modules.batchnorm._BatchNorm
"""Exporters may fold batch norm into the convolution before it."""


@functools.cache
def exported(name: str, opset: int) -> onnx.ModelProto:
    """The network as ONNX; opset 0 is the current exporter, others the older one."""
    entry = ZOO[name]
    module, inputs = entry.example(2)
    names = list(entry.input_names)
    file = io.BytesIO()
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        logging.disable(logging.CRITICAL)
        try:
            if not opset:
                program = torch.onnx.export(
                    module,
                    inputs,
                    dynamo=True,
                    verbose=False,
                    input_names=names,
                    dynamic_shapes=tuple({0: torch.export.Dim.DYNAMIC} for _ in inputs),
                )
                return program.model_proto
            torch.onnx.export(
                module,
                inputs,
                file,
                dynamo=False,
                opset_version=opset,
                input_names=names,
                dynamic_axes={key: {0: "batch"} for key in names},
            )
        finally:
            logging.disable(logging.NOTSET)
    return onnx.load_from_string(file.getvalue())


def module_names(name: str) -> dict[str, nn.Module]:
    """Paths of the original's modules that carry weights themselves."""
    modules = ZOO[name].build().named_modules()
    return {path: m for path, m in modules if path and list(m.parameters(recurse=False))}


@pytest.mark.network_zoo
@pytest.mark.parametrize(("name", "opset"), [*((name, 0) for name in CURRENT), *OLDER])
def test_network(name: str, opset: int) -> None:
    model = exported(name, opset)
    entry = ZOO[name]
    ports = [i.name for i in model.graph.input]
    samples = [
        dict(zip(ports, (x.numpy() for x in entry.inputs(size)), strict=True)) for size in (2, 5)
    ]
    found = agrees(model, *samples)
    listed = layer_names(prepared(ir.serde.deserialize_model(model)).graph)
    leaves = {path.rpartition(".")[0] or path for path in found.weights()}
    assert leaves - {""} <= {*listed, *(n.rpartition(".")[0] for n in listed)}
    assert found.converted.warnings == []


@pytest.mark.network_zoo
@pytest.mark.parametrize(
    ("name", "opset"),
    NAMED,
)
def test_names_are_those_of_the_original(name: str, opset: int) -> None:
    graph = prepared(ir.serde.deserialize_model(exported(name, opset))).graph
    listed = {n for n, layer in layer_names(graph).items() if layer.kind != "parameter"}
    original = module_names(name)
    free = {path for path, _ in ZOO[name].build().named_parameters() if "." not in path}
    assert listed <= set(original)
    assert {path for path, m in original.items() if not isinstance(m, FOLDED)} <= listed
    named = {n for n, layer in layer_names(graph).items() if layer.kind == "parameter"}
    assert named <= free | {n for n in named if n.startswith("slice")}
