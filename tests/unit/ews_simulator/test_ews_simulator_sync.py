"""SyncFolderItems and FindItem."""

from __future__ import annotations

import base64
import random
from datetime import timedelta

import pytest

from .ews_stage import DAY, HOUR, ID_ONLY, MARK, NINE, Stage, stage, weekly

__all__ = ["stage"]


def add(stage: Stage, number: int) -> list[str]:
    """So many events, a minute after each other, the ids in the order of their making."""
    found = []
    for count in range(number):
        stage.clock += timedelta(minutes=1)
        found.append(stage.people.add_event(stage.anna, f"{count}", NINE + count * DAY, NINE + count * DAY + HOUR))
    return found


async def test_an_empty_state_lists_everything_without_a_window(stage: Stage) -> None:
    """Newest first, as from 2010 SP2 on; a later state brings only what has changed since."""
    old, new = add(stage, 2)
    first = await stage.sync()
    assert [one[0] for one in first.ids("t:Create/t:CalendarItem/t:ItemId")] == [new, old]
    assert first.text("m:IncludesLastItemInRange") == "true"
    stage.people.edit_event(old, subject="changed")
    stage.people.delete_event(new)
    second = await stage.sync(first.text("m:SyncState"))
    assert [one[0] for one in second.ids("t:Update/t:CalendarItem/t:ItemId")] == [old]
    assert [one[0] for one in second.ids("t:Delete/t:ItemId")] == [new]
    third = await stage.sync(second.text("m:SyncState"))
    assert len(third.all("m:Changes/*")) == 0
    assert (await stage.sync(first.text("m:SyncState"))).ids("t:Delete/t:ItemId") == second.ids("t:Delete/t:ItemId")


async def test_before_2010_sp2_the_oldest_comes_first() -> None:
    """The order is no promise to build on."""
    stage = Stage(release="2010_sp1")
    ids = add(stage, 3)
    async with stage.client:
        assert [one[0] for one in (await stage.sync()).ids()] == ids


async def test_a_round_in_pieces(stage: Stage) -> None:
    """What changes between two pieces comes in a later one, and nothing comes twice or is left out."""
    ids = add(stage, 5)
    told: list[str] = []
    state, last = "", "false"
    while last == "false":
        answer = await stage.sync(state, most=2)
        assert len(answer.ids()) <= 2
        told += [one[0] for one in answer.ids()]
        state, last = answer.text("m:SyncState"), answer.text("m:IncludesLastItemInRange")
        if len(told) == 2:
            ids += add(stage, 1)
    assert sorted(told) == sorted(ids)


async def test_a_state_that_is_none(stage: Stage) -> None:
    """Cut off, of another mailbox, or of before all were lost: each is refused by name, and an empty one serves."""
    add(stage, 3)
    state = (await stage.sync()).text("m:SyncState")
    stage.people.add_event(stage.bert, "B", NINE, NINE + HOUR)
    other = (await stage.sync(acts_for="bert@acme.example")).text("m:SyncState")
    for wrong in (state[:-8], other, base64.b64encode(b"x" * 50).decode(), "!"):
        assert (await stage.sync(wrong)).codes == ["ErrorInvalidSyncStateData"]
    stage.people.lose_sync_states(stage.anna)
    assert (await stage.sync(state)).codes == ["ErrorInvalidSyncStateData"]
    assert len((await stage.sync()).ids()) == 3


async def test_a_state_grows_with_its_folder(stage: Stage) -> None:
    """It can be larger than any property of a table."""
    add(stage, 3000)
    state, last = "", "false"
    while last == "false":
        answer = await stage.sync(state)
        state, last = answer.text("m:SyncState"), answer.text("m:IncludesLastItemInRange")
    assert len(state) > 64 * 1024


async def test_series_come_as_masters_alone(stage: Stage) -> None:
    """A changed or deleted occurrence is an Update of its master (facts/microsoft.md G3)."""
    [(series, _)] = (await stage.create(weekly())).ids()
    state = (await stage.sync()).text("m:SyncState")
    day = stage.people.event(series).rule.first  # type: ignore[union-attr]
    stage.people.edit_occurrence(series, day, subject="other")
    answer = await stage.sync(state)
    assert [one[0] for one in answer.ids("t:Update/t:CalendarItem/t:ItemId")] == [series]
    stage.people.delete_occurrence(series, day)
    answer = await stage.sync(answer.text("m:SyncState"))
    assert [one[0] for one in answer.ids("t:Update/t:CalendarItem/t:ItemId")] == [series]


async def test_read_flags_and_other_properties(stage: Stage) -> None:
    """A read flag is a change of its own kind; the mark comes where it is asked for; a body cannot be had."""
    [item_id] = add(stage, 1)
    state = (await stage.sync()).text("m:SyncState")
    stage.people.mark_read(item_id, is_read=False)
    answer = await stage.sync(state)
    assert answer.text("t:ReadFlagChange/t:IsRead") == "false"
    base = ID_ONLY.replace("</m:Item", "<t:AdditionalProperties>{0}</t:AdditionalProperties></m:Item")
    assert (await stage.sync(shape=base.format(MARK))).codes == ["NoError"]
    body = await stage.sync(shape=base.format('<t:FieldURI FieldURI="item:Body"/>'))
    assert body.codes == ["ErrorInvalidPropertyRequest"]


async def test_exchanges_own_write(stage: Stage) -> None:
    """Another version with the same content is an Update all the same."""
    [item_id] = add(stage, 1)
    first = await stage.sync()
    touched = stage.people.touch_event(item_id)
    second = await stage.sync(first.text("m:SyncState"))
    assert second.ids("t:Update/t:CalendarItem/t:ItemId") == [(item_id, touched.change_key)]


async def test_an_item_that_comes_back_under_another_id(stage: Stage) -> None:
    """Out of the calendar and in again: one is gone, and there is a new one."""
    [item_id] = add(stage, 1)
    state = (await stage.sync()).text("m:SyncState")
    back = stage.people.rehome_event(item_id)
    answer = await stage.sync(state)
    assert [one[0] for one in answer.ids("t:Create/t:CalendarItem/t:ItemId")] == [back]
    assert [one[0] for one in answer.ids("t:Delete/t:ItemId")] == [item_id]


async def test_any_history_told_in_any_pieces(stage: Stage) -> None:
    """Whoever follows the states knows in the end what is in the calendar."""
    chance = random.Random(5)
    known: dict[str, str] = {}
    state = ""
    for _ in range(60):
        stage.clock += timedelta(minutes=1)
        events = stage.people.events_of(stage.anna)
        act = chance.choice(["add", "edit", "delete", "sync", "sync"])
        if act == "add" or not events:
            stage.people.add_event(stage.anna, "S", NINE, NINE + HOUR)
        elif act == "edit":
            stage.people.edit_event(chance.choice(events).item_id, subject=f"{chance.random()}")
        elif act == "delete":
            stage.people.delete_event(chance.choice(events).item_id)
        else:
            state = await follow(stage, state, known, chance.choice([1, 2, 512]))
    while True:
        before = state
        state = await follow(stage, state, known, 3)
        if state == before:
            break
    assert known == {item.item_id: item.change_key for item in stage.people.events_of(stage.anna)}


async def follow(stage: Stage, state: str, known: dict[str, str], most: int) -> str:
    """One piece; answers the next state."""
    answer = await stage.sync(state, most=most)
    known |= dict(answer.ids())
    for gone, _ in answer.ids("t:Delete/t:ItemId"):
        del known[gone]
    return answer.text("m:SyncState")


@pytest.mark.parametrize("most", ["0", "513"])
async def test_too_many_at_once(stage: Stage, most: str) -> None:
    """The schema allows 1 to 512."""
    assert (await stage.sync(most=int(most))).codes == ["ErrorSchemaValidation"]
