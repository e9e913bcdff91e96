"""Collects every text that the window can show, and makes the files that it reads.

    python resources/translations/collect.py            update the .ts file, write the .qm file
    python resources/translations/collect.py --check    only say what is missing; the status is 1

Texts marked in `studio/` are found by Qt's `lupdate`. Those that are data come from where they are
kept: commands and panels from their tables (contexts `Commands` and `Panels`), what the engine says
from the registry and from its source (context `engine`). A text of the engine with a part that
changes, an f-string, is collected with `{0}`, `{1}`, … in the place of its parts; `studio.words`
finds the pattern again.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import re
import subprocess
import sys
import sysconfig
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Container, Iterable, Iterator
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
TS = HERE / "espalier_zh_CN.ts"
QM = HERE / "espalier_zh_CN.qm"
PATTERNS = HERE / "patterns.txt"
LANGUAGE = "zh_CN"

Texts = dict[str, set[str]]
"""Context → its texts."""

_SPEAKERS = frozenset(
    {
        "EngineError",
        "ModelError",
        "DataError",
        "RecipeError",
        "TrustRequired",
        "Inspection",
        "Refused",
        "Verdict",
        "Problem",
        "Question",
        "Offer",
        "ParameterFault",
        "checkpoint",
        "note",
        "Unsupported",
    }
)
"""Functions and classes of the engine whose texts reach the user, single words too."""
_SILENT_CALLS = frozenset(
    {
        "AssertionError",
        "KeyError",
        "LookupError",
        "NotImplementedError",
        "RuntimeError",
        "TypeError",
        "compile",
        "debug",
        "exception",
        "info",
        "register",
        "startswith",
        "tr",
        "translate",
        "warning",
    }
)
"""Calls whose texts do not: faults of the program itself, logs, patterns."""
_SILENT_FILES = ("writers/report", "recipe/schema.py", "cost.py", "units.py", "frozen.py")
"""Parts of the engine of which the window shows only what is handed to a speaker."""
_KEEPERS = ("keeper.py", "opener.py", "runs.py", "session.py")
"""Parts of the studio besides the document whose errors are kept in English."""
_LISTING = "with_suffix"
"""A function of the engine that writes a list of names behind a text."""
_OWN_FAULTS = ("registry.py", "layer_table.py", "readers/onnx/table.py", "network/axes/trace.py")
"""Parts whose value errors are faults of the program."""
_PROSE = re.compile(r"[A-Za-z]{2,} [A-Za-z{]|[a-z}],? [a-z]{2,}|[a-z]: {|% [a-z]{3,}")
_NO_PROSE = re.compile(
    r"arXiv|https?:|\w\[.*\]$|^[^\w{“ ]|^ was false|</|[a-z]\(\)$"
    r"|^[A-Z][A-Za-z]+ [A-Z][A-Za-z0-9]*:? ?$"
    r"|^(?:PRAGMA|REPLACE|UPDATE|SELECT|DELETE|INSERT|CREATE) "
    r"|^(?:os error|model name|cpu model|conversion error|Value error|can't allocate|out of memory)"
)
"""References, markup, product names, queries, what is searched for in others' messages."""
_WORDS = re.compile(r"[A-Za-z]{2,}.*\s.*[A-Za-z]|^[A-Z][a-z]+$|[a-z]{3,}", re.DOTALL)


def marked() -> Texts:
    """What `lupdate` finds in the studio."""
    files = sorted(str(path) for path in (ROOT / "studio").rglob("*.py"))
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "found.ts"
        tool = Path(sysconfig.get_path("scripts")) / "pyside6-lupdate"
        command = [str(tool), *files, "-ts", str(target)]
        subprocess.run(command, check=True, capture_output=True)
        return read(target)[0]


def read(path: Path) -> tuple[Texts, dict[tuple[str, str], str]]:
    """Texts and translations of a `.ts` file."""
    texts: Texts = {}
    done: dict[tuple[str, str], str] = {}
    if not path.exists():
        return texts, done
    for context in ET.parse(path).getroot().iter("context"):
        name = context.findtext("name") or ""
        for message in context.iter("message"):
            source = message.findtext("source") or ""
            texts.setdefault(name, set()).add(source)
            translation = message.find("translation")
            if translation is not None and translation.text:
                done[name, source] = translation.text
    return texts, done


def tables() -> Texts:
    """Commands and panels."""
    actions = importlib.import_module("studio.actions")
    panels = importlib.import_module("studio.panels")
    commands = {text for one in actions.COMMANDS for text in (one.text, one.tip) if text}
    return {
        "Commands": commands | set(actions.MENUS.values()),
        "Panels": {panel.title for panel in panels.PANELS},
    }


def engine_texts() -> Texts:
    """What the engine says: the registry's texts, and the sentences of its source."""
    importlib.import_module("engine.methods.catalog")
    registry = importlib.import_module("engine.registry")
    schema = importlib.import_module("studio.forms.schema")
    found: set[str] = set()
    for method in registry.REGISTRY:
        found |= {method.title, method.summary}
        found |= set(schema.texts(method.params))
    folder = ROOT / "engine"
    for path in sorted(folder.rglob("*.py")):
        name = path.relative_to(folder).as_posix()
        if not name.startswith("cli/"):
            found |= set(_sentences(ast.parse(path.read_text(encoding="utf-8")), name))
    found |= set(_document_sentences())
    return {"engine": {text for text in found if text.strip() and _WORDS.search(text)}}


def _document_sentences() -> Iterator[str]:
    """Errors and labels of edits, which the document keeps in English."""
    studio = ROOT / "studio"
    for path in (*sorted((studio / "document").glob("*.py")), *(studio / one for one in _KEEPERS)):
        for text in _sentences(ast.parse(path.read_text(encoding="utf-8")), path.name):
            # a label says what was done, and behind a colon to what
            yield from text.split(": ") if path.name.startswith("update") else (text,)


def _sentences(tree: ast.AST, file: str) -> Iterator[str]:
    """Texts that are handed to a speaker, and everything that reads like prose."""
    silent = set(_unsaid(tree, _SILENT_CALLS | ({"ValueError"} if file in _OWN_FAULTS else set())))
    talks = not file.startswith(_SILENT_FILES)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node) in _SPEAKERS:
            for value in (*node.args, *(word.value for word in node.keywords)):
                yield from _texts(value)
        if isinstance(node, ast.Call) and _lists(node):
            yield from (f"{text} {{{_count(text)}}}" for text in _texts(node.args[0]))
        elif talks and id(node) not in silent:
            yield from (_whole(text) for text in _text(node) if _is_prose(_whole(text)))
        if talks and isinstance(node, ast.FormattedValue) and isinstance(node.value, ast.IfExp):
            yield from (text for text in _texts(node.value) if re.search(r"[a-z]{4}", text))


def _whole(text: str) -> str:
    """A tail, which starts with a space, as the end of some text."""
    if not text.startswith(" ") or not re.search(r"\{\d", text):
        return text
    return "{0}" + re.sub(r"\{(\d+)\}", lambda part: f"{{{int(part[1]) + 1}}}", text)


def _count(text: str) -> int:
    return len(set(re.findall(r"\{\d+\}", text)))


def _unsaid(tree: ast.AST, silent: Container[str]) -> Iterator[int]:
    """Identities of nodes that are no text of their own, or are said to nobody."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield id(node.value)  # documentation
        elif isinstance(node, ast.JoinedStr):
            yield from (id(part) for part in node.values)
            for part in node.values:
                if isinstance(part, ast.FormattedValue) and part.format_spec is not None:
                    yield id(part.format_spec)
        elif isinstance(node, ast.Call):
            silenced = node.args if _called(node) in silent else node.args[:1]
            if _called(node) in silent or _lists(node):
                yield from (id(part) for argument in silenced for part in ast.walk(argument))


def _called(node: ast.Call) -> str:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _lists(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Name) and node.func.id == _LISTING


def _is_prose(text: str) -> bool:
    """Several words with a space between, of which one at least is no name."""
    return bool(_PROSE.search(text)) and not _NO_PROSE.search(text)


def _text(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield _template(node)


def _texts(node: ast.AST) -> Iterator[str]:
    """The texts of an expression: constants, f-strings, either side of a condition."""
    yield from _text(node)
    if isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)
    elif isinstance(node, (ast.Tuple, ast.List)):
        for one in node.elts:
            yield from _texts(one)
    elif isinstance(node, ast.Dict):
        for one in node.values:
            yield from _texts(one)


def _template(node: ast.JoinedStr) -> str:
    parts: list[str] = []
    count = 0
    for value in node.values:
        if isinstance(value, ast.Constant):
            parts.append(str(value.value))
        else:
            parts.append(f"{{{count}}}")
            count += 1
    return "".join(parts)


def collect() -> Texts:
    """Everything, by context."""
    texts: Texts = {}
    for found in (marked(), tables(), engine_texts()):
        for context, some in found.items():
            texts.setdefault(context, set()).update(some)
    return texts


def missing(texts: Texts, done: dict[tuple[str, str], str]) -> list[tuple[str, str]]:
    """What has no translation, and translations that lack one of the parts."""
    wanted = ((context, text) for context, some in sorted(texts.items()) for text in sorted(some))
    return [
        (context, text)
        for context, text in wanted
        if not done.get((context, text)) or _parts(text) != _parts(done[context, text])
    ]


def _parts(text: str) -> set[str]:
    return set(re.findall(r"\{\w*\}", text))


def write(texts: Texts, done: dict[tuple[str, str], str]) -> None:
    """The `.ts` file, its compiled form, and the patterns."""
    root = ET.Element("TS", version="2.1", language=LANGUAGE, sourcelanguage="en_US")
    for context in sorted(texts):
        holder = ET.SubElement(root, "context")
        ET.SubElement(holder, "name").text = context
        for source in sorted(texts[context]):
            message = ET.SubElement(holder, "message")
            ET.SubElement(message, "source").text = source
            translation = ET.SubElement(message, "translation")
            if done.get((context, source)):
                translation.text = done[context, source]
            else:
                translation.set("type", "unfinished")
    ET.indent(root, "  ")
    head = '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n'
    TS.write_text(head + ET.tostring(root, encoding="unicode") + "\n", encoding="utf-8")
    tool = Path(sysconfig.get_path("scripts")) / "pyside6-lrelease"
    subprocess.run([str(tool), "-silent", str(TS), "-qm", str(QM)], check=True)
    PATTERNS.write_text("".join(_lines(texts.get("engine", ()))), encoding="utf-8")


def _lines(texts: Iterable[str]) -> Iterator[str]:
    """Texts with changing parts, and those that lack a subject, one on a line."""
    predicate = importlib.import_module("studio.words").PREDICATE
    for text in sorted(texts):
        if re.search(r"\{\w+\}", text) or predicate.match(text):
            yield text.replace("\\", "\\\\").replace("\n", "\\n") + "\n"


def main() -> int:
    """Update the files, or only look."""
    parser = argparse.ArgumentParser(description="Collect the texts of the window.")
    parser.add_argument("--check", action="store_true", help="change nothing")
    asked = parser.parse_args()
    texts = collect()
    done = read(TS)[1]
    lacking = missing(texts, done)
    if not asked.check:
        write(texts, done)
    count = sum(map(len, texts.values()))
    print(f"{count} texts, {len(lacking)} without a translation")
    for context, text in lacking[:40]:
        print(f"  {context}: {text[:100]!r}")
    return int(bool(lacking)) if asked.check else 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
