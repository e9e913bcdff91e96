"""The quick listing: the layer table straight from a file's directory, before any network is made.

Each form finds its layers its own way and ends in `Entry`s; `network_info` makes the table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from engine.frozen import FrozenMap
from engine.info import Format, LayerInfo, LayerKind, NetworkInfo, TensorInfo, Verdict
from engine.jobs.job import Job
from engine.readers.stored import Stored

COUNTER = "num_batches_tracked"
"""Batch norm's, which serves training alone; most formats leave it out, so it counts nowhere."""
NOT_PARAMETERS = ("running_mean", "running_var", COUNTER)


@dataclass(frozen=True, slots=True)
class Entry:
    """A layer as a file has it.

    Attributes:
        name: Final name.
        kind: What it is.
        tensors: Role (`weight`, `bias`, `running_mean`, …) → tensor, the weight first.
        shape: Weight shape as PyTorch has it, where it differs from the stored one.
        attributes: Kind-specific settings, where the file tells.
        source_name: The node's name in the file.
        tied_to: Name of the layer whose weight this one shares, where the reader knows.
        reason: Why it can be neither trained nor pruned; empty where it can.
    """

    name: str
    kind: LayerKind
    tensors: Mapping[str, Stored]
    shape: tuple[int, ...] | None = None
    attributes: Mapping[str, int | float | str | bool] = FrozenMap()
    source_name: str = ""
    tied_to: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Sketch:
    """What a file's directory tells about the whole network."""

    form: Format
    entries: Sequence[Entry]
    inputs: tuple[TensorInfo, ...] = ()
    outputs: tuple[TensorInfo, ...] = ()
    warnings: tuple[str, ...] = ()
    runnable: bool = True
    size_bytes: int = 0


def network_info(path: Path, sketch: Sketch, job: Job) -> NetworkInfo:
    """The table of a file, with sampled histograms and a warning for each odd layer."""
    owners: dict[str, str] = {}
    counted: set[str] = set()
    layers: list[LayerInfo] = []
    warnings = list(sketch.warnings)
    parameters = 0
    for position, entry in enumerate(sketch.entries):
        job.checkpoint("Listing layers", position, len(sketch.entries))
        layer, odd = _layer(entry, position, owners)
        layers.append(layer)
        warnings += odd
        for role, tensor in entry.tensors.items():
            if role not in NOT_PARAMETERS and tensor.identity not in counted:
                counted.add(tensor.identity)
                parameters += tensor.values
    return NetworkInfo(
        name=path.stem,
        format=sketch.form,
        inputs=sketch.inputs,
        outputs=sketch.outputs,
        layers=tuple(layers),
        groups=(),
        parameters=parameters,
        size_bytes=sketch.size_bytes or path.stat().st_size,
        warnings=tuple(dict.fromkeys(warnings)),
        runnable=sketch.runnable,
    )


def _layer(entry: Entry, position: int, owners: dict[str, str]) -> tuple[LayerInfo, list[str]]:
    roles = list(entry.tensors)
    weight = entry.tensors[roles[0]]
    shape = weight.shape if entry.shape is None else entry.shape
    histogram = weight.histogram()
    warnings = []
    nonfinite = histogram.nonfinite if histogram is not None else 0
    for role in roles[1:]:
        if entry.tensors[role].values <= 1 << 16 and (h := entry.tensors[role].histogram()):
            nonfinite += h.nonfinite
    if nonfinite:
        warnings.append(nonfinite_warning(entry.name))
    if 0 in shape:
        warnings.append(f"{entry.name}: its weight has a dimension of size zero ({list(shape)}).")
    first = owners.setdefault(weight.identity, entry.name)
    tied = entry.tied_to or (first if first != entry.name and len(weight.shape) > 1 else "")
    info = LayerInfo(
        name=entry.name,
        kind=entry.kind,
        shape=shape,
        dtype=weight.dtype,
        parameters=sum(t.values for r, t in entry.tensors.items() if r not in NOT_PARAMETERS),
        size_bytes=sum(t.size_bytes for r, t in entry.tensors.items() if r != COUNTER),
        position=position,
        attributes=FrozenMap(entry.attributes),
        verdict=Verdict(not entry.reason, not entry.reason, entry.reason),
        source_name=entry.source_name,
        tied_to=tied,
        histogram=histogram,
    )
    return info, warnings


def nonfinite_warning(layer: str) -> str:
    """The warning for a layer whose weights are not all numbers."""
    return f"{layer}: its weights hold NaN or infinity."


_WRAPPERS = ("module.", "_orig_mod.")
"""What torch's own wrappers (DataParallel, torch.compile) put before every name."""


def without_wrappers(tensors: Mapping[str, Stored]) -> dict[str, Stored]:
    """A table of weights under the names that they have in the network itself."""
    found = dict(tensors)
    for prefix in _WRAPPERS * 2:
        if found and all(name.startswith(prefix) for name in found):
            found = {name.removeprefix(prefix): tensor for name, tensor in found.items()}
    return found


def without_prefix(info: NetworkInfo, prefix: str) -> NetworkInfo:
    """A listing in which each layer's name that has this prefix is without it."""
    layers = tuple(
        replace(
            layer,
            name=layer.name.removeprefix(prefix),
            tied_to=layer.tied_to.removeprefix(prefix),
        )
        for layer in info.layers
    )
    return replace(info, layers=layers) if prefix else info


_CLASSES = {
    "Conv1d": LayerKind.CONV1D,
    "Conv2d": LayerKind.CONV2D,
    "Conv3d": LayerKind.CONV3D,
    "ConvTranspose1d": LayerKind.CONV_TRANSPOSE1D,
    "ConvTranspose2d": LayerKind.CONV_TRANSPOSE2D,
    "ConvTranspose3d": LayerKind.CONV_TRANSPOSE3D,
    "Linear": LayerKind.LINEAR,
    "NonDynamicallyQuantizableLinear": LayerKind.LINEAR,
    "Embedding": LayerKind.EMBEDDING,
    "EmbeddingBag": LayerKind.EMBEDDING,
    "BatchNorm1d": LayerKind.BATCH_NORM,
    "BatchNorm2d": LayerKind.BATCH_NORM,
    "BatchNorm3d": LayerKind.BATCH_NORM,
    "SyncBatchNorm": LayerKind.BATCH_NORM,
    "LayerNorm": LayerKind.LAYER_NORM,
    "GroupNorm": LayerKind.GROUP_NORM,
    "InstanceNorm1d": LayerKind.INSTANCE_NORM,
    "InstanceNorm2d": LayerKind.INSTANCE_NORM,
    "InstanceNorm3d": LayerKind.INSTANCE_NORM,
    "RMSNorm": LayerKind.RMS_NORM,
    "PReLU": LayerKind.PRELU,
    "LSTM": LayerKind.LSTM,
    "GRU": LayerKind.GRU,
    "RNN": LayerKind.RNN,
}
_CONVS = {3: LayerKind.CONV1D, 4: LayerKind.CONV2D, 5: LayerKind.CONV3D}
_RECURRENT = re.compile(r"(weight|bias)_(ih|hh|hr)_l\d+(_reverse)?")
_GATES = {4: LayerKind.LSTM, 3: LayerKind.GRU, 1: LayerKind.RNN}
_COUNTS = ("int64", "int32", "bool")
"""Types of tables and counters; a tensor of these that stands free is not a weight."""
_LEAVES = ("weight", "bias", *NOT_PARAMETERS)


def kind_of_class(path: str) -> LayerKind | None:
    """The kind of `torch.nn.modules.conv.Conv2d`, TorchScript's mangled names included."""
    return _CLASSES.get(path.rpartition(".")[2]) if "torch.nn" in path else None


def entries_of_tensors(
    tensors: Mapping[str, Stored], classes: Mapping[str, str] = FrozenMap()
) -> list[Entry]:
    """Layers of a flat table of tensors, in its order.

    Args:
        tensors: Name as in a state dict (`layer1.0.conv1.weight`) → tensor.
        classes: Module name → class path, where the file tells; without it the kind is concluded
            from roles and ranks.
    """
    owned: dict[str, dict[str, Stored]] = {}
    for name, tensor in tensors.items():
        owner, role = _owner(name, tensors)
        owned.setdefault(owner, {})[role] = tensor
    entries = []
    for name, parts in owned.items():
        roles = dict(sorted(parts.items(), key=lambda item: _rank_of_role(item[0])))
        first = next(iter(roles))
        kind = kind_of_class(classes.get(name, ""))
        if kind is None:
            kind = LayerKind.PARAMETER if first == "" else _concluded(name, roles)
        counts = first == "" and roles[first].dtype in _COUNTS
        if not counts and not all(role in NOT_PARAMETERS for role in roles):
            entries.append(Entry(name, kind, {role or "weight": t for role, t in roles.items()}))
    return entries


def _owner(name: str, tensors: Mapping[str, Stored]) -> tuple[str, str]:
    """The layer that a tensor belongs to, and as what; a tensor that stands free is its own."""
    owner, _, leaf = name.rpartition(".")
    if owner and (leaf in _LEAVES or _RECURRENT.fullmatch(leaf)):
        return owner, leaf
    stem, _, role = name.rpartition("_")
    matrix = tensors.get(f"{stem}_weight")
    if role in ("weight", "bias") and matrix is not None and len(matrix.shape) > 1:
        return stem, role  # `in_proj_weight` of attention
    return name, ""


def _rank_of_role(role: str) -> int:
    return 0 if role.startswith("weight") else 1 if role.startswith("bias") else 2


def _concluded(name: str, parts: Mapping[str, Stored]) -> LayerKind:
    """The kind of a layer of which only its tensors are known."""
    if (hidden := parts.get("weight_hh_l0")) is not None and len(hidden.shape) == 2:
        gates = hidden.shape[0] // max(hidden.shape[1], 1)
        return _GATES.get(gates, LayerKind.RNN)
    weight = parts.get("weight")
    if weight is None or (len(parts) == 1 and len(weight.shape) < 2):
        is_norm = weight is not None and "norm" in name.lower()
        return LayerKind.RMS_NORM if is_norm else LayerKind.PARAMETER
    if "running_mean" in parts:
        return LayerKind.BATCH_NORM
    rank = len(weight.shape)
    if rank == 1:
        return LayerKind.GROUP_NORM if "group" in name.lower() else LayerKind.LAYER_NORM
    if rank == 2:
        return LayerKind.EMBEDDING if "emb" in name.lower() else LayerKind.LINEAR
    return _CONVS.get(rank, LayerKind.PARAMETER)


def with_suffix(message: str, names: Iterable[str], shown: int = 3) -> str:
    """`message` and the first few of `names`, as one clause."""
    names = list(names)
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return f"{message} {', '.join(names[:shown])}{more}"
