"""The HTML report of a compression: one file that needs nothing else, and no network."""

from __future__ import annotations

import base64
import hashlib
import shlex
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path, PurePath

from engine import units
from engine.info import AccuracySource, Compressed, Format
from engine.jobs.job import Job
from engine.paths import RESOURCES
from engine.writers import report_accuracy, report_layers, report_steps, report_summary
from engine.writers.atomic import replacing
from engine.writers.report_html import (
    Cell,
    Column,
    Html,
    element,
    escape,
    join,
    named,
    paragraph,
    section,
    table,
)

_FOLDER = RESOURCES / "report"
_ENDINGS = {
    Format.ONNX: ".onnx",
    Format.PT2: ".pt2",
    Format.TORCHSCRIPT: ".pt",
    Format.PICKLE: ".pt",
    Format.STATE_DICT: ".pt",
    Format.SAFETENSORS: ".safetensors",
}
_COMMAND = "command"
"""Key of `Compressed.versions` under which a caller that knows the command gives it."""


def write_report(result: Compressed, path: str | Path, job: Job) -> Path:
    """Write what came of a recipe as an HTML page that stands alone.

    Args:
        result: All that the page says.
        path: Of the page; an existing file is lost only to its complete successor.
        job: For progress and cancelling.

    Raises:
        EngineError: The file cannot be written.
        Cancelled: By the job.
    """
    target = Path(path)
    job.checkpoint("Writing the report", 0, 2)
    text = page(result, job)
    job.checkpoint("Writing the report", 1, 2)
    with replacing(target) as new:
        new.write_text(text, encoding="utf-8", newline="\n")
    job.checkpoint("Writing the report", 2, 2)
    return target


def page(result: Compressed, job: Job) -> str:
    """The whole page."""
    makers: tuple[Callable[[Compressed], Html], ...] = (
        report_summary.comparison,
        report_steps.remarks,
        report_steps.steps,
        report_accuracy.classes,
        report_accuracy.curves,
        partial(report_layers.layers, job=job),
        report_layers.histograms,
        _reproduce,
    )
    parts = []
    for make in makers:
        job.checkpoint()
        parts.append(make(result))
    title = f"{result.before.name or 'Network'}, compressed"
    head = element(
        "header",
        element("h1", named(title)),
        _file(result),
        report_summary.verdict(result),
        _tiles(result),
        _contents(parts),
    )
    body = element("body", head, element("main", *parts), element("footer", _footer(result)))
    return f"<!DOCTYPE html>\n{element('html', _head(title), body, lang='en')}\n"


def _head(title: str) -> Html:
    style, script = _text("report.css"), _text("report.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", f"{title} – Espalier report"),
        element("style", Html(style)),
        element("script", Html(script)),
    )


@cache
def _text(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _file(result: Compressed) -> Html:
    target = f", formed for {result.target}" if result.target not in ("", "auto") else ""
    return paragraph(
        "File: ",
        named(PurePath(result.file).name),
        f" ({result.format}{target})",
        class_="small",
    )


def _tiles(result: Compressed) -> Html:
    """The few numbers that most people look for."""
    old, new = result.original, result.measured
    is_accuracy = new.source is AccuracySource.LABELS
    shown = [
        ("File size", old.size_bytes, new.size_bytes, units.format_bytes),
        ("Latency", old.latency_ms, new.latency_ms, units.format_ms),
        ("MACs", old.macs, new.macs, units.format_count),
        ("Top-1 accuracy", old.top1, new.top1, units.format_percent)
        if is_accuracy
        else ("Agrees with the original", None, new.top1, units.format_percent),
    ]
    tiles = []
    for title, before, after, write in shown:
        if after is None:
            continue
        was = f"was {write(before)}" if before is not None else " "
        tiles.append(
            element(
                "div",
                element("span", title),
                element("strong", write(after)),
                element("span", was),
                element("small", "counted" if title == "MACs" else "measured"),
            )
        )
    return element("div", *tiles, class_="facts") if tiles else Html("")


def _contents(parts: list[Html]) -> Html:
    links = []
    for part in parts:
        if part.startswith('<section id="'):
            anchor = part.split('"', 2)[1]
            links.append(element("a", anchor.replace("-", " ").capitalize(), href=f"#{anchor}"))
    return element("nav", *links, aria_label="Contents")


def _reproduce(result: Compressed) -> Html:
    """The command, the recipe, and what it ran on."""
    versions = {name: text for name, text in result.versions.items() if name != _COMMAND}
    if result.profile is not None:
        known = {name.lower() for name in versions}
        if "processor" not in known:
            versions["Processor"] = result.profile.processor
    rows = [[Cell(name), Cell(named(text))] for name, text in versions.items()]
    return section(
        "Reproduce",
        paragraph("Save the recipe as ", element("code", "recipe.yaml"), " and run:"),
        element("pre", element("code", _command(result))),
        element("h3", "Recipe"),
        element("pre", element("code", escape(result.recipe.rstrip() + "\n"))),
        element("h3", "Made with") if rows else Html(""),
        table([Column("What"), Column("Version")], rows, caption="Made with") if rows else Html(""),
        paragraph(
            "The same recipe, data, versions and number of threads give the same file on a "
            "processor of the same kind; times differ from run to run.",
            class_="small",
        ),
        anchor="reproduce",
    )


def _command(result: Compressed) -> str:
    said = result.versions.get(_COMMAND)
    if said:
        return said
    words = [
        *("espalier", "compress", f"{result.before.name}{_ENDINGS[result.before.format]}"),
        *(("--data", "DATA") if result.evaluation is not None else ()),
        *("--recipe", "recipe.yaml", "-o", PurePath(result.file).name),
        *(("--format", result.format) if result.format else ()),
        *(("--target", result.target) if result.target else ()),
    ]
    return shlex.join(words)


def _footer(result: Compressed) -> Html:
    version = result.versions.get("Espalier", "")
    return join([paragraph(f"Espalier {version}".strip(), class_="small")])
