"""What other libraries make of the same networks and data, as far as they are installed."""

from __future__ import annotations

import copy
import importlib.util
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn.utils import prune

ORT_FORMS = {
    "uint8 × int8": ("QUInt8", "QInt8", False),
    "uint8 × int8 of 7 bits": ("QUInt8", "QInt8", True),
    "uint8 × uint8": ("QUInt8", "QUInt8", False),
    "int8 × int8": ("QInt8", "QInt8", False),
}
"""ONNX Runtime's static quantization: types of activations and weights, reduced range."""


def ort_static(model: Path, samples: np.ndarray, folder: Path) -> dict[str, Path]:
    """ONNX Runtime's own QDQ quantization of a float file, per channel, in each of its forms."""
    from onnxruntime import quantization
    from onnxruntime.quantization import shape_inference

    logging.getLogger().setLevel(logging.ERROR)  # it logs advice to the root logger
    prepared = folder / "prepared.onnx"
    shape_inference.quant_pre_process(str(model), str(prepared), skip_symbolic_shape=True)
    made = {}
    for form, (activations, weights, reduced) in ORT_FORMS.items():
        path = folder / f"ort_{len(made)}.onnx"
        quantization.quantize_static(
            str(prepared),
            str(path),
            _reader(samples),
            quant_format=quantization.QuantFormat.QDQ,
            per_channel=True,
            reduce_range=reduced,
            activation_type=getattr(quantization.QuantType, activations),
            weight_type=getattr(quantization.QuantType, weights),
        )
        made[form] = path
    return made


def _reader(samples: np.ndarray) -> Any:
    from onnxruntime.quantization import CalibrationDataReader

    class Reader(CalibrationDataReader):
        def __init__(self) -> None:
            parts = max(len(samples) // 64, 1)
            self.batches = iter(np.array_split(samples.astype(np.float32), parts))

        def get_next(self) -> dict[str, np.ndarray] | None:
            batch = next(self.batches, None)
            return None if batch is None else {"input": batch}

    return Reader()


def _weighted(module: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    for name, child in module.named_modules():
        if isinstance(child, (nn.Conv2d, nn.Linear)):
            yield name, child


def torch_prune(module: nn.Module, sparsity: float, *, everywhere: bool) -> nn.Module:
    """torch.nn.utils.prune by L1: one threshold for all, or the same share of each layer."""
    pruned = copy.deepcopy(module)
    layers = [(child, "weight") for _, child in _weighted(pruned)]
    if everywhere:
        prune.global_unstructured(layers, prune.L1Unstructured, amount=sparsity)
    else:
        for child, name in layers:
            prune.l1_unstructured(child, name, amount=sparsity)
    for child, name in layers:
        prune.remove(child, name)
    return pruned


def magnitude_2_4(module: nn.Module) -> nn.Module:
    """Two of four neighboring input channels stay, the larger ones; first layers stay whole."""
    pruned = copy.deepcopy(module)
    for _, child in _weighted(pruned):
        weight = child.weight.data
        if weight.shape[1] % 4:
            continue
        moved = weight.movedim(1, -1)  # [C_out, kH, kW, C_in]
        fours = moved.reshape(*moved.shape[:-1], -1, 4)
        smallest = fours.abs().argsort(dim=-1)[..., :2]
        kept = fours.scatter(-1, smallest, 0.0)
        child.weight.data = kept.reshape(moved.shape).movedim(-1, 1).contiguous()
    return pruned


def torch_pruning_channels(module: nn.Module, example: torch.Tensor, inner: Callable[[str], bool]):
    """Torch-Pruning by magnitude, half of the MACs from channels inside blocks; None: not there."""
    if importlib.util.find_spec("torch_pruning") is None:
        return None
    import torch_pruning as tp

    whole, _ = tp.utils.count_ops_and_params(module, example)
    low, high, best = 0.0, 0.95, None
    for _ in range(8):
        ratio = (low + high) / 2
        pruned = copy.deepcopy(module)
        ignored = [child for name, child in _weighted(pruned) if not inner(name)]
        pruner = tp.pruner.MagnitudePruner(
            pruned,
            example,
            importance=tp.importance.MagnitudeImportance(p=1),
            pruning_ratio=ratio,
            ignored_layers=ignored,
        )
        pruner.step()
        macs, _ = tp.utils.count_ops_and_params(pruned, example)
        if macs <= 0.5 * whole:
            high, best = ratio, pruned
        else:
            low = ratio
    return best


def as_onnx(module: nn.Module, example: torch.Tensor, path: Path) -> Path:
    """A module as PyTorch's exporter writes it, with an open batch."""
    module.eval()
    batch = torch.export.Dim("batch")
    program = torch.onnx.export(
        module,
        (example,),
        dynamo=True,
        dynamic_shapes=({0: batch},),
        input_names=["input"],
        verbose=False,
    )
    program.save(path)
    return path


def original_module(folder: Path, name: str, factory: str) -> nn.Module:
    """A reference network as its authors define it."""
    spec = importlib.util.spec_from_file_location("reference", folder / "resnet_cifar.py")
    assert spec is not None
    assert spec.loader is not None
    source = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(source)
    module: nn.Module = getattr(source, factory)()
    module.load_state_dict(load_file(folder / f"{name}.safetensors"))
    return module.eval()


@torch.no_grad()
def torch_accuracy(module: nn.Module, test: Any) -> float:
    """Share of right answers of a module in PyTorch, percent."""
    module.eval()
    right = 0
    for start in range(0, len(test), 250):
        x = torch.from_numpy(test.prepared(start, start + 250).astype(np.float32))
        answers = module(x)
        answers = answers[0] if isinstance(answers, (tuple, list)) else answers
        right += int((answers.argmax(1).numpy() == test.labels[start : start + 250]).sum())
    return 100 * right / len(test)
