"""Help: pages that come with the program, and one for each method of the registry."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, Qt, QUrl
from PySide6.QtGui import QCursor, QGuiApplication, QTextDocument
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QSplitter,
    QTextBrowser,
    QToolTip,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from engine.registry import REGISTRY, Kind, Method, Needs, Tag
from studio.forms import hints, numbers
from studio.forms.recipe_words import kind_words as step_kind_words
from studio.forms.schema import Choice, Field, Shape, fields_of
from studio.style.metrics import metrics
from studio.style.palette import Colors, colors_of
from studio.words import language, listed, word

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class Page:
    """One page of help.

    Attributes:
        name: Unique: of a file, or `method:KIND.NAME`.
        title: In the list.
        section: What it stands under.
        body: As HTML, or as Markdown.
        markdown: Which of the two.
        words: What it is found by.
    """

    name: str
    title: str
    section: str
    body: str
    markdown: bool = False
    words: str = ""

    def matches(self, wanted: list[str]) -> bool:
        """Whether all these words occur in it."""
        text = f"{self.title} {self.words}".casefold()
        return all(one in text for one in wanted)


_ORDER = ("window", "recipes", "preprocessing", "command-line")
"""Pages in the order in which they are wanted; others stand behind them."""


def written_pages(folder: Path) -> tuple[Page, ...]:
    """The pages of a folder of Markdown files, in the window's language where they have it.

    A translated page lies in a folder by the language's name. What cannot be read is left out.
    """
    section = translate("Help", "Guide")
    found = []
    for path in sorted(folder.glob("*.md"), key=_place):
        own = folder / language() / path.name
        try:
            body = (own if own.is_file() else path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        first = next((line for line in body.splitlines() if line.startswith("# ")), "")
        title = first.removeprefix("# ").strip() or path.stem
        found.append(Page(path.stem, title, section, body, markdown=True, words=body))
    return tuple(found)


def _place(path: Path) -> tuple[int, str]:
    at = _ORDER.index(path.stem) if path.stem in _ORDER else len(_ORDER)
    return at, path.stem


def method_pages() -> tuple[Page, ...]:
    """A page for each method of the registry."""
    return tuple(_method_page(method) for method in REGISTRY)


def kind_words(kind: Kind) -> str:
    """A family of methods; those that can be steps are called as in the recipe."""
    others = {
        Kind.SEARCH: translate("Help", "Search"),
        Kind.CRITERION: translate("Help", "Criteria"),
        Kind.SCHEDULE: translate("Help", "Schedules"),
        Kind.ROUNDING: translate("Help", "Rounding"),
        Kind.LOSS: translate("Help", "Losses"),
        Kind.ENCODING: translate("Help", "Encodings"),
    }
    return others.get(kind) or step_kind_words(kind)


def tag_words(tag: Tag) -> str:
    """What a user can expect of a method."""
    return {
        Tag.FRONT_END: translate("Help", "The network keeps its form: any runtime gains"),
        Tag.BACK_END: translate("Help", "Needs a format or kernel that understands it"),
        Tag.SIZE: translate("Help", "Smaller file"),
        Tag.MACS: translate("Help", "Fewer multiply-accumulates"),
        Tag.LATENCY: translate("Help", "Faster on a stock runtime"),
        Tag.MEMORY: translate("Help", "Less memory while running"),
    }[tag]


def need_words(needs: Needs) -> tuple[str, ...]:
    """What a method must be given."""
    names = {
        Needs.CALIBRATION: translate("Help", "samples to calibrate with"),
        Needs.LABELS: translate("Help", "labels"),
        Needs.TRAINING: translate("Help", "training samples"),
        Needs.BATCH_NORM: translate("Help", "batch norm that is not folded"),
        Needs.INPUT_MOMENTS: translate("Help", "statistics of layer inputs"),
        Needs.OUTPUT_GRADIENTS: translate("Help", "gradients of layer outputs"),
        Needs.ACTIVATION_RANGES: translate("Help", "ranges of activations"),
        Needs.ORIGINAL: translate("Help", "the original network"),
    }
    return tuple(text for flag, text in names.items() if flag in needs)


def _method_page(method: Method) -> Page:
    title = word(method.title)
    needs = need_words(method.all_needs(method.params()))
    nothing = translate("Help", "nothing but the weights")
    facts = [
        (translate("Help", "In recipes"), f"<code>{escape(method.name)}</code>"),
        (translate("Help", "Family"), escape(kind_words(method.kind))),
        (translate("Help", "Needs"), escape(listed(needs) or nothing)),
        (translate("Help", "Gains"), "<br>".join(escape(tag_words(tag)) for tag in method.tags)),
        (translate("Help", "Reference"), escape(word(method.reference))),
    ]
    rows = "".join(
        f"<tr><th>{escape(name)}</th><td>{text}</td></tr>" for name, text in facts if text
    )
    body = f"<h1>{escape(title)}</h1><p>{escape(word(method.summary))}</p><table>{rows}</table>"
    fields = fields_of(method.params)
    if fields:
        heading = translate("Help", "Parameters")
        body += f"<h2>{escape(heading)}</h2><dl>"
        body += "".join(_field_text(one) for one in fields) + "</dl>"
    words = " ".join(
        [
            *(method.name, method.title, word(method.summary), method.reference),
            *(f"{f.name} {f.title} {word(f.title)}" for f in fields),
        ]
    )
    return Page(
        f"method:{method.kind}.{method.name}", title, kind_words(method.kind), body, words=words
    )


def _field_text(field: Field) -> str:
    """A parameter: its title, name, limits and default."""
    facts = []
    if field.choices:
        facts.append(escape(listed(_choice(one) for one in field.choices)))
    limits = _limits(field)
    if limits:
        facts.append(escape(limits))
    default = _default(field)
    if default:
        facts.append(escape(translate("Help", "default {value}").format(value=default)))
    remark = f"<br><i>{' · '.join(facts)}</i>" if facts else ""
    title = f"<b>{escape(word(field.title))}</b> <code>{escape(field.name)}</code>"
    return f"<dt>{title}</dt><dd>{escape(word(field.description))}{remark}</dd>"


def _choice(choice: Choice) -> str:
    """A choice as recipes have it, and as the form calls it."""
    label = word(choice.label)
    if label.casefold().replace(" ", "_") == str(choice.value).casefold():
        return str(choice.value)
    return translate("Help", "{value} ({label})").format(value=choice.value, label=label)


def _limits(field: Field) -> str:
    if field.shape not in (Shape.INTEGER, Shape.NUMBER, Shape.RATIO):
        return ""
    low = numbers.show(field, field.low)
    high = numbers.show(field, field.high)
    if low and high:
        return translate("Help", "{low} to {high}").format(low=low, high=high)
    if low:
        return translate("Help", "at least {low}").format(low=low)
    return translate("Help", "at most {high}").format(high=high) if high else ""


def _default(field: Field) -> str:
    value = field.default
    if value is None:
        return word(hints.when_empty(field.path)) if field.optional else ""
    if field.shape in (Shape.INTEGER, Shape.NUMBER, Shape.RATIO):
        return numbers.show(field, value)
    if isinstance(value, bool):
        return "true" if value else "false"  # as recipes have it
    return str(value) if isinstance(value, (str, int, float)) and value != "" else ""


_HEADING = re.compile(r"<h(\d)[^>]*>")
"""As Qt writes headings: with no room above them."""


class Browser(QTextBrowser):
    """Shows a page; never fetches anything, and opens no outside address by itself."""

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """Nothing but what stands in the page."""
        del kind, name
        return None


class HelpWindow(QWidget):
    """Pages at the left, with a search; the chosen one at the right.

    Args:
        pages: All of them.
        parent: Owner; the window is one of its own.
    """

    def __init__(self, pages: Iterable[Page], parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle(self.tr("Help"))
        self._pages = {page.name: page for page in pages}
        self._shown = ""
        self._items: list[tuple[QTreeWidgetItem, str]] = []
        self._sections: dict[str, QTreeWidgetItem] = {}
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(self.tr("Search"))
        self.search.setAccessibleName(self.tr("Search the help"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)
        self.tree = QTreeWidget(self)
        self.tree.setHeaderHidden(True)
        self.tree.setAccessibleName(self.tr("Pages"))
        self.tree.currentItemChanged.connect(self._chosen)
        self.browser = Browser(self)
        self.browser.setOpenLinks(False)
        self.browser.anchorClicked.connect(self._follow)
        self.browser.setAccessibleName(self.tr("Page"))
        self._lay_out()
        self._fill()

    def _lay_out(self) -> None:
        sizes = metrics(self)
        side = QWidget(self)
        column = QVBoxLayout(side)
        column.setContentsMargins(sizes.gap, sizes.gap, 0, sizes.gap)
        column.addWidget(self.search)
        column.addWidget(self.tree, 1)
        parts = QSplitter(self)
        parts.addWidget(side)
        parts.addWidget(self.browser)
        parts.setStretchFactor(1, 1)
        parts.setSizes([sizes.chars(32), sizes.chars(80)])
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(parts)
        self.browser.document().setDocumentMargin(sizes.wide * 1.5)
        self.resize(sizes.chars(116), sizes.line * 38)

    def _fill(self) -> None:
        sections = self._sections
        for page in self._pages.values():
            if page.section not in sections:
                sections[page.section] = QTreeWidgetItem(self.tree, [page.section])
            item = QTreeWidgetItem(sections[page.section], [page.title])
            item.setData(0, Qt.ItemDataRole.UserRole, page.name)
            self._items.append((item, page.name))
        for section in sections.values():
            section.setFlags(section.flags() & ~Qt.ItemFlag.ItemIsSelectable)
        self.tree.expandAll()
        if self._pages:
            self.show_page(next(iter(self._pages)))

    @property
    def shown(self) -> str:
        """Name of the page that is shown."""
        return self._shown

    def show_page(self, name: str) -> bool:
        """Show a page; False where there is none of this name."""
        item = next((one for one in self._items if one[1] == name), None)
        if item is None:
            return False
        self.tree.setCurrentItem(item[0])
        return True

    def show_method(self, kind: str, name: str) -> bool:
        """Show the page of a method."""
        return self.show_page(f"method:{kind}.{name}")

    def _chosen(self, item: QTreeWidgetItem | None) -> None:
        name = item.data(0, Qt.ItemDataRole.UserRole) if item is not None else None
        if name in self._pages:
            self._shown = str(name)
            self._write()

    def _write(self) -> None:
        page = self._pages.get(self._shown)
        if page is None:
            return
        self.browser.document().setDefaultStyleSheet(_sheet(colors_of(self)))
        body = page.body
        if page.markdown:
            document = QTextDocument()
            document.setMarkdown(body, QTextDocument.MarkdownFeature.MarkdownDialectGitHub)
            body = _HEADING.sub(r"<h\1>", document.toHtml())
        self.browser.setHtml(body)

    def _filter(self, text: str) -> None:
        """Keep the pages in which all words occur."""
        wanted = text.casefold().split()
        first = None
        for item, name in self._items:
            fits = self._pages[name].matches(wanted)
            item.setHidden(not fits)
            first = item if fits and first is None else first
        found = {self._pages[name].section for item, name in self._items if not item.isHidden()}
        for title, section in self._sections.items():
            section.setHidden(title not in found)
        now = self.tree.currentItem()
        if first is not None and (now is None or now.isHidden()):
            self.tree.setCurrentItem(first)

    def _follow(self, url: QUrl) -> None:
        """A link to another page opens it; an outside address is only copied."""
        name = url.fileName().removesuffix(".md")
        if url.isRelative() and self.show_page(name):
            return
        QGuiApplication.clipboard().setText(url.toString())
        QToolTip.showText(QCursor.pos(), self.tr("The address was copied"), self.browser)

    def changeEvent(self, event: QEvent) -> None:
        """The page has our colors."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "browser"):
            self._write()


@lru_cache(maxsize=4)
def _sheet(chosen: Colors) -> str:
    secondary, pressed = chosen.secondary, chosen.hover
    return (
        f"th {{ text-align: left; color: {secondary}; padding-right: 16px; font-weight: normal; }}"
        f"td {{ padding-bottom: 4px; }} code, pre {{ background: {pressed}; }}"
        f"h2 {{ margin-top: 16px; margin-bottom: 4px; }}"
        f"i {{ color: {secondary}; font-style: normal; }} dt {{ margin-top: 8px; }}"
    )
