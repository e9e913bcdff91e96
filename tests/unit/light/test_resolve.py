"""Recipe → plan. What recipes mean is pinned by `tests/golden/recipes`; here is the rest."""

from __future__ import annotations

import gc
import time
from dataclasses import replace

import pytest

from engine.errors import EngineError
from engine.info import ChannelGroup
from engine.layer_table import LayerTable, changed
from engine.recipe.edit import make_rule, make_step, with_enabled, with_params
from engine.recipe.model import InvalidRecipe, Recipe, Step
from engine.recipe.patterns import Lineage
from engine.recipe.resolve import check, examine, resolve
from engine.registry import Choices, Registry
from tests.helpers.methods import conv, linear, make_registry, residual_table

REGISTRY = make_registry()


def test_a_later_rule_wins() -> None:
    recipe = Recipe((make_step("svd", [make_rule("*"), make_rule("layer1.conv1", skip=True)]),))
    table = LayerTable((conv("stem", 4, 4), conv("layer1.conv1", 4, 4)))
    assert [a.target for a in resolve(recipe, table, REGISTRY)] == ["stem"]


def test_nothing_given_is_changed() -> None:
    recipe, table = Recipe((make_step("svd", rank=2),)), residual_table()
    before = repr((recipe, table))
    resolve(recipe, table, REGISTRY)
    assert repr((recipe, table)) == before


def test_an_empty_recipe_and_an_empty_network_are_fine() -> None:
    plan = resolve(Recipe(), residual_table(), REGISTRY)
    assert plan.assignments == ()
    assert plan.result is plan.tables[0]
    assert resolve(Recipe((make_step("svd"),)), LayerTable(()), REGISTRY).assignments == ()


def test_layers_that_share_weights_have_one_setting() -> None:
    first = linear("embed", 10, 4)
    tied = replace(linear("head", 10, 4), tied_to="embed")
    table = LayerTable((first, conv("conv", 4, 4), tied))
    recipe = Recipe((make_step("uniform", [make_rule("head", weight_bits=4)]),))
    plan = resolve(recipe, table, REGISTRY)
    assert [a.target for a in plan] == ["embed", "conv"]
    shared = plan.find(0, "head")
    assert shared is plan.find(0, "embed")
    assert shared is not None
    assert (shared.layers, shared.rule, shared.via) == (("embed", "head"), 0, "head")
    assert plan.result["head"].size_bytes == plan.result["embed"].size_bytes == 20


def test_a_layer_that_shares_weights_with_one_that_cannot_is_left_alone_too() -> None:
    table = residual_table()
    odd = changed(table["bn1"], tied_to="conv1")
    table = LayerTable(tuple(odd if layer.name == "bn1" else layer for layer in table.layers))
    plan = resolve(Recipe((make_step("uniform"),)), table, REGISTRY)
    found = plan.find(0, "conv1")
    assert found is not None
    assert found.reason == "A batch_norm layer has no matrix."


def test_a_layer_may_belong_to_two_groups() -> None:
    table = LayerTable(
        (linear("qkv", 24, 8), linear("out", 8, 8)),
        (ChannelGroup("qkv", ("qkv",), 8), ChannelGroup("qkv[1]", ("qkv",), 8)),
    )
    recipe = Recipe((make_step("channel", [make_rule("qkv", ratio=0.5)]),))
    plan = resolve(recipe, table, REGISTRY)
    assert [(a.target, a.rule) for a in plan] == [("qkv", 0), ("qkv[1]", 0)]
    out = plan.find(0, "out")
    assert out is not None
    assert out.reason == "It belongs to no channel group."


def test_what_a_rule_names_and_the_step_refuses_is_told() -> None:
    recipe = Recipe((make_step("channel", [make_rule("fc", ratio=0.5)]),))
    plan = resolve(recipe, residual_table(), REGISTRY)
    assert [a.target for a in plan.refused] == ["fc"]
    assert not plan.refused[0].active


def test_an_error_of_a_prediction_is_a_problem_of_the_step() -> None:
    def refuse(table: LayerTable, choices: Choices) -> LayerTable:
        raise EngineError("The rank is too high.", where=next(iter(choices)), hint="Lower it.")

    registry = Registry()
    svd = REGISTRY.step("svd")
    assert svd is not None
    registry.register(replace(svd, predict=refuse))
    recipe = Recipe((make_step("svd"), make_step("svd", [make_rule("conv1.v", rank=1)])))
    problems = examine(recipe, residual_table(), registry).problems
    assert [str(p) for p in problems] == [
        "step 1 (svd): conv1: The rank is too high.",
        "step 2 (svd): conv1: The rank is too high.",
    ]


def test_a_step_that_is_off_is_not_looked_into() -> None:
    recipe = Recipe((make_step("nonsense", [make_rule("nowhere", x=1)]),))
    assert len(examine(recipe, residual_table(), REGISTRY).problems) == 1
    off = with_enabled(recipe, 0, enabled=False)
    assert examine(off, residual_table(), REGISTRY).problems == ()
    assert check(off, REGISTRY) == ()
    assert len(check(recipe, REGISTRY)) == 1


def test_the_plan_goes_on_without_what_is_wrong() -> None:
    step = make_step("uniform", [make_rule("fc", weight_bits=99, activation_bits=6)], weight_bits=4)
    resolution = examine(Recipe((step, Step(""))), residual_table(), REGISTRY)
    assert [p.path for p in resolution.problems] == [
        ("steps", 0, "rules", 0, "weight_bits"),
        ("steps", 1, "method"),
    ]
    found = resolution.plan.find(0, "fc")
    assert found is not None
    assert found.params.model_dump(include={"weight_bits", "activation_bits"}) == {
        "weight_bits": 4,
        "activation_bits": 6,
    }


def test_rules_that_are_wrong_only_together_are_told_at_the_last() -> None:
    rules = [make_rule("fc", group_size=4), make_rule("f*", symmetric=False)]
    recipe = Recipe((make_step("uniform", rules),))
    with pytest.raises(InvalidRecipe) as error:
        resolve(recipe, residual_table(), REGISTRY)
    assert [(p.path, p.message) for p in error.value.problems] == [
        (("steps", 0, "rules", 1), "groups are only for symmetric weights")
    ]


def test_a_key_of_a_stage_depends_on_what_is_done_not_on_how_it_is_said() -> None:
    table = residual_table()
    plain = Recipe((make_step("svd", rank=3), make_step("uniform", weight_bits=4)))
    rules = [make_rule("*", rank=3)]
    same = Recipe((make_step("svd", rules, rank=2), make_step("uniform", weight_bits=8)))
    off = with_enabled(Recipe((make_step("uniform"), *plain.steps)), 0, enabled=False)
    keys = [resolve(r, table, REGISTRY).stage_key for r in (plain, same, off)]
    assert keys[0](0) == keys[1](0) == keys[2](1)
    assert keys[0](1) != keys[1](1)
    assert keys[0](1) == keys[2](2)
    assert keys[0](0) != keys[0](1)
    assert keys[0](0) != resolve(replace(plain, seed=1), table, REGISTRY).stage_key(0)
    twice = Recipe((make_step("uniform"), make_step("uniform")))
    once = Recipe((make_step("uniform"),))
    assert resolve(twice, table, REGISTRY).stage_key(1) != resolve(once, table, REGISTRY).stage_key(
        1
    )


def test_the_last_answer_is_used_for_what_did_not_change() -> None:
    calls: list[int] = []
    svd = REGISTRY.step("svd")
    uniform = REGISTRY.step("uniform")
    assert svd is not None
    assert uniform is not None

    def counting(table: LayerTable, choices: Choices) -> LayerTable:
        calls.append(1)
        return svd.predict(table, choices)

    registry = Registry()
    registry.register(replace(svd, predict=counting))
    registry.register(uniform)
    table = residual_table()
    recipe = Recipe((make_step("svd"), make_step("uniform")))
    first = examine(recipe, table, registry)
    edited = with_params(recipe, 1, weight_bits=3)
    assert examine(edited, table, registry, first) == examine(edited, table, registry)
    assert len(calls) == 2
    shorter = Recipe((make_step("svd", rank=1),))
    assert examine(shorter, table, registry, first) == examine(shorter, table, registry)
    assert examine(Recipe(), table, registry, first).plan.result is table
    assert examine(recipe, table, registry, first) == first
    assert len(calls) == 4


def test_a_name_that_is_a_layers_is_that_layer_whatever_its_characters() -> None:
    table = LayerTable((conv("a[0]", 1, 1), conv("a0", 1, 1), conv("/x/Conv*", 1, 1)))
    lineage = Lineage.of(table)
    assert lineage.find("a[0]") == ["a[0]"]
    assert lineage.find("a[01]") == ["a0"]
    assert lineage.find("/x/Conv*") == ["/x/Conv*"]
    assert lineage.find("*") == ["a[0]", "a0", "/x/Conv*"]
    assert lineage.find("A0") == []
    assert lineage.find("a") == []


def test_parts_are_those_of_a_layer_that_is_gone() -> None:
    before = LayerTable((conv("a", 1, 1), conv("a.b", 1, 1), conv("c", 1, 1), conv("d", 1, 1)))
    after = LayerTable((conv("a", 1, 1), conv("a.b.v", 1, 1), conv("a.x", 1, 1), conv("c.u", 1, 1)))
    lineage = Lineage.of(before).after(after, 3)
    assert lineage.find("a") == ["a"]  # still whole: a.x is another layer
    assert lineage.find("a.b") == ["a.b.v"]
    assert lineage.find("c") == ["c.u"]
    assert lineage.find("c*") == ["c.u"]
    assert lineage.gone == {"d": 3}


def test_five_hundred_layers_and_ten_steps_are_resolved_at_once() -> None:
    """A guard against the quadratic, not a benchmark: the limit is ten times what it takes."""
    table = residual_table(125)
    rules = [make_rule(f"layer{i}.*", weight_bits=2 + i % 8) for i in range(1, 60)]
    recipe = Recipe(tuple(make_step("uniform", rules, weight_bits=8) for _ in range(10)))
    gc.collect()
    began = time.process_time()
    plan = resolve(recipe, table, REGISTRY)
    assert time.process_time() - began < 1.0
    assert len(plan.assignments) == 10 * len(table) == 5030
