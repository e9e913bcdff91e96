"""One step of the recipe: a card with a head to drag and switch, and the form when it is chosen."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction, QContextMenuEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.frozen import thaw
from engine.recipe.model import Problem, Recipe, Step
from engine.registry import REGISTRY
from studio.document.messages import Select
from studio.forms.form import Form
from studio.forms.recipe_words import (
    method_tip,
    method_title,
    problem_words,
    step_needs,
    strength_words,
)
from studio.style.icons import set_icon
from studio.style.metrics import metrics
from studio.style.sheet import set_property
from studio.views import recipe_panel_edits as edits
from studio.views.recipe_panel_methods import MethodPicker
from studio.views.recipe_panel_rules import RuleEffect, RuleList
from studio.widgets.elided import Elided
from studio.words import listed, word


@dataclass(frozen=True, slots=True)
class StepView:
    """What a card shows.

    Attributes:
        recipe: The whole recipe.
        index: Of the step.
        rules: What each rule comes to; empty where that is not known.
        active: How many layers the step changes; None: not known, or it takes the whole network.
        problems: What is wrong with it.
        chosen: It is the selected step.
    """

    recipe: Recipe
    index: int
    rules: tuple[RuleEffect, ...] = ()
    active: int | None = None
    problems: tuple[Problem, ...] = field(default=())
    chosen: bool = False

    @property
    def step(self) -> Step:
        """The step."""
        return self.recipe.steps[self.index]


class StepHead(QFrame):
    """The upper part of a card: dragged to move the step, pressed to choose it."""

    pressed = Signal()
    drag_began = Signal()
    dragged = Signal(int)
    """Height of the pointer on the screen."""
    dropped = Signal(bool)
    """The drag is over; False: it was given up."""
    key = Signal(int, bool)
    """A key that means something for the list, and whether Alt is held."""
    menu_wanted = Signal(QPoint)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setProperty("tone", "head")
        self._from: QPoint | None = None
        self._dragging = False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Perhaps a drag begins."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._from = event.globalPosition().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """A drag, once it is far enough."""
        if self._from is None:
            return
        at = event.globalPosition().toPoint()
        far = (at - self._from).manhattanLength() >= QApplication.startDragDistance()
        if far and not self._dragging:
            self._dragging = True
            self.setFocus()
            self.drag_began.emit()
        if self._dragging:
            self.dragged.emit(at.y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The end of a drag, or a press."""
        if event.button() != Qt.MouseButton.LeftButton or self._from is None:
            return
        was_drag, self._dragging, self._from = self._dragging, False, None
        if was_drag:
            self.dropped.emit(True)
        elif self.rect().contains(event.position().toPoint()):
            self.pressed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape gives a drag up; the list knows the other keys."""
        if event.key() == Qt.Key.Key_Escape and self._dragging:
            self._dragging, self._from = False, None
            self.dropped.emit(False)
            return
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if event.key() in _KEYS and not (control and event.key() != Qt.Key.Key_D):
            self.key.emit(event.key(), alt)
            return
        super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The menu key, or the right button."""
        self.menu_wanted.emit(event.globalPos())


_KEYS = frozenset(
    {
        Qt.Key.Key_Up,
        Qt.Key.Key_Down,
        Qt.Key.Key_Home,
        Qt.Key.Key_End,
        Qt.Key.Key_Return,
        Qt.Key.Key_Enter,
        Qt.Key.Key_Space,
        Qt.Key.Key_Delete,
        Qt.Key.Key_D,
    }
)


class StepCard(QFrame):
    """A step.

    Args:
        parent: Owner.
    """

    wish = Signal(object)
    """A message for the store."""
    pressed = Signal()
    """The head was pressed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view: StepView | None = None
        self._picker: MethodPicker | None = None
        self.form: Form | None = None
        self._form_method = ""
        self.setProperty("tone", "card")
        self.head = StepHead(self)
        self.box = QCheckBox(self.head)
        self.box.clicked.connect(self._switch)
        self._title = Elided("", parent=self.head)
        self._title.setProperty("tone", "title")
        self._note = Elided("", parent=self.head)
        self._note.setProperty("tone", "secondary")
        self._alert = QToolButton(self.head)
        self._alert.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        set_icon(self._alert, "warning", "error")
        self.more = QToolButton(self.head)
        self.more.setToolTip(self.tr("What can be done with this step"))
        self.more.setAccessibleName(self.tr("Actions of the step"))
        self.more.clicked.connect(self._open_menu)
        set_icon(self.more, "more", "secondary")
        self.head.pressed.connect(self.pressed)
        self.head.menu_wanted.connect(self._menu_at)
        self._body = QWidget(self)
        self._build()

    def _build(self) -> None:
        distances = metrics(self)
        grip = QToolButton(self.head)
        grip.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        grip.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        set_icon(grip, "grip", "dimmed")
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._title)
        words.addWidget(self._note)
        row = QHBoxLayout(self.head)
        row.setContentsMargins(*[distances.small] * 4)
        row.setSpacing(distances.small)
        row.addWidget(grip)
        row.addWidget(self.box)
        row.addLayout(words, 1)
        row.addWidget(self._alert)
        row.addWidget(self.more)
        self._summary = QLabel(self._body)
        self._summary.setWordWrap(True)
        self._summary.setProperty("tone", "secondary")
        self._wrong = QLabel(self._body)
        self._wrong.setWordWrap(True)
        self._wrong.setProperty("tone", "error")
        self._rules = RuleList(self._body)
        self._rules.removed.connect(self._remove_rule)
        self._rules.chosen.connect(self._select_layers)
        self._inside = QVBoxLayout(self._body)
        self._inside.setContentsMargins(distances.gap, 0, distances.gap, distances.gap)
        self._inside.setSpacing(distances.gap)
        for widget in (self._summary, self._wrong, self._rules):
            self._inside.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addWidget(self._body)

    @property
    def view(self) -> StepView:
        """What it shows."""
        assert self._view is not None
        return self._view

    def show_view(self, view: StepView) -> None:
        """Show a step."""
        self._view = view
        step, method = view.step, REGISTRY.step(view.step.method)
        title = method_title(step.method)
        self._title.setText(self.tr("{number}. {title}").format(number=view.index + 1, title=title))
        self._title.set_tip(method_tip(method) if method is not None else "")
        self._note.setText(self._note_text())
        self._note.setVisible(bool(self._note.text()))
        self.box.setChecked(step.enabled)
        switch = self.tr("Switch off {step}") if step.enabled else self.tr("Switch on {step}")
        self.box.setToolTip(switch.format(step=title))
        self.box.setAccessibleName(switch.format(step=title))
        self._title.setEnabled(step.enabled)
        self._note.setEnabled(step.enabled)
        self._alert.setVisible(bool(view.problems))
        self._alert.setToolTip("\n".join(problem_words(one) for one in view.problems))
        self.head.setAccessibleName(self._title.text())
        self.head.setAccessibleDescription(self._note.text())
        set_property(self, "tone", "chosen" if view.chosen else "card")
        if view.chosen:
            self._show_body()
        self._body.setVisible(view.chosen)

    def set_dragged(self, *, dragged: bool) -> None:
        """Look as if lifted."""
        resting = "chosen" if self.view.chosen else "card"
        set_property(self, "tone", "lifted" if dragged else resting)

    def menu(self) -> QMenu:
        """What can be done with the step."""
        made = QMenu(self)
        made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        last = len(self.view.recipe.steps) - 1
        self._add(made, self.tr("Choose another method…"), "settings").triggered.connect(
            self.choose_method
        )
        self._add(made, self.tr("Duplicate"), "duplicate").triggered.connect(self.duplicate)
        up = self._add(made, self.tr("Move up"), "up")
        up.setEnabled(self.view.index > 0)
        up.triggered.connect(self._move_up)
        down = self._add(made, self.tr("Move down"), "down")
        down.setEnabled(self.view.index < last)
        down.triggered.connect(self._move_down)
        made.addSeparator()
        self._add(made, self.tr("Remove"), "delete").triggered.connect(self.remove)
        return made

    def choose_method(self) -> None:
        """Ask for another method of the family (any, if this one is not known)."""
        method = REGISTRY.step(self.view.step.method)
        self._picker = MethodPicker(self, [method.kind] if method is not None else ())
        self._picker.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._picker.chosen.connect(self._take_method)
        self._picker.open_below(self.head)

    def remove(self) -> None:
        """Take the step out."""
        self._tell(*edits.removed(self.view.recipe, self.view.index))

    def duplicate(self) -> None:
        """Put the same step in once more."""
        self._tell(*edits.duplicated(self.view.recipe, self.view.index))

    # Body ------------------------------------------------------------------------------------

    def _show_body(self) -> None:
        view, method = self.view, REGISTRY.step(self.view.step.method)
        self._summary.setText(word(method.summary) if method is not None else "")
        self._summary.setToolTip(method_tip(method) if method is not None else "")
        self._summary.setVisible(method is not None)
        self._fit_form()
        named: dict[str, str] = {}
        other: list[str] = []
        for problem in view.problems:
            if problem.rule is not None:
                continue
            if self.form is not None and any(f.name == problem.field for f in self.form.fields()):
                named[problem.field] = problem_words(problem)
            else:
                other.append(problem_words(problem))
        self._wrong.setText("\n".join(other))
        self._wrong.setVisible(bool(other))
        if self.form is not None:
            values = {name: thaw(value) for name, value in view.step.params.items()}
            defaults = {one.name: one.default for one in self.form.fields()}
            differs = {n for n, v in values.items() if n in defaults and v != defaults[n]}
            self.form.set_values(values, differs)
            self.form.set_problems(named)
        self._rules.show_rules(
            view.step, view.rules, tuple(p for p in view.problems if p.rule is not None)
        )
        self._rules.setVisible(bool(view.step.rules))

    def _fit_form(self) -> None:
        """Have the form of the step's method."""
        name = self.view.step.method
        if self._form_method == name:
            return
        if self.form is not None:
            self._inside.removeWidget(self.form)
            self.form.hide()
            self.form.deleteLater()
            self.form = None
        self._form_method = name
        method = REGISTRY.step(name)
        if method is None or not method.params.model_fields:
            return
        self.form = Form(method.params, self._body)
        self.form.changed.connect(self._set_field)
        self.form.reset.connect(self._reset_field)
        self._inside.insertWidget(2, self.form)

    def _note_text(self) -> str:
        view = self.view
        strength = strength_words(view.step)
        if not view.step.enabled:
            return self.tr("Switched off")
        if view.active is not None:
            layers = self.tr("{count} layers").format(count=view.active)
            if view.active == 1:
                layers = self.tr("1 layer")
            if not strength:
                return layers
            return self.tr("{strength} · {layers}").format(strength=strength, layers=layers)
        if strength:
            return strength
        needs = step_needs(view.step)
        return self.tr("Needs {things}").format(things=listed(needs)) if needs else ""

    # Wishes ----------------------------------------------------------------------------------

    def _tell(self, *messages: object) -> None:
        for message in messages:
            self.wish.emit(message)

    def _set_field(self, name: str, value: object, final: bool) -> None:
        self._tell(*edits.field_set(self.view.index, name, value, final=final))

    def _reset_field(self, name: str) -> None:
        self._tell(*edits.field_reset(self.view.index, name))

    def _switch(self, enabled: bool) -> None:
        self._tell(*edits.switched(self.view.recipe, self.view.index, enabled=enabled))

    def _move_up(self) -> None:
        self._tell(*edits.moved(self.view.recipe, self.view.index, self.view.index - 1))

    def _move_down(self) -> None:
        self._tell(*edits.moved(self.view.recipe, self.view.index, self.view.index + 1))

    def _take_method(self, name: str) -> None:
        self._tell(*edits.with_other_method(self.view.recipe, self.view.index, name))

    def _remove_rule(self, rule: int) -> None:
        self._tell(*edits.with_rule_gone(self.view.recipe, self.view.index, rule))

    def _select_layers(self, rule: int) -> None:
        if rule < len(self.view.rules):
            self._tell(Select(self.view.rules[rule].layers))

    def _add(self, menu: QMenu, text: str, icon: str) -> QAction:
        action = menu.addAction(text)
        set_icon(action, icon, "secondary")
        return action

    def _open_menu(self) -> None:
        self._menu_at(self.more.mapToGlobal(QPoint(0, self.more.height())))

    def _menu_at(self, at: QPoint) -> None:
        self.menu().popup(at)
