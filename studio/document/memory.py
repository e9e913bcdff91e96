"""Answers about the state that are kept until what they hang on changes."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from studio.document.state import DocumentState

T = TypeVar("T")


KEPT = 3


def remembered(*parts: str) -> Callable[[Callable[..., T]], Callable[[DocumentState], T]]:
    """Keep the last answers, for states in which these parts are the same objects.

    Three of them: views compare a state with the one before it.

    Args:
        parts: Names of attributes of the state, dotted.
    """

    def decorate(compute: Callable[..., T]) -> Callable[[DocumentState], T]:
        last: list[tuple[tuple[Any, ...], T]] = []

        @wraps(compute)
        def answer(state: DocumentState) -> T:
            key = tuple(_part(state, part) for part in parts)
            for known, result in last:
                if all(a is b for a, b in zip(known, key, strict=True)):
                    return result
            result = compute(state)
            last[:] = [(key, result), *last[: KEPT - 1]]
            return result

        return answer

    return decorate


def _part(state: Any, path: str) -> Any:
    for name in path.split("."):
        state = getattr(state, name)
    return state
