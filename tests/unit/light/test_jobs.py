"""Jobs: events, two lanes, cancel, stop, pause."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from engine.errors import Cancelled, DataError, EngineError
from engine.jobs.control import INTERVAL_S, JobControl
from engine.jobs.events import (
    Crashed,
    Event,
    Failed,
    Finished,
    Lane,
    Metric,
    Partial,
    Paused,
    Progress,
    Queued,
    Resumed,
    Started,
    Stopped,
    Stopping,
)
from engine.jobs.job import Job
from engine.jobs.runner import Runner, run_inline

LONG_S = 10.0
"""Nothing takes this long; waiting for it means that the test fails."""


@dataclass(frozen=True)
class Ask:
    """A request whose work is a function: for tests on threads only."""

    work: Callable[[Job], Any]
    label: str = "Work"
    key: str = ""
    lane: Lane = Lane.WORK


def handle(request: Ask, job: Job) -> Any:
    return request.work(job)


@dataclass
class Log:
    """Collects events, and waits for one."""

    events: list[Event] = field(default_factory=list)
    _new: threading.Condition = field(default_factory=threading.Condition)

    def __call__(self, event: Event) -> None:
        with self._new:
            self.events.append(event)
            self._new.notify_all()

    def wait_for(self, kind: type[Event] | tuple[type[Event], ...], job: int = 0) -> Any:
        def found() -> Event | None:
            hits = (e for e in self.events if isinstance(e, kind) and job in {0, e.job})
            return next(hits, None)

        with self._new:
            assert self._new.wait_for(found, LONG_S), self.events
            return found()

    def of(self, job: JobControl) -> list[str]:
        return [type(e).__name__ for e in self.events if e.job == job.number]

    def ends(self) -> list[Event]:
        """How the end came about: without progress, which may come in between."""
        kinds = (Stopping, Stopped, Finished, Failed, Crashed)
        return [event for event in self.events if isinstance(event, kinds)]


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def runner(log: Log) -> Iterator[Runner]:
    runner = Runner(handle, log)
    yield runner
    assert runner.close(LONG_S)


def spin(job: Job) -> None:
    """Work that only ends when it is told to."""
    while not job.stopping:
        job.checkpoint("Spinning")
        time.sleep(0.001)


def test_a_job_is_queued_started_and_finished(runner: Runner, log: Log) -> None:
    job = runner.submit(Ask(lambda _job: 42, "Answer", key="abc"))
    assert job.wait(LONG_S)
    assert log.events == [
        Queued(1, "Answer", Lane.WORK, "abc"),
        Started(1, "Answer"),
        Finished(1, 42, "abc"),
    ]


def test_work_is_done_one_at_a_time_in_order(runner: Runner, log: Log) -> None:
    running: list[int] = []
    order: list[int] = []

    def work(number: int) -> Callable[[Job], None]:
        def run(_job: Job) -> None:
            running.append(number)
            assert len(running) == 1
            time.sleep(0.005)
            order.append(number)
            running.remove(number)

        return run

    jobs = [runner.submit(Ask(work(number))) for number in range(5)]
    assert jobs[-1].wait(LONG_S)
    assert order == [0, 1, 2, 3, 4]
    assert not any(isinstance(event, Crashed) for event in log.events)


def test_a_look_does_not_wait_behind_work(runner: Runner, log: Log) -> None:
    work = runner.submit(Ask(spin))
    log.wait_for(Progress)
    began = time.monotonic()
    look = runner.submit(Ask(lambda _job: "seen", lane=Lane.LOOK))
    assert look.wait(LONG_S)
    assert time.monotonic() - began < 0.3
    assert not work.ended
    another = runner.submit(Ask(lambda _job: "seen"), Lane.LOOK)
    assert another.wait(LONG_S)


def test_cancel_is_acknowledged_at_once_and_drops_the_result(runner: Runner, log: Log) -> None:
    job = runner.submit(Ask(spin, key="k"))
    log.wait_for(Progress)
    began = time.monotonic()
    assert runner.cancel(job.number)
    assert job.wait(LONG_S)
    assert time.monotonic() - began < 0.2
    assert log.ends() == [Stopping(1, keep=False), Stopped(1, None, "k")]
    assert not runner.cancel(job.number)
    assert not job.cancel()
    assert log.of(job).count("Stopped") == 1


def test_cancel_is_acknowledged_even_where_no_checkpoint_comes(runner: Runner, log: Log) -> None:
    go = threading.Event()
    job = runner.submit(Ask(lambda _job: go.wait(LONG_S)))
    log.wait_for(Started)
    job.cancel()
    assert log.events[-1] == Stopping(1, keep=False)
    go.set()
    assert job.wait(LONG_S)
    assert log.events[-1] == Stopped(1)  # the result comes too late and is dropped


def test_a_job_that_waits_is_canceled_at_once(runner: Runner, log: Log) -> None:
    first = runner.submit(Ask(spin))
    log.wait_for(Progress)
    ran: list[int] = []
    second = runner.submit(Ask(lambda _job: ran.append(1)))
    assert second.cancel()
    assert second.ended
    assert log.of(second) == ["Queued", "Stopped"]
    first.stop()
    third = runner.submit(Ask(lambda _job: 3))
    assert third.wait(LONG_S)
    assert ran == []
    assert log.of(second) == ["Queued", "Stopped"]
    assert runner.job(second.number) is None


def test_stop_keeps_the_best_so_far(runner: Runner, log: Log) -> None:
    def train(job: Job) -> str:
        spin(job)
        return "best so far"

    job = runner.submit(Ask(train, key="k"))
    log.wait_for(Progress)
    assert runner.stop(job.number)
    assert job.wait(LONG_S)
    assert log.ends() == [Stopping(1, keep=True), Stopped(1, "best so far", "k")]


def test_cancel_after_stop_drops_the_result(runner: Runner, log: Log) -> None:
    go = threading.Event()

    def train(job: Job) -> str:
        go.wait(LONG_S)
        job.checkpoint("Training")
        return "best so far"

    job = runner.submit(Ask(train))
    log.wait_for(Started)
    job.stop()
    job.stop()
    job.cancel()
    go.set()
    assert job.wait(LONG_S)
    assert log.of(job) == ["Queued", "Started", "Stopping", "Stopping", "Progress", "Stopped"]
    assert log.events[-1] == Stopped(1)


def test_pause_and_resume(runner: Runner, log: Log) -> None:
    counted: list[int] = []

    def count(job: Job) -> None:
        while not job.stopping:
            counted.append(1)
            job.checkpoint("Counting")
            time.sleep(0.001)

    job = runner.submit(Ask(count))
    log.wait_for(Progress)
    job.pause()
    log.wait_for(Paused)
    seen = len(counted)
    time.sleep(0.05)
    assert len(counted) == seen
    job.resume()
    log.wait_for(Resumed)
    deadline = time.monotonic() + LONG_S
    while len(counted) <= seen and time.monotonic() < deadline:
        time.sleep(0.001)
    assert len(counted) > seen
    job.stop()
    assert job.wait(LONG_S)


@pytest.mark.parametrize("end", ["cancel", "stop"])
def test_a_paused_job_can_be_ended(runner: Runner, log: Log, end: str) -> None:
    job = runner.submit(Ask(spin))
    job.pause()
    log.wait_for(Paused)
    assert getattr(job, end)()
    assert job.wait(LONG_S)
    assert isinstance(log.events[-1], Stopped)


def test_pauses_do_not_count(log: Log) -> None:
    def work(job: Job) -> None:
        job.checkpoint("a", 1, 2)
        control.pause()
        threading.Timer(0.3, control.resume).start()
        job.checkpoint("a", 1, 2)
        job.checkpoint("a", 2, 2)

    control = JobControl(1, Ask(work), log)
    control.run(handle)
    last = [event for event in log.events if isinstance(event, Progress)][-1]
    assert last.fraction == 1
    assert last.elapsed_s < 0.2
    assert last.remaining_s == 0


def test_progress_comes_twenty_times_a_second_and_the_last_always(log: Log) -> None:
    def work(job: Job) -> None:
        end = time.monotonic() + 0.5
        done = 0
        while time.monotonic() < end:
            done += 1
            job.checkpoint("Counting", done, 10**9)
        job.checkpoint("Counting", 10**9, 10**9)

    run_inline(handle, Ask(work), log)
    progress = [event for event in log.events if isinstance(event, Progress)]
    assert 3 <= len(progress) <= 13
    assert progress[-1].fraction == 1.0
    assert isinstance(log.events[-1], Finished)


def test_no_measured_number_is_lost(log: Log) -> None:
    def work(job: Job) -> None:
        for step in range(1000):
            job.metric("loss", step, 1 / (step + 1))

    run_inline(handle, Ask(work), log)
    batches = [event for event in log.events if isinstance(event, Metric)]
    points = [point for event in batches for point in event.points]
    assert [point.step for point in points] == list(range(1000))
    assert points[1] == ("loss", 1, 0.5)
    assert len(batches) < 100


def test_of_what_is_finished_so_far_the_newest_is_shown(log: Log) -> None:
    def work(job: Job) -> str:
        for done in range(100):
            job.partial(done)
            job.checkpoint()
        return "all"

    run_inline(handle, Ask(work, key="abc"), log)
    found = [event for event in log.events if isinstance(event, Partial)]
    assert found == [Partial(1, 0, "abc"), Partial(1, 99, "abc")]
    assert log.events[-1] == Finished(1, "all", "abc")


def test_what_is_finished_is_shown_before_a_job_fails(log: Log) -> None:
    def work(job: Job) -> None:
        job.partial("half")
        job.partial("most")
        raise EngineError("It failed.")

    run_inline(handle, Ask(work), log)
    assert [type(event) for event in log.events[1:]] == [Partial, Partial, Failed]


def test_a_stage_begins_anew() -> None:
    assert Progress(1, "a", 1, 4, elapsed_s=2.0).remaining_s == pytest.approx(6.0)
    assert Progress(1, "a").fraction is None
    assert Progress(1, "a").remaining_s is None
    assert Progress(1, "a", 0, 4, 1.0).remaining_s is None
    assert Progress(1, "a", 9, 4).fraction == 1.0

    log = Log()

    def work(job: Job) -> None:
        time.sleep(0.1)
        job.checkpoint("first", 1, 2)
        time.sleep(0.06)
        job.checkpoint("second", 0, 5)

    run_inline(handle, Ask(work), log)
    second = [event for event in log.events if isinstance(event, Progress)][-1]
    assert second.text == "second"
    assert second.elapsed_s < 0.05


def fail(error: BaseException) -> Callable[[Job], None]:
    def work(_job: Job) -> None:
        raise error

    return work


def test_an_error_of_the_user_is_a_failure() -> None:
    end = run_inline(handle, Ask(fail(DataError("No labels.", hint="Add some.")), key="k"), Log())
    assert isinstance(end, Failed)
    assert isinstance(end.error, DataError)
    assert (end.error.one_line(), end.key) == ("No labels. Add some.", "k")


def test_an_error_of_ours_is_a_crash_with_its_traceback() -> None:
    end = run_inline(handle, Ask(fail(ValueError("odd"))), Log())
    assert isinstance(end, Crashed)
    assert end.summary == "ValueError: odd"
    assert "in work" in end.traceback


class OutOfMemoryError(RuntimeError):
    """Named as torch names it."""


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OutOfMemoryError("CUDA"),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried"),
    ],
)
def test_out_of_memory_is_a_failure_with_a_hint(error: Exception) -> None:
    end = run_inline(handle, Ask(fail(error), "Train"), Log())
    assert isinstance(end, Failed)
    assert "more memory" in end.error.message
    assert "smaller batches" in end.error.hint


def test_a_lane_survives_whatever_the_work_raises(runner: Runner, log: Log) -> None:
    for error in (SystemExit(3), ValueError("odd"), Cancelled(), GeneratorExit()):
        runner.submit(Ask(fail(error)))
    assert runner.submit(Ask(lambda _job: "alive")).wait(LONG_S)
    ends = [type(e).__name__ for e in log.events if not isinstance(e, (Queued, Started))]
    assert ends == ["Crashed", "Crashed", "Stopped", "Crashed", "Finished"]


def test_an_error_after_a_cancel_is_its_consequence(runner: Runner, log: Log) -> None:
    def work(job: Job) -> None:
        try:
            spin(job)
        except Cancelled:
            raise EngineError("The child process died.") from None

    job = runner.submit(Ask(work))
    log.wait_for(Progress)
    job.cancel()
    assert job.wait(LONG_S)
    assert log.events[-1] == Stopped(1)


def test_a_failure_does_not_hold_on_to_the_works_memory() -> None:
    class Big:
        pass

    alive: list[weakref.ref[Big]] = []

    def work(_job: Job) -> None:
        big = Big()
        alive.append(weakref.ref(big))
        try:
            raise KeyError("inner")
        except KeyError as error:
            raise EngineError("outer") from error

    end = run_inline(handle, Ask(work), Log())
    assert isinstance(end, Failed)
    assert alive[0]() is None


def test_a_receiver_that_fails_does_not_disturb_the_work(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(_event: Event) -> None:
        raise RuntimeError("view")

    end = run_inline(handle, Ask(lambda job: job.checkpoint("x") or 7), broken)
    assert end == Finished(1, 7)
    assert "the job goes on" in caplog.text
    caplog.clear()


def test_close_drops_everything_and_ends_the_threads(log: Log) -> None:
    runner = Runner(handle, log)
    running = runner.submit(Ask(spin))
    waiting = [runner.submit(Ask(spin)) for _ in range(3)]
    log.wait_for(Progress)
    assert runner.close(LONG_S)
    assert running.ended
    assert all(job.ended for job in waiting)
    with pytest.raises(RuntimeError, match="closed"):
        runner.submit(Ask(spin))
    assert not [t for t in threading.enumerate() if t.name.startswith("engine-")]


def test_close_does_not_wait_for_ever(log: Log) -> None:
    go = threading.Event()
    runner = Runner(handle, log)
    runner.submit(Ask(lambda _job: go.wait(LONG_S)))
    log.wait_for(Started)
    began = time.monotonic()
    assert not runner.close(0.1)
    assert time.monotonic() - began < 2
    go.set()
    assert runner.close(LONG_S)


def test_the_receiver_may_use_the_runner(log: Log) -> None:
    def chain(event: Event) -> None:
        log(event)
        if isinstance(event, Finished) and event.result == "first":
            runner.submit(Ask(lambda _job: "second"))
        if isinstance(event, Progress):
            runner.cancel(event.job)

    runner = Runner(handle, chain)
    runner.submit(Ask(lambda _job: "first"))
    while not any(isinstance(e, Finished) and e.result == "second" for e in log.events):
        log.wait_for(Finished)
        time.sleep(0.001)
    third = runner.submit(Ask(spin))
    assert third.wait(LONG_S)
    assert runner.close(LONG_S)


def test_events_cross_a_process_boundary() -> None:
    events: list[Event] = [
        Queued(1, "a"),
        Started(1, "a"),
        Progress(1, "b", 1, 2, 0.5),
        Paused(1),
        Resumed(1),
        Stopping(1, keep=True),
        Finished(1, {"x": 1}, "k"),
        Stopped(1),
        Crashed(1, "s", "t"),
    ]
    assert pickle.loads(pickle.dumps(events)) == events
    failed = pickle.loads(pickle.dumps(Failed(1, DataError("m", hint="h", where="w"))))
    assert failed.error.one_line() == "w: m. h"


def test_inline_cancel_from_within() -> None:
    log = Log()

    def quit_soon(event: Event) -> None:
        log(event)
        if isinstance(event, Progress):
            os.kill(os.getpid(), signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    assert run_inline(handle, Ask(spin), quit_soon) == Stopped(1)
    assert signal.getsignal(signal.SIGINT) is before
    assert log.ends() == [Stopping(1, keep=False), Stopped(1)]


def test_inline_works_on_any_thread() -> None:
    ends: list[object] = []
    thread = threading.Thread(
        target=lambda: ends.append(run_inline(handle, Ask(lambda _job: 5), Log()))
    )
    thread.start()
    thread.join(LONG_S)
    assert ends == [Finished(1, 5)]


SCRIPT = """
import sys, time
from engine.jobs.runner import run_inline
class Ask:
    label = "Sleep"
def handle(request, job):
    print("ready", flush=True)
    end = time.monotonic() + 60
    while time.monotonic() < end:
        time.sleep(0.01)  # no checkpoint
print(type(run_inline(handle, Ask(), lambda event: None)).__name__, flush=True)
"""


@pytest.mark.parametrize("presses", [1, 2])
def test_ctrl_c_ends_work_without_checkpoints_too(presses: int) -> None:
    """Pressed once: after the grace period. Pressed twice: at once."""
    root = Path(__file__).parents[3]
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT],
        stdout=subprocess.PIPE,
        text=True,
        cwd=root,
    )
    assert process.stdout is not None
    with process:
        assert process.stdout.readline() == "ready\n"
        began = time.monotonic()
        for _ in range(presses):
            process.send_signal(signal.SIGINT)
            time.sleep(0.2)
        assert process.stdout.readline() == "Stopped\n"
        assert process.wait(LONG_S) == 0
        took = time.monotonic() - began
    assert took < (4.0 if presses == 1 else 1.9)


def test_a_checkpoint_that_only_asks_leaves_the_progress_alone() -> None:
    def work(job: Job) -> None:
        job.checkpoint("Reading", 1, 4)
        time.sleep(2 * INTERVAL_S)
        job.checkpoint()
        time.sleep(2 * INTERVAL_S)
        job.checkpoint("Reading", 2, 4)

    log = Log()
    run_inline(handle, Ask(work), log)
    told = [event for event in log.events if isinstance(event, Progress)]
    assert [(event.text, event.done, event.total) for event in told] == [
        ("Reading", 1, 4),
        ("Reading", 2, 4),
    ]
    assert told[1].elapsed_s >= 4 * INTERVAL_S  # the stage's clock went on


def test_the_first_ctrl_c_keeps_what_is_finished_where_that_is_wanted() -> None:
    log = Log()

    def until_stopped(job: Job) -> str:
        while not job.stopping:
            job.checkpoint("Training", 1, 2)
            time.sleep(0.01)
        return "best so far"

    def press(event: Event) -> None:
        log(event)
        if isinstance(event, Progress):
            os.kill(os.getpid(), signal.SIGINT)

    end = run_inline(handle, Ask(until_stopped), press, keep=True)
    assert end == Stopped(1, "best so far")
    assert Stopping(1, keep=True) in log.events


def test_the_second_ctrl_c_drops_it() -> None:
    presses = iter([signal.SIGINT, signal.SIGINT])

    def deaf(job: Job) -> None:
        while True:
            job.checkpoint("Spinning")
            time.sleep(0.001)

    def press(event: Event) -> None:
        if isinstance(event, Progress) and (one := next(presses, None)):
            os.kill(os.getpid(), one)

    assert run_inline(handle, Ask(deaf), press, keep=True) == Stopped(1)
