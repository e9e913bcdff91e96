"""A job that the user dropped."""

from __future__ import annotations

from engine.errors import EngineError


class Dropped(EngineError):
    """The end of a job that was cancelled: nobody is told."""

    def __init__(self) -> None:
        super().__init__("Dropped")
