"""Wishes about the recipe, the selection and the locks."""

from __future__ import annotations

from dataclasses import replace

from engine.recipe.model import Recipe
from studio.document import editing
from studio.document import messages as m
from studio.document.state import DocumentState


def pushed(
    state: DocumentState, label: str, recipe: Recipe, merge_key: str, *, final: bool = True
) -> DocumentState:
    """With another recipe in force; edits with one `merge_key` are one until one is final."""
    history = state.history.push(label, recipe, merge_key)
    return replace(state, history=history.seal() if final else history)


def _edit(state: DocumentState, wish: m.EditRecipe) -> DocumentState:
    return pushed(state, wish.label, wish.recipe, wish.merge_key, final=not wish.merge_key)


def _set_facet(state: DocumentState, wish: m.SetFacet) -> DocumentState:
    if state.resolution is None or not wish.layers:
        return state
    recipe, step = editing.set_facet(state, wish)
    key = f"{wish.facet}:{','.join(wish.layers)}"
    label = f"{FACET_LABELS[wish.facet]}: {_some(wish.layers)}"
    return replace(pushed(state, label, recipe, key, final=wish.final), step=step)


FACET_LABELS = {
    "prune": "Set pruning",
    "weight_bits": "Set weight bits",
    "activation_bits": "Set activation bits",
    "rank": "Set rank",
}


def _set_fields(state: DocumentState, wish: m.SetFields) -> DocumentState:
    if not 0 <= wish.step < len(state.recipe.steps):
        return state
    recipe, step = editing.set_fields(state, wish)
    names = ", ".join(name for name, _ in wish.values)
    key = f"{wish.step}:{names}:{','.join(wish.layers)}"
    whose = _some(wish.layers) if wish.layers else state.recipe.steps[wish.step].method
    return replace(pushed(state, f"Set {names}: {whose}", recipe, key, final=wish.final), step=step)


def _set_global(state: DocumentState, wish: m.SetGlobal) -> DocumentState:
    if state.resolution is None:
        return state
    recipe, step = editing.set_global(state, wish)
    label = f"{FACET_LABELS[wish.facet]}: all layers"
    return replace(
        pushed(state, label, recipe, f"global:{wish.facet}", final=wish.final), step=step
    )


def _reset(state: DocumentState, wish: m.ResetLayers) -> DocumentState:
    recipe, _ = editing.reset_layers(state, wish)
    return pushed(state, f"Reset: {_some(wish.layers)}", recipe, "")


def _similar(state: DocumentState, wish: m.ApplyToSimilar) -> DocumentState:
    if state.resolution is None:
        return state
    recipe, _ = editing.apply_to_similar(state, wish)
    return pushed(state, f"Apply to similar: {wish.layer}", recipe, "")


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


def _some(layers: tuple[str, ...]) -> str:
    return layers[0] if len(layers) == 1 else f"{len(layers)} layers"


def _use_fit(state: DocumentState, wish: m.UseFit) -> DocumentState:
    new = pushed(state, "Fit to budget", wish.recipe, "")
    return replace(new, fitted=wish.recipe, step=0 if wish.recipe.steps else None)


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
