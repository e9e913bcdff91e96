"""What a confined process can still do; each question is asked in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PREPARE = f"""
import os, sys
sys.path.insert(0, {str(ROOT)!r})
import ctypes, socket, subprocess, shutil, pathlib, tempfile
from engine.readers import confine
folder = pathlib.Path(sys.argv[1])
inside, outside = folder / "inside", folder / "outside"
libc = ctypes.CDLL(None, use_errno=True)
"""
KERNEL = PREPARE + "print(confine.landlock(inside)); sys.exit()"
TRIES = {
    "write": "open(outside / 'x', 'w')",
    "append": "open(outside / 'kept', 'a')",
    "os_open": "os.open(outside / 'x', os.O_CREAT | os.O_WRONLY)",
    "remove": "os.remove(outside / 'kept')",
    "rename": "os.rename(outside / 'kept', inside / 'stolen')",
    "mkdir": "os.mkdir(outside / 'x')",
    "link": "os.symlink('/etc', outside / 'x')",
    "through_link": "(inside / 'way').symlink_to(outside); open(inside / 'way' / 'x', 'w')",
    "up": "open(inside / '..' / 'outside' / 'x', 'w')",
    "system": "os.system('true')",
    "spawn": "subprocess.run(['true'])",
    "exec": "os.execv('/bin/true', ['true'])",
    "fork": "os.fork()",
    "connect": "socket.create_connection(('127.0.0.1', 9))",
    "listen": "socket.socket().bind(('127.0.0.1', 0))",
}
COMPILED = {
    "write": "assert libc.creat(os.fsencode(outside / 'x'), 0o644) >= 0",
    "remove": "assert libc.unlink(os.fsencode(outside / 'kept')) == 0",
    "truncate": "assert libc.truncate(os.fsencode(outside / 'kept'), 0) == 0",
    "exec": "libc.execv(b'/bin/true', (ctypes.c_char_p * 2)(b'true', None)); raise OSError",
}


def run(code, folder):
    (folder / "inside").mkdir(exist_ok=True)
    (folder / "outside").mkdir(exist_ok=True)
    (folder / "outside" / "kept").write_text("precious")
    return subprocess.run(
        [sys.executable, "-c", code, str(folder)], capture_output=True, text=True, timeout=60
    )


def untouched(folder):
    outside = folder / "outside"
    return [p.name for p in outside.iterdir()] == ["kept"] and (
        outside / "kept"
    ).read_text() == "precious"


@pytest.mark.parametrize("what", TRIES)
def test_python_is_refused(what, tmp_path, monkeypatch):
    """Without the kernel's help, which not every system gives."""
    code = f"{PREPARE}\nconfine.landlock = lambda folder: False\nconfine.confine(inside)\n"
    result = run(code + TRIES[what], tmp_path)
    assert "Forbidden" in result.stderr, result
    assert untouched(tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="Landlock is Linux")
@pytest.mark.parametrize("what", COMPILED)
def test_compiled_code_is_refused(what, tmp_path):
    if run(KERNEL, tmp_path).stdout.strip() != "True":
        pytest.skip("this kernel has no Landlock")
    result = run(f"{PREPARE}\nconfine.confine(inside)\n{COMPILED[what]}", tmp_path)
    assert result.returncode == 1, result
    assert "AssertionError" in result.stderr or "OSError" in result.stderr
    assert untouched(tmp_path)


def test_what_reading_needs_is_allowed(tmp_path):
    code = PREPARE + (
        "confine.confine(inside)\n"
        "(inside / 'result').write_text('ok')\n"
        "os.rename(inside / 'result', inside / 'done')\n"
        "assert open(sys.executable, 'rb').read(1)\n"
        "open(os.devnull, 'w').write('x')\n"
        "import fractions, xml.dom\n"
        "print((inside / 'done').read_text())\n"
    )
    result = run(code, tmp_path)
    assert result.stdout.strip() == "ok", result.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="resource limits are POSIX")
def test_memory_is_limited_by_the_system_too(tmp_path):
    code = PREPARE + (
        "confine.limit_resources(64 << 20, 60)\n"
        "try:\n    bytearray(8 << 30)\n"
        "except MemoryError:\n    print('refused')\n"
    )
    assert run(code, tmp_path).stdout.strip() == "refused"
