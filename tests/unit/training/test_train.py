"""Steps that train, on networks that learn in a second."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from engine.errors import Cancelled, DataError, EngineError
from engine.info import Format
from engine.methods.recovery.bn_reestimate import BnReestimateParams
from engine.methods.recovery.run_bn_reestimate import run as reestimate
from engine.methods.recovery.run_finetune import run as finetune
from engine.network.lift import network_from_program
from engine.network.network import Network
from engine.preprocessing import Preprocessing, Task
from engine.training.options import Optimizer
from tests.helpers.networks import network_of
from tests.helpers.zoo import cached_network
from tests.unit.training.helpers import (
    MemorySplit,
    Watched,
    accuracy,
    context_of,
    equal,
    image_data,
    masked,
    short,
    small_network,
    snapshot,
    weights,
)

NUMBERS = Preprocessing(layout="NC")


@functools.cache
def line() -> Network:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return network_of(nn.Linear(6, 2), torch.zeros(2, 6))


def line_data() -> MemorySplit:
    random = np.random.default_rng(0)
    x = random.normal(size=(96, 6)).astype(np.float32)
    return MemorySplit({"x": x}, (x @ random.normal(size=(6, 2))).astype(np.float32))


def test_finetuning_learns_and_leaves_its_input_alone() -> None:
    network, split = small_network(), image_data()
    before, notes, job = snapshot(network), [], Watched()
    trained = finetune(network, short(steps=30), context_of(network, split, job=job, notes=notes))
    assert accuracy(trained, split) > max(0.8, accuracy(network, split))
    assert equal(snapshot(network), before)
    assert not trained.module.training
    assert [step for step, _ in job.curves["loss"]] == list(range(1, 31))
    assert job.curves["validation accuracy"][0][0] == 0
    assert job.curves["validation accuracy"][-1][0] == 30
    assert job.curves["learning rate"][5][1] > job.curves["learning rate"][-1][1]
    said = [(done, total) for text, done, total in job.texts if text.startswith("Training")]
    assert said == [(step, 30) for step in range(1, 31)]
    (note,) = notes
    assert "32 validation samples" in note


@pytest.mark.parametrize("optimizer", list(Optimizer))
def test_the_same_seed_gives_the_same_bytes(optimizer: Optimizer) -> None:
    split = image_data()
    choices = short(
        optimizer=optimizer, learning_rate=0.01, average=0.9, augmentation="crop_and_flip"
    )

    def trained(seed: int, step: int = 0) -> dict[str, torch.Tensor]:
        network = small_network(dropout=0.5)
        found = finetune(network, choices, context_of(network, split, seed=seed, step=step))
        return snapshot(found)

    torch.manual_seed(1)
    first, state = trained(5), torch.get_rng_state()
    torch.manual_seed(2)
    assert equal(first, trained(5))
    assert not equal(first, trained(6))
    assert not equal(first, trained(5, step=1))
    torch.manual_seed(1)
    assert torch.equal(torch.get_rng_state(), state), "randomness from outside was used"


def test_masked_weights_stay_zero_and_others_learn() -> None:
    network = masked(small_network(), ("conv2", "fc"))
    trained = finetune(network, short(average=0.5), context_of(network, image_data()))
    assert trained.sparse == network.sparse
    for name in ("conv2.weight", "fc.weight"):
        old, new = weights(network)[name], weights(trained)[name]
        assert torch.equal(new == 0, old == 0)
        assert (new != old)[old != 0].any()


def test_a_stop_keeps_the_best_so_far() -> None:
    network, notes = small_network(), []
    job = Watched(stop_after=7)
    context = context_of(network, image_data(), job=job, notes=notes)
    trained = finetune(network, short(steps=1000), context)
    assert job.curves["loss"][-1][0] <= 8
    assert accuracy(trained, image_data()) > accuracy(network, image_data())
    assert any("stopped after" in note for note in notes)


def test_the_best_state_is_kept_and_not_the_last() -> None:
    network, split, notes, job = small_network(), image_data(), [], Watched()
    context = context_of(network, split, job=job, notes=notes)
    choices = short(steps=40, validate_every=10, schedule="constant", learning_rate=0.3)
    trained = finetune(network, choices, context)
    best = max(value for _, value in job.curves["validation accuracy"])
    cut = len(split) * 2 // 3
    held = MemorySplit({"x": split.inputs["x"][cut:]}, split.labels[cut:])  # type: ignore[index]  # its kind is known here
    assert accuracy(trained, held) == pytest.approx(best)


def test_a_training_that_does_not_help_changes_nothing() -> None:
    split = image_data()
    network = finetune(small_network(), short(steps=60), context_of(small_network(), split))
    wrong = MemorySplit(split.inputs, split.targets.copy())  # type: ignore[union-attr]  # its kind is known here
    cut = len(split) * 2 // 3
    wrong.targets[:cut] = (wrong.targets[:cut] + 1) % 3  # type: ignore[index]  # its kind is known here
    notes: list[str] = []
    trained = finetune(network, short(), context_of(network, wrong, notes=notes))
    assert trained is network
    assert "left as it was" in notes[0]


@pytest.mark.parametrize("validation", [0, 100])
def test_a_loss_that_is_no_number_ends_with_advice(validation: int) -> None:
    network, data = line(), line_data()
    choices = short(learning_rate=50.0, steps=500, validation_samples=validation)
    with pytest.raises(EngineError, match="diverged") as error:
        finetune(network, choices, context_of(network, data, preprocessing=NUMBERS))
    assert "Lower the learning rate (50)" in error.value.hint


def test_divergence_keeps_what_was_better_before() -> None:
    network, data, notes = line(), line_data(), []
    data.inputs["x"][63] = math.nan  # met once in each epoch of 16 steps, and not at first
    choices = short(steps=50, batch_size=4, validate_every=1, learning_rate=0.01)
    context = context_of(network, data, notes=notes, seed=1, preprocessing=NUMBERS)
    trained = finetune(network, choices, context)
    assert any("the best state before is kept" in note for note in notes)
    assert trained is not network
    assert all(torch.isfinite(tensor).all() for tensor in weights(trained).values())


def test_data_that_is_no_number_is_said_before_training() -> None:
    network, split = small_network(), image_data()
    split.inputs["x"][:] = math.nan
    with pytest.raises(EngineError, match="before any training"):
        finetune(network, short(), context_of(network, split))


def test_finetuning_without_labels_says_what_to_do() -> None:
    network, split = small_network(), image_data(labelled=False)
    with pytest.raises(DataError, match="learns from labels") as error:
        finetune(network, short(), context_of(network, split))
    assert "soft_targets" in error.value.hint


def test_training_without_data_says_so() -> None:
    network = small_network()
    context = context_of(network, image_data())
    without = type(context)(job=context.job, original=network)
    with pytest.raises(DataError, match="needs data"):
        finetune(network, short(), without)


def test_a_cancelled_training_is_left_at_once() -> None:
    network, job = small_network(), Watched(cancel_at=3)
    with pytest.raises(Cancelled):
        finetune(network, short(), context_of(network, image_data(), job=job))
    assert job.curves["loss"][-1][0] == 3


def test_the_job_is_looked_at_within_a_step() -> None:
    """Forward and backward: a step of a large network takes seconds."""
    network, job = small_network(), Watched()
    finetune(
        network, short(steps=1, validation_samples=0), context_of(network, image_data(), job=job)
    )
    last = max(i for i, (text, _, _) in enumerate(job.texts) if text.startswith("Training"))
    within = [text for text, _, _ in job.texts[:last] if not text]
    assert len(within) >= 2 * 4


def test_batch_norm_can_be_frozen() -> None:
    network, split = small_network(), image_data()
    free = finetune(network, short(), context_of(network, split))
    frozen = finetune(network, short(freeze_batch_norm=True), context_of(network, split))
    before = weights(network)
    for name in ("bn1.running_mean", "bn1.running_var"):
        assert not torch.equal(weights(free)[name], before[name])
        assert torch.equal(weights(frozen)[name], before[name])
    assert not torch.equal(weights(frozen)["bn1.weight"], before["bn1.weight"])


def test_epochs_and_steps() -> None:
    network, split = small_network(), image_data()  # 64 samples to train on
    for more, expected in (
        ({"steps": None, "epochs": 1.5}, 6),
        ({"steps": None, "epochs": 0.1}, 1),
        ({"steps": 3, "epochs": 100}, 3),
        ({"steps": None, "epochs": 2, "batch_size": 1000}, 2),
    ):
        job = Watched()
        finetune(network, short(**more), context_of(network, split, job=job))
        assert job.curves["loss"][-1][0] == expected


def test_numbers_are_learnt_by_squared_error() -> None:
    network, job = line(), Watched()
    context = context_of(network, line_data(), job=job, preprocessing=NUMBERS)
    finetune(network, short(steps=60, learning_rate=0.05), context)
    losses = [value for _, value in job.curves["validation loss"]]
    assert losses[-1] < 0.1 * losses[0]
    assert "validation accuracy" not in job.curves


def test_sequences_of_tokens_and_tied_weights() -> None:
    network = cached_network("tied_weights")
    ids = np.random.default_rng(0).integers(0, 30, (48, 7))
    split = MemorySplit({"ids": ids}, ids)  # each token is to be repeated
    job = Watched()
    before = weights(network)
    names = [n for n, t in network.module.named_parameters(remove_duplicate=False) if t.dim() == 2]
    tied = [n for n in names if sum(_at(network, n) is _at(network, m) for m in names) > 1]
    assert len(tied) == 2
    context = context_of(network, split, job=job, preprocessing=Preprocessing(task=Task.LANGUAGE))
    choices = short(optimizer="adamw", learning_rate=0.01, steps=30)
    trained = finetune(network, choices, context)
    assert _at(trained, tied[0]) is _at(trained, tied[1])
    assert not torch.equal(_at(trained, tied[0]), before[tied[0]])
    scores = [value for _, value in job.curves["validation accuracy"]]
    assert scores[-1] > scores[0] + 0.2


def _at(network: Network, name: str) -> torch.Tensor:
    return dict(network.module.named_parameters(remove_duplicate=False))[name]


def test_a_batch_that_the_file_fixes_is_used() -> None:
    class Fixed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.Linear(192, 3)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.fc(x.reshape(5, 192))

    module = Fixed()
    program = torch.export.export(module, (torch.zeros(5, 3, 8, 8),), strict=False)
    network = network_from_program(program, Format.PT2, input_names=("x",))
    assert network.inputs[0].shape[0] == 5
    notes: list[str] = []
    split = image_data(48)
    trained = finetune(network, short(), context_of(network, split, notes=notes))
    assert trained is not network
    assert any("fixes the batch to 5" in note for note in notes)
    few = image_data(6)
    assert finetune(network, short(steps=2), context_of(network, few)) is not None


def test_re_estimated_statistics_are_those_of_the_samples() -> None:
    network, split = small_network(), image_data()
    before = snapshot(network)
    context = context_of(network, split)
    found = reestimate(network, {"": BnReestimateParams()}, context)
    with torch.inference_mode():
        x = context.samples().inputs[0]
        seen = network.module.get_submodule("conv1")(x).movedim(1, 0).flatten(1)
    norm: Any = found.module.get_submodule("bn1")
    assert torch.allclose(norm.running_mean, seen.mean(1), atol=1e-5)
    assert torch.allclose(norm.running_var, seen.var(1), rtol=1e-3)
    assert equal(snapshot(network), before)
    assert not found.module.training


def test_networks_without_batch_norm_are_corrected_or_left() -> None:
    network = cached_network("vit")
    images = np.random.default_rng(0).normal(size=(32, *network.inputs[0].shape[1:]))
    split = MemorySplit({network.inputs[0].name: images.astype(np.float32)}, None)
    notes: list[str] = []
    found = reestimate(network, {"": BnReestimateParams()}, context_of(network, split, notes=notes))
    assert "no batch norms" in notes[0]
    x = torch.from_numpy(split.inputs[network.inputs[0].name])
    with torch.inference_mode():
        assert torch.allclose(found.module(x), network.module(x), atol=1e-3)
