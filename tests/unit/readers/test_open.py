"""Every form opens into the same network, through the child process."""

import copy
import json
import os

import pytest
import torch

from engine.errors import EngineError, ModelError, TrustRequired
from engine.frozen import FrozenMap
from engine.info import Format, LayerKind
from engine.jobs.job import Quiet
from engine.jobs.requests import ModelSource
from engine.readers.open import list_model, read_model
from engine.readers.pt2 import load_program
from tests.helpers import valid

SHAPES = FrozenMap(valid.SHAPE)
FORMATS = {
    "onnx": Format.ONNX,
    "external": Format.ONNX,
    "pt2": Format.PT2,
    "torchscript": Format.TORCHSCRIPT,
    "state_dict": Format.STATE_DICT,
    "legacy": Format.STATE_DICT,
    "safetensors": Format.SAFETENSORS,
}


def opened(path, **settings):
    return read_model(ModelSource(str(path), **settings), Quiet())


def with_architecture(folder, factory="Net"):
    return {
        "architecture": f"{valid.write_architecture(folder)}:{factory}",
        "trusted": True,
        "input_shapes": SHAPES,
    }


def assert_equals_original(network, original=None, **tolerance):
    original = original or valid.net()
    for batch in (1, 5):
        x = torch.randn(batch, 3, 8, 8)
        torch.testing.assert_close(network.module(x), original(x), **tolerance)


@pytest.mark.parametrize("form", FORMATS)
def test_listing(form, tmp_path):
    path = valid.WRITERS[form](tmp_path)
    info = list_model(ModelSource(str(path)), Quiet())
    assert info.format is FORMATS[form]
    assert info.name == path.stem
    layers = {layer.name: layer for layer in info.layers}
    norm = set() if form in ("onnx", "external") else {"bn1"}
    assert set(layers) == {"conv1", "fc"} | norm
    assert layers["conv1"].kind is LayerKind.CONV2D
    assert layers["conv1"].shape == (4, 3, 3, 3)
    assert layers["conv1"].parameters == 4 * 27 + 4
    assert layers["fc"].kind is LayerKind.LINEAR
    assert layers["fc"].shape == (5, 4)
    assert layers["fc"].histogram.counts
    assert sum(layers["fc"].histogram.counts) == 20
    assert info.parameters == sum(layer.parameters for layer in info.layers)
    data = (tmp_path / "small.data").stat().st_size if form == "external" else 0
    assert info.size_bytes == path.stat().st_size + data


@pytest.mark.parametrize("form", ["pt2", "torchscript"])
def test_forms_with_a_graph(form, tmp_path):
    result = opened(valid.WRITERS[form](tmp_path), input_shapes=SHAPES)
    assert result.reason == ""
    assert result.network.format is FORMATS[form]
    assert_equals_original(result.network)


@pytest.mark.parametrize("form", ["onnx", "external"])
def test_onnx_with_weights_inside_and_outside(form, tmp_path):
    network = opened(valid.WRITERS[form](tmp_path)).network
    assert [t.name for t in network.inputs + network.outputs] == ["x", "y"]
    assert network.source_names["fc"] == "dense"
    assert network.module(torch.ones(3, 3, 8, 8)).shape == (3, 5)


@pytest.mark.parametrize("form", ["state_dict", "legacy", "safetensors"])
def test_weights_with_an_architecture(form, tmp_path):
    result = opened(valid.WRITERS[form](tmp_path), **with_architecture(tmp_path))
    assert_equals_original(result.network)
    assert result.network.format is FORMATS[form]
    assert result.network.inputs[0].name == "x"


@pytest.mark.parametrize("form", ["state_dict", "safetensors"])
def test_weights_alone_open_for_inspection(form, tmp_path):
    result = opened(valid.WRITERS[form](tmp_path))
    assert result.network is None
    assert not result.info.runnable
    assert "FILE.py:FACTORY" in result.reason
    assert all("no graph" in layer.verdict.reason for layer in result.info.layers)


def test_names_of_listing_and_network_agree(tmp_path):
    for form in ("onnx", "pt2", "torchscript"):
        result = opened(valid.WRITERS[form](tmp_path), input_shapes=SHAPES)
        leaves = [n.target for n in result.network.module.graph.nodes if n.op == "call_module"]
        assert [layer.name for layer in result.info.layers] == leaves


def test_shape_from_the_json_beside_the_model(tmp_path):
    path = valid.write_torchscript(tmp_path)
    beside = {"input": "image", "input_shape": ["batch", 3, 8, 8]}
    path.with_suffix(".json").write_text(json.dumps(beside))
    assert_equals_original(opened(path).network)


def test_broken_json_beside_the_model_is_named(tmp_path):
    path = valid.write_torchscript(tmp_path)
    path.with_suffix(".json").write_text('{"input_shape": [')
    with pytest.raises(EngineError, match=r"script\.json"):
        opened(path)


@pytest.mark.parametrize("shape", ["3x", "-1x2", "3x8x8:complex", "9999999x9999999", "3 8 8"])
def test_shape_that_makes_no_sense(shape, tmp_path):
    path = valid.write_torchscript(tmp_path)
    with pytest.raises(ModelError, match="not the shape of an input"):
        opened(path, input_shapes=FrozenMap({"x": shape}))


def test_whole_numbers_are_tried_where_nobody_said(tmp_path):
    (tmp_path / "words.py").write_text(
        "import torch\nfrom torch import nn\n"
        "def make():\n"
        "    return nn.Sequential(nn.Embedding(9, 4), nn.Flatten(), nn.Linear(24, 2))\n"
    )
    module = torch.nn.Sequential(
        torch.nn.Embedding(9, 4), torch.nn.Flatten(), torch.nn.Linear(24, 2)
    )
    torch.save(module.state_dict(), tmp_path / "words.pt")
    result = opened(
        tmp_path / "words.pt",
        architecture=f"{tmp_path / 'words.py'}:make",
        trusted=True,
        input_shapes=FrozenMap({"ids": "6"}),
    )
    assert result.network.inputs[0].dtype == "int64"


@pytest.mark.parametrize("prefix", ["module.", "_orig_mod.", "model."])
@pytest.mark.parametrize("wrapper", [None, "state_dict", "model"])
def test_wrapped_and_prefixed_weights_fit(prefix, wrapper, tmp_path):
    state = {f"{prefix}{name}": value for name, value in valid.net().state_dict().items()}
    path = tmp_path / "wrapped.pt"
    torch.save({wrapper: state, "epoch": 3, "lr": 0.1} if wrapper else state, path)
    from engine.readers.architecture import fill
    from engine.readers.checkpoint import load_state_dict

    network = valid.Net()
    fill(network, load_state_dict(path, Quiet()), "Net", str(path))
    for name, value in valid.net().state_dict().items():
        assert torch.equal(network.state_dict()[name], value)


def test_architecture_needs_trust(tmp_path):
    settings = with_architecture(tmp_path) | {"trusted": False}
    with pytest.raises(TrustRequired, match=r"small_net\.py:Net is Python code"):
        opened(valid.write_state_dict(tmp_path), **settings)


@pytest.mark.parametrize("text", ["net.py", "net.txt:make", "net.py:", "nothing.py:make"])
def test_architecture_that_is_not_one(text, tmp_path):
    with pytest.raises(ModelError):
        opened(valid.write_state_dict(tmp_path), architecture=text, trusted=True)


def test_pickled_module_opens_when_trusted(tmp_path):
    path = valid.write_pickle(tmp_path)
    with pytest.raises(TrustRequired, match=r"torch\.nn\.modules\.container\.Sequential"):
        opened(path)
    result = opened(path, trusted=True, input_shapes=SHAPES)
    assert result.network.format is Format.PICKLE
    assert_equals_original(result.network, valid.sequential())
    assert [layer.kind for layer in result.info.layers] == [LayerKind.CONV2D, LayerKind.LINEAR]


def test_pickled_class_from_a_file_beside_the_model(tmp_path):
    code = f"""
import sys, torch
sys.path.insert(0, {str(tmp_path)!r})
import small_net
torch.manual_seed(0)
torch.save(small_net.Net().eval(), {str(tmp_path / "own.pt")!r})
"""
    valid.write_architecture(tmp_path)
    import subprocess
    import sys

    subprocess.run([sys.executable, "-c", code], check=True)
    path = tmp_path / "own.pt"
    with pytest.raises(TrustRequired, match=r"would import small_net\.Net"):
        opened(path)
    assert opened(path, trusted=True, input_shapes=SHAPES).network is not None
    (tmp_path / "small_net.py").unlink()
    with pytest.raises(ModelError, match=r"needs Python code that is not there.*small_net"):
        opened(path, trusted=True, input_shapes=SHAPES)


def test_the_ending_of_the_name_does_not_matter(tmp_path):
    for form, name in (("onnx", "model.pt"), ("pt2", "model.onnx"), ("safetensors", "model.pth")):
        path = tmp_path / name
        valid.WRITERS[form](tmp_path).rename(path)
        assert list_model(ModelSource(str(path)), Quiet()).format is FORMATS[form]


def test_relative_path(tmp_path, monkeypatch):
    valid.write_external(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert opened("external.onnx").network is not None


def test_not_a_number_is_a_warning_at_the_layer(tmp_path):
    state = valid.net().state_dict()
    state["conv1.weight"][0, 0, 0, 0] = torch.nan
    torch.save(state, tmp_path / "nan.pt")
    info = list_model(ModelSource(str(tmp_path / "nan.pt")), Quiet())
    assert info.warnings == ("conv1: its weights hold NaN or infinity.",)
    assert info.layers[0].histogram.nonfinite == 1


def test_not_a_number_beyond_the_sample_is_found(tmp_path):
    """Histograms look at a sample; the warning must not."""
    module = torch.nn.Sequential(torch.nn.Linear(400, 400))
    with torch.no_grad():
        module[0].weight[113, 57] = torch.inf
    path = tmp_path / "wide.pt2"
    torch.export.save(torch.export.export(module, (torch.ones(2, 400),)), path)
    assert opened(path).warnings[0] == "0: its weights hold NaN or infinity."


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read everything")
def test_file_that_may_not_be_read(tmp_path):
    path = valid.write_onnx(tmp_path)
    path.chmod(0)
    with pytest.raises(ModelError, match="may not be read"):
        opened(path)


def test_network_is_independent_of_the_file(tmp_path):
    path = valid.write_pt2(tmp_path)
    network = opened(path).network
    path.unlink()
    network = copy.deepcopy(network.module)
    loss = network(torch.randn(2, 3, 8, 8)).sum()
    loss.backward()
    assert all(p.grad is not None for p in network.parameters())


def test_programs_are_handed_over_without_paths_of_this_machine(tmp_path):
    path = valid.write_pt2(tmp_path)
    assert b"valid.py" not in path.read_bytes()
    assert all("stack_trace" not in node.meta for node in load_program(path).graph.nodes)
