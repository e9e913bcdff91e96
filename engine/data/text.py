"""Texts → token numbers, with a tokenizer file of the `tokenizers` library."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Encoding, Tokenizer

from engine.data.dataset import Raw
from engine.data.failures import bad, reading
from engine.info import TensorInfo
from engine.jobs.requests import DataSource
from engine.preprocessing import Preprocessing

Array = np.ndarray[Any, Any]
LONGEST = 512
"""Tokens of a text, where neither the network nor the preprocessing says."""
LARGEST_FILE = 256 << 20
PAD_TOKENS = ("[PAD]", "<pad>", "<|pad|>", "<|padding|>")


def tokenizer_for(source: DataSource, data: Path) -> TextTokens | None:
    """The tokenizer that was named, else `tokenizer.json` beside the data; None: there is none.

    Raises:
        DataError: It cannot be read.
    """
    path = Path(source.tokenizer) if source.tokenizer else data.with_name("tokenizer.json")
    if not source.tokenizer and not path.is_file():
        return None
    with reading(path):
        if path.stat().st_size > LARGEST_FILE:
            raise bad(path, "is too large to be a tokenizer file.")
        content = path.read_bytes()
    try:
        return TextTokens(Tokenizer.from_buffer(content))
    except Exception:  # noqa: BLE001  (the library raises plain Exception)
        raise bad(
            path,
            "is not a tokenizer file.",
            "It is the tokenizer.json that the `tokenizers` library saves.",
        ) from None


class TextTokens:
    """Makes the inputs of a network of texts."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._lock = threading.Lock()

    def __call__(
        self, texts: Raw, preprocessing: Preprocessing, inputs: tuple[TensorInfo, ...] = ()
    ) -> dict[str, Array]:
        """Token numbers `[n, length]` by the network's input names.

        Inputs are told apart by name: `…mask…` is 1 for tokens and 0 for padding, `…type…` and
        `…segment…` are 0, `…position…` counts; any other is the token numbers. A fixed length is
        filled up, else texts are as long as the longest of them.
        """
        fixed = next((i.shape[1] for i in inputs if len(i.shape) == 2), None)
        fixed = fixed if isinstance(fixed, int) else None
        encodings = self._encoded([str(text) for text in texts], preprocessing, fixed)
        wanted = inputs or (TensorInfo(preprocessing.input or "input_ids", (), "int64"),)
        return {i.name: _made(i.name, encodings).astype(np.dtype(i.dtype)) for i in wanted}

    def _encoded(
        self, texts: list[str], preprocessing: Preprocessing, fixed: int | None
    ) -> list[Encoding]:
        said = self._tokenizer.padding or {}
        pad = preprocessing.pad if preprocessing.pad is not None else said.get("pad_id")
        if pad is None:
            found = [self._tokenizer.token_to_id(token) for token in PAD_TOKENS]
            pad = next((number for number in found if number is not None), 0)
        longest = fixed or preprocessing.max_length or LONGEST
        with self._lock:
            self._tokenizer.enable_truncation(longest)
            self._tokenizer.enable_padding(
                direction=said.get("direction", "right"), pad_id=pad, length=fixed
            )
            encodings = self._tokenizer.encode_batch(texts)
            if encodings and not encodings[0].ids:  # nothing but empty texts
                self._tokenizer.enable_padding(pad_id=pad, length=1)
                encodings = self._tokenizer.encode_batch(texts)
        found_encodings: list[Encoding] = encodings
        return found_encodings


def _made(name: str, encodings: list[Encoding]) -> Array:
    lowered = name.lower()
    if "mask" in lowered:
        return np.array([e.attention_mask for e in encodings], np.int64)
    if "type" in lowered or "segment" in lowered:
        return np.array([e.type_ids for e in encodings], np.int64)
    ids = np.array([e.ids for e in encodings], np.int64)
    if "position" in lowered:
        return np.broadcast_to(np.arange(ids.shape[1]), ids.shape).copy()
    return ids
