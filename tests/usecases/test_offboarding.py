"""A company leaves: all of it goes, whatever comes in between, and mailboxes keep what is their owners' own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from core.adapters.memory.secrets import MemorySecrets
from core.errors import RetryLater, Stop
from core.model.caller import Caller
from core.model.claim import Claim
from core.model.consent import ConsentAttempt, Step, TenantBinding
from core.model.ids import CompanyId, Pair, Side, UserId
from core.model.link import Intent, Link
from core.model.operation import Note, NoteKind
from core.model.rows import Hold, Record
from core.model.state import Pending
from core.usecases.offboarding import BUDGET, Removal, remove_company
from core.usecases.recorder import LEASE
from core.usecases.resync import resync
from core.usecases.secrets import EXCHANGE_PASSWORD, SEVERA_CLIENT_SECRET
from core.usecases.switches import set_company_switch, set_user_switch
from tests.support.stage import ANNA, BERT, COMPANY, MONDAY, Stage, at, entry, make_stage, switch_on
from tests.support.theatre import Died

TENANT = "22222222-2222-4222-8222-222222222222"
OTHER = CompanyId("99999999-9999-4999-8999-999999999999")


@dataclass(slots=True)
class Leaving:
    """A company that was used for a while, and wants to leave."""

    stage: Stage
    secrets: MemorySecrets

    async def remove(self, *, copies: bool = False) -> Removal:
        """One call of an administrator's."""
        caller = Caller(COMPANY, ANNA, is_admin=True)
        return await remove_company(self.stage.ports, self.stage.storage.consents, self.secrets, caller, copies=copies)

    async def removed(self, *, copies: bool = False) -> dict[str, int]:
        """Calls until it is finished; what they counted."""
        calls = [await self.remove(copies=copies)]
        while not calls[-1].finished:
            assert len(calls) < 20
            calls.append(await self.remove(copies=copies))
        return dict(+sum((one.counts for one in calls[1:]), calls[0].counts))

    def left(self, company: CompanyId = COMPANY) -> list[str]:
        """The names of everything that is still kept of a company."""
        storage = self.stage.storage
        stores = (storage.pairs, storage.companies, storage.history, storage.holds, storage.due, storage.consents)
        found = []
        for store in (*stores, self.secrets):
            for name, rows in vars(store).items():
                if isinstance(rows, dict) and company in repr(rows):
                    found.append(f"{type(store).__name__}{name}")
        return sorted(found)


async def used_company() -> Leaving:
    """Two users with entries of either side, one that waits, a hold, an attempt to consent, secrets, a tenant."""
    stage, secrets = await make_stage(settings={"tenant": TENANT}), MemorySecrets()
    stage.severa.add(ANNA, entry("Copy in Anna's mailbox", at(8)))
    stage.severa.add(ANNA, entry("Second copy", at(9)))
    stage.severa.add(BERT, entry("Copy in Bert's mailbox", at(8)))
    stage.severa.add(ANNA, entry("In both", at(11)))
    stage.clock.advance(timedelta(seconds=1))
    stage.anna.add(entry("In both", at(11)))
    stage.anna.add(entry("Anna's own", at(12)))
    await stage.settle((ANNA, BERT))
    stage.clock.advance(timedelta(minutes=30))
    stage.anna.add(entry("Waits", at(13)))
    await stage.poll()
    await stage.work()
    await stage.storage.pairs.notice(stage.pair, [Pending(Side.MICROSOFT, "gone", hold="h")])
    await stage.storage.holds.put(Hold("h", COMPANY, ANNA, "delete", "many_deletions", MONDAY, ()))
    await stage.storage.history.append(stage.pair, [Record("r", MONDAY, Note(NoteKind.REMARK, "c", Side.SEVERA))])
    link = Link("", "e", Side.MICROSOFT)
    await stage.storage.companies.put_claim(COMPANY, Claim("k", uid="uid", lead=ANNA))
    await stage.storage.companies.begin(Intent("i", stage.pair, Side.SEVERA, "e", link, MONDAY, MONDAY))
    secrets.put(COMPANY, SEVERA_CLIENT_SECRET, "s3cret")
    secrets.put(COMPANY, EXCHANGE_PASSWORD, "passw0rd")
    await stage.storage.consents.bind_tenant(TenantBinding(TENANT, COMPANY, ANNA, "person", MONDAY))
    expires = stage.clock.now() + timedelta(minutes=9)
    attempt = ConsentAttempt("digest", COMPANY, BERT, "Acme", Step.GRANT, expires)
    await stage.storage.consents.put(attempt)
    return Leaving(stage, secrets)


async def test_everything_goes() -> None:
    """Links, history, plans, secrets, settings: nothing is left, and the answer says how much there was."""
    leaving = await used_company()
    before = [leaving.stage.subjects(user) for user in (ANNA, BERT)]
    assert leaving.left()
    counts = await leaving.removed()
    assert leaving.left() == []
    assert counts.pop("due") > 0
    assert counts == {
        "users": 2,
        "links": 6,
        "pending": 1,
        "history": 1,
        "holds": 1,
        "mailboxes": 2,
        "activities": 6,
        "intents": 1,
        "claims": 1,
        "secrets": 2,
        "tenants": 1,
        "settings": 1,
    }
    assert [leaving.stage.subjects(user) for user in (ANNA, BERT)] == before


@pytest.mark.parametrize("how", ["resync", "own switch", "company's switch", "leaving"])
async def test_p32_a_fresh_start(how: str) -> None:
    """P32: whatever a person resets, no entry of either calendar is removed or written: what is forgotten is ours."""
    stage = await make_stage()
    stage.severa.add(ANNA, entry("Copy in Anna's mailbox", at(15)))
    await stage.linked("Lunch", "Dinner")
    before = [stage.subjects(user) for user in (ANNA, BERT)]
    match how:
        case "resync":
            await resync(stage.ports, stage.pair)
        case "own switch":
            await set_user_switch(stage.ports, stage.pair, on=False)
            await set_user_switch(stage.ports, stage.pair, on=True)
        case "company's switch":
            await set_company_switch(stage.ports, COMPANY, on=False)
            await set_company_switch(stage.ports, COMPANY, on=True)
        case _:
            await Leaving(stage, MemorySecrets()).removed()
            await switch_on(stage)
    assert not any(report.written for report in await stage.settle((ANNA, BERT)))
    assert [stage.subjects(user) for user in (ANNA, BERT)] == before


async def test_everything_went_already() -> None:
    """Calling again is harmless, and says that there was nothing."""
    leaving = await used_company()
    await leaving.removed()
    again = await leaving.remove()
    assert again.finished
    assert +again.counts == {}
    assert leaving.left() == []


async def test_copies_are_asked_to_go() -> None:
    """Events that were made from activities go, and nothing else, on either side."""
    leaving = await used_company()
    activities = [leaving.stage.subjects(user)[0] for user in (ANNA, BERT)]
    counts = await leaving.removed(copies=True)
    assert counts["copies_removed"] == 3
    assert [leaving.stage.subjects(user)[1] for user in (ANNA, BERT)] == [["Anna's own", "In both", "Waits"], []]
    assert [leaving.stage.subjects(user)[0] for user in (ANNA, BERT)] == activities
    assert leaving.left() == []


async def test_a_copy_that_somebody_changed() -> None:
    """It stays: the edit would be lost. So does one with attendees now, whom Exchange would mail."""
    leaving = await used_company()
    anna = leaving.stage.anna
    edited = leaving.stage.event("Second copy")
    anna.edit(edited.id, replace(edited.essence, text="Bring the figures"))
    met = leaving.stage.event("Copy in Anna's mailbox")
    anna._held[met.id] = replace(met, is_meeting=True)
    counts = await leaving.removed(copies=True)
    assert (counts["copies_removed"], counts["copies_kept"]) == (1, 2)
    assert {"Second copy", "Copy in Anna's mailbox"} <= set(leaving.stage.subjects(ANNA)[1])


async def test_a_copy_that_somebody_deleted_or_copied() -> None:
    """What is gone is gone; the person's own copy of a copy carries no mark that counts here."""
    leaving = await used_company()
    anna = leaving.stage.anna
    anna.copy(leaving.stage.event("Second copy").id)
    [first, *_] = [event for event in anna.events() if event.essence.subject == "Second copy"]
    anna.remove(first.id)
    counts = await leaving.removed(copies=True)
    assert (counts["copies_removed"], counts.get("copies_kept", 0)) == (2, 0)
    assert leaving.stage.subjects(ANNA)[1].count("Second copy") == 1


async def test_an_event_with_the_mark_of_another_mailbox() -> None:
    """It is nobody's copy here, whatever the link says."""
    leaving = await used_company()
    mark = leaving.stage.event("Copy in Bert's mailbox", BERT).mark
    event = leaving.stage.event("Second copy")
    leaving.stage.anna._held[event.id] = replace(event, mark=mark)
    counts = await leaving.removed(copies=True)
    assert counts["copies_removed"] == 2
    assert "Second copy" in leaving.stage.subjects(ANNA)[1]


async def test_a_run_is_under_way() -> None:
    """The others go; that pair goes once its run has ended, or its lease has."""
    leaving = await used_company()
    stage = leaving.stage
    head, now = await stage.head(), stage.clock.now()
    assert await stage.storage.pairs.acquire(head, now, now + LEASE)
    first = await leaving.remove()
    assert (first.finished, first.under_way, first.counts["users"]) == (False, 1, 1)
    assert await stage.ports.companies.settings(COMPANY)
    stage.clock.advance(LEASE)
    assert (await leaving.removed())["users"] == 1
    assert leaving.left() == []


async def test_a_run_that_comes_too_late() -> None:
    """The switch is off before anything is removed: no run begins in between."""
    leaving = await used_company()
    stage, codes = leaving.stage, []

    async def runs() -> None:
        codes.append((await stage.run(BERT)).code)

    forget = stage.storage.pairs.forget

    async def forget_after_a_run(company: CompanyId, user: UserId | None = None) -> Any:
        await runs()
        return await forget(company, user)

    stage.storage.pairs.forget = forget_after_a_run  # type: ignore[method-assign]
    await leaving.removed()
    assert set(codes) == {"company_off"}


async def test_the_feed_is_being_polled() -> None:
    """Nothing is removed yet: the poll would put down pending rows after it. A failed poll's pause holds up nobody."""
    leaving = await used_company()
    companies = leaving.stage.storage.companies
    until = leaving.stage.clock.now() + timedelta(minutes=5)
    state = await companies.put_feed(COMPANY, replace(await companies.feed(COMPANY), lease_until=until))
    first = await leaving.remove()
    assert (first.finished, first.under_way, +first.counts) == (False, 1, {})
    await companies.put_feed(COMPANY, replace(state, failures=3, code="severa_unavailable"))
    assert (await leaving.remove()).finished


async def test_time_runs_out() -> None:
    """Each call stops after a minute and leaves the next one no lease to wait for; in the end all is gone."""
    leaving = await used_company()
    stage = leaving.stage
    slow = ["microsoft.delete", "pairs.forget", "history.forget", "companies.forget"] * 2

    def takes_long(moment: str) -> None:
        if (name := moment.removeprefix("after ")) in slow:
            slow.remove(name)
            stage.clock.advance(BUDGET + timedelta(seconds=1))

    stage.effects.on_effect = takes_long
    calls = [await leaving.remove(copies=True)]
    while not calls[-1].finished:
        calls.append(await leaving.remove(copies=True))
    assert len(calls) > 6
    assert all(call.under_way == 0 for call in calls)
    assert sum(call.counts["copies_removed"] for call in calls) == 3
    assert leaving.left() == []


@pytest.mark.parametrize("copies", [False, True])
async def test_a_death_at_every_effect(copies: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """The next calls finish what that one began: nothing left, the same calendars, whatever the moment."""
    count = Fate()
    wanted = await _after(count, copies=copies)
    assert count.seen > 20
    for number in range(count.seen):
        assert await _after(Fate(number), copies=copies) == wanted, f"died at {number}"


class Fate:
    """Dies at one effect, before or after it."""

    def __init__(self, at_effect: int | None = None) -> None:
        self.at_effect, self.seen = at_effect, 0

    def __call__(self, moment: str) -> None:
        self.seen += 1
        if self.seen - 1 == self.at_effect:
            raise Died(moment)


async def _after(fate: Fate, *, copies: bool) -> object:
    leaving = await used_company()
    leaving.stage.effects.on_effect = fate
    try:
        await leaving.removed(copies=copies)
    except Died:
        leaving.stage.effects.on_effect = lambda _: None
        leaving.stage.clock.advance(LEASE)
        await leaving.removed(copies=copies)
    assert leaving.left() == []
    return [leaving.stage.subjects(user) for user in (ANNA, BERT)]


async def test_microsoft_cannot_be_reached_until_somebody_acts() -> None:
    """The company is off and nothing is gone; without the copies it goes on."""
    leaving = await used_company()
    stage = leaving.stage
    stage.gateways.microsoft = _stopped(Stop("consent_missing", whole_company=True))  # type: ignore[method-assign]
    with pytest.raises(Stop, match="consent_missing"):
        await leaving.remove(copies=True)
    settings, _ = await stage.ports.companies.settings(COMPANY) or (None, "")
    assert settings is not None
    assert not settings.enabled
    assert len(await stage.ports.pairs.links(stage.pair)) > 0
    assert (await leaving.remove()).finished


def _stopped(failure: Exception) -> Callable[..., Any]:
    async def microsoft(*_: object) -> Any:
        raise failure

    return microsoft


async def test_microsoft_does_not_answer_now() -> None:
    """The answer says so and what went; the next call goes on from there."""
    leaving = await used_company()
    stage = leaving.stage
    stage.fail("before microsoft.delete", RetryLater("throttled"), times=1)
    first = await leaving.remove(copies=True)
    assert (first.finished, first.obstacle) == (False, "throttled")
    assert (await leaving.removed(copies=True))["copies_removed"] == 3


async def test_a_mailbox_that_is_closed() -> None:
    """Its copies stay, and are named as a number; the others go."""
    leaving = await used_company()
    leaving.stage.fail("before microsoft.delete", Stop("mailbox_access_denied"), times=1)
    counts = await leaving.removed(copies=True)
    assert counts["mailboxes_not_reached"] == 1
    assert counts["copies_removed"] == 1
    assert leaving.left() == []


async def test_somebody_switches_on_again_meanwhile() -> None:
    """The settings stay, with the switch; the next call switches off again and finishes."""
    leaving = await used_company()
    stage = leaving.stage

    def forgetting(moment: str) -> None:
        if moment == "after companies.forget":
            stage.effects.on_effect = lambda _: None
            settings, tag = stage.storage.companies._settings[COMPANY]
            stage.storage.companies._settings[COMPANY] = (replace(settings, enabled=True), tag)

    stage.effects.on_effect = forgetting
    assert not (await leaving.remove()).finished
    assert (await leaving.remove()).finished
    assert leaving.left() == []


async def test_another_company() -> None:
    """Nothing of it goes."""
    leaving = await used_company()
    stage = leaving.stage
    stage.gateways.connect(OTHER, stage.severa, await stage.gateways.microsoft(COMPANY, None))  # type: ignore[arg-type]
    settings, _ = await stage.ports.companies.settings(COMPANY) or (None, "")
    assert settings is not None
    await stage.ports.companies.put_settings(OTHER, settings, "")
    await set_company_switch(stage.ports, OTHER, on=True)
    await set_user_switch(stage.ports, Pair(OTHER, ANNA), on=True)
    leaving.secrets.put(OTHER, SEVERA_CLIENT_SECRET, "theirs")
    before = leaving.left(OTHER)
    await leaving.removed(copies=True)
    assert leaving.left(OTHER) == before
    assert leaving.left() == []


async def test_a_company_comes_back() -> None:
    """Copies that stayed are recognized: nothing is doubled."""
    leaving = await used_company()
    before = [leaving.stage.subjects(user) for user in (ANNA, BERT)]
    await leaving.removed()
    await switch_on(leaving.stage)
    await leaving.stage.settle((ANNA, BERT))
    assert [leaving.stage.subjects(user) for user in (ANNA, BERT)] == before
