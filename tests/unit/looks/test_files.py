"""What files would import and run, and the listing of a model."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from engine.errors import ModelError
from engine.jobs.job import Quiet
from engine.jobs.looks import ImportsLook, ListModel
from engine.looks.files import look_at_imports, look_at_listing
from tests.unit.looks.cases import MODEL, SAMPLES


def test_a_pickled_module_runs_code_and_says_what_it_imports(tmp_path) -> None:
    path = tmp_path / "net.pt"
    torch.save(nn.Sequential(nn.Linear(2, 2)), path)
    detail = look_at_imports(ImportsLook(str(path)), Quiet())
    assert detail.runs_code
    assert "torch.nn.modules.linear.Linear" in detail.foreign
    assert set(detail.foreign) < set(detail.imports)


def test_weights_run_nothing(tmp_path) -> None:
    path = tmp_path / "weights.pt"
    torch.save({"w": torch.ones(2)}, path)
    detail = look_at_imports(ImportsLook(str(path)), Quiet())
    assert not detail.runs_code
    assert not detail.foreign


@pytest.mark.parametrize("name", ["digits.pt2", "digits.safetensors"])
def test_files_without_code_import_nothing(name: str) -> None:
    detail = look_at_imports(ImportsLook(str(SAMPLES / name)), Quiet())
    assert (detail.runs_code, detail.imports) == (False, ())


def test_python_code_is_read_and_not_run(tmp_path) -> None:
    path = tmp_path / "data.py"
    path.write_text("import os, torch.nn\nfrom subprocess import run\nraise SystemExit(3)\n")
    detail = look_at_imports(ImportsLook(str(path)), Quiet())
    assert detail.runs_code
    assert detail.imports == ("os", "torch.nn", "subprocess.run")
    assert detail.foreign == ("os", "subprocess.run")


def test_broken_code_is_refused_in_a_sentence(tmp_path) -> None:
    path = tmp_path / "data.py"
    path.write_text("def (:\n")
    with pytest.raises(ModelError, match="is not Python code"):
        look_at_imports(ImportsLook(str(path)), Quiet())


def test_what_is_no_file_is_refused(tmp_path) -> None:
    with pytest.raises(ModelError):
        look_at_imports(ImportsLook(str(tmp_path / "gone.pt")), Quiet())


def test_the_listing_has_histograms() -> None:
    info = look_at_listing(ListModel(MODEL), Quiet())
    assert {layer.name for layer in info.layers} >= {"stem", "output"}
    assert all(layer.histogram is not None for layer in info.layers)
