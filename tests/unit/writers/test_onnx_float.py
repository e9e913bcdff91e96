"""Float ONNX files: named like the network, equal to it, and written whole or not at all."""

import errno
import shutil

import onnx
import onnx_ir as ir
import pytest
import torch
from torch import nn

from engine.errors import Cancelled, EngineError
from engine.info import LayerKind
from engine.jobs.job import Quiet
from engine.measure.compare import compare
from engine.measure.size import external_files
from engine.network.layers import layer_table
from engine.readers.onnx.names import find_layers
from engine.writers import onnx_float
from engine.writers.onnx_float import naming_of, opset_for, write_onnx
from tests.helpers.networks import network_of, zoo_network
from tests.helpers.zoo import ZOO

# One for each thing that an exporter does to a network.
SAMPLE = ["mobilenet_v2", "bert_like", "gpt_like", "tied_weights", "audio", "bilstm_classifier"]
REST = sorted(set(ZOO) - set(SAMPLE))
STACKED = {"bilstm_classifier": {"lstm_2"}, "gru_classifier": {"gru_2"}}
"""A recurrent layer of several levels is several nodes, which a file cannot call one layer."""


def check(export):
    written, network = export.written, export.network
    assert written.difference.max_relative <= 1e-4
    assert compare(network, written.path, Quiet(), batches=(2, 5)).max_relative <= 1e-4
    assert written.size_bytes == written.path.stat().st_size
    for value in (*export.graph().inputs, *export.graph().outputs):
        assert value.shape[0] == ir.SymbolicDim("batch")
    assert [v.name for v in export.graph().inputs] == [i.name for i in network.inputs]
    assert [v.name for v in export.graph().outputs] == [o.name for o in network.outputs]
    ours = {layer.name: layer.kind for layer in layer_table(network)}
    in_file = {layer.name for layer in find_layers(export.graph())}
    assert in_file <= set(ours) | STACKED.get(written.path.stem, set())
    folded = set(ours) - in_file
    assert {ours[name] for name in folded} <= {LayerKind.BATCH_NORM}
    assert set(written.layer_nodes) == set(ours)
    names = {node.name for node in export.graph()}
    for layer, (nodes, _) in written.layer_nodes.items():
        assert nodes, layer
        assert set(nodes) <= names
    assert len(names) == len(list(export.graph()))


@pytest.mark.network_zoo
@pytest.mark.parametrize("name", SAMPLE)
def test_names_and_values_of_the_network(exported, name):
    check(exported(name))


@pytest.mark.slow
@pytest.mark.network_zoo
@pytest.mark.parametrize("name", REST)
def test_names_and_values_of_the_other_networks(exported, name):
    check(exported(name))


def test_weights_are_called_like_their_layer(exported):
    tensors = exported("bert_like").written.layer_nodes["layer.0.query"][1]
    assert tensors == ("layer.0.query.weight", "layer.0.query.bias")
    recurrent = exported("bilstm_classifier").written.layer_nodes["lstm"]
    assert recurrent[0] == ("lstm", "lstm_2")
    assert recurrent[1][:3] == ("lstm.weight", "lstm.weight_recurrent", "lstm.bias")


def test_folded_norm_is_in_its_convolution(exported):
    nodes = exported("mobilenet_v2").written.layer_nodes
    assert nodes["features.0.1"][0] == nodes["features.0.0"][0] == ("features.0.0",)
    assert nodes["features.0.0"][1] == ("features.0.0.weight", "features.0.0.bias")


def test_tied_weights_are_stored_once(exported):
    export = exported("tied_weights")
    tables = [v for v in export.graph().initializers.values() if 30 in v.const_value.shape]
    assert [v.name for v in tables if len(v.const_value.shape) == 2] == ["embed.weight"]
    nodes = export.written.layer_nodes
    assert nodes["embed"] == (("embed",), ("embed.weight",))
    assert nodes["head"][0] == ("head",)


def test_position_tables_stay_whole(exported):
    tensors = exported("bert_like").graph().initializers
    assert tuple(tensors["position_embeddings.weight"].const_value.shape) == (16, 24)


def test_nothing_names_the_machine(exported, tmp_path):
    export = exported("mobilenet_v2")
    data = export.written.path.read_bytes()
    for word in (b"stack_trace", b".py", b"/tmp", b"site-packages", b"zoo"):
        assert word not in data
    proto = onnx.load(export.written.path)
    assert proto.producer_name == "espalier"
    keys = {p.key for node in proto.graph.node for p in node.metadata_props}
    assert keys == {"pkg.torch.onnx.name_scopes"}
    stem = next(node for node in proto.graph.node if node.name == "features.0.0")
    assert "features.0.0" in stem.metadata_props[0].value


def test_progress_and_checker(exported):
    export = exported("mobilenet_v2")
    onnx.checker.check_model(export.written.path, full_check=True)
    stages = [text for text, _, _ in export.progress]
    for text in ("Tracing the network", "Translating to ONNX", "Writing the file"):
        assert text in stages
    assert all(0 <= done <= total or total == 0 for _, done, total in export.progress)


def test_network_is_not_changed(exported):
    export = exported("mobilenet_v2")
    again = zoo_network("mobilenet_v2")
    for (name, a), (_, b) in zip(
        export.network.module.state_dict().items(), again.module.state_dict().items(), strict=True
    ):
        assert torch.equal(a, b), name


def test_opset_follows_the_layers(exported):
    assert opset_for(zoo_network("small_cnn")) == 20
    assert exported("audio").written.opset == 21
    assert exported("gpt_like").written.opset == 23
    ops = [node.op_type for node in exported("gpt_like").graph()]
    assert ops.count("RMSNormalization") == 5


class Small(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.fc = nn.Linear(64, 32)

    def forward(self, x):
        return self.fc(x)


@pytest.fixture(scope="module")
def small():
    return network_of(Small(), torch.zeros(2, 64))


@pytest.fixture(scope="module")
def small_written(small, tmp_path_factory):
    path = tmp_path_factory.mktemp("small") / "m.onnx"
    return write_onnx(small, path, Quiet())


@pytest.fixture
def replayed(small_written, monkeypatch):
    """The child process only copies what it made before: exporting takes seconds."""

    def run_task(task, arguments, folder, limits, job):
        shutil.copy(small_written.path, folder / "model.onnx")
        return {"layers": {"fc": [["fc"], ["fc.weight", "fc.bias"]]}, "data": ""}

    monkeypatch.setattr(onnx_float, "run_task", run_task)


def test_external_data_replaces_its_predecessor(small, tmp_path):
    path = tmp_path / "m.onnx"
    first = write_onnx(small, path, Quiet(), external_bytes=1000)
    (old,) = external_files(path)
    assert first.size_bytes == path.stat().st_size + old.stat().st_size
    assert old.stat().st_size >= 4 * 32 * 64
    torch.manual_seed(1)
    other = network_of(nn.Sequential(nn.Linear(64, 32)), torch.zeros(2, 64))
    write_onnx(other, path, Quiet(), external_bytes=1000)
    (new,) = external_files(path)
    assert new.name != old.name
    assert {p.name for p in tmp_path.iterdir()} == {"m.onnx", new.name}
    assert compare(other, path, Quiet()).max_relative < 1e-5


def test_same_bytes_again(small, small_written, tmp_path):
    write_onnx(small, tmp_path / "again.onnx", Quiet())
    assert (tmp_path / "again.onnx").read_bytes() == small_written.path.read_bytes()


def cancelling(stage):
    class Cancels(Quiet):
        def checkpoint(self, text="", done=0, total=0):
            if text == stage:
                raise Cancelled

    return Cancels()


def untouched(path):
    return path.read_bytes() == b"old" and [p.name for p in path.parent.iterdir()] == [path.name]


@pytest.fixture
def old(tmp_path):
    path = tmp_path / "m.onnx"
    path.write_bytes(b"old")
    return path


def test_cancel_kills_the_child(small, old):
    with pytest.raises(Cancelled):
        write_onnx(small, old, cancelling("Exporting"))
    assert untouched(old)


@pytest.mark.parametrize("stage", ["Comparing with ONNX Runtime", "Writing the file"])
@pytest.mark.usefixtures("replayed")
def test_cancel_leaves_the_old_file(small, old, stage):
    with pytest.raises(Cancelled):
        write_onnx(small, old, cancelling(stage))
    assert untouched(old)


@pytest.mark.usefixtures("replayed")
def test_a_file_that_differs_is_not_written(small, old):
    torch.manual_seed(7)
    other = network_of(nn.Sequential(nn.Linear(64, 32)), torch.zeros(2, 64))
    with pytest.raises(EngineError, match="differs from the network"):
        write_onnx(other, old, Quiet())
    assert untouched(old)


@pytest.mark.usefixtures("replayed")
def test_a_full_disk_leaves_the_old_file(small, old, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(onnx_float, "copy_file", full)
    with pytest.raises(EngineError, match="No space left") as error:
        write_onnx(small, old, Quiet())
    assert "disk is full" in error.value.hint
    assert untouched(old)


def test_no_folder_is_said_at_once(small, tmp_path):
    seen = []

    class Watches(Quiet):
        def checkpoint(self, text="", done=0, total=0):
            seen.append(text)

    with pytest.raises(EngineError, match="cannot be written") as error:
        write_onnx(small, tmp_path / "none" / "m.onnx", Watches())
    assert "folder does not exist" in error.value.one_line()
    assert seen == []


class Unwritable(nn.Module):
    def forward(self, x):
        return torch.linalg.qr(x)[0]


def test_operator_without_translation(tmp_path):
    network = network_of(Unwritable(), torch.randn(2, 3, 3))
    with pytest.raises(EngineError, match="cannot be written as ONNX") as error:
        write_onnx(network, tmp_path / "m.onnx", Quiet())
    text = error.value.one_line()
    assert "qr" in text
    assert ".pt2" in text
    assert "Traceback" not in text
    assert list(tmp_path.iterdir()) == []


def test_naming_knows_ties_and_free_weights():
    naming = naming_of(zoo_network("tied_weights"))
    assert naming.tied == {"head.weight": "embed.weight"}
    assert naming.owners["head.weight"] == ("embed", "head")
    assert naming_of(zoo_network("vit")).layers["cls_token"] == ("cls_token",)
    assert type(naming).from_json(naming.as_json()) == naming
