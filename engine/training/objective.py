"""What a training makes small, and what it is judged by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, fx

from engine.errors import DataError, EngineError
from engine.jobs.job import Job
from engine.network.network import Network
from engine.preprocessing import Task
from engine.training.heads import Head, check_labels, distance, find_head
from engine.training.hints import Hints, hints_between
from engine.training.loader import Samples
from engine.training.student import channels_last, floating, laid_out, ready

Forward = Callable[[tuple[Tensor, ...]], tuple[Tensor, ...]]


@dataclass(frozen=True, slots=True)
class LabelTerm:
    """The loss on labels, with its weight in the sum."""

    weight: float
    smoothing: float = 0.0


@dataclass(frozen=True, slots=True)
class TeacherTerm:
    """The loss on a teacher's answers. `teacher` is a file by name; "" is the original."""

    weight: float
    temperature: float
    teacher: str = ""


@dataclass(frozen=True, slots=True)
class HintTerm:
    """The loss on what a teacher computes inside; `teacher` as above."""

    weight: float
    teacher: str = ""


class Teacher:
    """A network that answers without being trained.

    Args:
        network: Shared, never changed.
        device: Where it runs.
        name: For messages.
        job: Looked at between layers.

    Attributes:
        module: What is run.
    """

    def __init__(self, network: Network, device: torch.device, name: str, job: Job) -> None:
        self.network = network
        self.name = name
        self._job = job
        self._device = device
        self.module = ready(network.module, device).eval()
        self._channels_last = channels_last(self.module, device)

    def __call__(self, inputs: tuple[Tensor, ...]) -> Tensor:
        """Its first output for a batch."""
        self._job.checkpoint()
        with torch.no_grad():
            placed = (laid_out(x, self._device, channels_last=self._channels_last) for x in inputs)
            return floating(self.module(*placed))[0]


class Objective:
    """The sum of losses of one training.

    Args:
        labels: The labels' term, if it has one.
        teachers: Terms of teachers, with the networks they learn from.
        task: What data or preprocessing say that the network is for.
    """

    def __init__(
        self,
        labels: LabelTerm | None,
        teachers: Sequence[tuple[TeacherTerm, Teacher]],
        task: Task | None,
    ) -> None:
        self.labels = labels
        self._teachers = tuple(teachers)
        self._task = task
        self._head: Head | None = None
        self._heads: list[Head] = []
        self._hints: tuple[float, Teacher, Hints] | None = None

    @property
    def teachers(self) -> tuple[Teacher, ...]:
        """The networks that are learnt from."""
        found = [teacher for _, teacher in self._teachers]
        inside = [] if self._hints is None else [self._hints[1]]
        return tuple(dict.fromkeys([*found, *inside]))

    @property
    def head(self) -> Head:
        """How the student's output is read; known after `prepare`."""
        assert self._head is not None
        return self._head

    def prepare(self, student: Forward, samples: Samples) -> None:
        """Look at an example, and whether student, teachers and labels go together.

        Raises:
            EngineError: They do not.
        """
        with torch.no_grad():
            outputs = student(samples.inputs)
            if not outputs:
                raise EngineError("The network has no output of numbers, so it cannot be trained")
            output = outputs[0].cpu()
            labels = self._readable(output, samples.labels)
            self._head = find_head(output, labels, self._task)
            self._heads = []
            for _, teacher in self._teachers:
                answer = _asked(teacher, samples).cpu()
                if answer.shape != output.shape:
                    raise EngineError(
                        f"{teacher.name} gives an output of shape {list(answer.shape[1:])}, and "
                        f"the network one of {list(output.shape[1:])}",
                        hint="Choose a teacher for the same classes.",
                    )
                self._heads.append(find_head(answer, labels, self._task))

    def add_hints(self, weight: float, student: fx.GraphModule, teacher: Teacher) -> bool:
        """Learn from what a teacher computes inside too; whether there is a place for that.

        Args:
            weight: In the sum.
            student: The graph that is trained; changed, so that it keeps values.
            teacher: Perhaps one whose answers are learnt from anyway.
        """
        hints = hints_between(student, teacher.module)
        if hints is not None:
            self._hints = (weight, teacher, hints)
        return hints is not None

    def _readable(self, output: Tensor, labels: Tensor | None) -> Tensor | None:
        """Labels, unless they are not learnt from and do not go with the output anyway."""
        if self.labels is None or labels is None:
            self.labels = None
            return None
        labels = labels.cpu()
        if self.labels.weight == 0:
            try:
                check_labels(find_head(output, labels, self._task), output.shape, labels)
            except DataError:
                self.labels = None
                return None
        return labels

    def answers(self, samples: Samples) -> list[Tensor]:
        """What each teacher says of a batch: rows as `Head.rows` gives them."""
        pairs = zip(self._teachers, self._heads, strict=True)
        return [head.rows(teacher(samples.inputs)) for (_, teacher), head in pairs]

    def loss(
        self, outputs: tuple[Tensor, ...], labels: Tensor | None, answers: Sequence[Tensor]
    ) -> tuple[Tensor, Tensor]:
        """The loss of one batch, and the rows of answers that it was computed from.

        Args:
            outputs: Of the student.
            labels: On the same device, where there are any.
            answers: Of the teachers for the same samples.

        Raises:
            DataError: A label is none of the classes.
        """
        rows = self.head.rows(outputs[0])
        total = rows.new_zeros(())
        if self.labels is not None and labels is not None and self.labels.weight > 0:
            check_labels(self.head, outputs[0].shape, labels)
            loss = self.head.label_loss(rows, labels, self.labels.smoothing)
            total = self.labels.weight * loss
        for (term, _), answer in zip(self._teachers, answers, strict=True):
            total = total + term.weight * distance(self.head, rows, answer, term.temperature)
        return total, rows

    def hint_loss(self, samples: Samples) -> Tensor | float:
        """The part of the loss that looks inside, after student and teachers have answered."""
        if self._hints is None:
            return 0.0
        weight, teacher, hints = self._hints
        if all(teacher is not other for _, other in self._teachers):
            teacher(samples.inputs)
        return weight * hints.loss()


def _asked(teacher: Teacher, samples: Samples) -> Tensor:
    try:
        return teacher(samples.inputs)
    except (RuntimeError, ValueError, IndexError, TypeError) as error:
        first = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        raise EngineError(
            f"{teacher.name} does not run on the network's inputs: {first}",
            hint="A teacher takes the same inputs, prepared in the same way.",
        ) from error
