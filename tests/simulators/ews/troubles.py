"""Scripted refusals in EWS' own words; HTTP's own (503, time-outs, lost answers) are common/faults.py's."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Where(StrEnum):
    """Where a trouble strikes."""

    FAULT = "fault"
    """The whole request, before anything has an effect: a SOAP fault with HTTP 500."""
    ITEM = "item"
    """One item of the request, in whose place the refusal stands, with HTTP 200: it has no effect."""
    ITEM_COMMITTED = "item_committed"
    """The same, but the effect happens all the same."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One scripted refusal, by its response code.

    Of the requests (or items) of this `operation` for the mailbox of this `address` (None: of every one), the first
    `after` are served as usual, then it strikes the next `times` (None: all, until the script is cleared). `back_off`:
    the milliseconds that it says with ErrorServerBusy.
    """

    code: str
    operation: str | None = None
    address: str | None = None
    where: Where = Where.FAULT
    after: int = 0
    times: int | None = 1
    back_off: int | None = None

    def concerns(self, operation: str, address: str, where: tuple[Where, ...]) -> bool:
        """Whether it looks at such a request, or item, at all."""
        return (
            self.where in where
            and self.operation in (None, operation)
            and (self.address is None or self.address.lower() == address.lower())
        )


@dataclass(slots=True)
class Troubles:
    """The troubles of one simulator, in the order in which they were added; the first one that strikes wins."""

    _script: list[Trouble] = field(default_factory=list)
    _seen: list[int] = field(default_factory=list)
    _struck: list[int] = field(default_factory=list)

    def add(self, trouble: Trouble) -> Trouble:
        """Arm a trouble; returns it."""
        self._script.append(trouble)
        self._seen.append(0)
        self._struck.append(0)
        return trouble

    def match(self, operation: str, address: str, *where: Where) -> Trouble | None:
        """Count this request or item and answer the trouble that strikes it, if any."""
        winner: Trouble | None = None
        for number, trouble in enumerate(self._script):
            if not trouble.concerns(operation, address, where):
                continue
            self._seen[number] += 1
            left = trouble.times is None or self._struck[number] < trouble.times
            if winner is None and left and self._seen[number] > trouble.after:
                self._struck[number] += 1
                winner = trouble
        return winner

    def struck(self) -> int:
        """How many requests and items met a trouble so far."""
        return sum(self._struck)

    def clear(self) -> None:
        """Disarm everything."""
        self._script, self._seen, self._struck = [], [], []
