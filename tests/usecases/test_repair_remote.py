"""The same repair with the real adapters, state in Azurite: every kind of damage at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from core.model.ids import Side
from core.model.link import Intent, LinkState
from core.model.state import Repair
from core.usecases.resync import resync
from core.usecases.words_of_repair import CLAIMS, ENDS, INTENTS, LINKS, MARKS
from tests.support.remote_stage import RemoteStage, remote_stage
from tests.support.stage import LONG_AGO, MONDAY

HOUR = timedelta(hours=1)
TEN = MONDAY + timedelta(days=1, hours=1)
MINUTES = timedelta(minutes=20)


async def repair(stage: RemoteStage) -> Repair:
    """A resync, and the runs that follow."""
    stage.clock.advance(MINUTES)
    await resync(stage.ports, stage.pair())
    stage.quiet()
    await stage.settle()
    found = (await stage.ports.pairs.head(stage.pair())).state.repair
    assert found is not None
    return found


def written(stage: RemoteStage) -> list[str]:
    """Every request that changed something in a calendar since the last resync."""
    entries = (*stage.severa.requests.entries, *stage.graph.requests.entries)
    return [f"{e.method} {e.path}" for e in entries if e.method != "GET" and "token" not in e.path]


async def test_every_kind_of_damage(azurite: str) -> None:
    """All of it is found, told and mended, nothing is deleted; a second one finds and writes nothing."""
    async with remote_stage(azurite) as stage:
        anna, box = stage.users["anna"], stage.mailboxes["anna"]
        severa, graph, companies = stage.severa.people, stage.graph.people, stage.ports.companies
        old = {name: graph.add_event(box, name, TEN, TEN + HOUR) for name in ("Nowhere", "Half")}
        await stage.settle()
        links = {name: await stage.ports.pairs.link_of(stage.pair(), Side.MICROSOFT, old[name]) for name in old}
        stage.clock.advance(timedelta(days=60))  # Both are older than anything that a comparison reads.
        later = stage.clock.now() + timedelta(days=1)
        made = severa.add_activity(anna, "Call", later, later + HOUR)
        people = ["bert@elsewhere.example"]
        meeting = graph.add_event(box, "Weekly", later + 2 * HOUR, later + 3 * HOUR, attendees=people)
        await stage.settle()
        stage.clock.advance(MINUTES)

        severa.remove_activity(links["Nowhere"].activity)
        for event in old.values():
            graph.delete_event(event)
        call = await stage.ports.pairs.link_of(stage.pair(), Side.SEVERA, made.guid)
        weekly = await stage.ports.pairs.link_of(stage.pair(), Side.MICROSOFT, meeting)
        assert call is not None
        assert weekly is not None
        copied = graph.copy_event(call.event)
        graph.edit_event(copied, subject="Call, again", start=later + 5 * HOUR, end=later + 6 * HOUR)
        await companies.drop_claim(stage.company, weekly.claim)
        past = stage.clock.now() - timedelta(hours=2)
        await companies.begin(
            Intent("scs-left", stage.pair(), Side.SEVERA, "no-such", replace(call, activity=""), past, past)
        )

        found = await repair(stage)
        assert found.done is not None
        assert dict(found.found) == {LINKS: 1, ENDS: 1, MARKS: 1, CLAIMS: 1, INTENTS: 1}
        assert [line.split()[0] for line in written(stage)] == ["POST"]  # The copy's own activity.
        told = {line.note.code for line in await stage.ports.history.read(stage.pair(), LONG_AGO)}
        assert told >= {LINKS, ENDS, MARKS, CLAIMS, INTENTS}
        states = {one.event: one.state for one in await stage.ports.pairs.links(stage.pair())}
        assert (states[old["Nowhere"]], states[old["Half"]]) == (LinkState.DEAD, LinkState.PARKED)
        assert severa.exists(links["Half"].activity)
        assert (await companies.claim(stage.company, weekly.claim)).activity == weekly.activity
        assert await companies.intents(stage.pair()) == ()

        assert dict((await repair(stage)).found) == {}
        assert written(stage) == []
