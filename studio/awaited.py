"""What the session knows of a job that it handed to the engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine.errors import EngineError
from engine.jobs.events import Lane
from studio.document.state import Purpose


@dataclass(frozen=True, slots=True)
class Awaited:
    """A job whose end somebody waits for.

    Attributes:
        then: Called with the result, on this thread.
        failed: Called with the error, on this thread; None: the user is told.
        purpose: What it is for.
        partly: Called with what is finished so far, on this thread; None: nobody looks.
    """

    then: Callable[[Any], None]
    failed: Callable[[EngineError], None] | None
    purpose: Purpose
    partly: Callable[[Any], None] | None = None


@dataclass(frozen=True, slots=True)
class Extra:
    """What there is to say about a job besides what it is for.

    Attributes:
        partly: Called with what is finished so far, each time there is more; None: nobody looks.
        lane: Where it waits; None: where the request belongs.
        recipe_key: Of the recipe that it runs, where it runs one.
        trial: Id of the trial that it makes.
    """

    partly: Callable[[Any], None] | None = None
    lane: Lane | None = None
    recipe_key: str = ""
    trial: int | None = None
