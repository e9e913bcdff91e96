"""The layer table and the description of a network."""

import dataclasses
import math
import pickle

import pytest
import torch
from torch import Tensor, nn

from engine.frozen import FrozenMap
from engine.info import ChannelGroup, Format, LayerInfo, LayerKind, Verdict
from engine.network.export import export_module
from engine.network.layers import (
    CONSTANT_REASON,
    NO_CHANNELS_REASON,
    describe,
    layer_table,
    with_groups,
)
from engine.network.lift import network_from_program
from tests.helpers.zoo import ZOO, cached_network


def table(name: str) -> dict[str, LayerInfo]:
    return {row.name: row for row in layer_table(cached_network(name))}


@pytest.mark.parametrize("name", ["resnet18", "vit", "gpt_like", "audio", "bilstm_classifier"])
def test_every_parameter_is_in_one_row(name: str) -> None:
    network = cached_network(name)
    rows = layer_table(network)
    module = ZOO[name].build()
    expected = sum(p.numel() for p in module.parameters())
    assert sum(row.parameters for row in rows if not row.tied_to) == expected
    assert [row.position for row in rows] == list(range(len(rows)))
    info = describe(network, name=name, size_bytes=123)
    assert info.parameters == expected
    assert info.size_bytes == 123
    assert pickle.loads(pickle.dumps(info)) == info


def test_a_convolution() -> None:
    row = table("resnet18")["layer2.0.conv1"]
    assert row.kind is LayerKind.CONV2D
    assert row.shape == (16, 8, 3, 3)
    assert row.dtype == "float32"
    assert row.parameters == 16 * 8 * 9
    assert row.size_bytes == 4 * row.parameters
    assert (row.input_shape, row.output_shape) == ((8, 16, 16), (16, 8, 8))
    assert row.macs == 16 * 8 * 9 * 64
    assert row.activation_bytes == 16 * 64 * 4
    expected = {"stride": 2, "padding": 1, "dilation": 1, "groups": 1}
    assert dict(row.attributes) == expected
    assert row.multiplications is not None
    assert row.multiplications.direct == row.macs


def test_a_norm_has_buffers_that_are_bytes_but_not_parameters() -> None:
    row = table("resnet18")["bn1"]
    assert row.kind is LayerKind.BATCH_NORM
    assert row.parameters == 2 * 8
    assert row.size_bytes == 4 * 8 * 4  # weight, bias, mean, variance; not the counter
    assert row.macs == 0


def test_free_parameters_are_rows() -> None:
    rows = table("vit")
    assert rows["cls_token"].kind is LayerKind.PARAMETER
    assert rows["pos_embed"].shape == (1, 17, 24)
    assert rows["pos_embed"].macs == 0
    assert rows["pos_embed"].input_shape is None


def test_tied_layers_name_each_other() -> None:
    rows = table("gpt_like")
    assert rows["head"].tied_to == "embed"
    assert rows["embed"].tied_to == ""


def test_a_layer_called_three_times_counts_three_times() -> None:
    row = table("shared_conv")["body"]
    assert row.attributes["calls"] == 3
    assert row.macs == 3 * 8 * 8 * 9 * 64


def test_recurrent_layers_say_why_they_are_not_pruned() -> None:
    row = table("bilstm_classifier")["lstm"]
    assert row.kind is LayerKind.LSTM
    assert not row.verdict.prunable
    assert row.verdict.trainable
    assert "hidden size" in row.verdict.reason
    assert row.attributes["layers"] == 2
    assert row.attributes["bidirectional"] is True
    assert row.output_shape == (9, 32)


def test_uneven_settings_are_text() -> None:
    module = nn.Conv2d(1, 2, (3, 5), stride=(1, 2), padding=(1, 0))
    program = export_module(module, (torch.randn(2, 1, 9, 9),))
    (row,) = layer_table(network_from_program(program, Format.PICKLE))
    assert row.attributes["stride"] == "1x2"
    assert row.attributes["padding"] == "1x0"
    assert row.attributes["dilation"] == 1


def test_a_batch_on_the_second_axis_is_left_out() -> None:
    class SequenceFirst(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear = nn.Linear(4, 6)

        def forward(self, x: Tensor) -> Tensor:
            return self.linear(x.transpose(0, 1))

    program = export_module(SequenceFirst(), (torch.randn(2, 7, 4),))
    (row,) = layer_table(network_from_program(program, Format.PICKLE))
    assert (row.input_shape, row.output_shape, row.macs) == ((7, 4), (7, 6), 7 * 24)


def test_restrictions_sources_and_groups_reach_the_rows() -> None:
    network = dataclasses.replace(
        cached_network("small_cnn"),
        restrictions=FrozenMap({"conv1": "Held back by an op"}),
        source_names=FrozenMap({"conv1": "node_7"}),
    )
    groups = [
        ChannelGroup("conv2", ("conv2",), 16, consumers=("fc1",)),
        ChannelGroup("fc2", ("fc2",), 10, frozen_reason="It is an output of the network."),
    ]
    info = describe(network, name="n", size_bytes=1, groups=groups)
    rows = {row.name: row for row in info.layers}
    assert rows["conv1"].verdict == Verdict(False, False, "Held back by an op")
    assert rows["conv1"].source_name == "node_7"
    assert rows["conv1"].group is None
    assert rows["conv2"].group == "conv2"
    assert rows["conv2"].verdict == Verdict()
    assert rows["fc2"].verdict == Verdict(True, False, "It is an output of the network.")
    assert rows["fc1"].verdict == Verdict(True, False, NO_CHANNELS_REASON)
    assert info.groups == tuple(groups)


def test_without_groups_nothing_is_said_of_pruning() -> None:
    info = describe(cached_network("small_cnn"), name="n", size_bytes=1)
    assert {row.verdict for row in info.layers} == {Verdict()}
    assert info.groups == ()


def test_a_layer_in_several_groups_is_given_the_first_that_can_shrink() -> None:
    groups = [
        ChannelGroup("a", ("a", "norm"), 4, frozen_reason="It is an output."),
        ChannelGroup("b", ("b", "norm"), 4),
        ChannelGroup("c", ("c", "norm"), 4),
    ]
    row = LayerInfo("norm", LayerKind.BATCH_NORM, (8,), "float32", 16, 64)
    constant = dataclasses.replace(row, name="a", verdict=Verdict(False, True, CONSTANT_REASON))
    norm, first = with_groups([row, constant], groups)
    assert (norm.group, norm.verdict) == ("b", Verdict())
    both = f"{CONSTANT_REASON} It is an output."
    assert (first.group, first.verdict) == ("a", Verdict(False, False, both))


def test_weights_stored_as_constants_are_not_trained() -> None:
    class Blur(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("blur", torch.full((3, 1, 3, 3), 1 / 9))

        def forward(self, x: Tensor) -> Tensor:
            return nn.functional.conv2d(x, self.blur, groups=3)

    program = export_module(Blur(), (torch.randn(2, 3, 8, 8),))
    (row,) = layer_table(network_from_program(program, Format.PICKLE))
    assert not row.verdict.trainable
    assert "constants" in row.verdict.reason


def test_weights_that_are_not_finite_are_warned_of_at_the_layer() -> None:
    module = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 2))
    with torch.no_grad():
        module[1].weight[0, 0] = math.nan
    network = network_from_program(export_module(module, (torch.randn(2, 4),)), Format.PICKLE)
    info = describe(network, name="n", size_bytes=1, histograms=True)
    assert [w.partition(":")[0] for w in info.warnings] == ["1"]
    assert all(row.histogram is not None for row in info.layers)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_weights(dtype: torch.dtype) -> None:
    module = nn.Linear(4, 3).to(dtype)
    program = export_module(module, (torch.randn(2, 4, dtype=dtype),))
    (row,) = layer_table(network_from_program(program, Format.PICKLE), histograms=True)
    assert row.dtype == str(dtype).removeprefix("torch.")
    assert row.size_bytes == 2 * 15
    assert sum(row.histogram.counts) == 12


def test_sizes_that_depend_on_the_input_are_not_known() -> None:
    class Chosen(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear = nn.Linear(2, 4)

        def forward(self, x: Tensor) -> Tensor:
            return self.linear(torch.nonzero(x).float())

    program = export_module(Chosen(), (torch.randn(2, 4),))
    info = describe(network_from_program(program, Format.PICKLE), name="n", size_bytes=1)
    assert info.macs is None
    assert info.activation_bytes is None
    assert info.layers[0].macs is None
    assert info.layers[0].parameters == 12


def test_sizes_that_vary_take_their_names_and_the_size_of_the_example() -> None:
    conv = nn.Conv1d(3, 4, 3)
    program = export_module(conv, (torch.randn(2, 3, 16),), dynamic_axes={0: [2]})
    network = network_from_program(program, Format.PICKLE)
    length = network.inputs[0].shape[2]
    (row,) = layer_table(network)
    assert row.input_shape == (3, length)
    assert row.output_shape == (4, f"{length} - 2")
    assert row.macs == 4 * 14 * 9
