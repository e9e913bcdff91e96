"""The loop: steps, validation, the best state so far, checkpoints."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import torch
from torch import Tensor

from engine.errors import EngineError
from engine.jobs.job import Job
from engine.training.augment import Augmenter
from engine.training.heads import Form
from engine.training.loader import Loader, Samples
from engine.training.objective import Objective
from engine.training.optimizer import (
    load_state,
    make_optimizer,
    rate_of,
    set_rate,
    state_of,
)
from engine.training.options import TrainingParams
from engine.training.schedule import factor
from engine.training.seeds import Purpose, seed_of
from engine.training.store import Saved, Store
from engine.training.student import State, Student
from engine.training.validation import Score, Validation

CURVE_POINTS = 2000
"""Of a curve, at most; longer trainings report the mean of several steps."""
LOOKS = 5
"""At the validation samples, where the user does not say how often."""


class Outcome(NamedTuple):
    """How a training ended.

    Attributes:
        first: Before it; None without validation.
        best: Of the state that is kept; None likewise.
        best_step: Steps after which that state was reached.
        steps: That were made.
        total: That there were to be.
        diverged: The loss was not a number at the end.
    """

    first: Score | None
    best: Score | None
    best_step: int
    steps: int
    total: int
    diverged: bool = False


@dataclass(eq=False)
class Trainer:
    """One training, from wherever its checkpoint is.

    Attributes:
        student: Trained in place; left in the best state.
        loader: Of training samples.
        objective: Prepared.
        params: Of the training.
        total: Steps.
        seed: Of this step of the recipe.
        job: Told of progress, asked to stop.
        validation: None: the last state is kept.
        augmenter: For the input at `image_input`, if any.
        store: Of checkpoints.
        autocast: What passes compute in, where it is not float32.
    """

    student: Student
    loader: Loader
    objective: Objective
    params: TrainingParams
    total: int
    seed: int
    job: Job
    store: Store
    validation: Validation | None = None
    augmenter: Augmenter | None = None
    image_input: int = 0
    autocast: torch.dtype | None = None
    _step: int = 0
    _average: State | None = None
    _best: State | None = None
    _best_score: Score | None = None
    _best_step: int = 0
    _first: Score | None = None
    _seen: int = -1
    _sum: list[float] = field(default_factory=list)

    def run(self) -> Outcome:
        """Train to the end, or until the job is asked to stop.

        Raises:
            EngineError: The loss is not a number, and nothing better than the start was reached.
            Cancelled: By the job.
        """
        self._freeze = self.params.freeze_batch_norm or self.loader.batch == 1
        self._rate = rate_of(self.params, normalized=bool(self.student.batch_norms))
        steps = self.student.steps.values()
        self._optimizer = make_optimizer(self.params, self.student.trained.values(), steps)
        needs_scaler = self.autocast is torch.float16
        self._scaler = torch.amp.GradScaler(self.student.device.type, enabled=needs_scaler)
        self._resume()
        cuda = [self.student.device] if self.student.device.type == "cuda" else []
        with torch.random.fork_rng(devices=cuda):
            diverged = not self._steps()
        stopped = not diverged and self._step < self.total
        if stopped:
            self._save()  # before an extra look, so that going on later ends as if never stopped
        if not diverged:
            self._validate()
        if self.validation is not None and self._best is not None:
            self.student.load(self._best)
        elif self._average is not None:
            self.student.load(self._average)
        outcome = Outcome(
            self._first, self._best_score, self._best_step, self._step, self.total, diverged
        )
        if not stopped:
            self.store.clear()
        if diverged and not self._best_step:
            raise _not_a_number(self._step, self._rate)
        return outcome

    def _steps(self) -> bool:
        """All steps that are left; False where the loss is not a number."""
        every = self.params.validate_every or max(1, math.ceil(self.total / LOOKS))
        batches = self.loader.batches(self._step)
        self.student.train(freeze_batch_norm=self._freeze)
        with contextlib.closing(batches):  # type: ignore[type-var]  # a generator, which can be closed
            for samples in batches:
                if self._step >= self.total or self.job.stopping:
                    return True
                loss = self._train_on(samples)
                if not math.isfinite(loss):
                    return False
                self._report(loss)
                if self._step % every == 0 and self._step < self.total:
                    self._validate()
                    self.student.train(freeze_batch_norm=self._freeze)
                if self.store.due:
                    self._save()
        return True

    def _train_on(self, samples: Samples) -> float:
        """One step; the loss before it."""
        _seed_dropout(seed_of(self.seed, Purpose.DROPOUT, self._step), self.student.device)
        rate = self._rate * factor(self.params.schedule, self._step, self.total, self.params.warmup)
        set_rate(self._optimizer, rate)
        samples = self._augmented(samples)
        self._optimizer.zero_grad(set_to_none=True)
        with self._casting():
            outputs = self.student(samples.inputs)
            answers = self.objective.answers(samples)
            inside = self.objective.hint_loss(samples)
        loss, _ = self.objective.loss(outputs, samples.labels, answers)
        loss = loss + inside
        value = float(loss.detach())
        if not math.isfinite(value):
            return value
        self._scaler.scale(loss).backward()  # type: ignore[no-untyped-call]  # torch has no types there
        if self.params.clip_norm is not None:
            self._scaler.unscale_(self._optimizer)
            everything = (*self.student.trained.values(), *self.student.steps.values())
            torch.nn.utils.clip_grad_norm_(everything, self.params.clip_norm)
        self._scaler.step(self._optimizer)
        self._scaler.update()
        self.student.enforce()
        self._follow()
        self._step += 1
        return value

    def _augmented(self, samples: Samples) -> Samples:
        """On the device, images shifted and mirrored."""
        inputs = list(samples.inputs)
        if self.augmenter is not None:
            seed = seed_of(self.seed, Purpose.AUGMENTATION, self._step)
            inputs[self.image_input] = self.augmenter(inputs[self.image_input], seed)
        labels = samples.labels
        moved = None if labels is None else labels.to(self.student.device)
        return Samples(tuple(inputs), moved)

    def _casting(self) -> contextlib.AbstractContextManager[Any]:
        if self.autocast is None:
            return contextlib.nullcontext()
        return torch.autocast(self.student.device.type, dtype=self.autocast)

    @torch.no_grad()
    def _follow(self) -> None:
        """The running average, which counts young weights less than old ones at first."""
        if not self.params.average:
            return
        if self._average is None:
            self._average = self.student.state()
            return
        decay = min(self.params.average, (1 + self._step) / (10 + self._step))
        for name, tensor in self.student.tensors().items():
            mean = self._average[name]
            if mean.is_floating_point():
                mean.lerp_(tensor.detach(), 1 - decay)
            else:
                mean.copy_(tensor)

    def _report(self, loss: float) -> None:
        self._sum.append(loss)
        done, total = self._step, self.total
        if len(self._sum) * CURVE_POINTS >= total or done == total:
            self.job.metric("loss", done, sum(self._sum) / len(self._sum))
            rate = float(self._optimizer.param_groups[0]["lr"])
            self.job.metric("learning rate", done, rate)
            self._sum.clear()
        self.job.checkpoint(f"Training: step {done} of {total}, loss {loss:.3g}", done, total)

    @contextlib.contextmanager
    def _as_average(self) -> Iterator[None]:
        """The student as its running average, for as long as it is looked at."""
        if self._average is None:
            yield
            return
        own = self.student.state()
        self.student.load(self._average)
        try:
            yield
        finally:
            self.student.load(own)

    def _validate(self) -> None:
        """Look at the validation samples, and keep the state if it is the best so far."""
        if self.validation is None or self._seen == self._step:
            return
        self._seen = self._step
        with self._as_average():
            self.student.eval()
            score = self.validation.score(self.student, self.objective, self._step)
            if self._first is None:
                self._first = score
            if self._best_score is None or score.better_than(self._best_score):
                self._best_score, self._best_step = score, self._step
                self._best = self.student.state()
        if self.objective.head.form is not Form.VALUES and score.accuracy is not None:
            self.job.metric("validation accuracy", self._step, score.accuracy)
        self.job.metric("validation loss", self._step, score.loss)

    def _save(self) -> None:
        tensors: dict[str, Tensor] = {}
        parts = {
            "student": self.student.tensors(),
            "optimizer": state_of(self._optimizer),
            "average": self._average or {},
            "best": self._best or {},
        }
        for part, state in parts.items():
            tensors |= {f"{part}:{name}": tensor for name, tensor in state.items()}
        facts = {
            "step": self._step,
            "seen": self._seen,
            "best_step": self._best_step,
            "best": list(self._best_score) if self._best_score else None,
            "first": list(self._first) if self._first else None,
            "scaler": self._scaler.state_dict(),
        }
        self.store.write(Saved(tensors, facts))

    def _resume(self) -> None:
        """Go on where an earlier run of the same training was ended, or begin."""
        saved = self.store.read()
        if saved is None:
            self._validate()
            return
        parts: dict[str, State] = {"student": {}, "optimizer": {}, "average": {}, "best": {}}
        for key, tensor in saved.tensors.items():
            part, _, name = key.partition(":")
            parts[part][name] = tensor
        device = self.student.device
        self.student.load(parts["student"])
        load_state(self._optimizer, parts["optimizer"])
        template = self.student.state()
        for part in ("average", "best"):
            state = {n: template[n].clone().copy_(t.to(device)) for n, t in parts[part].items()}
            setattr(self, f"_{part}", state or None)
        facts = saved.facts
        self._step, self._seen = int(facts["step"]), int(facts["seen"])
        self._best_step = int(facts["best_step"])
        self._best_score = Score(*facts["best"]) if facts["best"] else None
        self._first = Score(*facts["first"]) if facts["first"] else None
        if facts["scaler"]:
            self._scaler.load_state_dict(facts["scaler"])


def _seed_dropout(seed: int, device: torch.device) -> None:
    """As `torch.manual_seed`, which without a GPU keeps a stack trace of each call for good."""
    torch.default_generator.manual_seed(seed)
    if device.type == "cuda":
        torch.cuda.manual_seed(seed)
    elif device.type == "mps":
        torch.mps.manual_seed(seed)


def _not_a_number(step: int, rate: float) -> EngineError:
    if step == 0:
        return EngineError(
            "The network's answers on the training samples are not finite numbers, before any "
            "training",
            hint="Look for NaN or infinity in its weights, in the data and in the preprocessing.",
        )
    return EngineError(
        f"The training diverged after {step} {'step' if step == 1 else 'steps'}: its loss is no "
        "longer a number",
        hint=f"Lower the learning rate ({rate:g}), or set a gradient limit.",
    )
