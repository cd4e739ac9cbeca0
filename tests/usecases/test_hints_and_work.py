"""Any number of hints make one run; what waits comes back; what is lost heals."""

import json
from datetime import timedelta

import pytest

from core.errors import ItemRefused, RetryLater, Stop
from core.model.ids import Pair
from core.model.state import Hint
from core.usecases.hints import PAIRS, PAIRS_FIRST, PairMessage, Why, hint, note_activity_changed, note_presence
from core.usecases.messages import feed_company, pair_message
from core.usecases.report import Outcome
from core.usecases.switches import set_company_switch, set_user_switch
from core.usecases.work import handle_pair
from tests.support.stage import ANNA, BERT, COMPANY, at, entry, make_stage, quiet_stage


async def test_many_hints_before_one_run() -> None:
    """They make one message and one run, whoever gives them."""
    stage = await quiet_stage("Lunch")
    await note_presence(stage.ports, stage.pair)
    for number in range(50):
        await hint(stage.ports, stage.pair)
        await note_presence(stage.ports, stage.pair)
        await note_activity_changed(stage.ports, COMPANY, ANNA, stage.activity("Lunch").id)
        stage.severa.edit(stage.activity("Lunch").id, entry("Lunch", at(8), str(number)))
        await stage.poll()
    assert stage.messages(PAIRS) == 1
    [report] = await stage.deliver()
    assert report.written == {"updated_microsoft": 1}


async def test_a_hint_for_somebody_whose_switch_is_off() -> None:
    """No message, no row."""
    stage = await make_stage(first_run=False)
    assert not await hint(stage.ports, stage.pair)
    assert stage.messages() == 0


async def test_a_change_that_comes_in_between_reading_and_taking_the_lease() -> None:
    """The run that was about to begin had not seen it, and its message is spent: it looks again all the same."""
    stage = await quiet_stage("Lunch")
    await hint(stage.ports, stage.pair)
    acquire = stage.storage.pairs.acquire

    async def late(*args: object) -> object:
        stage.storage.pairs.acquire = acquire  # type: ignore[method-assign]
        stage.severa.edit(stage.activity("Lunch").id, entry("Lunch", at(8), "just now"))
        await stage.poll()
        return await acquire(*args)  # type: ignore[arg-type]

    stage.storage.pairs.acquire = late  # type: ignore[method-assign, assignment]
    await stage.deliver()
    assert stage.event("Lunch").essence.text == "just now"


async def test_two_hints_in_the_same_moment() -> None:
    """Who is slower sees that a message is on its way, and leaves it at that."""
    stage = await quiet_stage()
    read = stage.storage.pairs.head

    async def raced(pair: Pair) -> object:
        head = await read(pair)
        stage.storage.pairs.head = read  # type: ignore[method-assign]
        await hint(stage.ports, pair)
        return head

    stage.storage.pairs.head = raced  # type: ignore[method-assign, assignment]
    assert not await hint(stage.ports, stage.pair)
    assert stage.messages(PAIRS) == 1


@pytest.mark.parametrize("ask", [hint, note_presence])
async def test_a_hint_row_that_somebody_always_moves_first(ask) -> None:  # noqa: ANN001
    """It gives up after a few tries: so many others wished the same."""
    stage = await quiet_stage()

    async def never(pair: Pair, row: Hint, present_until: object = None, pending: object = ()) -> bool:
        return False

    stage.storage.pairs.set_hint = never  # type: ignore[method-assign, assignment]
    assert not await ask(stage.ports, stage.pair)


async def test_presence_while_a_message_is_on_its_way() -> None:
    """The sign of life is stored, and no second message is sent."""
    stage = await quiet_stage()
    await note_presence(stage.ports, stage.pair)
    stage.clock.advance(timedelta(seconds=30))
    assert not await note_presence(stage.ports, stage.pair)
    assert stage.messages(PAIRS) == 1
    assert (await stage.head()).present_until == stage.clock.now() + timedelta(minutes=15)


async def test_a_lost_message() -> None:
    """After a minute the next hint sends another one."""
    stage = await quiet_stage("Lunch")
    await hint(stage.ports, stage.pair)
    assert stage.storage.queues.take(PAIRS, stage.clock.now())
    stage.clock.advance(timedelta(seconds=50))
    assert not await hint(stage.ports, stage.pair)
    stage.clock.advance(timedelta(seconds=10))
    assert await hint(stage.ports, stage.pair)


@pytest.mark.parametrize("whose", ["the user's", "the company's"])
async def test_a_message_that_finds_the_switch_off(whose: str) -> None:
    """It is spent: switching on again sends a new one at once, however short it was off."""
    stage = await quiet_stage("Lunch")
    await note_presence(stage.ports, stage.pair)

    async def switch(*, on: bool) -> None:
        if whose == "the user's":
            await set_user_switch(stage.ports, stage.pair, on=on)
        else:
            await set_company_switch(stage.ports, COMPANY, on=on)

    await switch(on=False)
    [report] = await stage.deliver()
    assert report.outcome is Outcome.SKIPPED
    await switch(on=True)
    assert [r.outcome for r in await stage.deliver()][:1] == [Outcome.DONE]
    assert (await stage.head()).hint.queued_until is None


async def test_a_hint_that_comes_into_a_run_that_stops() -> None:
    """No message is on its way then: the next hint sends one."""
    stage = await quiet_stage("Lunch")
    await note_presence(stage.ports, stage.pair)
    acquire = stage.storage.pairs.acquire

    async def late(*args: object) -> object:
        assert not await hint(stage.ports, stage.pair)
        return await acquire(*args)  # type: ignore[arg-type]

    stage.storage.pairs.acquire = late  # type: ignore[method-assign, assignment]
    stage.anna.edit(stage.event("Lunch").id, entry("Lunch", at(8), "edited"))
    stage.fail("before pairs.commit", Stop("mailbox_not_found"), times=1)
    [report] = await stage.deliver()
    assert (report.outcome, report.arrived) == (Outcome.STOPPED, True)
    stage.watch.interrupt = None
    assert await hint(stage.ports, stage.pair)


async def test_one_more_look_after_twenty_seconds() -> None:
    """A hint whose run finds nothing looks once more, and only once: services show changes late."""
    stage = await quiet_stage("Lunch")
    await hint(stage.ports, stage.pair)
    [report] = await stage.deliver()
    assert report.noticed == 0
    [waiting] = stage.storage.queues.waiting(PAIRS)
    assert waiting.shows == stage.clock.now() + timedelta(seconds=20)
    stage.anna.edit(stage.event("Lunch").id, entry("Lunch", at(8), "late"))
    stage.clock.advance(timedelta(seconds=20))
    [report] = await stage.deliver()
    assert report.written == {"updated_severa": 1}
    assert stage.messages() == 0


@pytest.mark.parametrize("why", [Why.AGAIN, Why.DUE, Why.LATER])
async def test_a_look_that_no_hint_asked_for(why: Why) -> None:
    """It is not followed by another one."""
    stage = await quiet_stage()
    await handle_pair(stage.ports, PairMessage(stage.pair, why), PAIRS)
    assert stage.messages() == 0


async def test_a_service_that_is_down_for_a_day() -> None:
    """One message at a time is on its way, however many hints and looks are due meanwhile; then it recovers soon."""
    stage = await quiet_stage("Lunch")
    whole = stage.anna.changes

    async def down(*_: object):  # noqa: ANN202
        raise RetryLater("unavailable")
        yield

    stage.anna.changes = down  # type: ignore[method-assign, assignment]
    reports = []
    for _ in range(96):
        reports += await stage.work(minutes=15)
        await note_presence(stage.ports, stage.pair)
        await hint(stage.ports, stage.pair)
        assert stage.messages(PAIRS) <= 2
    mine = [r for r in reports if r.code == "unavailable"]
    assert 60 < len(mine) < 250
    stage.anna.changes = whole  # type: ignore[method-assign]
    stage.anna.edit(stage.event("Lunch").id, entry("Lunch", at(8), "at last"))
    await stage.work(minutes=16)
    assert stage.activity("Lunch").essence.text == "at last"
    await stage.work(minutes=20)
    assert stage.messages(PAIRS) == 0


async def test_an_entry_that_is_refused_for_days() -> None:
    """It is looked at in the book's own time; messages do not pile up, and live changes are served all the while."""
    stage = await quiet_stage("Bad", "Good")
    update = stage.severa.api_update

    def refuses(activity: str, draft, fields):  # noqa: ANN001, ANN202
        if draft.essence.subject == "Worse":
            raise ItemRefused("severa_invalid_request")
        return update(activity, draft, fields)

    stage.severa.api_update = refuses  # type: ignore[method-assign]
    stage.anna.edit(stage.event("Bad").id, entry("Worse", at(8)))
    await hint(stage.ports, stage.pair)
    tried = 0
    for day in range(2):
        reports = await stage.work(minutes=24 * 60)
        tried += sum(r.refused["severa_invalid_request"] for r in reports)
        assert stage.messages(PAIRS) <= 1
        assert len(reports) < 24 * 4 * 2 * 2 + 60
        stage.anna.edit(stage.event("Good").id, entry("Good", at(9), f"day {day}"))
        await hint(stage.ports, stage.pair)
        await stage.deliver()
        assert stage.activity("Good").essence.text == f"day {day}"
    assert 5 < tried < 12


async def test_the_first_sync_has_a_lane_of_its_own() -> None:
    """Until it is over, "later" stays in its lane; afterwards hints take the other one."""
    stage = await make_stage()
    for number in range(12):
        stage.anna.add(entry(f"Event {number}", at(number)))

    def slow(point: str) -> None:
        if point == "before severa.create":
            stage.clock.advance(timedelta(seconds=29))

    stage.watch.interrupt = slow
    first = stage.storage.queues.take(PAIRS_FIRST, stage.clock.now())
    assert first is not None
    await handle_pair(stage.ports, PairMessage.parse(first), PAIRS_FIRST)
    assert stage.messages(PAIRS_FIRST) == 2
    stage.watch.interrupt = None
    await stage.deliver()
    stage.clock.advance(timedelta(minutes=6))
    assert await hint(stage.ports, stage.pair)
    assert stage.messages(PAIRS) == 1


async def test_hints_in_every_round_of_a_run() -> None:
    """After three rounds the run ends and a message goes on: the pair is not kept for ever, nothing is forgotten."""
    stage = await quiet_stage("Lunch")
    await hint(stage.ports, stage.pair)
    release = stage.storage.pairs.release

    async def hinted(*args: object) -> object:
        await hint(stage.ports, stage.pair)
        return await release(*args)  # type: ignore[arg-type]

    stage.storage.pairs.release = hinted  # type: ignore[method-assign, assignment]
    message = stage.storage.queues.take(PAIRS, stage.clock.now())
    assert message is not None
    report = await handle_pair(stage.ports, PairMessage.parse(message), PAIRS)
    assert report.arrived
    assert stage.messages(PAIRS) >= 1


# --- messages ---------------------------------------------------------------------------------------------------------
def test_a_message_and_back() -> None:
    """What is queued is what is read."""
    message = PairMessage(Pair(COMPANY, ANNA), Why.LATER, 3, 1795512345678, 7)
    assert pair_message(json.dumps(message.body()).encode()) == message
    assert feed_company(b'{"company": "c"}') == "c"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"company": "c"}',
        b'{"company": 1, "user": "u"}',
        b'{"company": "c", "user": "u", "attempt": "x"}',
        b'{"company": "c", "user": "u", "why": "because"}',
        b'{"company": "c", "user": "u", "until": "soon"}',
        b'"x"',
        b"{" + b" " * 5000 + b"}",
        b"\xff",
    ],
)
def test_a_message_that_is_none(body: bytes) -> None:
    """It is refused with a ValueError, so that the host can put it aside."""
    with pytest.raises(ValueError):  # noqa: PT011
        pair_message(body)


@pytest.mark.parametrize("body", [b"{}", b'{"company": ""}', b'{"company": 5}', b"nonsense"])
def test_a_feed_message_that_is_none(body: bytes) -> None:
    """It is refused with a ValueError too."""
    with pytest.raises(ValueError):  # noqa: PT011
        feed_company(body)


async def test_the_front_ends_word_on_an_entry_of_somebody_passive() -> None:
    """R4: every holder's pair gets a pending row and a hint, a passive one too; whoever holds nothing gets no hint."""
    stage = await quiet_stage("Lunch")
    activity = stage.activity("Lunch").id
    await set_user_switch(stage.ports, stage.pair, on=False)
    assert await note_activity_changed(stage.ports, COMPANY, BERT, activity) == 2
    assert [(row.id, row.named) for row in await stage.pending()] == [(activity, True)]
    assert stage.messages(PAIRS) == 2
    assert {r.code for r in await stage.deliver()} == {"switched_off", ""}
    assert [row.id for row in await stage.pending()] == [activity]
    await set_user_switch(stage.ports, Pair(COMPANY, BERT), on=False)
    before = stage.messages()
    assert await note_activity_changed(stage.ports, COMPANY, BERT, "no-activity-of-anybody") == 1
    assert stage.messages() == before
