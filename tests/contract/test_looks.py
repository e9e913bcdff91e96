"""What every look promises: it can be canceled, is small, and does not wait for work."""

from __future__ import annotations

import dataclasses
import gc
import pickle
import threading
from typing import Any

import pytest
import torch

from engine import opened
from engine.errors import Cancelled
from engine.frozen import FrozenMap
from engine.jobs import looks
from engine.jobs.events import Finished, Lane, Queued
from engine.jobs.job import Quiet
from engine.jobs.looks import (
    ActivationLook,
    ChannelLook,
    DataLook,
    FiguresLook,
    GraphLook,
    ImportsLook,
    ListModel,
    QuantizationLook,
    SampleLook,
    SpectrumLook,
    VersusLook,
    WeightLook,
)
from engine.jobs.requests import Inspect, WarmUp
from engine.jobs.runner import Runner
from engine.looks import material, warm_up
from engine.worker import handle
from tests.unit.looks.cases import DATA, MODEL, SAMPLES, Canceled

LAYER = "block3.pointwise"
LOOKS = [
    ListModel(MODEL),
    WeightLook(MODEL, LAYER),
    *(
        ChannelLook(MODEL, LAYER, criterion, DATA)
        for criterion in ("magnitude", "taylor", "activation_zeros", "reconstruction")
    ),
    SpectrumLook(MODEL, LAYER),
    QuantizationLook(MODEL, LAYER, FrozenMap({"weight_bits": 4})),
    ActivationLook(MODEL, LAYER, DATA),
    DataLook(MODEL, DATA),
    SampleLook(MODEL, DATA, (3, 1)),
    ImportsLook(str(SAMPLES / "digits_net.py")),
    GraphLook(MODEL),
    FiguresLook(MODEL),
]
NAMES = [f"{type(one).__name__}-{getattr(one, 'criterion', '')}" for one in LOOKS]
GAP_S = 0.2
LARGEST = 1 << 20

every_look = pytest.mark.parametrize("request_", LOOKS, ids=NAMES)


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch):
    """Each test finds everything out anew, but for the open network."""
    monkeypatch.setattr(material, "_SAMPLES", opened.Recent(3))
    model = opened.open_model(MODEL, Quiet())
    monkeypatch.setattr(model, "_facts", opened.Recent(opened.MOST_FACTS))


def test_every_look_is_looked_at_here() -> None:
    kinds = {
        one
        for one in vars(looks).values()
        if isinstance(one, type) and one.__module__ == looks.__name__
    }
    # one reads the file of a trial: see tests/unit/test_versus_look.py
    assert {type(one) for one in LOOKS} == kinds - {VersusLook}


@every_look
def test_a_look_is_frozen_plain_and_in_its_lane(request_: Any) -> None:
    assert pickle.loads(pickle.dumps(request_)) == request_
    assert hash(request_) == hash(dataclasses.replace(request_))
    assert request_.__dataclass_params__.frozen
    assert request_.lane is Lane.LOOK
    assert request_.label.strip()
    assert request_.key == ""


@every_look
def test_it_can_be_canceled_and_is_never_long_silent(request_: Any) -> None:
    whole = Canceled()
    result = handle(request_, whole)
    assert whole.longest_s < GAP_S
    assert whole.seen >= 2
    assert len(pickle.dumps(result)) < LARGEST
    model = opened.open_model(MODEL, Quiet())
    for at in (0, 1):
        model._facts = opened.Recent(3)
        material._SAMPLES = opened.Recent(3)
        with pytest.raises(Cancelled):
            handle(request_, Canceled(at=at))


@every_look
def test_asked_again_it_says_the_same(request_: Any) -> None:
    first, second = (handle(request_, Quiet()) for _ in range(2))
    assert repr(first) == repr(second)


def test_looks_are_answered_while_work_goes_on() -> None:
    go = threading.Event()
    events: list[Any] = []
    answered = threading.Event()

    def busy(request: Any, job: Any) -> Any:
        return go.wait(60) if isinstance(request, Inspect) else handle(request, job)

    def emit(event: Any) -> None:
        events.append(event)
        if isinstance(event, Finished) and event.key == "weights of the first":
            answered.set()

    runner = Runner(busy, emit)
    try:
        work = runner.submit(Inspect(MODEL))
        look = runner.submit(WeightLook(MODEL, "stem", key="weights of the first"))
        assert answered.wait(60)
        assert not work.ended
        found = next(e for e in events if isinstance(e, Finished) and e.job == look.number)
        assert found.result.layer == "stem"
        lanes = {e.job: e.lane for e in events if isinstance(e, Queued)}
        assert lanes == {work.number: Lane.WORK, look.number: Lane.LOOK}
    finally:
        go.set()
        runner.close(5)


class Recorded(Quiet):
    """Remembers what was reported."""

    def __init__(self) -> None:
        self.reports: list[tuple[int, int]] = []

    def checkpoint(self, text: str = "", done: int = 0, total: int = 0) -> None:
        if total:
            self.reports.append((done, total))


def test_warming_up_loads_what_comes_late_and_leaves_a_core(monkeypatch) -> None:
    chosen: list[int] = []
    monkeypatch.setattr(torch, "set_num_threads", chosen.append)
    monkeypatch.setattr(warm_up, "cores", lambda: 6)
    job = Recorded()
    try:
        ready = handle(WarmUp(), job)
        assert handle(WarmUp(threads=2), Quiet()).threads == 2
    finally:
        gc.unfreeze()
    assert chosen == [5, 2]
    assert ready.threads == 5
    assert ready.devices[0] == "cpu"
    assert {"PyTorch", "ONNX Runtime", "Espalier"} <= set(ready.versions)
    assert job.reports[-1][0] == job.reports[-1][1]
    assert pickle.loads(pickle.dumps(ready)) == ready


def test_an_unknown_request_is_a_mistake_of_ours() -> None:
    with pytest.raises(TypeError, match="no handler for str"):
        handle("Inspect", Quiet())  # type: ignore[arg-type]  # wrong on purpose
