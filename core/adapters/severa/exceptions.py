"""The exceptions of a series, put together from its row and from rows of their own. Pure.

What is known (facts/severa.md 1.6, 1.7): a series' row lists date-times (`recurrence.exceptions`), a changed occurrence
is a row of its own (`recurrenceType` Exception) that names its series, and a cancelled one is no row. What follows from
that is inferred [INF]: what is listed are the original starts of changed and of cancelled dates alike, and no row says
which date it was. So a row that begins when the series puts a listed date is of that date. Then one that begins on the
day of a listed date is, since Exchange moves no occurrence to the day of another (facts/microsoft.md A3). The others
are given to the listed dates that are left, in order and as near as can be. Dates that no row explains are cancelled,
for this user: an occurrence that somebody was taken off is a row that is not listed for them. Rows may be listed later
than the series names their dates, so news of that kind has to be proven (`Reading.listed`). (If Severa should list
changed dates only, cancelled ones would not be noticed; if cancelled ones only, changed dates of a series without any
would not be, and a moved one could be taken for a cancelled one that was moved.)
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from core.adapters.severa import quirks
from core.model.essence import Essence, with_exceptions
from core.model.exceptions import DateException
from core.model.expand import occurrence_on, original_date
from core.model.recurrence import ClockTime, Series
from core.model.stretch import Stretch, Timed, Window

_EDGE = timedelta(days=2)
"""No zone is further from UTC, and no bound is read so differently, that a row beyond this would matter."""


def of_series(known: Series, listed: Iterable[date]) -> frozenset[date]:
    """The listed dates that the series has: the others are of a pattern that it had once."""
    return frozenset(day for day in listed if occurrence_on(known, day) is not None)


def spread(listed: Collection[date]) -> Window | None:
    """Where all rows are that `with_rows` looks at; None where a series lists no exception."""
    if not listed:
        return None
    first, last = _bounds(listed)
    return Window(first - _EDGE, last + _EDGE)


def with_rows(bare: Essence, listed: frozenset[date], rows: Iterable[Essence]) -> Essence:
    """The series with its exceptions in normal form; `rows` are those of its own that may be seen by this user.

    A row that is further than a year from every listed date is not looked at, whoever brings it: so the same comes out
    of every listing that covers the spread.
    """
    if not listed:
        return bare
    found = by_date(bare, listed, rows)
    cancelled = [DateException(day) for day in listed - found.keys()]
    return with_exceptions(bare, [*cancelled, *(changed(day, row) for day, row in found.items())])


def by_date(bare: Essence, listed: frozenset[date], rows: Iterable[Essence]) -> dict[date, Essence]:
    """Which row is which original date; some date must be listed."""
    known, (first, last) = cast("Series", bare.when), _bounds(listed)
    inside = sorted((row for row in rows if first <= _begin(row) <= last), key=_begin)
    found, others = dict[date, Essence](), inside
    for likely in (_date_that_begins_then, _day_of):
        others, rest = [], others
        for row in rest:
            day = likely(known, row)
            if day in listed and day not in found:
                found[day] = row
            else:
                others.append(row)
    starts = {day: start_of(when) for day in listed - found.keys() if (when := occurrence_on(known, day))}
    found |= _in_order(others, starts)
    for row in others:  # What is left of them stands for the date that it begins on, listed or not.
        if row not in found.values() and (day := _date_that_begins_then(known, row)) is not None:
            found.setdefault(day, row)
    return found


def changed(day: date, row: Essence) -> DateException:
    """What takes place on that original date, as a row tells it."""
    return DateException(day, cast("Stretch", row.when), row.subject, row.text, row.location)


def alike(one: Essence, other: Essence) -> bool:
    """Whether the same takes place, whichever date of the series each of it is: no row says that."""
    return replace(one, exceptions=()) == replace(other, exceptions=()) and _all_of(one) == _all_of(other)


def _all_of(content: Essence) -> tuple[list[date], list[str]]:
    return [one.day for one in content.exceptions], sorted(one.spelling for one in content.exceptions)


def start_of(when: Stretch) -> datetime:
    """When it begins; whole days are in no zone, so at midnight UTC."""
    return when.start if isinstance(when, Timed) else _midnight(when.first)


def _begin(row: Essence) -> datetime:
    return start_of(cast("Stretch", row.when))


def _date_that_begins_then(known: Series, row: Essence) -> date | None:
    return original_date(known, _begin(row))


def _day_of(known: Series, row: Essence) -> date | None:
    """The day that clocks show then where the series is."""
    at = known.time
    zone = ZoneInfo(at.zone) if isinstance(at, ClockTime) and isinstance(row.when, Timed) else UTC
    return _begin(row).astimezone(zone).date()


def _bounds(listed: Collection[date]) -> tuple[datetime, datetime]:
    return _midnight(min(listed)) - quirks.FARTHEST_MOVE, _midnight(max(listed)) + quirks.FARTHEST_MOVE


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _in_order(rows: Sequence[Essence], starts: dict[date, datetime]) -> dict[date, Essence]:
    """Rows by dates: no two cross, as many as can be, and then as near as can be.

    `best[i, j]`: of the rows from i on, with the dates from j on, how many get none, and how far the others are moved.
    """
    days, begins = sorted(starts), [_begin(row) for row in rows]
    count, most = len(begins), len(days)
    best = {(i, most): (count - i, timedelta()) for i in range(count + 1)}
    best |= {(count, j): (0, timedelta()) for j in range(most)}

    def together(i: int, j: int) -> tuple[int, timedelta]:
        none, moved = best[i + 1, j + 1]
        return none, moved + abs(begins[i] - starts[days[j]])

    for i in reversed(range(count)):
        for j in reversed(range(most)):
            none, moved = best[i + 1, j]
            best[i, j] = min(together(i, j), best[i, j + 1], (none + 1, moved))
    found, i, j = dict[date, Essence](), 0, 0
    while i < count and j < most:
        if best[i, j] == together(i, j):
            found[days[j]] = rows[i]
            i, j = i + 1, j + 1
        elif best[i, j] == best[i, j + 1]:
            j += 1
        else:
            i += 1
    return found
