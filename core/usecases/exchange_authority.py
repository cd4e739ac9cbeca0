"""The certificates that a company trusts for its own Exchange Server, pasted by an administrator."""

from __future__ import annotations

from collections.abc import Mapping

from cryptography import x509

from core.model.company import AUTHORITY_MAX

MOST_CERTIFICATES = 8
PROBLEMS: Mapping[str, str] = {
    "authority_too_large": f"At most {AUTHORITY_MAX} characters and {MOST_CERTIFICATES} certificates are kept. Paste "
    "the certificate of the authority alone, not the whole list of a computer's authorities.",
    "authority_private_key": "This holds a private key, which nobody else is to see; it was not stored. Paste the "
    "certificate alone.",
    "authority_unreadable": "This is no certificate in PEM form: ASCII text that begins with -----BEGIN "
    "CERTIFICATE-----. On Windows, export it as Base-64 encoded X.509 (.CER).",
    "authority_of_nobody": "This is the certificate of a server, not of the authority that issued it. Paste the "
    "authority's: the topmost one of the server's certification path.",
}
"""A sentence with its remedy for every code."""


def authority_problem(pem: str) -> str:
    """The code of what is wrong with these certificates (PEM); empty where nothing is.

    Each must be an authority's (basic constraints, RFC 5280, section 4.2.1.9), or its own: Exchange's setup makes such
    a one, and whoever trusts that trusts this one server.
    """
    if len(pem) > AUTHORITY_MAX:
        return "authority_too_large"
    if "PRIVATE KEY-----" in pem:
        return "authority_private_key"
    if not all(c.isprintable() or c in "\r\n\t" for c in pem):
        return "authority_unreadable"
    try:
        found = x509.load_pem_x509_certificates(pem.encode("ascii"))
        issuers = [one.issuer == one.subject or _is_authority(one) for one in found]
    except (ValueError, x509.DuplicateExtension):
        return "authority_unreadable"
    if len(found) > MOST_CERTIFICATES:
        return "authority_too_large"
    return "" if all(issuers) else "authority_of_nobody"


def _is_authority(certificate: x509.Certificate) -> bool:
    """Raises ValueError and DuplicateExtension where its extensions cannot be read."""
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False
