"""Wishes about the recipe, the selection and the locks."""

from __future__ import annotations

from dataclasses import replace

from engine.recipe.model import Recipe
from engine.registry import REGISTRY
from studio.document import editing
from studio.document import messages as m
from studio.document.deeds import ALL, SKIP, Deed, label, set_label, some
from studio.document.facets import Facet, facet_field
from studio.document.state import DocumentState


def pushed(
    state: DocumentState, done: str, recipe: Recipe, merge_key: str, *, final: bool = True
) -> DocumentState:
    """With another recipe in force; edits with one `merge_key` are one until one is final."""
    history = state.history.push(done, recipe, merge_key)
    return replace(state, history=history.seal() if final else history)


def _edit(state: DocumentState, wish: m.EditRecipe) -> DocumentState:
    return pushed(state, wish.label, wish.recipe, wish.merge_key, final=not wish.merge_key)


def _set_facet(state: DocumentState, wish: m.SetFacet) -> DocumentState:
    if state.resolution is None or not wish.layers:
        return state
    recipe, step = editing.set_facet(state, wish)
    key = f"{wish.facet}:{','.join(wish.layers)}"
    done = _facet_label(recipe, step, wish.facet, wish.value, wish.layers)
    return replace(pushed(state, done, recipe, key, final=wish.final), step=step)


def _facet_label(
    recipe: Recipe,
    step: int | None,
    facet: Facet,
    value: float | None,
    layers: tuple[str, ...],
) -> str:
    """What setting a facet does: its field gets a value, or the layers are left out."""
    assert step is not None  # an edited facet has its step
    method = REGISTRY.step(recipe.steps[step].method)
    assert method is not None  # the step was found or made by its method
    field = facet_field(facet, method)
    if value is None:
        return set_label(method.name, SKIP, True, layers)
    return set_label(method.name, field, value, layers)


def _set_fields(state: DocumentState, wish: m.SetFields) -> DocumentState:
    if not wish.values or not 0 <= wish.step < len(state.recipe.steps):
        return state
    recipe, step = editing.set_fields(state, wish)
    names = ", ".join(name for name, _ in wish.values)
    key = f"{wish.step}:{names}:{','.join(wish.layers)}"
    # the first value is what was asked for; others go with it
    done = set_label(state.recipe.steps[wish.step].method, *wish.values[0], wish.layers)
    return replace(pushed(state, done, recipe, key, final=wish.final), step=step)


def _set_global(state: DocumentState, wish: m.SetGlobal) -> DocumentState:
    if state.resolution is None:
        return state
    recipe, step = editing.set_global(state, wish)
    done = _facet_label(recipe, step, wish.facet, wish.value, (ALL,))
    key = f"global:{wish.facet}"
    return replace(pushed(state, done, recipe, key, final=wish.final), step=step)


def _reset(state: DocumentState, wish: m.ResetLayers) -> DocumentState:
    recipe, _ = editing.reset_layers(state, wish)
    return pushed(state, label(Deed.RESET, some(wish.layers)), recipe, "")


def _similar(state: DocumentState, wish: m.ApplyToSimilar) -> DocumentState:
    if state.resolution is None:
        return state
    recipe, _ = editing.apply_to_similar(state, wish)
    return pushed(state, label(Deed.SIMILAR, wish.layer), recipe, "")


def _lock(state: DocumentState, wish: m.Lock) -> DocumentState:
    names = frozenset(wish.layers)
    return replace(state, locks=state.locks | names if wish.locked else state.locks - names)


def _undo(state: DocumentState, wish: m.Undo) -> DocumentState:
    del wish
    return replace(state, history=state.history.undo())


def _redo(state: DocumentState, wish: m.Redo) -> DocumentState:
    del wish
    return replace(state, history=state.history.redo())


def _go_to(state: DocumentState, wish: m.GoTo) -> DocumentState:
    if not 0 <= wish.index < len(state.history.edits):
        return state
    return replace(state, history=replace(state.history.seal(), cursor=wish.index))


def _select_step(state: DocumentState, wish: m.SelectStep) -> DocumentState:
    inside = wish.step is None or 0 <= wish.step < len(state.recipe.steps)
    return replace(state, step=wish.step) if inside and wish.step != state.step else state


def _select(state: DocumentState, wish: m.Select) -> DocumentState:
    known = () if state.info is None else tuple(layer.name for layer in state.info.layers)
    wanted = set(wish.layers)
    names = tuple(name for name in known if name in wanted)
    current = wish.current if wish.current in names else (names[-1] if names else "")
    if (names, current) == (state.selection, state.current):
        return state
    return replace(state, selection=names, current=current)


def _use_fit(state: DocumentState, wish: m.UseFit) -> DocumentState:
    new = pushed(state, label(Deed.FIT), wish.recipe, "")
    step = 0 if wish.recipe.steps else None
    return replace(new, fitted=wish.recipe, fitted_time=wish.time_share, step=step)


HANDLERS: m.Handlers = {
    m.EditRecipe: _edit,
    m.SetFacet: _set_facet,
    m.SetFields: _set_fields,
    m.SetGlobal: _set_global,
    m.ResetLayers: _reset,
    m.ApplyToSimilar: _similar,
    m.Lock: _lock,
    m.Undo: _undo,
    m.Redo: _redo,
    m.GoTo: _go_to,
    m.SelectStep: _select_step,
    m.Select: _select,
    m.UseFit: _use_fit,
}
