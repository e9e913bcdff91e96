"""States with a small network and some trials, made by hand."""

from __future__ import annotations

from dataclasses import replace

from engine.frozen import FrozenMap
from engine.info import (
    AccuracySource,
    ChannelGroup,
    Compressed,
    Evaluation,
    Format,
    LayerInfo,
    LayerKind,
    LayerLatency,
    Metrics,
    NetworkInfo,
    Profile,
    StepResult,
    TensorInfo,
)
from engine.jobs.requests import DataSource, ModelSource
from engine.recipe.edit import make_rule, make_step
from engine.recipe.model import Recipe
from studio.document.messages import Message, Opened
from studio.document.state import DataState, DocumentState, ModelState, Opening, ProjectState
from studio.document.trial import Trial
from studio.document.update import update


def layer(name: str, kind: LayerKind, shape: tuple[int, ...], macs: int, **more: object):
    count = 1
    for size in shape:
        count *= size
    return LayerInfo(name, kind, shape, "float32", count, 4 * count, macs, **more)


LAYERS = (
    layer("stem", LayerKind.CONV2D, (16, 3, 3, 3), 27_648, group="stem", position=0),
    layer(
        "block.conv1", LayerKind.CONV2D, (32, 16, 3, 3), 294_912, group="block.conv1", position=1
    ),
    layer("block.conv2", LayerKind.CONV2D, (16, 32, 3, 3), 294_912, group="stem", position=2),
    layer("norm", LayerKind.BATCH_NORM, (16,), 0, group="stem", position=3),
    layer("head", LayerKind.LINEAR, (10, 16), 160, position=4),
)
GROUPS = (
    ChannelGroup("stem", ("stem", "block.conv2", "norm"), 16, consumers=("block.conv1", "head")),
    ChannelGroup("block.conv1", ("block.conv1",), 32, consumers=("block.conv2",)),
)
INFO = NetworkInfo(
    "net",
    Format.PT2,
    (TensorInfo("x", ("batch", 3, 8, 8), "float32"),),
    (TensorInfo("y", ("batch", 10), "float32"),),
    LAYERS,
    GROUPS,
    parameters=sum(one.parameters for one in LAYERS),
    size_bytes=sum(one.size_bytes for one in LAYERS),
    macs=sum(one.macs or 0 for one in LAYERS),
)
PROFILE = Profile(
    2.0,
    0.1,
    1,
    1,
    10,
    tuple(LayerLatency(one.name, 0.4, 0.2) for one in LAYERS),
    "ONNX Runtime",
    "a processor",
)
PRUNED = Recipe((make_step("channel", ratio=0.4),))
MIXED = Recipe(
    (
        make_step("channel", [make_rule("head", True)], ratio=0.5),
        make_step("uniform", [make_rule("stem", weight_bits=4)], weight_bits=8),
    )
)
ORIGINAL = Metrics(
    40_000, 10_000, 617_632, 9_000, 2.0, 0.91, AccuracySource.LABELS, 500, (0.88, 0.93)
)


def measured(size: int, macs: int, ms: float | None, top1: float | None) -> Metrics:
    source = None if top1 is None else AccuracySource.LABELS
    ends = None if top1 is None else (top1 - 0.02, top1 + 0.02)
    return Metrics(size, size // 4, macs, 5_000, ms, top1, source, 500, ends)


def trial(number: int, recipe: Recipe = PRUNED, parent: int | None = None, **more: object) -> Trial:
    top1 = 0.9 - 0.01 * number
    return Trial(
        number,
        f"Trial {number}",
        recipe,
        parent,
        f"2026-11-22T10:0{number % 10}:00+00:00",
        Metrics(30_000 // number, macs=500_000 // number),
        measured(32_000 // number, 500_000 // number, 1.8 / number, top1),
        ORIGINAL,
        f"trials/{number}/net.onnx",
        f"trials/{number}/predictions.npz",
        12.0 * number,
        **{"notes": ("A note of the run.",), **more},  # type: ignore[arg-type]  # fields by their names
    )


def result(one: Trial) -> Compressed:
    """Everything that the run of a trial told."""
    layers = tuple(
        replace(each, size_bytes=each.size_bytes // 2, shape=(each.shape[0] // 2, *each.shape[1:]))
        for each in LAYERS
        if each.name != "norm"
    )
    evaluation = Evaluation(
        500,
        AccuracySource.LABELS,
        one.measured.top1,
        0.99,
        0.4,
        one.measured.interval,
        (0.9, 0.8, None),
        labels=("cat", "dog", "ship"),
        agreement=0.97,
    )
    return Compressed(
        one.file,
        "onnx",
        "avx2",
        "",
        one.predicted,
        one.measured,
        one.original,
        True,
        1e-6,
        (StepResult(0, "channel", "Channel pruning", 3.0),),
        INFO,
        replace(INFO, layers=layers),
        evaluation,
        replace(evaluation, top1=0.91, per_class=(0.95, 0.7, None)),
        PROFILE,
        PROFILE,
        one.seconds,
    )


def opened(*trials: Trial, **more: object) -> DocumentState:
    """A document with a network, and these trials."""
    state = DocumentState(
        model=ModelState(ModelSource("/models/net.pt2"), Opening.READING),
        data=DataState(DataSource(("/data/set.npz",))),
        project=ProjectState("/projects/net.espalier"),
    )
    state = update(state, Opened(INFO))
    details = FrozenMap({str(one.id): result(one) for one in trials})
    return replace(
        state,
        trials=trials,
        original=ORIGINAL,
        details=details,
        **more,  # type: ignore[arg-type]  # fields by their names
    )


class Heard(list[Message]):
    """The messages that a store takes in."""

    def __init__(self, store) -> None:
        super().__init__()
        store.dispatched.connect(self.append)

    def of(self, kind: type) -> list[Message]:
        return [one for one in self if isinstance(one, kind)]
