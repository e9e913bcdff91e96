"""What was done to the recipe, in the language of the window."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QCoreApplication

from engine.registry import REGISTRY
from studio.dialogs.advice_presets import presets
from studio.document.deeds import ALL, SKIP, Deed, done
from studio.forms.recipe_words import method_title, setting_words
from studio.forms.schema import Field, fields_of
from studio.words import trial_name, word

translate = QCoreApplication.translate


def edit_words(label: str) -> str:
    """The label of an edit; one that is a text as it is, or translated where that is known."""
    found = done(label)
    if found is not None:
        try:
            return _WORDS[found.deed](*found.parts)
        except TypeError:  # fewer or more parts than this version knows
            return found.deed.replace("_", " ")
    verb, colon, rest = label.partition(": ")
    return word(verb) + colon + word(rest)


def _set(method: str, field: str, value: Any, layers: str | int) -> str:
    if field == SKIP:
        text = (
            translate("Edits", "{subject} left out of {step}")
            if value
            else translate("Edits", "{subject} taken into {step}")
        )
        return text.format(subject=_layers(layers), step=method_title(method))
    known = _field(method, field)
    setting = f"{field}: {value}" if known is None else setting_words(known, value)
    return _of(setting, method, layers)


def _tune(method: str, field: str, layers: str | int) -> str:
    return _of(_title(method, field), method, layers)


def _reset_field(method: str, field: str, layers: str | int) -> str:
    text = translate("Edits", "Reset {field}").format(field=_title(method, field))
    return _of(text, method, layers)


def _reset(layers: str | int) -> str:
    return translate("Edits", "Reset {layers}").format(layers=_layers(layers))


def _similar(layer: str) -> str:
    return translate("Edits", "Apply {layer} to similar layers").format(layer=layer)


def _of(what: str, method: str, layers: str | int) -> str:
    """What was done and to whom; without layers to a step."""
    subject = method_title(method) if layers == "" else _layers(layers)
    return translate("Edits", "{what} ({subject})").format(what=what, subject=subject)


def _layers(layers: str | int) -> str:
    if layers == ALL:
        return translate("Edits", "all layers")
    if isinstance(layers, int):
        return translate("Edits", "{count} layers").format(count=layers)
    return layers


def _field(method: str, name: str) -> Field | None:
    found = REGISTRY.step(method)
    if found is None:
        return None
    return next((one for one in fields_of(found.params) if one.name == name), None)


def _title(method: str, name: str) -> str:
    known = _field(method, name)
    return name if known is None else word(known.title)


def _step(deed: Deed) -> Callable[[str], str]:
    """What says a deed that is done to a step."""

    def words(method: str) -> str:
        templates = {
            Deed.ADD: translate("RecipeEdit", "Add {step}"),
            Deed.REMOVE: translate("RecipeEdit", "Remove {step}"),
            Deed.DUPLICATE: translate("RecipeEdit", "Duplicate {step}"),
            Deed.MOVE: translate("RecipeEdit", "Move {step}"),
            Deed.SWITCH_ON: translate("RecipeEdit", "Switch on {step}"),
            Deed.SWITCH_OFF: translate("RecipeEdit", "Switch off {step}"),
            Deed.SWITCH: translate("RecipeEdit", "Change to {step}"),
            Deed.REMOVE_RULE: translate("RecipeEdit", "Remove a rule of {step}"),
        }
        return templates[deed].format(step=method_title(method))

    return words


def _seed(value: int) -> str:
    return translate("Edits", "Seed: {value}").format(value=value)


def _yaml() -> str:
    return translate("Edits", "Edit the YAML")


def _preset(name: str) -> str:
    title = next((one.title for one in presets() if one.id == name), name)
    return translate("Edits", "Use {preset}").format(preset=title)


def _open(file: str) -> str:
    return translate("Edits", "Open: {file}").format(file=file)


def _fit() -> str:
    return translate("Edits", "Fit to budget")


def _back(number: int, name: str) -> str:
    return translate("Edits", "Back to {trial}").format(trial=trial_name(number, name))


_STEPS = (
    *(Deed.ADD, Deed.REMOVE, Deed.DUPLICATE, Deed.MOVE),
    *(Deed.SWITCH_ON, Deed.SWITCH_OFF, Deed.SWITCH, Deed.REMOVE_RULE),
)
_WORDS: dict[Deed, Callable[..., str]] = {
    Deed.SET: _set,
    Deed.TUNE: _tune,
    Deed.RESET_FIELD: _reset_field,
    Deed.RESET: _reset,
    Deed.SIMILAR: _similar,
    **{deed: _step(deed) for deed in _STEPS},
    Deed.SEED: _seed,
    Deed.YAML: _yaml,
    Deed.PRESET: _preset,
    Deed.OPEN: _open,
    Deed.FIT: _fit,
    Deed.BACK: _back,
}
