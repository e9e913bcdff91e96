"""Exporting modules: symbolic batches, fixed ones, and modules that cannot be exported."""

import pytest
import torch
from torch import Tensor, nn

from engine.errors import ModelError
from engine.info import Format
from engine.network.export import export_module, fixed_batch
from engine.network.lift import network_from_program


class Reshaped(nn.Module):
    """Works for one batch size only."""

    def __init__(self, batch: int) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 4)
        self.batch = batch

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(x.view(self.batch, 4))


class Branching(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x * 2 if x.sum() > 0 else x


@pytest.mark.parametrize("batch", [1, 2, 3])
def test_a_batch_of_one_as_example_still_gives_a_symbolic_batch(batch: int) -> None:
    program = export_module(nn.Linear(4, 3), (torch.randn(batch, 4),))
    assert fixed_batch(program) is None
    network = network_from_program(program, Format.PICKLE)
    assert network.warnings == ()
    assert network.module(torch.randn(7, 4)).shape == (7, 3)


@pytest.mark.parametrize("batch", [1, 2])
def test_a_fixed_batch_is_kept_and_said(batch: int) -> None:
    program = export_module(Reshaped(batch), (torch.randn(batch, 4),))
    assert fixed_batch(program) == batch
    network = network_from_program(program, Format.PICKLE)
    assert network.inputs[0].shape == (batch, 4)
    assert f"batches of {batch} only" in network.warnings[0]


def test_a_branch_on_the_input_gives_one_sentence(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ModelError) as caught:
        export_module(Branching(), (torch.randn(2, 4),))
    assert "depends on the values of its input" in caught.value.message
    assert "\n" not in caught.value.one_line()
    assert "Traceback" not in caught.value.one_line()
    assert capfd.readouterr() == ("", "")


def test_a_shape_that_does_not_fit_is_named() -> None:
    with pytest.raises(ModelError, match=r"input of shape 2×5: .*cannot be multiplied"):
        export_module(nn.Linear(4, 3), (torch.randn(2, 5),))


def test_the_mode_of_every_part_is_restored() -> None:
    module = nn.Sequential(nn.Linear(4, 4), nn.Dropout(0.5)).train()
    module[0].eval()
    program = export_module(module, (torch.randn(2, 4),))
    assert [m.training for m in module.modules()] == [True, False, True]
    dropout = next(n for n in program.graph.nodes if "dropout" in str(n.target))
    assert dropout.args[2] is False


def test_the_mode_is_restored_after_a_failure() -> None:
    module = Branching().train()
    with pytest.raises(ModelError):
        export_module(module, (torch.randn(2, 4),))
    assert module.training


def test_further_axes_vary_when_the_caller_says_so() -> None:
    program = export_module(nn.Conv1d(3, 4, 3), (torch.randn(1, 3, 16),), dynamic_axes={0: [2]})
    network = network_from_program(program, Format.PICKLE, input_names=["sound"])
    assert network.inputs[0].name == "sound"
    assert network.inputs[0].shape[:2] == ("batch", 3)
    assert isinstance(network.inputs[0].shape[2], str)
    assert network.module(torch.randn(4, 3, 40)).shape == (4, 4, 38)


def test_parameters_are_shared_with_the_program() -> None:
    module = nn.Linear(4, 3)
    program = export_module(module, (torch.randn(2, 4),))
    lifted = network_from_program(program, Format.PICKLE).module
    assert lifted.linear.weight.data_ptr() == module.weight.data_ptr()
