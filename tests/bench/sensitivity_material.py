"""The networks and samples on which sensitivity is judged, all through the engine's own readers."""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
from torch import Tensor, nn
from torch.nn import functional

from engine.compress.material import Material as Data
from engine.data.roles import Subset, roles
from engine.jobs.job import Quiet
from engine.jobs.requests import DataSource, ModelSource
from engine.layer_table import LayerTable
from engine.looks.material import batch_for, calibration_samples, open_data_set
from engine.network.network import Network
from engine.opened import OpenModel, open_model
from engine.preprocessing_file import find
from engine.statistics.calibration import Calibration
from engine.surgery.fold import fold_batch_norms

METHODS = ("uniform", "channel", "weight", "data_aware_svd")
"""Of the grid; the same as that of the measurement."""
ESTIMATED = 256
"""Calibration samples of an estimate."""
OTHERS = 2000
"""Samples of the reference: none of them is a calibration sample."""
NETWORKS = ("lenet5_mnist", "resnet20_cifar10jpeg", "resnet56_cifar10", "sentiment")
_LENGTH = 40
_WORDS = 2000


@dataclass(frozen=True)
class Material:
    """A network, what an estimate looks at, and what it is judged on.

    Attributes:
        name: Of the network.
        network: As it is.
        folded: With batch norms folded.
        table: Its layers and groups.
        samples: Calibration samples.
        others: Other samples.
    """

    name: str
    network: Network
    folded: Network
    table: LayerTable
    samples: Calibration
    others: Calibration


def material(name: str, folder: Path, out: Path, archive: Callable[[], Path]) -> Material:
    """Everything for one of `NETWORKS`.

    Args:
        name: The network's.
        folder: The real data.
        out: Where the transformer and its tokenizer are written.
        archive: Gives CIFAR-10 as pixels.
    """
    if name == "sentiment":
        path, tokens = train_sentiment(folder / "sentiment_sentences.csv", out)
        data = DataSource(
            (str(folder / "sentiment_sentences.csv"),),
            label_column="label",
            input_columns=("text",),
            tokenizer=str(tokens),
        )
    else:
        path = folder / f"{name}.pt2"
        data = DataSource((str(folder / "mnist.npz" if "mnist" in name else archive()),))
    model = open_model(ModelSource(str(path)), Quiet())
    table = LayerTable(model.info.layers, model.info.groups)
    samples = calibration_samples(model, data, ESTIMATED, 0, Quiet()).samples
    return Material(
        name,
        model.network,
        fold_batch_norms(model.network),
        table,
        samples,
        _others(model, data, samples),
    )


def _others(model: OpenModel, data: DataSource, samples: Calibration) -> Calibration:
    """Samples of the test split; where it is too small, of the training split too."""
    settings = find(model.source.path, data.paths, data.preprocessing).preprocessing
    dataset = open_data_set(data, settings, Quiet())
    parts = roles(dataset, 0)
    reader = Data(model.network, settings, parts, 0, has_file=False)
    test = parts.evaluation
    subsets = [test.sample(OTHERS, 0)]
    if len(test) < OTHERS:
        known = parts.calibration.sample(len(samples), 0).indices
        pool = np.setdiff1d(np.arange(len(parts.training.split)), known)
        more = Subset(dataset, parts.training.split, pool)
        subsets.append(more.sample(OTHERS - len(test), 0))
    read = [reader.read(subset, "Reading samples", Quiet())[0] for subset in subsets]
    inputs = tuple(torch.cat(column) for column in zip(*read, strict=True))
    return Calibration(inputs, None, batch_for(model.network))


class Block(nn.Module):
    """Attention and a dense layer, each added to what came in."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.query, self.key = nn.Linear(width, width), nn.Linear(width, width)
        self.value, self.out = nn.Linear(width, width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)

    def forward(self, x: Tensor, hidden: Tensor) -> Tensor:
        """`x` `[n, length, width]`; `hidden` `[n, 1, 1, length]` is true for padding."""
        y = self.norm1(x)
        q, k, v = (self._split(part(y)) for part in (self.query, self.key, self.value))
        scores = q @ k.transpose(2, 3) / q.shape[-1] ** 0.5  # [n, heads, length, length]
        y = scores.masked_fill(hidden, -1e4).softmax(3) @ v
        x = x + self.out(y.transpose(1, 2).flatten(2))
        return x + self.down(functional.gelu(self.up(self.norm2(x))))

    def _split(self, x: Tensor) -> Tensor:
        return x.unflatten(2, (self.heads, -1)).transpose(1, 2)  # [n, heads, length, width]


class Sentiment(nn.Module):
    """A small transformer that reads a sentence and tells whether it is a good word."""

    def __init__(self, words: int, width: int = 64, depth: int = 3, heads: int = 4) -> None:
        super().__init__()
        self.embed = nn.Embedding(words, width)
        self.position = nn.Parameter(torch.randn(_LENGTH, width) * 0.02)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(depth))
        self.norm = nn.LayerNorm(width)
        self.classify = nn.Linear(width, 2)

    def forward(self, input_ids: Tensor) -> Tensor:
        """`[n, length]` token numbers, 0 for padding → `[n, 2]`."""
        blank = input_ids == 0
        x = self.embed(input_ids) + self.position
        for block in self.blocks:
            x = block(x, blank[:, None, None, :])
        there = (~blank).to(x.dtype)[:, :, None]  # [n, length, 1]
        mean = (self.norm(x) * there).sum(1) / there.sum(1).clamp_min(1)
        return self.classify(mean)


def train_sentiment(table: Path, out: Path, epochs: int = 14) -> tuple[Path, Path]:
    """Train the transformer on its training split: model and tokenizer file.

    About a minute on one core; the same each time on the same machine.
    """
    path, tokens = out / "sentiment.pt2", out / "sentiment_tokenizer.json"
    if path.exists() and tokens.exists():
        return path, tokens
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    tokenizer = _tokenizer([row["text"] for row in rows if row["split"] == "train"])
    tokenizer.save(str(tokens))
    made = {split: _read(rows, split, tokenizer) for split in ("train", "test")}
    torch.manual_seed(0)
    net = Sentiment(tokenizer.get_vocab_size())
    began = time.process_time()
    _fit(net, *made["train"], epochs)
    net.eval()
    with torch.no_grad():
        right = [(net(x).argmax(1) == y).float().mean() for x, y in made.values()]
    print(
        f"sentiment: {right[0]:.1%} of the training and {right[1]:.1%} of the test sentences, "
        f"{time.process_time() - began:.0f} CPU s",
        flush=True,
    )
    batch = torch.export.Dim("batch", min=1, max=4096)
    program = torch.export.export(net, (made["train"][0][:2],), dynamic_shapes=({0: batch},))
    torch.export.save(program, path)
    settings = {"input": "input_ids", "max_length": _LENGTH, "pad": 0, "labels": ["bad", "good"]}
    path.with_suffix(".json").write_text(json.dumps(settings), encoding="utf-8")
    return path, tokens


def _tokenizer(texts: list[str]) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    special = ["[PAD]", "[UNK]"]
    trainer = trainers.BpeTrainer(vocab_size=_WORDS, special_tokens=special, show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def _read(rows: list[dict[str, str]], split: str, tokenizer: Tokenizer) -> tuple[Tensor, Tensor]:
    chosen = [row for row in rows if row["split"] == split]
    ids = [tokenizer.encode(row["text"]).ids[:_LENGTH] for row in chosen]
    padded = [one + [0] * (_LENGTH - len(one)) for one in ids]
    return torch.tensor(padded), torch.tensor([int(row["label"]) for row in chosen])


def _fit(net: nn.Module, x: Tensor, y: Tensor, epochs: int) -> None:
    """Words are dropped now and then, so that it does not learn sentences by heart."""
    optimizer = torch.optim.AdamW(net.parameters(), 2e-3, weight_decay=0.05)
    steps = epochs * -(-len(x) // 64)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, total_steps=steps)
    net.train()
    for _ in range(epochs):
        for some in torch.randperm(len(x)).split(64):
            kept = torch.rand(x[some].shape) > 0.2
            words = torch.where(kept | (x[some] == 0), x[some], 1)
            loss = functional.cross_entropy(net(words), y[some], label_smoothing=0.05)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
