"""The one entry: every format of a quantized network, written, loaded again, compared, in place."""

import json
from dataclasses import replace

import onnx
import pytest
import torch
from safetensors import safe_open
from torch import nn

from engine.errors import Cancelled, EngineError
from engine.frozen import FrozenMap
from engine.info import Format, LayerKind, Target
from engine.jobs.job import Quiet
from engine.network.encoding import HalfEncoding
from engine.network.fake_quantize import FAKE_QUANTIZE
from engine.network.layers import layer_table
from engine.network.lift import network_from_program
from engine.network.network import Network
from engine.readers.pt2 import load_program
from engine.statistics.calibration import Calibration
from engine.surgery.copy import as_kind_of, copy_network
from engine.writers import onnx_float
from engine.writers.safetensors import ENCODINGS
from engine.writers.write import write
from tests.helpers.networks import network_of
from tests.unit.writers.quantized import encoding_of, rounded


class Small(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.deep = nn.Conv2d(8, 8, 3, padding=1, groups=8)
        self.fc = nn.Linear(8, 4)

    def forward(self, x):
        x = self.conv(x).relu()
        x = x + self.deep(x)
        return self.fc(x.mean((2, 3)))


def quantized_network(bits: dict[str, int], *, activations: bool = True, **settings) -> Network:
    """The small network with weights on grids, and what goes into its layers rounded."""
    network = copy_network(network_of(Small().eval(), torch.randn(2, 3, 8, 8)))
    graph, encodings = network.module.graph, {}
    for node in list(graph.nodes):
        if node.op != "call_module" or str(node.target) not in bits:
            continue
        leaf = network.module.get_submodule(str(node.target))
        encoding = encoding_of(leaf.weight.detach(), bits[str(node.target)], **settings)
        leaf.weight = as_kind_of(leaf.weight, rounded(leaf.weight.detach(), encoding))
        encodings[str(node.target)] = encoding
        source = node.args[0]
        if activations:
            with graph.inserting_after(source):
                rounder = graph.call_function(FAKE_QUANTIZE, (source, 0.04, 128, 0, 255))
            rounder.meta["val"] = source.meta["val"]
            node.replace_input_with(source, rounder)
    network.module.recompile()
    return replace(network, encodings=FrozenMap(encodings))


BITS = {"conv": 8, "deep": 4, "fc": 6}
SAMPLES = Calibration((torch.randn(40, 3, 8, 8, generator=torch.Generator().manual_seed(5)),))


@pytest.fixture(scope="module")
def network():
    return quantized_network(BITS)


@pytest.fixture(scope="module")
def written(network, tmp_path_factory):
    path = tmp_path_factory.mktemp("written") / "m.onnx"
    return write(network, path, Quiet(), target=Target.VNNI, samples=SAMPLES)


def test_onnx(written):
    assert written.format is Format.ONNX
    assert written.target is Target.VNNI
    assert written.opset == 21
    assert written.size_bytes == written.path.stat().st_size
    assert written.verification.samples == 40
    assert written.verification.changed == 0
    assert written.notes == ()
    proto = onnx.load(written.path)
    onnx.checker.check_model(proto, full_check=True)
    kinds = {t.name: t.data_type for t in proto.graph.initializer}
    assert kinds["conv.weight"] == onnx.TensorProto.INT8
    assert kinds["deep.weight"] == onnx.TensorProto.INT4
    assert kinds["fc.weight"] == onnx.TensorProto.INT8
    assert written.layer_nodes["deep"][0] == ("deep",)
    assert proto.graph.input[0].type.tensor_type.shape.dim[0].dim_param == "batch"


def test_onnx_does_not_name_the_machine(written):
    data = written.path.read_bytes()
    for word in (b"stack_trace", b".py", b"site-packages", b"/tmp", b"FakeQuantize"):
        assert word not in data


class Stops(Quiet):
    def __init__(self, text):
        self.text = text

    def checkpoint(self, text="", done=0, total=0):
        if text == self.text:
            raise Cancelled


@pytest.fixture
def old(tmp_path):
    path = tmp_path / "m"
    path.write_bytes(b"old")
    return path


def untouched(path):
    return path.read_bytes() == b"old" and [p.name for p in path.parent.iterdir()] == [path.name]


@pytest.fixture
def replayed(written, monkeypatch):
    """The child process only copies what it made before: exporting takes seconds."""

    def run_task(task, arguments, folder, limits, job):
        (folder / "model.onnx").write_bytes(written.path.read_bytes())
        return {"layers": {}, "data": "", "notes": [], "rounded": True}

    monkeypatch.setattr(onnx_float, "run_task", run_task)


@pytest.mark.usefixtures("replayed")
def test_a_file_that_differs_is_refused(network, old):
    other = quantized_network(BITS)
    leaf = other.module.get_submodule("fc")
    leaf.bias = nn.Parameter(leaf.bias.detach() + torch.tensor([1.0, 0, 0, 0]))
    with pytest.raises(EngineError, match="does not agree with the network"):
        write(other, old, Quiet(), samples=SAMPLES)
    assert untouched(old)


@pytest.mark.usefixtures("replayed")
@pytest.mark.parametrize("stage", ["Checking the file", "Writing the file"])
def test_cancel_leaves_the_old_onnx_file(network, old, stage):
    with pytest.raises(Cancelled):
        write(network, old, Stops(stage), samples=SAMPLES)
    assert untouched(old)


@pytest.mark.parametrize("format", ["pt2", "safetensors"])
def test_cancel_leaves_the_old_file(network, old, format):
    with pytest.raises(Cancelled):
        write(network, old, Stops("Checking the file"), format=format)
    assert untouched(old)


@pytest.mark.parametrize("symmetric", [True, False])
@pytest.mark.parametrize("settings", [{}, {"group": 4}, {"whole": True}])
@pytest.mark.parametrize("bits", [2, 3, 5, 8, 16])
def test_integers_in_a_leaf_are_its_weight(bits, settings, symmetric):
    from engine.writers.compact import compacted

    network = quantized_network({"conv": bits}, activations=False, symmetric=symmetric, **settings)
    compact = compacted(network).module.get_submodule("conv")
    assert torch.equal(compact.weight, network.module.get_submodule("conv").weight)
    stored = sum(t.numel() * t.element_size() for t in (compact.weight_integers,))
    packed = {2: 4, 3: 2, 5: 1, 8: 1}.get(bits, 1 / 2 if symmetric else 1 / 4)
    columns = -(-27 // packed) if packed >= 1 else 27 / packed
    assert stored == 8 * columns


def test_pt2_holds_integers_and_is_read_as_before(network, tmp_path):
    path = tmp_path / "m.pt2"
    written = write(network, path, Quiet(), format=Format.PT2, samples=SAMPLES)
    assert written.format is Format.PT2
    assert written.difference.max_abs == 0
    program = load_program(path)
    weights = {name: t.dtype for name, t in program.state_dict.items()}
    assert weights["conv.weight_integers"] == weights["deep.weight_integers"] == torch.uint8
    assert "conv.weight" not in weights
    (x,) = SAMPLES.inputs
    assert torch.equal(program.module()(x), network.module(x))  # plain PyTorch
    again = network_from_program(program, Format.PT2)
    kinds = {layer.name: layer.kind for layer in layer_table(again)}
    assert kinds == {
        "conv": LayerKind.CONV2D,
        "deep": LayerKind.CONV2D,
        "fc": LayerKind.LINEAR,
    }


def test_safetensors_describes_the_grids(network, tmp_path):
    path = tmp_path / "m.safetensors"
    written = write(network, path, Quiet(), format="safetensors")
    assert "float32 values on their grid" in written.notes[0]
    assert "activations" in written.notes[1]
    with safe_open(path, "pt") as file:
        described = json.loads(file.metadata()[ENCODINGS])
        weight = file.get_tensor("deep.weight")
    assert torch.equal(weight, network.module.get_submodule("deep").weight)
    assert described["deep"]["bits"] == 4
    assert set(described) == set(BITS)


def test_safetensors_in_half_precision(tmp_path):
    network = copy_network(network_of(Small().eval(), torch.randn(2, 3, 8, 8)))
    leaf = network.module.get_submodule("conv")
    leaf.weight = nn.Parameter(leaf.weight.detach().half().float())
    network = replace(network, encodings=FrozenMap({"conv": HalfEncoding()}))
    path = tmp_path / "m.safetensors"
    written = write(network, path, Quiet(), format="safetensors")
    assert written.notes == ()
    with safe_open(path, "pt") as file:
        assert file.get_tensor("conv.weight").dtype is torch.float16
        assert file.get_tensor("conv.bias").dtype is torch.float32


def test_unknown_format(network, tmp_path):
    with pytest.raises(EngineError, match="not written as pickle") as error:
        write(network, tmp_path / "m", Quiet(), format="pickle")
    assert "safetensors" in error.value.hint
