"""MACs agree with published counts and with torch's own counter."""

import pytest
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from engine.info import Format
from engine.network.export import export_module
from engine.network.fast_conv import multiplications
from engine.network.layers import layer_table
from engine.network.lift import network_from_program
from engine.network.macs import network_macs
from engine.network.network import Network
from tests.helpers.zoo import ZOO, cached_network

PUBLISHED = {
    # GMACs at 224 × 224: the papers' tables, refined by the counts of the usual model libraries
    "resnet50": 4.089,
    "mobilenet_v2": 0.301,
    "vgg": 15.470,
    "vit": 17.56,
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_networks(name: str) -> None:
    assert ZOO[name].full_make is not None
    with torch.device("meta"):  # shapes are all that counts
        module = ZOO[name].full_make().eval()
        program = export_module(module, (torch.empty(2, 3, 224, 224),))
    macs = network_macs(network_from_program(program, Format.PICKLE).module)
    assert macs is not None
    assert macs / 1e9 == pytest.approx(PUBLISHED[name], rel=1e-3)


@pytest.mark.parametrize("name", ["unet", "volume", "bert_like", "gru_classifier", "audio"])
def test_torch_counts_the_same(name: str) -> None:
    # networks with fused attention or LSTMs are not here: torch's counter leaves those out
    module, inputs = ZOO[name].example(batch=1)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        module(*inputs)
    assert network_macs(cached_network(name).module) == counter.get_total_flops() / 2


def test_lstm_counts_every_matrix_at_every_step() -> None:
    rows = {row.name: row for row in layer_table(cached_network("bilstm_classifier"))}
    matrices = 2 * (64 * 12 + 64 * 16) + 2 * (64 * 32 + 64 * 16)  # two layers, two directions
    assert rows["lstm"].macs == 9 * matrices


def lifted(module: nn.Module, *inputs: Tensor) -> Network:
    return network_from_program(export_module(module, inputs), Format.PICKLE)


class Attention(nn.Module):
    def forward(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        return nn.functional.scaled_dot_product_attention(q, k, v)


class Einsum(nn.Module):
    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        return torch.einsum("bij,bjk->bik", a, b)


class Standardized(nn.Conv2d):
    """A convolution whose weights are computed from the input."""

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.conv2d(x, self.weight * x.mean(), padding=1)


def test_products_of_activations_count() -> None:
    shapes = [(2, 3, 5, 8), (2, 3, 7, 8), (2, 3, 7, 4)]
    attention = lifted(Attention(), *(torch.randn(s) for s in shapes))
    assert network_macs(attention.module) == 3 * 5 * 7 * (8 + 4)
    einsum = lifted(Einsum(), torch.randn(2, 3, 4), torch.randn(2, 4, 5))
    assert network_macs(einsum.module) == 3 * 4 * 5
    conv = lifted(Standardized(3, 4, 3), torch.randn(2, 3, 8, 8))
    assert network_macs(conv.module) == 4 * 3 * 9 * 64


def test_a_fixed_batch_counts_for_one_sample() -> None:
    class Fixed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear = nn.Linear(4, 5)

        def forward(self, x: Tensor) -> Tensor:
            return self.linear(x.view(3, 4))

    network = lifted(Fixed(), torch.randn(3, 4))
    assert network_macs(network.module) == 20
    (row,) = layer_table(network)
    assert (row.input_shape, row.output_shape, row.activation_bytes) == ((4,), (5,), 20)


def test_winograd_and_fft_multiplications() -> None:
    conv = nn.Conv2d(16, 32, 3, padding=1)
    counts = multiplications(conv, (56, 56), (56, 56))
    assert counts.direct == 16 * 32 * 9 * 56 * 56
    assert counts.winograd == counts.direct // 4  # F(4×4, 3×3): 36 products for 144
    # padded to 58, filled up to 64: transforms of 48 channels, half spectra of 64 × 33
    assert counts.fft == 48 * 4096 * 12 + 4 * 64 * 33 * 16 * 32
    odd = multiplications(conv, (6, 6), (6, 6))
    assert odd.winograd == 16 * 9 * 512  # F(2×2, 3×3) fits 6 × 6 better: 144 against 4 × 36
    assert odd.winograd == 4 * 36 * 512


@pytest.mark.parametrize(
    ("conv", "winograd", "fft"),
    [
        (nn.Conv2d(4, 4, 3, stride=2), False, False),
        (nn.Conv2d(4, 4, 3, dilation=2), False, True),
        (nn.Conv2d(4, 4, 5), False, True),
        (nn.Conv1d(4, 4, 3), False, True),
        (nn.Conv2d(4, 4, 3, groups=4, padding="same"), True, True),
    ],
)
def test_arithmetic_that_does_not_apply_is_none(conv: nn.Conv2d, winograd: bool, fft: bool) -> None:
    size = (12,) * len(conv.kernel_size)
    counts = multiplications(conv, size, size)
    assert (counts.winograd is not None) == winograd
    assert (counts.fft is not None) == fft
