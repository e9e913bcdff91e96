import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from engine.data import table_files
from engine.data.sources import open_data
from engine.errors import Cancelled, DataError
from engine.jobs.job import Quiet
from engine.jobs.requests import DataSource


def csv(tmp_path, text, name="t.csv"):
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def parquet(tmp_path, columns, **options):
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table(columns), path, **options)
    return path


def rows(split):
    return split.read(np.arange(len(split)))


def test_numbers_with_a_label(tmp_path, opened):
    data = opened(csv(tmp_path, "a,b,label\n1,2.5,0\n-3,4e1,1\n5,6,1\n"))
    got = rows(data.first)
    assert got.inputs.tolist() == [[1, 2.5], [-3, 40], [5, 6]]
    assert got.inputs.dtype == np.float32
    assert got.labels.tolist() == [0, 1, 1]
    assert data.first.read(np.array([2, 0])).inputs[:, 0].tolist() == [5, 1]
    assert data.describe().form == "table"


def test_a_split_column_tells_the_splits_apart(tmp_path, opened):
    text = "split,a,y\ntest,1,0\ntrain,2,1\nvalid,3,0\ntrain,4,0\n"
    data = opened(csv(tmp_path, text))
    assert {n: rows(s).inputs.tolist() for n, s in data.splits.items()} == {
        "train": [[2], [4]],
        "validation": [[3]],
        "test": [[1]],
    }
    assert data.splits["train"].labels.tolist() == [1, 0]


def test_a_column_called_split_may_be_something_else(tmp_path, opened):
    data = opened(csv(tmp_path, "split,y\n0.5,0\n0.7,1\n"))
    assert rows(data.first).inputs[:, 0].tolist() == pytest.approx([0.5, 0.7])


def test_an_unknown_split_is_told_with_its_row(tmp_path, opened):
    with pytest.raises(DataError, match="row 3, column split holds 'spare'"):
        opened(csv(tmp_path, "split,a,y\ntest,1,0\ntrain,2,1\nspare,3,0\n"))


@pytest.mark.parametrize(
    ("name", "separator"), [("t.csv", ","), ("t.csv", ";"), ("t.tsv", "\t"), ("t.csv", "|")]
)
def test_separators(tmp_path, opened, name, separator):
    text = "a,b,label\n1,2,0\n3,4,1\n".replace(",", separator)
    assert rows(opened(csv(tmp_path, text, name)).first).inputs.tolist() == [[1, 2], [3, 4]]


def test_quotes_line_breaks_and_a_byte_order_mark(tmp_path, opened):
    text = '\ufefftext,label\n"two\nlines, and a comma",1\n"say ""hi""",0\n'
    data = opened(csv(tmp_path, text))
    assert rows(data.first).inputs == ["two\nlines, and a comma", 'say "hi"']
    assert data.first.labels.tolist() == [1, 0]


def test_a_text_column_is_found_among_others(tmp_path, opened):
    data = opened(csv(tmp_path, "source,text,label,id\nweb,good,1,7\nbook,bad one,0,8\n"))
    assert rows(data.first).inputs == ["good", "bad one"]
    assert data.describe().form == "text"
    assert any("source" in note for note in data.notes)


def test_row_numbers_do_not_go_in_unless_asked(tmp_path, opened):
    path = csv(tmp_path, "id,a,label\n7,1,0\n8,2,1\n")
    assert rows(opened(path).first).inputs.tolist() == [[1], [2]]
    asked = opened(path, source={"input_columns": ("id", "a")})
    assert rows(asked.first).inputs.tolist() == [[7, 1], [8, 2]]
    said = opened(path, input_columns=("a", "id"))
    assert rows(said.first).inputs.tolist() == [[1, 7], [2, 8]]


@pytest.mark.parametrize("where", ["source", "preprocessing"])
def test_the_label_column_can_be_named(tmp_path, opened, where):
    path = csv(tmp_path, "a,kind,label\n1,0,9\n2,1,8\n")
    named = {"label_column": "kind"}
    data = opened(path, source=named) if where == "source" else opened(path, **named)
    assert data.first.labels.tolist() == [0, 1]
    assert rows(data.first).inputs.tolist() == [[1, 9], [2, 8]]


def test_without_a_label_column_the_columns_are_listed(tmp_path, opened):
    path = csv(tmp_path, "height,width,kind\n1,2,a\n3,4,b\n")
    with pytest.raises(DataError, match="height, width and kind"):
        opened(path)
    data = opened(path, source={"input_columns": ("height", "width")})
    assert not data.first.labelled
    assert rows(data.first).inputs.tolist() == [[1, 2], [3, 4]]


def test_labels_as_words(tmp_path, opened):
    path = csv(tmp_path, "a,label\n1,dog\n2,cat\n3,dog\n")
    data = opened(path)
    assert data.class_names == ("cat", "dog")
    assert data.first.labels.tolist() == [1, 0, 1]
    assert opened(path, labels=("dog", "emu", "cat")).first.labels.tolist() == [0, 2, 0]


def test_long_texts_are_no_labels(tmp_path, opened):
    path = csv(tmp_path, f"a,text\n1,{'word ' * 100}\n")
    with pytest.raises(DataError, match="column text holds texts of 500 characters"):
        opened(path, source={"label_column": "text"})


def test_labels_with_fractions_are_values(tmp_path, opened):
    data = opened(csv(tmp_path, "a,y\n1,0.5\n2,2\n"))
    assert data.first.labels.tolist() == [0.5, 2.0]
    assert data.first.labels.dtype == np.float32
    whole = opened(csv(tmp_path, "a,y\n1,1\n2,2\n"), task="regression")
    assert whole.first.labels.dtype == np.float32


def test_a_cell_that_is_no_number_is_named(tmp_path, opened):
    text = "a,b,label\n" + "1,2,0\n" * 9 + "1,three,1\n"
    with pytest.raises(DataError, match="row 10, column b holds 'three'"):
        opened(csv(tmp_path, text))


def test_it_is_named_in_a_later_block_too(tmp_path, opened):
    lines = ["a,b,label"] + ["1,2,0"] * 400_000 + ["1,oops,1"]
    with pytest.raises(DataError, match="row 400001, column b holds 'oops'"):
        opened(csv(tmp_path, "\n".join(lines)))


def test_empty_cells_become_nan_and_are_counted(tmp_path, opened):
    data = opened(csv(tmp_path, "a,b,label\n1,,0\nNA,2,1\n3,4,1\n"))
    got = rows(data.first).inputs
    assert np.isnan(got).tolist() == [[False, True], [True, False], [False, False]]
    assert any("a (1) and b (1)" in note for note in data.notes)


def test_an_empty_label_is_told_with_its_row(tmp_path, opened):
    with pytest.raises(DataError, match="row 2, column label is empty"):
        opened(csv(tmp_path, "a,label\n1,x\n2,\n"))


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("a,b,label\n1,2,0\n1,2\n", "has 2 cells in row 2, where 3 are expected"),
        ("a,a,label\n1,2,0\n", "two columns called 'a'"),
        ("a,label\n", "holds no rows"),
        (b"a,label\n\xff\xfe,1\n", "UTF-8"),
        (b"\x00\x01\x02", "not a table of UTF-8 text"),
        ("a,label".encode("utf-16"), "UTF-8"),
        ("\n\n\n", "not a table"),
        ("label\n1\n", "no column that a network could read"),
        ("a,b,label\nx,y,0\nz,w,1\n", "2 columns of texts"),
        ("1,2,3\n4,5,6\n", "columns are column 1, column 2 and column 3"),
    ],
)
def test_broken_tables(tmp_path, opened, text, what):
    path = csv(tmp_path, text)
    with pytest.raises(DataError) as caught:
        opened(path)
    assert what in caught.value.one_line()
    assert str(path) in caught.value.one_line()


def test_a_table_without_a_header(tmp_path, opened):
    path = csv(tmp_path, "1,2,0\n4,5,1\n")
    data = opened(path, source={"label_column": "column 3"})
    assert rows(data.first).inputs.tolist() == [[1, 2], [4, 5]]


def test_an_unknown_column_is_told(tmp_path, opened):
    path = csv(tmp_path, "a,label\n1,0\n")
    with pytest.raises(DataError, match="no column 'weight', only a and label"):
        opened(path, source={"input_columns": ("weight",)})
    with pytest.raises(DataError, match="no column 'kind'"):
        opened(path, source={"label_column": "kind"})


def test_a_cell_larger_than_a_block(tmp_path, opened, monkeypatch):
    long = "word " * 400_000
    data = opened(csv(tmp_path, f'text,label\nshort,0\n"{long}",1\n'))
    assert rows(data.first).inputs == ["short", long]
    monkeypatch.setattr(table_files, "BLOCK_BYTES", (1 << 10, 1 << 12))
    with pytest.raises(DataError, match="cannot be read as a table"):
        opened(csv(tmp_path, f'text,label\nshort,0\n"{long}",1\n'))


def test_reading_can_be_cancelled(tmp_path):
    path = csv(tmp_path, "a,label\n1,0\n")

    class Stop(Quiet):
        def checkpoint(self, text="", done=0, total=0):
            raise Cancelled

    with pytest.raises(Cancelled):
        open_data(DataSource((str(path),)), None, Stop())


def test_parquet_numbers_and_words(tmp_path, opened):
    columns = {
        "a": pa.array([1, 2, None], pa.int64()),
        "b": pa.array([0.5, 1.5, 2.5], pa.float32()),
        "flag": [True, False, True],
        "label": pa.array(["x", "y", "x"]).dictionary_encode(),
        "split": ["train", "test", "train"],
        "when": pa.array([0, 1, 2], pa.timestamp("s")),
    }
    data = opened(parquet(tmp_path, columns))
    got = rows(data.splits["train"])
    assert got.inputs[0].tolist() == [1, 0.5, 1]
    assert np.isnan(got.inputs[1, 0])
    assert got.labels.tolist() == [0, 0]
    assert data.class_names == ("x", "y")
    assert any("when" in note for note in data.notes)


def image_bytes(value):
    buffer = io.BytesIO()
    Image.new("RGB", (4, 3), (value, 0, 0)).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize("form", ["binary", "struct"])
def test_parquet_with_images(tmp_path, opened, form):
    cells = [image_bytes(value) for value in (10, 20, 30)]
    if form == "struct":
        cells = [{"bytes": cell, "path": f"{n}.png"} for n, cell in enumerate(cells)]
    data = opened(parquet(tmp_path, {"image": cells, "label": [2, 1, 0]}, row_group_size=2))
    assert data.describe().form == "images"
    got = data.first.read(np.array([2, 0]))
    assert [image[0, 0].tolist() for image in got.inputs] == [[30, 0, 0], [10, 0, 0]]
    assert got.labels.tolist() == [0, 2]


def test_a_damaged_image_in_a_table_is_left_out(tmp_path, opened):
    cells = [image_bytes(1), b"no image", None, image_bytes(2)]
    data = opened(parquet(tmp_path, {"image": pa.array(cells, pa.binary()), "label": [0, 1, 2, 3]}))
    got = rows(data.first)
    assert got.indices.tolist() == [0, 3]
    assert got.labels.tolist() == [0, 3]
    assert "row 2" in data.skipped.names[0]


def test_parquet_with_lists(tmp_path, opened):
    pictures = [[[1, 2], [3, 4]], [[5, 6], [7, 8]], [[9, 10], [11, 12]]]
    cells = pa.array(pictures, pa.list_(pa.list_(pa.uint8())))
    data = opened(parquet(tmp_path, {"pixels": cells, "y": [0, 1, 0]}))
    assert data.first.sample_shape == (2, 2)
    assert data.first.dtype == "uint8"
    assert data.first.read(np.array([1])).inputs.tolist() == [[[5, 6], [7, 8]]]
    uneven = pa.array([[1.0], [1.0, 2.0]])
    with pytest.raises(DataError, match="lists of different lengths"):
        opened(parquet(tmp_path, {"v": uneven, "y": [0, 1]}))


def test_parquet_texts(tmp_path, opened):
    columns = {"sentence": pa.array(["a b", None, "ä"], pa.large_string()), "label": [0, 1, 0]}
    assert rows(opened(parquet(tmp_path, columns)).first).inputs == ["a b", "", "ä"]


def test_a_table_that_would_explode_is_refused(tmp_path, opened, monkeypatch):
    monkeypatch.setattr(table_files, "BOMB_SIZE", 1 << 20)
    path = parquet(tmp_path, {"a": np.zeros(5_000_000), "label": np.zeros(5_000_000, int)})
    with pytest.raises(DataError, match="would grow to"):
        opened(path)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_damaged_parquet_is_one_sentence(tmp_path, data):
    path = parquet(tmp_path, {"a": np.arange(50.0), "label": np.arange(50) % 3})
    content = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        content = content[:place]
    else:
        content[place] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(content)
    said = "t.parquet"
    try:
        rows(open_data(DataSource((str(path),)), None, Quiet()).first)
    except DataError as error:
        said = error.one_line()
    assert "t.parquet" in said


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    content=st.binary(max_size=80) | st.text(alphabet='01,\n"a;.\0', max_size=80).map(str.encode)
)
def test_any_bytes_called_csv_are_a_table_or_one_sentence(tmp_path, content):
    path = csv(tmp_path, b"a,label\n" + content)
    said = "t.csv"
    try:
        rows(open_data(DataSource((str(path),)), None, Quiet()).first)
    except DataError as error:
        said = error.one_line()
    assert "t.csv" in said
