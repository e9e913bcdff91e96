"""ONNX Runtime: sessions whose failures are one sentence, and runs that can be cancelled."""

from __future__ import annotations

import concurrent.futures
import importlib.metadata
import os
import platform
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

from engine.errors import EngineError, ModelError
from engine.info import Dim, TensorInfo
from engine.jobs.job import Job

Array = NDArray[Any]
T = TypeVar("T")
_FATAL = 4
_POLL_S = 0.05
_TYPES = {
    "tensor(float)": "float32",
    "tensor(float16)": "float16",
    "tensor(double)": "float64",
    "tensor(int8)": "int8",
    "tensor(int16)": "int16",
    "tensor(int32)": "int32",
    "tensor(int64)": "int64",
    "tensor(uint8)": "uint8",
    "tensor(uint16)": "uint16",
    "tensor(uint32)": "uint32",
    "tensor(uint64)": "uint64",
    "tensor(bool)": "bool",
}
_ERRORS: tuple[type[Exception], ...] = tuple(
    kind
    for kind in vars(ort_errors).values()
    if isinstance(kind, type) and issubclass(kind, Exception)
)
RUN_ERRORS: tuple[type[Exception], ...] = (*_ERRORS, RuntimeError, ValueError, MemoryError)
"""What ONNX Runtime raises; its own errors have no common base but `Exception`."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a session runs.

    Attributes:
        threads: Used inside an operator; None or 0 takes all cores but one.
        optimize: Off only to look for what an optimization changes; files run with it on.
        profile: Prefix of a profile file that `Session.end_profiling` writes; None for none.
        optimized: Where to write the graph as it really runs; None for nowhere.
    """

    threads: int | None = None
    optimize: bool = True
    profile: Path | None = None
    optimized: Path | None = None


def default_threads() -> int:
    """All cores that this process may use but one, which is left to the window."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, (count or 1) - 1)


def runtime_name() -> str:
    """Name and version, as results carry it."""
    return f"ONNX Runtime {ort.__version__}"


def torch_name() -> str:
    """Likewise for PyTorch, which need not be loaded for it."""
    return f"PyTorch {importlib.metadata.version('torch').partition('+')[0]}"


def processor_name() -> str:
    """The processor, as the system names it."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(errors="replace").splitlines():
            if line.startswith(("model name", "Model", "cpu model")):
                return " ".join(line.partition(":")[2].split())
    return platform.processor() or platform.machine()


class Session:
    """An ONNX file that is ready to run on the processor.

    Args:
        path: The file; external data lies beside it.
        options: How it runs.

    Raises:
        ModelError: ONNX Runtime does not load the file; the sentence holds its reason.
    """

    def __init__(self, path: str | Path, options: Options | None = None) -> None:
        options = options or Options()
        self.path = Path(path)
        self.threads = options.threads or default_threads()
        if not self.path.is_file():
            raise ModelError(f"There is no file {self.path}", hint="Choose a model file.")
        try:
            os.fspath(self.path).encode()
        except UnicodeEncodeError:
            raise ModelError(
                f"ONNX Runtime cannot open {self.path.name!a}, whose name is not UTF-8 text",
                hint="Rename the file.",
            ) from None
        try:
            self._session = ort.InferenceSession(
                os.fspath(self.path), _settings(options, self.threads), providers=_PROVIDERS
            )
        except RUN_ERRORS as error:
            raise ModelError(
                f"ONNX Runtime does not load {self.path.name}: {reason(error)}",
                hint="The file may be damaged, or use operators that this runtime lacks.",
                where=str(self.path),
            ) from error
        self.inputs = tuple(_tensor_info(t) for t in self._session.get_inputs())
        self.outputs = tuple(_tensor_info(t) for t in self._session.get_outputs())

    def run(self, feed: Mapping[str, Array], job: Job | None = None) -> list[Array]:
        """Run once; all outputs, in order.

        Args:
            feed: Input name → array.
            job: With one, the run itself can be cancelled while it goes on.

        Raises:
            EngineError: ONNX Runtime fails; the sentence holds its reason.
            Cancelled: By the job.
        """
        if job is None:
            return self.run_once(feed)
        options = ort.RunOptions()

        def stop() -> None:
            options.terminate = True

        return watched(lambda: self.run_once(feed, options), stop, job)

    def run_once(
        self, feed: Mapping[str, Array], options: ort.RunOptions | None = None
    ) -> list[Array]:
        """Run in this thread; `options.terminate`, set from another one, ends it (see `run`)."""
        try:
            outputs = self._session.run(None, dict(feed), options)
        except RUN_ERRORS as error:
            shapes = ", ".join(f"{name} {list(a.shape)}" for name, a in feed.items())
            raise EngineError(
                f"{self.path.name} does not run on inputs of shape {shapes}: {reason(error)}",
                where=str(self.path),
            ) from error
        return [np.asarray(output) for output in outputs]

    def end_profiling(self) -> Path:
        """Write the profile that `Options.profile` asked for; its path."""
        return Path(self._session.end_profiling())


_PROVIDERS = ["CPUExecutionProvider"]


def _settings(options: Options, threads: int) -> ort.SessionOptions:
    levels = ort.GraphOptimizationLevel
    settings = ort.SessionOptions()
    settings.intra_op_num_threads = threads
    settings.inter_op_num_threads = 1
    settings.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    settings.graph_optimization_level = (
        levels.ORT_ENABLE_ALL if options.optimize else levels.ORT_DISABLE_ALL
    )
    settings.log_severity_level = _FATAL
    if options.profile is not None:
        settings.enable_profiling = True
        settings.profile_file_prefix = os.fspath(options.profile)
    if options.optimized is not None:
        settings.optimized_model_filepath = os.fspath(options.optimized)
        # Beside it, so that neither its size nor that of the weights is bounded by protobuf.
        prefix = "session.optimized_model_external_initializers"
        settings.add_session_config_entry(f"{prefix}_file_name", f"{options.optimized.name}.data")
        settings.add_session_config_entry(f"{prefix}_min_size_in_bytes", "1024")
    return settings


def watched(
    work: Callable[[], T],
    stop: Callable[[], None],
    job: Job,
    report: Callable[[], None] | None = None,
) -> T:
    """Run `work` in a thread of its own while the job is asked, every 50 ms, whether to go on.

    Args:
        work: Must return soon after `stop` was called.
        stop: Asks `work` to end.
        job: Whose `Cancelled` (or any other exception) ends the work and is passed on.
        report: Called instead of `job.checkpoint()`, to report progress.
    """
    ask = report or job.checkpoint
    with concurrent.futures.ThreadPoolExecutor(1, "measure") as pool:
        future = pool.submit(work)
        try:
            while True:
                try:
                    return future.result(timeout=_POLL_S)
                except concurrent.futures.TimeoutError:
                    if future.done():
                        raise
                ask()
        except BaseException:
            stop()
            raise


class StopFlag:
    """Says to a loop in another thread that it should end, and ends the run that is under way."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self.options = ort.RunOptions()

    def __bool__(self) -> bool:
        return self._event.is_set()

    def set(self) -> None:
        """Ask for the end."""
        self._event.set()
        self.options.terminate = True


def reason(error: BaseException) -> str:
    """ONNX Runtime's message without its codes, source lines and stack, in one line."""
    text = " ".join(str(error).split()) or type(error).__name__
    if text.startswith("[ONNXRuntimeError]"):
        parts = text.split(" : ", 3)
        text = parts[-1]
    # A failed check: "… Status Message: /path/file.h:84 function(…) x was false. Why"
    text = text.partition("Status Message: ")[2] or text
    text = text.rpartition(" was false. ")[2] or text
    return text if len(text) <= 300 else f"{text[:300]}…"


def unnamed_dim(value: str, axis: int) -> str:
    """What a dimension is called that may vary and has no name in the file."""
    return f"{value}_{axis}" if axis else "batch"


def _tensor_info(argument: Any) -> TensorInfo:
    shape: list[Dim] = []
    for index, size in enumerate(argument.shape or ()):
        known = isinstance(size, (int, str))
        shape.append(size if known else unnamed_dim(argument.name, index))
    return TensorInfo(argument.name, tuple(shape), _TYPES.get(argument.type, argument.type))


def feed_of(inputs: Sequence[TensorInfo], arrays: Sequence[Array]) -> dict[str, Array]:
    """Pair arrays with inputs, in the types that the file wants.

    Raises:
        EngineError: The number of arrays, a rank or a fixed size does not fit.
    """
    if len(inputs) != len(arrays):
        raise EngineError(
            f"The network has {_count(len(inputs), 'input')}, the data gives "
            f"{_count(len(arrays), 'array')} per sample",
            hint="Name the columns or arrays that belong to the inputs.",
        )
    feed: dict[str, Array] = {}
    for info, array in zip(inputs, arrays, strict=True):
        fits = len(info.shape) == array.ndim and all(
            not isinstance(want, int) or want == got
            for want, got in zip(info.shape[1:], array.shape[1:], strict=True)
        )
        if array.ndim == len(info.shape) + 1:
            raise EngineError(
                f"The input {info.name!r} of shape {list(info.shape)} has no batch axis, so data "
                f"of shape {list(array.shape)} cannot be run",
                hint="Export the network with a batch axis.",
            )
        if not fits:
            raise EngineError(
                f"Data of shape {list(array.shape)} does not fit the input {info.name!r} "
                f"of shape {list(info.shape)}",
                hint="Set layout and resize in the preprocessing file beside the model.",
            )
        feed[info.name] = as_type(array, info)
    return feed


def as_type(array: Array, info: TensorInfo) -> Array:
    """The array in the input's type: a change of width is made, one of meaning is an error."""
    if info.dtype.startswith(("tensor(", "seq(", "map(", "optional(")):
        raise EngineError(
            f"The input {info.name!r} takes {info.dtype}, which samples cannot be made for",
            hint="Networks with numeric inputs can be measured.",
        )
    wanted = np.dtype(info.dtype)
    if array.dtype == wanted:
        return np.require(array, requirements="C")  # `ascontiguousarray` makes a scalar a vector
    if array.dtype.kind == "f" and wanted.kind in "iub":
        raise EngineError(
            f"The input {info.name!r} takes whole numbers ({wanted}), the data holds fractions "
            f"({array.dtype})",
            hint="Check that the data belongs to this network.",
        )
    return np.require(array, wanted, "C")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
