"""How long measuring will take still: by the work that is left, not by the number of entries.

A change of an early layer has most of the network to be run after it, one of the last layer next to
nothing; some need few samples, some all; one run may tell several entries. So work is counted in
passes over the network, as far as each run has to go, and what a unit of it takes is learned from
what has been done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine.costs_measured import Place
from engine.info import LayerInfo
from engine.search.sums import Key

_EACH = 0.03
"""Of a pass, what each run takes besides: comparing answers, calls."""
_PRIOR = 0.05
"""Share of the work for which the guess counts as much as what has been seen."""
STEPS = 1000
"""In which progress is told."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A run that is known of: its work, in passes, and how much of it was done before."""

    work: float
    given: float


class Pace:
    """Knows what is done and what is left.

    Args:
        layers: Of the network.
        wanted: Entries that are to be measured.
        pass_s: What a run through the whole network is expected to take.
        clock: Tells the time in seconds, without pauses.
    """

    def __init__(
        self,
        layers: Sequence[LayerInfo],
        wanted: Iterable[Place],
        pass_s: float,
        clock: Callable[[], float],
    ) -> None:
        self._clock = clock
        self._tails = tails(layers)
        self._unknown = {place: self._tails.get(place[0], 1.0) for place in wanted}
        self._pass_s = pass_s
        self._runs: dict[Key, _Known] = {}
        self._seen_work = 0.0
        self._ran_s = 0.0
        self._began = clock()
        self._first_told = 0.0
        self._told = -1

    def made(self, key: Key, places: Iterable[Place], layers: Iterable[str], given: float) -> None:
        """A change is ready; `given`: how far it was measured before, 0…1."""
        work = max((self._tails.get(name, 0.0) for name in layers), default=1.0) + _EACH
        self._runs[key] = _Known(work, given)
        for place in places:
            self._seen_work += self._unknown.pop(place, 0.0)

    def known(self, places: Iterable[Place]) -> None:
        """These need no run: they are certain already."""
        for place in places:
            self._unknown.pop(place, None)

    def ran(self, seconds: float) -> None:
        """Changes were run for so long."""
        self._ran_s += seconds

    def left_s(self, share: Callable[[Key], float]) -> float:
        """Seconds until all is done; zero before anything is known.

        Args:
            share: How far a run is, 0…1.
        """
        total = sum(one.work * (1 - one.given) for one in self._runs.values())
        done = sum(one.work * (share(key) - one.given) for key, one in self._runs.items())
        known_work = sum(one.work for one in self._runs.values())
        unknown = sum(self._unknown.values())
        # entries that are still unknown come in as many runs as those that are known
        ahead = known_work * unknown / self._seen_work if self._seen_work else 0.0
        prior = _PRIOR * (total + ahead)
        seen = prior + max(done, 0.0)
        rate = (self._pass_s * prior + self._ran_s) / seen if seen else 0.0
        making_s = self._clock() - self._began - self._ran_s
        making_left_s = making_s * unknown / self._seen_work if self._seen_work else 0.0
        return rate * max(total - done + ahead, 0.0) + max(making_left_s, 0.0)

    def progress(self, share: Callable[[Key], float], ends_at: float) -> tuple[int, int] | None:
        """Done and total, so that the time that is left follows from the time since the first.

        Args:
            share: How far a run is, 0…1.
            ends_at: When it is ended in any case, by the clock.

        Returns:
            None where nobody knows yet.
        """
        if not self._runs:
            return None
        now = self._clock()
        if self._told < 0:
            self._first_told = now
        left_s = max(min(self.left_s(share), ends_at - now), 0.0)
        elapsed_s = now - self._first_told
        part = elapsed_s / (elapsed_s + left_s) if elapsed_s + left_s > 0 else 0.0
        self._told = max(self._told, min(int(STEPS * part), STEPS))
        return self._told, STEPS


def tails(layers: Sequence[LayerInfo]) -> Mapping[str, float]:
    """Layer → share of the network's work that comes with and after it, by MACs."""
    order = sorted(layers, key=lambda one: one.position)
    total = sum(one.macs or 0 for one in order)
    if not total:
        return {one.name: (len(order) - at) / len(order) for at, one in enumerate(order)}
    found: dict[str, float] = {}
    left = total
    for one in order:
        found[one.name] = left / total
        left -= one.macs or 0
    return found
