import threading
import time

import numpy as np
import pytest

from engine.data.batches import batches, prepare
from engine.data.dataset import DataSet, Samples, Split
from engine.data.roles import Subset
from engine.errors import Cancelled, DataError
from engine.info import TensorInfo
from engine.jobs.job import Quiet
from engine.preprocessing import Preprocessing, Resize, parse
from tests.unit.data.conftest import write_image


def whole(data, name=None):
    split = data.splits[name] if name else data.first
    return Subset(data, split, np.arange(len(split)))


def saved(tmp_path, opened, x, y=None, **fields):
    arrays = {"x": x} if y is None else {"x": x, "y": y}
    np.savez(tmp_path / "d.npz", **arrays)
    return opened(tmp_path / "d.npz", **fields)


def prepared(tmp_path, opened, x, **fields):
    """The whole of `x` as one input array."""
    data = saved(tmp_path, opened, x)
    (batch,) = batches(whole(data), parse(fields), len(x), Quiet())
    return batch.inputs["input"]


RGB = np.random.default_rng(0).integers(0, 256, (5, 4, 6, 3), np.uint8)


def test_values_are_scaled_centered_and_divided_per_channel(tmp_path, opened):
    mean, std = [0.4, 0.5, 0.6], [0.1, 0.2, 0.3]
    got = prepared(
        *(tmp_path, opened, RGB),
        input_shape=["b", 3, 4, 6],
        layout="NCHW",
        scale=1 / 255,
        mean=mean,
        std=std,
    )
    want = ((RGB / 255 - np.array(mean)) / np.array(std)).transpose(0, 3, 1, 2)
    assert got.dtype == np.float32
    assert got.flags.c_contiguous
    np.testing.assert_allclose(got, want, atol=1e-5)


@pytest.mark.parametrize(
    ("x", "shape", "layout", "want"),
    [
        (RGB, ["b", 4, 6, 3], "NHWC", RGB),
        (RGB, ["b", 3, 4, 6], "NCHW", RGB.transpose(0, 3, 1, 2)),
        (RGB.transpose(0, 3, 1, 2), ["b", 3, 4, 6], "NCHW", RGB.transpose(0, 3, 1, 2)),
        (RGB.transpose(0, 3, 1, 2), ["b", 4, 6, 3], "NHWC", RGB),
        (RGB[..., 0], ["b", 1, 4, 6], "NCHW", RGB[:, None, :, :, 0]),
        (RGB[..., 0], ["b", 4, 6, 1], "NHWC", RGB[..., :1]),
        (RGB[..., 0], ["b", 4, 6], "NHW", RGB[..., 0]),
        (RGB[..., 0], ["b", 24], "NC", RGB[..., 0].reshape(5, 24)),
        (RGB[..., 0].reshape(5, 24), ["b", 1, 4, 6], "NCHW", RGB[:, None, :, :, 0]),
        (RGB[:, :, :, 0], ["b", 6, 4], "NCL", RGB[..., 0].transpose(0, 2, 1)),
        (RGB, ["b", "c", "h", "w"], "NCHW", RGB.transpose(0, 3, 1, 2)),
    ],
)
def test_axes_go_where_the_network_has_them(tmp_path, opened, x, shape, layout, want):
    got = prepared(tmp_path, opened, x, input_shape=shape, layout=layout)
    assert got.shape == want.shape
    assert (got == want).all()


def test_a_said_data_layout_decides_what_lengths_cannot(tmp_path, opened):
    x = np.random.default_rng(0).integers(0, 256, (2, 3, 3, 3), np.uint8)
    shape = {"input_shape": ["b", 3, 3, 3], "layout": "NCHW"}
    assert (prepared(tmp_path, opened, x, **shape) == x.transpose(0, 3, 1, 2)).all()
    assert (prepared(tmp_path, opened, x, **shape, data_layout="CHW") == x).all()
    flat = x.reshape(2, 27)
    assert (prepared(tmp_path, opened, flat, **shape, data_layout="CHW") == x).all()
    turned = prepared(tmp_path, opened, flat, **shape, data_layout="HWC")
    assert (turned == x.transpose(0, 3, 1, 2)).all()


def test_channel_orders_of_arrays(tmp_path, opened):
    shape = {"input_shape": ["b", 3, 4, 6], "layout": "NCHW"}
    bgr = prepared(tmp_path, opened, RGB, **shape, channel_order="BGR")
    assert (bgr == RGB[..., ::-1].transpose(0, 3, 1, 2)).all()
    colored = prepared(tmp_path, opened, RGB[..., 0], **shape, channel_order="RGB")
    assert (colored == RGB[:, None, :, :, 0]).all()
    gray = prepared(
        tmp_path, opened, RGB, input_shape=["b", 1, 4, 6], layout="NCHW", channel_order="gray"
    )
    assert np.abs(gray[:, 0] - RGB @ np.array([0.299, 0.587, 0.114])).max() <= 0.51


def test_arrays_are_resized(tmp_path, opened):
    got = prepared(tmp_path, opened, RGB, input_shape=["b", 3, 2, 2], layout="NCHW", resize=[2, 2])
    assert got.shape == (5, 3, 2, 2)
    assert np.abs(got.mean((2, 3)) - RGB.mean((1, 2))).max() < 30


def test_features_have_a_mean_of_their_own(tmp_path, opened):
    x = np.arange(8.0).reshape(4, 2)
    got = prepared(tmp_path, opened, x, input_shape=["b", 2], layout="NC", mean=[1, 2], std=[2, 4])
    assert (got == (x - [1, 2]) / [2, 4]).all()


def test_inputs_take_the_networks_name_and_type(tmp_path, opened):
    data = saved(tmp_path, opened, RGB)
    info = (TensorInfo("pixels", ("b", 4, 6, 3), "float16"),)
    fields = parse({"input_shape": ["b", 4, 6, 3], "layout": "NHWC"})
    (batch,) = batches(whole(data), fields, 9, Quiet(), inputs=info)
    assert list(batch.inputs) == ["pixels"]
    assert batch.inputs["pixels"].dtype == np.float16
    whole_numbers = (TensorInfo("pixels", ("b", 4, 6, 3), "uint8"),)
    (batch,) = batches(whole(data), fields, 9, Quiet(), inputs=whole_numbers)
    assert (batch.inputs["pixels"] == RGB).all()
    assert batch.inputs["pixels"].dtype == np.uint8


def test_several_inputs_are_paired_by_name(tmp_path, opened):
    ids = np.arange(6).reshape(3, 2)
    np.savez(tmp_path / "d.npz", ids=ids, mask=ids > 2)
    data = opened(tmp_path / "d.npz")
    infos = (TensorInfo("mask", ("b", 2), "int64"), TensorInfo("ids", ("b", 2), "int32"))
    (batch,) = batches(whole(data), Preprocessing(), 9, Quiet(), inputs=infos)
    assert list(batch.inputs) == ["mask", "ids"]
    assert batch.inputs["ids"].tolist() == ids.tolist()
    assert batch.inputs["ids"].dtype == np.int32
    other = (*infos, TensorInfo("types", ("b", 2), "int64"))
    with pytest.raises(DataError, match="input types"):
        list(batches(whole(data), Preprocessing(), 9, Quiet(), inputs=other))


def test_every_sample_comes_once_in_order_or_shuffled(tmp_path, opened):
    x = np.arange(103.0)[:, None]
    data = saved(tmp_path, opened, x, np.arange(103))
    subset = Subset(data, data.first, np.arange(3, 103))

    def read(seed):
        made = list(batches(subset, Preprocessing(), 8, Quiet(), shuffle_seed=seed))
        assert [len(b) for b in made] == [8] * 12 + [4]
        for batch in made:
            assert (batch.inputs["input"][:, 0] == batch.indices).all()
            assert (batch.labels == batch.indices).all()
        return np.concatenate([b.indices for b in made]).tolist()

    assert read(None) == list(range(3, 103))
    assert sorted(read(1)) == list(range(3, 103))
    assert read(1) == read(1) != read(2)


def test_labels_are_counted_from_the_first(tmp_path, opened):
    data = saved(tmp_path, opened, np.zeros((3, 1)), np.array([1, 2, 3]))
    (batch,) = batches(whole(data), parse({"first_label": 1}), 9, Quiet())
    assert batch.labels.tolist() == [0, 1, 2]


def test_images_come_in_chunks_and_damaged_ones_drop_out(opened, tmp_path):
    for number in range(40):
        write_image(tmp_path / "d" / "ab"[number % 2] / f"{number:02}.png", number, (4, 4))
    (tmp_path / "d" / "a" / "04.png").write_bytes(b"broken")
    data = opened(tmp_path / "d")
    fields = parse({"input_shape": ["b", 1, 4, 4], "layout": "NCHW", "channel_order": "gray"})
    made = list(batches(whole(data), fields, 25, Quiet()))
    assert [len(b) for b in made] == [24, 15]
    values = np.concatenate([b.inputs["input"][:, 0, 0, 0] for b in made])
    assert values.tolist() == [*[n for n in range(0, 40, 2) if n != 4], *range(1, 40, 2)]
    assert np.concatenate([b.labels for b in made]).tolist() == [0] * 19 + [1] * 20
    assert data.describe().skipped == 1


def test_images_of_different_sizes_need_resizing(opened, tmp_path):
    write_image(tmp_path / "d" / "a" / "1.png", 1, (4, 5))
    write_image(tmp_path / "d" / "a" / "2.png", 1, (6, 7))
    data = opened(tmp_path / "d")
    fields = parse({"input_shape": ["b", 1, "h", "w"], "layout": "NCHW", "channel_order": "gray"})
    with pytest.raises(DataError, match="5×4×1 and 7×6×1"):
        list(batches(whole(data), fields, 2, Quiet()))
    sized = fields.model_copy(update={"resize": Resize(size=(3, 3))})
    (batch,) = batches(whole(data), sized, 2, Quiet())
    assert batch.inputs["input"].shape == (2, 1, 3, 3)


def test_when_nothing_can_be_read_it_says_so(opened, tmp_path):
    for number in range(3):
        (tmp_path / "d" / "a").mkdir(parents=True, exist_ok=True)
        (tmp_path / "d" / "a" / f"{number}.png").write_bytes(b"broken")
    with pytest.raises(DataError, match="None of the samples"):
        list(batches(whole(opened(tmp_path / "d")), Preprocessing(), 2, Quiet()))


def test_samples_that_do_not_fit_name_both_shapes(tmp_path, opened):
    with pytest.raises(DataError, match="4×6×3, and the network takes 1×28×28"):
        prepared(tmp_path, opened, RGB, input_shape=["b", 1, 28, 28], layout="NCHW")
    with pytest.raises(DataError, match="2 numbers, and the samples have 3 channels"):
        prepared(tmp_path, opened, RGB, input_shape=["b", 3, 4, 6], layout="NCHW", mean=[1, 2])


class Slow(Split):
    """Each sample takes a while."""

    chunk = 1
    workers = 2

    def __init__(self):
        super().__init__("all")
        self.started = 0

    def __len__(self):
        return 10_000

    def read(self, indices, preprocessing=None):
        self.started += 1
        time.sleep(0.02)
        return Samples(np.zeros((len(indices), 1)), None, indices)


class StopAfter(Quiet):
    def __init__(self, looks):
        self.looks = looks

    def checkpoint(self, text="", done=0, total=0):
        self.looks -= 1
        if self.looks < 0:
            raise Cancelled


def test_cancelling_stops_at_once_and_leaves_no_threads():
    split = Slow()
    data = DataSet("slow", "arrays", {"all": split})
    start = time.perf_counter()
    with pytest.raises(Cancelled):
        list(batches(whole(data), Preprocessing(), 100, StopAfter(3)))
    assert time.perf_counter() - start < 2
    assert split.started < 100
    assert not [t for t in threading.enumerate() if t.name.startswith("data")]


def test_leaving_the_loop_early_leaves_no_threads():
    data = DataSet("slow", "arrays", {"all": Slow()})
    for _ in batches(whole(data), Preprocessing(), 4, Quiet()):
        break
    assert not [t for t in threading.enumerate() if t.name.startswith("data")]


def test_only_a_few_batches_are_made_ahead():
    split = Slow()
    loop = batches(whole(DataSet("slow", "arrays", {"all": split})), Preprocessing(), 2, Quiet())
    next(loop)
    time.sleep(0.3)
    assert split.started <= 2 * 4
    loop.close()


def test_prepare_does_not_change_what_was_read(tmp_path, opened):
    data = saved(tmp_path, opened, RGB.astype(np.float32))
    samples = data.first.read(np.arange(5))
    before = samples.inputs.copy()
    fields = parse({"input_shape": ["b", 4, 6, 3], "layout": "NHWC", "scale": 0.5, "mean": 1})
    prepare(data, data.first, samples, fields)
    assert (samples.inputs == before).all()
