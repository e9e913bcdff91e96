"""The report's parts: which layer became which, bits, intervals, and what is drawn."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.info import Histogram, LayerInfo, LayerKind
from engine.jobs.job import Quiet
from engine.measure.accuracy import Predictions, wilson_interval
from engine.measure.paired import compare_predictions
from engine.units import format_bytes, packed_bytes
from engine.writers import report_plots as plots
from engine.writers.report_accuracy import classes, curves
from engine.writers.report_layers import layers
from engine.writers.report_pairs import bits_text, pairs
from engine.writers.report_summary import change_interval
from tests.unit.writers.report_cases import compressed, conv, evaluation, histogram, norm


def test_layers_find_what_became_of_them() -> None:
    before = (conv("a", 4, 4), norm("a.bn", 4), conv("b", 4, 4), conv("b.0", 4, 4), conv("c", 4, 4))
    after = (
        conv("a", 2, 4),
        conv("b.u", 2, 4),
        conv("b.v", 4, 2),
        conv("b.0.u", 1, 1),
        conv("d", 1, 1),
    )
    found = {pair.name: [one.name for one in pair.after] for pair in pairs(before, after)}
    assert found == {
        "a": ["a"],
        "a.bn": [],
        "b": ["b.u", "b.v"],
        "b.0": ["b.0.u"],
        "c": [],
        "d": ["d"],
    }


def test_the_table_says_what_is_gone_divided_and_new() -> None:
    one = compressed(3)
    after = (*one.after.layers[:1], *one.after.layers[2:], conv("extra", 4, 4))
    text = layers(replace(one, after=replace(one.after, layers=after)), Quiet())
    assert "16×16×3×3 → removed" in text
    assert "16×16×3×3 → 2 layers" in text
    assert ">extra<" in text
    assert "3 normalization layers of the original are not listed" in text


def test_shared_weights_count_once() -> None:
    one = compressed(2)
    tied = replace(one.before.layers[0], name="copy", tied_to="conv0")
    text = layers(
        replace(one, before=replace(one.before, layers=(*one.before.layers, tied))), Quiet()
    )
    foot = text[text.index("<tfoot>") :]
    size = format_bytes(sum(layer.size_bytes for layer in one.before.layers))
    assert f"{size} →" in foot


def stored(bits: int, scales: int, *, points: bool = False, shape: tuple[int, ...] = (16, 8, 3, 3)):
    values = math.prod(shape)
    size = packed_bytes(values, bits) + 4 * scales + 4 * shape[0]
    size += packed_bytes(scales, bits) if points else 0
    return LayerInfo("x", LayerKind.CONV2D, shape, "float32", values + shape[0], size)


@pytest.mark.parametrize(
    ("layer", "text"),
    [
        (conv("x", 16, 8), "32"),
        (stored(8, 16), "8"),
        (stored(8, 1), "8"),
        (stored(4, 16, points=True), "4"),
        (stored(3, 16), "4"),
        (stored(2, 16), "2"),
        (stored(16, 1), "16"),
        (stored(8, 32, shape=(32, 4, 1, 1)), "8"),
        (stored(4, 32, shape=(32, 8, 1, 1)), "4"),
        (stored(8, 16, shape=(16, 1, 3, 3)), "8"),
        (stored(4, 16, shape=(16, 1, 3, 3)), "4"),
        (stored(4, 64 * 8, shape=(64, 256)), "4"),
        (replace(conv("x", 16, 8), size_bytes=2 * 16 * 8 * 9 + 64), "16"),
        (norm("x", 16), "–"),
        (
            replace(norm("x", 1), kind=LayerKind.PARAMETER, shape=(), parameters=1, size_bytes=2),
            "16",
        ),
    ],
)
def test_bits_from_the_bytes_of_a_layer(layer: LayerInfo, text: str) -> None:
    assert bits_text([layer]) == text


def test_only_the_largest_layers_of_many_are_drawn() -> None:
    text = layers(compressed(120), Quiet())
    assert text.count('class="row"') == 2 * 40
    assert "Bytes of each layer (the 40 largest)" in text
    assert "80 other layers together" in text


# Intervals -------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    samples=st.integers(50, 400),
    changed=st.floats(0, 0.3),
    accuracy=st.floats(0.5, 0.99),
    seed=st.integers(0, 2**31),
)
def test_the_interval_of_a_change_is_no_narrower_than_that_of_pairs(
    samples: int, changed: float, accuracy: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 10, samples)
    first = np.where(rng.random(samples) < accuracy, labels, (labels + 1) % 10)
    second = np.where(rng.random(samples) < changed, rng.integers(0, 10, samples), first)

    def predictions(made: np.ndarray) -> Predictions:
        return Predictions(
            np.arange(samples), made.astype(np.int32), np.ones(samples, np.float32), made == labels
        )

    exact = compare_predictions(predictions(first), predictions(second))
    agreement = float((first == second).mean())
    one, two = (
        replace(
            evaluation(float((made == labels).mean())),
            samples=samples,
            interval=wilson_interval(int((made == labels).sum()), samples),
        )
        for made in (first, second)
    )
    found = change_interval(one, replace(two, agreement=agreement))
    assert found is not None
    assert found[0] <= exact.interval[0] + 1e-9
    assert found[1] >= exact.interval[1] - 1e-9
    independent = change_interval(one, two)
    assert independent is not None
    assert independent[0] <= exact.difference <= independent[1]


def test_nothing_is_said_about_a_change_that_is_not_known() -> None:
    bare = replace(evaluation(0.9), interval=None)
    assert change_interval(bare, bare) is None
    assert change_interval(replace(bare, top1=None), bare) is None


# Drawings ----------------------------------------------------------------------------------------


def numbers(path: str) -> list[float]:
    return [float(one) for one in re.findall(r"-?\d+\.?\d*", path)]


def test_a_curve_has_gaps_where_nothing_is_known() -> None:
    points = [(0, 1.0), (1, math.nan), (2, 3.0), (3, math.inf), (4, 2.0)]
    drawn = plots.curve("loss", points)
    path = re.search(r'd="([^"]*)"', drawn)
    assert path is not None
    assert path[1].count("M") == 3
    assert "nan" not in drawn
    assert "inf" not in drawn
    assert "loss: 1 → 2" in drawn


@pytest.mark.parametrize("points", [[], [(0, math.nan)]])
def test_a_curve_of_nothing_is_not_drawn(points: list[tuple[int, float]]) -> None:
    assert plots.curve("loss", points) == ""


@pytest.mark.parametrize("points", [[(7, 2.5)], [(0, 1.0), (1, 1.0)]])
def test_flat_and_single_points_are_drawn_inside(points: list[tuple[int, float]]) -> None:
    path = re.search(r'd="([^"]*)"', plots.curve("loss", points))
    assert path is not None
    assert all(0 <= value <= 100 for value in numbers(path[1]))


def test_long_curves_are_thinned_without_losing_their_course() -> None:
    points = [(step, math.sin(step / 1000)) for step in range(10_000)]
    thin = plots.thinned(list(reversed(points)))
    assert len(thin) == plots.POINTS
    assert [step for step, _ in thin] == sorted(step for step, _ in thin)
    assert max(abs(value - math.sin(step / 1000)) for step, value in thin) < 0.02


@pytest.mark.parametrize(
    "one",
    [
        histogram(0.5),
        Histogram(0.25, 0.25, (0, 7, 0), sampled=False),
        Histogram(-1e30, 1e30, (1, 0, 10**12), sampled=True),
    ],
)
def test_histograms_stay_in_their_box(one: Histogram) -> None:
    paths = re.findall(r' d="([^"]*)"', plots.weights("w", one, histogram(0.3)))
    assert len(paths) == 2
    for path in paths:
        assert all(-0.6 <= value <= 100.6 for value in numbers(path))


def test_histograms_without_values_are_not_drawn() -> None:
    empty = Histogram(0, 0, (0, 0), sampled=False, nonfinite=3)
    assert plots.weights("w", empty, None) == ""
    assert plots.weights("w", None, None) == ""


@pytest.mark.parametrize("value", [-1.0, math.nan, math.inf, 2.0])
def test_bars_never_leave_their_box(value: float) -> None:
    drawn = plots.bars("t", [plots.Bar("a", value, 1.0, "x")], full=1.0)
    assert all(
        0 <= float(width) <= 100
        for width in re.findall(r'width="([-\d.naif]+)%" height="7"', drawn)
    )


def test_of_many_classes_those_that_changed_are_drawn() -> None:
    old = tuple(0.9 for _ in range(1000))
    new = tuple(0.2 if number == 777 else 0.9 for number in range(999))
    one = compressed(
        evaluation=replace(evaluation(0.8), per_class=new, labels=()),
        original_evaluation=replace(evaluation(0.9), per_class=old, labels=()),
    )
    text = classes(one)
    assert text.count('class="row"') == 30
    assert "“class 777” lost most: −70.0 pt" in text
    assert text.index(">class 777<") < text.index(">class 0<")
    assert ">class 999<" in text


def test_classes_without_samples_are_not_listed() -> None:
    per_class = (0.5, None, 0.7)
    one = compressed(
        evaluation=replace(evaluation(0.6), per_class=per_class, labels=("a", "b", "c")),
        original_evaluation=replace(evaluation(0.6), per_class=per_class, labels=("a", "b", "c")),
    )
    text = classes(one)
    assert ">a<" in text
    assert ">b<" not in text


def test_a_second_training_is_a_curve_of_its_own() -> None:
    points = [(0, 3.0), (1, 2.0), (0, 2.5), (1, 1.5), (2, 1.0)]
    text = curves(compressed(curves=tuple(("loss", step, value) for step, value in points)))
    assert "loss: 3 → 2" in text
    assert "loss (2): 2.5 → 1" in text


def test_curves_of_one_name_are_one_drawing() -> None:
    one = compressed(curves=tuple((f"step {i % 30}: loss", i, 1.0 / (i + 1)) for i in range(300)))
    text = curves(one)
    assert text.count("<figure") == 24
    assert "6 more are not drawn" in text
