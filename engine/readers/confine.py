"""What a child process may still do while it reads a file that nobody has vouched for.

Three layers, each of which the others do not need: resource limits; an audit hook that refuses what
Python code would want first (programs, the network, files outside the folder); and, on Linux,
Landlock, which the kernel keeps even against compiled code. Reading stays allowed.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from pathlib import Path
from typing import Any

_EVENTS = (
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "os.spawn",
    "os.fork",
    "os.forkpty",
    "os.startfile",
    "subprocess.Popen",
    "socket.",
    "urllib.Request",
    "ftplib.",
    "smtplib.",
    "webbrowser.",
    "os.kill",
    "shutil.",
    "winreg.",
    "pty.",
)
_CHANGES = {
    *("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate"),
    *("os.chmod", "os.chown", "os.utime", "os.setxattr", "os.removexattr"),
}


class Forbidden(PermissionError):
    """Something that reading a file never needs was tried."""


def confine(folder: Path) -> None:
    """Forbid this process, for good, to start programs, use the network or write elsewhere.

    Args:
        folder: Where it may write.
    """
    landlock(folder)
    allowed = (os.path.realpath(folder) + os.sep, os.devnull)

    def inside(path: Any) -> bool:
        if isinstance(path, int):
            return True
        place = os.path.realpath(os.fsdecode(path))
        return place.startswith(allowed)

    def audit(event: str, args: tuple[Any, ...]) -> None:
        if event == "open":
            mode, flags = args[1], args[2]
            writing = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND)
            if (writing or (mode and set(mode) & set("wax+"))) and not inside(args[0]):
                raise Forbidden(f"writing {args[0]!r} is not allowed here")
        elif event in _CHANGES:
            if not inside(args[0]):
                raise Forbidden(f"{event} is not allowed here")
        elif event.startswith(_EVENTS):
            raise Forbidden(f"{event} is not allowed here")

    sys.addaudithook(audit)


def limit_resources(memory_bytes: int, seconds: float) -> None:
    """Bound memory, processor time and core dumps of this process, where the system can."""
    try:
        import resource
    except ImportError:
        return
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _lower(resource.RLIMIT_CPU, int(seconds * 2) + 10)
    # counts what the process allocates itself, not the files that it maps
    _lower(resource.RLIMIT_DATA, memory_bytes + (1 << 30))
    _lower(resource.RLIMIT_FSIZE, memory_bytes)


def _lower(which: int, value: int) -> None:
    import resource

    with contextlib.suppress(OSError, ValueError):
        hard = resource.getrlimit(which)[1]
        if hard != resource.RLIM_INFINITY:
            value = min(value, hard)
        resource.setrlimit(which, (value, value))


_CREATE, _ADD, _RESTRICT = 444, 445, 446
_PR_SET_NO_NEW_PRIVS = 38
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_WRITES = 0x1FFF & ~(1 << 0) & ~(1 << 2) & ~(1 << 3)
"""Every right of Landlock's first version but execute, read file and read folder."""
_EXECUTE, _WRITE_FILE, _TRUNCATE, _REFER = 1 << 0, 1 << 1, 1 << 14, 1 << 13


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("files", ctypes.c_uint64),
        ("network", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


def landlock(folder: Path) -> bool:
    """Have the Linux kernel refuse to write outside `folder`, to run programs and to open TCP.

    Returns:
        Whether the kernel could (Linux 5.13 and later, unless switched off).
    """
    if sys.platform != "linux":
        return False
    library = ctypes.CDLL(None, use_errno=True)
    call = library.syscall
    version = call(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(1))
    if version < 1:
        return False
    writes = _WRITES | (_REFER if version >= 2 else 0) | (_TRUNCATE if version >= 3 else 0)
    rules = _Ruleset(writes | _EXECUTE, 3, 3)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = call(_CREATE, ctypes.byref(rules), ctypes.c_size_t(size), ctypes.c_uint32(0))
    if ruleset < 0:
        return False
    try:
        for place, rights in ((folder, writes), (Path(os.devnull), _WRITE_FILE)):
            beneath = os.open(place, os.O_PATH | os.O_CLOEXEC)
            rule = _Beneath(rights, beneath)
            added = call(_ADD, ruleset, 1, ctypes.byref(rule), ctypes.c_uint32(0))
            os.close(beneath)
            if added != 0:
                return False
        library.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        return bool(call(_RESTRICT, ruleset, ctypes.c_uint32(0)) == 0)
    finally:
        os.close(ruleset)


def die_with_parent() -> None:
    """Ask Linux to kill this process when the one that started it is gone."""
    if sys.platform == "linux":
        import signal

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def adopt_orphans() -> None:
    """Have Linux make this process the parent of whatever its children leave behind."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
