"""Scripted misbehaviour of a simulated service.

A test adds faults to a simulator's script; `FaultMiddleware` (middleware.py) asks the script about every request and
carries out what it answers. The script only decides; it has no effect of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum


class Action(StrEnum):
    """What happens to a request that a fault matches."""

    STATUS = "status"
    """Answer with a status before anything has an effect."""
    DROP_AFTER_COMMIT = "drop_after_commit"
    """Let the effect happen, then close the connection without an answer."""
    TRUNCATE = "truncate"
    """Let the effect happen, then send only the first half of the answer's body."""
    DELAY = "delay"
    """Sleep (by the simulator's own sleep), then serve as usual."""
    STALE_READ = "stale_read"
    """Serve a read from the state before the last change. Writes are served as usual."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One scripted misbehaviour.

    `method` is compared without case; `path` is a regular expression searched in the path as it was requested
    (without query). Of the requests that match, the first `after` are served as usual, then the fault applies to the
    next `times` of them (None: to all, until the script is cleared).

    `status`, `retry_after` (seconds, sent as a Retry-After header) and `body` (text is sent as text/plain, anything
    else as JSON; None means the simulator's usual error body for that status) belong to the action `status`;
    `seconds` belongs to the action `delay`.
    """

    action: Action | str
    method: str | None = None
    path: str | None = None
    after: int = 0
    times: int | None = 1
    status: int = 503
    retry_after: int | None = None
    seconds: float = 0.0
    body: object | None = None

    def __post_init__(self) -> None:
        """Refuse what could never work, so that a mistyped fault fails the test that wrote it.

        Raises ValueError for an unknown action and re.error for a bad expression.
        """
        object.__setattr__(self, "action", Action(self.action))
        re.compile(self.path or "")

    def concerns(self, method: str, path: str) -> bool:
        """Whether this fault looks at such a request at all."""
        same_method = self.method is None or self.method.upper() == method.upper()
        return same_method and (self.path is None or re.search(self.path, path) is not None)


@dataclass(slots=True)
class _Armed:
    fault: Fault
    seen: int = 0
    fired: int = 0

    def fires(self) -> bool:
        self.seen += 1
        if self.seen <= self.fault.after:
            return False
        if self.fault.times is not None and self.fired >= self.fault.times:
            return False
        self.fired += 1
        return True


@dataclass(slots=True)
class FaultScript:
    """The faults of one simulator, in the order in which they were added.

    Every fault that concerns a request counts it; the first one that fires wins.
    """

    _armed: list[_Armed] = field(default_factory=list)

    def add(self, fault: Fault) -> Fault:
        """Arm a fault; returns it."""
        self._armed.append(_Armed(fault))
        return fault

    def match(self, method: str, path: str) -> Fault | None:
        """Count this request and answer the fault that applies to it, if any."""
        winner: Fault | None = None
        for armed in self._armed:
            if not armed.fault.concerns(method, path):
                continue
            if winner is None:
                winner = armed.fault if armed.fires() else None
            else:
                armed.seen += 1
        return winner

    def fired(self) -> int:
        """How many requests met a fault so far, so that a test can tell that its fault was reached."""
        return sum(armed.fired for armed in self._armed)

    def clear(self) -> None:
        """Disarm everything."""
        self._armed.clear()
