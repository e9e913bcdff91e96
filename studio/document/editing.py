"""Wishes about layers, turned into edits of the recipe (HOUSE: *Window to recipe*). Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine.parameters import Params
from engine.recipe.edit import (
    make_rule,
    make_step,
    override,
    reset,
    with_method,
    with_params,
    with_step_in_order,
    without_rule,
)
from engine.recipe.model import Recipe
from engine.registry import REGISTRY, Method, Scope
from studio.document.facets import FACET_METHODS, Facet, facet_field, facet_step
from studio.document.messages import (
    ApplyToSimilar,
    ResetLayers,
    SetFacet,
    SetFields,
    SetGlobal,
)
from studio.document.selectors import rows, similar
from studio.document.state import DocumentState

Edited = tuple[Recipe, int | None]
"""The new recipe, and the step that is then selected (None: as before)."""


def set_facet(state: DocumentState, wish: SetFacet) -> Edited:
    """Set a facet of some layers; a step of its family is made where there is none."""
    recipe, step = _with_step(state, wish.facet, wish.method)
    method = _method(recipe, step)
    layers = _names_in(state, step, wish.layers)
    if wish.value is None:
        return _left_out(recipe, step, method, layers, wish.facet), step
    fields = _fields(method, wish.facet, wish.value)
    fields |= _unskip(recipe, step)
    return override(recipe, step, layers, **fields), step


def set_global(state: DocumentState, wish: SetGlobal) -> Edited:
    """Set a facet of the step itself: layers with a rule of their own keep what it says.

    Locked layers are given such a rule first, with what they have now.
    """
    existing = facet_step(state, wish.facet)
    if existing is None:
        recipe, step = with_step_in_order(
            state.recipe, _new_step(FACET_METHODS[wish.facet], identity=False)
        )
    else:
        recipe, step = state.recipe, existing
    method = _method(recipe, step)
    for layers, value in _locked(state, wish.facet).items():
        if value is None:
            recipe = _left_out(recipe, step, method, layers, wish.facet)
        else:
            recipe = override(recipe, step, layers, **_fields(method, wish.facet, value))
    recipe = _all_taken_in(recipe, step)
    return with_params(recipe, step, **_fields(method, wish.facet, wish.value)), step


def set_fields(state: DocumentState, wish: SetFields) -> Edited:
    """Set parameters of a step, for some layers or for all."""
    values: dict[str, Any] = dict(wish.values)
    if not wish.layers:
        return with_params(state.recipe, wish.step, **values), wish.step
    layers = _names_in(state, wish.step, wish.layers)
    return override(state.recipe, wish.step, layers, **values), wish.step


def reset_layers(state: DocumentState, wish: ResetLayers) -> Edited:
    """Take back what rules say of these layers by name, and of the parts made of them."""
    recipe = state.recipe
    steps = range(len(recipe.steps)) if wish.step is None else (wish.step,)
    for step in steps:
        recipe = reset(recipe, step, _names_in(state, step, wish.layers))
    return recipe, None


def apply_to_similar(state: DocumentState, wish: ApplyToSimilar) -> Edited:
    """Give the settings of a layer, facet by facet, to those of the same kind and shape."""
    table = {row.layer.name: row for row in rows(state)}
    recipe, selected = state.recipe, state.step
    others = tuple(
        name for name in similar(state, wish.layer) if name != wish.layer and not table[name].locked
    )
    for facet, cell in table[wish.layer].cells.items() if wish.layer in table else ():
        takers = tuple(name for name in others if table[name].cells[facet].editable)
        if cell.step is None or not takers or (cell.value is None and not cell.skipped):
            continue
        now = replace(state, history=state.history.push("", recipe), step=cell.step)
        recipe, _ = set_facet(now, SetFacet(facet, takers, cell.value))
    return recipe, selected


def _with_step(state: DocumentState, facet: Facet, method: str = "") -> tuple[Recipe, int]:
    """The step that a facet edits; a new one leaves all layers as they are."""
    step = facet_step(state, facet)
    if step is not None:
        return state.recipe, step
    name = method or FACET_METHODS[facet]
    return with_step_in_order(state.recipe, _new_step(name, identity=True))


def _new_step(name: str, *, identity: bool) -> Any:
    method = REGISTRY.step(name)
    assert method is not None  # the catalog has them
    if not identity:
        return make_step(name)
    if method.axis is not None and method.axis.identity is not None:
        params: dict[str, Any] = {method.axis.field: method.axis.identity}
        return make_step(name, **params)
    return make_step(name, [make_rule("*", skip=True)])


def _fields(method: Method, facet: Facet, value: Any) -> dict[str, Any]:
    field = facet_field(facet, method)
    if not field:
        return {}
    info = method.params.model_fields[field]
    if info.annotation is int:
        value = int(value)
    fields: dict[str, Any] = {field: value}
    if facet is Facet.RANK and "rank_by" in method.fields():
        fields["rank_by"] = field
    if facet is Facet.PRUNE and "target" in method.fields() and method.scope is Scope.GROUP:
        fields["target"] = "channels"
    return fields


def _left_out(
    recipe: Recipe, step: int, method: Method, layers: tuple[str, ...], facet: Facet
) -> Recipe:
    """Nothing is done to these layers; of two widths of bits the other one stays."""
    if facet in (Facet.WEIGHT_BITS, Facet.ACTIVATION_BITS):
        other = next(one for one in (Facet.WEIGHT_BITS, Facet.ACTIVATION_BITS) if one is not facet)
        if other.value in method.fields() and not _is_empty(recipe, step, layers, other.value):
            return override(recipe, step, layers, **{facet.value: None})
    return override(recipe, step, layers, skip=True)


def _is_empty(recipe: Recipe, step: int, layers: tuple[str, ...], field: str) -> bool:
    """Whether the step (or its last rule for just these layers) leaves a field empty."""
    chosen = recipe.steps[step].params.get(field, _default(recipe, step, field))
    for rule in recipe.steps[step].rules:
        if set(rule.layers) & set(layers) and field in rule.params:
            chosen = rule.params[field]
    return chosen is None


def _default(recipe: Recipe, step: int, field: str) -> Any:
    params: Params = _method(recipe, step).params()
    return getattr(params, field, None)


def _all_taken_in(recipe: Recipe, step: int) -> Recipe:
    """Without the rule by which a step that was made for one layer leaves out all others."""
    rules = recipe.steps[step].rules
    if rules and rules[0].layers == ("*",) and rules[0].skip and not rules[0].params:
        return without_rule(recipe, step, 0)
    return recipe


def _unskip(recipe: Recipe, step: int) -> dict[str, Any]:
    """Layers that are given a setting are taken in again where some rule leaves layers out."""
    return {"skip": False} if any(rule.skip for rule in recipe.steps[step].rules) else {}


def _locked(state: DocumentState, facet: Facet) -> dict[tuple[str, ...], Any]:
    """The locked layers without a setting of their own, by what they have."""
    found: dict[Any, list[str]] = {}
    for row in rows(state):
        cell = row.cells[facet]
        if row.locked and cell.editable and not cell.own:
            found.setdefault(cell.value, []).append(row.layer.name)
    return {tuple(names): value for value, names in found.items()}


def _names_in(state: DocumentState, step: int, layers: tuple[str, ...]) -> tuple[str, ...]:
    """The layers by the names that the step knows: replaced ones by those of their parts.

    A name that the step knows nothing of is kept, so that the recipe can say what is wrong.
    """
    if state.resolution is None or step >= len(state.resolution.plan.tables):
        return layers
    table = state.resolution.plan.tables[step]
    names: list[str] = []
    for layer in layers:
        parts = [name for name in table.names() if name.startswith(f"{layer}.")]
        names += [layer] if layer in table or not parts else parts
    return tuple(dict.fromkeys(names))


def _method(recipe: Recipe, step: int) -> Method:
    method = REGISTRY.step(recipe.steps[step].method)
    assert method is not None  # the step was found or made by its method
    return method


def switch_method(recipe: Recipe, step: int, name: str) -> Recipe:
    """Let a step run another method, with the parameters that mean the same in both."""
    old, new = REGISTRY.step(recipe.steps[step].method), REGISTRY.step(name)
    if old is None or new is None:
        return with_method(recipe, step, name)
    shared = [
        field
        for field in new.fields()
        if field in old.params.model_fields
        and new.params.model_fields[field].annotation == old.params.model_fields[field].annotation
    ]
    return with_method(recipe, step, name, keep=shared)
