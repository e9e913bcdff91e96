"""What a file is, by its content; the ending of its name is only ever a hint for messages."""

from __future__ import annotations

import enum
import zipfile
from pathlib import Path
from typing import BinaryIO

from engine.errors import ModelError
from engine.readers.limits import check_file, open_archive

READ_FORMS = (
    "ONNX (.onnx), exported programs (.pt2), TorchScript and pickled modules (.pt, .pth), "
    "and weights (.safetensors, .pt, .pth)"
)


class Container(enum.StrEnum):
    """The kinds of file that are read, as far as their first bytes and directory tell."""

    ONNX = "an ONNX model"
    PT2 = "an exported program"
    PT2_OLD = "an exported program of torch 2.7 or earlier"
    TORCHSCRIPT = "a TorchScript archive"
    TORCH = "a file of torch.save"
    TORCH_OLD = "a file of torch.save before torch 1.6"
    SAFETENSORS = "a safetensors file"


_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG", "a PNG image"),
    (0, b"\xff\xd8\xff", "a JPEG image"),
    (0, b"GIF8", "a GIF image"),
    (0, b"BM", "a bitmap image"),
    (0, b"%PDF", "a PDF document"),
    (0, b"\x89HDF\r\n", "an HDF5 file (Keras keeps its models in these)"),
    (4, b"TFL3", "a TensorFlow Lite model"),
    (4, b"ORTM", "an ONNX Runtime (.ort) model"),
    (0, b"GGUF", "a GGUF model (llama.cpp)"),
    (0, b"ggml", "a GGML model (llama.cpp)"),
    (0, b"\x93NUMPY", "a NumPy array"),
    (0, b"version https://git-lfs", "a Git LFS pointer: the file itself was never downloaded"),
    (0, b"\x1f\x8b", "a gzip archive"),
    (0, b"BZh", "a bzip2 archive"),
    (0, b"\xfd7zXZ", "an xz archive"),
    (0, b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (0, b"7z\xbc\xaf", "a 7-Zip archive"),
    (0, b"Rar!", "a RAR archive"),
    (257, b"ustar", "a tar archive (torch wrote these before version 0.4)"),
    (0, b"\x7fELF", "a program"),
    (0, b"MZ", "a program"),
    (0, b"SQLite format 3", "an SQLite database"),
    (0, b"PAR1", "a Parquet table"),
    (0, b"RIFF", "a sound, image or video file"),
)
_HINTS = {
    "Git LFS": "Run `git lfs pull` in its repository.",
    "archive": "Unpack it and choose the model inside.",
    "HDF5": "Convert it with tf2onnx.",
    "TensorFlow": "Convert it with tf2onnx.",
    "web page": "The download went wrong: download the file itself.",
    "cut short": "Copy or download it again.",
    "zero": "Copy or download it again.",
}
_TORCH_MAGIC = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
_ONNX_FIELDS = {1: 0, 2: 2, 3: 2, 4: 2, 5: 0, 6: 2, 7: 2, 8: 2, 14: 2, 20: 2, 25: 2, 26: 2}
"""Field number → wire type of `ModelProto` (onnx.proto3)."""


def sniff(path: str | Path) -> Container:
    """Find out what a file is.

    Reads its first bytes and, for an archive, the directory; runs nothing.

    Raises:
        ModelError: It is none of the forms that are read; the sentence says what it looks like.
    """
    size = check_file(path)
    with Path(path).open("rb") as file:
        head = file.read(512)
        if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            return _archive(path)
        if head.startswith(_TORCH_MAGIC):
            return Container.TORCH_OLD
        if is_safetensors(head, size):
            return Container.SAFETENSORS
        for offset, magic, what in _MAGIC:
            if head[offset : offset + len(magic)] == magic:
                raise unreadable(path, what)
        if (whole := walk_onnx(file, size)) is not None:
            if whole:
                return Container.ONNX
            raise unreadable(path, "an ONNX model that is cut short or damaged")
    raise unreadable(path, _unknown(head, size))


def unreadable(path: str | Path, what: str) -> ModelError:
    """The error for a file that is something else."""
    hint = next((text for key, text in _HINTS.items() if key in what), "")
    return ModelError(
        f"{path} is not a model that can be read: it looks like {what}",
        hint=f"{hint} Espalier reads {READ_FORMS}.".strip(),
        where=str(path),
    )


def is_safetensors(head: bytes, size: int) -> bool:
    """Whether a file starts as safetensors do: length of the header, then JSON."""
    return len(head) > 9 and head[8:9] == b"{" and 2 <= int.from_bytes(head[:8], "little") < 1 << 40


def _archive(path: str | Path) -> Container:
    with open_archive(path) as archive:
        names = archive.namelist()
        tails = {name.partition("/")[2] for name in names} | set(names)
        if "serialized_exported_program.json" in names:
            return Container.PT2_OLD
        if "archive_format" in tails:
            return Container.PT2
        if "constants.pkl" in tails and any(name.startswith("code/") for name in tails):
            return Container.TORCHSCRIPT
        if "data.pkl" in tails:
            return Container.TORCH
        raise unreadable(path, _unknown_archive(archive, tails))


def _unknown_archive(archive: zipfile.ZipFile, tails: set[str]) -> str:
    names = archive.namelist()
    if not names:
        return "an empty zip archive"
    if "config.json" in tails and any(name.endswith(".weights.h5") for name in names):
        return "a Keras model"
    if all(name.endswith(".npy") for name in names):
        return "NumPy arrays (.npz): data rather than a model"
    if "[Content_Types].xml" in names:
        return "an office document"
    if "META-INF/MANIFEST.MF" in names:
        return "a Java archive"
    return "a zip archive without a model's parts"


def _unknown(head: bytes, size: int) -> str:
    if not head.strip(b"\0"):
        return f"{size:,} bytes that start with zeros: a download that did not finish"
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "a web page"
    if start.startswith(b"<?xml"):
        return "an XML document"
    if start.startswith((b"{", b"[")):
        return "JSON text"
    if head[:1] == b"\x80" and head[1:2] in (b"\2", b"\3", b"\4", b"\5"):
        return "a pickle that torch.save did not write"
    try:
        text = head.decode()
    except UnicodeDecodeError as error:
        # the last character may have been cut
        text = "" if error.start < len(head) - 4 else head[: error.start].decode()
    if text and all(c.isprintable() or c in "\r\n\t" for c in text):
        return "plain text"
    return "nothing that is known here"


def walk_onnx(file: BinaryIO, size: int) -> bool | None:
    """Walk the outermost protobuf fields of a possible ONNX model, skipping their contents.

    Returns:
        True for a whole model, False for one that breaks off or is damaged, None for anything else.
    """
    file.seek(0)
    graph = version = False
    for known in range(10_000):
        at = file.tell()
        if at == size:
            return True if graph else (False if version and known > 1 else None)
        key = _varint(file)
        number, wire = (key >> 3, key & 7) if key is not None else (0, -1)
        if _ONNX_FIELDS.get(number) != wire:
            return False if graph or (version and known > 1) else None
        value = _varint(file)
        if value is None:
            return False if version else None
        version |= number == 1
        if wire == 2:
            if file.tell() + value > size:
                return False if version or number == 7 else None
            graph |= number == 7
            file.seek(value, 1)
    return False if graph else None


def _varint(file: BinaryIO) -> int | None:
    result = 0
    for shift in range(0, 70, 7):
        byte = file.read(1)
        if not byte:
            return None
        result |= (byte[0] & 127) << shift
        if byte[0] < 128:
            return result
    return None
