"""The safe loader gives what `torch.export.load` gives, for what torch itself writes."""

import json
import warnings
import zipfile

import pytest
import torch
from torch import nn
from torch.export import Dim

from engine.errors import ModelError
from engine.info import LayerKind
from engine.jobs.job import Quiet
from engine.network.export import export_module
from engine.network.lift import lift
from engine.readers.listing import network_info
from engine.readers.pt2 import load_program, save_program
from engine.readers.pt2_listing import sketch_pt2
from tests.helpers.zoo import ZOO

NETWORKS = (
    *("resnet18", "mobilenet_v2", "unet", "shared_conv", "multi_input", "audio", "volume"),
    *("vit", "bert_like", "gpt_like", "tied_weights", "bilstm_classifier", "gru_classifier"),
)


def flat(value):
    if isinstance(value, torch.Tensor):
        return [value]
    parts = value.values() if isinstance(value, dict) else value
    return [tensor for part in parts for tensor in flat(part)]


@pytest.mark.network_zoo
@pytest.mark.parametrize("name", NETWORKS)
def test_zoo(name, tmp_path):
    entry = ZOO[name]
    module, inputs = entry.example()
    path = tmp_path / "net.pt2"
    torch.export.save(export_module(module, inputs), path)

    program = load_program(path)
    network = lift(program)
    other = entry.inputs(3)
    for ours, theirs in zip(flat(network(*other)), flat(module(*other)), strict=True):
        assert torch.equal(ours, theirs)

    info = network_info(path, sketch_pt2(path), Quiet())
    assert [layer.name for layer in info.layers] == layer_names(network)
    assert info.parameters == sum(p.numel() for p in network.parameters())
    for layer in info.layers:
        if layer.kind is not LayerKind.PARAMETER:
            weight = getattr(network.get_submodule(layer.name), "weight", None)
            assert weight is None or layer.shape == tuple(weight.shape)


def layer_names(network):
    """Leaves and free parameters, in the order of their first use."""
    parameters = dict(network.named_parameters(remove_duplicate=False))
    names = [
        node.target
        for node in network.graph.nodes
        if (node.op == "call_module" and list(network.get_submodule(node.target).parameters()))
        or (node.op == "get_attr" and node.target in parameters)
    ]
    return list(dict.fromkeys(names))


class Odd(nn.Module):
    """Weights that share storage, lie across it, are empty, half, integer, or constant."""

    def __init__(self) -> None:
        super().__init__()
        whole = torch.arange(48.0).reshape(6, 8)
        self.left = nn.Parameter(whole[:, :3])
        self.right = nn.Parameter(whole.t()[4:])
        self.brain = nn.Parameter(torch.ones(6, dtype=torch.bfloat16))
        self.register_buffer("steps", torch.arange(6))
        self.register_buffer("empty", torch.empty(0, 6))
        self.constant = torch.full((6,), 2.0)

    def forward(self, x):
        y = x @ self.left @ self.left.t() + self.right[0] + self.brain.to(x.dtype) + self.constant
        return torch.cat([y + self.steps, self.empty])


def test_odd_tensors(tmp_path):
    module = Odd()
    path = tmp_path / "odd.pt2"
    program = torch.export.export(module, (torch.ones(4, 6),), dynamic_shapes=({0: Dim.AUTO},))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch on views of which none is the whole
        torch.export.save(program, path)
    loaded = load_program(path)
    x = torch.randn(3, 6)
    assert torch.equal(loaded.module(check_guards=False)(x), module(x))
    assert loaded.state_dict["right"].stride() == module.right.stride()
    assert loaded.state_dict["brain"].dtype == torch.bfloat16
    assert isinstance(loaded.state_dict["left"], nn.Parameter)


def test_sample_inputs_are_dropped_and_saved_without(tmp_path):
    module, inputs = ZOO["small_cnn"].example()
    program = export_module(module, inputs)
    assert program.example_inputs is not None
    path = tmp_path / "net.pt2"
    save_program(program, path)
    assert load_program(path).example_inputs is None


def old_format(path):
    """The archive that torch 2.7 and earlier wrote."""
    module, inputs = ZOO["small_cnn"].example()
    program = export_module(module, inputs)
    from torch._export.serde.serialize import serialize

    parts = serialize(program)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("version", "8.8")
        archive.writestr("serialized_exported_program.json", parts.exported_program)
        archive.writestr("serialized_state_dict.pt", parts.state_dict)
        archive.writestr("serialized_constants.pt", parts.constants)
        archive.writestr("serialized_example_inputs.pt", parts.example_inputs)
    return module


def test_old_archives(tmp_path):
    path = tmp_path / "old.pt2"
    module = old_format(path)
    x = torch.randn(3, 3, 16, 16)
    assert torch.equal(load_program(path).module(check_guards=False)(x), module(x))
    names = [layer.name for layer in network_info(path, sketch_pt2(path), Quiet()).layers]
    assert names == layer_names(lift(load_program(path)))


def test_other_version_of_the_format_is_named(tmp_path):
    module, inputs = ZOO["small_cnn"].example()
    path = tmp_path / "net.pt2"
    save_program(export_module(module, inputs), path)
    from tests.helpers.broken_base import rezipped

    def newer(name, data):
        if not name.endswith("models/model.json"):
            return data
        program = json.loads(data)
        program["schema_version"]["major"] = 99
        return json.dumps(program).encode()

    rezipped(path, newer)
    with pytest.raises(ModelError, match=r"another version of torch .*schema"):
        load_program(path)
