"""What an administrator may paste as an authority of their server."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.adapters.ews.security import Tls
from core.model.company import AUTHORITY_MAX, CompanySettings
from core.usecases.exchange_authority import MOST_CERTIFICATES, PROBLEMS, authority_problem
from core.usecases.settings import check
from tests.simulators.graph import Authority, make_authority, make_client_certificate


@pytest.fixture
def made(tmp_path: Path) -> Authority:
    """An authority, and the certificate of a server that it issued."""
    return make_authority(tmp_path)


def test_what_is_taken(made: Authority) -> None:
    """An authority, several of them with words in between, or what a server issued to itself; TLS takes them too."""
    authority, own = made.ca_file.read_text(), make_client_certificate("mail.example.com").public_certificate
    for pem in (authority, f"Our root\r\n{authority}\n{own}", own):
        assert authority_problem(pem) == ""
        assert check(CompanySettings(exchange_authority=pem)) == {}
        Tls(authority=pem).context()


@pytest.mark.parametrize(
    "pem",
    [
        "mail.example.com",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n",
        "\u00e4",
        "\x00",
    ],
)
def test_what_is_no_certificate(pem: str) -> None:
    """It is said what is wanted."""
    assert authority_problem(pem) == "authority_unreadable"
    assert check(CompanySettings(exchange_authority=pem)) == {"exchange_authority": PROBLEMS["authority_unreadable"]}


def test_what_is_refused(made: Authority) -> None:
    """A server's certificate, which says nothing of the next one; any private key; more than anybody needs."""
    authority, server = made.ca_file.read_text(), made.cert.read_text()
    assert authority_problem(authority + server) == "authority_of_nobody"
    for label in ("PRIVATE KEY", "RSA PRIVATE KEY", "ENCRYPTED PRIVATE KEY"):
        assert authority_problem(f"{authority}-----BEGIN {label}-----") == "authority_private_key"
    assert authority_problem(authority * (MOST_CERTIFICATES + 1)) == "authority_too_large"
    assert authority_problem("x" * (AUTHORITY_MAX + 1)) == "authority_too_large"
