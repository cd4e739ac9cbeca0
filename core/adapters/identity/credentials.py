"""How the application proves to Entra who it is (facts/microsoft.md F3)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.errors import Stop

_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.+?-----END [A-Z ]*PRIVATE KEY-----", re.DOTALL)


@dataclass(frozen=True, slots=True)
class SecretCredential:
    """A client secret."""

    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CertificateCredential:
    """A certificate with its private key, in one PEM file, the key not encrypted; MSAL makes the thumbprint itself."""

    pem_file: Path


@dataclass(frozen=True, slots=True)
class AssertionCredential:
    """A federated assertion (federated.py), asked for whenever MSAL needs one; the callable blocks."""

    assertion: Callable[[], str] = field(repr=False)


Credential = SecretCredential | CertificateCredential | AssertionCredential


def for_msal(credential: Credential) -> Any:
    """What MSAL takes as `client_credential`. Raises Stop for a certificate file that cannot be used."""
    match credential:
        case SecretCredential(secret):
            return secret
        case CertificateCredential(pem_file):
            return _from_pem(pem_file)
        case AssertionCredential(assertion):
            return {"client_assertion": assertion}


def _from_pem(pem_file: Path) -> dict[str, str]:
    try:
        text = pem_file.read_text("ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise Stop("app_credentials_refused", "the certificate file cannot be read", whole_company=True) from error
    certificate, key = _CERTIFICATE.search(text), _PRIVATE_KEY.search(text)
    if certificate is None or key is None:
        raise Stop("app_credentials_refused", "the file needs a certificate and a private key", whole_company=True)
    return {"private_key": key.group(0), "public_certificate": certificate.group(0)}
