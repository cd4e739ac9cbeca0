"""A company's own Exchange Server through the real wiring: Azurite, Severa's simulator, EWS over https."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.errors import Stop
from core.model.company import CompanySettings, Version
from core.model.ids import CompanyId, MailboxId, UserId
from core.model.when import Window
from core.settings import load
from core.usecases.secrets import EXCHANGE_PASSWORD, SEVERA_CLIENT_SECRET
from core.wiring import build
from tests.simulators.common.server import serve
from tests.simulators.ews import RELEASES, EwsSimulator
from tests.simulators.graph import make_authority
from tests.simulators.severa import SeveraSimulator
from tests.support.exchange import official_schemas

ANNA = "anna@example.org"


def environment(azurite: str, severa_url: str) -> dict[str, str]:
    """A process's settings."""
    return {
        "AzureWebJobsStorage": azurite,
        "SYNC_MASTER_KEY": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "SYNC_APP_CLIENT_ID": str(uuid.uuid4()),
        "SYNC_APP_SECRET": "made-up",
        "SYNC_SEVERA_URL": severa_url,
        "SYNC_ALLOWED_NETWORKS": "127.0.0.0/8 ::1/128",
    }


async def test_a_mailbox_in_a_process_that_never_saw_it(azurite: str, tmp_path: Path) -> None:
    """It is reached by the address that Severa has now for whoever it is bound to; a wrong password is tried once.

    The authority that the company named is trusted.
    """
    severa = SeveraSimulator(lambda: datetime.now(UTC), seed=uuid.uuid4().int)  # a company of its own in shared tables
    acme = severa.people.add_company("Acme", client_id=f"acme-{uuid.uuid4()}", client_secret="s3")
    anna = severa.people.add_user(acme, "Anna Aalto", ANNA)
    exchange = EwsSimulator(RELEASES["2016"], {r"ACME\sync": "right"}, {ANNA}, schemas=official_schemas())
    start = datetime.now(UTC).replace(microsecond=0)
    box = exchange.people.mailbox(ANNA)
    exchange.people.add_event(box, "Lunch", start, start + timedelta(hours=1))
    authority = make_authority(tmp_path)
    company, window = CompanyId(acme.guid), Window(start - timedelta(days=1), start + timedelta(days=1))
    async with (
        serve(severa.app) as severa_url,
        serve(exchange.app, cert=authority.cert, key=authority.key) as exchange_url,
    ):
        service = build(load(environment(azurite, severa_url)))
        settings = CompanySettings(
            version=Version.EXCHANGE_SERVER,
            domain="ACME",
            user_name="sync",
            ews_url=f"https://localhost:{exchange_url.rpartition(':')[2]}/EWS/Exchange.asmx",
            severa_client_id=acme.client_id,
            exchange_authority=authority.ca_file.read_text(),
        )
        try:
            store, secrets = service.storage.companies, service.entrance.secret_writer
            assert secrets is not None
            await store.put_settings(company, settings, "")
            await secrets.put_secret(company, SEVERA_CLIENT_SECRET, "s3")
            await secrets.put_secret(company, EXCHANGE_PASSWORD, "right")
            assert await store.mailbox_owner(company, MailboxId(box.guid)) is None
            await store.bind_mailbox(company, MailboxId(box.guid), UserId(anna.guid))
            assert await store.mailbox_owner(company, MailboxId(box.guid)) == anna.guid
            microsoft = await service.ports.gateways.microsoft(company, settings)
            seen = await microsoft.calendar(MailboxId(box.guid)).view(window)
            assert [event.essence.subject for event in seen.sightings] == ["Lunch"]
            await secrets.put_secret(company, EXCHANGE_PASSWORD, "wrong")
            exchange.logins.clear()
            for _ in range(3):
                microsoft = await service.ports.gateways.microsoft(company, settings)
                with pytest.raises(Stop) as caught:
                    await microsoft.calendar(MailboxId(box.guid)).view(window)
                assert (caught.value.code, caught.value.whole_company) == ("exchange_login_refused", True)
            assert exchange.logins == [False]
        finally:
            await service.aclose()
            await asyncio.sleep(0.02)  # the server's ends of TLS connections close in a few turns of the loop
