"""What the program asks the user, and what it shows beside the window: dialogs over the session."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from importlib import metadata
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QDialog, QFileDialog, QMessageBox
from shiboken6 import isValid

from engine.details import ImportsDetail
from engine.errors import EngineError, TrustRequired
from engine.frozen import FrozenMap
from engine.jobs.looks import DataLook, ImportsLook
from engine.jobs.requests import DataSource, ModelSource
from engine.paths import RESOURCES
from engine.preprocessing import Preprocessing
from studio.document import messages as m
from studio.document.deeds import Deed, label
from studio.document.state import Opening, Purpose
from studio.session import Session
from studio.settings import Settings
from studio.style.theme import Scheme, theme
from studio.window import MainWindow

_DELETE = Qt.WidgetAttribute.WA_DeleteOnClose
_LICENSE = RESOURCES.parent / "LICENSE"


class Questions(QObject):
    """Opens the dialogs; each is non-blocking and ends in a message to the store.

    Args:
        window: Over which they are shown.
        session: That asks, and answers.
        settings: The user's.
    """

    def __init__(self, window: MainWindow, session: Session, settings: Settings) -> None:
        super().__init__(window)
        self.window = window.frame
        self.session = session
        self.store = session.store
        self.settings = settings
        self._reports: QDialog | None = None
        self._help: QObject | None = None
        session.trust_needed.connect(self.ask_trust)
        session.architecture_needed.connect(self.ask_architecture)
        session.model_missing.connect(self.ask_where)
        session.data_unclear.connect(self.show_data)

    # Opening ----------------------------------------------------------------------------------

    @Slot(object, object)
    def ask_trust(self, source: ModelSource | DataSource, error: TrustRequired) -> None:
        """Say what a file would run, and open it if the user trusts it."""
        from studio.dialogs.trust import TrustDialog

        path = error.where or (source.path if isinstance(source, ModelSource) else source.paths[0])
        file = path if Path(path).exists() else path.rpartition(":")[0] or path
        dialog = TrustDialog(path, self.window)
        dialog.setAttribute(_DELETE)

        def seen(detail: ImportsDetail) -> None:
            usual = tuple(one for one in detail.imports if one not in detail.foreign)
            dialog.show_imports(detail.foreign, usual)

        def unknown(why: EngineError) -> None:
            dialog.show_unknown(why.one_line())

        self.session.submit(
            ImportsLook(file), Purpose.LOOK, _while(dialog, seen), _while(dialog, unknown)
        )

        def trust() -> None:
            self.store.dispatch(m.Trusted(path))
            trusted = replace(source, trusted=True)
            if isinstance(trusted, ModelSource):
                self.store.dispatch(m.OpenModel(trusted, moved=True))
            else:
                self.store.dispatch(m.OpenData(trusted))

        dialog.accepted.connect(trust)
        dialog.open()

    @Slot(object)
    def ask_architecture(self, source: ModelSource) -> None:
        """Ask for the code that builds the network of a file of weights."""
        from studio.dialogs.architecture import ArchitectureDialog

        known = Path(source.path).with_suffix(".json").exists()
        dialog = ArchitectureDialog(source.path, needs_shape=not known, parent=self.window)
        dialog.setAttribute(_DELETE)
        file = source.architecture.rpartition(":")[0]
        if file:
            dialog.set_file(file)

        def build() -> None:
            answer = dialog.answer
            shapes = FrozenMap({"": answer.input_shape}) if answer.input_shape else FrozenMap()
            complete = replace(
                source, architecture=answer.architecture, trusted=True, input_shapes=shapes
            )
            self.store.dispatch(m.OpenModel(complete, moved=True))

        dialog.accepted.connect(build)
        dialog.open()

    @Slot(object)
    def ask_where(self, source: ModelSource) -> None:
        """Ask where the model of a project is now."""
        dialog = QFileDialog(
            self.window,
            self.tr("Where is {name} now?").format(name=Path(source.path).name),
            str(Path(source.path).parent),
        )
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(_DELETE)
        dialog.fileSelected.connect(
            lambda path: self.store.dispatch(m.OpenModel(replace(source, path=path), moved=True))
        )
        dialog.open()

    def leave(self, then: Callable[[], None]) -> None:
        """Go on at once, or after the user has agreed to drop the run that is under way."""
        running = [
            job
            for job in self.store.state.jobs
            if job.purpose in (Purpose.APPLY, Purpose.EXPORT, Purpose.LEARN)
            and not job.status.is_over
        ]
        if not running:
            then()
            return
        box = QMessageBox(self.window)
        box.setAttribute(_DELETE)
        box.setIcon(QMessageBox.Icon.Question)
        box.setText(self.tr("A run has not ended: opening something else would drop its result."))
        drop = box.addButton(
            self.tr("Drop the run and open"), QMessageBox.ButtonRole.DestructiveRole
        )
        box.addButton(self.tr("Stay"), QMessageBox.ButtonRole.RejectRole)

        def answered(button: object) -> None:
            if button is drop:
                for job in running:
                    self.store.dispatch(m.CancelJob(job.number))
                then()

        box.buttonClicked.connect(answered)
        box.open()

    # Data and export --------------------------------------------------------------------------

    @Slot()
    def show_data(self) -> None:
        """Show the data, with samples and the network's answers, and how it is prepared."""
        from studio.dialogs.data import DataDialog

        source = self.store.state.data.source
        if source is None:
            return
        dialog = DataDialog(source, self.window)
        dialog.setAttribute(_DELETE)

        def look(wanted: DataSource, preprocessing: Preprocessing | None) -> None:
            state = self.store.state
            model = state.model.source if state.model.opening is Opening.READY else None
            request = DataLook(model, wanted, preprocessing=preprocessing)
            self.session.submit(
                request,
                Purpose.LOOK,
                _while(dialog, dialog.show_preview),
                _while(dialog, dialog.show_error),
            )

        def use() -> None:
            chosen, preprocessing = dialog.answer
            self.session.use_data(chosen, preprocessing)

        dialog.preview_wanted.connect(look)
        dialog.accepted.connect(use)
        dialog.open()
        dialog.ask()

    def export(self) -> None:
        """Show the export dialog."""
        from studio.exporting import Exporting

        Exporting(self.session, self.window)

    def fit(self) -> None:
        """Show the dialog of fit to budget."""
        from studio.fitting import Fitting

        Fitting(self.session, self.window)

    # Windows beside ---------------------------------------------------------------------------

    def preferences(self) -> None:
        """Show the preferences; what is changed holds at once, the language from the next start."""
        from studio.dialogs.preferences import Preferences, PreferencesDialog

        settings = self.settings
        now = Preferences(
            settings.language,
            settings.theme,
            settings.threads,
            settings.device,
            settings.quick_samples,
        )
        dialog = PreferencesDialog(now, self.session.devices, os.cpu_count() or 1, self.window)
        dialog.setAttribute(_DELETE)

        def keep() -> None:
            answer = dialog.answer
            settings.language, settings.theme = answer.language, answer.theme
            settings.threads, settings.device = answer.threads, answer.device
            settings.quick_samples = answer.quick_samples
            found = theme()
            if found is not None:
                found.set_scheme(Scheme(answer.theme))

        dialog.accepted.connect(keep)
        dialog.open()

    def about(self) -> None:
        """Show versions and license."""
        from studio.dialogs.about import AboutDialog

        text = _LICENSE.read_text(encoding="utf-8") if _LICENSE.exists() else ""
        version = metadata.version("espalier")
        dialog = AboutDialog(version, self.store.state.versions, text, self.window)
        dialog.setAttribute(_DELETE)
        dialog.open()

    def advice(self) -> None:
        """Show *Which should I use?*."""
        from studio.dialogs.advice import AdviceDialog
        from studio.dialogs.advice_presets import preset

        dialog = AdviceDialog(self.window)
        dialog.setAttribute(_DELETE)

        def use(name: str) -> None:
            found = preset(name)
            self.store.dispatch(m.EditRecipe(label(Deed.PRESET, found.id), found.recipe()))
            self.store.dispatch(m.SelectStep(0))

        dialog.chosen.connect(use)
        dialog.open()

    def help(self) -> None:
        """Show the help, one window of it."""
        from studio.dialogs.help import HelpWindow, method_pages, written_pages

        if not isinstance(self._help, HelpWindow):
            pages = (*written_pages(RESOURCES / "help"), *method_pages())
            self._help = HelpWindow(pages, self.window)
        self._help.show()
        self._help.raise_()
        self._help.activateWindow()

    def mistake(self, summary: str, text: str) -> None:
        """Show an unexpected error; the same again only counts."""
        from studio.dialogs.report import ReportWindow

        if not isinstance(self._reports, ReportWindow):
            self._reports = ReportWindow(self.store.state.versions, self.window)
        self._reports.set_versions(self.store.state.versions)
        self._reports.tell(summary, text)


def _while(dialog: QDialog, then: Callable[..., None]) -> Callable[..., None]:
    """Call it only while the dialog is there."""

    def call(value: object) -> None:
        if isValid(dialog):
            then(value)

    return call
