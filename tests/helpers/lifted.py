"""Compare a lifted network with the module it came from."""

import copy

import torch
from torch import Tensor, nn
from torch.export import ExportedProgram
from torch.utils import _pytree as pytree

from engine.network.export import export_module
from engine.network.lift import lift
from engine.network.lifting.skeleton import stored_names
from engine.surgery.copy import as_kind_of, copy_module, replace_tensors


def same(
    module: nn.Module, *inputs: Tensor, program: ExportedProgram | None = None
) -> torch.fx.GraphModule:
    """Lift, compare outputs, gradients and state with the original, and return the lifted one."""
    torch.manual_seed(0)
    original = copy.deepcopy(module)
    lifted = lift(program or export_module(module, inputs))
    compare(original.eval(), lifted, inputs)
    compare(original.train(), lifted.train(), inputs)
    names = stored_names(lifted)
    state = {names.get(k, k): (k, v) for k, v in lifted.state_dict().items()}
    transposed = lifted.meta["transposed"]
    gradients = dict(lifted.named_parameters(remove_duplicate=False))
    for key, value in original.state_dict(keep_vars=True).items():
        if key in lifted.meta["unused"]:
            continue
        here, actual = state[key]
        assert torch.equal(actual.t() if here in transposed else actual, value), key
        if value.grad is not None:
            gradient = gradients[here].grad
            assert torch.equal(gradient.t() if here in transposed else gradient, value.grad), key
    return lifted.eval()


def compare(original: nn.Module, lifted: nn.Module, inputs: tuple[Tensor, ...]) -> None:
    results = []
    for module in (original, lifted):
        torch.manual_seed(3)
        outputs = [t for t in pytree.tree_leaves(module(*inputs)) if isinstance(t, Tensor)]
        if original.training:
            sum(t.square().sum() for t in outputs if t.requires_grad).backward()
        results.append(outputs)
    for expected, actual in zip(*results, strict=True):
        assert torch.equal(expected, actual)


def leaves(module: nn.Module) -> dict[str, type]:
    return {k: type(m) for k, m in module.named_modules() if k and type(m) is not nn.Module}


def own_copy(module: torch.fx.GraphModule) -> torch.fx.GraphModule:
    """A lifted network whose tensors are its own, for training.

    `deepcopy` of a graph module forgets which buffers do not belong to the state dict.
    """
    twin = copy_module(module)
    tensors = (*module.parameters(), *module.buffers())
    replace_tensors(twin, {id(t): as_kind_of(t, t.detach().clone()) for t in tensors})
    return twin
