"""Rules that no linter knows, each with its reason.

Every rule is a function from a file to complaints, so that a test below can show it a bad example:
a rule that cannot complain is no rule.
"""

from __future__ import annotations

import ast
import dataclasses
import re
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

import pytest

from engine.jobs import events, requests

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).relative_to(ROOT).as_posix()
TEXT = {".py", ".md", ".toml", ".txt", ".yaml", ".yml", ".json", ".cfg", ".ini", ".sh", ""}

Rule = Callable[[str, str], Iterator[str]]


@lru_cache(maxsize=1)
def tracked() -> tuple[str, ...]:
    """Files of the repository, those that are not committed yet as well."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):  # an unpacked archive, without git
        found = (p.relative_to(ROOT) for p in ROOT.rglob("*") if p.is_file())
        hidden = (".", "build", "dist")
        return tuple(str(p) for p in found if not p.parts[0].startswith(hidden))
    return tuple(name for name in listed.stdout.splitlines() if (ROOT / name).is_file())


def complaints(rule: Rule, prefixes: tuple[str, ...] = ("",), ending: str = "") -> list[str]:
    found: list[str] = []
    for name in tracked():
        path = ROOT / name
        if not name.startswith(prefixes) or not name.endswith(ending) or path.suffix not in TEXT:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [f"{name}: {complaint}" for complaint in rule(name, text)]
    return found


def empty_init(name: str, text: str) -> Iterator[str]:
    """Importing `a.b` runs `a/__init__.py`, unseen by the import contracts."""
    if name.endswith("__init__.py") and text.strip():
        yield "is not empty"


def no_machine_paths(name: str, text: str) -> Iterator[str]:
    """A path of somebody's machine works nowhere else, and tells about the machine."""
    if name == HERE:
        return
    for match in re.finditer(r"(?<![\w.~/-])/(home|root|Users|work)/[\w.]+", text):
        if match[0] in {"/home/me", "/home/user", "/Users/me"}:  # nobody's: an example in a test
            continue
        yield f"names {match[0]}"


def no_unfinished_work(name: str, text: str) -> Iterator[str]:
    """What is not done is an issue, where somebody sees it, or does not pretend to be there."""
    if name == HERE:
        return
    for match in re.finditer(r"\b(TODO|FIXME|XXX)\b|raise NotImplementedError", text):
        yield f"has {match[0]}"


def american_spelling(name: str, text: str) -> Iterator[str]:
    """One word, one spelling: names that differ by a letter are not found again."""
    if name == HERE:
        return
    words = (
        r"colour|behaviour|neighbour|centre\b|grey\b|(normal|quant|initial|optim|serial)is(e|ed|es|ing"
        r"|ation)\b|factoris|analyse\b|licence\b"
    )
    for match in re.finditer(words, text):
        yield f"spells {match[0]}"


def own_data_in_tests(name: str, text: str) -> Iterator[str]:
    """A test that needs files from elsewhere fails in a fresh clone. Benchmarks may look."""
    if name == HERE or name.startswith("tests/bench/"):
        return
    if re.search(r"\bshared/(data|spikes|design)|[\"']shared[\"']", text):
        yield "reads the shared folder"


def expectations_in_tests(name: str, text: str) -> Iterator[str]:
    """A test without an expectation is run for nothing."""
    if not name.rpartition("/")[2].startswith("test_"):
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            asserts = any(isinstance(inner, ast.Assert) for inner in ast.walk(node))
            called = {
                inner.func.attr if isinstance(inner.func, ast.Attribute) else inner.func.id
                for inner in ast.walk(node)
                if isinstance(inner, ast.Call) and isinstance(inner.func, (ast.Attribute, ast.Name))
            }
            checks = {
                n for n in called if n.startswith(("assert", "agree", "check", "compare", "expect"))
            }
            checks |= called & {"raises", "warns", "fail"}
            if not asserts and not checks:
                yield f"line {node.lineno}: {node.name} expects nothing"


def no_long_sleep_in_tests(name: str, text: str) -> Iterator[str]:
    """A test waits for something to happen, not for time to pass (what it starts may hang)."""
    if not name.rpartition("/")[2].startswith("test_"):
        return
    for test in ast.walk(ast.parse(text)):
        if not isinstance(test, ast.FunctionDef) or not test.name.startswith("test_"):
            continue
        for node in ast.walk(test):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"sleep", "time.sleep"}:
                seconds = node.args[0]
                if isinstance(seconds, ast.Constant) and float(str(seconds.value)) > 0.3:
                    yield f"line {node.lineno}: {test.name} sleeps {seconds.value} s"


def broad_excepts_say_why(name: str, text: str) -> Iterator[str]:
    """Catching everything is right in few places, and each of them has a reason."""
    for number, line in enumerate(text.splitlines(), start=1):
        if re.search(r"noqa:.*\b(BLE001|S30\d)\b", line) and not re.search(
            r"noqa: [A-Z0-9, ]+\s+(-|#|\()\s*\w", line
        ):
            yield f"line {number}: says not why"


def unchecked_types_say_why(name: str, text: str) -> Iterator[str]:
    """Where the type checker is told to pass over something, whoever reads it must know better."""
    if name == HERE:
        return
    for number, line in enumerate(text.splitlines(), start=1):
        if re.search(r"type: ignore(\[[a-z, -]*\])?\s*$", line):
            yield f"line {number}: says not why"


RULES: list[tuple[Rule, tuple[str, ...], str, tuple[str, str]]] = [
    (empty_init, ("engine/",), "__init__.py", ("engine/__init__.py", "import os")),
    (no_machine_paths, ("",), "", ("a.py", "open('/root/model.onnx')")),
    (no_unfinished_work, ("engine/", "studio/", "tests/"), ".py", ("a.py", "# TODO: later")),
    (american_spelling, ("engine/", "studio/", "tests/"), ".py", ("a.py", "colour = 3")),
    (own_data_in_tests, ("tests/", "engine/", "studio/"), ".py", ("a", "'shared/data'")),
    (expectations_in_tests, ("tests/",), ".py", ("test_a.py", "def test_it():\n    run()\n")),
    (
        no_long_sleep_in_tests,
        ("tests/",),
        ".py",
        ("test_a.py", "def test_it():\n    time.sleep(5)\n"),
    ),
    (broad_excepts_say_why, ("engine/", "studio/"), ".py", ("a.py", "except: # noqa: BLE001")),
    (
        unchecked_types_say_why,
        ("engine/", "studio/", "tests/"),
        ".py",
        ("a.py", "f(1)  # type: ignore[misc]"),
    ),
]
NAMES = [rule.__name__ for rule, *_ in RULES]


@pytest.mark.parametrize(("rule", "prefixes", "ending", "_bad"), RULES, ids=NAMES)
def test_rule(rule: Rule, prefixes: tuple[str, ...], ending: str, _bad: tuple[str, str]) -> None:
    found = complaints(rule, prefixes, ending)
    assert not found, f"{rule.__doc__}\n" + "\n".join(found)


@pytest.mark.parametrize(("rule", "_prefixes", "_ending", "bad"), RULES, ids=NAMES)
def test_rule_complains_of_a_bad_example(
    rule: Rule, _prefixes: tuple[str, ...], _ending: str, bad: tuple[str, str]
) -> None:
    assert list(rule(*bad))
    assert not list(rule(bad[0], ""))
    assert rule.__doc__


def test_rules_are_shown_the_repository() -> None:
    assert {"pyproject.toml", "engine/errors.py", HERE} <= set(tracked())


@pytest.mark.parametrize("module", [events, requests], ids=["events", "requests"])
def test_messages_between_threads_are_frozen(module: object) -> None:
    """Requests and events cross threads and processes: nobody may change them on the way."""
    classes = [
        thing
        for thing in vars(module).values()
        if dataclasses.is_dataclass(thing) and thing.__module__ == module.__name__  # type: ignore[attr-defined]  # its kind is known here
    ]
    assert len(classes) >= 5
    for one in classes:
        assert one.__dataclass_params__.frozen, one  # type: ignore[union-attr]  # its kind is known here
        assert "Callable" not in str([field.type for field in dataclasses.fields(one)]), one


def test_versions_that_the_tests_ran_with_are_written_down() -> None:
    """Otherwise a fresh clone next year is another program."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    pinned = {
        line.partition("==")[0].strip().lower().replace("_", "-")
        for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
        if "==" in line
    }
    names = {re.split(r"[^\w.-]", one)[0].lower().replace("_", "-") for one in wanted}
    assert names - {"espalier"} <= pinned
