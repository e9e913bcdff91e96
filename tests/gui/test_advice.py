"""Presets resolve on the sample, and every answer leads to one of them."""

from __future__ import annotations

from itertools import product

import pytest

from engine.layer_table import LayerTable
from engine.paths import RESOURCES
from engine.recipe.files import read_file
from engine.recipe.resolve import resolve
from engine.registry import Needs
from studio.dialogs.advice import AdviceDialog, steps_words
from studio.dialogs.advice_presets import (
    FOLDER,
    Answers,
    Goal,
    Loss,
    Samples,
    Training,
    advise,
    preset,
    presets,
)
from tests.helpers.documents import network

EVERY = [Answers(*one) for one in product(Goal, Training, Samples, Loss)]
NAMES = ["-".join(one) for one in product(Goal, Training, Samples, Loss)]


def sample() -> LayerTable:
    """Layers of the sample network, as the engine sees them."""
    from engine.jobs.job import Quiet
    from engine.jobs.requests import ModelSource
    from engine.opened import open_model

    info = open_model(ModelSource(str(RESOURCES / "samples" / "digits.pt2")), Quiet()).info
    return LayerTable(info.layers, info.groups)


def test_every_file_is_listed_and_explained() -> None:
    files = {path.stem for path in FOLDER.glob("*.yaml")}
    assert files == {one.id for one in presets()}
    assert len({one.title for one in presets()}) == len(files)
    for one in presets():
        assert len(one.reason) > 40
        text = (FOLDER / f"{one.id}.yaml").read_text(encoding="utf-8")
        assert text.startswith("# ")
        assert steps_words(one.recipe()).startswith("1. ")


def test_every_step_of_every_preset_changes_the_sample() -> None:
    table = sample()
    for path in sorted(FOLDER.glob("*.yaml")):
        file = read_file(path)
        assert file.check() == ()
        plan = file.resolve(table)
        for step in range(len(file.recipe.steps)):
            does = any(one.active for one in plan.of_step(step))
            assert does, f"{path.name}: step {step + 1} does nothing"


def needs(name: str) -> Needs:
    info = network()
    return resolve(preset(name).recipe(), LayerTable(info.layers, info.groups)).needs


@pytest.mark.parametrize("answers", EVERY, ids=NAMES)
def test_every_answer_leads_to_a_recipe_that_it_allows(answers: Answers) -> None:
    advice = advise(answers)
    assert advice.because
    needed = needs(advice.preset)
    if answers.samples is Samples.NONE:
        assert Needs.CALIBRATION not in needed
    if answers.samples is not Samples.PLENTY or answers.training is Training.NO:
        assert Needs.TRAINING not in needed
    assert Needs.LABELS not in needed


def test_every_preset_but_those_of_the_menu_is_somebodys_answer() -> None:
    reached = {advise(answers).preset for answers in EVERY}
    assert {one.id for one in presets()} - reached == {"low_rank"}


def test_the_dialog_follows_the_answers(qtbot) -> None:
    dialog = AdviceDialog()
    qtbot.addWidget(dialog)
    assert dialog.answers() == Answers()
    first = dialog.advice
    dialog.questions["loss"].buttons["none"].click()
    assert dialog.advice != first
    assert preset(dialog.advice.preset).title in dialog._title.text()
    with qtbot.waitSignal(dialog.chosen) as told:
        dialog.use.click()
    assert told.args == ["eight_bits"]
    assert dialog.result() == AdviceDialog.DialogCode.Accepted


def test_given_up_chooses_nothing(qtbot) -> None:
    dialog = AdviceDialog()
    qtbot.addWidget(dialog)
    chosen: list[str] = []
    dialog.chosen.connect(chosen.append)
    dialog.show()
    dialog.reject()
    assert chosen == []
