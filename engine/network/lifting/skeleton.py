"""Where each leaf and each free tensor of the lifted network lives."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

import torch
from torch import fx, nn

from engine.network.lifting.calls import Leaf
from engine.network.lifting.state import ProgramState, Stored, identity, same_tensor

_GRAPH_MODULE = set(dir(fx.GraphModule)) - set(dir(nn.Module))
"""Names at the top level that `fx.GraphModule` needs for itself: `graph`, `code`, `meta` …"""
_PLAIN = {"weight", "bias", "running_mean", "running_var", "weight_ih", "weight_ih_l0"}


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a call was: the innermost module's path, its class's name, the call's own name."""

    path: str
    kind: str
    call: str


@dataclass
class Skeleton:
    """Collects what the graph refers to, then builds the module tree.

    Attributes:
        state: The program's tensors.
        modules: Paths of the original's modules, which only their own calls may take.
        leaves: Path → leaf.
        free: Nodes that read a tensor directly; their target is set by `build`.
        submodules: Path → graph module of a higher-order operator.
    """

    state: ProgramState
    modules: Collection[str] = ()
    leaves: dict[str, Leaf] = field(default_factory=dict)
    free: list[tuple[fx.Node, Stored]] = field(default_factory=list)
    submodules: dict[str, nn.Module] = field(default_factory=dict)

    def place(self, leaf: Leaf, scope: Scope) -> str:
        """Find the path of a leaf that was called in `scope`, and add it.

        The original module's path where it is one, so that each tensor keeps its full name; the
        same path again for another call of the same module; else an invented name.
        """
        base = self._owner(leaf, scope.path) if leaf.tensors else self._stateless(leaf, scope)
        base = _legal(base or self._unclaimed(self._invented(leaf, scope)))
        held = self.leaves.get(base)
        if held is not None and type(held.module) is not type(leaf.module):
            base = f"{base}_{leaf.kind}"
        path, number = base, 1
        while path in self.leaves and not _same(self.leaves[path], leaf):
            number += 1
            path = f"{base}_{number}"
        self.leaves.setdefault(path, leaf)
        return path

    def _stateless(self, leaf: Leaf, scope: Scope) -> str:
        """The module that the call was in, if that is all it does."""
        return scope.path if scope.kind == type(leaf.module).__name__ else ""

    def _unclaimed(self, base: str) -> str:
        """A name like this that is no original module's."""
        return f"{base}_call" if base in self.modules else base

    def _owner(self, leaf: Leaf, scope: str) -> str:
        """The module that the leaf's tensors are members of under the right names, or ""."""
        first = next(iter(leaf.tensors.values()))
        for owner in (scope, first.owner):
            if owner and self._fits(leaf, owner):
                return owner
        return ""

    def _fits(self, leaf: Leaf, owner: str) -> bool:
        for local, stored in leaf.tensors.items():
            member = self.state.named(f"{owner}.{local}")
            if member is None or stored.transposed or not same_tensor(member.value, stored.value):
                return False
        # a member that the call does not use must not become part of the leaf
        members = {**leaf.module._parameters, **leaf.module._buffers}
        unused = members.keys() - leaf.tensors.keys()
        return not any(self.state.named(f"{owner}.{local}") for local in unused)

    def _invented(self, leaf: Leaf, scope: Scope) -> str:
        if not leaf.tensors:
            return f"{scope.path}.{scope.call}" if scope.path else scope.call
        main = next(iter(leaf.tensors.values()))
        local = main.local.removesuffix("_weight")
        if local in _PLAIN and not main.transposed:
            local = leaf.kind
        elif local in _PLAIN:
            return main.owner or leaf.kind
        base = f"{main.owner}.{local}" if main.owner else local
        taken = self.state.named(base)
        return base if taken is None or taken.name == main.name else f"{base}_{leaf.kind}"

    def build(self) -> nn.Module:
        """The module tree, with every tensor in its place."""
        root = nn.Module()
        for path in sorted(self.leaves, key=lambda path: path.count(".")):
            _insert(root, path, self.leaves[path].module)
        for path, module in self.submodules.items():
            _insert(root, path, module)
        names = self._fill()
        self._attach_free(root, names)
        return root

    def names(self) -> dict[str, object]:
        """What to remember about names.

        `stored_names`: name here → name in the original, where they differ. `transposed`: names
        here whose values are the transpose of the original's. `computed`: names here that were
        computed from the original's (see `folding`). `transient`: buffers that do not belong to
        the state dict. `unused`: the original's tensors that the network does not use.
        """
        stored_names = {
            str(node.target): stored.name
            for node, stored in self.free
            if node.target == _legal(stored.name) != stored.name
        }
        transposed: list[str] = []
        computed: list[str] = []
        used = {identity(stored.value) for _, stored in self.free}
        for path, leaf in self.leaves.items():
            for local, stored in leaf.tensors.items():
                original = self.state.named(stored.name)
                used.add(identity(original.value if original else stored.value))
                used |= {identity(self.state.names[name].value) for name in stored.computed_from}
                if stored.computed_from:
                    computed.append(f"{path}.{local}")
                    continue
                member = self.state.named(f"{path}.{local}")
                if member is None or stored.transposed:
                    stored_names[f"{path}.{local}"] = stored.name
                if stored.transposed:
                    transposed.append(f"{path}.{local}")
        unused = [
            name
            for name, stored in self.state.names.items()
            if stored.persistent and not stored.computed_from and identity(stored.value) not in used
        ]
        return {
            "stored_names": stored_names,
            "transposed": tuple(transposed),
            "computed": tuple(computed),
            "transient": tuple(sorted({s.name for _, s in self.free if not s.persistent})),
            "unused": tuple(unused),
        }

    def _fill(self) -> dict[tuple[object, ...], str]:
        """Put tensors into the leaves; identity of a tensor → its first full name."""
        names: dict[tuple[object, ...], str] = {}
        pool: dict[tuple[object, ...], nn.Parameter] = {}
        for path, leaf in self.leaves.items():
            for local, stored in leaf.tensors.items():
                key = identity(stored.value)
                names.setdefault(key, f"{path}.{local}")
                if local in leaf.module._parameters:
                    setattr(leaf.module, local, pool.setdefault(key, _parameter(stored)))
                else:
                    setattr(leaf.module, local, stored.value.detach())
        return names

    def _attach_free(self, root: nn.Module, names: dict[tuple[object, ...], str]) -> None:
        for node, stored in self.free:
            key = identity(stored.value)
            if key not in names:
                names[key] = name = _legal(stored.name)
                owner, _, local = name.rpartition(".")
                home = _ensure(root, owner)
                if stored.trainable:
                    home.register_parameter(local, _parameter(stored))
                else:
                    value = stored.value.detach()
                    home.register_buffer(local, value, persistent=stored.persistent)
            node.target = names[key]


def _same(a: Leaf, b: Leaf) -> bool:
    """Whether two calls are of one module: the same settings and the same tensors."""
    return (
        type(a.module) is type(b.module)
        and a.module.extra_repr() == b.module.extra_repr()
        and a.tensors.keys() == b.tensors.keys()
        and all(same_tensor(a.tensors[k].value, b.tensors[k].value) for k in a.tensors)
    )


def _legal(path: str) -> str:
    """The path, or one like it that a graph module allows."""
    first, dot, rest = path.partition(".")
    return f"{first}_{dot}{rest}" if first in _GRAPH_MODULE or first == "meta" else path


def _parameter(stored: Stored) -> nn.Parameter:
    value = stored.value.detach()
    trainable = stored.trainable and (value.is_floating_point() or value.is_complex())
    return nn.Parameter(value, requires_grad=trainable)


def _ensure(root: nn.Module, path: str) -> nn.Module:
    current = root
    for part in path.split(".") if path else ():
        if part not in current._modules:
            current.add_module(part, nn.Module())
        child = current._modules[part]
        assert child is not None
        current = child
    return current


def _insert(root: nn.Module, path: str, module: nn.Module) -> None:
    owner, _, local = path.rpartition(".")
    _ensure(root, owner).add_module(local, module)


def stored_names(module: torch.nn.Module) -> dict[str, str]:
    """Name in a lifted network → name in the original, where they differ."""
    return dict(getattr(module, "meta", {}).get("stored_names", {}))
