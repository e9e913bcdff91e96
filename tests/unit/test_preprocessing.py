import json
import os
import pickle
import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data_info import Offer, apply_offer
from engine.errors import DataError
from engine.paths import RESOURCES
from engine.preprocessing import (
    ChannelOrder,
    Interpolation,
    Preprocessing,
    Resize,
    Task,
    parse,
    questions,
)
from engine.preprocessing_file import beside, find, load, save

EXAMPLE = {
    "task": "classification",
    "input": "input",
    "output": "logits",
    "input_shape": ["batch", 3, 32, 32],
    "layout": "NCHW",
    "channel_order": "RGB",
    "scale": 1 / 255,
    "mean": [0.485, 0.456, 0.406],
    "std": [0.229, 0.224, 0.225],
    "labels": ["airplane", "automobile"],
    "parameters": 269722,
    "measured_top1_percent": {"test": 81.03},
}


def write(path, content):
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_a_file_is_read_field_by_field(tmp_path):
    read = load(write(tmp_path / "m.json", EXAMPLE))
    assert read.task is Task.CLASSIFICATION
    assert read.channel_order is ChannelOrder.RGB
    assert read.input_shape == ("batch", 3, 32, 32)
    assert read.sample_shape == (3, 32, 32)
    assert read.std == (0.229, 0.224, 0.225)
    assert read.labels == ("airplane", "automobile")


def test_unknown_fields_survive_a_round_trip(tmp_path):
    read = load(write(tmp_path / "m.json", EXAMPLE))
    save(read, tmp_path / "n.json")
    written = json.loads((tmp_path / "n.json").read_text())
    assert written == {**EXAMPLE, "resize": None}
    assert load(tmp_path / "n.json") == read
    assert sorted(p.name for p in tmp_path.iterdir()) == ["m.json", "n.json"]


def test_saving_writes_the_ten_fields_even_when_nothing_was_said(tmp_path):
    save(Preprocessing(), tmp_path / "p.json")
    assert set(json.loads((tmp_path / "p.json").read_text())) == {
        *("input", "input_shape", "layout", "channel_order", "scale", "mean", "std"),
        *("resize", "labels", "task"),
    }
    assert load(tmp_path / "p.json") == Preprocessing()


def test_saving_where_nothing_can_be_written_is_one_sentence(tmp_path):
    with pytest.raises(DataError, match="cannot be written"):
        save(Preprocessing(), tmp_path / "missing" / "p.json")


@given(
    st.builds(
        Preprocessing,
        input=st.text(max_size=5),
        layout=st.sampled_from(["", "NCHW", "NHWC", "NC"]),
        scale=st.none() | st.floats(1e-6, 1e3),
        mean=st.lists(st.floats(-10, 10), max_size=1).map(tuple),
        resize=st.none() | st.builds(Resize, size=st.tuples(st.integers(1, 99), st.integers(1, 9))),
        labels=st.lists(st.text(), unique=True, max_size=4).map(tuple),
        task=st.none() | st.sampled_from(Task),
        first_label=st.integers(0, 3),
        max_length=st.none() | st.integers(1, 99),
    )
)
def test_whatever_is_written_reads_back_the_same(tmp_path_factory, fields):
    path = tmp_path_factory.getbasetemp() / "round.json"
    save(fields, path)
    assert load(path) == fields


def test_it_is_frozen_hashable_and_picklable():
    one = Preprocessing(mean=(1.0,), extra_field=3)
    assert hash(one) == hash(Preprocessing(mean=(1.0,), extra_field=3))
    assert pickle.loads(pickle.dumps(one)) == one
    with pytest.raises(ValueError, match="frozen"):
        one.scale = 2.0


@pytest.mark.parametrize(
    ("fields", "field", "what"),
    [
        ({"std": [0.2, 0]}, "std", "greater than 0"),
        ({"scale": 0}, "scale", "must not be 0"),
        ({"mean": [1, 2, 3], "std": [1, 2]}, "mean", "one per channel"),
        ({"mean": ["dark"]}, "mean.0", "valid number"),
        ({"layout": "CHW"}, "layout", "not a layout"),
        ({"layout": "NCXY"}, "layout", "letters other than"),
        ({"input_shape": ["b", 1.5]}, "input_shape.1", "valid integer"),
        ({"input_shape": ["b", 0]}, "input_shape.1", "greater than"),
        ({"input_shape": ["b", 3, 8, 8], "layout": "NC"}, "input_shape", "4 axes"),
        ({"resize": {"shorter": 10, "crop": [20, 20]}}, "resize", "larger than"),
        ({"resize": {"size": [2, 2], "shorter": 2}}, "resize", "either"),
        ({"resize": {"size": [2, 2], "crop": [2, 2]}}, "resize", "crop goes with"),
        ({"resize": "big"}, "resize", "dictionary"),
        ({"resize": {"size": [2, 2], "interpolation": "magic"}}, "resize.interpolation", "nearest"),
        ({"labels": ["a", "a"]}, "labels", "more than once"),
        ({"task": "guess"}, "task", "regression"),
        ({"channel_order": "GBR"}, "channel_order", "BGR"),
        ({"scale": float("nan")}, "scale", "finite"),
    ],
)
def test_an_error_names_the_file_and_the_field(tmp_path, fields, field, what):
    path = write(tmp_path / "wrong.json", fields)
    with pytest.raises(DataError) as caught:
        load(path)
    line = caught.value.one_line()
    assert str(path) in line
    assert field in line
    assert what in line
    assert line.count(str(path)) == 1


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ('{"scale": 1,\n "mean": [1 2]}', "line 2, column 13"),
        ("[1, 2]", "holds a list"),
        ("", "line 1"),
        ("[" * 100_000, "not a JSON text"),
    ],
)
def test_broken_json_says_where(tmp_path, content, what):
    path = write(tmp_path / "broken.json", content)
    with pytest.raises(DataError, match=what):
        load(path)


def test_bytes_that_are_no_text(tmp_path):
    (tmp_path / "b.json").write_bytes(b"\x80\x81{")
    with pytest.raises(DataError, match="not a JSON text"):
        load(tmp_path / "b.json")


def test_a_missing_file_and_a_huge_one(tmp_path):
    with pytest.raises(DataError, match="No such file"):
        load(tmp_path / "none.json")
    with (tmp_path / "huge.json").open("wb") as file:
        file.truncate(1 << 30)
    with pytest.raises(DataError, match="too large"):
        load(tmp_path / "huge.json")


def test_short_forms():
    assert parse({"resize": 224}).resize.result == (224, 224)
    assert parse({"resize": [10, 20]}).resize.result == (10, 20)
    assert parse({"resize": "none"}).resize is None
    cropped = parse({"resize": {"shorter": 256, "crop": [224, 224], "interpolation": "bicubic"}})
    assert cropped.resize.result == (224, 224)
    assert cropped.resize.interpolation is Interpolation.BICUBIC
    assert parse({"resize": {"shorter": 64}}).resize.result == (64, 64)
    assert parse({"mean": 0.5, "std": 2}).mean == (0.5,)
    assert parse({"labels": {"1": "b", "0": "a", "10": "c"}}).labels == ("a", "b", "c")
    assert parse({"labels": [0, 1]}).labels == ("0", "1")
    assert parse({"layout": "nchw"}).layout == "NCHW"
    assert parse({"data_layout": "NHWC"}).data_layout == "HWC"
    assert parse({"input_shape": []}).sample_shape == ()


@pytest.mark.parametrize(
    ("shape", "layout", "sample"),
    [
        (["batch", 3, 8, 8], "NCHW", (3, 8, 8)),
        ([None, 3, 8, 8], "", (3, 8, 8)),
        ([-1, 784], "", (784,)),
        ([3, 8, 8], "NCHW", (3, 8, 8)),
        ([1, 3, 8, 8], "", (3, 8, 8)),
        ([3, 8, 8], "", (3, 8, 8)),
        (["b", None, "h"], "", ("dim1", "h")),
    ],
)
def test_the_sample_shape_has_no_batch_axis(shape, layout, sample):
    assert parse({"input_shape": shape, "layout": layout}).sample_shape == sample


def test_questions_are_what_was_not_said():
    assert {q.field for q in questions(Preprocessing())} >= {"mean", "std", "scale", "labels"}
    said = parse({**EXAMPLE, "channel_order": None})
    assert [q.field for q in questions(said)] == ["channel_order"]
    assert questions(parse(EXAMPLE)) == ()


@pytest.mark.parametrize(
    ("shape", "layout", "asks"),
    [
        (["b", 1, 8, 8], "NCHW", False),
        ([1, 8, 8], "NCHW", False),
        (["b", 8, 8, 1], "NHWC", False),
        (["b", 3, 8, 8], "NCHW", True),
        (["b", 1], "", True),
    ],
)
def test_one_channel_has_no_order(shape, layout, asks):
    said = parse({"input_shape": shape, "layout": layout})
    assert any(q.field == "channel_order" for q in questions(said)) is asks


def test_the_file_beside_the_model_comes_first(tmp_path):
    model, data = tmp_path / "m" / "net.onnx", tmp_path / "d" / "set.npz"
    model.parent.mkdir()
    data.parent.mkdir()
    assert beside(model, [data]) is None
    write(data.parent / "preprocessing.json", {"scale": 4})
    assert find(model, [data]).preprocessing.scale == 4
    write(data.parent / "set.json", {"scale": 3})
    assert find(model, [data]).preprocessing.scale == 3
    write(model.parent / "net.json", {"scale": 2})
    found = find(model, [data])
    assert found.preprocessing.scale == 2
    assert found.path == model.parent / "net.json"
    assert "scale" not in {q.field for q in found.missing}
    other = write(tmp_path / "other.json", {"scale": 1})
    assert find(model, [data], other).preprocessing.scale == 1


def test_a_folder_of_data_has_it_inside_or_beside(tmp_path):
    data = tmp_path / "photos"
    data.mkdir()
    write(tmp_path / "photos.json", {"scale": 3})
    assert beside(None, [data]) == tmp_path / "photos.json"
    write(data / "preprocessing.json", {"scale": 4})
    assert beside(None, [data]) == data / "preprocessing.json"


def test_the_working_folder_as_data(tmp_path, monkeypatch):
    (tmp_path / "photos").mkdir()
    write(tmp_path / "photos.json", {"scale": 3})
    monkeypatch.chdir(tmp_path / "photos")
    assert find(None, ["."]).preprocessing.scale == 3


@pytest.mark.parametrize("path", ["", ".", "/", "x" * 5000, "a\0b", "/proc/1/root/x"])
def test_paths_that_cannot_be_looked_at_have_nothing_beside_them(path):
    assert beside(path, [path or "nowhere"]) is None


def test_other_json_beside_a_model_is_passed_over_but_broken_json_is_told(tmp_path):
    path = write(tmp_path / "net.json", {"version": 1, "model": {}})
    assert beside(tmp_path / "net.onnx") is None
    assert find(tmp_path / "net.onnx").preprocessing == Preprocessing()
    path.write_text("{")
    with pytest.raises(DataError, match=r"net\.json"):
        find(tmp_path / "net.onnx")


def test_an_offer_changes_its_fields_alone():
    before = parse(EXAMPLE)
    resize = Resize(size=(8, 8))
    after = apply_offer(before, Offer("", (("resize", resize), ("data_layout", "CHW"))))
    assert (after.resize, after.data_layout) == (resize, "CHW")
    assert after.mean == before.mean
    assert after.model_extra == before.model_extra


def test_importing_it_loads_nothing_heavy():
    code = (
        "import sys, engine.data_info, engine.preprocessing_file; "
        "print([m for m in ('torch', 'onnx', 'numpy', 'PIL', 'pyarrow') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


HELP = (RESOURCES / "help" / "preprocessing.md").read_text(encoding="utf-8")


def test_the_help_page_names_every_field():
    table = HELP.partition("## Fields")[2].partition("## Examples")[0]
    rows = set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE))
    assert rows == set(Preprocessing.model_fields)


def test_the_examples_of_the_help_page_are_valid():
    examples = re.findall(r"```json\n(.*?)```", HELP, re.DOTALL)
    assert len(examples) >= 4
    for example in examples:
        fields = json.loads(example)
        assert set(fields) <= set(Preprocessing.model_fields)
        parse(fields)


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_a_written_file_may_be_read_by_whom_the_mask_lets(tmp_path):
    before = os.umask(0o027)
    try:
        save(Preprocessing(), tmp_path / "p.json")
    finally:
        os.umask(before)
    assert (tmp_path / "p.json").stat().st_mode & 0o777 == 0o640
