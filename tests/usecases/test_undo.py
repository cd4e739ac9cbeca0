"""What was overwritten or removed comes back, as its user's own edit, through the ordinary sync."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from core.adapters.memory.severa import STANDARD_TYPES
from core.errors import ItemRefused, OutcomeUnknown
from core.model.essence import Essence, with_exception
from core.model.exceptions import DateException
from core.model.ids import Side
from core.model.rows import Record
from core.model.sighting import Category
from core.model.when import all_day
from core.usecases.hints import note_activity_changed
from core.usecases.history import name_of
from core.usecases.undo import undo
from tests.support.series import changed, nth, weekly
from tests.support.stage import ANNA, COMPANY, Stage, at, entry, make_stage

LUNCH = entry("Lunch", at(8))
NO_PERSONAL = {"types": [kind for kind in STANDARD_TYPES if kind.category is not Category.PERSONAL]}


async def conflict(in_severa: Essence, in_microsoft: Essence, before: Essence = LUNCH, **options: object) -> Stage:
    """A linked entry that was edited on both sides; Microsoft's edit was later, and stayed."""
    stage = await make_stage(**options)  # type: ignore[arg-type]
    stage.anna.add(before)
    await stage.settle()
    stage.clock.advance(timedelta(minutes=30))
    stage.severa.edit(stage.activity(before.subject).id, in_severa)
    stage.clock.advance(timedelta(minutes=5))
    stage.anna.edit(stage.event(before.subject).id, in_microsoft)
    await stage.settle()
    return stage


async def line(stage: Stage, code: str) -> Record:
    """The one line of that code."""
    [found] = [record for record in await stage.history() if record.note.code == code]
    return found


async def take_back(stage: Stage, code: str) -> Record | None:
    """Undo that line."""
    return await undo(stage.ports, stage.pair, name_of((await line(stage, code)).key))


async def refused(stage: Stage, code: str) -> str:
    """Why that line cannot be taken back; nothing is written."""
    stage.watch.reset()
    with pytest.raises(ItemRefused) as failure:
        await take_back(stage, code)
    assert not {"severa.update", "microsoft.update", "microsoft.create"} & set(stage.watch.effects)
    return failure.value.code


DAYS = all_day(date(2026, 11, 25), date(2026, 11, 26))


@pytest.mark.parametrize(
    ("code", "in_severa", "in_microsoft"),
    [
        ("conflict_subject", entry("By Severa", at(8)), entry("By Outlook", at(8))),
        ("conflict_text", entry("Lunch", at(8), "one\n\ntwo"), entry("Lunch", at(8), "three")),
        ("conflict_location", entry("Lunch", at(8), "", "Here"), entry("Lunch", at(8), "", "There")),
        ("conflict_time", entry("Lunch", at(12)), entry("Lunch", at(13))),
        ("conflict_time", entry("Lunch", DAYS), entry("Lunch", at(13))),
    ],
)
async def test_a_conflict_is_taken_back(code: str, in_severa: Essence, in_microsoft: Essence) -> None:
    """The value that lost is on both sides afterwards, without a new conflict; a further run writes nothing."""
    stage = await conflict(in_severa, in_microsoft)
    assert stage.severa.activities()[0].essence == in_microsoft
    stage.watch.reset()
    found = await take_back(stage, code)
    assert found is not None
    assert found.undone == stage.clock.now()
    assert stage.watch.calls["severa.update"] == 1
    assert stage.watch.calls["microsoft.update"] == 0
    await stage.settle()
    assert stage.severa.activities()[0].essence == in_severa
    assert stage.anna.events()[0].essence == in_severa
    assert await stage.told() == [code]
    assert (await stage.run()).written == {}


async def test_microsoft_lost() -> None:
    """The value is written in the mailbox, on condition that it is as it was read."""
    stage = await make_stage()
    await stage.linked("Lunch")
    stage.anna.edit(stage.event("Lunch").id, entry("Lunch", at(8), "by Outlook"))
    stage.clock.advance(timedelta(minutes=5))
    stage.severa.edit(stage.activity("Lunch").id, entry("Lunch", at(8), "by Severa"))
    await stage.poll()
    await stage.settle()
    assert (await line(stage, "conflict_text")).note.side is Side.MICROSOFT
    stage.watch.reset()
    await take_back(stage, "conflict_text")
    assert stage.watch.calls["microsoft.update"] == 1
    await stage.settle()
    assert stage.severa.activities()[0].essence.text == "by Outlook"


async def test_twice() -> None:
    """The second time nothing is written, and the answer is the same."""
    stage = await conflict(entry("Lunch", at(8), "a"), entry("Lunch", at(8), "b"))
    first = await take_back(stage, "conflict_text")
    await stage.settle()
    stage.watch.reset()
    assert await take_back(stage, "conflict_text") == first
    assert stage.watch.of("severa", "microsoft") == 0


async def test_it_dies_after_the_write() -> None:
    """Trying again writes nothing more, and what was written is carried on."""
    stage = await conflict(entry("Lunch", at(8), "a"), entry("Lunch", at(8), "b"))
    stage.fail("after severa.update", RuntimeError("killed"), times=1)
    with pytest.raises(RuntimeError):
        await take_back(stage, "conflict_text")
    stage.restart()
    stage.clock.advance(timedelta(minutes=5))
    stage.watch.reset()
    assert (await take_back(stage, "conflict_text")) is not None
    assert stage.watch.calls["severa.update"] == 0
    await stage.settle()
    assert stage.anna.events()[0].essence.text == "a"


@pytest.mark.parametrize("side", list(Side))
async def test_it_was_changed_again_since(side: Side) -> None:
    """The newer value stays: putting back the older one would be a new conflict."""
    stage = await conflict(entry("Lunch", at(8), "a"), entry("Lunch", at(8), "b"))
    newer = entry("Lunch", at(8), "c")
    if side is Side.SEVERA:
        stage.severa.edit(stage.activity("Lunch").id, newer)
    else:
        stage.anna.edit(stage.event("Lunch").id, newer)
    assert await refused(stage, "conflict_text") == "undo_changed_since"
    await stage.settle()
    assert await refused(stage, "conflict_text") == "undo_changed_since"
    assert stage.activity("Lunch").essence.text == "c"


async def test_another_field_was_changed_since() -> None:
    """That is nobody's obstacle; it stays."""
    stage = await conflict(entry("Lunch", at(8), "a"), entry("Lunch", at(8), "b"))
    stage.anna.edit(stage.event("Lunch").id, entry("Lunch", at(8), "b", "There"))
    await take_back(stage, "conflict_text")
    await stage.settle()
    assert stage.activity("Lunch").essence == entry("Lunch", at(8), "a", "There")


async def test_the_entry_is_gone() -> None:
    """Where one end is gone, or both are, there is nothing to write to."""
    stage = await conflict(entry("Lunch", at(8), "a"), entry("Lunch", at(8), "b"))
    stage.clock.advance(timedelta(minutes=30))
    stage.anna.remove(stage.event("Lunch").id)
    assert await refused(stage, "conflict_text") == "undo_entry_gone"
    await stage.settle()
    assert await refused(stage, "conflict_text") == "undo_entry_gone"


async def test_the_event_became_a_meeting() -> None:
    """Nothing is written to a meeting."""
    stage = await conflict(entry("Lunch", at(8), "a"), entry("Lunch", at(8), "b"))
    met = stage.event("Lunch")
    stage.anna._held[met.id] = replace(met, is_meeting=True)
    assert await refused(stage, "conflict_text") == "undo_meeting"


async def test_the_event_is_hidden_by_now() -> None:
    """R10: what Severa shows masked is read-only from there."""
    stage = await conflict(entry("Lunch", at(8), "a"), entry("Lunch", at(8), "b"), severa=NO_PERSONAL)
    stage.anna.edit(stage.event("Lunch").id, entry("Lunch", at(8), "b", private=True))
    await stage.settle()
    assert await refused(stage, "conflict_text") == "undo_masked"


async def test_the_event_became_an_online_meeting() -> None:
    """Its text holds the way in; another field of it can be taken back."""
    stage = await conflict(entry("Lunch", at(8), "a", "Here"), entry("Lunch", at(8), "b", "There"))
    met = stage.event("Lunch")
    stage.anna._held[met.id] = replace(met, is_online=True)
    assert await refused(stage, "conflict_text") == "online_meeting_text"
    await take_back(stage, "conflict_location")
    await stage.settle()
    assert stage.event("Lunch").essence == entry("Lunch", at(8), "b", "Here")


async def test_the_entry_rests() -> None:
    """A project task is not synchronized, so nothing of it is taken back."""
    stage = await conflict(entry("Lunch", at(8), "a"), entry("Lunch", at(8), "b"))
    stage.severa.edit(stage.activity("Lunch").id, type_id="type-task")
    assert await refused(stage, "conflict_text") == "undo_at_rest"
    await stage.settle()
    assert await refused(stage, "conflict_text") == "undo_at_rest"


async def test_a_value_that_makes_no_sense() -> None:
    """It is not guessed at."""
    stage = await conflict(entry("Lunch", at(12)), entry("Lunch", at(13)))
    kept = await line(stage, "conflict_time")
    broken = replace(kept, note=replace(kept.note, values={"time": "sometimes"}))
    await stage.ports.history.append(stage.pair, [broken])
    assert await refused(stage, "conflict_time") == "undo_cut"


async def test_a_conflict_about_a_meeting() -> None:
    """What was set back stays so: it is the organizer's affair (R16)."""
    stage = await make_stage()
    stage.anna.add(LUNCH, is_meeting=True)
    await stage.settle()
    stage.clock.advance(timedelta(minutes=30))
    stage.severa.edit(stage.activity("Lunch").id, entry("Lunch", at(8), "by Severa"))
    await stage.settle()
    [record] = [record for record in await stage.history() if record.note.values]
    with pytest.raises(ItemRefused, match="undo_meeting"):
        await undo(stage.ports, stage.pair, name_of(record.key))


SERIES = entry("Weekly", weekly())


async def test_one_date_of_a_series() -> None:
    """That date is as it was, and no other one is touched."""
    day = nth(2)
    stage = await conflict(changed(SERIES, day, subject="a"), changed(SERIES, day, subject="b"), SERIES)
    await take_back(stage, "conflict_exception")
    await stage.settle()
    for found in (stage.activity("Weekly").essence, stage.event("Weekly").essence):
        assert [(one.day, one.subject) for one in found.exceptions] == [(day, "a")]


async def test_the_time_of_a_series_with_changed_dates() -> None:
    """It would cost the series those dates, so it is refused."""
    stage = await conflict(entry("Weekly", weekly(hour=12)), entry("Weekly", weekly(hour=14)), SERIES)
    event = stage.event("Weekly")
    stage.anna.edit(event.id, with_exception(event.essence, nth(1), DateException(nth(1))))
    await stage.settle()
    assert await refused(stage, "conflict_time") == "undo_series_time"


async def test_the_time_of_a_series() -> None:
    """Pattern and clock come back as they were."""
    stage = await conflict(entry("Weekly", weekly(hour=12)), entry("Weekly", weekly(hour=14)), SERIES)
    await take_back(stage, "conflict_time")
    await stage.settle()
    assert stage.activity("Weekly").essence.when == weekly(hour=12) == stage.event("Weekly").essence.when


# --- removed entries --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize(
    "essence",
    [entry("Lunch", at(8), "text", "place"), entry("Lunch", DAYS), entry("Lunch", at(8), private=True)],
    ids=["timed", "all day", "private"],
)
async def test_a_removed_entry_is_made_anew(side: Side, essence: Essence) -> None:
    """It is in both calendars again with all its content, once; customer and phase are named as lost."""
    stage = await make_stage()
    stage.anna.add(essence)
    await stage.settle()
    stage.clock.advance(timedelta(minutes=30))
    await _delete(stage, side)
    assert stage.subjects() == ([], [])
    await take_back(stage, "deleted")
    await stage.settle()
    assert [a.essence for a in stage.severa.activities()] == [essence]
    assert [e.essence for e in stage.anna.events()] == [essence]
    assert "restored_without_customer" in await stage.told()
    assert (await stage.run()).written == {}


async def _delete(stage: Stage, side: Side) -> None:
    """The one entry is deleted on that side, and the other side follows."""
    if side is Side.MICROSOFT:
        stage.anna.remove(stage.anna.events()[0].id)
    else:
        removed = stage.severa.activities()[0].id
        stage.severa.remove(removed)
        await note_activity_changed(stage.ports, COMPANY, ANNA, removed)
    await stage.settle()


async def test_a_removed_series_is_made_anew() -> None:
    """With the dates that were changed or cancelled."""
    stage = await make_stage()
    essence = with_exception(changed(SERIES, nth(1), subject="Other"), nth(2), DateException(nth(2)))
    stage.anna.add(essence)
    await stage.settle()
    stage.clock.advance(timedelta(minutes=30))
    await _delete(stage, Side.MICROSOFT)
    await take_back(stage, "deleted")
    await stage.settle()
    assert [a.essence for a in stage.severa.activities()] == [essence]
    assert [e.essence for e in stage.anna.events()] == [essence]


async def test_the_answer_to_making_it_anew_is_lost() -> None:
    """Trying again finds what the first try made: there is one, not two."""
    stage = await make_stage()
    await stage.linked("Lunch")
    await _delete(stage, Side.MICROSOFT)
    stage.lose("microsoft.create")
    with pytest.raises(OutcomeUnknown):
        await take_back(stage, "deleted")
    await take_back(stage, "deleted")
    await stage.settle()
    assert stage.subjects() == (["Lunch"], ["Lunch"])


async def test_it_was_made_anew_by_hand_already() -> None:
    """Nothing is doubled, though the entry is another one by its ids."""
    stage = await make_stage()
    await stage.linked("Lunch")
    await _delete(stage, Side.MICROSOFT)
    stage.anna.add(entry("lunch", at(8)))
    assert await refused(stage, "deleted") == "undo_changed_since"


async def test_it_was_restored_by_hand_already() -> None:
    """Nothing is doubled."""
    stage = await make_stage()
    await stage.linked("Lunch")
    removed = stage.event("Lunch").id
    await _delete(stage, Side.MICROSOFT)
    stage.anna.restore(removed)
    await stage.settle()
    assert stage.subjects() == (["Lunch"], ["Lunch"])
    assert await refused(stage, "deleted") == "undo_changed_since"


async def test_a_removed_entry_that_makes_no_sense() -> None:
    """Nothing is made of it; nor of one that nothing is known of any more."""
    stage = await make_stage()
    await stage.linked("Lunch")
    await _delete(stage, Side.MICROSOFT)
    kept = await line(stage, "deleted")
    values = {**kept.note.values, "time": "sometimes"}
    await stage.ports.history.append(stage.pair, [replace(kept, note=replace(kept.note, values=values))])
    assert await refused(stage, "deleted") == "undo_cut"
    await stage.ports.history.append(stage.pair, [replace(kept, activity="unknown", event="unknown")])
    assert await refused(stage, "deleted") == "undo_nothing"


async def test_a_removed_meeting() -> None:
    """A meeting is never made again."""
    stage = await make_stage()
    event = stage.anna.add(entry("Meeting", at(30)), is_meeting=True)
    await stage.settle()
    stage.clock.advance(timedelta(minutes=30))
    stage.anna.remove(event.id)
    await stage.settle()
    assert stage.subjects() == ([], [])
    assert await refused(stage, "deleted") == "undo_meeting"


async def test_a_private_event_that_was_masked() -> None:
    """Only the mask was kept, so there is nothing to put back."""
    stage = await make_stage(severa=NO_PERSONAL)
    stage.anna.add(entry("Secret", at(8), "hush", private=True))
    await stage.settle()
    stage.clock.advance(timedelta(minutes=30))
    await _delete(stage, Side.MICROSOFT)
    assert await refused(stage, "deleted") == "undo_masked"
    [record] = [record for record in await stage.history() if record.note.code == "deleted"]
    assert "Secret" not in str(record)
