"""Meetings for the tests of the simulated Graph: Anna organizes, Ben and Cid attend, Dan is outside."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.simulators.graph import Event, Mailbox
from tests.simulators.graph.details import EventDetails

from .graph_series import MONDAY, WEEKLY, nine
from .graph_stage import HOUR, IMMUTABLE, NINE, Stage

ANNA, BEN, CID, DAN = "anna@acme.example", "ben@acme.example", "cid@acme.example", "dan@x.example"


class Meetings(Stage):
    """The stage with two more mailboxes; Ben has a secondary address."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.ben = self.people.add_mailbox(self.tenant, BEN, aliases=["b.berg@acme.example"])
        self.cid = self.people.add_mailbox(self.tenant, CID)

    def invite(self, *attendees: str, **more: Any) -> str:
        """An hour at nine on 10 March, by Anna."""
        return self.people.organize_meeting(self.anna, "Planning", NINE, NINE + HOUR, attendees=attendees, **more)

    def invite_weekly(self, *attendees: str, count: int = 4, **more: Any) -> str:
        """An hour at nine on so many Mondays from 9 March 2026 on, by Anna."""
        recurrence = {"pattern": WEEKLY, "range": {"type": "numbered", "numberOfOccurrences": count}}
        details: EventDetails = {"recurrence": recurrence, "attendees": attendees}
        return self.people.organize_meeting(self.anna, "Weekly", nine(MONDAY), nine(MONDAY, 10), **details, **more)

    def theirs(self, meeting: str, mailbox: Mailbox | None = None, day: date | None = None) -> Event:
        """The event by which Ben, or somebody else, holds a meeting."""
        found = self.people.event_of_meeting(meeting, mailbox or self.ben, day)
        assert found is not None
        return found

    def holds(self, meeting: str, mailbox: Mailbox | None = None, day: date | None = None) -> bool:
        """Whether there is such an event."""
        return self.people.event_of_meeting(meeting, mailbox or self.ben, day) is not None

    async def read(self, event: Event, mailbox: Mailbox | None = None, **query: str) -> dict[str, Any]:
        """An event of Ben's, or of somebody else's, as Graph shows it."""
        url = self.url(f"/events/{event.immutable_id}", mailbox or self.ben)
        answer = await self.client.get(url, params=query, headers=IMMUTABLE)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def dates(self, mailbox: Mailbox) -> list[tuple[str, str]]:
        """What a mailbox shows in a plain view of March and April: dates and subjects."""
        window = {"startDateTime": "2026-03-01T00:00:00Z", "endDateTime": "2026-05-01T00:00:00Z", "$top": "100"}
        answer = await self.client.get(self.url("/calendarView", mailbox), params=window, headers=IMMUTABLE)
        return [(item["start"]["dateTime"][5:10], item["subject"]) for item in answer.json()["value"]]

    def answers(self, event_id: str) -> dict[str, str]:
        """Who has answered what, as an event's list of attendees tells."""
        attendees = self.people.event(event_id).attendees
        return {one["emailAddress"]["address"]: one["status"]["response"] for one in attendees}


def later(weeks: int = 0, hours: int = 0) -> datetime:
    """Nine o'clock on 10 March, so much later."""
    return NINE + timedelta(weeks=weeks, hours=hours)


@pytest.fixture
async def meetings() -> AsyncIterator[Meetings]:
    """A fresh stage."""
    made = Meetings()
    async with made.client:
        yield made
