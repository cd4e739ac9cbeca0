"""When an entry takes place (R23): once, or again and again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice

from core.model import recurrence
from core.model.dates import LAST_DAY
from core.model.expand import first_occurrences, last_occurrence, occurrences
from core.model.recurrence import Series
from core.model.stretch import AllDay, Stretch, Timed, Window, all_day, near, over_at, spelt, timed

__all__ = [
    "AllDay",
    "Series",
    "Stretch",
    "Timed",
    "When",
    "Window",
    "all_day",
    "around",
    "canonical",
    "covers",
    "ends_at",
    "timed",
]

When = Timed | AllDay | Series

ENDLESS = datetime(LAST_DAY.year, LAST_DAY.month, LAST_DAY.day, tzinfo=UTC)
"""When a series without an end is over: with Exchange's calendar."""
_ENOUGH, _NOT_TOO_FAR = 3, timedelta(days=100)
"""A series shows by one of its first dates, unless so many of them were cancelled."""


def canonical(when: When) -> str:
    """The one spelling of a time that digests and keys are made of."""
    return recurrence.canonical(when) if isinstance(when, Series) else spelt(when)


def ends_at(when: When) -> datetime:
    """The instant after which the entry is over, anywhere on earth for whole days; of a series its last occurrence."""
    if not isinstance(when, Series):
        return over_at(when)
    last = last_occurrence(when)
    return ENDLESS if last is None else over_at(last[1])


def around(when: When) -> Window:
    """A small window that is sure to show an entry of that time: of a series, some of its first occurrences."""
    if not isinstance(when, Series):
        return near(when)
    (_, first), *rest = islice(first_occurrences(when), _ENOUGH)
    whole = near(first)
    for _, later in rest:
        if near(later).end - whole.start <= _NOT_TOO_FAR:
            whole = Window(whole.start, near(later).end)
    return whole


def covers(window: Window, when: When) -> bool:
    """Whether a complete view of `window` is sure to show an entry of that time."""
    if isinstance(when, Series):
        return any(_is_inside(window, stretch) for _, stretch in islice(occurrences(when, window), _ENOUGH))
    return _is_inside(window, when)


def _is_inside(window: Window, stretch: Stretch) -> bool:
    inner = near(stretch)
    return window.start <= inner.start and inner.end <= window.end
