"""What all tests share: quiet threads, no display, and no warning logged unseen."""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import Iterator

import pydantic.fields
import pytest
from hypothesis import settings

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch: workers of xdist share the cores
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# The same examples on every run: a search for new ones is started by hand, with HYPOTHESIS=search.
settings.register_profile("steady", derandomize=True)
settings.register_profile("search")
settings.load_profile(os.environ.get("HYPOTHESIS", "steady"))

OURS = ("engine", "studio")

# Loaded before PySide6, whose import hook looks into modules that are half loaded; pydantic's then
# import themselves in a circle.
assert pydantic.fields

# Widgets that tests leave behind must die on the thread of the window, as in the program
# (studio/collector.py), and not on an engine's thread that happens to make an object.
gc.disable()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown() -> None:
    """Collect garbage between tests."""
    young, middle, old = gc.get_count()
    if young > 20_000:
        gc.collect(2 if old > 20 else 1 if middle > 20 else 0)


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
