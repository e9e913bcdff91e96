"""Time and memory of the quick listing, beside `onnx.load` and numpy histograms in the same run.

    python -m tests.bench.bench_listing

Makes an ONNX file of 100 MB and one of 1 GB with external data in a temporary folder. Each way runs
in a fresh process with everything imported before the clock starts; *private* is the growth of the
memory that the process does not share with files (a listing maps the weights).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import psutil
from onnx import TensorProto, helper

MB = 1_000_000
WIDTH = 1_000
"""Each dense layer holds WIDTH² float32: 4 MB."""


def make_model(folder: Path, megabytes: int, *, external: bool) -> Path:
    """A chain of dense layers with weights of that size in all."""
    path = folder / f"dense-{megabytes}.onnx"
    data = path.with_suffix(".data")
    values = np.random.default_rng(0).normal(size=(WIDTH, WIDTH)).astype(np.float32).tobytes()
    layers = megabytes * MB // len(values)
    tensors, nodes = [], []
    with data.open("wb") as file:
        for index in range(layers):
            tensor = TensorProto(
                name=f"layer{index}.weight", dims=(WIDTH, WIDTH), data_type=TensorProto.FLOAT
            )
            if external:
                tensor.data_location = TensorProto.EXTERNAL
                for key, value in (
                    ("location", data.name),
                    ("offset", file.tell()),
                    ("length", len(values)),
                ):
                    tensor.external_data.add(key=key, value=str(value))
                file.write(values)
            else:
                tensor.raw_data = values
            tensors.append(tensor)
            ends = [f"v{index}", f"v{index + 1}"]
            nodes.append(
                helper.make_node("MatMul", [ends[0], tensor.name], [ends[1]], f"mm{index}")
            )
    graph = helper.make_graph(
        nodes,
        "dense",
        [helper.make_tensor_value_info("v0", TensorProto.FLOAT, ["batch", WIDTH])],
        [helper.make_tensor_value_info(f"v{layers}", TensorProto.FLOAT, ["batch", WIDTH])],
        tensors,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path.write_bytes(model.SerializeToString())
    return path


def measure(way: str, path: Path, small: Path) -> dict[str, float]:
    """Run one way in this process; seconds and bytes."""
    run = WAYS[way]
    run(small)
    process = psutil.Process()
    before = process.memory_full_info().uss
    started = time.perf_counter()
    kept = run(path)
    seconds = time.perf_counter() - started
    peak = process.memory_full_info().uss
    del kept
    return {"seconds": seconds, "private_mb": (peak - before) / MB}


def ours(path: Path) -> Any:
    """The listing, as the child runs it."""
    from engine.jobs.job import Quiet
    from engine.readers.listing import network_info
    from engine.readers.onnx.listing import sketch_loaded
    from engine.readers.onnx.load import load_model

    loaded = load_model(path)
    return loaded, network_info(path, sketch_loaded(loaded), Quiet())


def onnx_and_numpy(path: Path) -> Any:
    """What one would write by hand: load everything, a histogram of every weight."""
    model = onnx.load(path)
    histograms = [
        np.histogram(onnx.numpy_helper.to_array(tensor), bins=64)
        for tensor in model.graph.initializer
    ]
    return model, histograms


def through_child(path: Path) -> Any:
    """The listing as the engine asks for it: in a child process that is already warm."""
    from engine.jobs.job import Quiet
    from engine.jobs.requests import ModelSource
    from engine.readers.open import list_model

    return list_model(ModelSource(str(path)), Quiet())


WAYS: dict[str, Callable[[Path], Any]] = {
    "listing": ours,
    "listing, child included": through_child,
    "onnx.load + numpy": onnx_and_numpy,
}


def main() -> None:
    """Make the files, measure each way in its own process, print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--measure", nargs=3, metavar=("WAY", "FILE", "SMALL"))
    asked = parser.parse_args().measure
    if asked:
        print(json.dumps(measure(asked[0], Path(asked[1]), Path(asked[2]))))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        small = make_model(folder, 4, external=False)
        for megabytes, external in ((100, False), (1_000, True)):
            path = make_model(folder, megabytes, external=external)
            kind = "external data" if external else "one file"
            print(f"{megabytes:,} MB of weights, {kind}")
            for way in WAYS:
                command = [sys.executable, "-m", "tests.bench.bench_listing", "--measure"]
                result = subprocess.run(
                    [*command, way, str(path), str(small)], check=True, capture_output=True
                )
                figures = json.loads(result.stdout)
                took = f"{figures['seconds']:8.2f} s{figures['private_mb']:10.0f} MB private"
                print(f"  {way:<26}{took}", flush=True)


if __name__ == "__main__":
    main()
