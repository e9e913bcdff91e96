"""What can be asked of the engine: frozen, picklable, no callables."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
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


@dataclass(frozen=True, slots=True)
class Inspect:
    """Open a model and describe it: result `NetworkInfo`.

    `compare` also runs an ONNX file in ONNX Runtime and warns where the network differs.
    """

    model: ModelSource
    histograms: bool = False
    compare: bool = True

    @property
    def label(self) -> str:
        """Shown in the job list."""
        return f"Open {PurePath(self.model.path).name}"


@dataclass(frozen=True, slots=True)
class MeasureLatency:
    """Time a model in ONNX Runtime: result `Profile`. `threads` 0: all but one of the cores."""

    model: ModelSource
    batch: int = 1
    threads: int = 0
    seconds: float = 3.0

    @property
    def label(self) -> str:
        """Shown in the job list."""
        return f"Time {PurePath(self.model.path).name}"


@dataclass(frozen=True, slots=True)
class Evaluate:
    """Measure a model's accuracy, or its agreement with a reference: result `Evaluation`.

    `data` None needs a `reference`: both then answer synthetic samples. `split` is the name of a
    split of the data, `auto` (the test split; all of data that comes in one piece), `all`, or
    `evaluation` (what is kept for reporting when such data is also compressed with). `limit` 0:
    all samples.
    """

    model: ModelSource
    data: DataSource | None = None
    reference: ModelSource | None = None
    split: str = "auto"
    limit: int = 0
    batch: int = 250
    seed: int = 0

    @property
    def label(self) -> str:
        """Shown in the job list."""
        return f"Evaluate {PurePath(self.model.path).name}"


@dataclass(frozen=True, slots=True)
class ExportOnnx:
    """Write a model as float ONNX and check the file: result `Exported`."""

    model: ModelSource
    path: str

    @property
    def label(self) -> str:
        """Shown in the job list."""
        return f"Write {PurePath(self.path).name}"


@dataclass(frozen=True, slots=True)
class Compress:
    """Run a recipe, write the result and check the file: result `Compressed`.

    Attributes:
        model: What to compress.
        recipe: As YAML, or as JSON where `recipe_name` ends so.
        path: The file to write.
        data: Calibration, training and evaluation data; None: synthetic samples.
        recipe_name: How errors call the recipe.
        format: `onnx`, `pt2` or `safetensors`; empty: by the ending of `path`.
        target: The kind of processor that quantized files are formed for.
        report: Where to write the HTML report; empty: nowhere.
        device: Where training runs: `cpu`, `cuda` or `mps`.
        threads: For PyTorch; 0: all cores.
        limit: Evaluation samples; 0: all.
        original: Answer for the original too: its accuracy and latency.
        predictions: Where to write the answers of both networks to each evaluation sample, as
            `.npz` (see `engine.trials`); empty: nowhere.
    """

    model: ModelSource
    recipe: str
    path: str
    data: DataSource | None = None
    recipe_name: str = "recipe.yaml"
    format: str = ""
    target: str = "auto"
    report: str = ""
    device: str = "cpu"
    threads: int = 0
    limit: int = 0
    original: bool = True
    predictions: str = ""

    @property
    def label(self) -> str:
        """Shown in the job list."""
        return f"Compress {PurePath(self.model.path).name}"


@dataclass(frozen=True, slots=True)
class Estimate:
    """Predict what settings of layers cost and save: result `engine.cost.Estimated`.

    Attributes:
        model: The network.
        data: Calibration data, whose labels are not looked at; None: sizes only.
        methods: Names of methods; empty: all that can be looked at.
        key: The asker's; comes back with the result.
    """

    model: ModelSource
    data: DataSource | None = None
    methods: tuple[str, ...] = ()
    key: str = ""

    @property
    def label(self) -> str:
        """Shown in the job list."""
        return f"Estimate costs of {PurePath(self.model.path).name}"


@dataclass(frozen=True, slots=True)
class WarmUp:
    """Load what the first jobs need: result `engine.details.Ready`.

    `threads`: for PyTorch; 0: all cores but one, so that the window keeps one.
    """

    threads: int = 0

    @property
    def label(self) -> str:
        """Shown in the job list."""
        return "Start the engine"
