"""A plan: what each step of a recipe does to each layer of one network, and why."""

from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter

from engine.frozen import FrozenMap
from engine.layer_table import LayerTable
from engine.parameters import Params
from engine.recipe.model import Recipe
from engine.registry import Needs


@dataclass(frozen=True, slots=True)
class Assignment:
    """One setting of one step: for a layer, a channel group, or the whole network.

    Attributes:
        step: Index of the step in the recipe.
        method: Its method's name.
        target: The layer, or the id of the group; empty for the whole network.
        layers: All layers concerned: the group's members, or those that share the weights.
        params: The parameters in force.
        rule: Index of the last rule that matched; None: the step's own parameters.
        sources: Field → index of the rule that it comes from, where it comes from one.
        via: The member that the last rule matched, where a rule for one is a rule for all.
        skipped: A rule leaves it out.
        reason: Why it is left alone although no rule says so; empty otherwise.
    """

    step: int
    method: str
    target: str
    layers: tuple[str, ...]
    params: Params
    rule: int | None = None
    sources: FrozenMap[int] = FrozenMap()
    via: str = ""
    skipped: bool = False
    reason: str = ""

    @property
    def active(self) -> bool:
        """Whether the step changes it."""
        return not self.skipped and not self.reason


_STEP = attrgetter("step")


@dataclass(frozen=True, slots=True)
class Plan:
    """A recipe without a pattern left in it, for one network.

    Attributes:
        recipe: What it was resolved from.
        assignments: By step, then in execution order; those that are skipped or refused too.
        tables: Before each step (disabled ones included), and at the end.
        needs: Of all active assignments together.
    """

    recipe: Recipe
    assignments: tuple[Assignment, ...]
    tables: tuple[LayerTable, ...]
    needs: Needs = Needs.NOTHING

    def __iter__(self) -> Iterator[Assignment]:
        """The active assignments, in the order they are run."""
        return (a for a in self.assignments if a.active)

    def of_step(self, step: int) -> tuple[Assignment, ...]:
        """Everything that the plan says about a step, skipped and refused layers too."""
        first = bisect_left(self.assignments, step, key=_STEP)
        return self.assignments[first : bisect_right(self.assignments, step, first, key=_STEP)]

    def find(self, step: int, layer: str) -> Assignment | None:
        """What a step does to a layer; None if it knows no such layer."""
        return next((a for a in self.of_step(step) if layer in a.layers), None)

    @property
    def refused(self) -> tuple[Assignment, ...]:
        """Layers left alone for a reason although a rule of the recipe names them."""
        return tuple(
            a for a in self.assignments if a.reason and not a.skipped and a.rule is not None
        )

    @property
    def result(self) -> LayerTable:
        """The predicted shapes after the last step."""
        return self.tables[-1]

    def stage_key(self, step: int) -> str:
        """Hash of all that the steps up to this one do: equal plans up to here share results.

        How a setting came about (a rule, a default) does not matter, nor do disabled steps.
        """
        digest = hashlib.sha256(f"{self.recipe.seed}".encode())
        previous = -1
        for a in self:
            if a.step > step:
                break
            if a.step != previous:
                digest.update(f"\n\n{a.method}".encode())
                previous = a.step
            digest.update(f"\n{a.target}\t{a.params.model_dump_json()}".encode())
        return digest.hexdigest()
