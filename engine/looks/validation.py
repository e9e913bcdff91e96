"""Validation samples in memory: what settings are measured on."""

from __future__ import annotations

from engine import preprocessing_file
from engine.compress.material import CALIBRATION_BYTES, Material, sample_bytes
from engine.data.fit import require_fit
from engine.data.roles import roles
from engine.errors import DataError
from engine.jobs.job import Job
from engine.jobs.requests import DataSource
from engine.looks.material import open_data_set
from engine.opened import OpenModel
from engine.statistics.calibration import Calibration

_FEWEST = 2


def validation_samples(
    model: OpenModel, data: DataSource, count: int, seed: int, job: Job
) -> tuple[Calibration, tuple[str, ...]]:
    """So many validation samples, or as many as there are and as fit into memory, with labels.

    Returns:
        The samples, and what there is to say of them, a sentence each.

    Raises:
        DataError: The data does not fit the network, or there are hardly any.
    """
    network = model.network
    found = preprocessing_file.find(model.source.path, data.paths, data.preprocessing).preprocessing
    dataset = open_data_set(data, found, job)
    fit = require_fit(dataset, found, network.inputs, network.outputs)
    parts = roles(dataset, seed)
    subset, notes = parts.validation, list(fit.notes)
    if len(subset) < _FEWEST:
        subset = parts.training if len(parts.training) >= _FEWEST else parts.calibration
        notes.append("There is too little data for validation samples: training samples are run.")
    if len(subset) < _FEWEST:
        raise DataError("There are too few samples to measure on", hint="Give more data.")
    size = sum(sample_bytes(info) for info in network.inputs)
    most = max(_FEWEST, CALIBRATION_BYTES // max(size, 1))
    if most < min(count, len(subset)):
        notes.append(f"{most} samples are run: more would not fit in memory.")
    material = Material(network, fit.preprocessing, parts, seed, has_file=False)
    chosen = subset.sample(min(count, most), seed)
    inputs, labels = material.read(chosen, "Reading validation samples", job)
    return Calibration(inputs, labels), tuple(notes)
