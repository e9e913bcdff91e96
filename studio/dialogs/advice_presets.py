"""Ready recipes: what they are called, when to take them, and which one suits an answer."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from engine.paths import RESOURCES
from engine.recipe.files import load
from engine.recipe.model import Recipe

translate = QCoreApplication.translate

FOLDER = RESOURCES / "presets"


@dataclass(frozen=True, slots=True)
class Preset:
    """A ready recipe.

    Attributes:
        id: Name of its file.
        title: What the window calls it.
        reason: When to take it, in a sentence or two.
    """

    id: str
    title: str
    reason: str

    def recipe(self) -> Recipe:
        """The recipe, read from its file.

        Raises:
            RecipeError: The file is gone or broken.
        """
        return load(FOLDER / f"{self.id}.yaml")


def presets() -> tuple[Preset, ...]:
    """All ready recipes, the most useful first, in the user's language."""
    return (
        Preset(
            "eight_bits",
            translate("Preset", "Eight bits"),
            translate(
                "Preset",
                "A quarter of the size, and faster on most processors, in a minute and mostly "
                "without a loss that one would notice. The place to begin.",
            ),
        ),
        Preset(
            "faster_anywhere",
            translate("Preset", "Half the work, eight bits"),
            translate(
                "Preset",
                "Half of the multiplications really go, so that any runtime gets faster; the "
                "original teaches what is left. Needs training data, labels or not.",
            ),
        ),
        Preset(
            "without_training",
            translate("Preset", "Fewer channels without training"),
            translate(
                "Preset",
                "A fifth of the channels go, and the layers that read them are solved anew from "
                "a few hundred samples. Nothing is trained.",
            ),
        ),
        Preset(
            "smallest_file",
            translate("Preset", "Smallest file"),
            translate(
                "Preset",
                "Fewer channels, trained by the original, then weights of 4 bits whose rounding "
                "is learned. Takes its time.",
            ),
        ),
        Preset(
            "small_weights",
            translate("Preset", "Four-bit weights"),
            translate(
                "Preset",
                "For networks that spend their time reading weights, such as language models with "
                "a batch of one: an eighth of the bytes to read, activations as they are.",
            ),
        ),
        Preset(
            "half_precision",
            translate("Preset", "Half precision"),
            translate(
                "Preset",
                "Half of the size with hardly any loss at all, and no data needed. Not faster on "
                "most processors.",
            ),
        ),
        Preset(
            "without_data",
            translate("Preset", "Eight-bit weights without data"),
            translate(
                "Preset",
                "A quarter of the size where there are no samples at all: nothing has to be "
                "measured. Not faster, since activations stay as they are.",
            ),
        ),
        Preset(
            "low_rank",
            translate("Preset", "Thin layers"),
            translate(
                "Preset",
                "Every layer becomes two thin ones. Best for networks of large dense layers and "
                "wide convolutions, whose weights repeat themselves.",
            ),
        ),
        Preset(
            "four_bits_trained",
            translate("Preset", "Four bits, trained"),
            translate(
                "Preset",
                "Weights and activations of 4 bits hold only if the network is trained while it "
                "is rounded. For accelerators that compute with 4 bits.",
            ),
        ),
        Preset(
            "sparse_cores",
            translate("Preset", "Two of four"),
            translate(
                "Preset",
                "Half of the weights become zero in the pattern that NVIDIA's sparse tensor cores "
                "skip. On other runtimes the zeros save nothing.",
            ),
        ),
    )


def preset(name: str) -> Preset:
    """A ready recipe by its id.

    Raises:
        KeyError: There is none.
    """
    return {one.id: one for one in presets()}[name]


class Goal(enum.StrEnum):
    """What matters most."""

    SIZE = "size"
    SPEED = "speed"
    MEMORY = "memory"
    SPARSE = "sparse"
    FOUR_BITS = "four_bits"


class Training(enum.StrEnum):
    """Whether the network may be trained."""

    YES = "yes"
    NO = "no"


class Samples(enum.StrEnum):
    """How much data there is."""

    PLENTY = "plenty"
    FEW = "few"
    NONE = "none"


class Loss(enum.StrEnum):
    """How much accuracy may go."""

    NONE = "none"
    SOME = "some"
    MUCH = "much"


@dataclass(frozen=True, slots=True)
class Answers:
    """What the user said."""

    goal: Goal = Goal.SPEED
    training: Training = Training.YES
    samples: Samples = Samples.PLENTY
    loss: Loss = Loss.SOME


@dataclass(frozen=True, slots=True)
class Advice:
    """A ready recipe, and why it.

    Attributes:
        preset: Its id.
        because: What in the answers led to it, one sentence each.
    """

    preset: str
    because: tuple[str, ...]


def advise(answers: Answers) -> Advice:
    """The recipe for these answers. Pure; every combination has one."""
    no_data = translate("Advice", "Without samples nothing can be measured or trained.")
    if answers.samples is Samples.NONE:
        if answers.loss is Loss.NONE:
            exact = translate("Advice", "Half precision loses hardly anything.")
            return Advice("half_precision", (no_data, exact))
        return Advice(
            "without_data", (no_data, translate("Advice", "Weights alone can be rounded."))
        )
    trains = answers.training is Training.YES and answers.samples is Samples.PLENTY
    fixed = _no_training(answers)
    if answers.goal is Goal.MEMORY:
        reads = translate(
            "Advice", "What is bound by memory gains by smaller weights, not by less work."
        )
        name = "eight_bits" if answers.loss is Loss.NONE else "small_weights"
        return Advice(name, (reads,))
    if answers.goal is Goal.SPARSE:
        if trains:
            cores = translate("Advice", "Sparse cores want two of every four weights.")
            return Advice("sparse_cores", (cores,))
        zeros = translate(
            "Advice", "Zeros in that pattern cost accuracy, which only training brings back."
        )
        return Advice("eight_bits", (*fixed, zeros))
    if answers.goal is Goal.FOUR_BITS:
        if trains:
            rounds = translate(
                "Advice", "Activations of 4 bits need training while they are rounded."
            )
            return Advice("four_bits_trained", (rounds,))
        learned = translate("Advice", "Without training, activations keep their precision.")
        return Advice("small_weights", (*fixed, learned))
    return _for_size_or_speed(answers, fixed, trains=trains)


def _no_training(answers: Answers) -> tuple[str, ...]:
    if answers.training is Training.NO:
        return (translate("Advice", "Nothing is to be trained."),)
    if answers.samples is Samples.FEW:
        return (
            translate(
                "Advice", "A few hundred samples are enough to measure, too few to train on."
            ),
        )
    return ()


def _for_size_or_speed(answers: Answers, fixed: tuple[str, ...], *, trains: bool) -> Advice:
    if answers.loss is Loss.NONE:
        least = translate(
            "Advice", "Eight bits are the largest saving that mostly costs no accuracy."
        )
        return Advice("eight_bits", (*fixed, least))
    if not trains:
        solved = translate("Advice", "Layers that are solved anew make up for channels that go.")
        return Advice("without_training", (*fixed, solved))
    if answers.goal is Goal.SPEED:
        work = translate(
            "Advice", "Only less work makes every runtime faster; integers add to that."
        )
        return Advice("faster_anywhere", (work,))
    small = translate("Advice", "Fewer channels, and fewer bits for each weight that is left.")
    if answers.loss is Loss.MUCH:
        return Advice("smallest_file", (small,))
    kept = translate("Advice", "With eight bits the loss stays small.")
    return Advice("faster_anywhere", (small, kept))
