"""The settings of the selected layers in one step: what is in force, why, and what to change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from engine.frozen import thaw
from engine.recipe.edit import UNSET, reset
from engine.recipe.model import Step
from engine.recipe.plan import Assignment
from engine.registry import REGISTRY, Method, Scope
from studio.document.deeds import set_label
from studio.document.messages import EditRecipe, Lock, ResetLayers, SelectStep, SetFields
from studio.document.state import DocumentState
from studio.forms.form import Form
from studio.forms.recipe_words import layers_words, method_title
from studio.forms.schema import fields_of
from studio.store import Store
from studio.style.icons import set_icon
from studio.style.metrics import metrics
from studio.widgets.elided import Elided
from studio.widgets.empty import EmptyState
from studio.widgets.following import Following
from studio.words import listed, word


@dataclass(frozen=True, slots=True)
class Settings:
    """What a step does to some layers, taken together.

    Attributes:
        step: Its index.
        method: What it runs.
        values: Field → plain value of the first of them.
        mixed: Fields in which they differ.
        own: Fields that rules set for some of them by name, which can be taken back.
        origins: Field → index of the rule it comes from, where it is the same for all.
        skipped: Rules leave them out: all (True), some (None), none.
        reasons: Layer → why the step leaves it alone.
        names: By which the step knows them (parts, other members of their channel groups).
    """

    step: int
    method: Method
    values: dict[str, Any]
    mixed: frozenset[str]
    own: frozenset[str]
    origins: dict[str, int]
    skipped: bool | None
    reasons: dict[str, str]
    names: tuple[str, ...]


def layer_steps(state: DocumentState) -> tuple[int, ...]:
    """The steps that work layer by layer."""
    found = []
    for index, step in enumerate(state.recipe.steps):
        method = REGISTRY.step(step.method)
        if method is not None and method.scope is not Scope.NETWORK:
            found.append(index)
    return tuple(found)


def shown_step(state: DocumentState) -> int | None:
    """The step whose settings are shown: the selected one, else the last that takes layers."""
    steps = layer_steps(state)
    if state.step in steps:
        return state.step
    return steps[-1] if steps else None


def settings(state: DocumentState, step: int, layers: Iterable[str]) -> Settings | None:
    """What a step does to these layers; None where it knows none of them."""
    method = REGISTRY.step(state.recipe.steps[step].method)
    if method is None or state.resolution is None:
        return None
    wanted = frozenset(layers)
    found = [
        one
        for one in state.resolution.plan.of_step(step)
        if any(_is_part(name, wanted) for name in one.layers)
    ]
    if not found:
        return None
    different = {id(one.params): one.params for one in found}  # most layers share theirs
    dumped = [params.model_dump(mode="json") for params in different.values()]
    first = found[0].params.model_dump(mode="json")
    mixed = frozenset(name for name in first if any(one[name] != first[name] for one in dumped))
    skips = {one.skipped for one in found}
    return Settings(
        step,
        method,
        first,
        mixed,
        _own(state.recipe.steps[step], found),
        _origins(found),
        next(iter(skips)) if len(skips) == 1 else None,
        {one.target or one.layers[0]: one.reason for one in found if one.reason},
        tuple(dict.fromkeys(name for one in found for name in one.layers)),
    )


def _is_part(name: str, layers: frozenset[str]) -> bool:
    """Whether this is one of the layers, or something that an earlier step made of one."""
    while name:
        if name in layers:
            return True
        name = name.rpartition(".")[0]
    return False


def _own(step: Step, found: list[Assignment]) -> frozenset[str]:
    """Fields that a rule sets for one of the layers by its name."""
    own: set[str] = set()
    for one in found:
        for name, rule in one.sources.items():
            if not set(step.rules[rule].layers).isdisjoint(one.layers):
                own.add(name)
    return frozenset(own)


def _origins(found: list[Assignment]) -> dict[str, int]:
    """Fields that come from the same rule for all."""
    first = found[0].sources
    return {
        name: rule
        for name, rule in first.items()
        if all(one.sources.get(name) == rule for one in found)
    }


class SettingsForm(Following):
    """A form for the selected layers in the selected step.

    Args:
        store: The document.
        parent: Owner.
    """

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._settings: Settings | None = None
        self._form_method = ""
        self.form: Form | None = None
        self.steps = QComboBox(self)
        self.steps.setAccessibleName(self.tr("Step"))
        self.steps.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.steps.activated.connect(self._choose_step)
        self._layers = Elided("", parent=self)
        self._layers.setProperty("tone", "title")
        self.skip = QCheckBox(self.tr("Leave out of this step"), self)
        self.skip.clicked.connect(self._skip)
        self.lock = QPushButton(self)
        self.lock.setCheckable(True)
        self.lock.clicked.connect(self._lock)
        self.reset = QPushButton(self.tr("Reset"), self)
        self.reset.setToolTip(self.tr("Take back what the recipe says of these layers by name"))
        self.reset.clicked.connect(self._reset)
        set_icon(self.reset, "reset")
        self._reason = QLabel(self)
        self._reason.setWordWrap(True)
        self._reason.setProperty("tone", "warning")
        self._origin = QLabel(self)
        self._origin.setWordWrap(True)
        self._origin.setProperty("tone", "secondary")
        self.empty = EmptyState("settings", self.tr("No layer is selected"), parent=self)
        self._build()
        self.follow(store, self._changed)
        self._show(store.state)

    def _build(self) -> None:
        distances = metrics(self)
        buttons = QHBoxLayout()
        buttons.setSpacing(distances.small)
        buttons.addWidget(self._layers, 1)
        buttons.addWidget(self.lock)
        buttons.addWidget(self.reset)
        name = QLabel(self.tr("Step"), self)
        name.setBuddy(self.steps)
        head = QGridLayout()
        head.setSpacing(distances.small)
        head.addLayout(buttons, 0, 0, 1, 2)
        head.addWidget(name, 1, 0)
        head.addWidget(self.steps, 1, 1)
        head.addWidget(self.skip, 2, 0, 1, 2)
        head.setColumnStretch(1, 1)
        inside = QWidget()
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(*[distances.gap] * 4)
        self._column.setSpacing(distances.gap)
        self._column.addLayout(head)
        self._column.addWidget(self._reason)
        self._column.addWidget(self._origin)
        self._column.addStretch(1)
        scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inside)
        self._pages = QStackedWidget(self)
        self._pages.addWidget(self.empty)
        self._pages.addWidget(scroll)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._pages)

    # The state -------------------------------------------------------------------------------

    def _changed(self, old: DocumentState, new: DocumentState) -> None:
        if (
            old.resolution is not new.resolution
            or old.selection != new.selection
            or old.step != new.step
            or old.locks is not new.locks
            or old.model is not new.model
        ):
            self._show(new)

    def _show(self, state: DocumentState) -> None:
        step = shown_step(state)
        self._settings = None
        if state.selection and step is not None:
            self._settings = settings(state, step, state.selection)
        if self._settings is None:
            self._show_empty(state, step)
            if step is None or not state.selection:
                return
        self._pages.setCurrentIndex(0 if self._settings is None else 1)
        self._show_steps(state, step)
        if self._settings is not None:
            self._show_layers(state)
            self._show_form(state, self._settings)

    def _show_empty(self, state: DocumentState, step: int | None) -> None:
        self._pages.setCurrentIndex(0)
        if not state.selection:
            self.empty.set_text(
                self.tr("No layer is selected"),
                self.tr("Select layers in the table or the graph to see what is done to them."),
            )
        elif step is None:
            self.empty.set_text(
                self.tr("No step works layer by layer"),
                self.tr(
                    "Add pruning, low rank or quantization to the recipe, or type a value in "
                    "the table."
                ),
            )
        else:
            self.empty.set_text(
                self.tr("Nothing to set"),
                self.tr("This step does not know the selected layers."),
            )

    def _show_steps(self, state: DocumentState, step: int | None) -> None:
        shown = layer_steps(state)
        titles = [
            self.tr("{number}. {title}").format(
                number=index + 1, title=method_title(state.recipe.steps[index].method)
            )
            for index in shown
        ]
        if titles != [self.steps.itemText(i) for i in range(self.steps.count())]:
            self.steps.clear()
            self.steps.addItems(titles)
        for place, index in enumerate(shown):
            self.steps.setItemData(place, index)
        self.steps.setCurrentIndex(shown.index(step) if step in shown else -1)

    def _show_layers(self, state: DocumentState) -> None:
        names = state.selection
        text = names[0]
        if len(names) > 1:
            text = self.tr("{count} layers").format(count=len(names))
        self._layers.setText(text)
        self._layers.set_tip("\n".join(names) if len(names) > 1 else "")
        locked = [name in state.locks for name in names]
        self.lock.setChecked(all(locked))
        words = self.tr("Unlock") if all(locked) else self.tr("Lock")
        self.lock.setText(words)
        self.lock.setToolTip(
            self.tr(
                "Locked layers keep their settings: neither a solver nor the global slider "
                "changes them"
            )
        )
        set_icon(self.lock, "lock" if all(locked) else "unlock")

    def _show_form(self, state: DocumentState, found: Settings) -> None:
        self._fit_form(found.method)
        step = state.recipe.steps[found.step]
        self.reset.setEnabled(bool(found.own))
        self.skip.setTristate(found.skipped is None)
        if found.skipped is None:
            self.skip.setCheckState(Qt.CheckState.PartiallyChecked)
        else:
            self.skip.setChecked(found.skipped)
        self._show_reason(state, found)
        self._show_origin(step, found)
        if self.form is None:
            return
        base = {one.name: one.default for one in fields_of(found.method.params)}
        base |= {name: thaw(value) for name, value in step.params.items() if name in base}
        self.form.set_values(found.values, found.own - {"skip"}, found.mixed, base)
        self.form.set_origins(
            {
                name: self.tr("Rule {number}: {layers}").format(
                    number=rule + 1, layers=layers_words(step.rules[rule].layers)
                )
                for name, rule in found.origins.items()
                if name != "skip" and len(step.rules) > 1
            }
        )
        self.form.setEnabled(found.skipped is not True)

    def _show_reason(self, state: DocumentState, found: Settings) -> None:
        """Why nothing is done, if nothing is."""
        unique = dict.fromkeys(found.reasons.values())
        text = "\n".join(word(reason) for reason in unique)
        if text and len(found.reasons) < len(state.selection):
            count = len(found.reasons)
            text = self.tr("{count} of the layers: {reason}").format(count=count, reason=text)
        self._reason.setText(text)
        self._reason.setVisible(bool(text))

    def _show_origin(self, step: Step, found: Settings) -> None:
        """Which rule it is, or that it is the step itself."""
        rules = sorted(set(found.origins.values()))
        if found.skipped and "skip" in found.origins:
            text = self.tr("Left out by {rule}.").format(
                rule=self._rule_words(step, found.origins["skip"])
            )
        elif rules:
            names = listed(self._rule_words(step, rule) for rule in rules)
            text = self.tr("Set by {rules}.").format(rules=names)
        elif found.mixed:
            text = self.tr("These layers have different settings.")
        else:
            text = self.tr("As in the whole step.")
        self._origin.setText(text)

    def _rule_words(self, step: Step, rule: int) -> str:
        words = self.tr("rule {number} ({layers})")
        return words.format(number=rule + 1, layers=layers_words(step.rules[rule].layers))

    def _fit_form(self, method: Method) -> None:
        if self._form_method == method.name:
            return
        if self.form is not None:
            self._column.removeWidget(self.form)
            self.form.hide()
            self.form.deleteLater()
            self.form = None
        self._form_method = method.name
        if method.params.model_fields:
            self.form = Form(method.params, self)
            self.form.changed.connect(self._set_field)
            self.form.reset.connect(self._reset_field)
            self._column.insertWidget(self._column.count() - 1, self.form)

    # Wishes ----------------------------------------------------------------------------------

    def _choose_step(self, place: int) -> None:
        self._store.dispatch(SelectStep(int(self.steps.itemData(place))))

    def _set_field(self, name: str, value: object, final: bool) -> None:
        if self._settings is not None:
            self._set((name, value), final=final)

    def _set(self, *values: tuple[str, object], final: bool = True) -> None:
        assert self._settings is not None
        layers = self._store.state.selection
        self._store.dispatch(SetFields(self._settings.step, values, layers, final=final))

    def _reset_field(self, name: str) -> None:
        if self._settings is None:
            return
        recipe = self._store.state.recipe
        new = reset(recipe, self._settings.step, self._settings.names, [name])
        done = set_label(self._settings.method.name, name, UNSET, self._settings.names)
        self._store.dispatch(EditRecipe(done, new))

    def _skip(self) -> None:
        if self._settings is not None:
            self._set(("skip", self.skip.checkState() is not Qt.CheckState.Unchecked))

    def _lock(self, locked: bool) -> None:
        self._store.dispatch(Lock(self._store.state.selection, locked))

    def _reset(self) -> None:
        if self._settings is not None:
            self._store.dispatch(ResetLayers(self._settings.names, self._settings.step))
