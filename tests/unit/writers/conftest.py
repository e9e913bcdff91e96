"""Networks that the writers' tests share; each is exported once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import onnx_ir as ir
import pytest

from engine.jobs.job import Quiet
from engine.network.network import Network
from engine.writers.onnx_float import Written, write_onnx
from tests.helpers.networks import zoo_network


@dataclass(frozen=True)
class Export:
    network: Network
    written: Written
    progress: list[tuple[str, int, int]]

    def graph(self) -> ir.Graph:
        return ir.load(self.written.path).graph


class Recorder(Quiet):
    def __init__(self) -> None:
        self.seen: list[tuple[str, int, int]] = []

    def checkpoint(self, text: str = "", done: int = 0, total: int = 0) -> None:
        self.seen.append((text, done, total))


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory):
    """Name in the zoo → its export, made when first asked for."""
    folder: Path = tmp_path_factory.mktemp("exports")
    made: dict[str, Export] = {}

    def export(name: str) -> Export:
        if name not in made:
            network, job = zoo_network(name), Recorder()
            written = write_onnx(network, folder / f"{name}.onnx", job)
            made[name] = Export(network, written, job.seen)
        return made[name]

    return export
