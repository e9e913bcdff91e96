"""The recipe panel: the steps in order, each with its form; the same as YAML; ready recipes."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from engine.recipe.model import MAX_SEED, Problem, Step
from engine.recipe.patterns import is_glob
from engine.recipe.plan import Assignment
from engine.recipe.resolve import check
from engine.registry import REGISTRY, Scope
from studio.dialogs.advice_presets import preset, presets
from studio.document.deeds import Deed, label
from studio.document.messages import EditRecipe, Message, SelectStep
from studio.document.selectors import layer_table, problems
from studio.document.state import DocumentState
from studio.forms.lines import NumberEditor
from studio.forms.recipe_words import problem_words
from studio.forms.schema import Field, Shape
from studio.store import Store
from studio.style.icons import set_icon
from studio.style.metrics import metrics
from studio.views import recipe_panel_edits as edits
from studio.views.recipe_panel_card import StepView
from studio.views.recipe_panel_list import StepList
from studio.views.recipe_panel_methods import MethodPicker
from studio.views.recipe_panel_rules import RuleEffect
from studio.views.recipe_panel_yaml import YamlTab
from studio.widgets.empty import EmptyState
from studio.widgets.following import Following
from studio.widgets.notice import NoticeBar

_LEAST = 33
"""Characters of the panel's least width."""


class RecipePanel(Following):
    """The steps of the recipe.

    Args:
        store: The document.
        parent: Owner.
    """

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self.list = StepList(self)
        self.list.wish.connect(self._wish)
        self.yaml = YamlTab(self)
        self.yaml.wish.connect(self._wish)
        self.notice = NoticeBar(self)
        self.seed = NumberEditor(self._seed_field(), self)
        self.seed.edited.connect(self._set_seed)
        self.empty = self._make_empty()
        self.add_button = QPushButton(self.tr("Add step…"), self)
        self.add_button.clicked.connect(self.add_step)
        self.presets_button = QPushButton(self.tr("Presets"), self)
        self.presets_button.setMenu(self._make_presets())
        self.advice_button = QPushButton(self.tr("Which should I use?"), self)
        self.advice_button.setProperty("role", "link")
        self.advice_button.clicked.connect(self.ask_advice)
        set_icon(self.add_button, "add")
        set_icon(self.presets_button, "preset")
        self.tabs = QTabWidget(self)
        self.tabs.setDocumentMode(True)
        self.setMinimumWidth(metrics(self).chars(_LEAST))
        self._arrange()
        self.follow(store, self._changed)
        self._show(store.state)

    # What the window's commands call --------------------------------------------------------

    def add_step(self) -> None:
        """Let the user choose a method for a new step."""
        self.tabs.setCurrentIndex(0)
        picker = MethodPicker(self)
        picker.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        picker.chosen.connect(self.add_method)
        picker.open_below(self.add_button if self.add_button.isVisible() else self.empty)

    def add_method(self, name: str) -> None:
        """Add a step that runs a method, in its canonical place."""
        for message in edits.added(self._store.state.recipe, name):
            self._wish(message)
        if self._store.state.step is not None:
            self.list.show_card(self._store.state.step)

    def ask_advice(self) -> None:
        """Open *Which should I use?*."""
        from studio.dialogs.advice import AdviceDialog

        dialog = AdviceDialog(self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.chosen.connect(self.use_preset)
        dialog.open()

    def use_preset(self, name: str) -> None:
        """Put a ready recipe in force; undo brings the old one back."""
        found = preset(name)
        self._wish(EditRecipe(label(Deed.PRESET, found.id), found.recipe()))
        self._wish(SelectStep(0))
        self.notice.tell(
            self.tr("The recipe is now “{preset}”.").format(preset=found.title),
            self.tr("Undo brings back what was there."),
        )

    def show_yaml(self) -> None:
        """Go to the text."""
        self.tabs.setCurrentWidget(self.yaml)
        self.yaml.editor.setFocus()

    # The state -------------------------------------------------------------------------------

    def _wish(self, message: Message) -> None:
        self._store.dispatch(message)

    def _changed(self, old: DocumentState, new: DocumentState) -> None:
        if (
            old.history is not new.history
            or old.resolution is not new.resolution
            or old.step != new.step
            or layer_table(old) is not layer_table(new)
        ):
            self._show(new)
        if old.recipe is not new.recipe:
            self.notice.clear()

    def _show(self, state: DocumentState) -> None:
        recipe = state.recipe
        found = problems(state) if state.resolution is not None else check(recipe)
        self.list.show_steps(self._views(state, found))
        self.pages.setCurrentWidget(self.list if recipe.steps else self.empty)
        self.add_button.setVisible(bool(recipe.steps))
        self.seed.set_value(recipe.seed)
        self.yaml.show_recipe(recipe, layer_table(state))
        general = [one for one in found if one.step is None]
        self._general.setText("\n".join(problem_words(one) for one in general))
        self._general.setVisible(bool(general))
        title = self.tr("Steps")
        if found:
            title = self.tr("Steps ({count} problems)").format(count=len(found))
            if len(found) == 1:
                title = self.tr("Steps (1 problem)")
        self.tabs.setTabText(0, title)

    def _views(self, state: DocumentState, found: tuple[Problem, ...]) -> list[StepView]:
        views = []
        for index, step in enumerate(state.recipe.steps):
            method = REGISTRY.step(step.method)
            assigned: tuple[Assignment, ...] = ()
            if state.resolution is not None and step.enabled:
                assigned = state.resolution.plan.of_step(index)
            per_layer = method is not None and method.scope is not Scope.NETWORK
            known = state.resolution is not None and per_layer
            active = sum(len(one.layers) for one in assigned if one.active) if known else None
            own = tuple(one for one in found if one.step == index)
            chosen = index == state.step
            rules = _by_rule(step, assigned) if known and chosen else ()
            views.append(StepView(state.recipe, index, rules, active, own, chosen=chosen))
        return views

    # Widgets ---------------------------------------------------------------------------------

    def _arrange(self) -> None:
        distances = metrics(self)
        self._general = QLabel(self)
        self._general.setProperty("tone", "error")
        self._general.setWordWrap(True)
        self.pages = QStackedWidget(self)
        self.pages.addWidget(self.empty)
        self.pages.addWidget(self.list)
        top = QHBoxLayout()
        top.setContentsMargins(distances.gap, distances.gap, distances.gap, 0)
        top.setSpacing(distances.small)
        top.addWidget(self.presets_button)
        top.addWidget(self.advice_button)
        top.addStretch(1)
        name = QLabel(self.tr("Seed"), self)
        name.setBuddy(self.seed)
        name.setToolTip(self.seed.toolTip())
        self.seed.setFixedWidth(distances.chars(12))
        bottom = QHBoxLayout()
        bottom.setContentsMargins(distances.gap, 0, distances.gap, distances.gap)
        bottom.addWidget(self.add_button)
        bottom.addStretch(1)
        bottom.addWidget(name)
        bottom.addWidget(self.seed)
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(distances.small)
        column.addLayout(top)
        column.addWidget(self._general)
        column.addWidget(self.pages, 1)
        column.addLayout(bottom)
        self.tabs.addTab(page, self.tr("Steps"))
        self.tabs.addTab(self.yaml, self.tr("YAML"))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.notice)
        whole.addWidget(self.tabs, 1)

    def _make_empty(self) -> EmptyState:
        made = EmptyState(
            "recipe",
            self.tr("No steps yet"),
            self.tr(
                "A recipe says what is done to the network, step by step. Add a step, take a "
                "ready recipe, or set a layer in the table."
            ),
            self,
        )
        made.set_buttons([("add", self.tr("Add step…")), ("advice", self.tr("Help me choose…"))])
        made.pressed.connect(self._pressed)
        return made

    def _make_presets(self) -> QMenu:
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        for one in presets():
            action = menu.addAction(one.title)
            action.setData(one.id)
            action.setToolTip(one.reason)
        menu.triggered.connect(lambda action: self.use_preset(action.data()))
        return menu

    def _seed_field(self) -> Field:
        return Field(
            "seed", self.tr("Seed"), "", Shape.INTEGER, 0, low=0, high=MAX_SEED, integer=True
        )

    def _pressed(self, name: str) -> None:
        if name == "add":
            self.add_step()
        else:
            self.ask_advice()

    def _set_seed(self, value: int, final: bool) -> None:
        if final:
            for message in edits.with_other_seed(self._store.state.recipe, value):
                self._wish(message)


def _by_rule(step: Step, assigned: tuple[Assignment, ...]) -> tuple[RuleEffect, ...]:
    """What the rules of a step come to, one by one."""
    layers: list[list[str]] = [[] for _ in step.rules]
    refused: list[dict[str, None]] = [{} for _ in step.rules]
    taken: set[int] = set()
    for one in assigned:
        rules = set(one.sources.values()) | ({one.rule} if one.rule is not None else set())
        for at in rules:
            layers[at] += one.layers
        if one.rule is not None and one.reason and not one.skipped:
            refused[one.rule][one.reason] = None
        elif one.rule is not None and one.active:
            taken.add(one.rule)
    effects = []
    for number, rule in enumerate(step.rules):
        of_names = not any(is_glob(pattern) for pattern in rule.layers)
        told = of_names or number not in taken  # that a glob is not for all of them is no news
        effects.append(RuleEffect(tuple(layers[number]), tuple(refused[number]) if told else ()))
    return tuple(effects)
