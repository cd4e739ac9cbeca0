"""One simulated Graph with a tenant, a mailbox and a signed-in client, for the tests of the simulator itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.simulators.common.inprocess import transport
from tests.simulators.graph import GraphSimulator, Mailbox

NINE = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MARK = "String {0F6A1C1E-6B1F-4C3A-9D58-3F6F0F2D7A11} Name Mark"
MARK_KEPT = "String {0f6a1c1e-6b1f-4c3a-9d58-3f6f0f2d7a11} Name Mark"
WINDOW = {"startDateTime": "2026-03-01T00:00:00Z", "endDateTime": "2026-04-01T00:00:00Z"}
IMMUTABLE = {"Prefer": 'IdType="ImmutableId"'}


@dataclass
class Stage:
    """One tenant with one mailbox, and an authenticated client that prefers immutable ids."""

    clock: datetime = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)

    def __post_init__(self) -> None:
        self.graph = GraphSimulator(lambda: self.clock, seed=7)
        self.people = self.graph.people
        self.tenant = self.people.add_tenant("Acme")
        self.app = self.people.add_app(self.tenant, secret="s3")
        self.anna = self.people.add_mailbox(self.tenant, "anna@acme.example", aliases=["a.aalto@acme.example"])
        self.client = httpx.AsyncClient(transport=transport(self.graph.app), base_url="http://graph/v1.0")
        self.client.headers["Authorization"] = f"Bearer {self.people.issue_token(self.tenant, self.app.client_id)}"

    def url(self, tail: str = "", mailbox: Mailbox | None = None) -> str:
        return f"/users/{(mailbox or self.anna).object_id}{tail}"

    async def create(self, **changes: Any) -> dict[str, Any]:
        answer = await self.client.post(self.url("/events"), json=event(**changes), headers=IMMUTABLE)
        assert answer.status_code == 201, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def view(self, **query: str) -> list[dict[str, Any]]:
        answer = await self.client.get(self.url("/calendarView"), params={**WINDOW, **query}, headers=IMMUTABLE)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["value"]
        return items

    async def round(self, link: str | None = None, prefer: str = "") -> tuple[list[dict[str, Any]], str]:
        """All items of a delta round, and the link that ends it."""
        headers = {"Prefer": ", ".join(filter(None, [IMMUTABLE["Prefer"], prefer]))}
        items: list[dict[str, Any]] = []
        for _ in range(50):
            query = None if link else WINDOW
            answer = await self.client.get(link or self.url("/calendarView/delta"), params=query, headers=headers)
            assert answer.status_code == 200, answer.text
            page = answer.json()
            items += page["value"]
            link = page.get("@odata.nextLink")
            if link is None:
                return items, page["@odata.deltaLink"]
        raise AssertionError("the round did not end")


def event(**changes: Any) -> dict[str, Any]:
    """A body for POST: one hour at nine."""
    times = {"start": moment("2026-03-10T09:00:00"), "end": moment("2026-03-10T10:00:00")}
    return {"subject": "Planning", **times, **changes}


def moment(text: str, zone: str = "UTC") -> dict[str, str]:
    """A dateTimeTimeZone."""
    return {"dateTime": text, "timeZone": zone}


def error(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json()["error"]["code"]


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    """A fresh stage."""
    made = Stage()
    async with made.client:
        yield made
