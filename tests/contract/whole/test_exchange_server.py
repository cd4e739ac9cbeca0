"""What only an Exchange Server does to the whole service; the stories of both services are told on each of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.simulators.common.faults import Action, Fault
from tests.simulators.ews import MailboxState
from tests.support.memory_theatre import memory_theatre
from tests.support.remote_theatre import RemoteTheatre, remote_theatre
from tests.support.stage import at, entry
from tests.support.theatre import check_links, first_sync, play, shown

WRITES = {"CreateItem", "UpdateItem", "DeleteItem"}


@asynccontextmanager
async def exchange_theatre(release: str) -> AsyncIterator[tuple[RemoteTheatre, Any]]:
    """A company with a server of that release, and the server."""
    async with remote_theatre(release=release) as theatre:
        yield theatre, theatre.stage.graph.simulator


@pytest.mark.parametrize("release", ["2007_sp1", "2010", "se"])
async def test_the_same_play(release: str) -> None:
    """It ends as it does on memory; nobody was mailed, and a second look is one request."""
    usual = await memory_theatre()
    await play(usual)
    async with exchange_theatre(release) as (theatre, server):
        await play(theatre)
        assert await shown(theatre) == await shown(usual)
        await check_links(theatre)
        assert server.mails == []
        server.exchanged.clear()
        await theatre.stage.run("anna")
        assert [one.operation for one in server.exchanged] == ["SyncFolderItems"]


@pytest.mark.parametrize(
    ("operation", "nth"),
    [("CreateItem", 0), ("CreateItem", 1), ("UpdateItem", 0), ("UpdateItem", 1), ("DeleteItem", 0)],
)
async def test_answers_that_are_lost(operation: str, nth: int) -> None:
    """What was done all the same is recognized, and nothing is doubled (P01)."""
    usual = await memory_theatre()
    await play(usual)
    async with exchange_theatre("2016") as (theatre, server):
        server.faults.add(Fault(Action.DROP_AFTER_COMMIT, path=f"/{operation}", after=nth))
        await play(theatre)
        assert server.faults.fired() == 1
        assert await shown(theatre) == await shown(usual)
        await check_links(theatre)


async def test_a_state_that_the_server_lost() -> None:
    """A full round compares everything, and writes nothing."""
    async with exchange_theatre("2016") as (theatre, server):
        await play(theatre, script=(first_sync,))
        before = await shown(theatre)
        for box in theatre.stage.mailboxes.values():
            server.people.lose_sync_states(box)
        server.exchanged.clear()
        await theatre.settle()
        assert not {one.operation for one in server.exchanged} & WRITES
        assert await shown(theatre) == before


async def test_a_mailbox_that_moved_to_the_cloud() -> None:
    """It is said in words, nothing is deleted, and the other mailbox goes on."""
    async with exchange_theatre("2016") as (theatre, server):
        await play(theatre, script=(first_sync,))
        before, annas = await theatre.activities("anna"), theatre.stage.mailboxes["anna"]
        server.people.set_state(annas, MailboxState.IN_THE_CLOUD)
        await theatre.add_event("bert", entry("Goes on", at(17)))
        assert (await theatre.stage.run("anna")).code == "exchange_mailbox_elsewhere"
        await theatre.stage.run("bert")
        assert await theatre.activities("anna") == before
        assert "Goes on" in {essence.subject for essence in (await theatre.activities("bert")).values()}
        server.people.set_state(annas, MailboxState.OK)
        await theatre.settle()
        assert await theatre.activities("anna") == before
