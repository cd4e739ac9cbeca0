"""NTLM over HTTP, the accepting side, by pyspnego (facts/microsoft.md G7).

A connection is logged in, not a request: three requests the first time, one from then on. NTLMv2 responses are really
verified, and where a certificate is given, the binding to the TLS channel is demanded (Extended Protection). Not
simulated: a domain controller, Kerberos in Negotiate, and the end of a connection: its port stays logged in.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import struct
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

import spnego
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from spnego.channel_bindings import GssChannelBindings
from spnego.exceptions import SpnegoError

_STORE = "NTLM_USER_FILE"
_NEGOTIATE, _AUTHENTICATE = b"\x01\x00\x00\x00", b"\x03\x00\x00\x00"
_SHORTEST = 64
_lock = threading.Lock()


class Step(NamedTuple):
    """What came of one message: a challenge to answer it with (base64), or whether the named account is logged in."""

    challenge: str
    account: str
    succeeded: bool


class NtlmDoor:
    """The NTLM log-ins of one server."""

    def __init__(self, certificate: Path | None = None) -> None:
        self._bindings = None if certificate is None else _bindings(certificate)
        self._contexts: dict[object, spnego.ContextProxy] = {}
        self._accounts: dict[object, str] = {}

    def account(self, connection: object) -> str:
        """Who is logged in on a connection; empty for nobody."""
        return self._accounts.get(connection, "")

    def step(self, connection: object, token: str, passwords: Mapping[str, str]) -> Step:
        """One message of the handshake. Neither names nor passwords hold a colon."""
        try:
            message = base64.b64decode(token, validate=True)
        except binascii.Error:
            return Step("", "", succeeded=False)
        with _lock, tempfile.TemporaryDirectory() as folder:
            store = Path(folder) / "users"
            store.write_text("".join(f"{_line(name, word)}\n" for name, word in passwords.items()), encoding="utf-8")
            with patch.dict(os.environ, {_STORE: str(store)}):  # pyspnego reads it from nowhere else
                return self._step(connection, message)

    def _step(self, connection: object, message: bytes) -> Step:
        if message[8:12] == _NEGOTIATE:
            self._accounts.pop(connection, None)
            self._contexts[connection] = spnego.server(protocol="ntlm", channel_bindings=self._bindings)
        context, account = self._contexts.get(connection), _named(message)
        if context is None:
            return Step("", account, succeeded=False)
        try:
            answer = context.step(message)
        except (SpnegoError, ValueError, struct.error):
            del self._contexts[connection]
            return Step("", account, succeeded=False)
        if not context.complete:
            return Step(base64.b64encode(answer or b"").decode(), "", succeeded=False)
        del self._contexts[connection]
        self._accounts[connection] = account
        return Step("", account, succeeded=True)


def _named(message: bytes) -> str:
    """The account that an AUTHENTICATE message names (MS-NLMP 2.2.1.3); empty for another message."""
    if message[8:12] != _AUTHENTICATE or len(message) < _SHORTEST:
        return ""
    found = []
    for at in (28, 36):
        length, _, begin = struct.unpack_from("<HHI", message, at)
        found.append(message[begin : begin + length].decode("utf-16-le", "replace"))
    return "\\".join(part for part in found if part)


def _line(name: str, password: str) -> str:
    domain, _, user = name.rpartition("\\")
    return f"{domain}:{user}:{password}"


def _bindings(certificate: Path) -> GssChannelBindings:
    """`tls-server-end-point` of a certificate that is signed with SHA-256 (RFC 5929 4.1)."""
    found = x509.load_pem_x509_certificate(certificate.read_bytes()).public_bytes(Encoding.DER)
    return GssChannelBindings(application_data=b"tls-server-end-point:" + hashlib.sha256(found).digest())
