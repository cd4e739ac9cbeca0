"""What a window shows, and what a write changes, for calendars in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.errors import ItemChanged, ItemRefused
from core.model.essence import Essence, Field, with_exception, with_exceptions
from core.model.exceptions import DateChange, DateException
from core.model.expand import first_occurrences, occurrences
from core.model.sighting import Activity, Event, Shape
from core.model.when import AllDay, Series, Stretch, Timed, When, Window


def shows(window: Window, essence: Essence, zone: str) -> bool:
    """Whether the entry, or a date of it, overlaps the window; whole days begin at midnight in `zone` (IANA)."""
    when = essence.when
    if not isinstance(when, Series):
        return _overlaps(window, when, zone)
    moved = [one.when for one in essence.exceptions if one.when is not None]
    plain = (stretch for day, stretch in occurrences(when, window) if essence.exception(day) is None)
    return any(_overlaps(window, stretch, zone) for stretch in (*moved, *plain))


def _overlaps(window: Window, when: Stretch, zone: str) -> bool:
    match when:
        case Timed(start, end):
            return start < window.end and (end > window.start or start == end == window.start)
        case AllDay(first, until):
            place = ZoneInfo(zone)
            begin = datetime.combine(first, time(), place).astimezone(UTC)
            return begin < window.end and datetime.combine(until, time(), place).astimezone(UTC) > window.start


def begins_at(when: When) -> datetime:
    """When it begins, the first time; whole days at midnight in UTC."""
    first = next(first_occurrences(when))[1] if isinstance(when, Series) else when
    return first.start if isinstance(first, Timed) else datetime.combine(first.first, time(), UTC)


def shape_of(essence: Essence) -> Shape:
    """A series, or an entry that stands alone."""
    return Shape.SERIES if isinstance(essence.when, Series) else Shape.SINGLE


def with_fields(held: Essence, wanted: Essence, fields: frozenset[str]) -> Essence:
    """The held essence with `fields` taken from the wanted one. A new time leaves no exception but those held."""
    made = Essence(
        wanted.subject if Field.SUBJECT in fields else held.subject,
        wanted.when if Field.TIME in fields else held.when,
        wanted.text if Field.TEXT in fields else held.text,
        wanted.location if Field.LOCATION in fields else held.location,
        wanted.private if Field.PRIVACY in fields else held.private,
    )
    return with_exceptions(made, held.exceptions) if isinstance(made.when, Series) else made


def without_exceptions(essence: Essence) -> Essence:
    """The series alone, as a create makes it and as a new pattern leaves it."""
    return replace(essence, exceptions=())


def with_change(held: Essence, change: DateChange, seen: Activity | Event | None) -> Essence:
    """The series with one date as wanted. Raises what `change_date` raises (core/ports.py)."""
    now = held.on(change.day)
    if now is None or (held.exception(change.day) if seen is None else _seen_on(seen, change.day) != now):
        raise ItemChanged("date_changed")
    if now.is_cancelled and not change.wanted.is_cancelled:
        raise ItemRefused("occurrence_cancelled")
    return with_exception(held, change.day, change.wanted)


def _seen_on(seen: Activity | Event, day: date) -> DateException | None:
    """What was seen on that date of the series' own; an event's dates are told by its owner's clocks."""
    apart = timedelta(days=seen.days_apart if isinstance(seen, Event) else 0)
    found = seen.essence.on(day + apart)
    return found and replace(found, day=day)


def echo_of(essence: Essence, change: DateChange) -> DateException:
    """What takes place on that date."""
    return essence.on(change.day) or change.wanted
