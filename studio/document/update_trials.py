"""News of trials, and wishes about them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine.frozen import FrozenMap
from engine.info import Metrics
from studio.document import messages as m
from studio.document.deeds import Deed, label
from studio.document.state import DocumentState
from studio.document.trial import Trial
from studio.document.update_edits import pushed

DETAILS_KEPT = 8


def _trial_done(state: DocumentState, news: m.TrialDone) -> DocumentState:
    trials = (*(one for one in state.trials if one.id != news.trial.id), news.trial)
    original = _merged(state.original, news.trial.original)
    state = replace(state, trials=trials, base=news.trial.id, original=original)
    return _with_details(state, news.trial.id, news.result)


def _merged(known: Metrics, fresh: Metrics) -> Metrics:
    """What is known of the original, with what a run has measured where it was not."""
    if known.latency_ms is None:
        known = replace(known, latency_ms=fresh.latency_ms)
    if known.top1 is not None:
        return known
    return replace(
        known,
        top1=fresh.top1,
        source=fresh.source,
        samples=fresh.samples,
        interval=fresh.interval,
    )


def _details(state: DocumentState, news: m.DetailsRead) -> DocumentState:
    return _with_details(state, news.trial, news.result)


def _with_details(state: DocumentState, trial: int, result: Any) -> DocumentState:
    kept = {key: value for key, value in state.details.items() if key != str(trial)}
    while len(kept) >= DETAILS_KEPT:
        del kept[next(iter(kept))]
    return replace(state, details=FrozenMap({**kept, str(trial): result}))


def _choose(state: DocumentState, wish: m.ChooseTrials) -> DocumentState:
    known = {0, *(one.id for one in state.trials if not one.deleted)}
    return replace(state, chosen=tuple(dict.fromkeys(one for one in wish.ids if one in known)))


def _restore(state: DocumentState, wish: m.RestoreTrial) -> DocumentState:
    trial = state.trial(wish.id)
    if trial is None:
        return state
    new = pushed(state, label(Deed.BACK, trial.id, trial.name), trial.recipe, "")
    return replace(new, base=trial.id)


_CHANGEABLE = frozenset({"name", "pinned", "remark", "deleted"})


def _change_trial(state: DocumentState, wish: m.ChangeTrial) -> DocumentState:
    changes = {name: value for name, value in wish.changes if name in _CHANGEABLE}

    def change(one: Trial) -> Trial:
        return replace(one, **changes) if one.id == wish.id else one

    trials = tuple(change(one) for one in state.trials)
    alive = {0, *(one.id for one in trials if not one.deleted)}
    return replace(state, trials=trials, chosen=tuple(one for one in state.chosen if one in alive))


HANDLERS: m.Handlers = {
    m.TrialDone: _trial_done,
    m.DetailsRead: _details,
    m.ChooseTrials: _choose,
    m.RestoreTrial: _restore,
    m.ChangeTrial: _change_trial,
}
