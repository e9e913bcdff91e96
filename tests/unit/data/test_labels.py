import numpy as np
import pytest

from engine.data.labels import match_names, targets_of
from engine.errors import DataError
from engine.preprocessing import Preprocessing, Task, parse


def understood(*arrays, **fields):
    raw = {f"split{n}": np.asarray(array) for n, array in enumerate(arrays)}
    return targets_of(raw, parse(fields) if fields else Preprocessing(), "d.npz", ())


def values(targets):
    return [array.tolist() for array in targets.values.values()]


@pytest.mark.parametrize(
    ("array", "want"),
    [
        ([0, 2, 1], [0, 2, 1]),
        ([[0], [2]], [0, 2]),
        ([0.0, 3.0], [0, 3]),
        ([True, False], [1, 0]),
        ([[0, 0, 1], [1, 0, 0]], [2, 0]),
        (np.array([[0, 1.0], [1, 0]]), [1, 0]),
        (["b", "a", "b"], [1, 0, 1]),
        ([b"b", b"a"], [1, 0]),
    ],
)
def test_forms_of_class_labels(array, want):
    targets = understood(array)
    assert values(targets) == [want]
    assert targets.values["split0"].dtype == np.int64
    assert targets.task is Task.CLASSIFICATION


@pytest.mark.parametrize(
    ("array", "fields"),
    [
        ([0.5, 1], {}),
        ([[1.0, 2.0], [3.0, 4.0]], {}),
        ([0, 1, 2], {"task": "regression"}),
        ([[0, 1, 1], [1, 0, 0]], {"task": "multilabel"}),
        ([1e300, 1], {}),
    ],
)
def test_values_to_predict(array, fields):
    targets = understood(array, **fields)
    assert targets.values["split0"].dtype == np.float32
    assert targets.task is Task(fields.get("task", "regression"))


def test_words_of_all_splits_share_their_numbers():
    targets = understood(["b", "c"], ["a", "c"])
    assert targets.names == ("a", "b", "c")
    assert values(targets) == [[1, 2], [0, 2]]


@pytest.mark.parametrize(
    ("array", "fields", "what"),
    [
        ([0, np.nan, 1], {}, "at sample 1"),
        ([0.5, 1], {"task": "classification"}, "not class numbers"),
        ([[1, 2], [3, 4]], {"task": "classification"}, "not class numbers"),
        ([1j], {}, "neither numbers nor texts"),
    ],
)
def test_labels_that_are_none(array, fields, what):
    with pytest.raises(DataError, match=what):
        understood(array, **fields)


@pytest.mark.parametrize(
    ("found", "labels", "numbers"),
    [
        (("a", "b"), (), [0, 1]),
        (("a", "b"), ("b", "x", "a"), [2, 0]),
        (("polar_bear", "Sea-Lion"), ("sea lion", "polar bear"), [1, 0]),
        (("10", "2"), ("zero", "one", *"abcdefghi"), [10, 2]),
        (("n01", "n02"), ("tench", "goldfish"), [0, 1]),
    ],
)
def test_class_names_find_their_outputs(found, labels, numbers):
    matched = match_names(found, labels)
    assert matched.numbers.tolist() == numbers
    assert matched.problem == ""
    assert matched.names == (labels or found)


def test_pairing_by_order_is_noted_and_strangers_are_a_problem():
    assert "sorted order" in match_names(("n01", "n02"), ("tench", "goldfish")).notes[0]
    problem = match_names(("cat", "dog", "emu"), ("cat", "dog")).problem
    assert "emu is not among the 2 labels" in problem
