"""What recipes can say of trainings."""

from __future__ import annotations

from typing import Any

import pytest

import engine.methods.catalog  # noqa: F401
from engine.parameters import Params
from engine.registry import REGISTRY, Needs


def parsed(name: str, raw: dict[str, Any]) -> Params:
    method = REGISTRY.step(name)
    assert method is not None
    found = method.parse(raw)
    assert isinstance(found, Params), found
    return found


def test_the_recipe_of_the_manual() -> None:
    raw = {"epochs": 2, "losses": ({"name": "soft_targets", "temperature": 4, "weight": 0.9},)}
    found = parsed("finetune", raw).model_dump(mode="json")
    assert found["epochs"] == 2
    assert found["losses"] == [
        {"name": "soft_targets", "temperature": 4.0, "weight": 0.9, "teacher": ""}
    ]


@pytest.mark.parametrize(
    ("raw", "place", "message"),
    [
        ({"epochs": 0}, ("epochs",), "must be above 0"),
        ({"optimizer": "lion"}, ("optimizer",), "must be 'sgd', 'adam' or 'adamw'"),
        ({"losses": ({"name": "hope"},)}, ("losses", 0), "must be one of"),
        (
            {"losses": ({"name": "soft_targets", "weight": 2},)},
            ("losses", 0, "weight"),
            "must be at most 1",
        ),
        ({"losses": ({"name": "labels"}, {"name": "label_smoothing"})}, (), "only one"),
        ({"losses": ({"name": "hints"}, {"name": "hints"})}, (), "only one"),
        ({"losses": ({"name": "labels", "weight": 0},)}, (), "needs a weight above 0"),
    ],
)
def test_faults_name_their_place(raw: dict[str, Any], place: tuple[Any, ...], message: str) -> None:
    method = REGISTRY.step("finetune")
    assert method is not None
    faults = method.parse(raw)
    assert isinstance(faults, tuple)
    (fault,) = faults
    assert fault.path == place
    assert message in fault.message


@pytest.mark.parametrize(
    ("name", "raw", "expected"),
    [
        ("finetune", {}, Needs.TRAINING | Needs.LABELS),
        ("finetune", {"losses": ({"name": "soft_targets"},)}, Needs.TRAINING | Needs.ORIGINAL),
        (
            "finetune",
            {"losses": ({"name": "soft_targets", "teacher": "big.pt2"},)},
            Needs.TRAINING,
        ),
        (
            "finetune",
            {"losses": ({"name": "hints"},)},
            Needs.TRAINING | Needs.LABELS | Needs.ORIGINAL,
        ),
        ("soft_targets", {}, Needs.TRAINING | Needs.ORIGINAL),
        ("soft_targets", {"teacher": "big.pt2"}, Needs.TRAINING),
        ("qat", {}, Needs.TRAINING | Needs.ORIGINAL),
        ("bn_reestimate", {}, Needs.CALIBRATION | Needs.ORIGINAL),
    ],
)
def test_needs_follow_from_the_losses(name: str, raw: dict[str, Any], expected: Needs) -> None:
    method = REGISTRY.step(name)
    assert method is not None
    assert method.all_needs(parsed(name, raw)) == expected
