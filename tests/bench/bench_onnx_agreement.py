"""Networks read from ONNX against ONNX Runtime, at two batch sizes; gradients of all parameters.

Files: those in ESPALIER_DATA, those below the folder that ESPALIER_MODELS names, and the zoo of
the tests as today's and as the older exporter of PyTorch write it.
"""

from __future__ import annotations

import os
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import torch

from engine.errors import EngineError
from engine.jobs.job import Quiet
from engine.jobs.requests import ModelSource
from engine.measure.compare import compare
from engine.measure.samples import index_limits, make_inputs
from engine.network.network import Network
from engine.readers.open import read_model
from engine.surgery.copy import copy_network
from tests.bench.real_data import data_folder
from tests.helpers.zoo import ZOO

BATCHES = (2, 5)


def files(scratch: Path) -> Iterator[tuple[str, Path]]:
    """Where each file comes from, and the file."""
    folder = data_folder()
    if folder is not None:
        for path in sorted(folder.glob("*.onnx")):
            yield "data", path
    extra = os.environ.get("ESPALIER_MODELS")
    if extra:
        for path in sorted(Path(extra).rglob("*.onnx")):
            yield "other projects", path
    for name, entry in ZOO.items():
        for exporter, options in (
            ("zoo, dynamo", {"dynamo": True}),
            ("zoo, older exporter, opset 13", {"dynamo": False, "opset_version": 13}),
        ):
            path = scratch / f"{name}.onnx"
            if _export(entry, path, options):
                yield exporter, path
            else:
                print(f"| {name} | {exporter} | PyTorch does not export it | | |")


def _export(entry, path: Path, options: dict) -> bool:
    module, inputs = entry.example(batch=3)
    if options["dynamo"]:
        options = options | {"dynamic_shapes": tuple({0: "batch"} for _ in inputs)}
    else:
        names = [f"in{number}" for number in range(len(inputs))]
        axes = {name: {0: "batch"} for name in names}
        options = options | {"input_names": names, "dynamic_axes": axes}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.onnx.export(module, inputs, str(path), verbose=False, **options)
    except Exception:  # noqa: BLE001 - whatever the exporter raises, there is no file to read
        return False
    return True


def gradients(network: Network) -> str:
    """How many of the parameters receive a finite gradient that is not zero everywhere."""
    module = copy_network(network).module
    arrays = make_inputs(network.inputs, 2, limits=index_limits(network), seed=0)
    parameters = [
        torch.nn.Parameter(one.detach().clone())
        for one in module.parameters()
        if one.is_floating_point()
    ]
    own = dict(
        zip(
            [n for n, p in module.named_parameters() if p.is_floating_point()],
            parameters,
            strict=True,
        )
    )
    outputs = torch.func.functional_call(
        module, own, tuple(torch.from_numpy(array) for array in arrays)
    )
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    sum(one.double().pow(2).sum() for one in outputs if one.is_floating_point()).backward()
    reached = sum(
        p.grad is not None and bool(p.grad.isfinite().all()) and bool(p.grad.any())
        for p in parameters
    )
    return f"{reached} of {len(parameters)}"


def main() -> None:
    """Print the table."""
    torch.set_num_threads(1)
    print("| File | From | Largest difference, relative | Batches | Parameters with gradient |")
    print("| --- | --- | --- | --- | --- |")
    worst = 0.0
    with tempfile.TemporaryDirectory() as scratch:
        for origin, path in files(Path(scratch)):
            try:
                opened = read_model(ModelSource(str(path)), Quiet())
                if opened.network is None:
                    print(f"| {path.stem} | {origin} | inspection only: {opened.reason} | | |")
                    continue
                found = compare(opened.network, path, Quiet(), batches=BATCHES)
                reached = gradients(opened.network)
            except EngineError as error:
                print(f"| {path.stem} | {origin} | {error.one_line()} | | |", flush=True)
                continue
            worst = max(worst, found.max_relative)
            batches = ", ".join(map(str, found.batches))
            print(
                f"| {path.stem} | {origin} | {found.max_relative:.1e} | {batches} | {reached} |",
                flush=True,
            )
    print(f"\nLargest of all: {worst:.1e}")


if __name__ == "__main__":
    main()
