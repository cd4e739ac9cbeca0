"""A round names an event as gone, and whoever reads it a moment later is shown what was there before."""

from datetime import timedelta

import pytest

from core.errors import RetryLater
from core.model.ids import Side
from core.model.policy import YOUNG
from core.model.sighting import Event
from core.usecases.hints import note_activity_changed
from core.usecases.pending import gone_row
from tests.support.stage import ANNA, COMPANY, Stage, at, entry, make_stage

OLD = timedelta(minutes=30)


async def lunch(stage: Stage) -> Event:
    """An event in agreement, beside another one, no longer young."""
    await stage.linked("Lunch", "Dinner")
    stage.clock.advance(OLD)
    return stage.event("Lunch")


def deleted_but_shown(stage: Stage, event: Event) -> None:
    """It is deleted; every read of it lags, until `stage.clock` moves on by more than a minute."""
    verify, until = stage.anna.verify, stage.clock.now() + timedelta(minutes=1)
    stage.anna.remove(event.id)

    async def lagging(one: str, witness: str) -> Event | None:
        return event if one == event.id and stage.clock.now() < until else await verify(one, witness)

    stage.anna.verify = lagging  # type: ignore[method-assign, assignment]


async def test_it_is_gone_and_shown_for_another_moment() -> None:
    """It is looked at once more when no read can lag any more, and its activity follows within minutes."""
    stage = await make_stage()
    deleted_but_shown(stage, await lunch(stage))
    report = await stage.run()
    assert report.written == {}
    assert report.again == stage.clock.now() + YOUNG
    await stage.work(minutes=15)
    assert stage.subjects() == (["Dinner"], ["Dinner"])
    assert await stage.pending() == ()


async def test_it_is_there_after_all() -> None:
    """P24: what left the window arrives at once; then one more read, and that is the end of it."""
    stage = await make_stage()
    event = await lunch(stage)
    stage.anna.edit(event.id, entry("Lunch", at(10, 900)))
    assert (await stage.run()).written == {"updated_severa": 1}
    [row] = await stage.pending()
    assert (row.id, row.gone, row.named) == (event.id, False, True)
    await stage.settle()
    stage.watch.reset()
    await stage.work(minutes=60)
    assert stage.watch.calls["microsoft.verify"] <= 1
    assert await stage.pending() == ()
    assert stage.subjects() == (["Dinner", "Lunch"], ["Dinner", "Lunch"])


async def test_it_is_gone_and_its_activity_is_edited_meanwhile() -> None:
    """The edit does not end the waiting: where it leads nowhere, the deletion is found all the same (R18)."""
    stage = await make_stage()
    event = await lunch(stage)
    deleted_but_shown(stage, event)
    await stage.run()
    activity = stage.activity("Lunch").id
    stage.severa.edit(activity, entry("Lunch", at(8), "for a moment"))
    stage.severa.edit(activity, entry("Lunch", at(8)))
    await stage.poll()
    await stage.run()
    assert [row.id for row in await stage.pending()] == [event.id]
    await stage.work(minutes=15)
    assert stage.subjects() == (["Dinner"], ["Dinner"])


async def test_it_was_never_linked() -> None:
    """No activity is made of what was named as gone, before that second look."""
    stage = await make_stage()
    await stage.linked("Dinner")
    event = stage.anna.add(entry("Lunch", at(8)))
    stage.fail("before severa.view", RetryLater("severa_unavailable"))
    await stage.run()
    stage.watch.interrupt = None
    stage.clock.advance(timedelta(minutes=1))
    deleted_but_shown(stage, event)
    assert (await stage.run()).written == {}
    await stage.work(minutes=15)
    assert stage.subjects() == (["Dinner"], ["Dinner"])
    assert await stage.pending() == ()


async def test_its_deletion_is_told_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """A read that lags then is nobody's wish to have it back."""
    stage = await make_stage()
    await lunch(stage)
    activity = stage.activity("Lunch")
    stage.severa.remove(activity.id)
    await note_activity_changed(stage.ports, COMPANY, ANNA, activity.id)
    await stage.settle()
    told = gone_row(Side.SEVERA, activity.id, None, stage.clock.now(), named=True)
    await stage.ports.pairs.notice(stage.pair, [told])
    with monkeypatch.context() as lagging:
        lagging.setattr(stage.severa, "get", lambda _: activity)
        assert (await stage.run()).written == {}
    await stage.work(minutes=15)
    assert stage.subjects() == (["Dinner"], ["Dinner"])
    assert await stage.pending() == ()
