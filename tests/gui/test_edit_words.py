"""What was done, said in the window's language, whatever it was when it was done."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTranslator
from PySide6.QtWidgets import QApplication

from engine.methods import catalog as _catalog  # noqa: F401 - fills the registry
from engine.paths import RESOURCES
from engine.recipe.history import history_from
from studio.document.deeds import ALL, Deed, label, set_label
from studio.edit_words import edit_words
from studio.words import forget, trial_name

SAID = {
    set_label("channel", "ratio", 0.3, ("conv1",)): (
        "Pruning ratio: 30 % (conv1)",
        "剪枝比例：30 %（conv1）",
    ),
    set_label("uniform", "weight_bits", 4, ("a", "b")): (
        "Weight bits: 4 (2 layers)",
        "权重位数：4（2 个层）",
    ),
    set_label("channel", "ratio", 0.5, (ALL,)): (
        "Pruning ratio: 50 % (all layers)",
        "剪枝比例：50 %（所有层）",
    ),
    set_label("channel", "ratio", 0.5): (
        "Pruning ratio: 50 % (Channel pruning)",
        "剪枝比例：50 %（通道剪枝）",
    ),
    set_label("channel", "skip", True, ("conv1",)): (
        "conv1 left out of Channel pruning",
        "conv1 不参与通道剪枝",
    ),
    label(Deed.MOVE, "channel"): ("Move Channel pruning", "移动通道剪枝"),
    label(Deed.PRESET, "eight_bits"): ("Use Eight bits", "使用“8 位”"),
    label(Deed.OPEN, "my.yaml"): ("Open: my.yaml", "打开：my.yaml"),
    label(Deed.FIT): ("Fit to budget", "按预算适配"),
    label(Deed.BACK, 3, ""): ("Back to Trial 3", "回到“试验 3”"),
    label(Deed.BACK, 3, "best so far"): ("Back to best so far", "回到“best so far”"),
    label(Deed.SEED, 7): ("Seed: 7", "随机种子：7"),
}


@pytest.fixture
def in_chinese(qapp: QApplication) -> Iterator[None]:
    translator = QTranslator()
    assert translator.load(str(RESOURCES / "translations" / "espalier_zh_CN.qm"))
    qapp.installTranslator(translator)
    forget()
    yield
    qapp.removeTranslator(translator)
    forget()


@pytest.mark.parametrize("kept", SAID)
def test_in_english(kept: str, qapp: QApplication) -> None:
    assert edit_words(kept) == SAID[kept][0]


@pytest.mark.parametrize("kept", SAID)
def test_in_chinese(kept: str, in_chinese: None) -> None:
    assert edit_words(kept) == SAID[kept][1]


@pytest.mark.parametrize("deed", Deed)
def test_every_deed_has_its_words(deed: Deed, qapp: QApplication) -> None:
    parts = {
        Deed.SET: ("channel", "ratio", 0.5, "conv1"),
        Deed.TUNE: ("finetune", "losses", "conv1"),
        Deed.RESET_FIELD: ("channel", "ratio", "conv1"),
        Deed.YAML: (),
        Deed.FIT: (),
        Deed.BACK: (1, ""),
        Deed.SEED: (1,),
    }.get(deed, ("channel",))
    said = edit_words(label(deed, *parts))
    assert said[:1].isupper() or said.startswith("conv1")
    assert "{" not in said
    assert "_" not in said


def test_what_this_version_does_not_know_is_still_shown(qapp: QApplication) -> None:
    assert edit_words(set_label("gone", "depth", 3, ("conv1",))) == "depth: 3 (conv1)"
    assert edit_words(label(Deed.MOVE, "gone")) == "Move gone"
    assert edit_words('["move", "channel", "more", 3]') == "move"


def test_a_history_of_an_earlier_version_opens(in_chinese: None) -> None:
    recipe = {"espalier": 1, "seed": 0, "steps": []}
    other = {"espalier": 1, "seed": 1, "steps": []}
    edits = [{"label": "Open", "recipe": recipe}, {"label": "Set pruning: conv1", "recipe": other}]
    history = history_from({"cursor": 1, "edits": edits})
    assert edit_words(history.undo_label) == "Set pruning: conv1"


def test_trials_nobody_has_named_go_by_their_number(qapp: QApplication) -> None:
    assert [trial_name(3, name) for name in ("", "Trial 3", "试验 3")] == ["Trial 3"] * 3
    assert trial_name(3, "Trial 4") == "Trial 4"  # the user's own
    assert trial_name(3, "best") == "best"


def test_they_do_so_in_chinese(in_chinese: None) -> None:
    assert [trial_name(3, name) for name in ("", "Trial 3", "试验 3")] == ["试验 3"] * 3
    assert trial_name(3, "best") == "best"


def test_no_text_of_an_edit_is_made_in_a_language() -> None:
    """Labels are made by `deeds` alone: nothing that is translated is kept."""
    studio = Path(RESOURCES).parent / "studio"
    for path in studio.rglob("*.py"):
        for line in path.read_text(encoding="utf-8").splitlines():
            assert "EditRecipe(self.tr" not in line, path
