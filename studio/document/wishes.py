"""What the user can wish. Views dispatch these; `studio.document.messages` has them all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.jobs.requests import DataSource, ModelSource, Request
from engine.recipe.model import Recipe
from studio.document.facets import Facet
from studio.document.state import Wanted

# Editing ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EditRecipe:
    """Put a recipe in force. Edits in a row with one `merge_key` are one step of undo.

    Attributes:
        label: What was done, as `studio.document.deeds` puts it.
        recipe: What came of it.
        merge_key: See above; empty: merges with nothing.
    """

    label: str
    recipe: Recipe
    merge_key: str = ""


@dataclass(frozen=True, slots=True)
class SetFacet:
    """Set a facet of some layers, from the table or the inspector.

    Attributes:
        facet: What to set.
        layers: For which layers.
        value: The ratio, the bits, the share of the bytes; None: leave these layers out.
        final: The end of a drag; before it, edits merge.
        method: Of the step, where there is none of its family yet; empty: the usual one.
    """

    facet: Facet
    layers: tuple[str, ...]
    value: float | int | None
    final: bool = True
    method: str = ""


@dataclass(frozen=True, slots=True)
class SetFields:
    """Set parameters of a step: of some layers, or (without layers) of the step itself.

    `values`: name → plain value, `UNSET` takes one out.
    """

    step: int
    values: tuple[tuple[str, Any], ...]
    layers: tuple[str, ...] = ()
    final: bool = True


@dataclass(frozen=True, slots=True)
class SetGlobal:
    """Set a facet for all layers that have no setting of their own and are not locked."""

    facet: Facet
    value: float | int
    final: bool = True


@dataclass(frozen=True, slots=True)
class ResetLayers:
    """Take back what the recipe says of these layers by name; in all steps, or in one."""

    layers: tuple[str, ...]
    step: int | None = None


@dataclass(frozen=True, slots=True)
class ApplyToSimilar:
    """Give the settings of one layer to those of the same kind and shape."""

    layer: str


@dataclass(frozen=True, slots=True)
class Lock:
    """Lock or unlock layers."""

    layers: tuple[str, ...]
    locked: bool


@dataclass(frozen=True, slots=True)
class Undo:
    """Step back."""


@dataclass(frozen=True, slots=True)
class Redo:
    """Step forward."""


@dataclass(frozen=True, slots=True)
class GoTo:
    """Go to an entry of the history."""

    index: int


@dataclass(frozen=True, slots=True)
class SelectStep:
    """Select a step of the recipe."""

    step: int | None


@dataclass(frozen=True, slots=True)
class Select:
    """Select layers; `current` is the one to inspect (default: the last)."""

    layers: tuple[str, ...]
    current: str = ""


# Files, jobs, trials (the session acts on these) ----------------------------------------


@dataclass(frozen=True, slots=True)
class OpenPaths:
    """Open whatever these files are: models, data, recipes, projects.

    Attributes:
        paths: Files and folders.
        architecture: `FILE.py:FACTORY` for a model of weights alone.
        trusted: The user has said that they may run code.
    """

    paths: tuple[str, ...]
    architecture: str = ""
    trusted: bool = False


@dataclass(frozen=True, slots=True)
class OpenModel:
    """Open a model; `moved`: the project's own, from another place."""

    source: ModelSource
    moved: bool = False


@dataclass(frozen=True, slots=True)
class OpenData:
    """Open data; None: take it away."""

    source: DataSource | None


@dataclass(frozen=True, slots=True)
class OpenSample:
    """Open the sample project."""


@dataclass(frozen=True, slots=True)
class OpenProject:
    """Open a project's folder."""

    folder: str


@dataclass(frozen=True, slots=True)
class SaveProject:
    """Keep the project in this folder from now on."""

    folder: str


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask the engine for a look; the answer comes into `state.looks` under the request's key."""

    request: Request


@dataclass(frozen=True, slots=True)
class Measure:
    """Measure the original: its accuracy on the data (where there is some) and its time."""

    accuracy: bool = True
    latency: bool = True


@dataclass(frozen=True, slots=True)
class EstimateCosts:
    """Predict what settings of layers cost (with data) and save; comes back as `CostKnown`."""


@dataclass(frozen=True, slots=True)
class MeasureCosts:
    """Replace estimated costs by measured ones, as they arrive.

    Attributes:
        seconds: No longer than this; 0: until every entry is certain.
        methods: Of these alone; empty: all of the table.
        layers: Likewise.
    """

    seconds: float = 120.0
    methods: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AskBudget:
    """Remember what was asked of the solver."""

    wanted: Wanted


@dataclass(frozen=True, slots=True)
class UseFit:
    """Put the recipe that the solver gave in force: one edit.

    Attributes:
        recipe: It.
        time_share: Part of the original's time that it is predicted to take, by layers that were
            timed with and without integers; None: they were not.
    """

    recipe: Recipe
    time_share: float | None = None


@dataclass(frozen=True, slots=True)
class Apply:
    """Run the recipe; it becomes a trial. `quick`: report on 2,000 evaluation samples."""

    quick: bool = False


@dataclass(frozen=True, slots=True)
class Export:
    """Run the recipe (what was run before is not run again) and write a file for the user.

    Attributes:
        path: The file.
        format: `onnx`, `pt2` or `safetensors`.
        target: The kind of processor.
        report: Path of the HTML report; empty: none.
        with_recipe: Write the recipe beside it.
        trial: Export this trial's recipe instead of the present one.
    """

    path: str
    format: str
    target: str = "auto"
    report: str = ""
    with_recipe: bool = True
    trial: int | None = None


@dataclass(frozen=True, slots=True)
class CancelJob:
    """Drop a job."""

    number: int


@dataclass(frozen=True, slots=True)
class StopJob:
    """End a job early and keep the best so far."""

    number: int


@dataclass(frozen=True, slots=True)
class PauseJob:
    """Let a job wait, or go on."""

    number: int
    paused: bool


@dataclass(frozen=True, slots=True)
class ClearJobs:
    """Take ended jobs out of the list."""


@dataclass(frozen=True, slots=True)
class ChooseTrials:
    """Select trials (0: the original)."""

    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RestoreTrial:
    """Put a trial's recipe in force."""

    id: int


@dataclass(frozen=True, slots=True)
class ChangeTrial:
    """Rename, pin, remark, delete or bring back a trial: fields of `Trial` and their new values."""

    id: int
    changes: tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class WantDetails:
    """Fetch everything that a trial's run told into `state.details`."""

    trial: int


@dataclass(frozen=True, slots=True)
class Dismiss:
    """Take a notice away."""

    id: int


Wish = (
    EditRecipe
    | SetFacet
    | SetFields
    | SetGlobal
    | ResetLayers
    | ApplyToSimilar
    | Lock
    | Undo
    | Redo
    | GoTo
    | SelectStep
    | Select
    | OpenPaths
    | OpenModel
    | OpenData
    | OpenSample
    | OpenProject
    | SaveProject
    | Ask
    | Measure
    | EstimateCosts
    | MeasureCosts
    | AskBudget
    | UseFit
    | Apply
    | Export
    | CancelJob
    | StopJob
    | PauseJob
    | ClearJobs
    | ChooseTrials
    | RestoreTrial
    | ChangeTrial
    | WantDetails
    | Dismiss
)
