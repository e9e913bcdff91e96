"""Structures that a lift may get wrong: each beside the module it must equal."""

import copy
import io

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.errors import ModelError
from engine.info import Format
from engine.network.export import export_module
from engine.network.lift import lift, network_from_program
from engine.network.lifting.skeleton import stored_names
from tests.helpers.lifted import compare, leaves, same
from tests.helpers.zoo import ZOO, cached_network


class FreeWeights(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.randn(5, 4))
        self.b = nn.Parameter(torch.randn(5))
        self.m = nn.Parameter(torch.randn(5, 6))
        self.weight = nn.Parameter(torch.randn(3, 6))
        self.bias = nn.Parameter(torch.randn(3))

    def forward(self, x: Tensor) -> Tensor:
        x = functional.linear(x, self.w, self.b) @ self.m
        return functional.linear(x, self.weight) * 2 + self.bias


def test_weights_that_belong_to_no_module_become_leaves_and_remember_their_names() -> None:
    lifted = same(FreeWeights(), torch.randn(3, 4))
    assert leaves(lifted) == {"w": nn.Linear, "m": nn.Linear, "linear": nn.Linear}
    assert stored_names(lifted)["w.bias"] == "b"
    assert lifted.meta["transposed"] == ("m.weight",)
    # the free bias is added after the scaling, so it is not the leaf's
    assert lifted.linear.bias is None
    assert lifted.bias.shape == (3,)


class LowRankAdded(nn.Linear):
    def __init__(self) -> None:
        super().__init__(4, 4)
        self.down = nn.Parameter(torch.randn(2, 4))
        self.up = nn.Parameter(torch.randn(4, 2))

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x) + functional.linear(functional.linear(x, self.down), self.up)


def test_a_leaf_may_hold_further_leaves() -> None:
    lifted = same(nn.Sequential(LowRankAdded()), torch.randn(2, 4))
    assert leaves(lifted) == {"0": nn.Linear, "0.down": nn.Linear, "0.up": nn.Linear}


def test_a_module_that_is_itself_a_leaf_gets_a_name() -> None:
    lifted = same(nn.Linear(4, 3), torch.randn(2, 4))
    assert stored_names(lifted) == {"linear.weight": "weight", "linear.bias": "bias"}


class TwoSettings(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        wide = functional.conv2d(x, self.conv.weight, self.conv.bias, padding=2, dilation=2)
        return self.conv(x) + wide


def test_one_weight_with_two_settings_is_two_leaves_with_one_parameter() -> None:
    lifted = same(TwoSettings(), torch.randn(2, 3, 8, 8))
    assert set(leaves(lifted)) == {"conv", "conv_2"}
    assert lifted.conv.weight is lifted.conv_2.weight
    assert {lifted.conv.dilation, lifted.conv_2.dilation} == {(1, 1), (2, 2)}


class TiedByFunction(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(7, 4)
        self.scale = nn.Parameter(torch.linspace(1, 2, 4))

    def forward(self, ids: Tensor) -> Tensor:
        return functional.linear(self.embed(ids) * self.scale, self.embed.weight)


def test_an_embedding_used_as_output_weight_stays_tied() -> None:
    lifted = same(TiedByFunction(), torch.randint(0, 7, (2, 3)))
    assert leaves(lifted) == {"embed": nn.Embedding, "embed_linear": nn.Linear}
    assert lifted.embed.weight is lifted.embed_linear.weight


class InPlace(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 4)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        z = self.linear(x).clone()
        view = z[:, 1:3]
        view.mul_(2)  # seen through z
        y = z.mul_(3)
        y[:, 0] = x[:, 0]
        q = torch.zeros_like(y)
        q += y
        return q.sigmoid_(), z


def test_writes_that_are_seen_elsewhere_keep_their_effect() -> None:
    lifted = same(InPlace(), torch.randn(3, 4))
    names = {str(node.target) for node in lifted.graph.nodes}
    assert "aten.sigmoid.default" in names
    assert "aten.mul_.Tensor" in names


class Counting(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 4)
        self.register_buffer("average", torch.zeros(4))
        self.register_buffer("ones", torch.ones(4), persistent=False)

    def forward(self, x: Tensor) -> dict[str, object]:
        with torch.no_grad():
            fixed = self.linear(x)
        self.average.mul_(0.9).add_(0.1)
        return {"a": fixed * self.linear(x) * x.shape[0] * self.ones, "b": (fixed, None, 3)}


def test_buffers_are_updated_and_no_grad_stops_gradients() -> None:
    module = Counting()
    lifted = same(module, torch.randn(2, 4))
    assert torch.count_nonzero(lifted.average) == 4
    assert "ones" not in lifted.state_dict()
    assert set(leaves(lifted)) == {"linear"}


class Regularized(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 1)
        self.dropout = nn.Dropout2d(0.5)
        self.alpha = nn.AlphaDropout(0.2)
        self.instance = nn.InstanceNorm2d(3, affine=True, track_running_stats=True)
        self.cumulative = nn.BatchNorm2d(3, affine=False, momentum=None)
        self.untracked = nn.BatchNorm2d(3, track_running_stats=False)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.dropout(self.conv(x), 0.3, self.training)
        x = self.instance(self.alpha(self.dropout(x)))
        return self.untracked(self.cumulative(x))


def test_every_form_of_dropout_and_norm_follows_the_mode() -> None:
    kinds = leaves(same(Regularized(), torch.randn(2, 3, 4, 4)))
    assert kinds["dropout"] is nn.Dropout2d
    assert kinds["dropout_call"] is nn.Dropout
    assert kinds["alpha"] is nn.AlphaDropout
    assert kinds["cumulative"] is nn.BatchNorm2d
    assert kinds["instance"] is nn.InstanceNorm2d


def test_attention_of_torch_itself() -> None:
    layer = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True)
    encoder = nn.TransformerEncoder(layer, 1, enable_nested_tensor=False)
    lifted = same(encoder, torch.randn(2, 5, 8))
    assert leaves(lifted)["layers.0.self_attn.in_proj"] is nn.Linear
    names = stored_names(lifted)
    assert names["layers.0.self_attn.in_proj.weight"] == "layers.0.self_attn.in_proj_weight"


class FixedFilter(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("blur", torch.full((3, 1, 3, 3), 1 / 9))
        self.conv = nn.Conv2d(3, 4, 3, padding="same", padding_mode="reflect")
        self.unused = nn.Linear(3, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(functional.conv2d(x, self.blur, groups=3))


def test_a_filter_that_is_a_buffer_is_not_trained_and_unused_weights_are_named() -> None:
    module = FixedFilter()
    program = export_module(module, (torch.randn(2, 3, 9, 9),))
    network = network_from_program(program, Format.PT2)
    assert not network.module.blur.weight.requires_grad
    assert network.module.conv.weight.requires_grad
    assert any("unused.weight" in warning for warning in network.warnings)


class ReservedNames(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.graph = nn.Linear(4, 4)
        self.meta = nn.Parameter(torch.linspace(1, 2, 4))
        self.code = nn.Sequential(nn.Linear(4, 4))

    def forward(self, x: Tensor) -> Tensor:
        return self.code(self.graph(x) * self.meta)


def test_names_that_a_graph_module_needs_itself_are_changed() -> None:
    lifted = copy.deepcopy(same(ReservedNames(), torch.randn(2, 4)))
    assert leaves(lifted) == {"graph_": nn.Linear, "code_.0": nn.Linear}
    assert stored_names(lifted)["meta_"] == "meta"


class Conditional(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Linear(4, 4)
        self.b = nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cond(x.sum() > 0, lambda x: self.a(x), lambda x: self.b(x), (x,))


def test_a_condition_stays_and_its_weights_stay_free() -> None:
    module = Conditional().eval()
    x = torch.randn(2, 4)
    lifted = lift(export_module(module, (x,)))
    with torch.no_grad():
        for value in (x.abs(), -x.abs()):
            assert torch.equal(lifted(value), module(value))
    assert set(dict(lifted.named_parameters())) == set(dict(module.named_parameters()))


def test_a_lifted_network_exports_and_lifts_to_itself() -> None:
    for name in ("multi_input", "tied_weights", "lstm_classifier"):
        entry = ZOO[name]
        once = cached_network(name).module
        twice = lift(export_module(once, entry.inputs(2)))
        assert twice.state_dict().keys() == once.state_dict().keys()
        assert leaves(twice) == leaves(once)
        compare(once, twice, entry.inputs(3))


def plain_stack() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 4, 3),
        nn.BatchNorm2d(4),
        nn.ReLU(inplace=True),
        nn.Flatten(),
        nn.Linear(144, 3),
        nn.LayerNorm(3),
        nn.Unflatten(1, (1, 3)),
        nn.Linear(3, 2),
        nn.GroupNorm(1, 1),
    )


# torch's own code copies a class that it has declared old
@pytest.mark.filterwarnings("ignore:`isinstance:FutureWarning")
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("table", [None, {}], ids=["core", "functional"])
@pytest.mark.parametrize("decomposed", [True, False])
def test_programs_in_any_dialect_and_mode(training: bool, table: object, decomposed: bool) -> None:
    module = plain_stack().train(training)
    x = torch.randn(2, 3, 8, 8)
    shapes = ({0: torch.export.Dim.AUTO},)
    program = torch.export.export(module, (x,), dynamic_shapes=shapes)
    if decomposed:
        program = program.run_decompositions(table)
    expected = ["Conv2d", "BatchNorm2d", "Linear", "LayerNorm", "Linear", "GroupNorm"]
    lifted = same(module, x, program=program)
    assert [kind.__name__ for kind in leaves(lifted).values()] == expected


def test_a_saved_program_lifts_to_the_same_network() -> None:
    module, inputs = ZOO["gpt_like"].example()
    buffer = io.BytesIO()
    torch.export.save(export_module(module, inputs), buffer)
    buffer.seek(0)
    lifted = same(module, *inputs, program=torch.export.load(buffer))
    assert lifted.embed.weight is lifted.head.weight
    assert lifted(ZOO["gpt_like"].inputs(5)[0]).shape == (5, 12, 40)


def test_a_program_without_tensor_outputs_is_refused() -> None:
    class Nothing(nn.Module):
        def forward(self, x: Tensor) -> int:
            return 3

    with pytest.raises(ModelError, match="returns no tensor"):
        lift(export_module(Nothing(), (torch.randn(2, 3),)))
