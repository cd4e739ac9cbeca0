"""The whole service with mailboxes on a company's own Exchange Server: the same play, the same end."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.simulators.common.faults import Action, Fault
from tests.simulators.ews import MailboxState
from tests.support.ews_theatre import EwsTheatre, ews_theatre
from tests.support.memory_theatre import memory_theatre
from tests.support.stage import ANNA, BERT, at, entry
from tests.support.theatre import check_links, first_sync, play, shown


@pytest.fixture(params=["2007_sp1", "2010", "se"])
async def theatre(request: pytest.FixtureRequest) -> EwsTheatre:
    """A company with a server of that release."""
    return await ews_theatre(request.param)


async def test_the_same_play(theatre: EwsTheatre) -> None:
    """It ends as it does on memory; nobody was mailed, and a second look writes nothing."""
    usual = await memory_theatre()
    await play(usual)
    await play(theatre)
    assert await shown(theatre) == await shown(usual)
    await check_links(theatre)
    assert theatre.exchange.mails == []
    theatre.exchange.exchanged.clear()
    await theatre.stage.run(ANNA)
    assert [one.operation for one in theatre.exchange.exchanged] == ["SyncFolderItems"]


@pytest.mark.parametrize(
    ("operation", "nth"),
    [("CreateItem", 0), ("CreateItem", 1), ("UpdateItem", 0), ("UpdateItem", 1), ("DeleteItem", 0)],
)
async def test_answers_that_are_lost(operation: str, nth: int) -> None:
    """What was done all the same is recognized, and nothing is doubled (P01)."""
    theatre = await ews_theatre("2016")
    usual = await memory_theatre()
    await play(usual)
    theatre.exchange.faults.add(Fault(Action.DROP_AFTER_COMMIT, path=f"/{operation}", after=nth))
    await play(theatre)
    assert theatre.exchange.faults.fired() == 1
    assert await shown(theatre) == await shown(usual)
    await check_links(theatre)


async def test_a_state_that_the_server_lost() -> None:
    """A full round compares everything, and writes nothing."""
    theatre = await ews_theatre("2016")
    await play(theatre, script=(first_sync,))
    before = await shown(theatre)
    for box in theatre.boxes.values():
        theatre.people.lose_sync_states(box)
    theatre.exchange.exchanged.clear()
    await theatre.settle()
    done = Counter(one.operation for one in theatre.exchange.exchanged)
    assert not done.keys() & {"CreateItem", "UpdateItem", "DeleteItem"}
    assert await shown(theatre) == before


async def test_a_mailbox_that_moved_to_the_cloud() -> None:
    """It is said in words, nothing is deleted, and the other mailbox goes on."""
    theatre = await ews_theatre("2016")
    await play(theatre, script=(first_sync,))
    before = await theatre.activities("anna")
    theatre.people.set_state(theatre.boxes["anna"], MailboxState.IN_THE_CLOUD)
    await theatre.add_event("bert", entry("Goes on", at(17)))
    assert (await theatre.stage.run(ANNA)).code == "exchange_mailbox_elsewhere"
    await theatre.stage.run(BERT)
    assert await theatre.activities("anna") == before
    assert "Goes on" in {essence.subject for essence in (await theatre.activities("bert")).values()}
    theatre.people.set_state(theatre.boxes["anna"], MailboxState.OK)
    await theatre.settle()
    assert await theatre.activities("anna") == before
