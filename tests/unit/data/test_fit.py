import numpy as np
import pytest

from engine.data.batches import batches
from engine.data.fit import check_fit, require_fit
from engine.data.roles import Subset
from engine.data_info import apply_offer
from engine.errors import DataError
from engine.info import TensorInfo
from engine.jobs.job import Quiet
from engine.preprocessing import ChannelOrder, parse
from tests.unit.data.conftest import write_image

GRAY = np.random.default_rng(0).integers(0, 256, (6, 28, 28), np.uint8)
COLOR = np.random.default_rng(0).integers(0, 256, (6, 32, 32, 3), np.uint8)


def network(*shape, dtype="float32"):
    return (TensorInfo("input", ("batch", *shape), dtype),)


def classes(count):
    return (TensorInfo("logits", ("batch", count), "float32"),)


@pytest.fixture
def stored(tmp_path, opened):
    def make(x, y=None, **fields):
        np.savez(tmp_path / "d.npz", **({"x": x} if y is None else {"x": x, "y": y}))
        return opened(tmp_path / "d.npz", **fields)

    return make


def first_batch(data, fit, inputs):
    subset = Subset(data, data.first, np.arange(len(data.first)))
    return next(batches(subset, fit.preprocessing, 4, Quiet(), inputs=inputs)).inputs["input"]


@pytest.mark.parametrize(
    ("x", "shape", "layout"),
    [
        (GRAY, (1, 28, 28), "NCHW"),
        (GRAY, (28, 28, 1), "NHWC"),
        (GRAY, (784,), "NC"),
        (GRAY.reshape(6, 784), (1, 28, 28), "NCHW"),
        (COLOR, (3, 32, 32), "NCHW"),
        (COLOR, (32, 32, 3), "NHWC"),
        (COLOR, (3072,), "NC"),
        (COLOR, ("c", "h", "w"), "NCHW"),
        (COLOR.transpose(0, 3, 1, 2), (3, 32, 32), "NCHW"),
    ],
)
def test_what_is_without_doubt_is_filled_in(stored, x, shape, layout):
    data, inputs = stored(x), network(*shape)
    fit = check_fit(data, None, inputs)
    assert fit.ok, fit.message
    assert fit.preprocessing.layout == layout
    assert fit.preprocessing.input == "input"
    made = first_batch(data, fit, inputs)
    if all(isinstance(dim, int) for dim in shape):
        assert made.shape[1:] == shape
    wanted_scale = 1 / 255 if x.ndim > 2 else None
    assert fit.preprocessing.scale == wanted_scale
    if wanted_scale:
        assert 0.9 < made.max() <= 1
        assert any("1/255" in note for note in fit.notes)


def test_what_was_said_is_not_overruled(stored):
    said = parse({"scale": 1, "mean": [100], "std": [50], "channel_order": "gray"})
    fit = check_fit(stored(GRAY), said, network(1, 28, 28))
    assert fit.preprocessing.scale == 1
    assert fit.preprocessing.mean == (100,)
    large_mean = check_fit(stored(GRAY), parse({"mean": [120]}), network(1, 28, 28))
    assert large_mean.preprocessing.scale is None


def test_flattening_is_noted(stored):
    assert any("flattened" in note for note in check_fit(stored(GRAY), None, network(784)).notes)


def test_a_network_of_pixels_gets_pixels(stored):
    data, inputs = stored(GRAY), network(1, 28, 28, dtype="uint8")
    fit = check_fit(data, None, inputs)
    assert fit.preprocessing.scale is None
    assert (first_batch(data, fit, inputs)[:, 0] == GRAY[:4]).all()


@pytest.mark.parametrize(
    ("x", "shape", "title", "fields"),
    [
        (GRAY, (3, 28, 28), "Repeat gray", {"channel_order"}),
        (COLOR, (1, 32, 32), "Convert color to gray", {"channel_order"}),
        (GRAY, (1, 32, 32), "Stretch images to 32×32", {"resize"}),
        (COLOR, (3, 24, 24), "Scale the shorter side", {"resize"}),
        (GRAY, (3, 64, 64), "Repeat gray", {"channel_order", "resize"}),
        (COLOR, (1, 28, 28), "Convert color to gray", {"channel_order", "resize"}),
        (COLOR.reshape(6, 3072), (3, 32, 32), "as HWC", {"data_layout"}),
        (COLOR.reshape(6, 3072), (3, 32, 32), "as CHW", {"data_layout"}),
    ],
)
def test_offers_mend_what_does_not_fit(stored, x, shape, title, fields):
    data, inputs = stored(x), network(*shape)
    fit = check_fit(data, None, inputs)
    assert not fit.ok
    assert "×".join(map(str, x.shape[1:])) in fit.message
    assert "×".join(map(str, shape)) in fit.message
    offer = next(offer for offer in fit.offers if title in offer.title)
    assert {name for name, _ in offer.changes} == fields
    mended = check_fit(data, apply_offer(fit.preprocessing, offer), inputs)
    assert mended.ok
    assert first_batch(data, mended, inputs).shape[1:] == shape
    assert all(check_fit(data, apply_offer(fit.preprocessing, o), inputs).ok for o in fit.offers)


def test_a_wrong_layout_is_mended(stored):
    fit = check_fit(stored(COLOR), parse({"layout": "NHWC"}), network(3, 32, 32))
    assert not fit.ok
    assert ("layout", "NCHW") in [change for offer in fit.offers for change in offer.changes]


def test_a_wrong_data_layout_is_mended(stored):
    fit = check_fit(stored(COLOR), parse({"data_layout": "CHW"}), network(3, 32, 32))
    assert not fit.ok
    assert any(
        check_fit(stored(COLOR), apply_offer(fit.preprocessing, o), network(3, 32, 32)).ok
        for o in fit.offers
    )


def test_nothing_is_offered_where_nothing_helps(stored):
    fit = check_fit(stored(np.zeros((4, 7))), None, network(9))
    assert (fit.ok, fit.offers) == (False, ())
    assert "samples of 7 (float64); the network takes 9" in fit.message


def test_an_error_for_those_who_cannot_choose(stored):
    with pytest.raises(DataError) as caught:
        require_fit(stored(GRAY), None, network(3, 28, 28))
    line = caught.value.one_line()
    assert "28×28" in line
    assert "3×28×28" in line
    assert '"channel_order": "RGB"' in line
    assert "\n" not in line
    with pytest.raises(DataError, match="for an input of 3×32×32"):
        require_fit(stored(GRAY), parse({"input_shape": ["b", 3, 32, 32]}), network(1, 28, 28))
    assert require_fit(stored(GRAY), None, network(1, 28, 28)).ok


def test_preprocessing_of_another_network_can_be_left_aside(stored):
    other = parse(
        {"input_shape": ["b", 3, 32, 32], "layout": "NCHW", "mean": [1, 2, 3], "std": [1, 1, 1]}
    )
    fit = check_fit(stored(GRAY), other, network(1, 28, 28))
    assert not fit.ok
    assert check_fit(stored(GRAY), apply_offer(other, fit.offers[0]), network(1, 28, 28)).ok


def test_a_mean_for_other_channels_does_not_pass(stored):
    fit = check_fit(stored(GRAY), parse({"mean": [0.1, 0.2, 0.3]}), network(1, 28, 28))
    assert not fit.ok
    assert "3 numbers" in fit.message


def test_equal_axes_are_read_either_way_and_both_are_offered(stored):
    fit = check_fit(stored(np.zeros((4, 3, 3, 3), np.uint8)), None, network(3, 3, 3))
    assert fit.ok
    assert [o.changes for o in fit.offers] == [(("data_layout", "CHW"),)]


def test_odd_values_are_noted_with_a_cure(stored):
    unit = (GRAY / 255).astype(np.float32)
    fit = check_fit(stored(unit), parse({"scale": 1 / 255}), network(1, 28, 28))
    assert fit.ok
    assert (("scale", 1.0),) in [o.changes for o in fit.offers]
    unscaled = parse({"scale": 1, "mean": [0.5], "std": [0.5]})
    fit = check_fit(stored(GRAY), unscaled, network(1, 28, 28))
    assert any("Multiply pixels by 1/255" in o.title for o in fit.offers)
    table = GRAY.reshape(6, 784).astype(np.float32)
    fit = check_fit(stored(table), None, network(1, 28, 28))
    assert any("Multiply pixels by 1/255" in o.title for o in fit.offers)
    assert check_fit(stored(table), None, network(784)).offers == ()
    normal = np.random.default_rng(0).normal(0, 0.3, (6, 28, 28)).clip(-1, 1)
    fit = check_fit(stored(normal), parse({"scale": 1 / 255}), network(1, 28, 28))
    assert any("prepared already" in o.title for o in fit.offers)
    assert check_fit(stored(GRAY), None, network(1, 28, 28)).offers == ()


def test_nan_is_noted(stored):
    x = np.zeros((4, 3))
    x[1, 2] = np.nan
    x[0, 0] = np.inf
    fit = check_fit(stored(x), None, network(3))
    assert fit.ok
    assert any("2 of the 12 values" in note for note in fit.notes)


@pytest.mark.parametrize(
    ("labels", "outputs", "ok"),
    [
        ([0, 1, 2], 3, True),
        ([0, 1, 3], 3, False),
        ([1, 2, 3], 3, False),
        ([-1, 0, 1], 3, False),
        ([0, 1, 1], 1, True),
        ([0, 1, 2], "classes", True),
    ],
)
def test_label_numbers_against_outputs(stored, labels, outputs, ok):
    data = stored(np.zeros((3, 2)), np.array(labels))
    fit = check_fit(data, None, network(2), classes(outputs))
    assert fit.ok == ok
    if not ok:
        assert f"go from {min(labels)} to {max(labels)}" in fit.message
        assert f"{outputs} outputs" in fit.message


def test_labels_that_start_at_one_are_offered_to_be_counted_so(stored):
    data = stored(np.zeros((3, 2)), np.array([1, 2, 3]))
    fit = check_fit(data, None, network(2), classes(3))
    assert fit.offers[0].changes == (("first_label", 1),)
    assert check_fit(data, apply_offer(fit.preprocessing, fit.offers[0]), network(2), classes(3)).ok


def test_values_to_predict_have_no_range(stored):
    data = stored(np.zeros((3, 2)), np.array([0.5, 99, -7]))
    assert check_fit(data, None, network(2), classes(1)).ok


def test_the_number_of_values_to_predict_must_agree(stored):
    data = stored(np.zeros((3, 2)), np.full((3, 4), 0.5))
    assert check_fit(data, None, network(2), classes(4)).ok
    fit = check_fit(data, None, network(2), classes(3))
    assert not fit.ok
    assert "4 values each; the network gives 3" in fit.message


def test_class_names_that_the_network_does_not_know(opened, class_folders):
    said = {"labels": ("cat", "horse", "cow")}
    data = opened(class_folders, **said)
    fit = check_fit(data, parse(said), network(3, 4, 6), classes(3))
    assert not fit.ok
    assert "dog is not among the 3 labels" in fit.message
    assert fit.offers[0].changes == (("labels", ("cat", "dog")),)


def test_a_number_of_names_other_than_outputs_is_noted(stored):
    said = parse({"labels": ["a", "b"]})
    data = stored(np.zeros((3, 2)), np.array([0, 1, 0]), labels=("a", "b"))
    fit = check_fit(data, said, network(2), classes(5))
    assert fit.ok
    assert any("2 label names for 5 outputs" in note for note in fit.notes)


def test_images_are_converted_to_the_networks_channels(opened, class_folders):
    data = opened(class_folders)
    fit = check_fit(data, None, network(1, 4, 6))
    assert fit.ok
    assert fit.preprocessing.channel_order is ChannelOrder.GRAY
    assert any("converted to gray" in note for note in fit.notes)
    color = check_fit(data, None, network(3, 4, 6))
    assert color.preprocessing.channel_order is ChannelOrder.RGB
    assert not any("converted" in note for note in color.notes)


@pytest.mark.parametrize("shape", [(3, 4, 6), (4, 6, 3), (1, 4, 6), (4, 6), (72,), (24,)])
def test_image_folders_into_every_layout(opened, class_folders, shape):
    data, inputs = opened(class_folders), network(*shape)
    fit = check_fit(data, None, inputs)
    assert fit.ok, fit.message
    assert first_batch(data, fit, inputs).shape[1:] == shape


def test_images_of_another_or_of_many_sizes(opened, class_folders):
    inputs = network(3, 8, 8)
    fit = check_fit(opened(class_folders), None, inputs)
    assert not fit.ok
    assert "images such as 4×6×3" in fit.message
    assert len(fit.offers) == 2
    write_image(class_folders / "cat" / "large.png", (1, 2, 3), (30, 20))
    fit = check_fit(opened(class_folders), None, network(3, "h", "w"))
    assert not fit.ok
    for offer in check_fit(opened(class_folders), None, inputs).offers:
        assert check_fit(opened(class_folders), apply_offer(fit.preprocessing, offer), inputs).ok


def test_images_into_a_vector_of_a_square(opened, class_folders):
    data, inputs = opened(class_folders), network(75)
    fit = check_fit(data, None, inputs)
    assert not fit.ok
    (offer,) = fit.offers
    assert "5×5 RGB" in offer.title
    mended = check_fit(data, apply_offer(fit.preprocessing, offer), inputs)
    assert first_batch(data, mended, inputs).shape == (4, 75)


def test_a_network_with_more_inputs_than_the_data(stored):
    two = (*network(2), TensorInfo("other", ("b", 2), "float32"))
    fit = check_fit(stored(np.zeros((3, 2))), None, two)
    assert not fit.ok
    assert "2 inputs (input, other)" in fit.message


def test_several_arrays_for_several_inputs(tmp_path, opened):
    np.savez(tmp_path / "d.npz", a=np.zeros((3, 2)), b=np.zeros((3, 5)))
    data = opened(tmp_path / "d.npz")
    infos = (TensorInfo("b", ("n", 5), "float32"), TensorInfo("a", ("n", 2), "float32"))
    assert check_fit(data, None, infos).ok
    wrong = (TensorInfo("b", ("n", 4), "float32"), TensorInfo("a", ("n", 2), "float32"))
    fit = check_fit(data, None, wrong)
    assert not fit.ok
    assert "b 5" in fit.message
    assert "b 4" in fit.message


def test_texts_need_a_tokenizer_and_a_network_of_tokens(tmp_path, opened):
    (tmp_path / "t.csv").write_text("text,label\nhello,0\nbye,1\n")
    data = opened(tmp_path / "t.csv")
    fit = check_fit(data, None, (TensorInfo("ids", ("b", "n"), "int64"),))
    assert not fit.ok
    assert "tokenizer" in fit.message


def test_without_a_network_nothing_is_said_of_what_it_takes(tmp_path, stored, opened):
    known = "what the network takes is not known yet."
    fit = check_fit(stored(COLOR), None, ())
    assert fit.ok
    assert fit.message == f"The data has samples of 32×32×3 (uint8); {known}"
    np.savez(tmp_path / "d.npz", a=np.zeros((3, 2)), b=np.zeros((3, 5)))
    assert check_fit(opened(tmp_path / "d.npz"), None, ()).message.endswith(known)
    given = parse({"input_shape": [3, 32, 32]})
    assert "takes 3×32×32" in check_fit(stored(COLOR), given, ()).message
    scalar = (TensorInfo("x", ("n",), "float32"),)
    assert "takes single number" in check_fit(stored(COLOR), None, scalar).message
