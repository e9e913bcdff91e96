"""The data of a compression: found, fitted to the network, divided by role, read into memory."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch

from engine import preprocessing_file
from engine.data.batches import batches
from engine.data.fit import require_fit
from engine.data.roles import Roles, Subset, roles
from engine.data.sources import open_data
from engine.data.synthetic import synthetic
from engine.errors import DataError
from engine.info import TensorInfo
from engine.jobs.job import Job
from engine.jobs.requests import Compress, DataSource
from engine.measure.samples import index_limits
from engine.methods.context import TrainingData
from engine.network.memory import peak_activation_bytes
from engine.network.network import Network
from engine.preprocessing import Preprocessing
from engine.registry import Needs
from engine.statistics.calibration import Calibration

CALIBRATION_BYTES = 1 << 30
"""Of prepared calibration samples in memory."""
ACTIVATION_BYTES = 1 << 28
"""Of the activations of one forward pass over calibration data."""
NOISE = 64
"""Calibration samples where there is no data."""
HELD_OUT = 256
"""Samples on which a written file is compared with the network."""
_MOST_BATCH = 64
_NO_DATA = (
    "There is no data: noise stands in for it, and accuracy means agreement with the original on "
    "noise."
)


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """What a recipe is run on and measured with.

    Attributes:
        network: The original.
        preprocessing: As it fits the network's inputs.
        roles: The data by role; None where there is no data.
        seed: Of the recipe.
        has_file: The preprocessing comes from a file, which is to lie beside the result too.
        notes: One sentence each.
    """

    network: Network
    preprocessing: Preprocessing
    roles: Roles | None
    seed: int
    has_file: bool
    notes: list[str] = field(default_factory=list)

    @property
    def is_labeled(self) -> bool:
        """Whether accuracy is measured against labels."""
        return self.roles is not None and self.roles.evaluation.split.labelled

    @property
    def training(self) -> TrainingData | None:
        """What there is to train with."""
        if self.roles is None:
            return None
        return TrainingData(
            self.roles.training, self.roles.validation, self.preprocessing, self.network.inputs
        )

    def evaluation(self, limit: int = 0) -> Subset:
        """The samples to report on, noise where there is no data; `limit` 0: all."""
        if self.roles is None:
            return self.noise(HELD_OUT, self.seed + 1)
        whole = self.roles.evaluation
        return whole.sample(limit, self.seed) if limit else whole

    def calibration(self, job: Job) -> Calibration:
        """Prepared samples in memory, as many as there is room for."""
        subset = self.noise(NOISE, self.seed)
        if self.roles is not None:
            subset = self.roles.calibration
        size = sum(sample_bytes(info) for info in self.network.inputs)
        most = max(8, CALIBRATION_BYTES // max(size, 1))
        if most < len(subset):
            subset = subset.sample(most, self.seed)
            self.notes.append(f"{most} calibration samples are used: more would not fit in memory.")
        inputs, labels = self.read(subset, "Reading calibration data", job)
        return Calibration(inputs, labels, batch=forward_batch(self.network))

    def held_out(self, job: Job) -> Calibration:
        """Samples that no step has seen, to compare a written file with the network."""
        subset = self.evaluation().sample(HELD_OUT, self.seed)
        inputs, labels = self.read(subset, "Reading held-out samples", job)
        return Calibration(inputs, labels, batch=forward_batch(self.network))

    def read(
        self, subset: Subset, text: str, job: Job
    ) -> tuple[tuple[torch.Tensor, ...], torch.Tensor | None]:
        """All samples of a subset, one tensor for each input, and their labels."""
        parts: list[tuple[torch.Tensor, ...]] = []
        labels: list[torch.Tensor] = []
        done = 0
        inputs = self.network.inputs
        for batch in batches(subset, self.preprocessing, _MOST_BATCH, job, inputs=inputs):
            parts.append(tuple(torch.from_numpy(batch.inputs[info.name]) for info in inputs))
            if batch.labels is not None:
                labels.append(torch.from_numpy(batch.labels))
            done += len(batch)
            job.checkpoint(text, done, len(subset))
        columns = tuple(torch.cat(column) for column in zip(*parts, strict=True))
        return columns, torch.cat(labels) if labels else None

    def noise(self, count: int, seed: int) -> Subset:
        """Made-up samples, which stand in for data."""
        limits = index_limits(self.network)
        dataset = synthetic(self.network.inputs, self.preprocessing, seed, limits)
        return Subset(dataset, dataset.first, np.arange(count))


def find_material(
    request: Compress, network: Network, needs: Needs, seed: int, job: Job
) -> Material:
    """Open the data, make sure that it fits, and divide it.

    Raises:
        DataError: It does not fit, or the recipe trains and there is none.
    """
    data = request.data or DataSource(())
    found = preprocessing_file.find(request.model.path, data.paths, data.preprocessing)
    has_file = found.path is not None
    if request.data is None:
        if (Needs.TRAINING | Needs.LABELS) & needs:
            raise DataError(
                "The recipe trains, and there is no data", hint="Name a data set with --data."
            )
        return Material(network, found.preprocessing, None, seed, has_file, [_NO_DATA])
    dataset = open_data(request.data, found.preprocessing, job)
    fit = require_fit(dataset, found.preprocessing, network.inputs, network.outputs)
    parts = roles(dataset, seed)
    notes = [*fit.notes, *parts.notes]
    return Material(network, fit.preprocessing, parts, seed, has_file, notes)


def sample_bytes(info: TensorInfo) -> int:
    """Of one prepared sample; axes of open size count as 1."""
    size = 1
    for dim in info.shape[1:]:
        size *= dim if isinstance(dim, int) else 1
    return 8 * size if info.dtype == "int64" else 4 * size


def forward_batch(network: Network) -> int:
    """Samples for one forward pass: 64, or what keeps its activations small."""
    size = peak_activation_bytes(network.module) or 1
    return max(1, min(_MOST_BATCH, ACTIVATION_BYTES // size))
