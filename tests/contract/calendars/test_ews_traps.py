"""What exchangelib, or Exchange, would do to us if we let it (facts/microsoft.md G, H, L): each trap was reproduced."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest
from exchangelib.protocol import CachingProtocol

from core.adapters.ews import soap
from core.adapters.ews.api import Limits
from core.adapters.ews.server import LOGIN_PAUSE
from core.adapters.mark import PROPERTY_NAME, PROPERTY_SET
from core.errors import OutcomeUnknown, RetryLater, Stop
from core.model.essence import Field
from core.model.exceptions import DateException
from core.model.operation import Draft
from tests.contract.calendars.content import an_hour, dates_of, recurring, wanted
from tests.contract.calendars.ews_harness import ACCOUNT, ANNA, EwsHarness, ews_harness
from tests.contract.calendars.series_dates import change
from tests.simulators.common.faults import Action, Fault
from tests.simulators.ews import Folder, Property, Trouble, Where

MARK = Property(PROPERTY_SET, PROPERTY_NAME, "String")
SUBJECT = frozenset({Field.SUBJECT})


@pytest.fixture
async def harness() -> AsyncIterator[EwsHarness]:
    """A server of 2016."""
    async with ews_harness() as harness:
        yield harness


def operations(harness: EwsHarness) -> list[str]:
    """What was asked so far."""
    return [one.operation for one in harness.simulator.exchanged]


# --- passwords --------------------------------------------------------------------------------------------------------
async def test_a_wrong_password_is_tried_once(harness: EwsHarness) -> None:
    """By all of the company's pairs together, however often they come; a lockout takes five."""
    entry = await harness.put("a", an_hour(harness))
    harness.simulator.passwords[ACCOUNT] = "changed"
    harness.simulator.logins.clear()
    for call in (harness.calendar.read(entry), harness.calendar.view(harness.window), harness.round()):
        with pytest.raises(Stop) as caught:
            await call
        assert (caught.value.code, caught.value.whole_company) == ("exchange_login_refused", True)
    assert harness.simulator.logins == [False]
    harness.clock.at += LOGIN_PAUSE + timedelta(minutes=1)
    with pytest.raises(Stop):
        await harness.calendar.read(entry)
    assert harness.simulator.logins == [False, False]
    assert not harness.people.is_locked(ACCOUNT)
    harness.simulator.passwords[ACCOUNT] = "right"
    harness.clock.at += LOGIN_PAUSE + timedelta(minutes=1)
    assert await harness.calendar.read(entry) is not None


async def test_a_password_that_changes_while_many_pairs_look(harness: EwsHarness) -> None:
    """Those that are on their way knock, a few at a time; all others hear of it before they do."""
    entry = await harness.put("a", an_hour(harness))
    harness.simulator.passwords[ACCOUNT] = "changed"
    harness.simulator.logins.clear()
    looks = [harness.calendar.read(entry) for _ in range(60)]
    failed = await asyncio.gather(*looks, return_exceptions=True)
    assert {one.code for one in failed if isinstance(one, Stop)} == {"exchange_login_refused"}
    assert len(failed) == 60
    assert 1 <= len(harness.simulator.logins) <= 4


async def test_a_login_that_is_refused_with_the_connection(harness: EwsHarness) -> None:
    """The library takes a 401 on a connection that closes for a busy server; here it is a refused login."""
    harness.simulator.faults.add(Fault(Action.STATUS, status=401, times=None))
    import requests

    from core.adapters.ews.pinned import Strict

    answer = requests.Response()
    answer.status_code, answer._content = 401, b""
    answer.headers["Connection"] = "close"
    with pytest.raises(Exception, match="Invalid credentials") as caught:
        Strict().raise_response_errors(answer)
    assert type(caught.value).__name__ == "UnauthorizedError"
    with pytest.raises(Stop):
        await harness.round()


# --- creates ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("where", [Where.ITEM, Where.ITEM_COMMITTED, Where.FAULT])
async def test_a_busy_item_is_not_sent_again(harness: EwsHarness, where: Where) -> None:
    """Not by the library; ours, when it is due, finds what was made all the same by its mark."""
    draft, stamp = harness.draft(wanted("once", an_hour(harness))), harness.stamp()
    harness.simulator.troubles.add(Trouble("ErrorServerBusy", "CreateItem", where=where, back_off=90_000))
    with pytest.raises(RetryLater) as caught:
        await harness.calendar.create(draft, stamp)
    assert (caught.value.code, caught.value.after) == ("exchange_busy", 90.0)
    assert operations(harness).count("CreateItem") == 1
    made = await harness.calendar.create(draft, stamp)
    assert [event.item_id for event in harness.people.events_of(harness.mailbox)] == [made.id]


async def test_a_create_whose_outcome_is_unknown(harness: EwsHarness) -> None:
    """An internal error may come after the effect."""
    draft, stamp = harness.draft(wanted("once", an_hour(harness))), harness.stamp()
    harness.simulator.troubles.add(Trouble("ErrorInternalServerError", "CreateItem", where=Where.ITEM_COMMITTED))
    with pytest.raises(OutcomeUnknown):
        await harness.calendar.create(draft, stamp)
    made = await harness.calendar.create(draft, stamp)
    assert [event.item_id for event in harness.people.events_of(harness.mailbox)] == [made.id]
    assert made.mark == stamp.mark


async def test_a_search_for_the_mark_that_fails(harness: EwsHarness) -> None:
    """Nothing is made: later will do."""
    harness.simulator.faults.add(Fault(Action.DROP_AFTER_COMMIT, path="/FindItem"))
    with pytest.raises(RetryLater) as caught:
        await harness.calendar.create(harness.draft(wanted("once", an_hour(harness))), harness.stamp())
    assert not isinstance(caught.value, OutcomeUnknown)
    assert operations(harness) == ["FindItem"]
    assert harness.people.events_of(harness.mailbox) == []


async def test_the_mark_is_the_same_property_as_through_graph(harness: EwsHarness) -> None:
    """So it survives a move of the mailbox to Microsoft 365."""
    from core.adapters.graph.quirks import MARK_PROPERTY

    made = await harness.calendar.create(harness.draft(wanted("a", an_hour(harness))), harness.stamp())
    assert harness.people.event(made.id).value(MARK) is not None
    assert f"String {{{MARK.property_set}}} Name {MARK.name}" == MARK_PROPERTY


async def test_a_copied_event(harness: EwsHarness) -> None:
    """A person's copy carries the mark along: the create still knows its own by the first one found."""
    draft, stamp = harness.draft(wanted("once", an_hour(harness))), harness.stamp()
    made = await harness.calendar.create(draft, stamp)
    harness.people.copy_event(made.id)
    again = await harness.calendar.create(draft, stamp)
    assert again.mark == stamp.mark
    assert len(harness.people.events_of(harness.mailbox)) == 2


# --- deletes ----------------------------------------------------------------------------------------------------------
async def test_what_is_deleted_can_be_brought_back(harness: EwsHarness) -> None:
    """The library's default is to destroy."""
    entry = await harness.put("a", an_hour(harness))
    seen = await harness.calendar.read(entry)
    assert seen is not None
    await harness.calendar.delete(seen)
    [kept] = harness.people.events_of(harness.mailbox, Folder.DELETED_ITEMS)
    assert kept.subject == "a"


# --- the library's own state ------------------------------------------------------------------------------------------
async def test_nothing_is_kept_for_ever(harness: EwsHarness) -> None:
    """The library keeps protocols with passwords in a cache of its own: ours are in none."""
    await harness.round()
    assert CachingProtocol._protocol_cache == {}


async def test_the_pool_does_not_shrink(harness: EwsHarness) -> None:
    """The library takes a session out for good each time that a server is busy."""
    entry = await harness.put("a", an_hour(harness))
    link = await harness.server.link()
    before = link.protocol.session_pool_size
    harness.simulator.troubles.add(Trouble("ErrorServerBusy", times=5))
    for _ in range(5):
        with pytest.raises(RetryLater):
            await harness.calendar.read(entry)
    assert (link.protocol.session_pool_size, link.protocol.max_connections) == (before, 4)
    assert await harness.calendar.read(entry) is not None


async def test_one_version_is_asked_in(harness: EwsHarness) -> None:
    """The library tries every version that it knows after a refusal; here a request is one request."""
    harness.simulator.troubles.add(Trouble("ErrorInvalidServerVersion"))
    with pytest.raises(Stop) as caught:
        await harness.round()
    assert (caught.value.code, caught.value.whole_company) == ("exchange_version_not_supported", True)
    assert len(harness.simulator.exchanged) == 1


@pytest.mark.parametrize("content", [b"", b"<", b"<a><b></a>", b"<a>&#xB;</b>", b"no"])
def test_an_answer_that_is_no_xml(content: bytes) -> None:
    """The library's parser mends what was cut short, so that it looks like a shorter answer."""
    assert soap.document(content) is None


def test_control_characters_of_people() -> None:
    """Exchange writes them as references, which are no XML; they go, and legal ones stay."""
    assert soap.document(b"<a>x&#xB;y&#x7;&#10;&#x1F600;&#31;</a>").text == "xy\n\U0001f600"


async def test_addresses_that_are_checked_each_time(harness: EwsHarness) -> None:
    """A name that leads into a forbidden network by now is not followed, whatever is open already."""
    from dataclasses import replace

    entry = await harness.put("a", an_hour(harness))
    assert await harness.calendar.read(entry) is not None
    guard = harness.server._guard
    harness.server._guard = replace(guard, resolver=lambda *_: ["169.254.169.254"])
    harness.simulator.exchanged.clear()
    with pytest.raises(Stop) as caught:
        await harness.calendar.read(entry)
    assert caught.value.code == "address_not_allowed"
    assert harness.simulator.exchanged == []
    harness.server._guard = replace(guard, resolver=lambda *_: ["127.0.0.2"])
    before = harness.server._open
    assert await harness.calendar.read(entry) is not None
    assert harness.server._open is not before


async def test_whose_mailbox_it_is_about(harness: EwsHarness) -> None:
    """Every request for it says so beside SOAP, too: 2013 and later fail at times without (facts G2)."""
    made = await harness.calendar.create(harness.draft(wanted("a", an_hour(harness))), harness.stamp())
    made = await harness.calendar.update(made, Draft(wanted("b", an_hour(harness))), SUBJECT)
    await harness.round((await harness.round())[-1].cursor)
    await harness.calendar.delete(made)
    assert {"SyncFolderItems", "FindItem", "CreateItem", "UpdateItem", "DeleteItem"} < set(operations(harness))
    assert {(one.anchor, one.acts_for) for one in harness.simulator.exchanged} == {(ANNA, ANNA)}


async def test_what_writes_say_of_mails(harness: EwsHarness) -> None:
    """Nobody is to get any, whether or not there is somebody who could."""
    made = await harness.calendar.create(harness.draft(wanted("a", recurring(harness, times=3))), harness.stamp())
    made = await harness.calendar.update(made, Draft(wanted("b", recurring(harness, times=3))), SUBJECT)
    gone = DateException(dates_of(recurring(harness))[1])
    await harness.calendar.change_date(made.id, made, change(made, gone.day, gone))
    await harness.calendar.delete(await harness.calendar.read(made.id))  # type: ignore[arg-type]
    writes = [one for one in harness.simulator.exchanged if one.operation in ("CreateItem", "UpdateItem", "DeleteItem")]
    assert [one.operation for one in writes] == ["CreateItem", "UpdateItem", "DeleteItem", "DeleteItem"]
    assert all(one.request.count(b'"SendToNone"') == 1 for one in writes)


async def test_threads_that_nobody_waits_for_any_more(harness: EwsHarness) -> None:
    """They keep their places at the server until they are done: no others join them there."""
    entry, going, done = await harness.put("a", an_hour(harness)), 0, asyncio.Event()

    class Slow:
        async def run(self, call: Callable[..., object], *args: object) -> object:
            nonlocal going
            going += 1
            await done.wait()
            return call(*args)

    harness.api._executor, harness.api._limits = Slow(), Limits(read_seconds=0.05)  # type: ignore[assignment]
    for _ in range(2):
        looks = [harness.calendar.read(entry) for _ in range(6)]
        failed = await asyncio.gather(*looks, return_exceptions=True)
        assert [type(one) for one in failed] == [RetryLater] * 6
        assert going == 4
    done.set()
    assert await harness.calendar.read(entry) is not None


async def test_a_stale_version_is_not_overwritten(harness: EwsHarness) -> None:
    """Every update says so."""
    entry = await harness.put("a", an_hour(harness))
    seen = await harness.calendar.read(entry)
    assert seen is not None
    await harness.calendar.update(seen, Draft(wanted("b", an_hour(harness))), SUBJECT)
    [sent] = [one.request for one in harness.simulator.exchanged if one.operation == "UpdateItem"]
    assert b'ConflictResolution="NeverOverwrite"' in sent
