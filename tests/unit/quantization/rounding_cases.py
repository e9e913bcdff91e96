"""Small networks and requests for the tests of rounding."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from engine.jobs.job import Quiet
from engine.methods.context import Context
from engine.methods.quantization.rounding.api import RoundingRequest
from engine.methods.quantization.rounding.settings import (
    ReconstructionSettings,
    Rounding,
    RoundingSettings,
)
from engine.methods.quantization.settings import UniformParams
from engine.methods.quantization.weight_ranges import weight_encoding
from engine.network.leaves import TRANSPOSED, uses
from engine.network.network import Network
from engine.statistics.calibration import Calibration
from engine.statistics.run import capture
from engine.surgery.quantizers import Grid, insert_quantizers, places
from tests.helpers.networks import network_of

FEW = ReconstructionSettings(block_steps=15, network_steps=25, batch=16)


class Residual(nn.Module):
    """A stem, a residual block, a depthwise layer, a classifier."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, padding=1)
        self.first = nn.Conv2d(8, 8, 3, padding=1)
        self.second = nn.Conv2d(8, 8, 3, padding=1)
        self.depthwise = nn.Conv2d(8, 8, 3, groups=8)
        self.fc = nn.Linear(8, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(self.stem(x))
        x = torch.relu(self.second(torch.relu(self.first(x))) + x)
        x = torch.relu(self.depthwise(x))
        return self.fc(x.mean((2, 3)))  # type: ignore[no-any-return]  # its kind is known here


def made(module: nn.Module, *inputs: Tensor) -> Network:
    """A network with weights that are the same in every test run."""
    generator = torch.Generator().manual_seed(3)
    for weight in module.parameters():
        fan = max(weight[0].numel(), 1) if weight.dim() > 1 else 4
        values = torch.randn(weight.shape, generator=generator) / fan**0.5
        weight.data = values.to(weight.dtype)
    return network_of(module.eval(), *inputs)


def images(count: int, seed: int = 0) -> Tensor:
    """Smooth random images `[count, 3, 8, 8]`: neighbors are alike, as in pictures."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.randn(count, 3, 4, 4, generator=generator)
    smooth = nn.functional.interpolate(coarse, size=(8, 8), mode="bilinear", align_corners=False)
    return smooth + 0.1 * torch.randn(count, 3, 8, 8, generator=generator)


def residual() -> Network:
    """The network `Residual`, for images of 8 × 8."""
    return made(Residual(), images(2))


def context_of(network: Network, *inputs: Tensor, seed: int = 0) -> Context:
    """Calibration samples and a job that nobody watches."""
    return Context(Quiet(), network, seed=seed, calibration=Calibration(inputs, batch=16))


def requests_for(
    network: Network,
    method: Rounding,
    bits: int = 3,
    settings: ReconstructionSettings = FEW,
) -> dict[str, RoundingRequest]:
    """The same request for every layer with a matrix."""
    params = UniformParams.model_validate({"weight_bits": bits})
    every = RoundingSettings(reconstruction=settings)
    return {
        use.name: RoundingRequest(
            method, weight_encoding(use.weight, params, int(use.kind in TRANSPOSED)), every
        )
        for use in uses(network.module)
        if use.weight.dim() > 1
    }


def with_quantizers(network: Network, *inputs: Tensor, bits: int = 8) -> Network:
    """Activations rounded at every layer's input, with plain ranges."""
    module = network.module
    layers = {use.name: bits for use in uses(module) if use.weight.dim() > 1}
    found = places(module, layers)
    values = capture(module, [place.node for place in found], inputs)
    top = (1 << bits) - 1
    grids = {}
    for place in found:
        low = min(float(values[place.node].min()), 0.0)
        scale = max(float(values[place.node].max()) - low, 1e-6) / top
        grids[place] = Grid(scale, round(-low / scale), bits)
    return insert_quantizers(network, grids)


def error_of(network: Network, original: Network, *inputs: Tensor) -> float:
    """Squared error of the outputs as a share of their variance."""
    with torch.no_grad():
        found, wanted = network.module(*inputs), original.module(*inputs)
    return float((found - wanted).square().mean() / wanted.var())


def weights_of(network: Network) -> Mapping[str, Tensor]:
    """Every layer's weight."""
    return {use.name: use.weight.detach() for use in uses(network.module)}
