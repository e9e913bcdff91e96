"""Networks that learn from others."""

from __future__ import annotations

import functools

import pytest
import torch
from torch import nn

from engine.errors import EngineError
from engine.methods.distillation.run_soft_targets import run as distil
from engine.methods.distillation.soft_targets import SoftTargetsParams
from engine.methods.recovery.run_finetune import run as finetune
from engine.network.network import Network
from engine.training.options import SoftTargets
from tests.helpers.networks import network_of
from tests.unit.training.helpers import (
    SHORT,
    MemorySplit,
    context_of,
    equal,
    image_data,
    short,
    small_network,
    snapshot,
)


@functools.cache
def teacher_network() -> Network:
    """One that has learnt something."""
    network = small_network(seed=3)
    return finetune(network, short(steps=40), context_of(network, image_data()))


def agreement(a: Network, b: Network, split: MemorySplit) -> float:
    x = torch.from_numpy(split.inputs["x"])
    with torch.inference_mode():
        return float((a.module(x).argmax(1) == b.module(x).argmax(1)).float().mean())


def test_soft_targets_need_no_labels() -> None:
    split = image_data(labelled=False)
    original, network = teacher_network(), small_network()
    # without hints: this student was not made from its teacher, and has channels of its own
    choices = {"": SoftTargetsParams(**{**SHORT, "steps": 20, "hints": 0})}
    trained = distil(network, choices, context_of(network, split, original=original))
    assert agreement(trained, original, split) > agreement(network, original, split) + 0.1


def test_the_teacher_can_come_from_a_file() -> None:
    split = image_data(labelled=False)
    network, teacher = small_network(), teacher_network()
    asked: list[str] = []

    def load(path: str) -> Network:
        asked.append(path)
        return teacher

    choices = {"": SoftTargetsParams(**{**SHORT, "steps": 20, "teacher": "big.onnx"})}
    trained = distil(network, choices, context_of(network, split, load=load))
    assert asked == ["big.onnx"]
    assert agreement(trained, teacher, split) > agreement(network, teacher, split) + 0.1


def test_a_teacher_for_other_classes_is_refused() -> None:
    split, network = image_data(), small_network()
    teacher = network_of(nn.Sequential(nn.Flatten(), nn.Linear(192, 5)), torch.zeros(2, 3, 8, 8))
    choices = short(losses=(SoftTargets(teacher="five.pt2"),))
    with pytest.raises(EngineError, match=r"five\.pt2 gives an output of shape \[5\]"):
        finetune(network, choices, context_of(network, split, load=lambda path: teacher))


def test_a_teacher_for_other_inputs_is_refused() -> None:
    split, network = image_data(), small_network()
    teacher = network_of(nn.Sequential(nn.Flatten(), nn.Linear(48, 3)), torch.zeros(2, 3, 4, 4))
    choices = short(losses=(SoftTargets(teacher="small.pt2"),))
    with pytest.raises(EngineError, match=r"small\.pt2 does not run on the network's inputs"):
        finetune(network, choices, context_of(network, split, load=lambda path: teacher))


def test_labels_count_with_what_the_teacher_leaves() -> None:
    """With the labels wrong everywhere, a teacher's weight of 1 means that they are not read."""
    split, original, network = image_data(), teacher_network(), small_network()
    wrong = MemorySplit(split.inputs, (split.targets + 1) % 3)  # type: ignore[operator]  # its kind is known here
    losses = (SoftTargets(weight=1.0),)

    def trained(data: MemorySplit) -> Network:
        choices = short(losses=losses, validation_samples=0)
        return finetune(network, choices, context_of(network, data, original=original))

    assert equal(snapshot(trained(split)), snapshot(trained(wrong)))
    losses = (SoftTargets(weight=0.5),)
    assert not equal(snapshot(trained(split)), snapshot(trained(wrong)))
