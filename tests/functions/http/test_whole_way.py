"""The interface as a process runs it: settings from the environment, the real wiring, Azurite, tokens of an issuer."""

from __future__ import annotations

import uuid

import httpx
import pytest

from core import wiring
from infra.local.host import LocalHost
from infra.local.issuer import Issuer
from tests.functions.http.desk import HOST_JSON, http_app
from tests.support.stage import ANNA


async def test_a_company_from_nothing(azurite: str, issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    """An administrator saves settings and switches on; a user switches on, and the answer says where things stand."""
    environment = issuer.environment() | {
        "AzureWebJobsStorage": azurite,
        "SYNC_MASTER_KEY": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "SYNC_APP_CLIENT_ID": str(uuid.uuid4()),
        "SYNC_APP_SECRET": "made-up",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    company = str(uuid.uuid4())
    admin = {"Authorization": f"Bearer {issuer.token(company, ANNA, admin=True)}"}
    try:
        async with LocalHost(http_app(), host_json=HOST_JSON, settings={}) as host, httpx.AsyncClient() as http:
            url = host.base_url
            shown = await http.get(f"{url}/settings", headers=admin)
            assert shown.json()["enabled"] is False
            names = ("tenant", "enabled", "enabled_since", "has_severa_client_secret", "has_password", "notice")
            body = {name: value for name, value in shown.json().items() if name not in names}
            version = {"If-Match": shown.headers["ETag"]}
            too_early = await http.put(f"{url}/me/sync", headers=admin, json={"on": True})
            assert too_early.json()["type"] == "/problems/company-off"
            saved = await http.put(f"{url}/settings", headers=admin | version, json=body | {"severa_client_id": "c"})
            assert saved.status_code == 200
            assert (await http.put(f"{url}/settings", headers=admin | version, json=body)).status_code == 412
            on = await http.put(f"{url}/settings/enabled", headers=admin, json={"enabled": True})
            assert on.json()["enabled"] is True
            switched = await http.put(f"{url}/me/sync", headers=admin, json={"on": True})
            assert switched.json()["state"]["code"] == "first_sync"
            types = await http.get(f"{url}/activity-types", headers=admin)
            assert (types.status_code, types.json()["type"]) == (409, "/problems/severa-not-connected")
    finally:
        await wiring.close()


async def test_a_token_for_somebody_at_a_terminal(issuer: Issuer) -> None:
    """The development issuer mints one for curl, and says how where something is missing."""
    async with httpx.AsyncClient() as http:
        minted = await http.get(f"{issuer.url}/token", params={"org": str(uuid.uuid4()), "sub": ANNA, "role": "admin"})
        assert (minted.status_code, minted.text.count(".")) == (200, 2)
        assert (await http.get(f"{issuer.url}/token")).status_code == 404
