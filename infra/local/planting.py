"""What Severa holds before the first sync: activities that are events already, that are wanted, and that are not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from core.model.essence import line
from infra.local.cast import Cast
from infra.local.ics_entry import Entry
from infra.local.outlook import ZONE
from tests.simulators.severa import Activity

TWINS: Final = 3


@dataclass(frozen=True, slots=True)
class Planted:
    """Anna's activities before the first sync: the same as an event already, wanted in Microsoft, and not wanted.

    `series` is the one among the wanted that recurs, with one date edited and one cancelled.
    """

    twins: tuple[Activity, ...]
    wanted: tuple[Activity, ...]
    unwanted: tuple[Activity, ...]
    series: Activity


def plant(cast: Cast, entries: list[Entry], now: datetime) -> Planted:
    """Give Anna activities in Severa; `entries` are those of her mailbox."""
    people, anna = cast.severa.people, cast.anna.user
    likely = _unmistakable(entries, now)
    twins = [
        people.add_activity(anna, entry.subject, entry.times.start, entry.times.end, all_day=_whole_days(entry))
        for entry in likely[:: max(1, len(likely) // TWINS)][: min(TWINS, (len(likely) + 1) // 2)]
    ]
    monday = now.astimezone(ZONE).date() - timedelta(days=now.astimezone(ZONE).weekday())
    wanted = [
        people.add_activity(anna, "Prepare the offer", *_at(monday, 1, 12, 13), notes="Ask Bert for the hours."),
        people.add_activity(anna, "Lunch with Mika", *_at(monday, 2, 11, 12)),
        people.add_activity(anna, "Demo for Northern Lights", *_at(monday, 3, 13, 14), location="Their office"),
        people.add_activity(anna, "Review of the harbour plans", *_at(monday, 4, 13, 15), location="Meeting room Oak"),
        people.add_activity(anna, "Invoice the Turku project", *_at(monday, 7, 9, 10)),
        people.add_activity(anna, "Running group", *_at(monday, 2, 18, 19), type="Personal"),
        people.add_activity(
            anna,
            "Summer leave",
            monday + timedelta(days=14),
            monday + timedelta(days=19),
            all_day=True,
            type="Absences",
        ),
    ]
    series = _plant_series(cast, monday + timedelta(days=1))
    unwanted = [
        people.add_activity(anna, "Draw the foundations", *_at(monday, 3, 8, 10), type="Task"),
        people.add_activity(anna, "Call Lumo about spring", *_at(monday, 4, 10, 11), type="SalesEvent"),
    ]
    return Planted(tuple(twins), (*wanted, series), tuple(unwanted), series)


def _plant_series(cast: Cast, tuesday: date) -> Activity:
    """Every Tuesday from this week on, ten times; the second date is edited, the third one cancelled."""
    people, week = cast.severa.people, timedelta(days=7)
    recurrence = {
        "frequency": "Weekly",
        "pattern": {"weekly": {"interval": 1, "tuesday": True}},
        "range": {"maxOccurrences": 10},
    }
    times = _at(tuesday, 0, 15, 16)
    series = people.add_activity(cast.anna.user, "Review of open offers", *times, recurrence=recurrence)
    people.edit_occurrence(series.guid, tuesday + week, name="Review of open offers, with Mika", location="Turku")
    people.cancel_occurrence(series.guid, tuesday + 2 * week)
    return series


def _unmistakable(entries: list[Entry], now: datetime) -> list[Entry]:
    """Ordinary entries whose subject and time nothing else has, near enough to be synchronized."""
    keys = [_key(entry) for entry in entries]
    return [
        entry
        for entry, key in zip(entries, keys, strict=True)
        if entry.kind == "single"
        and entry.subject
        and entry.sensitivity == "normal"
        and keys.count(key) == 1
        and now - timedelta(days=20) < entry.times.start_instant < now + timedelta(days=600)
    ]


def _key(entry: Entry) -> tuple[str, datetime, datetime]:
    return line(entry.subject).casefold(), entry.times.start_instant, entry.times.end_instant


def _whole_days(entry: Entry) -> bool:
    return not isinstance(entry.times.start, datetime)


def _at(monday: date, day: int, begin: int, end: int) -> tuple[datetime, datetime]:
    start = datetime(monday.year, monday.month, monday.day, tzinfo=ZONE) + timedelta(days=day)
    return start.replace(hour=begin), start.replace(hour=end)
