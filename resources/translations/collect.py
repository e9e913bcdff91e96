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
from collections.abc import Iterable, Iterator
from enum import Enum
from pathlib import Path
from typing import Any, get_args

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
"""Functions and classes of the engine whose texts reach the user."""
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
    found: set[str] = set()
    for method in registry.REGISTRY:
        found |= {method.title, method.summary}
        found |= set(_fields(method.params))
    info = importlib.import_module("engine.info")
    for kind in (info.LayerKind, info.AccuracySource, registry.Kind, registry.Tag):
        found |= {one.value for one in kind}
    for path in sorted((ROOT / "engine").rglob("*.py")):
        if "cli" not in path.parts:
            found |= set(_sentences(ast.parse(path.read_text(encoding="utf-8"))))
    found |= _document_sentences()
    return {"engine": {text for text in found if text.strip() and _WORDS.search(text)}}


def _document_sentences() -> set[str]:
    """Labels of edits, which the document keeps in English."""
    found: set[str] = set()
    for path in sorted((ROOT / "studio" / "document").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                if re.fullmatch(r"(?:Set|Reset|Apply|Back|Open|Use)\b[a-z ]*(?:: .*)?", node.value):
                    found.add(node.value.partition(": ")[0])
            elif isinstance(node, ast.JoinedStr):
                text = _template(node).partition(": ")[0]
                if re.match(r"(?:Set|Reset|Apply|Back|Open|Use) ", text):
                    found.add(text)
    return found


def _fields(model: Any, seen: frozenset[Any] = frozenset()) -> Iterator[str]:
    """Titles, descriptions and choices of a parameter model, nested ones too."""
    for info in model.model_fields.values():
        yield from (text for text in (info.title, info.description) if text)
        for kind in _kinds(info.annotation):
            if isinstance(kind, type) and issubclass(kind, Enum):
                yield from (str(one.value) for one in kind)
            elif hasattr(kind, "model_fields") and kind not in seen:
                yield from _fields(kind, seen | {kind})


def _kinds(annotation: Any) -> Iterator[Any]:
    yield annotation
    for inner in get_args(annotation):
        yield from _kinds(inner)


def _sentences(tree: ast.AST) -> Iterator[str]:
    """Texts that are handed to a speaker, or returned or kept as a whole sentence."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else _name(node.func)
            if name in _SPEAKERS:
                for value in (*node.args, *(word.value for word in node.keywords)):
                    yield from _texts(value)
        elif isinstance(node, (ast.Return, ast.Assign)) and node.value is not None:
            yield from (text for text in _texts(node.value) if _is_sentence(text))


def _is_sentence(text: str) -> bool:
    return bool(re.match(r"[A-Z{]", text)) and text.rstrip().endswith(".") and " " in text


def _texts(node: ast.AST) -> Iterator[str]:
    """The texts of an expression: constants, f-strings, either side of a condition."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield _template(node)
    elif isinstance(node, ast.IfExp):
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


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else ""


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
    """Texts with changing parts, one on a line."""
    for text in sorted(texts):
        if re.search(r"\{\d+\}", text):
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
