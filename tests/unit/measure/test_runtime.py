"""Sessions: what fails is one sentence, what runs can be cancelled."""

import os
import threading
import time

import numpy as np
import pytest
from onnx import TensorProto, helper

from engine.errors import Cancelled, EngineError, ModelError
from engine.info import TensorInfo
from engine.jobs.job import Quiet
from engine.measure.runtime import (
    Options,
    Session,
    default_threads,
    feed_of,
    processor_name,
    runtime_name,
    torch_name,
    watched,
)


class Watching(Quiet):
    def __init__(self, cancel_after=None):
        self.calls = []
        self.cancel_after = cancel_after

    def checkpoint(self, text="", done=0, total=0):
        self.calls.append((text, done, total))
        if self.cancel_after is not None and len(self.calls) > self.cancel_after:
            raise Cancelled


def test_runs_and_describes_itself(linear_onnx):
    session = Session(linear_onnx)
    assert session.inputs == (TensorInfo("x", ("batch", 3), "float32"),)
    assert session.outputs == (TensorInfo("y", ("batch", 4), "float32"),)
    assert session.threads == default_threads()
    x = np.ones((5, 3), np.float32)
    direct = session.run({"x": x})[0]
    watched_run = session.run({"x": x}, Quiet())[0]
    assert direct.shape == (5, 4)
    assert (direct == watched_run).all()
    assert Session(linear_onnx, Options(threads=2)).threads == 2


def test_names_say_something():
    assert runtime_name().startswith("ONNX Runtime 1.")
    assert torch_name().startswith("PyTorch 2.")
    assert "+" not in torch_name()
    assert processor_name()


def one_line(error):
    text = error.value.one_line()
    assert "\n" not in text
    assert "/onnxruntime" not in text
    return text


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="no affinity here")
@pytest.mark.parametrize(("cores", "threads"), [({0}, 1), ({0, 5}, 1), ({0, 1, 2, 3}, 3)])
def test_one_core_is_left_to_the_window(monkeypatch, cores, threads):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: cores)
    assert default_threads() == threads


def test_missing_file(tmp_path):
    with pytest.raises(ModelError, match="no file"):
        Session(tmp_path / "none.onnx")


def test_file_that_is_no_model(tmp_path):
    path = tmp_path / "bad.onnx"
    path.write_bytes(b"not a model at all")
    with pytest.raises(ModelError) as error:
        Session(path)
    assert "ONNX Runtime does not load bad.onnx" in one_line(error)


def test_unknown_operator(save_onnx):
    ends = [("x", TensorProto.FLOAT, ["batch", 2])], [("y", TensorProto.FLOAT, ["batch", 2])]
    path = save_onnx([helper.make_node("Frobnicate", ["x"], ["y"])], *ends)
    with pytest.raises(ModelError) as error:
        Session(path)
    assert "Frobnicate" in one_line(error)


def test_wrong_shape_and_failing_run(save_onnx, linear_onnx):
    with pytest.raises(EngineError) as error:
        Session(linear_onnx).run({"x": np.zeros((1, 5), np.float32)})
    assert "x [1, 5]" in one_line(error)
    node = helper.make_node("Reshape", ["x", "to"], ["y"])
    ends = [("x", TensorProto.FLOAT, ["batch", 4])], [("y", TensorProto.FLOAT, ["n", 3])]
    path = save_onnx([node], *ends, {"to": np.array([-1, 3])})
    with pytest.raises(EngineError, match="cannot be reshaped") as error:
        Session(path).run({"x": np.zeros((1, 4), np.float32)})
    one_line(error)


def test_data_outside_the_folder_is_refused(save_onnx, tmp_path):
    outside = tmp_path / "secret.bin"
    outside.write_bytes(bytes(16))
    tensor = TensorProto(name="w", data_type=1, dims=[4], data_location=TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value="../secret.bin")
    ends = [
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["b", 4])] for name in ("x", "y")
    ]
    graph = helper.make_graph([helper.make_node("Add", ["x", "w"], ["y"])], "g", *ends, [tensor])
    folder = tmp_path / "inside"
    folder.mkdir()
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    (folder / "m.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(ModelError, match="escapes model directory"):
        Session(folder / "m.onnx")


def test_a_run_that_goes_on_can_be_cancelled(save_onnx):
    # A loop that would run for minutes.
    value = helper.make_tensor_value_info
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["go"], ["go_on"]),
            helper.make_node("MatMul", ["state", "state"], ["squared"]),
            helper.make_node("Tanh", ["squared"], ["next"]),
        ],
        "body",
        [
            value("i", TensorProto.INT64, []),
            value("go", TensorProto.BOOL, []),
            value("state", TensorProto.FLOAT, [64, 64]),
        ],
        [value("go_on", TensorProto.BOOL, []), value("next", TensorProto.FLOAT, [64, 64])],
    )
    node = helper.make_node("Loop", ["count", "yes", "x"], ["y"], body=body)
    ends = [("x", TensorProto.FLOAT, [64, 64])], [("y", TensorProto.FLOAT, [64, 64])]
    path = save_onnx([node], *ends, {"count": np.array(10**9), "yes": np.array(True)})
    session = Session(path, Options(threads=1))
    start = time.monotonic()
    with pytest.raises(Cancelled):
        session.run({"x": np.eye(64, dtype=np.float32)}, Watching(cancel_after=2))
    assert time.monotonic() - start < 10


def test_watched_passes_errors_and_results_on():
    assert watched(lambda: 3, lambda: None, Quiet()) == 3
    with pytest.raises(ZeroDivisionError):
        watched(lambda: 1 // 0, lambda: None, Quiet())
    with pytest.raises(TimeoutError, match="its own"):
        watched(raise_timeout, lambda: None, Quiet())


def raise_timeout():
    raise TimeoutError("its own")


def test_watched_asks_while_it_waits_and_stops():
    stopped = threading.Event()
    with pytest.raises(Cancelled):
        watched(lambda: stopped.wait(30), stopped.set, Watching(cancel_after=1))
    assert stopped.is_set()


INFO = (TensorInfo("x", ("batch", 3), "float32"),)


def test_feed_takes_the_inputs_type():
    assert feed_of(INFO, [np.ones((2, 3), np.float64)])["x"].dtype == np.float32
    half = (TensorInfo("x", ("batch", 3), "float16"),)
    assert feed_of(half, [np.ones((2, 3), np.float32)])["x"].dtype == np.float16


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ([], "1 input, the data gives 0 arrays"),
        ([np.ones((2, 4), np.float32)], r"\[2, 4\] does not fit the input 'x'"),
        ([np.ones(3, np.float32)], r"\[3\] does not fit"),
    ],
)
def test_feed_that_does_not_fit(arrays, words):
    with pytest.raises(EngineError, match=words):
        feed_of(INFO, arrays)


def test_fractions_are_not_made_whole():
    whole = (TensorInfo("ids", ("batch", 3), "int64"),)
    with pytest.raises(EngineError, match="takes whole numbers"):
        feed_of(whole, [np.ones((2, 3), np.float32)])
