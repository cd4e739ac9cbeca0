"""A hint row says that a message is on its way, and none comes: the sweep sees that within two minutes."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from core.model.rows import Due
from core.usecases.hints import PAIRS, hint, note_activity_changed, note_presence
from core.usecases.report import Outcome
from core.usecases.sweep import sweep
from tests.support.stage import ANNA, COMPANY, Stage, at, entry, quiet_stage
from tests.support.theatre import Died

SOON = 2.5
"""Minutes."""


async def _hint(stage: Stage) -> None:
    await hint(stage.ports, stage.pair)


async def _presence(stage: Stage) -> None:
    await note_presence(stage.ports, stage.pair)


async def _word(stage: Stage) -> None:
    await note_activity_changed(stage.ports, COMPANY, ANNA, stage.activity("Lunch").id)


ASKS = [_hint, _presence, _word]


async def book(stage: Stage) -> list[Due]:
    """What is in the book for the coming hours."""
    return [due async for due in stage.storage.due.until(stage.clock.now() + timedelta(hours=12))]


async def between_looks(stage: Stage) -> None:
    """The pair's regular look was just now; its user is there, for a while already."""
    await stage.work(minutes=16)
    await note_presence(stage.ports, stage.pair)
    while not any(r.outcome is Outcome.DONE for r in await stage.work(minutes=1)):
        pass
    await stage.work(minutes=3)


@pytest.mark.parametrize("ask", ASKS)
@pytest.mark.parametrize("dies", ["after pairs.set_hint", "before queues.put"])
async def test_the_process_dies_before_its_message(ask: Callable[[Stage], Awaitable[None]], dies: str) -> None:
    """The change does not wait for the next regular look."""
    stage = await quiet_stage("Lunch")
    await between_looks(stage)
    stage.anna.edit(stage.event("Lunch").id, entry("Lunch", at(8), "at once"))
    stage.fail(dies, Died("here"), times=1)
    with pytest.raises(Died):
        await ask(stage)
    stage.restart()
    await stage.work(minutes=SOON)
    assert stage.activity("Lunch").essence.text == "at once"


async def test_the_message_is_lost_and_more_hints_come_in() -> None:
    """They trust in it, and heal with it."""
    stage = await quiet_stage("Lunch")
    await between_looks(stage)
    await hint(stage.ports, stage.pair)
    assert stage.storage.queues.take(PAIRS, stage.clock.now())
    stage.clock.advance(timedelta(seconds=40))
    stage.anna.edit(stage.event("Lunch").id, entry("Lunch", at(8), "at once"))
    assert not await hint(stage.ports, stage.pair)
    await stage.work(minutes=SOON)
    assert stage.activity("Lunch").essence.text == "at once"


async def test_the_sweep_dies_before_the_message_of_a_regular_look() -> None:
    """The next one hands out the same row, sees later whether a message has come, and whoever hints meanwhile heals."""
    stage = await quiet_stage("Lunch")
    stage.clock.advance(timedelta(minutes=16))
    stage.fail("before queues.put", Died("here"), times=3)
    with pytest.raises(Died):
        await sweep(stage.ports)
    stage.restart()
    stage.anna.edit(stage.event("Lunch").id, entry("Lunch", at(8), "at once"))
    await hint(stage.ports, stage.pair)
    await stage.work(minutes=SOON + 1)
    assert stage.activity("Lunch").essence.text == "at once"


@pytest.mark.parametrize("ask", ASKS)
async def test_the_message_comes_as_it_should(ask: Callable[[Stage], Awaitable[None]]) -> None:
    """One run, one more look where it found nothing, and the book is as it was."""
    stage = await quiet_stage("Lunch")
    await between_looks(stage)
    before = {(due.user, due.late) for due in await book(stage)}
    await ask(stage)
    stage.watch.reset()
    reports = await stage.work(minutes=SOON)
    assert len([r for r in reports if r.outcome is Outcome.DONE]) <= 2
    assert stage.watch.calls["microsoft.changes"] <= 2
    assert {(due.user, due.late) for due in await book(stage)} == before


async def test_messages_that_wait_in_a_long_queue() -> None:
    """One more is sent after a minute, and then one in five minutes: the queue does not become longer by itself."""
    stage = await quiet_stage("Lunch")
    await between_looks(stage)
    await hint(stage.ports, stage.pair)
    sent = []
    for _ in range(14):
        sent.append(stage.messages(PAIRS))
        stage.clock.advance(timedelta(minutes=1))
        await sweep(stage.ports)
    assert (sent[0], sent[3], sent[-1]) == (1, 2, 4)
    await stage.work(minutes=6)
    assert stage.messages(PAIRS) == 0
    assert not [due for due in await book(stage) if due.late]


async def test_an_idle_pair() -> None:
    """Its regular looks put no such row into the book."""
    stage = await quiet_stage("Lunch")
    await between_looks(stage)
    put, late = stage.storage.due.put, []

    async def noted(due: Due) -> None:
        late.append(due.late)
        await put(due)

    stage.storage.due.put = noted  # type: ignore[method-assign]
    reports = await stage.work(minutes=60)
    assert len(reports) >= 8
    assert not any(late)
