"""Stored samples → batches of what the network reads: order, values, axes."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.data import pictures
from engine.data.arrangement import Arrangement, arrangements, network_axes
from engine.data.dataset import DataSet, Raw, Samples, Split
from engine.data.failures import bad, shape_text
from engine.data.roles import Subset
from engine.errors import DataError
from engine.info import TensorInfo
from engine.jobs.job import Job
from engine.preprocessing import Preprocessing

Array = np.ndarray[Any, Any]
PREFETCH = 2
"""Batches that are made ahead."""
BLOCK = 1 << 18
"""Values that are normalized at a time: they stay in the processor's cache."""
LOOK_S = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """What one step of a network takes.

    Attributes:
        inputs: By name, in the network's order: float32 `[n, C, H, W]` or as the layout says.
        labels: int64 `[n]` for classes (from 0), float32 for values, None without labels.
        indices: Of the samples in their split; fewer than asked for where some are damaged.
    """

    inputs: dict[str, Array]
    labels: Array | None
    indices: Array

    def __len__(self) -> int:
        return len(self.indices)


def batches(
    subset: Subset,
    preprocessing: Preprocessing,
    batch_size: int,
    job: Job,
    *,
    shuffle_seed: int | None = None,
    inputs: tuple[TensorInfo, ...] = (),
) -> Iterator[Batch]:
    """Read, prepare and yield a subset; the next batches are made meanwhile.

    Args:
        subset: What to read, in this order unless shuffled.
        preprocessing: As `check_fit` completed it.
        batch_size: The last batch may be smaller, and so is one with damaged samples.
        job: Looked at every 0.05 s.
        shuffle_seed: Draws the order; None: as it is.
        inputs: The network's inputs, whose names and types the batch then has.

    Raises:
        DataError: Samples that do not fit, or too many that cannot be read.
        Cancelled: By the job.
    """
    order = subset.indices
    if shuffle_seed is not None:
        order = np.random.default_rng(shuffle_seed).permutation(order)
    split = subset.split
    split.ready(job)
    step = min(split.chunk or batch_size, batch_size)
    pool = ThreadPoolExecutor(split.workers, thread_name_prefix="data")
    waiting: deque[list[Future[Batch]]] = deque()
    starts = iter(range(0, len(order), batch_size))
    produced = False
    try:
        while True:
            while len(waiting) <= PREFETCH and (start := next(starts, None)) is not None:
                part = order[start : start + batch_size]
                waiting.append(
                    [
                        pool.submit(_load, subset, part[at : at + step], preprocessing, inputs)
                        for at in range(0, len(part), step)
                    ]
                )
            if not waiting:
                break
            batch = _joined([_result(future, job) for future in waiting.popleft()])
            if len(batch):
                produced = True
                yield batch
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    if len(order) and not produced:
        raise DataError(
            f"None of the samples of {subset.dataset.name} can be read.",
            hint="Look whether the files are damaged.",
            where=subset.dataset.name,
        )


def _result(future: Future[Batch], job: Job) -> Batch:
    job.checkpoint()
    while not wait([future], timeout=LOOK_S).done:
        job.checkpoint()
    return future.result()


def _load(
    subset: Subset, indices: Array, preprocessing: Preprocessing, inputs: tuple[TensorInfo, ...]
) -> Batch:
    samples = subset.split.read(indices, preprocessing)
    labels = samples.labels
    if labels is not None and labels.dtype.kind == "i" and preprocessing.first_label:
        labels = labels - preprocessing.first_label
    if not len(samples.indices):
        return Batch({}, labels, samples.indices)
    made = prepare(subset.dataset, subset.split, samples, preprocessing, inputs)
    return Batch(made, labels, samples.indices)


def _joined(parts: Sequence[Batch]) -> Batch:
    if len(parts) == 1:
        return parts[0]
    full = [part for part in parts if len(part)] or list(parts[:1])
    shapes = {tuple(a.shape[1:] for a in part.inputs.values()) for part in full}
    if len(shapes) > 1:
        raise _different([shape[0] for shape in shapes])
    labels = [part.labels for part in full if part.labels is not None]
    return Batch(
        {name: np.concatenate([part.inputs[name] for part in full]) for name in full[0].inputs},
        np.concatenate(labels) if labels else None,
        np.concatenate([part.indices for part in full]),
    )


def prepare(
    dataset: DataSet,
    split: Split,
    samples: Samples,
    preprocessing: Preprocessing,
    inputs: tuple[TensorInfo, ...] = (),
) -> dict[str, Array]:
    """Samples that were read → the network's inputs by name.

    Raises:
        DataError: They do not fit its shape.
    """
    raw = samples.inputs
    if isinstance(raw, dict):
        return _several(raw, inputs)
    if split.dtype == "text":
        if dataset.tokenize is None:
            raise bad(dataset.name, "holds texts, which need a tokenizer file.", "Name one.")
        return dataset.tokenize(raw, preprocessing, inputs)
    name, dtype = _place(preprocessing, inputs)
    return {name: prepare_pixels(raw, split, preprocessing, dtype)}


def _place(
    preprocessing: Preprocessing, inputs: tuple[TensorInfo, ...]
) -> tuple[str, np.dtype[Any]]:
    chosen = [i for i in inputs if i.name == preprocessing.input] or list(inputs)
    if chosen:
        return chosen[0].name, np.dtype(chosen[0].dtype)
    return preprocessing.input or "input", np.dtype(np.float32)


def _several(raw: dict[str, Array], inputs: tuple[TensorInfo, ...]) -> dict[str, Array]:
    if not inputs:
        return raw
    missing = [info.name for info in inputs if info.name not in raw]
    if missing and len(raw) == len(inputs):
        raw = dict(zip((info.name for info in inputs), raw.values(), strict=True))
    elif missing:
        raise DataError(f"The data has no values for the network's input {missing[0]}.")
    return {i.name: raw[i.name].astype(np.dtype(i.dtype), copy=False) for i in inputs}


def prepare_pixels(
    raw: Raw, split: Split, preprocessing: Preprocessing, dtype: np.dtype[Any]
) -> Array:
    """Samples of one input: to size, (value × scale − mean) / std, axes in the network's order.

    Args:
        raw: `[n, ...]`, or n arrays.
        split: Says whether images are to size, and values prepared, already.
        preprocessing: Of the network.
        dtype: What the network's input is.

    Raises:
        DataError: Samples of different shapes, or of one that does not fit.
    """
    stored = _stacked(raw)  # [n, *stored]
    if split.decodes:
        if "C" not in network_axes(preprocessing) and stored.shape[-1] == 1:
            stored = stored[..., 0]
        axes = "HWC"[: stored.ndim - 1]
        preprocessing = preprocessing.model_copy(update={"data_layout": axes})
    readings = arrangements(stored.shape[1:], preprocessing)
    if not readings:
        raise DataError(
            f"The data has samples of {shape_text(stored.shape[1:])}, and the network takes "
            f"{shape_text(preprocessing.sample_shape)}.",
            hint="Set resize, data_layout or channel_order in the preprocessing.",
        )
    reading = readings[0]
    if reading.unflatten:
        stored = _unflattened(stored, reading)
    if not split.decodes and "W" in reading.source:
        stored, reading = _images_to_size(stored, reading, preprocessing)
    if split.prepared:
        preprocessing = preprocessing.model_copy(update={"scale": None, "mean": (), "std": ()})
    return _values(stored, reading, preprocessing, dtype)


def _stacked(raw: Raw) -> Array:
    if isinstance(raw, np.ndarray):
        return raw
    assert not isinstance(raw, dict)
    shapes = sorted({np.shape(sample) for sample in raw})
    if len(shapes) > 1:
        raise _different(shapes)
    return np.stack([np.asarray(sample) for sample in raw])


def _different(shapes: Sequence[tuple[int, ...]]) -> DataError:
    shown = " and ".join(shape_text(shape) for shape in list(shapes)[:2])
    return DataError(
        f"The samples differ in shape ({shown}), and a batch needs them equal.",
        hint="Set resize in the preprocessing.",
    )


def _unflattened(stored: Array, reading: Arrangement) -> Array:
    lengths = dict(zip(reading.target, reading.shape, strict=True))
    return stored.reshape(len(stored), *(int(lengths[axis]) for axis in reading.source))


def _images_to_size(
    stored: Array, reading: Arrangement, preprocessing: Preprocessing
) -> tuple[Array, Arrangement]:
    """Convert color and size of images that are arrays, where that is asked for."""
    channels = stored.shape[1 + reading.source.index("C")] if "C" in reading.source else 1
    order = preprocessing.channel_order
    recolored = order is not None and (channels, str(order)) not in ((1, "gray"), (3, "RGB"))
    height, width = (stored.shape[1 + reading.source.index(axis)] for axis in "HW")
    resize = preprocessing.resize
    to_size = resize is not None and (resize.shorter or resize.result != (height, width))
    if "D" in reading.source or not (recolored or to_size):
        return stored, reading
    axes = reading.source if "C" in reading.source else f"{reading.source}C"
    images = stored if "C" in reading.source else stored[..., None]
    images = images.transpose(0, *(1 + axes.index(axis) for axis in "HWC"))
    try:
        done = np.stack([pictures.reshaped(image, preprocessing) for image in images])
    except pictures.Unreadable as error:
        raise DataError(f"An image {error}") from None
    return done, Arrangement("HWC", reading.target, reading.shape, flatten=reading.flatten)


@np.errstate(over="ignore")  # what is too large for the type becomes infinite
def _values(
    stored: Array, reading: Arrangement, preprocessing: Preprocessing, dtype: np.dtype[Any]
) -> Array:
    """Numbers and axes: `[n, *stored]` → `[n, *shape]` of the network's type."""
    axes = reading.source
    target = axes if reading.flatten else reading.target
    view = stored
    if "C" in target and "C" not in axes and not reading.flatten:
        view, axes = view[..., None], f"{axes}C"
    if axes != target:
        view = view.transpose(0, *(1 + axes.index(axis) for axis in target))
    shape = (len(view), -1) if reading.flatten else view.shape
    scale = 1.0 if preprocessing.scale is None else preprocessing.scale
    if scale == 1.0 and not any(preprocessing.mean) and set(preprocessing.std) <= {1.0}:
        return np.ascontiguousarray(view, dtype=dtype).reshape(shape)
    made = np.empty(view.shape, np.float32)
    mean, std = (
        _along(numbers, view.shape[1:], target)
        for numbers in (preprocessing.mean, preprocessing.std)
    )
    block = max(1, BLOCK // max(1, int(np.prod(view.shape[1:]))))
    for start in range(0, len(view), block):
        part = made[start : start + block]
        np.copyto(part, view[start : start + block], casting="unsafe")
        if scale != 1.0:
            part *= np.float32(scale)
        if mean is not None and mean.any():
            part -= mean
        if std is not None and (std != 1).any():
            part /= std
    return made.reshape(shape).astype(dtype, copy=False)


def _along(numbers: tuple[float, ...], shape: tuple[int, ...], axes: str) -> Array | None:
    """Per-channel numbers, shaped to go with one sample; None where there are none."""
    if not numbers:
        return None
    values = np.array(numbers, np.float32)
    if len(values) == 1:
        return values
    length = shape[axes.index("C")] if "C" in axes else 1
    if len(values) == length:
        return values.reshape([-1 if axis == "C" else 1 for axis in axes])
    if len(values) == int(np.prod(shape)):
        return values.reshape(shape)
    raise DataError(
        f"Mean and std have {len(values)} numbers, and the samples have {length} "
        f"{'channel' if length == 1 else 'channels'}.",
        hint="Give one number, or one per channel.",
    )
