"""Divides the time of a run among the layers, from ONNX Runtime's own profile of it."""

from __future__ import annotations

import bisect
import json
import statistics
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnx_ir as ir

from engine.errors import EngineError, ModelError
from engine.info import LayerLatency
from engine.jobs.job import Job
from engine.measure.attribution import Attribution, RunNode
from engine.measure.onnx_file import parse
from engine.measure.runtime import Array, Options, Session, StopFlag, watched

OVERHEAD = "other: overhead"
"""What a run takes besides its operators: checking inputs, planning memory, handing over."""
_WARM_RUNS = 3
_MOST_RUNS = 100
_FEWEST_RUNS = 5
_EVENTS = 40_000
"""Bounds the profile, whose events take some 700 bytes each."""
_LONGEST_S = 10.0
_KERNEL = "_kernel_time"


@dataclass(frozen=True, slots=True)
class NodeTime:
    """Mean time of one operator in a run."""

    name: str
    op_type: str
    time_us: float


def profile_layers(
    path: str | Path,
    feed: Mapping[str, Array],
    job: Job,
    *,
    threads: int | None = None,
    total_ms: float,
) -> tuple[LayerLatency, ...]:
    """Time of each layer, in the order of the file; the shares' sum is 1.

    An operator that the runtime fused from several layers is divided by their numbers of weights.
    Operators that belong to no layer follow, by type, as `other: Softmax`, then `OVERHEAD`. A
    layer that the runtime computed in advance takes no time.

    Args:
        path: An ONNX file.
        feed: Inputs to run it on.
        job: For cancelling.
        threads: Inside an operator.
        total_ms: Time of one run that is not profiled, which is divided.

    Raises:
        EngineError: The file does not load or run.
        Cancelled: By the job.
    """
    with tempfile.TemporaryDirectory(prefix="espalier-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        source = _with_names(Path(path), folder)
        model = parse(source)
        session, optimized = _profiling_session(source, folder, threads)
        runs = _runs(len(list(model.graph.all_nodes())), total_ms)
        file = _profile(session, feed, runs, job)
        times, run_us = node_times(list(_events(file)), runs)
    attribution = Attribution(model, optimized)
    spent: dict[str, float] = dict.fromkeys(attribution.layers, 0.0)
    for node in times:
        for owner, part in attribution.owners(RunNode(node.name, node.op_type)).items():
            spent[owner] = spent.get(owner, 0.0) + part * node.time_us
    spent[OVERHEAD] = max(0.0, run_us - sum(spent.values()))
    return _shares(spent, total_ms)


def _events(file: Path) -> Iterator[Any]:
    """The events of a profile, which has one on a line.

    Read whole, a profile of megabytes would hold the interpreter's lock all the while.
    """
    with file.open("rb") as lines:
        for line in lines:
            text = line.strip().rstrip(b",")
            if text not in (b"[", b"]", b""):
                yield json.loads(text)


def _shares(spent: Mapping[str, float], total_ms: float) -> tuple[LayerLatency, ...]:
    total = sum(spent.values())
    if total <= 0:
        spent, total = {OVERHEAD: 1.0}, 1.0
    return tuple(
        LayerLatency(name, total_ms * time / total, time / total) for name, time in spent.items()
    )


def _with_names(path: Path, folder: Path) -> Path:
    """The file, or a copy of it in which every node has a name of its own.

    The profile names nodes alone. A file with external data stays as it is: its unnamed nodes are
    then told apart by their order.
    """
    model = parse(path)
    nodes = list(model.graph.all_nodes())
    names = [node.name for node in nodes]
    if all(names) and len(set(names)) == len(names):
        return path
    values = [v.const_value for v in model.graph.initializers.values()]
    if any(isinstance(value, ir.ExternalTensor) for value in values):
        return path
    taken = set(names)
    seen: set[str] = set()
    for number, node in enumerate(nodes):
        if not node.name or node.name in seen:
            name = f"{node.op_type}_{number}"
            while name in taken:
                name += "_"
            taken.add(name)
            node.name = name
        seen.add(node.name or "")
    named = folder / "named.onnx"
    ir.save(model, named)
    return named


def _profiling_session(
    path: Path, folder: Path, threads: int | None
) -> tuple[Session, ir.Model | None]:
    """A session that profiles itself, and the graph as it really runs, where it can be had."""
    prefix, file = folder / "profile", folder / "optimized.onnx"
    try:
        session = Session(path, Options(threads=threads, profile=prefix, optimized=file))
        return session, parse(file)
    except ModelError:
        # Some optimized graphs cannot be written; names of nodes must then do.
        return Session(path, Options(threads=threads, profile=prefix)), None


def _runs(nodes: int, total_ms: float) -> int:
    """How often to run: bounded by the profile's size and by time."""
    most = min(_MOST_RUNS, _EVENTS // max(1, nodes), int(1e3 * _LONGEST_S / max(total_ms, 1e-3)))
    return max(_FEWEST_RUNS, most)


def _profile(session: Session, feed: Mapping[str, Array], runs: int, job: Job) -> Path:
    stop = StopFlag()
    done = 0

    def work() -> None:
        nonlocal done
        while done < runs + _WARM_RUNS and not stop:
            session.run_once(feed, stop.options)
            done += 1

    def report() -> None:
        job.checkpoint("Profiling the layers", done, runs + _WARM_RUNS)

    watched(work, stop.set, job, report)
    return session.end_profiling()


def node_times(events: Iterable[Any], runs: int) -> tuple[list[NodeTime], float]:
    """Mean time of each operator of the outermost graph, and of a whole run, microseconds.

    The mean is over the faster half of the runs: what another program delays falls away, and the
    operators' times still add up to no more than the run's.

    Args:
        events: Of a profile, in the format of Chrome's tracing.
        runs: How many of the last runs to look at; the ones before warmed up.

    Raises:
        EngineError: The profile holds no run.
    """
    found = [e for e in events if isinstance(e, dict) and e.get("ph") == "X"]
    whole = sorted((e["ts"], e["dur"]) for e in found if e.get("name") == "model_run")[-runs:]
    if not whole:
        raise EngineError("ONNX Runtime's profile holds no run", hint="Time the model again.")
    middle = statistics.median_low(duration for _, duration in whole)
    chosen = [(start, duration) for start, duration in whole if duration <= middle]
    starts = [start for start, _ in chosen]
    sums: dict[tuple[str, str], float] = defaultdict(float)
    for event in _outermost(found):
        run = bisect.bisect_right(starts, event["ts"]) - 1
        if run >= 0 and event["ts"] <= starts[run] + chosen[run][1]:
            key = (str(event["name"]).removesuffix(_KERNEL), str(event["args"]["op_name"]))
            sums[key] += event["dur"]
    mean = [NodeTime(name, op, total / len(chosen)) for (name, op), total in sums.items()]
    return mean, sum(duration for _, duration in chosen) / len(chosen)


def _outermost(events: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Operators in order of time; what runs inside a condition or a loop is counted with it."""
    nodes = [e for e in events if e.get("cat") == "Node" and str(e["name"]).endswith(_KERNEL)]
    nodes.sort(key=lambda event: (event["ts"], -event["dur"]))
    end = -1
    for event in nodes:
        if event["ts"] + event["dur"] > end or event["ts"] >= end:
            end = event["ts"] + event["dur"]
            yield event
