"""What settings take from weights alone, against the weights themselves."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from engine.errors import Cancelled
from engine.jobs.job import Quiet
from engine.jobs.looks import FiguresLook
from engine.looks.figures import (
    METHODS,
    rounding_errors,
    truncation_errors,
    weight_figures,
    zeroing_errors,
)
from engine.search.savings import SETTINGS
from engine.worker import handle
from tests.unit.looks.cases import MODEL, Canceled, Net, opened


def test_every_layer_of_the_sample_has_figures() -> None:
    found = handle(FiguresLook(MODEL), Quiet())
    assert found.settings == tuple((method, SETTINGS[method]) for method in METHODS)
    assert found.errors.shape == (len(found.layers), sum(len(s) for _, s in found.settings))
    known = found.errors[np.isfinite(found.errors)]
    assert len(known) > 0.8 * found.errors.size
    assert ((known >= 0) & (known <= 1)).all()
    start = 0
    for _, settings in found.settings:  # what is stronger takes more
        part = found.errors[:, start : start + len(settings)]
        start += len(settings)
        assert (np.diff(part[np.isfinite(part).all(1)], axis=1) >= 0).all()


def test_bits_lose_what_rounding_loses() -> None:
    torch.manual_seed(0)
    few, many = (rounding_errors(torch.randn(64, n), (8, 4, 2), Quiet()) for n in (128, 4096))
    step = 2 / (2**8 - 1)  # of a range of about ±3 standard deviations
    assert few[0] == pytest.approx((3 * step) ** 2 / 12, rel=0.5)
    assert few == pytest.approx(many, rel=0.6)  # only a part of the large one is rounded
    assert few[0] < few[1] / 50 < few[2] / 500


def test_zeros_lose_the_smallest_weights() -> None:
    matrix = torch.arange(-10.0, 10.0).reshape(4, 5)
    squares = np.sort(np.square(matrix.numpy()).ravel())
    found = zeroing_errors(matrix, (0.0, 0.3, 0.5))
    whole = squares.sum()
    assert found == pytest.approx([0, squares[:6].sum() / whole, squares[:10].sum() / whole])


def _spiked(rows: int, columns: int) -> Tensor:
    torch.manual_seed(0)
    return 0.2 * torch.randn(rows, columns) + torch.randn(rows, 30) @ torch.randn(30, columns) / 5


@pytest.mark.parametrize("shape", [(60, 100), (100, 60), (300, 500), (900, 600)])
def test_ranks_keep_the_energy_of_the_largest_singular_values(shape: tuple[int, int]) -> None:
    matrix = _spiked(*shape)
    squares = torch.linalg.svdvals(matrix.double()).square()
    ranks = [1, 10, 30, 40, min(shape) // 2]
    wanted = [float(squares[rank:].sum() / squares.sum()) for rank in ranks]
    exact = min(shape) <= 512
    assert truncation_errors(matrix, ranks) == pytest.approx(wanted, abs=1e-5 if exact else 0.05)


def test_weights_that_are_no_numbers_have_no_figures() -> None:
    net = Net()
    with torch.no_grad():
        net.conv.weight[0, 0, 0, 0] = torch.nan
    found = weight_figures(opened(net, torch.randn(2, 3, 8, 8)), Quiet())
    errors = dict(zip(found.layers, found.errors, strict=True))
    assert np.isnan(errors["conv"]).all()
    assert np.isfinite(errors["fc"]).any()
    assert np.isfinite(errors["up"][:5]).all()


def test_zeros_have_nothing_to_lose() -> None:
    layer = nn.Linear(8, 8, bias=False)
    nn.init.zeros_(layer.weight)
    found = weight_figures(opened(layer, torch.randn(2, 8)), Quiet())
    assert not found.errors[np.isfinite(found.errors)].any()


def test_large_layers_are_not_waited_for() -> None:
    large = opened(nn.Sequential(nn.Linear(1500, 1500), nn.Linear(1500, 10)), torch.randn(2, 1500))
    job = Canceled(12)
    with pytest.raises(Cancelled):
        weight_figures(large, job)
    assert job.longest_s < 0.2
