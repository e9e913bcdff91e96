"""Evaluation of networks in memory and files, and their comparison."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from onnx import TensorProto, helper
from torch import nn

from engine.errors import Cancelled, DataError, EngineError
from engine.info import AccuracySource
from engine.jobs.job import Quiet
from engine.measure.compare import compare
from engine.measure.evaluate import Asked, evaluate
from engine.measure.predict import arrays_of, predictor
from engine.preprocessing import Task
from tests.helpers.networks import network_of

WEIGHT = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]], np.float32)
BIAS = np.array([0, 0.5, 0, -1], np.float32)


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 4)
        self.drop = nn.Dropout(0.9)
        with torch.no_grad():
            self.fc.weight.copy_(torch.from_numpy(WEIGHT))
            self.fc.bias.copy_(torch.from_numpy(BIAS))

    def forward(self, x):
        return self.drop(self.fc(x))


@pytest.fixture(scope="module")
def network():
    return network_of(Classifier(), torch.zeros(2, 3))


@pytest.fixture
def file(save_onnx):
    def make(batch="batch", bias=BIAS):
        node = helper.make_node("Gemm", ["x", "fc.weight", "fc.bias"], ["y"], "fc", transB=1)
        ends = [("x", TensorProto.FLOAT, [batch, 3])], [("y", TensorProto.FLOAT, [batch, 4])]
        return save_onnx([node], *ends, {"fc.weight": WEIGHT, "fc.bias": bias})

    return make


X = np.random.default_rng(0).normal(size=(10, 3)).astype(np.float32)
SCORES = X @ WEIGHT.T + BIAS
LABELS = SCORES.argmax(axis=1)
LABELS[:3] = (LABELS[:3] + 1) % 4


def batches(x=X, labels=LABELS, step=4, named=False):
    for at in range(0, len(x), step):
        part = x[at : at + step]
        yield SimpleNamespace(
            inputs={"x": part} if named else part,
            labels=None if labels is None else labels[at : at + step],
            indices=np.arange(at, at + len(part)),
        )


class Recorder(Quiet):
    def __init__(self):
        self.seen = []

    def checkpoint(self, text="", done=0, total=0):
        self.seen.append((text, done, total))


@pytest.mark.parametrize("form", ["network", "file", "fixed batch"])
def test_accuracy_from_labels(form, network, file):
    model = {"network": lambda: network, "file": file, "fixed batch": lambda: file(3)}[form]()
    job = Recorder()
    found = evaluate(model, batches(named=form == "file"), job, asked=Asked(total=10))
    evaluation = found.evaluation
    assert evaluation.source is AccuracySource.LABELS
    assert evaluation.samples == 10
    assert evaluation.top1 == pytest.approx(0.7)
    assert evaluation.interval[0] < 0.7 < evaluation.interval[1]
    loss = np.log(np.exp(SCORES).sum(axis=1)) - SCORES[np.arange(10), LABELS]
    assert evaluation.loss == pytest.approx(float(loss.mean()), rel=1e-5)
    assert sum(map(sum, evaluation.confusion)) == 10
    assert len(evaluation.per_class) == 4
    assert ("PyTorch" if form == "network" else "ONNX Runtime") in evaluation.runtime
    assert found.predictions.predicted.tolist() == SCORES.argmax(axis=1).tolist()
    assert found.predictions.indices.tolist() == list(range(10))
    assert job.seen[-1] == ("Evaluating", 10, 10)
    # without a text it only asks whether to go on
    assert {text for text, _, total in job.seen if text or total} == {"Evaluating"}


def test_network_keeps_its_mode(network):
    network.module.train()
    try:
        found = evaluate(network, batches(), Quiet()).evaluation
        assert found.top1 == pytest.approx(0.7)
        assert network.module.training
        assert network.module.get_submodule("drop").training
    finally:
        network.module.eval()


def test_agreement_without_labels(network, file):
    changed = file(bias=np.array([5, 0, 0, 0], np.float32))
    found = evaluate(changed, batches(labels=None), Quiet(), reference=network).evaluation
    ours = X @ WEIGHT.T + np.array([5, 0, 0, 0], np.float32)
    share = (ours.argmax(axis=1) == SCORES.argmax(axis=1)).mean()
    assert found.source is AccuracySource.AGREEMENT
    assert found.top1 == found.agreement == pytest.approx(share)
    assert found.max_abs_difference == pytest.approx(5.0)
    assert found.kl > 0.1
    assert found.loss is None


def test_labels_and_reference_together(network, file):
    found = evaluate(file(), batches(), Quiet(), reference=network).evaluation
    assert found.source is AccuracySource.LABELS
    assert found.top1 == pytest.approx(0.7)
    assert found.agreement == 1.0
    assert found.max_abs_difference < 1e-5


def test_synthetic_samples_are_named(network):
    asked = Asked(synthetic=True)
    found = evaluate(network, batches(labels=None), Quiet(), reference=network, asked=asked)
    assert found.evaluation.source is AccuracySource.SYNTHETIC


def test_numbers_are_errors(network):
    targets = SCORES + 0.5
    found = evaluate(network, batches(labels=targets), Quiet()).evaluation
    assert found.loss == pytest.approx(0.25, rel=1e-4)
    assert found.errors["mae"] == pytest.approx(0.5, rel=1e-4)
    assert found.top1 is None


def test_numbers_against_a_reference(network, file):
    asked = Asked(task=Task.REGRESSION)
    changed = file(bias=BIAS + 1)
    found = evaluate(changed, batches(labels=None), Quiet(), reference=network, asked=asked)
    assert found.evaluation.loss == pytest.approx(1.0, rel=1e-4)
    assert found.evaluation.agreement is None
    assert found.evaluation.source is AccuracySource.AGREEMENT


def test_several_labels_per_sample(network):
    labels = (SCORES > 0).astype(np.float32)
    labels[0] = 1 - labels[0]
    found = evaluate(network, batches(labels=labels), Quiet(), asked=Asked(task=Task.MULTILABEL))
    assert found.evaluation.top1 == pytest.approx(0.9)
    margin = np.where(labels > 0, SCORES, -SCORES)
    expected = np.log1p(np.exp(-margin)).mean()
    assert found.evaluation.loss == pytest.approx(float(expected), rel=1e-5)


@pytest.mark.parametrize(
    ("kwargs", "words"),
    [
        ({"batches": []}, "not one sample"),
        ({"batches": batches(labels=None)}, "no labels"),
        ({"batches": batches(), "asked": Asked(output=1)}, "1 output"),
        ({"batches": batches(), "asked": Asked(task=Task.DETECTION)}, "detects objects"),
        ({"batches": batches(labels=LABELS + 4)}, "4 classes"),
    ],
)
def test_what_cannot_be_evaluated(network, kwargs, words):
    some = kwargs.pop("batches")
    with pytest.raises(DataError, match=words):
        evaluate(network, some, Quiet(), **kwargs)


def test_labels_in_some_batches_alone(network):
    mixed = [*batches(X[:4], LABELS[:4]), *batches(X[4:], None)]
    with pytest.raises(DataError, match="others have none"):
        evaluate(network, mixed, Quiet(), reference=network)


def test_data_that_does_not_fit(network, file):
    wide = np.zeros((2, 5), np.float32)
    for model in (network, file()):
        with pytest.raises(EngineError, match=r"\[2, 5\]"):
            evaluate(model, batches(wide, np.zeros(2, int)), Quiet())


def test_cancel_comes_through(network):
    class Cancels(Quiet):
        def checkpoint(self, text="", done=0, total=0):
            if done >= 4:
                raise Cancelled

    with pytest.raises(Cancelled):
        evaluate(network, batches(), Cancels())


def test_errors_of_torch_are_one_sentence():
    class Picky(nn.Module):
        def forward(self, x):
            return x.reshape(x.shape[0], 2, 3)

    broken = network_of(Picky(), torch.zeros(2, 6))
    wrong = predictor(broken)
    wrong.inputs = (SimpleNamespace(name="x", shape=("batch", "n"), dtype="float32"),)
    with pytest.raises(EngineError, match=r"x \[2, 5\]") as error:
        wrong([np.zeros((2, 5), np.float32)])
    assert "\n" not in error.value.one_line()


def test_inputs_by_name_follow_the_network():
    a, b = np.zeros(1), np.ones(1)
    assert arrays_of({"b": b, "a": a}, ["a", "b"]) == [a, b]
    assert arrays_of({"b": b}, ["other"]) == [b]
    assert arrays_of((a, b)) == [a, b]


def test_compare_finds_the_difference(network, file):
    assert compare(network, file(), Quiet()).max_relative < 1e-6
    shifted = compare(network, file(bias=BIAS + np.float32(0.25)), Quiet())
    assert shifted.max_abs == pytest.approx(0.25, rel=1e-5)
    assert 0.01 < shifted.max_relative < 1
    assert shifted.batches == (1, 3)
    assert compare(network, file(batch=2), Quiet()).batches == (2,)


def test_compare_counts_nan_as_infinite(network, file):
    broken = compare(network, file(bias=np.full(4, np.nan, np.float32)), Quiet())
    assert broken.max_abs == math.inf
    assert broken.max_relative == math.inf


def test_compare_needs_the_same_ends(network, linear_onnx, save_onnx):
    node = helper.make_node("Identity", ["x"], ["y"])
    ends = [("x", TensorProto.FLOAT, ["batch", 3])], [("y", TensorProto.FLOAT, ["batch", 3])]
    with pytest.raises(EngineError, match="has shape"):
        compare(network, save_onnx([node], *ends), Quiet())
