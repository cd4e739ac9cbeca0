"""What the simulation found: the smallest story of each, so that it stays mended."""

from datetime import timedelta

from tests.simulators.common.faults import Action, Fault
from tests.support.remote_stage import RemoteStage, remote_stage
from tests.support.stage import at

LAG = timedelta(seconds=60)


def _names(stage: RemoteStage) -> list[str]:
    return [activity.name for activity in stage.severa.people.activities_of(stage.users["anna"])]


def _subjects(stage: RemoteStage) -> list[str]:
    return [event.subject for event in stage.graph.people.events_of(stage.mailboxes["anna"])]


async def _lunch(stage: RemoteStage) -> str:
    """An event that is in agreement with its activity, and old enough."""
    event = stage.graph.people.add_event(stage.mailboxes["anna"], "Lunch", at(12).start, at(12).end)
    await stage.settle()
    stage.clock.advance(timedelta(minutes=30))
    return event


def _edit_activity(stage: RemoteStage) -> None:
    [activity] = stage.severa.people.activities_of(stage.users["anna"])
    stage.severa.people.edit_activity(activity.guid, name="Long lunch")


async def test_a_round_that_lags_behind_our_own_write() -> None:
    """It tells nothing new: the person's edit in Severa stays (R17)."""
    async with remote_stage() as stage:
        event = await _lunch(stage)
        stage.graph.options.delta_lag = LAG
        stage.graph.people.edit_event(event, categories=["red"])
        _edit_activity(stage)
        stage.clock.advance(LAG * 0.8)
        await stage.poll()
        await stage.run()
        assert _subjects(stage) == ["Long lunch"]
        stage.clock.advance(LAG * 0.4)
        await stage.run()
        assert _names(stage) == ["Long lunch"]


async def test_an_edit_meets_an_event_that_was_deleted_a_moment_ago() -> None:
    """The edit outlives the deletion (R18), also where delta does not tell of the deletion yet."""
    async with remote_stage() as stage:
        event = await _lunch(stage)
        stage.graph.options.delta_lag = LAG
        stage.graph.people.delete_event(event)
        _edit_activity(stage)
        await stage.poll()
        await stage.run()
        await stage.settle()
        assert (_names(stage), _subjects(stage)) == (["Long lunch"], ["Long lunch"])


async def test_a_newcomer_that_is_deleted_before_it_could_be_read() -> None:
    """No activity is made of it."""
    async with remote_stage() as stage:
        await stage.settle()
        event = stage.graph.people.add_event(stage.mailboxes["anna"], "Lunch", at(12).start, at(12).end)
        stage.graph.faults.add(Fault(Action.STATUS, method="GET", path="/events/", status=503))
        await stage.run()
        stage.graph.people.delete_event(event)
        await stage.settle()
        assert _names(stage) == []


async def test_an_event_gets_another_id_and_cannot_be_read_at_once() -> None:
    """It is the same event by its uid all the same: nothing is made anew."""
    async with remote_stage() as stage:
        event = await _lunch(stage)
        moved = stage.graph.people.rehome_event(event)
        _edit_activity(stage)
        await stage.poll()
        stage.graph.faults.add(Fault(Action.STATUS, method="GET", path=f"/events/{moved}", status=503))
        await stage.run()
        await stage.settle()
        assert (_names(stage), _subjects(stage)) == (["Long lunch"], ["Long lunch"])
