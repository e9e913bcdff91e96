"""The style sheet: flat headers and buttons, thin lines, room around words.

Properties that widgets set and the sheet reads: `role` of a button (`primary`, `flat`, `link`),
`state` of an editor (`error`), `tone` of a label (`secondary`, `error`, `warning`, `title`) and of
a frame (`card`, `chosen`, `panel`).
"""

from __future__ import annotations

from dataclasses import asdict
from string import Template

from PySide6.QtWidgets import QWidget

from studio.style.metrics import metrics
from studio.style.palette import Colors

_SHEET = Template("""
QToolTip {
  color: $text; background: $raised; border: 1px solid $strong_border; padding: ${small}px;
}
QLabel[tone="secondary"] { color: $secondary; }
QLabel:disabled, QLabel[tone="secondary"]:disabled { color: $disabled; }
QLabel[tone="error"] { color: $error; }
QLabel[tone="warning"] { color: $warning; }
QLabel[tone="title"] { font-weight: 600; }
QFrame[tone="card"] {
  background: $raised; border: 1px solid $border; border-radius: ${radius}px;
}
QFrame[tone="card"]:hover { border-color: $strong_border; }
QFrame[tone="chosen"] {
  background: $raised; border: 1px solid $accent; border-radius: ${radius}px;
}
QFrame[tone="lifted"] {
  background: $window; border: 1px dashed $accent; border-radius: ${radius}px;
}
QFrame[tone="head"] { border: 1px solid transparent; border-radius: ${radius}px; }
QFrame[tone="head"]:focus { border-color: $accent; }
QFrame[tone="head"]:hover { background: $hover; }
QDialog[tone="popup"] { background: $window; border: 1px solid $strong_border; }
QFrame[tone="info"] { background: $info_ground; border: none; border-left: 3px solid $accent; }
QFrame[tone="warning"] {
  background: $warning_ground; border: none; border-left: 3px solid $warning;
}
QFrame[tone="error"] { background: $error_ground; border: none; border-left: 3px solid $error; }
QLabel[tone="warning"], QLabel[tone="error"], QLabel[tone="info"] {
  background: transparent; border: none;
}

QPushButton {
  background: $raised; border: 1px solid $strong_border; border-radius: ${radius}px;
  padding: ${hair}px ${wide}px; min-height: ${inner}px;
}
QPushButton:hover { background: $hover; }
QPushButton:pressed, QPushButton:checked { background: $pressed; }
QPushButton:focus { border-color: $accent; }
QPushButton:disabled { color: $disabled; border-color: $border; }
QPushButton::menu-indicator {
  image: url(marks:down.svg); width: ${mark}px; height: ${mark}px;
  subcontrol-origin: padding; subcontrol-position: center right; right: ${small}px;
}
QPushButton[role="primary"] { background: $accent; color: $on_accent; border-color: $accent; }
QPushButton[role="primary"]:hover { background: $accent_hover; }
QPushButton[role="primary"]:focus { border-color: $text; }
QPushButton[role="primary"]:disabled {
  background: $pressed; color: $disabled; border-color: $pressed;
}
QPushButton[role="link"] {
  background: transparent; border-color: transparent; color: $accent; text-align: left;
  padding: ${hair}px ${small}px;
}
QPushButton[role="link"]:hover { background: $hover; }
QPushButton[role="link"]:focus { border-color: $accent; }

QToolButton {
  background: transparent; border: 1px solid transparent; border-radius: ${radius}px;
  padding: ${hair}px;
}
QToolButton:hover { background: $hover; }
QToolButton:pressed, QToolButton:checked { background: $pressed; }
QToolButton:focus { border-color: $accent; }
QToolButton:disabled { color: $disabled; }
QToolButton[role="section"], QToolButton[role="section"]:checked {
  color: $secondary; background: transparent; text-align: left;
}
QToolButton[role="section"]:hover { color: $text; }
QToolButton[popupMode="1"], QToolButton[popupMode="2"] { padding-right: ${drop}px; }
QToolButton::menu-button { border: none; width: ${drop}px; }
QToolButton::menu-arrow, QToolButton::menu-indicator {
  image: url(marks:down.svg); width: ${mark}px; height: ${mark}px;
  subcontrol-origin: padding; subcontrol-position: center right; right: ${small}px;
}
QToolButton::menu-arrow { right: 0; subcontrol-position: center; }
QToolButton[role="framed"] { background: $raised; border-color: $strong_border; }
QToolButton[role="framed"]:hover { background: $hover; }
QToolButton[role="framed"]:focus { border-color: $accent; }
QToolButton[role="framed"]:disabled { color: $disabled; border-color: $border; }
QToolButton[role="icon"] { padding: ${hair}px; }
QToolButton[role="icon"]::menu-indicator { image: none; }

QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox, QComboBox {
  background: $base; border: 1px solid $strong_border; border-radius: ${radius}px;
  selection-background-color: $accent; selection-color: $on_accent;
}
QLineEdit, QAbstractSpinBox, QComboBox { padding: ${hair}px ${small}px; min-height: ${inner}px; }
QAbstractSpinBox { padding-left: ${gap}px; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QAbstractSpinBox:focus, QComboBox:focus {
  border-color: $accent;
}
QLineEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled {
  background: $window; border-color: $border; color: $disabled;
}
QLineEdit[state="error"], QComboBox[state="error"], QAbstractSpinBox[state="error"] {
  border-color: $error; background: $error_ground;
}
QComboBox::drop-down { border: none; width: ${drop}px; }
QComboBox::down-arrow { image: url(marks:down.svg); width: ${mark}px; height: ${mark}px; }
QComboBox QAbstractItemView {
  background: $raised; border: 1px solid $strong_border; outline: none;
  selection-background-color: $selection; selection-color: $text;
}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {
  border: none; background: transparent; width: ${drop}px;
}
QAbstractSpinBox::up-arrow { image: url(marks:up.svg); width: ${mark}px; height: ${mark}px; }
QAbstractSpinBox::down-arrow { image: url(marks:down.svg); width: ${mark}px; height: ${mark}px; }

QCheckBox, QRadioButton { spacing: ${gap}px; }
QCheckBox::indicator, QRadioButton::indicator, QMenu::indicator, QAbstractItemView::indicator {
  width: ${box}px; height: ${box}px; background: $base; border: 1px solid $strong_border;
}
QCheckBox::indicator, QMenu::indicator, QAbstractItemView::indicator { border-radius: 3px; }
QRadioButton::indicator { border-radius: ${round}px; }
QCheckBox::indicator:hover, QRadioButton::indicator:hover { border-color: $accent; }
QCheckBox:focus, QRadioButton:focus { color: $accent; }
QCheckBox::indicator:checked, QMenu::indicator:checked, QAbstractItemView::indicator:checked {
  background: $accent; border-color: $accent; image: url(marks:check-$theme.svg);
}
QCheckBox::indicator:indeterminate, QAbstractItemView::indicator:indeterminate {
  background: $accent; border-color: $accent; image: url(marks:dash-$theme.svg);
}
QRadioButton::indicator:checked {
  background: $accent; border-color: $accent; image: url(marks:dot-$theme.svg);
}
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled {
  background: $pressed; border-color: $border;
}

QSlider::groove:horizontal { height: ${hair}px; background: $pressed; border-radius: 1px; }
QSlider::sub-page:horizontal { background: $accent; border-radius: 1px; }
QSlider::handle:horizontal {
  background: $raised; border: 2px solid $accent; width: ${knob}px; height: ${knob}px;
  margin: -${knob_out}px 0; border-radius: ${knob_round}px;
}
QSlider::handle:horizontal:hover { background: $selection; }
QSlider::handle:horizontal:focus { background: $accent; }
QSlider::sub-page:horizontal:disabled { background: $dimmed; }
QSlider::handle:horizontal:disabled { border-color: $dimmed; }
QRangeSlider, QDoubleRangeSlider { qproperty-barColor: $accent; }

QHeaderView { background: $window; border: none; }
QHeaderView::section {
  background: $window; color: $secondary; border: none; border-bottom: 1px solid $border;
  padding: ${small}px ${gap}px;
}
QHeaderView::section:hover { color: $text; background: $hover; }
QTableCornerButton::section { background: $window; border: none; }
QAbstractItemView {
  border: none; gridline-color: $border; outline: none; alternate-background-color: $window;
  selection-background-color: $selection; selection-color: $text;
}

QTreeWidget::item, QListWidget::item, QTableWidget::item { padding: ${hair}px 0; }

QTabWidget::pane { border: none; border-top: 1px solid $border; }
QTabBar { qproperty-drawBase: 0; }
QTabBar::tab {
  background: transparent; color: $secondary; border: none; border-bottom: 2px solid transparent;
  padding: ${small}px ${wide}px;
}
QTabBar::tab:hover { color: $text; background: $hover; }
QTabBar::tab:selected { color: $text; border-bottom-color: $accent; }
QTabBar::tab:focus { color: $accent; }

QMenuBar { background: $window; border-bottom: 1px solid $border; }
QMenuBar::item { background: transparent; padding: ${small}px ${gap}px; }
QMenuBar::item:selected { background: $hover; }
QMenu { background: $raised; border: 1px solid $strong_border; padding: ${small}px; }
QMenu::item { padding: ${small}px ${wide}px; border-radius: ${radius}px; }
QMenu::item:selected { background: $selection; color: $text; }
QMenu::item:disabled { color: $disabled; }
QMenu::separator { height: 1px; background: $border; margin: ${small}px; }

QToolBar { background: $window; border: none; spacing: ${small}px; padding: ${small}px; }
QStatusBar { background: $window; border-top: 1px solid $border; }
QStatusBar::item { border: none; }
QMainWindow::separator { background: $border; width: 1px; height: 1px; }
QMainWindow::separator:hover { background: $accent; }
QSplitter::handle { background: $border; }
QSplitter::handle:hover { background: $accent; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }
QDockWidget { titlebar-close-icon: none; titlebar-normal-icon: none; }
QDockWidget::title {
  background: $window; border-bottom: 1px solid $border; padding: ${small}px ${gap}px;
}
QScrollArea { background: transparent; border: none; }
QScrollBar { background: transparent; border: none; }
QScrollBar:vertical { width: ${bar}px; }
QScrollBar:horizontal { height: ${bar}px; }
QScrollBar::handle { background: $strong_border; border-radius: 2px; margin: 2px; }
QScrollBar::handle:vertical { min-height: ${grip}px; }
QScrollBar::handle:horizontal { min-width: ${grip}px; }
QScrollBar::handle:hover { background: $secondary; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QProgressBar {
  background: $pressed; border: none; border-radius: 2px; text-align: center; color: $text;
  max-height: ${line}px;
}
QProgressBar::chunk { background: $running; border-radius: 2px; }
QGroupBox { border: none; font-weight: 600; margin-top: ${line}px; }
QGroupBox::title { subcontrol-origin: margin; left: 0; }
""")


def sheet(chosen: Colors, *, dark: bool) -> str:
    """The style sheet for these colors and the program's font."""
    distances = metrics()
    line = distances.line
    knob = max(8, round(line * 0.62))
    sizes = {
        "hair": distances.hair,
        "small": distances.small,
        "gap": distances.gap,
        "wide": distances.wide,
        "line": line,
        "radius": distances.radius,
        "inner": round(line * 1.15),
        "box": round(line * 0.85),
        "round": round(line * 0.425),
        "mark": round(line * 0.7),
        "drop": round(line * 1.2),
        "knob": knob,
        "knob_out": round((knob + 4 - distances.hair) / 2),
        "knob_round": knob // 2 + 2,
        "bar": max(8, round(line * 0.65)),
        "grip": line * 2,
    }
    theme = "dark" if dark else "light"
    hover = "#7fc0ef" if dark else "#12568f"
    return _SHEET.substitute(asdict(chosen), **sizes, theme=theme, accent_hover=hover)


def set_property(widget: QWidget, name: str, value: str) -> None:
    """Set a property that the sheet reads, and let the sheet be read again for this widget."""
    if widget.property(name) == value:
        return
    widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)
