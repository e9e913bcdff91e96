"""What the program remembers between starts, in the place that the system has for it."""

from __future__ import annotations

import json
import os
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings

RECENT = 12


class Settings:
    """The user's settings; every read checks what it finds, since people edit such files.

    Args:
        path: The file; by default the system's place, or `ESPALIER_SETTINGS`.
    """

    def __init__(self, path: Path | None = None) -> None:
        given = str(path) if path else os.environ.get("ESPALIER_SETTINGS", "")
        if given:
            self._store = QSettings(given, QSettings.Format.IniFormat)
        else:
            self._store = QSettings(
                QSettings.Format.IniFormat, QSettings.Scope.UserScope, "Espalier", "espalier"
            )

    @property
    def language(self) -> str:
        """`system`, `en` or `zh_CN`."""
        return self._choice("language", ("system", "en", "zh_CN"))

    @language.setter
    def language(self, value: str) -> None:
        self._store.setValue("language", value)

    @property
    def theme(self) -> str:
        """`system`, `light` or `dark`."""
        return self._choice("theme", ("system", "light", "dark"))

    @theme.setter
    def theme(self, value: str) -> None:
        self._store.setValue("theme", value)

    @property
    def device(self) -> str:
        """Where networks are trained."""
        return self._choice("device", ("cpu", "cuda", "mps"))

    @device.setter
    def device(self, value: str) -> None:
        self._store.setValue("device", value)

    @property
    def threads(self) -> int:
        """Of the engine; 0: all cores but one."""
        return self._number("threads", 0, 0, 1024)

    @threads.setter
    def threads(self, value: int) -> None:
        self._store.setValue("threads", value)

    @property
    def quick_samples(self) -> int:
        """Evaluation samples while tuning."""
        return self._number("quick_samples", 2000, 10, 10_000_000)

    @quick_samples.setter
    def quick_samples(self, value: int) -> None:
        self._store.setValue("quick_samples", value)

    @property
    def fit_runs(self) -> int:
        """From how many runs a fit learns."""
        return self._number("fit_runs", 7, 1, 50)

    @fit_runs.setter
    def fit_runs(self, value: int) -> None:
        self._store.setValue("fit_runs", value)

    @property
    def recent(self) -> tuple[str, ...]:
        """Projects and models that were opened, the latest first; those that are gone too."""
        try:
            found = json.loads(str(self._store.value("recent", "[]")))
        except ValueError:
            return ()
        if not isinstance(found, list):
            return ()
        return tuple(one for one in found if isinstance(one, str))[:RECENT]

    def remember(self, path: str) -> None:
        """Put a project or a model in front of those that were opened."""
        rest = [one for one in self.recent if one != path]
        self._store.setValue("recent", json.dumps([path, *rest][:RECENT]))

    def forget(self, path: str) -> None:
        """Take one out of the list."""
        self._store.setValue("recent", json.dumps([one for one in self.recent if one != path]))

    def layout(self, name: str) -> QByteArray:
        """What `keep_layout` was given; empty: nothing."""
        value = self._store.value(f"layout/{name}")
        return value if isinstance(value, QByteArray) else QByteArray()

    def keep_layout(self, name: str, value: QByteArray | bytes) -> None:
        """Remember how a window or a table is arranged."""
        self._store.setValue(f"layout/{name}", QByteArray(value))

    def forget_layouts(self) -> None:
        """Arrange everything as at the first start."""
        self._store.remove("layout")

    def flush(self) -> None:
        """Write what was set."""
        self._store.sync()

    def _choice(self, name: str, allowed: tuple[str, ...]) -> str:
        value = str(self._store.value(name, allowed[0]))
        return value if value in allowed else allowed[0]

    def _number(self, name: str, default: int, low: int, high: int) -> int:
        try:
            value = int(str(self._store.value(name, default)))
        except ValueError:
            return default
        return min(max(value, low), high)
