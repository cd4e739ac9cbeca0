"""What a window shows, for calendars in memory."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from core.model.essence import Essence, Field
from core.model.when import AllDay, Timed, When, Window


def shows(window: Window, when: When, zone: str) -> bool:
    """Whether the entry overlaps the window; whole days begin at midnight in `zone` (IANA)."""
    match when:
        case Timed(start, end):
            return start < window.end and (end > window.start or start == end == window.start)
        case AllDay(first, until):
            place = ZoneInfo(zone)
            begin = datetime.combine(first, time(), place).astimezone(UTC)
            return begin < window.end and datetime.combine(until, time(), place).astimezone(UTC) > window.start


def with_fields(held: Essence, wanted: Essence, fields: frozenset[Field]) -> Essence:
    """The held essence with `fields` taken from the wanted one."""
    return Essence(
        wanted.subject if Field.SUBJECT in fields else held.subject,
        wanted.when if Field.TIME in fields else held.when,
        wanted.text if Field.TEXT in fields else held.text,
        wanted.location if Field.LOCATION in fields else held.location,
        wanted.private if Field.PRIVACY in fields else held.private,
    )
