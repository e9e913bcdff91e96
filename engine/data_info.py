"""What the outside is told about a data set: its parts, and whether it fits a network's input."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from engine.preprocessing import Preprocessing


@dataclass(frozen=True, slots=True)
class Offer:
    """A change of the preprocessing that would make data fit."""

    title: str
    changes: tuple[tuple[str, Any], ...]


def apply_offer(preprocessing: Preprocessing, offer: Offer) -> Preprocessing:
    """The preprocessing with the change that was offered."""
    kept = preprocessing.model_dump(exclude_defaults=True)
    return Preprocessing.model_validate({**kept, **dict(offer.changes)})


@dataclass(frozen=True, slots=True)
class Fit:
    """Whether data fits a network's input.

    Attributes:
        ok: It can be run.
        message: Both shapes, and what is wrong where something is.
        offers: Changes that would mend it; with `ok`, other readings of the same data.
        notes: What was assumed or converted, and what looks odd; one sentence each.
        preprocessing: With everything filled in that follows from data and network.
    """

    ok: bool
    message: str
    offers: tuple[Offer, ...] = ()
    notes: tuple[str, ...] = ()
    preprocessing: Preprocessing = field(default_factory=Preprocessing)


@dataclass(frozen=True, slots=True)
class SplitInfo:
    """One part of a data set: `train`, `validation`, `test`, or `all` where it is not divided."""

    name: str
    samples: int
    labelled: bool


@dataclass(frozen=True, slots=True)
class DataInfo:
    """What the outside is told about a data set.

    Attributes:
        name: Of the file or folder.
        form: `images`, `arrays`, `table`, `text`, `python` or `synthetic`.
        splits: In the order train, validation, test.
        sample_shape: Of a stored sample; None where they differ or the sample is a text.
        dtype: numpy's name of the stored type; `text` for texts.
        classes: Names in the order of the label numbers; empty without classes.
        synthetic: Nothing was given, so noise stands in for data.
        notes: What was assumed or left out, one sentence each.
        skipped: Samples left out so far because they cannot be read.
    """

    name: str
    form: str
    splits: tuple[SplitInfo, ...]
    sample_shape: tuple[int, ...] | None
    dtype: str
    classes: tuple[str, ...] = ()
    synthetic: bool = False
    notes: tuple[str, ...] = ()
    skipped: int = 0

    @property
    def labelled(self) -> bool:
        """Whether an accuracy from labels can be had."""
        return any(split.labelled for split in self.splits)
