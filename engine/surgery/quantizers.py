"""Nodes that round activations: where they belong, and putting them there.

A quantizer is `aten.fake_quantize_per_tensor_affine(x, scale, zero_point, quant_min, quant_max)`.
One is placed for each tensor that quantized layers and additions read, however many read it. Views
and other operators that only pass values on (`passes_values`) keep their operand's grid, so that
the quantizer stands before them: what is read behind them is on its grid as well.
"""

from __future__ import annotations

import operator
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, fx

from engine.network.fake_quantize import FAKE_QUANTIZE
from engine.network.network import Network
from engine.surgery.copy import copy_network

aten = torch.ops.aten

_PASSING = frozenset(
    {
        "alias", "clone", "contiguous", "detach", "dropout", "feature_dropout", "expand",
        "expand_as", "flatten", "flip", "index_select", "max_pool1d", "max_pool2d", "max_pool3d",
        "adaptive_max_pool1d", "adaptive_max_pool2d", "narrow", "permute", "pixel_shuffle",
        "pixel_unshuffle", "channel_shuffle", "repeat", "reshape", "roll", "select", "slice",
        "squeeze", "t", "tile", "transpose", "movedim", "unflatten", "unsqueeze", "view",
        "_unsafe_view", "upsample_nearest1d", "upsample_nearest2d", "upsample_nearest3d",
    }
)  # fmt: skip
"""Operators whose results hold values of their first operand and no others."""

_ZERO_PADDING = frozenset({"pad", "constant_pad_nd"})


@dataclass(frozen=True, slots=True)
class Grid:
    """What an activation is rounded to: unsigned integers with a zero point.

    Attributes:
        scale: Positive, a float32 number.
        zero_point: The integer that stands for 0, from 0 to 2^bits - 1.
        bits: 2 to 16.
    """

    scale: float
    zero_point: int
    bits: int

    @property
    def quant_max(self) -> int:
        """The highest integer; the lowest is 0."""
        return (1 << self.bits) - 1


@dataclass(frozen=True, slots=True)
class Place:
    """A tensor to be rounded.

    Attributes:
        node: Name of the node that gives it.
        bits: How finely.
        users: Names of the nodes that are to read it rounded.
    """

    node: str
    bits: int
    users: tuple[str, ...]


def is_quantizer(node: object) -> bool:
    """Whether a node rounds an activation."""
    return isinstance(node, fx.Node) and node.op == "call_function" and node.target is FAKE_QUANTIZE


def bits_of(quantizer: fx.Node) -> int:
    """How finely a quantizer rounds."""
    low, high = quantizer.args[3:5]
    assert isinstance(low, int)
    assert isinstance(high, int)
    return (high - low).bit_length()


def passes_values(node: fx.Node) -> bool:
    """Whether a node gives nothing but values of its first operand, and zeros."""
    if node.op != "call_function" or not node.args or not isinstance(node.args[0], fx.Node):
        return False
    name = _operation(node)
    if name in _ZERO_PADDING:
        mode = node.args[2] if len(node.args) > 2 else node.kwargs.get("mode", "constant")
        value = node.args[3] if len(node.args) > 3 else node.kwargs.get("value")
        if name == "constant_pad_nd":
            mode, value = "constant", node.args[2] if len(node.args) > 2 else 0
        return mode != "constant" or not value
    return name in _PASSING


def quantizer_of(node: fx.Node) -> fx.Node | None:
    """The quantizer on whose grid a node's values lie, through operators that pass values on."""
    while not is_quantizer(node):
        if not passes_values(node):
            return None
        node = node.args[0]  # type: ignore[assignment]  # fx lets an argument be anything; this operator's is known
    return node


def places(module: fx.GraphModule, bits: Mapping[str, int]) -> tuple[Place, ...]:
    """Where quantizers belong.

    Args:
        module: Without quantizers in the places in question.
        bits: Layer → bits of its input. An addition of two tensors of one shape is quantized, with
            the most bits of the layers whose outputs meet there, if all of them have bits.

    Returns:
        In execution order; one place for each tensor and number of bits.
    """
    return _Search(module, bits).places()


class _Search:
    def __init__(self, module: fx.GraphModule, bits: Mapping[str, int]) -> None:
        self.module = module
        self.bits = bits
        self.wanted: dict[tuple[fx.Node, fx.Node], int] = {}
        self._below: dict[fx.Node, int | None] = {}

    def places(self) -> tuple[Place, ...]:
        nodes = list(self.module.graph.nodes)
        for node in nodes:
            self._below[node] = self._bits_below(node)
            self._want(node)
        for node in reversed(nodes):
            self._hoist(node)
        order = {node: index for index, node in enumerate(nodes)}
        found: dict[tuple[fx.Node, int], list[fx.Node]] = {}
        for (source, user), bits in self.wanted.items():
            found.setdefault((source, bits), []).append(user)
        return tuple(
            Place(source.name, bits, tuple(u.name for u in sorted(users, key=order.__getitem__)))
            for (source, bits), users in sorted(
                found.items(), key=lambda item: (order[item[0][0]], item[0][1])
            )
        )

    def _want(self, node: fx.Node) -> None:
        """Note which operands of a node are to be rounded and are not yet."""
        if node.op == "call_module" and str(node.target) in self.bits:
            self._want_operand(node, node.args[0], self.bits[str(node.target)])
        elif _is_addition(node):
            for source in node.all_input_nodes:
                self._want_operand(node, source, self._below[node])

    def _want_operand(self, node: fx.Node, source: Any, bits: int | None) -> None:
        if not bits or not isinstance(source, fx.Node) or not _is_float(source):
            return
        if quantizer_of(source) is None:
            self.wanted[source, node] = bits

    def _bits_below(self, node: fx.Node) -> int | None:
        """Bits of the layers that a tensor comes from: 0 where there is none, None for float."""
        if node.op == "call_module" and _multiplies(self.module.get_submodule(str(node.target))):
            return self.bits.get(str(node.target))
        bits = [self._below[source] for source in node.all_input_nodes]
        known = [one for one in bits if one is not None]
        return max(known, default=0) if len(known) == len(bits) else None

    def _hoist(self, node: fx.Node) -> None:
        """Move what all users of a passing node want to its operand."""
        if not passes_values(node) or not node.users:
            return
        bits = {self.wanted.get((node, user)) for user in node.users}
        (only, *others) = bits
        if only is None or others:
            return
        source: Any = node.args[0]
        if not _is_float(source):
            return
        for user in node.users:
            del self.wanted[node, user]
        self.wanted[source, node] = only


def insert_quantizers(
    network: Network, grids: Mapping[Place, Grid], names: Mapping[str, str] | None = None
) -> Network:
    """A network with a quantizer at each place, `<node>_quantized`; the input is not changed.

    Args:
        network: Whose nodes the places name.
        grids: Place → what to round to.
        names: Node → what to call its quantizer, where `<node>_quantized` is not it.
    """
    result = copy_network(network)
    graph = result.module.graph
    nodes = {node.name: node for node in graph.nodes}
    for place, grid in grids.items():
        source = nodes[place.node]
        behind = source.next
        while behind.op == "placeholder":  # all inputs come first
            behind = behind.next
        wanted = (names or {}).get(place.node, f"{place.node}_quantized")
        with graph.inserting_before(behind):
            arguments = (source, grid.scale, grid.zero_point, 0, grid.quant_max)
            node = graph.create_node("call_function", FAKE_QUANTIZE, arguments, {}, wanted)
        node.meta = {
            key: source.meta[key] for key in ("val", "nn_module_stack") if key in source.meta
        }
        for user in place.users:
            nodes[user].replace_input_with(source, node)
    graph.lint()
    result.module.recompile()
    return result


def remove_quantizers(network: Network, names: Collection[str]) -> Network:
    """A network in which what read these quantizers reads their operands; the input stays."""
    result = copy_network(network)
    graph = result.module.graph
    for node in list(graph.nodes):
        if node.name in names and is_quantizer(node):
            node.replace_all_uses_with(node.args[0])
            graph.erase_node(node)
    result.module.recompile()
    return result


def readers(quantizer: fx.Node) -> tuple[fx.Node, ...]:
    """Who computes with what a quantizer gives, behind operators that pass values on."""
    found: dict[fx.Node, None] = {}
    for user in quantizer.users:
        if passes_values(user) and user.args[0] is quantizer:
            found.update(dict.fromkeys(readers(user)))
        else:
            found[user] = None
    return tuple(found)


def _is_addition(node: fx.Node) -> bool:
    """Two tensors of one shape are added; a bias or a mask has another."""
    if node.target not in (aten.add.Tensor, operator.add) or len(node.all_input_nodes) != 2:
        return False
    shapes = [
        value.shape for source in node.all_input_nodes if (value := _tensor(source)) is not None
    ]
    computed = all(source.op != "get_attr" for source in node.all_input_nodes)
    scaled = node.kwargs.get("alpha", 1) != 1
    return computed and not scaled and len(shapes) == 2 and shapes[0] == shapes[1]


def _is_float(node: fx.Node) -> bool:
    value = _tensor(node)
    return value is not None and value.is_floating_point()


def _tensor(node: fx.Node) -> Tensor | None:
    value = node.meta.get("val")
    return value if isinstance(value, Tensor) else None


def _multiplies(leaf: torch.nn.Module) -> bool:
    weight = getattr(leaf, "weight", None)
    return isinstance(weight, Tensor) and isinstance(
        leaf, (torch.nn.Linear, torch.nn.modules.conv._ConvNd)
    )


def _operation(node: fx.Node) -> str:
    target: Any = node.target
    if not isinstance(target, torch._ops.OpOverload):
        return ""
    return str(target._schema.name.partition("::")[2])
