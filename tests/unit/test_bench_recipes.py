"""The recipes of the benchmarks are recipes: a benchmark takes too long to find that out itself."""

from __future__ import annotations

import pytest

from engine.methods import catalog as _catalog  # noqa: F401 - fills the registry
from engine.recipe.files import read_text, to_yaml
from engine.recipe.model import recipe_from
from tests.bench import bench_pipeline, bench_resnet50, bench_training
from tests.bench.figures import Figure

RECIPES = {
    **bench_pipeline.RECIPES,
    **{f"resnet50_{name}": steps for name, steps in bench_resnet50.RECIPES.items()},
    **{f"training_{name}": bench_training.recipe(name, 300) for name in bench_training.ROWS},
}


@pytest.mark.parametrize("name", RECIPES)
def test_methods_and_settings_are_there(name: str) -> None:
    recipe = recipe_from({"espalier": 1, "seed": 0, "steps": RECIPES[name]})
    assert read_text(to_yaml(recipe)).check() == ()


def test_a_line_says_whether_the_figure_was_reached() -> None:
    def verdict(*values: float, less: bool = False) -> str:
        return Figure("work", values, must=2.0, aim=1.0 if less else 3.0, less=less).verdict

    assert verdict(2.5) == "yes"
    assert verdict(1.0, 2.0) == "NO"
    assert verdict(3.0) == "aim"
    assert verdict(1.5, less=True) == "yes"
    assert verdict(0.5, less=True) == "aim"
    assert verdict(2.5, less=True) == "NO"
    assert Figure("work", (1.0,)).verdict == ""


def test_a_line_of_several_seeds() -> None:
    line = Figure("work", (87.0, 88.0), 85, None, "peer 80", notes="2 s").line()
    assert line == "| work | 87.50 % (87.00 % to 88.00 %) | ≥ 85.00 % |  | peer 80 | yes | 2 s |"
