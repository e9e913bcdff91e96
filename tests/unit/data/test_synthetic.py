import numpy as np
import pytest

from engine.data.batches import batches
from engine.data.fit import check_fit
from engine.data.roles import Subset, roles
from engine.data.synthetic import synthetic
from engine.errors import DataError
from engine.info import TensorInfo
from engine.jobs.job import Quiet
from engine.preprocessing import Preprocessing, parse

IMAGE = (TensorInfo("image", ("b", 3, 8, 8), "float32"),)


def everything(data, preprocessing=None, inputs=()):
    subset = Subset(data, data.first, np.arange(64))
    return next(batches(subset, preprocessing or Preprocessing(), 64, Quiet(), inputs=inputs))


def test_it_says_what_it_is():
    data = synthetic(IMAGE)
    info = data.describe()
    assert info.synthetic
    assert info.form == "synthetic"
    assert not info.labelled
    assert any("noise" in note for note in info.notes)
    assert len(roles(data).calibration) == 512


def test_it_is_spread_as_prepared_data_would_be():
    centered = parse({"scale": 1 / 255, "mean": [0.4] * 3, "std": [0.2] * 3})
    values = everything(synthetic(IMAGE, centered), centered, IMAGE).inputs["image"]
    assert values.shape == (64, 3, 8, 8)
    assert abs(values.mean()) < 0.05
    assert values.std() == pytest.approx(1, abs=0.05)
    pixels = parse({"scale": 1 / 255, "mean": [0], "std": [1]})
    values = everything(synthetic(IMAGE, pixels), pixels, IMAGE).inputs["image"]
    assert values.min() >= 0
    assert values.max() <= 1
    assert values.mean() == pytest.approx(0.5, abs=0.05)


def test_each_sample_follows_from_seed_and_index():
    first, again = synthetic(IMAGE).first, synthetic(IMAGE).first
    some = first.read(np.array([5, 9])).inputs
    assert (again.read(np.array([9, 5])).inputs == some[::-1]).all()
    assert (synthetic(IMAGE, seed=1).first.read(np.array([5])).inputs != some[0]).any()


def test_networks_of_tokens_and_of_several_inputs():
    infos = (
        TensorInfo("ids", ("b", "n"), "int64"),
        TensorInfo("attention_mask", ("b", "n"), "int64"),
        TensorInfo("image", ("b", 3, 4, 4), "float32"),
    )
    data = synthetic(infos)
    batch = everything(data, None, infos)
    assert batch.inputs["ids"].shape == (64, 32)
    assert 0 <= batch.inputs["ids"].min() <= batch.inputs["ids"].max() < 100
    assert (batch.inputs["attention_mask"] == 1).all()
    assert check_fit(data, None, infos).ok


def test_no_paths_give_noise_of_the_shape_that_is_said(opened):
    data = opened(input_shape=["b", 3, 8, 8], layout="NCHW", input="image")
    assert data.synthetic
    assert data.first.sample_shape == (3, 8, 8)
    with pytest.raises(DataError, match="does not say the input's shape"):
        opened()


def test_a_length_that_nobody_knows_is_asked_for():
    free = (TensorInfo("image", ("b", 3, "h", "w"), "float32"),)
    with pytest.raises(DataError, match="dimension 'h' of unknown length"):
        synthetic(free)
    said = parse({"input_shape": ["b", 3, 8, 8]})
    assert synthetic(free, said).first.sample_shape == (3, 8, 8)
