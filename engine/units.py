"""Numbers for people: how sizes, times, ratios and counts are written, and how they are read.

The window, the command line and the report all go through here, so that one value looks the same
everywhere. One KB is 1000 bytes (what file managers and data sheets mean); KiB is 1024.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from engine.errors import EngineError

UNKNOWN = "–"
"""Shown for a number that is not known."""

_DECIMAL = ("", "k", "M", "G", "T", "P")
_NUMBER = re.compile(
    r"([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d{1,3})?)\s*([^\d\s].*)?", re.IGNORECASE
)

_BYTES = {"": 1.0, "b": 1.0, "byte": 1.0, "bytes": 1.0}
_BYTES |= {f"{p}{u}": 1e3**i for i, p in enumerate("kmgt", 1) for u in ("", "b")}
_BYTES |= {f"{p}{u}": 1024.0**i for i, p in enumerate("kmgt", 1) for u in ("i", "ib")}
_COUNTS = {"": 1.0} | {p: 1e3**i for i, p in enumerate("kmgt", 1)} | {"b": 1e9}
_COUNTS |= {f"{p} macs": factor for p, factor in _COUNTS.items() if p}
_MILLISECONDS = {"": 1.0, "us": 1e-3, "µs": 1e-3, "μs": 1e-3, "ms": 1.0, "s": 1e3, "min": 6e4}
_SECONDS = {"": 1.0, "ms": 1e-3, "s": 1.0, "min": 60.0, "m": 60.0, "h": 3600.0}
_POINTS = {"pt": 0.01, "pts": 0.01, "pp": 0.01, "point": 0.01, "points": 0.01, "%": 0.01}


def format_bytes(size_bytes: float | None) -> str:
    """Bytes with three digits: `512 B`, `1.05 MB`."""
    if size_bytes is None or not math.isfinite(size_bytes):
        return UNKNOWN
    text, prefix = _scaled(size_bytes, whole_below=1000)
    return f"{text} {prefix.upper()}B"


def format_count(count: float | None) -> str:
    """A count of parameters or MACs with three digits: `272`, `272 k`, `40.6 M`."""
    if count is None or not math.isfinite(count):
        return UNKNOWN
    text, prefix = _scaled(count, whole_below=1000)
    return f"{text} {prefix}".rstrip()


def format_ms(latency_ms: float | None) -> str:
    """Milliseconds with three digits, in µs, ms or s as suits: `42.0 µs`, `1.37 ms`, `2.10 s`."""
    if latency_ms is None or not math.isfinite(latency_ms):
        return UNKNOWN
    if latency_ms == 0:
        return "0 ms"
    if round_to_digits(abs(latency_ms)) >= 1000:
        return f"{_digits(latency_ms / 1000)} s"
    if round_to_digits(abs(latency_ms)) < 0.1:
        return f"{_digits(latency_ms * 1000)} µs"
    return f"{_digits(latency_ms)} ms"


def format_duration(seconds: float | None) -> str:
    """How long work takes or will take: `0.4 s`, `48 s`, `3 min 20 s`, `2 h 5 min`."""
    if seconds is None or not math.isfinite(seconds):
        return UNKNOWN
    seconds = max(seconds, 0.0)
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def format_percent(ratio: float | None, digits: int = 2) -> str:
    """A ratio 0…1 as percent: 0.8788 → `87.88 %`."""
    if ratio is None or not math.isfinite(ratio):
        return UNKNOWN
    return f"{100 * ratio:.{digits}f} %"


def format_points(difference: float | None, digits: int = 2) -> str:
    """A difference of two ratios in percentage points, with its sign: -0.005 → `−0.50 pt`."""
    if difference is None or not math.isfinite(difference):
        return UNKNOWN
    text = f"{abs(100 * difference):.{digits}f}"
    sign = "" if not float(text) else ("+" if difference > 0 else "−")
    return f"{sign}{text} pt"


def format_factor(factor: float | None) -> str:
    """How many times smaller or faster: `3.42×`."""
    if factor is None or not math.isfinite(factor):
        return UNKNOWN
    return f"{_digits(factor)}×"


def packed_bytes(values: int, bits: int) -> int:
    """Bytes of integers as ONNX stores them: 3 bits take 4, 5 to 7 take 8."""
    stored = next(size for size in (2, 4, 8, 16, 32) if bits <= size)
    return -(-values * stored // 8)


def parse_bytes(text: str) -> int:
    """`300KB`, `1.5 MiB` or `4096` as bytes.

    Raises:
        EngineError: It is not a size.
    """
    return round(_parse(text, _BYTES, "size", "300KB, 1.5MB or 2MiB"))


def parse_count(text: str) -> int:
    """`20M` or `1500` as a count.

    Raises:
        EngineError: It is not a count.
    """
    return round(_parse(text, _COUNTS, "count", "20M or 1500"))


def parse_ms(text: str) -> float:
    """`2 ms`, `150us` or `0.1 s` as milliseconds; a bare number is milliseconds.

    Raises:
        EngineError: It is not a time.
    """
    return _parse(text, _MILLISECONDS, "latency", "2ms, 150us or 0.1s")


def parse_duration(text: str) -> float:
    """`60s`, `2 min` or `1h` as seconds; a bare number is seconds.

    Raises:
        EngineError: It is not a time.
    """
    return _parse(text, _SECONDS, "time", "60s, 2min or 1h")


def parse_percent(text: str) -> float:
    """`25%` as 0.25. The sign is needed, so that 0.25 and 25 cannot be mistaken.

    Raises:
        EngineError: It is not a percentage.
    """
    return _parse(text, {"%": 0.01, "percent": 0.01}, "percentage", "25%")


def parse_points(text: str) -> float:
    """Percentage points, `0.5pt` or `0.5%`, as a difference of ratios: 0.005.

    Raises:
        EngineError: It is not a number of points.
    """
    return _parse(text, _POINTS, "accuracy loss", "0.5pt")


@dataclass(frozen=True, slots=True)
class Amount:
    """A limit as the user gave it: a share of the original's value, or a value.

    Attributes:
        value: A ratio where `relative`, else in the quantity's own unit (bytes, ms, a count).
        relative: Whether it is a share of the original.
    """

    value: float
    relative: bool = False

    def of(self, original: float) -> float:
        """The limit in the quantity's own unit."""
        return self.value * original if self.relative else self.value


def parse_size_limit(text: str) -> Amount:
    """`300KB` or `25%`.

    Raises:
        EngineError: It is neither.
    """
    return (
        Amount(parse_percent(text), relative=True) if _relative(text) else Amount(parse_bytes(text))
    )


def parse_count_limit(text: str) -> Amount:
    """`20M` or `50%`.

    Raises:
        EngineError: It is neither.
    """
    return (
        Amount(parse_percent(text), relative=True) if _relative(text) else Amount(parse_count(text))
    )


def parse_latency_limit(text: str) -> Amount:
    """`2ms` or `60%`.

    Raises:
        EngineError: It is neither.
    """
    return Amount(parse_percent(text), relative=True) if _relative(text) else Amount(parse_ms(text))


def round_to_digits(value: float, digits: int = 3) -> float:
    """Round to significant digits."""
    return float(f"{value:.{digits - 1}e}")


def _relative(text: str) -> bool:
    return text.strip().lower().endswith(("%", "percent"))


def _scaled(value: float, whole_below: float) -> tuple[str, str]:
    """The number and its decimal prefix, so that at most three digits stand before the point."""
    if abs(value) < whole_below and float(value).is_integer():
        return f"{value:.0f}", ""
    rounded = abs(round_to_digits(value))
    power = 0
    while rounded >= 1000 and power < len(_DECIMAL) - 1:
        rounded /= 1000
        power += 1
    return _digits(value / 1000**power), _DECIMAL[power]


def _digits(value: float) -> str:
    """Three significant digits, without an exponent."""
    rounded = round_to_digits(value)
    if math.isinf(rounded):  # rounding up went over the top
        return f"{value:.0f}"
    magnitude = math.floor(math.log10(abs(rounded))) if rounded else 0
    return f"{rounded:.{min(max(2 - magnitude, 0), 6)}f}"


def _parse(text: str, units: dict[str, float], what: str, example: str) -> float:
    """A non-negative finite number with a unit, in the base unit."""
    match = _NUMBER.fullmatch(text.strip()) if len(text) <= 64 else None
    unit = " ".join((match[2] or "").lower().split()) if match else ""
    if match is None or unit not in units:
        shown = text if len(text) <= 64 else f"{text[:61]}…"
        raise EngineError(f"“{shown}” is not a {what}.", hint=f"Write it like {example}.")
    value = float(match[1]) * units[unit]
    if not math.isfinite(value) or value < 0:
        raise EngineError(f"A {what} cannot be {text.strip()}.", hint=f"Write it like {example}.")
    return value
