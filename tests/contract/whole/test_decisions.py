"""Holds, undo and preview with real adapters: what people decide reaches the simulators as requests like any other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from core.errors import ItemRefused, OutcomeUnknown
from core.model.caller import Caller
from core.model.rows import Record
from core.model.state import Verdict
from core.usecases.history import name_of, read_history
from core.usecases.preview import Does, preview
from core.usecases.releasing import decide
from core.usecases.undo import undo
from tests.support.remote_theatre import RemoteTheatre, remote_theatre
from tests.support.stage import at, entry


@pytest.fixture
async def theatre() -> AsyncIterator[RemoteTheatre]:
    """Two users, and one linked entry of Anna's that is old enough."""
    async with remote_theatre() as running:
        await running.add_event("anna", entry("Lunch", at(8), "text", "Place"))
        await running.settle()
        running.pass_time(timedelta(minutes=30))
        yield running


async def subjects(theatre: RemoteTheatre) -> tuple[list[str], list[str]]:
    """What Anna's calendars show."""
    activities, events = await theatre.activities("anna"), await theatre.events("anna")
    return sorted(e.subject for e in activities.values()), sorted(e.subject for e in events.values())


async def line(theatre: RemoteTheatre, code: str) -> Record:
    """The one line of that code in Anna's history."""
    lines, _ = await read_history(theatre.stage.ports, theatre.stage.pair(), "", 100)
    [found] = [one.record for one in lines if one.record.note.code == code]
    return found


async def take_back(theatre: RemoteTheatre, code: str) -> Record | None:
    """Anna takes that line back."""
    return await undo(theatre.stage.ports, theatre.stage.pair(), name_of((await line(theatre, code)).key))


async def _conflict(theatre: RemoteTheatre) -> None:
    await theatre.edit_activity("anna", "Lunch", entry("Lunch", at(8), "by Severa", "Place"))
    theatre.pass_time(timedelta(minutes=5))
    await theatre.edit_event("anna", "Lunch", entry("Lunch", at(8), "by Outlook", "Place"))
    await theatre.settle()


async def test_a_conflict_is_taken_back(theatre: RemoteTheatre) -> None:
    """The losing text is in both calendars, and a further run writes nothing."""
    await _conflict(theatre)
    found = await line(theatre, "conflict_text")
    assert (found.note.values, found.note.stayed) == ({"text": "by Severa"}, {"text": "by Outlook"})
    await take_back(theatre, "conflict_text")
    await theatre.settle()
    for calendar in (await theatre.activities("anna"), await theatre.events("anna")):
        assert [essence.text for essence in calendar.values()] == ["by Severa"]
    assert (await theatre.stage.run()).written == {}


async def test_a_newer_edit_stands_in_the_way(theatre: RemoteTheatre) -> None:
    """It is found out by reading, before anything is written."""
    await _conflict(theatre)
    await theatre.edit_event("anna", "Lunch", entry("Lunch", at(8), "newer", "Place"))
    with pytest.raises(ItemRefused, match="undo_changed_since"):
        await take_back(theatre, "conflict_text")
    await theatre.settle()
    assert [e.text for e in (await theatre.activities("anna")).values()] == ["newer"]


@pytest.mark.parametrize("is_lost", [False, True])
async def test_a_removed_entry_is_made_anew(theatre: RemoteTheatre, is_lost: bool) -> None:  # noqa: FBT001
    """Once, with its content, also where the answer to the create was lost; nobody is mailed."""
    await theatre.remove_event("anna", "Lunch")
    await theatre.settle()
    assert await subjects(theatre) == ([], [])
    if is_lost:
        theatre.stage.lose_answer_to_create()
        with pytest.raises(OutcomeUnknown):
            await take_back(theatre, "deleted")
    assert await take_back(theatre, "deleted")
    await theatre.settle()
    assert await subjects(theatre) == (["Lunch"], ["Lunch"])
    for calendar in (await theatre.activities("anna"), await theatre.events("anna")):
        assert [replace(e, when=at(8)) for e in calendar.values()] == [entry("Lunch", at(8), "text", "Place")]
    assert (await theatre.stage.run()).written == {}


async def _delete_twelve(theatre: RemoteTheatre) -> str:
    """Twelve of twenty events are deleted; the name of the hold."""
    for number in range(19):
        await theatre.add_event("anna", entry(f"Event {number:02}", at(9 + number / 2)))
    await theatre.settle()
    theatre.pass_time(timedelta(minutes=30))
    for number in range(12):
        await theatre.remove_event("anna", f"Event {number:02}")
    await theatre.stage.run()
    [hold] = await theatre.stage.ports.holds.of_company(theatre.stage.company)
    return hold.id


@pytest.mark.parametrize(("verdict", "left"), [(Verdict.RELEASE, 8), (Verdict.DISCARD, 20)])
async def test_a_hold_is_decided(theatre: RemoteTheatre, verdict: Verdict, left: int) -> None:
    """Released, its deletions are proven again and done; discarded, its activities stay, at the next comparison too."""
    hold = await _delete_twelve(theatre)
    caller = Caller(theatre.stage.company, theatre.stage.pair().user, is_admin=False)
    assert await decide(theatre.stage.ports, caller, hold, verdict) == 12
    await theatre.settle()
    theatre.pass_time(timedelta(days=8))
    await theatre.settle()
    assert len(await theatre.activities("anna")) == left


async def test_a_preview_writes_nothing(theatre: RemoteTheatre) -> None:
    """Neither service gets anything but reads; then the run does what was told."""
    await theatre.add_event("anna", entry("New", at(12)))
    await theatre.remove_event("anna", "Lunch")
    stage = theatre.stage
    stage.severa.requests.reset()
    stage.graph.requests.reset()
    found = await preview(stage.ports, stage.pair())
    assert {(one.does, one.subject) for one in found.entries} == {(Does.CREATED, "New"), (Does.DELETED, "Lunch")}
    sent = {request.method for log in (stage.severa.requests, stage.graph.requests) for request in log.entries}
    assert sent == {"GET"}
    assert stage.graph.mails == []
    await theatre.settle()
    assert await subjects(theatre) == (["New"], ["New"])
