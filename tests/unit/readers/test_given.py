"""What the user says about inputs: checked against the file, and told apart by name."""

import pytest
import torch

from engine.errors import ModelError
from engine.frozen import FrozenMap
from engine.info import TensorInfo
from engine.jobs.job import Quiet
from engine.jobs.requests import ModelSource
from engine.readers.given import fix_hint, given_shapes
from engine.readers.open import list_model, read_model
from tests.helpers import valid

IMAGE = TensorInfo("image", ("batch", 3, "height", "width"), "float32")
STATE = TensorInfo("state", (2, "batch", 128), "float32")
RATE = TensorInfo("rate", (), "int64")


def test_names_are_kept():
    assert given_shapes([IMAGE, STATE], {"image": "3x64×32"}) == {"image": "3x64x32"}


def test_without_a_name_it_is_the_only_input_with_an_open_size():
    assert given_shapes([IMAGE, RATE], {"": "3x64x32"}) == {"image": "3x64x32"}
    assert given_shapes([TensorInfo("x", ("batch", 4), "float32")], {"": "4"}) == {"x": "4"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"picture": "3x64x32"}, "no input 'picture': it has 'image', 'state'"),
        ({"": "3x64x32"}, "needs the name of its input"),
        ({"image": "4x64x32"}, "3×height×width in the file"),
        ({"image": "64x32"}, "3×height×width in the file"),
        ({"image": "wide"}, "3×height×width in the file"),
        ({"image": "3x-1x2"}, "not the shape of an input"),
    ],
)
def test_what_does_not_fit_is_said(given, said):
    with pytest.raises(ModelError, match=said):
        given_shapes([IMAGE, STATE], given)


def test_hint_names_the_input_that_chooses():
    hint = fix_hint("Fix the input that it depends on to a constant.", [IMAGE, RATE])
    assert "--fix rate=VALUE" in hint
    assert fix_hint("Export it again.", [IMAGE, RATE]) == "Export it again."


def test_shape_of_an_unknown_input_is_refused(tmp_path):
    source = ModelSource(str(valid.write_onnx(tmp_path)), input_shapes=FrozenMap({"nothing": "3"}))
    with pytest.raises(ModelError, match="no input 'nothing'"):
        read_model(source, Quiet())


FACTORY = "import torch\ndef network(): return torch.nn.Sequential(torch.nn.Linear(4, 3))"


@pytest.mark.parametrize("prefix", ["module.", "model.", "_orig_mod.module."])
def test_names_of_a_wrapped_network_agree(tmp_path, prefix):
    weights = {
        f"{prefix}{k}": v
        for k, v in torch.nn.Sequential(torch.nn.Linear(4, 3)).state_dict().items()
    }
    torch.save({"state_dict": weights, "epoch": 3}, tmp_path / "weights.pth")
    (tmp_path / "code.py").write_text(FACTORY)
    source = ModelSource(
        str(tmp_path / "weights.pth"),
        architecture=f"{tmp_path / 'code.py'}:network",
        trusted=True,
        input_shapes=FrozenMap({"x": "4"}),
    )
    opened = read_model(source, Quiet())
    assert opened.network is not None
    assert [layer.name for layer in opened.info.layers] == ["0"]
    if prefix != "model.":  # that may be the network's own name
        assert [layer.name for layer in list_model(source, Quiet()).layers] == ["0"]
