"""What every method of the catalog promises, whatever it does."""

from __future__ import annotations

import functools
import re
import time
from dataclasses import dataclass, field
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import engine.methods.catalog  # noqa: F401
from engine.errors import Cancelled
from engine.frozen import FrozenMap
from engine.info import LayerKind
from engine.layer_table import LayerTable
from engine.network.encoding import WeightEncoding
from engine.network.network import Network
from engine.parameters import Params
from engine.pipeline import run, table_of
from engine.prediction import layer_bytes
from engine.recipe.model import Recipe, Step
from engine.recipe.resolve import resolve
from engine.registry import REGISTRY
from engine.surgery.copy import copy_network
from tests.helpers.lifted import own_copy
from tests.helpers.networks import network_of
from tests.unit.training.helpers import context_of, image_data

METHODS = tuple(method.name for method in REGISTRY.steps())
STRONGER = tuple(method.name for method in REGISTRY.steps() if method.axis is not None)
BEFORE = {"qat": (Step("uniform"),)}
"""Steps without which a method has nothing to do."""
SHORT = {"steps": 6, "batch_size": 16}
"""Settings with which a training is over soon."""
GAP_S = 0.2
LEARNING = {LayerKind.CONV2D, LayerKind.LINEAR}


class Block(nn.Module):
    """A residual block and a classifier: norms, a shared stream, a stride, a dense layer."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(8)
        self.conv2 = nn.Conv2d(8, 12, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(12)
        self.conv3 = nn.Conv2d(12, 8, 3, padding=1, bias=False)
        self.bn3 = nn.BatchNorm2d(8)
        self.down = nn.Conv2d(8, 16, 3, stride=2, padding=1)
        self.fc = nn.Linear(16, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.bn1(self.conv1(x)).relu()
        x = (x + self.bn3(self.conv3(self.bn2(self.conv2(x)).relu()))).relu()
        return self.fc(self.down(x).relu().mean((2, 3)))


@dataclass
class Watch:
    """A job that notes what it is told, and when; cancelled at a checkpoint if asked to be."""

    cancel_at: int | None = None
    reports: list[tuple[str, int, int]] = field(default_factory=list)
    longest_gap_s: float = 0.0
    canceled: bool = False
    heard_again: bool = False
    stopping: bool = False
    _last_s: float = field(default_factory=time.process_time)

    def checkpoint(self, text: str = "", done: int = 0, total: int = 0) -> None:
        now_s = time.process_time()
        self.longest_gap_s = max(self.longest_gap_s, now_s - self._last_s)
        self._last_s = now_s
        if self.canceled:
            self.heard_again = True
        if text:  # how often one only asks depends on how long things take
            self.reports.append((text, done, total))
        if self.cancel_at is not None and len(self.reports) > self.cancel_at:
            self.canceled = True
            raise Cancelled

    def metric(self, name: str, step: int, value: float) -> None:
        del name, step, value

    def partial(self, value: object) -> None:
        del value


@functools.cache
def network() -> Network:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return network_of(Block().eval(), torch.zeros(2, 3, 8, 8))


def step_of(name: str, **params: Any) -> Step:
    """The method with its defaults, but for what would take long."""
    method = REGISTRY.step(name)
    assert method is not None
    short = {key: value for key, value in SHORT.items() if key in method.fields()}
    return Step(name, FrozenMap({**short, **params}))


def recipe_of(name: str, **params: Any) -> Recipe:
    return Recipe(steps=(*BEFORE.get(name, ()), step_of(name, **params)))


def made(name: str, job: Watch | None = None, **params: Any) -> Network:
    """The network after the method."""
    context = context_of(network(), image_data(48), job=job or Watch())
    return run(network(), recipe_of(name, **params), context)[-1].network


@functools.cache
def result(name: str) -> tuple[Network, Watch]:
    """Of the defaults, run once for all tests that only look."""
    watch = Watch()
    return made(name, watch), watch


def state(of: Network) -> dict[str, Tensor]:
    """All tensors, those of encodings too."""
    tensors = {**of.module.state_dict()}
    for layer, encoding in of.encodings.items():
        if isinstance(encoding, WeightEncoding):
            tensors |= {f"{layer} scale": encoding.scale, f"{layer} zero": encoding.zero_point}
    return tensors


def equal(a: dict[str, Tensor], b: dict[str, Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def answers(of: Network, count: int) -> Tensor:
    x = torch.from_numpy(image_data(count, seed=7).inputs["x"])
    with torch.inference_mode():
        found: Tensor = of.module(x)
    return found


def predicted(name: str, **params: Any) -> LayerTable:
    return resolve(recipe_of(name, **params), table_of(network())).result


def test_there_are_methods_of_every_family() -> None:
    kinds = {str(method.kind) for method in REGISTRY.steps()}
    assert kinds >= {"pruning", "quantization", "low_rank", "distillation", "recovery"}
    assert len(METHODS) >= 10


@pytest.mark.parametrize("name", METHODS)
def test_texts_are_complete(name: str) -> None:
    method = REGISTRY.step(name)
    assert method is not None
    assert method.summary.endswith(".")
    assert method.title[0].isupper()
    assert re.search(r"\b(19|20)\d\d\b", method.reference), "a reference has a year"
    for field_name, info in method.params.model_fields.items():
        assert info.title, field_name
        assert info.description, field_name
        assert info.description.rstrip().endswith("."), field_name


@pytest.mark.parametrize("name", METHODS)
def test_defaults_are_valid_and_a_form_can_be_made(name: str) -> None:
    method = REGISTRY.step(name)
    assert method is not None
    params = method.parse({})
    assert isinstance(params, Params)
    assert params == method.params()
    schema = method.params.model_json_schema()
    assert set(schema.get("properties", {})) == set(method.fields())
    assert all("default" in one for one in schema.get("properties", {}).values())


@pytest.mark.parametrize("name", METHODS)
def test_every_run_gives_the_same_and_leaves_its_input(name: str) -> None:
    before = {key: tensor.clone() for key, tensor in state(network()).items()}
    code = network().module.code
    first, _ = result(name)
    random = torch.get_rng_state()
    second = made(name)
    assert torch.equal(random, torch.get_rng_state()), "draws from the global generator"
    assert equal(state(first), state(second))
    assert first.module.code == second.module.code
    assert equal(state(network()), before)
    assert network().module.code == code
    assert not any(p.grad is not None for p in network().module.parameters())


@pytest.mark.parametrize("name", METHODS)
def test_canceling_is_heard_soon(name: str) -> None:
    _, watch = result(name)
    total = len(watch.reports)
    for cancel_at in sorted({1, total // 2, total - 1}):
        job = Watch(cancel_at=cancel_at)
        with pytest.raises(Cancelled):
            made(name, job)
        assert not job.heard_again, "goes on after it was canceled"
    gaps = []
    for _ in range(3):  # the first run loads what is needed; others may be disturbed
        job = Watch()
        made(name, job)
        gaps.append(job.longest_gap_s)
        if gaps[-1] <= GAP_S:
            break
    assert min(gaps) <= GAP_S


@pytest.mark.parametrize("name", METHODS)
def test_progress_ends_at_its_total(name: str) -> None:
    _, watch = result(name)
    known = [(text, done, total) for text, done, total in watch.reports if total]
    assert known, "never says how far it is"
    assert all(0 <= done <= total for _, done, total in known)
    assert known[-1][1] == known[-1][2]


@pytest.mark.parametrize("name", METHODS)
def test_layers_are_those_predicted(name: str) -> None:
    real = table_of(result(name)[0])
    expected = predicted(name)
    assert real.names() == expected.names()
    assert [layer.kind for layer in real.layers] == [layer.kind for layer in expected.layers]


@pytest.mark.parametrize("name", STRONGER)
def test_a_stronger_setting_is_never_larger(name: str) -> None:
    method = REGISTRY.step(name)
    assert method is not None
    axis = method.axis
    assert axis is not None
    settings = [type(getattr(method.params(), axis.field) or 0)(s) for s in axis.settings]
    sizes = [layer_bytes(predicted(name, **{axis.field: s}).layers) for s in settings]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] <= layer_bytes(table_of(network()).layers)
    some = (settings[0], settings[len(settings) // 2], settings[-1])
    real = [layer_bytes(table_of(made(name, **{axis.field: s})).layers) for s in some]
    assert real == sorted(real, reverse=True)


@pytest.mark.parametrize("name", METHODS)
def test_the_result_is_a_network_like_any_other(name: str) -> None:
    changed, _ = result(name)
    for count in (1, 5):
        found = answers(changed, count)
        assert found.shape == (count, 3)
        assert torch.isfinite(found).all()
    twin = copy_network(changed)
    assert torch.equal(answers(twin, 5), answers(changed, 5))
    assert table_of(twin) == table_of(changed)


@pytest.mark.parametrize("name", METHODS)
def test_the_result_can_be_trained(name: str) -> None:
    """Every layer learns, and nothing is written into what the result shares with others."""
    changed, _ = result(name)
    before = {key: tensor.clone() for key, tensor in state(changed).items()}
    module = own_copy(changed.module).train()
    x = torch.from_numpy(image_data(16).inputs["x"])
    targets = torch.from_numpy(image_data(16).targets)
    nn.functional.cross_entropy(module(x), targets).backward()
    for layer in table_of(changed).layers:
        if layer.kind in LEARNING:
            gradient = module.get_parameter(f"{layer.name}.weight").grad
            assert gradient is not None, layer.name
            assert gradient.isfinite().all(), layer.name
            assert gradient.abs().sum() > 0, layer.name
    assert equal(state(changed), before)
