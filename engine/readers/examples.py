"""Example inputs for tracing, from the shapes that the user or the JSON beside a model gives."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch

from engine.errors import ModelError
from engine.info import Dim
from engine.preprocessing_file import find

BATCH = 2
LENGTH = 16
"""Example size of an axis that may vary."""
LARGEST = 1 << 31
_TYPES = {
    "float32": torch.float32,
    "float64": torch.float64,
    "float16": torch.float16,
    "bfloat16": torch.bfloat16,
    "int64": torch.int64,
    "int32": torch.int32,
    "int8": torch.int8,
    "uint8": torch.uint8,
    "bool": torch.bool,
}


class Inspection(ModelError):
    """The file is sound, but no network can be made of it: it opens for inspection."""


@dataclass(frozen=True, slots=True)
class Input:
    """One input to trace with.

    Attributes:
        name: As the user calls it; empty if unknown.
        shape: Without the batch; a text stands for a size that may vary.
        dtype: None where nobody said, so that whole numbers are tried too.
    """

    name: str
    shape: tuple[Dim, ...]
    dtype: torch.dtype | None = None

    def example(self, dtype: torch.dtype | None = None) -> torch.Tensor:
        """A batch of two; small numbers, the same each time."""
        sizes = (BATCH, *(LENGTH if isinstance(n, str) else n for n in self.shape))
        dtype = dtype or self.dtype or torch.float32
        if not dtype.is_floating_point:
            return torch.zeros(sizes, dtype=dtype)
        return torch.randn(sizes, generator=torch.Generator().manual_seed(0)).to(dtype)

    @property
    def varying(self) -> list[int]:
        """Axes beyond the batch whose size may vary."""
        return [axis for axis, n in enumerate(self.shape, start=1) if isinstance(n, str)]


def parse_shape(text: str) -> tuple[tuple[Dim, ...], torch.dtype | None]:
    """`"3x224x224"`, `"128:int64"`, `"lengthx8"`: sizes of one sample, and perhaps a type.

    Raises:
        ModelError: It is none of these.
    """
    sizes, _, kind = text.strip().partition(":")
    dims: list[Dim] = []
    for part in re.split(r"[x×,]", sizes) if sizes.strip() else []:
        part = part.strip()
        if part.isdecimal() and 0 < int(part) < LARGEST:
            dims.append(int(part))
        elif part.isidentifier():
            dims.append(part)
        else:
            raise _bad_shape(text)
    if kind and kind not in _TYPES:
        raise _bad_shape(text)
    total = 1
    for dim in dims:
        total *= LENGTH if isinstance(dim, str) else dim
    if total > LARGEST:
        raise _bad_shape(text)
    return tuple(dims), _TYPES.get(kind)


def _bad_shape(text: str) -> ModelError:
    return ModelError(
        f"{text[:100]!r} is not the shape of an input",
        hint="Write it like 3x224x224, or 128:int64 for whole numbers, without the batch.",
    )


def inputs_for(path: Path, shapes: Mapping[str, str]) -> list[Input]:
    """The inputs of a model whose file does not say; empty when nobody has said.

    Raises:
        EngineError: A shape, or the JSON beside the model, makes no sense.
    """
    if shapes:
        return [Input(name, *parse_shape(text)) for name, text in shapes.items()]
    preprocessing = find(path).preprocessing
    shape = preprocessing.sample_shape
    if not shape:
        return []
    parse_shape("x".join(str(n) for n in shape))
    return [Input(preprocessing.input, tuple(shape))]


def shape_missing(path: Path) -> Inspection:
    """Why a network without a known input shape opens for inspection alone."""
    return Inspection(
        f"{path.name} does not say which shape its input has",
        hint="Give it (3x224x224), or write input_shape into a JSON of the same name beside it.",
        where=str(path),
    )
