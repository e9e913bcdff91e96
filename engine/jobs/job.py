"""What running code sees of its job: report, and ask whether to go on."""

from __future__ import annotations

from typing import Any, Protocol


class Job(Protocol):
    """Passed into all long work, so that it can report and be stopped."""

    def checkpoint(self, text: str = "", done: int = 0, total: int = 0) -> None:
        """Report progress (passed on at most 20 times a second), wait while paused.

        Without a text or a total nothing is reported: what was said before still holds.

        Raises:
            Cancelled: The user asked to drop the job.
        """

    def metric(self, name: str, step: int, value: float) -> None:
        """Report a measured number that a curve shows."""

    def partial(self, value: Any) -> None:
        """Show what is finished so far, as the result that a stop would give now.

        A later one stands for all before it, of which some may be left out.
        """

    @property
    def stopping(self) -> bool:
        """The user asked to end early and keep the best so far."""


class Quiet:
    """A job that nobody watches: for scripts and tests."""

    stopping = False

    def checkpoint(self, text: str = "", done: int = 0, total: int = 0) -> None:
        """Do nothing."""

    def metric(self, name: str, step: int, value: float) -> None:
        """Do nothing."""

    def partial(self, value: Any) -> None:
        """Do nothing."""
