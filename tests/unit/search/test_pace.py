"""The time that measuring takes still: by work, not by entries. A clock that is turned by hand."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from engine.info import LayerInfo, LayerKind
from engine.search.limited import Limited, Within
from engine.search.pace import Pace, tails

SETTINGS = (8.0, 4.0, 3.0, 2.0)
MACS = (700, 200, 90, 9, 1)


def layer(position: int, macs: int | None) -> LayerInfo:
    kind, shape = LayerKind.CONV2D, (8, 8, 3, 3)
    return LayerInfo(f"conv{position}", kind, shape, "float32", 1, 4, macs=macs, position=position)


LAYERS = tuple(layer(position, macs) for position, macs in enumerate(MACS))
PLACES = [(one.name, "uniform", setting) for one in LAYERS for setting in SETTINGS]


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def told_left_s(progress: tuple[int, int] | None, elapsed_s: float) -> float:
    """What the window makes of it."""
    assert progress is not None
    done, total = progress
    return elapsed_s * (total / done - 1) if done else math.nan


def test_what_comes_with_and_after_a_layer() -> None:
    found = tails(LAYERS)
    assert found["conv0"] == 1
    assert found["conv1"] == pytest.approx(0.3)
    assert found["conv4"] == pytest.approx(0.001)
    assert list(tails([layer(0, None), layer(1, None)]).values()) == [1.0, 0.5]


@pytest.mark.parametrize("order", [1, -1])
def test_the_time_left_is_the_time_that_it_takes(order: int) -> None:
    """Early layers take long, and there are as many entries of each: entries would mislead."""
    clock = Clock()
    pace = Pace(LAYERS, PLACES, 10.0, clock)
    shares = dict.fromkeys(PLACES, 0.0)
    for place in PLACES:
        pace.made(place, (place,), (place[0],), 0.0)
    pace.progress(shares.__getitem__, math.inf)
    takes = {place: 10 * (tails(LAYERS)[place[0]] + 0.03) for place in PLACES}
    begin, whole = clock.now, sum(takes.values())
    for place in PLACES[::order]:
        for half in (0.5, 1.0):
            clock.now += takes[place] / 2
            pace.ran(takes[place] / 2)
            shares[place] = half
            elapsed_s = clock.now - begin
            left_s = told_left_s(pace.progress(shares.__getitem__, math.inf), elapsed_s)
            if elapsed_s > 0.02 * whole:
                assert left_s == pytest.approx(whole - elapsed_s, rel=0.1, abs=0.01 * whole)
    assert pace.progress(shares.__getitem__, math.inf) == (1000, 1000)


def test_a_time_that_was_set_is_its_end() -> None:
    clock = Clock()
    pace = Pace(LAYERS, PLACES, 1000.0, clock)
    for place in PLACES:
        pace.made(place, (place,), (place[0],), 0.0)
    pace.progress(lambda _: 0.0, 160.0)
    clock.now = 130.0
    pace.ran(30.0)
    assert told_left_s(pace.progress(lambda _: 0.001, 160.0), 30.0) == pytest.approx(30.0)
    clock.now = 160.0
    assert pace.progress(lambda _: 0.001, 160.0) == (1000, 1000)


def test_nothing_is_said_before_anything_is_known() -> None:
    assert Pace(LAYERS, PLACES, 1.0, Clock()).progress(lambda _: 0.0, math.inf) is None


def test_making_changes_takes_its_time() -> None:
    """Half of the layers are made and run; the others are to come, as slowly."""
    clock = Clock()
    pace = Pace(LAYERS, PLACES, 1.0, clock)
    first = PLACES[: len(SETTINGS)]
    for place in first:
        pace.made(place, (place,), (place[0],), 0.0)
    clock.now += 60  # of making
    known = sum(tails(LAYERS)[one[0]] for one in first)
    rest = sum(tails(LAYERS)[one[0]] for one in PLACES) - known
    assert pace.left_s(lambda _: 1.0) > 60 * rest / known


def test_what_was_measured_before_is_no_work() -> None:
    clock = Clock()
    pace = Pace(LAYERS, PLACES, 10.0, clock)
    pace.known(PLACES[len(SETTINGS) :])
    for number, place in enumerate(PLACES[: len(SETTINGS)]):
        pace.made(place, (place,), (place[0],), 1.0 if number else 0.5)
    left_s = pace.left_s(lambda key: 1.0 if key != PLACES[0] else 0.5)
    assert left_s == pytest.approx(0.5 * 1.03 * 10)


def test_the_first_runs_do_not_mislead() -> None:
    """What is seen of a hundredth of the work counts little beside what runs take as a rule."""
    pace = Pace(LAYERS, PLACES, 10.0, Clock())
    shares = dict.fromkeys(PLACES, 0.0)
    for place in PLACES:
        pace.made(place, (place,), (place[0],), 0.0)
    usual_s = pace.left_s(shares.__getitem__)
    shares[PLACES[0]] = 0.05
    pace.ran(5.0)  # ten times as slow
    assert pace.left_s(shares.__getitem__) < 3 * usual_s


def test_progress_never_falls() -> None:
    clock = Clock()
    pace = Pace(LAYERS, PLACES, 0.01, clock)
    found = []
    for number, place in enumerate(PLACES):
        pace.made(place, (place,), (place[0],), 0.0)
        clock.now += 1
        pace.ran(0.5)
        found.append(pace.progress(lambda _, n=number: 1 / (n + 1), math.inf))
    assert all(a is not None and b is not None and a[0] <= b[0] for a, b in pairwise(found))


class Watched:
    """A job that is paused at its second checkpoint."""

    stopping = False

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        self.told: list[tuple[str, int, int]] = []
        monkeypatch.setattr("engine.search.limited.time.monotonic", lambda: self.now)

    def checkpoint(self, text: str = "", done: int = 0, total: int = 0) -> None:
        self.told.append((text, done, total))
        if len(self.told) == 2:
            self.now += 1000.0


def test_a_pause_takes_none_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    job = Watched(monkeypatch)
    limited = Limited(job, 0.0, 10.0)  # type: ignore[arg-type] # what it needs of a job
    limited.checkpoint("a")
    job.now = 5.0
    limited.checkpoint("b")
    assert limited.now() == 5.0
    assert not limited.is_over
    job.now += 5.0
    assert limited.is_over


def test_parts_have_the_progress_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    job = Watched(monkeypatch)
    known: list[tuple[int, int] | None] = [None]
    within = Within(job, lambda: known[0])  # type: ignore[arg-type] # what it needs of a job
    within.checkpoint("Collecting", 3, 4)
    known[0] = (500, 1000)
    within.checkpoint("Trying settings of conv1")
    within.checkpoint()
    assert job.told == [
        ("Collecting", 3, 4),
        ("Trying settings of conv1", 500, 1000),
        ("", 0, 0),
    ]
