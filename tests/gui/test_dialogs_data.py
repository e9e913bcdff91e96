"""The data dialog: what was found, the form, samples, and what it asks for."""

from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from engine.data_info import DataInfo, Fit, Offer, SplitInfo
from engine.details import DataPreview, Sample
from engine.errors import EngineError
from engine.jobs.requests import DataSource
from engine.preprocessing import ChannelOrder, Preprocessing, Resize, Task, questions
from studio.dialogs.data import DataDialog
from studio.dialogs.data_form import PRESETS, PreprocessingForm, Samples
from studio.dialogs.data_samples import SampleGrid, as_image, is_right, lines_of

GIVEN = Preprocessing.model_validate(
    {
        "input": "x",
        "input_shape": ["batch", 3, 32, 32],
        "layout": "NCHW",
        "channel_order": "RGB",
        "scale": 0.5,
        "mean": [0.1, 0.2, 0.3],
        "std": [1.0, 1.0, 1.0],
        "resize": {"shorter": 40, "crop": [32, 32]},
        "labels": ["cat", "dog"],
        "task": "classification",
        "remark": "kept",
    }
)
PIXELS = DataInfo(
    "pets",
    "images",
    (SplitInfo("train", 50_000, True), SplitInfo("test", 10, False)),
    (32, 32, 3),
    "uint8",
    ("cat", "dog"),
    notes=("One file is no picture.",),
)


def samples(right: int, count: int = 8) -> tuple[Sample, ...]:
    picture = np.zeros((4, 6, 3), np.uint8)
    picture[0, 0] = (255, 0, 0)
    prepared = np.full((4, 6, 3), 128, np.uint8)
    return tuple(
        Sample(
            at, picture, label=0, label_name="cat", predicted=0 if at < right else 1,
            predicted_name="cat" if at < right else "dog", probability=0.75, prepared=prepared,
        )
        for at in range(count)
    )  # fmt: skip


def preview(right: int = 8, fit: Fit | None = None, info: DataInfo = PIXELS) -> DataPreview:
    fit = fit or Fit(
        ok=True,
        message="It fits.",
        notes=(*PIXELS.notes, "Pixels are scaled."),
        preprocessing=GIVEN,
    )
    missing = questions(Preprocessing(layout="NCHW"))
    return DataPreview(info, fit, "", GIVEN, missing, "test", samples(right))


@pytest.fixture
def dialog(qtbot: QtBot) -> DataDialog:
    made = DataDialog(DataSource(("/data/pets",)))
    qtbot.addWidget(made)
    made.show()
    return made


def test_what_was_found_is_said(qtbot: QtBot, dialog: DataDialog) -> None:
    with qtbot.waitSignal(dialog.preview_wanted) as told:
        dialog.ask()
    assert told.args == [DataSource(("/data/pets",)), None]
    assert not dialog.use.isEnabled()
    dialog.show_preview(preview())
    text = dialog.found.text()
    for part in ("train: 50,000 samples", "test: 10 samples without labels", "32×32×3", "cat, dog"):
        assert part in text
    assert dialog.notes.text() == "One file is no picture.\nPixels are scaled."
    assert dialog.verdict.text().startswith("The network's answer is the label for 8 of 8")
    assert dialog.use.isEnabled()
    assert dialog.source_form.isHidden()
    assert dialog.answer == (DataSource(("/data/pets",)), GIVEN)


def test_wrong_predictions_are_a_warning(dialog: DataDialog) -> None:
    dialog.show_preview(preview(right=1))
    assert dialog.verdict.property("tone") == "warning"
    assert "preprocessing" in dialog.verdict.text()
    dialog.show_preview(preview(right=7))
    assert dialog.verdict.property("tone") == "secondary"


def test_what_does_not_fit_is_offered_a_change(qtbot: QtBot, dialog: DataDialog) -> None:
    offer = Offer("Multiply pixels by 1/255", (("scale", 1 / 255),))
    dialog.show_preview(preview(fit=Fit(False, "Two shapes.", (offer,), (), GIVEN)))
    assert dialog.fits.text() == "Two shapes."
    assert not dialog.use.isEnabled()
    button = dialog.offers.itemAt(0).widget()
    with qtbot.waitSignal(dialog.preview_wanted) as told:
        button.click()  # type: ignore[attr-defined]  # its kind is known here
    assert told.args[1].scale == 1 / 255
    assert told.args[1].mean == GIVEN.mean
    assert dialog.is_pending
    dialog.show_preview(preview())
    assert dialog.offers.count() == 0


def test_a_table_asks_for_its_columns(qtbot: QtBot, dialog: DataDialog) -> None:
    table = DataInfo("t.csv", "table", (SplitInfo("all", 9, True),), (4,), "float64")
    dialog.show_preview(DataPreview(table, Fit(True, ""), "", GIVEN, (), "all", ()))
    assert dialog.source_form.isVisible()
    assert dialog.form.order.isHidden()  # numbers have no colors
    dialog.label_column.setText("left")
    dialog.input_columns.setText("age, height,")
    with qtbot.waitSignal(dialog.preview_wanted) as told:
        dialog.label_column.editingFinished.emit()
    source = told.args[0]
    assert (source.label_column, source.input_columns) == ("left", ("age", "height"))


def test_an_error_is_shown_with_its_hint(dialog: DataDialog) -> None:
    dialog.show_error(EngineError("There is no label column.", hint="Name it."))
    assert dialog.fits.text() == "There is no label column.\nName it."
    assert dialog.source_form.isVisible()
    assert not dialog.use.isEnabled()


# The form --------------------------------------------------------------------------------------


@pytest.fixture
def form(qtbot: QtBot) -> PreprocessingForm:
    made = PreprocessingForm()
    qtbot.addWidget(made)
    made.show()
    made.show_value(GIVEN, Samples.PIXELS)
    return made


def test_the_form_shows_what_is_said(qtbot: QtBot, form: PreprocessingForm) -> None:
    with qtbot.assertNotEmitted(form.edited):
        form.show_value(GIVEN)
    assert form.mean.text() == "0.1, 0.2, 0.3"
    assert form.layout_box.currentData() == "NCHW"
    assert form.resize_how.currentData() == "shorter"
    assert (form.shorter.value(), form.height_box.value()) == (40, 32)
    assert form.labels.toPlainText() == "cat\ndog"


@pytest.mark.parametrize("name", list(PRESETS))
def test_presets(qtbot: QtBot, form: PreprocessingForm, name: str) -> None:
    at = form.preset.findData(name)
    form.preset.setCurrentIndex(at)
    with qtbot.waitSignal(form.edited) as told:
        form.preset.activated.emit(at)
    value = told.args[0]
    assert value.scale == PRESETS[name]["scale"]
    assert value.std == PRESETS[name]["std"]
    assert value.labels == GIVEN.labels
    assert value.model_extra == {"remark": "kept"}
    assert form.preset.currentIndex() == 0


def test_fields_are_edited(qtbot: QtBot, form: PreprocessingForm) -> None:
    form.std.setFocus()
    form.std.setText("0.5")
    with qtbot.waitSignal(form.edited) as told:
        form.std.commit()
    assert told.args[0].std == (0.5,)
    form.order.setCurrentIndex(form.order.findData("BGR"))
    with qtbot.waitSignal(form.edited) as told:
        form.order.activated.emit(0)
    assert told.args[0].channel_order is ChannelOrder.BGR
    form.resize_how.setCurrentIndex(form.resize_how.findData("size"))
    with qtbot.waitSignal(form.edited) as told:
        form.resize_how.activated.emit(0)
    assert told.args[0].resize == Resize(size=(32, 32))
    assert form.shorter.isHidden()
    form.task.setCurrentIndex(0)
    with qtbot.waitSignal(form.edited) as told:
        form.task.activated.emit(0)
    assert told.args[0].task is None
    form.task.setCurrentIndex(form.task.findData("regression"))
    form.task.activated.emit(0)
    assert form.value.task is Task.REGRESSION


def test_class_names_count_when_one_stops_typing(qtbot: QtBot, form: PreprocessingForm) -> None:
    with qtbot.waitSignal(form.edited, timeout=3000) as told:
        form.labels.setPlainText("a\n\n b \nc")
    assert told.args[0].labels == ("a", "b", "c")


def test_a_bad_value_is_shown_at_the_form(qtbot: QtBot, form: PreprocessingForm) -> None:
    with qtbot.assertNotEmitted(form.edited):
        form.std.setText("0")
        form.std.commit()
    assert "std" in form.error.text()
    form.mean.setText("one")
    form.mean.commit()
    assert "number" in form.error.text()
    form.mean.setText("0")
    form.mean.commit()
    assert form.error.text() == "" or "std" in form.error.text()


def test_texts_have_tokens_instead_of_colors(form: PreprocessingForm) -> None:
    form.show_value(Preprocessing(max_length=64, pad=0), Samples.TEXT)
    assert form.max_length.isVisible()
    for editor in (form.scale, form.order, form.resize_how, form.preset):
        assert editor.isHidden()


# Samples ---------------------------------------------------------------------------------------


def test_samples_show_what_the_network_gets(qtbot: QtBot) -> None:
    grid = SampleGrid()
    qtbot.addWidget(grid)
    grid.set_samples(samples(right=3))
    assert grid.matches == (3, 8)
    image = grid.image(0)
    assert image is not None
    assert (image.width(), image.height()) == (6, 4)
    assert image.pixelColor(0, 0).red() == 255
    grid.set_prepared(True)
    prepared = grid.image(0)
    assert prepared is not None
    assert prepared.pixelColor(0, 0).red() == 128
    assert "75.0 %" in grid.tip(samples(1)[0])
    width = grid.minimumSizeHint().width()
    assert grid.heightForWidth(8 * width) == grid.heightForWidth(width) // 8
    grid.resize(4 * width, grid.heightForWidth(4 * width))
    colors = {grid.grab().toImage().pixel(x, 5) for x in range(0, grid.width(), 3)}
    assert len(colors) > 1


def test_numbers_stay_whole_in_lines(qtbot: QtBot) -> None:
    grid = SampleGrid()
    qtbot.addWidget(grid)
    font, words = grid.font(), grid.fontMetrics()
    text = "0.25, −1.162, 3.5e-05, 12.75, 0.5"
    width = words.horizontalAdvance("0.25, −1.1")
    lines = lines_of(text, font, width)
    assert len(lines) > 2
    assert " ".join(lines) == text
    assert all(one.strip(",") in text.split(", ") for line in lines for one in line.split())
    assert lines_of("one\ntwo", font, 10_000) == ["one", "two"]
    assert "".join(lines_of("a" * 60, font, width)) == "a" * 60  # longer than a line


def test_a_text_is_painted_in_its_tile(qtbot: QtBot) -> None:
    def ink(text: str) -> int:
        grid = SampleGrid()
        qtbot.addWidget(grid)
        grid.set_samples((Sample(0, text=text),))
        grid.resize(grid.minimumSizeHint())
        image = grid.grab().toImage()
        plain = image.pixel(2, 2)
        side = range(2, min(image.width(), image.height()) // 2)
        return sum(image.pixel(x, y) != plain for x in side for y in side)

    assert ink("") == 0
    assert ink("0.25, 1.162") > 20


def test_a_sample_without_a_label_is_neither_right_nor_wrong() -> None:
    assert is_right(Sample(0, predicted=1)) is None
    assert is_right(Sample(0, label=1, predicted=1)) is True
    assert is_right(Sample(0, label=2, predicted=1)) is False


def test_a_picture_outlives_its_array() -> None:
    array = np.full((3, 5, 3), 7, np.uint8)
    image = as_image(array[::-1, :, ::-1])
    array[:] = 200
    assert image.pixelColor(4, 2).red() == 7
