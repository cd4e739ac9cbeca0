"""Three users of one company, whatever they do with shared activities and meetings, anywhere (R13 to R16)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.usecases.hints import note_activity_changed
from tests.contract.whole.meeting import HOUR, NAMES, TEN, Company, company
from tests.contract.whole.settled import AGED, DAY, at_rest

Step = tuple[str, str, str, int]
"""What is done, by whom, to or with whom, and to which entry of those that there are."""
MAKES = ("meets", "shares")
DOES = (
    *("edits in Outlook", "edits in Severa", "declines", "deletes in Outlook", "deletes in Severa", "invites"),
    *("takes off in Outlook", "adds in Severa", "takes off in Severa", "settles", "waits"),
)
steps = st.tuples(st.sampled_from(DOES), st.sampled_from(NAMES), st.sampled_from(NAMES), st.integers(0, 2))
beginnings = st.tuples(st.sampled_from(MAKES), st.sampled_from(NAMES), st.sampled_from(NAMES), st.integers(0, 3))


@dataclass(slots=True)
class Doings:
    """People's doings, and how many mails the organizers' own edits in Severa may have made Exchange send."""

    us: Company
    subjects: list[str] = field(default_factory=list)
    changes: int = 0
    mails: int = 0
    gone: set[str] = field(default_factory=set)
    invited: dict[str, set[str]] = field(default_factory=dict)

    async def do(self, step: Step) -> None:
        """One step; what cannot be done just now is not done."""
        what, who, whom, number = step
        if what in MAKES:
            self._make(what, who, whom, number)
        elif what == "settles":
            await self.us.settle()
        elif what == "waits":
            self.us.stage.clock.advance(AGED)
        else:
            await self._change(what, who, whom, self.subjects[number % len(self.subjects)])

    def _make(self, what: str, who: str, whom: str, number: int) -> None:
        us, subject = self.us, f"Entry {len(self.subjects)}"
        start = TEN + timedelta(days=3) + len(self.subjects) * 2 * HOUR
        others = [name for name in (whom, *(NAMES if number == 3 else ())) if name != who]
        if what == "meets":
            us.meet(who, *dict.fromkeys(others), subject=subject, start=start)
        else:
            users = us.stage.users
            there = [users[name] for name in dict.fromkeys(others)]
            us.severa.add_activity(users[who], subject, start, start + HOUR, participants=there)
        self.subjects.append(subject)

    async def _change(self, what: str, who: str, whom: str, subject: str) -> None:
        if "Severa" in what:
            await self._in_severa(what, who, whom, subject)
        elif (event := self.event(who, subject)) is not None:
            self._in_outlook(what, who, whom, subject, event)

    def event(self, who: str, subject: str) -> Any:
        """Somebody's event of it, where they have one."""
        found = [one for one in self.us.graph.events_of(self.us.stage.mailboxes[who]) if one.subject == subject]
        return found[0] if found else None

    def _in_outlook(self, what: str, who: str, whom: str, subject: str, event: Any) -> None:
        us, self.changes = self.us, self.changes + 1
        named = {one["emailAddress"]["address"] for one in event.attendees}
        if what == "edits in Outlook":
            us.graph.edit_event(event.immutable_id, location=f"Room {self.changes}")
        elif what == "declines" and not event.is_organizer:
            us.graph.decline(event.immutable_id)
        elif what == "deletes in Outlook":
            us.graph.delete_event(event.immutable_id)
        elif what == "invites" and event.is_organizer and who != whom and us.address(whom) not in named:
            # Two copies of one activity that are both made meetings are two meetings, and stay so.
            if self.invited.setdefault(subject, {who}) == {who}:
                us.graph.add_attendees(event.immutable_id, us.address(whom))
        elif what == "takes off in Outlook" and event.is_organizer and us.address(whom) in named:
            us.graph.remove_attendees(event.immutable_id, us.address(whom))
        if what in ("declines", "deletes in Outlook", "takes off in Outlook"):
            self.gone.add(subject)

    async def _in_severa(self, what: str, who: str, whom: str, subject: str) -> None:
        us = self.us
        activity = next((one for one in us.activities() if one.name == subject), None)
        if activity is None:
            return
        owner, others = us.people(activity)
        self.changes += 1
        if what == "edits in Severa" and who in (owner, *others):
            us.severa.edit_activity(activity.guid, by=us.stage.users[who], location=f"Room {self.changes}")
            self.mails += 2
        elif what == "deletes in Severa" and who == owner and subject not in self.invited:
            us.severa.remove_activity(activity.guid)
            self.mails += 2
            self.gone.add(subject)
        elif what == "adds in Severa" and whom not in (owner, *others):
            us.severa.add_participant(activity.guid, us.stage.users[whom])
        elif what == "takes off in Severa" and whom in others:
            await self.rests()  # What was written into the copy meanwhile would outlive it (R18).
            if subject not in {one.name for one in us.activities()} or whom not in us.people(activity)[1]:
                return
            us.severa.remove_participant(activity.guid, us.stage.users[whom])
            self.gone.add(subject)
        else:
            return
        await note_activity_changed(us.stage.ports, us.stage.company, us.user(who), activity.guid)
        if what == "takes off in Severa":
            await self.rests()

    async def rests(self) -> None:
        """All is quiet, and old."""
        self.us.stage.clock.advance(AGED)
        await self.us.settle()
        self.us.stage.clock.advance(AGED)


async def play(script: list[Step]) -> None:
    """Perform it, and check what always holds in the end."""
    async with company() as us:
        for number, name in enumerate(NAMES):  # No side is ever found empty.
            start = TEN + timedelta(days=2, hours=number)
            us.graph.add_event(us.stage.mailboxes[name], f"Lunch of {name}", start, start + HOUR)
        doings = Doings(us)
        for step in script:
            await doings.do(step)
        for wait in (AGED, DAY, AGED):
            await us.settle()
            us.stage.clock.advance(wait)
        await at_rest(us)
        us.stage.mailed = us.mails <= doings.mails
        for subject in doings.subjects:
            activities = [one for one in us.activities() if one.name == subject]
            assert len(activities) <= 1, subject
            for name in NAMES:
                assert us.events(name).count(subject) <= 1, (name, subject)
            if subject not in doings.gone:
                assert len(activities) == 1, subject
                owner, others = us.people(activities[0])
                assert {name for name in NAMES if subject in us.events(name)} == {owner, *others}, subject


@pytest.mark.timeout(300)
@settings(max_examples=10)
@given(st.lists(beginnings, min_size=1, max_size=3), st.lists(steps, max_size=10))
def test_p31_whatever_three_people_do(makes: list[Step], does: list[Step]) -> None:
    """It settles: one activity for each, no copy beside an invitation, no mail but for an organizer's own edit."""
    asyncio.run(play([*makes, *does]))
