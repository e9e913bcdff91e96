import io
import os
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from engine.data import images, pictures
from engine.data.dataset import Skipped
from engine.data.images import ImageSplit
from engine.data.sources import open_data
from engine.errors import Cancelled, DataError
from engine.jobs.job import Quiet
from engine.jobs.requests import DataSource
from engine.preprocessing import Interpolation, Preprocessing, Resize
from tests.unit.data.conftest import write_image


def everything(split, preprocessing=None):
    return split.read(np.arange(len(split)), preprocessing)


def test_class_folders_are_numbered_as_sorted(opened, class_folders):
    data = opened(class_folders)
    assert data.class_names == ("cat", "dog")
    assert data.first.labels.tolist() == [0, 0, 0, 1, 1]
    got = everything(data.first)
    assert [image.shape for image in got.inputs] == [(4, 6, 3)] * 5
    assert [int(image[0, 0, 0]) for image in got.inputs] == [200, 201, 202, 0, 0]
    assert data.first.path(4) == class_folders / "dog" / "1.png"


def test_labels_of_the_network_decide_the_numbers(opened, class_folders):
    data = opened(class_folders, labels=("dog", "bird", "cat"))
    assert data.class_names == ("dog", "bird", "cat")
    assert data.first.labels.tolist() == [2, 2, 2, 0, 0]
    assert data.label_problem == ""


def test_split_folders_share_their_classes(opened, tmp_path):
    write_image(tmp_path / "d" / "train" / "b" / "1.png", 1)
    write_image(tmp_path / "d" / "train" / "a" / "1.png", 2)
    write_image(tmp_path / "d" / "val" / "c" / "1.png", 3)
    write_image(tmp_path / "d" / "Test" / "b" / "1.png", 4)
    data = opened(tmp_path / "d")
    assert data.class_names == ("a", "b", "c")
    assert {n: s.labels.tolist() for n, s in data.splits.items()} == {
        "train": [0, 1],
        "validation": [2],
        "test": [1],
    }


def test_folders_that_are_not_all_splits_are_classes(opened, tmp_path):
    write_image(tmp_path / "d" / "test" / "1.png", 1)
    write_image(tmp_path / "d" / "rest" / "1.png", 2)
    assert opened(tmp_path / "d").class_names == ("rest", "test")


def test_folders_beside_the_splits_are_left_out(opened, tmp_path):
    for split in ("train", "test"):
        write_image(tmp_path / "d" / split / "a" / "1.png", 1)
        write_image(tmp_path / "d" / split / "b" / "1.png", 1)
    write_image(tmp_path / "d" / "extra" / "a" / "1.png", 1)
    data = opened(tmp_path / "d")
    assert list(data.splits) == ["train", "test"]
    assert any("extra" in note for note in data.notes)


def test_a_folder_around_the_folder_is_seen_through(opened, tmp_path, class_folders):
    outer = tmp_path / "outer" / "unpacked"
    outer.mkdir(parents=True)
    class_folders.rename(outer / "photos")
    data = opened(tmp_path / "outer")
    assert data.class_names == ("cat", "dog")
    assert data.name == "outer"
    assert data.first.path(0) == outer / "photos" / "cat" / "0.png"


def test_an_empty_class_folder_still_counts_in_sorted_order(opened, class_folders):
    (class_folders / "bee").mkdir()
    data = opened(class_folders)
    assert data.class_names == ("bee", "cat", "dog")
    assert data.first.labels.tolist() == [1, 1, 1, 2, 2]
    assert any("no images" in note for note in data.notes)
    assert opened(class_folders, labels=("cat", "dog")).label_problem == ""


@pytest.mark.parametrize("inside", ["", "photos"])
def test_images_without_class_folders_have_no_labels(opened, tmp_path, inside):
    for number in range(3):
        write_image(tmp_path / "d" / inside / f"{number}.png", number)
    data = opened(tmp_path / "d")
    assert not data.first.labelled
    assert len(everything(data.first).inputs) == 3
    assert everything(data.first).labels is None


def test_images_deeper_in_a_class_folder_count(opened, class_folders):
    write_image(class_folders / "cat" / "2024" / "may" / "x.JPEG", (1, 2, 3))
    assert opened(class_folders).first.labels.tolist() == [0, 0, 0, 0, 1, 1]


def test_hidden_and_foreign_files_are_passed_over(opened, class_folders):
    write_image(class_folders / "cat" / ".hidden.png", 1)
    write_image(class_folders / ".git" / "x.png", 1)
    (class_folders / "cat" / "notes.txt").write_text("x")
    os.mkfifo(class_folders / "cat" / "pipe.png")
    write_image(class_folders / "loose.png", 1)
    data = opened(class_folders)
    assert len(data.first) == 5
    assert any("outside the class folders" in note for note in data.notes)


def test_links_are_followed_and_loops_end(opened, tmp_path, class_folders):
    (class_folders / "cat" / "loop").symlink_to(class_folders / "cat")
    (class_folders / "cat" / "self.png").symlink_to(class_folders / "cat" / "self.png")
    (class_folders / "cat" / "broken.png").symlink_to(tmp_path / "nowhere.png")
    write_image(tmp_path / "elsewhere" / "z.png", 1)
    (class_folders / "emu").symlink_to(tmp_path / "elsewhere")
    data = opened(class_folders)
    assert data.class_names == ("cat", "dog", "emu")
    assert data.first.labels.tolist() == [0, 0, 0, 1, 1, 2]


def test_a_new_file_changes_no_key_of_another(opened, class_folders):
    def keys():
        split = opened(class_folders).first
        return {split.path(i).name + split.path(i).parent.name: split.keys()[i] for i in range(5)}

    before = keys()
    write_image(class_folders / "cat" / "0a.png", 1)
    after = keys()
    assert len(set(before.values())) == 5
    assert all(after[name] == key for name, key in before.items() if name in after)


def test_the_fingerprint_follows_the_files(opened, class_folders):
    before = opened(class_folders).fingerprint
    assert before == opened(class_folders).fingerprint
    write_image(class_folders / "cat" / "new.png", 1)
    assert opened(class_folders).fingerprint != before


def test_many_names_take_little_memory(tmp_path, monkeypatch):
    """A listing of 50,000 files is made up; what is kept of it is counted."""
    names = (f"{n:07d}.jpg" for n in range(50_000))
    monkeypatch.setattr(images, "_images_in", lambda root, below, job: names)
    monkeypatch.setattr(images, "_listing", lambda path: ([], 0))
    tracemalloc.start()
    found = images._scan(tmp_path, [], Quiet())
    kept = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert len(found.names) == 50_000
    assert found.names[49_999] == "0049999.jpg"
    assert kept < 50_000 * 40


def test_listing_can_be_cancelled(class_folders):
    class Stop(Quiet):
        def checkpoint(self, text="", done=0, total=0):
            raise Cancelled

    with pytest.raises(Cancelled):
        open_data(DataSource((str(class_folders),)), None, Stop())


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda d: None, "is an empty folder"),
        (lambda d: (d / "a").mkdir(), "holds no images"),
        (lambda d: (d / "x.txt").write_text("x"), "holds no images"),
        (lambda d: (d / "x.npz").write_text("x"), "Name one of the files in it (x.npz)"),
    ],
)
def test_folders_without_images(opened, tmp_path, make, what):
    (tmp_path / "d").mkdir()
    make(tmp_path / "d")
    with pytest.raises(DataError) as caught:
        opened(tmp_path / "d")
    assert str(tmp_path / "d") in caught.value.one_line()
    assert what in caught.value.one_line()


def test_damaged_images_are_left_out_and_counted(opened, class_folders):
    whole = (class_folders / "cat" / "0.png").read_bytes()
    (class_folders / "cat" / "1.png").write_bytes(whole[: len(whole) // 2])
    (class_folders / "dog" / "0.png").write_bytes(b"")
    data = opened(class_folders)
    got = everything(data.first)
    assert got.indices.tolist() == [0, 2, 4]
    assert got.labels.tolist() == [0, 0, 1]
    everything(data.first)
    info = data.describe()
    assert info.skipped == 2
    assert any("1.png" in note for note in info.notes)


def test_too_many_damaged_images_fail_naming_one(opened, tmp_path):
    for number in range(40):
        (tmp_path / "d" / "c").mkdir(parents=True, exist_ok=True)
        (tmp_path / "d" / "c" / f"{number:02d}.jpg").write_bytes(b"nothing")
    with pytest.raises(DataError, match=r"\.jpg is not an image.*8 more samples"):
        everything(opened(tmp_path / "d").first)


def test_a_few_among_many_are_tolerated():
    skipped = Skipped()
    skipped.good(1000)
    for number in range(40):
        skipped.leave_out(f"{number}", "is damaged.")
    assert len(skipped.names) == 40
    skipped.names += [f"{number}" for number in range(40, 50)]
    with pytest.raises(DataError, match="50 more samples"):
        skipped.leave_out("last", "is damaged.")


def test_an_unreadable_file_says_so(opened, class_folders, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Image, "open", refuse)
    with pytest.raises(pictures.Unreadable, match="Permission denied"):
        pictures.decode(class_folders / "cat" / "0.png")


def encoded(image, kind="PNG", **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def test_bombs_are_refused(monkeypatch):
    flat = encoded(Image.new("1", (9000, 9000)))
    with pytest.raises(pictures.Unreadable, match="9000×9000 pixels"):
        pictures.decode(flat)
    vast = encoded(Image.new("1", (14000, 14000)))
    with pytest.raises(pictures.Unreadable, match="far too many pixels"):
        pictures.decode(vast)


def test_a_thin_image_is_not_blown_up():
    thin = encoded(Image.new("L", (1, 30000)))
    wanted = Preprocessing(resize=Resize(shorter=4096, crop=(4096, 4096)))
    with pytest.raises(pictures.Unreadable, match="too long and thin"):
        pictures.decode(thin, wanted)


@pytest.mark.parametrize("kind", ["EPS", "PDF"])
def test_formats_that_start_programs_are_not_decoded(kind):
    with pytest.raises(pictures.Unreadable, match="not an image"):
        pictures.decode(encoded(Image.new("RGB", (4, 4)), kind))


@pytest.mark.parametrize(
    ("mode", "color", "rgb", "gray"),
    [
        ("RGB", (10, 20, 30), [10, 20, 30], [18]),
        ("L", 7, [7, 7, 7], [7]),
        ("RGBA", (10, 20, 30, 0), [10, 20, 30], [18]),
        ("1", 1, [255, 255, 255], [255]),
        ("I;16", 0x1234, [0x12, 0x12, 0x12], [0x12]),
        ("P", 0, [0, 0, 0], [0]),
    ],
)
def test_colors_as_the_network_wants_them(mode, color, rgb, gray):
    data = encoded(Image.new(mode, (3, 2), color))
    for order, want in (("RGB", rgb), ("BGR", rgb[::-1]), ("gray", gray)):
        pixels = pictures.decode(data, Preprocessing(channel_order=order))
        assert pixels.dtype == np.uint8
        assert pixels.shape == (2, 3, len(want))
        assert pixels[1, 2].tolist() == want
    assert pictures.decode(data).shape[2] == (1 if mode in ("L", "1", "I;16") else 3)


def test_resizing_and_cropping():
    ramp = np.tile(np.arange(0, 200, 2, dtype=np.uint8), (50, 1))  # 50 rows, 100 columns
    data = encoded(Image.fromarray(ramp))
    stretched = pictures.decode(data, Preprocessing(resize=Resize(size=(10, 20))))
    assert stretched.shape == (10, 20, 1)
    cropped = pictures.decode(data, Preprocessing(resize=Resize(shorter=50, crop=(30, 40))))
    assert (cropped[:, :, 0] == ramp[10:40, 30:70]).all()
    halved = pictures.decode(data, Preprocessing(resize=Resize(shorter=25)))
    assert halved.shape == (25, 25, 1)
    nearest = Resize(size=(50, 10), interpolation=Interpolation.NEAREST)
    picked = pictures.decode(data, Preprocessing(resize=nearest))[0, :, 0]
    assert set(picked.tolist()) <= set(ramp[0].tolist())


def test_arrays_are_reshaped_like_images():
    pixels = np.random.default_rng(0).integers(0, 256, (9, 12, 3), np.uint8)
    data = encoded(Image.fromarray(pixels))
    for order in ("RGB", "BGR", "gray"):
        wanted = Preprocessing(channel_order=order, resize=Resize(size=(5, 7)))
        decoded = pictures.decode(data, wanted).astype(int)
        assert np.abs(pictures.reshaped(pixels, wanted).astype(int) - decoded).max() <= 1
    floats = pictures.reshaped(pixels / 255, Preprocessing(resize=Resize(size=(9, 6))))
    assert floats.shape == (9, 6, 3)
    assert 0 <= floats.min() < floats.max() <= 1


def test_image_splits_are_read_in_small_chunks():
    assert ImageSplit.chunk == 16
    assert ImageSplit.decodes


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM"])
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_a_damaged_image_is_decoded_or_unreadable(kind, data):
    ramp = Image.fromarray(np.arange(300, dtype=np.uint8).reshape(10, 10, 3))
    content = bytearray(encoded(ramp, kind))
    place = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        content = content[:place]
    else:
        content[place] ^= 1 << data.draw(st.integers(0, 7))
    said = ""
    try:
        said = f"{pictures.decode(bytes(content)).ndim} axes."
    except pictures.Unreadable as error:
        said = str(error)
    assert said == "3 axes." or (said.endswith(".") and "axes" not in said)


def test_names_that_are_no_text_can_still_be_told(opened, tmp_path):
    (tmp_path / "d" / "a").mkdir(parents=True)
    (tmp_path / "d" / "a" / os.fsdecode(b"\xff.png")).write_bytes(b"broken")
    data = opened(tmp_path / "d")
    everything(data.first)
    assert data.describe().skipped == 1
    assert data.describe().notes[-1].encode()
