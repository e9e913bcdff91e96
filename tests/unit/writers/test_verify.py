"""A written file is compared with the network: what may differ, and what is refused."""

import numpy as np
import pytest
import torch

from engine.errors import EngineError
from engine.info import Target
from engine.jobs.job import Quiet
from engine.statistics.calibration import Calibration
from engine.writers import target as targets
from engine.writers import verify as module
from engine.writers.verify import verify

CLASSES = 4


class Network:
    """Answers with its input."""

    inputs = ()
    outputs = ()


class Answers:
    """A file whose answers are the network's, changed."""

    runtime = ""
    inputs = outputs = ()

    def __init__(self, change=lambda y: y):
        self.change = change

    def __call__(self, arrays, job=None):
        return [self.change(array.copy()) for array in arrays]


@pytest.fixture
def check(monkeypatch):
    monkeypatch.setattr(module, "TorchPredictor", lambda network: Answers())

    def run(change, *, rounded, labels=True, shape=(1000, CLASSES)):
        values = torch.randn(*shape, generator=torch.Generator().manual_seed(0))
        truth = values.argmax(1) if labels else None
        samples = Calibration((values,), truth, 100)
        return verify(Network(), Answers(change), Quiet(), rounded=rounded, samples=samples)

    return run


def swapped(count):
    """The best and the worst class of some samples exchanged, among the first hundred."""

    state = {"left": count}

    def change(y):
        for row in range(min(state["left"], len(y))):
            best, worst = y[row].argmax(), y[row].argmin()
            y[row, [best, worst]] = y[row, [worst, best]]
        state["left"] = 0
        return y

    return change


def test_equal_files_pass(check):
    found = check(lambda y: y, rounded=False)
    assert found.difference.max_abs == 0
    assert found.samples == 1000
    assert found.correct == (1000, 1000)
    assert found.changed == 0
    assert not found.synthetic


@pytest.mark.parametrize("factor", [1.0005, 1.01])
def test_float_files_agree_to_a_thousandth(check, factor):
    if factor < 1.001:
        assert check(lambda y: y * np.float32(factor), rounded=False).rms > 0
        return
    with pytest.raises(EngineError, match="does not agree with the network") as error:
        check(lambda y: y * np.float32(factor), rounded=False)
    assert "of the largest one" in error.value.message


@pytest.mark.parametrize("labels", [True, False])
def test_two_changed_answers_pass_and_three_do_not(check, labels):
    assert check(swapped(2), rounded=True, labels=labels).changed == 2
    with pytest.raises(EngineError, match="does not agree") as error:
        check(swapped(3), rounded=True, labels=labels)
    assert ("samples right" in error.value.message) == labels


def test_a_tenth_of_a_point_of_many(check):
    assert check(swapped(4), rounded=True, shape=(4000, CLASSES)).changed == 4
    with pytest.raises(EngineError, match="does not agree"):
        check(swapped(5), rounded=True, shape=(4000, CLASSES))


def test_ties_are_no_changes(check):
    def tied(y):
        order = y.argsort(axis=1)
        rows = np.arange(len(y))
        best, second = order[:, -1], order[:, -2]
        near = (y[rows, best] - y[rows, second]) < 0.01
        y[rows[near], second[near]] = y[rows[near], best[near]] + 0.001
        return y

    found = check(tied, rounded=True, labels=False)
    assert found.changed == 0
    assert found.rms > 0


@pytest.mark.parametrize("worse", [True, False])
def test_near_ties_count_where_labels_say_what_is_right(check, worse):
    """The accuracy that was shown is the file's, to 0.1 point or two samples."""
    state = {"left": 3}

    def tied(y):
        order = y.argsort(axis=1)
        for row in range(min(state["left"], len(y))):
            best, second = order[row, -1], order[row, -2]
            y[row, second] = y[row, best] + 0.001
        state["left"] = 0
        return y

    if not worse:
        state["left"] = 2
        assert check(tied, rounded=True).correct == (998, 1000)
        return
    with pytest.raises(EngineError, match=r"gets 99\.70% of 1000 samples right, the network 100"):
        check(tied, rounded=True)


def test_right_classes_with_wrong_numbers_are_refused(check):
    with pytest.raises(EngineError, match="root mean square"):
        check(lambda y: y * 2, rounded=True)


@pytest.mark.parametrize("rounded", [True, False])
def test_what_is_not_finite_is_refused(check, rounded):
    def broken(y):
        y[0, 0] = np.nan
        return y

    with pytest.raises(EngineError, match="does not agree"):
        check(broken, rounded=rounded, labels=False)


def test_other_shapes_are_refused(check):
    with pytest.raises(EngineError, match="shape"):
        check(lambda y: y[:, :2], rounded=True)


def test_dense_outputs_are_compared_as_numbers(check):
    found = check(lambda y: y * np.float32(1.02), rounded=True, labels=False, shape=(50, 2, 5, 5))
    assert found.changed is None
    with pytest.raises(EngineError, match="root mean square"):
        check(lambda y: y * np.float32(1.2), rounded=True, labels=False, shape=(50, 2, 5, 5))


@pytest.mark.parametrize(
    ("machine", "flags", "wanted"),
    [
        ("x86_64", "fpu avx2", Target.AVX2),
        ("AMD64", None, Target.AVX2),  # the system does not say: right on every one
        ("x86_64", "fpu avx2 avx512_vnni", Target.VNNI),
        ("x86_64", "avx2 avx_vnni", Target.VNNI),
        ("arm64", None, Target.ARM),
        ("aarch64", "asimd", Target.ARM),
        ("riscv64", None, Target.PORTABLE),
    ],
)
def test_auto_looks_at_the_processor(monkeypatch, tmp_path, machine, flags, wanted):
    info = tmp_path / "cpuinfo"
    if flags is not None:
        info.write_text(f"processor\t: 0\nflags\t\t: {flags}\n\nprocessor\t: 1\n")
    monkeypatch.setattr(targets, "_CPUINFO", info)
    monkeypatch.setattr(targets.platform, "machine", lambda: machine)
    assert targets.resolve(Target.AUTO) is wanted
    assert targets.resolve(Target.ARM) is Target.ARM
