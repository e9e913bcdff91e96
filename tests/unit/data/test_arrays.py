import io
import struct
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.data import npy, rows
from engine.data.sources import open_data
from engine.errors import DataError
from engine.jobs.job import Quiet
from engine.jobs.requests import DataSource


def read(split, *indices):
    return split.read(np.array(indices))


@pytest.mark.parametrize("saver", [np.savez, np.savez_compressed])
def test_splits_and_their_rows(tmp_path, opened, digits, saver):
    saver(tmp_path / "d.npz", **digits)
    data = opened(tmp_path / "d.npz")
    assert list(data.splits) == ["train", "test"]
    info = data.describe()
    assert [(s.name, s.samples, s.labelled) for s in info.splits] == [
        ("train", 60, True),
        ("test", 20, True),
    ]
    assert (info.sample_shape, info.dtype, info.form) == ((8, 8), "uint8", "arrays")
    got = read(data.splits["test"], 3, 4, 5, 0, 19, 19)
    assert (got.inputs == digits["x_test"][[3, 4, 5, 0, 19, 19]]).all()
    assert got.labels.tolist() == [3, 4, 5, 0, 9, 9]
    assert got.labels.dtype == np.int64


@pytest.mark.parametrize(
    "names",
    [
        ("x", "y"),
        ("images", "labels"),
        ("X", "target"),
        ("data", "targets"),
        ("arr_0", "arr_1"),
        ("pixels", "label"),
    ],
)
def test_names_of_one_split(tmp_path, opened, names):
    x, y = np.arange(12.0).reshape(6, 2), np.arange(6)
    np.savez(tmp_path / "d.npz", **dict(zip(names, (x, y), strict=True)))
    data = opened(tmp_path / "d.npz")
    assert list(data.splits) == ["all"]
    assert (read(data.first, 5).inputs == x[5]).all()
    assert data.first.labels.tolist() == [0, 1, 2, 3, 4, 5]


def test_validation_and_other_orders_of_names(tmp_path, opened):
    x, y = np.zeros((4, 2)), np.arange(4)
    np.savez(
        tmp_path / "d.npz",
        train_images=x,
        train_labels=y,
        x_val=x[:3],
        y_val=y[:3],
        test_x=x[:2],
        test_y=y[:2],
        comment=np.zeros(1),
    )
    data = opened(tmp_path / "d.npz")
    assert {n: len(s) for n, s in data.splits.items()} == {"train": 4, "validation": 3, "test": 2}


def test_inputs_alone_are_unlabelled(tmp_path, opened):
    np.savez(tmp_path / "d.npz", x=np.zeros((4, 2)))
    data = opened(tmp_path / "d.npz")
    assert not data.describe().labelled
    assert read(data.first, 0).labels is None


def test_several_inputs_go_in_together(tmp_path, opened):
    ids = np.arange(12).reshape(4, 3)
    np.savez(tmp_path / "d.npz", input_ids=ids, attention_mask=np.ones_like(ids), y=np.arange(4))
    got = read(opened(tmp_path / "d.npz").first, 2)
    assert got.inputs["input_ids"].tolist() == [[6, 7, 8]]
    assert got.inputs["attention_mask"].tolist() == [[1, 1, 1]]
    assert got.labels.tolist() == [2]


def test_arrays_beside_x_are_left_out_and_noted(tmp_path, opened):
    np.savez(tmp_path / "d.npz", x=np.zeros((4, 2)), y=np.arange(4), weights=np.ones(4))
    data = opened(tmp_path / "d.npz")
    assert any("weights" in note for note in data.notes)


def test_class_names_in_the_file(tmp_path, opened):
    names = np.array(["cat", "dog"])
    np.savez(tmp_path / "d.npz", x=np.zeros((4, 2)), y=np.array([0, 1, 1, 0]), class_names=names)
    assert opened(tmp_path / "d.npz").class_names == ("cat", "dog")


@pytest.mark.parametrize("pair", [("x.npy", "y.npy"), ("labels.npy", "images.npy")])
def test_a_pair_of_npy_files_in_either_order(tmp_path, opened, pair):
    for name in pair:
        labels = name in ("y.npy", "labels.npy")
        np.save(tmp_path / name, np.arange(5) if labels else np.ones((5, 2), np.float32))
    data = opened(*(tmp_path / name for name in pair))
    assert data.first.sample_shape == (2,)
    assert data.first.labels.tolist() == [0, 1, 2, 3, 4]


def test_one_npy_file_and_other_byte_order(tmp_path, opened):
    np.save(tmp_path / "x.npy", np.arange(6, dtype=">f4").reshape(3, 2))
    data = opened(tmp_path / "x.npy")
    got = read(data.first, 2, 0).inputs
    assert got.tolist() == [[4, 5], [0, 1]]
    assert got.dtype == np.dtype("float32")


@pytest.mark.parametrize("saver", [np.savez, np.savez_compressed])
def test_fortran_order(tmp_path, opened, saver):
    x = np.arange(24.0).reshape(4, 3, 2)
    saver(tmp_path / "d.npz", x=np.asfortranarray(x))
    got = read(opened(tmp_path / "d.npz").first, 1, 3)
    assert (got.inputs == x[[1, 3]]).all()
    np.save(tmp_path / "x.npy", np.asfortranarray(x))
    assert (read(opened(tmp_path / "x.npy").first, 2).inputs == x[2]).all()


@pytest.mark.parametrize("most_memory", [0, 1 << 20])
def test_large_arrays_wait_in_a_temporary_file(tmp_path, opened, monkeypatch, most_memory):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr(rows, "memory_budget", lambda: most_memory)
    x = np.random.default_rng(0).random((100, 7))
    np.savez_compressed(tmp_path / "d.npz", x=x)
    data = opened(tmp_path / "d.npz")
    assert (read(data.first, 99, 5, 6).inputs == x[[99, 5, 6]]).all()
    files = list(tmp_path.glob("espalier-*/rows"))
    assert [f.stat().st_size for f in files] == ([x.nbytes] if not most_memory else [])
    del data
    assert not list(tmp_path.glob("espalier-*"))


def test_nothing_is_decompressed_before_it_is_read(tmp_path, opened, digits, monkeypatch):
    np.savez_compressed(tmp_path / "d.npz", **digits)
    unpacked = []
    original = npy._decompressed

    def watch(path, member, *rest):
        unpacked.append(member.filename)
        return original(path, member, *rest)

    monkeypatch.setattr(npy, "_decompressed", watch)
    data = opened(tmp_path / "d.npz")
    assert unpacked == ["y_train.npy", "y_test.npy"]
    read(data.splits["test"], 0)
    read(data.splits["test"], 1)
    assert unpacked == ["y_train.npy", "y_test.npy", "x_test.npy"]


def test_a_file_changed_meanwhile_is_noticed(tmp_path, opened):
    path = tmp_path / "x.npy"
    np.save(path, np.zeros((1000, 4)))
    data = opened(path)
    np.save(path, np.ones((1000, 5)))
    with pytest.raises(DataError, match="was changed while it was open"):
        read(data.first, 0)
    np.save(path, np.ones((2, 4)))
    with pytest.raises(DataError, match="has become shorter"):
        read(data.first, 999)
    path.unlink()
    with pytest.raises(DataError, match="does not exist"):
        read(data.first, 0)


def read_all(opened, path):
    for split in opened(path).splits.values():
        split.read(np.arange(len(split)))


def failing(tmp_path, opened, name="d.npz"):
    with pytest.raises(DataError) as caught:
        read_all(opened, tmp_path / name)
    line = caught.value.one_line()
    assert name in line
    assert "\n" not in line
    return line


def test_objects_are_refused_and_nothing_runs(tmp_path, opened):
    fired = tmp_path / "fired"

    class Trap:
        def __reduce__(self):
            return (fired.write_text, ("x",))

    np.savez(tmp_path / "d.npz", x=np.array([Trap()], dtype=object))
    fired.unlink(missing_ok=True)
    assert "pickle" in failing(tmp_path, opened)
    np.save(tmp_path / "x.npy", np.array([Trap()], dtype=object))
    assert "pickle" in failing(tmp_path, opened, "x.npy")
    assert not fired.exists()


def test_different_lengths(tmp_path, opened):
    np.savez(tmp_path / "d.npz", x=np.zeros((4, 2)), y=np.zeros(5, int))
    line = failing(tmp_path, opened)
    assert "4×2" in line
    assert "y is 5" in line


@pytest.mark.parametrize(
    ("arrays", "what"),
    [
        ({"y": np.arange(3)}, "no inputs"),
        ({"x": np.zeros((2, 2)), "images": np.zeros((2, 2))}, "more than one array"),
        ({"x": np.zeros((0, 4)), "y": np.zeros(0, int)}, "no samples"),
        ({"x": np.float32(3)}, "single number"),
        ({"x": np.zeros((3, 2), complex)}, "type complex128"),
        ({"x": np.zeros(3, [("a", "f4")])}, "which no network reads"),
        ({"x": np.zeros(3, "datetime64[s]")}, "which no network reads"),
        ({"x": np.zeros((2, 2)), "y": np.array([0, np.nan])}, "not a number, at sample 1"),
    ],
)
def test_arrays_that_make_no_data_set(tmp_path, opened, arrays, what):
    np.savez(tmp_path / "d.npz", **arrays)
    assert what in failing(tmp_path, opened)


def test_empty_archives_and_files(tmp_path, opened):
    with zipfile.ZipFile(tmp_path / "d.npz", "w") as archive:
        archive.writestr("readme.txt", "hello")
    assert "holds no arrays" in failing(tmp_path, opened)
    (tmp_path / "d.npz").write_bytes(b"")
    assert "is empty" in failing(tmp_path, opened)
    (tmp_path / "d.npz").write_bytes(b"not a zip at all")
    assert "not an .npz archive" in failing(tmp_path, opened)


def header(shape, dtype="'|u1'"):
    text = f"{{'descr': {dtype}, 'fortran_order': False, 'shape': {shape}, }}"
    text = text.ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode()


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (header("(1000000000, 1000000000)"), "cut short"),
        (header("(10,)") + b"123", "cut short"),
        (header("(-1, 2)"), "says that its shape"),
        (header("()"), "single number"),
        (header("(3,)", "'O'"), "Python objects"),
        (header("(3,)", "'nonsense'"), "not a numpy array"),
        (header("'text'"), "not a numpy array"),
        (header("(" * 90), "not a numpy array"),
        (b"\x93NUMPY\x09\x00\x00\x00", "not a numpy array"),
        (b"\x93NUMPY", "not a numpy array"),
    ],
)
def test_damaged_headers(tmp_path, opened, content, what):
    (tmp_path / "x.npy").write_bytes(content)
    assert what in failing(tmp_path, opened, "x.npy")
    with zipfile.ZipFile(tmp_path / "d.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", content)
    assert what in failing(tmp_path, opened)


def test_a_single_sample_of_gigabytes_is_refused(tmp_path, opened):
    with (tmp_path / "x.npy").open("wb") as file:
        file.write(header("(1, 1000000000)"))
        file.truncate(1_000_000_200)
    assert "too large" in failing(tmp_path, opened, "x.npy")


def test_zip_bombs_are_refused_before_they_are_unpacked(tmp_path, opened, monkeypatch):
    monkeypatch.setattr(npy, "BOMB_SIZE", 1 << 20)
    zeros = header("(3000000,)") + bytes(3_000_000)
    with zipfile.ZipFile(tmp_path / "d.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", zeros)
    assert "when decompressed" in failing(tmp_path, opened)


def test_no_room_for_a_temporary_file(tmp_path, opened, monkeypatch):
    monkeypatch.setattr(rows, "memory_budget", lambda: 0)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    np.savez_compressed(tmp_path / "d.npz", x=np.ones((3, 2)))
    assert "temporary file" in failing(tmp_path, opened)


def test_an_encrypted_archive(tmp_path, opened):
    np.savez(tmp_path / "d.npz", x=np.ones((3, 2)))
    content = bytearray((tmp_path / "d.npz").read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "d.npz").write_bytes(content)
    assert "encrypted" in failing(tmp_path, opened)


def test_an_archive_under_another_name_is_recognised(tmp_path, opened):
    np.savez(tmp_path / "d.npz", x=np.ones((3, 2)))
    (tmp_path / "d.npz").rename(tmp_path / "d.dat")
    assert "looks like an .npz file" in failing(tmp_path, opened, "d.dat")


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_damaged_archives_never_end_in_anything_but_a_sentence(tmp_path, data):
    buffer = io.BytesIO()
    np.savez_compressed(buffer, x=np.arange(60.0).reshape(30, 2), y=np.arange(30) % 3)
    content = bytearray(buffer.getvalue())
    kind = data.draw(st.sampled_from(["cut", "flip", "insert"]))
    place = data.draw(st.integers(0, len(content) - 1))
    if kind == "cut":
        content = content[:place]
    elif kind == "flip":
        content[place] ^= 1 << data.draw(st.integers(0, 7))
    else:
        content[place:place] = data.draw(st.binary(min_size=1, max_size=8))
    path = tmp_path / "d.npz"
    path.write_bytes(content)
    said = "d.npz"
    try:
        read_all(lambda p: open_data(DataSource((str(p),)), None, Quiet()), path)
    except DataError as error:
        said = error.one_line()
    assert "d.npz" in said
