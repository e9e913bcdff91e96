"""What a file is, by its content."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ModelError
from engine.readers.sniff import Container, sniff
from tests.helpers import valid

CONTAINERS = {
    "onnx": Container.ONNX,
    "external": Container.ONNX,
    "pt2": Container.PT2,
    "torchscript": Container.TORCHSCRIPT,
    "state_dict": Container.TORCH,
    "legacy": Container.TORCH_OLD,
    "safetensors": Container.SAFETENSORS,
}
STARTS = (
    b"",
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\x80",
    b"\x80\x02",
    b"\x08",
    b"\x08\x07\x12",
    b"\x3a",
)


@pytest.mark.parametrize("form", valid.WRITERS)
@pytest.mark.parametrize("name", ["model", "model.onnx", "model.png"])
def test_form_is_told_by_content(form, name, tmp_path):
    path = tmp_path / name
    valid.WRITERS[form](tmp_path).rename(path)
    assert sniff(path) is CONTAINERS[form]


def test_fields_of_onnx_may_come_in_any_order(tmp_path):
    model = valid.onnx_model()
    graph = model.graph.SerializeToString()
    model.ClearField("graph")
    length = len(graph)
    prefix = bytes([7 << 3 | 2, length & 127 | 128, length >> 7])
    path = tmp_path / "turned.onnx"
    path.write_bytes(prefix + graph + model.SerializeToString())
    assert sniff(path) is Container.ONNX


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return tmp_path_factory.mktemp("sniff") / "model.onnx"


@given(st.sampled_from(STARTS), st.binary(max_size=600))
def test_any_bytes_are_told_or_refused_with_a_sentence(file, start, rest):
    file.write_bytes(start + rest)
    try:
        assert isinstance(sniff(file), Container)
        return
    except ModelError as error:
        sentence = error.one_line()
    assert str(file) in sentence
    assert "\n" not in sentence
