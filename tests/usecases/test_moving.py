"""A company's mailboxes move: another organization, or another version. The same entries are in both mailboxes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.adapters.memory.microsoft import MemoryMailbox, MemoryMicrosoft
from core.model.company import Mailbox, Version
from core.model.ids import MailboxId, Side
from core.model.link import LinkState, ParkReason
from core.model.state import Pending
from core.usecases.hints import note_activity_changed
from core.usecases.report import Outcome
from core.usecases.settings import read_settings
from core.usecases.switches import set_company_switch
from tests.support.stage import ANNA, BERT, COMPANY, Stage, at, entry, make_stage

TENANT_A, TENANT_B, TENANT_C = (f"{n}{n * 7}-aaaa-4aaa-8aaa-{n * 12}" for n in "123")
WRITES = ("severa.create", "severa.update", "severa.delete", "microsoft.create", "microsoft.update", "microsoft.delete")


async def in_tenant_a(*subjects: str) -> Stage:
    """Both directions are in agreement: events that became activities, and an activity that became an event."""
    stage = await make_stage(settings={"tenant": TENANT_A})
    await stage.linked(*subjects)
    stage.severa.add(ANNA, entry("From Severa", at(15), text="Bring the plans"))
    await stage.settle()
    stage.clock.advance(timedelta(minutes=30))
    return stage


def new_mailboxes(stage: Stage, name: str = "b", *, without: tuple[str, ...] = ()) -> None:
    """Both users' mailboxes in another organization, holding what the old ones held."""
    for user in (ANNA, BERT):
        old = stage.mailboxes[user]
        mailbox = MemoryMailbox(
            Mailbox(MailboxId(f"{name}-{user[:4]}"), old.mailbox.addresses), stage.clock, effects=stage.effects
        )
        for event in old.events():
            if event.essence.subject not in without:
                mailbox.add(event.essence, mark=event.mark)
        stage.mailboxes[user] = mailbox
    stage.gateways.connect(COMPANY, stage.severa, MemoryMicrosoft(list(stage.mailboxes.values())))


async def move(stage: Stage, **changes: object) -> None:
    """The settings change, and the company is switched on again."""
    stage.clock.advance(timedelta(hours=1))
    await stage.change_settings(**(changes or {"tenant": TENANT_B}))
    stage.clock.advance(timedelta(minutes=1))
    await set_company_switch(stage.ports, COMPANY, on=True)
    stage.watch.reset()


def writes(stage: Stage) -> list[str]:
    """What was written into either calendar."""
    return [name for name in stage.watch.effects if name in WRITES]


@pytest.mark.parametrize("changes", [{"tenant": TENANT_B}, {"version": Version.EXCHANGE_SERVER}])
async def test_the_company_stops(changes: dict[str, object]) -> None:
    """Until somebody switches it on again; any other change of the settings leaves the switch alone."""
    stage = await in_tenant_a("Budget")
    await stage.change_settings(time_zone="Europe/Stockholm")
    assert (await read_settings(stage.ports, COMPANY))[0].enabled
    await stage.change_settings(**changes)
    settings, _ = await read_settings(stage.ports, COMPANY)
    assert (settings.enabled, settings.enabled_since) == (False, None)
    assert (await stage.run()).code == "company_off"


@pytest.mark.parametrize("changes", [{"tenant": TENANT_B}, {"version": Version.EXCHANGE_SERVER}])
async def test_the_same_entries_are_in_both_mailboxes(changes: dict[str, object]) -> None:
    """Nothing is copied again, nothing is deleted, nothing is written at all; then changes travel as before."""
    stage = await in_tenant_a("Budget", "Lunch", "Review")
    before = stage.subjects()
    new_mailboxes(stage)
    await move(stage, **changes)
    reports = await stage.settle()
    assert {report.outcome for report in reports} == {Outcome.DONE}
    assert stage.subjects() == before == (sorted(before[0]), sorted(before[0]))
    assert writes(stage) == []
    assert await stage.holds() == ()
    assert {link.era for link in await stage.living()} == {1}
    lunch = stage.event("Lunch")
    stage.clock.advance(timedelta(hours=1))
    stage.anna.edit(lunch.id, replace(lunch.essence, subject="Long lunch"))
    await stage.settle()
    stage.anna.remove(stage.event("Budget").id)
    await stage.settle()
    assert stage.subjects() == (["From Severa", "Long lunch", "Review"],) * 2
    assert sorted(writes(stage)) == ["severa.delete", "severa.update"]


async def test_an_entry_that_did_not_come_along() -> None:
    """Its absence proves nothing: the activity stays, and is copied into the new mailbox like any newcomer."""
    stage = await in_tenant_a("Budget", "Lunch")
    new_mailboxes(stage, without=("Lunch", "From Severa"))
    await move(stage)
    await stage.settle()
    assert stage.subjects() == (["Budget", "From Severa", "Lunch"],) * 2
    assert set(writes(stage)) == {"microsoft.create"}


async def test_an_empty_mailbox() -> None:
    """Not one activity is deleted."""
    stage = await in_tenant_a("Budget", "Lunch")
    new_mailboxes(stage, without=("Budget", "Lunch", "From Severa"))
    await move(stage)
    await stage.settle()
    assert stage.subjects() == (["Budget", "From Severa", "Lunch"],) * 2
    assert set(writes(stage)) == {"microsoft.create"}


async def test_an_edit_while_it_moved() -> None:
    """It travels: what both sides held at the last agreement is still known."""
    stage = await in_tenant_a("Budget")
    new_mailboxes(stage)
    await stage.change_settings(tenant=TENANT_B)
    activity = stage.activity("Budget")
    stage.clock.advance(timedelta(minutes=5))
    stage.severa.edit(activity.id, replace(activity.essence, subject="Budget 2027"))
    await move(stage)
    await stage.settle()
    assert stage.subjects() == (["Budget 2027", "From Severa"],) * 2
    assert writes(stage) == ["microsoft.update"]


async def test_an_activity_that_was_deleted_while_it_moved() -> None:
    """It is held for a person, as every deletion of such a time (R5)."""
    stage = await in_tenant_a("Budget", "Lunch")
    new_mailboxes(stage)
    stage.clock.advance(timedelta(minutes=5))
    await stage.change_settings(tenant=TENANT_B)
    stage.severa.remove(stage.activity("Lunch").id)
    await move(stage)
    await stage.settle()
    assert stage.subjects() == (["Budget", "From Severa"], ["Budget", "From Severa", "Lunch"])
    assert writes(stage) == []
    assert [hold.reason for hold in await stage.holds()] == ["deleted_while_off"]


async def test_there_and_back_again() -> None:
    """The first mailbox's links of old are not taken for links of now."""
    stage = await in_tenant_a("Budget", "Lunch")
    first = dict(stage.mailboxes)
    new_mailboxes(stage)
    await move(stage)
    await stage.settle()
    stage.mailboxes.update(first)
    stage.gateways.connect(COMPANY, stage.severa, MemoryMicrosoft(list(first.values())))
    await move(stage, tenant=TENANT_A)
    await stage.settle()
    assert stage.subjects() == (["Budget", "From Severa", "Lunch"],) * 2
    assert writes(stage) == []
    assert {link.era for link in await stage.living()} == {2}


async def test_a_link_at_rest() -> None:
    """An old entry that one side archived is not made anew on that side, in whichever mailbox the other end is."""
    stage = await in_tenant_a("Budget")
    stage.severa.remove(stage.activity("Budget").id)
    stage.clock.advance(timedelta(days=9))
    await stage.settle()
    link = await stage.link("Budget")
    assert (link.state, link.parked) == (LinkState.PARKED, ParkReason.ARCHIVED)
    new_mailboxes(stage)
    await move(stage)
    await stage.settle()
    assert stage.subjects() == (["From Severa"], ["Budget", "From Severa"])
    assert writes(stage) == []


async def test_an_activity_with_work_hours() -> None:
    """Its event was deleted, it stays: it is not copied into the new mailbox."""
    stage = await in_tenant_a("Budget")
    stage.severa.add(ANNA, entry("Build", at(17)), has_hours=True)
    await stage.settle()
    stage.clock.advance(timedelta(hours=1))
    stage.anna.remove(stage.event("Build").id)
    await stage.settle()
    new_mailboxes(stage)
    await move(stage)
    await stage.settle()
    assert stage.subjects() == (["Budget", "Build", "From Severa"], ["Budget", "From Severa"])
    assert writes(stage) == []


async def test_an_entry_of_long_ago() -> None:
    """It is outside the window when the pair moves, and found by its time when somebody edits it."""
    stage = await in_tenant_a("Budget")
    stage.clock.advance(timedelta(days=45))
    new_mailboxes(stage)
    await move(stage)
    await stage.settle()
    stage.clock.advance(timedelta(hours=1))
    activity = stage.activity("Budget")
    stage.severa.edit(activity.id, replace(activity.essence, text="As it was decided"))
    await note_activity_changed(stage.ports, COMPANY, ANNA, activity.id)
    await stage.settle()
    assert (await stage.link("Budget")).era == 1
    assert len(stage.anna.events()) == 2
    assert "microsoft.create" not in writes(stage)
    assert "severa.delete" not in writes(stage)


async def test_what_waited_when_it_moved() -> None:
    """Rows about events of the old mailbox are dropped, creates whose answer was lost are waited for."""
    stage = await in_tenant_a("Budget")
    old = stage.anna.events()[0].id
    await stage.ports.pairs.notice(stage.pair, [Pending(Side.MICROSOFT, old, gone=True, named=True)])
    new_mailboxes(stage)
    await move(stage)
    await stage.settle()
    assert await stage.pending() == ()
    assert writes(stage) == []


async def test_the_process_dies_while_it_moves() -> None:
    """At every effect: the next run does the rest, with the same end."""
    stage = await in_tenant_a("Budget", "Lunch")
    new_mailboxes(stage)
    await move(stage)
    await stage.run()
    count = sum(n for name, n in stage.watch.calls.items() if name.startswith(("pairs.commit", "companies.bind")))
    assert count >= 4
    for point in range(count):
        stage = await in_tenant_a("Budget", "Lunch")
        new_mailboxes(stage)
        await move(stage)
        left = [point]

        def dies(where: str, left: list[int] = left) -> None:
            if where in ("before pairs.commit", "before companies.bind_mailbox"):
                left[0] -= 1
                if left[0] < 0:
                    raise KeyboardInterrupt

        stage.watch.interrupt = dies
        with pytest.raises(KeyboardInterrupt):
            await stage.run()
        stage.watch.interrupt = None
        stage.restart()
        stage.clock.advance(timedelta(minutes=10))
        await stage.settle()
        assert stage.subjects() == (["Budget", "From Severa", "Lunch"],) * 2
        assert writes(stage) == []
        assert {link.era for link in await stage.living()} == {1}
        assert (await stage.head()).state.health.code == "ok"


async def test_it_dies_and_moves_on() -> None:
    """To a third organization, before the second one was settled in."""
    stage = await in_tenant_a("Budget", "Lunch")
    new_mailboxes(stage)
    await move(stage)
    left = [2]

    def dies(where: str) -> None:
        if where == "after pairs.commit":
            left[0] -= 1
            if left[0] < 0:
                raise KeyboardInterrupt

    stage.watch.interrupt = dies
    with pytest.raises(KeyboardInterrupt):
        await stage.run()
    stage.watch.interrupt = None
    stage.restart()
    new_mailboxes(stage, "c")
    await move(stage, tenant=TENANT_C)
    await stage.settle()
    assert stage.subjects() == (["Budget", "From Severa", "Lunch"],) * 2
    assert writes(stage) == []


async def test_a_create_whose_answer_was_lost() -> None:
    """It may still take effect: the pair moves when it cannot any more, and what it made is matched."""
    stage = await in_tenant_a("Budget")
    stage.clock.advance(timedelta(hours=1))
    stage.anna.add(entry("New", at(11)))
    stage.lose("severa.create")
    stage.clock.advance(timedelta(minutes=3))
    await stage.run()
    new_mailboxes(stage)
    await stage.change_settings(tenant=TENANT_B)
    await set_company_switch(stage.ports, COMPANY, on=True)
    stage.watch.reset()
    report = await stage.run()
    assert (report.outcome, report.code) == (Outcome.LATER, "create_not_settled")
    await stage.settle()
    assert stage.subjects() == (["Budget", "From Severa", "New"],) * 2
    assert writes(stage) == []
