"""What a compression method is, and the table of all of them.

A method has a light half and a heavy half. The light half, registered here, is everything that the
window, the command line and `resolve` need: texts, parameters, what it needs, where it applies and
what it makes of the shapes. The heavy half is named, not imported: `run="package.module:function"`
is loaded when the pipeline calls `Method.load_run`, so that nothing on the way imports torch.
"""

from __future__ import annotations

import enum
import importlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.frozen import Data
from engine.info import LayerInfo
from engine.layer_table import LayerTable
from engine.parameters import ParameterFault, Params, parse

RESERVED_FIELDS = frozenset({"method", "enabled", "rules", "layers", "skip", "optional"})
"""Words of the recipe itself, which no parameter may be called."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")


class Kind(enum.StrEnum):
    """The families of methods; each has one call signature."""

    PRUNING = "pruning"
    QUANTIZATION = "quantization"
    SHARING = "sharing"
    LOW_RANK = "low_rank"
    COMPACT = "compact"
    DISTILLATION = "distillation"
    RECOVERY = "recovery"
    SEARCH = "search"
    CRITERION = "criterion"
    SCHEDULE = "schedule"
    ROUNDING = "rounding"
    LOSS = "loss"
    ENCODING = "encoding"

    @property
    def is_step(self) -> bool:
        """Whether a method of this kind can stand as a step of a recipe."""
        return self in _STEP_KINDS


_STEP_KINDS = frozenset(
    {
        Kind.PRUNING,
        Kind.QUANTIZATION,
        Kind.SHARING,
        Kind.LOW_RANK,
        Kind.COMPACT,
        Kind.DISTILLATION,
        Kind.RECOVERY,
    }
)


class Needs(enum.Flag):
    """What a method must be given besides the weights; the pipeline collects it once."""

    NOTHING = 0
    CALIBRATION = enum.auto()
    LABELS = enum.auto()
    TRAINING = enum.auto()
    BATCH_NORM = enum.auto()
    INPUT_MOMENTS = enum.auto()
    OUTPUT_GRADIENTS = enum.auto()
    ACTIVATION_RANGES = enum.auto()
    ORIGINAL = enum.auto()

    def names(self) -> tuple[str, ...]:
        """Each flag in words, `("calibration", "input_moments")`."""
        return tuple(str(flag.name).lower() for flag in type(self) if flag in self)


class Tag(enum.StrEnum):
    """What a user can expect of the result."""

    FRONT_END = "front-end"
    """The network keeps its form: any runtime gains."""
    BACK_END = "back-end"
    """Needs a format or kernel that understands it."""
    SIZE = "size"
    MACS = "macs"
    LATENCY = "latency"
    MEMORY = "memory"


class Scope(enum.StrEnum):
    """What one setting of a method is for."""

    LAYER = "layer"
    """A layer, together with those that share its weights."""
    GROUP = "group"
    """A channel group: all layers whose channels must be removed together."""
    NETWORK = "network"
    """The network as a whole; the step takes no rules."""


class Stage(enum.IntEnum):
    """The canonical order, in which the window puts a new step."""

    CHANNEL = 1
    WEIGHT = 2
    LOW_RANK = 3
    TRAIN = 4
    SHARE = 5
    QUANTIZE = 6


_STAGES = {
    Kind.PRUNING: Stage.WEIGHT,
    Kind.COMPACT: Stage.LOW_RANK,
    Kind.LOW_RANK: Stage.LOW_RANK,
    Kind.DISTILLATION: Stage.TRAIN,
    Kind.RECOVERY: Stage.TRAIN,
    Kind.SHARING: Stage.SHARE,
    Kind.QUANTIZATION: Stage.QUANTIZE,
}


@dataclass(frozen=True, slots=True)
class Axis:
    """The parameter that says how strongly a method compresses, for sliders and sensitivity.

    Attributes:
        field: Name of the parameter, a number.
        settings: The settings that sensitivity looks at, mildest first.
        identity: The setting that changes nothing, if there is one (ratio 0).
    """

    field: str
    settings: tuple[float, ...]
    identity: float | None = None

    @property
    def ascending(self) -> bool:
        """Whether a larger number compresses more."""
        return self.settings[-1] > self.settings[0]


Choices = Mapping[str, Params]
"""What a step changes: layer name → its parameters; in the scope of groups, group id → them."""

Predict = Callable[[LayerTable, Choices], LayerTable]
Applies = Callable[[LayerInfo, Params], str]


def keep_shapes(table: LayerTable, choices: Choices) -> LayerTable:
    """The prediction of a method that leaves every shape and size as it is."""
    del choices
    return table


def apply_anywhere(layer: LayerInfo, params: Params) -> str:
    """Whether a method applies, for one that applies to every layer."""
    del layer, params
    return ""


@dataclass(frozen=True, slots=True, eq=False)
class Method:
    """A registered method.

    Attributes:
        kind: Its family.
        name: As recipes and the command line call it; unique among the methods of its kind, and
            among all that can be steps.
        title: As the window calls it.
        summary: One sentence for the user.
        params: The model of its parameters.
        run: The heavy half: `"package.module:function"`, or a function (in tests).
        reference: Publication that it comes from.
        needs: What it needs whatever its parameters are.
        tags: What a user can expect.
        scope: What one setting is for.
        stage: Place in the canonical order.
        predict: Shape-only: the table before → the table after; pure. Layers that are replaced
            become children (`conv2` → `conv2.v`, `conv2.u`).
        applies: Why a layer (with these parameters) is left alone, in one sentence; "" if it isn't.
        needs_for: What particular parameters need besides, if that depends on them.
        axis: Its strength, where it has one.
    """

    kind: Kind
    name: str
    title: str
    summary: str
    params: type[Params]
    run: str | Callable[..., Any]
    reference: str
    needs: Needs = Needs.NOTHING
    tags: tuple[Tag, ...] = ()
    scope: Scope = Scope.LAYER
    stage: Stage | None = None
    predict: Predict = keep_shapes
    applies: Applies = apply_anywhere
    needs_for: Callable[[Params], Needs] | None = None
    axis: Axis | None = None

    def fields(self) -> tuple[str, ...]:
        """Names of its parameters."""
        return tuple(self.params.model_fields)

    def parse(self, raw: Mapping[str, Data]) -> Params | tuple[ParameterFault, ...]:
        """Check settings as a recipe gives them; all faults at once.

        Returns:
            The parameters, or what is wrong with them.
        """
        return parse(self.params, raw)

    def all_needs(self, params: Params) -> Needs:
        """What it needs with these parameters."""
        return self.needs | (self.needs_for(params) if self.needs_for else Needs.NOTHING)

    def load_run(self) -> Callable[..., Any]:
        """Import the heavy half. Only the engine's threads and processes call this."""
        if not isinstance(self.run, str):
            return self.run
        module, _, function = self.run.partition(":")
        run: Callable[..., Any] = getattr(importlib.import_module(module), function)
        return run

    def order(self) -> Stage:
        """Its place in the canonical order."""
        return self.stage or _STAGES.get(self.kind, Stage.TRAIN)

    def describe(self) -> dict[str, Any]:
        """The method as `espalier methods --json` prints it, with the needs of its defaults."""
        return {
            "kind": self.kind.value,
            "name": self.name,
            "title": self.title,
            "summary": self.summary,
            "tags": [tag.value for tag in self.tags],
            "needs": list(self.all_needs(self.params()).names()),
            "reference": self.reference,
            "schema": self.params.model_json_schema(),
        }


class Registry:
    """A table of methods. Programs use the one called `REGISTRY`; tests make their own."""

    def __init__(self) -> None:
        self._methods: dict[tuple[Kind, str], Method] = {}
        self._steps: dict[str, Method] = {}

    def register(self, method: Method) -> Method:
        """Add a method.

        Raises:
            ValueError: It is incomplete, or its name is taken.
        """
        _check(method)
        if (method.kind, method.name) in self._methods or (
            method.kind.is_step and method.name in self._steps
        ):
            raise ValueError(f"{method.name} is registered twice")
        self._methods[method.kind, method.name] = method
        if method.kind.is_step:
            self._steps[method.name] = method
        return method

    def step(self, name: str) -> Method | None:
        """The method that a step of this name runs, if there is one."""
        return self._steps.get(name)

    def get(self, kind: Kind, name: str) -> Method | None:
        """A method of any kind."""
        return self._methods.get((kind, name))

    def find(self, name: str) -> tuple[Method, ...]:
        """All methods of this name, whatever their kind."""
        return tuple(method for method in self if method.name == name)

    def steps(self) -> tuple[Method, ...]:
        """The methods that can be steps, by kind and name."""
        return tuple(method for method in self if method.kind.is_step)

    def __iter__(self) -> Iterator[Method]:
        kinds = list(Kind)
        return iter(sorted(self._methods.values(), key=lambda m: (kinds.index(m.kind), m.name)))

    def __len__(self) -> int:
        return len(self._methods)

    def describe(self) -> list[dict[str, Any]]:
        """All methods as `espalier methods --json` prints them."""
        return [method.describe() for method in self]


REGISTRY = Registry()
"""The methods of this program; filled by importing the catalog."""


def register(method: Method, registry: Registry = REGISTRY) -> Method:
    """Add a method to the program's table, or to another.

    Raises:
        ValueError: It is incomplete, or its name is taken.
    """
    return registry.register(method)


def describe() -> list[dict[str, Any]]:
    """All methods of this program, as `espalier methods --json` prints them."""
    return REGISTRY.describe()


def _check(method: Method) -> None:
    """A method's texts, parameters and names are complete.

    Raises:
        ValueError: They are not.
    """
    if not _NAME.fullmatch(method.name):
        raise ValueError(f"{method.name!r} is not a name of lower-case words")
    for text in ("title", "summary", "reference"):
        if not getattr(method, text).strip():
            raise ValueError(f"{method.name} has no {text}")
    for name, info in method.params.model_fields.items():
        if name in RESERVED_FIELDS:
            raise ValueError(f"{method.name}.{name}: recipes use this word themselves")
        if not info.title or not info.description:
            raise ValueError(f"{method.name}.{name} has no title or no description")
    hash(method.params())  # defaults are valid, and frozen all the way down
    if method.axis is not None and method.axis.field not in method.params.model_fields:
        raise ValueError(f"{method.name} has no parameter {method.axis.field} for its axis")
    if isinstance(method.run, str) and not re.fullmatch(r"[\w.]+:\w+", method.run):
        raise ValueError(f"{method.name}: {method.run!r} does not read package.module:function")
