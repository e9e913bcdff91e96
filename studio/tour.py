"""Drives the sample through every view and dialog, and photographs each: for review and the README.

`python -m studio --tour FOLDER` writes `LANGUAGE-THEME-NN-NAME.png` and, at the end, what it saw as
one line each on standard output.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import engine.registry  # noqa: F401 - before PySide6, whose import hook confuses pydantic's

# isort: split
from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication, QTabWidget, QWidget

from engine.budget import Quantity, Target
from engine.recipe.edit import with_params
from studio.app import App, make_application
from studio.document import messages as m
from studio.document.deeds import Deed, label
from studio.document.facets import Facet
from studio.document.forecast import known_losses
from studio.document.state import Opening, Purpose, Wanted
from studio.fitting import Fitting
from studio.settings import Settings
from studio.style.theme import Scheme, theme
from studio.views.graph import GraphView

LANGUAGES = ("en", "zh_CN")
SIZE = (1440, 900)
PATIENCE_S = 600.0
MEASURED_S = 20.0
DIALOGS = ("palette", "advice", "export", "data.show", "preferences", "help", "about")


class Tour:
    """One pass over the program in one language.

    Args:
        program: Shown already.
        folder: Where pictures go.
        language: For their names.
        themes: In which each is taken.
    """

    def __init__(self, program: App, folder: Path, language: str, themes: Sequence[Scheme]) -> None:
        self.program = program
        self.window = program.window
        self.store = program.store
        self.folder = folder
        self.language = language
        self.themes = themes
        self.taken: list[Path] = []
        self._number = 0

    def run(self) -> list[Path]:
        """Take all pictures."""
        self.shoot("empty")
        self.program.session.start()
        self.store.dispatch(m.OpenSample())
        self.wait(lambda: self.store.state.model.opening is Opening.READY)
        self.wait(lambda: self.store.state.evaluation and self.store.state.profile)
        self._tune()
        self._panels(("recipe", "graph", "inspector"))
        self._costs()
        self._train()
        self._fit()
        self._panels(("trials", "training", "compare", "jobs"))
        for name in DIALOGS:
            self._dialog(name)
        return self.taken

    def _tune(self) -> None:
        """Shorter than the sample's recipe; with settings of single layers, and a selection."""
        recipe = self.store.state.recipe
        training = [i for i, step in enumerate(recipe.steps) if step.method == "finetune"]
        for index in training:
            recipe = with_params(recipe, index, epochs=2)
        self.store.dispatch(m.EditRecipe(label(Deed.YAML), recipe))
        info = self.store.state.info
        assert info is not None
        group = next(one for one in info.groups if not one.frozen_reason)
        self.store.dispatch(m.SetFacet(Facet.PRUNE, (group.id,), 0.55))
        self.store.dispatch(m.SetFacet(Facet.WEIGHT_BITS, (group.id,), 4))
        self.store.dispatch(m.Lock((info.layers[0].name,), locked=True))
        self.store.dispatch(m.Select((group.id,)))
        self.settle()
        self.shoot("ready")

    def _costs(self) -> None:
        """What settings cost: from the weights alone, estimated, and partly measured."""
        self.window.show_panel("sensitivity")
        self.settle(600)
        self.shoot("sensitivity-weights")
        self.store.dispatch(m.EstimateCosts())
        self.wait(lambda: known_losses(self.store.state.cost))
        info = self.store.state.info
        assert info is not None  # it is open
        self.store.dispatch(m.Select(tuple(layer.name for layer in info.layers[2:9:3])))
        self._panels(("sensitivity",))
        self.store.dispatch(m.MeasureCosts(MEASURED_S))
        busy = self.program.session.is_busy
        self.wait(lambda: self.store.state.cost_facts.total or not busy(Purpose.MEASURE_COSTS))
        self.shoot("sensitivity-measuring")
        self.wait(lambda: not busy(Purpose.MEASURE_COSTS))
        self._panels(("sensitivity",))

    def _fit(self) -> None:
        """The dialog of fit to budget, an impossible budget, and the run of what it found."""
        recipe = self.store.state.recipe
        kept = tuple(step for step in recipe.steps if step.method in ("channel", "uniform"))
        self.store.dispatch(m.EditRecipe(label(Deed.YAML), replace(recipe, steps=kept)))
        wanted = Wanted((Target(Quantity.SIZE, 0.25, relative=True),))
        self.store.dispatch(m.AskBudget(wanted))
        fitting = Fitting(self.program.session, self.window.frame)
        self.wait(lambda: fitting.dialog.fitted)
        self.settle(300)
        for index in range(fitting.dialog.tabs.count()):
            if fitting.dialog.tabs.isTabVisible(index):
                fitting.dialog.tabs.setCurrentIndex(index)
                self.shoot(f"fit-{index + 1}", fitting.dialog)
        fitting.dialog.tabs.setCurrentIndex(0)
        first = fitting.dialog.fitted
        fitting.dialog.form.set_limit(Quantity.SIZE, 0.02, relative=True)
        self.wait(lambda: fitting.dialog.fitted is not first and fitting.dialog.use.isEnabled())
        self.settle(300)
        self.shoot("fit-impossible", fitting.dialog)
        second = fitting.dialog.fitted
        fitting.dialog.form.set_targets(wanted.targets)
        fitting.dialog.ask()
        self.wait(lambda: fitting.dialog.fitted is not second and fitting.dialog.use.isEnabled())
        fitting.dialog.use.click()
        count = len(self.store.state.trials)
        self.store.dispatch(m.Apply(quick=True))
        self.wait(lambda: len(self.store.state.trials) > count)
        self.settle(300)
        self.shoot("fit-again")
        again = Fitting(self.program.session, self.window.frame)
        self.wait(lambda: again.dialog.fitted)
        again.dialog.tabs.setCurrentWidget(again.dialog.rounds)
        self.settle(300)
        self.shoot("fit-second", again.dialog)
        again.dialog.reject()

    def _panels(self, names: Sequence[str]) -> None:
        for name in names:
            self.window.show_panel(name)
            self.look()
            view = self.window.docks[name].view
            if isinstance(view, GraphView):
                self.wait(partial(getattr, view.pair.before, "is_drawn"))
                self.settle(600)
            tabs = [] if view is None else _tabs(view)
            if not tabs:
                self.shoot(name)
            for tab in tabs:
                for index in range(tab.count()):
                    if tab.isTabEnabled(index):
                        tab.setCurrentIndex(index)
                        self.look(600)
                        self.shoot(f"{name}-{index + 1}")
                tab.setCurrentIndex(0)

    def _train(self) -> None:
        """Two trials, photographed while the first one trains."""
        self.store.dispatch(m.Apply(quick=True))
        self.wait(lambda: any(job.chunks for job in self.store.state.jobs))
        self.window.show_panel("training")
        self.settle(1500)
        self.shoot("running")
        self.wait(lambda: self.store.state.trials)
        self.store.dispatch(m.SetGlobal(Facet.PRUNE, 0.6))
        self.store.dispatch(m.Apply(quick=True))
        self.wait(lambda: len(self.store.state.trials) > 1)
        self.store.dispatch(m.ChooseTrials((1, 2)))
        self.settle(500)

    def _dialog(self, name: str) -> None:
        before = set(_windows())
        self.program.commander.do(name)
        self.look(700)
        for window in _windows():
            if window not in before:
                self.shoot(name.replace(".", "-"), window)
                window.close()
        self.settle(50)

    def shoot(self, name: str, widget: QWidget | None = None) -> None:
        """Photograph the window, or a dialog, in every theme."""
        self._number += 1
        found = theme()
        assert found is not None
        for scheme in self.themes:
            found.set_scheme(scheme)
            self.settle(120)
            path = self.folder / f"{self.language}-{scheme.value}-{self._number:02d}-{name}.png"
            (widget or self.window.frame).grab().save(str(path))
            self.taken.append(path)
        found.set_scheme(self.themes[0])

    def settle(self, ms: int = 200) -> None:
        """Let the event loop run for a while."""
        end = time.monotonic() + ms / 1000
        while time.monotonic() < end:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
            time.sleep(0.005)

    def look(self, ms: int = 400) -> None:
        """Let views ask for what they show, and wait for the answers."""
        self.settle(ms)
        self.wait(lambda: not any(one.pending for one in self.store.state.looks.values()))
        self.settle(100)

    def wait(self, condition: Callable[[], object]) -> None:
        """Let the event loop run until something is so.

        Raises:
            TimeoutError: It takes too long.
        """
        end = time.monotonic() + PATIENCE_S
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError("The tour waited for something that did not happen")
            self.settle(50)


def _tabs(view: QWidget) -> list[QTabWidget]:
    return [tab for tab in view.findChildren(QTabWidget) if tab.isVisible() and tab.count() > 1][:1]


def _windows() -> list[QWidget]:
    return [one for one in QApplication.topLevelWidgets() if one.isVisible()]


@contextmanager
def _program(language: str, folder: Path) -> Iterator[App]:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    settings = Settings(folder / f"{language}.ini")
    settings.language = language
    program = App(app, settings, folder / language)
    program.mistakes.install()
    program.furnish()
    program.frame.resize(*SIZE)
    program.frame.show()
    try:
        yield program
    finally:
        program.frame.hide()
        program.session.close()
        program.destroy()


def tour(folder: str, languages: Sequence[str] = LANGUAGES) -> int:
    """Take all pictures in all languages and themes.

    Returns:
        The exit status: 0, or 1 where something unexpected happened.
    """
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    make_application([])
    mistakes: list[str] = []
    with tempfile.TemporaryDirectory(prefix="espalier-tour-") as scratch:
        for language in languages:
            with _program(language, Path(scratch)) as program:
                program.mistakes.happened.connect(lambda _summary, text: mistakes.append(text))
                taken = Tour(program, target, language, (Scheme.LIGHT, Scheme.DARK)).run()
                sys.stdout.write(f"{language}: {len(taken)} pictures\n")
    for text in mistakes:
        sys.stderr.write(f"{text}\n")
    return 1 if mistakes else 0
