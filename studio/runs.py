"""Running: measuring the original, applying a recipe, exporting."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication

from engine.errors import EngineError
from engine.info import Compressed
from engine.jobs.requests import Compress, Evaluate, MeasureLatency
from engine.recipe.files import save, to_yaml
from engine.recipe.model import Recipe
from engine.units import format_points
from studio.awaited import Extra
from studio.costs import hint
from studio.document import messages as m
from studio.document.forecast import accuracy_drop, forecast
from studio.document.selectors import predicted
from studio.document.state import Opening, Purpose, Severity
from studio.document.trial import Forecast, Trial
from studio.dropped import Dropped
from studio.widgets.written import number_text
from studio.words import trial_name

if TYPE_CHECKING:
    from studio.session import Session


@dataclass(frozen=True, slots=True)
class Guess:
    """What the window predicted of a recipe when it was run.

    Attributes:
        forecast: What it would lose; None: nothing was known.
        latency_ms: Of one run; None: not known.
    """

    forecast: Forecast | None
    latency_ms: float | None


class Runs:
    """Hands recipes to the engine, and makes trials and files of what comes back.

    Args:
        session: Whose engine, disk and store are used.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def measure(self, wish: m.Measure) -> None:
        """Measure the original's accuracy and time."""
        source = self._session.state.model.source
        if source is None or self._session.state.model.opening is not Opening.READY:
            return

        def current() -> bool:
            return self._session.state.model.source == source

        def timed(profile: Any) -> None:
            if current():
                self._session.store.dispatch(m.Profiled(profile))

        def scored(evaluation: Any) -> None:
            if current():
                self._session.store.dispatch(m.Evaluated(evaluation))
                if self._session.state.cost is None:
                    self._session.store.dispatch(m.EstimateCosts())

        data = self._session.state.data.source
        if wish.accuracy and data is not None:
            limit = self._session.settings.quick_samples
            request = Evaluate(source, data, split="evaluation", limit=limit)
            self._session.submit(request, Purpose.EVALUATE, scored, self._hint)
        if wish.latency:
            self._session.submit(
                MeasureLatency(source, seconds=1.0), Purpose.PROFILE, timed, self._hint
            )

    def _hint(self, error: EngineError) -> None:
        hint(self._session, error)

    def _runnable(self) -> bool:
        """Whether the recipe can be run; says why not."""
        state = self._session.state
        if state.resolution is None or state.model.source is None:
            self._session.tell(
                QCoreApplication.translate("Session", "Open a model first."),
                severity=Severity.WARNING,
            )
            return False
        if state.resolution.problems:
            first = state.resolution.problems[0]
            self._session.tell(str(first), first.hint, Severity.WARNING, "view.recipe")
            return False
        return True

    def _compress(self, recipe: Recipe, path: Path, **more: Any) -> Compress:
        assert self._session.state.model.source is not None
        return Compress(
            self._session.state.model.source,
            to_yaml(recipe),
            str(path),
            self._session.state.data.source,
            device=self._session.settings.device,
            threads=self._session.settings.threads or max((os.cpu_count() or 2) - 1, 1),
            **more,
        )

    def apply(self, wish: m.Apply) -> None:
        """Run the recipe: a trial."""
        if not self._runnable():
            return
        state = self._session.state
        busy = [job.trial or 0 for job in state.jobs if not job.status.is_over]
        number = max([one.id for one in state.trials] + busy, default=0) + 1
        folder = self._session.keeper.trial_folder(number)
        folder.mkdir(parents=True, exist_ok=True)
        assert state.model.source is not None
        file = folder / f"{Path(state.model.source.path).stem}.onnx"
        limit = self._session.settings.quick_samples if wish.quick else 0
        request = self._compress(
            state.recipe, file, limit=limit, predictions=str(folder / "predictions.npz")
        )
        source, recipe, base = state.model.source, state.recipe, state.base
        guess = Guess(forecast(state), predicted(state).latency_ms)

        def done(result: Compressed) -> None:
            if self._session.state.model.source == source:
                self._keep_trial(number, recipe, base, guess, result)
            again()

        def failed(error: EngineError) -> None:
            _remove_empty(folder)
            if not isinstance(error, Dropped):
                self._session.tell(error.message, error.hint, Severity.ERROR, "view.jobs")
            again()

        again = self._session.costs.step_back()
        extra = Extra(recipe_key=recipe.key, trial=number)
        self._session.submit(request, Purpose.APPLY, done, failed, extra)

    def _keep_trial(
        self,
        number: int,
        recipe: Recipe,
        base: int | None,
        guess: Guess,
        result: Compressed,
    ) -> None:
        folder = self._session.keeper.folder
        assert folder is not None
        enabled = sum(step.enabled for step in recipe.steps)
        trial = Trial(
            number,
            "",
            recipe,
            base,
            datetime.now(UTC).isoformat(timespec="seconds"),
            replace(result.predicted, latency_ms=guess.latency_ms),
            result.measured,
            result.original,
            _relative(result.file, folder),
            _relative(result.predictions, folder),
            result.seconds,
            result.notes,
            stopped=self._session.ended_early or len(result.steps) < enabled,
            forecast=guess.forecast,
            kl=None if result.evaluation is None else result.evaluation.kl,
        )
        self._session.keeper.save_trial(trial, result)
        self._session.store.dispatch(m.TrialDone(trial, result))
        if recipe == self._session.state.fitted:
            self._tell_fit(trial)

    def _tell_fit(self, trial: Trial) -> None:
        """What was predicted of a fitted recipe beside what it lost, and a second round."""
        expected, drop = trial.forecast, accuracy_drop(trial)
        if expected is None:
            return
        text, guess, found = "", "", ""
        if trial.kl is not None:
            guess, found = f"~{number_text(expected.loss, 2)}", number_text(trial.kl, 2)
            text = QCoreApplication.translate(
                "Session", "{trial}: loss {guess} predicted, {found} measured."
            )
        elif drop is not None:
            guess = f"~{format_points(-expected.accuracy_drop)}"
            found = format_points(-drop)
            text = QCoreApplication.translate(
                "Session", "{trial}: accuracy {guess} predicted, {found} measured."
            )
        if text:
            hint = QCoreApplication.translate(
                "Session", "Fit again: predictions are corrected by what was measured."
            )
            told = text.format(trial=trial_name(trial.id, trial.name), guess=guess, found=found)
            self._session.tell(told, hint, action="fit")

    def export(self, wish: m.Export) -> None:
        """Run the recipe and write a file for the user."""
        if not self._runnable():
            self._session.export_failed.emit(None)
            return
        trial = None if wish.trial is None else self._session.state.trial(wish.trial)
        recipe = self._session.state.recipe if trial is None else trial.recipe
        path = Path(wish.path)
        request = self._compress(
            recipe, path, format=wish.format, target=wish.target, report=wish.report
        )

        def done(result: Compressed) -> None:
            if wish.with_recipe:
                self._write_recipe(recipe, path.with_suffix(".recipe.yaml"))
            self._session.exported.emit(result)
            again()

        def failed(error: EngineError) -> None:
            self._session.export_failed.emit(None if isinstance(error, Dropped) else error)
            again()

        again = self._session.costs.step_back()
        self._session.submit(request, Purpose.EXPORT, done, failed, Extra(recipe_key=recipe.key))

    def _write_recipe(self, recipe: Recipe, path: Path) -> None:
        try:
            save(recipe, path)
        except EngineError as error:
            self._session.tell(error.message, error.hint, Severity.ERROR)


def _relative(path: str, folder: Path) -> str:
    if not path:
        return ""
    try:
        return Path(path).resolve().relative_to(folder.resolve()).as_posix()
    except ValueError:
        return path


def _remove_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        return  # a file of an earlier step lies in it
