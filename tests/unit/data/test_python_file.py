import numpy as np
import pytest

from engine.data.batches import batches
from engine.data.fit import check_fit
from engine.data.roles import Subset
from engine.errors import DataError, TrustRequired
from engine.info import TensorInfo
from engine.jobs.job import Quiet
from engine.preprocessing import Preprocessing, parse

ITEMS = """
import numpy as np

class Dataset:
    def __init__(self, count=6):
        self.count = count
    def __len__(self):
        return self.count
    def __getitem__(self, index):
        if index >= self.count:
            raise IndexError(index)
        return np.full((2, 2), index, np.uint8), index % 3
"""


@pytest.fixture
def script(tmp_path, opened):
    def run(text, **fields):
        (tmp_path / "d.py").write_text(text)
        return opened(tmp_path / "d.py", source={"trusted": True}, **fields)

    return run


def everything(split):
    return split.read(np.arange(len(split)))


def test_it_does_not_run_before_it_is_trusted(tmp_path, opened):
    fired = tmp_path / "fired"
    (tmp_path / "d.py").write_text(f"open({str(fired)!r}, 'w')\ndataset = []\n")
    with pytest.raises(TrustRequired, match=r"d\.py is Python code"):
        opened(tmp_path / "d.py")
    assert not fired.exists()


def test_a_class_called_dataset(script):
    data = script(ITEMS)
    got = everything(data.first)
    assert got.labels.tolist() == [0, 1, 2, 0, 1, 2]
    assert [int(a[0, 0]) for a in got.inputs] == [0, 1, 2, 3, 4, 5]
    assert data.first.sample_shape == (2, 2)
    assert data.describe().form == "python"


@pytest.mark.parametrize(
    ("end", "splits"),
    [
        ("train, test = Dataset(5), Dataset(3)", {"train": 5, "test": 3}),
        ("train_dataset = Dataset(5)\nval_dataset = Dataset(2)", {"train": 5, "validation": 2}),
        ("def dataset():\n    return Dataset(4)", {"all": 4}),
        ("trainset, testset = Dataset(5), Dataset(3)\ndataset = 3", {"train": 5, "test": 3}),
    ],
)
def test_what_the_file_calls_its_splits(script, end, splits):
    assert {n: len(s) for n, s in script(ITEMS + end).splits.items()} == splits


@pytest.mark.parametrize("form", ["train=True", "split='train'"])
def test_a_class_that_is_told_its_split(script, form):
    name, default = form.split("=")
    text = ITEMS.replace("count=6):", f"{name}={default}):").replace(
        "self.count = count", f"self.count = 6 if {name} == {default} else 2"
    )
    assert {n: len(s) for n, s in script(text).splits.items()} == {"train": 6, "test": 2}


def test_tensors_pictures_and_plain_lists(script):
    data = script("""
import torch
from PIL import Image
train = [(torch.ones(3, 2, requires_grad=True) * 0.5, torch.tensor(1))] * 3
test = [(Image.new("RGB", (5, 4)), 0), (Image.new("RGB", (5, 4)), 2)]
""")
    train, test = data.splits["train"], data.splits["test"]
    assert train.prepared
    assert everything(train).inputs[0].tolist() == [[0.5, 0.5]] * 3
    assert everything(train).labels.tolist() == [1, 1, 1]
    assert not test.prepared
    assert test.sample_shape == (4, 5, 3)


def test_floats_are_taken_to_be_prepared_already(script):
    data = script("import numpy as np\ndataset = [(np.full((1, 2, 2), 7.5), 0)] * 4")
    said = parse({"input_shape": ["b", 1, 2, 2], "layout": "NCHW", "scale": 0.5, "mean": [1]})
    subset = Subset(data, data.first, np.arange(4))
    (batch,) = batches(subset, said, 4, Quiet())
    assert (batch.inputs["input"] == 7.5).all()
    assert any("prepared already" in note for note in data.notes)


def test_inputs_alone_and_several_inputs(script):
    alone = script("import numpy as np\ndataset = [np.zeros(3)] * 4")
    assert not alone.first.labelled
    assert everything(alone.first).labels is None
    several = script("import numpy as np\ndataset = [(np.zeros(3), np.ones(2), 1)] * 4")
    got = everything(several.first)
    assert {name: array.shape for name, array in got.inputs.items()} == {"x0": (4, 3), "x1": (4, 2)}
    named = script("dataset = [{'ids': [1, 2], 'mask': [1, 1], 'labels': 0}] * 4")
    got = everything(named.first)
    assert got.inputs["ids"].shape == (4, 2)
    assert got.labels.tolist() == [0, 0, 0, 0]
    infos = tuple(TensorInfo(n, ("b", 2), "int64") for n in ("mask", "ids"))
    assert check_fit(named, None, infos).ok


def test_labels_that_the_object_knows_are_known_at_once(script):
    data = script(ITEMS + "dataset = Dataset()\ndataset.targets = [0, 1, 2, 0, 1, 2]\n")
    assert data.first.labels.tolist() == [0, 1, 2, 0, 1, 2]
    assert script(ITEMS).first.labels is None


def test_labels_as_words(script):
    text = "import numpy as np\ndataset = [(np.zeros(3), w) for w in ('dog', 'cat')]"
    data = script(text, labels=("cat", "dog"))
    assert everything(data.first).labels.tolist() == [1, 0]
    with pytest.raises(DataError, match="'dog', which is not in labels"):
        everything(script(text, labels=("cat", "cow")).first)


def test_texts(script):
    data = script("dataset = [('a text', 0), ('another', 1)]")
    assert data.describe().form == "text"
    assert everything(data.first).inputs == ["a text", "another"]


def test_it_may_import_its_neighbors(script, tmp_path):
    (tmp_path / "neighbor_of_d.py").write_text("import numpy as np\nitems = [(np.zeros(2), 0)] * 3")
    assert len(script("from neighbor_of_d import items as dataset").first) == 3


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("x = 1", "makes no data set"),
        ("dataset = 3", "makes no data set"),
        ("dataset = {}", "makes no data set"),
        ("a = [1\n", "SyntaxError"),
        ("import no_such_module_at_all", "ModuleNotFoundError"),
        ("\n\n1 / 0", "line 3: ZeroDivisionError"),
        ("import sys; sys.exit(3)", "SystemExit"),
        ("dataset = []", "no samples"),
        ("def dataset():\n    return 1 / 0", "line 2: ZeroDivisionError"),
        (
            "class Dataset:\n    def __init__(self, must): ...\n    __len__ = __getitem__ = 0",
            "must",
        ),
        ("dataset = [(object(), 0)]", "sample of type object"),
        (ITEMS.replace("return np.full", "return 1 / 0, np.full"), "line 12: ZeroDivisionError"),
    ],
)
def test_files_that_fail(script, text, what):
    with pytest.raises(DataError) as caught:
        script(text)
    assert what in caught.value.one_line()
    assert "d.py" in caught.value.one_line()


def test_an_item_that_fails_later_says_where(script):
    data = script(
        ITEMS.replace("raise IndexError(index)", "pass").replace("index % 3", "5 // (3 - index)")
    )
    with pytest.raises(DataError, match=r"line 12: ZeroDivisionError"):
        everything(data.first)


def test_pixels_of_a_python_file_are_prepared(script):
    data = script(ITEMS)
    fit = check_fit(data, Preprocessing(), (TensorInfo("x", ("b", 1, 2, 2), "float32"),))
    assert fit.ok
    assert fit.preprocessing.scale == 1 / 255
