"""`svd`: nearest matrices, names, tables, and everything that comes after."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

import engine.methods.catalog  # noqa: F401
from engine.jobs.job import Quiet
from engine.layer_table import LayerTable
from engine.methods.low_rank.factor import balanced
from engine.methods.low_rank.run_svd import decompose, run, truncated
from engine.methods.low_rank.svd import SvdParams
from engine.network.groups import channel_groups
from engine.network.network import Network
from engine.pipeline import table_of
from engine.recipe.model import Recipe, Rule, Step
from engine.recipe.resolve import resolve
from engine.registry import REGISTRY
from engine.surgery.copy import copy_network
from engine.surgery.slice import remove_channels
from engine.writers.onnx_float import write_onnx
from tests.unit.low_rank.networks import (
    answers,
    context,
    images,
    matrix,
    odd,
    only,
    product,
    residual,
    shared,
    stage,
    step,
    tokens,
)


def table(network: Network) -> LayerTable:
    """What can be compared with a prediction."""
    found = table_of(network)
    layers = (dataclasses.replace(layer, multiplications=None) for layer in found.layers)
    return dataclasses.replace(found, layers=tuple(layers))


def predicted(network: Network, *steps: Step) -> LayerTable:
    result = resolve(Recipe(steps=steps), table_of(network)).result
    layers = (dataclasses.replace(layer, multiplications=None) for layer in result.layers)
    return dataclasses.replace(result, layers=tuple(layers))


def with_weights(network: Network, **weights: torch.Tensor) -> Network:
    """Other weights in named layers."""
    result = copy_network(network)
    for name, weight in weights.items():
        leaf: Any = result.module.get_submodule(name)
        leaf.weight = nn.Parameter(weight.reshape(leaf.weight.shape).to(leaf.weight.dtype))
    return result


@pytest.mark.parametrize("shape", [(6, 30), (30, 6), (9, 9)])
def test_error_is_the_tail_of_the_singular_values(shape: tuple[int, int]) -> None:
    torch.manual_seed(0)
    weight = torch.randn(shape, dtype=torch.float64)
    values = torch.linalg.svdvals(weight)
    spectrum = decompose(weight)
    assert torch.allclose(spectrum.squares[: min(shape)].sqrt(), values)
    for rank in (1, 4, min(shape)):
        left, right = truncated(weight, spectrum, rank)
        error = (weight - left @ right).square().sum()
        assert torch.isclose(error, values[rank:].square().sum(), atol=1e-12)


def test_balancing_keeps_the_product_and_evens_the_factors() -> None:
    torch.manual_seed(0)
    left, right = torch.randn(5, 3), 100 * torch.randn(3, 7)
    right[1] = 0
    a, b = balanced(left, right)
    assert torch.allclose(a @ b, left @ right, rtol=1e-5, atol=1e-5)
    assert torch.allclose(a.norm(dim=0)[[0, 2]], b.norm(dim=1)[[0, 2]])


def test_weights_of_low_rank_are_kept_exactly() -> None:
    torch.manual_seed(0)
    names = ("stem", "conv1", "conv2", "down", "fc")
    weights = {}
    for name in names:
        whole = matrix(residual(), name)
        weights[name] = torch.randn(len(whole), 3) @ torch.randn(3, whole.shape[1]) / 5
    network = with_weights(residual(), **weights)
    for params in ({"rank_by": "number", "rank": 3}, {"rank_by": "energy", "energy": 0.999999}):
        result = stage(network, step("svd", **params)).network
        assert all(f"{name}.u" in table(result) for name in names)
        assert all(table(result)[f"{name}.v"].shape[0] == 3 for name in names)
        x = images(5)
        assert torch.allclose(answers(result, x), answers(network, x), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("layer", ["conv1", "fc", "down"])
def test_a_layer_becomes_its_nearest_matrix(layer: str) -> None:
    result = stage(residual(), only("svd", layer, rank_by="number", rank=5)).network
    whole = matrix(residual(), layer).double()
    values = torch.linalg.svdvals(whole)
    error = (whole - product(result, layer)).square().sum()
    assert torch.isclose(error, values[5:].square().sum(), rtol=1e-4)


@pytest.mark.parametrize("make", [residual, shared, odd])
@pytest.mark.parametrize(
    "params",
    [
        {"size": 0.6},
        {"size": 0.2},
        {"rank_by": "ratio", "ratio": 0.3},
        {"rank_by": "number", "rank": 1},
        {"rank_by": "number", "rank": 6},
    ],
)
def test_the_table_is_as_predicted(make: Any, params: dict[str, Any]) -> None:
    network = make()
    assert table(stage(network, step("svd", **params)).network) == predicted(
        network, step("svd", **params)
    )


@pytest.mark.parametrize("layer", ["a", "b"])
def test_one_of_two_layers_with_one_weight_leaves_it_to_the_other(layer: str) -> None:
    choices = {layer: SvdParams(rank_by="number", rank=3)}
    method = REGISTRY.step("svd")
    assert method is not None
    expected = method.predict(table_of(shared()), choices)
    found = table(run(shared(), choices, context(shared())))
    assert found.names() == expected.names()
    for one, other in zip(found.layers, expected.layers, strict=True):
        assert (one.tied_to, one.group, one.size_bytes) == ("", other.group, other.size_bytes)
        assert not other.tied_to
    assert [g.id for g in found.groups] == [g.id for g in expected.groups]


def test_ranks_that_depend_on_weights_are_guessed_never_larger() -> None:
    for params in ({"rank_by": "energy", "energy": 0.99}, {"rank_by": "vbmf"}):
        guess = predicted(residual(), step("svd", **params))
        before = table(residual())
        assert "conv1.v" in guess
        assert sum(x.size_bytes for x in guess.layers) < sum(x.size_bytes for x in before.layers)


def test_what_would_not_be_smaller_stays_with_a_note() -> None:
    made = stage(residual(), step("svd", rank_by="number", rank=9))
    assert "fc" in table(made.network)
    assert "conv1.v" in table(made.network)
    assert any(note.startswith("fc was left as it is") for note in made.result.notes)
    assert "fc" in predicted(residual(), step("svd", rank_by="number", rank=9))


def test_which_layers_and_why_not() -> None:
    plan = resolve(Recipe(steps=(step("svd", rank_by="number", rank=1),)), table_of(odd()))
    reasons = {a.target: a.reason for a in plan.assignments}
    assert reasons["line"] == reasons["volume"] == ""
    assert "in groups" in reasons["grouped"]
    assert "conv_transpose1d" in reasons["up"]
    assert "single row or column" in reasons["single"]


def test_input_unchanged_and_every_run_the_same() -> None:
    before = {name: t.clone() for name, t in residual().module.state_dict().items()}
    code = residual().module.code
    random = torch.get_rng_state()
    results = [stage(residual(), step("svd", size=0.5)).network for _ in range(2)]
    assert torch.equal(random, torch.get_rng_state())
    assert residual().module.code == code
    after = residual().module.state_dict()
    assert all(torch.equal(after[name], t) for name, t in before.items())
    first, second = (r.module.state_dict() for r in results)
    assert first.keys() == second.keys()
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_stored_names_and_strides() -> None:
    result = stage(residual(), step("svd", size=0.5)).network
    names = result.module.state_dict().keys()
    assert {"conv1.v.weight", "conv1.u.weight", "stem.u.bias"} <= names
    assert "conv1.weight" not in names
    assert "stem.v.bias" not in names
    down: Any = result.module.get_submodule("down")
    assert (down.v.stride, down.v.padding, down.u.stride) == ((2, 2), (1, 1), (1, 1))


def test_shared_weights_stay_shared() -> None:
    result = stage(shared(), step("svd", rank_by="number", rank=3)).network
    a, b, twice = (result.module.get_submodule(n) for n in ("a", "b", "twice"))
    assert a.v.weight is b.v.weight
    assert a.u.weight is b.u.weight
    assert a.u.bias is not b.u.bias  # type: ignore[union-attr]  # its kind is known here
    called = [n for n in result.module.graph.nodes if str(n.target).startswith("twice.")]
    assert len(called) == 4
    assert torch.linalg.matrix_rank(product(result, "twice")) == 3
    assert twice.u.bias is not None  # type: ignore[union-attr]  # its kind is known here
    table_weight: Any = result.module.get_submodule("table.v")
    assert table_weight.padding_idx == 0
    near = (product(result, "table") - matrix(shared(), "table")).square().sum()
    tail = torch.linalg.svdvals(matrix(shared(), "table"))[3:].square().sum()
    assert torch.isclose(near, tail, rtol=1e-4)
    assert answers(result, tokens(3)).shape == (3, 6, 5)


def test_rules_cover_parts_and_parts_can_be_factored_again() -> None:
    steps = (
        only("svd", "conv1", rank_by="number", rank=8),
        step(
            "svd",
            Rule(("*",), skip=True),
            Rule(("conv1",), {"rank": 2}, skip=False),
            rank_by="number",
        ),  # type: ignore[arg-type]  # fields by their names
    )
    expected = predicted(residual(), *steps)
    assert {"conv1.v.v", "conv1.v.u", "conv1.u.v", "conv1.u.u"} <= set(expected.names())
    result = stage(residual(), steps).network
    assert table(result) == expected
    assert torch.isfinite(answers(result, images(2))).all()


def test_channels_of_the_parts_can_be_removed() -> None:
    result = stage(residual(), step("svd", rank_by="number", rank=5)).network
    analysis = channel_groups(result)
    inner = analysis.group("conv1.v")
    assert (inner.channels, inner.consumers, inner.frozen_reason) == (5, ("conv1.u",), "")
    pruned = remove_channels(result, analysis, {"conv1.v": [1, 3], "conv1.u": [0]})
    assert table(pruned)["conv1.u"].shape[:2] == (15, 3)
    assert answers(pruned, images(3)).shape == (3, 10)


def test_exported_file_agrees(tmp_path: Path) -> None:
    result = stage(residual(), step("svd", size=0.5)).network
    written = write_onnx(result, tmp_path / "small.onnx", Quiet())
    assert written.difference.max_relative < 1e-4
    assert "conv1.v" in written.layer_nodes


def test_result_trains() -> None:
    result = stage(residual(), step("svd", size=0.5)).network
    module = copy_network(result).module.train()
    module(images(4)).square().sum().backward()
    for name in ("conv1.v", "conv1.u", "stem.v", "fc.u"):
        gradient = module.get_parameter(f"{name}.weight").grad
        assert gradient is not None
        assert gradient.abs().sum() > 0
    for name, parameter in result.module.named_parameters():
        assert parameter.requires_grad, name
        parameter.grad = None


def test_weights_without_sense() -> None:
    whole = matrix(residual(), "conv1")
    broken = with_weights(residual(), conv1=torch.full_like(whole, torch.nan))
    notes: list[str] = []
    choices = dict.fromkeys(("conv1", "fc"), SvdParams(size=0.5))
    result = run(broken, choices, context(broken, note=notes.append))
    assert "conv1" in table(result)
    assert "fc.v" in table(result)
    assert any("NaN" in note for note in notes)
    dead = with_weights(residual(), conv1=torch.zeros_like(whole))
    for rank_by in ("size", "energy", "vbmf"):
        result = stage(dead, only("svd", "conv1", rank_by=rank_by)).network
        assert product(result, "conv1").abs().max() == 0
        assert torch.isfinite(answers(result, images(2))).all()


def test_declarations_show_in_the_catalog() -> None:
    for name in ("svd", "data_aware_svd", "tucker2"):
        method = REGISTRY.step(name)
        assert method is not None
        assert method.axis is not None
        assert method.axis.field == "size"


def test_what_gets_lost_is_said() -> None:
    steps = (
        only("weight", "conv1", sparsity=0.5, criterion="magnitude"),
        only("uniform", "fc", weight_bits=8, activation_bits=None),
    )
    for before, layer, word in (steps[0], "conv1", "pruned"), (steps[1], "fc", "quantized"):
        after = only("svd", layer, rank_by="number", rank=1)
        notes = stage(residual(), (before, after), images(8)).result.notes
        assert any(note.startswith(layer) and word in note for note in notes)
