"""Where the program's own files are."""

from __future__ import annotations

from pathlib import Path

RESOURCES = Path(__file__).resolve().parent.parent / "resources"
"""Icons, samples, help: beside the packages in a checkout and in an installed copy alike."""
