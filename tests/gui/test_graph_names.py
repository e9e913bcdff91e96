"""Which nodes are which layer's, by the names that files have."""

from __future__ import annotations

from studio.widgets.graph.names import GraphNode, all_related, find_owners, related


def test_names_as_our_writers_give_them():
    """What tests/end2end finds in real files, without writing one."""
    integers = ("conv.weight", "conv.weight_scale", "zero_point_int8_0")
    nodes = [
        GraphNode("x_integers", "QuantizeLinear", ("x_scale", "zero_point_uint8_78")),
        GraphNode("conv.weight_dequantized", "DequantizeLinear", integers),
        GraphNode("conv.bias_dequantized", "DequantizeLinear", ("conv.bias", "conv.bias_scale")),
        GraphNode("conv", "Conv", (), ("conv2d",)),
        GraphNode("relu_integers", "QuantizeLinear", ("relu_scale", "zero_point_uint8_0")),
        GraphNode("block/point.weight_float", "Cast", ("point.weight",)),
        GraphNode("point.weight_dequantized", "Mul", ("point.weight_scale",)),
        GraphNode("point", "Conv", ("point.bias",)),
        GraphNode("head.v", "Gemm", ("head.v.weight",)),
        GraphNode("head.u", "MatMulNBits", ("head.u.weight", "head.u.weight_scale", "head.u.bias")),
        GraphNode("block/Add", "Add"),
    ]
    owners = find_owners(nodes, dict.fromkeys(("conv", "point", "head.v", "head.u"), ""))
    assert owners.nodes == {"conv": (3, 1, 2), "point": (7, 5, 6), "head.v": (8,), "head.u": (9,)}
    assert not owners.layers[0]
    assert not owners.layers[4]


def test_a_node_without_a_name_goes_by_its_output_and_its_weights():
    nodes = [
        GraphNode("", "Conv", ("w1",), ("out1",)),
        GraphNode("", "Conv", ("body.conv.weight", "body.conv.bias"), ("out2",)),
        GraphNode("", "Relu", (), ("out3",)),
        GraphNode("", "Mul", ("token",), ("out4",)),
    ]
    owners = find_owners(nodes, {"first": "out1", "body.conv": "", "token": ""})
    assert owners.layers == ("first", "body.conv", "", "token")


def test_a_layer_that_is_called_twice_has_both_nodes():
    nodes = [GraphNode("twice", "Conv"), GraphNode("again", "Conv", ("twice.weight",))]
    assert find_owners(nodes, {"twice": ""}).nodes == {"twice": (0, 1)}


def test_what_stands_around_a_weight_comes_after_what_computes():
    nodes = [
        GraphNode("c.weight_dequantized", "DequantizeLinear", ("c.weight", "c.weight_scale")),
        GraphNode("c.weight_moved", "Mul", ("c.weight_scale",)),
        GraphNode("c", "Conv"),
    ]
    assert find_owners(nodes, {"c": ""}).nodes == {"c": (2, 0, 1)}


def test_parts_stand_for_what_was_replaced_and_the_other_way_round():
    after = ("stem", "conv2.v", "conv2.u", "conv20")
    assert related("conv2", after) == ("conv2.v", "conv2.u")
    assert related("conv2.u", ("stem", "conv2")) == ("conv2",)
    assert related("gone", after) == ()
    assert all_related(("conv2.v", "conv2.u", "stem"), ("stem", "conv2")) == ("conv2", "stem")
