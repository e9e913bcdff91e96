"""Opens a model file of any form: first its table, then the network."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from engine.errors import ModelError
from engine.info import Format, NetworkInfo
from engine.jobs.job import Job
from engine.jobs.requests import ModelSource
from engine.network.lift import network_from_program
from engine.network.network import Network
from engine.readers.architecture import split_architecture
from engine.readers.limits import check_file, limits_for
from engine.readers.pt2 import load_program
from engine.readers.sandbox import Crashed, reading
from engine.readers.sniff import Container, sniff
from engine.readers.trust import architecture_needs_trust
from engine.readers.wire import checked, info_from_json, text_map, texts

NETWORK = "network.pt2"


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """An open model.

    Attributes:
        network: None for a file that opens for inspection and weight-only work alone.
        info: The listing, straight from the file.
        reason: Why there is no network, in one sentence with what to do; empty where there is one.
        warnings: One sentence each.
    """

    network: Network | None
    info: NetworkInfo
    reason: str = ""
    warnings: tuple[str, ...] = ()


def list_model(source: ModelSource, job: Job) -> NetworkInfo:
    """The layer table straight from a file: names, kinds, shapes, sizes, sampled histograms.

    Raises:
        ModelError: The file is none of the forms that are read, or is damaged.
        TrustRequired: It runs code, and the user has not vouched for it.
    """
    arguments, size = _prepare(source)
    limits = limits_for(size, listing=True)
    with reading("list", arguments, limits, job) as (result, _):
        return checked(lambda data: info_from_json(data["info"]), result)


def read_model(source: ModelSource, job: Job) -> Opened:
    """Read a model file into a network.

    The file is parsed and converted in a child process; what comes back is an exported program,
    which is loaded without running code, and lifted.

    Raises:
        ModelError: The file is none of the forms that are read, or is damaged.
        TrustRequired: It runs code, and the user has not vouched for it.
    """
    arguments, size = _prepare(source)
    limits = limits_for(size)
    runs_code = source.trusted and sniff(source.path) in _MAY_RUN_CODE
    try:
        with reading("read", arguments, limits, job, trusted=runs_code) as (result, folder):
            info = checked(lambda data: info_from_json(data["info"]), result)
            described = result.get("network")
            if not isinstance(described, dict):
                return _inspection(info, _sentence(result))
            job.checkpoint("Building the network")
            return _opened(info, described, folder)
    except Crashed as crash:
        # torch's converters may abort; the table does not need them
        return _inspection(list_model(source, job), crash.one_line())


_MAY_RUN_CODE = (Container.TORCH, Container.TORCH_OLD, Container.SAFETENSORS)


def _prepare(source: ModelSource) -> tuple[dict[str, Any], int]:
    """Check what can be checked without reading; the child's arguments and the file's size."""
    size = check_file(source.path)
    path = os.path.abspath(source.path)  # noqa: PTH100  (`absolute` would keep `..`)
    sniff(path)
    architecture = ""
    if source.architecture:
        file, factory = split_architecture(source.architecture)
        architecture = f"{file}:{factory}"
        if not source.trusted:
            raise architecture_needs_trust(source.architecture)
    return {
        "path": path,
        "architecture": architecture,
        "trusted": source.trusted,
        "input_shapes": dict(source.input_shapes),
        "fixed_inputs": dict(source.fixed_inputs),
    }, size


def _opened(info: NetworkInfo, described: Mapping[str, Any], folder: Path) -> Opened:
    form = checked(Format, described.get("format"))
    warnings = tuple(dict.fromkeys(info.warnings + checked(texts, described.get("warnings"))))
    network = network_from_program(
        load_program(folder / NETWORK),
        form,
        input_names=checked(texts, described.get("input_names")),
        output_names=checked(texts, described.get("output_names")),
        source_names=checked(text_map, described.get("source_names")),
        restrictions=checked(text_map, described.get("restrictions")),
        warnings=warnings,
    )
    return Opened(network, info, "", network.warnings)


def _inspection(info: NetworkInfo, reason: str) -> Opened:
    return Opened(None, replace(info, runnable=False), reason, info.warnings)


def _sentence(result: Mapping[str, Any]) -> str:
    reason, hint = (str(result.get(key, ""))[:2_000] for key in ("reason", "hint"))
    return ModelError(reason or "No network can be made of this file", hint=hint).one_line()
