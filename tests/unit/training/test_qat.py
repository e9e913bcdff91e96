"""Quantized networks in training: grids that stay and grids that are learned."""

from __future__ import annotations

import pytest
import torch

from engine.errors import RecipeError
from engine.methods.recovery.qat import QatParams
from engine.methods.recovery.run_finetune import run as finetune
from engine.methods.recovery.run_qat import run as qat
from engine.network.encoding import WeightEncoding, is_on_grid
from engine.network.network import Network
from tests.unit.training.helpers import (
    SHORT,
    MemorySplit,
    Watched,
    accuracy,
    activation_scales,
    context_of,
    image_data,
    masked,
    quantized,
    short,
    small_network,
    weights,
)


def test_finetuning_keeps_grids_as_they_are() -> None:
    network = quantized(small_network())
    trained = finetune(network, short(), context_of(network, image_data()))
    assert activation_scales(trained) == activation_scales(network)
    for name, encoding in trained.encodings.items():
        old = network.encodings[name]
        assert isinstance(encoding, WeightEncoding)
        assert isinstance(old, WeightEncoding)
        assert torch.equal(encoding.scale, old.scale)
        assert is_on_grid(weights(trained)[f"{name}.weight"], encoding)
    assert not torch.equal(weights(trained)["conv2.weight"], weights(network)["conv2.weight"])


def test_qat_learns_steps_of_weights_and_activations() -> None:
    network, split = quantized(small_network(), 2, 4), image_data()
    before = accuracy(network, split)
    scales = activation_scales(network)
    choices = {"": QatParams(**{**SHORT, "steps": 40, "losses": ()})}
    trained = qat(network, choices, context_of(network, split, original=small_network()))
    assert accuracy(trained, split) > before
    assert activation_scales(network) == scales
    for old, new in zip(scales, activation_scales(trained), strict=True):
        assert isinstance(new, float)
        assert new > 0
        assert new != old
    for name, encoding in trained.encodings.items():
        old_encoding = network.encodings[name]
        assert isinstance(encoding, WeightEncoding)
        assert isinstance(old_encoding, WeightEncoding)
        assert encoding.bits == old_encoding.bits
        assert not torch.equal(encoding.scale, old_encoding.scale)
        assert is_on_grid(weights(trained)[f"{name}.weight"], encoding)
    names = {node.name for node in trained.module.graph.nodes}
    assert names == {node.name for node in network.module.graph.nodes}
    assert not any("scale" in name for name in weights(trained))


def test_what_qat_validates_is_what_comes_out() -> None:
    network, split, job = quantized(small_network(), 3, 4), image_data(), Watched()
    choices = {"": QatParams(**{**SHORT, "validate_every": 6})}
    trained = qat(network, choices, context_of(network, split, job=job, original=small_network()))
    cut = len(split) * 2 // 3
    held = MemorySplit({"x": split.inputs["x"][cut:]}, split.labels[cut:])  # type: ignore[index]  # its kind is known here
    best = max(value for _, value in job.curves["validation accuracy"])
    assert accuracy(trained, held) == pytest.approx(best)


def test_qat_without_learned_steps_keeps_them() -> None:
    network = quantized(small_network())
    choices = {"": QatParams(**{**SHORT, "learn_steps": False})}
    trained = qat(network, choices, context_of(network, image_data()))
    assert activation_scales(trained) == activation_scales(network)


def test_qat_wants_a_quantized_network() -> None:
    network = small_network()
    with pytest.raises(RecipeError, match="Nothing in the network is quantized") as error:
        qat(network, {"": QatParams()}, context_of(network, image_data()))
    assert "uniform" in error.value.hint


def test_quantized_masked_weights_stay_zero() -> None:
    network = masked(small_network(), ("conv2",))
    sparse, network = network.sparse, quantized(network, 4, 8)
    network = Network(**{**{f: getattr(network, f) for f in network.__slots__}, "sparse": sparse})
    choices = {"": QatParams(**SHORT)}
    trained = qat(network, choices, context_of(network, image_data(), original=small_network()))
    old, new = weights(network)["conv2.weight"], weights(trained)["conv2.weight"]
    assert bool((new[old == 0] == 0).all())
