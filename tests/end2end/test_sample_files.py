"""The shipped sample: small, reproducible by its script, and as good as its description says."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import numpy as np
import pytest

from engine.paths import RESOURCES

SAMPLES = RESOURCES / "samples"
SHIPPED = ("digits.npz", "digits.pt2", "digits.safetensors", "digits.json")


def test_the_sample_is_under_one_megabyte() -> None:
    assert sum((SAMPLES / name).stat().st_size for name in SHIPPED) < 1_000_000


def test_the_data_is_split_without_overlap() -> None:
    with np.load(SAMPLES / "digits.npz", allow_pickle=False) as data:
        train, test = data["x_train"], data["x_test"]
        assert (len(train), len(test)) == (1297, 500)
        assert train.dtype == np.uint8
        assert train.max() == 16
        counts = np.bincount(data["y_test"])
    assert counts.min() >= 45  # stratified: no digit is rare


def test_the_script_trains_and_writes_every_file(tmp_path) -> None:
    script = SAMPLES / "train_digits.py"
    done = subprocess.run(
        [sys.executable, str(script), "--out", str(tmp_path), "--epochs", "3"],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    found = re.search(r"test accuracy (0\.\d+)", done.stdout)
    assert found is not None
    assert float(found[1]) > 0.85
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(SHIPPED)
    described = json.loads((tmp_path / "digits.json").read_text(encoding="utf-8"))
    assert described["measured_test_accuracy"] == pytest.approx(float(found[1]), abs=1e-4)


def test_no_shipped_file_names_a_folder_of_the_machine_that_made_it() -> None:
    for name in SHIPPED:
        content = (SAMPLES / name).read_bytes()
        assert b"site-packages" not in content
        assert b"train_digits.py" not in content
