"""Where the real data sets and networks are, for the benchmarks that need them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def data_folder() -> Path | None:
    """The folder that ESPALIER_DATA names, or None after saying that something is skipped."""
    name = os.environ.get("ESPALIER_DATA", "")
    if name and Path(name).is_dir():
        return Path(name).resolve()
    print("skipped: set ESPALIER_DATA to a folder with the data sets and networks")
    return None


def decode_cifar(folder: Path, out: Path) -> tuple[Path, Path]:
    """Decode the JPEG bytes of CIFAR-10 to an `.npz` and to folders of images of the test split."""
    script = folder / "decode_cifar10.py"
    archive, images = cifar_archive(folder, out), out / "cifar10"
    subprocess.run([sys.executable, str(script), "--folders", str(images)], check=True)
    return archive, images


def cifar_archive(folder: Path, out: Path) -> Path:
    """Decode the JPEG bytes of CIFAR-10 to an `.npz` of pixels."""
    archive = out / "cifar10.npz"
    script = folder / "decode_cifar10.py"
    subprocess.run([sys.executable, str(script), "--npz", str(archive)], check=True)
    return archive
