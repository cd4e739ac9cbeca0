"""States that a person has to end, and runs that lose their pair to another one."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from core.adapters.memory.microsoft import MemoryMailbox, MemoryMicrosoft
from core.adapters.memory.severa import STANDARD_TYPES
from core.adapters.memory.undetermined import ManualClock
from core.model.company import CompanySettings, Mailbox, SeveraUser
from core.model.ids import CompanyId, MailboxId, Pair
from core.model.rows import Commit
from core.model.sighting import Category
from core.model.state import Lease, Switch
from core.usecases.report import Outcome
from core.usecases.run import run_pair
from core.usecases.words import waits_for_a_person
from tests.support.stage import ANNA, BERT, COMPANY, Stage, at, entry, make_stage


def give(stage: Stage, *mailboxes: MemoryMailbox) -> None:
    """The company's directory knows these mailboxes."""
    stage.gateways.connect(COMPANY, stage.severa, MemoryMicrosoft([*stage.mailboxes.values(), *mailboxes]))


def mailbox(stage: Stage, name: str, *addresses: str) -> MemoryMailbox:
    """A mailbox."""
    return MemoryMailbox(Mailbox(MailboxId(name), addresses), stage.clock)


@pytest.mark.parametrize(
    ("user", "code"),
    [
        (None, "user_not_found"),
        (SeveraUser(ANNA, ("anna@example.org",), is_active=False), "user_not_active"),
        (SeveraUser(ANNA, ()), "mailbox_not_found"),
        (SeveraUser(ANNA, ("nobody@example.org",)), "mailbox_not_found"),
    ],
)
async def test_a_user_without_a_mailbox(user: SeveraUser | None, code: str) -> None:
    """R1: the pair stops and says why, in words; nothing is written."""
    stage = await make_stage()
    stage.anna.add(entry("Lunch"))
    stage.severa.users_by_id.pop(ANNA)
    if user is not None:
        stage.severa.users_by_id[ANNA] = user
    report = await stage.run()
    assert (report.outcome, report.code, report.again) == (Outcome.STOPPED, code, None)
    assert (await stage.head()).state.health.code == code
    assert waits_for_a_person(code)
    assert stage.severa.activities() == ()


async def test_a_mailbox_by_its_secondary_address() -> None:
    """R1: compared without case; the pair is bound to the mailbox's stable id."""
    stage = await make_stage()
    box = mailbox(stage, "mailbox-x", "a.smith@example.org", "Anna.Smith@Example.org")
    give(stage, box)
    stage.severa.users_by_id[ANNA] = SeveraUser(ANNA, ("anna.smith@EXAMPLE.org",))
    box.add(entry("Lunch"))
    await stage.run()
    assert (await stage.head()).state.mailbox == "mailbox-x"
    assert stage.subjects()[0] == ["Lunch"]


async def test_an_address_that_leads_to_another_mailbox_later() -> None:
    """R1: the pair stops and asks; old links are never applied to a new mailbox; set back, it goes on."""
    stage = await make_stage()
    await stage.linked("Lunch")
    box = mailbox(stage, "mailbox-new", "anna@example.org")
    box.add(entry("Other"))
    gone, stage.mailboxes[ANNA].mailbox = stage.anna.mailbox, Mailbox(MailboxId("mailbox-anna"), ("old@example.org",))
    give(stage, box)
    stage.clock.advance(timedelta(days=8))
    report = await stage.run()
    assert (report.outcome, report.code) == (Outcome.STOPPED, "mailbox_changed")
    assert len(stage.severa.activities()) == len(box.events()) == 1
    stage.mailboxes[ANNA].mailbox = gone
    give(stage)
    stage.clock.advance(timedelta(minutes=2))
    assert (await stage.run()).outcome is Outcome.DONE
    assert (await stage.head()).state.health.code == "ok"


async def test_a_mailbox_that_two_users_answer_to() -> None:
    """R1: one mailbox belongs to one user of a company; the second is refused, and keeps being refused."""
    stage = await make_stage()
    await stage.run(ANNA)
    stage.severa.users_by_id[BERT] = SeveraUser(BERT, ("anna@example.org",))
    for _ in range(2):
        report = await stage.run(BERT)
        assert (report.outcome, report.code) == (Outcome.STOPPED, "mailbox_taken")
        stage.clock.advance(timedelta(minutes=2))
    assert (await stage.head(BERT)).state.health.failures == 2


async def test_a_company_without_a_type_for_events() -> None:
    """R10: without an active calendar type nothing can be created: the company stops, and says so."""
    types = [kind for kind in STANDARD_TYPES if kind.category is not Category.CALENDAR_ENTRY]
    stage = await make_stage(severa={"types": types})
    stage.anna.add(entry("Lunch"))
    report = await stage.run()
    assert (report.outcome, report.code) == (Outcome.STOPPED, "no_default_type")


@pytest.mark.parametrize(
    ("own", "company", "given"),
    [("type-call", "", "type-call"), ("", "type-call", "type-call"), ("type-personal", "type-task", "type-meeting")],
)
async def test_the_default_type(own: str, company: str, given: str) -> None:
    """R10: the user's, else the company's, else the default of calendar entries; never a private one or a task."""
    stage = await make_stage(settings={"default_type": company})
    stage.severa.users_by_id[ANNA] = replace(stage.severa.users_by_id[ANNA], default_type=own)
    stage.anna.add(entry("Lunch"))
    await stage.run()
    assert stage.activity("Lunch").type_id == given


async def test_a_company_that_was_never_connected() -> None:
    """Settings without a connection stop the pair in words; no settings at all skip it."""
    stage = await make_stage(first_run=False)
    assert (await stage.run()).code == "company_off"
    nowhere = CompanyId("nowhere")
    await stage.storage.companies.put_settings(nowhere, CompanySettings(enabled=True), "")
    pair = Pair(nowhere, ANNA)
    await stage.storage.pairs.set_switch(pair, Switch(on=True, since=stage.clock.now()))
    await stage.ports.pairs.set_hint(
        pair, (await stage.ports.pairs.head(pair)).hint, stage.clock.now() + timedelta(hours=1)
    )
    report = await run_pair(stage.ports, pair)
    assert (report.outcome, report.code) == (Outcome.STOPPED, "not_connected")


# --- leases -----------------------------------------------------------------------------------------------------------
async def test_a_busy_pair() -> None:
    """Another run has it: this one does nothing, and comes back in a moment."""
    stage = await make_stage()
    now = stage.clock.now()
    await stage.ports.pairs.acquire(await stage.head(), now, now + timedelta(minutes=3))
    report = await stage.run()
    assert (report.outcome, report.again) == (Outcome.BUSY, now + timedelta(seconds=5))


async def test_a_run_that_died_holds_the_pair_until_its_lease_ends() -> None:
    """After that the next run takes over."""
    stage = await make_stage()
    now = stage.clock.now()
    await stage.ports.pairs.acquire(await stage.head(), now, now + timedelta(minutes=3))
    stage.clock.advance(timedelta(minutes=3, seconds=1))
    assert (await stage.run()).outcome is Outcome.DONE


@pytest.mark.parametrize(
    "point", ["before severa.create", "after severa.create", "before pairs.commit", "before microsoft.create"]
)
async def test_a_run_that_was_taken_over(point: str) -> None:
    """It writes nothing more: not into the pair's partition, and no further effect on either calendar."""
    stage = await make_stage()
    for number in range(8):
        stage.anna.add(entry(f"Event {number}", at(8 + number)))
        stage.severa.add(ANNA, entry(f"Activity {number}", at(8 + number)))
    after: list[str] = []

    def interrupt(at_point: str) -> None:
        held = stage.storage.pairs._of(stage.pair)
        if held.tag == "somebody else":
            after.append(at_point)
        elif at_point == point:
            held.tag, held.epoch = "somebody else", held.epoch + 1

    stage.watch.interrupt = interrupt
    report = await stage.run()
    assert (report.outcome, report.code) == (Outcome.TAKEN_OVER, "lease_lost")
    assert len([effect for effect in after if effect.endswith("create") and effect.startswith("before")]) <= 2
    assert "after pairs.commit" not in after
    assert "before companies.begin" not in after[4:]
    stage.watch.interrupt = None
    stage.clock.advance(timedelta(minutes=10))
    await stage.settle()
    assert len(stage.severa.activities()) == len(stage.anna.events()) == len(await stage.living()) == 16


async def test_a_run_that_was_taken_over_when_it_gave_the_lease_back() -> None:
    """It ends as taken over."""
    stage = await make_stage()

    def interrupt(point: str) -> None:
        if point == "before pairs.release":
            stage.storage.pairs._of(stage.pair).tag = "somebody else"

    stage.watch.interrupt = interrupt
    assert (await stage.run()).outcome is Outcome.TAKEN_OVER


async def test_the_lease_outlives_every_request() -> None:
    """No remote call starts while what is left of the lease is shorter than the call may take (design.md section 5)."""
    stage = await make_stage()
    for number in range(12):
        stage.anna.add(entry(f"Event {number}", at(8 + number / 2)))
        stage.severa.add(ANNA, entry(f"Activity {number}", at(8 + number / 2)))
    left = []

    def interrupt(point: str) -> None:
        if point in ("before severa.create", "before microsoft.create"):
            until = stage.storage.pairs._of(stage.pair).lease_until
            assert until is not None
            left.append((until - stage.clock.now()).total_seconds())
            stage.clock.advance(timedelta(seconds=25))

    stage.watch.interrupt = interrupt
    while (await stage.run()).again:
        pass
    assert len(left) == 24
    assert min(left) >= 30


async def test_something_arrives_during_a_run() -> None:
    """The run looks again at once, and its report counts both rounds."""
    stage = await make_stage()
    stage.anna.add(entry("Lunch"))

    def arrive() -> None:
        stage.severa.add(ANNA, entry("Call", at(12)))

    stage.meddle("after severa.create", arrive)
    notice = stage.storage.pairs

    async def hinted(*args: object) -> object:
        answer = await real(*args)  # type: ignore[arg-type]
        if "Call" in stage.subjects()[0] and not done:
            done.append(True)
            await stage.poll()
        return answer

    done: list[bool] = []
    real, notice.commit = notice.commit, hinted  # type: ignore[method-assign, assignment]
    report = await stage.run()
    assert report.written == {"created_severa": 1, "created_microsoft": 1}
    assert report.outcome is Outcome.DONE
    assert not report.arrived
    assert report.first


async def test_a_commit_is_never_too_large() -> None:
    """A thousand pending entries are written in transactions that a table can hold."""
    stage = await make_stage()
    for number in range(400):
        stage.anna.add(entry(f"Event {number}", at(number / 10)))
        stage.severa.add(ANNA, entry(f"Event {number}", at(number / 10)))
    sizes = []
    real = stage.storage.pairs.commit

    async def measured(lease: object, until: object, change: Commit) -> object:
        sizes.append(2 * len(change.links) + len(change.settled) + len(change.pending))
        return await real(lease, until, change)  # type: ignore[arg-type]

    stage.storage.pairs.commit = measured  # type: ignore[method-assign, assignment]
    report = await stage.run()
    assert report.linked == {"matched": 400}
    assert max(sizes) <= 90
    assert len(sizes) < 45


# --- clocks that differ -----------------------------------------------------------------------------------------------
async def test_a_process_whose_clock_is_ahead() -> None:
    """It takes a pair over too early, in the middle of a write: the earlier run writes no more, nothing is doubled."""
    stage = await make_stage()
    for number in range(4):
        stage.anna.add(entry(f"Event {number}", at(8 + number)))
    ahead = replace(stage.ports, clock=ManualClock(stage.clock.now() + timedelta(minutes=4)))
    commit, others = stage.storage.pairs.commit, list[Outcome]()

    async def overtaken(lease: Lease, until: datetime, change: Commit) -> Lease:
        if change.links and not others:
            others.append(Outcome.BUSY)
            others.append((await run_pair(ahead, stage.pair)).outcome)
        return await commit(lease, until, change)

    stage.storage.pairs.commit = overtaken  # type: ignore[method-assign]
    assert (await stage.run()).outcome is Outcome.TAKEN_OVER
    assert others[1] is not Outcome.BUSY
    stage.clock.advance(timedelta(minutes=10))
    await stage.settle()
    assert len(stage.severa.activities()) == len(stage.anna.events()) == len(await stage.living()) == 4


async def test_a_process_whose_clock_is_behind() -> None:
    """It takes a lease that ran out to be held for longer than it is, and comes back until it is over there, too."""
    stage = await make_stage()
    stage.anna.add(entry("Lunch"))
    now = stage.clock.now()
    await stage.ports.pairs.acquire(await stage.head(), now, now + timedelta(minutes=3))
    slow = ManualClock(now)
    behind = replace(stage.ports, clock=slow)
    stage.clock.advance(timedelta(minutes=4))
    assert (await run_pair(behind, stage.pair)).outcome is Outcome.BUSY
    slow.advance(timedelta(minutes=4))
    assert (await run_pair(behind, stage.pair)).outcome is Outcome.DONE
    assert len(stage.severa.activities()) == 1
