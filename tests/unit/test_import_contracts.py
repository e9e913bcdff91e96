"""The import contracts of `pyproject.toml` hold, and each one can be seen to fail."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = (
    "torch",
    "onnx",
    "onnx_ir",
    "onnxscript",
    "onnxruntime",
    "sklearn",
    "scipy",
    "pyarrow",
    "PIL",
    "PySide6",
)
LIGHT_TIER = {
    "engine.errors",
    "engine.frozen",
    "engine.paths",
    "engine.info",
    "engine.units",
    "engine.cost",
    "engine.cost_file",
    "engine.correction",
    "engine.factors",
    "engine.curves",
    "engine.budget",
    "engine.costs_measured",
    "engine.details",
    "engine.trials",
    "engine.prediction",
    "engine.preprocessing",
    "engine.preprocessing_file",
    "engine.data_info",
    "engine.registry",
    "engine.layer_table",
    "engine.parameters",
    "engine.recipe",
    "engine.jobs",
}
HEADLESS, LIGHT, CATALOG, STUDIO, DOCUMENT, FAMILIES, LAYERS = (
    "The engine is headless",
    "The light tier stays light",
    "The catalog stays light",
    "The studio knows the light tier only",
    "The document is free of Qt",
    "Families of methods do not know each other",
    "Engine layers",
)


def contracts() -> dict[str, dict[str, object]]:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return {one["name"]: one for one in config["tool"]["importlinter"]["contracts"]}


def lint(folder: Path) -> tuple[int, str]:
    """Exit status and output of import-linter, run as `make check` runs it."""
    program = "import sys; from importlinter.cli import lint_imports_command as run; run()"
    result = subprocess.run(
        [sys.executable, "-c", program, "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return result.returncode, result.stdout + result.stderr


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The packages and the contracts, to be spoiled."""
    only_code = shutil.ignore_patterns("__pycache__", "*.qrc", "*.svg")
    for package in ("engine", "studio"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=only_code)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_contracts_hold() -> None:
    status, output = lint(ROOT)
    assert status == 0, output
    assert f"Contracts: {len(contracts())} kept, 0 broken." in output


@pytest.mark.parametrize(
    ("module", "statement", "broken"),
    [
        ("engine/units.py", "import PySide6.QtCore", {HEADLESS, DOCUMENT}),
        ("engine/recipe/edit.py", "import studio", {HEADLESS}),
        ("engine/jobs/control.py", "import torch", {LIGHT, STUDIO}),
        ("engine/recipe/edit.py", "import engine.network.network", {LIGHT, LAYERS, STUDIO}),
        ("engine/registry.py", "import engine.recipe.model", {LAYERS}),
        ("engine/errors.py", "import engine.frozen", {LAYERS}),
        ("engine/loose_end.py", "import json", {LAYERS}),
        ("engine/methods/pruning/weight.py", "import torch", {CATALOG, STUDIO}),
        ("engine/methods/pruning/weight.py", "import engine.methods.recovery.qat", {FAMILIES}),
        ("studio/status.py", "import engine.readers.open", {STUDIO}),
        ("studio/document/state.py", "import PySide6.QtCore", {DOCUMENT}),
    ],
    ids=[
        *("qt", "studio", "torch", "indirectly", "upwards", "siblings", "unlisted"),
        *("catalog", "families", "heavy", "document"),
    ],
)
def test_each_contract_fails_when_it_is_broken(
    copy: Path, module: str, statement: str, broken: set[str]
) -> None:
    path = copy / module
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text(f"{before}\n{statement}\n", encoding="utf-8")
    status, output = lint(copy)
    assert status == 1, output
    summary = {name: f"{name} BROKEN" in output for name in contracts()}
    assert {name for name, is_broken in summary.items() if is_broken} == broken, output


def test_the_contracts_know_the_whole_light_tier() -> None:
    assert set(contracts()[LIGHT]["source_modules"]) == LIGHT_TIER  # type: ignore[call-overload]  # its kind is known here


def light_modules() -> list[str]:
    """Every module of the light tier that there is."""
    paths = [p for p in (ROOT / "engine").rglob("*.py") if p.name != "__init__.py"]
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in sorted(paths)]
    return [name for name in names if any(f"{name}.".startswith(f"{t}.") for t in LIGHT_TIER)]


def loaded_by(modules: list[str]) -> set[str]:
    """Which heavy packages a fresh interpreter has loaded after importing modules."""
    program = f"""
import importlib, sys
for name in {modules!r}:
    importlib.import_module(name)
print(*sorted(set({HEAVY!r}) & set(sys.modules)))
"""
    result = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return set(result.stdout.split())


def test_importing_the_light_tier_loads_nothing_heavy() -> None:
    modules = light_modules()
    assert len(modules) >= 20
    assert loaded_by(modules) == set()


def test_a_heavy_import_would_be_noticed() -> None:
    assert "PIL" in loaded_by([*light_modules()[:1], "PIL"])
