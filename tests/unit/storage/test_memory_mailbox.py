"""What the mailbox in memory imitates of Graph (facts/microsoft.md A2, B)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.adapters.memory.microsoft import MemoryMailbox, MemoryMicrosoft
from core.adapters.memory.undetermined import ManualClock
from core.errors import CursorGone, ItemChanged
from core.model.company import Mailbox
from core.model.essence import Essence, Field
from core.model.ids import CompanyId, MailboxId
from core.model.operation import Draft
from core.model.rows import Page, Stamp
from core.model.sighting import Mark
from core.model.when import Window, all_day, timed

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
WINDOW = Window(NOW - timedelta(days=30), NOW + timedelta(days=30))
BOX = MailboxId("box")
STAMP = Stamp("intent", Mark(CompanyId("c"), BOX, "act", 0, "digest"))


def an_essence(subject: str, days: int = 1) -> Essence:
    """Half an hour, so many days from now."""
    start = NOW + timedelta(days=days)
    return Essence(subject, timed(start, start + timedelta(minutes=30)))


@pytest.fixture
def box() -> MemoryMailbox:
    """An empty mailbox with pages of two."""
    return MemoryMailbox(Mailbox(BOX, ("anna@example.com", "ann@example.com")), ManualClock(NOW), page_size=2)


async def a_round(box: MemoryMailbox, cursor: str | None = None, window: Window = WINDOW) -> list[Page]:
    """All pages of one round."""
    return [page async for page in box.changes(cursor, window)]


async def test_a_full_round(box: MemoryMailbox) -> None:
    """It shows what the window shows, without marks, page by page; only its last page has a cursor."""
    for n in range(5):
        box.add(an_essence(str(n)), mark=STAMP.mark)
    box.add(an_essence("far", 31))
    pages = await a_round(box)
    assert [len(page.sightings) for page in pages] == [2, 2, 1]
    assert [page.cursor is not None for page in pages] == [page.last for page in pages] == [False, False, True]
    assert all(page.full and not page.removed for page in pages)
    assert all(event.mark is None and not event.mark_read for page in pages for event in page.sightings)


async def test_a_round_since_a_cursor(box: MemoryMailbox) -> None:
    """It shows what changed; what was deleted, left the window or was made outside of it is called removed."""
    kept, edited, deleted, moved = (box.add(an_essence(name)).id for name in ("kept", "edited", "deleted", "moved"))
    cursor = (await a_round(box))[-1].cursor
    box.edit(edited, an_essence("new"))
    box.remove(deleted)
    box.edit(moved, an_essence("moved", 40))
    outside = box.add(an_essence("outside", 40)).id
    pages = await a_round(box, cursor)
    assert [event.id for page in pages for event in page.sightings] == [edited]
    assert {entry for page in pages for entry in page.removed} == {deleted, moved, outside}
    (idle,) = await a_round(box, pages[-1].cursor)
    assert (idle.sightings, idle.removed, idle.full, idle.last) == ((), (), False, True)
    assert box.get(kept) is not None


async def test_a_cursor_and_another_window(box: MemoryMailbox) -> None:
    """The round keeps to the window that its first one had."""
    cursor = (await a_round(box))[-1].cursor
    box.add(an_essence("within"))
    (page,) = await a_round(box, cursor, Window(NOW - timedelta(days=2), NOW - timedelta(days=1)))
    assert len(page.sightings) == 1


async def test_cursors_that_are_no_longer_known(box: MemoryMailbox) -> None:
    """Three generations are kept; a forgotten or mangled cursor says so before any page."""
    cursor = (await a_round(box))[-1].cursor
    for _ in range(3):
        await a_round(box, cursor)
    with pytest.raises(CursorGone):
        await a_round(box, cursor)
    with pytest.raises(CursorGone):
        await a_round(box, "mangled")
    fresh = (await a_round(box))[-1].cursor
    box.expire_cursors()
    with pytest.raises(CursorGone):
        await a_round(box, fresh)
    assert (await a_round(box))[-1].full


async def test_what_people_do_with_marked_events(box: MemoryMailbox) -> None:
    """A copy takes the mark along under another id; a restored event has its id again; each is a new version."""
    event = box.add(an_essence("x"), mark=STAMP.mark)
    copy = box.copy(event.id)
    assert (copy.mark, copy.id == event.id) == (event.mark, False)
    box.remove(event.id)
    assert await box.verify(event.id, "") is None
    back = box.restore(event.id)
    assert (back.id, back.version == event.version) == (event.id, False)
    touched = box.edit(event.id)
    assert touched.essence == back.essence
    assert touched.version != back.version


async def test_a_create_that_is_sent_twice(box: MemoryMailbox) -> None:
    """It makes one event while that one is there, and another one after it was deleted."""
    draft = Draft(an_essence("x"), busy="oof")
    event = await box.create(draft, STAMP)
    assert await box.create(draft, STAMP) == event
    assert (event.transaction, event.mark, box.busy[event.id]) == ("intent", STAMP.mark, "oof")
    box.remove(event.id)
    assert (await box.create(draft, STAMP)).id != event.id
    assert len(box.events()) == 1


async def test_a_restless_mailbox(box: MemoryMailbox) -> None:
    """The version that a write answered is stale already; the content is as written."""
    box.restless = True
    event = await box.create(Draft(an_essence("x")), STAMP)
    with pytest.raises(ItemChanged):
        await box.update(event, Draft(an_essence("y")), frozenset({Field.SUBJECT}))
    fresh = await box.read(event.id)
    assert fresh is not None
    assert fresh.essence == event.essence
    await box.delete(fresh)
    await box.delete(fresh)


async def test_a_mailbox_that_rewrites(box: MemoryMailbox) -> None:
    """It rewrites what we wrote, and only the fields that we wrote."""
    box.rewrite = lambda essence: replace(essence, subject=essence.subject.upper(), text=f"<{essence.text}>")
    event = box.add(replace(an_essence("typed by a person"), text="text"))
    changed = await box.update(event, Draft(an_essence("ours")), frozenset({Field.SUBJECT}))
    assert (changed.essence.subject, changed.essence.text) == ("OURS", "text")


async def test_whole_days_at_the_edge_of_a_view(box: MemoryMailbox) -> None:
    """The window's end is exclusive, and so is a day's."""
    box.add(Essence("day", all_day(NOW.date(), NOW.date())))
    midnight = NOW.replace(hour=0)
    days = [Window(midnight + timedelta(n), midnight + timedelta(n + 1)) for n in (-1, 0, 1)]
    assert [len((await box.view(day)).sightings) for day in days] == [0, 1, 0]


async def test_a_mailbox_by_its_addresses(box: MemoryMailbox) -> None:
    """Found by a primary or a secondary address without case; two mailboxes are no answer."""
    company = MemoryMicrosoft([box, MemoryMailbox(Mailbox(MailboxId("b"), ("bert@example.com",)), ManualClock(NOW))])
    assert await company.find_mailbox(["nobody@example.com", "ANN@example.com"]) == box.mailbox
    assert await company.find_mailbox(["nobody@example.com"]) is None
    assert await company.find_mailbox(["ann@example.com", "bert@example.com"]) is None
    assert company.calendar(BOX) is box
