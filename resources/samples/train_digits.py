"""Make the sample: train the network of `digits_net.py` on scikit-learn's handwritten digits.

`python resources/samples/train_digits.py [--out FOLDER] [--epochs N]` writes `digits.npz` (data),
`digits.pt2` and `digits.safetensors` (the trained network), and `digits.json` (how to prepare a
value, what was measured). With the default settings it takes about half a minute on one core.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from digits_net import DigitsNet, build  # noqa: E402 - the file beside this one

TEST_SAMPLES = 500
MEAN, STD = 0.3053, 0.3762  # of the training pixels divided by 16


@dataclass(frozen=True)
class Digits:
    """Images [N, 8, 8] uint8 from 0 to 16, labels [N] uint8."""

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray


def load() -> Digits:
    """Split the 1,797 digits into 1,297 for training and 500 for testing, balanced and seeded."""
    digits = load_digits()
    images = digits.images.astype(np.uint8)
    parts = train_test_split(
        images,
        digits.target.astype(np.uint8),
        test_size=TEST_SAMPLES,
        random_state=0,
        stratify=digits.target,
    )
    x_train, x_test, y_train, y_test = parts
    return Digits(x_train, y_train, x_test, y_test)


def prepare(images: np.ndarray) -> torch.Tensor:
    """Pixels [N, 8, 8] as network input [N, 1, 8, 8]."""
    return ((torch.from_numpy(images).float() / 16 - MEAN) / STD)[:, None]


def shifted(x: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Each batch moved by up to one pixel: the digits are too few to learn from as they are."""
    dy, dx = torch.randint(-1, 2, (2,), generator=generator).tolist()
    return torch.roll(x, (dy, dx), (2, 3))


def train(digits: Digits, epochs: int, seed: int = 0) -> DigitsNet:
    """Train with SGD, a one-cycle learning rate and label smoothing."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    network = build()
    x, y = prepare(digits.x_train), torch.from_numpy(digits.y_train).long()
    batch = 64
    steps = epochs * (len(x) // batch)
    optimizer = torch.optim.SGD(
        network.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4, nesterov=True
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.2, total_steps=steps)
    loss_of = nn.CrossEntropyLoss(label_smoothing=0.05)
    network.train()
    for _ in range(epochs):
        order = torch.randperm(len(x), generator=generator)
        for start in range(0, len(x) - batch + 1, batch):
            chosen = order[start : start + batch]
            loss = loss_of(network(shifted(x[chosen], generator)), y[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return network.eval()


def accuracy(network: DigitsNet, images: np.ndarray, labels: np.ndarray) -> float:
    """Share of images whose most likely class is their label."""
    with torch.inference_mode():
        predicted = network(prepare(images)).argmax(1).numpy()
    return float((predicted == labels).mean())


def write(network: DigitsNet, digits: Digits, out: Path) -> None:
    """Write data, network and description."""
    out.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(out / "digits.npz", **vars(digits))
    save_file(network.state_dict(), out / "digits.safetensors")
    example = (torch.zeros(2, 1, 8, 8),)
    dynamic = ({0: torch.export.Dim("batch")},)
    program = torch.export.export(network, example, dynamic_shapes=dynamic)
    for node in program.graph.nodes:
        node.meta.pop("stack_trace", None)  # it holds the paths of this machine
    torch.export.save(program, out / "digits.pt2")
    description = {
        "task": "classification",
        "input": "x",
        "input_shape": ["batch", 1, 8, 8],
        "layout": "NCHW",
        "scale": 1 / 16,
        "mean": [MEAN],
        "std": [STD],
        "labels": [str(digit) for digit in range(10)],
        "parameters": sum(p.numel() for p in network.parameters()),
        "measured_test_accuracy": accuracy(network, digits.x_test, digits.y_test),
        "source": "scikit-learn's handwritten digits (Alpaydin, Kaynak 1998), CC BY 4.0",
    }
    text = json.dumps(description, indent=1) + "\n"
    (out / "digits.json").write_text(text, encoding="utf-8")


def main() -> None:
    """Train, print the accuracy, write the files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=HERE)
    parser.add_argument("--epochs", type=int, default=40)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    digits = load()
    network = train(digits, arguments.epochs)
    print(f"test accuracy {accuracy(network, digits.x_test, digits.y_test):.4f}")
    write(network, digits, arguments.out)


if __name__ == "__main__":
    main()
