"""Fit to budget, as data: what is to be reached, what is asked of the solver, what it found.

Plain numbers, so that the window, the command line and a script ask and answer alike.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

from engine import units
from engine.correction import Correction, Draw, Finished, Parts
from engine.cost import CostTable, Total
from engine.errors import EngineError
from engine.frozen import FrozenMap
from engine.jobs.requests import DataSource, ModelSource
from engine.recipe.model import Recipe

METHODS = ("channel", "data_aware_svd", "spatial", "uniform")
"""What is mixed unless said otherwise; `weight` only where zeros count."""


class Quantity(enum.StrEnum):
    """What a target is for. All but the last two are shares of the original where relative."""

    SIZE = "size_bytes"
    """Bytes of the file as it would be written."""
    WEIGHTS = "weight_bytes"
    """Bytes of the layers alone."""
    MACS = "macs"
    LATENCY = "latency_ms"
    MEMORY = "activation_bytes"
    """Peak of live activations for a batch of one."""
    LOSS = "loss"
    """Predicted mean KL divergence from the original, in nats."""
    ACCURACY = "accuracy_drop"
    """Share of samples lost, 0…1."""


class Solver(enum.StrEnum):
    """How settings are chosen."""

    EXACT = "exact"
    """As an integer program: the least loss that there is."""
    GREEDY = "greedy"
    """Step by step, the cheapest loss for what is saved: each step can be told."""


@dataclass(frozen=True, slots=True)
class Target:
    """At most so much of something.

    Attributes:
        quantity: Of what.
        limit: In its unit; a share 0…1 of the original's where `relative`.
        relative: Whether it is such a share.
    """

    quantity: Quantity
    limit: float
    relative: bool = False

    def __post_init__(self) -> None:
        if not (math.isfinite(self.limit) and self.limit >= 0):
            raise ValueError(f"{self.quantity}: a limit cannot be {self.limit}")
        if self.relative and self.quantity in (Quantity.LOSS, Quantity.ACCURACY):
            raise ValueError(f"{self.quantity} has no original to be a share of")

    def of(self, original: float) -> float:
        """The limit in the quantity's own unit."""
        return self.limit * original if self.relative else self.limit

    def __str__(self) -> str:
        """As `parse_target` reads it: `25 %`, `1.00 MB`, `0.50 pt`."""
        if self.relative:
            return units.format_percent(self.limit)
        return format_quantity(self.quantity, self.limit)


def parse_target(quantity: Quantity | str, text: str) -> Target:
    """`25%`, `1MB`, `2ms`, `20M` or `0.5pt` as a target.

    Raises:
        EngineError: It is no such limit.
    """
    kind = Quantity(quantity)
    if kind is Quantity.ACCURACY:
        return Target(kind, units.parse_points(text))
    if kind is Quantity.LOSS:
        try:
            return Target(kind, float(text))
        except ValueError:
            raise EngineError(
                f"“{text[:40]}” is not a loss.", hint="Write nats, like 0.05."
            ) from None
    parse = {
        Quantity.MACS: units.parse_count_limit,
        Quantity.LATENCY: units.parse_latency_limit,
    }.get(kind, units.parse_size_limit)
    amount = parse(text)
    return Target(kind, amount.value, amount.relative)


def format_quantity(quantity: Quantity, value: float) -> str:
    """A value for people, in its unit."""
    match quantity:
        case Quantity.MACS:
            return units.format_count(value)
        case Quantity.LATENCY:
            return units.format_ms(value)
        case Quantity.ACCURACY:
            return units.format_points(value).lstrip("+")
        case Quantity.LOSS:
            return f"{value:.3g}" if math.isfinite(value) else units.UNKNOWN
        case _:
            return units.format_bytes(value)


@dataclass(frozen=True, slots=True)
class FitBudget:
    """Choose a setting for each layer: result `Fitted`.

    Attributes:
        model: The network.
        targets: What is to be kept to; the loss is the least that there is within them. Targets on
            loss or accuracy alone are met with the fewest bytes.
        data: Calibration data, for the costs that `table` does not have; may be None with a table.
        table: Costs as they are known; None: they are estimated first.
        methods: Names of methods that are mixed; empty: `METHODS`.
        recipe: As it is now. Steps of other methods, and what its steps say besides the settings
            that are chosen (rounding, criterion, …), stay.
        locks: Layers that keep what the recipe gives them; one member of a channel group locks it.
        solver: How.
        finished: Trials of this network whose loss is known: predictions are corrected by them.
        points: Of the curve.
        format: Of the file that will be written: its own bytes count for `SIZE`.
        seed: For the calibration samples.
        key: The asker's; comes back with the result.
        rounds: More than one: what is found is run and measured on validation data, and the
            targets are fitted to again with predictions that this has corrected.
        draw: Corrections are drawn from what is likely, to try something new.
    """

    model: ModelSource
    targets: tuple[Target, ...]
    data: DataSource | None = None
    table: CostTable | None = None
    methods: tuple[str, ...] = ()
    recipe: Recipe = field(default_factory=Recipe)
    locks: tuple[str, ...] = ()
    solver: Solver = Solver.EXACT
    finished: tuple[Finished, ...] = ()
    points: int = 24
    format: str = "onnx"
    seed: int = 0
    key: str = ""
    rounds: int = 1
    draw: Draw | None = None

    @property
    def label(self) -> str:
        """Shown in the job list."""
        return f"Fit {PurePath(self.model.path).name} to a budget"


Settings = FrozenMap[FrozenMap[float]]
"""Method → layer → setting. All weighted members of a channel group have its setting."""


@dataclass(frozen=True, slots=True)
class Costs:
    """What a set of choices comes to, exact in shapes and predicted in loss; NaN: not known.

    Attributes:
        size_bytes: Of the file.
        weight_bytes: Of the layers.
        macs: Of the network.
        latency_ms: Of the network.
        activation_bytes: Peak for a batch of one.
        loss: Predicted, corrected by finished trials.
        loss_low: Lower end of its interval.
        loss_high: Upper end.
        accuracy_drop: Likewise.
    """

    size_bytes: float = math.nan
    weight_bytes: float = math.nan
    macs: float = math.nan
    latency_ms: float = math.nan
    activation_bytes: float = math.nan
    loss: float = math.nan
    loss_low: float = math.nan
    loss_high: float = math.nan
    accuracy_drop: float = math.nan

    def of(self, quantity: Quantity) -> float:
        """One of them."""
        value: float = getattr(self, quantity.value)
        return value


@dataclass(frozen=True, slots=True)
class Reached:
    """A target beside what the choices come to.

    Attributes:
        target: What was asked for.
        wanted: Its limit in the quantity's own unit.
        reached: What is predicted.
        met: Whether that is within it.
        nearest: The least that these methods can come to if nothing else counted; NaN where the
            target is met.
        alone: It can be met if the other targets are let go.
    """

    target: Target
    wanted: float
    reached: float
    met: bool
    nearest: float = math.nan
    alone: bool = True


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """A point of the curve of size against loss.

    Attributes:
        costs: What it comes to.
        choices: Of each layer.
    """

    costs: Costs
    choices: Settings


@dataclass(frozen=True, slots=True)
class Tried:
    """A recipe that was run to learn from.

    Attributes:
        recipe: What was run.
        choices: Of each layer.
        predicted: What it was expected to come to when it was run.
        finished: What it lost.
    """

    recipe: Recipe
    choices: Settings
    predicted: Costs
    finished: Finished


@dataclass(frozen=True, slots=True)
class WalkStep:
    """One step of the greedy walk.

    Attributes:
        layers: The layer, or the weighted members of a channel group.
        method: Whose setting changes; empty where several do.
        before: Method → setting that it had.
        after: Method → setting that it has then.
        loss: Predicted loss that is added.
        saved: Of the quantity that was short, in its unit.
        quantity: That quantity.
    """

    layers: tuple[str, ...]
    method: str
    before: FrozenMap[float]
    after: FrozenMap[float]
    loss: float
    saved: float
    quantity: Quantity


@dataclass(frozen=True, slots=True)
class Fitted:
    """What the solver found.

    If the targets cannot be met it is the nearest there is, and `impossible` says what stands in
    the way.

    Attributes:
        choices: Of each layer; layers that keep their form are not in it.
        recipe: The recipe so far with these settings: an ordinary one.
        predicted: What it comes to; bytes and MACs are those of the recipe's plan.
        original: The network as it is.
        total: The same from the cost table alone, as a slider shows it.
        targets: Each beside what was reached.
        impossible: Those that cannot be met.
        curve: Size against loss, largest first.
        walk: The steps, of the greedy walk alone.
        solver: How it was found.
        gap: Share by which a better solution might be better; 0: none is.
        seconds: All in all.
        solver_seconds: Of them in the solver.
        table: The cost table that it rests on.
        notes: What there is to say, a sentence each.
        finished: Trials that the predictions are corrected by, those of earlier rounds too.
        correction: Of predicted losses, for `CostTable.total`.
        parts: Method → row of the cost table → its part of the predicted loss before it is
            corrected: what a `Finished` of this recipe is made of. Shapes are those of the plan, so
            that it is less than in `total`, where what is left out still counts.
        tried: What was run while fitting, in the order of the runs.
    """

    choices: Settings
    recipe: Recipe
    predicted: Costs
    original: Costs
    total: Total
    targets: tuple[Reached, ...]
    impossible: tuple[Reached, ...] = ()
    curve: tuple[CurvePoint, ...] = ()
    walk: tuple[WalkStep, ...] = ()
    solver: Solver = Solver.EXACT
    gap: float = 0.0
    seconds: float = 0.0
    solver_seconds: float = 0.0
    table: CostTable | None = field(default=None, compare=False, repr=False)
    notes: tuple[str, ...] = ()
    finished: tuple[Finished, ...] = ()
    correction: Correction = field(default_factory=Correction)
    parts: Parts = FrozenMap()
    tried: tuple[Tried, ...] = ()

    @property
    def met(self) -> bool:
        """Whether all targets are."""
        return not self.impossible


def nearest_point(curve: Sequence[CurvePoint], quantity: Quantity, limit: float) -> int | None:
    """Place of the least lossy point within a limit, for a slider; None if none is.

    A target on loss or accuracy gets the smallest file instead.
    """
    within = [i for i, point in enumerate(curve) if point.costs.of(quantity) <= limit]
    if not within:
        return None
    lossy = quantity in (Quantity.LOSS, Quantity.ACCURACY)
    return min(within, key=lambda i: curve[i].costs.size_bytes if lossy else curve[i].costs.loss)


NAMES = {
    Quantity.SIZE: "File",
    Quantity.WEIGHTS: "Weights",
    Quantity.MACS: "MACs",
    Quantity.LATENCY: "Latency",
    Quantity.MEMORY: "Activations, peak",
    Quantity.LOSS: "Loss",
    Quantity.ACCURACY: "Accuracy loss",
}
"""For people."""


def impossible_sentence(reached: Reached) -> str:
    """Which target cannot be met, and how near it can come."""
    target = reached.target
    nearest = format_quantity(target.quantity, reached.nearest)
    together = " together with the other targets" if reached.alone else ""
    name = NAMES[target.quantity]
    return f"{name}: at most {target} cannot be reached{together}; the least is {nearest}."
