import numpy as np
import pytest
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from engine.data.batches import batches
from engine.data.fit import check_fit
from engine.data.roles import Subset
from engine.errors import DataError
from engine.info import TensorInfo
from engine.jobs.job import Quiet
from engine.preprocessing import Preprocessing, parse

WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "good", "bad", "film")
IDS = TensorInfo("input_ids", ("b", "n"), "int64")
MASK = TensorInfo("attention_mask", ("b", "n"), "int64")


def save_tokenizer(path, special=True):
    words = models.WordLevel({word: n for n, word in enumerate(WORDS)}, unk_token="[UNK]")
    tokenizer = Tokenizer(words)
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    if special:
        tokenizer.post_processor = processors.TemplateProcessing(
            single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
        )
    tokenizer.save(str(path))
    return path


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("text,label\ngood film,1\nbad,0\nthe good good film film,1\n")
    return path


def first(data, inputs, preprocessing=None):
    subset = Subset(data, data.first, np.arange(len(data.first)))
    return next(batches(subset, preprocessing or Preprocessing(), 8, Quiet(), inputs=inputs))


def test_texts_become_tokens_mask_and_types(table, opened, tmp_path):
    tokens = save_tokenizer(tmp_path / "tok.json")
    data = opened(table, source={"tokenizer": str(tokens)})
    types = TensorInfo("token_type_ids", ("b", "n"), "int32")
    places = TensorInfo("position_ids", ("b", "n"), "int64")
    batch = first(data, (IDS, MASK, types, places))
    assert batch.inputs["input_ids"].tolist() == [
        [2, 4, 6, 3, 0, 0, 0],
        [2, 5, 3, 0, 0, 0, 0],
        [2, 1, 4, 4, 6, 6, 3],
    ]
    assert batch.inputs["attention_mask"].sum(axis=1).tolist() == [4, 3, 7]
    assert not batch.inputs["token_type_ids"].any()
    assert batch.inputs["token_type_ids"].dtype == np.int32
    assert batch.inputs["position_ids"][2].tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert batch.labels.tolist() == [1, 0, 1]
    assert check_fit(data, None, (IDS, MASK)).ok


def test_a_tokenizer_beside_the_data_is_found(table, opened, tmp_path):
    assert opened(table).tokenize is None
    save_tokenizer(tmp_path / "tokenizer.json")
    assert first(opened(table), (IDS,)).inputs["input_ids"].shape == (3, 7)


def test_lengths_are_cut_and_filled(table, opened, tmp_path):
    save_tokenizer(tmp_path / "tokenizer.json")
    data = opened(table)
    fixed = (TensorInfo("x", ("b", 5), "int32"),)
    assert first(data, fixed).inputs["x"].tolist() == [
        [2, 4, 6, 3, 0],
        [2, 5, 3, 0, 0],
        [2, 1, 4, 4, 3],
    ]
    cut = first(data, (IDS,), parse({"max_length": 4, "pad": 9})).inputs["input_ids"]
    assert cut.tolist() == [[2, 4, 6, 3], [2, 5, 3, 9], [2, 1, 4, 3]]


def test_empty_texts_are_one_pad(opened, tmp_path):
    (tmp_path / "t.csv").write_text('text,label\n"",1\n"",0\ngood,1\n')
    save_tokenizer(tmp_path / "tokenizer.json", special=False)
    data = opened(tmp_path / "t.csv")
    empty = Subset(data, data.first, np.arange(2))
    (batch,) = batches(empty, Preprocessing(), 8, Quiet(), inputs=(IDS,))
    assert batch.inputs["input_ids"].tolist() == [[0], [0]]


def test_texts_in_an_npz(opened, tmp_path):
    save_tokenizer(tmp_path / "tokenizer.json")
    np.savez(tmp_path / "d.npz", x=np.array(["good", "bad film"]), y=np.array([1, 0]))
    assert first(opened(tmp_path / "d.npz"), (IDS,)).inputs["input_ids"].shape == (2, 4)


@pytest.mark.parametrize("content", ["{}", "not json", ""])
def test_a_file_that_is_no_tokenizer(table, opened, tmp_path, content):
    (tmp_path / "tok.json").write_text(content)
    with pytest.raises(DataError, match=r"tok\.json is not a tokenizer file"):
        opened(table, source={"tokenizer": str(tmp_path / "tok.json")})
    with pytest.raises(DataError, match="does not exist"):
        opened(table, source={"tokenizer": str(tmp_path / "none.json")})


def test_tokens_do_not_go_into_a_network_of_pixels(table, opened, tmp_path):
    save_tokenizer(tmp_path / "tokenizer.json")
    fit = check_fit(opened(table), None, (TensorInfo("image", ("b", 3, 8, 8), "float32"),))
    assert not fit.ok
    assert "b×3×8×8 of type float32" in fit.message
