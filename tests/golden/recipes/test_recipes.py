"""Golden cases: what recipes mean for a small residual network, and what is said of wrong ones.

Beside each recipe stands a text with the plan, the predicted shapes, and every problem with its
line. A text is changed by hand, with the reason in the commit.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.frozen import FrozenMap
from engine.recipe.files import read_file
from engine.recipe.plan import Assignment
from engine.recipe.resolve import Resolution
from tests.helpers.methods import make_registry, residual_table

HERE = Path(__file__).parent
RECIPES = sorted(p for p in HERE.iterdir() if p.suffix in {".yaml", ".json"})


def render(resolution: Resolution) -> str:
    return "\n".join(_lines(resolution)) + "\n"


def _lines(resolution: Resolution) -> Iterator[str]:
    for problem in resolution.problems:
        yield f"line {problem.line}: {problem}" + (f" | {problem.hint}" if problem.hint else "")
    if resolution.problems:
        return
    plan = resolution.plan
    for index, step in enumerate(plan.recipe.steps):
        yield f"step {index + 1} {step.method}" + ("" if step.enabled else " (disabled)")
        for assignment in plan.of_step(index):
            if "bn" not in assignment.target:
                yield f"  {_assignment(assignment)}"
    yield "result"
    for layer in plan.result.layers:
        if "bn" not in layer.name:
            yield f"  {layer.name} {list(layer.shape)} {layer.size_bytes} B"
    yield f"needs {', '.join(plan.needs.names()) or 'nothing'}"


def _assignment(a: Assignment) -> str:
    own = a.params.model_dump(mode="json", exclude_unset=True)
    values = " ".join(f"{name}={value}" for name, value in own.items())
    rule = "step" if a.rule is None else f"rule {a.rule + 1}"
    sources = " ".join(f"{name}<{number + 1}" for name, number in a.sources.items())
    words = [a.target or "network", values, rule, f"via {a.via}" if a.via else "", sources]
    words += ["SKIPPED" if a.skipped else "", f"LEFT: {a.reason}" if a.reason else ""]
    return " · ".join(word for word in words if word)


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.name)
def test_golden(path: Path) -> None:
    resolution = read_file(path).examine(residual_table(), make_registry())
    assert render(resolution) == path.with_name(f"{path.name}.txt").read_text(encoding="utf-8")


def test_no_case_is_without_a_text_and_no_text_without_a_case() -> None:
    cases = {f"{path.name}.txt" for path in RECIPES}
    assert cases == {path.name for path in HERE.glob("*.txt")}
    assert len(cases) >= 12


def test_rendering_would_show_a_change() -> None:
    resolution = read_file(HERE / "groups.yaml").examine(residual_table(3), make_registry())
    assert render(resolution) != (HERE / "groups.yaml.txt").read_text(encoding="utf-8")
    assert all(isinstance(a.sources, FrozenMap) for a in resolution.plan.assignments)
