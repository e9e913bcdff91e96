"""Batch norms become part of the layer before them, or stay."""

import copy

import pytest
import torch
from torch import Tensor, nn

from engine.info import FOLDS_INTO
from engine.network.layers import layer_table
from engine.network.leaves import uses
from engine.network.norms import foldable_norms
from engine.surgery.fold import fold_batch_norms
from tests.helpers.networks import network_of
from tests.unit.quantization.helpers import conv, images, randomize, residual, run

PLANE, LINE, VOLUME = (2, 6, 5, 5), (2, 6, 7), (2, 6, 4, 4, 4)
CASES: dict[str, tuple[nn.Module, type[nn.Module], tuple[int, ...]]] = {
    "conv1d": (nn.Conv1d(6, 4, 3), nn.BatchNorm1d, LINE),
    "conv2d with bias": (nn.Conv2d(6, 4, 3), nn.BatchNorm2d, PLANE),
    "conv2d": (nn.Conv2d(6, 4, 3, bias=False), nn.BatchNorm2d, PLANE),
    "grouped": (nn.Conv2d(6, 4, 3, groups=2), nn.BatchNorm2d, PLANE),
    "depthwise": (nn.Conv2d(6, 6, 3, groups=6, bias=False), nn.BatchNorm2d, PLANE),
    "conv3d": (nn.Conv3d(6, 4, 2), nn.BatchNorm3d, VOLUME),
    "transposed": (nn.ConvTranspose2d(6, 4, 3, bias=False), nn.BatchNorm2d, PLANE),
    "transposed in groups": (nn.ConvTranspose1d(6, 4, 3, groups=2), nn.BatchNorm1d, LINE),
    "linear": (nn.Linear(6, 4), nn.BatchNorm1d, (2, 6)),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("affine", [True, False])
def test_the_function_stays_and_the_norm_goes(name: str, affine: bool) -> None:
    layer, kind, shape = CASES[name]
    channels = getattr(layer, "out_channels", None) or layer.out_features
    norm = kind(channels, affine=affine)
    randomize(norm)
    x = torch.randn(shape)
    network = network_of(nn.Sequential(copy.deepcopy(layer), norm, nn.ReLU()), x)
    folded = fold_batch_norms(network)
    assert [use.name for use in uses(folded.module)] == ["0"]
    assert [use.name for use in uses(network.module)] == ["0", "1"]
    torch.testing.assert_close(run(folded, x), run(network, x), rtol=1e-5, atol=1e-5)
    assert "1.weight" not in folded.module.state_dict()


def test_nothing_of_the_original_changes() -> None:
    network = residual()
    before = {name: t.clone() for name, t in network.module.state_dict().items()}
    folded = fold_batch_norms(network)
    after = network.module.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert before.keys() == after.keys()
    assert folded.module.fc.weight is network.module.fc.weight
    torch.testing.assert_close(
        run(folded, images(4)), run(network, images(4)), rtol=1e-4, atol=1e-4
    )


class Stays(nn.Module):
    """Norms that cannot be folded, each for a reason of its own."""

    def __init__(self, case: str) -> None:
        super().__init__()
        self.case = case
        self.a, self.b = conv(4, 4), conv(4, 4)
        self.norm = nn.BatchNorm2d(4, track_running_stats=case != "no statistics")
        if case == "tied":
            self.b.weight = self.a.weight
        if case != "no statistics":
            randomize(self.norm)

    def forward(self, x: Tensor) -> Tensor:
        y = self.a(x)
        if self.case == "sum":
            return self.norm(y + self.b(x))
        if self.case == "activation":
            return self.norm(torch.relu(y))
        if self.case == "concat":
            return self.norm(torch.cat([y[:, :2], x[:, :2]], 1))
        if self.case == "used twice":
            return self.norm(y) + y
        if self.case == "called elsewhere too":
            return self.norm(y) + self.b(self.norm(x))
        if self.case == "layer called elsewhere too":
            return self.norm(y) + self.a(torch.relu(y))
        if self.case == "tied":
            return self.norm(y) + self.b(x)
        return self.norm(y)  # no statistics


@pytest.mark.parametrize(
    "case",
    ["sum", "activation", "concat", "used twice", "called elsewhere too", "no statistics", "tied",
     "layer called elsewhere too"],
)  # fmt: skip
def test_a_norm_that_cannot_be_folded_stays(case: str) -> None:
    network = network_of(Stays(case), images(2, 4))
    assert foldable_norms(network.module) == {}
    assert fold_batch_norms(network) is network


def test_a_dense_layer_on_sequences_has_its_channels_elsewhere() -> None:
    norm = nn.BatchNorm1d(5)
    randomize(norm)
    network = network_of(nn.Sequential(nn.Linear(6, 4), norm), torch.randn(2, 5, 6))
    assert foldable_norms(network.module) == {}


class CalledTwice(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm = conv(3, 4), nn.BatchNorm2d(4)
        randomize(self.norm)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return self.norm(self.conv(x)) * self.norm(self.conv(y))


def test_a_shared_layer_with_a_shared_norm_is_folded_once() -> None:
    x, y = images(2), images(2, seed=1)
    network = network_of(CalledTwice(), x, y, input_names=("x", "y"))
    folded = fold_batch_norms(network)
    assert [use.name for use in uses(folded.module)] == ["conv"]
    torch.testing.assert_close(run(folded, x, y), run(network, x, y), rtol=1e-5, atol=1e-5)


def test_the_table_says_what_a_norm_can_be_folded_into() -> None:
    table = {layer.name: layer for layer in layer_table(residual())}
    assert table["norm3"].attributes[FOLDS_INTO] == "conv3"
    assert FOLDS_INTO not in table["conv3"].attributes
