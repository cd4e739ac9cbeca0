"""What organizers here and elsewhere do in Outlook, and what the attendees' calendars make of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.simulators.common.recurrence import Rule
from tests.simulators.ews import RELEASES, EwsSimulator, Mailbox, People
from tests.simulators.ews.extended import CLEAN_GLOBAL_OBJECT_ID, GLOBAL_OBJECT_ID, value

START = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
HOUR, WEEK = timedelta(hours=1), timedelta(weeks=1)
SECOND = date(2026, 3, 17)
WEEKLY = Rule("weekly", START.date(), weekdays=(1,), count=4)
OUTSIDE = "olga@outside.example"


class Office:
    """Anna, Bert and Carl."""

    def __init__(self) -> None:
        self.server = EwsSimulator(RELEASES["2016"], {}, now=lambda: START - WEEK)
        self.people: People = self.server.people
        self.anna, self.bert, self.carl = (self.people.add_mailbox(f"{name}@acme.example") for name in "abc")

    def meets(self, *boxes: Mailbox, **details: Any) -> str:
        """Anna invites them."""
        invited = [box.address for box in boxes]
        return self.people.organize_meeting(self.anna, "Board", START, START + HOUR, attendees=invited, **details)

    def shown(self, box: Mailbox) -> list[str]:
        """Somebody's calendar."""
        return [item.subject for item in self.people.events_of(box)]

    def dates(self, meeting: str, box: Mailbox) -> list[date]:
        """The dates on which a mailbox shows a series."""
        held = self.people.event_of_meeting(meeting, box)
        if held is None:
            return []
        found = self.people.occurrences_of(held.item_id, START.date(), START.date() + 9 * WEEK)
        return [one.start.date() for one in found if not one.is_cancelled]


@pytest.fixture
def office() -> Office:
    """An office."""
    return Office()


def test_an_invitation_that_is_held_back(office: Office) -> None:
    """It arrives as the meeting is by then, and never where it was called off meanwhile."""
    meeting = office.meets(office.bert, office.carl, held=[office.bert.address])
    office.people.edit_event(meeting, subject="Budget")
    assert (office.shown(office.bert), office.shown(office.carl)) == ([], ["Budget"])
    office.people.deliver_invitations(office.bert)
    assert office.shown(office.bert) == ["Budget"]
    gone = office.meets(office.bert, held=[office.bert.address])
    office.people.cancel_event(gone)
    office.people.deliver_invitations(office.bert)
    assert office.shown(office.bert) == ["Budget"]


def test_somebody_outside_invites(office: Office) -> None:
    """Their calendar is not on this server; answers reach it all the same."""
    meeting = office.people.receive_invitation([office.bert], OUTSIDE, "Board", START, START + HOUR)
    [held] = office.people.events_of(office.bert)
    assert (held.is_organizer, held.organizer) == (False, OUTSIDE)
    office.people.accept(held.item_id)
    assert [one.response for one in office.people.event(meeting).attendees] == ["Accept"]
    assert OUTSIDE not in office.server.mailboxes
    office.people.cancel_event(meeting)
    assert office.shown(office.bert) == ["Canceled: Board"]


def test_cancellations_that_remove(office: Office) -> None:
    """By an option."""
    meeting = office.meets(office.bert)
    office.server.options.cancellations_remove = True
    office.people.cancel_event(meeting)
    assert office.shown(office.bert) == []


def test_a_single_date(office: Office) -> None:
    """Who is invited to it alone gets a single item, whose GlobalObjectId has the date; answers concern that date."""
    meeting = office.meets(office.bert, rule=WEEKLY)
    office.people.add_attendees(meeting, office.carl.address, day=SECOND)
    [single] = office.people.events_of(office.carl)
    whole = office.people.event(meeting)
    assert (single.rule, single.start) == (None, START + WEEK)
    assert value(single, CLEAN_GLOBAL_OBJECT_ID) == value(whole, CLEAN_GLOBAL_OBJECT_ID)
    assert value(single, GLOBAL_OBJECT_ID) != value(whole, GLOBAL_OBJECT_ID)
    office.people.edit_event(meeting, location="Room 7")
    assert office.people.events_of(office.carl)[0].location == "Room 7"
    office.people.decline(single.item_id)
    second = office.people.event(office.people.occurrence_id(meeting, SECOND))
    assert [one.response for one in second.attendees] == ["Unknown", "Decline"]
    office.people.add_attendees(meeting, office.carl.address)
    assert len(office.dates(meeting, office.carl)) == 4


@pytest.mark.parametrize(
    "leave",
    [
        lambda office, meeting: office.people.remove_attendees(meeting, office.bert.address, day=SECOND),
        lambda office, meeting: office.people.decline(office.people.events_of(office.bert)[0].item_id, SECOND),
    ],
    ids=["taken off", "declines"],
)
def test_somebody_is_not_in_one_date(office: Office, leave: Callable[[Office, str], object]) -> None:
    """Only there; a later change of the whole does not bring them back to it, and who comes later is in all others."""
    meeting = office.meets(office.bert, rule=WEEKLY)
    leave(office, meeting)
    office.people.edit_event(meeting, location="Room 7")
    assert SECOND not in office.dates(meeting, office.bert)
    assert len(office.dates(meeting, office.bert)) == 3
    assert len(office.dates(meeting, office.anna)) == 4


def test_this_and_following(office: Office) -> None:
    """The attendees' series end, too, and they are invited to the new one."""
    meeting = office.meets(office.bert, rule=WEEKLY)
    office.people.split_series(meeting, SECOND + WEEK, subject="Budget")
    assert office.shown(office.bert) == ["Board", "Budget"]
    assert office.dates(meeting, office.bert) == [START.date(), SECOND]


def test_somebody_takes_a_meeting_over(office: Office) -> None:
    """The old one is cancelled, a new one invites everybody else."""
    meeting = office.meets(office.bert, office.carl)
    new = office.people.change_organizer(meeting, office.bert)
    assert office.shown(office.anna) == ["Board"]
    assert sorted(office.shown(office.carl)) == ["Board", "Canceled: Board"]
    assert office.people.event(new).organizer == office.bert.address
