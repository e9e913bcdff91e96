"""Trains a network as a step of a recipe: puts data, losses and the loop together."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch

from engine.data.roles import Subset
from engine.errors import EngineError
from engine.jobs.job import Job
from engine.network.network import Network
from engine.preprocessing import Task
from engine.surgery.fold import fold_batch_norms
from engine.training.augment import Augmenter, augmenter
from engine.training.loader import Loader, Samples, Source, fixed_batch, steps_of
from engine.training.loop import Outcome, Trainer
from engine.training.objective import HintTerm, LabelTerm, Objective, Teacher, TeacherTerm
from engine.training.options import Augmentation, Precision, TrainingParams
from engine.training.store import Store, digest
from engine.training.student import Student
from engine.training.validation import Score, Validation

PROBE = 16
"""Samples that are looked at before the training."""


@dataclass(frozen=True, slots=True, eq=False)
class Setup:
    """Everything around a training.

    Attributes:
        job: For progress, cancelling and stopping.
        original: The network before the recipe: the usual teacher.
        training: What is trained on.
        validation: What chooses the best state; may be empty.
        seed: Of the recipe.
        step: Index of the step, mixed into the seed.
        device: `cpu`, `cuda` or `mps`.
        note: Takes a sentence for the user.
        folder: Of checkpoints; empty: none.
        load: Reads another network file.
        black: A black pixel in the input, per channel, as the network reads it.
        layout: Of the input, `NCHW`; empty: not known.
        image_input: Name of the input that `layout` is about; empty: the only one.
        task: What the network is for, as far as is known.
    """

    job: Job
    original: Network
    training: Source
    validation: Source
    seed: int
    step: int
    device: str
    note: Callable[[str], None]
    folder: str = ""
    load: Callable[[str], Network] | None = None
    black: tuple[float, ...] = (0.0,)
    layout: str = ""
    image_input: str = ""
    task: Task | None = None


@dataclass(frozen=True, slots=True)
class Aim:
    """What a training learns from.

    Attributes:
        labels: None: not from labels.
        teachers: Weights add up with the labels'.
        hints: From inside a teacher, on top of the others.
        learn_steps: The steps of quantizers are trained too.
    """

    labels: LabelTerm | None
    teachers: tuple[TeacherTerm, ...] = ()
    hints: HintTerm | None = None
    learn_steps: bool = False


def train(network: Network, params: TrainingParams, aim: Aim, setup: Setup) -> Network:
    """A trained network: the best state by validation; masks and grids hold.

    Args:
        network: Never changed.
        params: How long, how fast.
        aim: What is learnt from.
        setup: Everything around it.

    Raises:
        EngineError: No samples, a teacher that does not fit, a loss that is not a number, …
        Cancelled: By the job.
    """
    try:
        return _Training(network, params, aim, setup).run()
    except (RuntimeError, IndexError, MemoryError) as error:
        raise _explained(error, params) from error


class _Training:
    def __init__(self, network: Network, params: TrainingParams, aim: Aim, setup: Setup) -> None:
        self.network = network
        self.params = params
        self.aim = aim
        self.setup = setup
        self.device = _device(setup.device)
        self.student = Student(network, self.device, setup.job, learn_steps=aim.learn_steps)
        if not self.student.trained and not self.student.steps:
            raise EngineError("The network has no weights that can be trained")

    def run(self) -> Network:
        fixed = fixed_batch(self.network.inputs)
        batch = fixed or self.params.batch_size
        if fixed and fixed != self.params.batch_size:
            self.setup.note(f"The network's file fixes the batch to {fixed}, which is used.")
        seed = int(np.random.SeedSequence([self.setup.seed, self.setup.step]).generate_state(1)[0])
        loader, total = self._loader(batch, seed, fixed=fixed is not None)
        objective, probe = self._objective(loader)
        trainer = Trainer(
            self.student,
            loader,
            objective,
            self.params,
            total,
            seed,
            self.setup.job,
            self._store(total, objective),
            self._validation(batch, fixed=fixed is not None),
            self._augmenter(probe),
            self._image_input(),
            self._autocast(),
        )
        outcome = trainer.run()
        self._tell(outcome)
        if outcome.best_step == 0 and outcome.best is not None:
            return self.network
        return self.student.result()

    def _loader(self, batch: int, seed: int, *, fixed: bool) -> tuple[Loader, int]:
        source = self.setup.training
        count = len(source.subset)
        per_epoch = max(1, count // min(batch, max(1, count)))
        total = steps_of(self.params.steps, self.params.epochs, per_epoch)
        loader = Loader(source, batch, seed, self.setup.job, total, fixed=fixed)
        if loader.batch == 1 and self.student.batch_norms and not self.params.freeze_batch_norm:
            self.setup.note("Batch norms keep their statistics: a batch of one has none.")
        return loader, total

    def _objective(self, loader: Loader) -> tuple[Objective, Samples]:
        hints = self.aim.hints
        names = [term.teacher for term in self.aim.teachers]
        names += [] if hints is None else [hints.teacher]
        known = {name: self._teacher(name) for name in dict.fromkeys(names)}
        teachers = [(term, known[term.teacher]) for term in self.aim.teachers]
        objective = Objective(self.aim.labels, teachers, self.setup.task)
        probe = next(loader.batches(0))
        self.student.eval()
        objective.prepare(self.student, probe)
        if hints is not None and not objective.add_hints(
            hints.weight, self.student.module, known[hints.teacher]
        ):
            self.setup.note(
                "No place inside the network has the shape that it has in its teacher: it learns "
                "from answers alone."
            )
        return objective, probe

    def _teacher(self, name: str) -> Teacher:
        network = self.setup.original
        if name:
            if self.setup.load is None:
                raise EngineError("No other network can be read here", where=name)
            network = self.setup.load(name)
        if not network.encodings:
            network = fold_batch_norms(network)
        return Teacher(network, self.device, name or "The original network", self.setup.job)

    def _validation(self, batch: int, *, fixed: bool) -> Validation | None:
        source = self.setup.validation
        wanted = self.params.validation_samples
        if not wanted:
            return None
        if not len(source.subset):
            self.setup.note("There are no validation samples: the last state is kept.")
            return None
        sampled = replace(source, subset=source.subset.sample(wanted, self.setup.seed))
        return Validation(sampled, batch, self.setup.job, fixed=fixed)

    def _image_input(self) -> int:
        names = [info.name for info in self.network.inputs]
        wanted = self.setup.image_input
        return names.index(wanted) if wanted in names else 0

    def _augmenter(self, probe: Samples) -> Augmenter | None:
        """For images with one answer each; others would have to change their labels too."""
        chosen = self.params.augmentation
        images = probe.inputs[self._image_input()]
        dense = probe.labels is not None and probe.labels.dim() > 2
        dense = dense or self.setup.task in (Task.SEGMENTATION, Task.DETECTION)
        found = None
        if images.is_floating_point() and not dense:
            found = augmenter(
                chosen,
                self.params.crop_padding,
                tuple(images.shape),
                self.setup.layout,
                self.setup.black,
            )
        if found is None and chosen not in (Augmentation.AUTO, Augmentation.NONE):
            self.setup.note(
                "Samples are not augmented: that is for images with one answer for the whole."
            )
        return found

    def _autocast(self) -> torch.dtype | None:
        """Half precision where the device has it and nothing is on a grid."""
        wanted = self.params.precision
        kind = self.device.type
        if wanted is Precision.FLOAT32 or (wanted is Precision.AUTO and kind != "cuda"):
            return None
        if self.student.quantized:
            if wanted is not Precision.AUTO:
                self.setup.note("A quantized network is trained in float32.")
            return None
        if wanted in (Precision.AUTO, Precision.BFLOAT16) and _has_bfloat16(kind):
            return torch.bfloat16
        if wanted is Precision.FLOAT16 and kind in ("cuda", "mps"):
            return torch.float16
        if wanted is not Precision.AUTO:
            self.setup.note(f"This {kind} device has no fast {wanted}; float32 was used.")
        return None

    def _store(self, total: int, objective: Objective) -> Store:
        setup = self.setup
        if not setup.folder:
            return Store("", "", setup.note)
        teachers = {t.name: digest(t.network) for t in objective.teachers}
        facts = {
            "network": digest(self.network),
            "teachers": teachers,
            "params": self.params.model_dump_json(),
            "aim": repr(self.aim),
            "total": total,
            "seed": [setup.seed, setup.step],
            "device": setup.device,
            "threads": torch.get_num_threads(),
            "torch": torch.__version__,
            "data": [_fingerprint(setup.training.subset), _fingerprint(setup.validation.subset)],
            "prepared": setup.training.preprocessing.model_dump_json(),
        }
        text = json.dumps(facts, sort_keys=True)
        return Store(setup.folder, hashlib.sha256(text.encode()).hexdigest(), setup.note)

    def _tell(self, outcome: Outcome) -> None:
        """What the user should know about how it went."""
        note = self.setup.note
        if outcome.diverged:
            note(
                f"The training diverged after {outcome.steps} steps; the best state before is "
                "kept. A lower learning rate would help."
            )
        elif outcome.steps < outcome.total:
            note(f"The training was stopped after {outcome.steps} of {outcome.total} steps.")
        first, best = outcome.first, outcome.best
        if first is None or best is None:
            return
        if outcome.best_step == 0:
            note(
                f"Training did not help ({_said(first)} on {first.samples} validation samples "
                "before it, and never more): the network was left as it was."
            )
            return
        note(
            f"On {best.samples} validation samples: {_said(first)} before, {_said(best)} after "
            f"{outcome.best_step} of {outcome.total} steps, whose state was kept."
        )


def _said(score: Score) -> str:
    if score.accuracy is not None:
        return f"{100 * score.accuracy:.2f} % right"
    return f"a loss of {score.loss:.4g}"


def _device(name: str) -> torch.device:
    there = {
        "cpu": True,
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
    }
    if not there.get(name.partition(":")[0], False):
        raise EngineError(
            f"There is no device {name} on this machine", hint="Choose cpu, or leave it out."
        )
    return torch.device(name)


def _has_bfloat16(kind: str) -> bool:
    if kind == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    fast = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return kind == "cpu" and bool(fast)


def _fingerprint(subset: Subset) -> list[str]:
    indices = np.ascontiguousarray(subset.indices)
    return [
        subset.dataset.fingerprint,
        subset.split.name,
        hashlib.sha256(indices.tobytes()).hexdigest(),
    ]


def _explained(error: BaseException, params: TrainingParams) -> EngineError:
    """What PyTorch says about memory and missing derivatives, for the person at the screen."""
    first = (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
    if isinstance(error, MemoryError) or "memory" in first.lower():
        return EngineError(
            f"The training does not fit into memory with a batch of {params.batch_size}",
            hint="Use a smaller batch_size.",
        )
    return EngineError(f"The network cannot be trained: {first}")
