"""Tails give what the whole network gives with a layer exchanged, in either runtime."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch
from torch import Tensor, nn

from engine.errors import Cancelled
from engine.jobs.job import Quiet
from engine.network.leaves import uses
from engine.network.network import Network
from engine.search import tails as module
from engine.search.changes import with_weight
from engine.search.onnx_graph import Unknown
from engine.search.onnx_tails import OnnxTail
from engine.search.tails import Changed, Tails
from tests.helpers.networks import network_of
from tests.helpers.zoo import ZOO, cached_network


class Net(nn.Module):
    """Branches, an addition over a block, a layer that is called twice, layers of all kinds."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.stem = nn.Conv2d(3, 8, 3, padding=1)
        self.left = nn.Conv2d(8, 8, 3, padding=1, groups=2, bias=False)
        self.right = nn.Conv2d(8, 8, 1)
        self.twice = nn.Conv2d(8, 8, 3, padding=1)
        self.join = nn.Conv2d(16, 12, 3, stride=2, padding=1)
        self.hidden = nn.Linear(12, 10)
        self.head = nn.Linear(10, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(self.stem(x))
        right = self.right(x)
        left = torch.relu(self.left(x) + x)
        left = self.twice(torch.relu(self.twice(left)))
        x = torch.cat([torch.relu(left), torch.relu(right)], 1)
        x = torch.nn.functional.max_pool2d(torch.relu(self.join(x)), 2)
        return self.head(torch.nn.functional.silu(self.hidden(x.mean((2, 3)))))


LAYERS = ("stem", "left", "right", "twice", "join", "hidden", "head")


@pytest.fixture(scope="module")
def network() -> Network:
    return network_of(Net().eval(), torch.randn(2, 3, 12, 12))


@pytest.fixture(params=["onnx", "torch", "fastest"])
def runtime(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where tails are run: always in one of them, or where it is faster."""
    best = Tails._best

    def biased(self: Tails, run: object) -> tuple[Tensor, float]:
        result, _seconds = best(self, run)  # type: ignore[arg-type]  # its kind is known here
        is_onnx = "_through" in run.__code__.co_names  # type: ignore[attr-defined]  # its kind is known here
        return result, 0.0 if is_onnx == (request.param == "onnx") else 1.0

    if request.param != "fastest":
        monkeypatch.setattr(Tails, "_best", biased)
    name: str = request.param
    return name


def noisy(network: Network, name: str, seed: int = 0) -> nn.Module:
    leaf = network.module.get_submodule(name)
    noise = torch.randn(leaf.weight.shape, generator=torch.Generator().manual_seed(seed))
    return with_weight(leaf, leaf.weight.detach() * (1 + 0.3 * noise))


def whole(network: Network, leaves: dict[str, nn.Module], inputs: Sequence[Tensor]) -> Tensor:
    """What the network gives with other layers."""
    old = {name: network.module.get_submodule(name) for name in leaves}
    try:
        for name, leaf in leaves.items():
            network.module.set_submodule(name, leaf)
        with torch.inference_mode():
            answer = network.module(*inputs)
    finally:
        for name, leaf in old.items():
            network.module.set_submodule(name, leaf)
    while isinstance(answer, (tuple, list)):
        answer = answer[0]
    return answer


def close(found: Tensor, wanted: Tensor) -> None:
    scale = float(wanted.abs().max())
    torch.testing.assert_close(found, wanted, atol=1e-5 * scale, rtol=1e-5)


def run(tails: Tails, batch: Sequence[Tensor], changes: Sequence[Changed]) -> list[Tensor]:
    found: dict[int, Tensor] = {}
    tails.run(batch, changes, lambda number, answer: found.update({number: answer.clone()}))
    return [found[number] for number in range(len(changes))]


def test_changes_in_any_order_give_what_the_whole_network_gives(
    network: Network, runtime: str
) -> None:
    x = torch.randn(6, 3, 12, 12)
    tails = Tails(network.module, (x,), Quiet())
    leaves = [{name: noisy(network, name, seed)} for seed in (1, 2) for name in reversed(LAYERS)]
    leaves += [{"left": noisy(network, "left"), "head": noisy(network, "head")}, {}]
    changes = [tails.changed(one) for one in leaves]
    for _ in range(2):  # the second time they are known
        for found, one in zip(run(tails, (x,), changes), leaves, strict=True):
            close(found, whole(network, one, (x,)))
    close(tails.answers((x[:1],)), whole(network, {}, (x[:1],)))
    sessions = {change.session is not None for change in changes if change.layers}
    if runtime != "fastest":
        assert sessions == {runtime == "onnx"}


def test_what_comes_before_is_run_once(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    x = torch.randn(4, 3, 12, 12)
    tails = Tails(network.module, (x,), Quiet())
    changes = [tails.changed({"head": noisy(network, "head", seed)}) for seed in range(5)]
    run(tails, (x,), changes)
    calls = []
    convolve = torch.nn.functional.conv2d
    monkeypatch.setattr(
        torch.nn.functional,
        "conv2d",
        lambda *args, **more: calls.append(1) or convolve(*args, **more),
    )
    run(tails, (x,), changes)
    assert len(calls) == 6  # as often as the network calls its convolutions


def test_the_network_and_the_batch_stay_as_they_are(network: Network) -> None:
    before = {key: value.clone() for key, value in network.module.state_dict().items()}
    x = torch.randn(4, 3, 12, 12)
    kept = x.clone()
    tails = Tails(network.module, (x,), Quiet())
    run(tails, (x,), [tails.changed({name: noisy(network, name)}) for name in LAYERS])
    assert x.equal(kept)
    assert all(value.equal(before[key]) for key, value in network.module.state_dict().items())


def test_released_changes_hold_no_session(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_SESSION_BYTES", 0)
    x = torch.randn(4, 3, 12, 12)
    tails = Tails(network.module, (x,), Quiet())
    change = tails.changed({"join": noisy(network, "join")})
    run(tails, (x,), [change])
    assert change.session is None  # there is no room
    change.release()
    close(run(tails, (x,), [change])[0], whole(network, dict(change.leaves), (x,)))


def test_it_can_be_canceled(network: Network) -> None:
    class Job(Quiet):
        canceled = False

        def checkpoint(self, text: str = "", done: int = 0, total: int = 0) -> None:
            if self.canceled:
                raise Cancelled

    x, job = torch.randn(4, 3, 12, 12), Job()
    tails = Tails(network.module, (x,), job)
    job.canceled = True
    with pytest.raises(Cancelled):
        tails.answers((x,))


def test_an_operator_that_is_not_known_is_left_to_the_other_runtime() -> None:
    class Odd(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first = nn.Linear(4, 4)

        def forward(self, x: Tensor) -> Tensor:
            return torch.cumsum(self.first(x), 1)

    network = network_of(Odd().eval(), torch.randn(2, 4))
    nodes = list(network.module.graph.nodes)
    with pytest.raises(Unknown):
        OnnxTail(nodes[1:-1], nodes[:1], network.module.get_submodule, 1)
    x = torch.randn(3, 4)
    tails = Tails(network.module, (x,), Quiet())
    change = tails.changed({"first": noisy(network, "first")})
    close(run(tails, (x,), [change])[0], whole(network, dict(change.leaves), (x,)))


@pytest.mark.network_zoo
@pytest.mark.parametrize(
    "name",
    [
        *("tied_weights", "gpt_like", "unet", "lstm_classifier", "shufflenet_like", "volume"),
        *("multi_input", "mobilenet_v2", "squeeze_excite", "densenet_like", "vit", "audio"),
    ],
)
@pytest.mark.parametrize("runtime", ["onnx"], indirect=True)
def test_networks_of_many_kinds(name: str, runtime: str) -> None:
    del runtime
    network = cached_network(name)
    _, inputs = ZOO[name].example(4)
    tails = Tails(network.module, inputs, Quiet())
    found = [use for use in uses(network.module) if use.module is not None]
    names = [use.name for use in found if hasattr(use.module, "weight")][::2]
    leaves = [{layer: noisy(network, layer)} for layer in names]
    answers = run(tails, inputs, [tails.changed(one) for one in leaves])
    assert len(answers) == len(leaves) > 0
    for answer, one in zip(answers, leaves, strict=True):
        close(answer, whole(network, one, inputs))
