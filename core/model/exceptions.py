"""The dates of a series that are not as the series says (R12): moved, edited or cancelled, by their original date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from core.model.stretch import Stretch, spelt

PREFIX = "exception:"
"""What the name of such a date begins with, among the names of an essence's fields."""


@dataclass(frozen=True, slots=True)
class DateException:
    """One date of a series, with all that the occurrence holds instead; without `when` it is cancelled.

    `day` is the original date: where the series' pattern puts the occurrence, by the series' own clocks.
    """

    day: date
    when: Stretch | None = None
    subject: str = ""
    text: str = ""
    location: str = ""

    @property
    def is_cancelled(self) -> bool:
        """Whether the occurrence does not take place."""
        return self.when is None

    @property
    def name(self) -> str:
        """The name of this date among an essence's fields."""
        return name_of(self.day)

    @property
    def spelling(self) -> str:
        """The one spelling that digests are made of and history shows."""
        if self.when is None:
            return "cancelled"
        return "\n".join((spelt(self.when), self.subject, self.location, self.text))


@dataclass(frozen=True, slots=True)
class DateChange:
    """One date of a series as it is to be. `original` is when the series itself puts it, `wanted` what is to be then.

    `wanted` names everything, also where that is just what the series says.
    """

    original: Stretch
    wanted: DateException

    @property
    def day(self) -> date:
        """The original date."""
        return self.wanted.day


def name_of(day: date) -> str:
    """The name of a date's exception among an essence's fields."""
    return f"{PREFIX}{day.isoformat()}"


def day_of(name: str) -> date | None:
    """The original date that a field's name speaks of; None for any other field."""
    return date.fromisoformat(name.removeprefix(PREFIX)) if name.startswith(PREFIX) else None
