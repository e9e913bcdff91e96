"""Broken archives, pickles, state dicts and safetensors."""

from __future__ import annotations

import json
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from tests.helpers import valid
from tests.helpers.broken_base import Broken, Runs, rezipped, truncated, written, zipped


def _bomb(folder: Path) -> Path:
    path = folder / "bomb.pt"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb/data.pkl", pickle.dumps({}))
        with archive.open("bomb/data/0", "w") as entry:
            for _ in range(200):
                entry.write(bytes(1 << 20))
    return path


def _many_entries(folder: Path) -> Path:
    path = folder / "many.pt"
    entry = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", *(20, 20, 0, 0, 0, 0), 0, 0, 0, 1, *(0,) * 6)
    count = 200_000
    directory = (entry + b"x") * count
    end64 = struct.pack(
        "<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, *(count,) * 2, len(directory), 4
    )
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, 4 + len(directory), 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    path.write_bytes(b"PK\x03\x04" + directory + end64 + locator + end)
    return path


def _overlapping(folder: Path) -> Path:
    """Every entry of the directory points at the same bytes."""
    path = folder / "overlap.pt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a/data.pkl", bytes(10_000))
        first = archive.infolist()[0]
        for number in range(50):
            twin = zipfile.ZipInfo(f"a/data/{number}")
            twin.file_size, twin.compress_size, twin.CRC = 10_000, 10_000, first.CRC
            twin.header_offset = first.header_offset
            archive.filelist.append(twin)
            archive.NameToInfo[twin.filename] = twin
    return path


def _twins(folder: Path) -> Path:
    path = folder / "twins.pt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a/data.pkl", b"1")
        archive.writestr("a/data.pkX", b"2")
    path.write_bytes(path.read_bytes().replace(b"a/data.pkX", b"a/data.pkl"))
    return path


ARCHIVES = [
    Broken("zip_cut", truncated(valid.write_state_dict, 0.6), ("zip archive", "cut short")),
    Broken("zip_bomb", _bomb, ("zip bombs",)),
    Broken("zip_many", _many_entries, ("200,000 entries",)),
    Broken("zip_overlap", _overlapping, ("overlap",)),
    Broken("zip_twins", _twins, ("two entries named",)),
    Broken("zip_parent", zipped("a.pt", {"a/data.pkl": b"", "../x": b""}), ("leads outside",)),
    Broken("zip_absolute", zipped("a.pt", {"a/data.pkl": b"", "/etc/x": b""}), ("leads outside",)),
    Broken("zip_empty", written("a.pt", b"PK\x05\x06" + bytes(18)), ("empty zip",)),
]


def _pickled(content: Callable[[Path], Any], legacy: bool = False) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = folder / "hostile.pt"
        torch.save(content(folder), path, _use_new_zipfile_serialization=not legacy)
        return path

    return make


def _raw_pickle(data: bytes) -> Callable[[Path], Path]:
    return zipped("raw.pt", {"raw/data.pkl": data, "raw/version": b"3"})


def _hostile_module(folder: Path) -> Any:
    module = valid.sequential()
    module.hook = Runs(folder)
    return module


def _with_state(folder: Path) -> Any:
    return {"state_dict": valid.net().state_dict(), "args": Runs(folder)}


def _no_values(folder: Path) -> Path:
    return rezipped(
        valid.write_state_dict(folder), lambda name, data: None if "/data/" in name else data
    )


def _called_safetensors(folder: Path) -> Path:
    path = folder / "model.safetensors"
    return _pickled(_hostile_module)(folder).rename(path)


MEMO_BOMB = b"\x80\x02}r\xff\xff\xff\xffq\x00."
"""Puts one object into slot 4,294,967,295 of a table that would need 64 GiB."""
DEEP = b"\x80\x02" + b"(" * 100_000 + b"l" + b"t" * 99_999 + b"."
PICKLES = [
    Broken("pickle_runs", _pickled(Runs), ("no tensors",)),
    Broken("pickle_runs_legacy", _pickled(Runs, legacy=True), ("no tensors",)),
    Broken("pickle_module", _pickled(_hostile_module), ("would import", "open"), "trust"),
    Broken("pickle_module_legacy", _pickled(_hostile_module, True), ("would import",), "trust"),
    Broken("pickle_as_safetensors", _called_safetensors, ("would import",), "trust"),
    Broken("pickle_beside_state", _pickled(_with_state), ("without a graph",), "inspection"),
    Broken("pickle_no_values", _no_values, ("values", "missing"), architecture="Net"),
    Broken("pickle_memo", _raw_pickle(MEMO_BOMB), ()),
    Broken("pickle_deep", _raw_pickle(DEEP), ()),
    Broken("pickle_garbage", _raw_pickle(b"\x80\x02garbage"), ("cut short or damaged",)),
    Broken("pickle_tensor", _pickled(lambda _: torch.ones(3)), ("a tensor, but no network",)),
    Broken("pickle_numbers", _pickled(lambda _: {"epoch": 3}), ("no tensors",)),
    Broken("legacy_cut", truncated(valid.write_legacy, 0.7), ("cut short",)),
    Broken("legacy_cut_early", truncated(valid.write_legacy, 0.1), ("cut short",)),
]


def _wrong_names(folder: Path) -> Path:
    path = folder / "other.pth"
    torch.save({f"other.{k}": v for k, v in valid.net().state_dict().items()}, path)
    return path


STATE_DICTS = [
    Broken(
        "state_missing", valid.write_state_dict, ("extra.weight", "missing"), architecture="wider"
    ),
    Broken("state_names", _wrong_names, ("8 are missing", "have no place"), architecture="Net"),
    Broken("factory_text", valid.write_state_dict, ("returns str",), architecture="text"),
    Broken("factory_fails", valid.write_state_dict, ("no such luck", "line"), architecture="fails"),
    Broken(
        "factory_unknown", valid.write_state_dict, ("no function 'no'", "it has"), architecture="no"
    ),
]


def _safetensors(header: Any, data: bytes = bytes(16)) -> Callable[[Path], Path]:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return written("broken.safetensors", len(text).to_bytes(8, "little") + text + data)


def _entry(shape: list[int], begin: int, end: int, dtype: str = "F32") -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


SAFETENSORS = [
    Broken(f"safetensors_{name}", make, ("safetensors file that is damaged",))
    for name, make in [
        ("cut_data", truncated(valid.write_safetensors, 0.8)),
        ("cut_header", truncated(valid.write_safetensors, 0.1)),
        ("no_json", _safetensors(b"{not json at all}")),
        ("list", _safetensors(b"{}")),
        ("header_length", written("h.safetensors", (1 << 36).to_bytes(8, "little") + b"{}")),
        ("beyond", _safetensors({"w": _entry([100], 0, 400)})),
        ("backwards", _safetensors({"w": _entry([4], 16, 0)})),
        ("length", _safetensors({"w": _entry([4, 4], 0, 16)})),
        ("negative", _safetensors({"w": _entry([-4], 0, 16)})),
        ("type", _safetensors({"w": _entry([4], 0, 16, "F99")})),
        ("deep", _safetensors(b"{" + b'"a":{' * 50_000)),
    ]
]
