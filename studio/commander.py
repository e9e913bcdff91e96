"""What commands do: each id of `studio.actions` has its function here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, QPoint, Qt, Slot
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox, QWidget

from engine.errors import EngineError
from engine.recipe import files
from studio.actions import COMMANDS, MENUS, Command
from studio.document import messages as m
from studio.document.files import DATA_ENDINGS, MODEL_ENDINGS, RECIPE_ENDINGS, sort_out
from studio.document.project import ENDING
from studio.document.selectors import lit, similar
from studio.document.state import JobStatus, Purpose, Severity
from studio.panels import PANELS
from studio.questions import Questions
from studio.session import Session
from studio.settings import Settings
from studio.style.theme import Scheme, theme
from studio.window import MainWindow, menu_title

_DELETE = Qt.WidgetAttribute.WA_DeleteOnClose
_DESTRUCTIVE = QMessageBox.ButtonRole.DestructiveRole


class Commander(QObject):
    """Carries out the window's commands.

    Args:
        window: That they come from.
        session: For what needs the engine.
        settings: The user's.
    """

    def __init__(self, window: MainWindow, session: Session, settings: Settings) -> None:
        super().__init__(window)
        self.window = window
        self.session = session
        self.store = session.store
        self.settings = settings
        self.questions = Questions(window, session, settings)
        self._recent: list[str] = []
        self._dialogs: list[QWidget] = []
        window.commanded.connect(self.do)
        window.frame.may_close = self.may_close
        window.before_opening = self.before_opening
        self._table: dict[str, Callable[[], None]] = {
            "open": self.open,
            "open.data": self.open_data,
            "open.folder": self.open_folder,
            "open.project": self.open_project,
            "open.sample": self.open_sample,
            "data.show": self.questions.show_data,
            "save": self.save_as,
            "recipe.save": self.save_recipe,
            "export": self.questions.export,
            "preferences": self.questions.preferences,
            "quit": self.quit,
            "undo": lambda: self.store.dispatch(m.Undo()),
            "redo": lambda: self.store.dispatch(m.Redo()),
            "history": self.history,
            "select.all": self.select_all,
            "select.group": self.select_group,
            "select.similar": self.select_similar,
            "lock": self.lock,
            "reset": lambda: self.store.dispatch(m.ResetLayers(self.store.state.selection)),
            "similar": lambda: self.store.dispatch(m.ApplyToSimilar(self.store.state.current)),
            "find": self.find,
            "palette": self.palette,
            "apply": lambda: self.store.dispatch(m.Apply()),
            "apply.quick": lambda: self.store.dispatch(m.Apply(quick=True)),
            "measure": lambda: self.store.dispatch(m.Measure()),
            "fit": self.questions.fit,
            "measure.costs": lambda: self.store.dispatch(m.MeasureCosts()),
            "pause": self.pause,
            "stop": self.stop,
            "cancel": self.cancel,
            "advice": self.questions.advice,
            "theme": self.switch_theme,
            "full": self.switch_full_screen,
            "reset.layout": self.reset_layout,
            "help": self.questions.help,
            "about": self.questions.about,
        }

    @Slot(str)
    def do(self, name: str) -> None:
        """Carry out a command."""
        if name.startswith("view."):
            self.window.show_panel(name.removeprefix("view."))
            return
        known = {one.id: one for one in COMMANDS}
        if name in known and not known[name].enabled(self.store.state):
            return
        self._recent = [name, *(one for one in self._recent if one != name)][:8]
        self._table[name]()

    @Slot(str, str)
    def show_mistake(self, summary: str, text: str) -> None:
        """Show an unexpected error, once for each distinct one."""
        self.questions.mistake(summary, text)

    # Files ------------------------------------------------------------------------------------

    def _choose(
        self,
        title: str,
        patterns: str,
        then: Callable[[list[str]], None],
        mode: QFileDialog.FileMode,
    ) -> QFileDialog:
        """Ask for files without holding up the window."""
        dialog = QFileDialog(self.window.frame, title, self._folder(), patterns)
        dialog.setFileMode(mode)
        dialog.setAttribute(_DELETE)
        dialog.filesSelected.connect(then)
        dialog.open()
        return dialog

    def _folder(self) -> str:
        source = self.store.state.model.source
        return "" if source is None else str(Path(source.path).parent)

    def open(self) -> None:
        """Open models, data, recipes."""
        models = " ".join(f"*{one}" for one in MODEL_ENDINGS)
        others = " ".join(f"*{one}" for one in (*DATA_ENDINGS, *RECIPE_ENDINGS, ".json", ".py"))
        patterns = ";;".join(
            [
                self.tr("All that can be opened") + f" ({models} {others})",
                self.tr("Models") + f" ({models})",
                self.tr("All files") + " (*)",
            ]
        )
        self._choose(
            self.tr("Open"), patterns, self._open_these, QFileDialog.FileMode.ExistingFiles
        )

    def open_data(self) -> None:
        """Open data files."""
        patterns = " ".join(f"*{one}" for one in (*DATA_ENDINGS, ".py"))
        self._choose(
            self.tr("Open data"),
            self.tr("Data") + f" ({patterns});;" + self.tr("All files") + " (*)",
            self._open_these,
            QFileDialog.FileMode.ExistingFiles,
        )

    def open_folder(self) -> None:
        """Open a folder of class folders of images."""
        self._choose(
            self.tr("Open a folder of images"), "", self._open_these, QFileDialog.FileMode.Directory
        )

    def open_project(self) -> None:
        """Open a project's folder."""
        self._choose(
            self.tr("Open a project"), "", self._open_these, QFileDialog.FileMode.Directory
        )

    def _open_these(self, paths: list[str]) -> None:
        wish = m.OpenPaths(tuple(paths))
        self.before_opening(wish.paths, lambda: self.store.dispatch(wish))

    def before_opening(self, paths: tuple[str, ...], go_on: Callable[[], None]) -> None:
        """Go on; where another model or project is among the files, ask for a run first."""
        found = sort_out(paths)
        if found.model or found.project:
            self.questions.leave(go_on)
        else:
            go_on()

    def open_sample(self) -> None:
        """Open the sample."""
        self.questions.leave(lambda: self.store.dispatch(m.OpenSample()))

    def save_as(self) -> None:
        """Give the project a name."""
        dialog = QFileDialog(self.window.frame, self.tr("Save the project as"), self._folder())
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(self.tr("Espalier projects") + f" (*{ENDING})")
        dialog.setAttribute(_DELETE)
        dialog.fileSelected.connect(lambda path: self.store.dispatch(m.SaveProject(path)))
        dialog.open()

    def save_recipe(self) -> None:
        """Write the recipe as YAML."""
        dialog = QFileDialog(self.window.frame, self.tr("Save the recipe"), self._folder())
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(self.tr("Recipes") + " (*.yaml)")
        dialog.setDefaultSuffix("yaml")
        dialog.setAttribute(_DELETE)
        dialog.fileSelected.connect(self._write_recipe)
        dialog.open()

    def _write_recipe(self, path: str) -> None:
        try:
            files.save(self.store.state.recipe, Path(path))
        except EngineError as error:
            self.session.tell(error.message, error.hint, Severity.ERROR)

    # Window -----------------------------------------------------------------------------------

    def quit(self) -> None:
        """Close the window."""
        self.window.frame.close()

    def may_close(self) -> bool:
        """Whether the window may close: it asks only when a run would be lost."""
        running = [job for job in self.store.state.jobs if _would_be_lost(job.purpose, job.status)]
        if not running:
            return True
        box = QMessageBox(self.window.frame)
        box.setIcon(QMessageBox.Icon.Question)
        box.setText(self.tr("A run has not ended: its result would be lost."))
        box.setInformativeText(self.tr("Everything else is saved."))
        leave = box.addButton(self.tr("Close and drop the run"), _DESTRUCTIVE)
        box.addButton(self.tr("Stay"), QMessageBox.ButtonRole.RejectRole)
        box.exec()
        return box.clickedButton() is leave

    def history(self) -> None:
        """Show what was done; a click goes there."""
        from studio.edit_words import edit_words

        menu = QMenu(self.window.frame)
        group = QActionGroup(menu)
        history = self.store.state.history
        for index, edit in enumerate(history.edits):
            action = QAction(edit_words(edit.label), menu)
            action.setCheckable(True)
            action.setChecked(index == history.cursor)
            action.triggered.connect(lambda _=False, at=index: self.store.dispatch(m.GoTo(at)))
            group.addAction(action)
            menu.addAction(action)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.window.frame.mapToGlobal(QPoint(self.window.frame.width() // 3, 80)))

    def select_all(self) -> None:
        """Select all layers."""
        info = self.store.state.info
        if info is not None:
            self.store.dispatch(m.Select(tuple(layer.name for layer in info.layers)))

    def select_group(self) -> None:
        """Select all members of the selection's channel groups."""
        self.store.dispatch(m.Select(tuple(lit(self.store.state)), self.store.state.current))

    def select_similar(self) -> None:
        """Select layers of the current one's kind and shape."""
        state = self.store.state
        self.store.dispatch(m.Select(similar(state, state.current), state.current))

    def lock(self) -> None:
        """Lock the selection, or unlock it if all of it is locked."""
        state = self.store.state
        locked = state.locks.issuperset(state.selection)
        self.store.dispatch(m.Lock(state.selection, not locked))

    def find(self) -> None:
        """Go to the filter of the layer table."""
        if self.window.table is not None:
            self.window.table.go_to_filter()

    def palette(self) -> None:
        """Show all commands, to be found by typing."""
        from studio.dialogs.palette import Command as Entry
        from studio.dialogs.palette import CommandPalette

        state = self.store.state
        entries = [
            Entry(one.id, one.plain, self._keys(one), one.enabled(state), self._menu(one))
            for one in COMMANDS
            if one.id != "palette"
        ]
        for panel in PANELS:
            title = self.tr("Show {panel}").format(panel=_panel_title(panel.title))
            keys = QKeySequence(panel.shortcut).toString(QKeySequence.SequenceFormat.NativeText)
            there = bool(self.window.docks)
            entries.append(Entry(f"view.{panel.id}", title, keys, there, self.tr("View")))
        palette = CommandPalette(entries, self._recent, self.window.frame)
        palette.setAttribute(_DELETE)
        palette.chosen.connect(self.do)
        palette.open_over(self.window.frame)

    def _keys(self, one: Command) -> str:
        shortcut = self.window.actions_by_id[one.id].shortcut()
        return shortcut.toString(QKeySequence.SequenceFormat.NativeText)

    def _menu(self, one: Command) -> str:
        return menu_title(MENUS[one.menu])

    def switch_theme(self) -> None:
        """From light to dark, or back."""
        found = theme()
        if found is not None:
            scheme = Scheme.LIGHT if found.dark else Scheme.DARK
            found.set_scheme(scheme)
            self.settings.theme = scheme.value

    def switch_full_screen(self) -> None:
        """Over the whole screen, or back."""
        if self.window.frame.isFullScreen():
            self.window.frame.showNormal()
        else:
            self.window.frame.showFullScreen()

    def reset_layout(self) -> None:
        """Everything in its first place."""
        self.settings.forget_layouts()
        if self.window.docks:
            self.window.arrange()
        if self.window.table is not None:
            self.window.table.tree.reset_columns()

    # Jobs -------------------------------------------------------------------------------------

    def pause(self) -> None:
        """Let the running job wait, or go on."""
        job = self.store.state.working
        if job is not None:
            self.store.dispatch(m.PauseJob(job.number, job.status is not JobStatus.PAUSED))

    def stop(self) -> None:
        """End the running job early and keep the best."""
        job = self.store.state.working
        if job is not None:
            self.store.dispatch(m.StopJob(job.number))

    def cancel(self) -> None:
        """Drop the running job."""
        job = self.store.state.working
        if job is not None:
            self.store.dispatch(m.CancelJob(job.number))


def _would_be_lost(purpose: Purpose, status: JobStatus) -> bool:
    return purpose in (Purpose.APPLY, Purpose.EXPORT, Purpose.LEARN) and not status.is_over


def _panel_title(title: str) -> str:
    return QCoreApplication.translate("Panels", title)
