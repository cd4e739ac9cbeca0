"""How TLS is spoken to a company's server: as to everybody's, unless that company chose otherwise (facts G7)."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field

import certifi

_LEGACY_SERVER = 0x4
"""SSL_OP_LEGACY_SERVER_CONNECT, which Python names from 3.12 on: servers that cannot renegotiate safely (RFC 5746)."""


@dataclass(frozen=True, slots=True)
class Tls:
    """What a company chose for its own server and for no other.

    `old`: TLS before 1.2, SHA-1 and short keys are put up with, for Windows Server 2008 (R2): whoever stands in between
    may read the delegate user's password. `authority`: certificates (PEM) that are trusted beside the public
    authorities: a private authority's, or the server's own. Certificate and name are checked in any case.
    """

    old: bool = False
    authority: str = field(default="", repr=False)

    def context(self, ca_file: str = "") -> ssl.SSLContext:
        """A context of one's own, never a shared one. `ca_file`: see Settings.ca_file. Raises ssl.SSLError, OSError."""
        made = ssl.create_default_context(cafile=ca_file or certifi.where())
        made.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.authority:
            made.load_verify_locations(cadata=self.authority)
            made.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # a server's own certificate is no authority's
        if self.old:
            made.set_ciphers("DEFAULT:@SECLEVEL=0")
            made.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
            made.options |= _LEGACY_SERVER
        return made
