"""Groups and surgery on every network of the zoo."""

from __future__ import annotations

import io
import pickle

import numpy as np
import pytest
import torch
from torch import nn

from engine.info import Format
from engine.network.axes.trace import Role
from engine.network.axes.walk import walk
from engine.network.groups import channel_groups
from engine.network.lift import network_from_program
from engine.network.network import Network
from engine.surgery.slice import remove_channels
from engine.surgery.zero import zero_channels
from tests.helpers.zoo import ZOO, cached_program
from tests.unit.groups import zoo_cases as cases
from tests.unit.groups.golden import FROZEN, UNITS
from tests.unit.groups.helpers import TOLERANCE, check_trains, difference, outputs, removal

pytestmark = pytest.mark.network_zoo


@pytest.mark.parametrize("name", cases.NAMES)
def test_groups(name: str) -> None:
    found = cases.analysis(name)
    assert walk(cases.network(name).module).lost == []
    assert {g.id: (g.channels, g.unit) for g in found.groups if not g.frozen_reason} == UNITS[name]
    assert {g.id for g in found.groups if g.frozen_reason} == FROZEN[name]


@pytest.mark.parametrize("name", cases.NAMES)
def test_each_layer_makes_channels_of_one_group(name: str) -> None:
    found = cases.analysis(name)
    makers = {slot.layer for slot in found.slots if slot.role is Role.OUT}
    layers = [
        path
        for path, module in cases.network(name).module.named_modules()
        if isinstance(module, (nn.Linear, nn.Embedding, nn.modules.conv._ConvNd, nn.RNNBase))
    ]
    for layer in layers:
        inside = [g.id for g in found.groups if layer in g.layers]
        assert inside, f"{layer} is in no group"
        assert layer not in makers or len(inside) == 1, f"{layer} is in {inside}"
    assert len({g.id for g in found.groups}) == len(found.groups)
    assert all(g.id in g.layers for g in found.groups)
    assert all(g.frozen_reason == "" or g.frozen_reason.endswith(".") for g in found.groups)


@pytest.mark.parametrize("name", cases.FAMILIES)
def test_pt2_is_the_same_network(name: str) -> None:
    """So that all that holds for the module holds for the file."""
    file = io.BytesIO()
    torch.export.save(cached_program(name), file)
    file.seek(0)
    loaded = network_from_program(torch.export.load(file), Format.PT2)
    assert loaded.module.code == cases.network(name).module.code
    assert channel_groups(loaded).groups == cases.analysis(name).groups
    state = loaded.module.state_dict()
    for key, tensor in cases.network(name).module.state_dict().items():
        assert torch.equal(state[key], tensor), key


@pytest.mark.parametrize("name", cases.PRUNABLE)
def test_pruned_is_silenced(name: str) -> None:
    network, found = cases.network(name), cases.analysis(name)
    before = outputs(network, ZOO[name].inputs(2))
    tensors = {k: (t, t.clone()) for k, t in network.module.state_dict(keep_vars=True).items()}
    code, counts = network.module.code, _shapes(network)
    chosen = removal(found, 0, 0.5)
    kept = pickle.loads(pickle.dumps(found))
    pruned = remove_channels(network, kept, chosen)
    silenced = zero_channels(network, found, chosen)
    for batch in (1, 3):
        assert difference(pruned, silenced, ZOO[name].inputs(batch)) <= TOLERANCE
    assert difference(pruned, network, ZOO[name].inputs(3)) > TOLERANCE
    assert _size(pruned) < _size(network)

    after = outputs(network, ZOO[name].inputs(2))
    assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))
    assert (code, counts) == (network.module.code, _shapes(network))
    assert all(torch.equal(t, copy) for t, copy in tensors.values())
    for key, tensor in pruned.module.state_dict(keep_vars=True).items():
        if key in tensors and tensor.shape == tensors[key][0].shape:
            assert tensor is tensors[key][0], f"{key} is not shared"
    _check_attributes(pruned)
    _check_shapes(pruned, network, ZOO[name].inputs(3))


def _size(network: Network) -> int:
    return sum(p.numel() for p in network.module.parameters())


def _shapes(network: Network) -> list[str]:
    return [
        f"{n.name} {getattr(n.meta.get('val'), 'shape', '')}" for n in network.module.graph.nodes
    ]


def _check_attributes(network: Network) -> None:
    for path, m in network.module.named_modules():
        weight = getattr(m, "weight", None)
        if isinstance(m, nn.Linear):
            assert tuple(weight.shape) == (m.out_features, m.in_features), path
        elif isinstance(m, (nn.ConvTranspose2d, nn.ConvTranspose3d)):
            assert tuple(weight.shape[:2]) == (m.in_channels, m.out_channels // m.groups), path
        elif isinstance(m, nn.modules.conv._ConvNd):
            assert tuple(weight.shape[:2]) == (m.out_channels, m.in_channels // m.groups), path
        elif isinstance(m, nn.modules.batchnorm._NormBase):
            assert weight.shape[0] == m.num_features, path
        elif isinstance(m, nn.GroupNorm):
            assert weight.shape[0] == m.num_channels, path
            assert m.num_channels % m.num_groups == 0, path
        elif isinstance(m, (nn.LayerNorm, nn.RMSNorm)):
            assert tuple(weight.shape) == m.normalized_shape, path
        elif isinstance(m, nn.Embedding):
            assert tuple(weight.shape) == (m.num_embeddings, m.embedding_dim), path
        elif isinstance(m, nn.RNNBase):
            assert m.weight_ih_l0.shape[1] == m.input_size, path


def _check_shapes(network: Network, original: Network, inputs: tuple[torch.Tensor, ...]) -> None:
    """`meta["val"]` says what really comes out, and the batch is as symbolic as it was."""
    recorder = _Recorder(network.module)
    recorder.run(*inputs)
    old = {n.name: n for n in original.module.graph.nodes}
    for node in network.module.graph.nodes:
        value = node.meta.get("val")
        if not isinstance(value, torch.Tensor) or node.name not in recorder.shapes:
            continue
        real = recorder.shapes[node.name]
        assert len(real) == value.dim(), node
        for size, actual in zip(value.shape, real, strict=True):
            assert isinstance(size, torch.SymInt) or size == actual, node
        if node.name in old and value.dim():
            assert str(value.shape[0]) == str(old[node.name].meta["val"].shape[0]) or isinstance(
                value.shape[0], int
            ), node


class _Recorder(torch.fx.Interpreter):
    """Runs a graph and notes the shape of each node's result."""

    def __init__(self, module: torch.fx.GraphModule) -> None:
        super().__init__(module)
        self.shapes: dict[str, torch.Size] = {}

    def run_node(self, n: torch.fx.Node) -> object:
        result = super().run_node(n)
        if isinstance(result, torch.Tensor):
            self.shapes[n.name] = result.shape
        return result


@pytest.mark.parametrize(
    "name",
    [
        *("grouped_conv", "pixel_shuffle", "shufflenet_v2_like", "densenet_like"),
        *("gpt_like", "tied_weights", "audio", "squeeze_excite"),
    ],
)
def test_pruned_trains_and_is_pruned_again(name: str) -> None:
    """What is not in `test_onnx`, which does so with one of each family."""
    found = cases.analysis(name)
    pruned = remove_channels(cases.network(name), found, removal(found, 1))
    second = channel_groups(pruned)
    chosen = removal(second, 2, 0.4)
    less = remove_channels(pruned, second, chosen)
    reference = zero_channels(pruned, second, chosen)
    assert difference(less, reference, ZOO[name].inputs(3)) <= TOLERANCE
    check_trains(less, ZOO[name].inputs(2))


def test_strata_of_a_split() -> None:
    """Half of the stem's channels pass untouched, the other half goes through the branch."""
    found = cases.analysis("shufflenet_v2_like")
    strata = found.strata_of("stem.0")
    assert len(strata) == 16
    assert len(np.unique(strata[:8])) == len(np.unique(strata[8:])) == 1
    assert strata[0] != strata[8]
