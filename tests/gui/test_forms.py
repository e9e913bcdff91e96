"""Forms: made from any method's parameters, by mouse and keyboard, without a store."""

from __future__ import annotations

import enum
import time
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field, create_model
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

import engine.methods.catalog
from engine.frozen import freeze
from engine.parameters import Params
from engine.registry import REGISTRY, Method
from studio.forms import hints
from studio.forms.editors import ChoiceEditor, FileEditor, RangeEditor, RatioEditor, Toggle
from studio.forms.form import Form
from studio.forms.lines import DataEditor, NumberEditor, NumbersEditor, TextEditor
from studio.forms.nested import GroupEditor, ListEditor, VariantEditor
from studio.forms.schema import Shape, defaults_of, fields_of, texts

assert engine.methods.catalog
STEPS = REGISTRY.steps()
TEXTS = {"title": "Title", "description": "What it does."}


class Mode(enum.StrEnum):
    ONE = "one"
    TWO = "two_words"


class Inner(Params):
    depth: Annotated[int, Field(ge=1, le=9, **TEXTS)] = 3


class Red(Params):
    name: Literal["red"] = "red"
    depth: Annotated[int, Field(ge=1, le=9, **TEXTS)] = 3


class Blue(Params):
    name: Literal["blue"] = "blue"


Color = Annotated[Red | Blue, Field(discriminator="name")]


class Everything(Params):
    """One field of each shape."""

    ratio: Annotated[float, Field(ge=0, lt=1, **TEXTS)] = 0.3
    number: Annotated[float | None, Field(gt=0, le=100, **TEXTS)] = None
    count: Annotated[int, Field(ge=1, le=64, **TEXTS)] = 8
    mode: Annotated[Mode, Field(**TEXTS)] = Mode.ONE
    bits: Annotated[Literal[2, 4, 8] | None, Field(**TEXTS)] = 8
    flag: Annotated[bool, Field(**TEXTS)] = True
    text: Annotated[str, Field(max_length=5, **TEXTS)] = "abc"
    teacher: Annotated[str, Field(**TEXTS)] = ""
    limits: Annotated[tuple[float, float], Field(ge=0, le=1, **TEXTS)] = (0.2, 0.8)
    sizes: Annotated[tuple[int, ...], Field(max_length=3, **TEXTS)] = (1, 2)
    inner: Annotated[Inner, Field(**TEXTS)] = Inner()
    color: Annotated[Color, Field(**TEXTS)] = Red()
    colors: Annotated[tuple[Color, ...], Field(max_length=2, **TEXTS)] = ()
    other: Annotated[dict[str, int], Field(**TEXTS)] = {}  # noqa: RUF012 - pydantic copies it


EDITORS = {
    "ratio": RatioEditor,
    "number": NumberEditor,
    "count": NumberEditor,
    "mode": ChoiceEditor,
    "bits": ChoiceEditor,
    "flag": Toggle,
    "text": TextEditor,
    "teacher": FileEditor,
    "limits": RangeEditor,
    "sizes": NumbersEditor,
    "inner": GroupEditor,
    "color": VariantEditor,
    "colors": ListEditor,
    "other": DataEditor,
}


class Told:
    """What a form said, in order."""

    def __init__(self, form: Form) -> None:
        self.changes: list[tuple[str, Any, bool]] = []
        self.resets: list[str] = []
        form.changed.connect(self._changed)
        form.reset.connect(self.resets.append)

    def _changed(self, name: str, value: object, final: bool) -> None:
        self.changes.append((name, value, final))


@pytest.fixture
def make(qtbot):
    def made(params: type[Params] = Everything, **values: Any) -> tuple[Form, Told]:
        form = Form(params)
        qtbot.addWidget(form)
        form.resize(320, 900)
        form.set_values(values)
        if form.more is not None:
            form.more.set_open(True)
        form.show()
        form.activateWindow()
        qtbot.waitUntil(form.isActiveWindow)
        return form, Told(form)

    return made


def editor(form: Form, name: str) -> Any:
    row = form.row(name)
    assert row is not None
    return row.editor


def scroll(widget, up: bool = True) -> None:
    point = QPointF(widget.rect().center())
    event = QWheelEvent(
        point,
        QPointF(widget.mapToGlobal(point.toPoint())),
        QPoint(0, 0),
        QPoint(0, 120 if up else -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


@pytest.mark.parametrize("name", EDITORS)
def test_each_shape_has_its_editor(name: str, make) -> None:
    form, _ = make()
    assert type(editor(form, name)) is EDITORS[name]


def test_a_form_says_nothing_of_itself(make) -> None:
    form, told = make(ratio=0.5, count=9, colors=[{"name": "red"}])
    form.set_values({"ratio": 0.1}, overridden={"ratio"}, mixed={"mode", "count", "inner"})
    form.set_values({})
    assert told.changes == []


def test_ratio_is_typed_as_percent(make, qtbot) -> None:
    form, told = make()
    number = editor(form, "ratio").number
    assert number.text() == "30 %"
    number.setFocus()
    number.selectAll()
    qtbot.keyClicks(number, "45")
    qtbot.keyClick(number, Qt.Key.Key_Return)
    assert told.changes == [("ratio", 0.45, True)]
    assert number.text() == "45 %"


def test_slider_tells_when_a_drag_is_over(make, qtbot) -> None:
    form, told = make()
    slider = editor(form, "ratio").slider
    slider.setSliderDown(True)
    slider.setValue(400)
    form.set_values({"ratio": 0.3})  # an answer to an older wish does not pull the handle back
    slider.setValue(600)
    slider.setSliderDown(False)
    assert [one[2] for one in told.changes] == [False, False, True]
    assert told.changes[-1][1] == pytest.approx(0.6)
    assert editor(form, "ratio").number.text() == "60 %"


def test_slider_by_keyboard_is_final_after_a_rest(make, qtbot) -> None:
    form, told = make()
    slider = editor(form, "ratio").slider
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert [one[2] for one in told.changes] == [False, False]
    qtbot.waitUntil(lambda: told.changes[-1][2], timeout=2000)
    assert told.changes[-1][1] == pytest.approx(0.32)


@pytest.mark.parametrize(
    ("name", "typed", "text"),
    [
        ("ratio", "100", "below 100 %"),
        ("ratio", "-3", "at least 0 %"),
        ("count", "0", "at least 1"),
        ("count", "65", "at most 64"),
        ("count", "2.5", "whole number"),
        ("number", "x", "number"),
        ("number", "0", "above 0"),
        ("sizes", "1,2,3,4", "at most 3"),
        ("other", "{", "JSON"),
        ("limits", "0.9, 0.1", "smaller one first"),
    ],
)
def test_what_cannot_be_is_told_at_its_field(name, typed, text, make, qtbot) -> None:
    form, told = make()
    line = editor(form, name)
    line = getattr(line, "number", getattr(line, "numbers", line))
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, typed)
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert told.changes == []
    assert text in form.row(name).told
    assert line.text() == typed  # what was typed stays to be mended


def test_escape_takes_back_what_is_typed(make, qtbot) -> None:
    form, told = make()
    line = editor(form, "count")
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, "99")
    qtbot.keyClick(line, Qt.Key.Key_Escape)
    assert line.text() == "8"
    line.clearFocus()
    assert told.changes == []


def test_another_value_ends_the_complaint(make, qtbot) -> None:
    form, _ = make()
    line = editor(form, "count")
    line.setText("99")
    line.commit()
    assert form.row("count").told
    form.set_values({"count": 8})  # the same as before: what was typed stays to be mended
    assert form.row("count").told
    form.set_values({"count": 9})
    assert form.row("count").told == ""
    assert line.text() == "9"


def test_what_is_typed_counts_when_one_goes_on(make, qtbot) -> None:
    form, told = make()
    line = editor(form, "count")
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, "12")
    form.set_values({"count": 8})  # the same as before: what is being typed stays
    editor(form, "number").setFocus()
    assert told.changes == [("count", 12, True)]


def test_arrows_step_and_merge(make, qtbot) -> None:
    form, told = make()
    line = editor(form, "count")
    line.setFocus()
    for _ in range(3):
        qtbot.keyClick(line, Qt.Key.Key_Up)
    qtbot.keyClick(line, Qt.Key.Key_PageDown)
    assert told.changes == [
        ("count", 9, False),
        ("count", 10, False),
        ("count", 11, False),
        ("count", 1, False),
    ]
    qtbot.waitUntil(lambda: told.changes[-1] == ("count", 1, True), timeout=2000)


def test_empty_means_none_where_it_may(make, qtbot) -> None:
    form, told = make(number=2.5)
    line = editor(form, "number")
    line.setFocus()
    line.selectAll()
    qtbot.keyClick(line, Qt.Key.Key_Delete)
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert told.changes == [("number", None, True)]
    assert line.placeholderText() == "Automatic"


@pytest.mark.parametrize("name", ["ratio", "count", "mode", "bits"])
def test_wheel_moves_nothing_without_the_focus(name: str, make) -> None:
    form, told = make()
    one = editor(form, name)
    form.setFocus()
    for widget in (one, getattr(one, "slider", one), getattr(one, "number", one)):
        scroll(widget)
        scroll(widget, up=False)
    assert told.changes == []


def test_wheel_moves_under_the_focus(make) -> None:
    form, told = make()
    one = editor(form, "count")
    one.setFocus()
    scroll(one)
    assert told.changes == [("count", 9, False)]


def test_choices_are_words_and_values_are_plain(make, qtbot) -> None:
    form, told = make()
    mode, bits = editor(form, "mode"), editor(form, "bits")
    assert [mode.itemText(i) for i in range(mode.count())] == ["One", "Two words"]
    assert [bits.itemText(i) for i in range(bits.count())] == ["Automatic", "2", "4", "8"]
    mode.setFocus()
    qtbot.keyClick(mode, Qt.Key.Key_Down)
    bits.setCurrentIndex(0)
    bits.activated.emit(0)
    assert told.changes == [("mode", "two_words", True), ("bits", None, True)]
    assert type(told.changes[0][1]) is str


def test_several_values_are_said_and_can_be_made_one(make, qtbot) -> None:
    form, told = make()
    form.set_values({}, mixed=set(EDITORS))
    flag = editor(form, "flag")
    assert flag.checkState() is Qt.CheckState.PartiallyChecked
    assert editor(form, "mode").currentIndex() == -1
    for name in ("mode", "count"):
        assert editor(form, name).placeholderText() == "Several values"
    assert editor(form, "ratio").number.text() == ""
    editor(form, "count").setFocus()
    editor(form, "number").setFocus()
    assert told.changes == []  # walking through changes nothing
    qtbot.mouseClick(flag, Qt.MouseButton.LeftButton, pos=QPoint(8, flag.height() // 2))
    assert told.changes == [("flag", True, True)]


def test_what_differs_can_be_taken_back(make, qtbot) -> None:
    form, told = make(count=9)
    assert form.row("count").button is None
    form.set_values({"count": 9}, overridden={"count"})
    button = form.row("count").button
    assert button.isVisible()
    assert button.toolTip() == "Back to 8"
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert told.resets == ["count"]
    form.set_values({}, overridden=())
    assert not button.isVisible()
    form.set_values({"count": 9}, overridden={"count"}, base={"count": 5})
    assert button.toolTip() == "Back to 5"


def test_problems_unfold_what_holds_them(make) -> None:
    form, _ = make()
    form.more.set_open(False)
    name = form.fields()[-1].name
    form.set_problem(name, "must be nice, not 3")
    assert form.more.is_open()
    assert form.row(name).told == "must be nice, not 3"
    form.set_problems({})
    assert form.row(name).told == ""


def test_more_settings_says_how_many_are_changed(make) -> None:
    form, _ = make()
    names = [one.name for one in form.fields() if not one.common]
    form.set_values({}, overridden=set(names[:2]))
    assert form.more.header.text() == "More settings (2 changed)"


def test_nested_values_keep_only_what_differs(make, qtbot) -> None:
    form, told = make()
    depth = editor(form, "inner").inner.rows["depth"].editor
    depth.setFocus()
    depth.setText("5")
    qtbot.keyClick(depth, Qt.Key.Key_Return)
    depth.setText("3")
    qtbot.keyClick(depth, Qt.Key.Key_Return)
    assert told.changes == [("inner", {"depth": 5}, True), ("inner", {}, True)]


def test_a_list_grows_and_shrinks(make, qtbot) -> None:
    form, told = make()
    cards = editor(form, "colors")
    red, blue = cards.add_button.menu().actions()
    red.trigger()
    blue.trigger()
    assert told.changes[-1] == ("colors", [{"name": "red"}, {"name": "blue"}], True)
    assert not cards.add_button.isEnabled()  # two are the most
    depth = cards.items[0].part.rows.rows["depth"].editor
    depth.setText("7")
    depth.commit()
    assert told.changes[-1] == ("colors", [{"name": "red", "depth": 7}, {"name": "blue"}], True)
    cards.items[0].button.click()
    assert told.changes[-1] == ("colors", [{"name": "blue"}], True)
    assert cards.add_button.isEnabled()
    assert [item.variant.name for item in cards.items] == ["blue"]


def test_one_of_several_models_is_chosen(make) -> None:
    form, told = make()
    box = editor(form, "color")
    box.set_value({"name": "red", "depth": 4})
    box._choice.setCurrentIndex(1)
    box._choice.activated.emit(1)
    assert told.changes == [("color", {"name": "blue"}, True)]


def test_a_file_is_chosen(make) -> None:
    form, told = make()
    one = editor(form, "teacher")
    assert one.line.placeholderText() == "The original network"
    one.choose = lambda: "/tmp/teacher.pt2"
    one.button.click()
    one.choose = lambda: ""
    one.button.click()  # given up: nothing
    assert told.changes == [("teacher", "/tmp/teacher.pt2", True)]


def test_a_range_is_dragged(make) -> None:
    form, told = make()
    box = editor(form, "limits")
    assert box.slider is not None
    box.slider.setValue((0.4, 0.6))
    assert told.changes == [("limits", [0.4, 0.6], False)]
    box.slider.sliderReleased.emit()
    assert told.changes[-1] == ("limits", [0.4, 0.6], True)


@pytest.mark.parametrize("method", STEPS, ids=[m.name for m in STEPS])
def test_every_method_has_a_form_that_shows_its_defaults(method: Method, make) -> None:
    form, told = make(method.params)
    assert {one.name for one in form.fields()} == set(method.params.model_fields)
    for one in form.fields():
        row = form.row(one.name)
        assert row is not None
        assert one.shape is not Shape.DATA, f"{one.name} has no editor of its own"
        named = row.editor.accessibleName() or row.editor.focusProxy().accessibleName()
        assert named == one.title
        assert row.editor.toolTip() == one.description
    parsed = method.parse({n: freeze(v) for n, v in defaults_of(fields_of(method.params)).items()})
    assert parsed == method.params()
    assert told.changes == []


@pytest.mark.parametrize("method", STEPS, ids=[m.name for m in STEPS])
def test_texts_of_a_form_are_all_listed(method: Method) -> None:
    listed = texts(method.params)
    assert len(set(listed)) == len(listed)
    for info in method.params.model_fields.values():
        assert info.title in listed
        assert info.description in listed


def test_hints_name_what_there_is() -> None:
    models = {method.params.__name__: fields_of(method.params) for method in STEPS}
    for model, names in hints.COMMON.items():
        assert set(names) <= {one.name for one in models[model]}, model
    paths: dict[str, Any] = {}

    def walk(fields) -> None:
        for one in fields:
            paths.setdefault(one.path, []).append(one)
            walk(one.fields)

    for fields in models.values():
        walk(fields)
    for path, (decider, values) in hints.COUNTS_WHEN.items():
        assert path in paths, path
        known = {c.value for one in paths[decider] for c in one.choices} | {True, False}
        assert values <= known, path


def test_what_has_no_effect_is_not_shown(make) -> None:
    form, _ = make(REGISTRY.step("uniform").params)
    assert not editor(form, "group_size").isVisible()
    assert not editor(form, "rounding_settings").isVisible()
    form.set_values({"granularity": "group", "rounding": "gptq"})
    assert editor(form, "group_size").isVisible()
    parts = editor(form, "rounding_settings").inner.rows
    assert parts["gptq"].editor.isVisible()
    assert not parts["reconstruction"].editor.isVisible()
    form.set_values({"group_size": 16}, overridden={"group_size"})
    assert editor(form, "group_size").isVisible()  # it was said, so it is shown


def test_tab_goes_through_all_editors(make) -> None:
    form, _ = make(REGISTRY.step("channel").params)
    editor(form, "ratio").slider.setFocus()
    seen = set()
    for _ in range(40):
        seen.add(form.focusWidget())
        form.focusNextPrevChild(True)
    for one in form.fields():
        if form.row(one.name).is_shown():
            widget = editor(form, one.name)
            assert (widget.focusProxy() or widget) in seen, one.name


def test_fifty_fields_are_quick(qtbot, monkeypatch) -> None:
    kinds = [
        (Annotated[float, Field(ge=0, lt=1, **TEXTS)], 0.3),
        (Annotated[Mode, Field(**TEXTS)], Mode.ONE),
        (Annotated[int, Field(ge=1, le=99, **TEXTS)], 3),
        (Annotated[bool, Field(**TEXTS)], True),
        (Annotated[float, Field(ge=0, **TEXTS)], 2.0),
    ]
    many = {f"field_{i}": kinds[i % len(kinds)] for i in range(50)}
    model = create_model("Many", __base__=Params, **many)
    monkeypatch.setattr(hints, "COMMON", {"Many": tuple(many)})
    fields_of(model)
    times = []
    for _ in range(3):
        start = time.process_time()
        form = Form(model)
        form.set_values({})
        times.append(time.process_time() - start)
        qtbot.addWidget(form)
    assert min(times) < 0.15  # 0.03 s alone; three times that would be seen
