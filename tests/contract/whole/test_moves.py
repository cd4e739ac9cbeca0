"""Mailboxes that move from the company's Exchange Server to Microsoft 365, and back: real adapters, both simulators."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.adapters.graph.api import GraphApi
from core.adapters.graph.directory import GraphCompany
from core.model.company import CompanySettings, Version
from core.model.ids import CompanyId, MailboxId
from core.model.link import LinkState
from core.ports import MicrosoftCompany, SeveraCompany
from core.usecases.report import Outcome
from core.usecases.settings import read_settings, save_settings
from core.usecases.switches import set_company_switch
from core.usecases.words import words
from tests.simulators.common.recurrence import Rule
from tests.simulators.ews.mailbox import Mailbox
from tests.support.exchange import PASSWORD, ExchangeServer
from tests.support.moving_house import Removal
from tests.support.remote_stage import GRAPH, RemoteStage, remote_stage
from tests.support.stage import MONDAY

ANNA = "anna@example.org"
HELSINKI = ZoneInfo("Europe/Helsinki")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
TEN = (MONDAY + DAY).astimezone(HELSINKI)
WRITES = {"CreateItem", "UpdateItem", "DeleteItem"}
SUBJECTS = ["Board", "Doctor", "Lunch", "Planning", "Retro", "Standup", "Trip"]


class BothServices:
    """The company's mailboxes are where its settings say: the real adapters, for one process."""

    def __init__(self, stage: RemoteStage, exchange: ExchangeServer) -> None:
        self._gateways, self._exchange = stage.ports.gateways, exchange
        self._servers = exchange.servers(stage.clock)
        self._graph = GraphCompany(GraphApi(GRAPH, stage, stage.clients[1]))

    async def severa(self, company: CompanyId, settings: CompanySettings, *, first_sync: bool = False) -> SeveraCompany:
        return await self._gateways.severa(company, settings, first_sync=first_sync)

    async def microsoft(self, company: CompanyId, settings: CompanySettings) -> MicrosoftCompany:
        if settings.version is Version.OFFICE365:
            return self._graph
        return self._servers.company(company, settings, PASSWORD, self._addresses)

    async def _addresses(self, _: MailboxId) -> tuple[str, ...]:
        return (ANNA,)


@dataclass
class Move:
    """The stage, the company's server, and Anna's two mailboxes."""

    stage: RemoteStage
    exchange: ExchangeServer
    box: Mailbox
    removal: Removal

    def process(self) -> None:
        """A fresh process."""
        self.stage.new_gateways()
        self.stage.ports = replace(self.stage.ports, gateways=BothServices(self.stage, self.exchange))

    async def choose(self, chosen: CompanySettings) -> None:
        """The administrator chooses where the mailboxes are, which switches the company off, and switches it on."""
        ports, company = self.stage.ports, self.stage.company
        self.stage.clock.advance(timedelta(minutes=1))
        now, tag = await read_settings(ports, company)
        where = {name: getattr(chosen, name) for name in ("version", "tenant", "domain", "user_name", "ews_url")}
        await save_settings(ports, company, replace(now, **where), tag)
        assert (await self.stage.run()).code == "company_off"
        await set_company_switch(ports, company, on=True)

    def activities(self) -> list[tuple[Any, ...]]:
        """What Anna sees in Severa, with ids."""
        found = self.stage.severa.people.activities_of(self.stage.users["anna"])
        return sorted((one.name, one.guid, one.start, one.notes or "") for one in found)

    def events(self, *, cloud: bool) -> list[str]:
        """The subjects in Anna's mailbox."""
        people, box = (self.stage.graph.people, self.removal.in_cloud) if cloud else (self.exchange.people, self.box)
        return sorted(one.subject for one in people.events_of(box))

    def quiet(self) -> None:
        """Count from here on."""
        self.stage.quiet()
        self.exchange.requests.reset()

    def written(self) -> list[str]:
        """What was written to anybody since."""
        found = [f"{r.method} {r.path}" for r in self.stage.graph.requests.select() if r.method != "GET"]
        found += [r.path for r in self.exchange.requests.select() if r.path.rpartition("/")[2] in WRITES]
        severa = self.stage.severa.requests.select()
        return found + [f"{r.method} {r.path}" for r in severa if r.method != "GET" and "token" not in r.path]

    async def stopped(self) -> str:
        """Some runs, hours apart, none of which does anything: the code that all of them end with."""
        codes = set()
        for _ in range(4):
            self.stage.clock.advance(timedelta(hours=7))
            await self.stage.poll()
            report = await self.stage.run()
            assert report.outcome in (Outcome.STOPPED, Outcome.SKIPPED)
            codes.add(report.code)
        [code] = codes
        return code

    async def links(self) -> dict[str, str]:
        """The live links of the latest era: which activity is which event."""
        links = await self.stage.storage.pairs.links(self.stage.pair())
        era = max(link.era for link in links)
        return {link.activity: link.event for link in links if link.state is LinkState.LIVE and link.era == era}


@asynccontextmanager
async def company(release: str) -> AsyncIterator[Move]:
    """A company on an Exchange Server of some release, whose cloud has nothing of it yet."""
    async with remote_stage() as stage:
        exchange = ExchangeServer(release, stage.clock.now, 5)
        box = exchange.people.add_mailbox(None, ANNA)
        move = Move(stage, exchange, box, Removal(exchange.simulator, box, stage.graph, stage.mailboxes["anna"]))
        move.process()
        await move.choose(exchange.settings())
        yield move


def fill(move: Move) -> None:
    """Entries of every kind on both sides: singles, whole days, private ones, series with changed dates, a meeting."""
    people, box, anna = move.exchange.simulator.people, move.box, move.stage.users["anna"]
    people.add_event(box, "Lunch", TEN + 2 * HOUR, TEN + 3 * HOUR, body="Canteen", location="Ground floor")
    people.add_event(box, "Trip", (TEN + 3 * DAY).date(), (TEN + 5 * DAY).date())
    people.add_event(box, "Doctor", TEN + 6 * HOUR, TEN + 7 * HOUR, sensitivity="Private", body="canary")
    rule = Rule("weekly", TEN.date(), weekdays=(TEN.weekday(),), count=5)
    series = people.add_event(box, "Standup", TEN, TEN + HOUR, rule=rule)
    people.edit_occurrence(series, (TEN + 7 * DAY).date(), start=TEN + 7 * DAY + HOUR, end=TEN + 7 * DAY + 2 * HOUR)
    people.delete_occurrence(series, (TEN + 14 * DAY).date())
    people.receive_invitation([box], "olga@outside.example", "Board", TEN + 4 * HOUR, TEN + 5 * HOUR)
    severa = move.stage.severa.people
    severa.add_activity(anna, "Planning", TEN + DAY, TEN + DAY + HOUR, notes="The offer")
    weekday = (TEN + DAY).strftime("%A").lower()
    pattern = {"weekly": {"interval": 1, weekday: True}}
    recurs = {"frequency": "Weekly", "pattern": pattern, "range": {"maxOccurrences": 4}}
    retro = severa.add_activity(anna, "Retro", TEN + DAY + 3 * HOUR, TEN + DAY + 4 * HOUR, recurrence=recurs)
    severa.cancel_occurrence(retro.guid, (TEN + 8 * DAY).date())


async def moved(move: Move, chosen: CompanySettings) -> dict[str, str]:
    """The administrator says where the mailbox is now: nothing is written for that. The links from then on."""
    move.quiet()
    await move.choose(chosen)
    move.process()
    reports = await move.stage.settle()
    assert {report.outcome for report in reports} == {Outcome.DONE}
    assert move.written() == []
    assert (await move.stage.run()).written == {}
    return await move.links()


@pytest.mark.parametrize("release", ["2007_sp1", "2016"])
async def test_there_and_back(release: str) -> None:
    """It is said where the mailbox may be, and nothing is deleted; then all is found again, and nothing doubled.

    By mark, by UID, and by subject and time (R6); nobody is mailed, and people's changes travel on, both ways.
    """
    async with company(release) as move:
        stage, removal = move.stage, move.removal
        fill(move)
        await stage.settle()
        activities, before = move.activities(), await move.links()
        assert move.events(cloud=False) == SUBJECTS
        assert len(before) == len(activities) == len(SUBJECTS)

        move.quiet()
        removal.to_cloud()
        assert await move.stopped() == "exchange_mailbox_elsewhere"
        assert "Office 365" in words("exchange_mailbox_elsewhere").remedy
        assert (move.activities(), move.written()) == (activities, [])

        there = await moved(move, CompanySettings(tenant=stage.tenant.tenant_id))
        assert (move.activities(), move.events(cloud=True)) == (activities, SUBJECTS)
        assert there.keys() == before.keys()
        assert not {*there.values()} & {*before.values()}

        [lunch] = [one for one in stage.graph.people.events_of(removal.in_cloud) if one.subject == "Lunch"]
        stage.graph.people.edit_event(lunch.immutable_id, body="In town")
        stage.severa.people.edit_activity(_guid(activities, "Planning"), notes="The other offer")
        await stage.settle()
        activities = move.activities()
        assert {one[0]: one[3] for one in activities}["Lunch"] == "In town"

        move.quiet()
        removal.to_server()
        assert await move.stopped() == "mailbox_not_in_microsoft365"
        assert "Exchange Server" in words("mailbox_not_in_microsoft365").remedy
        assert (move.activities(), move.written()) == (activities, [])

        back = await moved(move, move.exchange.settings())
        assert (move.activities(), move.events(cloud=False)) == (activities, SUBJECTS)
        assert back.keys() == before.keys()
        texts = {one.subject: one.text for one in move.exchange.people.events_of(move.box)}
        assert (texts["Planning"], texts["Lunch"]) == ("The other offer", "In town")
        assert (move.exchange.mails, stage.graph.mails) == ([], [])


@pytest.mark.parametrize("forgotten", [{"ical_uid"}, {"extended"}, {"ical_uid", "extended"}], ids=sorted)
async def test_a_tool_that_does_not_take_everything_along(forgotten: set[str]) -> None:
    """Without UIDs our copies are known by their marks, without marks by UIDs; without either by subject and time."""
    async with company("2016") as move:
        fill(move)
        await move.stage.settle()
        activities, before = move.activities(), await move.links()
        move.removal.forgets = frozenset(forgotten)
        move.removal.to_cloud()
        assert await move.stopped() == "exchange_mailbox_elsewhere"
        there = await moved(move, CompanySettings(tenant=move.stage.tenant.tenant_id))
        assert (move.activities(), move.events(cloud=True)) == (activities, SUBJECTS)
        assert there.keys() == before.keys()
        assert move.stage.graph.mails == []


def _guid(activities: list[tuple[Any, ...]], name: str) -> str:
    [found] = [guid for subject, guid, *_ in activities if subject == name]
    return str(found)
