"""What a teacher computes inside, and where a student can be compared with it."""

from __future__ import annotations

import functools
from typing import Any

import pytest
import torch
from torch import nn

from engine.methods.distillation.run_soft_targets import run as distil
from engine.methods.distillation.soft_targets import SoftTargetsParams
from engine.methods.recovery.run_finetune import run as finetune
from engine.network.network import Network
from engine.surgery.copy import copy_network, replace_tensors
from engine.surgery.fold import fold_batch_norms
from engine.training.hints import common_places, hints_between
from engine.training.options import USUAL_HINTS, Hints, Labels
from engine.training.student import own_copy
from tests.helpers.networks import network_of
from tests.unit.training.helpers import (
    SHORT,
    Watched,
    context_of,
    equal,
    image_data,
    short,
    weights,
)


class Residual(nn.Module):
    """Two stages of blocks, whose insides can have any number of channels."""

    def __init__(self, inner: int = 8, last: int = 6) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3, padding=1)
        self.a = nn.Conv2d(4, inner, 3, padding=1)
        self.norm = nn.BatchNorm2d(inner)
        self.b = nn.Conv2d(inner, 4, 3, padding=1)
        self.down = nn.Conv2d(4, last, 3, stride=2, padding=1)
        self.fc = nn.Linear(last, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.stem(x).relu()
        x = (x + self.b(self.norm(self.a(x)).relu())).relu()
        return self.fc(self.down(x).relu().mean((2, 3)))


@functools.cache
def residual(seed: int = 0, inner: int = 8, last: int = 6) -> Network:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return network_of(Residual(inner, last).eval(), torch.zeros(2, 3, 8, 8))


def noisy(network: Network) -> Network:
    random = torch.Generator().manual_seed(0)
    result = copy_network(network)
    moved = {
        id(p): nn.Parameter(p.detach() + 0.1 * torch.randn(p.shape, generator=random))
        for p in result.module.parameters()
    }
    replace_tensors(result.module, moved)
    return result


def places(student: Network, teacher: Network) -> list[str]:
    """As calls of layers and operations: `b` is inside a block, `relu_2` at its end."""
    return list(common_places(student.module, teacher.module))


def test_places_are_the_ends_of_stages() -> None:
    """Of the stem and the block, which have one shape, the block; never what is inside of it."""
    found = places(residual(), residual())
    shapes = {n.name: tuple(n.meta["val"].shape[1:]) for n in residual().module.graph.nodes}
    assert [shapes[name] for name in found] == [(4, 8, 8), (6, 4, 4)]
    assert all(name.startswith("relu") for name in found)
    assert found == places(residual(), fold_batch_norms(residual()))


def test_what_lost_channels_is_no_place() -> None:
    assert places(residual(inner=5), residual()) == places(residual(), residual())
    assert len(places(residual(inner=5, last=5), residual())) == 1


def test_parts_of_a_layer_stand_for_it() -> None:
    split = copy_network(residual())
    leaf = split.module.get_submodule("b")
    parts = nn.Sequential()
    parts.add_module("v", nn.Conv2d(8, 2, 3, padding=1))
    parts.add_module("u", nn.Conv2d(2, 4, 1))
    assert isinstance(leaf, nn.Conv2d)
    split.module.set_submodule("b", parts)
    graph = split.module.graph
    (node,) = (n for n in graph.nodes if n.target == "b")
    node.target = "b.v"
    with graph.inserting_after(node):
        call = graph.call_module("b.u", (node,))
    call.meta = dict(node.meta)
    node.replace_all_uses_with(call, delete_user_cb=lambda user: user is not call)
    split.module.recompile()
    assert places(split, residual()) == places(residual(), residual())


def test_another_network_with_the_same_names_has_no_places() -> None:
    """The names of its values say nothing where other layers are before them."""

    class Longer(Residual):
        def __init__(self) -> None:
            super().__init__()
            self.more = nn.Conv2d(3, 3, 1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return super().forward(self.more(x))

    longer = network_of(Longer().eval(), torch.zeros(2, 3, 8, 8))
    assert not places(residual(), longer)


def test_the_loss_is_relative_to_what_the_teacher_varies() -> None:
    student, teacher = own_copy(residual().module), own_copy(residual().module).eval()
    hints = hints_between(student, teacher)
    assert hints is not None
    x = torch.randn(16, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    student.train()
    for norm in student.modules():
        if isinstance(norm, nn.BatchNorm2d):
            norm.eval()

    def loss(of: torch.Tensor) -> float:
        with torch.inference_mode():
            student(of), teacher(x)
            return float(hints.loss())

    assert loss(x) == pytest.approx(0, abs=1e-9)
    assert 1 < loss(x.flip(0)) < 3  # as of samples that have nothing to do with each other


def test_a_place_where_the_teacher_gives_zeros_is_passed_over() -> None:
    silent = copy_network(residual())
    silent.module.down = nn.Conv2d(4, 6, 3, stride=2, padding=1)
    assert silent.module.down.bias is not None
    nn.init.constant_(silent.module.down.bias, -1e4)
    student, teacher = own_copy(residual().module), own_copy(silent.module).eval()
    hints = hints_between(student, teacher)
    assert hints is not None
    assert len(hints.places) == 2
    x = 1e6 * torch.randn(4, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    student.train()(x)
    teacher(x.clamp(-1, 1))
    hints.loss().backward()
    for name, parameter in student.named_parameters():
        if parameter.grad is not None:
            assert torch.isfinite(parameter.grad).all(), name


def test_the_student_comes_nearer_inside() -> None:
    """With hints alone against labels that say nothing."""
    split, original, network = image_data(), residual(3), noisy(residual(3))

    def error(one: Network) -> float:
        student, teacher = own_copy(one.module), own_copy(original.module).eval()
        hints = hints_between(student, teacher)
        assert hints is not None
        for tap in hints.student:
            tap.always = True
        x = torch.from_numpy(split.inputs["x"])
        with torch.inference_mode():
            student.eval()(x), teacher(x)
            return float(hints.loss())

    losses = (Hints(weight=10), Labels(weight=0.01))
    more = {"freeze_batch_norm": True, "validation_samples": 0}  # the teacher's are as drawn
    choices = short(losses=losses, steps=40, learning_rate=0.01, **more)
    trained = finetune(network, choices, context_of(network, split, original=original))
    assert error(trained) < 0.5 * error(network)
    names = {name for name, _ in trained.module.named_modules()}
    assert names == {name for name, _ in network.module.named_modules()}, "taps stayed"
    assert len(trained.module.graph.nodes) == len(network.module.graph.nodes)


def _distilled(network: Network, notes: list[str], job: Any = None, **more: Any) -> Network:
    choices = {"": SoftTargetsParams(**{**SHORT, **more})}
    split = image_data(labelled=False)
    around = context_of(network, split, original=residual(3), notes=notes, job=job)
    return distil(network, choices, around)


def test_without_a_place_answers_are_learnt_alone() -> None:
    notes: list[str] = []
    other = network_of(nn.Sequential(nn.Flatten(), nn.Linear(192, 3)), torch.zeros(2, 3, 8, 8))
    with_hints = _distilled(other, notes, hints=10)
    assert any("answers alone" in note for note in notes)
    without = _distilled(other, [], hints=0)
    assert equal(weights(with_hints), weights(without))


def test_the_weight_of_hints_counts() -> None:
    network, notes = residual(0, inner=5), []
    runs = [_distilled(network, notes, hints=weight, validation_samples=0) for weight in (0, 1, 1)]
    assert not equal(weights(runs[0]), weights(runs[1]))
    assert equal(weights(runs[1]), weights(runs[2]))
    assert not any("answers alone" in note for note in notes)


def test_hints_are_usual_from_the_original_and_not_from_a_file() -> None:
    network, split = residual(0, inner=5), image_data(labelled=False)

    def distilled(**more: Any) -> dict[str, torch.Tensor]:
        settings = {**SHORT, "steps": 2, "learning_rate": 1e-3, "validation_samples": 0, **more}
        choices = {"": SoftTargetsParams(**settings)}
        around = context_of(network, split, original=residual(3), load=lambda path: residual(3))
        return weights(distil(network, choices, around))

    usual, of_file = distilled(), distilled(teacher="big.pt2")
    assert equal(usual, distilled(hints=USUAL_HINTS))
    assert equal(of_file, distilled(teacher="big.pt2", hints=0))
    assert not equal(usual, of_file)


def test_a_teacher_of_hints_alone_is_asked() -> None:
    """Its answers are no part of the loss, and another file can teach."""
    network, asked = residual(0, inner=5), []

    def load(path: str) -> Network:
        asked.append(path)
        return residual(3)

    choices = short(losses=(Hints(teacher="big.pt2"),))
    job = Watched()
    finetune(network, choices, context_of(network, image_data(), load=load, job=job))
    assert asked == ["big.pt2"]
    assert job.curves["loss"]
