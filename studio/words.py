"""Texts that come from the engine, in the user's language.

The engine's titles, summaries, reasons and notes are English sentences; their translations are kept
under one context. A sentence that the engine puts together (an f-string) is found again by its
pattern, and its changing parts are put into the pattern's translation.
"""

from __future__ import annotations

import re
from functools import lru_cache

from PySide6.QtCore import QCoreApplication

from engine.paths import RESOURCES

CONTEXT = "engine"
PATTERNS = RESOURCES / "translations" / "patterns.txt"
_PART = re.compile(r"\{(\d+)\}")
_LEAST = 6
"""Letters that a pattern must have besides its parts, to be told from others."""


def word(text: str) -> str:
    """A text of the engine, translated if there is a translation."""
    if not text:
        return ""
    found = QCoreApplication.translate(CONTEXT, text)
    if found != text or not _is_translated():
        return found
    return _composed(text)


def forget() -> None:
    """The language has changed."""
    _composed.cache_clear()


def _is_translated() -> bool:
    """Whether another language than the engine's own is installed."""
    return QCoreApplication.translate(CONTEXT, "Pruning ratio") != "Pruning ratio"


@lru_cache(maxsize=4096)
def _composed(text: str) -> str:
    """A sentence that was put together, by its pattern; as it is where none fits."""
    for expression, source in _patterns():
        found = expression.fullmatch(text)
        if found is None:
            continue
        translation = QCoreApplication.translate(CONTEXT, source)
        if translation != source:
            return _filled(translation, found.groupdict())
    return text


def _filled(translation: str, parts: dict[str, str]) -> str:
    """A pattern's translation with the parts of the sentence, themselves translated."""
    return _PART.sub(lambda place: word(parts.get(f"p{place[1]}", "")), translation)


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Each pattern and its source, the most telling first."""
    try:
        lines = PATTERNS.read_text(encoding="utf-8").splitlines()
    except OSError:
        return ()
    sources = [line.replace("\\n", "\n").replace("\\\\", "\\") for line in lines]
    telling = [source for source in sources if len(_PART.sub("", source)) >= _LEAST]
    telling.sort(key=lambda source: -len(_PART.sub("", source)))
    return tuple((_expression(source), source) for source in telling)


def _expression(source: str) -> re.Pattern[str]:
    pieces = _PART.split(source)
    return re.compile(
        "".join(
            re.escape(piece) if place % 2 == 0 else f"(?P<p{piece}>.+?)"
            for place, piece in enumerate(pieces)
        ),
        re.DOTALL,
    )
