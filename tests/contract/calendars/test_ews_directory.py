"""Whose mailbox it is: addresses, the guid that stays, mailboxes that move, and who may not be acted for."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from core.errors import RetryLater, Stop
from core.model.ids import MailboxId
from tests.contract.calendars.content import an_hour
from tests.contract.calendars.ews_harness import ALIAS, ANNA, BERT, EwsHarness, ews_harness
from tests.simulators.ews import MailboxState

NOBODY = "nobody@acme.example"


@pytest.fixture(params=["2007_sp1", "2010", "se"])
async def harness(request: pytest.FixtureRequest) -> AsyncIterator[EwsHarness]:
    """Servers that know primary addresses only, and others."""
    async with ews_harness(request.param) as harness:
        yield harness


async def test_by_any_of_its_addresses(harness: EwsHarness) -> None:
    """Primary or secondary, compared without case; all lead to one guid, and tell the primary one."""
    for addresses in ([ANNA], [ALIAS], [ALIAS.upper()], [NOBODY, f" {ANNA} "], [ANNA, ALIAS]):
        found = await harness.company.find_mailbox(addresses)
        assert found is not None
        assert found.id == harness.mailbox.guid
        assert ANNA in found.addresses


async def test_nobody_has_the_address(harness: EwsHarness) -> None:
    """None, and nothing is asked where there is no address."""
    assert await harness.company.find_mailbox([NOBODY]) is None
    harness.simulator.exchanged.clear()
    assert await harness.company.find_mailbox(["", "no address"]) is None
    assert harness.simulator.exchanged == []


async def test_two_mailboxes(harness: EwsHarness) -> None:
    """Which one is meant cannot be told."""
    with pytest.raises(Stop) as caught:
        await harness.company.find_mailbox([ANNA, BERT])
    assert caught.value.code == "mailbox_ambiguous"


async def test_the_guid_stays(harness: EwsHarness) -> None:
    """Whatever becomes of the addresses."""
    harness.people.change_mailbox_of_address("anna.berg@acme.example", harness.mailbox, primary=True)
    found = await harness.company.find_mailbox(["anna.berg@acme.example"])
    assert found is not None
    assert found.id == harness.mailbox.guid


async def test_a_calendar_in_a_fresh_process(harness: EwsHarness) -> None:
    """The mailbox is reached by its owner's address of now, once, and then it is known."""
    entry = await harness.put("a", an_hour(harness))
    harness.company._places.clear()
    calendar = harness.calendar
    assert await calendar.read(entry) is not None
    assert await calendar.read(entry) is not None
    operations = [one.operation for one in harness.simulator.exchanged]
    assert operations == ["GetFolder", "GetItem", "GetItem"]
    assert {one.anchor for one in harness.simulator.exchanged} == {ANNA}
    assert {one.acts_for for one in harness.simulator.exchanged} == {ANNA}


@pytest.mark.parametrize("kept", [True, False])
async def test_an_owner_who_got_another_address(harness: EwsHarness, *, kept: bool) -> None:
    """The mailbox is found again, whatever was remembered: by the old one, or by the one that Severa knows now."""
    entry, new = await harness.put("a", an_hour(harness)), "anna.berg@acme.example"
    harness.people.change_mailbox_of_address(new, harness.mailbox, primary=True)
    if not kept:
        harness.mailbox.aliases.clear()
        with pytest.raises(Stop) as caught:
            await harness.calendar.read(entry)
        assert caught.value.code == "exchange_mailbox_elsewhere"
        harness.known[harness.mailbox.guid] = [new]
    assert await harness.calendar.read(entry) is not None
    by_primary = harness.simulator.release.schema == "Exchange2007_SP1"
    assert harness.simulator.exchanged[-1].acts_for == (ANNA if kept and not by_primary else new)
    assert (await harness.round())[-1].last


async def test_an_address_that_leads_to_another_mailbox_by_now(harness: EwsHarness) -> None:
    """Nothing is read there, and no deletion is proven (R1, R19)."""
    entry = await harness.put("a", an_hour(harness))
    harness.people.change_mailbox_of_address(ANNA, harness.bert, primary=True)
    for call in (harness.calendar.read(entry), harness.calendar.verify(entry, ""), harness.round()):
        with pytest.raises((Stop, RetryLater)) as caught:
            await call
        assert caught.value.code in {"exchange_calendar_denied", "mailbox_changed"}
    harness.company._places.clear()
    with pytest.raises(Stop) as stopped:
        await harness.calendar.verify(entry, "")
    assert stopped.value.code == "mailbox_changed"
    assert harness.people.event(entry).live


async def test_a_deletion_is_proven_in_the_same_mailbox_only(harness: EwsHarness) -> None:
    """The item says that it is gone, and the mailbox is asked who it is."""
    entry = await harness.put("a", an_hour(harness))
    await harness.remove(entry)
    assert await harness.calendar.verify(entry, "") is None
    assert [one.operation for one in harness.simulator.exchanged] == ["GetItem", "GetFolder"]


async def test_a_mailbox_that_nobody_is_known_to_have(harness: EwsHarness) -> None:
    """It cannot be reached by its guid."""
    with pytest.raises(Stop) as caught:
        await harness.company.calendar(MailboxId("00000000-0000-4000-8000-000000000000")).view(harness.window)
    assert caught.value.code == "exchange_mailbox_elsewhere"


@pytest.mark.parametrize(
    ("state", "kind", "code"),
    [
        (MailboxState.IN_THE_CLOUD, Stop, "exchange_mailbox_elsewhere"),
        (MailboxState.OLDER_SERVER, Stop, "exchange_mailbox_on_older_server"),
        (MailboxState.MOVING, RetryLater, "exchange_mailbox_moving"),
        (MailboxState.STORE_DOWN, RetryLater, "exchange_unavailable"),
        (MailboxState.FAILING_OVER, RetryLater, "exchange_unavailable"),
    ],
)
async def test_a_mailbox_that_is_elsewhere(
    harness: EwsHarness, state: MailboxState, kind: type[Exception], code: str
) -> None:
    """It is said in words, by every call, and never taken for a deletion."""
    entry = await harness.put("a", an_hour(harness))
    harness.people.set_state(harness.mailbox, state)
    for call in (
        harness.calendar.read(entry),
        harness.calendar.verify(entry, ""),
        harness.calendar.view(harness.window),
        harness.round(),
    ):
        with pytest.raises(kind) as caught:
            await call
        assert caught.value.code == code  # type: ignore[attr-defined]


async def test_who_may_not_be_acted_for(harness: EwsHarness) -> None:
    """The right to act for one mailbox, for anybody, and for a calendar alone."""
    harness.simulator.denied = {ANNA}
    with pytest.raises(Stop) as caught:
        await harness.company.find_mailbox([ANNA])
    assert (caught.value.code, caught.value.whole_company) == ("exchange_impersonation_denied", False)
    harness.simulator.denied = set()
    harness.simulator.shut = {ANNA}
    with pytest.raises(Stop) as caught:
        await harness.company.find_mailbox([ANNA])
    assert caught.value.code == "exchange_calendar_denied"
    harness.simulator.shut = set()
    harness.simulator.options.impersonators = set()
    with pytest.raises(Stop) as caught:
        await harness.company.find_mailbox([ANNA])
    assert caught.value.code.startswith("exchange_impersonation_denied")
