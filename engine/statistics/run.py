"""Runs a network node by node, so that what happens inside can be looked at and stopped."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

import torch
from torch import Tensor, fx

from engine.jobs.job import Job, Quiet

Visit = Callable[[fx.Node, tuple[Any, ...], Any], None]
"""Called with a node, its evaluated arguments and its result."""


class Walker(fx.Interpreter):
    """Runs a module and shows every call to a visitor; cancelling works between any two nodes.

    Values are dropped as soon as nothing needs them. Gradients are recorded where the caller has
    them on.

    Args:
        module: In evaluation mode, unless the caller wants otherwise.
        visit: Gets the calls of the nodes in `nodes`.
        nodes: Names of nodes; None for all.
        job: Looked at between nodes.
    """

    def __init__(
        self,
        module: fx.GraphModule,
        visit: Visit,
        nodes: Collection[str] | None = None,
        job: Job | None = None,
    ) -> None:
        super().__init__(module)
        self.extra_traceback = False
        self._visit = visit
        self._nodes = None if nodes is None else frozenset(nodes)
        self._job = job or Quiet()

    def run_node(self, n: fx.Node) -> Any:
        """Run one node, show it."""
        self._job.checkpoint()
        if n.op not in ("call_module", "call_function", "call_method") or (
            self._nodes is not None and n.name not in self._nodes
        ):
            result = super().run_node(n)
            if self._nodes is not None and n.name in self._nodes:
                self._visit(n, (), result)
            return result
        args, _ = self.fetch_args_kwargs_from_env(n)
        result = super().run_node(n)
        self._visit(n, args, result)
        return result


def capture(
    module: fx.GraphModule,
    names: Collection[str],
    inputs: Sequence[Tensor],
    job: Job | None = None,
) -> dict[str, Tensor]:
    """The values of some nodes for one batch, without gradients.

    Args:
        module: In evaluation mode.
        names: Names of nodes.
        inputs: One tensor for each input of the network.
        job: Looked at between nodes.
    """
    found: dict[str, Tensor] = {}

    def keep(node: fx.Node, _args: tuple[Any, ...], result: Any) -> None:
        found[node.name] = result

    with torch.inference_mode():
        Walker(module, keep, names, job).run(*inputs)
    return found
