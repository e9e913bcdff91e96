"""Work in a child process: results, errors, limits, cancelling."""

import time

import psutil
import pytest

from engine.errors import Cancelled, EngineError
from engine.jobs.job import Quiet
from engine.readers.limits import Limits
from engine.writers.child import run_task, workplace

ENOUGH = Limits(60, 1 << 30)


@pytest.fixture
def ask(tmp_path):
    def run(name, arguments=None, limits=ENOUGH, job=None):
        task = f"tests.helpers.tasks:{name}"
        return run_task(task, arguments or {}, tmp_path, limits, job or Quiet())

    return run


def test_result_files_and_progress(ask, tmp_path):
    seen = []

    class Watches(Quiet):
        def checkpoint(self, text="", done=0, total=0):
            seen.append((text, done, total))

    assert ask("echo", {"a": [1, "b"]}, job=Watches()) == {"arguments": {"a": [1, "b"]}}
    assert (tmp_path / "made").read_text() == "here"
    assert ("Half", 1, 2) in seen


def test_errors_come_through_with_their_hint(ask):
    with pytest.raises(EngineError, match="It does not work") as error:
        ask("refuse")
    assert (error.value.hint, error.value.where) == ("Do something else.", "conv1")


def test_faults_are_one_sentence(ask):
    with pytest.raises(EngineError, match="cannot be written as ONNX: KeyError") as error:
        ask("stumble")
    assert "Traceback" not in error.value.one_line()


def test_a_crash_is_said(ask):
    with pytest.raises(EngineError, match="SIGABRT"):
        ask("crash")


def test_limits_of_time_and_memory(ask):
    with pytest.raises(EngineError, match="longer than 1 seconds"):
        ask("hang", limits=Limits(1, 1 << 30))
    with pytest.raises(EngineError, match="GiB of memory"):
        ask("hoard", limits=Limits(60, 64 << 20))


def test_cancel_kills_it(ask):
    pids = []

    class Cancels(Quiet):
        def checkpoint(self, text="", done=0, total=0):
            if text.startswith("pid "):
                pids.append(int(text.removeprefix("pid ")))
                raise Cancelled

    with pytest.raises(Cancelled):
        ask("hang", job=Cancels())
    until = time.monotonic() + 10
    while psutil.pid_exists(pids[0]) and time.monotonic() < until:
        time.sleep(0.02)
    assert not psutil.pid_exists(pids[0])


def test_workplace_is_gone_afterwards():
    with workplace() as folder:
        (folder / "file").touch()
    assert not folder.exists()
