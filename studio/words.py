"""Texts that come from the engine, in the user's language.

The engine's titles, summaries, reasons and notes are English sentences; their translations are kept
under one context. A sentence that the engine puts together (an f-string) is found again by its
pattern, and its changing parts are put into the pattern's translation. What no pattern covers as a
whole (a message and its hint on one line, a reason behind the name of a layer) is taken apart at
its sentences and colons.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QCoreApplication

from engine.paths import RESOURCES

CONTEXT = "engine"
PATTERNS = RESOURCES / "translations" / "patterns.txt"
_PART = re.compile(r"\{(\w+)\}")
PREDICATE = re.compile(
    r"(?:is|are|has|have|holds|does|would|uses|names|keeps|says|needs|gives|makes|cannot|takes"
    r"|refers|must|lacks|calls|was|were|ended) "
)
"""How a text starts that lacks its subject: the engine puts the name of a file before it."""
_LEAST = 6
"""Letters that a pattern must have besides its parts, to be told from others…"""
_LEAST_OF_START = 4
"""… and where it starts with them."""
_SENTENCE_END = re.compile(r"(?<=[.?])\s+(?=[A-Z“])")
_FULL_STOP = "。"
_ENDS = (_FULL_STOP, "？")
_VAGUE = 14
"""Letters below which a pattern fits too much for its parts to be anything but names."""
_PROSE = re.compile(r"\b[a-z]{2,} [a-z]{2,}\b")
_GRAMMAR = frozenset({"s", "is", "are"})
"""Parts that only English needs."""
_MARK = re.compile(r"\s*\(&\w\)|&")
_GIVEN = ("Trial {number}", "试验 {number}")
"""Names that earlier versions gave, each in the language of the moment."""
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A text with changing parts.

    Attributes:
        source: As the engine has it, the parts in braces.
        telling: Its longest piece without a part, which is looked for first.
        expression: Finds the parts.
    """

    source: str
    telling: str
    expression: re.Pattern[str]


def word(text: str) -> str:
    """A text of the engine, translated if there is a translation."""
    if not text:
        return ""
    found = QCoreApplication.translate(CONTEXT, text)
    if found != text or not _is_translated():
        return found
    return _composed(text)


def listed(texts: Iterable[str]) -> str:
    """Texts in a row, as the language separates them."""
    return QCoreApplication.translate("Lists", ", ").join(texts)


def trial_name(number: int, name: str) -> str:
    """What a trial is called: as the user calls it, else by its number."""
    if name and name not in (given.format(number=number) for given in _GIVEN):
        return name
    return QCoreApplication.translate("Trials", "Trial {number}").format(number=number)


def language() -> str:
    """The language that the window speaks: the name of a folder with texts of it."""
    return QCoreApplication.translate("Language", "en")


def unmarked(text: str) -> str:
    """A menu's text without the mark of its letter: of `&Open…` and of `打开(&O)…`."""
    return _MARK.sub("", text)


def forget() -> None:
    """The language has changed."""
    _composed.cache_clear()


def _is_translated() -> bool:
    """Whether another language than the engine's own is installed."""
    return QCoreApplication.translate(CONTEXT, "Pruning ratio") != "Pruning ratio"


@lru_cache(maxsize=4096)
def _composed(text: str) -> str:
    """A text that was put together; as it is where nothing of it is known."""
    sentences = _SENTENCE_END.split(text)
    if len(sentences) > 1:
        return _matched(text) or _joined([_sentence(one) for one in sentences])
    return _sentence(text)


def _joined(sentences: list[str]) -> str:
    """Chinese sentences stand together, others have a space between."""
    text = sentences[0]
    for one in sentences[1:]:
        text += one if text.endswith(_ENDS) else f" {one}"
    return text


def _sentence(text: str) -> str:
    """One sentence, with a full stop or without, or what stands behind the name of a place."""
    stop = text.endswith(".")
    other = text[:-1] if stop else f"{text}."
    found = _known(text) or _known(other) or _matched(text, other)
    if found:
        return found.removesuffix(_FULL_STOP) + (_FULL_STOP if stop else "")
    place, colon, rest = text.partition(": ")
    if colon and (found := word(rest)) != rest:
        return f"{', '.join(word(one) for one in place.split(', '))}: {found}"
    return text


def _known(text: str) -> str:
    """The translation of the very text; else nothing."""
    found = QCoreApplication.translate(CONTEXT, text)
    return found if found != text else ""


def _matched(*texts: str) -> str:
    """The translation of the pattern that fits any of the texts best; else nothing.

    That is the most telling one of those that leave no English sentence in their parts.
    """
    half = ""
    for pattern in _patterns():
        for text in texts:
            found = pattern.expression.fullmatch(text) if pattern.telling in text else None
            translation = _known(pattern.source) if found is not None else ""
            if found is None or not translation:
                continue
            parts = {name: word(part or "") for name, part in found.groupdict().items()}
            if not any(map(_PROSE.search, parts.values())):
                return _filled(translation, parts)
            if not half and _letters(pattern.source) >= _VAGUE:
                half = _filled(translation, parts)
    return half


def _filled(translation: str, parts: dict[str, str]) -> str:
    """A pattern's translation with the translated parts of the sentence."""

    def fill(place: re.Match[str]) -> str:
        part = parts.get(f"p{place[1]}", "")
        if part in _GRAMMAR:
            return ""
        before, after = translation[: place.start()], translation[place.end() :]
        return _gap(before, part) + part + _gap(part, after)

    text = _PART.sub(fill, translation)
    subject = parts.get("subject")
    return f"{subject} {text}" if subject else text


def _gap(left: str, right: str) -> str:
    """The space between Chinese and other letters, which the translation could not foresee."""
    ends = left[-1:], right[:1]
    chinese = [bool(_CHINESE.match(one)) for one in ends]
    latin = [one.isascii() and one.isalnum() for one in ends]
    return " " if (chinese[0] and latin[1]) or (latin[0] and chinese[1]) else ""


@lru_cache(maxsize=1)
def _patterns() -> tuple[_Pattern, ...]:
    """All patterns, the most telling first."""
    try:
        lines = PATTERNS.read_text(encoding="utf-8").splitlines()
    except OSError:
        return ()
    sources = [line.replace("\\n", "\n").replace("\\\\", "\\") for line in lines]
    telling = [source for source in sources if _letters(source) >= _least(source)]
    return tuple(_pattern(source) for source in sorted(telling, key=_letters, reverse=True))


def _letters(source: str) -> int:
    return len(_PART.sub("", source))


def _least(source: str) -> int:
    return _LEAST_OF_START if source[0].isalpha() else _LEAST


def _pattern(source: str) -> _Pattern:
    pieces = _PART.split(source)
    expression = re.escape(pieces[0])
    for name, before, after in zip(pieces[1::2], pieces[:-1:2], pieces[2::2], strict=True):
        if not after and name != pieces[-2]:
            part = r"\S+"  # another part follows at once: one word, then the other
        else:
            part = ".*?" if not before or before[-1].isalpha() else ".+?"  # an ending may lack
        expression += f"(?P<p{name}>{part}){re.escape(after)}"
    if PREDICATE.match(source):
        expression = rf"(?:(?P<subject>\S.*?) )?{expression}"
    telling = max(pieces[::2], key=len)
    return _Pattern(source, telling, re.compile(expression, re.DOTALL))
