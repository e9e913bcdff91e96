"""Time to find the channel groups of ResNet-50, beside one forward pass in the same run.

`python -m tests.bench.bench_groups`
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch

from engine.info import Format
from engine.network.export import export_module
from engine.network.groups import channel_groups
from engine.network.lift import network_from_program
from engine.surgery.slice import remove_channels
from tests.helpers.zoo import ZOO

REPEATS = 9


@dataclass(frozen=True)
class Figures:
    """Best of several, in seconds. `first` is the first call, with nothing warmed up."""

    first: float
    groups: float
    forward: float
    surgery: float
    count: int


def best_seconds(call: Callable[[], object], repeats: int = REPEATS) -> float:
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def measure() -> Figures:
    """Measure on the published size: 224 × 224, 25.6 million parameters, one thread."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        module, inputs = ZOO["resnet50"].example(batch=2, full=True)
        program = export_module(module, inputs)
        network = network_from_program(getattr(program, "program", program), Format.PT2)
        start = time.perf_counter()
        found = channel_groups(network)
        first = time.perf_counter() - start
        groups = best_seconds(lambda: channel_groups(network))
        one = inputs[0][:1]
        with torch.no_grad():
            forward = best_seconds(lambda: module(one))
        half = {g.id: range(g.channels // 2) for g in found.groups if not g.frozen_reason}
        surgery = best_seconds(lambda: remove_channels(network, found, half), 3)
    finally:
        torch.set_num_threads(threads)
    return Figures(first, groups, forward, surgery, len(found.groups))


def main() -> None:
    figures = measure()
    print(f"ResNet-50, one thread, best of {REPEATS}")
    print(f"  channel groups      {1e3 * figures.groups:8.1f} ms  ({figures.count} groups)")
    print(f"  the same, first     {1e3 * figures.first:8.1f} ms")
    print(f"  one forward pass    {1e3 * figures.forward:8.1f} ms  (1 × 3 × 224 × 224)")
    print(f"  removing half       {1e3 * figures.surgery:8.1f} ms  (shapes computed anew)")
    print(f"  groups / forward    {figures.groups / figures.forward:8.3f}")


if __name__ == "__main__":
    main()
