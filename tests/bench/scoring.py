"""Files in ONNX Runtime as users run them, optimizations on: accuracy, and latency side by side."""

from __future__ import annotations

import json
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime as ort

BATCH = 250


@dataclass(frozen=True)
class Images:
    """A test set, and how its pixels are prepared for a network."""

    pixels: np.ndarray
    labels: np.ndarray
    scale: float
    mean: np.ndarray
    std: np.ndarray

    def __len__(self) -> int:
        return len(self.pixels)

    def first(self, count: int) -> Images:
        """The first samples; all where `count` is 0."""
        end = count or len(self)
        return Images(self.pixels[:end], self.labels[:end], self.scale, self.mean, self.std)

    def prepared(self, start: int, end: int) -> np.ndarray:
        """Samples as the network reads them: float32 [N, C, H, W]."""
        x = self.pixels[start:end].astype(np.float32)
        x = x.transpose(0, 3, 1, 2) if x.ndim == 4 else x[:, None]  # [N, C, H, W]
        shape = (1, -1, 1, 1)
        return (x * self.scale - self.mean.reshape(shape)) / self.std.reshape(shape)


def images(archive: Path, split: str, model: Path) -> Images:
    """A split of a decoded archive, prepared as the JSON beside the model says."""
    said = json.loads(model.with_suffix(".json").read_text(encoding="utf-8"))
    with np.load(archive) as arrays:
        pixels, labels = arrays[f"x_{split}"], arrays[f"y_{split}"]
    mean, std = (np.atleast_1d(np.float32(said[name])) for name in ("mean", "std"))
    return Images(pixels, labels.reshape(-1), float(said["scale"]), mean, std)


def session(path: Path, threads: int = 1) -> ort.InferenceSession:
    """The file, ready to run with all optimizations."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def accuracy(path: Path, test: Images, threads: int = 1) -> float:
    """Share of right answers, percent."""
    run = session(path, threads)
    name = run.get_inputs()[0].name
    right = 0
    for start in range(0, len(test), BATCH):
        x = test.prepared(start, start + BATCH).astype(np.float32)
        answers = run.run(None, {name: x})[0].argmax(axis=1)
        right += int((answers == test.labels[start : start + BATCH]).sum())
    return 100 * right / len(test)


def latencies(
    paths: list[Path], x: np.ndarray, *, seconds: float = 2.0, threads: int = 1
) -> list[float]:
    """Median milliseconds of one run of each file, in turns, so that all see the same machine."""
    runs = [session(path, threads) for path in paths]
    feeds = [{run.get_inputs()[0].name: x} for run in runs]
    times: list[list[float]] = [[] for _ in runs]
    for run, feed in zip(runs, feeds, strict=True):
        for _ in range(3):
            run.run(None, feed)
    end = time.perf_counter() + seconds * len(paths)
    while time.perf_counter() < end or len(times[0]) < 5:
        for run, feed, spent in zip(runs, feeds, times, strict=True):
            start = time.perf_counter()
            run.run(None, feed)
            spent.append(1e3 * (time.perf_counter() - start))
    return [statistics.median(spent) for spent in times]
