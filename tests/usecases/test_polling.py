"""R3: a mailbox on an Exchange Server tells of no change, so it is looked at: often while somebody is at work there."""

from datetime import datetime, timedelta

import pytest

from core.model.company import SyncWhile, Version
from core.model.ids import Pair
from core.usecases.book import next_poll
from core.usecases.hints import note_presence
from core.usecases.report import Outcome
from core.usecases.switches import set_user_switch
from tests.support.stage import ANNA, BERT, COMPANY, MONDAY, Stage, at, entry, make_stage

PAIR = Pair(COMPANY, ANNA)


async def exchange(sync_while: SyncWhile, *subjects: str) -> Stage:
    """A company with an Exchange Server, Bert's switch off; hours have gone by since anything happened."""
    stage = await make_stage(settings={"version": Version.EXCHANGE_SERVER, "sync_while": sync_while})
    await stage.linked(*subjects)
    await set_user_switch(stage.ports, Pair(COMPANY, BERT), on=False)
    await stage.work(minutes=6 * 60)
    return stage


async def looks(stage: Stage, minutes: float) -> list[int]:
    """The minutes of the hour at which Anna's mailbox was looked at."""
    seen: list[int] = []
    for _ in range(round(minutes)):
        before = stage.watch.calls["microsoft.changes"]
        await stage.work(minutes=1)
        seen += [stage.clock.now().minute] * (stage.watch.calls["microsoft.changes"] - before)
    return seen


async def test_a_user_who_is_there() -> None:
    """A look every minute, each of one request, until fifteen minutes after the last sign of life; then none at all."""
    stage = await exchange(SyncWhile.LOGGED_IN, "Lunch")
    assert await looks(stage, 60) == []
    await note_presence(stage.ports, stage.pair)
    await stage.deliver()
    stage.clock.advance(timedelta(seconds=40))
    await stage.deliver()
    await stage.work(minutes=1)
    stage.watch.reset()
    assert len(await looks(stage, 10)) == 10
    assert stage.watch.of("severa", "microsoft", "company") == 10 + stage.watch.calls["company.changes"]
    assert len(await looks(stage, 10)) <= 5
    assert await looks(stage, 60) == []


async def test_an_edit_while_the_user_is_there() -> None:
    """It is on the other side within a minute, although nobody told of it."""
    stage = await exchange(SyncWhile.LOGGED_IN, "Lunch")
    await note_presence(stage.ports, stage.pair)
    await stage.work(minutes=3)
    stage.anna.edit(stage.event("Lunch").id, entry("Lunch", at(8), "edited"))
    await stage.work(minutes=1)
    assert stage.activity("Lunch").essence.text == "edited"


async def test_nobody_is_there() -> None:
    """`always`: a look every quarter of an hour; after a change every minute, and then more and more rarely."""
    stage = await exchange(SyncWhile.ALWAYS, "Lunch")
    assert len(await looks(stage, 120)) == 8
    stage.anna.edit(stage.event("Lunch").id, entry("Lunch", at(8), "edited"))
    assert 8 <= len(await looks(stage, 75)) <= 13
    assert stage.activity("Lunch").essence.text == "edited"
    assert len(await looks(stage, 120)) == 8


async def test_a_change_in_severa_while_nobody_is_there() -> None:
    """It is a sign of life, too: the mailbox is looked at in a minute."""
    stage = await exchange(SyncWhile.ALWAYS, "Lunch")
    stage.severa.edit(stage.activity("Lunch").id, entry("Lunch", at(8), "edited"))
    await stage.work(minutes=1)
    assert stage.event("Lunch").essence.text == "edited"
    assert len(await looks(stage, 3)) >= 2


async def test_a_user_who_is_away_with_something_pending() -> None:
    """It is kept, nobody looks, and it is served when they are back."""
    stage = await exchange(SyncWhile.LOGGED_IN, "Lunch")
    stage.severa.edit(stage.activity("Lunch").id, entry("Lunch", at(8), "edited"))
    assert await looks(stage, 60) == []
    assert len(await stage.pending()) == 1
    await note_presence(stage.ports, stage.pair)
    [report, *_] = await stage.deliver()
    assert (report.outcome, stage.event("Lunch").essence.text) == (Outcome.DONE, "edited")


@pytest.mark.parametrize(
    ("quiet", "ahead"), [(-10, 1), (0, 1), (1.9, 1), (2, 2), (4, 4), (7, 4), (8, 8), (15, 15), (500, 15)]
)
def test_how_often(quiet: float, ahead: int) -> None:
    """As long as it has been quiet already, between a minute and a quarter of an hour, always in the same minutes."""
    busy = MONDAY - timedelta(minutes=quiet)
    first = next_poll(PAIR, MONDAY, busy, None)
    assert first == next_poll(PAIR, MONDAY, None, busy) == next_poll(PAIR, first - timedelta(seconds=1), busy, busy)
    assert MONDAY < first <= MONDAY + timedelta(minutes=ahead)
    assert next_poll(PAIR, first, first - timedelta(minutes=quiet), None) == first + timedelta(minutes=ahead)


def test_nobody_ever_came() -> None:
    """The look that every pair gets."""
    later: datetime = next_poll(PAIR, MONDAY, None, None)
    assert next_poll(PAIR, later, None, None) == later + timedelta(minutes=15)
