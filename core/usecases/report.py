"""What one run did, as numbers and codes: no subjects, no addresses."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Outcome(StrEnum):
    """How a run ended."""

    DONE = "done"
    SKIPPED = "skipped"
    BUSY = "busy"
    LATER = "later"
    STOPPED = "stopped"
    TAKEN_OVER = "taken_over"


COUNTERS = ("linked", "written", "left_out", "refused", "held", "told")


@dataclass(slots=True)
class Report:
    """One run of one pair. `again`: when the next look is wanted (UTC), None where nothing waits.

    `code` names why it was skipped, stopped or put off. `arrived`: a hint came in while it ran, and is not served yet.
    `noticed` counts entries that had changed since the last run, `in_mailbox` what the mailbox's own round told of.
    """

    outcome: Outcome = Outcome.DONE
    code: str = ""
    again: datetime | None = None
    arrived: bool = False
    first: bool = False
    full: bool = False
    noticed: int = 0
    in_mailbox: int = 0
    linked: Counter[str] = field(default_factory=Counter)
    written: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)

    def wait_until(self, instant: datetime) -> None:
        """Something is left for later: look again then, or earlier if something else asks for it."""
        self.again = instant if self.again is None else min(self.again, instant)

    def follows(self, earlier: Report) -> None:
        """This was another round of the same run: what the earlier one did counts as well, its ending does not."""
        self.first, self.full = self.first or earlier.first, self.full or earlier.full
        self.noticed, self.in_mailbox = self.noticed + earlier.noticed, self.in_mailbox + earlier.in_mailbox
        for name in COUNTERS:
            getattr(self, name).update(getattr(earlier, name))

    def nothing_went_through(self) -> bool:
        """Whether something was tried and all of it failed (P41)."""
        return bool(self.refused.total()) and not self.written.total() + self.linked.total()

    def summary(self) -> dict[str, str | int | dict[str, int]]:
        """The run as facts of its event: codes and numbers, nobody's content."""
        counters = {name: dict(getattr(self, name)) for name in COUNTERS if getattr(self, name).total()}
        plain = {"outcome": self.outcome.value, "code": self.code, "noticed": self.noticed, "full": int(self.full)}
        return plain | counters
