"""Wishes of the recipe panel as messages. Pure: recipes in, messages out."""

from __future__ import annotations

from typing import Any

from engine.recipe.edit import (
    UNSET,
    make_step,
    with_enabled,
    with_seed,
    with_step,
    with_step_in_order,
    with_step_moved,
    without_rule,
    without_step,
)
from engine.recipe.model import Recipe
from studio.document.deeds import Deed, label
from studio.document.editing import switch_method
from studio.document.messages import EditRecipe, Message, SelectStep, SetFields


def _done(deed: Deed, recipe: Recipe, index: int) -> str:
    return label(deed, recipe.steps[index].method)


def added(recipe: Recipe, method: str) -> tuple[Message, ...]:
    """A new step with the method's defaults, in its canonical place, selected."""
    new, at = with_step_in_order(recipe, make_step(method))
    return (EditRecipe(_done(Deed.ADD, new, at), new), SelectStep(at))


def removed(recipe: Recipe, index: int) -> tuple[Message, ...]:
    """Without a step; the one after it is selected."""
    new = without_step(recipe, index)
    left = min(index, len(new.steps) - 1) if new.steps else None
    return (EditRecipe(_done(Deed.REMOVE, recipe, index), new), SelectStep(left))


def duplicated(recipe: Recipe, index: int) -> tuple[Message, ...]:
    """The same step once more, right after it."""
    new = with_step(recipe, recipe.steps[index], index + 1)
    return (EditRecipe(_done(Deed.DUPLICATE, recipe, index), new), SelectStep(index + 1))


def moved(recipe: Recipe, index: int, to: int) -> tuple[Message, ...]:
    """A step at another place; nothing beyond the ends."""
    to = min(max(to, 0), len(recipe.steps) - 1)
    if to == index:
        return ()
    new = with_step_moved(recipe, index, to)
    return (EditRecipe(_done(Deed.MOVE, recipe, index), new), SelectStep(to))


def switched(recipe: Recipe, index: int, *, enabled: bool) -> tuple[Message, ...]:
    """A step switched on or off."""
    deed = Deed.SWITCH_ON if enabled else Deed.SWITCH_OFF
    return (EditRecipe(_done(deed, recipe, index), with_enabled(recipe, index, enabled=enabled)),)


def with_other_method(recipe: Recipe, index: int, method: str) -> tuple[Message, ...]:
    """A step that runs another method; parameters that mean the same in both stay."""
    if method == recipe.steps[index].method:
        return ()
    new = switch_method(recipe, index, method)
    return (EditRecipe(_done(Deed.SWITCH, new, index), new),)


def with_rule_gone(recipe: Recipe, index: int, rule: int) -> tuple[Message, ...]:
    """A step without one of its rules."""
    new = without_rule(recipe, index, rule)
    return (EditRecipe(_done(Deed.REMOVE_RULE, recipe, index), new),)


def with_other_seed(recipe: Recipe, seed: int) -> tuple[Message, ...]:
    """Another seed."""
    return (EditRecipe(label(Deed.SEED, seed), with_seed(recipe, seed)),)


def field_set(index: int, name: str, value: Any, *, final: bool) -> tuple[Message, ...]:
    """A parameter of a step, for all its layers."""
    return (SetFields(index, ((name, value),), final=final),)


def field_reset(index: int, name: str) -> tuple[Message, ...]:
    """A parameter of a step as it is by default."""
    return (SetFields(index, ((name, UNSET),)),)
