"""Undo and redo: a list of recipes and a cursor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.errors import RecipeError
from engine.recipe.model import Recipe, recipe_from

LIMIT = 200
"""Edits that are kept."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A recipe as it was after one action of the user.

    Attributes:
        label: What the user did: "Set ratio of conv1".
        recipe: What came of it.
    """

    label: str
    recipe: Recipe


@dataclass(frozen=True, slots=True)
class History:
    """Immutable; each method returns the next history.

    Attributes:
        edits: Oldest first; at least one.
        cursor: Index of the edit in force.
        open_key: Merge key of the edit in force, while it may still grow.
        limit: Edits kept; older ones are forgotten.
    """

    edits: tuple[Edit, ...]
    cursor: int = 0
    open_key: str = ""
    limit: int = LIMIT

    @classmethod
    def of(cls, recipe: Recipe, label: str = "Open") -> History:
        """A history that begins with a recipe."""
        return cls((Edit(label, recipe),))

    @property
    def recipe(self) -> Recipe:
        """The recipe in force."""
        return self.edits[self.cursor].recipe

    @property
    def undo_label(self) -> str:
        """What undo would take back; empty at the start."""
        return self.edits[self.cursor].label if self.cursor else ""

    @property
    def redo_label(self) -> str:
        """What redo would do again; empty at the end."""
        last = self.cursor == len(self.edits) - 1
        return "" if last else self.edits[self.cursor + 1].label

    def push(self, label: str, recipe: Recipe, merge_key: str = "") -> History:
        """Add an edit; what was undone is forgotten.

        Edits in a row with one merge key are one (the many small ones of a drag), until `seal`,
        `undo` or `redo`; if they end where they began, there was none.
        """
        past = self.edits[: self.cursor + 1]
        merges = bool(merge_key) and merge_key == self.open_key and self.cursor > 0
        if merges:
            past = past[:-1]
        elif recipe == self.recipe:
            return self
        if recipe != past[-1].recipe:
            past = (*past, Edit(label, recipe))[-self.limit :]
            return replace(self, edits=past, cursor=len(past) - 1, open_key=merge_key)
        return replace(self, edits=past, cursor=len(past) - 1, open_key="")

    def seal(self) -> History:
        """The drag is over: the next edit is a new one, whatever its key."""
        return replace(self, open_key="") if self.open_key else self

    def undo(self) -> History:
        """Step back; at the start, stay."""
        return replace(self, cursor=max(self.cursor - 1, 0), open_key="")

    def redo(self) -> History:
        """Step forward; at the end, stay."""
        return replace(self, cursor=min(self.cursor + 1, len(self.edits) - 1), open_key="")

    def to_data(self) -> dict[str, Any]:
        """As a project keeps it."""
        return {
            "cursor": self.cursor,
            "edits": [{"label": e.label, "recipe": e.recipe.to_data()} for e in self.edits],
        }


def history_from(data: Any) -> History:
    """A history from what `to_data` gave.

    Raises:
        RecipeError: It is something else.
    """
    try:
        edits = tuple(_edit(item) for item in data["edits"][-LIMIT:])
        cursor = int(data["cursor"]) - max(len(data["edits"]) - LIMIT, 0)
        if not edits or not 0 <= cursor < len(edits):
            raise ValueError(cursor)
    except (KeyError, TypeError, ValueError) as error:
        raise RecipeError("The history of this project cannot be read.") from error
    return History(edits, cursor)


def _edit(data: Mapping[str, Any]) -> Edit:
    return Edit(str(data["label"]), recipe_from(data["recipe"]))
