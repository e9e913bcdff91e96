"""Gives batch norms the mean and variance that they see now."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.jobs.job import Job
from engine.network.network import Network
from engine.statistics.calibration import Calibration
from engine.statistics.norms import norm_statistics, statistical_norms
from engine.surgery.copy import copy_network, replace_tensors


def reestimate(network: Network, calibration: Calibration, job: Job) -> Network:
    """A network whose batch norms keep the statistics of the calibration samples.

    Weights are shared with the original, which is not changed; one without batch norms is given
    back as it is.

    Args:
        network: Of any state.
        calibration: Two samples or more.
        job: For progress and cancelling.

    Raises:
        DataError: There is but one sample.
    """
    norms = statistical_norms(network.module)
    if not norms:
        return network
    found = norm_statistics(network.module, calibration, job)
    new: dict[int, Tensor] = {}
    for name, statistics in found.items():
        norm = norms[name]
        for old, values in zip((norm.running_mean, norm.running_var), statistics, strict=True):
            assert old is not None
            new[id(old)] = torch.as_tensor(values).to(old.dtype).clone()
    result = copy_network(network)
    replace_tensors(result.module, new)
    return result
