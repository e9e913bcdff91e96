"""Every way the engine can fail on purpose."""

from __future__ import annotations

from typing import Any


class EngineError(Exception):
    """An expected failure, written for the person at the screen.

    Args:
        message: What went wrong, in one sentence without a traceback's jargon.
        hint: What the user can do about it.
        where: Layer, file or field that the failure belongs to, if any.
    """

    def __init__(self, message: str, *, hint: str = "", where: str = "") -> None:
        self.message = _visible(message)
        self.hint = _visible(hint)
        self.where = where
        super().__init__(self.message)

    def __reduce__(self) -> tuple[Any, ...]:
        """Keep hint and place when an error crosses a process boundary."""
        return (_rebuild, (type(self), self.message, self.hint, self.where))

    def one_line(self) -> str:
        """The whole error as the one line that the command line prints."""
        where = _visible(self.where)
        place = f"{where}: " if where and where not in self.message else ""
        text = f"{place}{self.message}"
        if self.hint:
            text = f"{text.rstrip('.')}. {self.hint}"
        return " ".join(text.split())


class ModelError(EngineError):
    """A model file that cannot be read, or not in the way that was asked for."""


class TrustRequired(ModelError):
    """A file that would run code, which the user has not said is trusted yet."""


class DataError(EngineError):
    """Data that cannot be read, or does not fit the model."""


class RecipeError(EngineError):
    """A recipe that cannot be applied to this model."""


class Cancelled(BaseException):
    """The user asked to stop; not an error, and never caught by `except Exception`."""


def _visible(text: str) -> str:
    """Names from files may hold line ends and control codes: shown, not obeyed."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)


def _rebuild(kind: type[EngineError], message: str, hint: str, where: str) -> EngineError:
    return kind(message, hint=hint, where=where)
