"""Who is served, and when."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.errors import RetryLater, Stop
from core.model.company import CompanySettings, SyncWhile
from core.model.ids import Pair
from core.usecases.hints import PAIRS, PAIRS_FIRST, hint, note_presence
from core.usecases.report import Outcome
from core.usecases.settings import save_settings
from core.usecases.status import own_status
from core.usecases.switches import set_company_switch, set_user_switch
from core.usecases.words import words
from tests.support.stage import ANNA, BERT, COMPANY, at, entry, make_stage, quiet_stage
from tests.support.theatre import Died


async def test_the_users_switch_needs_the_companys() -> None:
    """R2: it can be turned on only while the company's is on; off is always possible."""
    stage = await make_stage()
    await set_user_switch(stage.ports, stage.pair, on=False)
    await set_company_switch(stage.ports, COMPANY, on=False)
    with pytest.raises(Stop, match="company_off"):
        await set_user_switch(stage.ports, stage.pair, on=True)
    await set_user_switch(stage.ports, stage.pair, on=False)


async def test_the_companys_switch_needs_settings() -> None:
    """R2: a company that is not set up cannot be switched on."""
    stage = await make_stage(first_run=False)
    with pytest.raises(Stop, match="not_connected"):
        await set_company_switch(stage.ports, COMPANY, on=True)


async def test_switching_on_starts_the_first_sync_at_once() -> None:
    """R2: a message waits in the lane of first syncs before the call returns; live changes have the other lane."""
    stage = await make_stage()
    assert stage.messages(PAIRS_FIRST) == 2
    assert stage.messages(PAIRS) == 0
    stage.anna.add(entry("Lunch"))
    [first, *_] = await stage.deliver()
    assert first.first
    stage.clock.advance(timedelta(hours=1))
    await note_presence(stage.ports, stage.pair)
    assert stage.messages(PAIRS) == 1


async def test_p54_a_newly_connected_user() -> None:
    """P54: who switches on is told at once that the first sync is under way, and sees both calendars filled by it."""
    stage = await make_stage()
    stage.anna.add(entry("Lunch"))
    stage.severa.add(ANNA, entry("Visit", at(14)))
    status = (await own_status(stage.ports, stage.pair)).pair
    assert status.code == "first_sync"
    assert words(status.code).sentence
    began = stage.clock.now()
    await stage.deliver()
    assert stage.clock.now() - began < timedelta(seconds=10)
    assert stage.subjects() == (["Lunch", "Visit"], ["Lunch", "Visit"])
    assert (await own_status(stage.ports, stage.pair)).pair.code == "ok"


async def test_the_companys_switch_stops_everything_at_once() -> None:
    """R2, R5: nobody is served, the feed is not read, links are kept; on again, everybody is looked at."""
    stage = await make_stage()
    await stage.linked("Lunch")
    await stage.deliver()
    links = await stage.living()
    await set_company_switch(stage.ports, COMPANY, on=False)
    stage.severa.edit(stage.activity("Lunch").id, entry("Long lunch", at(8)))
    assert await stage.poll() == 0
    assert (await stage.run()).code == "company_off"
    assert await stage.living() == links
    stage.clock.advance(timedelta(hours=1))
    before = stage.messages()
    await set_company_switch(stage.ports, COMPANY, on=True)
    assert stage.messages() == before + 2
    await stage.settle()
    assert stage.subjects() == (["Long lunch"], ["Long lunch"])


async def test_the_companys_switch_stops_a_run_under_way() -> None:
    """R5: at once means within ten seconds, also in the middle of a first sync; what was written is linked."""
    stage = await make_stage()
    for number in range(30):
        stage.anna.add(entry(f"Entry {number}", at(8 + number / 10)))
    found = await stage.ports.companies.settings(COMPANY)
    assert found is not None

    def slow(point: str) -> None:
        if point != "after severa.create":
            return
        stage.clock.advance(4)
        if len(stage.severa.activities(ANNA)) == 5:
            stage.storage.companies._settings[COMPANY] = (replace(found[0], enabled=False), found[1])

    stage.watch.interrupt = slow
    report = await stage.run()
    assert (report.outcome, report.code) == (Outcome.STOPPED, "company_off")
    assert 5 <= len(stage.severa.activities(ANNA)) <= 12
    assert len(await stage.living()) == len(stage.severa.activities(ANNA))


@pytest.mark.parametrize("what", ["the company's switch", "time"])
async def test_what_arrives_during_a_run_that_is_to_end(what: str) -> None:
    """The company's switch stops the run before its next round, and so does its time: a fresh message goes on then."""
    stage = await quiet_stage("Lunch")
    release = stage.storage.pairs.release

    async def late(*args: object) -> object:
        stage.storage.pairs.release = release  # type: ignore[method-assign]
        await hint(stage.ports, stage.pair)
        stage.anna.edit(stage.event("Lunch").id, entry("Lunch", at(8), "edited"))
        if what == "time":
            stage.clock.advance(timedelta(minutes=5))
        else:
            await set_company_switch(stage.ports, COMPANY, on=False)
        return await release(*args)  # type: ignore[arg-type]

    stage.storage.pairs.release = late  # type: ignore[method-assign, assignment]
    report = await stage.run()
    assert (report.outcome, report.arrived) == (Outcome.DONE, True)
    assert stage.activity("Lunch").essence.text == ""


async def test_a_switch_that_is_put_where_it_is_already() -> None:
    """Nothing changes: above all not since when it is on, which decides what was deleted meanwhile (R5)."""
    stage = await make_stage()
    await stage.linked("Lunch")
    since = (await stage.head()).switch.since
    settings = await stage.storage.companies.settings(COMPANY)
    stage.clock.advance(timedelta(days=1))
    await set_user_switch(stage.ports, stage.pair, on=True)
    await set_company_switch(stage.ports, COMPANY, on=True)
    assert (await stage.head()).switch.since == since
    assert await stage.storage.companies.settings(COMPANY) == settings


@pytest.mark.parametrize(
    "effect",
    ["companies.put_settings", "due.put", "pairs.set_hint", "queues.put", "pairs.set_switch", "companies.put_member"],
)
@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_crash_while_switching_on(effect: str, when: str) -> None:
    """The call made again does all of it: nobody is on and in no book."""
    stage = await make_stage(first_run=False)
    await save_settings(stage.ports, COMPANY, CompanySettings(), "")
    stage.anna.add(entry("Lunch"))
    stage.fail(f"{when} {effect}", Died("here"), times=1)
    for _ in range(3):
        try:
            await set_company_switch(stage.ports, COMPANY, on=True)
            await set_user_switch(stage.ports, stage.pair, on=True)
        except Died:
            continue
        break
    await stage.work(minutes=6)
    await note_presence(stage.ports, stage.pair)
    await stage.work(minutes=14)
    assert stage.subjects()[0] == ["Lunch"]


async def test_p09_everything_is_connected_once_more() -> None:
    """P09: off and on again, by the company and by the user, is the same pair with the same links: nothing is made."""
    stage = await make_stage()
    await stage.linked("Lunch", "Dinner")
    before = await stage.living()
    for on in (False, True):
        await set_user_switch(stage.ports, stage.pair, on=on)
    for on in (False, True):
        await set_company_switch(stage.ports, COMPANY, on=on)
    reports = await stage.settle()
    assert not any(report.written for report in reports)
    assert {link.activity for link in await stage.living()} == {link.activity for link in before}
    assert len([m for m in await stage.ports.companies.members(COMPANY) if m.user == ANNA]) == 1


async def test_p25_a_user_opts_out() -> None:
    """P25, R5: nothing is deleted on either side, nothing travels any more, and the feed does not think of them."""
    stage = await make_stage()
    await stage.linked("Lunch")
    await set_user_switch(stage.ports, stage.pair, on=False)
    stage.severa.edit(stage.activity("Lunch").id, entry("Long lunch", at(8)))
    stage.anna.add(entry("New", at(15)))
    assert await stage.poll() == 0
    report = await stage.run()
    assert (report.outcome, report.code) == (Outcome.SKIPPED, "switched_off")
    assert stage.subjects() == (["Long lunch"], ["Lunch", "New"])


# --- presence ---------------------------------------------------------------------------------------------------------
async def test_a_user_who_is_not_logged_in() -> None:
    """R3: what is noticed is kept, not served; when presence returns it is served at once."""
    stage = await make_stage()
    await stage.linked("Lunch")
    await stage.deliver()
    await stage.change_settings(sync_while=SyncWhile.LOGGED_IN)
    stage.severa.edit(stage.activity("Lunch").id, entry("Long lunch", at(8)))
    await stage.poll()
    reports = await stage.work(minutes=10)
    assert {r.code for r in reports} == {"not_logged_in"}
    assert len(await stage.pending()) == 1
    assert await note_presence(stage.ports, stage.pair)
    [report] = await stage.deliver()
    assert report.written == {"updated_microsoft": 1}


async def test_presence_lasts_fifteen_minutes() -> None:
    """R3: after the last sign of life."""
    stage = await make_stage(settings={"sync_while": SyncWhile.LOGGED_IN})
    await stage.run()
    await note_presence(stage.ports, stage.pair)
    for minutes in (10, 10, 14):
        stage.clock.advance(timedelta(minutes=minutes))
        assert (await stage.run()).outcome is Outcome.DONE
        if minutes == 10:
            await note_presence(stage.ports, stage.pair)
    stage.clock.advance(timedelta(minutes=1, seconds=1))
    assert (await stage.run()).code == "not_logged_in"


async def test_a_first_sync_that_has_started_finishes() -> None:
    """R3: also when the user logs out in the middle of it."""
    stage = await make_stage(settings={"sync_while": SyncWhile.LOGGED_IN})
    for number in range(30):
        stage.anna.add(entry(f"Event {number}", at(number / 2)))

    def slow(point: str) -> None:
        if point == "before severa.create":
            stage.clock.advance(timedelta(seconds=20))

    stage.watch.interrupt = slow
    reports = await stage.work(minutes=60)
    assert len(stage.severa.activities()) == 30
    assert len([r for r in reports if r.written]) > 1
    assert {r.code for r in await stage.work(minutes=400)} <= {"not_logged_in"}


async def test_a_first_sync_that_has_not_started() -> None:
    """R3: a user who was gone before it began is served on return."""
    stage = await make_stage(settings={"sync_while": SyncWhile.LOGGED_IN})
    stage.clock.advance(timedelta(minutes=20))
    assert {r.code for r in await stage.deliver()} == {"not_logged_in"}


async def test_presence_of_somebody_whose_switch_is_off() -> None:
    """Nothing is stored and nothing is asked for."""
    stage = await make_stage(first_run=False)
    stage.watch.reset()
    assert not await note_presence(stage.ports, Pair(COMPANY, BERT))
    assert stage.watch.effects == []


async def test_p57_the_first_change_after_a_long_idle_time() -> None:
    """P57: after a night away the first navigation serves everything at once, whatever pause was running."""
    stage = await make_stage(settings={"sync_while": SyncWhile.LOGGED_IN})
    await stage.linked("Lunch")
    await stage.deliver()
    stage.fail("before pairs.commit", RetryLater("storage_unavailable"))
    await note_presence(stage.ports, stage.pair)
    await stage.work(minutes=14)
    stage.watch.interrupt = None
    stage.clock.advance(timedelta(hours=12))
    stage.severa.edit(stage.activity("Lunch").id, entry("Long lunch", at(8)))
    await stage.poll()
    await note_presence(stage.ports, stage.pair)
    await stage.deliver()
    assert stage.subjects()[1] == ["Long lunch"]
