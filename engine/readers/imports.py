"""What opening a file would import and run, found without running it."""

from __future__ import annotations

import ast
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.errors import ModelError
from engine.jobs.job import Job
from engine.readers.inert import open_torch
from engine.readers.pickled import module_of
from engine.readers.sniff import Container, sniff
from engine.readers.trust import outside_torch

TASK = "engine.readers.imports:find_imports"
CODE_BYTES = 1 << 22
MOST = 1000
"""Names that are told."""
_USUAL = (
    "__future__",
    "torch",
    "numpy",
    "math",
    "typing",
    "collections",
    "dataclasses",
    "functools",
    "enum",
)


def find_imports(arguments: Mapping[str, Any], folder: Path, job: Job) -> dict[str, Any]:
    """Look into a file; runs in a child process, like all that reads files of others.

    Raises:
        ModelError: It is no model and no Python file.
    """
    del folder
    path = Path(arguments["path"])
    job.checkpoint("Looking at the file")
    if path.suffix.lower() == ".py":
        names = _of_code(path)
        return _told(names, [n for n in names if n.split(".")[0] not in _USUAL], runs_code=True)
    if sniff(path) not in (Container.TORCH, Container.TORCH_OLD):
        return _told([], [], runs_code=False)
    file = open_torch(path)
    return _told(file.imports, outside_torch(file.imports), runs_code=module_of(file) is not None)


def _told(names: list[str], foreign: list[str], *, runs_code: bool) -> dict[str, Any]:
    return {"imports": names[:MOST], "foreign": foreign[:MOST], "runs_code": runs_code}


def _of_code(path: Path) -> list[str]:
    """What the import statements of a Python file name, in order."""
    if path.stat().st_size > CODE_BYTES:
        raise ModelError(f"{path} is too large to be Python code", where=str(path))
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ModelError(
            f"{path} is not Python code that {sys.version_info[0]}.{sys.version_info[1]} reads: "
            f"{error}",
            where=str(path),
        ) from None
    found: dict[str, None] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(dict.fromkeys(alias.name for alias in node.names))
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            found.update(dict.fromkeys(f"{module}.{alias.name}" for alias in node.names))
    return list(found)
