"""Short questions of views: answered while other work runs, in the lane of looks.

Their results are in `engine.details`. `key` is the asker's and comes back with the result.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import ClassVar

from engine.frozen import Data, FrozenMap
from engine.jobs.events import Lane
from engine.jobs.requests import DataSource, ModelSource
from engine.preprocessing import Preprocessing


@dataclass(frozen=True, slots=True)
class ListModel:
    """The layer table straight from a file's directory, before any network is made.

    Result: `engine.info.NetworkInfo` with sampled histograms, without groups and MACs.
    """

    model: ModelSource
    key: str = ""
    lane: ClassVar[Lane] = Lane.LOOK

    @property
    def label(self) -> str:
        """Shown in the job list."""
        return f"List {PurePath(self.model.path).name}"


@dataclass(frozen=True, slots=True)
class WeightLook:
    """How a layer's weights are distributed: result `WeightDetail`.

    `window`: the lowest and highest value that the histogram is to show; None: all.
    """

    model: ModelSource
    layer: str
    window: tuple[float, float] | None = None
    key: str = ""
    lane: ClassVar[Lane] = Lane.LOOK

    @property
    def label(self) -> str:
        """Shown in the job list."""
        return f"Weights of {self.layer}"


@dataclass(frozen=True, slots=True)
class ChannelLook:
    """How the channels that a layer makes are scored: result `ChannelDetail`.

    Attributes:
        model: The network.
        layer: Any member of the group.
        criterion: As the method `channel` calls it.
        data: For criteria that look at what the network computes.
        norm: Of the criterion `magnitude`: `l1` or `l2`.
        seed: Of the recipe.
        key: Comes back.
    """

    model: ModelSource
    layer: str
    criterion: str = "magnitude"
    data: DataSource | None = None
    norm: str = "l1"
    seed: int = 0
    key: str = ""
    lane: ClassVar[Lane] = Lane.LOOK

    @property
    def label(self) -> str:
        """Shown in the job list."""
        return f"Channels of {self.layer}"


@dataclass(frozen=True, slots=True)
class SpectrumLook:
    """The singular values of a layer's weight: result `SpectrumDetail`."""

    model: ModelSource
    layer: str
    key: str = ""
    lane: ClassVar[Lane] = Lane.LOOK

    @property
    def label(self) -> str:
        """Shown in the job list."""
        return f"Spectrum of {self.layer}"


@dataclass(frozen=True, slots=True)
class FiguresLook:
    """What bits, ranks and zeros take from the weights of all layers: result `WeightFigures`."""

    model: ModelSource
    key: str = ""
    lane: ClassVar[Lane] = Lane.LOOK

    @property
    def label(self) -> str:
        """Shown in the job list."""
        return f"Weights of {PurePath(self.model.path).name}"


@dataclass(frozen=True, slots=True)
class QuantizationLook:
    """What rounding does to a layer's weight: result `QuantizationDetail`.

    Attributes:
        model: The network.
        layer: Of it.
        params: Settings of the method `uniform`; what is not named has its default.
        channel: The output channel whose grid is to be shown.
        key: Comes back.
    """

    model: ModelSource
    layer: str
    params: FrozenMap[Data] = FrozenMap()
    channel: int = 0
    key: str = ""
    lane: ClassVar[Lane] = Lane.LOOK

    @property
    def label(self) -> str:
        """Shown in the job list."""
        return f"Rounding of {self.layer}"


@dataclass(frozen=True, slots=True)
class ActivationLook:
    """What goes into a layer and comes out of it: result `ActivationDetail`.

    Attributes:
        model: The network.
        layer: Of it.
        data: Its calibration samples; None: noise.
        bits: For the ranges.
        percentile: For the range of that name.
        samples: At most; fewer of a large network.
        key: Comes back.
    """

    model: ModelSource
    layer: str
    data: DataSource | None = None
    bits: int = 8
    percentile: float = 99.99
    samples: int = 64
    key: str = ""
    lane: ClassVar[Lane] = Lane.LOOK

    @property
    def label(self) -> str:
        """Shown in the job list."""
        return f"Activations of {self.layer}"


@dataclass(frozen=True, slots=True)
class DataLook:
    """What a data set holds and how it fits a network: result `DataPreview`.

    Attributes:
        model: None: no network is open yet.
        data: The data set.
        count: Samples to show.
        split: A split's name; `auto`: what accuracy is measured on.
        preprocessing: To be tried instead of the file's; None: the file's.
        seed: Draws the samples.
        key: Comes back.
    """

    model: ModelSource | None
    data: DataSource
    count: int = 12
    split: str = "auto"
    preprocessing: Preprocessing | None = None
    seed: int = 0
    key: str = ""
    lane: ClassVar[Lane] = Lane.LOOK

    @property
    def label(self) -> str:
        """Shown in the job list."""
        return f"Look at {PurePath(self.data.paths[0]).name}" if self.data.paths else "Look at data"


@dataclass(frozen=True, slots=True)
class SampleLook:
    """Pictures and labels of some samples: result `SampleDetail`.

    Attributes:
        model: Its preprocessing gives names to the classes; None: the data's own.
        data: The data set.
        indices: Of samples in their split, as `engine.trials.Answers` have them.
        split: A split's name; `auto`: what accuracy is measured on.
        key: Comes back.
    """

    model: ModelSource | None
    data: DataSource
    indices: tuple[int, ...]
    split: str = "auto"
    key: str = ""
    lane: ClassVar[Lane] = Lane.LOOK

    @property
    def label(self) -> str:
        """Shown in the job list."""
        return "Look at samples"


@dataclass(frozen=True, slots=True)
class ImportsLook:
    """What opening a model, data or code file would import and run: result `ImportsDetail`."""

    path: str
    key: str = ""
    lane: ClassVar[Lane] = Lane.LOOK

    @property
    def label(self) -> str:
        """Shown in the job list."""
        return f"Look into {PurePath(self.path).name}"


@dataclass(frozen=True, slots=True)
class GraphLook:
    """Nodes and edges of a network: result `GraphDetail`."""

    model: ModelSource
    key: str = ""
    lane: ClassVar[Lane] = Lane.LOOK

    @property
    def label(self) -> str:
        """Shown in the job list."""
        return f"Graph of {PurePath(self.model.path).name}"


@dataclass(frozen=True, slots=True)
class VersusLook:
    """What two networks said to each sample: result `engine.trials.Versus`.

    Attributes:
        first: File of a trial's answers.
        second: Of another's; empty: the first trial's original against its compressed network.
        key: Comes back.
    """

    first: str
    second: str = ""
    key: str = ""
    lane: ClassVar[Lane] = Lane.LOOK

    @property
    def label(self) -> str:
        """Shown in the job list."""
        return "Compare answers"
