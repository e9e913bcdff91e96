"""Predicted losses of changes, against formulas and against the divergence itself."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from engine.errors import Cancelled
from engine.jobs.job import Quiet
from engine.methods.pruning.channel_sensitivity import divergence
from engine.network.network import Network
from engine.search.changes import Change, difference, with_weight
from engine.search.quadratic import probes_of, quadratic_losses, side_by_side
from engine.statistics.calibration import Calibration
from tests.helpers.networks import network_of


class Net(nn.Module):
    """A convolution that is called twice, one in groups, one that is transposed, and a head."""

    def __init__(self, classes: int = 5) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.twice = nn.Conv2d(4, 4, 3, padding=1)
        self.grouped = nn.Conv2d(4, 6, 3, groups=2, bias=False)
        self.up = nn.ConvTranspose2d(6, 4, 2, stride=2)
        self.head = nn.Linear(4, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(self.twice(torch.relu(self.twice(x))))
        return self.head(torch.relu(self.up(self.grouped(x))).mean((2, 3)))


def made(classes: int = 5, count: int = 200) -> tuple[Network, Calibration]:
    network = network_of(Net(classes).eval(), torch.randn(2, 4, 6, 6))
    x = torch.randn(count, 4, 6, 6, generator=torch.Generator().manual_seed(1))
    return network, Calibration((x,), batch=64)


def noisy(network: Network, layer: str, size: float, seed: int = 0) -> Change:
    leaf = network.module.get_submodule(layer)
    noise = torch.randn(leaf.weight.shape, generator=torch.Generator().manual_seed(seed))
    shift = 0.1 * size * torch.ones(len(leaf(torch.zeros(1, *_in(leaf)))[0]))
    new = with_weight(leaf, leaf.weight.detach() * (1 + size * noise), shift)
    return Change((layer,), "uniform", 4.0, {layer: new})


def _in(leaf: nn.Module) -> tuple[int, ...]:
    return (leaf.in_features,) if isinstance(leaf, nn.Linear) else (leaf.in_channels, 6, 6)


def measured(network: Network, change: Change, samples: Calibration) -> float:
    before = network.module(*samples.inputs)
    old = {name: network.module.get_submodule(name) for name in change.leaves}
    try:
        for name, leaf in change.leaves.items():
            network.module.set_submodule(name, leaf)
        return divergence([before], [network.module(*samples.inputs)])
    finally:
        for name, leaf in old.items():
            network.module.set_submodule(name, leaf)


def losses(network: Network, changes: list[Change], samples: Calibration) -> list[float]:
    return quadratic_losses(network, changes, samples, Quiet()).losses.mean(1).tolist()


def test_a_linear_network_with_identity_statistics_is_predicted_exactly() -> None:
    """One output, inputs that are the axes: half of |ΔW|² as a part of |W|²."""
    layer = nn.Linear(6, 1, bias=False)
    network = network_of(layer.eval(), torch.randn(2, 6))
    samples = Calibration((torch.eye(6),), batch=4)
    name = next(
        name for name, part in network.module.named_modules() if part.__class__ is nn.Linear
    )
    leaf = network.module.get_submodule(name)
    weight = leaf.weight.detach()
    new = weight + torch.tensor([[0.1, -0.2, 0.0, 0.3, 0.0, 0.5]])
    change = Change((name,), "uniform", 4.0, {name: with_weight(leaf, new)})
    (loss,) = losses(network, [change], samples)
    expected = 0.5 * float((new - weight).square().sum() / weight.square().sum())
    assert loss == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("layer", ["twice", "grouped", "up", "head"])
@pytest.mark.parametrize("classes", [5, 1])
def test_small_changes_cost_what_is_predicted(layer: str, classes: int) -> None:
    network, samples = made(classes)
    change = noisy(network, layer, 0.03)
    (loss,) = losses(network, [change], samples)
    with torch.inference_mode():
        assert loss == pytest.approx(measured(network, change, samples), rel=0.25)


def test_changes_do_not_disturb_each_other() -> None:
    network, samples = made(count=40)
    changes = [noisy(network, name, 0.1, seed) for name in ("twice", "head") for seed in range(3)]
    together = losses(network, changes, samples)
    alone = [losses(network, [one], samples)[0] for one in changes]
    assert together == pytest.approx(alone, rel=1e-4)
    assert len(set(together)) == len(changes)


def test_a_change_of_several_layers_is_taken_as_a_whole() -> None:
    """What two layers change is added before it is squared."""
    network, samples = made()
    parts = [noisy(network, name, 0.03) for name in ("grouped", "head")]
    both = Change(("grouped",), "channel", 0.5, {**parts[0].leaves, **parts[1].leaves})
    (loss,) = losses(network, [both], samples)
    with torch.inference_mode():
        assert loss == pytest.approx(measured(network, both, samples), rel=0.25)


def test_losses_are_told_sample_by_sample() -> None:
    """The second half of the samples is faint, so that little depends on it."""
    network, samples = made(count=64)
    x = samples.inputs[0].clone()
    x[:32] *= 10
    x[32:] *= 0.1
    leaf = network.module.get_submodule("grouped")
    larger = with_weight(leaf, leaf.weight.detach() * 1.1)
    change = Change(("grouped",), "uniform", 4.0, {"grouped": larger})
    effects = quadratic_losses(network, [change], Calibration((x,), batch=64), Quiet())
    assert effects.losses.shape == (1, 64)
    assert effects.apart.all()
    assert effects.power == 1
    alone = quadratic_losses(network, [change], Calibration((x[32:],), batch=64), Quiet())
    assert float(effects.losses[0, 32:].mean()) == pytest.approx(
        float(alone.losses.mean()), rel=0.6
    )
    assert float(effects.losses[0, :32].mean()) > 10 * float(effects.losses[0, 32:].mean())


def test_layers_that_run_as_one_give_what_each_gives() -> None:
    x = torch.randn(3, 4, 6, 6)
    for leaf, inputs in (
        (nn.Conv2d(4, 5, 3, stride=2), x),
        (nn.Conv2d(4, 4, 3, groups=2), x),
        (nn.Linear(6, 2), x),
    ):
        changed = [
            with_weight(leaf, torch.randn_like(leaf.weight)),
            with_weight(leaf, torch.randn_like(leaf.weight), torch.randn(len(leaf.weight))),
        ]
        found = side_by_side(changed, inputs)
        torch.testing.assert_close(found, torch.stack([one(inputs) for one in changed]))


def test_a_difference_gives_what_two_layers_give_apart() -> None:
    old = nn.Conv2d(4, 5, 3, bias=False)
    new = with_weight(old, torch.randn_like(old.weight), torch.randn(5))
    x = torch.randn(2, 4, 6, 6)
    torch.testing.assert_close(difference(new, old)(x), new(x) - old(x))
    assert old.bias is None


def test_probes_have_the_second_moment_of_the_hessian_over_its_trace() -> None:
    logits = torch.tensor([[1.0, 0.0, -1.0]]).repeat(40_000, 1)
    probes = probes_of(logits, torch.Generator().manual_seed(0))
    p = torch.softmax(logits[0], 0)
    expected = torch.diag(p) - torch.outer(p, p)
    expected /= expected.trace()
    for probe in probes:
        found = probe.T @ probe / len(probe)
        torch.testing.assert_close(found, expected, atol=0.01, rtol=0)


@pytest.mark.parametrize("gap", [0.0, 3.0, 30.0])
def test_of_two_classes_probes_together_are_exact_however_sure_they_are(gap: float) -> None:
    logits = torch.tensor([[gap, 0.0]]).repeat(20, 1)
    probes = probes_of(logits, torch.Generator().manual_seed(0))
    moves = torch.randn(20, 2, generator=torch.Generator().manual_seed(1))
    found = (probes * moves).sum(2).square().mean(0)
    exact = 0.5 * (moves[:, 0] - moves[:, 1]).square()  # dᵀ H d over the trace of H
    torch.testing.assert_close(found, exact, rtol=1e-4, atol=1e-6)


def test_it_can_be_canceled() -> None:
    class Job(Quiet):
        seen = 0

        def checkpoint(self, text: str = "", done: int = 0, total: int = 0) -> None:
            self.seen += 1
            if self.seen > 20:
                raise Cancelled

    network, samples = made()
    with pytest.raises(Cancelled):
        quadratic_losses(network, [noisy(network, "head", 0.1)], samples, Job())
