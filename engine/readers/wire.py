"""`NetworkInfo` as JSON and back; what comes back from a child is checked, never trusted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from engine.errors import ModelError
from engine.frozen import FrozenMap
from engine.info import (
    Dim,
    Format,
    Histogram,
    LayerInfo,
    LayerKind,
    NetworkInfo,
    TensorInfo,
    Verdict,
)

T = TypeVar("T")
TEXT = 4_000
"""Longest text that is shown."""


def info_to_json(info: NetworkInfo) -> dict[str, Any]:
    """Everything that a listing fills in, as plain data."""
    return {
        "name": info.name,
        "format": info.format.value,
        "inputs": [tensor_to_json(t) for t in info.inputs],
        "outputs": [tensor_to_json(t) for t in info.outputs],
        "layers": [_layer_to_json(layer) for layer in info.layers],
        "parameters": info.parameters,
        "size_bytes": info.size_bytes,
        "warnings": list(info.warnings),
        "runnable": info.runnable,
    }


def tensor_to_json(tensor: TensorInfo) -> list[Any]:
    """An input or output as plain data."""
    return [tensor.name, list(tensor.shape), tensor.dtype]


def _layer_to_json(layer: LayerInfo) -> dict[str, Any]:
    histogram = layer.histogram
    return {
        "name": layer.name,
        "kind": layer.kind.value,
        "shape": list(layer.shape),
        "dtype": layer.dtype,
        "parameters": layer.parameters,
        "size_bytes": layer.size_bytes,
        "position": layer.position,
        "attributes": dict(layer.attributes),
        "verdict": [layer.verdict.trainable, layer.verdict.prunable, layer.verdict.reason],
        "source_name": layer.source_name,
        "tied_to": layer.tied_to,
        "histogram": histogram
        and [
            *(histogram.low, histogram.high, list(histogram.counts)),
            *(histogram.sampled, histogram.nonfinite),
        ],
    }


def info_from_json(data: Any) -> NetworkInfo:
    """The same back, each value of the type it should have.

    Raises:
        ModelError: It is not what `info_to_json` makes.
    """
    return checked(_info, data)


def checked(build: Callable[[Any], T], data: Any) -> T:
    """Build something from data of a child.

    Raises:
        ModelError: The data is not of the shape that `build` takes.
    """
    try:
        return build(data)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError):
        raise ModelError(
            "The process that read the file came back with something else than was asked for",
            hint="Open the file again.",
        ) from None


def _info(data: Any) -> NetworkInfo:
    return NetworkInfo(
        name=_text(data["name"]),
        format=Format(data["format"]),
        inputs=tensors_from_json(data["inputs"]),
        outputs=tensors_from_json(data["outputs"]),
        layers=tuple(_layer(layer) for layer in data["layers"]),
        groups=(),
        parameters=int(data["parameters"]),
        size_bytes=int(data["size_bytes"]),
        warnings=texts(data["warnings"]),
        runnable=bool(data["runnable"]),
    )


def _layer(data: Any) -> LayerInfo:
    trainable, prunable, reason = data["verdict"]
    return LayerInfo(
        name=_text(data["name"]),
        kind=LayerKind(data["kind"]),
        shape=tuple(int(n) for n in data["shape"]),
        dtype=_text(data["dtype"]),
        parameters=int(data["parameters"]),
        size_bytes=int(data["size_bytes"]),
        position=int(data["position"]),
        attributes=FrozenMap({_text(k): _scalar(v) for k, v in data["attributes"].items()}),
        verdict=Verdict(bool(trainable), bool(prunable), _text(reason)),
        source_name=_text(data["source_name"]),
        tied_to=_text(data["tied_to"]),
        histogram=_histogram(data["histogram"]),
    )


def _histogram(data: Any) -> Histogram | None:
    if data is None:
        return None
    low, high, counts, sampled, nonfinite = data
    return Histogram(
        float(low), float(high), tuple(int(c) for c in counts), bool(sampled), int(nonfinite)
    )


def tensors_from_json(data: Any) -> tuple[TensorInfo, ...]:
    """Inputs or outputs from plain data."""
    return tuple(
        TensorInfo(_text(name), tuple(_dim(d) for d in shape), _text(dtype))
        for name, shape, dtype in data
    )


def _dim(value: Any) -> Dim:
    return _text(value) if isinstance(value, str) else int(value)


def _scalar(value: Any) -> int | float | str | bool:
    if isinstance(value, bool | int | float):
        return value
    return _text(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return "".join(c if c.isprintable() else "?" for c in value[:TEXT])


def texts(values: Iterable[Any]) -> tuple[str, ...]:
    """A list of texts."""
    return tuple(_text(v) for v in values)


def text_map(data: Any) -> FrozenMap[str]:
    """A map from text to text."""
    return FrozenMap({_text(k): _text(v) for k, v in data.items()})
