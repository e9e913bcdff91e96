"""What rounding is learned for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, fx

from engine.jobs.job import Job
from engine.methods.quantization.rounding.blocks import Block
from engine.methods.quantization.rounding.memory import batch_is_fixed
from engine.methods.quantization.rounding.replay import Learned
from engine.methods.quantization.rounding.settings import ReconstructionSettings


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """What rounding is learned for.

    Attributes:
        module: The network with rounded activations.
        original: What it should compute, under the same names of nodes.
        blocks: Of the module.
        learned: In the places of the module's weights and quantizers.
        inputs: Calibration samples, one tensor `[N, ...]` for each input; on the CPU.
        settings: Of the learning.
        generator: On the CPU; all randomness comes from it.
        job: For progress.
        device: Where it runs.
    """

    module: fx.GraphModule
    original: fx.GraphModule
    blocks: Sequence[Block]
    learned: Learned
    inputs: tuple[Tensor, ...]
    settings: ReconstructionSettings
    generator: torch.Generator
    job: Job
    device: torch.device

    def batch(self) -> int:
        """Samples in a batch."""
        return batch_is_fixed(self.module) or min(self.settings.batch, len(self.inputs[0]))

    def moved(self, batch: Tensor) -> Tensor:
        """A batch on the device; channels last, which convolutions on a CPU like better."""
        batch = batch.to(self.device)
        if batch.dim() == 4 and batch.is_floating_point():
            return batch.contiguous(memory_format=torch.channels_last)
        return batch


def placed(module: fx.GraphModule, batch: Sequence[Tensor]) -> dict[fx.Node, Any]:
    """Inputs by the nodes that take them."""
    takers = [node for node in module.graph.nodes if node.op == "placeholder"]
    return dict(zip(takers, batch, strict=True))
