"""What Qt complained of while a test ran."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import QtMsgType

_WORTH_TELLING = (QtMsgType.QtWarningMsg, QtMsgType.QtCriticalMsg)
_OF_THE_MACHINE = (
    "This plugin does not support ",  # of a platform without a screen
    "Sandboxing disabled by user",
    "QRhiGles2: ",
    "Failed to create RHI",
    "QVulkanInstance: ",
    "GBM is not supported",
    "GPUInfo not initialized",
    "Release of profile requested",
)
"""How messages begin that say something of the machine, not of us."""


def complaints(records: Iterable[Any]) -> list[str]:
    """Warnings of Qt that we have caused, of the records of pytest-qt's `qtlog`."""
    return [
        record.message
        for record in records
        if record.type in _WORTH_TELLING and not record.message.startswith(_OF_THE_MACHINE)
    ]
