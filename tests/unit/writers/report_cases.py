"""A compression that never ran, with a number in every field that the report shows."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache

from engine.frozen import FrozenMap
from engine.info import (
    AccuracySource,
    Compressed,
    Evaluation,
    Format,
    Histogram,
    LayerInfo,
    LayerKind,
    LayerLatency,
    Metrics,
    NetworkInfo,
    Profile,
    StepResult,
)
from engine.units import packed_bytes

RECIPE = """\
espalier: 1
seed: 0
steps:
  - method: channel
    ratio: 0.5
    criterion: taylor
    rules:
      - {layers: "conv0", skip: true}
  - method: finetune
    epochs: 2
    losses: [{name: soft_targets, temperature: 4, weight: 0.9}]
  - method: uniform
    weight_bits: 8
    activation_bits: 8
"""
CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


@cache
def histogram(width: float, seed: int = 0) -> Histogram:
    rng = random.Random(seed)
    counts = [0] * 64
    for _ in range(2000):
        place = int((rng.gauss(0, 0.15) + 0.5) * 64)
        if 0 <= place < 64:
            counts[place] += 1
    return Histogram(-width, width, tuple(counts), sampled=False)


def conv(name: str, channels: int, inputs: int, *, bits: int = 32, side: int = 16) -> LayerInfo:
    values = channels * inputs * 9
    weight = 4 * values if bits == 32 else packed_bytes(values, bits) + 4 * channels
    return LayerInfo(
        name=name,
        kind=LayerKind.CONV2D,
        shape=(channels, inputs, 3, 3),
        dtype="float32",
        parameters=values + channels,
        size_bytes=weight + 4 * channels,
        macs=values * side * side,
        histogram=histogram(0.3 if bits == 32 else 0.28, values),
    )


def norm(name: str, channels: int) -> LayerInfo:
    return LayerInfo(
        name, LayerKind.BATCH_NORM, (channels,), "float32", 2 * channels, 16 * channels
    )


def network(layers: tuple[LayerInfo, ...]) -> NetworkInfo:
    return NetworkInfo(
        name="plain",
        format=Format.PT2,
        inputs=(),
        outputs=(),
        layers=layers,
        groups=(),
        parameters=sum(one.parameters for one in layers),
        size_bytes=2_000 + sum(one.size_bytes for one in layers),
        macs=sum(one.macs or 0 for one in layers),
        activation_bytes=131_072,
    )


def profile(layers: tuple[LayerInfo, ...], latency_ms: float) -> Profile:
    timed = [one for one in layers if one.kind is LayerKind.CONV2D]
    share = 0.9 / len(timed)
    spent = [LayerLatency(one.name, share * latency_ms, share) for one in timed]
    return Profile(
        latency_ms=latency_ms,
        latency_spread_ms=latency_ms / 30,
        threads=1,
        batch=1,
        runs=412,
        layers=(*spent, LayerLatency("other: Softmax", 0.1 * latency_ms, 0.1)),
        runtime="ONNX Runtime 1.31.1",
        processor="A processor of 8 cores",
    )


def evaluation(top1: float, agreement: float | None = None) -> Evaluation:
    return Evaluation(
        samples=10_000,
        source=AccuracySource.LABELS,
        top1=top1,
        top5=0.99,
        loss=0.41,
        interval=(top1 - 0.0064, top1 + 0.0063),
        per_class=tuple(
            top1 + (place - 4.5) / 60 * (1 if agreement else 0.9) for place in range(10)
        ),
        labels=CLASSES,
        agreement=agreement,
        kl=None if agreement is None else 0.0123,
        runtime="ONNX Runtime 1.31.1",
    )


def compressed(depth: int = 8, classes: int = 16, **changes: object) -> Compressed:
    """A network of so many convolutions with batch norm, pruned to a half and quantized."""
    old: list[LayerInfo] = []
    new: list[LayerInfo] = []
    for place in range(depth):
        inputs = 3 if place == 0 else classes
        old += [conv(f"conv{place}", classes, inputs), norm(f"bn{place}", classes)]
        if place == depth - 1 and depth > 1:
            parts = [
                conv(f"conv{place}.v", 4, classes // 2, bits=8),
                conv(f"conv{place}.u", classes, 4, bits=8),
            ]
            new += parts
        else:
            kept = classes if place == 0 else classes // 2
            new.append(conv(f"conv{place}", kept, inputs if place < 2 else classes // 2, bits=8))
    before, after = network(tuple(old)), network(tuple(new))
    small, large = after.size_bytes, before.size_bytes
    accuracies = (0.8788, 0.8612)
    made = Compressed(
        file="/home/user/out/plain_small.onnx",
        format="onnx",
        target="avx2",
        recipe=RECIPE,
        predicted=Metrics(small - 300, after.parameters, after.macs, 65_536, 0.4),
        measured=Metrics(
            small, after.parameters, after.macs, 65_536, 0.43, accuracies[1], AccuracySource.LABELS
        ),
        original=Metrics(
            large,
            before.parameters,
            before.macs,
            131_072,
            0.97,
            accuracies[0],
            AccuracySource.LABELS,
        ),
        verified=True,
        max_relative_difference=2.1e-7,
        steps=tuple(_steps()),
        before=before,
        after=after,
        evaluation=evaluation(accuracies[1], 0.953),
        original_evaluation=evaluation(accuracies[0]),
        profile=profile(after.layers, 0.43),
        original_profile=profile(before.layers, 0.97),
        seconds=74.2,
        notes=("The classifier was quantized per channel.",),
        curves=tuple(
            [
                ("finetune: loss", step, 2.0 / (1 + step / 40) + 0.05 * (step % 7))
                for step in range(600)
            ]
            + [("finetune: validation top-1", epoch, 0.8 + 0.03 * epoch) for epoch in range(3)]
        ),
        versions=FrozenMap({"Espalier": "0.1.0", "PyTorch": "2.13.0", "ONNX Runtime": "1.31.1"}),
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # fields by their names


def _steps() -> list[StepResult]:
    def after(size: int, top1: float) -> Metrics:
        return Metrics(size, 9_000, 2_000_000, 65_536, top1=top1, samples=2_000)

    return [
        StepResult(0, "channel", "Channel pruning", 12.31, after(40_000, 0.812)),
        StepResult(1, "finetune", "Fine-tuning", 55.0, after(40_000, 0.868), ("Stopped early.",)),
        StepResult(2, "uniform", "Uniform quantization", 3.4, after(14_200, 0.8615), cached=True),
    ]
