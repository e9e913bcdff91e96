"""The benchmarks' own machinery on the sample and on a small network: it must not rot unseen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.paths import RESOURCES
from tests.bench import bench_resnet50
from tests.bench.compressing import compress
from tests.bench.scoring import accuracy, images, latencies

pytestmark = pytest.mark.slow

SAMPLES = RESOURCES / "samples"


@pytest.fixture(scope="module")
def quantized(tmp_path_factory: pytest.TempPathFactory):
    out = tmp_path_factory.mktemp("bench") / "digits.onnx"
    steps = [{"method": "uniform", "weight_bits": 8, "activation_bits": 8}]
    return compress(SAMPLES / "digits.pt2", SAMPLES / "digits.npz", steps, out, limit=0)


def test_the_score_is_the_engine_s_own(quantized) -> None:
    test = images(SAMPLES / "digits.npz", "test", SAMPLES / "digits.pt2")
    assert accuracy(quantized.file, test) == pytest.approx(100 * quantized.result.measured.top1)
    assert accuracy(quantized.file, test.first(50)) > 80


def test_processor_time_is_that_of_the_steps(quantized) -> None:
    assert 0 < quantized.cpu_s < quantized.wall_s * 4
    assert quantized.result.steps[0].metrics.top1 is not None


def test_latencies_in_turns(quantized) -> None:
    test = images(SAMPLES / "digits.npz", "test", SAMPLES / "digits.pt2")
    times = latencies([quantized.file] * 2, test.prepared(0, 4), seconds=0.05)
    assert len(times) == 2
    assert all(time > 0 for time in times)


def test_a_child_says_what_it_took(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bench_resnet50.make_inputs(tmp_path, 32, 4, full=False)
    bench_resnet50.child(tmp_path, "int8", 1)
    said = json.loads(capsys.readouterr().out)
    assert said["macs"] == pytest.approx(1)
    assert said["peak"] > 1e8
    assert [method for method, _ in said["steps"]] == ["uniform"]
    assert (tmp_path / "int8.onnx").stat().st_size < (tmp_path / "resnet50.onnx").stat().st_size
