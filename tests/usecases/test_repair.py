"""A resync repairs what is remembered and leads nowhere. It deletes nothing, and a second one finds nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.errors import RetryLater
from core.model.claim import Claim
from core.model.ids import Side
from core.model.link import Intent, Link, LinkState, ParkReason
from core.model.rows import Commit
from core.usecases.recorder import LEASE
from core.usecases.resync import REPAIRS, resync
from core.usecases.words_of_repair import CLAIMS, ENDS, INTENTS, LINKS, MARKS
from tests.support.stage import ANNA, BERT, COMPANY, Stage, at, entry, make_stage

YEAR = timedelta(days=365)


async def synced() -> Stage:
    """Two entries in agreement, one born on each side."""
    stage = await make_stage()
    stage.severa.add(ANNA, entry("Call"))
    await stage.linked("Lunch")
    return stage


async def repaired(stage: Stage) -> dict[str, int]:
    """A resync, and the runs that follow; what it found. No entry has gone; another one finds and writes nothing."""
    before = shown(stage)
    stage.clock.advance(timedelta(minutes=10))
    await resync(stage.ports, stage.pair)
    await stage.settle()
    found = await found_by(stage)
    assert all(set(some) <= set(now) for some, now in zip(before, shown(stage), strict=True))
    stage.clock.advance(timedelta(minutes=20))
    await resync(stage.ports, stage.pair)
    stage.watch.reset()
    reports = await stage.settle()
    assert not any(report.written for report in reports)
    assert await found_by(stage) == {}
    return found


def shown(stage: Stage) -> tuple[list[str], list[str]]:
    """The ids in both calendars."""
    return sorted(a.id for a in stage.severa.activities()), sorted(e.id for e in stage.anna.events())


async def found_by(stage: Stage) -> dict[str, int]:
    """What the last repair found. It is over."""
    repair = (await stage.head()).state.repair
    assert repair is not None
    assert repair.done is not None
    return dict(repair.found)


async def put(stage: Stage, *links: Link) -> None:
    """Remember these links, as an earlier run may have."""
    head = await stage.head()
    lease = await stage.ports.pairs.acquire(head, stage.clock.now(), stage.clock.now() + LEASE)
    assert lease is not None
    await stage.ports.pairs.release(lease, Commit(links=links))


# --- links ------------------------------------------------------------------------------------------------------------
async def test_nothing_is_wrong() -> None:
    """It finds nothing, tells nothing, and says that it was done."""
    stage = await synced()
    told = await stage.told()
    assert await repaired(stage) == {}
    assert await stage.told() == told


async def test_both_ends_are_gone_and_nobody_said_so() -> None:
    """A link that joins nothing is buried, and history says so; the others stay."""
    stage = await synced()
    link = await stage.link("Lunch")
    stage.anna.remove(link.event)
    stage.severa.remove(link.activity)
    assert await repaired(stage) == {LINKS: 1}
    assert [one.activity for one in await stage.living()] == [stage.activity("Call").id]
    assert (await stage.told()).count(LINKS) == 1


@pytest.mark.parametrize("gone", [frozenset({Side.SEVERA}), frozenset({Side.MICROSOFT}), frozenset(Side)])
async def test_ends_that_are_gone_from_before_the_window(gone: frozenset[Side]) -> None:
    """Nobody looks at old entries any more: one end gone lets the link rest, both bury it; the other end stays."""
    stage = await synced()
    link = await stage.link("Lunch")
    stage.clock.advance(YEAR)
    await stage.settle()
    if Side.SEVERA in gone:
        stage.severa.remove(link.activity)
    if Side.MICROSOFT in gone:
        stage.anna.remove(link.event)
    if len(gone) == 2:
        assert await repaired(stage) == {LINKS: 1}
        assert [one.activity for one in await stage.living()] == [stage.activity("Call").id]
        return
    assert await repaired(stage) == {ENDS: 1}
    [resting] = [one for one in await stage.living() if one.activity == link.activity]
    assert (resting.state, resting.parked, resting.missing) == (LinkState.PARKED, ParkReason.ARCHIVED, *gone)


async def test_an_old_entry_that_was_edited_on_the_side_where_it_is_left() -> None:
    """R18: an edit outlives the deletion; repair leaves what has news to the ordinary decision."""
    stage = await synced()
    link = await stage.link("Lunch")
    stage.clock.advance(timedelta(days=60))
    await stage.settle()
    stage.anna.remove(link.event)
    stage.severa.edit(link.activity, entry("Lunch", at(8), "what we ate"))
    stage.clock.advance(timedelta(minutes=10))
    await stage.poll()
    assert await stage.pending()
    await resync(stage.ports, stage.pair)
    await stage.settle()
    assert await found_by(stage) == {}
    assert stage.event("Lunch").essence.text == "what we ate"


async def test_links_of_many_years() -> None:
    """What is there needs no question of its own: old years are listed."""
    stage = await synced()
    for year in range(3):
        stage.anna.add(entry(f"Year {year}", at(9)))
        await stage.settle()
        stage.clock.advance(YEAR)
    await stage.settle()
    stage.watch.reset()
    assert await repaired(stage) == {}
    assert stage.watch.calls["microsoft.verify"] == stage.watch.calls["severa.verify"] == 0


async def test_a_link_that_a_person_discarded() -> None:
    """It leads nowhere on purpose and stays as it is, also when it is old."""
    stage = await synced()
    stage.anna.add(entry("Kept", at(15)))
    await stage.settle()
    kept = await stage.link("Kept")
    nothing = replace(kept, activity="none-abc", parked=ParkReason.DISCARDED, state=LinkState.PARKED)
    stage.severa.remove(kept.activity)
    await put(stage, replace(kept, state=LinkState.DEAD), replace(nothing, missing=Side.SEVERA))
    stage.clock.advance(YEAR)
    await stage.settle()
    before = await stage.link("Kept")
    assert await repaired(stage) == {}
    assert await stage.link("Kept") == before


async def test_a_deletion_that_nobody_told_of() -> None:
    """What was deleted on one side is an ordinary deletion: the comparison carries it over, and no repair is told."""
    stage = await synced()
    stage.severa.remove((await stage.link("Lunch")).activity)
    stage.clock.advance(timedelta(minutes=10))
    await resync(stage.ports, stage.pair)
    await stage.settle()
    assert await found_by(stage) == {}
    assert stage.subjects() == (["Call"], ["Call"])
    assert "deleted" in await stage.told()


# --- copied marks -----------------------------------------------------------------------------------------------------
async def test_p04_an_event_carries_a_copied_mark() -> None:
    """P04: it becomes an entry of its own, its owner is told why, and the original stays what it is."""
    stage = await synced()
    original = await stage.link("Call")
    copied = stage.anna.copy(stage.event("Call").id)
    stage.anna.edit(copied.id, entry("Call, again", at(14)))
    assert await repaired(stage) == {MARKS: 1}
    assert await stage.link("Call") == original
    assert (await stage.link("Call, again")).activity not in {original.activity, ""}
    [line] = [one for one in await stage.history() if one.note.code == MARKS]
    assert line.event == copied.id


async def test_p04_many_newcomers_and_some_copies() -> None:
    """Beyond twenty, one view tells all the marks."""
    stage = await synced()
    for number in range(30):
        stage.anna.add(entry(f"Event {number}", at(number / 2)))
    stage.anna.edit(stage.anna.copy(stage.event("Call").id).id, entry("Call, again", at(20)))
    stage.anna.edit(stage.anna.copy(stage.event("Call").id).id, entry("Call, later", at(22)))
    stage.watch.reset()
    assert await repaired(stage) == {MARKS: 2}
    assert stage.watch.calls["microsoft.read"] == 0


# --- claims -----------------------------------------------------------------------------------------------------------
async def meeting(stage: Stage) -> Link:
    """Anna's meeting, in agreement."""
    stage.anna.add(entry("Weekly", at(12)), is_meeting=True)
    await stage.settle()
    stage.clock.advance(timedelta(minutes=30))
    return await stage.link("Weekly")


async def break_claim(stage: Stage, key: str, **changes: object) -> None:
    """The claim as it should not be."""
    claim = await stage.ports.companies.claim(COMPANY, key)
    await stage.ports.companies.put_claim(COMPANY, replace(claim, **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("broken", ["lost", "empty", "of nothing"])
async def test_the_claim_of_a_linked_meeting(broken: str) -> None:
    """It names the activity again; the meeting is untouched."""
    stage = await synced()
    link = await meeting(stage)
    whole = await stage.ports.companies.claim(COMPANY, link.claim)
    if broken == "lost":
        await stage.ports.companies.drop_claim(COMPANY, link.claim)
    else:
        await break_claim(stage, link.claim, activity="" if broken == "empty" else "gone")
    assert await repaired(stage) == {CLAIMS: 1}
    mended = await stage.ports.companies.claim(COMPANY, link.claim)
    assert (mended.activity, mended.lead, mended.uid) == (whole.activity, whole.lead, whole.uid)
    assert await stage.link("Weekly") == link


@pytest.mark.parametrize("broken", ["nobody made it", "of nothing"])
async def test_a_claim_that_nobody_has_a_use_for(broken: str) -> None:
    """A meeting that is no more leaves no claim behind, and its activity stays gone."""
    stage = await synced()
    link = await meeting(stage)
    stage.anna.remove(link.event)
    stage.severa.remove(link.activity)
    await stage.settle()
    long_ago = stage.clock.now() - timedelta(days=1)
    activity = "" if broken == "nobody made it" else link.activity
    row = Claim(link.claim, "uid", activity, ANNA, (), BERT, long_ago)
    there = await stage.ports.companies.claim(COMPANY, link.claim)
    await stage.ports.companies.put_claim(COMPANY, replace(row, tag=there.tag))
    found = await repaired(stage)
    assert found[CLAIMS] == 1
    assert not (await stage.ports.companies.claim(COMPANY, link.claim)).tag


# --- intents ----------------------------------------------------------------------------------------------------------
async def begin(stage: Stage, source: str, base: Link, side: Side = Side.SEVERA) -> Intent:
    """An intent that was left over."""
    begun = stage.clock.now() - timedelta(hours=3)
    intent = Intent(f"left-{source[-6:]}", stage.pair, side, source, base, begun, begun + timedelta(minutes=2))
    await stage.ports.companies.begin(intent)
    return intent


async def test_an_intent_whose_link_is_recorded() -> None:
    """Only its end was missing."""
    stage = await synced()
    link = await stage.link("Lunch")
    await begin(stage, link.event, replace(link, activity=""))
    assert await repaired(stage) == {INTENTS: 1}
    assert await stage.ports.companies.intents(stage.pair) == ()


async def test_an_intent_whose_source_is_gone() -> None:
    """What it was of is nowhere: nobody makes it any more."""
    stage = await synced()
    base = replace(await stage.link("Lunch"), activity="", event="nowhere")
    await begin(stage, "nowhere", base)
    assert await repaired(stage) == {INTENTS: 1}
    assert await stage.ports.companies.intents(stage.pair) == ()


async def test_an_intent_whose_row_was_lost() -> None:
    """The create took effect and nobody remembers it: its twin is found, and nothing is doubled."""
    stage = await synced()
    stage.anna.add(entry("Visit", at(16)))
    stage.lose("severa.create")
    await stage.poll()
    await stage.run()
    [intent] = await stage.ports.companies.intents(stage.pair)
    head = await stage.head()
    lease = await stage.ports.pairs.acquire(head, stage.clock.now(), stage.clock.now() + LEASE)
    assert lease is not None
    await stage.ports.pairs.release(lease, Commit(settled=head.pending))
    stage.clock.advance(timedelta(minutes=30))
    assert await repaired(stage) == {INTENTS: 1}
    assert stage.subjects() == (["Call", "Lunch", "Visit"],) * 2
    assert (await stage.link("Visit")).event == intent.source


async def test_an_intent_that_may_still_take_effect() -> None:
    """It is left alone."""
    stage = await synced()
    link = replace(await stage.link("Lunch"), activity="", event="nowhere")
    until = stage.clock.now() + timedelta(days=1)
    await stage.ports.companies.begin(Intent("young", stage.pair, Side.SEVERA, "nowhere", link, until, until))
    assert await repaired(stage) == {}
    assert [one.id for one in await stage.ports.companies.intents(stage.pair)] == ["young"]


# --- troubles ---------------------------------------------------------------------------------------------------------
async def test_a_run_that_dies_in_between() -> None:
    """What was asked for is not forgotten: the next run compares in full once more, and repairs."""
    stage = await synced()
    link = await stage.link("Lunch")
    stage.clock.advance(YEAR)
    await stage.settle()
    stage.anna.remove(link.event)
    stage.severa.remove(link.activity)
    stage.clock.advance(timedelta(minutes=10))
    await resync(stage.ports, stage.pair)
    stage.fail("before pairs.release", RetryLater("storage_unavailable"), times=1)
    await stage.run()
    stage.clock.advance(timedelta(minutes=5))
    await stage.settle()
    assert await found_by(stage) == {LINKS: 1}


async def unavailable(*_: object) -> None:
    """What a service says that is down."""
    raise RetryLater("unavailable")


async def test_a_service_that_answers_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is taken to be gone, the run ends as with any outage, and a repair is not tried for ever."""
    stage = await synced()
    for number in range(5):
        stage.anna.add(entry(f"Old {number}", at(number)))
    await stage.settle()
    links = await stage.living()
    stage.clock.advance(YEAR)
    await stage.settle()
    for event in stage.anna.events():
        stage.anna.remove(event.id)
    stage.clock.advance(timedelta(minutes=10))
    await resync(stage.ports, stage.pair)
    monkeypatch.setattr(type(stage.anna), "verify", unavailable)
    assert (await stage.run()).code == "unavailable"
    assert {link.state for link in await stage.living()} == {LinkState.LIVE}
    assert len(await stage.living()) == len(links)
    stage.clock.advance(REPAIRS)
    report = await stage.run()
    assert (report.code, report.full) == ("", False)


async def test_more_than_one_run_has_time_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next run goes on; until then the repair is not over."""
    stage = await synced()
    link = await stage.link("Lunch")
    stage.anna.remove(link.event)
    stage.severa.remove(link.activity)
    stage.clock.advance(timedelta(minutes=10))
    await resync(stage.ports, stage.pair)
    with monkeypatch.context() as patched:
        patched.setattr("core.usecases.repair.TIME", timedelta(0))
        report = await stage.run()
    repair = (await stage.head()).state.repair
    assert repair is not None
    assert (report.again, repair.done) == (stage.clock.now(), None)
    await stage.settle()
    assert await found_by(stage) in ({}, {LINKS: 1})
    assert [one.activity for one in await stage.living()] == [stage.activity("Call").id]
