"""Handlers can be traced by `torch.export` with a batch size that is not fixed."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
import torch
from torch import nn

from engine.readers.onnx.fold import outputs_of
from engine.readers.onnx.operators import load_all
from engine.readers.onnx.table import tensor
from tests.helpers.onnx_cases import Case, as_read, call_of
from tests.unit.onnx_ops.cases.everything import ALL

load_all()


class Node(nn.Module):
    """One node: tensors in, tensors out; constants are as the reader gives them."""

    def __init__(self, case: Case) -> None:
        super().__init__()
        self.handler, self.call = call_of(case)
        self.inputs = as_read(case)
        self.batched = case.batched
        self.free = [
            i for i, x in enumerate(self.inputs) if x is not None and i not in case.constants
        ]

    def example(self, batch: int) -> tuple[torch.Tensor, ...]:
        """The free inputs, at another batch size."""
        return tuple(
            tensor(self.inputs[i]).index_select(0, torch.arange(batch) % len(self.inputs[i]))
            if i in self.batched
            else tensor(self.inputs[i])
            for i in self.free
        )

    def forward(self, *free: torch.Tensor) -> list[torch.Tensor]:
        inputs: list[Any] = list(self.inputs)
        for slot, x in zip(self.free, free, strict=True):
            inputs[slot] = x
        return [tensor(y) for y in outputs_of(self.handler(self.call, *inputs), self.call)]


class Nodes(nn.Module):
    """Several nodes, side by side: one export of many costs less than many of one."""

    def __init__(self, cases: list[Case]) -> None:
        super().__init__()
        self.nodes = nn.ModuleList(Node(case) for case in cases)

    def forward(self, *inputs: tuple[torch.Tensor, ...]) -> list[list[torch.Tensor]]:
        return [node(*given) for node, given in zip(self.nodes, inputs, strict=True)]


ELSEWHERE = ("QLinear", "Integer", "Sequence", "Optional", "LSTM", "GRU", "RNN", "ExpandDims")
"""Traced within networks in tests/unit/onnx_reader: some of their inputs are settings."""

FORMS = {"Resize": 6, "Pad": 4, "MaxPool": 3, "AveragePool": 3, "LinearAttention": 1}
"""How many forms of an operator are traced, if not two: a trace is dear."""


def _groups() -> list[list[Case]]:
    """The first cases of the forms of each operator, in groups."""
    seen: set[tuple[Any, ...]] = set()
    count: Counter[tuple[str, str]] = Counter()
    chosen = []
    for case in ALL:
        name = (case.domain, case.op)
        words = [v for v in case.attributes.values() if isinstance(v, str)]
        form = (*name, *sorted(case.attributes), *words, case.outputs)
        left_out = any(word in case.op for word in ELSEWHERE)
        if (
            case.batched
            and not left_out
            and form not in seen
            and count[name] < FORMS.get(case.op, 2)
        ):
            seen.add(form)
            count[name] += 1
            chosen.append(case)
    return [chosen[i : i + 25] for i in range(0, len(chosen), 25)]


@pytest.mark.parametrize("cases", _groups(), ids=lambda cases: f"{cases[0].op}…{cases[-1].op}")
def test_traced_with_a_symbolic_batch(cases: list[Case]) -> None:
    nodes = Nodes(cases).eval()
    batch = torch.export.Dim("batch", min=2, max=64)
    shapes = tuple(
        tuple({0: batch} if slot in node.batched else None for slot in node.free)
        for node in nodes.nodes
    )
    example = tuple(node.example(4) for node in nodes.nodes)
    program = torch.export.export(nodes, example, dynamic_shapes=(shapes,), strict=False)
    other = tuple(node.example(5) for node in nodes.nodes)
    traced, direct = program.module()(*other), nodes(*other)
    for case, mine, theirs in zip(cases, traced, direct, strict=True):
        torch.testing.assert_close(
            mine, theirs, equal_nan=True, msg=lambda m, c=case: f"{c.id}: {m}"
        )
