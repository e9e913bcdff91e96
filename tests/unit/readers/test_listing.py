"""Layers from a file's directory alone: kinds, names, ties, histograms."""

import pickle
import struct
import warnings

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from safetensors.torch import save_file
from torch import nn

from engine.errors import ModelError
from engine.info import Format, NetworkInfo, TensorInfo
from engine.jobs.job import Quiet
from engine.readers.checkpoint import load_safetensors, load_state_dict, sketch_safetensors
from engine.readers.inert import open_torch, walk
from engine.readers.listing import Sketch, entries_of_tensors, network_info
from engine.readers.pickled import module_of, sketch_pickled
from engine.readers.stored import BINS, SAMPLE, Stored, dtype_of, histogram, sample
from engine.readers.torchscript import sketch_torchscript
from engine.readers.wire import info_from_json, info_to_json
from tests.helpers.zoo import ZOO


class Every(nn.Module):
    """One layer of each kind."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1d = nn.Conv1d(2, 3, 3)
        self.conv2d = nn.Conv2d(2, 3, 3)
        self.conv3d = nn.Conv3d(2, 3, 3)
        self.conv_transpose2d = nn.ConvTranspose2d(2, 3, 3)
        self.linear = nn.Linear(4, 5)
        self.embedding = nn.Embedding(7, 3)
        self.batch_norm = nn.BatchNorm2d(3)
        self.layer_norm = nn.LayerNorm(4)
        self.group_norm = nn.GroupNorm(1, 4)
        self.instance_norm = nn.InstanceNorm2d(3, affine=True)
        self.rms_norm = nn.RMSNorm(4)
        self.prelu = nn.PReLU()
        self.lstm = nn.LSTM(3, 4, 2, bidirectional=True)
        self.gru = nn.GRU(3, 4)
        self.rnn = nn.RNN(3, 4)
        self.parameter = nn.Parameter(torch.ones(2, 3))

    def forward(self, x):
        return x


def kinds(sketch):
    return {entry.name: entry.kind.value for entry in sketch.entries}


def test_pickled_module_tells_every_kind(tmp_path):
    path = tmp_path / "every.pt"
    torch.save(Every(), path)
    file = open_torch(path)
    found = kinds(sketch_pickled(file, module_of(file)))
    assert found == {name: name for name in found}
    assert len(found) == 16


def test_torchscript_tells_every_kind(tmp_path):
    path = tmp_path / "every.pt"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.save(torch.jit.trace(Every(), torch.ones(1)), path)
    found = kinds(sketch_torchscript(open_torch(path)))
    assert found == {name: name for name in found}
    assert len(found) == 16


def test_names_and_ranks_tell_the_kinds_of_a_state_dict(tmp_path):
    path = tmp_path / "every.safetensors"
    save_file(Every().state_dict(), path)
    found = kinds(sketch_safetensors(path))
    guessed = {
        # what names and ranks cannot tell apart
        "conv_transpose2d": "conv2d",
        "instance_norm": "layer_norm",
        "prelu": "parameter",
    }
    assert found == {name: guessed.get(name, name) for name in found}
    assert len(found) == 16


def test_zoo_lists_the_same_from_a_pickle_as_in_memory(tmp_path):
    for name in ("resnet18", "vit", "bert_like", "tied_weights", "lstm_classifier"):
        module = ZOO[name].build()
        path = tmp_path / f"{name}.pt"
        torch.save(module, path)
        file = open_torch(path)
        info = network_info(path, sketch_pickled(file, module_of(file)), Quiet())
        assert info.parameters == sum(p.numel() for p in module.parameters())


def test_tied_weights_count_once(tmp_path):
    embedding = nn.Embedding(9, 4)
    head = nn.Linear(4, 9, bias=False)
    head.weight = embedding.weight
    module = nn.ModuleDict({"embed": embedding, "head": head})
    path = tmp_path / "tied.pt"
    torch.save(module.state_dict(), path)
    file = open_torch(path)
    table = {name: file.tensor(value) for name, value in file.root.items()}
    info = network_info(path, Sketch(Format.STATE_DICT, entries_of_tensors(table)), Quiet())
    assert info.parameters == 36
    assert [layer.tied_to for layer in info.layers] == ["", "embed"]


def test_state_dict_is_read_without_its_pickle(tmp_path):
    """Strides, views, types and shared storage come out as they went in."""
    whole = torch.arange(24.0).reshape(4, 6)
    state = {
        "plain.weight": whole,
        "turned.weight": whole.t(),
        "part.weight": whole[1:3, 2:5],
        "half.weight": torch.ones(3, 3, dtype=torch.float16),
        "brain.weight": torch.full((3, 3), 1.5, dtype=torch.bfloat16),
        "bytes.weight": torch.arange(6, dtype=torch.uint8).reshape(2, 3),
        "scalar": torch.tensor(2.5),
        "empty.weight": torch.empty(0, 3),
        "parameter.weight": nn.Parameter(torch.eye(3)),
    }
    for legacy in (False, True):
        path = tmp_path / f"state-{legacy}.pt"
        torch.save(state, path, _use_new_zipfile_serialization=not legacy)
        loaded = load_state_dict(path, Quiet())
        assert list(loaded) == list(state)
        for name, value in state.items():
            assert torch.equal(loaded[name], value), name
            assert loaded[name].dtype == value.dtype


def test_safetensors_round_trip(tmp_path):
    state = {"b.weight": torch.ones(2, 2), "a.weight": torch.zeros(3, dtype=torch.bfloat16)}
    save_file(state, tmp_path / "s.safetensors")
    loaded = load_safetensors(tmp_path / "s.safetensors")
    assert all(torch.equal(loaded[name], value) for name, value in state.items())


class Trap:
    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return (open, (self.path, "w"))


def test_nothing_that_a_pickle_names_is_called(tmp_path):
    path = tmp_path / "trap.pt"
    torch.save({"w": torch.ones(2), "trap": Trap(tmp_path / "ran")}, path)
    file = open_torch(path)
    assert not (tmp_path / "ran").exists()
    assert (
        "io.open" in file.imports or "builtins.open" in file.imports or "_io.open" in file.imports
    )
    assert file.tensor(file.root["w"]).shape == (2,)


def test_shared_structures_are_walked_once():
    """A pickle of 60 lists, each holding the last one twice, has 2⁶⁰ paths."""
    value: list = []
    for _ in range(60):
        value = [value, value]
    assert sum(1 for _ in walk(pickle.loads(pickle.dumps(value)))) == 61


def test_tensor_that_says_it_is_vast_is_not_read(tmp_path):
    path = tmp_path / "vast.pt"
    torch.save({"w.weight": torch.ones(2, 2)}, path)
    data = path.read_bytes()
    old = b"K\x02K\x02\x86"  # the shape, a tuple of two small numbers
    assert data.count(old) == 1
    import zipfile

    with zipfile.ZipFile(path) as archive:
        entries = {info.filename: archive.read(info) for info in archive.infolist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries.items():
            vast = b"J" + struct.pack("<i", 1 << 30) + b"K\x02\x86"
            archive.writestr(name, content.replace(old, vast))
    stored = open_torch(path).tensor(open_torch(path).root["w.weight"])
    assert stored.shape == (1 << 30, 2)
    assert stored.path is None
    with pytest.raises(ModelError, match=r"values of 'w\.weight' are missing"):
        load_state_dict(path, Quiet())


floats = arrays.arrays(
    np.float32, st.integers(1, 200), elements=st.floats(width=32, allow_nan=True)
)


@given(floats)
def test_histogram_counts_everything_once(values):
    result = histogram(values, sampled=False)
    assert sum(result.counts) + result.nonfinite == values.size
    assert len(result.counts) == BINS
    assert result.nonfinite == np.count_nonzero(~np.isfinite(values))


@given(arrays.arrays(np.float64, st.integers(2, 50), elements=st.floats(-1e308, 1e308)))
def test_histogram_agrees_with_numpy(values):
    result = histogram(values, sampled=False)
    assert sum(result.counts) == values.size
    # beyond these numpy itself gives up
    if 1e-9 * max(abs(result.low), abs(result.high), 1e-290) < result.high - result.low < 1e308:
        expected, _ = np.histogram(values, BINS, (result.low, result.high))
        # values within rounding of an edge may fall on either side
        assert np.abs(np.cumsum(expected) - np.cumsum(result.counts)).max() <= 2


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float8_e4m3fn", "int8", "bool"])
def test_histogram_of_other_types(dtype):
    values = np.array([0, 1, 1, 0, 1]).astype(dtype_of(dtype))
    result = histogram(values, sampled=False)
    assert (result.low, result.high) == (0, 1)
    assert (result.counts[0], result.counts[-1]) == (2, 3)


def test_sample_is_spread_over_the_whole():
    values = np.arange(10 * SAMPLE)
    found = sample(values)
    assert found.size == SAMPLE
    assert found[0] == 0
    assert found[-1] == values[-1]
    assert sample(values[:100]).size == 100


def test_histogram_of_a_mapped_file_reads_the_right_bytes(tmp_path):
    path = tmp_path / "data"
    path.write_bytes(b"skip" + np.float32([1, 2, 3, 9]).tobytes())
    result = Stored("float32", (2, 2), "x", path, 4).histogram()
    assert (result.low, result.high, sum(result.counts)) == (1, 9, 4)
    assert not result.sampled


def test_listing_survives_the_wire(tmp_path):
    path = tmp_path / "every.safetensors"
    save_file(Every().state_dict(), path)
    sketch = sketch_safetensors(path)
    sketch = Sketch(
        sketch.form,
        sketch.entries,
        (TensorInfo("x", ("batch", 3), "float32"),),
        (TensorInfo("y", (), "int64"),),
        ("careful",),
        runnable=False,
    )
    info = network_info(path, sketch, Quiet())
    import json

    assert info_from_json(json.loads(json.dumps(info_to_json(info)))) == info


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@given(
    st.sampled_from(list(info_to_json(NetworkInfo("n", Format.ONNX, (), (), (), (), 0, 0)))), junk
)
def test_junk_from_the_child_is_an_error_or_plain_data(key, value):
    layer = {
        "name": "a",
        "kind": "linear",
        "shape": [1],
        "dtype": "float32",
        "parameters": 1,
        "size_bytes": 4,
        "position": 0,
        "attributes": {},
        "verdict": [True, True, ""],
        "source_name": "",
        "tied_to": "",
        "histogram": None,
    }
    data = info_to_json(NetworkInfo("n", Format.ONNX, (), (), (), (), 0, 0))
    for changed in ({**data, key: value}, {**data, "layers": [{**layer, "name": value}]}):
        try:
            info = info_from_json(changed)
        except ModelError:
            continue
        assert isinstance(info.name, str)
        assert all(isinstance(layer.name, str) for layer in info.layers)
        assert isinstance(info.layers, tuple)
        hash(info.layers)
