"""Results as data and back; answers to single samples, written, read and compared."""

from __future__ import annotations

import dataclasses
import json
import math
import pickle
import types
from typing import Any, Union, get_args, get_origin, get_type_hints

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import EngineError
from engine.frozen import FrozenMap
from engine.info import Compressed, LayerInfo, NetworkInfo
from engine.trials import (
    UNKNOWN,
    Answers,
    compressed_from_data,
    compressed_to_data,
    load_answers,
    network_from_data,
    network_to_data,
    save_answers,
    versus,
)

TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)
FLOATS = st.floats(allow_nan=False)


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Values of a declared type."""
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return st.one_of(*(values(one) for one in get_args(kind)))
    if origin is tuple:
        first, *rest = get_args(kind)
        if rest == [Ellipsis]:
            return st.lists(values(first), max_size=2).map(tuple)
        return st.tuples(*(values(one) for one in get_args(kind)))
    if origin is FrozenMap:
        return st.dictionaries(TEXTS, values(get_args(kind)[0]), max_size=2).map(FrozenMap)
    if dataclasses.is_dataclass(kind):
        return st.builds(kind, **{k: values(v) for k, v in get_type_hints(kind).items()})
    if kind is type(None):
        return st.none()
    plain = {bool: st.booleans(), int: st.integers(), float: FLOATS, str: TEXTS}
    return plain[kind] if kind in plain else st.sampled_from(list(kind))


RESULTS = values(Compressed)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(RESULTS)
def test_a_result_comes_back_as_it_was(result: Compressed) -> None:
    text = json.dumps(compressed_to_data(result), allow_nan=False)
    again = compressed_from_data(json.loads(text))
    assert again == result
    assert repr(again) == repr(result)  # 1 is not 1.0 there
    assert pickle.loads(pickle.dumps(result)) == result


def network(**changes: Any) -> NetworkInfo:
    return dataclasses.replace(network_from_data(PLAIN), **changes)


PLAIN = {
    "name": "net",
    "format": "onnx",
    "inputs": [],
    "outputs": [],
    "layers": [],
    "groups": [],
    "parameters": 3,
    "size_bytes": 12,
}


def test_numbers_that_json_cannot_say() -> None:
    odd = FrozenMap({"a": math.nan, "b": math.inf, "c": -math.inf})
    layer = LayerInfo("l", "linear", (1,), "float32", 1, 4, attributes=odd)  # type: ignore[arg-type]  # wrong on purpose
    data = network_to_data(network(layers=(layer,)))
    text = json.dumps(data, allow_nan=False)
    found = network_from_data(json.loads(text)).layers[0].attributes
    assert math.isnan(found["a"])
    assert (found["b"], found["c"]) == (math.inf, -math.inf)


def test_fields_of_other_versions() -> None:
    assert network_from_data({**PLAIN, "wheels": 4}) == network_from_data(PLAIN)
    assert network_from_data(PLAIN).macs is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": 3},
        {"parameters": "many"},
        {"parameters": True},
        {"format": "abacus"},
        {"layers": {}},
        {"layers": [3]},
        {"groups": [{"id": "a"}]},
        {"macs": "x"},
        {"warnings": [None]},
    ],
)
def test_damaged_data_is_refused_in_a_sentence(wrong: dict[str, Any]) -> None:
    with pytest.raises(EngineError, match="stored result cannot be read"):
        network_from_data({**PLAIN, **wrong})
    with pytest.raises(EngineError, match="stored result cannot be read"):
        network_from_data([])  # type: ignore[arg-type]  # wrong on purpose


def answers(**changes: Any) -> Answers:
    given = {
        "split": "test",
        "indices": np.array([2, 4, 6, 8], np.int64),
        "labels": np.array([0, 1, 1, UNKNOWN], np.int32),
        "original": np.array([0, 1, 0, 1], np.int32),
        "compressed": np.array([1, 1, 1, 0], np.int32),
        "original_confidence": np.array([0.9, 0.8, 0.7, 0.6], np.float32),
        "compressed_confidence": np.array([0.5, 0.5, 0.5, np.nan], np.float32),
        "classes": ("cat", "狗"),
    }
    return Answers(**{**given, **changes})


def test_answers_come_back_as_they_were(tmp_path) -> None:
    path = tmp_path / "answers.npz"
    save_answers(answers(), path)
    again = load_answers(path)
    for field in dataclasses.fields(Answers):
        mine, other = getattr(answers(), field.name), getattr(again, field.name)
        if isinstance(mine, np.ndarray):
            assert mine.dtype == other.dtype
            assert np.array_equal(mine, other, equal_nan=mine.dtype.kind == "f")
        else:
            assert mine == other
    assert len(again) == 4
    assert again.changed.tolist() == [0, 2, 3]
    assert list(tmp_path.iterdir()) == [path]


def test_no_answers_are_none(tmp_path) -> None:
    path = tmp_path / "answers.npz"
    empty = {
        name: getattr(answers(), name)[:0]
        for name in (
            *("indices", "labels", "original", "compressed"),
            *("original_confidence", "compressed_confidence"),
        )
    }
    save_answers(answers(**empty, classes=()), path)
    again = load_answers(path)
    assert (len(again), again.classes) == (0, ())


def test_answers_that_cannot_be_written_are_an_error(tmp_path) -> None:
    with pytest.raises(EngineError, match="cannot be written"):
        save_answers(answers(), tmp_path / "gone" / "answers.npz")


def test_files_that_hold_something_else_are_refused(tmp_path) -> None:
    path = tmp_path / "answers.npz"
    with pytest.raises(EngineError, match="does not hold"):
        load_answers(path)
    path.write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(EngineError, match="does not hold"):
        load_answers(path)
    np.savez(path, indices=np.arange(3))
    with pytest.raises(EngineError, match="does not hold"):
        load_answers(path)
    save_answers(answers(), path)
    whole = path.read_bytes()
    for cut in (10, len(whole) // 2, len(whole) - 5):
        path.write_bytes(whole[:cut])
        with pytest.raises(EngineError, match="does not hold"):
            load_answers(path)
    short = answers(labels=np.zeros(2, np.int32))
    save_answers(short, path)
    with pytest.raises(EngineError, match="differ in length"):
        load_answers(path)


def test_nothing_is_unpickled(tmp_path) -> None:
    path = tmp_path / "answers.npz"
    np.savez(path, indices=np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(EngineError, match="does not hold"):
        load_answers(path)


def test_a_trial_against_its_original() -> None:
    found = versus(answers())
    # lost first, then won, then those without a label
    assert found.changed.tolist() == [0, 2, 3]
    assert found.per_class.tolist() == [[1, 1, 0], [2, 1, 2]]
    assert found.first.tolist() == [0, 1, 0, 1]


def test_the_surer_come_first() -> None:
    sure = np.array([0.1, 0.9, 0.5, 0.2], np.float32)
    found = versus(
        answers(
            labels=np.zeros(4, np.int32),
            original=np.zeros(4, np.int32),
            compressed=np.ones(4, np.int32),
            original_confidence=sure,
            compressed_confidence=sure,
        )
    )
    assert found.changed.tolist() == [1, 2, 3, 0]


def test_two_trials_over_the_samples_that_both_have() -> None:
    other = answers(
        indices=np.array([4, 6, 8, 9], np.int64), compressed=np.array([0, 1, 0, 0], np.int32)
    )
    found = versus(answers(), other)
    assert found.indices.tolist() == [4, 6, 8]
    assert found.first.tolist() == [1, 1, 0]
    assert found.second.tolist() == [0, 1, 0]
    assert found.changed.tolist() == [0]
    assert found.per_class[1].tolist() == [2, 2, 1]


def test_trials_of_different_data_cannot_be_compared() -> None:
    with pytest.raises(EngineError, match="different samples"):
        versus(answers(), answers(split="all"))
    with pytest.raises(EngineError, match="different samples"):
        versus(answers(), answers(indices=np.array([1, 3, 5, 7], np.int64)))
