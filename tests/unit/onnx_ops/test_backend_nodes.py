"""ONNX's own node tests (the ones a backend is certified with) against the table."""

from __future__ import annotations

import re

import numpy as np
import pytest

from engine.readers.onnx.operators import operators
from engine.readers.onnx.table import UnsupportedOp
from tests.helpers.onnx_backend import node_tests, run_node

EXCUSED = {
    r"test_bernoulli": "random numbers differ",
    r"test_training_dropout_(default|mask|default_mask)$|test_training_dropout$": "likewise",
    r"test_resize_downsample_scales_(linear|cubic)_align_corners$": "the runtime rounds the size "
    "before it aligns the corners, ONNX's reference afterwards; we follow the runtime",
    r"test_.*(string|strnorm|regex|label_encoder|ai_onnx_ml)": "text",
}
REFUSED = frozenset(
    {"ImageDecoder", "NonMaxSuppression", "TfIdfVectorizer", "SequenceMap", "ConvInteger", "GRU"}
    | {"LSTM", "RNN", "QLinearConv", "Cast", "CastLike", "QuantizeLinear", "If", "Loop", "Scan"}
)
"""Operators that may refuse: what has no gradient or no fixed size, and what is a layer."""


def _trouble(name: str, low_precision: float) -> str:
    """What is wrong with the table's answer to a test; empty if nothing."""
    test = node_tests()[name]
    try:
        got, wanted = run_node(test)
    except UnsupportedOp as error:
        return "" if test.model.graph.node[0].op_type in REFUSED else f"refused: {error}"
    except Exception as error:  # noqa: BLE001  every kind belongs in the list
        return f"{type(error).__name__}: {error}"
    try:
        assert len(got) == len(wanted)
        for mine, theirs in zip(got, wanted, strict=True):
            assert mine.dtype == theirs.dtype, f"{mine.dtype}, not {theirs.dtype}"
            np.testing.assert_allclose(
                mine, theirs, rtol=max(test.rtol, low_precision), atol=max(1e-6, low_precision)
            )
    except AssertionError as error:
        return " ".join(str(error).split())[:200]
    return ""


@pytest.mark.slow
def test_nodes_of_the_standard() -> None:
    known = set(operators())
    ours = [
        name
        for name, test in node_tests().items()
        if (test.model.graph.node[0].domain, test.model.graph.node[0].op_type) in known
    ]
    judged = [n for n in ours if not any(re.match(pattern, n) for pattern in EXCUSED)]
    trouble = {n: _trouble(n, 2e-2 if re.search("fp16|bf16", n) else 0.0) for n in judged}
    assert {name: text for name, text in trouble.items() if text} == {}
    assert len(judged) > 1100
