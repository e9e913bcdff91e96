"""Projects: what is saved comes back, and nothing that was finished is lost."""

from __future__ import annotations

import math
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.budget import Quantity, Solver, Target
from engine.cost import CostTable, Entry, Grid
from engine.errors import EngineError
from engine.frozen import FrozenMap
from engine.info import (
    AccuracySource,
    Compressed,
    Evaluation,
    LayerLatency,
    Metrics,
    Profile,
)
from engine.jobs.requests import DataSource, ModelSource
from studio.document import messages as m
from studio.document.facets import Facet
from studio.document.project import DATABASE, Project, is_project
from studio.document.state import CostFacts, DocumentState, Opening, Wanted
from studio.document.trial import Forecast, Trial
from studio.document.update import update
from tests.unit.studio.test_document import network, opened

METRICS = Metrics(1000, 200, 300, None, 1.5, 0.91, AccuracySource.LABELS, 500, (0.88, 0.93))


def worked() -> DocumentState:
    """A document in which something of everything was done."""
    state = update(opened(), m.SetGlobal(Facet.PRUNE, 0.3))
    state = update(state, m.SetFacet(Facet.WEIGHT_BITS, ("block.0.conv",), 4))
    state = update(state, m.Undo())
    state = update(state, m.OpenData(DataSource(("data.npz",), label_column="y")))
    state = update(state, m.Lock(("stem",), locked=True))
    state = update(state, m.Select(("stem", "head"), "stem"))
    evaluation = Evaluation(500, AccuracySource.LABELS, top1=0.9, per_class=(0.5, None))
    state = update(state, m.Evaluated(evaluation))
    layers = (LayerLatency("stem", 1.0, 1.0),)
    state = update(state, m.Profiled(Profile(1.5, 0.1, 1, 1, 30, layers, "ORT", "CPU")))
    table = CostTable.empty(("stem", "head"), (Grid("uniform", (8.0, 4.0)),))
    entries = [
        Entry("stem", "uniform", 4, loss=0.1, measured=True),
        Entry("head", "uniform", 4, loss=0.2),
    ]
    facts = CostFacts(256, 41.5, 2000, 1, 4, b"where measuring goes on")
    state = update(state, m.CostKnown(table.with_entries(entries), facts))
    limits = (Target(Quantity.SIZE, 0.25, relative=True), Target(Quantity.ACCURACY, 0.005))
    wanted = Wanted(limits, ("uniform",), Solver.GREEDY, keep_own=False)
    state = update(state, m.AskBudget(wanted))
    return update(state, m.UseFit(replace(state.recipe, seed=7)))


def result() -> Compressed:
    info = network()
    numbers = (METRICS, METRICS, METRICS)
    return Compressed(
        "out.onnx", "onnx", "avx2", "espalier: 1\n", *numbers, True, 1e-6, (), info, info
    )


def trial(number: int, state: DocumentState) -> Trial:
    return Trial(
        number,
        f"Trial {number}",
        state.recipe,
        measured=METRICS,
        notes=("Slow.",),
        forecast=Forecast(FrozenMap({"uniform": 0.1}), 0.1, 0.05, 0.2, math.inf, 0.5),
        kl=0.12,
    )


def test_what_is_saved_comes_back(tmp_path: Path) -> None:
    state = worked()
    project = Project.create(tmp_path / "a.espalier")
    project.save(state)
    project.save_trial(trial(1, state), result())
    project.close()
    again = Project.open(tmp_path / "a.espalier")
    back = again.load()
    assert back.history == replace(state.history, open_key="")
    assert back.model.source == state.model.source
    assert back.model.opening is Opening.READING
    assert back.info == state.info
    assert back.data.source == state.data.source
    assert (back.locks, back.selection, back.current) == (state.locks, ("stem", "head"), "stem")
    assert (back.evaluation, back.profile) == (state.evaluation, state.profile)
    assert back.original == state.original
    assert np.array_equal(back.cost.values, state.cost.values, equal_nan=True)
    assert np.array_equal(back.cost.measured, state.cost.measured)
    assert back.cost.measured.any()
    assert back.cost_facts == state.cost_facts
    assert back.cost_facts.progress == b"where measuring goes on"
    assert (back.budget, back.fitted) == (state.budget, state.fitted)
    assert back.fitted is not None
    assert back.trials == (trial(1, state),)
    assert again.details(1) == result()
    with pytest.raises(EngineError, match="no trial 2"):
        again.details(2)
    assert (tmp_path / "a.espalier" / "recipe.yaml").read_text().startswith("espalier: 1")
    again.close()


def test_changes_of_trials_are_kept_and_deleted_ones_go(tmp_path: Path) -> None:
    state = opened()
    project = Project.create(tmp_path / "p")
    for number in (1, 2):
        project.save_trial(trial(number, state), result())
        project.trial_folder(number).mkdir(parents=True)
    project.save_trial(replace(trial(1, state), name="Best", pinned=True))
    project.save_trial(replace(trial(2, state), deleted=True))
    project.close()
    project = Project.open(tmp_path / "p")
    assert [(one.id, one.name, one.pinned) for one in project.load().trials] == [(1, "Best", True)]
    assert project.trial_folder(1).exists()
    assert not project.trial_folder(2).exists()
    project.close()


def test_only_what_differs_is_written(tmp_path: Path) -> None:
    state = opened()
    project = Project.create(tmp_path / "p")
    project.save(state)
    database = tmp_path / "p" / DATABASE
    before = database.read_bytes()
    project.save(update(state, m.EngineReady(())))
    assert database.read_bytes() == before
    project.save(update(state, m.SetGlobal(Facet.PRUNE, 0.4)))
    assert database.read_bytes() != before
    project.close()


def test_a_newer_project_is_refused_untouched(tmp_path: Path) -> None:
    Project.create(tmp_path / "p").close()
    path = tmp_path / "p" / DATABASE
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 99")
    database.close()
    before = path.read_bytes()
    with pytest.raises(EngineError, match="newer version"):
        Project.open(tmp_path / "p")
    assert path.read_bytes() == before
    assert sorted(one.name for one in (tmp_path / "p").iterdir()) == [DATABASE]


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "not a project"), (b"", "not an Espalier"), (b"no database at all" * 99, "damaged")],
)
def test_what_is_no_project_says_so(tmp_path: Path, content: bytes | None, words: str) -> None:
    if content is not None:
        (tmp_path / DATABASE).write_bytes(content)
    assert is_project(tmp_path) is (content is not None)
    with pytest.raises(EngineError, match=words):
        Project.open(tmp_path)


def test_a_folder_with_other_files_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(EngineError, match="other files"):
        Project.create(tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == ["thesis.txt"]


def test_saving_under_another_name_copies_everything(tmp_path: Path) -> None:
    state = worked()
    project = Project.create(tmp_path / "a")
    project.save(state)
    project.save_trial(trial(1, state), result())
    project.trial_folder(1).mkdir(parents=True)
    (project.trial_folder(1) / "model.onnx").write_bytes(b"x")
    project.copy_to(tmp_path / "b")
    project.close()
    copy = Project.open(tmp_path / "b")
    assert copy.load().trials == (trial(1, state),)
    assert (copy.trial_folder(1) / "model.onnx").read_bytes() == b"x"
    copy.close()


def test_a_killed_process_loses_no_finished_save(tmp_path: Path) -> None:
    """Writes without a pause until it is killed: what it said was done is there."""
    script = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        from studio.document import messages as m
        from studio.document.project import Project
        from studio.document.facets import Facet
        from studio.document.update import update
        from tests.unit.studio.test_project import opened, result, trial
        project = Project.create(Path(sys.argv[1]))
        state = opened()
        for number in range(1, 10_000):
            state = update(state, m.SetGlobal(Facet.PRUNE, 0.9 * (number % 100) / 100))
            project.save(state)
            project.save_trial(trial(number, state), result())
            print(number, flush=True)
        """
    )
    folder = tmp_path / "p"
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert process.stdout is not None
    for _ in range(6):
        assert process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    done = max((int(line) for line in process.stdout.read().split()), default=6)
    process.wait()
    process.stdout.close()
    project = Project.open(folder)
    state = project.load()
    assert len(state.trials) >= done >= 6
    assert project.details(done) == result()
    assert state.recipe.steps[0].params["ratio"] == pytest.approx(
        state.trials[-1].recipe.steps[0].params["ratio"], abs=0.01
    )
    project.close()


def test_a_model_that_moved_is_still_named(tmp_path: Path) -> None:
    state = update(opened(), m.OpenModel(ModelSource("/gone/net.onnx")))
    project = Project.create(tmp_path / "p")
    project.save(state)
    assert project.load().model.source == ModelSource("/gone/net.onnx")
    project.close()
