"""`.safetensors`: the weights alone, under their original names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from engine.errors import EngineError
from engine.jobs.job import Job
from engine.network.lifting.skeleton import stored_names
from engine.network.network import Network
from engine.writers.atomic import replacing

ALIASES = "espalier.tied"
"""Metadata: names of tied tensors that are left out → the name that is stored, as JSON."""


def state_dict(network: Network) -> dict[str, torch.Tensor]:
    """The tensors under the names (and the way round) that the original module has them in."""
    names = stored_names(network.module)
    transposed = set(network.module.meta.get("transposed", ()))
    tensors: dict[str, torch.Tensor] = {}
    for name, tensor in network.module.state_dict().items():
        value = tensor.detach().t() if name in transposed else tensor.detach()
        tensors.setdefault(names.get(name, name), value)
    return tensors


def write_safetensors(network: Network, path: str | Path, job: Job) -> int:
    """Write a network's weights; tied ones once.

    The metadata holds inputs, outputs and, as safetensors' own `save_model` does, which names are
    tied to which.

    Returns:
        Size of the file in bytes.

    Raises:
        EngineError: The file cannot be written.
        Cancelled: By the job; an older file is then as it was.
    """
    job.checkpoint("Writing the weights", 0, 2)
    tensors, tied = without_ties(state_dict(network))
    with replacing(path) as new:
        try:
            save_file(tensors, new, metadata=_metadata(network, tied))
        except SafetensorError as error:
            raise _system_error(error) from error
        job.checkpoint("Checking the file", 1, 2)
        read = load_file(new)
        for name, tensor in tensors.items():
            if not _same(tensor, read[name]):
                raise EngineError(f"The written file does not hold the weights of {name!r}")
    job.checkpoint("Checking the file", 2, 2)
    return Path(path).stat().st_size


def without_ties(
    tensors: dict[str, torch.Tensor],
) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    """Each tensor once and contiguous, and the names that were left out → the name that stays."""
    kept: dict[str, torch.Tensor] = {}
    tied: dict[str, str] = {}
    first: dict[tuple[object, ...], str] = {}
    for name, tensor in tensors.items():
        key = (tensor.data_ptr(), tensor.dtype, tuple(tensor.shape), tensor.stride())
        if tensor.numel() and key in first:
            tied[name] = first[key]
            continue
        first[key] = name
        # Overlapping views of one storage must be copied, which `contiguous` need not do.
        alone = tensor.untyped_storage().nbytes() == tensor.numel() * tensor.element_size()
        kept[name] = tensor.contiguous() if alone else tensor.contiguous().clone()
    return kept, tied


def _metadata(network: Network, tied: dict[str, str]) -> dict[str, str]:
    """Everything as text, which is all that the format takes."""

    def described(infos: Any) -> list[dict[str, Any]]:
        return [{"name": i.name, "shape": list(i.shape), "dtype": i.dtype} for i in infos]

    ends = {"inputs": described(network.inputs), "outputs": described(network.outputs)}
    return {
        **tied,
        "format": "pt",
        "espalier": json.dumps(ends, sort_keys=True),
        ALIASES: json.dumps(tied, sort_keys=True),
    }


def _system_error(error: SafetensorError) -> OSError:
    """The library wraps the system's error in text: `I/O error: No space left … (os error 28)`."""
    text = str(error)
    number = text.rpartition("os error ")[2].rstrip(")") if "os error " in text else ""
    return OSError(int(number) if number.isdigit() else 0, text)


def _same(a: torch.Tensor, b: torch.Tensor) -> bool:
    if a.dtype != b.dtype or a.shape != b.shape:
        return False
    flat = (tensor.cpu().contiguous().reshape(-1) for tensor in (a, b))
    left, right = flat
    return not a.numel() or torch.equal(left.view(torch.uint8), right.view(torch.uint8))
