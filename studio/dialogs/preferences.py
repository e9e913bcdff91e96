"""What the user prefers: language, look, threads, device, samples while tuning."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QSpinBox, QWidget

from studio.dialogs.frame import Dialog, wrapped


@dataclass(frozen=True, slots=True)
class Preferences:
    """As `studio.settings` keeps them.

    Attributes:
        language: `system`, `en` or `zh_CN`.
        theme: `system`, `light` or `dark`.
        threads: Of the engine; 0: all cores but one.
        device: Where networks are trained: `cpu`, `cuda` or `mps`.
        quick_samples: Evaluation samples while tuning.
    """

    language: str = "system"
    theme: str = "system"
    threads: int = 0
    device: str = "cpu"
    quick_samples: int = 2000


class PreferencesDialog(Dialog):
    """A form; nothing changes before *OK*.

    Args:
        preferences: As they are.
        devices: Those that this machine has.
        cores: Of this machine.
        parent: Owner.
    """

    def __init__(
        self,
        preferences: Preferences,
        devices: Iterable[str] = ("cpu",),
        cores: int = 1,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("", 64, parent)
        self.setWindowTitle(self.tr("Preferences"))
        self._before = preferences
        self.language = self._choice(
            [
                ("system", self.tr("As the system")),
                ("en", "English"),
                ("zh_CN", "简体中文"),
            ],
            preferences.language,
        )
        self.theme = self._choice(
            [
                ("system", self.tr("As the system")),
                ("light", self.tr("Light")),
                ("dark", self.tr("Dark")),
            ],
            preferences.theme,
        )
        self.threads = QSpinBox(self)
        self.threads.setRange(0, max(cores, preferences.threads, 1))
        self.threads.setSpecialValueText(self.tr("All cores but one"))
        self.threads.setValue(preferences.threads)
        names = {
            "cpu": self.tr("Processor (CPU)"),
            "cuda": self.tr("NVIDIA graphics card (CUDA)"),
            "mps": self.tr("Apple graphics (MPS)"),
        }
        here = list(dict.fromkeys(["cpu", *devices]))
        self.device = self._choice([(one, names.get(one, one)) for one in here], preferences.device)
        self.samples = QSpinBox(self)
        self.samples.setRange(10, 10_000_000)
        self.samples.setSingleStep(500)
        self.samples.setGroupSeparatorShown(True)
        self.samples.setValue(preferences.quick_samples)
        self.restart = wrapped("", self, "secondary")
        self._lay_out()
        self.buttons.addStretch(1)
        self.cancel = self.button(self.tr("Cancel"))
        self.ok = self.button(self.tr("OK"), "primary")
        self.ok.setDefault(True)
        self.cancel.clicked.connect(self.reject)
        self.ok.clicked.connect(self.accept)
        self.language.currentIndexChanged.connect(self._tell_restart)
        self.threads.valueChanged.connect(self._tell_restart)

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(self.sizes.wide)
        grid.setVerticalSpacing(self.sizes.small)
        grid.setColumnStretch(1, 1)
        rows = (
            (self.tr("Language"), self.language, ""),
            (self.tr("Colors"), self.theme, ""),
            (
                self.tr("Threads"),
                self.threads,
                self.tr("What the engine computes with. One core is left for the window."),
            ),
            (
                self.tr("Train on"),
                self.device,
                self.tr("Accuracy and latency are always measured on the processor."),
            ),
            (
                self.tr("Quick samples"),
                self.samples,
                self.tr("Evaluation samples while tuning; a final trial takes all."),
            ),
        )
        for title, editor, remark in rows:
            editor.setAccessibleName(title)
            row = grid.rowCount()
            grid.addWidget(QLabel(title, self), row, 0)
            grid.addWidget(editor, row, 1)
            if remark:
                editor.setAccessibleDescription(remark)
                grid.addWidget(wrapped(remark, self, "secondary"), row + 1, 1)
            grid.setRowMinimumHeight(row + 2, self.sizes.small)
        self.column.addLayout(grid)
        self.column.addWidget(self.restart)
        self.column.addStretch(1)

    def _choice(self, items: list[tuple[str, str]], now: str) -> QComboBox:
        box = QComboBox(self)
        for value, text in items:
            box.addItem(text, value)
        box.setCurrentIndex(max(box.findData(now), 0))
        return box

    @property
    def answer(self) -> Preferences:
        """As they are chosen."""
        return Preferences(
            str(self.language.currentData()),
            str(self.theme.currentData()),
            self.threads.value(),
            str(self.device.currentData()),
            self.samples.value(),
        )

    def _tell_restart(self) -> None:
        now = self.answer
        later = (now.language, now.threads) != (self._before.language, self._before.threads)
        text = self.tr("Language and threads change when Espalier is started again.")
        self.restart.setText(text if later else "")
