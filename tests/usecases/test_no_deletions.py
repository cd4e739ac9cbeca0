"""What looks like a deletion and is none."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.errors import RetryLater
from core.model.ids import Side
from core.model.link import LinkState, ParkReason
from core.model.when import Window
from core.usecases.report import Outcome
from tests.support.stage import ANNA, BERT, at, entry, make_stage


# --- P23 --------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("side", list(Side))
async def test_p23_a_calendar_comes_back_empty(side: Side, monkeypatch: pytest.MonkeyPatch) -> None:
    """P23: nothing is deleted on the other side, even where each single entry seems to be gone: a person decides."""
    stage = await make_stage()
    await stage.linked("Lunch", "Dinner", "Supper")
    if side is Side.SEVERA:
        monkeypatch.setattr(stage.severa, "_held", {})
        stage.clock.advance(timedelta(days=1))
    else:
        for event in stage.anna.events():
            stage.anna.remove(event.id)
        stage.anna.expire_cursors()
    report = await stage.run()
    assert (report.held, report.written) == ({"delete": 3}, {})
    assert len(stage.anna.events() if side is Side.SEVERA else stage.severa.activities()) == 3
    assert [hold.reason for hold in await stage.holds()] == ["side_found_empty"]


async def test_p23_half_a_view_is_no_view(monkeypatch: pytest.MonkeyPatch) -> None:
    """P23: a view that says that it is not complete proves nothing about what it lacks."""
    stage = await make_stage()
    await stage.linked("Lunch", "Dinner")
    calendar = type(stage.severa.calendar((await stage.severa.user(ANNA)), "UTC"))  # type: ignore[arg-type]
    whole = calendar.view

    async def half(self: object, window: Window) -> object:
        snapshot = await whole(self, window)  # type: ignore[arg-type]
        return replace(snapshot, sightings=snapshot.sightings[:1], complete=False)

    monkeypatch.setattr(calendar, "view", half)
    stage.clock.advance(timedelta(days=8))
    report = await stage.run()
    assert (report.noticed, report.written) == (0, {})


@pytest.mark.parametrize("pages", [0, 1, 2])
async def test_p23_a_page_fails(pages: int) -> None:
    """P23, P47: a round that breaks off at any page deletes nothing, and its cursor does not move."""
    stage = await make_stage(mailbox={"page_size": 2})
    await stage.linked(*(f"Event {n}" for n in range(7)))
    stage.anna.expire_cursors()
    whole = stage.anna.changes

    async def broken(cursor: str | None, window: Window):  # noqa: ANN202
        count = 0
        async for page in whole(cursor, window):
            if count == pages:
                raise RetryLater("unavailable")
            count += 1
            yield page

    stage.anna.changes = broken  # type: ignore[method-assign]
    report = await stage.run()
    assert (report.outcome, report.code, report.written) == (Outcome.LATER, "unavailable", {})
    stage.anna.changes = whole  # type: ignore[method-assign]
    assert not any(r.written for r in await stage.settle())
    assert len(stage.severa.activities()) == 7


# --- P24, P25 ---------------------------------------------------------------------------------------------------------
async def test_p24_an_event_is_moved_beyond_the_window() -> None:
    """P24: the round calls it removed, but it is alive: its activity stays and moves along."""
    stage = await make_stage()
    await stage.linked("Lunch", "Dinner")
    far = at(8, day=900)
    stage.anna.edit(stage.event("Lunch").id, entry("Lunch", far))
    await stage.settle()
    assert stage.activity("Lunch").essence.when == far
    stage.anna.edit(stage.event("Lunch").id, entry("Lunch", at(8)))
    await stage.settle()
    assert stage.activity("Lunch").essence.when == at(8)


async def test_p25_a_type_is_unticked() -> None:
    """P25, R9: its entries rest where they are, nothing is deleted or written; a tick wakes them with an edit."""
    stage = await make_stage()
    stage.severa.add(ANNA, entry("Call"), "type-meeting")
    await stage.settle()
    await stage.change_settings(synced_types=frozenset({"type-personal"}))
    stage.severa.edit(stage.activity("Call").id, entry("Long call"))
    stage.clock.advance(timedelta(days=8))
    assert not any(r.written for r in await stage.settle())
    link = await stage.link("Call")
    assert (link.state, link.parked) == (LinkState.PARKED, ParkReason.TYPE_NOT_TICKED)
    await stage.change_settings(synced_types=frozenset({"type-personal", "type-meeting"}))
    stage.severa.edit(stage.activity("Long call").id, entry("Longer call"))
    await stage.settle()
    assert stage.subjects() == (["Longer call"], ["Longer call"])


async def test_p25_an_event_of_a_resting_entry_is_deleted() -> None:
    """P25: an activity that no longer travels is not deleted because its copy was."""
    stage = await make_stage()
    stage.severa.add(ANNA, entry("Call"), "type-meeting")
    await stage.settle()
    stage.clock.advance(timedelta(minutes=30))
    stage.severa.edit(stage.activity("Call").id, type_id="type-visit")
    stage.anna.remove(stage.event("Call").id)
    await stage.settle()
    assert stage.subjects() == (["Call"], [])


async def test_p25_a_permission_in_severa_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """P25, R19: activities answer 404, and nothing shows that others answer: nothing is deleted, and it is said."""
    stage = await make_stage()
    await stage.linked("Lunch", "Dinner", "Supper", "Tea")

    async def unproven(self: object, entry: str, witness: str) -> None:
        raise RetryLater("severa_deletion_unproven")

    held, stage.severa._held = stage.severa._held, {}
    calendar = type(stage.severa.calendar((await stage.severa.user(ANNA)), "UTC"))  # type: ignore[arg-type]
    with monkeypatch.context() as patched:
        patched.setattr(calendar, "verify", unproven)
        stage.clock.advance(timedelta(days=1))
        report = await stage.run()
    assert (report.outcome, report.code) == (Outcome.LATER, "severa_deletion_unproven")
    assert len(stage.anna.events()) == 4
    stage.severa._held = held
    assert not any(r.written for r in await stage.settle(rounds=40))


async def test_p25_an_activity_changes_hands() -> None:
    """P25, R14: Anna, in it no more, loses her copy; Bert gets one of his own; back again, nothing is doubled."""
    stage = await make_stage()
    stage.severa.add(ANNA, entry("Visit"))
    await stage.settle((ANNA, BERT))
    stage.clock.advance(timedelta(minutes=30))
    activity = stage.activity("Visit").id
    stage.severa.edit(activity, owner=BERT)
    await stage.settle((ANNA, BERT))
    assert stage.anna.events() == ()
    assert [e.essence.subject for e in stage.bert.events()] == ["Visit"]
    stage.clock.advance(timedelta(minutes=30))
    stage.severa.edit(activity, entry("Visit", at(16)), owner=ANNA)
    await stage.settle((ANNA, BERT))
    assert stage.anna.events()[0].essence.when == at(16)
    assert (len(stage.anna.events()), len(stage.bert.events()), len(stage.severa.activities())) == (1, 0, 1)


async def test_an_activity_of_an_event_changes_hands() -> None:
    """R14: Anna's own event is no copy of ours: it stays in her calendar, and rests."""
    stage = await make_stage()
    await stage.linked("Visit")
    stage.severa.edit(stage.activity("Visit").id, owner=BERT)
    await stage.settle((ANNA, BERT))
    assert [e.essence.subject for e in stage.anna.events()] == ["Visit"]
    assert (await stage.link("Visit")).parked is ParkReason.NOT_A_PARTICIPANT


async def test_p26_archiving_is_not_deleting() -> None:
    """R19: an entry that ended more than a week ago is never deleted on the other side."""
    stage = await make_stage()
    stage.anna.add(entry("Past", at(8, day=-10)))
    await stage.settle()
    stage.clock.advance(timedelta(minutes=30))
    stage.anna.remove(stage.event("Past").id)
    assert not any(r.written for r in await stage.settle())
    assert (await stage.link("Past")).parked is ParkReason.ARCHIVED


async def test_an_activity_with_work_hours() -> None:
    """R19: it is never deleted."""
    stage = await make_stage()
    stage.severa.add(ANNA, entry("Build"), has_hours=True)
    await stage.settle()
    stage.clock.advance(timedelta(minutes=30))
    stage.anna.remove(stage.event("Build").id)
    assert not any(r.written for r in await stage.settle())
    assert (await stage.link("Build")).parked is ParkReason.WORK_HOURS
