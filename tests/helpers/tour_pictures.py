"""What the tour's pictures look like from afar, so that they can be compared loosely.

`python -m tests.helpers.tour_pictures FOLDER` keeps those of a tour as the ones to compare with.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

KEPT = Path(__file__).parents[1] / "end2end" / "tour.npz"
SIZE = (48, 30)
"""Too coarse for letters, fine enough for panels, plots and tables."""
Floats = NDArray[np.float64]


def from_afar(path: Path) -> Floats:
    """A picture in grays, `[30, 48]`, 0…1."""
    with Image.open(path) as picture:
        small = picture.convert("L").resize(SIZE, Image.Resampling.BOX)
        return np.asarray(small, np.float64) / 255


def detail(path: Path) -> float:
    """Share of the pixels that differ from their neighbor: text and lines; 0 for an empty one."""
    with Image.open(path) as picture:
        gray = np.asarray(picture.convert("L"), np.int16)
    return float((np.abs(np.diff(gray, axis=1)) > 16).mean())


def likeness(one: Floats, other: Floats) -> float:
    """Correlation of two pictures; 1: alike up to brightness."""
    if min(one.std(), other.std()) < 1e-3:
        return 0.0
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def pictures(folder: Path) -> dict[str, Path]:
    """Name without its number → file."""
    found = {}
    for path in sorted(folder.glob("*.png")):
        language, scheme, _number, name = path.stem.split("-", 3)
        found[f"{language}-{scheme}-{name}"] = path
    return found


def keep(folder: Path) -> None:
    """Store how the pictures of a tour look from afar."""
    seen = {name: from_afar(path) for name, path in pictures(folder).items()}
    np.savez_compressed(KEPT, **{name: (255 * one).astype(np.uint8) for name, one in seen.items()})


def kept() -> dict[str, Floats]:
    """What was stored."""
    with np.load(KEPT) as archive:
        return {name: archive[name].astype(np.float64) / 255 for name in archive.files}


if __name__ == "__main__":
    keep(Path(sys.argv[1]))
