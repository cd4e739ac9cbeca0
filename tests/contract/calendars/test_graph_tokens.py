"""App-only tokens: real MSAL over https against the simulated Entra."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.adapters.graph.api import GraphApi, http_client
from core.adapters.graph.calendar import GraphCalendar
from core.adapters.identity.credentials import (
    AssertionCredential,
    CertificateCredential,
    Credential,
    SecretCredential,
)
from core.adapters.identity.tokens import AppTokens, Cloud
from core.adapters.system import SystemClock, ThreadExecutor
from core.errors import RetryLater, Stop
from core.model.ids import MailboxId
from core.model.when import Window
from tests.contract.calendars.graph_harness import BASE
from tests.simulators.common.faults import Action, Fault
from tests.simulators.common.inprocess import transport
from tests.simulators.common.server import serve
from tests.simulators.graph import Consent, EntraError, GraphSimulator, make_authority, make_client_certificate

BROKEN = "".join(f"-----BEGIN {kind}-----\nx\n-----END {kind}-----\n" for kind in ("CERTIFICATE", "PRIVATE KEY"))


class Entra:
    """A tenant whose Entra answers over https, and the tokens of an application in it."""

    def __init__(self, simulator: GraphSimulator, cloud: Cloud) -> None:
        self.simulator, self.cloud = simulator, cloud
        self.tenant = simulator.people.add_tenant()
        self.app = simulator.people.add_app(self.tenant, secret="right")
        self.clock = Skewed()

    def tokens(self, credential: Credential | None = None, tenant: str | None = None) -> AppTokens:
        """Tokens as production gets them."""
        given = credential or SecretCredential("right")
        name = self.tenant.tenant_id if tenant is None else tenant
        return AppTokens(self.cloud, name, self.app.client_id, given, ThreadExecutor(), self.clock)

    def asked(self) -> int:
        """How often the token endpoint was asked."""
        return self.simulator.entra_requests.count("POST")


class Skewed(SystemClock):
    """The machine's clock, moved on at will."""

    ahead = timedelta(0)

    def now(self) -> datetime:
        """The moved instant."""
        return super().now() + self.ahead


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """Certificates for the simulated Entra."""
    return make_authority(tmp_path_factory.mktemp("entra"))


@pytest.fixture
async def entra(authority: tuple[Path, Path, Path]) -> AsyncIterator[Entra]:
    """Entra over https on a free port."""
    simulator = GraphSimulator(lambda: datetime.now(UTC))
    ca_file, cert, key = authority
    async with serve(simulator.entra_app, cert=cert, key=key) as address:
        yield Entra(simulator, Cloud(login=address, graph=BASE, ca_file=str(ca_file)))


async def test_a_token_opens_a_calendar(entra: Entra) -> None:
    """From the secret to the calendar; the token is fetched once and kept."""
    mailbox = entra.simulator.people.add_mailbox(entra.tenant, "anna@example.com")
    async with http_client(transport=transport(entra.simulator.app)) as http:
        calendar = GraphCalendar(GraphApi(BASE, entra.tokens(), http), MailboxId(mailbox.object_id))
        window = Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))
        for _ in range(3):
            assert (await calendar.view(window)).complete
        assert entra.asked() == 1
        entra.simulator.people.revoke_tokens(entra.tenant)
        assert (await calendar.view(window)).complete
        assert entra.asked() == 2


async def test_a_token_with_time_left(entra: Entra) -> None:
    """It is kept while more than five minutes are left."""
    tokens = entra.tokens()
    first = await tokens.token()
    entra.clock.ahead = timedelta(seconds=3599 - 310)
    assert await tokens.token() == first
    assert entra.asked() == 1


async def test_a_token_that_is_about_to_expire(entra: Entra) -> None:
    """With less than five minutes left it is asked for again."""
    entra.simulator.options.token_seconds = 290
    tokens = entra.tokens()
    assert await tokens.token()
    assert await tokens.token()
    assert entra.asked() == 2


async def test_a_refused_token_is_replaced(entra: Entra) -> None:
    """Only the one that was refused: a caller who comes late with it gets the new one."""
    tokens = entra.tokens()
    first = await tokens.token()
    second = await tokens.token(refused=first)
    assert second != first
    assert await tokens.token(refused=first) == second
    assert entra.asked() == 2


async def test_a_certificate(entra: Entra, tmp_path: Path) -> None:
    """One PEM file with key and certificate; the assertion is signed with it."""
    made = make_client_certificate("sync")
    entra.app.certificates.append(made.public_certificate)
    pem = tmp_path / "app.pem"
    pem.write_text(made.private_key + made.public_certificate)
    assert await entra.tokens(CertificateCredential(pem)).token()


async def test_a_certificate_that_nobody_knows(entra: Entra, tmp_path: Path) -> None:
    """The application's credentials are refused."""
    made = make_client_certificate("sync")
    pem = tmp_path / "app.pem"
    pem.write_text(made.public_certificate + made.private_key)
    with pytest.raises(Stop) as caught:
        await entra.tokens(CertificateCredential(pem)).token()
    assert (caught.value.code, caught.value.detail) == ("app_credentials_refused", "AADSTS700027")


@pytest.mark.parametrize(
    "content",
    [
        None,
        "",
        BROKEN,
    ],
)
async def test_a_certificate_file_that_is_none(entra: Entra, tmp_path: Path, content: str | None) -> None:
    """A missing, empty or broken file says so without showing what is in it."""
    pem = tmp_path / "app.pem"
    if content is not None:
        pem.write_text(content)
    with pytest.raises(Stop) as caught:
        await entra.tokens(CertificateCredential(pem)).token()
    assert caught.value.code == "app_credentials_refused"


async def test_an_assertion(entra: Entra) -> None:
    """A federated assertion is asked for and sent; this one is not trusted."""
    asked: list[int] = []

    def assertion() -> str:
        asked.append(1)
        return "not.a.token"

    with pytest.raises(Stop) as caught:
        await entra.tokens(AssertionCredential(assertion)).token()
    assert caught.value.code == "app_credentials_refused"
    assert asked


async def test_a_wrong_secret(entra: Entra) -> None:
    """It is tried once per call, and not shown."""
    with pytest.raises(Stop) as caught:
        await entra.tokens(SecretCredential("wrong")).token()
    assert (caught.value.code, caught.value.detail) == ("app_credentials_refused", "AADSTS7000215")
    assert caught.value.whole_company
    assert entra.asked() == 1
    assert "wrong" not in repr(SecretCredential("wrong"))


@pytest.mark.parametrize("consent", [Consent.MISSING, Consent.DISABLED])
async def test_consent_that_is_missing(entra: Entra, consent: Consent) -> None:
    """Never given, or taken away: the company stops."""
    entra.app.consent = consent
    with pytest.raises(Stop) as caught:
        await entra.tokens().token()
    assert (caught.value.code, caught.value.whole_company) == ("consent_missing", True)


async def test_an_application_that_the_tenant_does_not_know(entra: Entra) -> None:
    """The same to the administrator: it needs consent."""
    other = entra.simulator.people.add_tenant()
    with pytest.raises(Stop) as caught:
        await entra.tokens(tenant=other.tenant_id).token()
    assert (caught.value.code, caught.value.detail) == ("consent_missing", "AADSTS700016")


@pytest.mark.parametrize("tenant", ["11111111-2222-3333-4444-555555555555", "", "a/b", "../x"])
async def test_a_tenant_that_is_none(entra: Entra, tenant: str) -> None:
    """Unknown, or no name of a tenant at all."""
    with pytest.raises(Stop) as caught:
        await entra.tokens(tenant=tenant).token()
    assert (caught.value.code, caught.value.whole_company) == ("tenant_unknown", True)


@pytest.mark.parametrize("status", [429, 500, 503])
@pytest.mark.parametrize("after", [0, 1])
async def test_entra_cannot_answer(entra: Entra, status: int, after: int) -> None:
    """Discovery or the token endpoint is out of order: later."""
    entra.simulator.entra_faults.add(Fault(Action.STATUS, after=after, status=status))
    with pytest.raises(RetryLater):
        await entra.tokens().token()


@pytest.mark.parametrize("after", [0, 1])
async def test_entra_answers_with_something_else(entra: Entra, after: int) -> None:
    """A page of a proxy instead of JSON: later."""
    entra.simulator.entra_faults.add(Fault(Action.STATUS, after=after, status=200, body="<html>"))
    with pytest.raises(RetryLater):
        await entra.tokens().token()


@pytest.mark.parametrize("after", [0, 1])
async def test_the_connection_breaks(entra: Entra, after: int) -> None:
    """Later, and the next call is served."""
    entra.simulator.entra_faults.add(Fault(Action.DROP_AFTER_COMMIT, after=after))
    tokens = entra.tokens()
    with pytest.raises(RetryLater):
        await tokens.token()
    assert await tokens.token()


async def test_nobody_listens(entra: Entra) -> None:
    """Entra is unreachable: later."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    entra.cloud = replace(entra.cloud, login=f"https://127.0.0.1:{port}")
    with pytest.raises(RetryLater) as caught:
        await entra.tokens().token()
    assert caught.value.code == "login_unreachable"


async def test_a_server_that_is_not_trusted(entra: Entra) -> None:
    """A certificate of another authority is not accepted."""
    entra.cloud = replace(entra.cloud, ca_file="")
    with pytest.raises(RetryLater) as caught:
        await entra.tokens().token()
    assert caught.value.code == "login_unreachable"


async def test_the_environment_names_another_authority(
    entra: Entra, authority: tuple[Path, Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """REQUESTS_CA_BUNDLE and proxies of the environment do not reach this client (facts/microsoft.md L)."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority[2]))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    assert await entra.tokens().token()


async def test_a_refusal_that_is_new(entra: Entra) -> None:
    """An unknown number is "later", with the number for support."""
    body = EntraError(70011).body("trace", datetime.now(UTC))
    entra.simulator.entra_faults.add(Fault(Action.STATUS, method="POST", status=400, body=body))
    with pytest.raises(RetryLater) as caught:
        await entra.tokens().token()
    assert (caught.value.code, caught.value.detail) == ("login_refused", "AADSTS70011")


@pytest.mark.parametrize(
    ("graph", "scope"),
    [
        ("https://graph.microsoft.com/v1.0", "https://graph.microsoft.com/.default"),
        ("https://dod-graph.microsoft.us/v1.0", "https://dod-graph.microsoft.us/.default"),
        ("https://microsoftgraph.chinacloudapi.cn/v1.0", "https://microsoftgraph.chinacloudapi.cn/.default"),
    ],
)
def test_the_scope_of_a_cloud(graph: str, scope: str) -> None:
    """Tokens are for the cloud's own Graph (facts/microsoft.md F4)."""
    assert Cloud(graph=graph).scope == scope
