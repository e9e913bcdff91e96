"""Numbers for people."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import units
from engine.errors import EngineError
from tests.helpers.recipes import steady


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.00 KB"),
        (181_263, "181 KB"),
        (999_999, "1.00 MB"),
        (1_048_576, "1.05 MB"),
        (12.5, "12.5 B"),
        (None, "–"),
        (math.nan, "–"),
    ],
)
def test_bytes_have_three_digits(value: float | None, text: str) -> None:
    assert units.format_bytes(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (272, "272"), (272_474, "272 k"), (40_551_040, "40.6 M"), (4.089e9, "4.09 G")],
)
def test_counts_have_three_digits(value: float, text: str) -> None:
    assert units.format_count(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 ms"),
        (0.042, "42.0 µs"),
        (1.374, "1.37 ms"),
        (137, "137 ms"),
        (999.9, "1.00 s"),
        (2100, "2.10 s"),
        (None, "–"),
    ],
)
def test_times(value: float | None, text: str) -> None:
    assert units.format_ms(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.44, "0.4 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (59.7, "1 min 0 s"),
        (200, "3 min 20 s"),
        (7500, "2 h 5 min"),
        (-1, "0.0 s"),
        (None, "–"),
    ],
)
def test_durations(value: float | None, text: str) -> None:
    assert units.format_duration(value) == text


def test_ratios_are_percent_and_differences_are_points() -> None:
    assert units.format_percent(0.8788) == "87.88 %"
    assert units.format_percent(0.25, 0) == "25 %"
    assert units.format_points(-0.005) == "−0.50 pt"
    assert units.format_points(0.01) == "+1.00 pt"
    assert units.format_points(0.00001) == "0.00 pt"
    assert units.format_factor(3.4159) == "3.42×"
    assert units.format_percent(None) == units.format_points(None) == units.format_factor(None)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("300KB", 300_000),
        ("300 kb", 300_000),
        ("1.5 MiB", 1_572_864),
        ("4096", 4096),
        (".5GB", 500_000_000),
        (" 2e3 B ", 2000),
    ],
)
def test_sizes_are_read(text: str, value: int) -> None:
    assert units.parse_bytes(text) == value


def test_other_quantities_are_read() -> None:
    assert units.parse_ms("2 ms") == 2
    assert units.parse_ms("150us") == pytest.approx(0.15)
    assert units.parse_ms("0.1 s") == pytest.approx(100)
    assert units.parse_count("20M") == 20_000_000
    assert units.parse_count("20 M MACs") == 20_000_000
    assert units.parse_duration("2 min") == 120
    assert units.parse_percent("25%") == 0.25
    assert units.parse_points("0.5pt") == 0.005


def test_limits_are_shares_or_values() -> None:
    assert units.parse_size_limit("25%") == units.Amount(0.25, relative=True)
    assert units.parse_size_limit("25%").of(1000) == 250
    assert units.parse_size_limit("300KB").of(1000) == 300_000
    assert units.parse_latency_limit("2ms").of(5) == 2
    assert units.parse_count_limit("50 %").of(10) == 5


@pytest.mark.parametrize(
    "text", ["", "KB", "300 XB", "1,5MB", "-3KB", "1e999", "nan", "inf", "3 KB 4", "9" * 80]
)
def test_what_is_no_size_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(EngineError) as error:
        units.parse_bytes(text)
    assert "300KB" in error.value.hint
    assert len(error.value.one_line()) < 200


@pytest.mark.parametrize("text", ["25", "0.25", "25pt"])
def test_a_percentage_needs_its_sign(text: str) -> None:
    with pytest.raises(EngineError, match="not a percentage"):
        units.parse_percent(text)


@steady
@given(st.integers(0, 10**14))
def test_what_is_written_is_read_again(size: int) -> None:
    again = units.parse_bytes(units.format_bytes(size).replace("PB", "e3 TB"))
    assert again == pytest.approx(size, rel=0.0051)


@steady
@given(st.floats(1e-3, 1e7))
def test_times_are_read_again(latency_ms: float) -> None:
    assert units.parse_ms(units.format_ms(latency_ms)) == pytest.approx(latency_ms, rel=0.0051)


@steady
@given(st.floats(allow_nan=True, allow_infinity=True))
def test_no_number_is_too_odd_to_be_shown(value: float) -> None:
    for show in (units.format_bytes, units.format_count, units.format_ms, units.format_factor):
        assert len(show(value)) < 330
