"""Every request of the Graph adapter is one that the official schema of Microsoft Graph knows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from core.adapters.graph.directory import GraphCompany
from core.model.essence import Field
from core.model.exceptions import DateException
from core.model.when import Timed
from tests.contract.calendars.content import (
    RECURRENCES,
    an_hour,
    dates_of,
    moved,
    recurrences,
    shapes,
    soon,
    wanted,
)
from tests.contract.calendars.graph_harness import graph_harness, quiet
from tests.contract.calendars.series_dates import change, held_on
from tests.contract.schema_graph import GraphSchema, SchemaTransport
from tests.support.shared import need_shared


@pytest.fixture(scope="module")
def schema() -> GraphSchema:
    """The official document, read once."""
    return GraphSchema(need_shared() / "schemas" / "graph-calendar.openapi.json")


async def test_requests_are_valid(schema: GraphSchema) -> None:
    """Reads, views, rounds, creates, updates, deletes and look-ups: paths, query parameters and bodies."""
    watched: list[SchemaTransport] = []

    def held_to(inner: httpx.AsyncBaseTransport) -> httpx.AsyncBaseTransport:
        watched.append(SchemaTransport(inner, schema))
        return watched[0]

    async with graph_harness(quiet(), held_to=held_to) as harness:
        calendar = harness.calendar
        cursor = (await harness.round())[-1].cursor
        for n, content in enumerate(shapes(harness).values()):
            made = await calendar.create(harness.draft(content), harness.stamp())
            moved = harness.draft(shapes(harness)["three days" if n % 2 else "timed with everything"])
            changed = await calendar.update(made, moved, frozenset(Field))
            assert await calendar.verify(changed.id, "") == changed
            if n:
                await calendar.delete(changed)
        await harness.put("whole", Timed(soon(harness), soon(harness, 2)))
        await harness.put("more", an_hour(harness))
        assert len((await calendar.view(harness.window)).sightings) == 3
        assert (await harness.round(cursor))[-1].last
        found = await GraphCompany(harness.api).find_mailbox(["a.berg@example.com", "o'brien@example.com"])
        assert found is not None
    assert watched[0].problems == []
    assert watched[0].checked > 30
    assert {exchange.method for exchange in harness.wire.exchanges} == {"GET", "POST", "PATCH", "DELETE"}


@pytest.mark.parametrize("kind", RECURRENCES)
async def test_requests_for_series_are_valid(schema: GraphSchema, kind: str) -> None:
    """Creates, updates and reads of series, changes of their dates, and what is looked for by a filter."""
    watched: list[SchemaTransport] = []

    def held_to(inner: httpx.AsyncBaseTransport) -> httpx.AsyncBaseTransport:
        watched.append(SchemaTransport(inner, schema))
        return watched[0]

    async with graph_harness(quiet(), held_to=held_to) as harness:
        calendar, when = harness.calendar, recurrences(harness)[kind]
        made = await calendar.create(harness.draft(wanted("series", when)), harness.stamp())
        first, second, *_ = dates_of(when)
        ours = moved(replace(held_on(made, first), subject="other", text="", location="there"), timedelta(0))
        assert await calendar.change_date(made.id, made, change(made, first, ours)) == ours
        gone = DateException(second)
        assert await calendar.change_date(made.id, await calendar.read(made.id), change(made, second, gone)) == gone
        assert (await calendar.later(harness.window.start)).sightings == (await harness.round())[0].sightings
        assert await calendar.find_meeting(made.uid) == await calendar.verify(made.id, "")
        seen = await calendar.read(made.id)
        assert seen is not None
        alone = await calendar.update(seen, harness.draft(wanted("alone", an_hour(harness))), frozenset(Field))
        await calendar.delete(await calendar.update(alone, harness.draft(wanted("series", when)), frozenset(Field)))
    assert watched[0].problems == []
    assert watched[0].checked > 15
