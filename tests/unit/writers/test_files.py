"""Atomic replacement, `.pt2` and `.safetensors`."""

import errno
import json
import os
import stat

import pytest
import torch
from safetensors import safe_open
from torch import nn

from engine.errors import Cancelled, EngineError
from engine.jobs.job import Quiet
from engine.readers.pt2 import load_program
from engine.writers import pt2
from engine.writers.atomic import copy_file, replacing
from engine.writers.pt2 import write_pt2
from engine.writers.safetensors import ALIASES, state_dict, write_safetensors
from tests.helpers.networks import network_of, zoo_network
from tests.helpers.zoo import ZOO


def test_replacing_writes_whole_files(tmp_path):
    path = tmp_path / "f.bin"
    with replacing(path) as new:
        new.write_bytes(b"one")
        assert not path.exists()
        assert new.name == path.name
    with replacing(path) as new:
        new.write_bytes(b"two")
        assert path.read_bytes() == b"one"
    assert path.read_bytes() == b"two"
    assert [p.name for p in tmp_path.iterdir()] == ["f.bin"]


def _fail_half_way(path, error):
    with replacing(path) as new:
        new.write_bytes(b"half")
        raise error


@pytest.mark.parametrize("error", [RuntimeError, Cancelled, KeyboardInterrupt])
def test_replacing_keeps_the_old_file(tmp_path, error):
    path = tmp_path / "f.bin"
    path.write_bytes(b"old")
    with pytest.raises(error):
        _fail_half_way(path, error)
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["f.bin"]


@pytest.mark.parametrize(
    ("number", "hint"),
    [
        (errno.ENOSPC, "disk is full"),
        (errno.EACCES, "may not write there"),
        (errno.EROFS, "read-only"),
        (errno.EIO, "another place"),
    ],
)
def test_what_the_system_says_is_one_sentence(tmp_path, number, hint):
    path = tmp_path / "f.bin"
    with pytest.raises(EngineError, match="cannot be written") as error, replacing(path):
        raise OSError(number, os.strerror(number))
    assert hint in error.value.hint
    assert error.value.where == str(path)


def test_no_folder_or_a_folder(tmp_path):
    with pytest.raises(EngineError, match="cannot be written"), replacing(tmp_path / "no" / "f"):
        pass
    with pytest.raises(EngineError) as error, replacing(tmp_path):
        pass
    assert "folder of that name" in error.value.hint


@pytest.mark.skipif(os.name == "nt", reason="modes are a matter of POSIX")
def test_modes_are_the_usual_or_the_old_ones(tmp_path):
    usual = tmp_path / "usual"
    usual.touch()
    path = tmp_path / "f"
    with replacing(path) as new:
        new.chmod(0o600)
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE(usual.stat().st_mode)
    path.chmod(0o640)
    with replacing(path):
        pass
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_copy_reports(tmp_path):
    source, target = tmp_path / "a", tmp_path / "b"
    source.write_bytes(bytes(range(256)) * 40)
    seen = []

    class Watches(Quiet):
        def checkpoint(self, text="", done=0, total=0):
            seen.append((done, total))

    copy_file(source, target, Watches())
    assert target.read_bytes() == source.read_bytes()
    assert seen[-1] == (10240, 10240)


@pytest.mark.parametrize("name", ["tied_weights", "multi_input"])
def test_pt2_holds_the_network(tmp_path, name):
    network = zoo_network(name)
    path = tmp_path / "m.pt2"
    size = write_pt2(network, path, Quiet())
    assert size == path.stat().st_size
    module = load_program(path).module()
    inputs = ZOO[name].inputs(5)  # not the batch it was traced with
    torch.testing.assert_close(module(*inputs), network.module(*inputs), rtol=0, atol=0)
    assert set(load_program(path).state_dict) >= {n for n, _ in network.module.named_parameters()}


def test_pt2_does_not_name_the_machine(tmp_path):
    path = tmp_path / "m.pt2"
    write_pt2(zoo_network("small_cnn"), path, Quiet())
    data = path.read_bytes()
    for word in (b'stack_trace": "', b"site-packages", b"/tests/", str(tmp_path).encode()):
        assert word not in data


def test_pt2_is_the_same_bytes_again(tmp_path):
    network = zoo_network("small_cnn")
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        write_pt2(network, tmp_path / folder / "m.pt2", Quiet())
    assert (tmp_path / "a/m.pt2").read_bytes() == (tmp_path / "b/m.pt2").read_bytes()


def test_pt2_that_lost_weights_is_not_kept(tmp_path, monkeypatch):
    network = zoo_network("small_cnn")
    original = pt2.save_program

    def spoiled(program, path):
        with torch.no_grad():
            program.state_dict["fc2.bias"].add_(1)
            original(program, path)
            program.state_dict["fc2.bias"].sub_(2)

    monkeypatch.setattr(pt2, "save_program", spoiled)
    path = tmp_path / "m.pt2"
    path.write_bytes(b"old")
    with pytest.raises(EngineError, match=r"fc2\.bias"):
        write_pt2(network, path, Quiet())
    assert path.read_bytes() == b"old"


def test_safetensors_has_the_original_names(tmp_path):
    module, inputs = ZOO["resnet18"].example(2)
    path = tmp_path / "m.safetensors"
    size = write_safetensors(network_of(module, *inputs), path, Quiet())
    assert size == path.stat().st_size
    with safe_open(path, "pt") as file:
        assert set(file.keys()) == set(module.state_dict())
        for name, tensor in module.state_dict().items():
            assert torch.equal(file.get_tensor(name), tensor), name
        ends = json.loads(file.metadata()["espalier"])
        assert file.metadata()["format"] == "pt"
    assert ends["inputs"] == [{"name": "x", "shape": ["batch", 3, 64, 64], "dtype": "float32"}]


def test_safetensors_stores_ties_once(tmp_path):
    module, inputs = ZOO["tied_weights"].example(2)
    path = tmp_path / "m.safetensors"
    write_safetensors(network_of(module, *inputs), path, Quiet())
    with safe_open(path, "pt") as file:
        tied = json.loads(file.metadata()[ALIASES])
        stored = set(file.keys())
    assert len(tied) == 1
    assert stored | set(tied) == set(module.state_dict())
    assert set(tied.values()) <= stored


class Backwards(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.randn(3, 5))

    def forward(self, x):
        return x @ self.w


def test_state_dict_is_the_originals_way_round():
    module = Backwards()
    found = state_dict(network_of(module, torch.zeros(2, 3)))
    assert set(found) == {"w"}
    assert torch.equal(found["w"], module.w)


@pytest.mark.parametrize("write", [write_pt2, write_safetensors])
def test_cancel_leaves_the_old_file(tmp_path, write):
    class Cancels(Quiet):
        def checkpoint(self, text="", done=0, total=0):
            if text == "Checking the file":
                raise Cancelled

    path = tmp_path / "m"
    path.write_bytes(b"old")
    with pytest.raises(Cancelled):
        write(zoo_network("small_cnn"), path, Cancels())
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["m"]
