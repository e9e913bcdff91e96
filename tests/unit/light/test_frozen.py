"""Plain data that cannot change."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.frozen import FrozenMap, by_identity, freeze, thaw
from tests.helpers.recipes import steady

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
DATA = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
)


@steady
@given(DATA)
def test_freezing_and_thawing_gives_the_same(data: object) -> None:
    frozen = freeze(data)
    assert thaw(frozen) == data
    assert hash(frozen) == hash(freeze(data))
    assert pickle.loads(pickle.dumps(frozen)) == frozen


def test_a_map_is_equal_to_any_mapping_whatever_the_order() -> None:
    assert FrozenMap({"a": 1, "b": 2}) == {"b": 2, "a": 1}
    assert hash(FrozenMap({"a": 1, "b": 2})) == hash(FrozenMap({"b": 2, "a": 1}))
    assert FrozenMap({"a": 1}) != {"a": 2}
    assert "a" in FrozenMap({"a": 1})
    assert "b" not in FrozenMap({"a": 1})


def test_a_map_does_not_change_with_what_it_was_made_from() -> None:
    items = {"a": 1}
    frozen = FrozenMap(items)
    items["a"] = 2
    assert frozen["a"] == 1
    with pytest.raises(TypeError):
        frozen["a"] = 3  # type: ignore[index]  # wrong on purpose


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1: 2}, {1, 2}, b"x", [object()]])
def test_what_json_cannot_say_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        freeze(value)


def test_answers_are_remembered_for_the_same_objects_and_no_others() -> None:
    asked: list[tuple[object, int]] = []

    @by_identity(2)
    def answer(value: object, number: int) -> list[object]:
        asked.append((value, number))
        return [value]

    one, equal = tuple("ab"), tuple("ab")
    assert answer(one, 1000) is answer(one, 10**3)
    assert answer(equal, 1000) is not answer(one, 1000)
    assert len(asked) == 2
    answer(one, 7)  # more than are kept
    assert answer(equal, 1000) == [("a", "b")]
    assert len(asked) == 3
    answer(one, 1000)
    assert len(asked) == 4
