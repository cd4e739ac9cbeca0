"""Series on the remote stage: people act on the simulators, and what they see there is compared date by date.

Nothing here is read through the adapters: both simulators expand their own rules.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from core.model.link import LinkState
from tests.simulators.severa import Activity
from tests.support.remote_stage import RemoteStage, remote_stage

HELSINKI = ZoneInfo("Europe/Helsinki")
TUESDAY = date(2026, 11, 24)
"""The day after the stage's Monday."""
FAR = date(2029, 12, 31)
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Dates = list[tuple[date, date, str, str, str]]
"""What takes place: start and end (UTC; dates of whole days), subject, text and place."""


def on(day: date, hour: int = 10, minute: int = 0, zone: ZoneInfo = HELSINKI) -> datetime:
    """A time of a day, by clocks there."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)


def nth(number: int, first: date = TUESDAY) -> date:
    """The date of a weekly series' occurrence, from 0."""
    return first + number * WEEK


@dataclass(slots=True)
class Calendars:
    """Anna's two calendars and what she does with the series in them, each of which is named by its subject."""

    stage: RemoteStage

    # --- in Outlook ---------------------------------------------------------------------------------------------------
    def in_outlook(
        self,
        start: date,
        end: date,
        pattern: dict[str, Any],
        subject: str = "Standup",
        times: int | None = None,
        **details: Any,
    ) -> str:
        """A new series in Outlook, in the zone of its start; endless without `times`."""
        limits = {"type": "numbered", "numberOfOccurrences": times} if times else {"type": "noEnd"}
        mailbox, recurs = self.stage.mailboxes["anna"], {"pattern": pattern, "range": limits}
        return self.stage.graph.people.add_event(mailbox, subject, start, end, recurrence=recurs, **details)

    def event(self, subject: str = "Standup") -> Any:
        """The event of that subject."""
        [found] = [one for one in self.events() if one.subject == subject]
        return found

    def events(self) -> list[Any]:
        """All single events and series."""
        return self.stage.graph.people.events_of(self.stage.mailboxes["anna"])

    def edit_outlook(self, day: date, of: str = "Standup", **changes: Any) -> None:
        """Change one date in Outlook."""
        self.stage.graph.people.edit_occurrence(self.event(of).immutable_id, day, **changes)

    def cancel_in_outlook(self, *days: date, of: str = "Standup") -> None:
        """Cancel dates in Outlook."""
        for day in days:
            self.stage.graph.people.cancel_occurrence(self.event(of).immutable_id, day)

    def outlook(self, subject: str = "Standup", first: date = TUESDAY - WEEK, last: date = FAR) -> Dates:
        """What takes place of a series in Outlook."""
        found = self.stage.graph.people.occurrences_of(self.event(subject).immutable_id, first, last)
        return _in_order(
            (one.start.date(), one.end.date(), one.subject, one.text, one.place)
            if one.all_day
            else (one.start, one.end, one.subject, one.text, one.place)
            for one in found
        )

    # --- in Severa ----------------------------------------------------------------------------------------------------
    def in_severa(
        self,
        start: date,
        end: date,
        name: str,
        pattern: dict[str, Any],
        subject: str = "Standup",
        times: int | None = None,
        **details: Any,
    ) -> str:
        """A new series in Severa; `name` is the pattern's (`weekly`), endless without `times`."""
        recurs = {"frequency": name.capitalize(), "pattern": {name: pattern}, "range": {"maxOccurrences": times}}
        anna = self.stage.users["anna"]
        return self.stage.severa.people.add_activity(anna, subject, start, end, recurrence=recurs, **details).guid

    def activity(self, subject: str = "Standup") -> Activity:
        """The activity of that subject, but for exceptions."""
        [found] = [one for one in self.activities() if one.name == subject]
        return found

    def activities(self) -> list[Activity]:
        """All single activities and series."""
        return self.stage.severa.people.activities_of(self.stage.users["anna"])

    def edit_severa(self, day: date, of: str = "Standup", **changes: Any) -> None:
        """Change one date in Severa."""
        self.stage.severa.people.edit_occurrence(self.activity(of).guid, day, **changes)

    def cancel_in_severa(self, *days: date, of: str = "Standup") -> None:
        """Cancel dates in Severa."""
        for day in days:
            self.stage.severa.people.cancel_occurrence(self.activity(of).guid, day)

    def severa(self, subject: str = "Standup", first: date = TUESDAY - WEEK, last: date = FAR) -> Dates:
        """What takes place of a series in Severa."""
        found = self.stage.severa.people.occurrences_of(self.activity(subject).guid, first, last)
        return _in_order(
            (_local(one.start), _local(one.ends), one.name, one.notes or "", one.location or "")
            if one.all_day
            else (one.start, one.ends, one.name, one.notes or "", one.location or "")
            for one in found
        )

    # --- the sync -----------------------------------------------------------------------------------------------------
    async def settle(self) -> dict[str, int]:
        """Let the sync follow; what it wrote, by kind. A further look writes nothing."""
        reports = await self.stage.settle()
        assert not (await self.stage.run()).written
        written: dict[str, int] = {}
        for report in reports:
            for kind, number in report.written.items():
                written[kind] = written.get(kind, 0) + number
        return written

    async def told(self) -> list[str]:
        """The codes of what history was told, but for what is written in the ordinary way."""
        found = await self.stage.ports.history.read(self.stage.pair(), datetime(2026, 1, 1, tzinfo=UTC))
        return [record.note.code for record in found if record.note.code not in {"created", "updated", "deleted"}]

    async def check(self, subject: str = "Standup", last: date = FAR) -> Dates:
        """Both sides hold the same on every date, each as one series, and nobody was mailed; those dates."""
        seen = self.outlook(subject, last=last)
        assert self.severa(subject, last=last) == seen
        links = [link for link in await self.stage.ports.pairs.links(self.stage.pair()) if link.state is LinkState.LIVE]
        assert len(links) == len(self.events()) == len(self.activities())
        assert self.stage.graph.mails == []
        return seen


def weekly(day: date = TUESDAY) -> dict[str, Any]:
    """Graph's pattern: every week on that day's weekday."""
    return {"type": "weekly", "daysOfWeek": [_NAMES[day.weekday()]], "firstDayOfWeek": "monday"}


def weekly_in_severa(day: date = TUESDAY) -> dict[str, Any]:
    """Severa's pattern: the same."""
    return {"interval": 1, _NAMES[day.weekday()]: True}


@asynccontextmanager
async def calendars(release: str | None = None) -> AsyncIterator[Calendars]:
    """Anna's two calendars, empty, with real adapters between them and every switch on."""
    async with remote_stage(release=release) as stage:
        yield Calendars(stage)


async def agreed(both: Calendars, side: str, times: int | None = 5) -> None:
    """Let a weekly series be made on that side, and arrive on the other."""
    start = on(TUESDAY)
    if side == "outlook":
        both.in_outlook(start, start + HOUR, weekly(), times=times, body="Who does what", location="Room 1")
    else:
        both.in_severa(
            start, start + HOUR, "weekly", weekly_in_severa(), times=times, notes="Who does what", location="Room 1"
        )
    await both.settle()


def _in_order(found: Iterable[tuple[date, date, str, str, str]]) -> Dates:
    return sorted(found, key=lambda one: one[0].isoformat())


def _local(moment: datetime) -> date:
    return moment.astimezone(HELSINKI).date()
