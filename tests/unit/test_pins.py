"""The pinned versions are among those that the project says it works with."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]


def requirements() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    texts = [*project["dependencies"], *(text for extra in extras for text in extra)]
    return [one for one in map(Requirement, texts) if one.name != "espalier"]


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split("==") for line in lines if line and not line.startswith("#"))
    return {name.lower().replace("_", "-"): version for name, version in pairs}


@pytest.mark.parametrize("requirement", requirements(), ids=lambda one: one.name)
def test_a_requirement_admits_its_pin(requirement: Requirement) -> None:
    pinned = pins()[requirement.name.lower().replace("_", "-")]
    assert requirement.specifier.contains(pinned)


def test_pyside_is_kept_from_the_version_that_loses_references_to_none() -> None:
    (requirement,) = [one for one in requirements() if one.name == "PySide6"]
    assert not requirement.specifier.contains("6.12.0")
