"""The child process: crashes, hangs, bombs and cancelling stay its own affair."""

import gc
import json
import os
import signal
import subprocess
import sys
import threading
import time

import psutil
import pytest
import torch

from engine.errors import Cancelled, ModelError
from engine.frozen import FrozenMap
from engine.jobs.job import Quiet
from engine.jobs.requests import ModelSource
from engine.readers import sandbox
from engine.readers.limits import GIB, MIB, Limits
from engine.readers.open import list_model, read_model
from tests.helpers import valid

FACTORIES = """
import os, time, torch

def crashes():
    os.abort()

def hangs():
    while True:
        time.sleep(0.01)

def spins():
    while True:
        pass

def eats():
    kept = []
    while True:
        kept.append(torch.ones(1 << 22))

def leaves():
    os._exit(7)
"""
WIDE = Limits(60, 4 * GIB)


class Watched(Quiet):
    """Keeps what it is told; cancels itself after some seconds."""

    def __init__(self, cancel_after=1e9):
        self.texts = []
        self.times = []
        self.until = time.monotonic() + cancel_after

    def checkpoint(self, text="", done=0, total=0):
        self.texts.append(text)
        self.times.append(time.monotonic())
        if time.monotonic() > self.until:
            raise Cancelled


@pytest.fixture
def arguments(tmp_path):
    (tmp_path / "bad.py").write_text(FACTORIES)

    def make(factory):
        return {
            "path": str(valid.write_state_dict(tmp_path)),
            "architecture": f"{tmp_path / 'bad.py'}:{factory}",
            "trusted": True,
            "input_shapes": dict(valid.SHAPE),
        }

    return make


def read(arguments, limits=WIDE, job=None):
    with sandbox.reading("read", arguments, limits, job or Quiet(), trusted=True) as (result, _):
        return result


def workers():
    """Processes below the one that workers are forked from."""
    nursery = sandbox._NURSERY._process
    return psutil.Process(nursery.pid).children(recursive=True) if nursery else []


def wait_for(condition, seconds=5):
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.02)
    return condition()


def test_crash_is_an_error_with_a_sentence(arguments):
    with pytest.raises(sandbox.Crashed, match=r"crashed \(SIGABRT\)"):
        read(arguments("crashes"))


def test_exit_without_a_result_is_an_error(arguments):
    with pytest.raises(sandbox.Crashed, match="ended without a result"):
        read(arguments("leaves"))


def test_crash_still_gives_the_table(arguments):
    asked = arguments("crashes")
    source = ModelSource(asked["path"], asked["architecture"], trusted=True)
    opened = read_model(source, Quiet())
    assert opened.network is None
    assert "SIGABRT" in opened.reason
    assert [layer.name for layer in opened.info.layers] == ["conv1", "bn1", "fc"]


@pytest.mark.parametrize("factory", ["hangs", "spins"])
def test_time_limit(arguments, factory):
    started = time.monotonic()
    with pytest.raises(ModelError, match="took longer than 1 seconds"):
        read(arguments(factory), Limits(1, 4 * GIB))
    assert time.monotonic() - started < 10
    assert wait_for(lambda: not workers())


def test_memory_limit(arguments):
    with pytest.raises(ModelError, match="of memory"):
        read(arguments("eats"), Limits(60, 300 * MIB))
    assert wait_for(lambda: not workers())


def test_cancel_kills_the_child_at_once(arguments):
    job = Watched(cancel_after=1.0)
    with pytest.raises(Cancelled):
        read(arguments("hangs"), job=job)
    assert time.monotonic() - job.until < 1.0
    assert wait_for(lambda: not workers())


def test_checkpoint_is_polled_while_the_child_is_silent(arguments):
    sandbox.warm()
    read(arguments("Net") | {"architecture": ""})  # the first one waits for the imports
    job = Watched(cancel_after=1.0)
    with pytest.raises(Cancelled):
        read(arguments("hangs"), job=job)
    assert len(job.times) > 10


def test_progress_is_passed_on(tmp_path):
    job = Watched()
    list_model(ModelSource(str(valid.write_onnx(tmp_path))), job)
    assert "Looking at the file" in job.texts


def test_without_fork_the_result_is_the_same(tmp_path, monkeypatch):
    source = ModelSource(str(valid.write_onnx(tmp_path)))
    forked = list_model(source, Quiet())
    monkeypatch.setattr(sandbox, "CAN_FORK", False)
    assert list_model(source, Quiet()) == forked


@pytest.fixture
def no_fork(monkeypatch):
    """Workers are started from scratch, and run this code instead of ours."""

    def run(code, seconds=60.0, memory_bytes=4 * GIB, job=None):
        monkeypatch.setattr(sandbox, "command", lambda mode: [sys.executable, "-c", code])
        limits = Limits(seconds, memory_bytes)
        with sandbox.reading("list", {"path": "x.onnx"}, limits, job or Quiet()) as (result, _):
            return result

    monkeypatch.setattr(sandbox, "CAN_FORK", False)
    monkeypatch.setattr(sandbox, "START_SECONDS", 0.0)
    monkeypatch.setattr(sandbox, "START_BYTES", 0)
    return run


class TestWithoutFork:
    def test_time_limit(self, no_fork):
        with pytest.raises(ModelError, match="took longer"):
            no_fork("import time; time.sleep(60)", seconds=0.5)

    def test_memory_limit(self, no_fork):
        with pytest.raises(ModelError, match="of memory"):
            no_fork("x = b'1' * (1 << 28)\nimport time; time.sleep(60)", memory_bytes=100 * MIB)

    def test_crash(self, no_fork):
        with pytest.raises(sandbox.Crashed, match="SIGABRT"):
            no_fork("import os; os.abort()")

    def test_cancel(self, no_fork):
        job = Watched(cancel_after=0.5)
        with pytest.raises(Cancelled):
            no_fork("import time; time.sleep(60)", job=job)
        assert time.monotonic() - job.until < 1.0

    def test_messages_that_make_no_sense_are_ignored(self, no_fork):
        job = Watched()
        message = json.dumps({"text": "half way", "done": 1, "total": 2})
        code = f"""
import json, sys, time
request = json.loads(sys.stdin.readline())
print("nonsense", 7, [], {{}}, sep="\\n")
print("x" * 1_000_000)
print({message!r}, flush=True)
time.sleep(0.3)
open(request["folder"] + "/result.json", "w").write('{{"ok": {{"a": 1}}}}')
"""
        assert no_fork(code, job=job) == {"a": 1}
        assert "half way" in job.texts


def test_killed_nursery_is_started_again(tmp_path):
    source = ModelSource(str(valid.write_onnx(tmp_path)))
    before = list_model(source, Quiet())
    sandbox._NURSERY._process.send_signal(signal.SIGKILL)
    sandbox._NURSERY._process.wait()
    assert list_model(source, Quiet()) == before


def test_nursery_killed_while_reading_costs_nothing(tmp_path):
    """Its death is noticed before it can be waited for, and a reading that runs goes on."""
    (tmp_path / "code.py").write_text(
        "import time, torch\ntime.sleep(1)\ndef network(): return torch.nn.Linear(4, 3)"
    )
    torch.save(torch.nn.Linear(4, 3).state_dict(), tmp_path / "weights.pth")
    slow = ModelSource(
        str(tmp_path / "weights.pth"),
        architecture=f"{tmp_path / 'code.py'}:network",
        trusted=True,
        input_shapes=FrozenMap({"x": "4"}),
    )
    sandbox.warm()
    nursery = sandbox._NURSERY._process

    class Job(Quiet):
        def checkpoint(self, text="", done=0, total=0):
            if text == "Building the network":
                nursery.kill()

    assert read_model(slow, Job()).network is not None
    assert list_model(slow, Quiet()).layers
    assert sandbox._NURSERY._process is not nursery


def test_nursery_outlives_the_thread_that_started_it(tmp_path):
    sandbox._NURSERY.stop()
    source = ModelSource(str(valid.write_onnx(tmp_path)))
    thread = threading.Thread(target=lambda: list_model(source, Quiet()))
    thread.start()
    thread.join()
    time.sleep(0.2)
    assert sandbox._NURSERY._process.poll() is None


def test_folder_of_a_killed_program_is_removed(tmp_path):
    """Whoever kills the whole program leaves no weights in the temporary folder."""
    rooms = tmp_path / "rooms"
    rooms.mkdir()
    (tmp_path / "code.py").write_text("print(1)\nwhile True: pass")
    torch.save({"weight": torch.ones(2, 2)}, tmp_path / "weights.pth")
    program = f"""
from engine.jobs.job import Quiet
from engine.jobs.requests import ModelSource
from engine.readers.open import read_model
read_model(ModelSource({str(tmp_path / "weights.pth")!r}, trusted=True,
           architecture={str(tmp_path / "code.py:network")!r}), Quiet())
"""
    killed = subprocess.Popen(
        [sys.executable, "-c", program],
        env={**os.environ, "TMPDIR": str(rooms), "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    deadline = time.monotonic() + 60
    while not list(rooms.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.05)
    children = psutil.Process(killed.pid).children(recursive=True)
    while len(children) < 3 and time.monotonic() < deadline:
        time.sleep(0.05)
        children = psutil.Process(killed.pid).children(recursive=True)
    assert len(children) == 3
    killed.kill()
    killed.wait()
    while list(rooms.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert list(rooms.iterdir()) == []
    _, alive = psutil.wait_procs(children, timeout=10)
    assert not [p for p in alive if p.status() != psutil.STATUS_ZOMBIE]


def test_several_at_once(tmp_path):
    source = ModelSource(str(valid.write_onnx(tmp_path)))
    expected = list_model(source, Quiet())
    results = []
    threads = [
        threading.Thread(target=lambda: results.append(list_model(source, Quiet())))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [expected] * 4


def test_nothing_is_left_behind(tmp_path, monkeypatch):
    rooms = tmp_path / "rooms"
    rooms.mkdir()
    monkeypatch.setattr(sandbox.tempfile, "tempdir", str(rooms))
    path = valid.write_pt2(tmp_path)
    assert read_model(ModelSource(str(path)), Quiet()).network is not None
    assert list(rooms.iterdir()) == []


def test_no_temporary_folder_is_a_sentence(tmp_path, monkeypatch):
    path = valid.write_onnx(tmp_path)
    monkeypatch.setattr(sandbox.tempfile, "tempdir", str(tmp_path / "not there"))
    with pytest.raises(ModelError, match="none can be made"):
        list_model(ModelSource(str(path)), Quiet())


@pytest.mark.parametrize(
    "content", ["", "[]", "{", '{"ok": 3}', '{"else": 1}', "nul", '{"ok": ' + "[" * 100_000]
)
def test_result_that_makes_no_sense_is_a_crash(tmp_path, content):
    (tmp_path / "result.json").write_text(content)
    with pytest.raises(ModelError):
        sandbox._result(tmp_path, sandbox.Ended(0), WIDE, "model.onnx")


def test_error_of_the_child_comes_back_whole(tmp_path):
    error = {"kind": "ModelError", "message": "It is broken", "hint": "Mend it.", "where": "conv1"}
    (tmp_path / "result.json").write_text(json.dumps({"error": error}))
    with pytest.raises(ModelError) as caught:
        sandbox._result(tmp_path, sandbox.Ended(0), WIDE, "model.onnx")
    assert caught.value.one_line() == "conv1: It is broken. Mend it."


def test_only_errors_of_ours_can_come_back(tmp_path):
    error = {"kind": "SystemExit", "message": "bye", "hint": "", "where": ""}
    (tmp_path / "result.json").write_text(json.dumps({"error": error}))
    with pytest.raises(ModelError):
        sandbox._result(tmp_path, sandbox.Ended(0), WIDE, "model.onnx")


def test_module_in_the_current_folder_is_not_imported(tmp_path):
    """A folder of models may hold a `json.py`; the child must not take it for Python's own."""
    (tmp_path / "json.py").write_text("raise SystemExit('imported')")
    result = subprocess.run(
        sandbox.command("once"),
        cwd=tmp_path,
        env=sandbox._environment(),
        input=b"\n",
        capture_output=True,
    )
    assert b"JSONDecodeError" in result.stderr
    assert b"imported" not in result.stderr


def test_input_shapes_reach_the_child(tmp_path):
    path = valid.write_torchscript(tmp_path)
    source = ModelSource(str(path), input_shapes=FrozenMap(valid.SHAPE))
    opened = read_model(source, Quiet())
    assert opened.network is not None
    assert opened.network.inputs[0].shape == ("batch", 3, 8, 8)


def children() -> set[int]:
    """Processes that this one has started, and theirs."""
    gc.collect()  # a handle in a circle holds its process
    return {one.pid for one in psutil.Process().children(recursive=True)}


LEFT_BEHIND = """
import os, subprocess, sys
{start}

def network():
    import torch
    return torch.nn.Linear(4, 3)
"""


@pytest.mark.skipif(not sandbox.CAN_FORK, reason="only a forked worker has a minder")
@pytest.mark.parametrize(
    "start",
    [
        "if os.fork() == 0:\n    import time\n    time.sleep(600)",
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'],"
        " start_new_session=True)",
    ],
    ids=["fork", "session"],
)
def test_what_trusted_code_starts_does_not_outlive_the_reading(tmp_path, start):
    (tmp_path / "code.py").write_text(LEFT_BEHIND.format(start=start))
    weights = tmp_path / "weights.pth"
    torch.save(torch.nn.Linear(4, 3).state_dict(), weights)
    source = ModelSource(
        str(weights),
        architecture=f"{tmp_path / 'code.py'}:network",
        trusted=True,
        input_shapes=FrozenMap({"x": "4"}),
    )
    sandbox.warm()
    before = children()
    started = time.monotonic()
    assert read_model(source, Quiet()).network is not None
    assert time.monotonic() - started < 60
    known = before | {sandbox._NURSERY._process.pid}
    end = time.monotonic() + 30  # it would live for ten minutes
    while not (after := children()) <= known and time.monotonic() < end:
        time.sleep(0.1)
    assert after <= known


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import sys\nsys.exit('no')", "line 2: SystemExit: no"),
        ("raise KeyboardInterrupt", "line 1: KeyboardInterrupt"),
        ("x = '\0'", "null bytes"),
        ("import not_there_at_all", "line 1: ModuleNotFoundError"),
    ],
)
def test_code_that_ends_the_process_is_named(tmp_path, code, said):
    (tmp_path / "code.py").write_text(code)
    weights = tmp_path / "weights.pth"
    torch.save({"weight": torch.ones(2, 2)}, weights)
    source = ModelSource(
        str(weights),
        architecture=f"{tmp_path / 'code.py'}:network",
        trusted=True,
        input_shapes=FrozenMap({"x": "4"}),
    )
    with pytest.raises(ModelError) as caught:
        read_model(source, Quiet())
    assert str(tmp_path / "code.py") in caught.value.message
    assert said in caught.value.message
    assert "line None" not in caught.value.message
