"""A network of ResNet-50's size: int8 and half of the MACs against float; the whole in one process.

`python -m tests.bench resnet50 [--side 224] [--calibration 64] [--rows int8] [--quick]`

The weights are drawn, not trained: only time, size and memory are asked. Calibration images are
noise. The whole compression runs in a process of its own, whose peak memory is its own.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench.figures import Figure, Row, options, parsed, print_table

PRUNE = {
    "method": "channel",
    "ratio": 0.5,
    "target": "macs",
    "criterion": "magnitude",
    "allocation": "uniform",
}
INT8 = {"method": "uniform", "weight_bits": 8, "activation_bits": 8}
FULL = {"method": "channel", "ratio": 0.5, "target": "macs"}
RECIPES: dict[str, list[dict[str, Any]]] = {
    "int8": [INT8],
    "channels": [PRUNE],
    "whole": [FULL, INT8],
}


def make_inputs(folder: Path, side: int, count: int, *, full: bool = True) -> None:
    """A network of ResNet-50's size as `.pt2` and float ONNX, and images of noise.

    Args:
        folder: Where to write them.
        side: Height and width.
        count: Images to calibrate with: half of what validation leaves of the training split.
        full: The published size; else a small one of the same form.
    """
    import torch

    from engine.info import Format
    from engine.jobs.job import Quiet
    from engine.network.export import export_module
    from engine.network.lift import network_from_program
    from engine.writers.onnx_float import write_onnx
    from engine.writers.pt2 import write_pt2
    from tests.helpers.zoo import ZOO

    module = ZOO["resnet50"].build(full=full)
    program = export_module(module, (torch.zeros(2, 3, side, side),))
    network = network_from_program(program, Format.PT2)
    write_pt2(network, folder / "resnet50.pt2", Quiet())
    write_onnx(network, folder / "resnet50.onnx", Quiet())
    noise = np.random.default_rng(0)
    shape = (round(2 * count / 0.9), side, side, 3)
    np.savez(
        folder / "noise.npz",
        x_train=noise.integers(0, 256, shape, np.uint8),
        x_test=noise.integers(0, 256, (16, side, side, 3), np.uint8),
    )
    said = {
        "input_shape": ["batch", 3, side, side],
        "layout": "NCHW",
        "channel_order": "RGB",
        "scale": 1 / 255,
        "mean": [0.485, 0.456, 0.406],
        "std": [0.229, 0.224, 0.225],
        "task": "classification",
    }
    (folder / "resnet50.json").write_text(json.dumps(said), encoding="utf-8")


def child(folder: Path, name: str, threads: int) -> None:
    """Run one recipe in this process; print seconds and peak memory."""
    from tests.bench.compressing import compress

    start = time.perf_counter()
    made = compress(
        folder / "resnet50.pt2",
        folder / "noise.npz",
        RECIPES[name],
        folder / f"{name}.onnx",
        threads=threads,
        limit=8,
    )
    own, others = (
        resource.getrusage(who).ru_maxrss * 1024
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    old, new = made.result.original.macs or 0, made.result.measured.macs or 0
    said = {
        "seconds": time.perf_counter() - start,
        "steps_cpu_s": made.cpu_s,
        "peak": own + others,  # both may be alive at once
        "macs": new / max(old, 1),
        "steps": [(one.method, one.seconds) for one in made.result.steps],
    }
    print(json.dumps(said))


class Sized:
    """The rows."""

    def __init__(self, folder: Path, threads: int, side: int) -> None:
        self.folder, self.threads, self.side = folder, threads, side

    def made(self, name: str) -> dict[str, Any]:
        """What a recipe took in a process of its own."""
        command = [sys.executable, "-m", "tests.bench.bench_resnet50", "--child", name]
        command += ["--keep", str(self.folder), "--threads", str(self.threads)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr.strip())
        said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return said

    def faster(self, name: str, work: str) -> Row:
        """A row of latency against float, in turns."""

        def row() -> Iterator[Figure]:
            from tests.bench.scoring import latencies

            said = self.made(name)
            paths = [self.folder / "resnet50.onnx", self.folder / f"{name}.onnx"]
            x = np.random.default_rng(1).standard_normal((1, 3, self.side, self.side))
            float_ms, ours_ms = latencies(paths, x.astype(np.float32), seconds=5, threads=1)
            size = [path.stat().st_size for path in paths]
            notes = (
                f"{float_ms:.1f} → {ours_ms:.1f} ms, {size[0]:,} → {size[1]:,} bytes, "
                f"{100 * said['macs']:.0f} % of the MACs, steps {said['steps_cpu_s']:.0f} CPU s"
            )
            yield Figure(work, (float_ms / ours_ms,), 1.6, unit="×", notes=notes)

        return row

    def whole(self) -> Iterator[Figure]:
        """Pruning and int8 in one go."""
        said = self.made("whole")
        steps = ", ".join(f"{method} {seconds:.0f} s" for method, seconds in said["steps"])
        work = "whole compression (prune + int8)"
        notes = f"{steps}; {100 * said['macs']:.0f} % of the MACs"
        yield Figure(f"{work}, seconds", (said["seconds"],), 180, unit="s", less=True, notes=notes)
        peak = said["peak"] / 1e9
        about = "of the process and its largest child together"
        yield Figure(f"{work}, peak memory", (peak,), 4, unit="GB", less=True, notes=about)

    def rows(self) -> dict[str, Row]:
        """All of them."""
        return {
            "int8": self.faster("int8", "int8, times faster than float, batch 1"),
            "channels": self.faster("channels", "−50 % MACs by channels, times faster, batch 1"),
            "whole": self.whole,
        }


def main() -> int:
    """Print the table; the status is the number of rows that could not be made."""
    parser = options(str(__doc__))
    parser.add_argument("--side", type=int, default=224, help="Height and width of the images.")
    parser.add_argument("--calibration", type=int, default=64, help="Images of noise.")
    parser.add_argument("--child", choices=sorted(RECIPES), help=argparse.SUPPRESS)
    asked = parsed(parser)
    if asked.child:
        child(asked.keep, asked.child, asked.threads)
        return 0
    with tempfile.TemporaryDirectory(prefix="espalier-bench-") as scratch:
        folder = asked.keep or Path(scratch)
        asked.side = 32 if asked.quick else asked.side
        rows = Sized(folder, asked.threads, asked.side).rows()
        if asked.list:
            print("\n".join(rows))
            return 0
        folder.mkdir(parents=True, exist_ok=True)
        if asked.quick:
            make_inputs(folder, asked.side, 8, full=False)
        else:
            make_inputs(folder, asked.side, asked.calibration)
        return print_table(rows, asked.rows)


if __name__ == "__main__":
    sys.exit(main())
