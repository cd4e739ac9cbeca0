"""Finding a user's mailbox by address (R1)."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from core.adapters.graph.directory import GraphCompany
from core.errors import RetryLater, Stop
from tests.contract.calendars.content import an_hour
from tests.contract.calendars.graph_harness import GraphHarness, graph_harness, quiet
from tests.simulators.common.faults import Action, Fault


@pytest.fixture
async def harness() -> AsyncIterator[GraphHarness]:
    """A company with anna@example.com, also a.berg@example.com."""
    async with graph_harness(quiet()) as harness:
        yield harness


@pytest.fixture
def company(harness: GraphHarness) -> GraphCompany:
    """The port under test."""
    return GraphCompany(harness.api)


@pytest.mark.parametrize(
    "address",
    ["anna@example.com", "ANNA@Example.COM", "a.berg@example.com", "A.Berg@EXAMPLE.com", " anna@example.com "],
)
async def test_primary_and_secondary_addresses(harness: GraphHarness, company: GraphCompany, address: str) -> None:
    """Each of a mailbox's addresses leads to it, in whatever case; it comes with all of them."""
    found = await company.find_mailbox([address])
    assert found is not None
    assert found.id == harness.mailbox.object_id
    assert found.addresses == ("anna@example.com", "a.berg@example.com")


async def test_addresses_are_stored_in_any_case(harness: GraphHarness, company: GraphCompany) -> None:
    """The directory keeps what was typed."""
    bo = harness.people.add_mailbox(harness.tenant, "Bo.Ek@Example.com", aliases=["B.EK@example.com"])
    for address in ("bo.ek@example.com", "b.ek@example.com"):
        found = await company.find_mailbox([address])
        assert found is not None
        assert found.id == bo.object_id


async def test_nobody_has_the_address(company: GraphCompany) -> None:
    """None, and no error: the status says so in words."""
    assert await company.find_mailbox(["nobody@example.com"]) is None
    assert await company.find_mailbox([]) is None
    assert await company.find_mailbox(["", " "]) is None


async def test_several_addresses_of_one_person(company: GraphCompany) -> None:
    """Addresses that lead to the same mailbox, or nowhere, are no contradiction."""
    found = await company.find_mailbox(["old@example.com", "a.berg@example.com", "anna@example.com"])
    assert found is not None
    assert found.addresses[0] == "anna@example.com"


async def test_addresses_that_lead_to_two_mailboxes(harness: GraphHarness, company: GraphCompany) -> None:
    """Nobody guesses which one is meant."""
    harness.people.add_mailbox(harness.tenant, "bo@example.com")
    with pytest.raises(Stop) as caught:
        await company.find_mailbox(["anna@example.com", "bo@example.com"])
    assert (caught.value.code, caught.value.whole_company) == ("mailbox_ambiguous", False)
    assert "@" not in str(caught.value)


async def test_a_sign_in_name_that_is_no_mail_address(harness: GraphHarness, company: GraphCompany) -> None:
    """A person is found by it too, as long as they have a mailbox."""
    bo = harness.people.add_mailbox(harness.tenant, "bo@example.com", user_principal_name="bo.ek@corp.example.com")
    found = await company.find_mailbox(["bo.ek@corp.example.com"])
    assert found is not None
    assert found.id == bo.object_id


async def test_a_person_without_any_mail_address(harness: GraphHarness, company: GraphCompany) -> None:
    """A user with a sign-in name only has no mailbox."""
    bo = harness.people.add_mailbox(harness.tenant, "bo@example.com")
    bo.mail, bo.proxy_addresses = None, []
    assert await company.find_mailbox(["bo@example.com"]) is None


async def test_an_address_with_an_apostrophe(harness: GraphHarness, company: GraphCompany) -> None:
    """It is quoted, not taken for the end of the filter."""
    bo = harness.people.add_mailbox(harness.tenant, "o'brien@example.com")
    found = await company.find_mailbox(["O'Brien@example.com"])
    assert found is not None
    assert found.id == bo.object_id


async def test_the_address_moved_to_another_mailbox(harness: GraphHarness, company: GraphCompany) -> None:
    """What is found is by the stable id: whoever bound the old one sees the difference."""
    bo = harness.people.add_mailbox(harness.tenant, "bo@example.com")
    harness.people.change_mailbox_of_address("a.berg@example.com", bo)
    found = await company.find_mailbox(["a.berg@example.com"])
    assert found is not None
    assert found.id == bo.object_id != harness.mailbox.object_id


async def test_without_permission_for_the_directory(harness: GraphHarness, company: GraphCompany) -> None:
    """An answer about permissions stops the company; it is not "nobody"."""
    client_id = next(iter(harness.tenant.apps))
    harness.people.grant_consent(harness.tenant, client_id, roles=("Calendars.ReadWrite",))
    with pytest.raises(Stop) as caught:
        await company.find_mailbox(["anna@example.com"])
    assert (caught.value.code, caught.value.whole_company) == ("consent_missing", True)


@pytest.mark.parametrize(
    "fault", [Fault(Action.STATUS, status=503), Fault(Action.TRUNCATE), Fault(Action.STATUS, status=400)]
)
async def test_the_directory_fails(harness: GraphHarness, company: GraphCompany, fault: Fault) -> None:
    """A failure is not "nobody" either."""
    harness.simulator.faults.add(fault)
    with pytest.raises(RetryLater):
        await company.find_mailbox(["anna@example.com"])


async def test_the_calendar_of_what_was_found(harness: GraphHarness, company: GraphCompany) -> None:
    """The mailbox's id opens its calendar."""
    entry = await harness.put("a", an_hour(harness))
    found = await company.find_mailbox(["anna@example.com"])
    assert found is not None
    assert await company.calendar(found.id).read(entry) is not None
