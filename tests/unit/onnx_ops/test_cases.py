"""Every operator against ONNX Runtime, over its attribute forms and opsets."""

from __future__ import annotations

from collections import Counter

import pytest

from engine.readers.onnx.operators import load_all, operators
from engine.readers.onnx.table import handlers
from tests.helpers.onnx_cases import Case, as_read, assert_equal, computed, expected
from tests.unit.onnx_ops.cases.everything import ALL, by_operator

load_all()


@pytest.mark.parametrize("cases", by_operator().values(), ids=list(by_operator()))
def test_same_as_the_runtime(cases: list[Case]) -> None:
    wrong = {}
    for case in cases:
        try:
            wanted = expected(case)
            assert_equal(computed(case), wanted, case)
            if case.constants:
                assert_equal(computed(case, as_read(case)), wanted, case)
        except Exception as error:  # noqa: BLE001  every kind belongs in the list
            wrong[case.id] = f"{type(error).__name__}: {error}"
    assert wrong == {}


def test_most_operators_have_a_case() -> None:
    tested = {(case.domain, case.op) for case in ALL}
    assert tested <= set(operators())
    assert len([op for domain, op in tested if not domain]) >= 170
    assert len([op for domain, op in tested if domain]) >= 25


def test_every_operator_of_these_modules_has_a_case() -> None:
    tested = {(case.domain, case.op) for case in ALL}
    random = {"Bernoulli", "Multinomial", "RandomNormal", "RandomNormalLike"}
    random |= {"RandomUniform", "RandomUniformLike"}
    in_other_tests = {"Constant", "ConvInteger", "QLinearConv"}
    elsewhere = ("control", "recurrent")
    missing = {
        op
        for (domain, op), handler in handlers().items()
        if handler.__module__.rpartition(".")[2] not in elsewhere and (domain, op) not in tested
    }
    assert missing == random | in_other_tests


def test_cases_have_names_of_their_own() -> None:
    assert not [name for name, count in Counter(case.id for case in ALL).items() if count > 1]
