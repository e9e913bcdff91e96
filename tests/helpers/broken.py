"""Broken and hostile model files, made on the spot: `CASES` says what each is answered with."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

from tests.helpers.broken_base import Broken, written, zipped
from tests.helpers.broken_onnx import EXTERNAL, ONNX
from tests.helpers.broken_programs import PT2, TORCHSCRIPT
from tests.helpers.broken_weights import ARCHIVES, PICKLES, SAFETENSORS, STATE_DICTS


def _missing(folder: Path) -> Path:
    return folder / "nothing.onnx"


def _folder(folder: Path) -> Path:
    path = folder / "folder.onnx"
    path.mkdir()
    return path


def _pipe(folder: Path) -> Path:
    path = folder / "pipe.onnx"
    os.mkfifo(path)
    return path


def _link_loop(folder: Path) -> Path:
    path = folder / "loop.onnx"
    path.symlink_to(path)
    return path


NOT_FILES = [
    Broken("missing", _missing, ("there is no file",)),
    Broken("folder", _folder, ("is a folder",)),
    Broken("pipe", _pipe, ("is a pipe",)),
    Broken("device", lambda _: Path("/dev/zero"), ("is a device",)),
    Broken("link_loop", _link_loop, ("leads back to itself",)),
    Broken("long_name", lambda folder: folder / ("n" * 5_000), ("too long",)),
    Broken("empty", written("empty.onnx", b""), ("is empty",)),
]


_PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
OTHER_FORMS = [
    Broken(name, written(file, content), words)
    for name, file, content, words in [
        ("png", "model.onnx", _PNG, ("png image", "espalier reads")),
        ("jpeg", "model.pt", b"\xff\xd8\xff\xe0" + bytes(100), ("jpeg",)),
        ("web_page", "model.onnx", b"<!DOCTYPE html><html>404", ("web page", "download")),
        ("xml", "model.xml", b"<?xml version='1.0'?><net/>", ("xml",)),
        (
            *("git_lfs", "model.safetensors"),
            b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 99\n",
            ("git lfs", "pull"),
        ),
        ("text", "model.pt2", b"this is my model\nreally\n", ("plain text",)),
        ("json", "model.onnx", b'{"layers": []}', ("json",)),
        ("zeros", "model.onnx", bytes(4_096), ("zeros", "download")),
        ("hdf5", "model.h5", b"\x89HDF\r\n\x1a\n" + bytes(100), ("hdf5", "tf2onnx")),
        ("tflite", "model.tflite", b"\x1c\0\0\0TFL3" + bytes(100), ("tensorflow lite",)),
        ("gguf", "model.gguf", b"GGUF\x03\0\0\0" + bytes(100), ("gguf",)),
        ("numpy", "model.npy", b"\x93NUMPY\x01\0" + bytes(100), ("numpy",)),
        ("gzip", "model.onnx.gz", b"\x1f\x8b\x08" + bytes(100), ("gzip", "unpack")),
        (
            "tar",
            "model.pt",
            bytes(
                1,
            )
            + b"x" * 256
            + b"ustar"
            + bytes(300),
            ("tar",),
        ),
        ("program", "model.onnx", b"\x7fELF" + bytes(100), ("program",)),
        ("pickle", "model.pkl", pickle.dumps({"a": 1}), ("pickle that torch.save did not",)),
        ("noise", "model.onnx", bytes(range(128, 256)) * 8, ("nothing that is known",)),
    ]
] + [
    Broken("zip", zipped("model.zip", {"readme.txt": b"hello"}), ("zip archive",)),
    Broken("npz", zipped("model.npz", {"x.npy": b"\x93NUMPY"}), ("numpy",)),
    Broken(
        "keras",
        zipped("model.keras", {"config.json": b"{}", "model.weights.h5": b""}),
        ("keras",),
    ),
    Broken("office", zipped("model.docx", {"[Content_Types].xml": b""}), ("office",)),
]


CASES = [
    *(*NOT_FILES, *OTHER_FORMS, *ONNX, *EXTERNAL, *ARCHIVES, *PICKLES, *STATE_DICTS),
    *(*SAFETENSORS, *PT2, *TORCHSCRIPT),
]
