"""The order of training samples."""

from __future__ import annotations

from itertools import chain, islice

import numpy as np
import pytest
import torch

from engine.data.dataset import DataSet
from engine.data.roles import Subset
from engine.errors import DataError
from engine.info import TensorInfo
from engine.jobs.job import Quiet
from engine.preprocessing import Preprocessing
from engine.training.loader import Loader, Source, fixed_batch, steps_of
from tests.unit.training.helpers import MemorySplit, Watched

INPUTS = (TensorInfo("x", ("batch", 2), "float32"),)


def source(count: int = 20, form: str = "arrays") -> Source:
    values = np.arange(count, dtype=np.float32)[:, None].repeat(2, axis=1)
    split = MemorySplit({"x": values}, np.arange(count))
    dataset = DataSet("made", form, {"train": split})
    return Source(Subset(dataset, split, np.arange(count)), Preprocessing(), INPUTS)


def numbers(loader: Loader, steps: int, start: int = 0) -> list[list[int]]:
    return [s.inputs[0][:, 0].int().tolist() for s in islice(loader.batches(start), steps)]


@pytest.mark.parametrize("form", ["arrays", "python"])
def test_each_epoch_sees_each_sample_once_in_another_order(form: str) -> None:
    found = numbers(Loader(source(form=form), 5, 0, Quiet(), 8), 8)
    first, second = list(chain(*found[:4])), list(chain(*found[4:]))
    assert sorted(first) == sorted(second) == list(range(20))
    assert first != second
    assert first != sorted(first)


@pytest.mark.parametrize("form", ["arrays", "python"])
@pytest.mark.parametrize("start", [1, 3, 4, 6])
def test_a_later_start_gives_the_same_batches(form: str, start: int) -> None:
    whole = numbers(Loader(source(form=form), 6, 7, Quiet(), 9), 9)
    assert numbers(Loader(source(form=form), 6, 7, Quiet(), 9), 9 - start, start) == whole[start:]


def test_labels_go_with_their_samples() -> None:
    for samples in islice(Loader(source(), 6, 0, Quiet(), 5).batches(0), 5):
        assert samples.labels is not None
        assert torch.equal(samples.labels, samples.inputs[0][:, 0].long())


def test_what_is_kept_in_memory_comes_in_the_same_order() -> None:
    """Samples that are dear to read are read once, if they come again."""
    kept, streamed = source(form="python"), source()
    a, b = Loader(kept, 6, 3, Quiet(), 9), Loader(streamed, 6, 3, Quiet(), 9)
    assert numbers(a, 9) == numbers(b, 9)
    assert kept.subset.split.reads == 2  # one sample for its size, then all
    once = source(form="python")
    numbers(Loader(once, 6, 3, Quiet(), 2), 2)
    assert once.subset.split.reads <= 4


def test_seeds_differ_and_repeat() -> None:
    assert numbers(Loader(source(), 5, 1, Quiet(), 4), 4) == numbers(
        Loader(source(), 5, 1, Quiet(), 4), 4
    )
    assert numbers(Loader(source(), 5, 1, Quiet(), 4), 4) != numbers(
        Loader(source(), 5, 2, Quiet(), 4), 4
    )


def test_few_samples_make_a_small_batch_or_are_repeated() -> None:
    assert [len(b) for b in numbers(Loader(source(3), 8, 0, Quiet(), 2), 2)] == [3, 3]
    fixed = numbers(Loader(source(3), 8, 0, Quiet(), 2, fixed=True), 2)
    assert [len(b) for b in fixed] == [8, 8]
    assert set(fixed[0]) == {0, 1, 2}


def test_no_samples_at_all() -> None:
    with pytest.raises(DataError, match="no samples to train on"):
        Loader(source(0), 4, 0, Quiet(), 1)


def test_reading_tells_how_far_it_is() -> None:
    job = Watched()
    Loader(source(20, form="python"), 5, 0, job, 100)
    assert ("Reading the training samples", 20, 20) in job.texts


def test_steps_of_epochs() -> None:
    assert steps_of(None, 2, 10) == 20
    assert steps_of(None, 0.25, 10) == 3
    assert steps_of(None, 0.001, 10) == 1
    assert steps_of(7, 2, 10) == 7


def test_fixed_batches() -> None:
    assert fixed_batch(INPUTS) is None
    assert fixed_batch((TensorInfo("x", (4, 2), "float32"),)) == 4
    assert fixed_batch((TensorInfo("x", (4, 2), "float32"), *INPUTS)) is None
    assert fixed_batch(()) is None
