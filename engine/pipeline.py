"""Runs a recipe: each step on the network that the one before made, cached, measured, noted."""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace

from engine.errors import EngineError
from engine.frozen import FrozenMap
from engine.info import Metrics, StepResult
from engine.layer_table import LayerTable
from engine.methods.context import Context
from engine.network.encoding import is_on_grid
from engine.network.groups import channel_groups
from engine.network.layers import describe
from engine.network.leaves import uses
from engine.network.network import Network
from engine.recipe.model import Recipe
from engine.recipe.resolve import State, advance, start, with_real_table
from engine.registry import REGISTRY, Choices, Method, Needs, Registry, Scope
from engine.statistics.moments import Statistics, collect
from engine.surgery.settle import settle

Measure = Callable[[Network], Metrics]
CACHED_BYTES = 2 << 30
"""Of tensors in networks that the stage cache keeps."""


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """A network after a step, and how the step went."""

    network: Network
    result: StepResult


class StageCache:
    """Networks after steps that were run before, the least recently used dropped first.

    Args:
        most_bytes: Of the tensors of all networks in it, counted one by one.
    """

    def __init__(self, most_bytes: int = CACHED_BYTES) -> None:
        self._most_bytes = most_bytes
        self._stages: OrderedDict[str, tuple[Stage, int]] = OrderedDict()

    def get(self, key: str) -> Stage | None:
        """The stage under a key, if it is still there."""
        if key not in self._stages:
            return None
        self._stages.move_to_end(key)
        return self._stages[key][0]

    def put(self, key: str, stage: Stage) -> None:
        """Keep a stage."""
        tensors = {id(t): t.numel() * t.element_size() for t in stage.network.module.parameters()}
        self._stages[key] = (stage, sum(tensors.values()))
        self._stages.move_to_end(key)
        while len(self._stages) > 1 and self.size_bytes > self._most_bytes:
            self._stages.popitem(last=False)

    def clear(self) -> None:
        """Forget everything."""
        self._stages.clear()

    @property
    def size_bytes(self) -> int:
        """Of all networks in it."""
        return sum(size for _, size in self._stages.values())


def table_of(network: Network) -> LayerTable:
    """The layers and channel groups of a network, as `resolve` takes them."""
    groups = channel_groups(network).groups
    return LayerTable(describe(network, name="", size_bytes=0, groups=groups).layers, groups)


def run(  # noqa: PLR0913 - what is run, on what, and three things around it
    network: Network,
    recipe: Recipe,
    context: Context,
    *,
    cache: StageCache | None = None,
    key: str = "",
    measure: Measure | None = None,
    registry: Registry = REGISTRY,
) -> tuple[Stage, ...]:
    """Run the steps of a recipe; the network itself is never changed.

    Args:
        network: What to compress.
        recipe: Resolved before, so that its mistakes are known.
        context: What all steps are given; seed, step and notes are filled in here.
        cache: Of earlier runs.
        key: Identifies network, data and machine settings to the cache.
        measure: What to measure after each step.
        registry: The methods there are.

    Returns:
        One stage for each enabled step. When the job is asked to stop, those that were finished.

    Raises:
        EngineError: A step failed; `where` names the step where the method did not say a layer.
        Cancelled: By the job.
    """
    runner = _Run(network, recipe, context, cache, key, measure, registry)
    return runner.run()


class _Run:
    def __init__(  # noqa: PLR0913 - see run
        self,
        network: Network,
        recipe: Recipe,
        context: Context,
        cache: StageCache | None,
        key: str,
        measure: Measure | None,
        registry: Registry,
    ) -> None:
        self.network = network
        self.recipe = recipe
        self.context = context
        self.cache = cache
        self.digest = hashlib.sha256(f"{key}\n{recipe.seed}".encode())
        self.measure = measure
        self.registry = registry

    def run(self) -> tuple[Stage, ...]:
        stages: list[Stage] = []
        network = self.network
        state = start(table_of(network))
        for index, step in enumerate(self.recipe.steps):
            if not step.enabled:
                continue
            if stages and self.context.job.stopping:
                break
            before = state
            state = advance(before, self.recipe, index, self.registry)
            stage = self._stage(network, index, state)
            stages.append(stage)
            if stage.network is not network:
                network = stage.network
                state = with_real_table(before, table_of(network), index)
        return tuple(stages)

    def _stage(self, network: Network, index: int, state: State) -> Stage:
        method = self.registry.step(self.recipe.steps[index].method)
        assert method is not None  # resolved
        choices = choices_of(method, state)
        self.digest.update(f"\n\n{index}\t{method.name}".encode())
        for target, params in choices.items():
            self.digest.update(f"\n{target}\t{params.model_dump_json()}".encode())
        key = self.digest.hexdigest()
        known = self.cache.get(key) if self.cache else None
        if known is not None:
            return replace(known, result=replace(known.result, cached=True))
        stage = self._made(network, index, method, choices)
        if self.cache is not None and not self.context.job.stopping:
            self.cache.put(key, stage)
        return stage

    def _made(self, network: Network, index: int, method: Method, choices: Choices) -> Stage:
        notes: list[str] = []
        context = replace(self.context, seed=self.recipe.seed, step=index, note=notes.append)
        began = time.monotonic()
        context.job.checkpoint(method.title)
        result = network
        if choices:
            context = replace(context, statistics=_statistics(network, method, choices, context))
            result = _applied(network, method, choices, context)
        else:
            notes.append("No layer was changed: each is skipped or has a reason against it.")
        seconds = time.monotonic() - began
        metrics = self.measure(result) if self.measure else Metrics()
        unique = tuple(dict.fromkeys(notes))
        return Stage(result, StepResult(index, method.name, method.title, seconds, metrics, unique))


def choices_of(method: Method, state: State) -> Choices:
    """What a step changes, from the walk over the recipe."""
    choices = {}
    for assignment in state.assignments:
        if assignment.active:
            by_layer = method.scope is Scope.LAYER
            targets = assignment.layers if by_layer else (assignment.target,)
            choices.update(dict.fromkeys(targets, assignment.params))
    return choices


def _statistics(network: Network, method: Method, choices: Choices, context: Context) -> Statistics:
    """One pass for all that the step needs."""
    needs = Needs.NOTHING
    for params in {id(params): params for params in choices.values()}.values():
        needs |= method.all_needs(params)
    if not needs & (Needs.INPUT_MOMENTS | Needs.OUTPUT_GRADIENTS):
        return Statistics()
    layers = choices if method.scope is Scope.LAYER else [use.name for use in uses(network.module)]
    return collect(network, needs, layers, context.samples(), context.job, context.seed)


def _applied(network: Network, method: Method, choices: Choices, context: Context) -> Network:
    try:
        result: Network = method.load_run()(network, choices, context)
    except EngineError as error:
        if not error.where:
            error.where = f"step {context.step + 1} ({method.name})"
        raise
    return _tidied(result, context)


def _tidied(network: Network, context: Context) -> Network:
    """Forget what is no longer so: encodings of weights that left their grid, names that went.

    Biases go where a file's integers and the network are rounded alike.
    """
    weights = {use.name: use.weight for use in uses(network.module)}
    kept = {
        name: encoding
        for name, encoding in network.encodings.items()
        if name in weights and is_on_grid(weights[name], encoding)
    }
    lost = [name for name in network.encodings if name in weights and name not in kept]
    if lost:
        context.note(
            f"{_some(lost)} left the grid of an earlier quantization and will be stored as float; "
            "put quantizing steps last."
        )
    network = replace(
        network,
        encodings=FrozenMap(kept),
        sparse=frozenset(name for name in network.sparse if name in weights),
    )
    network, unsure = settle(network, context.job.checkpoint)
    if unsure:
        context.note(
            f"{_some(list(unsure), 'places')}: few bits are made there of numbers whose last "
            "digits another runtime may compute differently, so that single answers may change; "
            "8 bits are not as delicate."
        )
    return network


def _some(names: list[str], kind: str = "layers") -> str:
    shown = ", ".join(names[:3])
    return f"{shown} and {len(names) - 3} more {kind}" if len(names) > 3 else shown
