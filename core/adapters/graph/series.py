"""Where a series has to show, and whether one of its dates is still as it was seen. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from itertools import islice
from typing import Any

from core.adapters.graph import wire, zones
from core.errors import ItemRefused
from core.model.essence import Essence
from core.model.exceptions import DateException
from core.model.expand import first_occurrences, nth
from core.model.recurrence import count
from core.model.sighting import Event, Shape
from core.model.stretch import Timed, Window, near
from core.model.when import Series, around

_MARGIN = timedelta(days=1)
"""A series whose zone nobody knows is told an hour off for a part of the year."""


def shown_in(essence: Essence) -> Window | None:
    """A small window that shows the entry as long as it is in the calendar; None where none of its dates takes place.

    Of a series its last date, the one nearest to now as a rule, or its first one where it has no end.
    """
    if not isinstance(essence.when, Series):
        return around(essence.when)
    for day in islice(_days(essence.when), len(essence.exceptions) + 1):  # The others cannot all be cancelled.
        held = essence.on(day)
        if held is not None and held.when is not None:
            inner = near(held.when)
            return Window(inner.start - _MARGIN, inner.end + _MARGIN)
    return None


def _days(series: Series) -> Iterator[date]:
    total = count(series)
    if total is None:
        return (day for day, _ in first_occurrences(series))
    return (found[0] for number in range(total, 0, -1) if (found := nth(series, number)))


def seen_on(seen: Event, day: date) -> tuple[DateException | None, bool]:
    """What `seen` says of that date of Graph's, which it may tell by other clocks; and whether it is an exception."""
    told = day + timedelta(days=seen.days_apart)
    held = seen.essence.on(told)
    return held and replace(held, day=day), seen.essence.exception(told) is not None


def still_is(item: Mapping[str, Any], held: DateException, *, exception: bool) -> bool:
    """Whether an occurrence that was read just now is as it was seen.

    Other clocks may tell an ordinary date an hour off (R22), so of that the time counts by not having been moved.
    """
    found = on_date(item, held.day)
    if found == held:
        return True
    both_timed = isinstance(found.when, Timed) and isinstance(held.when, Timed)
    return both_timed and not exception and not _was_moved(item) and replace(found, when=held.when) == held


def on_date(item: Mapping[str, Any], day: date) -> DateException:
    """What takes place on that date, from the occurrence. Raises ItemRefused where it cannot be read."""
    try:
        return wire.on_date(item, day)
    except (ValueError, LookupError, OverflowError) as error:
        raise ItemRefused("unreadable_event", wire.digest(str(item.get("id")))) from error


def _was_moved(item: Mapping[str, Any]) -> bool:
    is_exception = wire.shape_of(item) is not Shape.OCCURRENCE
    return is_exception and zones.stamp(item.get("originalStart")) != zones.instant(item.get("start"))
