"""Networks that tests read, prune and export: `ZOO[name].example()` makes one with its inputs.

Small by default, so that a whole test takes milliseconds; `full` has the published sizes. Every
network is seeded, in eval mode, and its batch-norm statistics and weights are far from 0 and 1, so
that leaving one out shows.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.export import ExportedProgram

from engine.info import Format
from engine.network.export import export_module
from engine.network.lift import network_from_program
from engine.network.network import Network
from tests.helpers import zoo_blocks as blocks
from tests.helpers import zoo_sequence as sequence
from tests.helpers import zoo_vision as vision

Inputs = tuple[Tensor, ...]


@dataclass(frozen=True)
class ZooEntry:
    """One network.

    `make` and `make_inputs` are the recipes; use `build()`, `inputs(batch)` and `example(batch)`,
    which are seeded. `full_make`, if there is one, makes the published size.
    """

    make: Callable[[], nn.Module]
    make_inputs: Callable[[int, torch.Generator], Inputs]
    input_names: tuple[str, ...] = ("x",)
    full_make: Callable[[], nn.Module] | None = None
    full_inputs: Callable[[int, torch.Generator], Inputs] | None = None

    def build(self, full: bool = False, seed: int = 0) -> nn.Module:
        """The network: seeded, in eval mode, batch norm randomized."""
        make = self.full_make if full else self.make
        assert make is not None, "this network has no published size"
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            return randomize_norms(make()).eval()

    def inputs(self, batch: int = 2, full: bool = False) -> Inputs:
        """Example inputs, batch on axis 0 of each."""
        make = self.full_inputs if full else self.make_inputs
        assert make is not None, "this network has no published size"
        return make(batch, torch.Generator().manual_seed(100 + batch))

    def example(self, batch: int = 2, full: bool = False) -> tuple[nn.Module, Inputs]:
        """The network and inputs for it."""
        return self.build(full), self.inputs(batch, full)

    def network(self, batch: int = 2, full: bool = False) -> Network:
        """The network as a reader gives it: exported and lifted."""
        module, inputs = self.example(batch, full)
        program = export_module(module, inputs)
        return network_from_program(program, Format.PICKLE, input_names=self.input_names)


def randomize_norms(module: nn.Module) -> nn.Module:
    """Give every norm weights and statistics that matter."""
    for norm in module.modules():
        if getattr(norm, "running_mean", None) is not None:
            nn.init.normal_(norm.running_mean, 0.0, 0.2)
            nn.init.uniform_(norm.running_var, 0.5, 1.5)
        if "Norm" in type(norm).__name__ and getattr(norm, "weight", None) is not None:
            nn.init.uniform_(norm.weight, 0.5, 1.5)
            if getattr(norm, "bias", None) is not None:
                nn.init.normal_(norm.bias, 0.0, 0.2)
    return module


def images(*shape: int) -> Callable[[int, torch.Generator], Inputs]:
    """Random numbers of this shape, without batch."""
    return lambda batch, rng: (torch.randn(batch, *shape, generator=rng),)


def tokens(vocabulary: int, length: int) -> Callable[[int, torch.Generator], Inputs]:
    """Random token numbers."""
    return lambda batch, rng: (torch.randint(0, vocabulary, (batch, length), generator=rng),)


def sentences(batch: int, rng: torch.Generator) -> Inputs:
    """Token numbers, token types, and a mask whose rows end at different places."""
    ids = torch.randint(1, 50, (batch, 16), generator=rng)
    types = torch.randint(0, 2, (batch, 16), generator=rng)
    lengths = torch.randint(4, 17, (batch, 1), generator=rng)
    mask = (torch.arange(16)[None] < lengths).to(torch.int64)
    return ids * mask, types, mask


def image_and_table(batch: int, rng: torch.Generator) -> Inputs:
    """An image and five numbers."""
    return torch.randn(batch, 3, 16, 16, generator=rng), torch.randn(batch, 5, generator=rng)


IMAGENET = images(3, 224, 224)
SMALL_VGG = {"stages": ((8,), (16,), (16, 16)), "hidden": 24, "pooled": 2, "classes": 10}
SMALL_MOBILE = {
    "stem": 8,
    "settings": ((1, 8, 1, 1), (6, 8, 2, 2), (6, 16, 1, 2)),
    "last": 32,
    "classes": 10,
}

ZOO: dict[str, ZooEntry] = {
    "resnet18": ZooEntry(
        lambda: vision.ResNet(vision.BasicBlock, (1, 2), 8, 10),
        images(3, 64, 64),
        full_make=lambda: vision.resnet(18),
        full_inputs=IMAGENET,
    ),
    "resnet50": ZooEntry(
        lambda: vision.ResNet(vision.Bottleneck, (1, 2), 4, 10),
        images(3, 64, 64),
        full_make=lambda: vision.resnet(50),
        full_inputs=IMAGENET,
    ),
    "vgg": ZooEntry(
        lambda: vision.VGG(**SMALL_VGG),
        images(3, 32, 32),
        full_make=vision.VGG,
        full_inputs=IMAGENET,
    ),
    "vgg_bn": ZooEntry(
        lambda: vision.VGG(**SMALL_VGG, batch_norm=True),
        images(3, 32, 32),
        full_make=lambda: vision.VGG(batch_norm=True),
        full_inputs=IMAGENET,
    ),
    "mobilenet_v2": ZooEntry(
        lambda: vision.MobileNetV2(**SMALL_MOBILE),
        images(3, 32, 32),
        full_make=vision.MobileNetV2,
        full_inputs=IMAGENET,
    ),
    "efficientnet_like": ZooEntry(vision.EfficientNet, images(3, 32, 32)),
    "squeeze_excite": ZooEntry(vision.SENet, images(3, 16, 16)),
    "unet": ZooEntry(
        vision.UNet,
        images(3, 32, 32),
        full_make=lambda: vision.UNet(width=64, depth=4),
        full_inputs=images(3, 256, 256),
    ),
    "densenet_like": ZooEntry(vision.DenseNet, images(3, 16, 16)),
    "shufflenet_like": ZooEntry(blocks.ShuffleNet, images(3, 16, 16)),
    "shufflenet_v2_like": ZooEntry(blocks.ShuffleNetV2, images(3, 16, 16)),
    "grouped_conv": ZooEntry(blocks.GroupedNet, images(3, 16, 16)),
    "pixel_shuffle": ZooEntry(blocks.ESPCN, images(1, 12, 12)),
    "small_cnn": ZooEntry(blocks.SmallCNN, images(3, 16, 16)),
    "shared_conv": ZooEntry(blocks.SharedConv, images(3, 8, 8)),
    "multi_input": ZooEntry(blocks.MultiInput, image_and_table, ("image", "table")),
    "audio": ZooEntry(blocks.Audio, images(1, 128)),
    "volume": ZooEntry(blocks.Volume, images(1, 8, 8, 8)),
    "vit": ZooEntry(
        sequence.ViT,
        images(3, 32, 32),
        full_make=lambda: sequence.ViT(224, 16, 768, 12, 12, 1000),
        full_inputs=IMAGENET,
    ),
    "bert_like": ZooEntry(
        sequence.Bert,
        sentences,
        ("ids", "token_types", "mask"),
        full_make=lambda: sequence.Bert(30522, 512, 768, 12, 12),
        full_inputs=sentences,
    ),
    "gpt_like": ZooEntry(sequence.GPT, tokens(40, 12), ("ids",)),
    "tied_weights": ZooEntry(sequence.TiedWeights, tokens(30, 7), ("ids",)),
    "lstm_classifier": ZooEntry(sequence.LSTMClassifier, tokens(40, 9), ("ids",)),
    "bilstm_classifier": ZooEntry(
        lambda: sequence.LSTMClassifier(layers=2, bidirectional=True), tokens(40, 9), ("ids",)
    ),
    "gru_classifier": ZooEntry(sequence.GRUClassifier, images(9, 6)),
}


@functools.cache
def cached_program(name: str) -> ExportedProgram:
    """An exported network of the zoo, made once; for tests that do not change it."""
    return export_module(*ZOO[name].example())


@functools.cache
def cached_network(name: str) -> Network:
    """The same, lifted."""
    return network_from_program(
        cached_program(name), Format.PICKLE, input_names=ZOO[name].input_names
    )
