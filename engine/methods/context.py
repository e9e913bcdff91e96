"""What the pipeline hands to every method besides the network and its settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from engine.data.roles import Subset
from engine.errors import DataError
from engine.info import TensorInfo
from engine.jobs.job import Job
from engine.network.network import Network
from engine.preprocessing import Preprocessing
from engine.registry import Choices
from engine.statistics.calibration import Calibration
from engine.statistics.moments import Statistics


@dataclass(frozen=True, slots=True, eq=False)
class TrainingData:
    """Samples to train with, and those that choose the best checkpoint.

    Attributes:
        training: Labeled or not; the training split without calibration and validation.
        validation: Chooses the best checkpoint.
        preprocessing: As it fits the network's inputs.
        inputs: The network's inputs.
    """

    training: Subset
    validation: Subset
    preprocessing: Preprocessing
    inputs: tuple[TensorInfo, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Context:
    """Everything around one step of a recipe.

    Attributes:
        job: For progress and cancelling; call `checkpoint` at least every 0.1 s of work.
        seed: Of the recipe; all randomness comes from it (`torch.Generator`, never the global one).
        step: Index of the step, mixed into the seed by methods that draw.
        original: The network before the first step, never changed.
        calibration: Prepared calibration samples; None without data.
        training: For what trains; None without data.
        device: `cpu`, `cuda` or `mps`; tensors of the result lie on the CPU.
        note: Takes a sentence for the user about this step ("Layer fc was left alone: …").
        folder: Where a training may keep checkpoints to resume from; empty: nowhere.
        statistics: Of the network as the step gets it, for what the step's methods need.
        load: Reads another network file (a teacher), as the user names it.
    """

    job: Job
    original: Network
    seed: int = 0
    step: int = 0
    calibration: Calibration | None = None
    training: TrainingData | None = None
    device: str = "cpu"
    note: Callable[[str], None] = field(default=lambda text: None)
    folder: str = ""
    statistics: Statistics = field(default_factory=Statistics)
    load: Callable[[str], Network] | None = None

    def samples(self) -> Calibration:
        """The calibration samples.

        Raises:
            DataError: There are none.
        """
        if self.calibration is None:
            raise DataError(
                "This step looks at what the network computes and needs data",
                hint="Give a data set with --data.",
            )
        return self.calibration


class RunStep(Protocol):
    """The heavy half of every method that can be a step of a recipe."""

    def __call__(self, network: Network, choices: Choices, context: Context) -> Network:
        """A network with the step applied.

        Args:
            network: Never changed; tensors that stay as they are may be shared with the result.
            choices: What the step changes: layer (or channel group) → its parameters, all of one
                type; for a method in the scope of the network, `""` → them.
            context: Everything around it.

        Raises:
            EngineError: A reason that the user can do something about.
            Cancelled: By the job.
        """
