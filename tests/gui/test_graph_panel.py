"""A panel with one graph, and two of them as a pair: which view is shown, and what they share."""

from __future__ import annotations

import onnx
import pytest
from onnx import TensorProto, helper
from PySide6.QtCore import Qt

from engine.details import GraphDetail, GraphPoint
from studio.widgets.graph import panel as panels
from studio.widgets.graph import webengine
from studio.widgets.graph.graph_pair import GraphPair
from studio.widgets.graph.legend import ColorLegend
from studio.widgets.graph.panel import GraphPanel
from studio.widgets.graph.server import shared_server

DETAIL = GraphDetail(
    (GraphPoint("x"), GraphPoint("linear", "a"), GraphPoint("linear", "b")), ((0, 1), (1, 2))
)
PARTS = GraphDetail(
    (GraphPoint("linear", "a.v"), GraphPoint("linear", "a.u"), GraphPoint("linear", "b")),
    ((0, 1), (1, 2)),
)
LAYERS = {"a": "", "b": ""}


@pytest.fixture
def no_browser(qapp, monkeypatch):
    monkeypatch.setattr(webengine.trial(), "_answer", "It is not there.")


@pytest.fixture
def browser(qtbot):
    found = webengine.trial()
    if found.answer is None:
        with qtbot.waitSignal(found.finished, timeout=60_000):
            found.start()
    if found.answer:
        pytest.skip(found.answer)


@pytest.fixture
def panel(qtbot):
    made = GraphPanel()
    qtbot.addWidget(made)
    made.resize(500, 500)
    return made


def model(name="net.onnx"):
    """Two matrices, one after the other."""
    weights = [
        helper.make_tensor(f"{layer}.weight", TensorProto.FLOAT, [2, 2], [1.0] * 4)
        for layer in LAYERS
    ]
    graph = helper.make_graph(
        [
            helper.make_node("MatMul", ["x", "a.weight"], ["h"], "a"),
            helper.make_node("MatMul", ["h", "b.weight"], ["y"], "b"),
        ],
        name,
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 2])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 2])],
        weights,
    )
    opset = [helper.make_opsetid("", 17)]
    return helper.make_model(graph, opset_imports=opset, ir_version=9).SerializeToString()


def shown_native(panel):
    return panel._stack.currentWidget() is panel._native


def test_nothing_is_started_before_somebody_looks(qtbot, panel, no_browser):
    with qtbot.assertNotEmitted(panel.wanted):
        panel.show_model(model(), "net.onnx", LAYERS)
    assert shared_server().port == 0 or panel._netron is None
    with qtbot.waitSignal(panel.wanted):
        panel.show()


def test_without_the_browser_our_own_view_says_why(qtbot, panel, no_browser):
    panel.show()
    panel.show_model(model(), "net.onnx", LAYERS)
    assert panel.note == "It is not there."
    assert "Reading" in panel._word.text()
    panel.select(("b",))
    panel.set_colors({"a": "#ffea46"})
    panel.show_detail(DETAIL)
    assert shown_native(panel)
    assert [one.marked for one in panel._native._items] == [False, False, True]
    assert panel._native._items[1].fill.name() == "#ffea46"


def test_a_graph_that_cannot_be_had_is_told(qtbot, panel, no_browser):
    panel.show()
    panel.show_model(None, "net.safetensors", LAYERS)
    panel.show_detail(None, "The model holds weights alone.")
    assert panel._word.text() == "The model holds weights alone."


def test_large_files_and_missing_ones_never_go_to_netron(qtbot, panel, monkeypatch, tmp_path, qapp):
    monkeypatch.setattr(webengine.trial(), "_answer", "")
    monkeypatch.setattr(panels, "LARGEST_BYTES", 10)
    path = tmp_path / "net.onnx"
    path.write_bytes(model())
    panel.show()
    panel.show_model(path, path.name, LAYERS)
    assert "large" in panel.note
    path.unlink()
    panel.show_model(path, "other.onnx", LAYERS)
    assert "no longer there" in panel.note
    assert panel._netron is None


def test_the_same_file_is_not_loaded_twice(qtbot, panel, no_browser):
    content = model()
    panel.show()
    panel.show_model(content, "net.onnx", {})
    panel.show_detail(DETAIL)
    with qtbot.assertNotEmitted(panel.wanted):
        panel.show_model(content, "net.onnx", LAYERS)
    assert shown_native(panel)
    with qtbot.waitSignal(panel.wanted):
        panel.show_model(model("other"), "other.onnx", LAYERS)
    panel.show_model(None, "", {}, "Open a model.")
    assert panel._word.text() == "Open a model."
    assert not shown_native(panel)


def test_netron_shows_what_it_can_and_hands_over_what_it_cannot(qtbot, panel, browser):
    panel.show()
    panel.select(("b",))
    with qtbot.waitSignal(panel.kind_changed, timeout=20_000):
        panel.show_model(model(), "net.onnx", LAYERS)
    assert panel.is_detailed
    qtbot.waitUntil(lambda: set(panel._netron.owners.nodes) == set(LAYERS), timeout=20_000)
    with qtbot.waitSignal(panel.wanted, timeout=20_000):
        panel.show_model(b"no model at all", "broken.onnx", LAYERS)
    assert not panel.is_detailed
    assert "cannot show this file" in panel.note
    panel.show_detail(DETAIL)
    assert shown_native(panel)
    view = panel._netron
    panel.show_model(model("other"), "other.onnx", LAYERS)
    assert panel.is_detailed
    assert panel._netron is view  # the end of one may be the program's
    qtbot.waitUntil(lambda: set(view.owners.nodes) == set(LAYERS), timeout=20_000)


def test_the_user_can_prefer_the_simple_graph(qtbot, panel, browser):
    panel.show()
    panel.show_model(model(), "net.onnx", LAYERS)
    qtbot.waitUntil(lambda: panel.is_detailed, timeout=20_000)
    with qtbot.waitSignal(panel.wanted):
        panel.set_simple(True)
    panel.show_detail(DETAIL)
    assert shown_native(panel)
    assert panel.note == ""
    panel.set_simple(False)
    assert panel.is_detailed
    qtbot.waitUntil(lambda: set(panel._netron.owners.nodes) == set(LAYERS), timeout=20_000)


def test_a_file_without_our_names_is_told(qtbot, panel, browser):
    panel.show()
    panel.show_model(model(), "net.onnx", {"quite.another": ""})
    qtbot.waitUntil(lambda: panel.note != "", timeout=20_000)
    assert "does not name its layers" in panel.note


@pytest.fixture
def pair(qtbot, no_browser):
    made = GraphPair()
    qtbot.addWidget(made)
    made.resize(900, 500)
    made.show()
    for side, name, detail in ((made.before, "a.onnx", DETAIL), (made.after, "b.onnx", PARTS)):
        side.show_model(model(), name, {})
        side.show_detail(detail)
    made.show_after(True, "Trial 1")
    made.set_layers(("a", "b"), ("a.v", "a.u", "b"), {"norm": "b"})
    return made


def marked(side):
    return [one.point.layer for one in side._native._items if one.marked]


def test_one_selection_for_both_whatever_layers_are_called_there(qtbot, pair):
    pair.select(("a",))
    assert marked(pair.before) == ["a"]
    assert marked(pair.after) == ["a.v", "a.u"]
    place = pair.after._native.where("a.u").toPoint()
    pair.select(())
    with qtbot.waitSignal(pair.picked) as picked:
        qtbot.mouseClick(pair.after._native.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert picked.args == [("a",)]
    assert marked(pair.before) == ["a"]
    pair.select(("norm",))
    assert marked(pair.after) == ["b"]


def test_both_have_the_same_room_and_titles(pair):
    assert pair._titles[0].isVisible()
    assert pair._titles[1].text() == "Trial 1"
    widths = pair._splitter.sizes()
    assert abs(widths[0] - widths[1]) < 40
    pair.show_after(False)
    assert not pair._titles[0].isVisible()
    assert not pair.after.isVisible()


def test_the_toolbar_zooms_both_and_has_names(qtbot, pair):
    before = [side._native.transform().m11() for side in (pair.before, pair.after)]
    qtbot.mouseClick(pair._zooms[0], Qt.MouseButton.LeftButton)
    after = [side._native.transform().m11() for side in (pair.before, pair.after)]
    assert all(new > old for old, new in zip(before, after, strict=True))
    assert all(button.accessibleName() and button.toolTip() for button in pair._zooms)
    pair._follow_kind()
    assert not any(action.isEnabled() for action in pair._options.values())  # netron's alone


def test_the_legend_says_and_draws_what_colors_mean(qtbot):
    legend = ColorLegend()
    qtbot.addWidget(legend)
    assert legend.words == ""
    legend.set_scale("1 KB", "9 KB", ("#ff0000", "#00ff00"))
    legend.resize(legend.sizeHint())
    picture = legend.grab().toImage()
    reds = greens = 0
    for x in range(picture.width()):
        color = picture.pixelColor(x, picture.height() // 2)
        reds += color.red() > 200 and color.green() < 60
        greens += color.green() > 200 and color.red() < 60
    assert reds > 2
    assert greens > 2
    assert legend.words == "1 KB – 9 KB"
    legend.set_swatches((("#0000ff", "Changed"), ("#ff0000", "Locked")))
    assert legend.words == "Changed, Locked"
    legend.set_swatches(())
    assert legend.isHidden()


def test_models_of_these_tests_are_models():
    onnx.checker.check_model(onnx.load_from_string(model()))
