"""What Severa in memory imitates (facts/severa.md 1.4 to 1.8)."""

from datetime import UTC, datetime, timedelta

import pytest

from core.adapters.memory.effects import Effects
from core.adapters.memory.severa import MemorySevera
from core.adapters.memory.undetermined import ManualClock
from core.errors import ItemChanged, ItemRefused, OutcomeUnknown, RetryLater
from core.model.company import SeveraUser
from core.model.essence import Essence, Field
from core.model.ids import CompanyId, MailboxId, UserId
from core.model.operation import Draft
from core.model.rows import Stamp
from core.model.sighting import Activity, Category, Mark
from core.model.when import Window, all_day, timed

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
WINDOW = Window(NOW - timedelta(days=30), NOW + timedelta(days=30))
ANNA = SeveraUser(UserId("anna"), ("Anna@Example.com",), "Europe/Helsinki")
GONE = SeveraUser(UserId("gone"), ("gone@example.com",), is_active=False)
STAMP = Stamp("intent", Mark(CompanyId("c"), MailboxId("m"), "", 0, ""))


def an_essence(subject: str = "x", *, private: bool = False) -> Essence:
    """An hour from now."""
    return Essence(subject, timed(NOW, NOW + timedelta(hours=1)), private=private)


@pytest.fixture
def severa() -> MemorySevera:
    """A company with Anna and somebody who left; pages of two."""
    return MemorySevera(ManualClock(NOW), [ANNA, GONE], page_size=2)


async def feed(severa: MemorySevera, since: datetime | None = None) -> list[list[Activity]]:
    """The feed's pages."""
    return [list(page) async for page in severa.changes(since, WINDOW)]


async def test_the_feed(severa: MemorySevera) -> None:
    """Everybody's activities in the window, oldest change first; `since` is inclusive; idle is one empty page."""
    made = [severa.add(UserId(name), an_essence(name)) for name in ("a", "b", "c")]
    severa.add(UserId("a"), Essence("far", timed(NOW + timedelta(days=90), NOW + timedelta(days=91))))
    assert await feed(severa) == [made[:2], made[2:]]
    edited = severa.edit(made[0].id, an_essence("edited"))
    assert await feed(severa, edited.modified) == [[edited]]
    assert await feed(severa, NOW + timedelta(hours=1)) == [[]]


async def test_versions(severa: MemorySevera) -> None:
    """Every write makes a new one, also two within one moment of the clock, and also one that changes nothing."""
    first = severa.add(ANNA.id, an_essence())
    second = severa.edit(first.id)
    assert first.version != second.version
    assert first.modified is not None
    assert second.modified is not None
    assert first.modified < second.modified


async def test_privacy_is_the_type(severa: MemorySevera) -> None:
    """A private essence without a type is Personal; another type makes it public, and back (R10)."""
    private = severa.add(ANNA.id, an_essence(private=True))
    assert (private.category, private.essence.private) == (Category.PERSONAL, True)
    public = severa.edit(private.id, type_id="type-meeting")
    assert not public.essence.private
    calendar = severa.calendar(ANNA, "UTC")
    draft = Draft(an_essence(private=True), type_id="type-absence")
    assert (await calendar.update(public, draft, frozenset({Field.PRIVACY}))).category is Category.ABSENCES
    with pytest.raises(ItemRefused):
        await calendar.create(Draft(an_essence(), type_id="nonsense"), STAMP)


async def test_whole_days_begin_where_the_user_is(severa: MemorySevera) -> None:
    """In Helsinki the day begins two hours before it does in UTC."""
    severa.add(ANNA.id, Essence("day", all_day(NOW.date(), NOW.date())))
    evening = Window(datetime(2026, 11, 22, 22, tzinfo=UTC), datetime(2026, 11, 22, 23, tzinfo=UTC))
    assert len((await severa.calendar(ANNA, "Europe/Helsinki").view(evening)).sightings) == 1
    assert len((await severa.calendar(ANNA, "UTC").view(evening)).sightings) == 0


async def test_a_deletion_and_its_witness(severa: MemorySevera) -> None:
    """Proven while another activity answers; not when that one is gone as well (R19)."""
    one, two = severa.add(ANNA.id, an_essence()), severa.add(ANNA.id, an_essence())
    calendar = severa.calendar(ANNA, "UTC")
    severa.remove(one.id)
    assert await calendar.verify(one.id, two.id) is None
    severa.remove(two.id)
    with pytest.raises(RetryLater, match="deletion_unproven"):
        await calendar.verify(one.id, two.id)


async def test_an_activity_that_was_edited_or_deleted_meanwhile(severa: MemorySevera) -> None:
    """An update cannot tell an edit, a deletion reads first; an activity that is gone cannot be updated."""
    seen = severa.add(ANNA.id, an_essence())
    calendar = severa.calendar(ANNA, "UTC")
    severa.edit(seen.id, an_essence("by a person"))
    with pytest.raises(ItemChanged):
        await calendar.delete(seen)
    await calendar.update(seen, Draft(an_essence("ours")), frozenset({Field.SUBJECT}))
    severa.remove(seen.id)
    with pytest.raises(ItemChanged):
        await calendar.update(seen, Draft(an_essence()), frozenset({Field.SUBJECT}))
    await calendar.delete(seen)


async def test_users(severa: MemorySevera) -> None:
    """Found by address without case while they are active, and by id even after they left."""
    assert await severa.find_user("anna@example.COM") == ANNA
    assert await severa.find_user("gone@example.com") is None
    assert await severa.user(GONE.id) == GONE
    assert await severa.user(UserId("nobody")) is None


async def test_a_hook_before_an_effect(severa: MemorySevera) -> None:
    """What it raises is what the caller sees, and nothing happened."""

    def refuse(moment: str) -> None:
        if moment == "before severa.create":
            raise RetryLater("throttled")

    severa.effects = Effects(refuse)
    with pytest.raises(RetryLater, match="throttled"):
        await severa.calendar(ANNA, "UTC").create(Draft(an_essence()), STAMP)
    assert severa.activities() == ()


async def test_a_hook_after_an_effect(severa: MemorySevera) -> None:
    """It happened, and the caller does not know."""
    moments: list[str] = []

    def lose(moment: str) -> None:
        moments.append(moment)
        if moment.startswith("after"):
            raise OutcomeUnknown("lost")

    severa.effects.on_effect = lose
    with pytest.raises(OutcomeUnknown):
        await severa.calendar(ANNA, "UTC").create(Draft(an_essence()), STAMP)
    assert len(severa.activities(ANNA.id)) == 1
    assert moments == ["before severa.create", "after severa.create"]
