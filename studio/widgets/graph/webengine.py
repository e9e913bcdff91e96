"""Whether the browser view works on this machine; asked before it is used.

Chromium ends the whole program where a library is missing or its sandbox cannot be set up, and
that cannot be caught: so a child process tries first.
"""

from __future__ import annotations

import importlib.util
import os
import re
import sys

from PySide6.QtCore import QCoreApplication, QObject, QProcess, QProcessEnvironment, QTimer, Signal

_LIMIT_MS = 30_000
_LIBRARY = re.compile(r"(lib[\w.+-]+): cannot open shared object file")
_TRIAL = """
import sys
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
QApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)
app = QApplication(sys.argv[:1])
from PySide6 import QtWebChannel, QtWebEngineWidgets
from PySide6.QtWebEngineCore import QWebEnginePage, QWebEngineProfile
profile = QWebEngineProfile()
page = QWebEnginePage(profile)
page.loadFinished.connect(lambda ok: app.exit(0 if ok else 3))
page.renderProcessTerminated.connect(lambda *_: app.exit(4))
page.setHtml("<p>ready</p>")
status = app.exec()
del page, profile
sys.exit(status)
"""
_OFF = "ESPALIER_NO_WEBENGINE"
"""Variable of the environment that makes the studio do without the browser view."""


def prepare_environment() -> None:
    """Set what Chromium reads once, when it starts; call before the first view.

    Its sandbox refuses to run as root. Names are not looked up: the only address ever opened is
    a number.
    """
    if sys.platform == "linux" and os.geteuid() == 0:
        os.environ.setdefault("QTWEBENGINE_DISABLE_SANDBOX", "1")
    flags = os.environ.get("QTWEBENGINE_CHROMIUM_FLAGS", "")
    for flag in (
        "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
        "--disable-background-networking",
        "--disable-logging",
    ):
        if flag.partition("=")[0] not in flags:
            quoted = f'"{flag}"' if " " in flag else flag
            flags = f"{flags} {quoted}".strip()
    os.environ["QTWEBENGINE_CHROMIUM_FLAGS"] = flags


class Trial(QObject):
    """Finds out, in a child process, whether the browser view works; the answer is kept.

    `finished` comes later, never out of `start`.
    """

    finished = Signal(str)
    """Why it does not, in one sentence; empty: it does."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._answer: str | None = None
        self._process: QProcess | None = None
        app = QCoreApplication.instance()
        if app is not None:
            app.aboutToQuit.connect(self._give_up)

    @property
    def answer(self) -> str | None:
        """What `finished` said; None while it is not known."""
        return self._answer

    def start(self) -> None:
        """Find out, unless that is done or under way."""
        if self._process is not None:
            return
        if self._answer is None:
            self._answer = self._quick_answer()
        if self._answer is not None:
            QTimer.singleShot(0, self._tell)
            return
        self._process = QProcess(self)
        environment = QProcessEnvironment.systemEnvironment()
        self._process.setProcessEnvironment(environment)
        self._process.finished.connect(self._ended)
        self._process.errorOccurred.connect(self._broke)
        self._process.start(sys.executable, ["-c", _TRIAL])
        QTimer.singleShot(_LIMIT_MS, self._late)

    def _quick_answer(self) -> str | None:
        """What can be said without trying."""
        if os.environ.get(_OFF):
            return self.tr("The detailed graph is switched off ({variable}).").format(variable=_OFF)
        try:
            found = importlib.util.find_spec("PySide6.QtWebEngineWidgets") is not None
        except ImportError:
            found = False
        if not found:
            return self.tr("Qt WebEngine is not installed, so the graph is a simple one.")
        prepare_environment()
        return "" if getattr(sys, "frozen", False) else None

    def _ended(self, status: int, how: QProcess.ExitStatus) -> None:
        if self._process is None or self._answer is not None:
            return
        if how is QProcess.ExitStatus.NormalExit and status == 0:
            self._answer = ""
        else:
            said = bytes(self._process.readAllStandardError().data()).decode(errors="replace")
            self._answer = self._reason(said)
        self._tell()

    def _broke(self, _error: QProcess.ProcessError) -> None:
        if self._answer is None:
            self._answer = self._reason("")
            self._tell()

    def _give_up(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.state() is not QProcess.ProcessState.NotRunning:
            process.kill()
            process.waitForFinished(1000)

    def _late(self) -> None:
        if self._answer is None:
            self._give_up()
            self._answer = self._reason("")
            self._tell()

    def _reason(self, said: str) -> str:
        missing = _LIBRARY.search(said)
        if missing is not None:
            return self.tr(
                "Qt WebEngine needs the system library {library}, so the graph is a simple one."
            ).format(library=missing[1])
        return self.tr("Qt WebEngine does not run on this machine, so the graph is a simple one.")

    def _tell(self) -> None:
        self.finished.emit(self._answer or "")


def trial() -> Trial:
    """The program's one trial."""
    app = QCoreApplication.instance()
    found = app.findChild(Trial) if app is not None else None
    return found if found is not None else Trial(app)
