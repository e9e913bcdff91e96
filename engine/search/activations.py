"""What rounding a layer's inputs does: changes whose leaves read rounded values."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from engine.methods.context import Context
from engine.methods.quantization.activation_ranges import activation_grid
from engine.methods.quantization.settings import UniformParams
from engine.network.leaves import Use
from engine.network.network import Network
from engine.search.changes import Change
from engine.statistics.ranges import distributions
from engine.statistics.unfold import has_rows
from engine.surgery.quantizers import Grid


class RoundedInput(nn.Module):
    """A leaf that reads its input rounded to a grid.

    Args:
        leaf: What it stands for.
        grid: What its input is rounded to.
        rest: Give only what rounding changes.
    """

    def __init__(self, leaf: nn.Module, grid: Grid, *, rest: bool = False) -> None:
        super().__init__()
        self.leaf = leaf
        self.grid = grid
        self.rest = rest
        self.weight = None  # no new one

    def forward(self, x: Tensor, *more: Any) -> Tensor:
        """The leaf's output."""
        rounded = torch.fake_quantize_per_tensor_affine(
            x, self.grid.scale, self.grid.zero_point, 0, self.grid.quant_max
        )
        y: Tensor = self.leaf(rounded - x if self.rest else rounded, *more)
        return y

    def difference(self) -> RoundedInput:
        """What rounding changes: the leaf without its bias, of the errors."""
        bare: Any = copy.copy(self.leaf)
        bare._parameters = dict(bare._parameters)
        if "bias" in bare._parameters:
            bare.bias = None
        return RoundedInput(bare, self.grid, rest=True)


def rounded_inputs(
    network: Network, found: Sequence[Use], bits: Sequence[float], context: Context
) -> Iterator[Change]:
    """Layers whose inputs alone are rounded to so many bits, over the ranges of `uniform`.

    Args:
        network: With batch norms folded.
        found: The layers; those that are no product of their input with a weight are left out, and
            those that read several tensors.
        bits: Of the integers.
        context: With calibration data.
    """
    sources: dict[str, str] = {}
    for use in found:
        read = {str(node.args[0]) for node in use.nodes}
        if use.module is not None and has_rows(use.module) and len(read) == 1:
            sources[use.name] = read.pop()
    names = set(sources.values())
    seen = distributions(network.module, names, context.samples(), context.job)
    for layer, source in sources.items():
        context.job.checkpoint()
        if source not in seen:
            continue
        leaf = network.module.get_submodule(layer)
        for setting in bits:
            params = UniformParams(weight_bits=None, activation_bits=int(setting))
            grid = activation_grid(
                seen[source], params.activation_range, int(setting), params.percentile
            )
            leaves = {layer: RoundedInput(leaf, grid)}
            yield Change((layer,), "uniform.activation_bits", setting, leaves)
