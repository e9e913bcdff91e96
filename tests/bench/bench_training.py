"""Recipes that train: ResNet-20 with half of its MACs gone, after 300 steps.

`ESPALIER_DATA=folder python -m tests.bench training [--quick] [--seeds 0]`

Beside it stands the network with all its channels, trained the same steps: what training on these
images brings by itself is no merit of the compression.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Iterator
from typing import Any

from tests.bench.bench_pipeline import INNER, STRONG, Bench, Steps, channels, macs, uniform
from tests.bench.compressing import compress
from tests.bench.figures import Figure, Row, options, parsed, places, print_table


class Trained(Bench):
    """The rows; data comes with its labels."""

    def trained(self, name: str) -> Row:
        """A row: some steps, then a training."""
        work, must, peer = ROWS[name]

        def row() -> Iterator[Figure]:
            made = [
                compress(
                    self.model(".pt2"),
                    self.cifar,
                    recipe(name, self.asked.steps),
                    self.out / f"{name}_{seed}.onnx",
                    seed=seed,
                    threads=self.asked.threads,
                )
                for seed in self.asked.seeds
            ]
            scores = tuple(self.score(one.file) for one in made)
            cpu_s = statistics.fmean(one.cpu_s for one in made)
            notes = f"{cpu_s:.0f} CPU s, {macs(made[0])}, {self.asked.steps} steps of batch 128"
            yield Figure(work, scores, must, None, peer, notes=notes)

        return row

    def rows(self) -> dict[str, Row]:
        """All of them."""
        return {name: self.trained(name) for name in ROWS}


PRUNED = channels(INNER, **STRONG, round_to=4)
"""Finer counts than the default's, which are chosen for latency: what is left learns more."""
BEFORE: dict[str, Steps] = {
    "distilled": PRUNED,
    "both": PRUNED,
    "finetuned": PRUNED,
    "unpruned": [],
    "qat4": uniform(4, 8),
}
TRAININGS: dict[str, dict[str, Any]] = {
    "distilled": {"method": "soft_targets", "learning_rate": 0.05},
    "both": {"method": "finetune", "losses": [{"name": "soft_targets", "weight": 0.9}]},
    "finetuned": {"method": "finetune"},
    "unpruned": {"method": "finetune"},
    "qat4": {"method": "qat"},
}


def recipe(name: str, steps: int) -> Steps:
    """What a row does: some steps, then a training."""
    asked = {"steps": steps, "batch_size": 128, "augmentation": "crop_and_flip"}
    return [*BEFORE[name], {**TRAININGS[name], **asked}]


ROWS: dict[str, tuple[str, float | None, str]] = {
    "distilled": ("channels inside blocks, −50 % MACs, distilled", 85.5, "(81.8 %)"),
    "both": ("the same, distilled and fine-tuned", None, ""),
    "finetuned": ("the same, fine-tuned on labels", None, "(81.8 %)"),
    "unpruned": ("all channels, fine-tuned the same steps", None, ""),
    "qat4": ("weights 4, activations 8 bit, quantization-aware training", None, ""),
}


def main() -> int:
    """Print the table; the status is the number of rows that could not be made."""
    asked = parsed(options(str(__doc__)))
    with places(asked) as found:
        if found is None:
            return 0
        rows = Trained(asked, *found).rows()
        if asked.list:
            print("\n".join(rows))
            return 0
        return print_table(rows, asked.rows)


if __name__ == "__main__":
    sys.exit(main())
