"""Who is let in: Basic, NTLM, and accounts that are locked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from requests_ntlm import HttpNtlmAuth

from tests.simulators.common.server import ThreadedServer
from tests.simulators.ews import RELEASES, EwsSimulator
from tests.simulators.graph import Authority, make_authority

from .ews_stage import ACCOUNT, ANNA, NAMES, PASSWORD, Stage, stage

__all__ = ["stage"]
PATH = "/EWS/Exchange.asmx"
FOLDER = (
    f'<s:Envelope xmlns:s="{NAMES["s"]}" xmlns:m="{NAMES["m"]}" xmlns:t="{NAMES["t"]}"><s:Header>'
    '<t:RequestServerVersion Version="Exchange2016"/><t:ExchangeImpersonation><t:ConnectingSID>'
    f"<t:PrimarySmtpAddress>{ANNA}</t:PrimarySmtpAddress></t:ConnectingSID></t:ExchangeImpersonation></s:Header><s:Body>"
    "<m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape></m:FolderShape><m:FolderIds>"
    '<t:DistinguishedFolderId Id="calendar"/></m:FolderIds></m:GetFolder></s:Body></s:Envelope>'
)


@pytest.mark.parametrize("header", ["", "Basic !", "Basic YQ==", "Bearer x", "NTLM x", "NTLM TlRMTVNTUAADAAAA"])
async def test_without_a_login(stage: Stage, header: str) -> None:
    """401, with what would serve."""
    stage.ews.methods = 'NTLM, Basic realm="mail"'
    stage.client.headers["Authorization"] = header
    answer = await stage.client.post(PATH, content=FOLDER)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'NTLM, Basic realm="mail"')


async def test_basic_where_it_is_not_offered(stage: Stage) -> None:
    """It is not looked at."""
    stage.ews.methods = "NTLM"
    assert (await stage.client.post(PATH, content=FOLDER)).status_code == 401
    assert stage.ews.logins == []


async def test_a_success_starts_the_count_anew(stage: Stage) -> None:
    """Four wrong ones, a right one, and four wrong ones again lock nothing; with no limit nothing ever does."""
    right = stage.client.headers["Authorization"]
    for header in [*["Basic QUNNRVxzeW5jOnc="] * 4, right] * 2:
        stage.client.headers["Authorization"] = header
        status = (await stage.client.post(PATH, content=FOLDER)).status_code
        assert status == (200 if header == right else 401)
    assert not stage.people.is_locked(ACCOUNT)
    stage.ews.options.lockout_after = 0
    stage.client.headers["Authorization"] = "Basic QUNNRVxzeW5jOnc="
    for _ in range(9):
        await stage.client.post(PATH, content=FOLDER)
    assert not stage.people.is_locked(ACCOUNT)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The authority of the server's certificate."""
    return make_authority(tmp_path_factory.mktemp("ews"))


@pytest.fixture
def ntlm(request: pytest.FixtureRequest, authority: Authority) -> Iterator[tuple[EwsSimulator, str]]:
    """A server that speaks NTLM over https, and its address; the parameter: the certificate that binds."""
    bound: Path | None = getattr(request, "param", lambda made: made.cert)(authority)
    made = EwsSimulator(RELEASES["se"], {ACCOUNT: PASSWORD}, {ANNA}, certificate=bound)
    made.methods = "Negotiate, NTLM"
    with ThreadedServer(made.app, cert=authority.cert, key=authority.key) as url:
        yield made, url + PATH


def asked(url: str, authority: Authority, password: str, account: str = ACCOUNT, times: int = 1) -> list[int]:
    """The statuses of so many requests on one connection."""
    with requests.Session() as session:
        session.trust_env, session.verify = False, str(authority.ca_file)
        session.auth = HttpNtlmAuth(account, password)
        return [session.post(url, data=FOLDER, headers={"Content-Type": "text/xml"}).status_code for _ in range(times)]


def test_ntlm_logs_a_connection_in(ntlm: tuple[EwsSimulator, str], authority: Authority) -> None:
    """Three requests the first time, one each from then on; the response is bound to the TLS channel."""
    ews, url = ntlm
    assert asked(url, authority, PASSWORD, times=3) == [200] * 3
    assert [one.status for one in ews.requests.entries] == [401, 401, 200, 200, 200]
    assert ews.logins == [True]
    assert ews.count() == 3


@pytest.mark.parametrize("account", [ACCOUNT, r"OTHER\sync", "sync"])
def test_a_wrong_ntlm_login(ntlm: tuple[EwsSimulator, str], authority: Authority, account: str) -> None:
    """A wrong password or domain; too many lock the account for the right one, too."""
    ews, url = ntlm
    wrong = "wrong" if account == ACCOUNT else PASSWORD
    for _ in range(5):
        assert asked(url, authority, wrong, account) == [401]
    assert ews.logins == [False] * 5
    assert ews.people.is_locked(ACCOUNT) == (account == ACCOUNT)
    assert asked(url, authority, PASSWORD) == [401 if account == ACCOUNT else 200]


@pytest.mark.parametrize("ntlm", [lambda made: made.ca_file, lambda made: None], indirect=True)
def test_a_channel_that_another_certificate_ends(
    ntlm: tuple[EwsSimulator, str], authority: Authority, request: pytest.FixtureRequest
) -> None:
    """As behind a proxy that ends TLS itself: refused, unless the server does not ask for the binding."""
    ews, url = ntlm
    demands = request.node.callspec.params["ntlm"](authority) is not None
    assert asked(url, authority, PASSWORD) == [401 if demands else 200]
    assert ews.logins == [not demands]
