"""One play for many stages: what people do and what the service makes of it, whatever calendars and stores there are.

`play` performs the script on any `Theatre`. `Fate` lets the process die at one point of it, or lets an answer be lost.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

from core.model.essence import Essence
from core.model.link import Link, LinkState
from core.model.when import AllDay, Timed, canonical, timed
from tests.support.stage import MONDAY, at, entry
from tests.support.watching import Watch

USERS = ("anna", "bert")
AGES = timedelta(minutes=30)
"""Beyond every lease, intent, pause, and the time that a new entry may need to show (P30)."""


class Theatre(Protocol):
    """A company with Anna and Bert, every switch on. Entries are named by their subjects; times in UTC."""

    watch: Watch

    async def add_activity(self, who: str, essence: Essence) -> None:
        """A person makes an activity of the company's default type."""
        ...

    async def edit_activity(self, who: str, subject: str, essence: Essence) -> None:
        """A person changes an activity."""
        ...

    async def remove_activity(self, who: str, subject: str) -> None:
        """A person deletes an activity, and Severa's front end names it."""
        ...

    async def add_event(self, who: str, essence: Essence) -> None:
        """A person makes an event."""
        ...

    async def edit_event(self, who: str, subject: str, essence: Essence) -> None:
        """A person changes an event."""
        ...

    async def remove_event(self, who: str, subject: str) -> None:
        """A person deletes an event."""
        ...

    async def activities(self, who: str) -> dict[str, Essence]:
        """A user's activities by id."""
        ...

    async def events(self, who: str) -> dict[str, Essence]:
        """The events in a user's mailbox by id."""
        ...

    async def links(self, who: str) -> tuple[Link, ...]:
        """Every link of a user's pair."""
        ...

    def pass_time(self, by: timedelta) -> None:
        """Time passes."""
        ...

    async def settle(self) -> None:
        """Poll the feed and run both pairs, with time passing, until nothing is left to do."""
        ...

    def restart(self) -> None:
        """The process died: a fresh one takes over what is stored."""
        ...


class Died(BaseException):
    """The process is no more. Not an Exception, so that nothing in it goes on."""


class Fate:
    """Lets the process die at the given point of its effects (0: the first); `point` names where it did.

    Every effect has two points, before and after it. `names` are the points that it lived through.
    """

    def __init__(self, at_point: int = -1) -> None:
        self._at, self.point, self.names = at_point, "", list[str]()

    @property
    def points(self) -> int:
        """How many points it lived through."""
        return len(self.names)

    @property
    def apart(self) -> list[int]:
        """The points that differ: before an effect, calendars and stores are what they were after the last one."""
        return [number for number, name in enumerate(self.names) if not number or name.startswith("after")]

    def __call__(self, point: str) -> None:
        """Called before and after every effect."""
        if self.point:
            raise Died(self.point)
        if self.points == self._at:
            self.point = point
            raise Died(point)
        self.names.append(point)


Act = Callable[[Theatre], Awaitable[None]]


# --- the script -------------------------------------------------------------------------------------------------------
async def first_sync(theatre: Theatre) -> None:
    """Entries on either side, two of them the same, one of whole days; nothing was ever synchronized."""
    await theatre.add_event("anna", entry("Lunch", at(12), "at noon", "Canteen"))
    await theatre.add_activity("anna", entry("Call", at(14)))
    await theatre.add_event("anna", entry("Review", at(9)))
    await theatre.add_activity("anna", entry("Review", at(9)))
    monday = MONDAY.date()
    await theatre.add_event("anna", entry("Trip", AllDay(monday + timedelta(days=3), monday + timedelta(days=5))))
    await theatre.add_activity("bert", entry("Visit", at(10), "the customer"))
    await theatre.add_event("bert", entry("Dentist", at(8)))


async def edits(theatre: Theatre) -> None:
    """Each side is edited, one entry on both sides in different fields, and something new comes up."""
    await theatre.edit_activity("anna", "Lunch", entry("Lunch", at(12.5), "at noon", "Canteen"))
    await theatre.edit_event("anna", "Call", entry("Call", at(14), "about the offer"))
    await theatre.edit_activity("bert", "Visit", entry("Visit", at(10), "the old customer"))
    await theatre.edit_event("bert", "Visit", entry("Visit", at(10), "the customer", "Turku"))
    await theatre.add_activity("bert", entry("Offer", at(15)))


async def conflict(theatre: Theatre) -> None:
    """Both sides change one field of one entry; Microsoft's is the newer one."""
    await theatre.edit_activity("anna", "Review", entry("Review of plans", at(9)))
    theatre.pass_time(timedelta(minutes=5))
    await theatre.edit_event("anna", "Review", entry("Review of budget", at(9)))


async def deletions(theatre: Theatre) -> None:
    """One entry is deleted on each side."""
    await theatre.remove_event("anna", "Lunch")
    await theatre.remove_activity("bert", "Offer")


async def revivals(theatre: Theatre) -> None:
    """An entry is deleted on one side and edited on the other, both ways."""
    await theatre.remove_event("anna", "Call")
    await theatre.edit_activity("anna", "Call", entry("Call back", at(16)))
    await theatre.remove_activity("bert", "Dentist")
    await theatre.edit_event("bert", "Dentist", entry("Dentist", at(8), "bring the card"))


SCRIPT: tuple[Act, ...] = (first_sync, edits, conflict, deletions, revivals)


# --- the performance --------------------------------------------------------------------------------------------------
async def play(
    theatre: Theatre, fate: Fate | None = None, script: tuple[Act, ...] = SCRIPT, meanwhile: Act | None = None
) -> None:
    """Perform the script. Where the process dies, people go on (`meanwhile`), and later a fresh process takes over."""
    for act in script:
        await act(theatre)
        theatre.watch.interrupt = fate
        try:
            await theatre.settle()
        except Died:
            theatre.watch.interrupt = None
            if meanwhile is not None:
                await meanwhile(theatre)
            theatre.pass_time(AGES)
            theatre.restart()
            fate = None
            await theatre.settle()
        theatre.watch.interrupt = None
        theatre.pass_time(AGES)


@dataclass(frozen=True)
class Shown:
    """What people see in the end: content by user and side, in a fixed order."""

    activities: dict[str, list[str]]
    events: dict[str, list[str]]


async def shown(theatre: Theatre) -> Shown:
    """What people see."""
    activities = {who: _spelt(await theatre.activities(who)) for who in USERS}
    return Shown(activities, {who: _spelt(await theatre.events(who)) for who in USERS})


def _spelt(entries: dict[str, Essence]) -> list[str]:
    return sorted(f"{e.subject}|{canonical(e.when)}|{e.text}|{e.location}|{e.private}" for e in entries.values())


async def check_links(theatre: Theatre) -> None:
    """Every activity is linked to one event and every event to one activity, and nothing else is alive."""
    for who in USERS:
        living = [link for link in await theatre.links(who) if link.state is LinkState.LIVE]
        assert sorted(link.activity for link in living) == sorted(await theatre.activities(who)), who
        assert sorted(link.event for link in living) == sorted(await theatre.events(who)), who


# --- meanwhile --------------------------------------------------------------------------------------------------------
async def edit_texts_in_severa(theatre: Theatre) -> None:
    """While nothing runs, the texts of all activities are edited."""
    for who in USERS:
        for essence in list((await theatre.activities(who)).values()):
            await theatre.edit_activity(who, essence.subject, replace(essence, text=f"{essence.subject}, in Severa"))


async def edit_texts_in_microsoft(theatre: Theatre) -> None:
    """While nothing runs, the texts of all events are edited."""
    for who in USERS:
        for essence in list((await theatre.events(who)).values()):
            await theatre.edit_event(who, essence.subject, replace(essence, text=f"{essence.subject}, in Outlook"))


async def move_events(theatre: Theatre) -> None:
    """While nothing runs, events get another subject and time, but for the one that is still to be matched."""
    for who in USERS:
        for essence in list((await theatre.events(who)).values()):
            when = essence.when
            if isinstance(when, Timed):
                when = timed(when.start + timedelta(days=1), when.end + timedelta(days=1))
            if essence.subject != "Review":
                moved = replace(essence, subject=f"{essence.subject}, moved", when=when)
                await theatre.edit_event(who, essence.subject, moved)
