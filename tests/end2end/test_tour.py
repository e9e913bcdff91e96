"""The tour sees every view and dialog, and they look about as they did."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.tour_pictures import detail, from_afar, kept, likeness, pictures

ALIKE = 0.6
"""Correlation from afar: other fonts and other curves give more, another layout less."""
LEAST_DETAIL = 0.004
_TOUR = "import sys; from studio.tour import tour; sys.exit(tour(sys.argv[1], ('en',)))"


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("tour")
    done = subprocess.run(
        [sys.executable, "-c", _TOUR, str(folder)],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return pictures(folder)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_view_is_there_and_not_empty(taken: dict[str, Path]) -> None:
    assert set(kept()) == set(taken)
    empty = {name: detail(path) for name, path in taken.items()}
    assert [name for name, share in empty.items() if share < LEAST_DETAIL] == []


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_all_look_about_as_they_did(taken: dict[str, Path]) -> None:
    before = kept()
    alike = {name: likeness(from_afar(path), before[name]) for name, path in taken.items()}
    assert {name: value for name, value in alike.items() if value < ALIKE} == {}


def test_another_layout_is_noticed() -> None:
    before = kept()["en-light-ready"]
    assert likeness(before, before) == pytest.approx(1)
    assert likeness(before, np.fliplr(before)) < ALIKE
    assert likeness(before, np.ones_like(before)) == 0
