"""The program: its look and language, what happens to mistakes, and how the parts are wired.

The frame is shown first; all that takes time to load comes after its first paint.
"""

from __future__ import annotations

import importlib
import logging
import logging.handlers
import sys
import threading
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import platformdirs
from PySide6.QtCore import (
    QLibraryInfo,
    QLocale,
    QObject,
    Qt,
    QTimer,
    QtMsgType,
    QTranslator,
    Signal,
    Slot,
    qInstallMessageHandler,
)
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication
from shiboken6 import delete

from engine.paths import RESOURCES
from studio.collector import Collector
from studio.frame import Frame
from studio.settings import Settings
from studio.style.theme import Scheme, apply

if TYPE_CHECKING:
    from studio.session import Session
    from studio.store import Store
    from studio.window import MainWindow

_TURN_S = 0.0005
"""How long the engine's threads keep Python's lock while the window waits for it.

A paint asks for it dozens of times; with Python's own 5 ms each of them is a stutter.
"""
_VIEWS = (
    "pyqtgraph",
    "studio.views.budget_bar",
    "studio.views.layer_table",
    "studio.views.recipe_panel",
    "studio.views.inspector",
    "studio.views.trials",
    "studio.views.sensitivity",
    "studio.views.graph",
    "studio.views.training",
    "studio.views.compare",
    "studio.views.jobs",
)
"""Loaded after the window is there, one at a time: together they take half a second."""
TRANSLATIONS = RESOURCES / "translations"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Start:
    """What the program is started with.

    Attributes:
        files: Models, data, recipes, a project.
        sample: Open the sample.
        architecture: `FILE.py:FACTORY` for a model of weights alone.
        trusted: The files may run code.
    """

    files: tuple[str, ...] = ()
    sample: bool = False
    architecture: str = ""
    trusted: bool = False


class Mistakes(QObject):
    """Unexpected exceptions of any thread, told on the window's."""

    happened = Signal(str, str)
    """Summary and traceback."""

    def install(self) -> None:
        """Take over from Python's hooks, which only print."""
        sys.excepthook = self._hook
        threading.excepthook = self._thread_hook

    def _hook(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QApplication.quit()
            return
        text = "".join(traceback.format_exception(kind, error, trace))
        _log.error("Unexpected: %s", text)
        self.happened.emit(f"{kind.__name__}: {error}", text)

    def _thread_hook(self, args: Any) -> None:
        if args.exc_value is not None:
            self._hook(args.exc_type, args.exc_value, args.exc_traceback)


class App(QObject):
    """Everything that lives as long as the window.

    Args:
        app: Qt's application.
        settings: The user's.
        home: Where projects without a name are kept; None: among the user's data.

    Attributes:
        frame: The window.
        store: The document; from `furnish` on, as the two below.
        session: To the engine and the disk.
        window: What stands in the frame.
        commander: Carries out commands.
    """

    store: Store
    session: Session
    window: MainWindow

    def __init__(self, app: QApplication, settings: Settings, home: Path | None = None) -> None:
        super().__init__()
        self.app = app
        self.settings = settings
        self.is_furnished = False
        self._home = home
        self._translators: list[QTranslator] = []
        self._early: list[str] = []
        self._imports = list(_VIEWS)
        self._start_with = Start()
        Collector(self)
        sys.setswitchinterval(_TURN_S)
        self.mistakes = Mistakes(self)
        apply(app, Scheme(settings.theme))
        self.set_language(settings.language)
        self.frame = Frame(settings)
        self.frame.dropped.connect(self._drop_early)

    def show(self, start: Start | None = None) -> None:
        """Show the window; the rest, and what it is started with, come after the first paint."""
        self._start_with = start or Start()
        self.frame.painted.connect(self._begin)
        self.frame.show()

    def furnish(self) -> None:
        """Load the program, and put everything into the frame."""
        # imported here, not above: together they take longer than the first paint
        import engine.registry  # noqa: F401 - pydantic whole and first: PySide6 hooks imports
        from studio.commander import Commander
        from studio.engine_bridge import EngineBridge
        from studio.session import Session
        from studio.store import Store
        from studio.window import MainWindow

        self.store = Store(parent=self)
        bridge = EngineBridge(parent=self)
        self.session = Session(self.store, bridge, self.settings, self._home, self)
        self.frame.dropped.disconnect(self._drop_early)
        self.window = MainWindow(self.frame, self.store, self.settings)
        self.commander = Commander(self.window, self.session, self.settings)
        self.mistakes.happened.connect(self.commander.show_mistake)
        self.session.crashed.connect(self.commander.show_mistake)
        self.frame.closing.connect(self.session.close)
        self.is_furnished = True
        QTimer.singleShot(0, self, self._import_next)

    @Slot()
    def _import_next(self) -> None:
        """Load what the first model will need, a module at a time: it is read while we do."""
        if self._imports:
            importlib.import_module(self._imports.pop(0))
            QTimer.singleShot(0, self, self._import_next)

    @Slot(tuple)
    def _drop_early(self, paths: tuple[str, ...]) -> None:
        self._early += paths

    @Slot()
    def _begin(self) -> None:
        """After the first paint: the program, the engine, then what was asked for."""
        from studio.document import messages as m

        self.furnish()
        self.session.start()
        start = self._start_with
        files = (*start.files, *self._early)
        if start.sample:
            self.store.dispatch(m.OpenSample())
        elif files:
            self.store.dispatch(m.OpenPaths(files, start.architecture, start.trusted))

    def destroy(self) -> None:
        """Delete the window while Qt is alive: a web page must go before its profile."""
        delete(self.frame)

    def set_language(self, name: str) -> None:
        """Load the texts of a language: `system`, `en` or `zh_CN`."""
        for old in self._translators:
            self.app.removeTranslator(old)
        self._translators = []
        locale = QLocale.system() if name == "system" else QLocale(name)
        if locale.language() is not QLocale.Language.Chinese:
            return
        folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        for file in (str(TRANSLATIONS / "espalier_zh_CN.qm"), f"{folder}/qtbase_zh_CN.qm"):
            translator = QTranslator(self)
            if translator.load(file):
                self.app.installTranslator(translator)
                self._translators.append(translator)


def make_application(arguments: Sequence[str]) -> QApplication:
    """Qt's application, named and dressed."""
    QApplication.setApplicationName("espalier")
    QApplication.setApplicationDisplayName("Espalier")
    QApplication.setOrganizationName("Espalier")
    QApplication.setDesktopFileName("espalier")
    QApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)  # for web pages
    app = QApplication(["espalier", *arguments])
    mark = RESOURCES / "icons" / "espalier.svg"
    if mark.exists():
        app.setWindowIcon(QIcon(str(mark)))
    return app


def log_to_file() -> None:
    """Keep warnings and errors in a file among the user's logs, and Qt's messages with them."""
    folder = Path(platformdirs.user_log_dir("espalier", appauthor=False))
    root = logging.getLogger()
    root.setLevel(logging.WARNING)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler: logging.Handler = logging.handlers.RotatingFileHandler(
            folder / "espalier.log", maxBytes=1 << 20, backupCount=2, encoding="utf-8"
        )
    except OSError:
        handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root.addHandler(handler)
    qInstallMessageHandler(_qt_message)


_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


def _qt_message(kind: QtMsgType, context: Any, text: str) -> None:
    del context
    logging.getLogger("qt").log(_LEVELS.get(kind, logging.WARNING), text)


def run(start: Start | None = None) -> int:
    """Run the program until its window is closed.

    Returns:
        The exit status.
    """
    log_to_file()
    app = make_application([])
    program = App(app, Settings())
    program.mistakes.install()
    program.show(start)
    status = app.exec()
    program.destroy()
    return status
