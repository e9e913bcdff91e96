"""Does this data fit this network, and if not, which change would make it?"""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import numpy as np

from engine.data.arrangement import network_axes
from engine.data.batches import prepare
from engine.data.dataset import DataSet
from engine.data.failures import shape_text
from engine.data.offers import EIGHT_BITS, Look, mending, odd_values
from engine.data_info import Fit, Offer
from engine.errors import DataError
from engine.info import TensorInfo
from engine.preprocessing import ChannelOrder, Preprocessing, Task

Array = np.ndarray[Any, Any]


def require_fit(
    dataset: DataSet,
    preprocessing: Preprocessing | None,
    inputs: tuple[TensorInfo, ...],
    outputs: tuple[TensorInfo, ...] = (),
) -> Fit:
    """The same as `check_fit`, for those who can do nothing with a no.

    Raises:
        DataError: It does not fit; the hint lists what is offered.
    """
    fit = check_fit(dataset, preprocessing, inputs, outputs)
    if fit.ok:
        return fit
    offers = "; or ".join(_in_words(offer) for offer in fit.offers[:3])
    hint = f"In the preprocessing file, {offers}." if offers else ""
    raise DataError(fit.message, hint=hint, where=dataset.name)


def _in_words(offer: Offer) -> str:
    """As it is written in the preprocessing file."""
    changed = Preprocessing.model_validate(dict(offer.changes)).model_dump(mode="json")
    fields = ", ".join(f'"{name}": {json.dumps(changed[name])}' for name, _ in offer.changes)
    return f"{offer.title[:1].lower()}{offer.title[1:]} ({fields})"


def check_fit(
    dataset: DataSet,
    preprocessing: Preprocessing | None,
    inputs: tuple[TensorInfo, ...],
    outputs: tuple[TensorInfo, ...] = (),
) -> Fit:
    """Compare data with a network's inputs, and its labels with the outputs.

    What follows from the two without doubt (an axis of one channel, flattening, 1/255 for stored
    pixels) is filled in, and noted; use the preprocessing of the answer from then on.

    Raises:
        DataError: The samples cannot be read at all.
    """
    given = preprocessing or Preprocessing()
    split = dataset.smallest
    one = split.read(np.arange(1))
    if isinstance(one.inputs, dict) and len(one.indices):
        return _several_fit(dataset, one.inputs, given, inputs)
    if split.dtype == "text":
        fit = _text_fits(dataset, given, inputs)
    else:
        look = Look(split)
        if not look.samples:
            return Fit(ok=False, message=f"The first samples of {dataset.name} cannot be read.")
        fit = _values_fit(look, given, inputs)
    return _tried(dataset, _labels_fit(dataset, fit, outputs), inputs) if fit.ok else fit


def _tried(dataset: DataSet, fit: Fit, inputs: tuple[TensorInfo, ...]) -> Fit:
    """Prepare a sample: what the rules let through must pass in fact."""
    if not fit.ok:
        return fit
    try:
        two = dataset.smallest.read(np.arange(1), fit.preprocessing)
        if not len(two.indices):
            return fit
        prepare(dataset, dataset.smallest, two, fit.preprocessing, inputs)
    except DataError as error:
        message = " ".join(filter(None, (error.message, error.hint)))
        return replace(fit, ok=False, message=message)
    return fit


def _several_fit(
    dataset: DataSet,
    raw: dict[str, Array],
    given: Preprocessing,
    inputs: tuple[TensorInfo, ...],
) -> Fit:
    shapes = ", ".join(f"{name} {shape_text(a.shape[1:])}" for name, a in raw.items())
    wanted = ", ".join(f"{i.name} {shape_text(i.shape[1:])}" for i in inputs)
    message = f"The data has {shapes}; the network takes {wanted}."
    if not inputs:
        message = f"The data has {shapes}; what the network takes is not known yet."
    paired = {i.name: raw.get(i.name) for i in inputs}
    if any(array is None for array in paired.values()) and len(raw) == len(inputs):
        paired = dict(zip(paired, raw.values(), strict=True))
    for info in inputs:
        array = paired[info.name]
        if array is None or not _same_dims(array.shape[1:], info.shape[1:]):
            return Fit(ok=False, message=message, preprocessing=given)
    return Fit(ok=True, message=message, notes=dataset.notes, preprocessing=given)


def _same_dims(have: tuple[int, ...], want: tuple[int | str, ...]) -> bool:
    return len(have) == len(want) and all(
        isinstance(w, str) or h == w for h, w in zip(have, want, strict=True)
    )


def _text_fits(dataset: DataSet, given: Preprocessing, inputs: tuple[TensorInfo, ...]) -> Fit:
    if dataset.tokenize is None:
        return Fit(
            ok=False,
            message=f"{dataset.name} holds texts, and the network takes numbers: name the "
            "tokenizer file (tokenizer.json of the `tokenizers` library) that it was trained with.",
            preprocessing=given,
        )
    wrong = next((i for i in inputs if not i.dtype.startswith("int") or len(i.shape) != 2), None)
    if wrong is not None and "mask" not in wrong.name:
        return Fit(
            ok=False,
            message=f"{dataset.name} gives token numbers [batch, length] of type int64; the "
            f"network's input {wrong.name} takes {shape_text(wrong.shape)} of type {wrong.dtype}.",
            preprocessing=given,
        )
    wanted = ", ".join(f"{i.name} {shape_text(i.shape)}" for i in inputs)
    message = f"Texts become token numbers for {wanted}." if inputs else "Texts become numbers."
    return Fit(ok=True, message=message, preprocessing=given)


def _values_fit(look: Look, given: Preprocessing, inputs: tuple[TensorInfo, ...]) -> Fit:
    if len(inputs) > 1:
        names = ", ".join(i.name for i in inputs)
        return Fit(
            ok=False,
            message=f"The network has {len(inputs)} inputs ({names}), and the data has one.",
            preprocessing=given,
        )
    info = inputs[0] if inputs else None
    filled, notes = _filled(look, given, info)
    message = _two_shapes(look, filled, info)
    disagreement = _disagreement(given, info)
    if disagreement:
        anew: list[tuple[str, Any]] = [(name, ()) for name in ("input_shape", "mean", "std")]
        anew += [("layout", ""), ("scale", None), ("resize", None), ("channel_order", None)]
        mended = Offer("Leave that preprocessing aside", tuple(anew))
        return Fit(ok=False, message=disagreement, offers=(mended,), preprocessing=given)
    readings = look.readings(filled)
    if not readings:
        offers = tuple(mending(look, filled))
        return Fit(
            ok=False, message=message, offers=offers, notes=tuple(notes), preprocessing=filled
        )
    if len(readings) > 1 and readings[0].unflatten:
        offers = tuple(
            Offer(f"Read each vector as {r.source}", (("data_layout", r.source),)) for r in readings
        )
        unsure = f"{message} The order of the axes is not known."
        return Fit(ok=False, message=unsure, offers=offers, preprocessing=filled)
    if readings[0].flatten and len(look.stored) > 1:
        notes.append(f"Samples of {shape_text(look.stored)} are flattened.")
    if readings[0].unflatten:
        shape = shape_text(readings[0].shape)
        notes.append(f"Vectors of {look.stored[0]} are read as {shape} ({readings[0].source}).")
    others = [
        Offer(f"Read each sample as {r.source}", (("data_layout", r.source),))
        for r in readings[1:]
        if not look.split.decodes and len(look.stored) == 3
    ]
    others += odd_values(look, filled, notes, whole=_takes_whole(info))
    return Fit(
        ok=True, message=message, offers=tuple(others), notes=tuple(notes), preprocessing=filled
    )


def _takes_whole(info: TensorInfo | None) -> bool:
    """Whether the network takes whole numbers, as one does that scales pixels itself."""
    return info is not None and info.dtype.startswith(("int", "uint"))


def _two_shapes(look: Look, preprocessing: Preprocessing, info: TensorInfo | None) -> str:
    have = f"The data has samples of {shape_text(look.stored)} ({look.split.dtype})"
    if look.split.decodes and not preprocessing.resize:
        have = f"The data has images such as {shape_text(look.stored)}"
    if info is None and not preprocessing.sample_shape:
        return f"{have}; what the network takes is not known yet."
    wanted = shape_text(preprocessing.sample_shape)
    axes = network_axes(preprocessing)
    kind = ", ".join(filter(None, (f"N{axes}" if axes else "", info.dtype if info else "")))
    return f"{have}; the network takes {wanted} ({kind})."


def _disagreement(given: Preprocessing, info: TensorInfo | None) -> str:
    """The preprocessing describes some other network."""
    said = given.sample_shape
    if info is None or not said:
        return ""
    shape = info.shape[1:]
    fits = len(said) == len(shape) and all(
        isinstance(a, str) or isinstance(b, str) or a == b for a, b in zip(said, shape, strict=True)
    )
    if fits:
        return ""
    return (
        f"The preprocessing is for an input of {shape_text(said)}; the network takes "
        f"{shape_text(shape)}."
    )


def _filled(
    look: Look, given: Preprocessing, info: TensorInfo | None
) -> tuple[Preprocessing, list[str]]:
    """What follows from the network and the data, where the preprocessing does not say it."""
    changes: dict[str, Any] = {}
    notes: list[str] = []
    if info is not None:
        changes["input"] = info.name
        changes["input_shape"] = _merged(given, info)
    now = given.model_copy(update=changes)
    if not now.layout and info is not None:
        axes = network_axes(now)
        if axes == "CL" and (look.split.decodes or len(look.stored) == 3):
            axes = "HW"
        if axes:
            changes["layout"] = f"N{axes}"
    now = given.model_copy(update=changes)
    axes = network_axes(now)
    shape = now.sample_shape
    channels = shape[axes.index("C")] if "C" in axes and len(shape) == len(axes) else 1
    if axes == "C" and isinstance(channels, int) and look.split.decodes:
        size = now.resize.result if now.resize else look.stored[:2]
        # as the image has them before it is flattened
        channels = next((c for c in (1, 3) if c * math.prod(size) == channels), 0)
    if now.channel_order is None and look.split.decodes and channels in (1, 3):
        colored = channels == 3
        changes["channel_order"] = ChannelOrder.RGB if colored else ChannelOrder.GRAY
        if look.stored[2] != (3 if colored else 1):
            notes.append(f"Images are converted to {changes['channel_order']}.")
    if _is_pixels(look, info) and now.scale is None and max(now.mean, default=0) <= 1:
        changes["scale"] = EIGHT_BITS
        notes.append("Scale is not given: pixels are multiplied by 1/255, so that they are 0…1.")
        if not now.mean:
            notes.append("Mean and std are not given: 0 and 1 are used.")
    return given.model_copy(update=changes), notes


def _merged(given: Preprocessing, info: TensorInfo) -> tuple[int | str, ...]:
    """The network's shape, with numbers from the preprocessing where the network has names."""
    said = given.sample_shape
    if len(said) != len(info.shape) - 1:
        return info.shape
    dims = zip(info.shape[1:], said, strict=True)
    return (info.shape[0], *(s if isinstance(d, str) else d for d, s in dims))


def _is_pixels(look: Look, info: TensorInfo | None) -> bool:
    first = look.samples[0]
    wants_float = info is None or info.dtype.startswith(("float", "bfloat"))
    return (
        first.dtype == np.uint8 and np.ndim(first) >= 2 and wants_float and not look.split.prepared
    )


def _labels_fit(dataset: DataSet, fit: Fit, outputs: tuple[TensorInfo, ...]) -> Fit:
    """Label numbers and names against the number of outputs."""
    preprocessing = fit.preprocessing
    notes = (*dataset.notes, *fit.notes)

    def answer(problem: str = "", offers: tuple[Offer, ...] = (), note: str = "") -> Fit:
        said = (*notes, note) if note else notes
        said_so = problem or fit.message
        return replace(
            fit, ok=not problem, message=said_so, offers=(*offers, *fit.offers), notes=said
        )

    if dataset.label_problem and preprocessing.labels != dataset.class_names:
        by_name = Offer(
            "Take the data's own class names, in sorted order", (("labels", dataset.class_names),)
        )
        return answer(dataset.label_problem, (by_name,))
    classes = _outputs_for_classes(dataset, preprocessing, outputs)
    labels = [s.labels for s in dataset.splits.values() if s.labels is not None and len(s.labels)]
    widths = {a.shape[1] if a.ndim == 2 else 1 for a in labels if a.dtype.kind == "f"}
    last = outputs[0].shape[-1] if outputs and len(outputs[0].shape) == 2 else None
    if widths and isinstance(last, int) and last not in widths:
        return answer(f"The labels have {widths.pop()} values each; the network gives {last}.")
    if classes is None or not labels or any(a.dtype.kind != "i" for a in labels):
        return answer()
    low = min(int(a.min()) for a in labels) - preprocessing.first_label
    high = max(int(a.max()) for a in labels) - preprocessing.first_label
    if low >= 0 and high < classes:
        names = len(preprocessing.labels)
        if names and names != classes and classes > 1:
            return answer(note=f"There are {names} label names for {classes} outputs.")
        return answer()
    given = f"{last} outputs" if last != 1 else "one output"
    problem = (
        f"The labels go from {low} to {high}, and the network has {given} (labels 0 to "
        f"{classes - 1})."
    )
    if low > 0 and high - low < classes:
        first = low + preprocessing.first_label
        return answer(problem, (Offer(f"Count labels from {first}", (("first_label", first),)),))
    return answer(problem)


def _outputs_for_classes(
    dataset: DataSet, preprocessing: Preprocessing, outputs: tuple[TensorInfo, ...]
) -> int | None:
    """Number of classes that the network tells apart; None where that is not what it does."""
    task = preprocessing.task or dataset.task
    if task is not Task.CLASSIFICATION or not outputs:
        return None
    shape = outputs[0].shape
    last = shape[-1] if len(shape) == 2 else None
    if not isinstance(last, int):
        return None
    return max(last, 2)  # one output says yes or no
