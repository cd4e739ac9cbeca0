"""Messages that find their pair taken are put off, and any number of them become one."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from core.adapters.memory.undetermined import ManualClock
from core.errors import ItemRefused
from core.model.ids import Pair
from core.model.state import Hint
from core.usecases.hints import PAIRS, PairMessage, Why, hint, is_superseded
from core.usecases.history import name_of
from core.usecases.poison import record_poison
from core.usecases.report import Outcome
from core.usecases.switches import set_user_switch
from core.usecases.undo import undo
from core.usecases.work import handle_pair
from tests.support.stage import at, entry, quiet_stage
from tests.support.theatre import Died


async def test_a_busy_pair() -> None:
    """The message comes back after 1, 2, 4 and then 5 seconds, as often as it takes: whatever comes in waits for it."""
    stage = await quiet_stage("Lunch")
    now = stage.clock.now()
    await stage.ports.pairs.acquire(await stage.head(), now, now + timedelta(seconds=12))
    stage.anna.edit(stage.event("Lunch").id, entry("Lunch", at(8), "waits"))
    await hint(stage.ports, stage.pair)
    outcomes = []
    while (message := stage.storage.queues.next_shows()) is not None:
        stage.clock.advance_to(message)
        outcomes += [((stage.clock.now() - now).total_seconds(), r.outcome) for r in await stage.deliver()]
    assert outcomes == [*((after, Outcome.BUSY) for after in (0.0, 1.0, 3.0, 7.0)), (12.0, Outcome.DONE)]
    assert stage.activity("Lunch").essence.text == "waits"


async def test_hints_while_another_run_has_the_pair_for_long() -> None:
    """However many come and however long it takes, one message waits, and one run follows."""
    stage = await quiet_stage("Lunch")
    now = stage.clock.now()
    await stage.ports.pairs.acquire(await stage.head(), now, now + timedelta(minutes=12))
    stage.anna.edit(stage.event("Lunch").id, entry("Lunch", at(8), "waits"))
    outcomes = []
    for _ in range(50):
        await hint(stage.ports, stage.pair)
        outcomes += [r.outcome for r in await stage.deliver()]
        assert stage.messages(PAIRS) <= 1
        stage.clock.advance(timedelta(seconds=15))
        if Outcome.DONE in outcomes:
            break
    assert {*outcomes[:-1]} == {Outcome.BUSY}
    assert stage.activity("Lunch").essence.text == "waits"


async def test_two_messages_that_find_the_pair_busy() -> None:
    """The one that is put off last goes on for both."""
    stage = await quiet_stage("Lunch")
    now = stage.clock.now()
    await stage.ports.pairs.acquire(await stage.head(), now, now + timedelta(seconds=3))
    for why in (Why.HINT, Why.DUE):
        await handle_pair(stage.ports, PairMessage(stage.pair, why), PAIRS)
        stage.clock.advance(timedelta(seconds=1))
    stage.clock.advance(timedelta(seconds=5))
    assert [(r.outcome, r.code) for r in await stage.deliver()] == [(Outcome.SKIPPED, "superseded"), (Outcome.DONE, "")]
    assert stage.messages() == 0


async def test_the_run_that_had_the_pair_saw_what_a_message_asked_for() -> None:
    """The message that it kept waiting is spent then: it makes no run of its own."""
    stage = await quiet_stage("Lunch")
    await hint(stage.ports, stage.pair)
    commit = stage.storage.pairs.commit

    async def meanwhile(*args: object) -> object:
        stage.storage.pairs.commit = commit  # type: ignore[method-assign]
        await handle_pair(stage.ports, PairMessage(stage.pair), PAIRS)
        return await commit(*args)  # type: ignore[arg-type]

    stage.storage.pairs.commit = meanwhile  # type: ignore[method-assign, assignment]
    stage.anna.edit(stage.event("Lunch").id, entry("Lunch", at(8), "seen"))
    [report] = await stage.deliver()
    assert (report.outcome, stage.activity("Lunch").essence.text) == (Outcome.DONE, "seen")
    stage.clock.advance(timedelta(seconds=5))
    assert [r.code for r in await stage.deliver()] == ["superseded"]


async def test_the_process_dies_while_its_own_message_was_put_off_before() -> None:
    """The queue hands the message out once more: it is not taken for one that a run has served."""
    stage = await quiet_stage("Lunch")
    now = stage.clock.now()
    await stage.ports.pairs.acquire(await stage.head(), now, now + timedelta(seconds=3))
    await handle_pair(stage.ports, PairMessage(stage.pair, Why.DUE), PAIRS)
    stage.clock.advance(timedelta(seconds=5))
    taken = stage.storage.queues.take(PAIRS, stage.clock.now())
    assert taken is not None
    stage.anna.edit(stage.event("Lunch").id, entry("Lunch", at(8), "once more"))
    stage.fail("before severa.update", Died("here"), times=1)
    with pytest.raises(Died):
        await handle_pair(stage.ports, PairMessage.parse(taken), PAIRS)
    stage.restart()
    stage.clock.advance(timedelta(seconds=30))
    assert (await handle_pair(stage.ports, PairMessage.parse(taken), PAIRS)).outcome is Outcome.BUSY
    while (shows := stage.storage.queues.next_shows()) is not None:
        stage.clock.advance_to(shows)
        await stage.deliver()
    assert stage.activity("Lunch").essence.text == "once more"


async def test_a_clock_that_is_ahead() -> None:
    """A message is known by what its row says of it, so clocks that differ by minutes lose none and double none."""
    stage = await quiet_stage("Lunch")
    now = stage.clock.now()
    await stage.ports.pairs.acquire(await stage.head(), now, now + timedelta(seconds=8))
    await handle_pair(stage.ports, PairMessage(stage.pair, Why.DUE), PAIRS)
    [waiting] = stage.storage.queues.waiting(PAIRS)
    behind = replace(stage.ports, clock=ManualClock(now - timedelta(minutes=4)))
    ahead = replace(stage.ports, clock=ManualClock(now + timedelta(minutes=4)))
    assert not await is_superseded(behind, PairMessage.parse(waiting.message))
    assert not await is_superseded(ahead, PairMessage.parse(waiting.message))


async def test_a_hint_row_that_moves_while_a_message_is_put_off() -> None:
    """It is put off all the same, and makes its run."""
    stage = await quiet_stage("Lunch")
    now = stage.clock.now()
    await stage.ports.pairs.acquire(await stage.head(), now, now + timedelta(seconds=3))

    async def never(pair: Pair, row: Hint, present_until: object = None, pending: object = ()) -> bool:
        return False

    whole = stage.storage.pairs.set_hint
    stage.storage.pairs.set_hint = never  # type: ignore[method-assign, assignment]
    await handle_pair(stage.ports, PairMessage(stage.pair, Why.DUE), PAIRS)
    stage.storage.pairs.set_hint = whole  # type: ignore[method-assign]
    stage.clock.advance(timedelta(seconds=5))
    assert [r.outcome for r in await stage.deliver()] == [Outcome.DONE]


async def test_a_switch_that_is_turned_on_while_the_pair_is_looked_at_passively() -> None:
    """That look comes to nothing, and it is not taken for the one that the message asks for."""
    stage = await quiet_stage("Lunch")
    await set_user_switch(stage.ports, stage.pair, on=False)
    stage.clock.advance(timedelta(days=1))
    release = stage.storage.pairs.release

    async def meanwhile(*args: object) -> object:
        stage.storage.pairs.release = release  # type: ignore[method-assign]
        await set_user_switch(stage.ports, stage.pair, on=True)
        [message] = stage.storage.queues.waiting(PAIRS)
        stage.storage.queues.take(PAIRS, stage.clock.now())
        assert (await handle_pair(stage.ports, PairMessage.parse(message.message), PAIRS)).outcome is Outcome.BUSY
        return await release(*args)  # type: ignore[arg-type]

    stage.storage.pairs.release = meanwhile  # type: ignore[method-assign, assignment]
    report = await handle_pair(stage.ports, PairMessage(stage.pair, Why.DUE), PAIRS)
    assert (report.outcome, report.code) == (Outcome.SKIPPED, "switched_off")
    stage.clock.advance(timedelta(seconds=5))
    assert [r.outcome for r in await stage.deliver()] == [Outcome.DONE]


@pytest.mark.parametrize("who", ["an undo that is refused", "a message that failed for good"])
async def test_somebody_else_than_a_run_has_the_pair_in_between(who: str) -> None:
    """They take the pair without looking at the calendars: whoever waits for a look gets it all the same."""
    stage = await quiet_stage("Lunch")
    stage.severa.edit(stage.activity("Lunch").id, entry("Lunch", at(8), "Severa's"))
    stage.clock.advance(timedelta(minutes=5))
    stage.anna.edit(stage.event("Lunch").id, entry("Lunch", at(8), "Microsoft's"))
    await stage.settle()
    [line] = [record for record in await stage.history() if record.note.code == "conflict_text"]
    stage.anna.edit(stage.event("Lunch").id, entry("Lunch", at(8), "newer"))
    await stage.settle()
    stage.clock.advance(timedelta(minutes=10))
    await stage.deliver()
    stage.clock.advance(timedelta(minutes=10))
    await stage.deliver()
    now = stage.clock.now()
    await stage.ports.pairs.acquire(await stage.head(), now, now + timedelta(seconds=2))
    stage.anna.edit(stage.event("Lunch").id, entry("Lunch", at(8), "waits"))
    await handle_pair(stage.ports, PairMessage(stage.pair), PAIRS)
    stage.clock.advance(timedelta(seconds=3))
    if who == "an undo that is refused":
        with pytest.raises(ItemRefused, match="undo_changed_since"):
            await undo(stage.ports, stage.pair, name_of(line.key))
    else:
        await record_poison(stage.ports, PAIRS, json.dumps(PairMessage(stage.pair).body()).encode())
    stage.clock.advance(timedelta(seconds=5))
    await stage.deliver()
    assert stage.activity("Lunch").essence.text == "waits"
