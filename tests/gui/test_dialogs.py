"""Dialogs: plain values in, plain values out."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

import engine.methods.catalog
from engine.errors import EngineError
from engine.info import AccuracySource, Compressed, Format, Metrics, NetworkInfo
from engine.registry import REGISTRY
from studio.dialogs.about import AboutDialog
from studio.dialogs.architecture import Answer, ArchitectureDialog, factories
from studio.dialogs.export import ExportDialog, FormatChoice
from studio.dialogs.help import HelpWindow, Page, method_pages, written_pages
from studio.dialogs.preferences import Preferences, PreferencesDialog
from studio.dialogs.report import ReportWindow
from studio.dialogs.trust import TrustDialog, is_dangerous
from studio.document.messages import Export

assert engine.methods.catalog

RESOURCES = Path(__file__).parents[2] / "resources"


# Trust -----------------------------------------------------------------------------------------


@pytest.fixture
def trust(qtbot: QtBot) -> TrustDialog:
    dialog = TrustDialog("/models/strange.pth")
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_the_safe_answer_is_the_default(qtbot: QtBot, trust: TrustDialog) -> None:
    assert trust.cancel.isDefault()
    assert trust.focusWidget() is trust.cancel
    with qtbot.waitSignal(trust.rejected):
        qtbot.keyClick(trust, Qt.Key.Key_Return)


def test_trust_is_given_on_its_own_button_alone(qtbot: QtBot, trust: TrustDialog) -> None:
    trust.trust.setFocus()
    with qtbot.waitSignal(trust.accepted):
        qtbot.keyClick(trust.trust, Qt.Key.Key_Return)
    assert trust.result() == TrustDialog.DialogCode.Accepted


def test_what_a_file_imports_is_listed_the_worst_first(trust: TrustDialog) -> None:
    assert "Looking" in trust.found.text()
    trust.show_imports(("mylib.Net", "os.system"), ("collections.OrderedDict",))
    assert [trust.list.item(row).text() for row in range(2)] == ["os.system", "mylib.Net"]
    assert not trust.list.item(0).icon().isNull()
    assert trust.list.item(1).icon().isNull()
    assert "1 names" in trust.rest.text()
    trust.show_imports(())
    assert trust.list.isHidden()
    assert "nothing beyond" in trust.found.text()
    trust.show_unknown("It is encrypted.")
    assert "cannot be told" in trust.found.text()


@pytest.mark.parametrize(
    ("name", "bad"),
    [("os.system", True), ("subprocess.Popen", True), ("builtins.eval", True), ("oslo.x", False)],
)
def test_names_that_can_do_harm(name: str, bad: bool) -> None:
    assert is_dangerous(name) is bad


def test_words_of_a_dialog_are_never_cut(trust: TrustDialog) -> None:
    trust.show_imports(("a.b", "os.system"))
    QApplication.processEvents()
    trust.resize(trust.minimumWidth(), trust.minimumHeight())
    for label in (trust.found, trust.hint):
        assert label.height() >= label.heightForWidth(label.width())


# Architecture ----------------------------------------------------------------------------------

CODE = """
import os
os.makedirs("this/must/not/happen")
class Block(nn.Module):
    def __init__(self, channels): ...
class Net(torch.nn.Module):
    def __init__(self, width=16): ...
class Config: ...
def train_it(): ...
def make(width): ...
def build_small(width=8): ...
def _hidden(): ...
"""


def test_factories_are_found_without_running_anything(tmp_path: Path) -> None:
    file = tmp_path / "net.py"
    file.write_text(CODE)
    assert factories(str(file)).names == ("build_small", "Net", "Config", "train_it")
    file.write_text("def f(:")
    assert (factories(str(file)).fault, factories(str(file)).line) == ("syntax", 1)
    file.write_bytes(b"\x00\xff")
    assert factories(str(file)).fault == "syntax"
    assert factories(str(tmp_path / "none.py")).fault == "missing"
    file.write_text("x = 1")
    assert factories(str(file)).fault == "none"


def test_an_architecture_needs_file_name_shape_and_trust(qtbot: QtBot, tmp_path: Path) -> None:
    file = tmp_path / "net.py"
    file.write_text(CODE)
    dialog = ArchitectureDialog("weights.safetensors")
    qtbot.addWidget(dialog)
    dialog.set_file(str(file))
    assert dialog.factory.currentText() == "build_small"
    assert not dialog.open_button.isEnabled()
    dialog.shape.setText("3 × 32, 32")
    dialog.trust.setChecked(True)
    assert dialog.open_button.isEnabled()
    assert dialog.answer == Answer(f"{file}:build_small", "3x32x32")
    dialog.shape.setText("large")
    assert dialog.shape.property("state") == "error"
    assert not dialog.open_button.isEnabled()
    dialog.shape.setText("10")
    dialog.set_file(str(tmp_path / "other.py"))
    assert not dialog.trust.isChecked()  # trust was for the other file
    assert "no such file" in dialog.note.text()


# Export ----------------------------------------------------------------------------------------

PROMISE = Metrics(176_000, latency_ms=1.22)
ORIGINAL = Metrics(1_090_000, latency_ms=1.9, top1=0.9165, source=AccuracySource.LABELS, samples=10)
FORMATS = (
    FormatChoice("onnx", ".onnx", PROMISE, targeted=True),
    FormatChoice("pt2", ".pt2", reason="It holds no integers."),
    FormatChoice("safetensors", ".safetensors", Metrics(200_000)),
)


@pytest.fixture
def export(qtbot: QtBot, tmp_path: Path) -> ExportDialog:
    dialog = ExportDialog(FORMATS, str(tmp_path / "net.onnx"), ORIGINAL, "8 bits", trial=3)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def compressed(path: str, *, verified: bool = True) -> Compressed:
    info = NetworkInfo("net", Format.ONNX, (), (), (), (), 1, 1)
    measured = Metrics(180_500, latency_ms=1.02, top1=0.9135)
    return Compressed(
        path, "onnx", "auto", "", PROMISE, measured, ORIGINAL, verified, 1.2e-5, (), info, info,
        seconds=132.0, report="/r.html", notes=("Two layers stayed float.",),
    )  # fmt: skip


def test_an_export_is_asked_for(qtbot: QtBot, export: ExportDialog, tmp_path: Path) -> None:
    export.target.setCurrentIndex(export.target.findData("arm"))
    with qtbot.waitSignal(export.export_wanted) as told:
        export.export_button.click()
    report = str(tmp_path / "net.report.html")
    assert told.args == [Export(str(tmp_path / "net.onnx"), "onnx", "arm", report, True, 3)]
    assert not export.form.isEnabled()
    export.show_progress("Distilling", 0.25)
    assert export.progress.value() == export.progress.maximum() // 4
    with qtbot.waitSignal(export.cancel_wanted):
        export.cancel.click()
    assert export.isVisible()
    export.show_error(None)
    assert export.form.isEnabled()


def test_a_format_that_cannot_be_says_why(export: ExportDialog) -> None:
    item = export.format.model().item(1)  # type: ignore[attr-defined]  # its kind is known here
    assert not item.isEnabled()
    assert "It holds no integers." in export.format_note.text()


def test_the_ending_and_the_promise_follow_the_format(export: ExportDialog) -> None:
    assert export.numbers.cells["size_bytes", 1].text() == "~176 KB"
    export.format.setCurrentIndex(2)
    assert export.path.text().endswith("net.safetensors")
    assert export.numbers.cells["size_bytes", 1].text() == "~200 KB"
    assert not export.target.isEnabled()
    assert export.answer is not None
    assert export.answer.target == "auto"
    export.set_predicted("safetensors", Metrics(150_000))
    assert export.numbers.cells["size_bytes", 1].text() == "~150 KB"


def test_where_to_is_checked(export: ExportDialog, tmp_path: Path) -> None:
    export.path.setText(str(tmp_path / "gone" / "net.onnx"))
    assert not export.export_button.isEnabled()
    assert "no such folder" in export.exists.text()
    (tmp_path / "old.onnx").write_text("")
    export.path.setText(str(tmp_path / "old.onnx"))
    assert "replaced" in export.exists.text()
    assert export.export_button.isEnabled()


def test_the_verdict(qtbot: QtBot, export: ExportDialog) -> None:
    export.export_button.click()
    export.show_result(compressed("/out/net.onnx"))
    assert export.status.text().startswith("Verified")
    assert "0.001 %" in export.status.text()
    assert "Two layers stayed float." in export.status.text()
    shown = [export.numbers.cells["size_bytes", column].text() for column in range(3)]
    assert shown == ["1.09 MB", "~176 KB", "180 KB"]
    with qtbot.waitSignal(export.folder_wanted) as folder:
        export.folder_button.click()
    assert folder.args == ["/out/net.onnx"]
    with qtbot.waitSignal(export.report_wanted):
        export.report_button.click()
    with qtbot.waitSignal(export.accepted):
        export.export_button.click()


def test_what_is_not_verified_is_not_called_so(export: ExportDialog) -> None:
    export.show_result(compressed("/out/net.onnx", verified=False))
    assert "not verified" in export.status.text()
    assert export.status.property("tone") == "error"


def test_a_failed_export_shows_its_hint(export: ExportDialog) -> None:
    export.export_button.click()
    export.show_error(EngineError("The disk is full.", hint="Free 2 MB."))
    assert export.status.text() == "The disk is full.\nFree 2 MB."
    assert export.export_button.isEnabled()


# About, report, preferences --------------------------------------------------------------------


def test_about_copies_versions(qtbot: QtBot) -> None:
    dialog = AboutDialog("0.1.0", {"Python": "3.11"}, "MIT")
    qtbot.addWidget(dialog)
    dialog.show_versions({"Python": "3.11", "PyTorch": "2.13"})
    assert dialog.table.rowCount() == 2
    assert dialog.tabs.count() == 2
    dialog.copy.click()
    expected = "Espalier: 0.1.0\nPython: 3.11\nPyTorch: 2.13"
    assert QApplication.clipboard().text() == expected


def test_each_mistake_is_listed_once(qtbot: QtBot) -> None:
    window = ReportWindow({"Python": "3.11"})
    qtbot.addWidget(window)
    assert not window.isModal()
    assert window.tell("KeyError: 'x'", "trace one")
    assert not window.tell("KeyError: 'x'", "trace one")
    assert window.tell("ValueError", "trace two {0}")
    assert window.list.count() == 2
    assert window.list.item(0).text() == "KeyError: 'x' (2 times)"
    assert window.text.toPlainText() == "trace two {0}"
    window.list.setCurrentRow(0)
    window.copy.click()
    copied = QApplication.clipboard().text()
    assert copied == "KeyError: 'x'\n\ntrace one\n\nPython: 3.11\n"


def test_preferences(qtbot: QtBot) -> None:
    before = Preferences("zh_CN", "dark", 3, "cuda", 5000)
    dialog = PreferencesDialog(before, ("cpu", "cuda"), cores=8)
    qtbot.addWidget(dialog)
    assert dialog.answer == before
    assert dialog.restart.text() == ""
    dialog.threads.setValue(0)
    assert "again" in dialog.restart.text()
    dialog.device.setCurrentIndex(0)
    assert dialog.answer == Preferences("zh_CN", "dark", 0, "cpu", 5000)
    gone = PreferencesDialog(before, ("cpu",), cores=2)
    qtbot.addWidget(gone)
    assert gone.answer.device == "cpu"  # the card is not there any more
    assert gone.answer.threads == 3


# Help ------------------------------------------------------------------------------------------


def test_every_method_has_a_page() -> None:
    pages = {page.name: page for page in method_pages()}
    assert set(pages) == {f"method:{method.kind}.{method.name}" for method in REGISTRY}
    page = pages["method:pruning.channel"]
    for text in ("Channel pruning", "Pruning ratio", "<code>ratio</code>", "default 30 %", "arXiv"):
        assert text in page.body


def test_help_is_searched_and_turned(qtbot: QtBot) -> None:
    window = HelpWindow((*written_pages(RESOURCES / "help"), *method_pages()))
    qtbot.addWidget(window)
    assert window.show_method("quantization", "uniform")
    assert "Uniform quantization" in window.browser.toPlainText()
    window.search.setText("channel ratio")
    shown = [name for item, name in window._items if not item.isHidden()]
    assert "method:pruning.channel" in shown
    assert "method:quantization.uniform" not in shown
    assert window.shown in shown
    window.search.clear()
    assert all(not item.isHidden() for item, _ in window._items)
    assert window.show_page("recipes")
    assert "Recipes" in window.browser.toPlainText()
    assert not window.show_page("no such page")


def test_help_fetches_nothing(qtbot: QtBot) -> None:
    pages = (
        Page("one", "One", "S", "# One\n[two](two.md) ![x](http://example.org/x.png)", True),
        Page("two", "Two", "S", "<h1>Two</h1>"),
    )
    window = HelpWindow(pages)
    qtbot.addWidget(window)
    window.browser.anchorClicked.emit(QUrl("two.md"))
    assert window.shown == "two"
    window.browser.anchorClicked.emit(QUrl("https://example.org/a"))
    assert window.shown == "two"
    assert QApplication.clipboard().text() == "https://example.org/a"
    assert window.browser.loadResource(2, QUrl("http://example.org/x.png")) is None
