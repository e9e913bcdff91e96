"""The network in memory: one representation for every input format."""

from __future__ import annotations

from dataclasses import dataclass

from torch import fx

from engine.frozen import FrozenMap
from engine.info import Format, TensorInfo
from engine.network.encoding import Encoding


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """A lifted network.

    Attributes:
        module: `nn.Module` leaves at their original path for whatever carries weights, functional
            aten ops for the rest; every node has `meta["val"]`, a fake tensor whose batch axis is
            symbolic. Never changed: surgery works on a copy that shares untouched tensors.
        inputs: In order, batch axis included.
        outputs: Likewise.
        format: What it was read from.
        source_names: Layer name → name of the node in the original file, where it has one.
        restrictions: Layer name → sentence on what holds it back (an op that cannot be trained).
        warnings: One sentence each.
        encodings: Layer → how its weight is stored; layers that are stored as they are, are not in
            it. Activations that are quantized are rounded by `aten.fake_quantize_per_tensor_affine`
            nodes of the graph.
        sparse: Layers of whose weights what is zero stays zero in later training.
    """

    module: fx.GraphModule
    inputs: tuple[TensorInfo, ...]
    outputs: tuple[TensorInfo, ...]
    format: Format
    source_names: FrozenMap[str] = FrozenMap()
    restrictions: FrozenMap[str] = FrozenMap()
    warnings: tuple[str, ...] = ()
    encodings: FrozenMap[Encoding] = FrozenMap()
    sparse: frozenset[str] = frozenset()
