"""Pickles that lie about themselves."""

import io
import pickle
from pathlib import Path

import pytest

from engine.readers.inert import read_pickle

PROTOCOL, BYTEARRAY8, NEXT_BUFFER, READONLY_BUFFER = b"\x80\x05", b"\x96", b"\x97", b"\x98"
DAMAGED = {
    "an array that is cut short": PROTOCOL + BYTEARRAY8 + (10**6).to_bytes(8, "little") + b"few",
    "a buffer from elsewhere": PROTOCOL + NEXT_BUFFER + READONLY_BUFFER + b".",
    "nothing": b"",
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
def test_what_is_damaged_is_said_and_leaves_nothing_behind(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], content: bytes
) -> None:
    path = tmp_path / "x.pkl"
    path.write_bytes(content)
    with path.open("rb") as file, pytest.raises(pickle.UnpicklingError):
        read_pickle(file)
    with pytest.raises(pickle.UnpicklingError):
        read_pickle(io.BytesIO(content))
    assert capfd.readouterr() == ("", "")
