"""Which answer belongs to which question of a view."""

from __future__ import annotations

from engine.jobs.requests import Request
from studio.document.state import DocumentState, Look


def key_of(request: Request) -> str:
    """The key under which the answer of a request is kept: equal for equal questions."""
    return repr(request)


def look_for(state: DocumentState, request: Request) -> Look | None:
    """The answer to a request, or that it is awaited; None: it was not asked (or forgotten)."""
    return state.looks.get(key_of(request))
