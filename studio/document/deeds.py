"""What the user did to a recipe, as the history keeps it: in no language.

An edit's label is a line of JSON, the deed and what it was done to; `studio.edit_words` says it in
the language of the window. A label of another form (a project of an earlier version has them) is a
text, and stays what it is.
"""

from __future__ import annotations

import enum
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.recipe.edit import UNSET

ALL = "*"
"""In the place of a layer's name: all of them."""
SKIP = "skip"
"""The field of a rule that leaves layers out."""


class Deed(enum.StrEnum):
    """What can be done, and behind it what a label holds besides."""

    SET = "set"  # method, field, value, layers
    TUNE = "tune"  # method, field, layers: a value that no line has room for
    RESET_FIELD = "reset_field"  # method, field, layers
    RESET = "reset"  # layers
    SIMILAR = "similar"  # layer
    ADD = "add"  # method
    REMOVE = "remove"  # method
    DUPLICATE = "duplicate"  # method
    MOVE = "move"  # method
    SWITCH_ON = "switch_on"  # method
    SWITCH_OFF = "switch_off"  # method
    SWITCH = "switch"  # the new method
    REMOVE_RULE = "remove_rule"  # method
    SEED = "seed"  # value
    YAML = "yaml"  # nothing
    PRESET = "preset"  # its id
    OPEN = "open"  # name of a file
    FIT = "fit"  # nothing
    BACK = "back"  # number and name of a trial


@dataclass(frozen=True, slots=True)
class Done:
    """A label taken apart.

    Attributes:
        deed: What was done.
        parts: What it was done to, as `Deed` says.
    """

    deed: Deed
    parts: tuple[Any, ...] = ()


def label(deed: Deed, *parts: bool | float | str | None) -> str:
    """The label of an edit."""
    return json.dumps([deed, *parts], ensure_ascii=False)


def set_label(method: str, field: str, value: Any, layers: Sequence[str] = ()) -> str:
    """The label of an edit of one parameter; without layers, of the step itself."""
    whose = some(layers) if layers else ""
    if value is UNSET:
        return label(Deed.RESET_FIELD, method, field, whose)
    if value is None or isinstance(value, bool | int | float | str):
        return label(Deed.SET, method, field, value, whose)
    return label(Deed.TUNE, method, field, whose)


def some(layers: Sequence[str]) -> str | int:
    """Layers in a label: the name of the only one, else how many."""
    return layers[0] if len(layers) == 1 else len(layers)


def done(text: str) -> Done | None:
    """What a label says; None: it is a text."""
    if not text.startswith("["):
        return None
    try:
        deed, *parts = json.loads(text)
        return Done(Deed(deed), tuple(parts))
    except ValueError:  # of JSON, of the deed, or of an empty list
        return None
