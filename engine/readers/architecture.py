"""Weights without a graph: build the network from the user's Python file and fill it."""

from __future__ import annotations

import importlib.util
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from engine.errors import ModelError
from engine.readers.listing import with_suffix

PREFIXES = (
    *("", "module.", "model.", "_orig_mod.", "net.", "backbone.", "network."),
    *("_orig_mod.module.", "module._orig_mod."),
)
"""What training tools put before every name."""


def split_architecture(text: str) -> tuple[Path, str]:
    """`FILE.py:FACTORY` → file and name.

    Raises:
        ModelError: It has another form, or there is no such file.
    """
    file, _, factory = text.rpartition(":")
    if not file.endswith(".py") or not factory.isidentifier():
        raise ModelError(
            f"{text!r} does not name an architecture",
            hint="Write it as FILE.py:FACTORY, a Python file and a function in it.",
            where=text,
        )
    path = Path(file).absolute()
    if not path.is_file():
        raise ModelError(f"There is no file {file}", hint="Check its path.", where=text)
    return path, factory


def build(text: str) -> nn.Module:
    """Run the user's file and its factory; only ever for a file that the user has vouched for.

    Raises:
        ModelError: It fails, with the line, or returns no module.
    """
    path, factory = split_architecture(text)
    sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    _guarded(lambda: spec.loader.exec_module(module), path)  # type: ignore[union-attr]  # a file has a loader
    make = getattr(module, factory, None)
    if not callable(make):
        known = [name for name, value in vars(module).items() if _is_factory(value, path.stem)]
        raise ModelError(
            f"{path} has no function {factory!r}",
            hint=with_suffix("It has", known, 6) + "." if known else "",
            where=text,
        )
    network = _guarded(make, path)
    if not isinstance(network, nn.Module):
        raise ModelError(
            f"{factory} of {path} returns {type(network).__name__}, not a torch.nn.Module",
            hint="It must return the network, and take no arguments.",
            where=text,
        )
    return network.eval()


def _is_factory(value: Any, module: str) -> bool:
    return callable(value) and getattr(value, "__module__", "") == module


def _guarded(call: Callable[[], Any], path: Path) -> Any:
    try:
        return call()
    except MemoryError:
        raise
    except BaseException as error:  # the user's own code: it may exit or interrupt, too
        frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == str(path)]
        number = error.lineno if isinstance(error, SyntaxError) else frames and frames[-1].lineno
        line = f", line {number}" if number else ""
        what = (str(error).strip().splitlines() or [""])[0][:200]
        said = f"{type(error).__name__}: {what}".rstrip(": ")
        raise ModelError(
            f"{path}{line}: {said}", hint="Correct the architecture file.", where=str(path)
        ) from error


def fill(network: nn.Module, tensors: Mapping[str, torch.Tensor], factory: str, path: str) -> str:
    """Load weights into a network, under whichever of the usual prefixes they fit best.

    Returns:
        The prefix that was taken off their names.

    Raises:
        ModelError: Names or shapes differ; the first few are named.
    """
    wanted = network.state_dict()
    forms = {prefix: _without(tensors, prefix) for prefix in PREFIXES}
    prefix = max(forms, key=lambda p: len(forms[p].keys() & wanted.keys()))
    chosen = forms[prefix]
    counters = {name for name in wanted if name.endswith("num_batches_tracked")}
    missing = [name for name in wanted if name not in chosen and name not in counters]
    unexpected = [name for name in chosen if name not in wanted]
    wrong = [
        f"{name} {list(chosen[name].shape)} instead of {list(wanted[name].shape)}"
        for name in wanted
        if name in chosen and chosen[name].shape != wanted[name].shape
    ]
    if missing or unexpected or wrong:
        raise ModelError(
            f"The weights of {path} do not fit {factory}: "
            f"{_differences(missing, unexpected, wrong)}",
            hint="Choose the architecture that they were trained with.",
            where=path,
        )
    network.load_state_dict(chosen, strict=False)
    return prefix


def _without(tensors: Mapping[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    """The tensors without a prefix that all their names have; as they are where some do not."""
    if not all(name.startswith(prefix) for name in tensors):
        return dict(tensors)
    return {name[len(prefix) :]: value for name, value in tensors.items()}


def _differences(missing: list[str], unexpected: list[str], wrong: list[str]) -> str:
    parts = []
    if missing:
        parts.append(with_suffix(f"{len(missing)} are missing:", missing))
    if unexpected:
        parts.append(with_suffix(f"{len(unexpected)} have no place:", unexpected))
    if wrong:
        parts.append(with_suffix(f"{len(wrong)} have another shape:", wrong))
    return "; ".join(parts)
