"""How TLS is spoken to a company's server: as to everybody's, unless that company chose otherwise (facts G7)."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field

import certifi

from core.model.company import CompanySettings, ExchangeTls

_EXPIRED, _OTHER_NAME, _OTHER_ADDRESS = 10, 62, 64
_SHORT_KEY, _SHORT_KEY_ABOVE, _OLD_DIGEST = 66, 67, 68
"""X509_V_ERR_CERT_HAS_EXPIRED, _HOSTNAME_MISMATCH, _IP_ADDRESS_MISMATCH, _EE_KEY_TOO_SMALL, _CA_KEY_TOO_SMALL,
_CA_MD_TOO_WEAK (OpenSSL, x509_vfy.h)."""
_CODES = {
    _EXPIRED: "tls_certificate_expired",
    _OTHER_NAME: "tls_certificate_of_another_name",
    _OTHER_ADDRESS: "tls_certificate_of_another_name",
    _SHORT_KEY: "tls_certificate_weak",
    _SHORT_KEY_ABOVE: "tls_certificate_weak",
    _OLD_DIGEST: "tls_certificate_weak",
}
REFUSALS = frozenset(
    {
        *("UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION", "WRONG_VERSION_NUMBER", "NO_PROTOCOLS_AVAILABLE"),
        *("SSLV3_ALERT_HANDSHAKE_FAILURE", "NO_SHARED_CIPHER", "DH_KEY_TOO_SMALL", "WRONG_SIGNATURE_TYPE"),
        "UNSAFE_LEGACY_RENEGOTIATION_DISABLED",
    }
)
"""OpenSSL's reasons that say "we have no TLS in common"; others may be a connection that broke off."""
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


def tls_of(settings: CompanySettings) -> Tls:
    """What a company chose."""
    return Tls(settings.exchange_tls is ExchangeTls.OLD, settings.exchange_authority)


def certificate_code(error: ssl.SSLCertVerificationError) -> str:
    """What is wrong with a certificate: the code of a Stop."""
    return _CODES.get(error.verify_code, "tls_certificate_untrusted")
