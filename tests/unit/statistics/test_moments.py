"""Second moments of inputs and of output gradients."""

import pytest
import torch
from torch import nn

from engine.errors import Cancelled
from engine.jobs.job import Quiet
from engine.network.leaves import uses
from engine.registry import Needs
from engine.statistics.calibration import Calibration
from engine.statistics.moments import collect, input_moments, output_gradients
from engine.statistics.run import capture
from tests.helpers.networks import network_of


class Twice(nn.Module):
    """A convolution that is called twice, a grouped one, and a head."""

    def __init__(self) -> None:
        super().__init__()
        self.doubled = nn.Conv2d(4, 4, 3, padding=1)
        self.grouped = nn.Conv2d(4, 6, 3, groups=2)
        self.head = nn.Linear(6, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.doubled(torch.relu(self.doubled(x))))
        return self.head(self.grouped(x).mean((2, 3)))


def samples(count: int = 24) -> Calibration:
    x = torch.randn(count, 4, 6, 6, generator=torch.Generator().manual_seed(0))
    return Calibration((x,), batch=10)


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return network_of(Twice(), torch.randn(2, 4, 6, 6))


def test_input_moments_are_those_of_all_rows(network) -> None:
    data = samples()
    found = input_moments(network, ["head", "grouped", "doubled"], data, Quiet())
    assert set(found) == {"head", "grouped", "doubled"}
    nodes = {u.name: u.nodes[0] for u in uses(network.module)}
    source = nodes["head"].args[0].name
    x = capture(network.module, [source], data.inputs)[source]
    torch.testing.assert_close(found["head"].second[0], x.T @ x / len(x))
    torch.testing.assert_close(found["head"].mean[0], x.mean(0))
    assert found["grouped"].second.shape == (2, 18, 18)
    assert found["doubled"].count == 2 * 24 * 36  # both calls


def test_gradients_predict_the_divergence_of_a_small_change(network) -> None:
    """½ tr(G ΔW A ΔWᵀ) is the KL divergence, exactly so for the last layer on average."""
    data = samples(400)
    found = collect(
        network, Needs.INPUT_MOMENTS | Needs.OUTPUT_GRADIENTS, ["head"], data, Quiet(), seed=1
    )
    delta = 0.05 * torch.randn(3, 6, generator=torch.Generator().manual_seed(2))
    predicted = 0.5 * torch.trace(
        found.gradients["head"] @ delta @ found.moments["head"].second[0] @ delta.T
    )
    with torch.no_grad():
        before = network.module(*data.inputs).log_softmax(1)
        x = capture(network.module, ["mean"], data.inputs)["mean"]
        after = (before + x @ delta.T).log_softmax(1)
        kl = (before.exp() * (before - after)).sum(1).mean()
    assert predicted.item() == pytest.approx(kl.item(), rel=0.25)


def test_gradients_need_no_labels_and_follow_the_seed(network) -> None:
    first, second, other = (
        output_gradients(network, ["doubled"], samples(), Quiet(), seed)["doubled"]
        for seed in (0, 0, 1)
    )
    assert torch.equal(first, second)
    assert not torch.equal(first, other)
    assert all(p.grad is None for p in network.module.parameters())


def test_nothing_asked_for_runs_nothing(network) -> None:
    found = collect(network, Needs.NOTHING, ["head"], samples(), Quiet())
    assert not found.moments
    assert not found.gradients


def test_cancel_is_heard_between_two_layers(network) -> None:
    class Impatient(Quiet):
        calls = 0

        def checkpoint(self, text: str = "", done: int = 0, total: int = 0) -> None:
            self.calls += 1
            if self.calls > 4:
                raise Cancelled

    with pytest.raises(Cancelled):
        input_moments(network, ["head"], samples(), Impatient())
