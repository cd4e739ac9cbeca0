"""Who is served when: switch by presence by role, with `sync_while: logged_in` (R3 to R5, R13 to R16)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from core.model.company import SyncWhile
from core.usecases.hints import note_activity_changed, note_presence
from core.usecases.settings import save_settings
from tests.contract.whole.meeting import HOUR, TEN, Company, company
from tests.contract.whole.settled import AGED, DAY, one_of

ROLES = ("owner", "participant", "organizer", "attendee")
"""What Anna is; Bert is the other one of the two."""


@dataclass(slots=True)
class Pair:
    """Anna and Bert, who share one entry, settled while everybody was logged in."""

    us: Company
    role: str
    meeting: str = ""

    @property
    def is_meeting(self) -> bool:
        """Whether it is one of Outlook's."""
        return self.role in ("organizer", "attendee")

    @property
    def first(self) -> str:
        """Whose it is."""
        return "anna" if self.role in ("owner", "organizer") else "bert"

    def event(self, name: str) -> Any:
        """Somebody's event of it."""
        [found] = self.us.graph.events_of(self.us.stage.mailboxes[name])
        return found

    @property
    def activity(self) -> Any:
        """What Severa has."""
        [found] = self.us.activities()
        return found

    async def set_up(self, *, on: bool) -> None:
        """Anna's switch; it was on, and putting it on again would be a sign of life."""
        if not on:
            await self.us.switch("anna", on=False)

    async def present(self, *names: str) -> None:
        """Some navigate in Severa; the others were last seen long ago."""
        for name in names:
            await note_presence(self.us.stage.ports, self.us.stage.pair(name))

    async def work(self) -> None:
        """Feed and runs of both, so soon that presence lasts."""
        for _ in range(4):
            self.us.stage.clock.advance(timedelta(minutes=1))
            await self.us.stage.poll()
            for name in ("anna", "bert"):
                await self.us.stage.run(name)


@asynccontextmanager
async def _shared(role: str) -> AsyncIterator[Pair]:
    async with company() as us:
        both = Pair(us, role)
        first, other = (both.first, "bert" if both.first == "anna" else "anna")
        if both.is_meeting:
            both.meeting = us.meet(first, other)
        else:
            users = us.stage.users
            us.severa.add_activity(users[first], "Board", TEN, TEN + HOUR, participants=[users[other]])
            us.stage.clock.advance(DAY - timedelta(hours=1))
        await us.settle()
        ports = us.stage.ports
        settings, tag = await ports.companies.settings(us.stage.company)
        settings = replace(settings, sync_while=SyncWhile.LOGGED_IN)
        await save_settings(ports, us.stage.company, settings, tag)
        us.stage.clock.advance(AGED)
        yield both


TABLE = [(on, present, role) for on in (True, False) for present in (True, False) for role in ROLES]


@pytest.mark.parametrize(("on", "present", "role"), TABLE)
async def test_an_edit_in_ones_own_mailbox(on: bool, present: bool, role: str) -> None:  # noqa: FBT001
    """One's own presence and switch gate the scan of one's own mailbox; an attendee's event never has the say."""
    async with _shared(role) as both:
        await both.set_up(on=on)
        await both.present(*(("anna",) if present else ()))
        both.us.graph.edit_event(both.event("anna").immutable_id, subject="Budget")
        await both.work()
        told = both.activity.name == "Budget"
        assert told is (on and present and role != "attendee")
        assert both.us.mails == 0


@pytest.mark.parametrize(("on", "present", "role"), TABLE)
async def test_an_edit_of_somebody_who_is_served(on: bool, present: bool, role: str) -> None:  # noqa: FBT001
    """Bert is on and logged in: what he edits in Outlook reaches Severa, and Anna's copy, be her switch off.

    Who is away is served all the same: Bert's presence is enough for what they share (R3).
    To a meeting's events nothing is written: Exchange brought it there. An attendee's edit goes nowhere.
    """
    async with _shared(role) as both:
        await both.set_up(on=on)
        await both.present("bert", *(("anna",) if present else ()))
        both.us.graph.edit_event(both.event("bert").immutable_id, subject="Budget")
        await both.work()
        says = role != "organizer"
        assert (both.activity.name == "Budget") is says
        assert (both.event("anna").subject == "Budget") is says
        assert both.us.mails == 0


@pytest.mark.parametrize(("on", "present", "role"), TABLE)
async def test_an_edit_in_severa_while_another_is_served(on: bool, present: bool, role: str) -> None:  # noqa: FBT001
    """Anna's edit in Severa reaches Bert's copy, as he is on and logged in; of a meeting, only the organizer's travels.

    Whose edit does not travel is set back, by whoever leads, if only on the other's behalf.
    """
    async with _shared(role) as both:
        await both.set_up(on=on)
        await both.present("bert", *(("anna",) if present else ()))
        guid = both.activity.guid
        both.us.severa.edit_activity(guid, by=both.us.stage.users["anna"], name="Budget")
        await note_activity_changed(both.us.stage.ports, both.us.stage.company, both.us.user("anna"), guid)
        await both.work()
        travels = role != "attendee"
        assert (both.activity.name == "Budget") is travels
        assert (both.event("bert").subject == "Budget") is travels
        both.us.stage.mailed = role == "organizer"
        assert both.us.mails == both.us.stage.mailed


@pytest.mark.parametrize("role", ROLES)
async def test_nobody_is_logged_in(role: str) -> None:
    """Nothing is synchronized; it is served when presence returns."""
    async with _shared(role) as both:
        mine = both.event(both.first).immutable_id
        both.us.graph.edit_event(mine, subject="Budget")
        await both.work()
        assert both.activity.name == "Board"
        await both.present(both.first)
        await both.work()
        assert both.activity.name == "Budget"
        await both.present("anna", "bert")
        await both.work()
        assert both.event("anna").subject == both.event("bert").subject == "Budget"


@pytest.mark.parametrize("role", ROLES)
async def test_all_switches_are_off(role: str) -> None:
    """R4: an entry that nobody with the switch on is in rests, whoever is logged in."""
    async with _shared(role) as both:
        for name in ("anna", "bert"):
            await both.us.switch(name, on=False)
        await both.present("anna", "bert")
        both.us.graph.edit_event(both.event(both.first).immutable_id, subject="Budget")
        both.us.severa.edit_activity(both.activity.guid, location="Room 7")
        await both.work()
        assert (both.activity.name, both.activity.location) == ("Board", "Room 7")
        places = {
            one.place for name in ("anna", "bert") for one in both.us.graph.events_of(both.us.stage.mailboxes[name])
        }
        assert places == {""}


@pytest.mark.parametrize("role", ["owner", "organizer"])
async def test_the_one_whose_it_is_switches_off(role: str) -> None:
    """R5, R13: a passive organizer still has the say; the other's run asks that mailbox on its behalf."""
    async with _shared(role) as both:
        await both.us.switch("anna", on=False)
        await both.present("bert")
        if role == "organizer":
            both.us.graph.edit_event(both.meeting, subject="Budget")
            await both.work()
            assert both.activity.name == "Budget"
        both.us.severa.edit_activity(both.activity.guid, by=both.us.stage.users["bert"], location="Room 7")
        await both.work()
        kept = (both.activity.location or "") == "Room 7"
        assert kept is (role == "owner")
        assert both.us.mails == 0


async def test_the_organizer_switches_on_again() -> None:
    """R5: switching on compares: nothing is doubled, nothing written where nothing changed."""
    async with company() as us:
        us.meet("anna", "bert")
        await us.settle()
        us.stage.clock.advance(AGED)
        await us.switch("anna", on=False)
        us.stage.clock.advance(AGED)
        await us.settle()
        await us.switch("anna", on=True)
        us.stage.quiet()
        await us.settle()
        assert us.people(await one_of(us)) == ("anna", {"bert"})
        log = us.stage.severa.requests.entries
        assert [f"{one.method} {one.path}" for one in log if one.method != "GET" and "token" not in one.path] == []
