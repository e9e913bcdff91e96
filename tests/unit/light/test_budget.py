"""Targets as they are written and read, and the curve under a slider."""

from __future__ import annotations

import pickle

import pytest

from engine.budget import (
    Costs,
    CurvePoint,
    FitBudget,
    Quantity,
    Reached,
    Target,
    impossible_sentence,
    nearest_point,
    parse_target,
)
from engine.errors import EngineError
from engine.frozen import FrozenMap
from engine.jobs.requests import ModelSource


@pytest.mark.parametrize(
    ("quantity", "text", "limit", "relative"),
    [
        ("size_bytes", "25%", 0.25, True),
        ("size_bytes", "1MB", 1e6, False),
        ("weight_bytes", "300 KB", 3e5, False),
        ("macs", "20M", 2e7, False),
        ("macs", "50 %", 0.5, True),
        ("latency_ms", "2ms", 2.0, False),
        ("accuracy_drop", "0.5pt", 0.005, False),
        ("loss", "0.05", 0.05, False),
    ],
)
def test_targets_are_read(quantity: str, text: str, limit: float, relative: bool) -> None:
    target = parse_target(quantity, text)
    assert (target.quantity, target.relative) == (quantity, relative)
    assert target.limit == pytest.approx(limit)
    again = parse_target(quantity, str(target))
    assert again.limit == pytest.approx(limit, rel=0.01)


@pytest.mark.parametrize(
    ("quantity", "text"),
    [("size_bytes", "small"), ("loss", "none"), ("loss", "nan"), ("accuracy_drop", "0.5ms")],
)
def test_what_is_no_target_is_a_mistake(quantity: str, text: str) -> None:
    with pytest.raises(EngineError):
        parse_target(quantity, text)


def test_a_limit_is_a_share_or_a_value() -> None:
    assert Target(Quantity.SIZE, 0.25, relative=True).of(1000) == 250
    assert Target(Quantity.SIZE, 300).of(1000) == 300
    for limit in (float("nan"), -1.0, float("inf")):
        with pytest.raises(ValueError, match="cannot be"):
            Target(Quantity.SIZE, limit)
    with pytest.raises(ValueError, match="share"):
        Target(Quantity.LOSS, 0.5, relative=True)


def test_the_request_can_be_sent() -> None:
    request = FitBudget(ModelSource("net.onnx"), (parse_target("macs", "50%"),))
    assert pickle.loads(pickle.dumps(request)) == request
    assert "net.onnx" in request.label


def test_the_slider_takes_the_least_lossy_point_within_its_limit() -> None:
    def point(size: float, loss: float) -> CurvePoint:
        return CurvePoint(Costs(size_bytes=size, loss=loss, macs=size), FrozenMap())

    curve = (point(1000, 0.0), point(500, 0.1), point(250, 0.4))
    assert nearest_point(curve, Quantity.SIZE, 600) == 1
    assert nearest_point(curve, Quantity.MACS, 250) == 2
    assert nearest_point(curve, Quantity.SIZE, 100) is None
    assert nearest_point(curve, Quantity.LOSS, 0.2) == 1  # the smallest file


def test_what_cannot_be_met_is_said_with_the_least_there_is() -> None:
    target = Target(Quantity.SIZE, 1000)
    alone = Reached(target, 1000, 3000, met=False, nearest=2500, alone=False)
    assert (
        impossible_sentence(alone)
        == "File: at most 1.00 KB cannot be reached; the least is 2.50 KB."
    )
    together = Reached(target, 1000, 3000, met=False, nearest=2500, alone=True)
    assert "together with the other targets" in impossible_sentence(together)
