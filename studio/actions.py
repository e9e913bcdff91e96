"""Every command of the window as data: menu, toolbar, shortcut and palette come from this table.

The texts are translated in the context `Commands`, for which the table itself is collected.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from studio.document.state import DocumentState, JobStatus, Opening
from studio.words import unmarked

Enabled = Callable[[DocumentState], bool]


class Menu(enum.StrEnum):
    """Where a command is found."""

    FILE = "file"
    EDIT = "edit"
    RECIPE = "recipe"
    VIEW = "view"
    HELP = "help"


MENUS = {
    Menu.FILE: "&File",
    Menu.EDIT: "&Edit",
    Menu.RECIPE: "&Recipe",
    Menu.VIEW: "&View",
    Menu.HELP: "&Help",
}


def _always(state: DocumentState) -> bool:
    del state
    return True


def _has_model(state: DocumentState) -> bool:
    return state.model.opening is Opening.READY


def _can_run(state: DocumentState) -> bool:
    runnable = state.info is not None and state.info.runnable
    return _has_model(state) and runnable and bool(state.recipe.steps)


def _can_measure(state: DocumentState) -> bool:
    return _has_model(state) and state.info is not None and state.info.runnable


def _can_measure_costs(state: DocumentState) -> bool:
    return _can_measure(state) and state.data.source is not None and state.data.error is None


def _can_undo(state: DocumentState) -> bool:
    return bool(state.history.undo_label)


def _can_redo(state: DocumentState) -> bool:
    return bool(state.history.redo_label)


def _has_selection(state: DocumentState) -> bool:
    return _has_model(state) and bool(state.selection)


def _works(state: DocumentState) -> bool:
    return state.working is not None


def _can_pause(state: DocumentState) -> bool:
    job = state.working
    return job is not None and job.status in (JobStatus.RUNNING, JobStatus.PAUSED)


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    Attributes:
        id: Stable name.
        text: What menus call it, with an `&` before the letter that chooses it.
        menu: Where it is.
        shortcut: As Qt writes it, `Ctrl+Z`; or the name of a standard key, `Undo`.
        icon: Name of its icon; empty: none.
        enabled: Whether it can be given now.
        tip: One sentence more, for the tooltip.
        section: Commands of a menu with different sections have a line between them.
        toolbar: It stands in the toolbar too.
    """

    id: str
    text: str
    menu: Menu
    shortcut: str = ""
    icon: str = ""
    enabled: Enabled = _always
    tip: str = ""
    section: int = 0
    toolbar: bool = False

    @property
    def title(self) -> str:
        """The translated text, with the mark of its letter."""
        return QCoreApplication.translate("Commands", self.text)

    @property
    def plain(self) -> str:
        """The translated text for the palette and tooltips."""
        return unmarked(self.title).removesuffix("…")

    @property
    def hint(self) -> str:
        """The translated tip."""
        return QCoreApplication.translate("Commands", self.tip) if self.tip else ""


COMMANDS: tuple[Command, ...] = (
    Command(
        "open",
        "&Open…",
        Menu.FILE,
        "Open",
        "open",
        tip="Models, data, recipes and projects; several at once.",
        toolbar=True,
    ),
    Command("open.data", "Open &data…", Menu.FILE, "Ctrl+D", "data", toolbar=True),
    Command(
        "open.folder",
        "Open data &folder…",
        Menu.FILE,
        icon="folder",
        tip="A folder with one folder of images for each class.",
    ),
    Command("open.project", "Open &project…", Menu.FILE, "Ctrl+Shift+O", "project"),
    Command("open.sample", "Open the &sample", Menu.FILE, icon="sample"),
    Command(
        "save",
        "Save project &as…",
        Menu.FILE,
        "SaveAs",
        "save",
        _has_model,
        "A project is saved by itself; this gives it a name and a place.",
        section=1,
    ),
    Command("recipe.save", "Save &recipe…", Menu.FILE, "", "recipe", section=1),
    Command(
        "export",
        "&Export…",
        Menu.FILE,
        "Ctrl+E",
        "export",
        _can_run,
        "Write the compressed network, checked, with recipe and report.",
        section=2,
        toolbar=True,
    ),
    Command(
        "preferences",
        "Pre&ferences…",
        Menu.FILE,
        "Preferences",
        "settings",
        section=3,
    ),
    Command("quit", "&Quit", Menu.FILE, "Quit", "quit", section=4),
    Command("undo", "&Undo", Menu.EDIT, "Undo", "undo", _can_undo, toolbar=True),
    Command("redo", "&Redo", Menu.EDIT, "Redo", "redo", _can_redo, toolbar=True),
    Command("history", "&History", Menu.EDIT, "Ctrl+Shift+H", "history"),
    Command(
        "select.all",
        "Select &all layers",
        Menu.EDIT,
        "Ctrl+Shift+A",
        enabled=_has_model,
        section=1,
    ),
    Command(
        "select.group",
        "Select the channel &group",
        Menu.EDIT,
        "Ctrl+G",
        "group",
        _has_selection,
        section=1,
    ),
    Command(
        "select.similar",
        "Select &similar layers",
        Menu.EDIT,
        "Ctrl+Shift+G",
        enabled=_has_selection,
        section=1,
    ),
    Command(
        "lock",
        "&Lock or unlock the selection",
        Menu.EDIT,
        "Ctrl+L",
        "lock",
        _has_selection,
        section=2,
    ),
    Command(
        "reset",
        "Rese&t the selection",
        Menu.EDIT,
        "Ctrl+R",
        "reset",
        _has_selection,
        section=2,
    ),
    Command(
        "similar",
        "Apply to si&milar layers",
        Menu.EDIT,
        "Ctrl+M",
        enabled=_has_selection,
        section=2,
    ),
    Command("find", "&Find a layer", Menu.EDIT, "Find", "search", _has_model, section=3),
    Command("palette", "&Command palette…", Menu.EDIT, "Ctrl+K", "command", section=3),
    Command(
        "apply",
        "&Apply",
        Menu.RECIPE,
        "Ctrl+Return",
        "apply",
        _can_run,
        "Run the recipe in the background and measure the result: a new trial.",
        toolbar=True,
    ),
    Command(
        "apply.quick",
        "Apply, &quick measure",
        Menu.RECIPE,
        "Ctrl+Shift+Return",
        enabled=_can_run,
        tip="Like Apply, with the accuracy of a part of the evaluation samples.",
    ),
    Command(
        "measure",
        "&Measure the original",
        Menu.RECIPE,
        "Ctrl+Shift+M",
        "measure",
        _can_measure,
    ),
    Command(
        "fit",
        "&Fit to budget…",
        Menu.RECIPE,
        "Ctrl+B",
        "fit",
        _can_measure,
        "Settings of all layers for a size, a time or an accuracy that must be kept.",
    ),
    Command(
        "measure.costs",
        "Measure &sensitivity",
        Menu.RECIPE,
        "Ctrl+Alt+M",
        "sensitivity",
        _can_measure_costs,
        "Replace estimated costs of settings by measured ones, for two minutes.",
    ),
    Command(
        "pause",
        "&Pause or go on",
        Menu.RECIPE,
        "Ctrl+P",
        "pause",
        _can_pause,
        section=1,
    ),
    Command(
        "stop",
        "&Stop and keep the best",
        Menu.RECIPE,
        "Ctrl+.",
        "stop",
        _works,
        "End the run early; what is best so far becomes the trial.",
        section=1,
    ),
    Command(
        "cancel",
        "&Cancel the run",
        Menu.RECIPE,
        "Ctrl+Shift+.",
        "cancel",
        _works,
        "Drop the run and its result.",
        section=1,
    ),
    Command("advice", "&Which should I use?…", Menu.RECIPE, "", "advice", section=2),
    Command("theme", "Light or &dark", Menu.VIEW, "Ctrl+Shift+D", "moon", section=1),
    Command("full", "&Full screen", Menu.VIEW, "FullScreen", section=1),
    Command("reset.layout", "&Reset layout", Menu.VIEW, section=2),
    Command("help", "&Help", Menu.HELP, "HelpContents", "help"),
    Command("about", "&About Espalier", Menu.HELP, "", "about", section=1),
)
"""All commands, in the order of their menus. Panels add one each to the menu *View*."""


def command(name: str) -> Command:
    """A command by its id.

    Raises:
        KeyError: There is none.
    """
    return _BY_ID[name]


_BY_ID = {one.id: one for one in COMMANDS}
