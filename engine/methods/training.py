"""From a recipe's step to a training: what the families that train have in common."""

from __future__ import annotations

from collections.abc import Sequence

from engine.errors import DataError
from engine.methods.context import Context
from engine.preprocessing import Preprocessing
from engine.training.loader import Source
from engine.training.objective import HintTerm, LabelTerm, TeacherTerm
from engine.training.options import Hints, Labels, LabelSmoothing, Loss, SoftTargets
from engine.training.train import Aim, Setup


def setup_of(context: Context) -> Setup:
    """What a training is given of a step's surroundings.

    Raises:
        DataError: There is no data.
    """
    data = context.training
    if data is None:
        raise DataError("Training needs data, and none was given", hint="Give --data.")
    preprocessing = data.preprocessing
    dataset = data.training.dataset
    return Setup(
        job=context.job,
        original=context.original,
        training=Source(data.training, preprocessing, data.inputs),
        validation=Source(data.validation, preprocessing, data.inputs),
        seed=context.seed,
        step=context.step,
        device=context.device,
        note=context.note,
        folder=context.folder,
        load=context.load,
        black=_black(preprocessing),
        layout=preprocessing.layout,
        image_input=preprocessing.input,
        task=preprocessing.task or dataset.task,
    )


def _black(preprocessing: Preprocessing) -> tuple[float, ...]:
    """A pixel of 0 as the network reads it: `(0 × scale − mean) / std`."""
    mean = preprocessing.mean or (0.0,)
    std = preprocessing.std or (1.0,)
    count = max(len(mean), len(std))
    means, stds = (numbers * (count if len(numbers) == 1 else 1) for numbers in (mean, std))
    return tuple(-m / s for m, s in zip(means, stds, strict=True))


def aim_of(
    losses: Sequence[Loss],
    context: Context,
    *,
    learn_steps: bool = False,
) -> Aim:
    """What a list of losses asks for, as far as the data has labels.

    Raises:
        DataError: Only labels are to be learnt from, and there are none.
    """
    teachers = tuple(
        TeacherTerm(loss.weight, loss.temperature, loss.teacher)
        for loss in losses
        if isinstance(loss, SoftTargets)
    )
    hints = next((loss for loss in losses if isinstance(loss, Hints) and loss.weight > 0), None)
    hint_term = None if hints is None else HintTerm(hints.weight, hints.teacher)
    labels = _labels(losses, sum(term.weight for term in teachers))
    labelled = context.training is not None and context.training.training.split.labelled
    if not labelled and not teachers:
        raise DataError(
            "Fine-tuning learns from labels, and this data has none",
            hint="Add the loss soft_targets, which learns from the original network, or give data "
            "with labels.",
        )
    if not labelled:
        if labels.weight > 0:
            context.note("The data has no labels: the network learns from its teacher alone.")
        return Aim(None, teachers, hint_term, learn_steps)
    return Aim(labels, teachers, hint_term, learn_steps)


def _labels(losses: Sequence[Loss], others: float) -> LabelTerm:
    for loss in losses:
        if isinstance(loss, Labels | LabelSmoothing):
            smoothing = loss.smoothing if isinstance(loss, LabelSmoothing) else 0.0
            rest = max(0.0, 1 - others)
            return LabelTerm(rest if loss.weight is None else loss.weight, smoothing)
    return LabelTerm(max(0.0, 1 - others))
