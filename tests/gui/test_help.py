"""The help in the window's language: every page of ours, whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTranslator
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.methods import catalog as _catalog  # noqa: F401 - fills the registry
from engine.paths import RESOURCES
from studio.dialogs.help import HelpWindow, Page, method_pages, written_pages
from studio.words import forget

HELP = RESOURCES / "help"
PAGES = sorted(HELP.glob("*.md"))
CHINESE = re.compile(r"[\u4e00-\u9fff]")
PROSE = re.compile(r"[A-Za-z]{3,} (?:[a-z]+ )+[a-z]{2,}")
"""Some words of an English sentence in a row."""
REFERENCE = re.compile(r"[A-Z][\w]+ et al\. \d{4}")
CODE = re.compile(r"^```.*?^```$|`[^`]*`|\*\*?[^*]+\*\*?", re.DOTALL | re.MULTILINE)


@pytest.fixture
def in_chinese(qapp: QApplication) -> Iterator[None]:
    translator = QTranslator()
    assert translator.load(str(RESOURCES / "translations" / "espalier_zh_CN.qm"))
    qapp.installTranslator(translator)
    forget()
    yield
    qapp.removeTranslator(translator)
    forget()


def lines(body: str) -> list[str]:
    """The lines that say something, without markup and what stands in code."""
    plain = re.sub(r"<[^>]*>", "\n", CODE.sub("", body))
    return [line.strip(" |-") for line in plain.splitlines() if line.strip(" |-")]


def english(page: Page) -> list[str]:
    """Sentences of a page that nobody has translated."""
    return [
        line
        for line in lines(page.body)
        if PROSE.search(line) and not CHINESE.search(line) and not REFERENCE.search(line)
    ]


def test_no_sentence_stays_english(in_chinese: None) -> None:
    pages = (*written_pages(HELP), *method_pages())
    assert len(pages) > len(PAGES)
    assert {page.name: english(page) for page in pages if english(page)} == {}
    assert all(CHINESE.search(page.title) for page in pages)
    assert all(CHINESE.search(page.section) for page in pages)


def test_english_sentences_are_found(qapp: QApplication) -> None:
    assert all(english(page) for page in written_pages(HELP))
    assert not any(CHINESE.search(page.body) for page in written_pages(HELP))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_translated_page_has_all_that_the_page_has(path: Path) -> None:
    """Headings, rows of tables, points of lists, examples: none is missing, none is left over."""
    own = path.read_text(encoding="utf-8")
    other = (HELP / "zh_CN" / path.name).read_text(encoding="utf-8")
    for mark in (r"^#+ ", r"^\|(?: --- \|)+$", r"^\| ", r"^- ", r"^\d\. ", r"^```\w*$", r"\]\("):
        found = [len(re.findall(mark, text, re.MULTILINE)) for text in (own, other)]
        assert found[0] == found[1], mark
    for mark in (r"`([^`\n]+)`", r"\]\(([^)]+)\)", r"(?:Ctrl|Alt)\+[^\s|,;，；]"):
        assert set(re.findall(mark, other)) == set(re.findall(mark, own)), mark


def test_the_guide_begins_with_the_window(qapp: QApplication) -> None:
    assert [page.name for page in written_pages(HELP)] == [
        *("window", "recipes", "preprocessing", "command-line")
    ]


def test_choices_have_the_words_of_the_form(in_chinese: None) -> None:
    page = next(page for page in method_pages() if page.name == "method:pruning.channel")
    assert "global（" in page.body


def test_headings_have_room_above_them(qtbot: QtBot) -> None:
    page = Page("a", "A", "S", "# A\n\n| x | y |\n| --- | --- |\n| 1 | 2 |\n\n## B\n\nc", True)
    window = HelpWindow((page,))
    qtbot.addWidget(window)
    document = window.browser.document()
    block = document.begin()
    while block.text() != "B":
        block = block.next()
    assert block.blockFormat().topMargin() > 0
