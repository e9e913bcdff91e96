"""Numbers as read-outs have them, the same in all views."""

from __future__ import annotations

import math

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
"""Digits of an exponent."""


def number_text(value: float, digits: int = 3) -> str:
    """A number with so many significant digits, for read-outs: `0.0342`, `1.2·10⁻⁷`, `–`."""
    if not math.isfinite(value):
        return "–"
    text = f"{value:.{digits}g}"
    mantissa, _, exponent = text.partition("e")
    if exponent:
        text = f"{mantissa}·10{str(int(exponent)).translate(RAISED)}"
    return text.replace("-", "−")
