"""Checkpoints: a training that was killed goes on as if it had not been."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from engine.errors import Cancelled
from engine.frozen import FrozenMap
from engine.methods.recovery.finetune import FinetuneParams
from engine.methods.recovery.qat import QatParams
from engine.methods.recovery.run_finetune import run as finetune
from engine.methods.recovery.run_qat import run as qat
from engine.training import store
from engine.training.store import Saved, Store, digest
from tests.unit.training.helpers import (
    Watched,
    activation_scales,
    context_of,
    equal,
    image_data,
    masked,
    quantized,
    small_network,
    snapshot,
)

PARAMS: dict[str, Any] = {
    "steps": 14,
    "batch_size": 16,
    "validate_every": 3,
    "average": 0.9,
    "augmentation": "crop_and_flip",
}


@pytest.fixture(autouse=True)
def _at_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "EVERY_S", 0.0)
    monkeypatch.setattr(store, "MOST_SHARE", 1e9)


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.exists() else []


@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
@pytest.mark.parametrize("killed_at", [2, 6, 9])
def test_a_killed_training_ends_with_the_same_bytes(
    tmp_path: Path, optimizer: str, killed_at: int
) -> None:
    network, split = small_network(dropout=0.5), image_data()
    choices = {"": FinetuneParams.model_validate({**PARAMS, "optimizer": optimizer})}
    whole = Watched()
    expected = finetune(network, choices, context_of(network, split, job=whole))
    killed = Watched(cancel_at=killed_at)
    with pytest.raises(Cancelled):
        finetune(network, choices, context_of(network, split, job=killed, folder=str(tmp_path)))
    (checkpoint,) = files(tmp_path)
    assert checkpoint.stat().st_size > 0
    resumed = Watched()
    found = finetune(
        network, choices, context_of(network, split, job=resumed, folder=str(tmp_path))
    )
    assert resumed.curves["loss"][0][0] == killed_at
    assert equal(snapshot(found), snapshot(expected))
    assert resumed.curves["loss"] == whole.curves["loss"][killed_at - 1 :]
    assert files(tmp_path) == []


def test_learned_steps_and_masks_go_on_too(tmp_path: Path) -> None:
    pruned = masked(small_network(), ("conv2",))
    network = replace(quantized(pruned), sparse=pruned.sparse)
    split, choices = image_data(), {"": QatParams.model_validate(PARAMS)}

    def context(job: Watched, folder: str = "") -> Any:
        return context_of(network, split, job=job, original=small_network(), folder=folder)

    expected = qat(network, choices, context(Watched()))
    with pytest.raises(Cancelled):
        qat(network, choices, context(Watched(cancel_at=7), str(tmp_path)))
    found = qat(network, choices, context(Watched(), str(tmp_path)))
    assert equal(snapshot(found), snapshot(expected))
    assert activation_scales(found) == activation_scales(expected)


def test_a_stopped_training_can_be_finished_later(tmp_path: Path) -> None:
    network, split = small_network(), image_data()
    choices = {"": FinetuneParams.model_validate(PARAMS)}
    expected = finetune(network, choices, context_of(network, split))
    stopped = Watched(stop_after=5)
    finetune(network, choices, context_of(network, split, job=stopped, folder=str(tmp_path)))
    job = Watched()
    found = finetune(network, choices, context_of(network, split, job=job, folder=str(tmp_path)))
    assert job.curves["loss"][0][0] == 6
    assert equal(snapshot(found), snapshot(expected))


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "text"])
def test_a_damaged_checkpoint_is_ignored_with_a_note(tmp_path: Path, damage: str) -> None:
    network, split = small_network(), image_data()
    choices = {"": FinetuneParams.model_validate(PARAMS)}
    killed = context_of(network, split, job=Watched(cancel_at=4), folder=str(tmp_path))
    with pytest.raises(Cancelled):
        finetune(network, choices, killed)
    (checkpoint,) = files(tmp_path)
    content = bytearray(checkpoint.read_bytes())
    if damage == "flip":
        content[len(content) // 2] ^= 1
    kept = {"cut": content[: len(content) // 2], "empty": b"", "text": b"no checkpoint at all" * 9}
    checkpoint.write_bytes(bytes(kept.get(damage, content)))
    notes: list[str] = []
    job = Watched()
    context = context_of(network, split, job=job, folder=str(tmp_path), notes=notes)
    found = finetune(network, choices, context)
    assert "damaged checkpoint" in notes[0]
    assert job.curves["loss"][0][0] == 1
    expected = finetune(network, choices, context_of(network, split))
    assert equal(snapshot(found), snapshot(expected))


def test_a_checkpoint_of_another_training_is_not_used(tmp_path: Path) -> None:
    network, split = small_network(), image_data()
    params = FinetuneParams.model_validate(PARAMS)

    def first_step(network: Any, params: FinetuneParams, **more: Any) -> int:
        job = Watched(cancel_at=99)
        context = context_of(network, split, job=job, folder=str(tmp_path), **more)
        finetune(network, {"": params}, context)
        return job.curves["loss"][0][0]

    for other in (
        {"params": params.model_copy(update={"learning_rate": 0.5})},
        {"params": params.model_copy(update={"steps": 15})},
        {"seed": 1},
        {"step": 1},
        {"network": small_network(seed=1)},
        {"network": masked(network, ("conv2",), share=0.0)},
    ):
        killed = context_of(network, split, job=Watched(cancel_at=4), folder=str(tmp_path))
        with pytest.raises(Cancelled):
            finetune(network, {"": params}, killed)
        assert first_step(**{"network": network, "params": params, **other}) == 1
        assert first_step(network, params) == 4


def test_a_folder_that_cannot_be_written_is_noted_and_no_more(tmp_path: Path) -> None:
    network, split = small_network(), image_data()
    (tmp_path / "file").write_text("in the way")
    notes: list[str] = []
    context = context_of(network, split, folder=str(tmp_path / "file" / "under"), notes=notes)
    finetune(network, {"": FinetuneParams.model_validate(PARAMS)}, context)
    assert sum("not kept on the way" in note for note in notes) == 1


def test_old_checkpoints_make_room(tmp_path: Path) -> None:
    (tmp_path / "of-the-user").write_text("stays")
    for number in range(store.KEPT + 3):
        one = Store(str(tmp_path), f"{number}" * 64, print)
        one.write(Saved({"x": torch.ones(2)}, {"step": number}))
    left = [path.name for path in files(tmp_path)]
    assert "of-the-user" in left
    assert len(left) == store.KEPT + 1
    found = Store(str(tmp_path), f"{store.KEPT + 2}" * 64, print).read()
    assert found is not None
    assert found.facts == {"step": store.KEPT + 2}
    assert torch.equal(found.tensors["x"], torch.ones(2))


def test_digests_tell_networks_apart() -> None:
    network = small_network()
    grids = quantized(network)
    conv = grids.encodings["conv2"]
    finer = replace(conv, bits=5)  # type: ignore[type-var]  # a generator, which can be closed
    several = [
        network,
        small_network(seed=1),
        masked(network, ("conv2",)),
        replace(network, sparse=frozenset({"conv2"})),
        grids,
        replace(grids, encodings=FrozenMap({**grids.encodings, "conv2": finer})),
    ]
    assert len({digest(one) for one in several}) == len(several)
    assert digest(network) == digest(replace(network))
