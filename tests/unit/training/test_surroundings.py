"""Devices, precision, memory, preprocessing: what a training finds around it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.errors import EngineError
from engine.methods.distillation.run_soft_targets import run as distil
from engine.methods.distillation.soft_targets import SoftTargetsParams
from engine.methods.recovery.run_finetune import run as finetune
from engine.methods.training import setup_of
from engine.preprocessing import Preprocessing, Task
from engine.training import train as training
from engine.training.augment import Augmenter
from engine.training.options import Augmentation, Precision
from engine.training.student import Student
from tests.unit.training.helpers import (
    SHORT,
    MemorySplit,
    Watched,
    accuracy,
    context_of,
    equal,
    image_data,
    quantized,
    short,
    small_network,
    snapshot,
)


def test_a_device_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    network = small_network()
    with pytest.raises(EngineError, match="There is no device cuda"):
        finetune(network, short(), context_of(network, image_data(), device="cuda"))


def test_half_precision_where_the_processor_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "_has_bfloat16", lambda kind: True)
    network, split, notes = small_network(), image_data(), []
    context = context_of(network, split, notes=notes)
    full = finetune(network, short(steps=20), context)
    half = finetune(network, short(steps=20, precision=Precision.BFLOAT16), context)
    assert not equal(snapshot(full), snapshot(half))
    assert all(t.dtype == torch.float32 for t in snapshot(half).values() if t.is_floating_point())
    assert accuracy(half, split) > 0.7
    assert not any("float32" in note for note in notes)


@pytest.mark.parametrize("precision", [Precision.BFLOAT16, Precision.FLOAT16])
def test_float32_where_the_processor_has_nothing_else(
    monkeypatch: pytest.MonkeyPatch, precision: Precision
) -> None:
    monkeypatch.setattr(training, "_has_bfloat16", lambda kind: False)
    network, split, notes = small_network(), image_data(), []
    context = context_of(network, split, notes=notes)
    expected = finetune(network, short(), context_of(network, split))
    found = finetune(network, short(precision=precision), context)
    assert equal(snapshot(found), snapshot(expected))
    assert f"This cpu device has no fast {precision}; float32 was used." in notes


def test_quantized_networks_are_trained_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "_has_bfloat16", lambda kind: True)
    network, split, notes = quantized(small_network()), image_data(), []
    context = context_of(network, split, notes=notes)
    finetune(network, short(precision=Precision.BFLOAT16), context)
    assert "A quantized network is trained in float32." in notes


def test_too_little_memory_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory")

    monkeypatch.setattr(Student, "__call__", full)
    network = small_network()
    with pytest.raises(EngineError, match="does not fit into memory with a batch of 16") as error:
        finetune(network, short(), context_of(network, image_data()))
    assert "smaller batch_size" in error.value.hint


def test_shifts_bring_in_what_black_becomes() -> None:
    settings = Preprocessing(
        layout="NCHW", scale=1 / 255, mean=(0.5, 0.4, 0.3), std=(0.5, 0.2, 0.1)
    )
    setup = setup_of(context_of(small_network(), image_data(), preprocessing=settings))
    assert setup.black == pytest.approx((-1.0, -2.0, -3.0))
    assert setup.layout == "NCHW"
    gray = Preprocessing(layout="NCHW", mean=(0.5,))
    setup = setup_of(context_of(small_network(), image_data(), preprocessing=gray))
    assert setup.black == pytest.approx((-0.5,))


def test_images_are_augmented_in_training_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, int]] = []
    original = Augmenter.__call__

    def counted(self: Augmenter, images: torch.Tensor, seed: int) -> torch.Tensor:
        seen.append((len(images), seed))
        return original(self, images, seed)

    monkeypatch.setattr(Augmenter, "__call__", counted)
    network, split = small_network(), image_data()
    finetune(network, short(augmentation=Augmentation.CROP), context_of(network, split))
    assert [count for count, _ in seen] == [16] * 12
    assert len({seed for _, seed in seen}) == 12


def test_what_is_no_image_is_not_augmented() -> None:
    network, split, notes = small_network(), image_data(), []
    settings = Preprocessing(layout="NCHW", task=Task.SEGMENTATION)
    context = context_of(network, split, notes=notes, preprocessing=settings)
    finetune(network, short(augmentation=Augmentation.FLIP), context)
    assert any("not augmented" in note for note in notes)


@pytest.mark.parametrize("labels", [np.zeros((96, 7), np.int64), np.full(96, 17)])
def test_distilling_minds_no_labels_that_do_not_fit(labels: np.ndarray) -> None:
    network, job = small_network(), Watched()
    split = MemorySplit(image_data().inputs, labels)
    context = context_of(network, split, job=job, original=small_network(seed=3))
    distil(network, {"": SoftTargetsParams(**SHORT)}, context)
    assert "validation accuracy" not in job.curves
    assert job.curves["validation loss"]


def test_without_validation_samples_the_last_state_is_kept() -> None:
    network, split, job = small_network(), image_data(), Watched()
    found = finetune(network, short(validation_samples=0), context_of(network, split, job=job))
    assert not equal(snapshot(found), snapshot(network))
    assert not any(name.startswith("validation") for name in job.curves)
