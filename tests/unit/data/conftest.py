"""Small data sets that the tests make for themselves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from engine.data.dataset import DataSet
from engine.data.sources import open_data
from engine.jobs.job import Quiet
from engine.jobs.requests import DataSource
from engine.preprocessing import Preprocessing

Opener = Callable[..., DataSet]


@pytest.fixture
def opened() -> Opener:
    """Open paths as a data set, with the fields of a preprocessing if need be."""

    def open_paths(*paths: Path, source: dict[str, Any] | None = None, **fields: Any) -> DataSet:
        where = DataSource(tuple(str(path) for path in paths), **(source or {}))
        return open_data(where, Preprocessing(**fields) if fields else None, Quiet())

    return open_paths


def write_image(path: Path, color: tuple[int, int, int] | int, size: tuple[int, int] = (6, 4)):
    """One color, width × height."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L" if isinstance(color, int) else "RGB", size, color).save(path)
    return path


@pytest.fixture
def class_folders(tmp_path: Path) -> Path:
    """`photos/cat` 3 red, `photos/dog` 2 green images."""
    root = tmp_path / "photos"
    for number in range(3):
        write_image(root / "cat" / f"{number}.png", (200 + number, 0, 0))
    for number in range(2):
        write_image(root / "dog" / f"{number}.png", (0, 200 + number, 0))
    return root


@pytest.fixture
def digits() -> dict[str, np.ndarray]:
    """Gray images 8×8 in two splits, with the labels 0 to 9."""
    generator = np.random.default_rng(0)
    return {
        "x_train": generator.integers(0, 256, (60, 8, 8), np.uint8),
        "y_train": (np.arange(60) % 10).astype(np.uint8),
        "x_test": generator.integers(0, 256, (20, 8, 8), np.uint8),
        "y_test": (np.arange(20) % 10).astype(np.uint8),
    }
