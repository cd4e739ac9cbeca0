"""Items that are told oddly, or are broken: each is one entry's matter (facts/microsoft.md H, L)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date

import pytest

from core.errors import ItemRefused
from core.model.exceptions import DateException
from core.model.when import AllDay
from tests.contract.calendars.content import an_hour, dates_of, recurring, wanted
from tests.contract.calendars.ews_harness import EwsHarness, ews_harness
from tests.contract.calendars.series_dates import change, held_on
from tests.simulators.ews import Trouble, Where


@pytest.fixture
async def harness() -> AsyncIterator[EwsHarness]:
    """A server of 2016."""
    async with ews_harness() as harness:
        yield harness


@pytest.fixture
async def old() -> AsyncIterator[EwsHarness]:
    """A server of 2007."""
    async with ews_harness("2007_sp1") as harness:
        yield harness


async def test_whole_days_on_2007(old: EwsHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are the item's own days, whatever zone this machine is in; exchangelib would take the machine's."""
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    days = AllDay(date(2026, 3, 9), date(2026, 3, 11))
    made = await old.calendar.create(old.draft(wanted("days", days)), old.stamp())
    assert made.essence.when == days
    assert old.people.event(made.id).dates == (date(2026, 3, 9), date(2026, 3, 10))


@pytest.mark.parametrize(
    ("told", "is_read"),
    [(b".1234567Z", True), (b"+02:00", True), (b"T", False), (b" soon", False)],
)
async def test_a_date_that_is_written_oddly(harness: EwsHarness, told: bytes, *, is_read: bool) -> None:
    """What can be read is read; what cannot is refused as one entry, never taken for "no date"."""
    odd = await harness.put("odd", an_hour(harness))
    plain = await harness.put("plain", an_hour(harness, 2))
    before = (await harness.calendar.read(odd)).essence.when.start  # type: ignore[union-attr]
    written = before.strftime("%Y-%m-%dT%H:%M:%S").encode()
    _rewriting(harness, written + b"Z", written + told)
    seen = await harness.calendar.view(harness.window)
    assert seen.complete is is_read
    assert [event.id for event in seen.sightings] == ([odd, plain] if is_read else [plain])
    if not is_read:
        with pytest.raises(ItemRefused) as caught:
            await harness.calendar.read(odd)
        assert caught.value.code == "unreadable_event"
        assert odd not in str(caught.value)


async def test_a_changed_date_that_has_no_id(harness: EwsHarness) -> None:
    """It cannot be read, so neither can its series; nothing else is kept from being shown."""
    when = recurring(harness, times=4)
    entry = await harness.put("series", when)
    await harness.change(entry, dates_of(when)[1], subject="other")
    plain = await harness.put("plain", an_hour(harness))
    _rewriting(harness, b"<t:Occurrence><t:ItemId", b"<t:Occurrence><t:Culture")
    seen = await harness.calendar.view(harness.window)
    assert ([event.id for event in seen.sightings], seen.complete) == ([plain], False)


async def test_one_item_that_is_broken(harness: EwsHarness) -> None:
    """Its own answer says so: all others are shown, and nobody takes it for deleted."""
    broken, plain = await harness.put("broken", an_hour(harness)), await harness.put("plain", an_hour(harness, 2))
    for _ in range(2):
        harness.simulator.troubles.add(Trouble("ErrorCalendarInvalidRecurrence", "GetItem", where=Where.ITEM))
        seen = await harness.calendar.view(harness.window)
        assert ([event.id for event in seen.sightings], seen.complete) == ([plain], False)
    harness.simulator.troubles.add(Trouble("ErrorCalendarInvalidRecurrence", "GetItem", where=Where.ITEM))
    with pytest.raises(ItemRefused):
        await harness.calendar.verify(broken, "")


async def test_what_is_no_calendar_item(harness: EwsHarness) -> None:
    """People can put notes and mails into a calendar: a round passes over them, and they stop nobody's look."""
    cursor = (await harness.round())[-1].cursor
    note = await harness.put("note", an_hour(harness))
    _rewriting(harness, b"t:CalendarItem>", b"t:Message>")
    [page] = await harness.round(cursor)
    assert (page.sightings, page.removed, page.last) == ((), (), True)
    with pytest.raises(ItemRefused):
        await harness.calendar.read(note)


@pytest.mark.parametrize("name", [b"DateTimeCreated", b"LastModifiedTime", b"OriginalStart", b"Start"])
async def test_a_date_that_is_missing(harness: EwsHarness, name: bytes) -> None:
    """Odd servers leave some out, and the library fails later, on None: only times of an entry have to be there."""
    odd = await harness.put("odd", an_hour(harness))
    _rewriting(harness, b"<t:" + name + b">", b"<t:Culture>")
    _rewriting(harness, b"</t:" + name + b">", b"</t:Culture>")
    seen = await harness.calendar.view(harness.window)
    assert [event.id for event in seen.sightings] == ([] if name == b"Start" else [odd])
    assert seen.complete is (name != b"Start")
    if name == b"DateTimeCreated":
        assert seen.sightings[0].created is None


async def test_a_zone_that_nobody_knows(harness: EwsHarness) -> None:
    """A single entry keeps its instant; a series is kept in UTC, with a remark (R23, P19), and dates can be changed."""
    single = await harness.put("single", an_hour(harness))
    when = recurring(harness, times=5)
    entry = await harness.put("series", when)
    known = await harness.calendar.read(entry)
    for name in (b"W. Europe Standard Time", b'"UTC"'):
        _rewriting(harness, name, name.replace(b"UTC", b"Custom").replace(b"W. Europe", b"Custom"))
    seen, alone = await harness.calendar.read(entry), await harness.calendar.read(single)
    assert seen is not None
    assert alone is not None
    assert known is not None
    assert alone.essence.when == an_hour(harness)
    assert seen.remarks == ("time_zone_unknown",)
    day = dates_of(when)[1]
    gone = DateException(day)
    assert await harness.calendar.change_date(entry, seen, change(seen, day, gone)) == gone
    ours = held_on(seen, dates_of(when)[2])
    ours = DateException(ours.day, ours.when, "other", ours.text, ours.location)
    again = await harness.calendar.read(entry)
    assert await harness.calendar.change_date(entry, again, change(seen, ours.day, ours)) == ours


def _rewriting(harness: EwsHarness, old: bytes, new: bytes) -> None:
    """From now on answers have `new` in place of `old`."""
    inner = harness.server._sessions

    def sessions(*args: object) -> object:
        session = inner(*args)  # type: ignore[misc, arg-type]
        send = session.send

        def rewritten(*given: object, **kw: object) -> object:
            answer = send(*given, **kw)  # type: ignore[arg-type]
            answer._content = answer.content.replace(old, new)
            return answer

        session.send = rewritten  # type: ignore[method-assign, assignment]
        return session

    harness.server._sessions = sessions  # type: ignore[assignment]
    harness.server.close()
    harness.simulator._schemas = None
