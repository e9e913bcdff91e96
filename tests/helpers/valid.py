"""Small sound model files of every form, which tests read, break and compare."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from safetensors.torch import save_file
from torch import nn

from engine.network.export import export_module
from engine.readers.pt2 import save_program

SHAPE = {"x": "3x8x8"}


class Net(nn.Module):
    """A convolution, a norm and a dense layer."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 4, 3, padding=1)
        self.bn1 = nn.BatchNorm2d(4)
        self.fc = nn.Linear(4, 5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.fc(torch.relu(self.bn1(self.conv1(x))).mean((2, 3)))


ARCHITECTURE = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 4, 3, padding=1)
        self.bn1 = nn.BatchNorm2d(4)
        self.fc = nn.Linear(4, 5)

    def forward(self, x):
        return self.fc(torch.relu(self.bn1(self.conv1(x))).mean((2, 3)))

def wider():
    net = Net()
    net.extra = nn.Linear(5, 5)
    return net

def text():
    return "not a network"

def fails():
    raise RuntimeError("no such luck")
"""


def net() -> Net:
    """The network, the same each time."""
    with torch.random.fork_rng():
        torch.manual_seed(3)
        return Net().eval()


def example() -> torch.Tensor:
    """A batch for it."""
    return torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(1))


def sequential() -> nn.Sequential:
    """A network whose pickle needs no code but torch's own."""
    with torch.random.fork_rng():
        torch.manual_seed(3)
        layers = (nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 36, 5))
        return nn.Sequential(*layers).eval()


def weight(name: str, *shape: int) -> onnx.TensorProto:
    """An ONNX weight with fixed values."""
    values = np.random.default_rng(len(name)).normal(size=shape).astype(np.float32)
    return numpy_helper.from_array(values, name)


def onnx_model() -> onnx.ModelProto:
    """Convolution, ReLU, mean, dense; opset 17."""
    nodes = [
        helper.make_node("Conv", ["x", "conv1.weight", "conv1.bias"], ["a"], "conv", pads=[1] * 4),
        helper.make_node("Relu", ["a"], ["b"], "relu"),
        helper.make_node("GlobalAveragePool", ["b"], ["c"], "pool"),
        helper.make_node("Flatten", ["c"], ["d"], "flat"),
        helper.make_node("Gemm", ["d", "fc.weight", "fc.bias"], ["y"], "dense", transB=1),
    ]
    graph = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 3, 8, 8])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", 5])],
        [
            *(weight("conv1.weight", 4, 3, 3, 3), weight("conv1.bias", 4)),
            *(weight("fc.weight", 5, 4), weight("fc.bias", 5)),
        ],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def write_onnx(folder: Path) -> Path:
    """`small.onnx`, weights inside."""
    path = folder / "small.onnx"
    path.write_bytes(onnx_model().SerializeToString())
    return path


def write_external(folder: Path, data: str = "small.data") -> Path:
    """`external.onnx` with its weights in a file beside it."""
    path = folder / "external.onnx"
    onnx.save_model(onnx_model(), path, save_as_external_data=True, location=data, size_threshold=0)
    return path


def write_pt2(folder: Path) -> Path:
    """`small.pt2`."""
    path = folder / "small.pt2"
    save_program(export_module(net(), (example(),)), path)
    return path


def write_torchscript(folder: Path) -> Path:
    """`script.pt`, traced."""
    path = folder / "script.pt"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.save(torch.jit.trace(net(), example()), path)
    return path


def write_pickle(folder: Path) -> Path:
    """`pickled.pt`, of torch's own classes."""
    path = folder / "pickled.pt"
    torch.save(sequential(), path)
    return path


def write_state_dict(folder: Path) -> Path:
    """`weights.pth`."""
    path = folder / "weights.pth"
    torch.save(net().state_dict(), path)
    return path


def write_legacy(folder: Path) -> Path:
    """`legacy.pth`, as torch wrote before 1.6."""
    path = folder / "legacy.pth"
    torch.save(net().state_dict(), path, _use_new_zipfile_serialization=False)
    return path


def write_safetensors(folder: Path) -> Path:
    """`weights.safetensors`."""
    path = folder / "weights.safetensors"
    save_file(net().state_dict(), path)
    return path


def write_architecture(folder: Path) -> Path:
    """`small_net.py` with the factories `Net`, `wider`, `text` and `fails`."""
    path = folder / "small_net.py"
    path.write_text(ARCHITECTURE)
    return path


WRITERS = {
    "onnx": write_onnx,
    "external": write_external,
    "pt2": write_pt2,
    "torchscript": write_torchscript,
    "state_dict": write_state_dict,
    "legacy": write_legacy,
    "safetensors": write_safetensors,
}
"""Forms that open without trust."""
