"""The dates of a series as its owner sees them on either side: each service expands its own rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from core.model.essence import line, plain
from infra.local.cast import Cast
from infra.local.outlook import ZONE, Event
from tests.simulators.severa import Activity

BEHIND: Final = timedelta(days=30)
AHEAD: Final = timedelta(days=180)
"""How far from now the dates of a series are compared."""
CLOCKS_APART: Final = timedelta(hours=3)
"""Severa tells a series by Anna's clocks: where those of its own zone move on other days, dates are a bit off (R22)."""


@dataclass(frozen=True, slots=True)
class Date:
    """What takes place on one date: start and end in UTC, those of whole days Anna's midnights."""

    start: datetime
    end: datetime
    subject: str
    text: str
    place: str


def dates_of_event(cast: Cast, event: Event, now: datetime) -> list[Date]:
    """Those of a series in the mailbox, by start."""
    found = cast.outlook.dates_of(event.id, *_about(now))
    return sorted((date_of(one) for one in found), key=lambda one: one.start)


def dates_of_activity(cast: Cast, activity: Activity, now: datetime) -> list[Date]:
    """Those of a series in Severa, by start."""
    found = cast.severa.people.occurrences_of(activity.guid, *_about(now))
    return sorted((date_of(one) for one in found), key=lambda one: one.start)


def date_of(one: Activity | Event) -> Date:
    """One occurrence."""
    if isinstance(one, Event):
        start, end, said = one.start, one.end, (one.subject, one.text, one.place)
    else:
        start, end, said = one.start, one.ends, (one.name, one.notes or "", one.location or "")
    start, end = start.replace(microsecond=0), end.replace(microsecond=0)
    return Date(start, end, line(said[0]), plain(said[1]), line(said[2]))


def differ(event: Event, severa: list[Date], microsoft: list[Date], now: datetime) -> bool:
    """Whether the two hold anything else on any date."""
    # At the ends of the stretch that is looked at, clocks that differ may put a date inside on one side alone.
    allowed = _allowed(event, now)
    margin = timedelta(days=1) if allowed else timedelta()
    one, other = ([d for d in dates if _is_near(d, now, margin)] for dates in (severa, microsoft))
    return len(one) != len(other) or any(not _alike(a, b, allowed) for a, b in zip(one, other, strict=True))


def _alike(one: Date, other: Date, allowed: timedelta) -> bool:
    same = (one.subject, one.text, one.place) == (other.subject, other.text, other.place)
    return same and abs(one.start - other.start) <= allowed and abs(one.end - other.end) <= allowed


def _is_near(one: Date, now: datetime, margin: timedelta) -> bool:
    return now - BEHIND + margin <= one.start <= now + AHEAD - margin


def _allowed(event: Event, now: datetime) -> timedelta:
    """By how much a date may be off: not at all where the clocks are always as far apart."""
    if event.all_day or event.series_zone is None:
        return timedelta()
    year = [now + timedelta(weeks=week) for week in range(53)]
    apart = {moment.astimezone(event.series_zone).replace(tzinfo=None) - _wall(moment) for moment in year}
    return CLOCKS_APART if len(apart) > 1 else timedelta()


def _wall(moment: datetime) -> datetime:
    return moment.astimezone(ZONE).replace(tzinfo=None)


def _about(now: datetime) -> tuple[date, date]:
    return (now - BEHIND).date() - timedelta(days=1), (now + AHEAD).date() + timedelta(days=1)
