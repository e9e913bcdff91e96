"""Rows that weights are multiplied with."""

import pytest
import torch
from torch import nn

from engine.statistics.unfold import unfold_input, unfold_output

LEAVES = {
    "linear": (nn.Linear(5, 7, bias=False), (4, 5)),
    "tokens": (nn.Linear(5, 7, bias=False), (2, 3, 5)),
    "conv1d, dilated, circular": (
        nn.Conv1d(4, 8, 3, padding=2, dilation=2, bias=False, padding_mode="circular"),
        (3, 4, 9),
    ),
    "conv2d, grouped, strided": (nn.Conv2d(6, 8, 3, 2, 1, groups=2, bias=False), (3, 6, 9, 8)),
    "depthwise": (nn.Conv2d(4, 8, (3, 1), groups=4, padding="same", bias=False), (2, 4, 5, 5)),
    "conv3d": (nn.Conv3d(2, 4, 2, bias=False), (2, 2, 4, 3, 4)),
}


@pytest.mark.parametrize(("leaf", "shape"), LEAVES.values(), ids=LEAVES)
@pytest.mark.parametrize("every", [1, 4])
def test_rows_times_weight_are_the_output(
    leaf: nn.Module, shape: tuple[int, ...], every: int
) -> None:
    x = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        rows = unfold_input(leaf, x, every, offset=1)
        weight = leaf.weight.flatten(1).reshape(rows.shape[0], -1, rows.shape[2])
        expected = unfold_output(leaf, leaf(x), every, offset=1)
        torch.testing.assert_close(rows @ weight.transpose(1, 2), expected)
    every_row = unfold_input(leaf, x)
    assert rows.shape[1] == every_row.shape[1] if every == 1 else rows.shape[1] > 0


def test_sampling_takes_one_position_in_so_many() -> None:
    leaf, x = nn.Conv2d(1, 1, 1), torch.arange(16.0).reshape(1, 1, 4, 4)
    assert unfold_input(leaf, x, 5, offset=2).flatten().tolist() == [2, 7, 12]
    assert unfold_input(leaf, x, 100, offset=3).numel() == 1


def test_a_transposed_convolution_has_a_row_for_each_input_position() -> None:
    leaf, x = nn.ConvTranspose2d(4, 6, 1, groups=2, bias=False), torch.randn(2, 4, 3, 3)
    rows = unfold_input(leaf, x)  # [2, 18, 2]
    weight = leaf.weight.flatten(1).reshape(2, 2, 3)  # [groups, C_in / groups, C_out / groups]
    with torch.no_grad():
        torch.testing.assert_close(rows @ weight, unfold_output(leaf, leaf(x)))


@pytest.mark.parametrize("kernel", [1, 3])
def test_few_positions_of_many_are_the_same_as_among_all(kernel: int) -> None:
    leaf = nn.Conv2d(4, 6, kernel, padding=kernel // 2, groups=2, bias=False)
    x = torch.randn(2, 4, 40, 40)
    every_row = unfold_input(leaf, x).reshape(2, 2, 1600, -1)
    with torch.no_grad():
        every_output = unfold_output(leaf, leaf(x)).reshape(2, 2, 1600, -1)
        output = unfold_output(leaf, leaf(x), 400, offset=7)
    places = slice(7, None, 400)
    assert torch.equal(unfold_input(leaf, x, 400, offset=7), every_row[:, :, places].flatten(1, 2))
    assert torch.equal(output, every_output[:, :, places].flatten(1, 2))
