"""Edits of a recipe."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.recipe import edit
from engine.recipe.edit import UNSET, make_rule, make_step
from engine.recipe.model import Recipe, Rule
from engine.recipe.resolve import resolve
from engine.registry import Kind
from tests.helpers.methods import make_registry, residual_table
from tests.helpers.recipes import steady

REGISTRY = make_registry()
RECIPE = Recipe(
    (
        make_step("channel", [make_rule("layer1.*", ratio=0.5)], ratio=0.3),
        make_step("uniform", weight_bits=8),
    )
)


def rules(recipe: Recipe, step: int = 0) -> list[tuple[str, dict[str, object], bool | None]]:
    return [(",".join(r.layers), dict(r.params), r.skip) for r in recipe.steps[step].rules]


def methods(recipe: Recipe) -> list[str]:
    return [step.method for step in recipe.steps]


def test_an_edit_gives_another_recipe() -> None:
    before = repr(RECIPE)
    changed = edit.with_rule(RECIPE, step=0, rule=0, ratio=0.3)
    assert rules(changed) == [("layer1.*", {"ratio": 0.3}, None)]
    assert repr(RECIPE) == before


def test_steps_are_put_in_taken_out_and_moved() -> None:
    svd = make_step("svd")
    assert methods(edit.with_step(RECIPE, svd)) == ["channel", "uniform", "svd"]
    assert methods(edit.with_step(RECIPE, svd, 0)) == ["svd", "channel", "uniform"]
    assert methods(edit.without_step(RECIPE, 0)) == ["uniform"]
    three = edit.with_step(RECIPE, svd)
    assert methods(edit.with_step_moved(three, 2, 0)) == ["svd", "channel", "uniform"]
    assert methods(edit.with_step_moved(three, 0, 2)) == ["uniform", "svd", "channel"]
    assert not edit.with_enabled(RECIPE, 1, enabled=False).steps[1].enabled
    assert edit.with_seed(RECIPE, 4).seed == 4


def test_a_new_step_goes_to_its_canonical_place() -> None:
    recipe, at = edit.with_step_in_order(RECIPE, make_step("svd"), REGISTRY)
    assert (methods(recipe), at) == (["channel", "svd", "uniform"], 1)
    recipe, at = edit.with_step_in_order(recipe, make_step("finetune"), REGISTRY)
    assert (methods(recipe), at) == (["channel", "svd", "finetune", "uniform"], 2)
    recipe, at = edit.with_step_in_order(recipe, make_step("uniform"), REGISTRY)
    assert at == 4


def test_the_table_edits_the_selected_step_of_a_family_else_the_last() -> None:
    recipe = edit.with_step(RECIPE, make_step("uniform"))
    assert edit.find_step(recipe, Kind.QUANTIZATION, None, REGISTRY) == 2
    assert edit.find_step(recipe, Kind.QUANTIZATION, 1, REGISTRY) == 1
    assert edit.find_step(recipe, Kind.QUANTIZATION, 0, REGISTRY) == 2
    assert edit.find_step(recipe, Kind.LOW_RANK, 1, REGISTRY) is None


def test_parameters_are_set_and_taken_back() -> None:
    recipe = edit.with_params(RECIPE, 0, ratio=0.1, losses=[{"name": "hints"}])
    assert recipe.steps[0].to_data()["losses"] == [{"name": "hints"}]
    assert dict(edit.with_params(recipe, 0, ratio=UNSET, losses=UNSET).steps[0].params) == {}
    assert dict(edit.with_params(RECIPE, 1, activation_bits=None).steps[1].params) == {
        "weight_bits": 8,
        "activation_bits": None,
    }


def test_another_method_keeps_what_is_asked_for() -> None:
    recipe = edit.override(RECIPE, 0, "fc", round_to=8)
    changed = edit.with_method(recipe, 0, "kernel", keep=["ratio"])
    assert changed.steps[0].method == "kernel"
    assert dict(changed.steps[0].params) == {"ratio": 0.3}
    assert rules(changed) == [("layer1.*", {"ratio": 0.5}, None)]


def test_rules_are_put_in_changed_taken_out_and_moved() -> None:
    recipe = edit.with_new_rule(RECIPE, 0, make_rule("fc", skip=True))
    assert [r[0] for r in rules(recipe)] == ["layer1.*", "fc"]
    assert [r[0] for r in rules(edit.with_rule_moved(recipe, 0, 1, 0))] == ["fc", "layer1.*"]
    assert [r[0] for r in rules(edit.without_rule(recipe, 0, 0))] == ["fc"]
    changed = edit.with_rule(recipe, 0, 1, layers=["fc", "conv1"], skip=UNSET, optional=True)
    assert changed.steps[0].rules[1] == Rule(("fc", "conv1"), optional=True)
    assert rules(edit.without_rules(recipe, 0)) == []


def test_one_layers_override_is_a_rule_with_its_name() -> None:
    recipe = edit.override(RECIPE, 0, "fc", ratio=0.1)
    assert rules(recipe)[1:] == [("fc", {"ratio": 0.1}, None)]
    recipe = edit.override(recipe, 0, "fc", round_to=8)
    recipe = edit.override(recipe, 0, "fc", ratio=0.2, skip=True)
    assert rules(recipe)[1:] == [("fc", {"ratio": 0.2, "round_to": 8}, True)]


def test_a_selections_override_is_one_rule_with_the_list() -> None:
    recipe = edit.override(RECIPE, 0, ["fc", "conv1", "fc"], ratio=0.1)
    assert rules(recipe)[1:] == [("fc,conv1", {"ratio": 0.1}, None)]
    recipe = edit.override(recipe, 0, ["conv1", "fc"], ratio=0.2)
    assert rules(recipe)[1:] == [("fc,conv1", {"ratio": 0.2}, None)]


def test_rules_do_not_pile_up() -> None:
    recipe = RECIPE
    for ratio in (0.1, 0.2, 0.3):
        recipe = edit.override(recipe, 0, "fc", ratio=ratio)
        recipe = edit.override(recipe, 0, "conv1", ratio=ratio)
    assert [r[0] for r in rules(recipe)] == ["layer1.*", "fc", "conv1"]
    recipe = edit.override(recipe, 0, ["fc", "conv1"], ratio=0.4)
    assert [r[0] for r in rules(recipe)] == ["layer1.*", "fc,conv1"]


def test_an_override_leaves_what_it_does_not_hide() -> None:
    recipe = edit.override(RECIPE, 0, "fc", ratio=0.1, skip=True)
    recipe = edit.override(recipe, 0, "conv1", ratio=0.1)
    recipe = edit.override(recipe, 0, "fc", ratio=0.2)
    assert rules(recipe)[1:] == [
        ("fc", {}, True),
        ("conv1", {"ratio": 0.1}, None),
        ("fc", {"ratio": 0.2}, None),
    ]


def test_reset_takes_back_names_and_leaves_globs() -> None:
    recipe = edit.override(RECIPE, 0, ["fc", "conv1"], ratio=0.1, skip=True)
    one = edit.reset(recipe, 0, "fc", ["ratio"])
    assert rules(one)[1:] == [("conv1", {"ratio": 0.1}, True), ("fc", {}, True)]
    assert rules(edit.reset(recipe, 0, "fc"))[1:] == [("conv1", {"ratio": 0.1}, True)]
    assert rules(edit.reset(recipe, 0, ["fc", "conv1"])) == rules(RECIPE)
    assert edit.reset(recipe, 0, "layer1.conv1") == recipe


@pytest.mark.parametrize("index", [-1, 2])
def test_an_index_that_is_not_there_is_the_callers_mistake(index: int) -> None:
    with pytest.raises(IndexError):
        edit.without_step(RECIPE, index)
    with pytest.raises(IndexError):
        edit.with_params(RECIPE, index, ratio=0.1)
    with pytest.raises(IndexError):
        edit.without_rule(RECIPE, 0, index)
    with pytest.raises(IndexError):
        edit.with_step_moved(RECIPE, 0, index)


def test_a_rule_for_no_layer_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="one layer at least"):
        make_rule([])


NAMES = [layer.name for layer in residual_table().layers]
OVERRIDES = st.lists(
    st.tuples(
        st.lists(st.sampled_from(NAMES), min_size=1, max_size=3),
        st.fixed_dictionaries(
            {},
            optional={
                "weight_bits": st.integers(2, 16),
                "symmetric": st.booleans(),
                "skip": st.booleans(),
            },
        ).filter(bool),
    ),
    max_size=8,
)


@steady
@given(OVERRIDES)
def test_tidying_rules_changes_no_plan(
    overrides: list[tuple[list[str], dict[str, object]]],
) -> None:
    """What `override` takes out of earlier rules was hidden: the plan is that of all rules."""
    start = Recipe((make_step("uniform", [make_rule("layer*", weight_bits=5)]),))
    tidy = piled = start
    for layers, fields in overrides:
        tidy = edit.override(tidy, 0, layers, **fields)
        piled = edit.with_new_rule(piled, 0, edit.make_rule(layers, **fields))
    a, b = (resolve(r, residual_table(), REGISTRY) for r in (tidy, piled))
    assert [(x.target, x.params, x.skipped) for x in a.assignments] == [
        (x.target, x.params, x.skipped) for x in b.assignments
    ]
    assert len(tidy.steps[0].rules) <= len(piled.steps[0].rules)


def test_a_recipe_without_its_overrides_is_what_it_was() -> None:
    recipe = edit.override(edit.override(RECIPE, 0, "fc", ratio=0.1), 0, "conv1", skip=True)
    assert edit.reset(recipe, 0, ["fc", "conv1"]) == RECIPE
    assert replace(RECIPE, seed=1) != RECIPE
