"""`espalier evaluate` on trained networks, in every form, against their published figures."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.real_data import data_folder, decode_cifar

EXPECTED = {  # top-1 on 10,000 test images, as measured by whoever made the files
    "lenet300_mnist": 0.9915,
    "lenet5_mnist": 0.9946,
    "resnet20_cifar10jpeg": 0.8788,
    "resnet20_cifar10": 0.8103,
    "resnet56_cifar10": 0.8320,
}


def evaluate(model: Path, data: Path, *more: str) -> tuple[dict, float]:
    """Run the command; its object and the seconds it took."""
    command = [sys.executable, "-m", "engine.cli.main", "evaluate", str(model), "--data", str(data)]
    started = time.perf_counter()
    done = subprocess.run([*command, "--json", *more], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{model.name}: {done.stderr}")
    return json.loads(done.stdout), time.perf_counter() - started


def main() -> None:
    """Print the table."""
    folder = data_folder()
    if folder is None:
        return
    print("| Network | Form | Data | Top-1 | Expected | Difference, points | Runtime | s |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as scratch:
        archive, images = decode_cifar(folder, Path(scratch))
        for name, expected in EXPECTED.items():
            mnist = name.endswith("mnist")
            sources = [folder / "mnist.npz"] if mnist else [archive]
            if name == "resnet20_cifar10jpeg":
                sources.append(images)
            factory = f"{folder / 'resnet_cifar.py'}:{name.split('_')[0]}"
            forms = {".onnx": (), ".pt2": ()}
            if not mnist:
                forms[".safetensors"] = ("--architecture", factory, "--trust")
            for source in sources:
                for form, options in forms.items():
                    result, seconds = evaluate(folder / f"{name}{form}", source, *options)
                    top1 = result["top1"]
                    print(
                        f"| {name} | {form} | {source.suffix or 'folders'} | {top1:.4f} | "
                        f"{expected:.4f} | {100 * (top1 - expected):+.2f} | "
                        f"{result['runtime']} | {seconds:.1f} |",
                        flush=True,
                    )


if __name__ == "__main__":
    main()
