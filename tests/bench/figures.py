"""What the rows of issue 3 ask for, and how a table of them is printed."""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from engine.errors import EngineError
from tests.bench.real_data import cifar_archive, data_folder


@dataclass(frozen=True)
class Figure:
    """One line of a table.

    Attributes:
        work: What was done.
        reached: Values, one for each seed.
        must: What they must reach; None: nothing is asked.
        aim: What would be better still.
        peer: What the best other library reached, and where that is from.
        unit: Written after the values.
        less: Smaller is better.
        notes: Anything else: seconds, bytes, other measures.
    """

    work: str
    reached: tuple[float, ...]
    must: float | None = None
    aim: float | None = None
    peer: str = ""
    unit: str = "%"
    less: bool = False
    notes: str = ""

    @property
    def verdict(self) -> str:
        """Of the mean over the seeds."""
        if self.must is None:
            return ""
        mean = statistics.fmean(self.reached)
        return (
            "aim"
            if self._beats(mean, self.aim)
            else "yes"
            if self._beats(mean, self.must)
            else "NO"
        )

    def _beats(self, value: float, wanted: float | None) -> bool:
        if wanted is None:
            return False
        return value <= wanted + 1e-9 if self.less else value >= wanted - 1e-9

    def line(self) -> str:
        """As a line of a Markdown table."""
        mean = self._text(statistics.fmean(self.reached))
        if len(self.reached) > 1:
            mean += f" ({self._text(min(self.reached))} to {self._text(max(self.reached))})"
        sign = "≤" if self.less else "≥"
        asked = [
            "" if one is None else f"{sign} {self._text(one)}" for one in (self.must, self.aim)
        ]
        cells = (self.work, mean, *asked, self.peer, self.verdict, self.notes)
        return f"| {' | '.join(cells)} |"

    def _text(self, value: float) -> str:
        if self.unit == "bytes":
            return f"{value:,.0f}"
        return f"{value:.2f} {self.unit}".rstrip()


Row = Callable[[], Iterator[Figure]]


def print_table(rows: dict[str, Row], chosen: list[str]) -> int:
    """Make each row and print it at once; the number of rows that could not be made."""
    print("| Work | Reached | Must | Aim | Peer | Reached? | Notes |")
    print("| --- | --- | --- | --- | --- | --- | --- |", flush=True)
    failed = 0
    for name, row in rows.items():
        if chosen and name not in chosen:
            continue
        began = time.perf_counter()
        try:
            for figure in row():
                print(figure.line(), flush=True)
        except EngineError as error:
            failed += 1
            print(f"| {name} | failed: {error.one_line()} | | | | NO | |", flush=True)
        except Exception:  # noqa: BLE001 - one row that breaks must not cost the others
            failed += 1
            traceback.print_exc()
            print(f"| {name} | broke | | | | NO | |", flush=True)
        sys.stderr.write(f"{name}: {time.perf_counter() - began:.0f} s\n")
    return failed


def options(description: str) -> argparse.ArgumentParser:
    """What these benchmarks can be asked."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--rows", default="", help="Names of rows, with commas; all without.")
    parser.add_argument("--list", action="store_true", help="Say which rows there are.")
    parser.add_argument("--seeds", default="0,1,2", help="With commas.")
    parser.add_argument("--samples", type=int, default=0, help="Test images; 0: all.")
    parser.add_argument("--threads", type=int, default=2, help="For PyTorch and for scoring.")
    parser.add_argument("--steps", type=int, default=300, help="Of rows that train.")
    parser.add_argument("--cifar", type=Path, help="CIFAR-10 as decoded before.")
    parser.add_argument("--keep", type=Path, help="Folder where the written files stay.")
    parser.add_argument("--quick", action="store_true", help="500 images, one seed, 4 steps.")
    return parser


def parsed(parser: argparse.ArgumentParser) -> argparse.Namespace:
    """The options; `seeds` and `rows` as lists."""
    asked = parser.parse_args()
    if asked.quick:
        asked.samples, asked.seeds, asked.steps = asked.samples or 500, "0", 4
    asked.seeds = [int(seed) for seed in asked.seeds.split(",")]
    asked.rows = [row for row in asked.rows.split(",") if row]
    return asked


@contextmanager
def places(asked: argparse.Namespace) -> Iterator[tuple[Path, Path, Path] | None]:
    """Data folder, decoded CIFAR-10, and a folder to write to; None where they are missing."""
    folder = data_folder()
    if folder is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="espalier-bench-") as scratch:
        out = asked.keep or Path(scratch)
        out.mkdir(parents=True, exist_ok=True)
        yield folder, asked.cifar or cifar_archive(folder, Path(scratch)), out
