"""What the engine tells the outside about a network: frozen, plain numbers, nothing heavy.

Sizes are bytes, times milliseconds, ratios and accuracies 0…1; shapes have no batch axis unless
said.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from engine.frozen import FrozenMap

Dim = int | str
"""A dimension: a number, or the name of one that may vary (`"batch"`)."""


class Format(enum.StrEnum):
    """The forms in which a model can arrive."""

    ONNX = "onnx"
    PT2 = "pt2"
    TORCHSCRIPT = "torchscript"
    PICKLE = "pickle"
    STATE_DICT = "state_dict"
    SAFETENSORS = "safetensors"


class Target(enum.StrEnum):
    """The kind of processor that quantized files are formed for."""

    AUTO = "auto"
    """The processor of this machine."""
    AVX2 = "avx2"
    """x86 without instructions for 8-bit dot products."""
    VNNI = "vnni"
    """x86 with them: AVX-512 VNNI, AVX-VNNI."""
    ARM = "arm"
    PORTABLE = "portable"
    """Any processor, and standard operators alone."""


class LayerKind(enum.StrEnum):
    """What a layer is. Every layer carries weights."""

    CONV1D = "conv1d"
    CONV2D = "conv2d"
    CONV3D = "conv3d"
    CONV_TRANSPOSE1D = "conv_transpose1d"
    CONV_TRANSPOSE2D = "conv_transpose2d"
    CONV_TRANSPOSE3D = "conv_transpose3d"
    LINEAR = "linear"
    EMBEDDING = "embedding"
    BATCH_NORM = "batch_norm"
    LAYER_NORM = "layer_norm"
    GROUP_NORM = "group_norm"
    INSTANCE_NORM = "instance_norm"
    RMS_NORM = "rms_norm"
    PRELU = "prelu"
    LSTM = "lstm"
    GRU = "gru"
    RNN = "rnn"
    PARAMETER = "parameter"
    """Weights that stand free in the graph: a class token, a position table, a learned scale."""


@dataclass(frozen=True, slots=True)
class TensorInfo:
    """One input or output. `shape` includes the batch axis; `dtype` is numpy's name."""

    name: str
    shape: tuple[Dim, ...]
    dtype: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What can be done to a layer, and one sentence on why not the rest (empty: everything)."""

    trainable: bool = True
    prunable: bool = True
    reason: str = ""

    def __str__(self) -> str:
        return self.reason or "ok"


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts of a layer's weights in equal bins between `low` and `high`.

    `sampled` says that a part of the weights was counted; `nonfinite` counts NaN and infinity
    among those looked at, which are in no bin.
    """

    low: float
    high: float
    counts: tuple[int, ...]
    sampled: bool
    nonfinite: int = 0


@dataclass(frozen=True, slots=True)
class Multiplications:
    """Multiplications of one convolution for one sample under three arithmetics.

    None where the arithmetic does not apply (Winograd to a strided convolution, say).
    """

    direct: int
    winograd: int | None
    fft: int | None


FOLDS_INTO = "folds_into"
"""Attribute of a batch norm: the layer that can take it over, where there is one."""


@dataclass(frozen=True, slots=True)
class LayerInfo:
    """One row of the layer table.

    Attributes:
        name: Stable name, the same in the table, the graph, the recipe and exported files.
        kind: What it is.
        shape: Weight shape as PyTorch has it: `[C_out, C_in / groups, kH, kW]`, `[out, in]`.
        dtype: numpy's name of the weight's type.
        parameters: Number of values, bias included; buffers (running mean) are not parameters.
        size_bytes: Bytes of weights, bias and buffers as stored in the file.
        macs: Multiply-accumulates for one sample; None where the shapes are not known.
        input_shape: Of one sample, without batch; None where not known.
        output_shape: Likewise.
        activation_bytes: Of the output for one sample; None where not known.
        position: Index in execution order.
        attributes: Kind-specific settings: stride, padding, dilation, groups, heads, …
        group: Id of the channel group that the output channels belong to, if any.
        verdict: What can be done to it.
        source_name: Name of the node in the original file, where it has one.
        tied_to: Name of the layer whose weights this one shares, if any.
        multiplications: For convolutions.
        histogram: Of the weights.
    """

    name: str
    kind: LayerKind
    shape: tuple[int, ...]
    dtype: str
    parameters: int
    size_bytes: int
    macs: int | None = None
    input_shape: tuple[Dim, ...] | None = None
    output_shape: tuple[Dim, ...] | None = None
    activation_bytes: int | None = None
    position: int = 0
    attributes: FrozenMap[int | float | str | bool] = FrozenMap()
    group: str | None = None
    verdict: Verdict = Verdict()
    source_name: str = ""
    tied_to: str = ""
    multiplications: Multiplications | None = None
    histogram: Histogram | None = None


@dataclass(frozen=True, slots=True)
class ChannelGroup:
    """Channels of several layers that have to be removed together.

    Attributes:
        id: Stable id: the name of the first member in execution order.
        layers: Layers whose output channels are members, in execution order.
        channels: How many units can be removed one by one.
        unit: Output channels of `id` that go with each unit (a head's width; else 1).
        consumers: Layers whose input channels shrink with it.
        frozen_reason: Why nothing can be removed; empty when it can.
    """

    id: str
    layers: tuple[str, ...]
    channels: int
    unit: int = 1
    consumers: tuple[str, ...] = ()
    frozen_reason: str = ""


@dataclass(frozen=True, slots=True)
class NetworkInfo:
    """A whole network, as the table, the command line and the report show it.

    Attributes:
        name: File name without the ending.
        format: The form it arrived in.
        inputs: With the batch axis.
        outputs: With the batch axis.
        layers: In execution order.
        groups: Channel groups, frozen ones too.
        parameters: Distinct values; tied weights count once.
        size_bytes: Of the file, external data included.
        macs: For one sample, attention products included; None where the shapes are not known.
        activation_bytes: Peak of live activations for a batch of one; None likewise.
        warnings: One sentence each.
        runnable: False for a network that opens for inspection and weight-only work alone.
        nodes: Of the graph; 0 where it is not known.
    """

    name: str
    format: Format
    inputs: tuple[TensorInfo, ...]
    outputs: tuple[TensorInfo, ...]
    layers: tuple[LayerInfo, ...]
    groups: tuple[ChannelGroup, ...]
    parameters: int
    size_bytes: int
    macs: int | None = None
    activation_bytes: int | None = None
    warnings: tuple[str, ...] = ()
    runnable: bool = True
    nodes: int = 0


class AccuracySource(enum.StrEnum):
    """Where an accuracy comes from, most trusted first."""

    LABELS = "labels"
    AGREEMENT = "agreement"
    SYNTHETIC = "synthetic"


@dataclass(frozen=True, slots=True)
class Metrics:
    """Numbers of one form of a network; None where not known. `top1` 0…1, `latency_ms` median."""

    size_bytes: int | None = None
    parameters: int | None = None
    macs: int | None = None
    activation_bytes: int | None = None
    latency_ms: float | None = None
    top1: float | None = None
    source: AccuracySource | None = None
    samples: int | None = None
    interval: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class LayerLatency:
    """A layer's part of the time of one run; `share` of all layers' sum, 0…1.

    `name` is a layer's, or `other: Softmax` for what belongs to none.
    """

    name: str
    latency_ms: float
    share: float


@dataclass(frozen=True, slots=True)
class Profile:
    """Measured time of one run in ONNX Runtime.

    Attributes:
        latency_ms: Median.
        latency_spread_ms: Distance between the quartiles.
        threads: Used inside an operator.
        batch: Samples per run.
        runs: Timed runs.
        layers: In execution order.
        runtime: Name and version.
        processor: As the system names it.
    """

    latency_ms: float
    latency_spread_ms: float
    threads: int
    batch: int
    runs: int
    layers: tuple[LayerLatency, ...]
    runtime: str
    processor: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How good a network's answers are, measured.

    Fields that do not apply (labels for a network that does not classify) are None.

    Attributes:
        samples: How many were run.
        source: Where the truth came from.
        top1: Share whose most likely class is the label, or the reference's class where
            `source` is agreement or synthetic.
        top5: Share whose label is among the five most likely classes.
        loss: Mean cross-entropy, nats; mean squared error for a network that does not classify.
        interval: 95 % Wilson interval of `top1`.
        per_class: Accuracy of each class; None for a class without samples.
        confusion: Row = label, column = prediction.
        labels: Class names.
        agreement: Share of samples on which the reference's class is this network's.
        kl: Mean KL divergence from the reference's probabilities, nats.
        max_abs_difference: Largest absolute difference of any output value.
        errors: Error measures by name (`mae`, `psnr`, …) for networks that do not classify.
        runtime: What ran the network: ONNX Runtime or PyTorch, with its version.
        mean_iou: Mean intersection over union, for dense outputs (segmentation).
        nonfinite: Answers that are NaN or infinite.
    """

    samples: int
    source: AccuracySource
    top1: float | None = None
    top5: float | None = None
    loss: float | None = None
    interval: tuple[float, float] | None = None
    per_class: tuple[float | None, ...] = ()
    confusion: tuple[tuple[int, ...], ...] = ()
    labels: tuple[str, ...] = ()
    agreement: float | None = None
    kl: float | None = None
    max_abs_difference: float | None = None
    errors: FrozenMap[float] = FrozenMap()
    runtime: str = ""
    notes: tuple[str, ...] = ()
    mean_iou: float | None = None
    nonfinite: int = 0


@dataclass(frozen=True, slots=True)
class Exported:
    """A file that was written, loaded again and compared with the network it was made from.

    `max_relative_difference` is a part of the largest output value.
    """

    path: str
    size_bytes: int
    max_relative_difference: float


@dataclass(frozen=True, slots=True)
class StepResult:
    """One step of a recipe, as it was run.

    Attributes:
        step: Its index in the recipe.
        method: The method's name.
        title: The method's title.
        seconds: How long it took; of the first run, where the result was taken from the cache.
        metrics: Of the network after it, in memory: accuracy on a part of the evaluation samples.
        notes: What the method had to say, one sentence each.
        cached: It was taken from an earlier run.
    """

    step: int
    method: str
    title: str
    seconds: float
    metrics: Metrics = Metrics()
    notes: tuple[str, ...] = ()
    cached: bool = False


@dataclass(frozen=True, slots=True)
class Compressed:
    """A recipe that was run, written and checked.

    Attributes:
        file: Path of the written file.
        format: `onnx`, `pt2`, `safetensors`.
        target: The kind of processor that quantized files were formed for.
        recipe: The recipe as YAML.
        predicted: From shapes alone, before anything ran.
        measured: On the written file.
        original: The same of the file that was read.
        verified: The file was loaded again and gives the answers of the network in memory.
        max_relative_difference: Between the two, as a part of the largest output value.
        steps: In order.
        before: The network as it was opened.
        after: The network that was written.
        evaluation: Of the written file, on the evaluation samples; None without data.
        original_evaluation: Likewise of the original.
        profile: Time of the written file; None for what ONNX Runtime does not run.
        original_profile: Likewise of the original, measured in the same run, in turns.
        seconds: The whole run.
        report: Path of the report; empty without one.
        notes: One sentence each.
        curves: Numbers reported on the way (loss and accuracy of a training).
        versions: Program, libraries, processor: name → what it says.
        predictions: Path of the answers to each evaluation sample; empty without them.
    """

    file: str
    format: str
    target: str
    recipe: str
    predicted: Metrics
    measured: Metrics
    original: Metrics
    verified: bool
    max_relative_difference: float
    steps: tuple[StepResult, ...]
    before: NetworkInfo
    after: NetworkInfo
    evaluation: Evaluation | None = None
    original_evaluation: Evaluation | None = None
    profile: Profile | None = None
    original_profile: Profile | None = None
    seconds: float = 0.0
    report: str = ""
    notes: tuple[str, ...] = ()
    curves: tuple[tuple[str, int, float], ...] = ()
    versions: FrozenMap[str] = FrozenMap()
    predictions: str = ""
