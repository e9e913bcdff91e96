"""One structure at a time: its groups, and pruned = silenced at two batch sizes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from engine.network.axes.trace import RULES, Trace, Value
from engine.network.axes.walk import walk
from engine.network.groups import channel_groups
from tests.unit.groups import networks
from tests.unit.groups.helpers import frozen, network_of, shrunk, table

Maker = Callable[[int], tuple[Tensor, ...]]
OUTPUT = "The channels reach the network's output."


def image(side: int) -> Maker:
    return lambda batch: (torch.randn(batch, 3, side, side),)


def rows(*shape: int) -> Maker:
    return lambda batch: (torch.randn(batch, *shape),)


def image_and_row(batch: int) -> tuple[Tensor, ...]:
    return torch.randn(batch, 3, 4, 4), torch.randn(batch, 5)


# (network, inputs, group → (units, output channels of the first layer in a unit))
CASES: list[tuple[str, Callable[[], nn.Module], Maker, dict[str, tuple[int, int]]]] = [
    (
        "padded_shortcut",
        networks.PaddedShortcut,
        image(16),
        {"stem": (16, 1), "conv1": (8, 1)},
    ),
    (
        "encoder",
        networks.Encoder,
        rows(7, 6),
        {"inner": (16, 1), "layer.self_attn.in_proj": (4, 12), "layer.linear1": (24, 1)},
    ),
    (
        "encoder_norm_first",
        lambda: networks.Encoder(norm_first=True),
        rows(7, 6),
        {"inner": (16, 1), "layer.self_attn.in_proj": (4, 12), "layer.linear1": (24, 1)},
    ),
    ("merged_heads", networks.MergedHeads, rows(7, 6), {"query": (4, 4)}),
    ("shared_keys", networks.SharedKeys, rows(7, 6), {"query": (2, 8)}),
    ("shared_keys_native", lambda: networks.SharedKeys(native=True), rows(7, 6), {"query": (2, 8)}),
    ("one_head", networks.OneHead, rows(7, 6), {"query": (8, 1), "value": (12, 1)}),
    ("einsum", networks.Einsum, rows(7, 6), {"query": (3, 4)}),
    ("window", networks.Window, image(16), {"embed": (12, 1), "qkv": (3, 12), "merge": (8, 1)}),
    (
        "spatial_attention",
        networks.SpatialAttention,
        image(4),
        {"stem": (8, 1), "query": (4, 1)},
    ),
    ("written_norm", networks.WrittenNorm, rows(7, 6), {"fc1": (10, 1), "fc2": (12, 1)}),
    ("cross_stage", networks.CrossStage, image(4), {"first": (8, 1), "a": (6, 1)}),
    (
        "rearranged",
        networks.Rearranged,
        image(4),
        {"conv1": (4, 4), "conv2": (6, 1), "conv3": (8, 1)},
    ),
    (
        "mixer",
        networks.Mixer,
        image(16),
        {"embed": (10, 1), "tokens1": (12, 1), "mlp1": (14, 1)},
    ),
    ("convnext", networks.ConvNeXt, image(16), {"stem": (8, 1), "up": (20, 1)}),
    ("modulated", networks.Modulated, image_and_row, {"film": (8, 2)}),
    ("outer", networks.Outer, rows(6), {"b": (7, 1)}),
    ("expanded", networks.Expanded, image(4), {"conv1": (8, 1), "conv2": (6, 1)}),
    ("picked", networks.Picked, image(4), {"conv": (11, 1)}),
    ("halves", networks.Halves, rows(6), {"fc1": (8, 2), "fc2": (8, 2)}),
    ("swapped", networks.Swapped, image(4), {"first": (12, 1), "middle": (5, 1)}),
    ("summed", networks.Summed, image(4), {"conv1": (8, 1), "conv2": (6, 1)}),
    (
        "norms",
        networks.Norms,
        image(4),
        {"conv1": (8, 1), "conv2": (6, 2), "conv3": (6, 2), "conv4": (6, 1), "conv5": (6, 1)},
    ),
    ("standardized", networks.Standardized, image(4), {"weight": (8, 1), "dense": (6, 1)}),
    ("deconvolutions", networks.Deconvolutions, image(4), {"a": (4, 2), "c": (6, 1)}),
    ("multiplied", networks.Multiplied, image(4), {"a": (6, 1), "c": (8, 2)}),
    ("cells", networks.Cells, rows(4, 6), {"fc": (8, 1)}),
    (
        "bare_norms",
        networks.BareNorms,
        image(4),
        {"conv1": (4, 2), "conv2": (6, 2), "conv3": (6, 1)},
    ),
    ("squeezed", networks.Squeezed, image(4), {"conv": (8, 1), "fc": (6, 1)}),
]


@pytest.mark.parametrize(
    ("make", "inputs", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_structure(
    make: Callable[[], nn.Module], inputs: Maker, expected: dict[str, tuple[int, int]]
) -> None:
    torch.manual_seed(0)
    network = network_of(make(), *inputs(2))
    _, analysis = shrunk(network, [inputs(2), inputs(3)])
    assert table(analysis) == expected


def test_a_unit_left_in_each_stratum_leaves_something_of_each_part() -> None:
    torch.manual_seed(0)
    network = network_of(networks.Swapped(), torch.randn(2, 3, 4, 4))
    strata = channel_groups(network).strata_of("first")
    assert strata[0] == strata[1]
    assert len(set(strata[2:5])) == len(set(strata[5:])) == 1
    assert len(set(strata)) == 3


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("mean", "'mean' (mean) looks at all channels at once"),
        ("max", "'amax' (amax) looks at all channels at once"),
        ("softmax", "'softmax' (softmax) weighs the channels against each other"),
        ("cumsum", "'cumsum' (cumsum) weighs the channels against each other"),
        ("fft", "'fft_fft' (fft_fft) works on the channels in a way that is not understood"),
    ],
)
def test_what_cannot_shrink_says_why(kind: str, says: str) -> None:
    analysis = channel_groups(network_of(networks.Scores(kind), torch.randn(2, 3, 4, 4)))
    reasons = frozen(analysis)
    assert set(reasons) == {"conv", "out"}
    assert reasons["conv"].startswith(says)
    assert reasons["conv"].endswith(".")
    assert reasons["out"] == OUTPUT


def test_positions_are_no_channels() -> None:
    torch.manual_seed(0)
    reasons = frozen(channel_groups(network_of(networks.Mixer(), torch.randn(2, 3, 16, 16))))
    assert "'add'" in reasons["tokens2"]
    assert reasons["head"] == OUTPUT


def test_only_one_factor_of_a_product_shrinks() -> None:
    reasons = frozen(channel_groups(network_of(networks.Outer(), torch.randn(2, 6))))
    assert "only one can shrink" in reasons["a"]


def test_varying_sizes_other_than_the_batch() -> None:
    """Height, width and length may be symbolic too."""
    torch.manual_seed(0)
    network = network_of(networks.SpatialAttention(), torch.randn(2, 3, 4, 4), axes={0: (2, 3)})
    wide = (torch.randn(3, 3, 6, 8),)
    _, analysis = shrunk(network, [wide])
    assert table(analysis) == {"stem": (8, 1), "query": (4, 1)}
    network = network_of(networks.MergedHeads(), torch.randn(2, 7, 6), axes={0: (1,)})
    _, analysis = shrunk(network, [(torch.randn(1, 11, 6),)])
    assert table(analysis) == {"query": (4, 4)}


def test_fixed_batch() -> None:
    """A file may fix its batch; nothing here needs it to vary."""
    torch.manual_seed(0)
    program = torch.export.export(networks.MergedHeads().eval(), (torch.randn(2, 7, 6),))
    network = network_of(program)
    _, analysis = shrunk(network, [(torch.randn(2, 7, 6),)])
    assert table(analysis) == {"query": (4, 4)}


@pytest.mark.parametrize("result", ["nothing", "the wrong shape"])
def test_a_rule_that_fails_freezes(result: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Arguments that a rule does not know must not keep a network from opening."""

    def rule(trace: Trace, node: torch.fx.Node) -> Value:
        if result == "nothing":
            raise IndexError
        return trace.of(node.args[0])[:-1]

    monkeypatch.setitem(RULES, "tanh", rule)
    torch.manual_seed(0)
    network = network_of(networks.Picked(), torch.randn(2, 3, 4, 4))
    assert walk(network.module).lost == ["tanh"]
    reasons = frozen(channel_groups(network))
    assert reasons["conv"].startswith("'tanh' (tanh) works on the channels in a way")
