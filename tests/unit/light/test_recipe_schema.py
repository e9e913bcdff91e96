"""The published schema says what the check says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.recipe.files import read_file
from engine.recipe.model import read
from engine.recipe.resolve import check
from engine.recipe.schema import recipe_schema
from engine.registry import Registry
from tests.helpers.json_schema import accepts
from tests.helpers.methods import make_registry
from tests.helpers.recipes import steady

REGISTRY = make_registry()
SCHEMA = recipe_schema(REGISTRY)
GOLDEN = Path(__file__).parents[2] / "golden" / "recipes"


def of(method: str, **fields: Any) -> dict[str, Any]:
    return {"espalier": 1, "steps": [{"method": method, **fields}]}


@pytest.mark.parametrize(
    "name",
    ["overlapping_rules", "skip_and_unskip", "lists_and_globs", "groups", "names_change", "gone"],
)
def test_good_recipes_are_accepted(name: str) -> None:
    assert accepts(SCHEMA, read_file(GOLDEN / f"{name}.yaml").source.data)


def test_it_is_json_and_names_every_step() -> None:
    schema = json.loads(json.dumps(SCHEMA))
    names = schema["properties"]["steps"]["items"]["properties"]["method"]["enum"]
    assert names == [method.name for method in REGISTRY.steps()]
    assert accepts(recipe_schema(Registry()), {"espalier": 1, "steps": []})


@pytest.mark.parametrize(
    "data",
    [
        [],
        {},
        {"espalier": 2},
        {"espalier": 1, "sede": 1},
        {"espalier": 1, "seed": -1},
        {"espalier": 1, "steps": [{}]},
        of("taylor"),
        of("channel", ratoi=0.5),
        of("channel", ratio=1),
        of("channel", criterion="random"),
        of("channel", rules=[{"ratio": 0.5}]),
        of("channel", rules=[{"layers": [], "ratio": 0.5}]),
        of("channel", rules=[{"layers": "a", "ratio": 2}]),
        of("channel", rules=[{"layers": "a", "method": "svd"}]),
        of("channel", skip=True),
        of("finetune", rules=[]) | {"steps": [{"method": "finetune", "rules": [{"layers": "a"}]}]},
        of("finetune", losses=[{"name": "hint"}]),
        of("finetune", losses=[{"name": "soft_targets", "temperature": 0}]),
    ],
)
def test_wrong_recipes_are_refused(data: Any) -> None:
    assert not accepts(SCHEMA, data)


def test_nested_parameters_are_described() -> None:
    assert accepts(SCHEMA, of("finetune", losses=[{"name": "soft_targets", "temperature": 4}]))
    assert accepts(SCHEMA, of("finetune", losses=[{"name": "hints", "layers": ["a"]}]))
    assert "finetune.SoftTargets" in SCHEMA["$defs"]


VALUES = (
    st.none()
    | st.booleans()
    | st.integers(-2, 20)
    | st.sampled_from([0.5, 1.0, "taylor", "soft_targets", "4"])
    | st.lists(st.sampled_from([{"name": "soft_targets"}, {"name": "hints"}, {"name": "x"}]))
)
FIELDS = st.dictionaries(
    st.sampled_from(
        ["ratio", "criterion", "round_to", "weight_bits", "activation_bits", "rank", "energy",
         "epochs", "losses", "enabled"]
    ),
    VALUES,
    max_size=3,
)  # fmt: skip


@steady
@given(st.sampled_from(["channel", "svd", "uniform", "finetune", "fold"]), FIELDS)
def test_schema_and_check_agree(method: str, fields: dict[str, Any]) -> None:
    data = of(method, **fields)
    recipe, problems = read(data)
    enabled = {"steps": [{**data["steps"][0], "enabled": True}]}
    if "enabled" in fields and isinstance(fields["enabled"], bool):
        recipe, problems = read({**data, **enabled})  # a step that is off is not checked
    assert accepts(SCHEMA, data) == (not problems and not check(recipe, REGISTRY))
