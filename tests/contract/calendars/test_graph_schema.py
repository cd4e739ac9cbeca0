"""Every request of the Graph adapter is one that the official schema of Microsoft Graph knows."""

from __future__ import annotations

import httpx
import pytest

from core.adapters.graph.directory import GraphCompany
from core.model.essence import Field
from core.model.when import Timed
from tests.contract.calendars.content import an_hour, shapes, soon
from tests.contract.calendars.graph_harness import graph_harness, quiet
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
