"""What the wiring makes of settings: which adapter gets what."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest

from core.adapters.memory.companies import MemoryCompanyStore
from core.adapters.memory.undetermined import ManualClock, ManualSleeper, SeededRandomness
from core.errors import RetryLater, Stop
from core.model.company import CompanySettings, SeveraUser, Version
from core.model.ids import CompanyId, MailboxId, UserId
from core.settings import load
from core.wiring import RemoteGateways, System
from tests.support.stage import MONDAY

COMPANY = CompanyId("11111111-1111-4111-8111-111111111111")
ENVIRONMENT = {
    "AzureWebJobsStorage": "UseDevelopmentStorage=true",
    "SYNC_MASTER_KEY": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    "SYNC_APP_CLIENT_ID": "66666666-6666-4666-8666-666666666666",
    "SYNC_APP_SECRET": "made-up",
}


class OneSecret:
    """Every company's secret."""

    async def secret(self, company: CompanyId, name: str) -> str:
        return "made-up"

    async def fresh(self, company: CompanyId, name: str) -> str:
        return "made-up"


@pytest.mark.parametrize("first_sync", [True, False])
async def test_the_budget_of_a_first_sync(first_sync: bool) -> None:  # noqa: FBT001
    """A first sync's requests come out of its own budget too, so that they leave a part to live changes."""
    clock, store = ManualClock(MONDAY), MemoryCompanyStore()
    system = System(clock, ManualSleeper(clock), SeededRandomness(1))
    storage = SimpleNamespace(companies=store)
    gateways = RemoteGateways(load(ENVIRONMENT), cast("Any", storage), cast("Any", OneSecret()), system)
    client = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(503)))
    gateways._clients.append(client)
    severa = await gateways.severa(
        COMPANY, CompanySettings(severa_client_id="acme", time_zone="UTC"), first_sync=first_sync
    )
    with pytest.raises(RetryLater):
        await severa.activity_types()
    used = [name for name in ("severa", "severa-first") if (await store.counter(COMPANY, f"rate:{name}"))[0]]
    assert used == (["severa", "severa-first"] if first_sync else ["severa"])
    await gateways.aclose()


def test_strangers_have_threads_of_their_own() -> None:
    """A server that an administrator named, and the names that lead to it, hold up nobody's tokens."""
    system, used = System(), cast("Any", SimpleNamespace())
    gateways = RemoteGateways(load(ENVIRONMENT), used, cast("Any", OneSecret()), system)
    tried = cast("Any", gateways.connection(used).exchange_server)
    assert tried._executor is tried._guard.executor is system.strangers
    assert system.strangers is not system.executor


async def test_a_company_on_exchange_server() -> None:
    """Its mailboxes are reached by the addresses that Severa knows of whoever has them; nothing is kept beyond."""
    clock = ManualClock(MONDAY)
    settings = CompanySettings(
        version=Version.EXCHANGE_SERVER, ews_url="https://mail.example/EWS/Exchange.asmx", user_name="sync"
    )

    class Companies:
        async def mailbox_owner(self, company: CompanyId, mailbox: MailboxId) -> UserId | None:
            return UserId("anna") if mailbox == "known" else None

        async def settings(self, company: CompanyId) -> tuple[CompanySettings, str]:
            return settings, ""

    class Severa:
        async def user(self, user: UserId) -> SeveraUser | None:
            return SeveraUser(user, ("anna@example.org",))

    storage = SimpleNamespace(companies=Companies())
    system = System(clock, ManualSleeper(clock), SeededRandomness(1))
    gateways = RemoteGateways(load(ENVIRONMENT), cast("Any", storage), cast("Any", OneSecret()), system)

    async def severa(company: CompanyId, settings: CompanySettings, *, first_sync: bool = False) -> Severa:
        return Severa()

    gateways.severa = severa  # type: ignore[method-assign, assignment]
    company = cast("Any", await gateways.microsoft(COMPANY, settings))
    assert await gateways.microsoft(COMPANY, settings) is company
    assert await company._addresses(MailboxId("known")) == ("anna@example.org",)
    assert await company._addresses(MailboxId("unknown")) == ()
    await gateways.aclose()
    with pytest.raises(Stop):
        await gateways.microsoft(COMPANY, CompanySettings(version=Version.EXCHANGE_SERVER))
