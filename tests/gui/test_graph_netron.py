"""Netron in a real browser view: both directions, colors, what it may reach and cannot show."""

from __future__ import annotations

import json
import os

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QPalette

from engine.paths import RESOURCES
from studio.widgets.graph.server import shared_server
from studio.widgets.graph.webengine import Trial, prepare_environment, trial

SAMPLE = RESOURCES / "samples" / "digits.pt2"
LAYERS = dict.fromkeys(
    ("stem", "bn", "block1.conv1", "block1.bn1", "block2.shortcut.0", "hidden", "output"), ""
)


@pytest.fixture
def browser(qtbot):
    """Whether the browser view works here, as the program itself finds out; it asks once."""
    found = trial()
    if found.answer is None:
        with qtbot.waitSignal(found.finished, timeout=60_000):
            found.start()
    if found.answer:
        pytest.skip(found.answer)


@pytest.fixture
def view(browser, qtbot):
    from studio.widgets.graph.netron_view import NetronView

    made = NetronView()
    qtbot.addWidget(made)
    made.resize(600, 700)
    made.show()
    yield made
    made.forget()


def run(qtbot, view, code):
    """What a script says."""
    said = []
    view.page().runJavaScript(code, 0, said.append)
    qtbot.waitUntil(lambda: bool(said), timeout=10_000)
    return said[0]


def show(qtbot, view, source=SAMPLE, name="digits.pt2"):
    with qtbot.waitSignal(view.ready, timeout=60_000):
        view.show_model(source, name, LAYERS)


def look(qtbot, view, layer):
    index = view.owners.nodes[layer][0]
    return json.loads(run(qtbot, view, f"espalier.look({index})"))


def click(qtbot, view, layer, keys=Qt.KeyboardModifier.NoModifier):
    index = view.owners.nodes[layer][0]
    x, y = json.loads(run(qtbot, view, f"espalier.where({index})"))
    place = QPoint(round(x), round(y))
    qtbot.mouseClick(view.focusProxy(), Qt.MouseButton.LeftButton, keys, place)


def test_both_directions(qtbot, view):
    """The test that a new netron must pass before its version may change."""
    show(qtbot, view)
    assert set(view.owners.nodes) == set(LAYERS)
    with qtbot.assertNotEmitted(view.picked, wait=100):
        view.select(("bn",))
        qtbot.waitUntil(lambda: look(qtbot, view, "bn")["selected"], timeout=5000)
    assert not look(qtbot, view, "stem")["selected"]
    view.select(("bn",), ("hidden",))
    qtbot.waitUntil(lambda: look(qtbot, view, "hidden")["near"], timeout=5000)
    assert not look(qtbot, view, "hidden")["selected"]
    with qtbot.waitSignal(view.picked, timeout=5000) as picked:
        click(qtbot, view, "stem")
    assert picked.args == [("stem",)]  # and not first an empty choice
    qtbot.waitUntil(lambda: look(qtbot, view, "stem")["selected"], timeout=5000)
    with qtbot.waitSignal(view.picked, timeout=5000) as picked:
        click(qtbot, view, "bn", Qt.KeyboardModifier.ControlModifier)
    assert picked.args == [("stem", "bn")]
    qtbot.waitUntil(lambda: look(qtbot, view, "stem")["selected"], timeout=5000)
    with qtbot.assertNotEmitted(view.picked, wait=100):
        qtbot.keyClick(view.focusProxy(), Qt.Key.Key_Shift)  # netron would let go here
    with qtbot.waitSignal(view.picked, timeout=5000) as picked:
        qtbot.keyClick(view.focusProxy(), Qt.Key.Key_Escape)
    assert picked.args == [()]


def test_colors_outlive_a_rebuild_and_a_second_model(qtbot, view):
    show(qtbot, view)
    view.set_colors({"stem": "#ffea46"})
    wanted = QColor("#ffea46").getRgb()[:3]
    fill = f"rgb({wanted[0]}, {wanted[1]}, {wanted[2]})"
    qtbot.waitUntil(lambda: look(qtbot, view, "stem")["fill"] == fill, timeout=5000)
    assert look(qtbot, view, "bn")["fill"] != fill
    with qtbot.waitSignal(view.ready, timeout=10_000):
        view.set_option("attributes", True)  # builds the graph anew
    qtbot.waitUntil(lambda: look(qtbot, view, "stem")["fill"] == fill, timeout=5000)
    show(qtbot, view, SAMPLE.read_bytes(), "again.pt2")
    qtbot.waitUntil(lambda: look(qtbot, view, "stem")["fill"] == fill, timeout=5000)
    view.set_colors({})
    qtbot.waitUntil(lambda: look(qtbot, view, "stem")["fill"] == "", timeout=5000)


def test_nothing_but_our_own_server_is_reached(qtbot, view):
    from studio.widgets.graph.netron_view import profile

    show(qtbot, view)
    guard = profile().guard
    assert list(guard.blocked) == []  # netron has asked nobody by itself
    assert run(qtbot, view, "document.body.className").strip() == "default"  # no consent, no lock
    port = shared_server().port
    tried = [
        "https://ipinfo.io/json",
        "http://localhost:9/",
        f"http://127.0.0.1:{port + 1}/",
        "file:///etc/hostname",
    ]
    for address in tried:
        run(
            qtbot,
            view,
            "window.reached = ''; const image = new Image(); "
            "image.onload = image.onerror = (e) => { window.reached = e.type; }; "
            f"image.src = '{address}'; 1".replace("const image", "var image"),
        )
        qtbot.waitUntil(lambda: run(qtbot, view, "window.reached || '-'") != "-", timeout=10_000)
        assert run(qtbot, view, "window.reached") == "error"
    before = view.url()
    run(qtbot, view, "window.location = 'https://example.org/'; 1")
    qtbot.wait(200)
    assert view.url() == before
    assert run(qtbot, view, "window.__view__.host.openURL('https://example.org/'); 1") == 1


def test_dark_and_light_follow_the_palette(qtbot, view):
    show(qtbot, view)
    ground = "getComputedStyle(document.getElementById('target')).backgroundColor"
    text = "getComputedStyle(document.querySelector('.edge-label') || document.body).fill"
    light = run(qtbot, view, ground), run(qtbot, view, text)
    palette = QPalette(view.palette())
    palette.setColor(QPalette.ColorRole.Window, QColor("#101010"))
    view.setPalette(palette)
    qtbot.waitUntil(lambda: run(qtbot, view, ground) != light[0], timeout=5000)
    assert QColor(*_rgb(run(qtbot, view, ground))).lightness() < 60
    view.setPalette(QPalette())
    qtbot.waitUntil(lambda: run(qtbot, view, ground) == light[0], timeout=5000)


def test_a_file_that_netron_cannot_show_is_told(qtbot, view):
    with qtbot.waitSignal(view.failed, timeout=60_000) as failed:
        view.show_model(b"this is no model at all", "broken.onnx", {})
    assert failed.args[0]


def test_zoom_by_keys(qtbot, view):
    show(qtbot, view)
    zoom = "window.__view__.target.zoom"
    before = run(qtbot, view, zoom)
    qtbot.keyClick(view.focusProxy(), Qt.Key.Key_Minus)
    qtbot.waitUntil(lambda: run(qtbot, view, zoom) != before, timeout=5000)
    smaller = run(qtbot, view, zoom)
    assert smaller < before
    view.zoom("in")
    qtbot.waitUntil(lambda: run(qtbot, view, zoom) != smaller, timeout=5000)
    assert run(qtbot, view, zoom) > smaller


def test_as_root_the_sandbox_is_switched_off_before_the_first_view(monkeypatch):
    monkeypatch.delenv("QTWEBENGINE_DISABLE_SANDBOX", raising=False)
    monkeypatch.setenv("QTWEBENGINE_CHROMIUM_FLAGS", "--mine")
    for user, wanted in ((1000, None), (0, "1")):
        monkeypatch.setattr(os, "geteuid", lambda user=user: user, raising=False)
        monkeypatch.setattr("sys.platform", "linux")
        prepare_environment()
        assert os.environ.get("QTWEBENGINE_DISABLE_SANDBOX") == wanted
    flags = os.environ["QTWEBENGINE_CHROMIUM_FLAGS"]
    assert flags.startswith("--mine ")
    assert flags.count("--host-resolver-rules") == 1


def test_the_reason_is_a_sentence_without_webengine(qtbot, monkeypatch):
    monkeypatch.setenv("ESPALIER_NO_WEBENGINE", "1")
    found = Trial()
    with qtbot.waitSignal(found.finished, timeout=5000) as told:
        found.start()
    assert "ESPALIER_NO_WEBENGINE" in told.args[0]
    assert found.answer == told.args[0]


def test_a_missing_library_is_named(qtbot, monkeypatch, tmp_path):
    program = tmp_path / "python"
    program.write_text(
        "#!/bin/sh\n"
        "echo 'ImportError: libnss3.so: cannot open shared object file: No such file' >&2\n"
        "exit 1\n"
    )
    program.chmod(0o755)
    monkeypatch.delenv("ESPALIER_NO_WEBENGINE", raising=False)
    monkeypatch.setattr("sys.executable", str(program))
    found = Trial()
    with qtbot.waitSignal(found.finished, timeout=10_000) as told:
        found.start()
    assert "libnss3.so" in told.args[0]


def _rgb(text):
    return [int(part) for part in text.partition("(")[2].rstrip(")").split(",")[:3]]
