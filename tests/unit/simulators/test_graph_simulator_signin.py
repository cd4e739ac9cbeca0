"""The simulated Entra's interactive endpoints, by a scripted browser and the real MSAL over https."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import jwt
import msal
import pytest
import requests

from tests.simulators.common.inprocess import transport
from tests.simulators.common.server import ThreadedServer
from tests.simulators.graph import Browser, make_authority
from tests.simulators.graph.entra_accounts import (
    APPLICATION_ADMINISTRATOR,
    GLOBAL_ADMINISTRATOR,
    PERSONAL_TENANT,
    PLAIN_MEMBER,
    Account,
    Signature,
)
from tests.simulators.graph.entra_browser import PageShownError

from .graph_stage import Stage, stage

__all__ = ["stage"]

CLIENT = "11111111-2222-4333-8444-555555555555"
BACK = "https://sync.example/api/consent/callback"


class Entra:
    """One multi-tenant application, an administrator of the stage's tenant, and MSAL."""

    def __init__(self, stage: Stage, url: str, ca_file: Path) -> None:
        self.url = url
        self.people = stage.people
        self.admin = stage.people.add_account(stage.tenant.tenant_id, "root@acme.example", GLOBAL_ADMINISTRATOR)
        self.app = stage.people.register_app(CLIENT, [BACK], secret="s9")
        self.browser = Browser(stage.graph.entra_app)
        self.session = requests.Session()
        self.session.trust_env, self.session.verify = False, str(ca_file)

    def consent_url(self, state: str = "st", **changes: str) -> str:
        query = {
            "client_id": CLIENT,
            "scope": "https://graph.microsoft.com/.default",
            "redirect_uri": BACK,
            "state": state,
        }
        return f"{self.url}/organizations/v2.0/adminconsent?{urlencode({**query, **changes})}"

    def msal(self, tenant: str = "organizations", secret: str = "s9") -> msal.ConfidentialClientApplication:
        return msal.ConfidentialClientApplication(
            CLIENT,
            client_credential=secret,
            authority=f"{self.url}/{tenant}",
            instance_discovery=False,
            http_client=self.session,
        )

    async def sign_in(self, account: Account) -> dict[str, Any]:
        application = self.msal()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # MSAL would rather have a form_post
            flow = application.initiate_auth_code_flow([], redirect_uri=BACK)
        answer = dict(parse_qsl(urlsplit(await self.browser.accept(flow["auth_uri"], account)).query))
        return application.acquire_token_by_auth_code_flow(flow, answer)

    def keys(self) -> dict[str, Any]:
        return self.session.get(f"{self.url}/organizations/discovery/v2.0/keys").json()


@pytest.fixture
def entra(stage: Stage, tmp_path: Path) -> Iterator[Entra]:
    """Entra over https."""
    authority = make_authority(tmp_path)
    with ThreadedServer(stage.graph.entra_app, cert=authority.cert, key=authority.key) as url:
        made = Entra(stage, url, authority.ca_file)
        with made.session:
            yield made


def query_of(address: str) -> dict[str, str]:
    """The query of an address that begins as the callback does."""
    assert address.startswith(f"{BACK}?")
    return dict(parse_qsl(urlsplit(address).query))


async def test_consent_and_then_a_token(stage: Stage, entra: Entra) -> None:
    """No token before consent; after it one with the roles, once Entra has passed the consent on."""
    tenant = stage.tenant.tenant_id
    assert entra.msal(tenant).acquire_token_for_client(["https://graph.microsoft.com/.default"])["error_codes"] == [
        700016
    ]
    entra.people.entra_options.consent_delay = timedelta(seconds=30)
    entra.people.entra_options.roles_delay = timedelta(seconds=60)
    answer = query_of(await entra.browser.accept(entra.consent_url(), entra.admin))
    assert (answer["admin_consent"], answer["tenant"], answer["state"]) == ("True", tenant, "st")
    seen = []
    for _ in range(3):
        got = entra.msal(tenant).acquire_token_for_client(["https://graph.microsoft.com/.default"])
        text = got.get("access_token")
        claims = jwt.decode(text, options={"verify_signature": False}) if text else {}
        seen.append((got.get("error_codes"), claims.get("roles")))
        stage.clock += timedelta(seconds=30)
    assert seen == [([7000229], None), (None, None), (None, ["Calendars.ReadWrite", "User.Read.All"])]


async def test_consent_that_is_refused(entra: Entra, stage: Stage) -> None:
    """Cancel, and an administrator of applications only: both come back with `admin_consent=True` and an error."""
    answer = query_of(await entra.browser.cancel(entra.consent_url()))
    assert (answer["error"], answer["error_subcode"], answer["admin_consent"]) == ("access_denied", "cancel", "True")
    lesser = entra.people.add_account(stage.tenant.tenant_id, "apps@acme.example", APPLICATION_ADMINISTRATOR)
    answer = query_of(await entra.browser.accept(entra.consent_url(), lesser))
    assert answer["error_description"].startswith("AADSTS90094: ")
    assert "tenant" not in answer
    assert CLIENT not in stage.tenant.apps


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"redirect_uri": "https://evil.example/"}, 50011),
        ({"client_id": "nobody"}, 700016),
        ({"scope": "Calendars.Read"}, 70011),
    ],
)
async def test_what_entra_tells_the_person_only(entra: Entra, changes: dict[str, str], number: int) -> None:
    """Nobody is sent to an address that is not registered."""
    with pytest.raises(PageShownError, match=f"AADSTS{number}"):
        await entra.browser.accept(entra.consent_url(**changes), entra.admin)


async def test_sign_in(entra: Entra, stage: Stage) -> None:
    """MSAL redeems the code; the ID token is signed by a published key and tells tenant, person and roles."""
    answer = await entra.sign_in(entra.admin)
    (key,) = jwt.PyJWKSet.from_dict(entra.keys()).keys
    claims = jwt.decode(
        answer["id_token"], key, ["RS256"], audience=CLIENT, options={"verify_exp": False, "verify_iat": False}
    )
    tenant = stage.tenant.tenant_id
    assert (claims["tid"], claims["oid"]) == (tenant, entra.admin.object_id)
    assert claims["iss"] == f"{entra.url}/{tenant}/v2.0"
    assert claims["wids"] == [GLOBAL_ADMINISTRATOR]
    assert claims["exp"] - stage.clock.timestamp() == 3600
    member = entra.people.add_account(tenant, "bo@acme.example")
    assert (await entra.sign_in(member))["id_token_claims"]["wids"] == [PLAIN_MEMBER]


async def test_code_is_bound_and_serves_once(entra: Entra) -> None:
    """Another verifier, another secret and a second redemption are refused."""
    application = entra.msal()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        flow = application.initiate_auth_code_flow([], redirect_uri=BACK)
    answer = query_of(await entra.browser.accept(flow["auth_uri"], entra.admin))
    other = {**flow, "code_verifier": "x" * 43}
    assert application.acquire_token_by_auth_code_flow(dict(other), answer)["error_codes"] == [501481]
    stranger = entra.msal(secret="wrong")
    assert stranger.acquire_token_by_auth_code_flow(dict(flow), answer)["error_codes"] == [7000215]
    assert "id_token" in application.acquire_token_by_auth_code_flow(dict(flow), answer)
    assert application.acquire_token_by_auth_code_flow(dict(flow), answer)["error_codes"] == [54005]


async def test_personal_account(entra: Entra) -> None:
    """It stays on Entra's page, unless the registration lets every kind of account in."""
    person = entra.people.add_account(PERSONAL_TENANT, "anna@outlook.example")
    with pytest.raises(PageShownError, match="AADSTS50020"):
        await entra.sign_in(person)
    entra.people.entra_options.personal_accounts = True
    assert (await entra.sign_in(person))["id_token_claims"]["tid"] == PERSONAL_TENANT


@pytest.mark.parametrize("signature", [Signature.FOREIGN, Signature.NONE, Signature.CONFUSED])
async def test_forged_signatures(entra: Entra, signature: Signature) -> None:
    """MSAL does not look at signatures, so a token that nobody signed gets as far as the application."""
    entra.people.entra_options.signature = signature
    token = (await entra.sign_in(entra.admin))["id_token"]
    (key,) = jwt.PyJWKSet.from_dict(entra.keys()).keys
    with pytest.raises(jwt.InvalidTokenError):
        jwt.decode(token, key, ["RS256"], audience=CLIENT, options={"verify_exp": False})


def test_keys_rotate(entra: Entra) -> None:
    """The new key is published beside the one before it."""
    entra.people.rotate_keys()
    assert [key["kid"] for key in entra.keys()["keys"]] == ["simulated-0", "simulated-1"]


async def test_mailboxes_opened_by_rbac(stage: Stage) -> None:
    """A token without roles opens exactly the mailboxes of its scope (facts/microsoft.md F2)."""
    bert = stage.people.add_mailbox(stage.tenant, "bert@acme.example")
    stage.app.roles = ()
    stage.people.open_mailboxes(stage.tenant, stage.app.client_id, [stage.anna])
    token = stage.people.issue_token(stage.tenant, stage.app.client_id)
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(transport=transport(stage.graph.app), base_url="http://graph/v1.0") as client:
        assert (await client.get(stage.url("/calendar"), headers=headers)).status_code == 200
        assert (await client.get(stage.url("/calendar", bert), headers=headers)).status_code == 403
        assert (await client.get("/users", headers=headers)).status_code == 403
