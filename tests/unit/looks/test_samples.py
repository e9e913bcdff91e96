"""Previews of data: pictures, labels, and what the network says to them."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from engine.errors import DataError
from engine.jobs.job import Quiet
from engine.jobs.looks import DataLook, SampleLook
from engine.jobs.requests import DataSource, ModelSource
from engine.looks.samples import look_at_data, look_at_samples
from engine.preprocessing import Preprocessing
from tests.unit.looks.cases import DATA, MODEL


@pytest.fixture(scope="module")
def stored() -> dict[str, np.ndarray]:
    with np.load(DATA.paths[0]) as file:
        return dict(file)


def test_samples_of_each_class_with_what_the_network_says(stored) -> None:
    preview = look_at_data(DataLook(MODEL, DATA, count=20), Quiet())
    assert (preview.split, preview.reason) == ("test", "")
    assert preview.fit.ok
    assert preview.source.endswith("digits.json")
    assert preview.info.classes == tuple("0123456789")
    labels = [one.label for one in preview.samples]
    assert labels == sorted(list(range(10)) * 2)
    for one in preview.samples:
        assert one.label == stored["y_test"][one.index]
        assert one.label_name == str(one.label)
        pixels = stored["x_test"][one.index]
        assert one.picture.shape == one.prepared.shape == (8, 8, 3)
        assert np.corrcoef(one.picture[:, :, 0].ravel(), pixels.ravel())[0, 1] > 0.99
        assert np.corrcoef(one.prepared[:, :, 0].ravel(), pixels.ravel())[0, 1] > 0.99
        assert 0.1 < one.probability <= 1
    right = sum(one.predicted == one.label for one in preview.samples)
    assert right >= 19


def test_wrong_preprocessing_is_seen_at_once() -> None:
    wrong = Preprocessing(input_shape=("batch", 1, 8, 8), layout="NCHW", scale=1.0, mean=(200.0,))
    preview = look_at_data(DataLook(MODEL, DATA, count=20, preprocessing=wrong), Quiet())
    assert preview.fit.ok
    assert preview.given is wrong
    right = sum(one.predicted == one.label for one in preview.samples)
    assert right <= 8


def test_data_without_a_network_is_worth_a_look() -> None:
    preview = look_at_data(DataLook(None, DATA, count=5), Quiet())
    assert len(preview.samples) == 5
    assert preview.reason == "No network is open."
    assert all(one.predicted is None and one.picture is not None for one in preview.samples)


def test_a_network_that_cannot_be_opened_does_not_hide_the_data() -> None:
    preview = look_at_data(DataLook(ModelSource("gone.onnx"), DATA, count=3), Quiet())
    assert len(preview.samples) == 3
    assert "gone.onnx" in preview.reason


def test_data_that_does_not_fit_is_shown_with_the_reason(tmp_path) -> None:
    path = tmp_path / "wide.npz"
    np.savez(path, x=np.zeros((6, 9, 9), np.uint8), y=np.arange(6))
    preview = look_at_data(DataLook(MODEL, DataSource((str(path),)), count=4), Quiet())
    assert not preview.fit.ok
    assert "9×9" in preview.fit.message
    assert preview.reason == preview.fit.message
    assert preview.fit.offers
    assert all(one.picture is not None for one in preview.samples)


def test_a_split_can_be_chosen_and_must_be_there() -> None:
    assert look_at_data(DataLook(MODEL, DATA, split="train"), Quiet()).split == "train"
    with pytest.raises(DataError, match="no split called dev"):
        look_at_data(DataLook(MODEL, DATA, split="dev"), Quiet())


def test_pictures_of_files_are_made_small_and_keep_their_colors(tmp_path) -> None:
    for name, color in (("cat", (250, 10, 10)), ("dog", (10, 250, 10))):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for number in range(3):
            picture = Image.new("RGB", (900, 300), color)
            picture.save(tmp_path / "pets" / name / f"{number}.png")
    preview = look_at_data(DataLook(None, DataSource((str(tmp_path / "pets"),)), count=2), Quiet())
    assert [one.label_name for one in preview.samples] == ["cat", "dog"]
    cat, dog = (one.picture for one in preview.samples)
    assert cat.shape == (85, 256, 3)
    assert tuple(cat[0, 0]) == (250, 10, 10)
    assert tuple(dog[40, 100]) == (10, 250, 10)


def test_channels_first_and_floats_are_pictures_too(tmp_path) -> None:
    path = tmp_path / "float.npz"
    x = np.zeros((4, 3, 10, 12), np.float32)
    x[:, 1] = np.linspace(0, 1, 12)
    np.savez(path, x=x, y=np.array([0, 1, 0, 1]))
    preview = look_at_data(DataLook(None, DataSource((str(path),)), count=2), Quiet())
    picture = preview.samples[0].picture
    assert picture.shape == (10, 12, 3)
    assert (picture[:, 0] == 0).all()
    assert (picture[:, -1] == (0, 255, 0)).all()


def test_rows_of_a_table_are_numbers(tmp_path) -> None:
    path = tmp_path / "table.csv"
    rows = [f"{i / 2},{i},{i % 2}" for i in range(20)]
    path.write_text("a,b,label\n" + "\n".join(rows) + "\n")
    preview = look_at_data(DataLook(None, DataSource((str(path),)), count=2), Quiet())
    one = preview.samples[0]
    assert one.picture is None
    assert one.text == f"{one.index / 2:.4g}, {one.index:.4g}"
    assert one.label == one.index % 2


def test_texts_are_shown_as_they_are(tmp_path) -> None:
    path = tmp_path / "texts.csv"
    path.write_text("text,label\n" + "".join(f"word {i},{i % 2}\n" for i in range(10)))
    preview = look_at_data(DataLook(None, DataSource((str(path),)), count=4), Quiet())
    assert all(one.text == f"word {one.index}" for one in preview.samples)


def test_values_to_predict_have_no_class(tmp_path) -> None:
    path = tmp_path / "values.npz"
    np.savez(path, x=np.zeros((8, 5), np.float32), y=np.linspace(0.5, 4, 8).astype(np.float32))
    preview = look_at_data(DataLook(None, DataSource((str(path),)), count=2), Quiet())
    one = preview.samples[0]
    assert one.label is None
    assert float(one.label_name) == pytest.approx(0.5 + one.index * 0.5)


def test_samples_come_in_the_order_they_are_asked_for(stored) -> None:
    detail = look_at_samples(SampleLook(MODEL, DATA, (7, 3, 499)), Quiet())
    assert detail.split == "test"
    assert [one.index for one in detail.samples] == [7, 3, 499]
    assert [one.label for one in detail.samples] == stored["y_test"][[7, 3, 499]].tolist()
    assert all(one.picture is not None for one in detail.samples)
    assert look_at_samples(SampleLook(MODEL, DATA, ()), Quiet()).samples == ()


def test_samples_that_are_not_there_any_more() -> None:
    with pytest.raises(DataError, match="has 500 samples in test, and no number 500"):
        look_at_samples(SampleLook(MODEL, DATA, (1, 500)), Quiet())
