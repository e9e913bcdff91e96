"""Recipes on ResNet-20 and LeNet-5 without training, beside the libraries that are installed.

`ESPALIER_DATA=folder python -m tests.bench pipeline [--quick] [--rows w8a8,w4a8] [--seeds 0]`

Accuracies are of the written files in ONNX Runtime, on whole test sets unless `--samples` says
otherwise. Recipes are given 8,000 training images without labels, of which 512 calibrate. Processor
seconds are those of the recipe's steps. Peers in brackets were measured elsewhere.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch

from tests.bench import peers
from tests.bench.compressing import Outcome, compress
from tests.bench.figures import Figure, Row, options, parsed, places, print_table
from tests.bench.scoring import Images, accuracy, images, latencies

MODEL = "resnet20_cifar10jpeg"
CALIBRATION = 512
POOL = 8000
SIMILAR = 0.2
"""Points below the best form that a peer's faster form may score."""
Steps = list[dict[str, Any]]
INNER: list[dict[str, Any]] = [
    {"layers": "*", "skip": True},
    {"layers": "layer*.conv1", "skip": False},
]
"""Only channels inside blocks: those that no addition couples."""


def uniform(weights: int, activations: int, **more: Any) -> Steps:
    """Quantize all layers."""
    return [{"method": "uniform", "weight_bits": weights, "activation_bits": activations, **more}]


def channels(rules: list[dict[str, Any]], **more: Any) -> Steps:
    """Half of the MACs by channels."""
    return [{"method": "channel", "ratio": 0.5, "target": "macs", **more, "rules": rules}]


STRONG = {"criterion": "reconstruction", "allocation": "sensitivity"}
PLAIN = {"criterion": "magnitude", "compensate": False, "reestimate_norms": False}

DENSE: list[dict[str, Any]] = [
    {"layers": "*", "skip": True},
    {"layers": "fc1", "skip": False},
]

RECIPES: dict[str, Steps] = {
    "w8a8": uniform(8, 8),
    "w4a8_nearest": uniform(4, 8, rounding="nearest"),
    "w4a8": uniform(4, 8, rounding="adaround"),
    "w3a8": uniform(3, 8, rounding="adaround"),
    "w2a8": uniform(2, 8, rounding="adaround"),
    "w4a4": uniform(4, 4, rounding="adaround"),
    "channels": channels(INNER, **STRONG),
    "channels_magnitude": channels(INNER, **PLAIN),
    "channels_norms": [*channels(INNER, **PLAIN), {"method": "bn_reestimate"}],
    "channels_everywhere": channels([], **STRONG),
    "weights70": [{"method": "weight", "sparsity": 0.7}],
    "weights80": [{"method": "weight", "sparsity": 0.8}],
    "weights90": [{"method": "weight", "sparsity": 0.9}],
    "n_m": [{"method": "n_m", "n": 2, "m": 4}],
    "lenet_weights": [{"method": "weight", "sparsity": 0.9}],
    "lenet_svd": [{"method": "data_aware_svd", "size": 0.1, "rules": DENSE}],
}


@dataclass
class Bench:
    """The rows, and what they share."""

    asked: argparse.Namespace
    folder: Path
    cifar: Path
    out: Path

    @cached_property
    def test(self) -> Images:
        """Images to score on."""
        return images(self.cifar, "test", self.model(".onnx")).first(self.asked.samples)

    @cached_property
    def unlabeled(self) -> Path:
        """Training images without labels, and a few test images to compare written files on."""
        return without_labels(self.cifar, self.out / "unlabeled_cifar.npz")

    @cached_property
    def samples(self) -> np.ndarray:
        """What peers calibrate with."""
        pool = images(self.unlabeled_with_zeros, "train", self.model(".onnx"))
        chosen = np.random.default_rng(0).choice(len(pool), CALIBRATION, replace=False)
        return pool.prepared(0, len(pool))[np.sort(chosen)].astype(np.float32)

    @cached_property
    def unlabeled_with_zeros(self) -> Path:
        """The same images with labels that say nothing, for readers that want some."""
        path = self.out / "pool_cifar.npz"
        with np.load(self.unlabeled) as pool:
            x = pool["x_train"]
        np.savez(path, x_train=x, y_train=np.zeros(len(x), np.int64))
        return path

    @cached_property
    def module(self) -> torch.nn.Module:
        """The network as its authors define it."""
        return peers.original_module(self.folder, MODEL, "resnet20")

    def model(self, ending: str, name: str = MODEL) -> Path:
        """The network in one of its forms."""
        return self.folder / f"{name}{ending}"

    def run(self, name: str, seed: int) -> Outcome:
        """One recipe on ResNet-20."""
        return compress(
            self.model(".pt2"),
            self.unlabeled,
            RECIPES[name],
            self.out / f"{name}_{seed}.onnx",
            seed=seed,
            threads=self.asked.threads,
        )

    def score(self, path: Path) -> float:
        """Accuracy in ONNX Runtime, percent."""
        return accuracy(path, self.test, self.asked.threads)

    def seeds(self, name: str) -> tuple[tuple[float, ...], list[Outcome], str]:
        """Accuracy of each seed, the outcomes, and what to note of them."""
        made = [self.run(name, seed) for seed in self.asked.seeds]
        scores = tuple(self.score(one.file) for one in made)
        cpu_s = statistics.fmean(one.cpu_s for one in made)
        size = made[0].file.stat().st_size
        return scores, made, f"{cpu_s:.1f} CPU s, {size:,} bytes"

    def beside(self, paths: list[Path]) -> dict[int, list[float]]:
        """Latency of files in turns, as parts of the first one's, at batches of 1 and 32."""
        found = {}
        for batch in (1, 32):
            times = latencies(paths, self.test.prepared(0, batch).astype(np.float32))
            found[batch] = [time / times[0] for time in times]
        return found

    # Quantization ------------------------------------------------------------------------------

    def w8a8(self) -> Iterator[Figure]:
        """Accuracy and latency beside ONNX Runtime's own static quantization."""
        scores, made, notes = self.seeds("w8a8")
        forms = peers.ort_static(self.model(".onnx"), self.samples, self.out)
        theirs = {form: self.score(path) for form, path in forms.items()}
        best = max(theirs.values())
        listed = ", ".join(f"{form} {score:.2f} %" for form, score in theirs.items())
        peer = f"ONNX Runtime, best of its forms: {best:.2f} %"
        yield Figure("weights 8, activations 8 bit", scores, 87.8, None, peer, notes=notes)
        yield size_figure("file, weights 8 bit", made[0].file, 370_553)
        paths = [self.model(".onnx"), made[0].file, *forms.values()]
        for batch, parts in self.beside(paths).items():
            fair = {
                part: form
                for part, form in zip(parts[2:], forms, strict=True)
                if theirs[form] >= best - SIMILAR
            }
            their = min(fair)
            yield Figure(
                f"latency at batch {batch}, as a part of the peer’s",
                (parts[1] / their,),
                1.05,
                peer=f"{their:.2f} × float ({fair[their]})",
                unit="×",
                less=True,
                notes=f"{parts[1]:.2f} × float; peers’ accuracies: {listed}",
            )

    def w4a8_nearest(self) -> Iterator[Figure]:
        """Seconds."""
        scores, made, notes = self.seeds("w4a8_nearest")
        peer = "(86.02 % in 1.4 s)"
        yield Figure("weights 4, activations 8, nearest", scores, 86.5, None, peer, notes=notes)
        yield size_figure("file, weights 4 bit", made[0].file, 181_263)

    def adaptive(
        self, weights: int, activations: int, must: float, aim: float | None, peer: str
    ) -> Row:
        """A row of learned rounding."""
        name = f"w{weights}a{activations}"
        work = f"weights {weights}, activations {activations}, adaptive rounding"

        def row() -> Iterator[Figure]:
            scores, made, notes = self.seeds(name)
            yield Figure(work, scores, must, aim, peer, notes=notes)
            if name == "w4a8":
                spent = tuple(one.cpu_s for one in made)
                peer_s = "(457 s)"
                yield Figure("the same, CPU seconds", spent, 120, None, peer_s, "s", less=True)

        return row

    # Pruning -----------------------------------------------------------------------------------

    def channels_inside(self) -> Iterator[Figure]:
        """Half of the MACs by channels inside blocks."""
        scores, made, notes = self.seeds("channels")
        plain, again = (self.run(name, 0) for name in ("channels_magnitude", "channels_norms"))
        peer = (
            f"magnitude {self.score(plain.file):.2f} %, with batch norm re-estimated "
            f"{self.score(again.file):.2f} %"
        )
        example = torch.from_numpy(self.test.prepared(0, 2).astype(np.float32))
        theirs = peers.torch_pruning_channels(
            self.module, example, lambda name: name.endswith("conv1") and "." in name
        )
        if theirs is not None:
            peer += f"; Torch-Pruning {peers.torch_accuracy(theirs, self.test):.2f} %"
        work = "channels inside blocks, −50 % MACs, no training"
        yield Figure(work, scores, 79, 84, peer, notes=f"{notes}, {macs(made[0])}")
        times = self.beside([self.model(".onnx"), made[0].file, plain.file])
        for batch, must in ((1, 0.64), (32, 0.61)):
            _, ours, uniform_ratio = times[batch]
            yield Figure(
                f"its latency at batch {batch}, as a part of the original’s",
                (ours,),
                must,
                peer=f"uniform by magnitude {uniform_ratio:.2f} ×",
                unit="×",
                less=True,
            )

    def channels_everywhere(self) -> Iterator[Figure]:
        """Through the padded shortcuts and residual streams."""
        scores, made, notes = self.seeds("channels_everywhere")
        times = self.beside([self.model(".onnx"), made[0].file])
        both = f"latency {times[1][1]:.2f} × (batch 1), {times[32][1]:.2f} × (batch 32)"
        work = "channels everywhere, −50 % MACs, no training"
        notes = f"{notes}, {macs(made[0])}, {both}"
        yield Figure(work, scores, None, None, "(library fails)", notes=notes)

    def weights(self, percent: int, must: float, aim: float) -> Row:
        """A row of single weights set to zero."""

        def row() -> Iterator[Figure]:
            scores, _, notes = self.seeds(f"weights{percent}")
            theirs = {
                name: peers.torch_accuracy(
                    peers.torch_prune(self.module, percent / 100, everywhere=everywhere), self.test
                )
                for name, everywhere in (("global", True), ("per layer", False))
            }
            best = max(theirs, key=lambda name: theirs[name])
            peer = f"torch.nn.utils.prune, {best}: {theirs[best]:.2f} %"
            work = f"{percent} % of the weights zero, no training"
            yield Figure(work, scores, must, aim, peer, notes=notes)

        return row

    def two_of_four(self) -> Iterator[Figure]:
        """Semi-structured sparsity."""
        scores, _, notes = self.seeds("n_m")
        theirs = peers.torch_accuracy(peers.magnitude_2_4(self.module), self.test)
        peer = f"magnitude {theirs:.2f} %"
        yield Figure("2:4, no training", scores, 83, None, peer, notes=notes)

    # LeNet-5 -----------------------------------------------------------------------------------

    def lenet(self, name: str, work: str, must: float) -> Row:
        """A row on MNIST, in percent of errors."""
        model = self.model(".pt2", "lenet5_mnist")

        def row() -> Iterator[Figure]:
            archive = self.folder / "mnist.npz"
            test = images(archive, "test", model).first(self.asked.samples)
            data = without_labels(archive, self.out / "unlabeled_mnist.npz")
            errors, cpu_s = [], []
            for seed in self.asked.seeds:
                made = compress(
                    model,
                    data,
                    RECIPES[name],
                    self.out / f"{name}_{seed}.onnx",
                    seed=seed,
                    threads=self.asked.threads,
                )
                errors.append(100 - accuracy(made.file, test, self.asked.threads))
                cpu_s.append(made.cpu_s)
            notes = f"{statistics.fmean(cpu_s):.1f} CPU s"
            yield Figure(work, tuple(errors), must, unit="% errors", less=True, notes=notes)

        return row

    def rows(self) -> dict[str, Row]:
        """All of them, in the order of the issue."""
        return {
            "w8a8": self.w8a8,
            "w4a8_nearest": self.w4a8_nearest,
            "w4a8": self.adaptive(4, 8, 87.6, None, "(87.66 %)"),
            "w3a8": self.adaptive(3, 8, 85, 87, "(75.6 %)"),
            "w2a8": self.adaptive(2, 8, 70, 80, "(14.6 %)"),
            "w4a4": self.adaptive(4, 4, 84, 86, "(79.8 %)"),
            "channels": self.channels_inside,
            "channels_everywhere": self.channels_everywhere,
            "weights70": self.weights(70, 86, 87),
            "weights80": self.weights(80, 81, 85),
            "weights90": self.weights(90, 55, 75),
            "n_m": self.two_of_four,
            "lenet_weights": self.lenet(
                "lenet_weights",
                "LeNet-5: 90 % of the weights zero, no training",
                0.7,
            ),
            "lenet_svd": self.lenet(
                "lenet_svd",
                "LeNet-5: data-aware SVD of the first dense layer to a tenth of its bytes",
                0.65,
            ),
        }


def without_labels(archive: Path, path: Path) -> Path:
    """The first training images and a few test images, and no labels."""
    if not path.exists():
        with np.load(archive) as arrays:
            np.savez(path, x_train=arrays["x_train"][:POOL], x_test=arrays["x_test"][:500])
    return path


def size_figure(work: str, file: Path, must: int) -> Figure:
    """Bytes of a file."""
    return Figure(work, (file.stat().st_size,), must, unit="bytes", less=True)


def macs(made: Outcome) -> str:
    """What is left of them."""
    old, new = made.result.original.macs or 0, made.result.measured.macs or 0
    return f"{100 * new / max(old, 1):.1f} % of the MACs"


def main() -> int:
    """Print the table; the status is the number of rows that could not be made."""
    asked = parsed(options(str(__doc__)))
    with places(asked) as found:
        if found is None:
            return 0
        rows = Bench(asked, *found).rows()
        if asked.list:
            print("\n".join(rows))
            return 0
        return print_table(rows, asked.rows)


if __name__ == "__main__":
    sys.exit(main())
