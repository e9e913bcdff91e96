"""Networks that have been opened, kept so that no two jobs read the same file.

A network is never changed, so the lanes of the engine share it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar, cast

from engine.errors import ModelError
from engine.info import LayerInfo, NetworkInfo
from engine.jobs.job import Job
from engine.jobs.requests import ModelSource
from engine.network.groups import GroupAnalysis, channel_groups
from engine.network.layers import describe
from engine.network.leaves import Use, uses
from engine.network.network import Network
from engine.readers.open import Opened, read_model

Fact = TypeVar("Fact")
MOST_BYTES = 2 << 30
"""Of the tensors of the networks that are kept; the latest is kept whatever its size."""
MOST_FACTS = 256
"""Things found out about one network that are kept."""
_LOOK_S = 0.05


class Recent:
    """What was found out lately, for several threads; what two look for at once is found twice.

    Args:
        most: How many things are kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, find: Callable[[], Fact]) -> Fact:
        """What `find` returns, from an earlier call where that is known."""
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
                return cast("Fact", self._known[key])
        found = find()
        with self._lock:
            self._known[key] = found
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        return found


class OpenModel:
    """A model that is open, and what was found out about it since.

    Safe to use from several threads, which never wait for each other: what two of them find out at
    once is the same.

    Args:
        source: Where it came from.
        opened: What came of it.
    """

    def __init__(self, source: ModelSource, opened: Opened) -> None:
        self.source = source
        self.opened = opened
        self._facts = Recent(MOST_FACTS)
        self._lasting = Recent(MOST_FACTS)

    @property
    def network(self) -> Network:
        """The network.

        Raises:
            ModelError: It opens for inspection only.
        """
        return runnable(self.opened, self.source)

    @property
    def size_bytes(self) -> int:
        """Of its tensors in memory."""

        def find() -> int:
            if self.opened.network is None:
                return 0
            module = self.opened.network.module
            return sum(t.nbytes for t in (*module.parameters(), *module.buffers()))

        return self._lasting.get("size", find)

    @property
    def groups(self) -> GroupAnalysis:
        """Its channel groups."""
        return self._lasting.get("groups", lambda: channel_groups(self.network))

    @property
    def info(self) -> NetworkInfo:
        """Its layers, groups and sizes, with histograms.

        Straight from the file where it opens for inspection only.
        """
        return self._lasting.get("info", self._described)

    def _described(self) -> NetworkInfo:
        listing = self.opened.info
        if self.opened.network is None:
            return replace(listing, warnings=(self.opened.reason, *listing.warnings))
        info = describe(
            self.network,
            name=listing.name,
            size_bytes=listing.size_bytes,
            groups=self.groups.groups,
        )
        listed = {layer.name: layer for layer in listing.layers}
        layers = tuple(_as_listed(layer, listed.get(layer.name)) for layer in info.layers)
        return replace(info, layers=layers, warnings=self.opened.warnings)

    @property
    def uses(self) -> dict[str, Use]:
        """Its layers by name."""
        return self._lasting.get(
            "uses", lambda: {use.name: use for use in uses(self.network.module)}
        )

    def use(self, layer: str) -> Use:
        """A layer.

        Raises:
            ModelError: There is none of this name.
        """
        use = self.uses.get(layer)
        if use is None:
            raise self._missing(layer)
        return use

    def row(self, layer: str) -> LayerInfo:
        """A layer's row of the table.

        Raises:
            ModelError: There is none of this name.
        """
        rows = self._lasting.get("rows", lambda: {row.name: row for row in self.info.layers})
        row = rows.get(layer)
        if row is None:
            raise self._missing(layer)
        return row

    def _missing(self, layer: str) -> ModelError:
        name = Path(self.source.path).name
        return ModelError(
            f"{name} has no layer called {layer}", hint="Open the file again.", where=layer
        )

    def fact(self, key: Hashable, find: Callable[[], Fact]) -> Fact:
        """What `find` returns; found once, and forgotten after many others."""
        return self._facts.get(key, find)


def _as_listed(layer: LayerInfo, listed: LayerInfo | None) -> LayerInfo:
    """With what only the file's directory tells."""
    if listed is None:
        return layer
    return replace(
        layer,
        histogram=layer.histogram or listed.histogram,
        source_name=layer.source_name or listed.source_name,
    )


def runnable(opened: Opened, source: ModelSource) -> Network:
    """The network of an opened file.

    Raises:
        ModelError: It opens for inspection only.
    """
    if opened.network is None:
        raise ModelError(opened.reason, where=Path(source.path).name)
    return opened.network


class _Place:
    """Where a model will be; whoever holds the lock opens it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.model: OpenModel | None = None


class OpenModels:
    """Models that were opened lately.

    Args:
        most_bytes: Of their tensors; the least recently used go first, the latest never.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._places: OrderedDict[Hashable, _Place] = OrderedDict()
        self._lock = threading.Lock()

    def open(self, source: ModelSource, job: Job) -> OpenModel:
        """Open a model, or give the one that is open while its file is as it was.

        A job that wants what another is opening waits for it.

        Raises:
            ModelError: It cannot be read.
            TrustRequired: It runs code, and the user has not vouched for it.
            Cancelled: By the job.
        """
        job.checkpoint()
        key = _key(source)
        with self._lock:
            place = self._places.setdefault(key, _Place())
            self._places.move_to_end(key)
        while not place.lock.acquire(timeout=_LOOK_S):
            job.checkpoint(f"Opening {Path(source.path).name}")
        try:
            if place.model is None:
                place.model = OpenModel(source, read_model(source, job))
            model = place.model
        except BaseException:
            with self._lock:
                if self._places.get(key) is place:
                    del self._places[key]
            raise
        finally:
            place.lock.release()
        self._make_room(key, source)
        return model

    def forget(self) -> None:
        """Keep none."""
        with self._lock:
            self._places.clear()

    def __len__(self) -> int:
        return len(self._places)

    def _make_room(self, latest: Hashable, source: ModelSource) -> None:
        """Drop what the file was before, then the least recently used."""
        with self._lock:
            ready = {key: p.model for key, p in self._places.items() if p.model is not None}
            for key, model in ready.items():
                if key != latest and model.source == source:
                    del self._places[key]
            total = sum(ready[key].size_bytes for key in ready if key in self._places)
            for key, model in ready.items():
                if total <= self._most_bytes or key == latest:
                    break
                if self._places.pop(key, None) is not None:
                    total -= model.size_bytes


def _key(source: ModelSource) -> Hashable:
    """Differs when the model does: its file, its code, the JSON that gives its input's shape."""
    path = Path(source.path)
    code = source.architecture.rpartition(":")[0]
    files = [path, path.parent / f"{path.stem}.json", *([Path(code)] if code else [])]
    return source, tuple(_stamp(one) for one in files)


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_size


MODELS = OpenModels()
"""Of this process."""


def open_model(source: ModelSource, job: Job) -> OpenModel:
    """Open a model, or give the one that is open (see `OpenModels.open`)."""
    return MODELS.open(source, job)
