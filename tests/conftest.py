"""What all tests share: quiet threads, no display, and no warning logged unseen."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch: workers of xdist share the cores
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

OURS = ("engine", "studio")


@pytest.fixture(autouse=True)
def no_unexpected_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail a test in whose course our code logs a warning.

    A test that expects one looks at it and then calls `caplog.clear()`.
    """
    yield
    logged = [
        record.getMessage()
        for when in ("setup", "call")
        for record in caplog.get_records(when)
        if record.levelno >= logging.WARNING and record.name.split(".")[0] in OURS
    ]
    assert not logged
