"""The consent as a browser goes through it: the app's own triggers, the real wiring, Azurite, Entra over https."""

from __future__ import annotations

import re
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import azure.functions as func
import httpx
import pytest

from core import wiring
from functions import administration, consent
from infra.local.host import LocalHost
from infra.local.issuer import Issuer
from tests.functions.consent.reading import PageReader
from tests.simulators.common.server import ThreadedServer, serve
from tests.simulators.graph import Browser, GraphSimulator, make_authority
from tests.simulators.graph.entra_accounts import GLOBAL_ADMINISTRATOR
from tests.support.canaries import listening

FRONT_END = "https://severa.example"
NAME = 'Acme "<script>alert(1)</script>" & Sons'
ADMIN = "aaaaaaaa-0000-4000-8000-000000000001"
CLIENT = "99999999-2222-4333-8444-555555555555"
HOST_JSON = {"version": "2.0", "extensions": {"http": {"routePrefix": "api"}}}


@dataclass
class Stage:
    """A company's administrator before their browser."""

    home: str
    http: httpx.AsyncClient
    graph: GraphSimulator
    tenant: Any
    root: Any
    token: str
    cookie: str = ""

    @property
    def entra(self) -> Browser:
        return Browser(self.graph.entra_app)

    async def begin(self) -> str:
        """Where the front end opens the pop-up."""
        headers = {"Authorization": f"Bearer {self.token}", "Origin": FRONT_END}
        answer = await self.http.post(f"{self.home}/api/settings/consent", headers=headers, json={"company_name": NAME})
        assert answer.status_code == 200, answer.text
        assert answer.json()["expires_in"] == 600
        return str(answer.json()["address"])

    async def open(self, address: str, **headers: str) -> httpx.Response:
        """One of our pages, with the cookie; httpx would not send a Secure one over http."""
        sent = {"Cookie": f"theme=dark; {self.cookie}"} if self.cookie else {}
        return await self.http.get(address, headers={**sent, **headers})

    async def start(self) -> PageReader:
        """The start page, from the front end; it leaves its cookie."""
        answer = await self.open(await self.begin(), Referer=f"{FRONT_END}/")
        assert answer.status_code == 200
        self.cookie = answer.headers["Set-Cookie"].partition(";")[0]
        return PageReader(answer.text)

    async def settings(self) -> Any:
        """The company's settings as the administrator sees them."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return (await self.http.get(f"{self.home}/api/settings", headers=headers)).json()


@pytest.fixture
async def stage(azurite: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    """Everything served on the loopback interface, the service configured by its environment."""
    graph, authority = GraphSimulator(lambda: datetime.now(UTC), seed=11), make_authority(tmp_path)
    app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
    for module in (administration, consent):
        app.register_functions(module.blueprint)
    async with AsyncExitStack() as stack:
        login = stack.enter_context(ThreadedServer(graph.entra_app, cert=authority.cert, key=authority.key))
        issuer = stack.enter_context(Issuer())
        served = await stack.enter_async_context(serve(graph.app))
        host = await stack.enter_async_context(LocalHost(app, host_json=HOST_JSON, settings={}))
        http = await stack.enter_async_context(httpx.AsyncClient(follow_redirects=False))
        home = host.base_url.removesuffix("/api")
        tenant, people = graph.people.add_tenant("Acme", str(uuid.uuid4())), graph.people
        people.register_app(CLIENT, [f"{home}/api/consent/callback"], secret="s9")
        mailbox = people.add_mailbox(tenant, "root@acme.example")
        root = people.add_account(tenant.tenant_id, "root@acme.example", GLOBAL_ADMINISTRATOR, mailbox=mailbox)
        environment = issuer.environment() | {
            "AzureWebJobsStorage": azurite,
            "SYNC_MASTER_KEY": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
            "SYNC_APP_CLIENT_ID": CLIENT,
            "SYNC_APP_SECRET": "s9",
            "SYNC_LOGIN_URL": login,
            "SYNC_GRAPH_URL": f"{served}/v1.0",
            "SYNC_CA_FILE": str(authority.ca_file),
            "SYNC_FRONT_END_ORIGINS": FRONT_END,
            "SYNC_PUBLIC_URL": home,
        }
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        token = issuer.token(str(uuid.uuid4()), ADMIN, admin=True)
        try:
            yield Stage(home, http, graph, tenant, root, token)
        finally:
            await wiring.close()


async def test_an_administrator_connects_their_company(stage: Stage) -> None:
    """From the button in Severa to the page that closes; the settings then name the organization."""
    opened = await stage.open(await stage.begin(), Referer=f"{FRONT_END}/settings")
    cookie = opened.headers["Set-Cookie"]
    assert re.fullmatch(r"__Host-severa-consent=[0-9a-f]{64}; .*", cookie)
    attributes = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert attributes == {"path=/", "secure", "httponly", "samesite=lax", "max-age=600"}
    stage.cookie = cookie.partition(";")[0]
    page = PageReader(opened.text)
    assert NAME in page.text
    assert not page.scripts
    (link,) = page.of("a")

    back = await stage.entra.accept(link["href"], stage.root)
    onward = await stage.open(back)
    assert onward.status_code == 302
    back = await stage.entra.accept(onward.headers["Location"], stage.root)
    asked = await stage.open(back)
    page = PageReader(asked.text)
    assert NAME in page.text
    assert stage.tenant.tenant_id in page.text
    (form,) = page.of("form")
    (hidden,) = page.of("input")

    target = urljoin(back, form["action"])
    assert urlsplit(target).path == "/api/consent/confirm"
    done = await stage.http.post(target, data={"state": hidden["value"]}, headers={"Cookie": stage.cookie})
    page = PageReader(done.text)
    assert "is connected" in page.text
    (script,) = page.scripts
    assert f'"status": "connected", "code": ""}},"{FRONT_END}");window.close();' in script
    assert "Max-Age=0" in done.headers["Set-Cookie"]
    assert (await stage.settings())["tenant"] == stage.tenant.tenant_id
    for answer in (opened, onward, asked, done):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert "Access-Control-Allow-Origin" not in answer.headers


async def test_microsoft_needs_a_moment(stage: Stage) -> None:
    """The page offers to try again, with a new state; nothing is connected meanwhile."""
    (link,) = (await stage.start()).of("a")
    onward = await stage.open(await stage.entra.accept(link["href"], stage.root))
    page = PageReader((await stage.open(await stage.entra.accept(onward.headers["Location"], stage.root))).text)
    stage.tenant.apps[CLIENT].roles = ()
    (first,) = page.of("input")
    answer = await stage.http.post(
        f"{stage.home}/api/consent/confirm", data={"state": first["value"]}, headers={"Cookie": stage.cookie}
    )
    page = PageReader(answer.text)
    assert "No calendar can be opened yet" in page.text
    (second,) = page.of("input")
    assert second["value"] != first["value"]
    assert (await stage.settings())["tenant"] == ""
    stage.tenant.apps[CLIENT].roles = ("Calendars.ReadWrite",)
    answer = await stage.http.post(
        f"{stage.home}/api/consent/confirm", data={"state": second["value"]}, headers={"Cookie": stage.cookie}
    )
    page = PageReader(answer.text)
    assert "User.Read.All" in page.text
    assert (await stage.settings())["tenant"] == stage.tenant.tenant_id


async def test_a_link_that_was_sent_on(stage: Stage) -> None:
    """The start link without Severa before it, and Microsoft's answer in a browser without the cookie: 403."""
    for referrer in ({}, {"Referer": "https://mail.example/"}):
        answer = await stage.open(await stage.begin(), **referrer)
        assert answer.status_code == 403
        assert "Set-Cookie" not in answer.headers
        assert "Open this page from Severa" in PageReader(answer.text).text
    (link,) = (await stage.start()).of("a")
    back = await stage.entra.accept(link["href"], stage.root)
    stage.cookie = ""
    answer = await stage.open(back)
    assert answer.status_code == 403
    page = PageReader(answer.text)
    assert "another browser" in page.text
    assert not page.scripts


async def test_what_is_logged_of_it(stage: Stage) -> None:
    """Neither states nor codes, nor the cookie, nor who signed in; of a replayed answer, that it was refused."""
    with listening() as lines:
        (link,) = (await stage.start()).of("a")
        granted = await stage.entra.accept(link["href"], stage.root)
        onward = await stage.open(granted)
        answered = await stage.entra.accept(onward.headers["Location"], stage.root)
        (form,) = PageReader((await stage.open(answered)).text).of("input")
        assert (await stage.open(answered)).status_code == 400
        await stage.http.post(
            f"{stage.home}/api/consent/confirm", data={"state": form["value"]}, headers={"Cookie": stage.cookie}
        )
    assert (await stage.settings())["tenant"] == stage.tenant.tenant_id
    secrets = {form["value"], stage.cookie.partition("=")[2], stage.root.user_principal_name, stage.token}
    for address in (link["href"], granted, onward.headers["Location"], answered):
        asked = parse_qs(urlsplit(address).query)
        secrets |= {asked[name][0] for name in ("state", "code", "nonce") if name in asked}
    assert len(secrets) >= 8
    assert [secret for secret in secrets if any(secret in line for line in lines)] == []
    assert any("link_used" in line for line in lines)


async def test_cancelled(stage: Stage) -> None:
    """The window says so and tells the front end."""
    (link,) = (await stage.start()).of("a")
    answer = await stage.open(await stage.entra.cancel(link["href"]))
    assert answer.status_code == 400
    page = PageReader(answer.text)
    assert "Cancelled" in page.text
    (script,) = page.scripts
    assert f'"status": "refused", "code": "consent_cancelled"}},"{FRONT_END}")' in script
    assert "close()" not in script


@pytest.mark.parametrize("path", ["start", "callback"])
async def test_links_that_are_nothing(stage: Stage, path: str) -> None:
    """A page in words for whatever comes, and nothing of it comes back."""
    for query in (
        "",
        "?state=",
        "?state=%3Cscript%3E",
        f"?state={'x' * 5000}",
        "?state=a.b&state=c.d",
        "?error=%22%3E",
    ):
        answer = await stage.open(f"{stage.home}/api/consent/{path}{query}", Referer=f"{FRONT_END}/")
        assert answer.status_code == 400
        assert answer.headers["Content-Type"].startswith("text/html")
        assert "not complete" in PageReader(answer.text).text
    answer = await stage.http.post(f"{stage.home}/api/consent/confirm", content=b"state=" + b"\xff" * 9000)
    assert answer.status_code == 400


async def test_without_its_settings(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where browsers reach the service is not configured: the call is a problem, the page says it in words."""
    monkeypatch.delenv("SYNC_PUBLIC_URL")
    headers = {"Authorization": f"Bearer {stage.token}"}
    answer = await stage.http.post(f"{stage.home}/api/settings/consent", headers=headers, json={})
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/not-configured")
    assert (await stage.open(f"{stage.home}/api/consent/start?state=x")).status_code == 503
    monkeypatch.delenv("SYNC_MASTER_KEY")
    await wiring.close()
    assert (await stage.open(f"{stage.home}/api/consent/start?state=x")).status_code == 503
