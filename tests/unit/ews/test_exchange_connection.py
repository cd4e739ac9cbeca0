"""A company's Exchange Server, tried step by step."""

from __future__ import annotations

import asyncio
import importlib.util
import logging
import socket
import threading
import warnings
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from exchangelib.protocol import CachingProtocol

from core.adapters.ews import pinned
from core.adapters.ews.releases import SCHEMAS
from core.model.company import ExchangeRelease
from core.model.connection import EXCHANGE_SERVER, Check, Outcome
from tests.simulators.ews import EwsSimulator, Release
from tests.simulators.graph import make_authority
from tests.support.shared import need_shared
from tests.unit.ews.conftest import HOST, PASSWORD, Company

RELEASES = {
    ExchangeRelease.EX2007_SP1: Release((8, 3, 83, 6), "Exchange2007_SP1", tells=False),
    ExchangeRelease.EX2010: Release((14, 0, 639, 21), "Exchange2010", tells=False),
    ExchangeRelease.EX2010_SP1: Release((14, 1, 218, 15), "Exchange2010_SP1"),
    ExchangeRelease.EX2010_SP2: Release((14, 3, 123, 4), "Exchange2010_SP2"),
    ExchangeRelease.EX2013: Release((15, 0, 516, 32), "Exchange2013"),
    ExchangeRelease.EX2013_SP1: Release((15, 0, 1497, 2), "Exchange2013_SP1"),
    ExchangeRelease.EX2016: Release((15, 1, 2507, 6), "Exchange2016"),
    ExchangeRelease.EX2019: Release((15, 2, 1544, 4), "Exchange2016"),
    ExchangeRelease.SE: Release((15, 2, 2562, 17), "Exchange2016"),
}


async def test_everything_is_in_order(company: Company, exchange: EwsSimulator) -> None:
    """Every step passes, in its order; the server is asked by its name, at the address that was checked."""
    found, failure = await company.check()
    assert failure == ""
    assert [finding.check for finding in found] == list(EXCHANGE_SERVER)
    assert {finding.outcome for finding in found} == {Outcome.PASSED}
    details = {finding.check: finding.detail for finding in found}
    assert details[Check.TLS] == "TLSv1.3"
    assert details[Check.VERSION] == "se (15.2.2562.17)"
    assert set(exchange.hosts) == {f"{HOST}:{company.port}"}
    assert all(exchange.logins)
    assert exchange.exchanged[-1].anchor == "anna@example.org"


@pytest.mark.parametrize("release", list(RELEASES), ids=lambda r: r.value)
async def test_every_release(company: Company, exchange: EwsSimulator, release: ExchangeRelease) -> None:
    """It is recognized, whether the settings name it or not; named, no request is refused for its schema."""
    exchange.release = RELEASES[release]
    for named in (release, ExchangeRelease.DETECT):
        company.change(release=named)
        found, failure = await company.check()
        assert failure == ""
        assert found[3].detail.startswith(f"{release.value} (")
        assert {finding.outcome for finding in found} == {Outcome.PASSED}
        if named is release:
            assert {one.status for one in exchange.exchanged} == {200}


@pytest.mark.parametrize("release", [ExchangeRelease.EX2007_SP1, ExchangeRelease.SE], ids=lambda r: r.value)
async def test_an_address_that_is_not_the_primary_one(
    company: Company, exchange: EwsSimulator, release: ExchangeRelease
) -> None:
    """Its mailbox is found all the same, as the synchronization finds it (R1)."""
    exchange.release = RELEASES[release]
    exchange.people.add_mailbox("bert.berg@example.org", aliases=["bert@example.org"])
    found, failure = await company.check("bert@example.org")
    assert failure == ""
    assert {finding.outcome for finding in found} == {Outcome.PASSED}


@cache
def _schema(release: str) -> Any:
    shared = need_shared()
    spec = importlib.util.spec_from_file_location("validate_ews", shared / "tools" / "validate_ews.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with warnings.catch_warnings(action="ignore", category=ResourceWarning):  # the tool leaves files to be closed
        schema = module.load_schema(str(shared / "schemas" / "ews" / release))
    return lambda text: module.validate_soap(schema, text)


@pytest.mark.parametrize(
    ("release", "folder"),
    [
        (ExchangeRelease.EX2007_SP1, "Exchange2007_SP1"),
        (ExchangeRelease.EX2010_SP2, "Exchange2010_SP2"),
        (ExchangeRelease.SE, "Exchange2016"),
    ],
)
async def test_what_is_sent_and_answered_is_valid(
    company: Company, exchange: EwsSimulator, release: ExchangeRelease, folder: str
) -> None:
    """Every request, and every answer of the simulator, by Microsoft's own schema of that release."""
    problems = _schema(folder)
    exchange.release = RELEASES[release]
    company.change(release=release)
    await company.check()
    exchange.shut = {"anna@example.org"}
    await company.check()
    assert len(exchange.exchanged) >= 4
    for one in exchange.exchanged:
        assert problems(one.request) == []
        assert problems(one.answer) == []


async def test_the_settings_name_another_release(company: Company) -> None:
    """A warning; the server counts."""
    company.change(release=ExchangeRelease.EX2016)
    found, failure = await company.check()
    assert (failure, found[3].outcome, found[3].code) == ("", Outcome.WARNED, "exchange_other_release")


async def test_a_wrong_password(company: Company, exchange: EwsSimulator) -> None:
    """It is tried once: more would lock the account."""
    company.password = "wrong"
    found, failure = await company.check()
    assert (failure, len(found)) == ("exchange_login_refused", 2)
    assert exchange.logins == [False]


async def test_no_password(company: Company, exchange: EwsSimulator) -> None:
    """Nothing is sent."""
    company.password = ""
    assert (await company.check())[1] == "exchange_credentials_missing"
    assert exchange.hosts == []


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (503, "exchange_unavailable"),
        (500, "exchange_unavailable"),
        (404, "exchange_not_ews"),
        (200, "exchange_not_ews"),
        (403, "exchange_forbidden"),
    ],
)
async def test_what_answers_is_not_exchange(company: Company, exchange: EwsSimulator, status: int, code: str) -> None:
    """Its answer is told apart, and nobody logs in."""
    exchange.status = status
    assert (await company.check())[1] == code
    assert (len(exchange.hosts), exchange.logins) == (1, [])


async def test_a_redirect(company: Company, exchange: EwsSimulator) -> None:
    """It is not followed, not even to the server itself."""
    exchange.redirect = f"https://{HOST}:{company.port}/EWS/Exchange.asmx"
    assert (await company.check())[1] == "exchange_redirects"
    assert len(exchange.hosts) == 1


async def test_a_login_that_we_do_not_know(company: Company, exchange: EwsSimulator) -> None:
    """The password is not sent."""
    exchange.methods = "Bearer"
    assert (await company.check())[1] == "exchange_login_method"
    assert exchange.logins == []


@pytest.mark.parametrize(
    ("methods", "chosen"), [("Negotiate, NTLM, Basic realm=x", "NTLM"), ('Basic realm="x"', "basic")]
)
async def test_which_login_is_chosen(company: Company, exchange: EwsSimulator, methods: str, chosen: str) -> None:
    """NTLM before Basic: with it the password itself does not travel."""
    exchange.methods = methods
    endpoint = pinned.Endpoint(company.settings.ews_url, HOST, company.port, ("127.0.0.1",), company.ca_file)
    assert await asyncio.to_thread(pinned.offered_login, endpoint) == chosen


@pytest.mark.parametrize(
    ("addresses", "change", "code"),
    [
        (("nobody@example.org",), {}, "exchange_mailbox_not_found"),
        (("not an address",), {}, "exchange_mailbox_not_found"),
        (("anna@example.org",), {"denied": {"anna@example.org"}}, "exchange_impersonation_denied"),
        (("anna@example.org",), {"refusal": "ErrorImpersonationDenied"}, "exchange_impersonation_denied_on_server"),
        (("anna@example.org",), {"refusal": "ErrorImpersonationFailed"}, "exchange_impersonation_failed"),
        (("anna@example.org",), {"refusal": "ErrorServerBusy"}, "exchange_busy"),
    ],
)
async def test_nobody_to_act_for(
    company: Company, exchange: EwsSimulator, addresses: tuple[str, ...], change: dict[str, Any], code: str
) -> None:
    """Each reason by its own name."""
    for name, value in change.items():
        setattr(exchange, name, value)
    found, failure = await company.check(*addresses)
    assert (failure, len(found)) == (code, 4)


async def test_another_mailbox_lets_us(company: Company, exchange: EwsSimulator) -> None:
    """The administrator's own need not be one of those that the scope covers."""
    exchange.mailboxes = {"boss@example.org", "anna@example.org"}
    exchange.denied = {"boss@example.org"}
    assert (await company.check("nobody@example.org", "boss@example.org", "anna@example.org"))[1] == ""


async def test_a_calendar_that_is_shut(company: Company, exchange: EwsSimulator) -> None:
    """Acting for the mailbox passed."""
    exchange.shut = {"anna@example.org"}
    found, failure = await company.check()
    assert (failure, found[-1].check) == ("exchange_calendar_denied", Check.IMPERSONATION)


@pytest.mark.parametrize(
    ("build", "code"), [((15, 20, 9000, 1), "exchange_is_online"), ((8, 0, 685, 25), "exchange_too_old")]
)
async def test_a_release_that_cannot_be(
    company: Company, exchange: EwsSimulator, build: tuple[int, int, int, int], code: str
) -> None:
    """Exchange Online under another name, and Exchange 2007 without a Service Pack."""
    exchange.release = Release(build, "Exchange2016")
    assert (await company.check())[1] == code


# --- addresses and TLS ------------------------------------------------------------------------------------------------
async def test_an_address_that_may_not_be_reached(company: Company, exchange: EwsSimulator) -> None:
    """Nothing is sent where no operator allows the network."""
    company.allowed = ()
    found, failure = await company.check()
    assert (found, failure, exchange.hosts) == ([], "address_not_allowed", [])


async def test_a_name_that_moves_after_the_check(company: Company, exchange: EwsSimulator) -> None:
    """The name is asked once; every connection of the test goes to the address that was checked."""
    answers = [["127.0.0.1"], ["169.254.169.254"]]
    asked: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return answers[min(len(asked), len(answers)) - 1]

    company.found = resolve
    assert (await company.check())[1] == ""
    assert asked == [HOST]
    assert len(exchange.hosts) > 2


@pytest.mark.parametrize(
    ("url", "code"),
    [("", "exchange_url_missing"), ("http://mail.customer.example/EWS/Exchange.asmx", "address_not_https")],
)
async def test_an_address_that_is_none(company: Company, url: str, code: str) -> None:
    """Settings of old are checked as new ones are."""
    company.change(ews_url=url)
    assert (await company.check()) == ([], code)


async def test_a_certificate_of_an_unknown_authority(company: Company, exchange: EwsSimulator, tmp_path: Path) -> None:
    """The password stays here."""
    company.ca_file = str(make_authority(tmp_path).ca_file)
    found, failure = await company.check()
    assert (len(found), failure, exchange.hosts) == (1, "tls_certificate_untrusted", [])


async def test_a_certificate_of_another_name(company: Company, exchange: EwsSimulator) -> None:
    """A name that leads to the same machine is not the certificate's."""
    company.change(ews_url=company.settings.ews_url.replace(HOST, "other.customer.example"))
    assert (await company.check())[1] == "tls_certificate_of_another_name"
    assert exchange.hosts == []


async def test_a_server_that_does_not_speak_tls(company: Company) -> None:
    """Plain text at the port, or an end of the connection: the server has to learn it."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def speak() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1024)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=speak)
        thread.start()
        company.change(ews_url=f"https://{HOST}:{server.getsockname()[1]}/EWS/Exchange.asmx")
        assert (await company.check())[1] == "tls_refused"
        thread.join()


async def test_nobody_listens(company: Company) -> None:
    """That may pass."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        free = server.getsockname()[1]
    company.change(ews_url=f"https://{HOST}:{free}/EWS/Exchange.asmx")
    assert (await company.check())[1] == "exchange_unreachable"


async def test_another_address_of_the_name_answers(company: Company) -> None:
    """The first one that does is used."""
    company.found = lambda _host, _port: ["::1", "127.0.0.1"]
    assert (await company.check())[1] == ""


# --- what stays -------------------------------------------------------------------------------------------------------
async def test_nothing_stays(company: Company, exchange: EwsSimulator, caplog: pytest.LogCaptureFixture) -> None:
    """No protocol with its password is kept for the next one, and nothing is logged, however a test ends."""
    caplog.set_level(logging.DEBUG)
    await company.check()
    exchange.refusal = "ErrorServerBusy"
    await company.check()
    company.password = "canary-wrong"
    await company.check()
    assert CachingProtocol._protocol_cache == {}
    assert PASSWORD not in caplog.text
    assert "canary" not in caplog.text
    assert "anna@example.org" not in caplog.text


async def test_an_answer_without_end(company: Company, exchange: EwsSimulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not read to its end."""
    monkeypatch.setattr(pinned, "MOST_BYTES", 100)
    assert (await company.check())[1] == "exchange_unreachable"


async def test_an_answer_drop_by_drop(
    company: Company, exchange: EwsSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not waited for to its end, however long it is before the next drop would be late."""
    monkeypatch.setattr(pinned, "MOST_SECONDS", -1.0)
    assert (await company.check())[1] == "exchange_unreachable"


def test_every_release_has_a_schema() -> None:
    """But the one that is not known yet."""
    assert set(SCHEMAS) == set(ExchangeRelease) - {ExchangeRelease.DETECT}
