"""Two lanes may read programs at the same time, although torch has one deserializer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from engine.paths import RESOURCES
from engine.readers.pt2 import load_program

SAMPLE = RESOURCES / "samples" / "digits.pt2"


def test_programs_are_loaded_by_several_threads() -> None:
    with ThreadPoolExecutor(4) as pool:
        programs = list(pool.map(lambda _: load_program(SAMPLE), range(12)))
    names = [tuple(program.state_dict) for program in programs]
    assert len(set(names)) == 1
    assert len(names[0]) > 10
