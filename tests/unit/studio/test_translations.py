"""The Chinese texts of the window: complete, loadable, and found again by their patterns."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from PySide6.QtCore import QCoreApplication, QTranslator
from PySide6.QtWidgets import QApplication

from engine.paths import RESOURCES
from studio.words import forget, unmarked, word

FOLDER = RESOURCES / "translations"
QM = FOLDER / "espalier_zh_CN.qm"
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def load_collect() -> ModuleType:
    """The program that collects the texts; it is not part of a package."""
    spec = importlib.util.spec_from_file_location("collect_texts", FOLDER / "collect.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def collect() -> ModuleType:
    return load_collect()


@pytest.fixture(scope="module")
def done(collect: ModuleType) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = collect.read(collect.TS)[1]
    return found


@pytest.fixture
def chinese(qapp: QApplication) -> Iterator[QTranslator]:
    translator = QTranslator()
    assert translator.load(str(QM))
    qapp.installTranslator(translator)
    forget()
    yield translator
    qapp.removeTranslator(translator)
    forget()


def test_every_text_has_a_translation(
    collect: ModuleType, done: dict[tuple[str, str], str]
) -> None:
    texts = collect.collect()
    assert len(texts) > 80
    assert collect.missing(texts, done) == []


def test_translations_keep_parts_marks_and_line_ends(done: dict[tuple[str, str], str]) -> None:
    def marks(text: str) -> tuple[object, ...]:
        parts = sorted(re.findall(r"\{[\w:,]*\}", text))
        return parts, bool(re.search(r"&\w", text)), text.count("…"), text.count("\n")

    wrong = {key: text for key, text in done.items() if marks(key[1]) != marks(text)}
    assert wrong == {}


def test_letters_of_menus_stand_in_brackets(done: dict[tuple[str, str], str]) -> None:
    marked = [text for text in done.values() if "&" in text]
    assert marked
    assert [text for text in marked if not re.search(r"\(&[A-Z]\)", text)] == []


def test_letters_of_a_menu_are_those_of_the_original(done: dict[tuple[str, str], str]) -> None:
    def letter(text: str) -> str:
        found = re.search(r"&(\w)", text)
        return found[1].upper() if found else ""

    wrong = [key for key, text in done.items() if letter(key[1]) != letter(text)]
    assert wrong == []


def test_compiled_file_holds_what_the_source_holds(
    chinese: QTranslator, done: dict[tuple[str, str], str]
) -> None:
    stale = [key for key, text in done.items() if chinese.translate(*key) != text]
    assert stale == []


def test_patterns_are_those_of_the_source(collect: ModuleType) -> None:
    texts = collect.read(collect.TS)[0]
    lines = "".join(collect._lines(texts["engine"]))
    assert collect.PATTERNS.read_text(encoding="utf-8") == lines


def test_texts_stay_english_without_a_translator(qapp: QApplication) -> None:
    forget()
    assert word("Pruning ratio") == "Pruning ratio"
    assert word("net.onnx does not exist.") == "net.onnx does not exist."


@pytest.mark.parametrize(
    ("english", "expected"),
    [
        ("Pruning ratio", "剪枝比例"),
        ("Reading conv1", "正在读取 conv1"),
        ("Open net.onnx", "打开 net.onnx"),
        ("net.onnx does not exist. Check the path.", "net.onnx 不存在。请检查路径。"),
        ("data/net.pt does not exist", "data/net.pt 不存在"),
        ("Layer conv1: its weights are already quantized.", "层 conv1：其权重已量化。"),
        ("ratio must be at most 1, not 3", "ratio 必须不大于 1，而不是 3"),
        ("ratio: must be at most 1, not 3", "ratio: 必须不大于 1，而不是 3"),
        ("There is no file a.onnx", "没有文件 a.onnx"),
        (
            "“foo” is not a part of a recipe (and 2 more problems).",
            "“foo”不是配方的组成部分（另有 2 个问题）。",
        ),
        (
            "Mean and std have 3 numbers, and the samples have 1 channel.",
            "均值和标准差有 3 个数字，而样本有 1 个通道。",
        ),
        (
            "x.bin is not a model that can be read: it looks like a PNG image",
            "x.bin 不是可读取的模型：它看起来是 PNG 图像",
        ),
        (
            "The data has samples of 3×32×32 (RGB); the network takes 1×28×28 (NCHW).",
            "数据的样本为 3×32×32（RGB）；网络接受 1×28×28（NCHW）。",
        ),
        (
            "Groups of 4 do not divide the 6 input channels of each of its groups.",
            "4 个一组无法整除其每个分组的 6 个输入通道。",
        ),
        ("Groups of 4 do not divide the 6 input channels.", "4 个一组无法整除 6 个输入通道。"),
        ("A sentence with parts that nobody knows.", "A sentence with parts that nobody knows."),
        ("He et al. 2017; Some One. Unknown words.", "He et al. 2017; Some One. Unknown words."),
        ("layer1.conv", "layer1.conv"),
        ("", ""),
    ],
)
def test_words_of_the_engine(chinese: QTranslator, english: str, expected: str) -> None:
    assert word(english) == expected


def test_texts_of_every_method_are_translated(chinese: QTranslator) -> None:
    import engine.methods.catalog  # noqa: F401 - fills the registry
    from engine.registry import REGISTRY
    from studio.forms.schema import texts

    lacking = [
        text
        for method in REGISTRY
        for text in (method.title, method.summary, *texts(method.params))
        if " " in text and not CHINESE.search(word(text))
    ]
    assert lacking == []


def test_commands_lose_the_marks_of_their_letters(chinese: QTranslator) -> None:
    from studio.actions import COMMANDS

    assert unmarked("&Open…") == "Open…"
    assert unmarked("打开(&O)…") == "打开…"
    for one in COMMANDS:
        assert CHINESE.search(one.plain), one.text
        assert not re.search(r"[&()…]", one.plain), one.plain
        assert QCoreApplication.translate("Commands", one.text) == one.title


def test_collector_tells_visible_texts_from_others(collect: ModuleType) -> None:
    import ast

    source = '''
"""Says nothing to the user."""
log.warning("this goes to the log")
raise RuntimeError("the program is at fault")
raise DataError(f"{name} has no labels", hint="Add labels.")
checkpoint("Reading")
reference = "Han et al. 2015, arXiv:1506.02626"
what = f"{text} and {count} more"
tail = f" (line {count} of it)"
flag = "auto"
'''
    assert set(collect._sentences(ast.parse(source), "some.py")) == {
        "{0} has no labels",
        "Add labels.",
        "Reading",
        "{0} and {1} more",
        "{0} (line {1} of it)",
    }


def test_collector_reports_what_is_missing(collect: ModuleType) -> None:
    texts = {"engine": {"Reading {0}", "Size", "Rank"}}
    done = {("engine", "Reading {0}"): "正在读取", ("engine", "Size"): "大小"}
    assert collect.missing(texts, done) == [("engine", "Rank"), ("engine", "Reading {0}")]


def test_collector_writes_what_it_reads(
    collect: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, file in (("TS", "a.ts"), ("QM", "a.qm"), ("PATTERNS", "a.txt")):
        monkeypatch.setattr(collect, name, tmp_path / file)
    texts = {"engine": {"Reading {0}", "is empty.", "a <b>\nc"}}
    done = {("engine", "a <b>\nc"): "甲 <b>\n乙"}
    collect.write(texts, done)
    assert collect.read(tmp_path / "a.ts") == (texts, done)
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == "Reading {0}\nis empty.\n"
    translator = QTranslator()
    assert translator.load(str(tmp_path / "a.qm"))
    assert translator.translate("engine", "a <b>\nc") == "甲 <b>\n乙"
