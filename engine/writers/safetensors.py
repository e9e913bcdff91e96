"""`.safetensors`: the weights alone, under their original names."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from engine.errors import EngineError
from engine.jobs.job import Job
from engine.measure.predict import TorchPredictor
from engine.network.encoding import Encoding, HalfEncoding
from engine.network.leaves import uses
from engine.network.lifting.skeleton import stored_names
from engine.network.network import Network
from engine.statistics.calibration import Calibration
from engine.surgery.copy import as_kind_of, copy_network, replace_tensors
from engine.writers.atomic import check_writable, replacing
from engine.writers.verify import Verification, verify

ALIASES = "espalier.tied"
"""Metadata: names of tied tensors that are left out → the name that is stored, as JSON."""
ENCODINGS = "espalier.encodings"
"""Metadata: layer → the grid that its weight lies on, as JSON; scales are base64 of float32."""


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
    """Write a network's weights; size of the file in bytes (see `export_safetensors`).

    Raises:
        EngineError: The file cannot be written.
        Cancelled: By the job; an older file is then as it was.
    """
    export_safetensors(network, path, job)
    return Path(path).stat().st_size


def export_safetensors(
    network: Network, path: str | Path, job: Job, samples: Calibration | None = None
) -> Verification:
    """Write a network's weights; tied ones once.

    Quantized weights are float values on their grid, which the metadata describes; those in half
    precision are stored as such. The metadata also holds inputs, outputs and, as safetensors' own
    `save_model` does, which names are tied to which. The file is read back, and a network with the
    weights in it compared with this one, before it takes the place of an older file.

    Raises:
        EngineError: The file cannot be written, or differs from the network.
        Cancelled: By the job; an older file is then as it was.
    """
    check_writable(path)
    job.checkpoint("Writing the weights", 0, 2)
    tensors, tied = without_ties(_halved(network))
    with replacing(path) as new:
        try:
            save_file(tensors, new, metadata=_metadata(network, tied))
        except SafetensorError as error:
            raise _system_error(error) from error
        job.checkpoint("Checking the file", 1, 2)
        read = load_file(new)
        for name, tensor in tensors.items():
            if name not in read or not _same(tensor, read[name]):
                raise EngineError(f"The written file does not hold the weights of {name!r}")
        again = _with_weights(network, read, tied)
        verification = verify(network, TorchPredictor(again), job, rounded=False, samples=samples)
    job.checkpoint("Checking the file", 2, 2)
    return verification


def _halved(network: Network) -> dict[str, torch.Tensor]:
    """The state dict, with what is encoded in half precision as such, where that loses nothing."""
    kinds = {}
    for use in uses(network.module):
        encoding = network.encodings.get(use.name)
        if isinstance(encoding, HalfEncoding):
            kinds[use.weight.data_ptr()] = getattr(torch, encoding.dtype)
    tensors: dict[str, torch.Tensor] = {}
    halves: dict[tuple[object, ...], torch.Tensor] = {}
    for name, tensor in state_dict(network).items():
        kind = kinds.get(tensor.data_ptr()) if tensor.numel() else None
        key = (tensor.data_ptr(), tensor.shape, tensor.stride())
        if kind is not None and key not in halves and torch.equal(tensor.to(kind).float(), tensor):
            halves[key] = tensor.to(kind)
        tensors[name] = halves[key] if kind is not None and key in halves else tensor
    return tensors


def _with_weights(
    network: Network, tensors: Mapping[str, torch.Tensor], tied: Mapping[str, str]
) -> Network:
    """A copy of the network whose tensors are those of a file."""
    result = copy_network(network)
    names = stored_names(network.module)
    transposed = set(network.module.meta.get("transposed", ()))
    new: dict[int, torch.Tensor] = {}
    own = {
        **dict(result.module.named_parameters(remove_duplicate=False)),
        **dict(result.module.named_buffers(remove_duplicate=False)),
    }
    for name, tensor in own.items():
        stored = names.get(name, name)
        value = tensors.get(tied.get(stored, stored))
        if value is None:
            continue  # a buffer that does not belong to the state dict
        value = (value.t() if name in transposed else value).to(tensor.dtype)
        new[id(tensor)] = as_kind_of(tensor, value)
    replace_tensors(result.module, new)
    return result


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
    metadata = {
        **tied,
        "format": "pt",
        "espalier": json.dumps(ends, sort_keys=True),
        ALIASES: json.dumps(tied, sort_keys=True),
    }
    if network.encodings:
        grids = {layer: _description(e) for layer, e in network.encodings.items()}
        metadata[ENCODINGS] = json.dumps(grids, sort_keys=True)
    return metadata


def _description(encoding: Encoding) -> dict[str, Any]:
    """The grid of a weight: weight = (integer - zero_point) * scale."""
    if isinstance(encoding, HalfEncoding):
        return {"dtype": encoding.dtype}
    return {
        "bits": encoding.bits,
        "symmetric": encoding.symmetric,
        "narrow": encoding.narrow,
        "axis": encoding.axis,
        "group_size": encoding.group_size,
        "shape": list(encoding.scale.shape),
        "scale": _text(encoding.scale.to(torch.float32)),
        "zero_point": "" if encoding.symmetric else _text(encoding.zero_point.to(torch.int32)),
    }


def _text(tensor: torch.Tensor) -> str:
    """A tensor's bytes, little-endian, as base64."""
    array = tensor.detach().cpu().contiguous().numpy()
    return base64.b64encode(array.astype(array.dtype.newbyteorder("<")).tobytes()).decode()


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
