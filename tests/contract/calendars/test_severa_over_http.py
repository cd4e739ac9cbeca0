"""The Severa adapter over a real socket, and its requests against Severa's published OpenAPI document."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import httpx
import pytest

from core.adapters.severa.exchange import Timeouts
from core.adapters.severa.quirks import PatchValues
from core.errors import OutcomeUnknown, RetryLater
from core.model.essence import Field
from core.model.exceptions import DateChange, DateException
from core.model.expand import occurrence_on
from core.model.ids import UserId
from core.model.pattern import Day, Weekly
from core.model.sighting import Role
from core.model.when import all_day
from tests.contract.calendars.content import an_hour, soon, wanted
from tests.contract.calendars.severa_stage import SeveraStage
from tests.contract.schema_severa import SchemaTransport, SeveraSchema
from tests.simulators.common.faults import Action, Fault
from tests.simulators.common.inprocess import transport
from tests.simulators.common.server import serve
from tests.unit.recurrence.made import made as made_series

EVERYTHING = frozenset(Field)


async def use_everything(stage: SeveraStage) -> None:
    """Every call that the adapter can make, in its usual forms."""
    calendar, gateway = stage.calendar, stage.gateway
    for n in range(101):
        await stage.put(f"n {n}", an_hour(stage))
    days = all_day(soon(stage).date(), soon(stage, 3).date())
    made = await calendar.create(stage.draft(wanted("made", an_hour(stage), "text", "place")), stage.stamp())
    made = await calendar.update(made, stage.draft(wanted("days", days, private=True)), EVERYTHING)
    assert made.essence == wanted("days", days, private=True)
    assert len((await calendar.view(stage.window)).sightings) == 102
    await calendar.delete(made)
    assert await calendar.verify(made.id, "") is None
    assert len([page async for page in gateway.changes(stage.now(), stage.window)]) == 3
    await _use_series(stage)
    await _use_people(stage)
    assert len(await gateway.activity_types()) == 5
    assert (await gateway.user(UserId(stage.anna.guid))) == (await gateway.find_user("anna@acme.example"))
    stage.clock.advance(hours=1)
    assert await calendar.read(made.id) is None
    for guid in [activity.guid for activity in stage.people.activities_of(stage.anna)]:
        stage.people.remove_activity(guid)
    assert await calendar.verify(made.id, "") is None


async def _use_series(stage: SeveraStage) -> None:
    """A series is made, changed, and its dates are; then it is a single entry, a series again, and gone."""
    calendar, daily = stage.calendar, made_series("2026-03-23", times=20)
    stage.severa.options.series_edit_keeps_exceptions = True
    series = await calendar.create(stage.draft(wanted("series", daily, "text", "place")), stage.stamp())
    for day, content in ((date(2026, 3, 24), None), (date(2026, 3, 25), "edited")):
        original = occurrence_on(daily, day)
        assert original is not None
        change = DateException(day, original if content else None, content or "")
        assert await calendar.change_date(series.id, None, DateChange(original, change)) == change
    seen = await calendar.read(series.id)
    assert seen is not None
    assert len(seen.essence.exceptions) == 2
    weekly = made_series("2026-03-23", Weekly(1, frozenset({Day.MONDAY, Day.TUESDAY, Day.WEDNESDAY})))
    for when in (weekly, an_hour(stage), weekly):
        seen = await calendar.update(seen, stage.draft(wanted("series", when)), EVERYTHING)
        assert seen.essence == wanted("series", when)
    await calendar.later(stage.window.end)
    await calendar.delete(seen)


async def _use_people(stage: SeveraStage) -> None:
    """An activity changes hands, and its people change."""
    entry = await stage.put("shared", an_hour(stage))
    await stage.gateway.change_owner(entry, UserId(stage.ben.guid))
    await stage.gateway.change_people(entry, frozenset({UserId(stage.anna.guid)}), frozenset())
    seen = await stage.calendar.read(entry)
    assert seen is not None
    assert seen.role is Role.PARTICIPANT
    await stage.calendar.leave(seen)
    assert len(await stage.gateway.users()) == 2
    await stage.remove(entry)


async def test_every_request_is_as_severa_documents_it(shared: Path) -> None:
    """Paths, query parameters and bodies are those of the OpenAPI document, to the letter with patch values as text."""
    stage = SeveraStage("Europe/Helsinki", PatchValues.TEXT)
    checked = SchemaTransport(
        transport(stage.severa.app), SeveraSchema(shared / "schemas" / "severa-calendar.openapi.yaml")
    )
    async with httpx.AsyncClient(transport=checked) as client:
        stage.open(client, PatchValues.TEXT)
        await use_everything(stage)
    assert checked.problems == []
    assert {(request.method, request.path) for request in stage.severa.requests.entries} >= {
        ("POST", "/v1/token"),
        ("POST", "/v1/refreshtoken"),
        ("GET", "/v1/activities"),
        ("POST", "/v1/activities"),
        ("GET", "/v1/activities/{guid}"),
        ("PATCH", "/v1/activities/{guid}"),
        ("DELETE", "/v1/activities/{guid}"),
        ("DELETE", "/v1/activities/{guid}/exceptions"),
        ("GET", "/v1/activities/{activityGuid}/activityparticipants"),
        ("DELETE", "/v1/activities/{activityGuid}/activityparticipants/{activityParticipantGuid}"),
        ("POST", "/v1/activityparticipants"),
        ("GET", "/v1/activitytypes"),
        ("GET", "/v1/users"),
        ("GET", "/v1/users/{guid}"),
        ("GET", "/heartbeat/authorized"),
    }


async def test_over_http() -> None:
    """The same works over a socket, below a path, and broken connections are told apart."""
    stage = SeveraStage("Europe/Helsinki", PatchValues.NATIVE)
    async with serve(stage.severa.app) as url, httpx.AsyncClient(trust_env=False) as client:
        stage.open(client, PatchValues.NATIVE, url, Timeouts())
        await use_everything(stage)
        draft = stage.draft(wanted("lost", an_hour(stage)))
        for action in (Action.DROP_AFTER_COMMIT, Action.TRUNCATE):
            stage.severa.faults.add(Fault(action, method="POST", path="/activities"))
            with pytest.raises(OutcomeUnknown, match="severa_connection_lost"):
                await stage.calendar.create(draft, stage.stamp())
            stage.severa.faults.add(Fault(action, method="GET", path="/activities"))
            with pytest.raises(RetryLater, match="severa_connection_lost"):
                await stage.calendar.view(stage.window)
        assert len((await stage.calendar.view(stage.window)).sightings) == 2
        stage.open(client, PatchValues.NATIVE, url, Timeouts(0.2, 0.2))
        await stage.calendar.view(stage.window)
        stage.severa.faults.add(Fault(Action.DELAY, method="POST", path="/activities", seconds=1.0))
        with pytest.raises(OutcomeUnknown, match="severa_timeout"):
            await stage.calendar.create(draft, stage.stamp())
    stage.open(client := httpx.AsyncClient(trust_env=False), PatchValues.NATIVE, url)
    async with client:
        with pytest.raises(RetryLater, match="severa_unreachable"):
            await stage.calendar.view(stage.window)
