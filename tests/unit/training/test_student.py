"""Copies of networks that are ready to be trained."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from engine.frozen import FrozenMap
from engine.jobs.job import Quiet
from engine.methods.recovery.finetune import FinetuneParams
from engine.methods.recovery.run_finetune import run as finetune
from engine.preprocessing import Preprocessing
from engine.training.student import Student, ready
from tests.helpers.networks import network_of
from tests.helpers.zoo import ZOO, cached_network
from tests.unit.training.helpers import (
    MemorySplit,
    context_of,
    equal,
    image_data,
    quantized,
    small_network,
    snapshot,
    weights,
)

CPU = torch.device("cpu")


class Flat(nn.Module):
    """A view of a convolution's output, which needs the usual layout; a constant on a device."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1)
        self.fc = nn.Linear(4 * 64, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x) + torch.ones(1, device=x.device)
        return self.fc(x.view(x.shape[0], 4 * 64))


@pytest.mark.parametrize("name", ["tied_weights", "multi_input", "shared_conv"])
def test_a_student_computes_what_the_network_computes(name: str) -> None:
    network, inputs = cached_network(name), ZOO[name].inputs(2)
    student = Student(network, CPU, Quiet())
    student.eval()
    with torch.inference_mode():
        expected = torch.utils._pytree.tree_leaves(network.module(*inputs))
        for mine, its in zip(student(inputs), expected, strict=True):
            assert torch.allclose(mine, its, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("learn", [False, True])
def test_a_quantized_student_starts_as_the_network_is(learn: bool) -> None:
    network = quantized(small_network())
    student = Student(network, CPU, Quiet(), learn_steps=learn)
    student.eval()
    x = torch.from_numpy(image_data().inputs["x"])
    with torch.inference_mode():
        assert torch.allclose(student((x,))[0], network.module(x), rtol=1e-4, atol=1e-5)
    assert bool(student.steps) == learn
    assert equal(snapshot(student.result()), snapshot(network))


def test_no_tensor_is_shared_with_the_network() -> None:
    network = cached_network("tied_weights")
    student = Student(network, CPU, Quiet())
    shared = {t.data_ptr() for t in (*network.module.parameters(), *network.module.buffers())}
    assert all(t.data_ptr() not in shared for t in student.tensors().values())
    assert len(student.trained) == len(list(network.module.parameters()))


def test_views_of_convolutions_can_be_trained() -> None:
    network = network_of(Flat().eval(), torch.zeros(2, 3, 8, 8))
    params = FinetuneParams(steps=2, batch_size=8)
    trained = finetune(network, {"": params}, context_of(network, image_data()))
    assert [n.target for n in trained.module.graph.nodes] == [
        n.target for n in network.module.graph.nodes
    ]


def test_constants_move_with_the_network() -> None:
    network = network_of(Flat().eval(), torch.zeros(2, 3, 8, 8))
    meta = torch.device("meta")
    moved = ready(network.module, meta)
    devices = {n.kwargs["device"] for n in moved.graph.nodes if "device" in n.kwargs}
    assert devices == {meta}
    assert all(p.device == meta for p in moved.parameters())
    here = {n.kwargs["device"] for n in network.module.graph.nodes if "device" in n.kwargs}
    assert here == {CPU}
    assert all(p.device == CPU for p in network.module.parameters())


def test_restricted_layers_are_not_trained() -> None:
    network = replace(small_network(), restrictions=FrozenMap({"conv2": "It is odd."}))
    choices = {"": FinetuneParams(steps=3, batch_size=16, learning_rate=0.1, validation_samples=0)}
    trained = finetune(network, choices, context_of(network, image_data()))
    old, new = weights(network), weights(trained)
    assert new["conv2.weight"] is old["conv2.weight"]
    assert new["conv2.bias"] is old["conv2.bias"]
    assert not torch.equal(new["fc.weight"], old["fc.weight"])


def test_recurrent_weights_are_masked() -> None:
    network = cached_network("lstm_classifier")
    (name,) = [n for n, m in network.module.named_modules() if isinstance(m, nn.LSTM)]
    student = Student(replace(network, sparse=frozenset({name})), CPU, Quiet())
    recurrent = student.module.get_submodule(name).weight_hh_l0
    with torch.no_grad():
        recurrent[0] = 0
    student = Student(replace(student.result(), sparse=frozenset({name})), CPU, Quiet())
    with torch.no_grad():
        for tensor in student.trained.values():
            tensor += 1
    student.enforce()
    row = student.module.get_submodule(name).weight_hh_l0
    assert bool((row[0] == 0).all())
    assert bool((row[1] != 0).all())


def test_tokens_beyond_the_table_are_said() -> None:
    network = cached_network("tied_weights")
    ids = np.full((24, 7), 99)
    context = context_of(network, MemorySplit({"ids": ids}, ids), preprocessing=Preprocessing())
    with pytest.raises(Exception, match="cannot be trained: index out of range"):
        finetune(network, {"": FinetuneParams(steps=1, batch_size=4)}, context)
