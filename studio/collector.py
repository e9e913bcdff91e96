"""Python's garbage, collected on the window's thread alone.

Python looks for cycles of garbage on whichever thread happens to make the next object. Among them
may be what belongs to Qt - timers, widgets, pictures - and Qt's objects must die on their own
thread: on the engine's they take the program with them.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer, Slot

COLLECT_AFTER = (20_000, 20, 50)
"""New objects, and younger collections: with Python's own numbers a drag stops dozens of times."""
_EVERY_MS = 100


class Collector(QObject):
    """Collects now and then, in place of Python, which no longer does.

    Args:
        parent: On the thread that collects.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)
        self._timer.start(_EVERY_MS)

    @Slot()
    def _look(self) -> None:
        collect_if_due()


def collect_if_due() -> int | None:
    """Collect the oldest generation that is due.

    Returns:
        Its number, 0 to 2; None: nothing is due.
    """
    due = [age for age, count in enumerate(gc.get_count()) if count > COLLECT_AFTER[age]]
    if not due:
        return None
    gc.collect(due[-1])
    return due[-1]
