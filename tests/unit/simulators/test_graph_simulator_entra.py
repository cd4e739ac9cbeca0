"""The simulated Entra, asked by the real MSAL over https, and by hand in-process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jwt
import msal
import pytest
import requests

from tests.simulators.common.faults import Action, Fault
from tests.simulators.common.inprocess import transport
from tests.simulators.common.server import ThreadedServer
from tests.simulators.graph import ClientCertificate, Consent, make_authority, make_client_certificate

from .graph_stage import Stage, stage

__all__ = ["stage"]

SCOPES = ["https://graph.microsoft.com/.default"]


class Login:
    """MSAL as the service uses it, against one served simulator."""

    def __init__(self, url: str, ca_file: Path) -> None:
        self._url = url
        # proxies' variables for authorities beat `verify` (facts/microsoft.md L)
        self.session = requests.Session()
        self.session.trust_env, self.session.verify = False, str(ca_file)

    def ask(self, tenant_id: str, client_id: str, credential: Any) -> dict[str, Any]:
        application = msal.ConfidentialClientApplication(
            client_id,
            client_credential=credential,
            authority=f"{self._url}/{tenant_id}",
            instance_discovery=False,
            http_client=self.session,
        )
        answer: dict[str, Any] = application.acquire_token_for_client(SCOPES)
        return answer


@pytest.fixture
def login(stage: Stage, tmp_path: Path) -> Iterator[Login]:
    """Entra over https, with an authority made on the spot."""
    authority = make_authority(tmp_path)
    with ThreadedServer(stage.graph.entra_app, cert=authority.cert, key=authority.key) as url:
        made = Login(url, authority.ca_file)
        with made.session:
            yield made


@pytest.fixture(scope="module")
def certificate() -> ClientCertificate:
    """One application's certificate."""
    return make_client_certificate("sync")


def test_msal_with_a_secret(stage: Stage, login: Login) -> None:
    """MSAL gets a token that Graph takes, with the granted roles in it."""
    answer = login.ask(stage.tenant.tenant_id, stage.app.client_id, "s3")
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 3599)
    claims = jwt.decode(answer["access_token"], options={"verify_signature": False})
    assert claims["roles"] == ["Calendars.ReadWrite", "User.Read.All"]
    assert (claims["tid"], claims["appid"]) == (stage.tenant.tenant_id, stage.app.client_id)
    assert claims["aud"] == "https://graph.microsoft.com"
    requests_made = [(entry.method, entry.path) for entry in stage.graph.entra_requests.entries]
    assert requests_made == [
        ("GET", "/{tenant}/v2.0/.well-known/openid-configuration"),
        ("POST", "/{tenant}/oauth2/v2.0/token"),
    ]


async def test_token_of_msal_opens_graph(stage: Stage, login: Login) -> None:
    """The token works on the tenant's calendars, until its consent is revoked."""
    token = login.ask(stage.tenant.tenant_id, stage.app.client_id, "s3")["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert (await stage.client.get(stage.url("/calendar"), headers=headers)).status_code == 200
    stage.people.revoke_consent(stage.tenant, stage.app.client_id)
    assert (await stage.client.get(stage.url("/calendar"), headers=headers)).status_code == 401
    bare = login.ask(stage.tenant.tenant_id, stage.app.client_id, "s3")["access_token"]
    assert "roles" not in jwt.decode(bare, options={"verify_signature": False})


def test_msal_with_a_certificate(stage: Stage, login: Login, certificate: ClientCertificate) -> None:
    """An assertion signed by the registered certificate is taken, one signed by another is not."""
    app = stage.people.add_app(stage.tenant, certificate=certificate.public_certificate)
    credential = certificate._asdict()
    assert "access_token" in login.ask(stage.tenant.tenant_id, app.client_id, credential)
    app.certificates[:] = [make_client_certificate("other").public_certificate]
    assert login.ask(stage.tenant.tenant_id, app.client_id, credential)["error_codes"] == [700027]


def test_what_entra_refuses(stage: Stage, login: Login) -> None:
    """MSAL hands back Entra's errors with their AADSTS numbers."""
    tenant_id, client_id = stage.tenant.tenant_id, stage.app.client_id
    wrong = login.ask(tenant_id, client_id, "wrong")
    assert (wrong["error"], wrong["error_codes"]) == ("invalid_client", [7000215])
    assert wrong["error_description"].startswith("AADSTS7000215: ")
    assert login.ask(tenant_id, "unknown", "s3")["error_codes"] == [700016]
    stage.people.revoke_consent(stage.tenant, client_id, Consent.DISABLED)
    assert login.ask(tenant_id, client_id, "s3")["error_codes"] == [7000112]
    stage.people.revoke_consent(stage.tenant, client_id, Consent.MISSING)
    assert login.ask(tenant_id, client_id, "s3")["error_codes"] == [7000229]
    with pytest.raises(ValueError, match="authority"):
        login.ask("11111111-1111-4111-8111-111111111111", client_id, "s3")


@pytest.mark.parametrize(
    ("form", "number"),
    [
        ({"grant_type": "password"}, 70003),
        ({"client_secret": ""}, 7000218),
        ({"scope": "Calendars.ReadWrite"}, 70011),
    ],
)
async def test_bad_requests_for_a_token(stage: Stage, form: dict[str, str], number: int) -> None:
    """The form must be complete; the scope must be `/.default`."""
    good = {"grant_type": "client_credentials", "client_secret": "s3", "scope": SCOPES[0]}
    async with httpx.AsyncClient(transport=transport(stage.graph.entra_app), base_url="https://login") as client:
        path = f"/{stage.tenant.tenant_id}/oauth2/v2.0/token"
        answer = await client.post(path, data={**good, "client_id": stage.app.client_id, **form})
        assert answer.json()["error_codes"] == [number]
        unknown = await client.post("/nobody/oauth2/v2.0/token", data=good)
        assert unknown.json()["error_codes"] == [90002]


async def test_scripted_refusal(stage: Stage) -> None:
    """Entra's faults are scripted like Graph's, with Entra's own error document."""
    stage.graph.entra_faults.add(Fault(Action.STATUS, "POST", status=503, retry_after=3))
    async with httpx.AsyncClient(transport=transport(stage.graph.entra_app), base_url="https://login") as client:
        answer = await client.post(f"/{stage.tenant.tenant_id}/oauth2/v2.0/token")
    assert (answer.status_code, answer.json()["error_codes"]) == (503, [90033])
    assert stage.graph.entra_requests.count(status=503) == 1
