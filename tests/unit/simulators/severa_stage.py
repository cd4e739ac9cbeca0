"""One simulated Severa with a company, a user and a signed-in client, for the tests of the simulator itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.simulators.common.inprocess import transport
from tests.simulators.severa import Company, SeveraSimulator, User

NINE = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@dataclass
class Stage:
    """One company with one user, and an authenticated client."""

    clock: datetime = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    slept: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.severa = SeveraSimulator(lambda: self.clock)
        self.people = self.severa.people
        self.company: Company = self.people.add_company("Acme", client_id="acme", client_secret="s3")
        self.anna: User = self.people.add_user(self.company, "Anna Aalto", "anna@acme.example")
        self.types = {kind.category: kind.guid for kind in self.people.types_of(self.company)}
        self.client = httpx.AsyncClient(transport=transport(self.severa.app), base_url="http://severa/v1")

    async def sign_in(self, company: Company | None = None, scope: str | None = None) -> dict[str, Any]:
        company = company or self.company
        credentials = {"client_id": company.client_id, "client_secret": company.client_secret, "scope": scope}
        answer: dict[str, Any] = (await self.client.post("/token", json=credentials)).json()
        self.client.headers["Authorization"] = f"{answer['access_token_type']} {answer['access_token']}"
        self.client.headers["Client_Id"] = company.client_id
        return answer

    def body(self, **changes: Any) -> dict[str, Any]:
        return {
            "name": "Review",
            "startDateTime": "2026-03-10T11:00:00+02:00",
            "endDateTime": "2026-03-10T12:00:00+02:00",
            "hasDuration": True,
            "activityType": {"guid": self.types["CalendarEntry"]},
            "ownerUser": {"guid": self.anna.guid},
        } | changes

    async def patch(self, guid: str, path: str, value: object, op: str = "Replace") -> httpx.Response:
        return await self.client.patch(f"/activities/{guid}", json=[{"op": op, "path": path, "value": value}])

    async def names(self, **query: Any) -> list[str]:
        answer = await self.client.get("/activities", params=query)
        assert answer.status_code == 200, answer.text
        return [activity["name"] for activity in answer.json()]


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    """A signed-in stage."""
    made = Stage()
    await made.sign_in()
    yield made
    await made.client.aclose()


def refusal(answer: httpx.Response) -> tuple[int, str]:
    """Status and type of an ExceptionModel."""
    return answer.status_code, answer.json()["error"]["type"]
