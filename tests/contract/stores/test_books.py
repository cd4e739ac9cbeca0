from dataclasses import replace
from datetime import datetime, timedelta

from core.model.ids import CompanyId, Side, UserId
from core.model.operation import Note, NoteKind
from core.model.rows import Due, Hold, Record
from tests.contract.stores.conftest import Stores
from tests.contract.stores.samples import NOW, a_company, a_pair, event_id

MINUTE = timedelta(minutes=1)


async def due(stores: Stores, companies: set[CompanyId], now: datetime) -> list[Due]:
    """What is due, of these companies: the book is everybody's."""
    return sorted(
        [one async for one in stores.due.until(now) if one.company in companies], key=lambda one: (one.at, one.company)
    )


async def test_what_is_due(stores: Stores) -> None:
    """Everything whose time has come, pairs and feeds of whatever company, and nothing before its time."""
    companies = [a_company() for _ in range(20)]
    book = [Due(NOW - n * MINUTE, company, UserId("u") if n % 2 else None) for n, company in enumerate(companies)]
    later = [
        Due(NOW + timedelta(seconds=1), companies[0], UserId("later")),
        Due(NOW + timedelta(days=400), companies[1]),
    ]
    for one in (*book, *later):
        await stores.due.put(one)
    assert await due(stores, set(companies), NOW) == sorted(book, key=lambda one: one.at)


async def test_the_same_thing_twice_in_one_minute(stores: Stores) -> None:
    """It is one row; a pair and its company's feed are two."""
    company, at = a_company(), NOW.replace(second=1)
    for one in (Due(at, company), Due(at + timedelta(seconds=30), company), Due(at, company, UserId("u"))):
        await stores.due.put(one)
    assert len(await due(stores, {company}, NOW + MINUTE)) == 2


async def test_a_pair_and_its_late_message_in_one_minute(stores: Stores) -> None:
    """They are two rows, and are read as they were put; neither takes the other out."""
    company, user = a_company(), UserId("u")
    both = [Due(NOW, company, user), Due(NOW, company, user, late=True)]
    for one in both:
        await stores.due.put(one)
    assert sorted(await due(stores, {company}, NOW), key=lambda one: one.late) == both
    await stores.due.done(both[1])
    assert await due(stores, {company}, NOW) == both[:1]


async def test_done(stores: Stores) -> None:
    """It is out of the book, and taking it out again is harmless."""
    company = a_company()
    await stores.due.put(Due(NOW, company))
    (one,) = await due(stores, {company}, NOW)
    for _ in range(2):
        await stores.due.done(one)
    assert await due(stores, {company}, NOW) == []


async def test_done_but_put_again_since(stores: Stores) -> None:
    """It stays for the next sweep."""
    company = a_company()
    await stores.due.put(Due(NOW, company))
    (one,) = await due(stores, {company}, NOW)
    await stores.due.put(Due(NOW, company))
    await stores.due.done(one)
    assert len(await due(stores, {company}, NOW)) == 1


def a_record(name: str, at: datetime, **values: str) -> Record:
    """A line about a lost value."""
    return Record(name, at, Note(NoteKind.CONFLICT, "lost_value", Side.SEVERA, values), "act", event_id("e"))


async def test_history(stores: Stores) -> None:
    """The newest lines first, over months and years, as far back as asked; nobody else's."""
    pair = a_pair()
    moments = [NOW, NOW - timedelta(milliseconds=1), NOW - timedelta(days=25), NOW - timedelta(days=400)]
    lines = [a_record(f"r{n}", at, subject=f"Äiti {n}") for n, at in enumerate(moments)]
    await stores.history.append(pair, lines[::-1])
    await stores.history.append(a_pair(pair.company), [a_record("other", NOW)])
    assert await stores.history.read(pair, NOW - timedelta(days=500)) == tuple(lines)
    assert await stores.history.read(pair, NOW - timedelta(days=25)) == tuple(lines[:3])
    assert await stores.history.read(pair, NOW - timedelta(days=500), limit=2) == tuple(lines[:2])
    assert await stores.history.read(pair, NOW + MINUTE) == ()


async def test_history_page_by_page(stores: Stores) -> None:
    """From line to line over months, also between lines of one moment, and after a line that is gone."""
    pair = a_pair()
    moments = [NOW, NOW, NOW, NOW - timedelta(days=20), NOW - timedelta(days=20), NOW - timedelta(days=70)]
    lines = tuple(a_record(f"r{n}", at) for n, at in enumerate(moments))
    await stores.history.append(pair, lines)
    since = NOW - timedelta(days=90)
    for number, line in enumerate(lines):
        assert await stores.history.read(pair, since, 2, after=line.key) == lines[number + 1 : number + 3]
    assert await stores.history.read(pair, NOW - timedelta(days=30), 9, after=lines[0].key) == lines[1:5]
    assert await stores.history.read(pair, since, 9, after=(NOW, "r0-gone")) == lines[1:]


async def test_a_line_of_history(stores: Stores) -> None:
    """Found by its time and id, with all that it has; by nobody else; written anew it is replaced."""
    pair = a_pair()
    note = Note(NoteKind.CONFLICT, "conflict_text", Side.MICROSOFT, {"text": "lost"}, {"text": "stayed"})
    line = Record("r", NOW, note, "act", event_id("e"))
    await stores.history.append(pair, [line])
    assert await stores.history.find(pair, line.key) == line
    assert await stores.history.find(a_pair(pair.company), line.key) is None
    assert await stores.history.find(pair, (NOW, "other")) is None
    undone = replace(line, undone=NOW + MINUTE)
    await stores.history.append(pair, [undone])
    assert await stores.history.read(pair, NOW) == (undone,)


async def test_history_that_is_written_twice(stores: Stores) -> None:
    """A line with the same id and time is one line; nothing to tell is no line."""
    pair = a_pair()
    for _ in range(2):
        await stores.history.append(pair, [a_record("r", NOW), a_record("r2", NOW), a_record("r", NOW)])
    await stores.history.append(pair, [])
    assert [line.id for line in await stores.history.read(pair, NOW)] == ["r", "r2"]


async def test_a_long_text_in_history(stores: Stores) -> None:
    """It comes back whole."""
    pair, text = a_pair(), "Pitkä teksti 📅 " * 20_000
    await stores.history.append(pair, [a_record(f"r{n}", NOW, text=text) for n in range(9)])
    found = await stores.history.read(pair, NOW)
    assert [line.note.values for line in found] == [{"text": text}] * 9


async def test_holds(stores: Stores) -> None:
    """Stored, replaced, read by company, removed; removing twice is harmless."""
    company = a_company()
    entries = tuple((Side.MICROSOFT, event_id(str(n))) for n in range(1500))
    hold = Hold("h/1", company, UserId("u"), "delete", "too_many", NOW, entries)
    await stores.holds.put(replace(hold, reason="first"))
    await stores.holds.put(hold)
    await stores.holds.put(replace(hold, company=a_company()))
    assert await stores.holds.of_company(company) == (hold,)
    assert await stores.holds.find(company, "h/1") == hold
    assert await stores.holds.find(company, "h/2") is None
    for _ in range(2):
        await stores.holds.remove(company, "h/1")
    assert await stores.holds.of_company(company) == ()
