"""*Which should I use?*: four questions, and a ready recipe with the reason."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from engine.recipe.model import Recipe
from studio.dialogs.advice_presets import (
    Advice,
    Answers,
    Goal,
    Loss,
    Samples,
    Training,
    advise,
    preset,
)
from studio.forms.recipe_words import method_title, strength_words
from studio.style.metrics import metrics
from studio.style.sheet import set_property
from studio.style.theme import scaled_font

translate = QCoreApplication.translate

_WIDTH = 92
"""Characters."""
_LINES = 15
"""Room for the recipe and the reason, so that the window keeps its size."""


class _Question(QFrame):
    """A question and its answers, of which one is chosen."""

    changed = Signal()

    def __init__(self, text: str, answers: Sequence[tuple[str, str]], parent: QWidget) -> None:
        super().__init__(parent)
        distances = metrics(self)
        title = QLabel(text, self)
        title.setProperty("tone", "title")
        title.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, distances.gap)
        column.setSpacing(distances.small)
        column.addWidget(title)
        self._group = QButtonGroup(self)
        self._values: list[str] = []
        self.buttons: dict[str, QRadioButton] = {}
        for number, (value, label) in enumerate(answers):
            button = QRadioButton(label, self)
            button.setAccessibleDescription(text)
            self._group.addButton(button, number)
            self._values.append(value)
            self.buttons[value] = button
            column.addWidget(button)
        self.buttons[self._values[0]].setChecked(True)
        self._group.idToggled.connect(self._told)

    def value(self) -> str:
        """The answer."""
        return self._values[self._group.checkedId()]

    def _told(self, number: int, checked: bool) -> None:
        del number
        if checked:
            self.changed.emit()


class AdviceDialog(QDialog):
    """Questions on the left, the recipe they lead to on the right.

    Args:
        parent: The window it is for.
    """

    chosen = Signal(str)
    """Id of the preset to use."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Which should I use?"))
        self._advice = advise(Answers())
        self.questions = self._make_questions()
        for question in self.questions.values():
            question.changed.connect(self._show)
        self._title = QLabel(self)
        self._title.setFont(scaled_font(self.font(), 1.2, bold=True))
        self._reason = self._label("")
        self._because = self._label("")
        self._steps = self._label("secondary")
        self.cancel = QPushButton(self.tr("Cancel"), self)
        self.use = QPushButton(self.tr("Use this recipe"), self)
        self.use.setDefault(True)
        set_property(self.use, "role", "primary")
        self.use.clicked.connect(self._use)
        self.cancel.clicked.connect(self.reject)
        self._arrange()
        self._show()

    @property
    def advice(self) -> Advice:
        """What the answers lead to."""
        return self._advice

    def answers(self) -> Answers:
        """What is chosen."""
        value = {name: question.value() for name, question in self.questions.items()}
        return Answers(
            Goal(value["goal"]),
            Training(value["training"]),
            Samples(value["samples"]),
            Loss(value["loss"]),
        )

    def _make_questions(self) -> dict[str, _Question]:
        return {
            "goal": _Question(
                self.tr("What matters most?"),
                (
                    (Goal.SPEED, self.tr("Faster on this or any processor")),
                    (Goal.SIZE, self.tr("A smaller file")),
                    (Goal.MEMORY, self.tr("The device is short of memory or slow at reading it")),
                    (Goal.SPARSE, self.tr("Sparse cores of a graphics processor")),
                    (Goal.FOUR_BITS, self.tr("An accelerator that computes with 4 bits")),
                ),
                self,
            ),
            "samples": _Question(
                self.tr("How much data is there?"),
                (
                    (Samples.PLENTY, self.tr("The training data, with labels or without")),
                    (Samples.FEW, self.tr("A few hundred samples")),
                    (Samples.NONE, self.tr("None")),
                ),
                self,
            ),
            "training": _Question(
                self.tr("May the network be trained?"),
                (
                    (Training.YES, self.tr("Yes, there is time for it")),
                    (Training.NO, self.tr("No, it has to be done in one go")),
                ),
                self,
            ),
            "loss": _Question(
                self.tr("How much accuracy may it cost?"),
                (
                    (Loss.SOME, self.tr("About a point")),
                    (Loss.NONE, self.tr("None that matters")),
                    (Loss.MUCH, self.tr("A few points, if it gets much smaller")),
                ),
                self,
            ),
        }

    def _arrange(self) -> None:
        distances = metrics(self)
        left = QVBoxLayout()
        for question in self.questions.values():
            left.addWidget(question)
        left.addStretch(1)
        card = QFrame(self)
        card.setProperty("tone", "card")
        right = QVBoxLayout(card)
        right.setContentsMargins(*[distances.wide] * 4)
        right.setSpacing(distances.gap)
        for widget in (self._title, self._reason, self._because, self._steps):
            right.addWidget(widget)
        right.addStretch(1)
        card.setMinimumHeight(distances.line * _LINES)
        grid = QGridLayout(self)
        grid.setContentsMargins(*[distances.wide] * 4)
        grid.setHorizontalSpacing(distances.wide * 2)
        grid.setVerticalSpacing(distances.wide)
        grid.addLayout(left, 0, 0)
        grid.addWidget(card, 0, 1)
        row = QHBoxLayout()
        row.setSpacing(distances.gap)
        row.addStretch(1)
        row.addWidget(self.cancel)
        row.addWidget(self.use)
        grid.addLayout(row, 1, 0, 1, 2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        self.setMinimumWidth(distances.chars(_WIDTH))

    def _label(self, tone: str) -> QLabel:
        made = QLabel(self)
        made.setWordWrap(True)
        made.setProperty("tone", tone)
        return made

    def _show(self) -> None:
        self._advice = advise(self.answers())
        found = preset(self._advice.preset)
        self._title.setText(found.title)
        self._reason.setText(found.reason)
        self._because.setText("\n".join(f"• {one}" for one in self._advice.because))
        self._steps.setText(steps_words(found.recipe()))

    def _use(self) -> None:
        self.accept()
        self.chosen.emit(self._advice.preset)


def steps_words(recipe: Recipe) -> str:
    """The steps of a recipe, one on a line."""
    lines = []
    for number, step in enumerate(recipe.steps, start=1):
        strength, title = strength_words(step), method_title(step.method)
        template = translate("Advice", "{number}. {title}")
        if strength:
            template = translate("Advice", "{number}. {title} – {strength}")
        lines.append(template.format(number=number, title=title, strength=strength))
    return "\n".join(lines)
