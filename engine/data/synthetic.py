"""Noise that stands in for data, where there is none. It is always called synthetic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.data.dataset import DataSet, Raw, Samples, Split
from engine.errors import DataError
from engine.info import TensorInfo
from engine.preprocessing import Preprocessing

Array = np.ndarray[Any, Any]
SAMPLES = 2048
TOKENS = 100
"""Whole numbers are drawn below this, where nothing says how many words there are."""
LENGTH = 32
"""Tokens of a text whose length varies."""
NOTE = "There is no data: normally distributed noise stands in for it."


class NoiseSplit(Split):
    """Each sample follows from the seed and its index."""

    prepared = True

    def __init__(
        self,
        inputs: tuple[TensorInfo, ...],
        spread: tuple[float, float],
        seed: int,
        limits: Mapping[str, int],
    ) -> None:
        super().__init__("all")
        self._limits = limits
        self._inputs = inputs
        self._spread = spread
        self._seed = seed
        self.sample_shape = self._shape(inputs[0])
        self.dtype = inputs[0].dtype

    def __len__(self) -> int:
        return SAMPLES

    @staticmethod
    def _shape(info: TensorInfo) -> tuple[int, ...]:
        return tuple(int(dim) for dim in info.shape[1:])

    def read(self, indices: Array, preprocessing: Preprocessing | None = None) -> Samples:
        """Prepared values."""
        drawn = [[self._draw(info, int(i)) for i in indices] for info in self._inputs]
        arrays = {
            info.name: np.stack(values) if values else np.empty((0, *self._shape(info)))
            for info, values in zip(self._inputs, drawn, strict=True)
        }
        inputs: Raw = arrays if len(arrays) > 1 else next(iter(arrays.values()))
        return Samples(inputs, None, indices)

    def _draw(self, info: TensorInfo, index: int) -> Array:
        generator = np.random.default_rng((self._seed, index))
        shape = self._shape(info)
        if not info.dtype.startswith(("float", "bfloat")):
            if "mask" in info.name.lower() or info.dtype == "bool":
                return np.ones(shape, np.dtype(info.dtype))
            return generator.integers(0, self._limits.get(info.name, TOKENS), shape).astype(
                np.dtype(info.dtype)
            )
        low, high = self._spread
        noise = generator.standard_normal(shape, np.float32)
        return noise if low < 0 else np.clip(0.5 + noise / 4, low, high).astype(np.float32)


def synthetic(
    inputs: tuple[TensorInfo, ...],
    preprocessing: Preprocessing | None = None,
    seed: int = 0,
    limits: Mapping[str, int] | None = None,
) -> DataSet:
    """Noise for any network, of the spread that prepared data would have.

    Mean 0 and deviation 1 where the preprocessing takes off a mean; else pixels from 0 to 1.

    Args:
        inputs: Of the network.
        preprocessing: Gives the spread, and sizes that the network leaves open.
        seed: Of the noise.
        limits: Input's name → rows of the table that its whole numbers index.

    Raises:
        DataError: An input's shape is not known.
    """
    preprocessing = preprocessing or Preprocessing()
    fixed = tuple(_fixed(info, preprocessing) for info in inputs)
    pixels = preprocessing.scale is not None and abs(preprocessing.scale) < 0.1
    centered = any(preprocessing.mean) or set(preprocessing.std) - {1.0}
    spread = (0.0, 1.0) if pixels and not centered else (-1.0, 1.0)
    return DataSet(
        name="synthetic",
        form="synthetic",
        splits={"all": NoiseSplit(fixed, spread, seed, limits or {})},
        class_names=preprocessing.labels,
        task=preprocessing.task,
        notes=(NOTE,),
        synthetic=True,
        fingerprint=f"synthetic/{seed}/{spread}/{fixed}/{sorted((limits or {}).items())}",
    )


def from_shape(preprocessing: Preprocessing) -> DataSet:
    """The same for the one input that the preprocessing describes."""
    if not preprocessing.sample_shape:
        raise DataError(
            "There is no data, and the preprocessing does not say the input's shape.",
            hint="Name a data set, or set input_shape.",
        )
    info = TensorInfo(preprocessing.input, ("batch", *preprocessing.sample_shape), "float32")
    return synthetic((info,), preprocessing)


def _fixed(info: TensorInfo, preprocessing: Preprocessing) -> TensorInfo:
    """The shape with a number for each name: from the preprocessing, else a usual one."""
    said = preprocessing.sample_shape
    if len(said) != len(info.shape) - 1:
        said = info.shape[1:]
    dims = [s if isinstance(d, str) else d for d, s in zip(info.shape[1:], said, strict=True)]
    if not info.dtype.startswith(("float", "bfloat")):
        length = min(preprocessing.max_length or LENGTH, LENGTH)
        dims = [length if isinstance(dim, str) else dim for dim in dims]
    unknown = next((dim for dim in dims if isinstance(dim, str)), None)
    if unknown is not None:
        raise DataError(
            f"The network's input {info.name} has a dimension '{unknown}' of unknown length.",
            hint="Set input_shape in the preprocessing.",
            where=info.name,
        )
    return TensorInfo(info.name, (info.shape[0], *dims), info.dtype)
