"""Lifted networks are their originals, exactly: outputs, gradients, statistics, names."""

import copy

import pytest
import torch
from torch import Tensor, nn
from torch.utils import _pytree as pytree

from tests.helpers.lifted import own_copy
from tests.helpers.zoo import ZOO, ZooEntry, cached_network


def tensors(outputs: object) -> list[Tensor]:
    return [leaf for leaf in pytree.tree_leaves(outputs) if isinstance(leaf, Tensor)]


def train_step(module: nn.Module, entry: ZooEntry) -> None:
    """One step's gradients and statistics, with the same dropout every time."""
    module.train()
    torch.manual_seed(7)
    sum(t.square().sum() for t in tensors(module(*entry.inputs(3)))).backward()


@pytest.mark.parametrize("name", ZOO)
def test_lifted_network_equals_its_original(name: str) -> None:
    entry = ZOO[name]
    original = entry.build()
    network = cached_network(name)
    lifted = own_copy(network.module)  # it is trained below

    for batch in (1, 2, 5):
        with torch.no_grad():
            expected = tensors(original(*entry.inputs(batch)))
            actual = tensors(lifted(*entry.inputs(batch)))
        assert len(expected) == len(actual) == len(network.outputs)
        for a, b in zip(expected, actual, strict=True):
            assert torch.equal(a, b)

    assert lifted.state_dict().keys() == original.state_dict().keys()
    train_step(original, entry)
    train_step(lifted, entry)
    parameters = dict(lifted.named_parameters())
    for key, parameter in original.named_parameters():
        assert torch.equal(parameter.grad, parameters[key].grad), key
    for key, value in original.state_dict().items():
        assert torch.equal(value, lifted.state_dict()[key]), key


@pytest.mark.parametrize("name", ["resnet18", "tied_weights", "lstm_classifier"])
def test_nodes_keep_shapes_and_scopes_but_no_paths_of_a_machine(name: str) -> None:
    module = cached_network(name).module
    for node in module.graph.nodes:
        assert "val" in node.meta, node
        assert set(node.meta) <= {"val", "nn_module_stack"}, node
    scopes = [node.meta.get("nn_module_stack", {}) for node in module.graph.nodes]
    paths = {path for scope in scopes for path in scope}
    expected = {"resnet18": "layer1.0", "tied_weights": "head", "lstm_classifier": "lstm"}[name]
    assert expected in paths
    assert all(scope == {k: v for k, v in scope.items() if k == v[0]} for scope in scopes)


def test_batch_is_symbolic_on_every_node_that_depends_on_it() -> None:
    network = cached_network("resnet18")
    assert network.inputs[0].shape == ("batch", 3, 64, 64)
    assert network.inputs[0].name == "x"
    assert network.outputs[0].shape == ("batch", 10)
    calls = [n for n in network.module.graph.nodes if n.op == "call_module"]
    assert calls
    assert all(isinstance(n.meta["val"].shape[0], torch.SymInt) for n in calls)


def test_lifted_network_starts_in_eval_mode_and_follows_train() -> None:
    module = own_copy(cached_network("vgg_bn").module)
    (x,) = ZOO["vgg_bn"].inputs(4)
    assert not any(m.training for m in module.modules())
    assert torch.equal(module(x), module(x))
    module.train()
    assert not torch.equal(module(x), module(x))  # dropout draws again


def test_one_module_called_three_times_is_one_leaf_called_three_times() -> None:
    module = cached_network("shared_conv").module
    calls = [str(n.target) for n in module.graph.nodes if n.op == "call_module"]
    assert calls.count("body") == calls.count("norm") == 3
    assert {name for name, _ in module.named_modules() if name} == {"stem", "body", "norm", "fc"}


def test_tied_weights_stay_one_parameter() -> None:
    for name in ("tied_weights", "gpt_like"):
        module = cached_network(name).module
        assert isinstance(module.embed, nn.Embedding)
        assert isinstance(module.head, nn.Linear)
        assert module.embed.weight is module.head.weight


def test_a_deep_copy_trains_apart_from_its_original() -> None:
    entry = ZOO["lstm_classifier"]
    module = cached_network("lstm_classifier").module
    twin = copy.deepcopy(module)
    (ids,) = entry.inputs(2)
    expected = module(ids).detach()
    with torch.no_grad():
        twin.lstm.weight_ih_l0.add_(1.0)
    assert not torch.allclose(twin(ids), expected)
    assert torch.equal(module(ids), expected)
    assert twin.meta["stored_names"] == module.meta["stored_names"]
    assert all("val" in node.meta for node in twin.graph.nodes)


def test_outputs_of_a_dict_keep_their_names_and_order() -> None:
    network = cached_network("multi_input")
    assert [info.name for info in network.inputs] == ["image", "table"]
    assert [info.name for info in network.outputs] == ["label", "box"]
    assert network.outputs[1].shape == ("batch", 4)
