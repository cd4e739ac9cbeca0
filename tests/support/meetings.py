"""Meetings, for tests of the pure core: the smallest builders. They are Anna's, on Severa's side in activity A."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.model.claim import Meeting
from core.model.essence import Essence
from core.model.ids import Side, UserId
from core.model.link import Link
from core.model.operation import Decision, Picture
from core.model.policy import Policy
from core.model.sighting import GONE, UNSEEN, Activity, Attendee, Event, Gone, Response, Role, Unseen
from core.sync.meeting import people_of
from core.sync.reconcile import decide
from tests.support.pictures import ANNA, DIGESTER, POLICY, activity, at, entry, event, linked
from tests.support.series import weekly

BERT = UserId("bert")
KEY = "the meeting's claim"
GUESTS = (Attendee("bert@example.com"), Attendee("cleo@elsewhere.example"))


def meeting_event(
    essence: Essence | str = "Lunch",
    *,
    version: str = "m2",
    organizes: bool = False,
    response: Response = Response.ACCEPTED,
    is_cancelled: bool = False,
    guests: tuple[Attendee, ...] = GUESTS,
) -> Event:
    """The meeting as Anna's mailbox holds it: she organizes it, or is invited."""
    held = replace(event(essence, version=version, is_meeting=True), is_cancelled=is_cancelled)
    if organizes:
        return replace(
            held, is_organizer=True, organizer="anna@example.com", response=Response.ORGANIZER, attendees=guests
        )
    return replace(held, is_organizer=False, organizer="olga@example.com", response=response, attendees=guests)


def meeting_activity(
    essence: Essence | str = "Lunch",
    *,
    version: str = "s2",
    role: Role = Role.OWNER,
    by: str = ANNA,
    kind: str = "meeting",
    has_hours: bool = False,
) -> Activity:
    """The meeting's activity as Anna's calendar shows it, changed last by `by`."""
    owner = ANNA if role is Role.OWNER else BERT
    held = activity(essence, kind, version=version, owner=owner, has_hours=has_hours)
    return replace(held, role=role, updated_by=by)


def meeting_link(
    essence: Essence | str = "Lunch",
    microsoft: Essence | str | None = None,
    *,
    organizes: bool = False,
    people: bool = True,
    kind: str = "meeting",
    policy: Policy = POLICY,
) -> Link:
    """The link of a meeting that was agreed as `essence`; `people`: Severa was told of its guests."""
    link = linked(essence, microsoft, kind=kind, origin=Side.MICROSOFT, policy=policy)
    told = people_of(meeting_event(organizes=organizes), DIGESTER) if people else ""
    return replace(link, claim=KEY, organized=organizes, people=told)


def meeting_decided(
    link: Link,
    severa: Activity | Unseen | Gone = UNSEEN,
    microsoft: Event | Unseen | Gone = UNSEEN,
    *,
    leads: bool = True,
    may_edit: bool = True,
    brings: bool = False,
    beside: bool = False,
    policy: Policy = POLICY,
    declined: frozenset[str] = frozenset(),
    dates: frozenset[str] = frozenset(),
) -> Decision:
    """What the table says of a meeting that the company has a claim on."""
    meeting = Meeting(KEY, leads, ANNA if leads else BERT, may_edit=may_edit, brings=brings, beside=beside)
    meeting = replace(meeting, declined=declined, dates=dates)
    return decide(Picture(link, severa, microsoft, meeting), policy, DIGESTER)


PAST = at(9, day=-1)
WEEKS = entry("Lunch", weekly(times=4))
"""Four Tuesdays, today first; today's is over by noon."""
DECLINED = meeting_event(response=Response.DECLINED)
CALLED_OFF = meeting_event(is_cancelled=True)
OVER_HERE = pytest.mark.parametrize("here", [GONE, DECLINED, CALLED_OFF], ids=["deleted", "declined", "cancelled"])
