"""What views look at: results of the short requests in `engine.jobs.looks`.

Frozen, of bounded size, with numpy arrays that nobody writes to. Where there is nothing to show
(the spectrum of a norm), `reason` says why in one sentence, and the arrays are empty.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.data_info import DataInfo, Fit
from engine.frozen import FrozenMap
from engine.info import Dim, Histogram
from engine.preprocessing import Preprocessing, Question

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Picture = NDArray[np.uint8]


def _no_floats() -> Floats:
    return np.zeros(0)


def _no_counts() -> Counts:
    return np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class WeightDetail:
    """The weights of a layer; every one of them was counted.

    The statistics are of the finite values; NaN where there are none. Of a file that opens for
    inspection only there is a sampled histogram, and nothing else.

    Attributes:
        layer: Its name.
        shape: Of the weight.
        dtype: numpy's name of its type.
        histogram: In 256 equal bins, of the window that was asked for or of all values.
        mean: Of all values.
        std: Of all values.
        zeros: Share of values that are exactly 0.
        channels: Output channels.
        listed: Numbers of the channels that `absmax` and `norms` are of; all, unless there are
            more than 65,536.
        absmax: Largest absolute value in each listed channel.
        norms: L2 norm of each listed channel.
        shown: Numbers of the channels that `counts` is of; all, or 1,024 evenly spread.
        counts: `[len(shown), 64]`, of values in equal bins of `ends`.
        ends: Lowest and highest value that `counts` has a bin for.
    """

    layer: str
    shape: tuple[int, ...]
    dtype: str
    histogram: Histogram
    minimum: float = math.nan
    maximum: float = math.nan
    mean: float = math.nan
    std: float = math.nan
    zeros: float = 0.0
    channels: int = 0
    listed: Counts = field(default_factory=_no_counts)
    absmax: Floats = field(default_factory=_no_floats)
    norms: Floats = field(default_factory=_no_floats)
    shown: Counts = field(default_factory=_no_counts)
    counts: Counts = field(default_factory=lambda: np.zeros((0, 64), np.int64))
    ends: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class ChannelDetail:
    """The scores of a channel group, as the method `channel` sees them.

    Attributes:
        layer: The layer that was asked about.
        criterion: Name of the criterion.
        group: Id of the layer's channel group; empty where it has none.
        layers: Whose output channels are members.
        consumers: Layers whose inputs shrink with the group.
        channels: Units that can be removed one by one.
        unit: Output channels of the layer `group` that go with each unit.
        scores: One for each unit, in the order of the channels; higher = keep. Empty where they
            are not known: see `reason`.
        unit_of: For each output channel of `layer` its unit, or -1.
        frozen_reason: Why nothing can be removed; empty when it can.
        reason: Why there are no scores; empty where there are.
        need_data: Names of the criteria that look at what the network computes.
        unfit: Names of the criteria that this group cannot be scored by.
        samples: Calibration samples that were looked at; 0 where none were needed.
        notes: What the method had to say.
    """

    layer: str
    criterion: str
    group: str = ""
    layers: tuple[str, ...] = ()
    consumers: tuple[str, ...] = ()
    channels: int = 0
    unit: int = 1
    scores: Floats = field(default_factory=_no_floats)
    unit_of: Counts = field(default_factory=_no_counts)
    frozen_reason: str = ""
    reason: str = ""
    need_data: tuple[str, ...] = ()
    unfit: tuple[str, ...] = ()
    samples: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class SpectrumDetail:
    """The singular values of a layer's weight as a matrix `[C_out, K]`.

    Attributes:
        layer: Its name.
        rows: Of the matrix.
        columns: Of the matrix.
        values: Singular values, descending.
        energy: For each rank, from 1, the share of the squared singular values that it keeps.
        vbmf_rank: The rank by variational Bayes, at least 1; 0 where there are no values.
        dense_bytes: Of the layer as it is.
        fixed_bytes: Of the factored layer, whatever its rank (the bias).
        rank_bytes: More for each rank.
        reason: Why the layer cannot be factored; the values are there where it is a matrix.
    """

    layer: str
    rows: int = 0
    columns: int = 0
    values: Floats = field(default_factory=_no_floats)
    energy: Floats = field(default_factory=_no_floats)
    vbmf_rank: int = 0
    dense_bytes: int = 0
    fixed_bytes: int = 0
    rank_bytes: int = 0
    reason: str = ""

    @property
    def full_rank(self) -> int:
        """The rank with which nothing is lost."""
        return min(self.rows, self.columns)

    @property
    def break_even_rank(self) -> int:
        """The highest rank at which the factors take fewer bytes than the layer; 0: none does."""
        if not self.rank_bytes:
            return 0
        most = (self.dense_bytes - self.fixed_bytes - 1) // self.rank_bytes
        return max(0, min(most, self.full_rank))

    def size_bytes(self, rank: int) -> int:
        """Of the factored layer."""
        return self.fixed_bytes + rank * self.rank_bytes

    def rank_for(self, energy: float) -> int:
        """The lowest rank that keeps a share of the squared singular values."""
        if not len(self.energy):
            return 0
        return min(int(np.searchsorted(self.energy, energy - 1e-12)) + 1, len(self.energy))


@dataclass(frozen=True, slots=True, eq=False)
class QuantizationDetail:
    """What rounding to nearest does to a layer's weight.

    Attributes:
        layer: Its name.
        bits: Numbers of bits that were tried.
        errors: For each ‖ΔW‖² / ‖W‖²; 0 for a weight of zeros.
        chosen: The bits that the settings say; 0: weights stay float.
        channel: The output channel whose grid `levels` is.
        levels: Values of that grid at the chosen bits, ascending; at most 256 of them, evenly
            spread.
        step: Between two neighbors on the grid.
        sampled: The errors are those of a part of the weights.
        reason: Why the layer is left alone; empty where it is quantized.
    """

    layer: str
    bits: tuple[int, ...] = ()
    errors: Floats = field(default_factory=_no_floats)
    chosen: int = 0
    channel: int = 0
    levels: Floats = field(default_factory=_no_floats)
    step: float = 0.0
    sampled: bool = False
    reason: str = ""

    @property
    def signal_to_noise_db(self) -> float | None:
        """Of the chosen bits; None where they were not tried, infinite where nothing is lost."""
        if self.chosen not in self.bits:
            return None
        error = float(self.errors[self.bits.index(self.chosen)])
        return -10 * math.log10(error) if error > 0 else math.inf


@dataclass(frozen=True, slots=True)
class ValueRange:
    """What one way to choose an activation's range comes to.

    `error` is the mean squared error of rounding to it, as a part of the mean square.
    """

    method: str
    low: float
    high: float
    error: float


@dataclass(frozen=True, slots=True)
class Activation:
    """How the values of one tensor are distributed.

    Attributes:
        histogram: In at most 256 bins; zeros are counted in `zeros` alone.
        low: The lowest value.
        high: The highest.
        percentiles: `(percent, value)`: so many percent of the values are not above it.
        zeros: Share of values that are exactly 0.
        ranges: One for each way to choose the range.
    """

    histogram: Histogram
    low: float
    high: float
    percentiles: tuple[tuple[float, float], ...]
    zeros: float
    ranges: tuple[ValueRange, ...]


@dataclass(frozen=True, slots=True)
class ActivationDetail:
    """What goes into a layer and what comes out, on calibration samples.

    Attributes:
        layer: Its name.
        input: None for a layer that reads nothing, or no floating-point numbers.
        output: None where no finite value was seen.
        samples: How many were run.
        bits: That `ranges` are for.
        synthetic: Noise stood in for data.
        reason: Why there is nothing to show; empty where there is.
    """

    layer: str
    input: Activation | None = None
    output: Activation | None = None
    samples: int = 0
    bits: int = 8
    synthetic: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One sample of a data set, for people.

    Attributes:
        index: In its split.
        picture: `[h, w, 3]` RGB as stored, its longer side at most 256; None for what is none.
        text: The text of a sample that is one; the first numbers of one that is neither.
        label: Class number, counted from 0; None without a class.
        label_name: Of the class, or the value to predict.
        predicted: The network's class; None where it did not run, or does not classify.
        predicted_name: Of that class, or the value that it predicts.
        probability: The network's, of that class.
        prepared: What the network gets, as a picture, from its lowest value (black) to its highest;
            None where it is no picture.
    """

    index: int
    picture: Picture | None = None
    text: str = ""
    label: int | None = None
    label_name: str = ""
    predicted: int | None = None
    predicted_name: str = ""
    probability: float | None = None
    prepared: Picture | None = None


@dataclass(frozen=True, slots=True)
class DataPreview:
    """A data set as its dialog shows it.

    Attributes:
        info: Name, splits with numbers of samples, classes, shape, notes.
        fit: Whether it fits the network: the two shapes, the transformations offered, and the
            preprocessing in force with all that follows from data and network filled in.
        source: File that the preprocessing came from; empty: from no file.
        given: The preprocessing as it was read, or given with the request.
        missing: What nobody has said yet.
        split: That the samples are of.
        samples: A few of it, as many of each class as can be.
        reason: Why there are no predictions; empty where there are.
    """

    info: DataInfo
    fit: Fit
    source: str
    given: Preprocessing
    missing: tuple[Question, ...]
    split: str
    samples: tuple[Sample, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SampleDetail:
    """Samples that were asked for, in that order; those that cannot be read are left out."""

    split: str
    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True)
class ImportsDetail:
    """What opening a file would bring in, found without running it.

    Attributes:
        path: The file.
        runs_code: Opening it runs code, so that the user has to say that it is trusted.
        imports: All that it would import, as `module.name`.
        foreign: Those beyond what every file of its kind has; what a dialog lists first.
    """

    path: str
    runs_code: bool
    imports: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ready:
    """The engine has loaded all that the first jobs need.

    Attributes:
        versions: Name → what it says, for the About box.
        threads: That PyTorch computes with.
        devices: Where networks can be trained: `cpu`, and `cuda` or `mps` where there is one.
    """

    versions: FrozenMap[str]
    threads: int
    devices: tuple[str, ...] = ("cpu",)


@dataclass(frozen=True, slots=True)
class GraphPoint:
    """A node of a network's graph, for people.

    Attributes:
        label: What it does: a layer's kind, an operator's name, an input's name.
        layer: The layer that it is; empty: it carries no weights.
        shape: Of what it gives, for one sample.
    """

    label: str
    layer: str = ""
    shape: tuple[Dim, ...] = ()


@dataclass(frozen=True, slots=True)
class GraphDetail:
    """A network as nodes and edges, in execution order; `edges` are pairs of indices."""

    nodes: tuple[GraphPoint, ...] = ()
    edges: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class WeightFigures:
    """What settings take from the weights alone, before there is any data.

    Attributes:
        layers: Names, as in a cost table.
        settings: Method → its settings, mildest first; together, in order, the columns.
        errors: `[layers, columns]`: the share of the weights' energy that is lost, ‖ΔW‖²/‖W‖²; NaN
            where a method does not apply or weights are not numbers.
    """

    layers: tuple[str, ...]
    settings: tuple[tuple[str, tuple[float, ...]], ...]
    errors: Floats
