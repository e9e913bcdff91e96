"""Latency, and how a profile is divided among the layers."""

import gc
import time

import numpy as np
import onnx
import onnx_ir as ir
import pytest
from onnx import TensorProto, helper

from engine.errors import Cancelled, EngineError
from engine.jobs.job import Quiet
from engine.measure import latency, profile
from engine.measure.attribution import Attribution, RunNode
from engine.measure.latency import measure_latency
from engine.measure.profile import OVERHEAD, NodeTime, node_times, profile_layers

RNG = np.random.default_rng(0)


def weights(**shapes):
    return {k: RNG.normal(size=shape).astype(np.float32) for k, shape in shapes.items()}


@pytest.fixture
def conv_net(save_onnx):
    """Two convolutions, an activation that is fused, a skip, a pool and a dense layer."""
    node = helper.make_node

    def make(named=True, **kwargs):
        nodes = [
            node("Conv", ["x", "stem.weight", "stem.bias"], ["a"], "stem", pads=[1] * 4),
            node("Relu", ["a"], ["b"], "relu1"),
            node("Conv", ["b", "body.weight", "body.bias"], ["c"], "body", pads=[1] * 4),
            node("Add", ["b", "c"], ["d"], "skip"),
            node("Relu", ["d"], ["e"], "relu2"),
            node("Softmax", ["e"], ["f"], "soft"),
            node("GlobalAveragePool", ["f"], ["g"], "pool"),
            node("Flatten", ["g"], ["h"], "flat"),
            node("Gemm", ["h", "fc.weight", "fc.bias"], ["y"], "fc", transB=1),
        ]
        for each in nodes if not named else ():
            each.name = ""
        values = weights(
            **{"stem.weight": (16, 3, 3, 3), "stem.bias": 16, "body.weight": (16, 16, 3, 3)},
            **{"body.bias": 16, "fc.weight": (10, 16), "fc.bias": 10},
        )
        ends = (
            [("x", TensorProto.FLOAT, ["batch", 3, 24, 24])],
            [("y", TensorProto.FLOAT, ["batch", 10])],
        )
        return save_onnx(nodes, *ends, values, **kwargs)

    return make


@pytest.mark.parametrize("named", [True, False])
def test_profile_of_a_file(conv_net, named):
    profile = measure_latency(conv_net(named), Quiet(), batch=2, threads=1, min_time_s=0.2)
    assert profile.latency_ms > 0
    assert profile.latency_spread_ms >= 0
    assert (profile.threads, profile.batch) == (1, 2)
    assert profile.runs >= 5
    assert profile.runtime.startswith("ONNX Runtime")
    shares = {layer.name: layer.share for layer in profile.layers}
    assert list(shares)[:3] == ["stem", "body", "fc"]
    assert list(shares)[-1] == OVERHEAD
    assert "other: Softmax" in shares
    assert sum(shares.values()) == pytest.approx(1)
    assert sum(x.latency_ms for x in profile.layers) == pytest.approx(profile.latency_ms)
    # 36,864 against 497,664 × … multiplications: the second convolution is the heaviest layer
    assert shares["body"] > shares["stem"] > 0
    assert shares["body"] > shares["fc"]
    # fused into the convolutions, whatever form the runtime gives them
    assert "other: Relu" not in shares
    assert "other: Conv" not in shares


def test_larger_batches_take_longer(conv_net):
    path = conv_net()
    one, many = (
        measure_latency(path, Quiet(), batch=batch, threads=1, min_time_s=0.1) for batch in (1, 64)
    )
    assert many.latency_ms > 4 * one.latency_ms
    assert many.batch == 64


def test_latency_is_the_median_and_the_quartile_distance(conv_net, monkeypatch):
    times = [0.001, 0.002, 0.003, 0.004, 0.010]
    monkeypatch.setattr(latency, "_timed", lambda *_: times)
    found = measure_latency(conv_net(), Quiet(), min_time_s=0.05)
    assert found.latency_ms == pytest.approx(3.0)
    assert found.latency_spread_ms == pytest.approx(2.0)
    assert found.runs == 5


def test_an_operators_time_is_divided_among_its_layers(conv_net, monkeypatch):
    monkeypatch.setattr(profile, "node_times", lambda *_: ([NodeTime("n", "Conv", 10.0)], 16.0))
    monkeypatch.setattr(Attribution, "owners", lambda *_: {"stem": 0.25, "body": 0.75})
    feed = {"x": np.ones((1, 3, 24, 24), np.float32)}
    found = {one.name: one for one in profile_layers(conv_net(), feed, Quiet(), total_ms=32.0)}
    assert found["stem"].latency_ms == pytest.approx(5.0)
    assert found["body"].latency_ms == pytest.approx(15.0)
    assert found[OVERHEAD].share == pytest.approx(6 / 16)


@pytest.fixture
def collecting():
    """Python collects garbage by itself, as in the shell."""
    gc.enable()
    yield
    gc.disable()


@pytest.mark.usefixtures("collecting")
def test_collector_is_off_while_timing_and_on_again(conv_net, monkeypatch):
    seen = []
    original = latency._run_for

    def spy(*args):
        seen.append(gc.isenabled())
        original(*args)

    monkeypatch.setattr(latency, "_run_for", spy)
    measure_latency(conv_net(), Quiet(), threads=1, min_time_s=0.05)
    assert seen == [False]
    assert gc.isenabled()


@pytest.mark.usefixtures("collecting")
def test_cancel_ends_it_soon(conv_net):
    class Cancels(Quiet):
        def checkpoint(self, text="", done=0, total=0):
            if text == "Timing":
                raise Cancelled

    start = time.monotonic()
    with pytest.raises(Cancelled):
        measure_latency(conv_net(), Cancels(), threads=1, min_time_s=60)
    assert time.monotonic() - start < 20
    assert gc.isenabled()


def test_stop_keeps_what_was_timed(conv_net):
    class Stops(Quiet):
        stopping = True

    start = time.monotonic()
    profile = measure_latency(conv_net(), Stops(), threads=1, min_time_s=60)
    assert time.monotonic() - start < 20
    assert 5 <= profile.runs < 1000


def test_progress_tells_the_stage(conv_net):
    seen = []

    class Watches(Quiet):
        def checkpoint(self, text="", done=0, total=0):
            seen.append((text, done, total))

    measure_latency(conv_net(), Watches(), threads=1, min_time_s=0.3)
    assert list(dict.fromkeys(text for text, _, _ in seen)) == [
        "Loading the model",
        "Warming up",
        "Timing",
        "Profiling the layers",
    ]
    assert all(0 <= done <= total for _, done, total in seen)


def test_file_that_does_not_run(save_onnx):
    path = save_onnx(
        [helper.make_node("Reshape", ["x", "to"], ["y"])],
        [("x", TensorProto.FLOAT, ["batch", 4])],
        [("y", TensorProto.FLOAT, None)],
        {"to": np.array([-1, 3])},
    )
    with pytest.raises(EngineError, match="reshaped"):
        measure_latency(path, Quiet(), threads=1, min_time_s=0.1)


def test_dimensions_can_be_chosen(save_onnx):
    path = save_onnx(
        [helper.make_node("Relu", ["x"], ["y"])],
        [("x", TensorProto.FLOAT, ["batch", "length"])],
        [("y", TensorProto.FLOAT, ["batch", "length"])],
    )
    profile = measure_latency(
        path, Quiet(), threads=1, min_time_s=0.05, batch=2, sizes={"length": 5}
    )
    assert profile.batch == 2
    assert {x.name for x in profile.layers} == {"other: Relu", OVERHEAD}


def event(name, ts, dur, cat="Node", op="Conv"):
    return {
        "cat": cat,
        "ph": "X",
        "name": f"{name}_kernel_time" if cat == "Node" else name,
        "ts": ts,
        "dur": dur,
        "args": {"op_name": op},
    }


def test_node_times_of_a_profile_by_hand():
    events = [
        event("model_run", 0, 1000, "Session"),  # warming up
        event("a", 1, 900),
        event("model_run", 2000, 100, "Session"),
        event("a", 2001, 40),
        event("loop", 2045, 50, op="Loop"),
        event("inner", 2046, 20),
        event("inner", 2070, 20),
        event("model_run", 3000, 500, "Session"),  # disturbed
        event("a", 3001, 400),
        event("model_run", 4000, 102, "Session"),
        event("a", 4001, 42),
        event("loop", 4045, 50, op="Loop"),
        {"cat": "Session", "ph": "M", "name": "metadata"},
    ]
    times, run_us = node_times(events, runs=3)
    assert {(t.name, t.op_type): t.time_us for t in times} == {
        ("a", "Conv"): 41,
        ("loop", "Loop"): 50,
    }
    assert run_us == 101
    with pytest.raises(EngineError, match="no run"):
        node_times([], runs=1)


def model_of(nodes, tensors, inputs=("x",), outputs=("y",)):
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "g",
        [value(n, TensorProto.FLOAT, None) for n in inputs],
        [value(n, TensorProto.FLOAT, None) for n in outputs],
        [onnx.numpy_helper.from_array(v, k) for k, v in tensors.items()],
    )
    return ir.from_proto(helper.make_model(graph, ir_version=10))


NODE = helper.make_node
ORIGINAL = (
    [
        NODE("Conv", ["x", "one.weight"], ["a"], "n0"),
        NODE("Relu", ["a"], ["b"], "n1"),
        NODE("Conv", ["b", "two.weight"], ["c"], "n2"),
        NODE("Sigmoid", ["c"], ["d"], "n3"),
        NODE("Transpose", ["three.weight"], ["t"], "n4"),
        NODE("MatMul", ["d", "t"], ["e"], "n5"),
        NODE("Add", ["e", "three.bias"], ["y"], "n6"),
    ],
    weights(
        **{"one.weight": (4, 3, 1, 1), "two.weight": (8, 4, 1, 1), "three.weight": (5, 8)},
        **{"three.bias": (5,)},
    ),
)


def owners(optimized, name, op):
    graph = model_of(optimized, {}) if optimized is not None else None
    return Attribution(model_of(*ORIGINAL), graph).owners(RunNode(name, op))


def test_a_fused_node_is_known_by_its_result():
    fused = [NODE("FusedConv", ["x", "w"], ["b"], "anything"), NODE("Conv", ["b", "v"], ["c"], "q")]
    assert owners(fused, "anything", "FusedConv") == {"one": 1.0}
    assert owners(fused, "q", "Conv") == {"two": 1.0}


def test_a_node_of_several_layers_is_divided_by_their_weights():
    fused = [NODE("Both", ["x"], ["d"], "both")]
    assert owners(fused, "both", "Both") == {"one": 12 / 44, "two": 32 / 44}


def test_a_node_in_another_layout_is_known_by_its_name():
    running = [
        NODE("Conv", ["x", "r"], ["token_0"], "b_nchwc"),
        NODE("Conv", ["token_0", "r2"], ["token_1"], "c_nchwc"),
        NODE("ReorderOutput", ["token_1"], ["c"], "reorder"),
        NODE("Sigmoid", ["c"], ["d"], "n3"),
    ]
    assert owners(running, "b_nchwc", "Conv") == {"one": 1.0}
    assert owners(running, "c_nchwc", "Conv") == {"two": 1.0}
    assert owners(running, "reorder", "ReorderOutput") == {"other: ReorderOutput": 1.0}
    assert owners(running, "n3", "Sigmoid") == {"other: Sigmoid": 1.0}


def test_a_bias_that_runs_alone_and_a_weight_on_its_way_belong_to_their_layer():
    running = [
        NODE("Everything", ["x"], ["d"], "n3"),
        NODE("Transpose", ["w"], ["t"], "n4"),
        NODE("MatMul", ["d", "t"], ["e"], "n5"),
        NODE("Add", ["e", "bias"], ["y"], "n6"),
    ]
    for name, op in (("n4", "Transpose"), ("n5", "MatMul"), ("n6", "Add")):
        assert owners(running, name, op) == {"three": 1.0}, name


def test_without_an_optimized_graph_names_must_do():
    assert owners(None, "n2", "Conv") == {"two": 1.0}
    assert owners(None, "n3", "Sigmoid") == {"other: Sigmoid": 1.0}
    assert owners(None, "unheard_of", "Conv") == {"other: Conv": 1.0}


def test_a_renamed_node_is_known_by_its_weight():
    running = [NODE("Conv", ["x", "two.weight"], ["made_up"], "made_up")]
    assert owners(running, "made_up", "Conv") == {"two": 1.0}


def test_every_layer_is_named_in_order():
    assert Attribution(model_of(*ORIGINAL), None).layers == ("one", "two", "three")
