"""TLS as one company chose it for its own server, and for no other."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from core.adapters.ews.security import Tls, certificate_code
from core.errors import RetryLater, Stop
from core.model.company import ExchangeTls
from core.model.connection import Check
from core.model.ids import CompanyId, MailboxId
from tests.simulators.common.server import serve
from tests.simulators.ews import EwsSimulator
from tests.simulators.graph import Authority
from tests.unit.ews.conftest import COMPANY, HOST, Company
from tests.unit.ews.test_exchange_servers import ANNA, Way, way

__all__ = ["way"]
OTHER = CompanyId("22222222-2222-4222-8222-222222222222")


async def nobody(_: MailboxId) -> tuple[str, ...]:
    return ()


async def reach(way: Way, company: CompanyId, **chosen: object) -> bool:
    """Whether Anna's mailbox is found with these settings."""
    settings = replace(way.settings, **chosen)  # type: ignore[arg-type]
    found = await way.servers.company(company, settings, way.password, nobody).find_mailbox([ANNA])
    return found is not None


async def test_a_private_authority(way: Way, authority: Authority) -> None:
    """It is trusted for the company that named it alone, though both reach the same server."""
    way.servers._ca_file = ""
    trusted = authority.ca_file.read_text()
    assert await reach(way, COMPANY, exchange_authority=trusted)
    with pytest.raises(Stop) as caught:
        await reach(way, OTHER)
    assert caught.value.code == "tls_certificate_untrusted"
    assert await reach(way, COMPANY, exchange_authority=trusted)
    with pytest.raises(Stop) as caught:
        await reach(way, COMPANY)
    assert caught.value.code == "tls_certificate_untrusted"


async def test_the_servers_own_certificate(way: Way, authority: Authority) -> None:
    """It may be named itself, without its authority; its name is checked all the same."""
    way.servers._ca_file = ""
    own = authority.cert.read_text()
    assert await reach(way, COMPANY, exchange_authority=own)
    way.settings = replace(way.settings, ews_url=way.settings.ews_url.replace(HOST, "other.customer.example"))
    with pytest.raises(Stop) as caught:
        await reach(way, COMPANY, exchange_authority=own)
    assert caught.value.code == "tls_certificate_of_another_name"


async def test_a_private_authority_in_the_test_of_the_connection(company: Company, authority: Authority) -> None:
    """It is used there as well, and there too for this company alone."""
    company.ca_file = ""
    assert (await company.check())[1] == "tls_certificate_untrusted"
    company.change(exchange_authority=authority.ca_file.read_text())
    found, code = await company.check()
    assert (code, found[-1].check) == ("", Check.CALENDAR)


@pytest.mark.parametrize("newest", ["TLSv1", "TLSv1_1"])
async def test_a_server_without_tls_1_2(
    company: Company, way: Way, authority: Authority, monkeypatch: pytest.MonkeyPatch, newest: str
) -> None:
    """It is reached where the company chose that, by the test of the connection and by the calendars, else not at all.

    Nothing of it stays for another company, nor for the same one when it chooses otherwise.
    """
    listens = uvicorn.Config.load

    def load(config: uvicorn.Config) -> None:
        listens(config)
        assert config.ssl is not None
        with pytest.warns(DeprecationWarning, match="deprecated"):
            config.ssl.maximum_version = ssl.TLSVersion[newest]
        config.ssl.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        config.ssl.set_ciphers("ALL:@SECLEVEL=0")

    monkeypatch.setattr(uvicorn.Config, "load", load)
    exchange = EwsSimulator(way.exchange.release, way.exchange.passwords, {ANNA}, certificate=authority.cert)
    async with serve(exchange.app, cert=authority.cert, key=authority.key) as url:
        there = f"https://{HOST}:{url.rpartition(':')[2]}/EWS/Exchange.asmx"
        way.settings = replace(way.settings, ews_url=there)
        company.change(ews_url=there)
        for chosen, code in ((ExchangeTls.OLD, ""), (ExchangeTls.MODERN, "tls_refused")):
            company.change(exchange_tls=chosen)
            found, failed = await company.check()
            assert failed == code
            assert not code or found[-1].check is Check.ADDRESS
        assert await reach(way, COMPANY, exchange_tls=ExchangeTls.OLD)
        for who in (OTHER, COMPANY):
            with pytest.raises((Stop, RetryLater)):
                await reach(way, who)
        way.servers.close()
    await asyncio.sleep(0.02)


def test_a_server_of_long_ago(tmp_path: Path) -> None:
    """A short key, as Windows Server 2008 has it, is refused unless the company chose to put up with that."""
    server = _old_server(tmp_path)
    authority = (tmp_path / "cert.pem").read_text()
    with pytest.raises(ssl.SSLCertVerificationError) as caught:
        _shake_hands(Tls(authority=authority).context(), server)
    assert certificate_code(caught.value) == "tls_certificate_weak"
    assert _shake_hands(Tls(old=True, authority=authority).context(), server)
    with pytest.raises(ssl.SSLCertVerificationError):
        _shake_hands(Tls(old=True).context(), server)


def test_what_everybody_gets() -> None:
    """TLS 1.2 or later, with certificate and name checked; nothing of a choice stays behind."""
    Tls(old=True).context()
    usual = Tls().context()
    assert usual.minimum_version is ssl.TLSVersion.TLSv1_2
    assert usual.verify_mode is ssl.CERT_REQUIRED
    assert usual.check_hostname
    old = Tls(old=True).context()
    assert (old.verify_mode, old.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert old.options & 0x4
    assert not usual.options & 0x4


def _old_server(folder: Path) -> ssl.SSLContext:
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - that is the point
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


def _shake_hands(client: ssl.SSLContext, server: ssl.SSLContext) -> bool:
    """Whether both agree, without a socket. Raises ssl.SSLError."""
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [client.wrap_bio(down, up, server_hostname=HOST), server.wrap_bio(up, down, server_side=True)]
    for _ in range(10):
        done = 0
        for end in ends:
            try:
                end.do_handshake()
                done += 1
            except ssl.SSLWantReadError:
                continue
        if done == len(ends):
            return True
    return False
