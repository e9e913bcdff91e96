"""Results as the JSON objects that `--json` prints. Their fields are stable; more may be added.

resources/help/command-line.md documents each.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

from engine.info import Compressed, Evaluation, LayerInfo, NetworkInfo, Profile


def network(info: NetworkInfo) -> dict[str, Any]:
    """The object of `inspect`."""
    return {
        "format": info.format.value,
        "name": info.name,
        "runnable": info.runnable,
        "inputs": [plain(tensor) for tensor in info.inputs],
        "outputs": [plain(tensor) for tensor in info.outputs],
        "parameters": info.parameters,
        "size_bytes": info.size_bytes,
        "macs": info.macs,
        "activation_bytes": info.activation_bytes,
        "layers": [layer(one) for one in info.layers],
        "groups": [plain(group) for group in info.groups],
        "warnings": list(info.warnings),
    }


def layer(info: LayerInfo) -> dict[str, Any]:
    """One entry of `layers`: all of its fields; the verdict as its sentence (`ok`: no limits)."""
    row: dict[str, Any] = plain(info)
    row["verdict"] = str(info.verdict)
    row["trainable"] = info.verdict.trainable
    row["prunable"] = info.verdict.prunable
    return row


def profile(result: Profile) -> dict[str, Any]:
    """The object of `profile`."""
    row: dict[str, Any] = plain(result)
    return row


def evaluation(result: Evaluation) -> dict[str, Any]:
    """The object of `evaluate`; what does not apply is null."""
    row: dict[str, Any] = plain(result)
    return row


def compressed(result: Compressed) -> dict[str, Any]:
    """The object of `compress`."""
    row: dict[str, Any] = plain(result)
    row["before"], row["after"] = network(result.before), network(result.after)
    return row


def plain(value: Any) -> Any:
    """A frozen result as dicts, lists and numbers that JSON has."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (tuple, list)):
        return [plain(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None  # JSON has no NaN; a network with broken weights has
    return value
