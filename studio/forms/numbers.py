"""Numbers of a form: how they are written, read and stepped through."""

from __future__ import annotations

import math
import re

from PySide6.QtCore import QCoreApplication

from studio.forms.schema import Field, Shape

translate = QCoreApplication.translate

_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?", re.IGNORECASE)


class NotANumber(ValueError):
    """A text that a field cannot take; the message says why, in the user's language."""


def show(field: Field, value: float | int | None) -> str:
    """A value as its editor writes it: `30 %`, `0.0001`, `128`; empty for None."""
    if value is None:
        return ""
    if field.shape is Shape.RATIO:
        return f"{round(100 * value, 4):g} %"
    if isinstance(value, int):
        return str(value)
    return _short(value)


def read(field: Field, text: str) -> float | int | None:
    """The value of a text; None for an empty one where the field can be empty.

    Raises:
        NotANumber: It is no number, or not one within the field's limits.
    """
    text = text.strip()
    if not text and field.optional:
        return None
    percent = field.shape is Shape.RATIO
    bare = text.removesuffix("%").strip() if percent else text
    bare = bare.replace(",", "" if _THOUSANDS.fullmatch(bare) else ".")
    if not _NUMBER.fullmatch(bare):
        raise NotANumber(translate("Number", "Must be a number"))
    number = float(bare)
    value = round(number / 100, 10) if percent else number
    if field.integer:
        if not value.is_integer():
            raise NotANumber(translate("Number", "Must be a whole number"))
        value = int(value)
    check(field, value)
    return value


def check(field: Field, value: float | int) -> None:
    """Raise `NotANumber` where a value is beyond the field's limits."""
    low, high = field.low, field.high
    if low is not None and (value < low or (field.above and value == low)):
        text = (
            translate("Number", "Must be above {limit}")
            if field.above
            else translate("Number", "Must be at least {limit}")
        )
        raise NotANumber(text.format(limit=_limit(field, low)))
    if high is not None and (value > high or (field.below and value == high)):
        text = (
            translate("Number", "Must be below {limit}")
            if field.below
            else translate("Number", "Must be at most {limit}")
        )
        raise NotANumber(text.format(limit=_limit(field, high)))
    if field.multiple and not math.isclose(value % field.multiple, 0, abs_tol=1e-9):
        text = translate("Number", "Must be a multiple of {limit}")
        raise NotANumber(text.format(limit=_limit(field, field.multiple)))


def stepped(field: Field, value: float | int | None, steps: float) -> float | int:
    """The value some steps on, within the limits; a step follows the size of the number."""
    start = value if value is not None else (field.low or 0)
    if field.shape is Shape.RATIO:
        moved: float = round(start + steps * 0.01, 6)
    else:
        size = abs(start)
        step = 10.0 ** (math.floor(math.log10(size)) - 1) if size else 0.01
        if field.integer:
            step = max(step, 1)
        step = max(step, field.multiple or 0)
        moved = float(f"{start + steps * step:.10g}")
    moved = _inside(field, moved)
    return round(moved) if field.integer else moved


def span(field: Field) -> tuple[float, float]:
    """The least and the largest value that a slider reaches."""
    low = field.low if field.low is not None else 0.0
    high = field.high if field.high is not None else 1.0
    grain = (high - low) / 1000
    return low + (grain if field.above else 0), high - (grain if field.below else 0)


def _inside(field: Field, value: float) -> float:
    low, high = field.low, field.high
    if low is not None and (value < low or (field.above and value <= low)):
        return _beside(field, low, up=True) if field.above else low
    if high is not None and (value > high or (field.below and value >= high)):
        return _beside(field, high, up=False) if field.below else high
    return value


def _beside(field: Field, limit: float, *, up: bool) -> float:
    """The nearest sensible value to a limit that is not allowed itself."""
    distance = 1.0 if field.integer else abs(limit) * 0.01 or 0.01
    return limit + distance if up else limit - distance


def _limit(field: Field, value: float) -> str:
    if field.shape is Shape.RATIO:
        return f"{100 * value:g} %"
    return f"{int(value):,}" if float(value).is_integer() else _short(value)


def _short(value: float) -> str:
    text = f"{value:.6g}"
    return re.sub(r"e([+-])0*(\d)", r"e\1\2", text)
