"""What surgery promises beside the right numbers."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from torch import nn

from engine.errors import RecipeError
from engine.frozen import FrozenMap
from engine.network.axes.trace import Role
from engine.network.groups import channel_groups
from engine.surgery.copy import copy_network
from engine.surgery.slice import remove_channels
from engine.surgery.zero import zero_channels
from tests.unit.groups import networks, zoo_cases
from tests.unit.groups.helpers import by_layer, difference, frozen, network_of, outputs, table

SMALL = "small_cnn"


def pruned_small(remove: dict[str, list[int]]):
    return remove_channels(zoo_cases.network(SMALL), zoo_cases.analysis(SMALL), remove)


def test_the_named_channels_go_and_no_others() -> None:
    network = zoo_cases.network(SMALL)
    pruned = pruned_small({"conv2": [0, 5], "fc1": [31]})
    old, new = network.module, pruned.module
    kept = [i for i in range(16) if i not in (0, 5)]
    assert torch.equal(new.conv2.weight, old.conv2.weight[kept])
    assert torch.equal(new.conv2.bias, old.conv2.bias[kept])
    columns = old.fc1.weight[:31].reshape(31, 16, 16)[:, kept].reshape(31, -1)
    assert torch.equal(new.fc1.weight, columns)
    assert torch.equal(new.fc2.weight, old.fc2.weight[:, :31])
    assert new.conv1.weight is old.conv1.weight
    assert (new.conv2.out_channels, new.fc1.in_features, new.fc1.out_features) == (14, 224, 31)


def test_silenced_keeps_its_shapes() -> None:
    network = zoo_cases.network(SMALL)
    silenced = zero_channels(network, zoo_cases.analysis(SMALL), {"conv1": [3]})
    assert silenced.module.conv2.weight.shape == network.module.conv2.weight.shape
    assert not silenced.module.conv2.weight[:, 3].any()
    assert silenced.module.conv2.weight[:, 2].any()
    assert network.module.conv2.weight[:, 3].any()


def test_nothing_to_remove_gives_an_equal_network_with_its_own_graph() -> None:
    network = zoo_cases.network(SMALL)
    same = pruned_small({"conv1": [], "fc2": []})
    x = (torch.randn(3, 3, 16, 16),)
    assert torch.equal(outputs(same, x)[0], outputs(network, x)[0])
    assert same.module is not network.module
    assert same.module.graph is not network.module.graph
    assert [n.name for n in same.module.graph.nodes] == [n.name for n in network.module.graph.nodes]


@pytest.mark.parametrize(
    ("remove", "says"),
    [
        ({"conv9": [0]}, "There is no channel group conv9"),
        (
            {"fc2": [0]},
            "No channels of fc2 can be removed: The channels reach the network's output",
        ),
        ({"conv1": [8]}, "Group conv1 has units 0 to 7, not 8"),
        ({"conv1": [-1, 2]}, "Group conv1 has units 0 to 7, not -1"),
        ({"conv1": list(range(8))}, "All channels of layer conv1 would be removed"),
    ],
)
def test_what_cannot_be_done_is_said(remove: dict[str, list[int]], says: str) -> None:
    with pytest.raises(RecipeError) as caught:
        pruned_small(remove)
    assert caught.value.message.startswith(says)


def test_part_of_a_split_must_not_vanish() -> None:
    """The halves of the stem's channels go different ways; one of them empty is no network."""
    name = "shufflenet_v2_like"
    with pytest.raises(RecipeError, match="would be removed"):
        remove_channels(
            zoo_cases.network(name), zoo_cases.analysis(name), {"stem.0": list(range(8))}
        )


def test_tied_weights_stay_tied() -> None:
    network, found = zoo_cases.network("gpt_like"), zoo_cases.analysis("gpt_like")
    pruned = remove_channels(network, found, {"embed": [1, 4, 9]})
    assert pruned.module.embed.weight is pruned.module.head.weight
    assert pruned.module.embed.weight.shape == (40, 13)
    assert network.module.embed.weight is network.module.head.weight
    silenced = zero_channels(network, found, {"embed": [1, 4, 9]})
    assert silenced.module.embed.weight is silenced.module.head.weight


def test_heads_go_whole() -> None:
    found = zoo_cases.analysis("vit")
    slots = {(m.path, m.axis): m for m in found.members("blocks.0.attn.qkv")}
    rows = slots["blocks.0.attn.qkv.weight", 0].units
    assert rows.tolist() == np.tile(np.repeat(np.arange(3), 8), 3).tolist()
    columns = slots["blocks.0.attn.proj.weight", 1]
    assert columns.role is Role.IN
    assert columns.units.tolist() == np.repeat(np.arange(3), 8).tolist()


def test_default_scale_of_attention_stays() -> None:
    """Removing columns of q and k must not change what the products are divided by."""
    torch.manual_seed(0)
    network = network_of(networks.OneHead(), torch.randn(2, 7, 6))
    pruned = remove_channels(network, channel_groups(network), {"query": [0, 1, 2]})
    call = next(n for n in pruned.module.graph.nodes if "attention" in n.name)
    assert call.kwargs["scale"] == pytest.approx(8**-0.5)


def test_recurrent_layers_read_fewer_inputs() -> None:
    network, found = zoo_cases.network("bilstm_classifier"), zoo_cases.analysis("bilstm_classifier")
    pruned = remove_channels(network, found, {"embedding": [0, 7]})
    lstm = pruned.module.lstm
    assert lstm.input_size == 10
    assert lstm.weight_ih_l0.shape == lstm.weight_ih_l0_reverse.shape == (64, 10)
    assert lstm.weight_ih_l1 is network.module.lstm.weight_ih_l1
    assert any(w is lstm.weight_ih_l0 for w in lstm._flat_weights)
    assert "hidden size of LSTM lstm is fixed" in by_layer(found)["lstm"].frozen_reason


def test_group_norm_loses_whole_groups() -> None:
    torch.manual_seed(0)
    network = network_of(networks.Norms(), torch.randn(2, 3, 4, 4))
    found = channel_groups(network)
    pruned = remove_channels(network, found, {"conv3": [0, 5], "conv2": [1]})
    assert (pruned.module.norm3.num_groups, pruned.module.norm3.num_channels) == (4, 8)
    assert (pruned.module.norm2.num_groups, pruned.module.norm2.num_channels) == (2, 10)


def test_grouped_convolution_loses_as_many_of_each_group() -> None:
    network, found = zoo_cases.network("grouped_conv"), zoo_cases.analysis("grouped_conv")
    pruned = remove_channels(network, found, {"reduce.0": [2]})
    grouped = pruned.module.get_submodule("grouped.0")
    assert grouped.groups in (3, 4)
    assert grouped.weight.shape[0] == grouped.out_channels == 12
    assert grouped.weight.shape[1] * grouped.groups == grouped.in_channels == 12


def test_a_pruned_shuffle_takes_channels_by_list() -> None:
    network = zoo_cases.network("shufflenet_v2_like")
    found = zoo_cases.analysis("shufflenet_v2_like")
    pruned = remove_channels(network, found, {"branch.5": [0, 1, 5]})
    targets = {str(n.target) for n in pruned.module.graph.nodes}
    assert "aten.index_select.default" in targets
    again = channel_groups(pruned)
    assert again.group("branch.5").channels == 5


def test_copies_are_independent() -> None:
    network = zoo_cases.network("bilstm_classifier")
    twin = copy_network(network)
    twin.module.lstm.weight_ih_l0 = nn.Parameter(torch.zeros(1))
    twin.module.graph.erase_node(next(reversed(twin.module.graph.nodes)))
    assert network.module.lstm.weight_ih_l0.shape == (64, 12)
    assert network.module.lstm._flat_weights[0].shape == (64, 12)
    assert next(reversed(network.module.graph.nodes)).op == "output"
    twin.module.train()
    assert not network.module.training
    x = torch.zeros(1, 9, dtype=torch.int64)
    assert difference(network, network, (x,)) == 0


def test_members_cover_a_residual_stream() -> None:
    found = zoo_cases.analysis("resnet18")
    members = found.members("conv1")
    paths = {(m.path, m.axis) for m in members}
    assert {("conv1.weight", 0), ("bn1.running_var", 0), ("layer2.0.conv1.weight", 1)} <= paths
    assert {m.path.rpartition(".")[0] for m in members if m.role is Role.OUT} == {
        "conv1",
        "layer1.0.conv2",
    }
    assert all(m.units.tolist() == list(range(8)) for m in members)
    assert found.members("fc") == ()


def test_channels_of_a_layer_that_is_held_back_stay() -> None:
    network = dataclasses.replace(
        zoo_cases.network(SMALL), restrictions=FrozenMap({"conv2": "It is quantized"})
    )
    found = channel_groups(network)
    assert frozen(found)["conv2"] == "Layer conv2: It is quantized."
    assert table(found) == {"conv1": (8, 1), "fc1": (32, 1)}
