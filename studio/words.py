"""Texts that come from the engine, in the user's language.

The engine's titles, summaries, reasons and notes are English sentences; their translations are kept
under one context, which the catalog of translations lists from the registry.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

CONTEXT = "engine"


def word(text: str) -> str:
    """A text of the engine, translated if there is a translation."""
    return QCoreApplication.translate(CONTEXT, text) if text else ""
