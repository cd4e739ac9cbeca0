"""What presence and a changed activity cost: at most 3 calls to tables for each pair concerned, and one message."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest

from core.adapters.storage.cipher import Cipher
from core.adapters.storage.clients import Connection
from core.adapters.storage.storage import Storage
from core.model.company import ActivityRow, CompanySettings
from core.model.ids import CompanyId, Pair, UserId
from core.model.state import Switch
from infra.local.issuer import Issuer
from tests.functions.http.desk import Desk, open_desk
from tests.support.stage import ANNA, BERT

ACTIVITY = "dddddddd-0000-4000-8000-000000000004"


@dataclass(slots=True)
class Counted:
    """A desk on Azurite, in a company of its own."""

    desk: Desk
    storage: Storage
    company: CompanyId

    async def calls(self, path: str, user: UserId = ANNA) -> tuple[int, int]:
        """How many requests went to tables, and how many to queues, for one call."""
        self.storage.calls.reset()
        answer = await self.desk.call("POST", path, self.desk.token(user, company=self.company))
        assert answer.status_code == 204
        to_queues = sum(count for (name, _), count in self.storage.calls.counts.items() if name.startswith("pairs-"))
        return self.storage.calls.total - to_queues, to_queues


@pytest.fixture
async def counted(azurite: str, issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Counted]:
    """Anna's and Bert's switches are on; every table and queue is there already."""
    storage = Storage(Connection(azurite), Cipher(bytes(32)))
    company = CompanyId(str(uuid.uuid4()))
    async with open_desk(issuer, monkeypatch) as stage_desk:
        ports = replace(
            stage_desk.stage.ports,
            pairs=storage.pairs,
            companies=storage.companies,
            due=storage.due,
            queues=storage.queues,
        )
    async with open_desk(issuer, monkeypatch, ports=ports) as desk:
        await storage.companies.put_settings(company, CompanySettings(enabled=True), "")
        for user in (ANNA, BERT):
            await storage.pairs.set_switch(Pair(company, user), Switch(on=True))
        found = Counted(desk, storage, company)
        await found.calls("presence")
        yield found
    await storage.aclose()


async def test_a_user_navigates_again_and_again(counted: Counted) -> None:
    """A page after the first costs two calls, and no message while one is on its way."""
    assert await counted.calls("presence") == (2, 0)


async def test_a_user_comes_back(counted: Counted) -> None:
    """The first page after a while away: read, note, put the next look into the book, send the message."""
    assert await counted.calls("presence", BERT) == (3, 1)


async def test_an_activity_with_two_holders_was_changed(counted: Counted) -> None:
    """One call for the activity's row; then at most three, and one message, for each pair."""
    await counted.storage.companies.put_activity(counted.company, ActivityRow(ACTIVITY, holders=(ANNA, BERT)))
    to_tables, to_queues = await counted.calls(f"activities/{ACTIVITY}/changed")
    assert to_tables <= 1 + 2 * 3
    assert to_queues <= 2


async def test_an_activity_was_changed_again(counted: Counted) -> None:
    """While a message is on its way, the pair's hint is renewed and no message follows."""
    await counted.calls(f"activities/{ACTIVITY}/changed")
    assert await counted.calls(f"activities/{ACTIVITY}/changed") == (1 + 2, 0)
