"""Gradients of weights sample by sample, against running the changed layer."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from engine.search.weight_gradients import can_sum, summed

LAYERS = {
    "plain": (nn.Conv2d(3, 4, 3, padding=1), (3, 7, 6)),
    "strided": (nn.Conv2d(3, 4, (3, 2), stride=2, padding=(1, 0), bias=False), (3, 9, 8)),
    "dilated": (nn.Conv2d(3, 4, 3, dilation=2), (3, 9, 8)),
    "one_by_one": (nn.Conv2d(3, 4, 1), (3, 4, 4)),
    "strided_one_by_one": (nn.Conv2d(3, 4, 1, stride=2), (3, 6, 6)),
    "sequence": (nn.Conv1d(3, 4, 3, stride=2, padding=2), (3, 11)),
    "tokens": (nn.Linear(5, 4), (6, 5)),
    "pairs": (nn.Linear(5, 4, bias=False), (3, 4, 5)),
}


@pytest.mark.parametrize("name", list(LAYERS))
@pytest.mark.parametrize("at_once", [1 << 26, 2000])
def test_products_with_a_change_are_what_the_changed_layer_gives(
    name: str, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.search.weight_gradients._BYTES", at_once)
    torch.manual_seed(0)
    leaf, shape = LAYERS[name]
    x = torch.randn(6, *shape)
    with torch.no_grad():
        y = leaf(x)
    g = torch.randn(2, *y.shape)
    wanted = (g * y).flatten(2).sum(2).T  # [N, probes]
    with torch.no_grad():
        weights, biases = summed(leaf, x, g)
        found = (weights * leaf.weight.flatten(1)).sum((2, 3))
        if leaf.bias is not None:
            found += biases @ leaf.bias
    assert weights.shape == (6, 2, 4, leaf.weight[0].numel())
    torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-4)


def test_only_what_gains_is_summed() -> None:
    g = torch.randn(2, 6, 4, 7, 6)
    x = torch.randn(6, 4, 7, 6)
    assert can_sum(nn.Conv2d(4, 4, 3, padding=1), x, g)
    for other in (
        nn.Conv2d(4, 4, 3, padding=1, groups=2),
        nn.Conv2d(4, 4, 3, padding=1, padding_mode="circular"),
        nn.Conv2d(4, 4, 3, padding="same"),
        nn.ConvTranspose2d(4, 4, 3, padding=1),
        nn.Embedding(4, 4),
    ):
        assert not can_sum(other, x, g)
    assert not can_sum(nn.Linear(5, 4), torch.randn(6, 5), torch.randn(2, 6, 4))  # one position
    assert not can_sum(nn.Linear(5, 4), torch.randn(12, 8, 5), torch.randn(2, 6, 8, 4))
