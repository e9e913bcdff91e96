"""Learned rounding."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from engine.errors import DataError
from engine.jobs.job import Quiet
from engine.methods.context import Context
from engine.methods.quantization.rounding.api import round_weights
from engine.methods.quantization.rounding.learned import (
    LearnedBias,
    LearnedQuantizer,
    LearnedWeight,
)
from engine.methods.quantization.rounding.losses import answer_error
from engine.methods.quantization.rounding.memory import MOST_BYTES, samples_at_once
from engine.methods.quantization.rounding.samples import Draws, is_image, varied
from engine.methods.quantization.rounding.settings import ReconstructionSettings, Rounding
from engine.network.encoding import WeightEncoding, dequantize, is_on_grid, quantize
from engine.network.network import Network
from engine.surgery.quantizers import is_quantizer
from tests.unit.quantization.rounding_cases import (
    FEW,
    context_of,
    error_of,
    images,
    made,
    requests_for,
    residual,
    weights_of,
    with_quantizers,
)


def learned_weight(weight: Tensor, bits: int = 3, *, keep_zeros: bool = False) -> LearnedWeight:
    scale = weight.abs().amax(1, keepdim=True) / (2 ** (bits - 1) - 1)
    encoding = WeightEncoding(bits, scale, torch.zeros_like(scale, dtype=torch.int32))
    return LearnedWeight(weight, quantize(weight, encoding), encoding, keep_zeros=keep_zeros)


def random(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def test_a_weight_begins_at_its_integers_and_ends_on_its_grid() -> None:
    weight = random(4, 9)
    scale = weight.abs().amax(1, keepdim=True) / 3
    encoding = WeightEncoding(3, scale, torch.zeros_like(scale, dtype=torch.int32))
    wanted = (quantize(weight, encoding) + 1).clamp_max(3)  # not the nearest ones
    learned = LearnedWeight(weight, wanted, encoding, keep_zeros=False)
    torch.testing.assert_close(learned.value().detach(), dequantize(wanted, encoding))
    with torch.no_grad():
        learned.units += 0.7
        learned.stretch += 0.1
    learned.clamp()
    value, final = learned.finished()
    assert is_on_grid(value, final, tolerance=1e-6)
    torch.testing.assert_close(value, learned.value().detach())
    torch.testing.assert_close(final.scale, scale * torch.tensor(0.1).exp())


def test_zeros_of_a_sparse_weight_get_no_value_and_no_gradient() -> None:
    weight = random(3, 8)
    weight[:, ::2] = 0
    learned = learned_weight(weight, keep_zeros=True)
    with torch.no_grad():
        learned.units += 2
    learned.value().sum().backward()  # type: ignore[no-untyped-call]  # torch has no types there
    assert (learned.finished()[0][:, ::2] == 0).all()
    assert learned.units.grad is not None
    assert (learned.units.grad[:, ::2] == 0).all()


def test_gradient_of_a_step_size_is_what_a_small_change_does() -> None:
    """Where nothing crosses a border of rounding, the learned gradient is the exact one."""
    x = random(200) * 3 + 1
    quantizer = LearnedQuantizer((0.25, 4, 0, 15), torch.device("cpu"))
    weights = random(200, seed=1)
    (quantizer(x) * weights).sum().backward()  # type: ignore[no-untyped-call]  # torch has no types there
    # x̂ = s·(q - z) with q fixed; LSQ adds the straight-through term -x·[x inside]
    low, high = -4 * 0.25, 11 * 0.25
    rounded = ((x / 0.25).round() + 4).clamp(0, 15) - 4
    inside = (x / 0.25).round().add(4).clamp(0, 15).eq((x / 0.25).round().add(4))
    expected = (weights * (rounded * 0.25 - x * inside)).sum()
    assert quantizer.stretch.grad is not None
    torch.testing.assert_close(quantizer.stretch.grad, expected, rtol=1e-4, atol=1e-4)
    clipped = (x < low - 0.125) | (x > high + 0.125)
    assert clipped.any()


def test_a_bias_moves_in_norms_of_its_weight() -> None:
    bias = LearnedBias(torch.ones(2), torch.full((2, 4), 3.0), 0)  # rows of norm 6
    with torch.no_grad():
        bias.shift += 0.5
    torch.testing.assert_close(bias.value().detach(), torch.full((2,), 4.0))


@pytest.fixture(scope="module")
def case() -> tuple[Network, Network, Tensor]:
    network, x = residual(), images(48)
    return with_quantizers(network, x), network, x


def learn(
    case: tuple[Network, Network, Tensor], settings: ReconstructionSettings = FEW, seed: int = 0
) -> Network:
    rounded, network, x = case
    requests = requests_for(network, Rounding.ADAROUND, settings=settings)
    return round_weights(rounded, network, requests, context_of(network, x, seed=seed))


def test_it_beats_what_it_begins_with(case: tuple[Network, Network, Tensor]) -> None:
    _, network, _ = case
    other = images(64, seed=9)  # not those that it learned from
    nothing = ReconstructionSettings(block_steps=0, network_steps=0)
    begun = error_of(learn(case, nothing), network, other)
    blocks = learn(case, ReconstructionSettings(block_steps=40, network_steps=0, batch=16))
    whole = learn(case, ReconstructionSettings(block_steps=0, network_steps=40, batch=16))
    assert error_of(blocks, network, other) < begun
    assert error_of(whole, network, other) < 0.9 * begun


def test_the_result_is_on_its_grids_and_repeats(case: tuple[Network, Network, Tensor]) -> None:
    rounded, _, _ = case
    before = {name: weight.clone() for name, weight in weights_of(rounded).items()}
    scales = [node.args for node in rounded.module.graph.nodes if is_quantizer(node)]
    first, again, other = learn(case), learn(case), learn(case, seed=1)
    for name, weight in weights_of(first).items():
        assert is_on_grid(weight, first.encodings[name], tolerance=1e-6)
        assert torch.equal(weight, weights_of(again)[name])
    assert any(not torch.equal(weights_of(first)[n], w) for n, w in weights_of(other).items())
    assert all(torch.equal(before[n], w) for n, w in weights_of(rounded).items())
    assert scales == [node.args for node in rounded.module.graph.nodes if is_quantizer(node)]
    learned = [node.args for node in first.module.graph.nodes if is_quantizer(node)]
    assert all(isinstance(args[1], float) for args in learned)
    assert [args[2:] for args in learned] == [args[2:] for args in scales]
    assert learned != scales


def test_what_is_not_to_be_learned_stays(case: tuple[Network, Network, Tensor]) -> None:
    rounded, _, _ = case
    settings = ReconstructionSettings(
        block_steps=5,
        network_steps=5,
        learn_scales=False,
        learn_activations=False,
        learn_biases=False,
    )
    found = learn(case, settings)
    requests = requests_for(case[1], Rounding.ADAROUND)
    for name, encoding in found.encodings.items():
        assert torch.equal(encoding.scale, requests[name].encoding.scale)  # type: ignore[union-attr]  # autograd functions are untyped
    for node in (n for n in found.module.graph.nodes if is_quantizer(n)):
        before = next(n for n in rounded.module.graph.nodes if n.name == node.name)
        assert node.args[1] == pytest.approx(before.args[1], rel=1e-6)  # to float32


def test_layers_of_other_methods_are_left_to_them(case: tuple[Network, Network, Tensor]) -> None:
    rounded, network, x = case
    requests = requests_for(network, Rounding.ADAROUND)
    requests["fc"] = replace(requests["fc"], method=Rounding.NEAREST)
    del requests["stem"]
    found = round_weights(rounded, network, requests, context_of(network, x))
    weights = weights_of(found)
    encoding = requests["fc"].encoding
    nearest = dequantize(quantize(weights_of(network)["fc"], encoding), encoding)
    assert torch.equal(weights["fc"], nearest)
    assert torch.equal(weights["stem"], weights_of(network)["stem"])
    assert set(found.encodings) == {"first", "second", "depthwise", "fc"}


def test_sparse_layers_stay_sparse(case: tuple[Network, Network, Tensor]) -> None:
    rounded, network, x = case
    network = residual()
    weight: Any = network.module.get_submodule("first").weight
    weight.data = weight.data * (weight.data.abs() > 0.1)
    network = replace(network, sparse=frozenset({"first"}))
    rounded = with_quantizers(network, x)
    for method in (Rounding.GPTQ, Rounding.ADAROUND):
        requests = requests_for(network, method)
        found = round_weights(rounded, network, requests, context_of(network, x))
        assert (weights_of(found)["first"][weight == 0] == 0).all()


class Tied(nn.Module):
    """A weight with two biases, and a layer that is called twice."""

    def __init__(self) -> None:
        super().__init__()
        self.left = nn.Linear(6, 6)
        self.right = nn.Linear(6, 6)
        self.right.weight = self.left.weight
        self.twice = nn.Linear(6, 6)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = torch.relu(self.twice(torch.relu(self.left(x))))
        return self.twice(x), self.right(x)


def test_tied_weights_several_outputs_and_repeated_layers() -> None:
    x = random(40, 6)
    network = made(Tied(), x)
    rounded = with_quantizers(network, x)
    requests = requests_for(network, Rounding.ADAROUND)
    found = round_weights(rounded, network, requests, context_of(network, x))
    left, right = (found.module.get_submodule(name) for name in ("left", "right"))
    assert left.weight is right.weight
    assert not torch.equal(left.bias, right.bias)  # type: ignore[arg-type]  # autograd functions are untyped
    assert torch.equal(found.encodings["left"].scale, found.encodings["right"].scale)  # type: ignore[union-attr]  # autograd functions are untyped
    with torch.no_grad():
        for mine, wanted in zip(found.module(x), network.module(x), strict=True):
            assert (mine - wanted).square().mean() < 0.1 * wanted.var()


class Watching(Quiet):
    """A job that remembers, and that is canceled after so many checkpoints."""

    def __init__(self, most: int = 10**9) -> None:
        self.said: list[tuple[str, int, int]] = []
        self.count, self.most = 0, most

    def checkpoint(self, text: str = "", done: int = 0, total: int = 0) -> None:
        self.count += 1
        if text:
            self.said.append((text, done, total))
        if self.count > self.most:
            raise KeyboardInterrupt


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8, 0.95])
def test_it_can_be_canceled_anywhere_and_says_how_far_it_is(
    case: tuple[Network, Network, Tensor], share: float
) -> None:
    rounded, network, x = case
    few = ReconstructionSettings(block_steps=2, network_steps=2)
    requests = requests_for(network, Rounding.ADAROUND, settings=few)
    context = context_of(network, x)
    watching = Watching()
    round_weights(rounded, network, requests, replace(context, job=watching))
    for text in {text for text, _, _ in watching.said}:
        done = [(d, t) for said, d, t in watching.said if said == text]
        assert done[-1][0] == done[-1][1] > 0, text
    canceled = Watching(int(watching.count * share))
    with pytest.raises(KeyboardInterrupt):
        round_weights(rounded, network, requests, replace(context, job=canceled))
    assert canceled.count == canceled.most + 1


def test_it_needs_samples(case: tuple[Network, Network, Tensor]) -> None:
    rounded, network, _ = case
    for method in (Rounding.GPTQ, Rounding.ADAROUND):
        with pytest.raises(DataError, match="data"):
            round_weights(
                rounded, network, requests_for(network, method), Context(Quiet(), network)
            )


def test_a_batch_in_parts_is_the_batch(
    case: tuple[Network, Network, Tensor], monkeypatch: pytest.MonkeyPatch
) -> None:
    few = ReconstructionSettings(block_steps=0, network_steps=4, batch=12)
    whole = learn(case, few)
    name = "engine.methods.quantization.rounding.refine.samples_at_once"
    monkeypatch.setattr(name, lambda size: 4)
    parts = learn(case, few)
    for encoding, other in zip(whole.encodings.values(), parts.encodings.values(), strict=True):
        torch.testing.assert_close(encoding.scale, other.scale, rtol=2e-3, atol=0)  # type: ignore[union-attr]  # autograd functions are untyped


def test_every_sample_comes_once_before_any_comes_again() -> None:
    draws = Draws((torch.arange(12.0),), 4, torch.Generator().manual_seed(0))
    seen = torch.cat([draws.draw()[0] for _ in range(3)])
    assert seen.sort().values.tolist() == list(range(12))


def test_images_are_shifted_by_an_eighth_at_most_and_mirrored() -> None:
    image = torch.zeros(64, 1, 16, 16)
    image[:, :, 8, 3] = 1  # one pixel, left of the middle
    found = varied(image, torch.Generator().manual_seed(0))
    assert found.shape == image.shape
    places = found.flatten(1).argmax(1)
    rows, columns = places // 16, places % 16
    assert set(rows.tolist()) == {6, 7, 8, 9, 10}
    assert {int(c) for c in columns} == {1, 2, 3, 4, 5, 10, 11, 12, 13, 14}
    assert is_image((image,))
    assert not is_image((image, image))
    assert not is_image((torch.zeros(4, 1, 16),))
    assert not is_image((torch.zeros(4, 1, 16, 16, dtype=torch.int64),))
    assert not is_image((torch.zeros(4, 64, 16, 16),))


def test_answers_count_as_probabilities_and_as_numbers() -> None:
    logits = random(8, 5)
    assert float(answer_error(logits, logits)) == 0
    shifted = answer_error(logits + 3, logits)  # the same probabilities
    assert float(shifted) > 0
    assert float(answer_error(logits.flip(1), logits)) > 1
    assert float(answer_error((logits, logits * 2), (logits, logits * 2))) == 0


def test_at_least_one_sample_fits() -> None:
    assert samples_at_once(MOST_BYTES * 5) == 1
    assert samples_at_once(MOST_BYTES // 10) == 10


def test_a_table_alone_is_rounded_to_nearest_and_a_tied_one_is_learned() -> None:
    x = torch.randint(0, 12, (40, 5), generator=torch.Generator().manual_seed(0))
    network = made(Words(), x)
    requests = requests_for(network, Rounding.ADAROUND)
    found = round_weights(network, network, requests, context_of(network, x))
    module = found.module
    assert module.get_submodule("tied").weight is module.get_submodule("head").weight
    assert set(found.encodings) == {"alone", "tied", "head"}
    weights = weights_of(found)
    encoding = requests["alone"].encoding
    nearest = dequantize(quantize(weights_of(network)["alone"], encoding), encoding)
    assert torch.equal(weights["alone"], nearest)
    assert not torch.equal(found.encodings["head"].scale, requests["head"].encoding.scale)  # type: ignore[union-attr]  # autograd functions are untyped


class Words(nn.Module):
    """Two tables, one of which gives the answers' weights as well."""

    def __init__(self) -> None:
        super().__init__()
        self.alone = nn.Embedding(12, 6)
        self.tied = nn.Embedding(12, 6)
        self.head = nn.Linear(6, 12)
        self.head.weight = self.tied.weight

    def forward(self, x: Tensor) -> Tensor:
        return self.head(torch.tanh(self.alone(x) + self.tied(x)))  # type: ignore[no-any-return]  # autograd functions are untyped


@pytest.mark.parametrize("method", list(Rounding))
def test_weights_that_are_no_numbers_become_zero(method: Rounding) -> None:
    network, x = residual(), images(8)
    requests = requests_for(network, method)
    with torch.no_grad():
        network.module.get_submodule("first").weight[0, 0] = torch.nan  # type: ignore[operator]  # autograd functions are untyped
    found = round_weights(network, network, requests, context_of(network, x))
    for name, weight in weights_of(found).items():
        assert is_on_grid(weight, found.encodings[name])
    assert error_of(found, residual(), x) < 1


class Choosing(nn.Module):
    """Gives a class number, through which no gradient passes."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(6, 4)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(x).argmax(1)  # type: ignore[no-any-return]  # autograd functions are untyped


def test_answers_without_a_gradient_leave_what_was_begun_with() -> None:
    x = random(40, 6)
    network = made(Choosing(), x)
    found = {}
    for settings in (FEW, ReconstructionSettings(block_steps=0, network_steps=0)):
        requests = requests_for(network, Rounding.ADAROUND, settings=settings)
        found[settings] = round_weights(network, network, requests, context_of(network, x))
    first, second = (weights_of(one)["fc"] for one in found.values())
    assert torch.equal(first, second)


def test_double_precision_stays() -> None:
    x = random(40, 6).double()
    network = made(nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 3)).double(), x)
    for method in Rounding:
        requests = requests_for(network, method)
        found = round_weights(network, network, requests, context_of(network, x))
        assert {weight.dtype for weight in weights_of(found).values()} == {torch.float64}
        assert error_of(found, network, x) < 0.2
