"""Settings that every training has, whatever it is for: light, for declarations of methods."""

from __future__ import annotations

import enum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from engine.parameters import Params
from engine.registry import Needs


class Optimizer(enum.StrEnum):
    """How weights follow their gradients."""

    SGD = "sgd"
    ADAM = "adam"
    ADAMW = "adamw"


class Schedule(enum.StrEnum):
    """How the learning rate changes over a training."""

    COSINE = "cosine"
    ONE_CYCLE = "one_cycle"
    LINEAR = "linear"
    STEP = "step"
    CONSTANT = "constant"


class Augmentation(enum.StrEnum):
    """What is done to images at random, so that no two epochs see the same ones."""

    AUTO = "auto"
    NONE = "none"
    CROP = "crop"
    FLIP = "flip"
    CROP_AND_FLIP = "crop_and_flip"


class Precision(enum.StrEnum):
    """What forward and backward passes compute in; weights are always kept in full."""

    AUTO = "auto"
    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"
    FLOAT16 = "float16"


USUAL_HINTS = 40.0
"""Weight of hints beside soft targets of the usual temperature."""
Temperature = Annotated[
    float,
    Field(
        gt=0,
        le=100,
        title="Temperature",
        description="Softens the answers of both networks; higher shows more of how the teacher "
        "ranks wrong classes.",
    ),
]
TeacherFile = Annotated[
    str,
    Field(
        max_length=4096,
        title="Teacher",
        description="A network file to learn from; empty: the original network.",
    ),
]
HintWeight = Annotated[
    float,
    Field(
        ge=0,
        le=1000,
        title="Weight of hints",
        description="Of the loss on what the teacher computes inside, where both networks "
        "have values of the same shape; it comes on top of the others. 0: answers alone.",
    ),
]
LabelWeight = Annotated[
    float | None,
    Field(
        ge=0, le=1, title="Weight", description="Of this loss; empty: what the others leave of 1."
    ),
]


class SoftTargets(Params):
    """Hinton et al. 2015, arXiv:1503.02531."""

    name: Literal["soft_targets"] = "soft_targets"
    temperature: Temperature = 4.0
    weight: Annotated[
        float,
        Field(
            gt=0, le=1, title="Weight", description="Of this loss; labels get what is left of 1."
        ),
    ] = 0.9
    teacher: TeacherFile = ""


class Labels(Params):
    """Cross-entropy with the labels, or squared error where they are values."""

    name: Literal["labels"] = "labels"
    weight: LabelWeight = None


class LabelSmoothing(Params):
    """Szegedy et al. 2016, arXiv:1512.00567, sec. 7."""

    name: Literal["label_smoothing"] = "label_smoothing"
    smoothing: Annotated[
        float,
        Field(
            ge=0,
            lt=1,
            title="Smoothing",
            description="Share of each label spread over all classes.",
        ),
    ] = 0.1
    weight: LabelWeight = None


class Hints(Params):
    """Romero et al. 2015, arXiv:1412.6550, sec. 2.2, where shapes are the same."""

    name: Literal["hints"] = "hints"
    weight: HintWeight = USUAL_HINTS
    teacher: TeacherFile = ""


Loss = Annotated[SoftTargets | Hints | Labels | LabelSmoothing, Field(discriminator="name")]
Losses = Annotated[
    tuple[Loss, ...],
    Field(
        max_length=8,
        title="Losses",
        description="What is made small; empty: the labels' loss alone. Labels count with the "
        "weight that the others leave of 1.",
    ),
]


def check_losses(losses: tuple[Loss, ...]) -> None:
    """Labels and hints are asked once, and something has a weight.

    Raises:
        ValueError: It is not so.
    """
    of_labels = [loss for loss in losses if isinstance(loss, Labels | LabelSmoothing)]
    if sum(isinstance(loss, Hints) for loss in losses) > 1:
        raise ValueError("Only one of the losses can be hints.")
    if len(of_labels) > 1:
        raise ValueError("Only one of the losses can be on the labels.")
    if losses and not any(loss.weight is None or loss.weight > 0 for loss in losses):
        raise ValueError("One of the losses needs a weight above 0.")


class TrainingParams(Params):
    """How long, how fast and on what a network is trained."""

    epochs: Annotated[
        float,
        Field(gt=0, le=1000, title="Epochs", description="Passes over the training samples."),
    ] = 1.0
    steps: Annotated[
        int | None,
        Field(
            ge=1,
            le=10_000_000,
            title="Steps",
            description="Batches to train for, in place of epochs.",
        ),
    ] = None
    batch_size: Annotated[
        int,
        Field(
            ge=1,
            le=65536,
            title="Batch size",
            description="Samples in each step; a smaller one needs less memory.",
        ),
    ] = 128
    optimizer: Annotated[
        Optimizer, Field(title="Optimizer", description="How weights follow their gradients.")
    ] = Optimizer.SGD
    learning_rate: Annotated[
        float | None,
        Field(
            gt=0,
            le=100,
            title="Learning rate",
            description="Size of the first full steps; empty: what usually suits the optimizer "
            "and the network.",
        ),
    ] = None
    momentum: Annotated[
        float,
        Field(ge=0, lt=1, title="Momentum", description="Of SGD; Adam's first moment likewise."),
    ] = 0.9
    nesterov: Annotated[
        bool, Field(title="Nesterov", description="SGD looks ahead along its momentum.")
    ] = True
    weight_decay: Annotated[
        float,
        Field(
            ge=0,
            le=1,
            title="Weight decay",
            description="Pulls weights to zero; biases, norms and scales are left out.",
        ),
    ] = 1e-4
    schedule: Annotated[
        Schedule,
        Field(title="Schedule", description="How the learning rate changes over the training."),
    ] = Schedule.COSINE
    warmup: Annotated[
        float,
        Field(
            ge=0,
            lt=1,
            title="Warm-up",
            description="Share of the steps in which the learning rate rises from zero.",
        ),
    ] = 0.05
    augmentation: Annotated[
        Augmentation,
        Field(
            title="Augmentation",
            description="Random shifts and mirror images; auto: shifts for images, and mirror "
            "images too where they are in color. Choose crop for letters, digits and signs.",
        ),
    ] = Augmentation.AUTO
    crop_padding: Annotated[
        int | None,
        Field(
            ge=1,
            le=1024,
            title="Crop padding",
            description="Pixels of the largest shift; empty: an eighth of the image's side.",
        ),
    ] = None
    freeze_batch_norm: Annotated[
        bool,
        Field(
            title="Freeze batch norm",
            description="Keep its running mean and variance, and use them while training.",
        ),
    ] = False
    average: Annotated[
        float,
        Field(
            ge=0,
            lt=1,
            title="Averaging",
            description="Decay of a running average of the weights, which is then the result; "
            "0: the weights themselves.",
        ),
    ] = 0.0
    clip_norm: Annotated[
        float | None,
        Field(
            gt=0,
            le=1e6,
            title="Gradient limit",
            description="Longer gradients are shortened to this length; empty: no limit.",
        ),
    ] = None
    precision: Annotated[
        Precision,
        Field(
            title="Precision",
            description="What passes compute in; auto: bfloat16 on a GPU that has it, else "
            "float32.",
        ),
    ] = Precision.AUTO
    validate_every: Annotated[
        int | None,
        Field(
            ge=1,
            le=10_000_000,
            title="Validate every",
            description="Steps between two looks at the validation samples; empty: five looks.",
        ),
    ] = None
    validation_samples: Annotated[
        int,
        Field(
            ge=0,
            le=1_000_000,
            title="Validation samples",
            description="That choose the best state; 0: the last state is kept.",
        ),
    ] = 2000


class LossParams(TrainingParams):
    """A training whose losses are chosen."""

    losses: Losses = ()

    @model_validator(mode="after")
    def _losses_fit(self) -> LossParams:
        check_losses(self.losses)
        return self


def needs_of_losses(params: Params) -> Needs:
    """Labels, unless a teacher can take their place; the original, if it is the teacher."""
    assert isinstance(params, LossParams)
    teachers = [loss for loss in params.losses if isinstance(loss, SoftTargets | Hints)]
    answering = any(isinstance(loss, SoftTargets) for loss in teachers)
    found = Needs.NOTHING if answering else Needs.LABELS
    if any(not loss.teacher for loss in teachers):
        found |= Needs.ORIGINAL
    return found
