"""Every ONNX operator that Espalier can read as part of a trainable graph."""

from __future__ import annotations

import importlib
import pkgutil

from engine.readers.onnx import ops
from engine.readers.onnx.table import handlers


def load_all() -> None:
    """Import every module of `engine.readers.onnx.ops`, which registers its handlers."""
    for module in pkgutil.iter_modules(ops.__path__, prefix=f"{ops.__name__}."):
        importlib.import_module(module.name)


def operators() -> list[tuple[str, str]]:
    """(domain, operator) of every handler, sorted; the empty domain is the standard one."""
    load_all()
    return sorted(handlers())
