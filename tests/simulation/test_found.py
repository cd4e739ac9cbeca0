"""What the simulation found: the smallest story of each, so that it stays mended."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx

from core.model.policy import ConflictRule
from core.usecases.report import Outcome
from core.usecases.settings import save_settings
from tests.contract.whole.meeting import company
from tests.contract.whole.recurring import DAY, HOUR, TUESDAY, agreed, calendars, nth, on, weekly, weekly_in_severa
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


async def _decides(stage: RemoteStage, rule: ConflictRule) -> None:
    found = await stage.ports.companies.settings(stage.company)
    assert found is not None
    await save_settings(stage.ports, stage.company, replace(found[0], conflict=rule), found[1])


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


async def test_a_series_with_a_cancelled_date_recurs_no_more() -> None:
    """It is a single activity then, and its run ends as any other."""
    async with calendars() as both:
        await agreed(both, "outlook")
        both.cancel_in_outlook(nth(1))
        await both.settle()
        start = on(TUESDAY + DAY)
        both.stage.graph.people.edit_event(both.event().immutable_id, start=start, end=start + HOUR, recurrence=None)
        await both.settle()
        [activity] = both.activities()
        assert (activity.start, activity.series) == (start, None)


async def test_two_dates_lose_at_once() -> None:
    """Both values are in history, not the first alone."""
    async with calendars() as both:
        await _decides(both.stage, ConflictRule.MICROSOFT)
        await agreed(both, "outlook")
        for number in (1, 2):
            both.edit_outlook(nth(number), subject="Outlook's")
            both.edit_severa(nth(number), name=f"Severa's {number}")
        await both.settle()
        await both.check()
        records = await both.stage.ports.history.read(both.stage.pair(), datetime(2026, 1, 1, tzinfo=UTC))
        lost = " ".join(value for record in records for value in record.note.values.values())
        assert "Severa's 1" in lost
        assert "Severa's 2" in lost


async def test_an_attendee_is_dismissed_before_the_organizers_pair_has_looked() -> None:
    """The activity is the organizer's from then on: deleting it would cancel the meeting for everybody (R15, R16)."""
    async with company() as us:
        await us.settle()
        meeting = us.meet("anna", "bert", "guest@outside.example")
        await us.stage.run("bert")
        [made] = us.activities()
        us.graph.remove_attendees(meeting, us.address("bert"))
        await us.stage.run("bert")
        await us.settle()
        [activity] = us.activities()
        assert (activity.guid, us.people(activity)) == (made.guid, ("anna", set()))
        assert us.mails == 0


async def test_a_series_is_made_public_while_its_copy_is_made() -> None:
    """What a person does between our write and the look at it is no echo of ours."""
    async with calendars() as both:
        stage, start = both.stage, on(TUESDAY)
        await both.settle()
        both.in_severa(start, start + HOUR, "weekly", weekly_in_severa(), times=5, type="Personal")

        async def make_public(request: httpx.Request) -> None:
            if request.method == "GET" and "/events/" in request.url.path and both.event().sensitivity != "normal":
                stage.graph.people.edit_event(both.event().immutable_id, sensitivity="normal")

        hooks = {"request": [make_public]}
        stage.clients[1].event_hooks = hooks
        await stage.poll()
        await stage.run()
        stage.clients[1].event_hooks = {}
        await both.settle()
        categories = {kind.guid: kind.category for kind in stage.severa.people.types_of(stage.severa_company)}
        assert (categories[both.activity().type], both.event().sensitivity) == ("CalendarEntry", "normal")


async def test_a_series_is_read_as_it_was_before_the_change_that_a_round_tells() -> None:
    """The round is asked for again: the change is not taken for settled."""
    async with calendars() as both:
        await agreed(both, "outlook")
        both.stage.graph.people.edit_event(both.event().immutable_id, start=on(TUESDAY, 14), end=on(TUESDAY, 15))
        both.stage.graph.faults.add(Fault(Action.STALE_READ, method="GET", path="/events/", times=1))
        await both.stage.run()
        await both.stage.settle()
        await both.check()


async def test_a_new_series_is_told_of_and_does_not_show_yet() -> None:
    """The round is asked for again: its twin, made by hand in Severa, gets no copy beside it (R6)."""
    async with calendars() as both:
        stage, start = both.stage, on(TUESDAY)
        await both.settle()
        both.in_outlook(start, start + HOUR, weekly(), times=5)
        both.in_severa(start, start + HOUR, "weekly", weekly_in_severa(), times=5)
        stage.graph.faults.add(Fault(Action.STALE_READ, method="GET", path="/events/", times=2))
        await stage.poll()
        for _ in range(2):
            await stage.run()
            stage.clock.advance(timedelta(seconds=30))
        await both.settle()
        assert (len(both.events()), len(both.activities())) == (1, 1)


async def test_a_series_is_told_of_and_never_shows() -> None:
    """It is waited for ten minutes; then the rest of the calendar goes on without it."""
    async with calendars() as both:
        stage, start = both.stage, on(TUESDAY)
        await both.settle()
        series = both.in_outlook(start, start + HOUR, weekly(), times=5)
        stage.graph.people.add_event(stage.mailboxes["anna"], "Lunch", at(12).start, at(12).end)
        stage.graph.faults.add(Fault(Action.STATUS, method="GET", path=f"/events/{series}", status=404, times=9))
        assert (await stage.run()).outcome is Outcome.LATER
        assert _names(stage) == []
        stage.clock.advance(timedelta(minutes=11))
        await stage.run()
        assert _names(stage) == ["Lunch"]
