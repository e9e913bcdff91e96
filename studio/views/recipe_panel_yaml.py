"""The recipe as YAML, edited in place: applied when it is right, marked where it is not."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from engine.layer_table import LayerTable
from engine.recipe.files import merge, read_text, to_yaml
from engine.recipe.model import InvalidRecipe, Problem, Recipe
from studio.document.deeds import Deed, label
from studio.document.messages import EditRecipe
from studio.forms.recipe_words import problem_words
from studio.style.metrics import metrics
from studio.style.sheet import set_property
from studio.widgets.yaml_editor import YamlEditor


class YamlTab(QWidget):
    """The text of the recipe, with its comments for as long as the window is open.

    Text that cannot be applied stays as it is until it is mended or given up, whatever happens to
    the recipe elsewhere.

    Args:
        parent: Owner.
    """

    wish = Signal(object)
    """A message for the store."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._recipe = Recipe()
        self._table: LayerTable | None = None
        self._stale = True
        self._refused = False
        self.editor = YamlEditor(self)
        self.editor.settled.connect(self._take)
        self.editor.typed.connect(self._typed)
        self.status = QLabel(self)
        self.status.setWordWrap(True)
        self.status.setTextFormat(Qt.TextFormat.PlainText)
        self.give_up = QPushButton(self.tr("Give up changes"), self)
        self.give_up.setToolTip(self.tr("Show the recipe that is in force again"))
        self.give_up.clicked.connect(self._give_up)
        distances = metrics(self)
        row = QHBoxLayout()
        row.setContentsMargins(distances.gap, 0, distances.gap, distances.small)
        row.addWidget(self.status, 1)
        row.addWidget(self.give_up)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(distances.small)
        column.addWidget(self.editor, 1)
        column.addLayout(row)
        self._say("", wrong=False)

    def show_recipe(self, recipe: Recipe, table: LayerTable | None) -> None:
        """Show a recipe; `table` is what its layers are looked up in, where there is a network."""
        if recipe == self._recipe and table is self._table and not self._stale:
            return
        self._recipe, self._table = recipe, table
        self._stale = True
        if self.isVisible():
            self._refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """Writing YAML takes a while: only for those who look."""
        super().showEvent(event)
        self._refresh()

    def _refresh(self) -> None:
        if not self._stale:
            return
        self._stale = False
        if self._refused or self.editor.is_pending():
            return  # the user's text comes first
        text = self.editor.toPlainText()
        if not self._says(text):
            self.editor.set_text(merge(self._recipe, text) or to_yaml(self._recipe))
        self._mark(self._problems(self.editor.toPlainText())[1])

    def _says(self, text: str) -> bool:
        """Whether a text says the recipe that is in force."""
        try:
            file = read_text(text)
        except InvalidRecipe:
            return False
        return not file.problems and file.recipe.key == self._recipe.key

    def _problems(self, text: str) -> tuple[Recipe | None, tuple[Problem, ...]]:
        """What a text says, and all that is wrong with it."""
        try:
            file = read_text(text)
        except InvalidRecipe as error:
            return None, error.problems
        if self._table is None:
            return file.recipe, file.check()
        return file.recipe, file.examine(self._table).problems

    def _take(self, text: str) -> None:
        """Apply what was typed, if nothing is wrong with it."""
        recipe, problems = self._problems(text)
        self._refused = bool(problems) or recipe is None
        self._mark(problems)
        if recipe is None or problems:
            return
        if recipe.key != self._recipe.key:
            self._recipe = recipe
            self._stale = False
            self.wish.emit(EditRecipe(label(Deed.YAML), recipe))

    def _mark(self, problems: tuple[Problem, ...]) -> None:
        marks: dict[int, str] = {}
        for problem in problems:
            line = max(problem.line, 1)
            text = _with_place(problem)
            marks[line] = f"{marks[line]}\n{text}" if line in marks else text
        self.editor.set_marks(marks)
        if not problems:
            self._say("", wrong=False)
            return
        first = self.tr("Line {line}: {problem}").format(
            line=max(problems[0].line, 1), problem=_with_place(problems[0])
        )
        if self._refused:
            first = self.tr("Not applied. {problem}").format(problem=first)
        self._say(first, wrong=True)

    def _typed(self) -> None:
        self._say(self.tr("Applied when you stop typing, or with Ctrl+Enter"), wrong=False)

    def _say(self, text: str, *, wrong: bool) -> None:
        self.status.setText(text)
        set_property(self.status, "tone", "error" if wrong else "secondary")
        self.status.setVisible(bool(text))
        self.give_up.setVisible(self._refused)

    def _give_up(self) -> None:
        self._refused = False
        text = merge(self._recipe, self.editor.toPlainText()) or to_yaml(self._recipe)
        self.editor.set_text(text)
        self._mark(self._problems(text)[1])
        self.editor.setFocus()


def _with_place(problem: Problem) -> str:
    """A problem with the field that it is in."""
    text = problem_words(problem)
    return f"{problem.field}: {text}" if problem.field and problem.path else text
