"""The rules of a step: for which layers, what they say; pressed to select the layers."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.recipe.model import Problem, Rule, Step
from studio.forms.recipe_words import layers_words, problem_words, rule_words
from studio.style.icons import set_icon
from studio.style.metrics import metrics
from studio.words import word

_MOST = 40
"""Rules that are shown; whoever has more of them does not read them one by one."""


@dataclass(frozen=True, slots=True)
class RuleEffect:
    """What a rule comes to for this network.

    Attributes:
        layers: For which it says anything that is in force.
        refused: Why the step leaves some of them alone all the same.
    """

    layers: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


class _RuleRow(QWidget):
    """One rule."""

    def __init__(self, parent: RuleList) -> None:
        super().__init__(parent)
        self._rules = parent
        self._number = 0
        self._names = ""
        self._said: tuple[object, ...] = ()
        self.layers = QPushButton(self)
        self.layers.setProperty("role", "link")
        self.layers.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.layers.clicked.connect(self._choose)
        self._says = QLabel(self)
        self._says.setWordWrap(True)
        self._says.setProperty("tone", "secondary")
        self._says.setIndent(metrics(self).small)
        self._wrong = QLabel(self)
        self._wrong.setProperty("tone", "error")
        self._wrong.setWordWrap(True)
        self.button = QToolButton(self)
        self.button.clicked.connect(self._remove)
        set_icon(self.button, "remove", "secondary")
        row = QHBoxLayout()
        row.setSpacing(metrics(self).small)
        row.addWidget(self.layers, 1)
        row.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self._says)
        column.addWidget(self._wrong)
        self._refused = QLabel(self)
        self._refused.setProperty("tone", "warning")
        self._refused.setWordWrap(True)
        column.addWidget(self._refused)

    def show_rule(
        self,
        number: int,
        step: Step,
        rule: Rule,
        effect: RuleEffect,
        problems: tuple[Problem, ...],
    ) -> None:
        said = (number, step.method, rule, effect, problems)
        if said == self._said:
            return
        self._said = said
        self._number = number
        names = layers_words(rule.layers)
        self._names = names
        self._fit()
        self.layers.setToolTip(self.tr("Select {layers}").format(layers=names))
        self.layers.setAccessibleName(self.layers.toolTip())
        self._says.setText(rule_words(step, rule))
        text = self.tr("Remove rule {number}").format(number=number + 1)
        self.button.setToolTip(text)
        self.button.setAccessibleName(text)
        self._wrong.setText("\n".join(problem_words(one) for one in problems))
        self._wrong.setVisible(bool(problems))
        self._refused.setText("\n".join(word(one) for one in effect.refused))
        self._refused.setVisible(bool(effect.refused))
        self.layers.setEnabled(bool(effect.layers))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Show as much of the names as there is room for."""
        room = self.width() - self.button.sizeHint().width() - 3 * metrics(self).gap
        middle = Qt.TextElideMode.ElideMiddle
        shown = self.layers.fontMetrics().elidedText(self._names, middle, room)
        self.layers.setText(shown.replace("&", "&&"))

    def _choose(self) -> None:
        self._rules.chosen.emit(self._number)

    def _remove(self) -> None:
        self._rules.removed.emit(self._number)


class RuleList(QWidget):
    """All rules of a step, in order; a later one wins."""

    chosen = Signal(int)
    """The layers of a rule are to be selected."""
    removed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: list[_RuleRow] = []
        title = QLabel(self.tr("Rules for some layers; a later one wins"), self)
        title.setProperty("tone", "secondary")
        title.setWordWrap(True)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(metrics(self).hair)
        self._column.addWidget(title)
        self._more = QLabel(self)
        self._more.setProperty("tone", "secondary")
        self._column.addWidget(self._more)

    def show_rules(
        self, step: Step, effects: tuple[RuleEffect, ...], problems: tuple[Problem, ...]
    ) -> None:
        """Show the rules of a step.

        Args:
            step: The step.
            effects: What each rule comes to; empty where that is not known.
            problems: Of rules.
        """
        shown = step.rules[:_MOST]
        self._more.setVisible(len(step.rules) > _MOST)
        more = self.tr("{count} more rules are in the YAML")
        self._more.setText(more.format(count=len(step.rules) - _MOST))
        while len(self.rows) > len(shown):
            row = self.rows.pop()
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        while len(self.rows) < len(shown):
            row = _RuleRow(self)
            self._column.insertWidget(self._column.count() - 1, row)
            self.rows.append(row)
        for number, rule in enumerate(shown):
            own = tuple(one for one in problems if one.rule == number)
            effect = effects[number] if number < len(effects) else RuleEffect()
            self.rows[number].show_rule(number, step, rule, effect, own)
