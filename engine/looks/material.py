"""Data for looks: opened once, divided as recipes divide it, and read in small numbers."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path

from engine import preprocessing_file
from engine.compress.material import Material
from engine.data.dataset import DataSet
from engine.data.fit import require_fit
from engine.data.roles import roles
from engine.data.sources import open_data
from engine.jobs.job import Job
from engine.jobs.requests import DataSource
from engine.network.macs import network_macs
from engine.network.network import Network
from engine.opened import OpenModel, Recent
from engine.preprocessing import Preprocessing
from engine.statistics.calibration import Calibration

_LEAST_SAMPLES = 2
_WORK_AT_ONCE = 3e9
"""MACs of one batch: a cancel is heard between two layers."""
_DATA_SETS = Recent(3)
_SAMPLES = Recent(3)


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """Prepared samples of the calibration data, or noise where there is none.

    Attributes:
        samples: In memory.
        synthetic: They are noise.
        key: Differs when they do.
    """

    samples: Calibration
    synthetic: bool
    key: Hashable


def open_data_set(data: DataSource, preprocessing: Preprocessing, job: Job) -> DataSet:
    """A data set, from an earlier look while its files are as they were.

    Raises:
        DataError: It cannot be read.
        TrustRequired: It is Python code, and nobody has said that it may run.
    """
    key = (_key_of(data), preprocessing.model_dump_json())
    return _DATA_SETS.get(key, lambda: open_data(data, preprocessing, job))


def calibration_samples(
    model: OpenModel, data: DataSource | None, count: int, seed: int, job: Job
) -> Looked:
    """So many samples of what recipes calibrate with.

    Raises:
        DataError: The data does not fit the network.
    """
    found = preprocessing_file.find(
        model.source.path,
        data.paths if data is not None else (),
        data.preprocessing if data is not None else "",
    ).preprocessing
    known = None if data is None else _key_of(data)
    key = (known, found.model_dump_json(), count, seed)

    def read() -> tuple[OpenModel, Looked]:  # with the model, so that its id stays its own
        made, synthetic = _read(model.network, data, found, count, seed, job)
        return model, Looked(made, synthetic, key)

    return _SAMPLES.get((id(model), key), read)[1]


def _read(
    network: Network,
    data: DataSource | None,
    preprocessing: Preprocessing,
    count: int,
    seed: int,
    job: Job,
) -> tuple[Calibration, bool]:
    parts = None
    if data is not None:
        dataset = open_data_set(data, preprocessing, job)
        fit = require_fit(dataset, preprocessing, network.inputs, network.outputs)
        parts, preprocessing = roles(dataset, seed), fit.preprocessing
    material = Material(network, preprocessing, parts, seed, has_file=False)
    subset = material.noise(count, seed) if parts is None else parts.calibration
    inputs, labels = material.read(subset.sample(count, seed), "Reading samples", job)
    return Calibration(inputs, labels, batch_for(network)), parts is None


def samples_for(network: Network, most: int, work: float) -> int:
    """How many samples to run so that the passes take no more than some MACs."""
    macs = network_macs(network.module) or 1
    return min(most, max(_LEAST_SAMPLES, int(work / macs)))


def batch_for(network: Network | None) -> int:
    """Samples for one pass."""
    if network is None:
        return 1
    macs = network_macs(network.module) or 1
    return max(1, min(64, int(_WORK_AT_ONCE / macs)))


def _key_of(data: DataSource) -> Hashable:
    """Differs when the files do."""
    files = (*data.paths, data.tokenizer, data.preprocessing)
    return data, tuple(_stamp(Path(path)) for path in files if path)


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_size
