"""The parameters of one step, under any combination of its rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.frozen import Data
from engine.parameters import ParameterFault, Params
from engine.recipe.model import Path, Problem, Step, suggest
from engine.registry import Method


class Settings:
    """The parameters of a step under any of its rules; notes what is wrong with them."""

    def __init__(self, index: int, step: Step, method: Method, problems: list[Problem]) -> None:
        self._path = ("steps", index)
        self._method = method
        self._problems = problems
        self._cache: dict[tuple[int, ...], Params | None] = {}
        self._step, whole = self._sound(self._path, {}, step.params)
        self._faulty = whole
        self._rules = [
            self._sound((*self._path, "rules", number), self._step, rule.params)[0]
            for number, rule in enumerate(step.rules)
        ]

    def overlay(self, rules: tuple[int, ...]) -> Params | None:
        """The step's parameters, overlaid by these rules in order; None if they do not agree."""
        if rules not in self._cache:
            raw = dict(self._step)
            for number in sorted(rules):
                raw.update(self._rules[number])
            parsed = self._method.parse(raw)
            if not isinstance(parsed, Params):
                where = (*self._path, "rules", rules[-1]) if rules else self._path
                self._note_once(where, parsed)
                self._cache[rules] = None
            else:
                self._cache[rules] = parsed
        return self._cache[rules]

    def _sound(
        self, path: Path, base: Mapping[str, Data], own: Mapping[str, Data]
    ) -> tuple[dict[str, Data], bool]:
        """The fields that are right on their own, and whether they are wrong together."""
        parsed = self._method.parse({**base, **own})
        faults = () if isinstance(parsed, Params) else parsed
        mine = [fault for fault in faults if fault.path and fault.path[0] in own]
        self._note(path, mine)
        wrong = {fault.path[0] for fault in mine}
        return (
            {name: value for name, value in own.items() if name not in wrong},
            any(not fault.path for fault in faults),
        )

    def _note_once(self, path: Path, faults: tuple[ParameterFault, ...]) -> None:
        """Faults of a combination: those of the step alone are told once, not for each rule."""
        if self._faulty and path != self._path:
            return
        told = {(problem.path, problem.message) for problem in self._problems}
        self._note(path, [f for f in faults if ((*path, *f.path), f.message) not in told])

    def _note(self, path: Path, faults: Iterable[ParameterFault]) -> None:
        for fault in faults:
            text, hint = fault.message, ""
            name = fault.path[0] if fault.path else ""
            if len(fault.path) == 1 and name not in self._method.fields():
                text = f"{self._method.name} has no parameter “{name}”"
                hint = suggest(str(name), self._method.fields())
            self._problems.append(Problem(text, (*path, *fault.path), hint))
