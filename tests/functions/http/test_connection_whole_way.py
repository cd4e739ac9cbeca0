"""The test of a connection through the real wiring: Azurite, Severa's simulator, an Exchange Server over https."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from core import wiring
from infra.local.host import LocalHost
from infra.local.issuer import Issuer
from tests.functions.http.desk import HOST_JSON, http_app
from tests.simulators.common.server import serve
from tests.simulators.ews import EwsSimulator, Release
from tests.simulators.graph import make_authority
from tests.simulators.severa import SeveraSimulator
from tests.support.exchange import official_schemas


async def _save(http: httpx.AsyncClient, url: str, admin: dict[str, str], **changes: Any) -> None:
    shown = await http.get(f"{url}/settings", headers=admin)
    names = ("tenant", "enabled", "enabled_since", "has_severa_client_secret", "has_password", "notice")
    body = {name: value for name, value in shown.json().items() if name not in names} | changes
    saved = await http.put(f"{url}/settings", headers=admin | {"If-Match": shown.headers["ETag"]}, json=body)
    assert saved.status_code == 200, saved.text


RELEASE = Release((15, 1, 2507, 6), "Exchange2016")


async def test_an_exchange_server_from_nothing(
    azurite: str, issuer: Issuer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Settings and password are saved; the server's private authority is wanted, and entered: every step passes.

    A wrong password is tried once, and then said to be wrong.
    """
    severa = SeveraSimulator(lambda: datetime.now(UTC), seed=uuid.uuid4().int)  # a company of its own in shared tables
    acme = severa.people.add_company("Acme", client_id=f"acme-{uuid.uuid4()}", client_secret="s3")
    anna = severa.people.add_user(acme, "Anna Aalto", "anna@example.org")
    exchange = EwsSimulator(RELEASE, {r"ACME\sync": "right"}, {"anna@example.org"}, schemas=official_schemas())
    authority = make_authority(tmp_path)
    admin = {"Authorization": f"Bearer {issuer.token(acme.guid, anna.guid, admin=True)}"}
    async with (
        serve(severa.app) as severa_url,
        serve(exchange.app, cert=authority.cert, key=authority.key) as exchange_url,
    ):
        environment = issuer.environment() | {
            "AzureWebJobsStorage": azurite,
            "SYNC_MASTER_KEY": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
            "SYNC_APP_CLIENT_ID": str(uuid.uuid4()),
            "SYNC_APP_SECRET": "made-up",
            "SYNC_SEVERA_URL": severa_url,
            "SYNC_ALLOWED_NETWORKS": "127.0.0.0/8 ::1/128",
        }
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        try:
            async with LocalHost(http_app(), host_json=HOST_JSON, settings={}) as host, httpx.AsyncClient() as http:
                await _save(
                    http,
                    host.base_url,
                    admin,
                    version="exchange_server",
                    domain="ACME",
                    ews_url=f"https://localhost:{exchange_url.rpartition(':')[2]}/EWS/Exchange.asmx",
                    user_name="sync",
                    password="right",
                    severa_client_id=acme.client_id,
                    severa_client_secret="s3",
                )
                found = (await http.post(f"{host.base_url}/settings/test", headers=admin)).json()
                [failed] = [step for step in found["steps"] if step["outcome"] == "failed"]
                assert (failed["step"], failed["code"]) == ("tls", "tls_certificate_untrusted")
                assert "in the settings" in failed["remedy"]
                assert exchange.logins == []
                await _save(http, host.base_url, admin, exchange_authority=authority.ca_file.read_text())
                found = (await http.post(f"{host.base_url}/settings/test", headers=admin)).json()
                outcomes = [step["outcome"] for step in found["steps"]]
                assert outcomes == [*["passed"] * 3, "warned", *["passed"] * 6], found
                await _save(http, host.base_url, admin, password="wrong")
                exchange.logins.clear()
                found = (await http.post(f"{host.base_url}/settings/test", headers=admin)).json()
                [failed] = [step for step in found["steps"] if step["outcome"] == "failed"]
                assert (failed["step"], failed["code"]) == ("login", "exchange_login_refused")
                assert "password" in failed["sentence"]
                assert exchange.logins == [False]
        finally:
            await wiring.close()
            await asyncio.sleep(0.02)  # the server's ends of TLS connections close in a few turns of the loop
