"""What can be asked of the engine: frozen, picklable, no callables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from engine.frozen import FrozenMap


class Request(Protocol):
    """What every request has."""

    @property
    def label(self) -> str:
        """Shown in the job list."""


@dataclass(frozen=True, slots=True)
class ModelSource:
    """Where a model is, and what its file does not say itself.

    Attributes:
        path: The model file.
        architecture: `FILE.py:FACTORY` for weights without a graph.
        trusted: The user has said that this file (and the architecture's) may run code.
        input_shapes: Input name → shape without batch, `"3x224x224"`; for files that do not say.
        fixed_inputs: Input name → constant, for networks that branch on an input.
    """

    path: str
    architecture: str = ""
    trusted: bool = False
    input_shapes: FrozenMap[str] = FrozenMap()
    fixed_inputs: FrozenMap[str] = FrozenMap()


@dataclass(frozen=True, slots=True)
class DataSource:
    """Where data is, and what its file does not say itself.

    Attributes:
        paths: One file or folder; two for an `.npy` pair (inputs, labels).
        label_column: For tables; empty: looked for (`label`, `y`, `target`, `class`).
        input_columns: For tables; empty: all others.
        tokenizer: A `tokenizers` JSON file, for text.
        preprocessing: A JSON file; empty: the one beside the model or the data.
        trusted: A Python file with a `Dataset` may run.
    """

    paths: tuple[str, ...]
    label_column: str = ""
    input_columns: tuple[str, ...] = ()
    tokenizer: str = ""
    preprocessing: str = ""
    trusted: bool = False
