"""Puts biases where a file's integers and the network in memory are rounded alike.

In a file a quantized layer adds integers: with inputs of step s and weights of step t its outputs
are (n + b / w) s t, where n is an integer, b the integer that the bias becomes, and w what the
weights were multiplied by (`widening`). Two things make another runtime round such an output to
another integer of few bits, and one such integer changes many that follow:

- a bias that is no multiple of s t / w, and is made one in the file;
- an output that lies on a border between two steps but for the last digit of a float32 number.

So a bias is moved to a multiple, and to the one near it, less than half of s t away, from which
outputs keep furthest from the borders: with few bits there are few borders, and the outputs, which
lie s t apart, can step over all of them. Nothing else about the network changes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, fx

from engine.info import LayerKind
from engine.network.encoding import WeightEncoding, as_matrix, quantize
from engine.network.leaves import CONVOLUTIONS, Use, uses
from engine.network.network import Network
from engine.surgery.copy import as_kind_of, copy_network
from engine.surgery.quantizers import bits_of, is_quantizer, passes_values, quantizer_of

Array = NDArray[Any]

FEW_BITS = 6
"""From here on down a single value that is rounded the other way may change an answer."""
_INTEGER_BITS = 8
"""Of weights and inputs, at most, that a file's kernels multiply as integers."""
_LARGEST = (1 << 31) - (1 << 28)
"""Biases beyond stay float in a file."""
_NOISE = 2.0**-20
"""What the last digits of float32 sums may amount to, as a part of a quantizer's range."""
_BLOCK = 1 << 20
"""Distances that are looked at together."""
_KINDS = CONVOLUTIONS | {LayerKind.LINEAR}
_CUTS: Mapping[str, tuple[float | None, float | None]] = {
    "hardtanh": (-1.0, 1.0),
    "hardtanh_": (-1.0, 1.0),
    "clamp": (None, None),
}
"""Operators with two bounds, and what these are by default."""
_MEANS = frozenset(
    {
        "mean", "avg_pool1d", "avg_pool2d", "avg_pool3d", "adaptive_avg_pool1d",
        "_adaptive_avg_pool2d", "adaptive_avg_pool2d", "adaptive_avg_pool3d",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class _Reader:
    """A quantizer that rounds what a layer gives, and between which values it sees it."""

    quantizer: fx.Node
    low: float = -np.inf
    high: float = np.inf

    @property
    def scale(self) -> float:
        return _scale(self.quantizer)

    @property
    def width(self) -> float:
        low, high = self._ends
        return (high - low) * self.scale

    def values(self) -> Array:
        """What it gives."""
        low, high = self._ends
        found: Array = (np.arange(low, high + 1) - _integer(self.quantizer, 2)) * self.scale
        return found

    def borders(self) -> Array:
        """Outputs that lie between two steps, as far as they come through."""
        low, high = self._ends
        values = (np.arange(low, high) + 0.5 - _integer(self.quantizer, 2)) * self.scale
        return values[(values > self.low) & (values < self.high)]

    @property
    def _ends(self) -> tuple[int, int]:
        return _integer(self.quantizer, 3), _integer(self.quantizer, 4)


def settle(
    network: Network, pause: Callable[[], None] = lambda: None
) -> tuple[Network, tuple[str, ...]]:
    """Move the biases of quantized layers to where a file rounds as the network does.

    Layers that a file does not compute in integers stay as they are: weights in groups or of more
    than 8 bits, float inputs, inputs of several steps, a bias that is shared.

    Args:
        network: Not changed. A settled one stays as it is.
        pause: Called between parts of the work.

    Returns:
        The network, and the quantizers of few bits that may still round the last digits of a file's
        values differently.
    """
    everything = uses(network.module)
    shared = _shared_biases(everything)
    sure: set[fx.Node] = set()
    moved: dict[str, Tensor] = {}
    for use in everything:
        layer = _Layer.of(network, use)
        if layer is None or id(layer.leaf.bias) in shared:
            continue
        bias, safe = layer.settled(pause)
        sure |= safe
        if bias is not None and not torch.equal(bias, layer.leaf.bias):
            moved[use.name] = bias
    unsure = _unsure(network, sure)
    if not moved:
        return network, unsure
    result = copy_network(network)
    for name, new in moved.items():
        leaf: Any = result.module.get_submodule(name)
        leaf.bias = as_kind_of(leaf.bias, new)
    return result, unsure


class _Layer:
    """A layer that a file computes in integers."""

    def __init__(self, use: Use, leaf: Any, encoding: WeightEncoding, quantizer: fx.Node) -> None:
        self.leaf = leaf
        rows = as_matrix(quantize(leaf.weight, encoding), encoding.axis)
        rows = rows - encoding.zero_point.to(rows.device)
        scale = encoding.scale.reshape(-1).cpu().numpy().astype(np.float32)
        fine = scale / np.float32(encoding.widening)
        above, below = (self._sums(side) for side in (rows.clamp_min(0), rows.clamp_max(0)))
        if fine.size > 1:  # as a file has it: the scale of a dead channel is free
            fine = np.where((above == 0) & (below == 0), fine.max(), fine)
        fine = np.broadcast_to(fine, len(rows))
        step = (np.float32(_scale(quantizer)) * fine).astype(np.float32)
        self._widening = encoding.widening
        self._step = step.astype(np.float64)  # of the bias
        low, zero, high = (_integer(quantizer, at) for at in (3, 2, 4))
        self._least = (low - zero) * above + (high - zero) * below
        self._most = (high - zero) * above + (low - zero) * below
        self._readers = [reader for node in use.nodes for reader in _readers_of(node)]

    @staticmethod
    def _sums(rows: Tensor) -> Array:
        found: Array = rows.sum(dim=1).cpu().numpy().astype(np.float64)
        return found

    @classmethod
    def of(cls, network: Network, use: Use) -> _Layer | None:
        """None for a layer that is not computed in integers."""
        encoding = network.encodings.get(use.name)
        if use.module is None or use.kind not in _KINDS or not isinstance(encoding, WeightEncoding):
            return None
        sources: Any = [node.args[0] for node in use.nodes]
        inputs = [quantizer_of(source) for source in sources]
        first = inputs[0] if inputs else None
        if first is None or any(i is None or i.args[1:] != first.args[1:] for i in inputs):
            return None
        few = max(encoding.bits, bits_of(first)) <= _INTEGER_BITS
        single = encoding.scale.shape[1] == 1 and use.weight.dtype is torch.float32
        return cls(use, use.module, encoding, first) if few and single else None

    def settled(self, pause: Callable[[], None]) -> tuple[Tensor | None, set[fx.Node]]:
        """The bias, and the quantizers behind it that are sure to round the same in a file.

        None for a layer without bias, or with one that fits no integer.
        """
        old = np.zeros(len(self._step))
        if self.leaf.bias is not None:
            old = self.leaf.bias.detach().cpu().numpy().astype(np.float64)
        integers = np.rint(old / self._step)
        if not np.isfinite(integers).all() or np.abs(integers).max(initial=0) > _LARGEST:
            return None, set()
        few = [reader for reader in self._readers if bits_of(reader.quantizer) <= _INTEGER_BITS]
        borders = np.concatenate([reader.borders() for reader in few]) if few else np.zeros(0)
        width = min((reader.width for reader in few), default=0.0)
        free = self._widening if self.leaf.bias is not None else 1
        margin = np.empty(len(integers))
        size = max(1, _BLOCK // max(1, borders.size * (free + 1)))
        for start in range(0, len(integers), size):
            pause()
            part = slice(start, start + size)
            integers[part], margin[part] = self._furthest(integers[part], borders, part, free)
        sure = (margin * self._step * self._widening > _NOISE * width).all()
        safe = {reader.quantizer for reader in few} if sure else set()
        if self.leaf.bias is None:
            return None, safe
        bias = torch.from_numpy((integers * self._step).astype(np.float32))
        return bias.to(self.leaf.bias.device), safe

    def _furthest(
        self, integers: Array, borders: Array, part: slice, free: int
    ) -> tuple[Array, Array]:
        """The best integers near those given, and how far their outputs keep from the borders.

        Args:
            integers: `[C]`: biases in their steps.
            borders: `[T]`.
            part: Which channels these are.
            free: So many neighbors are tried.

        Returns:
            Biases, and distances in steps of the products.
        """
        coarse = self._step[part] * self._widening
        places = borders / coarse[:, None]  # [C, T]
        offsets = np.array(sorted(range(-(free // 2), free // 2 + 1), key=abs), np.float64)
        tried = integers[:, None] + offsets  # [C, O]
        shift = (tried / self._widening)[:, :, None]
        wanted = places[:, None, :] - shift  # [C, O, T]: the sum of products at a border
        nearest = np.rint(wanted)
        np.clip(nearest, self._least[part, None, None], self._most[part, None, None], out=nearest)
        margin = np.abs(wanted - nearest).min(axis=2, initial=np.inf)
        best = np.round(np.minimum(margin, 0.5), 9).argmax(axis=1)  # the first: the nearest
        rows = np.arange(len(tried))
        return tried[rows, best], margin[rows, best]


def _readers_of(node: fx.Node, low: float = -np.inf, high: float = np.inf) -> Iterator[_Reader]:
    """Quantizers behind a node, and behind what only cuts its values off or passes them on."""
    for user in node.users:
        if is_quantizer(user):
            yield _Reader(user, low, high)
        elif passes_values(user) and user.args[0] is node:
            yield from _readers_of(user, low, high)
        elif (limits := _limits(user)) is not None:
            yield from _readers_of(user, max(low, limits[0]), min(high, limits[1]))


def _limits(node: fx.Node) -> tuple[float, float] | None:
    """Between which values an operator lets its operand through; None for any other."""
    name = _operation(node)
    if name in ("relu", "relu_"):
        return 0.0, np.inf
    if name == "relu6":
        return 0.0, 6.0
    if name not in _CUTS or node.kwargs:
        return None
    limits: Any = (*node.args[1:3], *_CUTS[name][len(node.args) - 1 :])
    if any(isinstance(limit, fx.Node) for limit in limits):
        return None
    low, high = limits
    return -np.inf if low is None else float(low), np.inf if high is None else float(high)


def _unsure(network: Network, sure: set[fx.Node]) -> tuple[str, ...]:
    """Quantizers of few bits whose operand is neither settled nor computed alike everywhere."""
    return tuple(
        node.name
        for node in network.module.graph.nodes
        if is_quantizer(node)
        and bits_of(node) <= FEW_BITS
        and node not in sure
        and not _is_alike(node)
    )


def _is_alike(quantizer: fx.Node) -> bool:
    """Whether any runtime gives what is rounded alike, or but for few of its elements.

    Inputs, means, of which there are few, and sums of two rounded tensors off the borders.
    """
    node: Any = quantizer.args[0]
    while passes_values(node) or _limits(node) is not None:
        node = node.args[0]
    if node.op == "placeholder" or is_quantizer(node):
        return True
    name = _operation(node)
    return name in _MEANS or (name == "add" and _adds_off_borders(node, quantizer))


def _adds_off_borders(addition: fx.Node, quantizer: fx.Node) -> bool:
    """Whether no sum of two values on their grids lies near a border of the next one."""
    operands: Any = addition.args
    if addition.kwargs or any(not isinstance(one, fx.Node) for one in operands):
        return False
    grids = [quantizer_of(one) for one in operands]
    reader = next((r for r in _readers_of(addition) if r.quantizer is quantizer), None)
    if reader is None or any(grid is None or bits_of(grid) > _INTEGER_BITS for grid in grids):
        return False
    first, second = (_Reader(grid).values() for grid in grids if grid is not None)
    sums, borders = np.unique(np.add.outer(first, second)), reader.borders()
    places = np.searchsorted(sums, borders)
    around = (sums[np.clip(places + side, 0, sums.size - 1)] for side in (-1, 0))
    off = np.minimum(*(np.abs(one - borders) for one in around))
    return bool(off.min(initial=np.inf) > _NOISE * reader.width)


def _shared_biases(everything: Iterable[Use]) -> set[int]:
    owners = Counter(
        id(b) for use in everything if (b := getattr(use.module, "bias", None)) is not None
    )
    return {key for key, count in owners.items() if count > 1}


def _operation(node: fx.Node) -> str:
    target: Any = node.target
    if not isinstance(target, torch._ops.OpOverload):
        return ""
    return str(target._schema.name.partition("::")[2])


def _scale(quantizer: fx.Node) -> float:
    value: Any = quantizer.args[1]
    return float(np.float32(value))


def _integer(quantizer: fx.Node, at: int) -> int:
    value: Any = quantizer.args[at]
    return int(value)
