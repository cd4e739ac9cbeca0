"""The address of Exchange Web Services as an administrator types it: what is wrong with it, in words; pure.

Whether the name leads to an address that may be reached is for core/adapters/addresses.py, at every connection.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

LONGEST = 2048
HTTPS = 443
"""The port of an address that names none."""
ONLINE_DOMAINS = frozenset(
    {
        "office365.com",
        "office.com",
        "outlook.com",
        "live.com",
        "cloud.microsoft",
        "office365.us",
        "apps.mil",
        "outlook.cn",
        "office.de",
    }
)
"""Domains under which Exchange Online is, or was, reached (facts/microsoft.md I, F4 for the national clouds)."""
PROBLEMS: Mapping[str, str] = {
    "exchange_url_malformed": "This is no complete address. It looks like https://mail.example.com/EWS/Exchange.asmx; "
    "copy it from the Exchange Server: Get-WebServicesVirtualDirectory | Format-List ExternalUrl.",
    "exchange_url_not_https": "The address must begin with https://, because the delegate user's password travels to "
    "it. Give the Exchange Server a certificate and use its https address.",
    "exchange_url_with_credentials": "The address must not hold a user name or password. Type them into their own "
    "fields.",
    "exchange_online_address": "This is Exchange Online, where Microsoft has shut Exchange Web Services off. Choose "
    "the version Office 365 and grant permissions.",
}
"""A sentence with its remedy for every code."""


def exchange_url_problem(text: str) -> str:
    """The code of what is wrong with the address; empty where nothing is."""
    if len(text) > LONGEST or not text.isprintable() or any(c.isspace() or c == "\\" for c in text):
        return "exchange_url_malformed"
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").rstrip(".")
        _ = parts.port
        ascii_host = host.encode("idna").decode("ascii")
    except (ValueError, UnicodeError):
        return "exchange_url_malformed"
    if parts.scheme != "https":
        return "exchange_url_not_https" if parts.scheme == "http" and host else "exchange_url_malformed"
    if parts.username is not None or parts.password is not None:
        return "exchange_url_with_credentials"
    if not ascii_host or "%" in host or parts.query or parts.fragment:
        return "exchange_url_malformed"
    return "exchange_online_address" if _is_online(ascii_host) else ""


def is_same_server(one: str, other: str) -> bool:
    """Whether two addresses without problems name one host and port."""
    first, second = urlsplit(one), urlsplit(other)
    return (first.hostname, first.port or HTTPS) == (second.hostname, second.port or HTTPS)


def _is_online(host: str) -> bool:
    return any(host == domain or host.endswith(f".{domain}") for domain in ONLINE_DOMAINS)
