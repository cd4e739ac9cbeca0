"""A person makes the same entry in both calendars, and one of the two cannot be read, or a create of it failed."""

from datetime import timedelta

import pytest

from core.adapters.memory.severa import MemorySeveraCalendar
from core.errors import RetryLater
from core.model.ids import Side
from core.model.sighting import Activity
from tests.support.stage import ANNA, Stage, entry, make_stage


async def kept(stage: Stage, *words: str) -> None:
    """One entry on each side, in agreement; each of these words is there, or in history."""
    await stage.settle()
    assert stage.subjects() == (["Lunch"], ["Lunch"])
    activity, event = stage.activity("Lunch").essence, stage.event("Lunch").essence
    assert (activity.text, activity.location) == (event.text, event.location)
    told = [value for record in await stage.history() for value in record.note.values.values()]
    assert set(words) <= {activity.text, *told}


async def test_the_activity_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The event waits for it: it may be its twin, as the calendar says, and no second activity is made."""
    stage = await make_stage()
    await stage.settle()
    stage.anna.add(entry("Lunch", text="Microsoft's"))
    stage.clock.advance(timedelta(minutes=2))
    stage.severa.add(ANNA, entry("Lunch", text="Severa's"))
    await stage.poll()

    async def refused(*_: object) -> Activity:
        raise RetryLater("severa_throttled")

    with monkeypatch.context() as troubled:
        troubled.setattr(MemorySeveraCalendar, "read", refused)
        troubled.setattr(MemorySeveraCalendar, "verify", refused)
        assert (await stage.run()).written == {}
    await kept(stage, "Microsoft's", "Severa's")


async def test_the_event_cannot_be_read() -> None:
    """The same with the sides changed."""
    stage = await make_stage()
    await stage.settle()
    stage.severa.add(ANNA, entry("Lunch", text="Severa's"))
    await stage.poll()
    event = stage.anna.add(entry("Lunch", text="Microsoft's"))
    read = stage.anna.read

    async def refused(one: str) -> object:
        if one == event.id:
            raise RetryLater("graph_throttled")
        return await read(one)

    stage.anna.read = refused  # type: ignore[method-assign, assignment]
    assert (await stage.run()).written == {}
    stage.anna.read = read  # type: ignore[method-assign]
    await kept(stage, "Microsoft's", "Severa's")


@pytest.mark.parametrize("newer", list(Side))
async def test_made_by_hand_after_a_create_that_came_to_nothing(newer: Side) -> None:
    """It has other words, so it is not what was sent: the newer ones stay, the others are in history."""
    stage = await make_stage()
    await stage.settle()
    event = stage.anna.add(entry("Lunch", text="Microsoft's"))
    stage.lose("severa.create", happened=False)
    await stage.run()
    stage.clock.advance(timedelta(minutes=2))
    stage.severa.add(ANNA, entry("Lunch", text="Severa's"))
    if newer is Side.MICROSOFT:
        stage.clock.advance(timedelta(minutes=2))
        stage.anna.edit(event.id, entry("Lunch", text="Microsoft's own"))
    await kept(stage, "Microsoft's" if newer is Side.SEVERA else "Microsoft's own", "Severa's")
