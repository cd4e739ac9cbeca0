"""The story's part about series: what is changed on one date travels, and that date alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from core.usecases.hints import note_activity_changed
from infra.local.occurring import AHEAD, Date, date_of
from infra.local.outlook import ZONE, Event
from infra.local.tale import Tale
from infra.local.twins import Twin, twins
from tests.simulators.severa import Activity

PLACE = "Meeting room Elm"
SHOWN = 4
"""Dates of a series that a table shows."""
LATE = 22
"""A date that begins at this hour is not moved: an hour later it might be on the next one's day."""


async def tell_series(tale: Tale) -> None:
    """A date is moved in Outlook, another one cancelled in Severa."""
    tale.screen.chapter("Series: a date is moved in Outlook, a date of another one is cancelled in Severa")
    _check_arrival(tale, series := [twin for twin in await twins(tale.stage) if twin.is_series])
    mine = next(twin for twin in series if twin.link.activity == tale.planted.series.guid)
    moving = next((twin for twin in series if twin is not mine and _movable(tale, twin)), mine)
    was, gone = _movable(tale, moving)[0], _ordinary(tale, mine)[1]
    hour, before = timedelta(hours=1), tale.writes()
    outlook, severa = tale.stage.cast.outlook, tale.stage.cast.severa.people
    async with tale.served("The changes of dates", notified=True):
        outlook.edit_event(was.id, {"start": was.start + hour, "end": was.end + hour, "place": PLACE})
        severa.remove_activity(gone.guid)
        await note_activity_changed(tale.stage.ports, tale.stage.pair.company, tale.stage.pair.user, mine.link.activity)
    wrote, after = tale.writes().since(before), {twin.link.event: twin for twin in await twins(tale.stage)}
    first, second, left = after[moving.link.event], after[mine.link.event], date_of(was)
    new = replace(left, start=left.start + hour, end=left.end + hour, place=PLACE)
    tale.screen.say(f"Moved in Outlook: {left.subject!r}, from {_when(left)} to {_when(new)}, with a place.")
    tale.screen.say(f"Cancelled in Severa: {gone.name!r} on {_when(date_of(gone))}.")
    tale.screen.table(
        ("Series", "In Severa", "In Outlook", "Place"),
        [row for twin in after.values() if twin in (first, second) for row in _coming(tale, twin)],
    )
    alike = not first.difference and not second.difference
    others = _but(first.microsoft, new) == _but(moving.microsoft, left) if moving is not mine else True
    alone = others and _but(second.severa, new) == _but(_but(mine.severa, left), date_of(gone))
    tale.promise("A changed date reached the other side, and that date alone", held=alike and alone)
    tale.promise(
        "Each date took one write, and the edited side was left alone", held=(wrote.severa, wrote.microsoft) == (1, 1)
    )


def _check_arrival(tale: Tale, series: list[Twin]) -> None:
    """What Severa's series held on its dates is in the mailbox, and every other series is alike on both sides."""
    born = next(twin for twin in series if twin.link.activity == tale.planted.series.guid)
    edited = {one.subject for one in born.microsoft} - {born.event.subject}
    tale.promise(
        "Series came with their moved, edited and cancelled dates",
        held=bool(edited) and born.event.lacks_dates and not any(twin.difference for twin in series),
    )


def _movable(tale: Tale, twin: Twin) -> list[Event]:
    """The coming dates that are as the series says, of one with a time of day and without attendees."""
    event, today = twin.event, tale.stage.now().date()
    if event.all_day or event.attendees:
        return []
    found = tale.stage.cast.outlook.dates_of(event.id, today + timedelta(days=1), today + AHEAD)
    return [one for one in found if one.is_plain and one.start.astimezone(event.series_zone).hour < LATE]


def _ordinary(tale: Tale, twin: Twin) -> list[Activity]:
    today = tale.stage.now().date()
    found = tale.stage.cast.severa.people.occurrences_of(twin.link.activity, today + timedelta(days=1), today + AHEAD)
    return [one for one in found if one.recurrence_type == "Occurrence"]


def _but(dates: tuple[Date, ...], one: Date) -> tuple[Date, ...]:
    return tuple(date for date in dates if date.start != one.start)


def _coming(tale: Tale, twin: Twin) -> list[tuple[str, str, str, str]]:
    now = tale.stage.now()
    both = [(one, other) for one, other in zip(twin.severa, twin.microsoft, strict=False) if other.start > now]
    return [(other.subject, _when(one), _when(other), one.place) for one, other in both[:SHOWN]]


def _when(one: Date) -> str:
    return f"{one.start.astimezone(ZONE):%a %d %b %H:%M}"
