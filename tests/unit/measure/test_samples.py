"""Inputs made up from shapes, and exact sizes."""

import numpy as np
import onnx
import onnx_ir as ir
import pytest
import torch
from onnx import TensorProto, helper
from torch import nn

from engine.errors import EngineError, ModelError
from engine.info import TensorInfo
from engine.measure.samples import LARGEST_BYTES, index_limits, make_inputs
from engine.measure.size import external_files, file_size, parameter_bytes
from tests.helpers.networks import network_of, zoo_network


def made(*infos, **kwargs):
    return make_inputs([TensorInfo(*info) for info in infos], 3, **kwargs)


def test_batch_wherever_its_name_stands():
    x, state = made(("x", ("batch", 4), "float32"), ("state", (2, "batch", 5), "float32"))
    assert x.shape == (3, 4)
    assert state.shape == (2, 3, 5)
    assert x.dtype == np.float32
    assert x.std() > 0.1


def test_fixed_batch_wins():
    assert made(("x", (7, 4), "float32"))[0].shape == (7, 4)


def test_one_name_has_one_size():
    a, b = made(("a", ("batch", "length"), "int64"), ("b", ("batch", "length", 2), "float16"))
    assert a.shape == b.shape[:2]
    assert b.dtype == np.float16
    assert made(("a", ("batch", "length"), "int64"), sizes={"length": 9})[0].shape == (3, 9)


def test_images_get_the_size_of_an_image():
    assert made(("x", ("batch", 3, "height", "width"), "float32"))[0].shape == (3, 3, 224, 224)


def test_whole_numbers_stay_in_the_table():
    ids, mask, other, flag = made(
        ("ids", ("batch", 500), "int64"),
        ("attention_mask", ("batch", 4), "int32"),
        ("position", ("batch", 4), "int64"),
        ("flag", ("batch",), "bool"),
        limits={"ids": 5},
    )
    assert set(ids.ravel()) == set(range(5))
    assert (mask == 1).all()
    assert mask.dtype == np.int32
    assert (other == 0).all()
    assert flag.all()
    assert flag.dtype == np.bool_


def test_same_seed_same_numbers():
    info = ("x", ("batch", 4), "float32")
    assert (made(info)[0] == made(info)[0]).all()
    assert (made(info)[0] != made(info, seed=1)[0]).any()


def test_absurd_sizes_and_texts_are_refused():
    with pytest.raises(EngineError, match="values for 3 samples"):
        made(("x", ("batch", LARGEST_BYTES), "float32"))
    with pytest.raises(EngineError, match="tensor\\(string\\)"):
        made(("x", ("batch",), "tensor(string)"))


def test_index_limits_of_a_file(save_onnx):
    nodes = [
        helper.make_node("Cast", ["ids"], ["whole"], to=TensorProto.INT64),
        helper.make_node("Gather", ["small", "whole"], ["a"]),
        helper.make_node("Gather", ["large", "ids"], ["b"], axis=1),
        helper.make_node("Gather", ["x", "one"], ["c"]),
    ]
    path = save_onnx(
        nodes,
        [("ids", TensorProto.INT32, ["batch", 4]), ("x", TensorProto.FLOAT, ["batch", 2])],
        [(name, TensorProto.FLOAT, None) for name in "abc"],
        {
            "small": np.zeros((6, 2), np.float32),
            "large": np.zeros((2, 9), np.float32),
            "one": np.array(0),
        },
    )
    assert index_limits(path) == {"ids": 6}


def test_index_limits_of_a_network():
    assert index_limits(zoo_network("bert_like")) == {"ids": 50, "token_types": 2}
    assert index_limits(zoo_network("small_cnn")) == {}


def test_file_that_is_no_model(tmp_path):
    path = tmp_path / "bad.onnx"
    path.write_bytes(b"\xff" * 64)
    with pytest.raises(ModelError, match=r"bad\.onnx"):
        index_limits(path)
    with pytest.raises(ModelError, match="no file"):
        index_limits(tmp_path / "none.onnx")


def test_parameter_bytes_count_ties_once():
    module = nn.Module()
    module.a, module.b = nn.Linear(4, 4, bias=False), nn.Linear(4, 4, bias=False)
    module.b.weight = module.a.weight
    module.norm = nn.BatchNorm1d(4)
    module.forward = lambda x: module.norm(module.b(module.a(x)))
    sizes = parameter_bytes(network_of(module, torch.zeros(2, 4)))
    assert sizes == {"float32": 4 * (16 + 4 * 4), "int64": 8}


def test_file_size_counts_external_data_once(tmp_path):
    weight = np.arange(64, dtype=np.float32)
    values = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [64]) for n in ("x", "y")]
    nodes = [
        helper.make_node("Add", ["x", "a"], ["z"]),
        helper.make_node("Add", ["z", "b"], ["y"]),
    ]
    tensors = [onnx.numpy_helper.from_array(weight, name) for name in ("a", "b")]
    graph = helper.make_graph(nodes, "g", values[:1], values[1:], tensors)
    model = ir.from_proto(helper.make_model(graph, ir_version=10))
    path = tmp_path / "m.onnx"
    ir.save(model, path, external_data="m.data", size_threshold_bytes=0)
    data = tmp_path / "m.data"
    assert external_files(path) == [data]
    assert file_size(path) == path.stat().st_size + data.stat().st_size
    assert data.stat().st_size >= 2 * weight.nbytes
    data.unlink()
    with pytest.raises(ModelError, match=r"m\.data"):
        file_size(path)


def test_file_size_of_other_files(tmp_path):
    path = tmp_path / "w.safetensors"
    path.write_bytes(bytes(123))
    assert file_size(path) == 123
    with pytest.raises(ModelError, match="no file"):
        file_size(tmp_path / "none.pt2")
