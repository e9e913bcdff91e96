"""Opening models, data, recipes and projects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication

from engine.errors import EngineError, TrustRequired
from engine.info import Format, NetworkInfo
from engine.jobs.looks import DataLook, ListModel
from engine.jobs.requests import DataSource, Inspect, ModelSource
from engine.paths import RESOURCES
from engine.preprocessing import Preprocessing
from engine.preprocessing_file import save as save_preprocessing
from engine.recipe.files import read_file
from engine.recipe.model import InvalidRecipe
from studio.document import messages as m
from studio.document.deeds import Deed, label
from studio.document.files import Dropped as Files
from studio.document.files import FileKind, sort_out
from studio.document.state import DocumentState, Opening, Purpose, Severity
from studio.dropped import Dropped

if TYPE_CHECKING:
    from studio.session import Session

SAMPLES = RESOURCES / "samples"
WEIGHTS_ONLY = (Format.STATE_DICT, Format.SAFETENSORS)


class Opener:
    """Reads what the user opens, and brings it into the document.

    Args:
        session: Whose engine, disk and store are used.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def open_paths(self, wish: m.OpenPaths) -> None:
        """Open whatever was dropped or chosen, each where it belongs."""
        found = sort_out(wish.paths)
        for path, kind in found.problems:
            self._session.tell(*self._leftover(path, kind), Severity.WARNING)
        if found.project:
            self._session.store.dispatch(m.OpenProject(found.project))
            return
        if found.recipe:
            self._read_recipe(Path(found.recipe))
        code = found.code
        if found.model:
            source = ModelSource(found.model, wish.architecture, wish.trusted)
            if code and not wish.architecture and Path(found.model).suffix != ".onnx":
                self._session.architecture_needed.emit(replace(source, architecture=f"{code}:"))
                code = ""
            else:
                self._try_model(source, lambda: self._open_data_of(found, code, wish))
                return
        self._open_data_of(found, code, wish)

    def _try_model(self, source: ModelSource, then: Callable[[], None]) -> None:
        """Open a model; one that is open stays until this file has been found to be one."""

        def go_on(_info: object = None) -> None:
            self._session.store.dispatch(m.OpenModel(source))
            then()

        if self._session.state.model.opening is not Opening.READY:
            go_on()
            return
        refused = self._refused(go_on)
        self._session.submit(ListModel(source), Purpose.LIST, go_on, refused)

    def _try_data(self, source: DataSource) -> None:
        """Open data; what is open stays until this has been read."""

        def go_on(_preview: object = None) -> None:
            self._session.store.dispatch(m.OpenData(source))

        state = self._session.state
        if state.model.opening is not Opening.READY or state.data.preview is None:
            go_on()
            return
        look = DataLook(state.model.source, source)
        self._session.submit(look, Purpose.DATA, go_on, self._refused(go_on))

    def _refused(self, go_on: Callable[[], None]) -> Callable[[EngineError], None]:
        """What happens to a file that cannot be opened: it is told, and nothing is lost."""

        def told(error: EngineError) -> None:
            if isinstance(error, TrustRequired):  # the user is asked
                go_on()
            elif not isinstance(error, Dropped):
                self._session.tell(error.message, error.hint, Severity.ERROR)

        return told

    def _open_data_of(self, found: Files, code: str, wish: m.OpenPaths) -> None:
        """The data among the files, or what tells how data is prepared."""
        data = found.data or ((code,) if code else ())
        if data:
            self._try_data(
                DataSource(data, preprocessing=found.preprocessing, trusted=wish.trusted)
            )
        elif found.preprocessing and self._session.state.data.source is not None:
            source_now = self._session.state.data.source
            self._session.store.dispatch(
                m.OpenData(replace(source_now, preprocessing=found.preprocessing))
            )

    def _leftover(self, path: str, kind: FileKind) -> tuple[str, str]:
        name = Path(path).name
        if kind is FileKind.MISSING:
            return QCoreApplication.translate("Session", "{name} is not there.").format(
                name=name
            ), ""
        if kind is FileKind.UNKNOWN:
            return (
                QCoreApplication.translate(
                    "Session", "{name} is neither a model, data nor a recipe."
                ).format(name=name),
                QCoreApplication.translate(
                    "Session",
                    "Models end in .onnx, .pt2, .pt, .pth or .safetensors; data is a folder of "
                    "images, .npz, .npy, .csv or .parquet; recipes are .yaml or .json.",
                ),
            )
        return (
            QCoreApplication.translate(
                "Session", "{name} was left out: only one of its kind can be opened."
            ).format(name=name),
            "",
        )

    def _read_recipe(self, path: Path) -> None:
        file = read_file(path)
        faults = file.problems
        if faults:
            first = InvalidRecipe(faults, path.name)
            self._session.tell(first.one_line(), severity=Severity.WARNING)
        self._session.store.dispatch(m.EditRecipe(label(Deed.OPEN, path.name), file.recipe))
        self._session.store.dispatch(m.SelectStep(0 if file.recipe.steps else None))

    def open_model(self, wish: m.OpenModel) -> None:
        """List the file at once, then read the network."""
        source = wish.source
        self._session.keeper.begin()
        if not Path(source.path).exists():
            self._session.store.dispatch(
                m.OpenFailed(
                    EngineError(
                        QCoreApplication.translate("Session", "{path} is not there.").format(
                            path=source.path
                        )
                    )
                )
            )
            if self._session.state.trials or self._session.state.info is not None:
                self._session.model_missing.emit(source)
            return
        self._session.drop(Purpose.OPEN, Purpose.LOOK, Purpose.LIST)

        def current() -> bool:
            return self._session.state.model.source == source

        def listed(info: NetworkInfo) -> None:
            if current():
                self._session.store.dispatch(m.Listed(info))

        def opened(info: NetworkInfo) -> None:
            if current():
                self._opened(source, info)

        def failed(error: EngineError) -> None:
            if current():
                self._not_opened(source, error)

        self._session.submit(ListModel(source), Purpose.LIST, listed, lambda _error: None)
        self._session.submit(Inspect(source, histograms=True), Purpose.OPEN, opened, failed)

    def _opened(self, source: ModelSource, info: NetworkInfo) -> None:
        self._session.settings.remember(source.path)
        self._session.store.dispatch(m.Opened(info))
        if not info.runnable and info.format in WEIGHTS_ONLY and not source.architecture:
            self._session.architecture_needed.emit(source)
        if self._session.state.data.source is not None:
            self._look_at_data(self._session.state.data.source)
        if info.runnable and self._session.state.profile is None:
            self._session.store.dispatch(m.Measure(accuracy=False))

    def _not_opened(self, source: ModelSource, error: EngineError) -> None:
        self._session.store.dispatch(m.OpenFailed(error))
        if self._session.state.data.pending and self._session.state.data.source is not None:
            self._look_at_data(self._session.state.data.source)
        if isinstance(error, TrustRequired):
            self._session.trust_needed.emit(source, error)

    def open_data(self, wish: m.OpenData) -> None:
        """Look at data, and at how it fits the network; one that is being read is waited for."""
        reading = self._session.state.model.opening in (Opening.READING, Opening.LISTED)
        if wish.source is not None and not reading:
            self._look_at_data(wish.source)

    def _look_at_data(self, source: DataSource) -> None:
        ready = self._session.state.model.opening is Opening.READY
        model = self._session.state.model.source if ready else None

        def seen(preview: Any) -> None:
            self._session.store.dispatch(m.DataSeen(source, preview))
            if model is not None and (not preview.fit.ok or preview.missing):
                self._session.data_unclear.emit()
            if model is not None and self._session.state.evaluation is None and preview.fit.ok:
                self._session.store.dispatch(m.Measure(latency=False))

        def failed(error: EngineError) -> None:
            self._session.store.dispatch(m.DataSeen(source, error=error))
            if isinstance(error, TrustRequired):
                self._session.trust_needed.emit(source, error)
            elif not isinstance(error, Dropped):
                self._session.data_unclear.emit()

        self._session.submit(DataLook(model, source), Purpose.DATA, seen, failed)

    def use_data(self, source: DataSource, preprocessing: Preprocessing) -> None:
        """Open data with a preprocessing that the user has set; it is kept with the project."""
        path = self._session.keeper.begin() / "preprocessing.json"
        known = self._session.state.data.preview
        if known is None or known.fit.preprocessing != preprocessing:
            path.parent.mkdir(parents=True, exist_ok=True)
            save_preprocessing(preprocessing, path)
            source = replace(source, preprocessing=str(path))
        if source != self._session.state.data.source or source.preprocessing == str(path):
            self._session.store.dispatch(m.OpenData(source))

    def open_sample(self, wish: m.OpenSample) -> None:
        """Open the sample: model, data and recipe."""
        del wish
        self._session.store.dispatch(m.OpenModel(ModelSource(str(SAMPLES / "digits.pt2"))))
        self._session.store.dispatch(m.OpenData(DataSource((str(SAMPLES / "digits.npz"),))))
        self._read_recipe(SAMPLES / "digits.recipe.yaml")

    def open_project(self, wish: m.OpenProject) -> None:
        """Open a project, and read its model again."""
        folder = Path(wish.folder)
        self._session.drop(*(one for one in Purpose if one is not Purpose.WARM_UP))

        def loaded(state: DocumentState) -> None:
            self._session.store.dispatch(m.Loaded(state))
            self._session.settings.remember(str(folder))
            if state.model.source is not None:
                self._reopen(state)

        self._session.keeper.open(folder, loaded)

    def _reopen(self, state: DocumentState) -> None:
        """Read the model of a project again; what was measured of it stays."""
        source = state.model.source
        assert source is not None
        if not Path(source.path).exists():
            self._session.model_missing.emit(source)
            return

        def opened(info: NetworkInfo) -> None:
            if self._session.state.model.source == source:
                self._opened(source, info)

        def failed(error: EngineError) -> None:
            if self._session.state.model.source == source:
                self._not_opened(source, error)

        self._session.submit(Inspect(source, histograms=True), Purpose.OPEN, opened, failed)
