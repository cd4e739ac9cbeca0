"""Headers of every answer: security, and CORS for the front end's own origins only (Fetch standard, section 3.2)."""

from __future__ import annotations

from collections.abc import Iterable

SECURITY = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
}
"""What is answered is data: never kept, framed, sniffed or sent on."""
_ALLOWED = "Authorization, Content-Type, If-Match"
_EXPOSED = "ETag, Retry-After"
_MAX_AGE = "600"


def for_browsers(origin: str, origins: Iterable[str]) -> dict[str, str]:
    """What lets a page of an allowed origin read the answer. Tokens travel in a header: no credentials."""
    headers = {"Vary": "Origin"}
    if origin and origin in origins:
        headers |= {"Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": _EXPOSED}
    return headers


def preflight(origin: str, origins: Iterable[str], methods: Iterable[str]) -> dict[str, str]:
    """The answer to a browser that asks first; for an origin that is not allowed it permits nothing."""
    headers = for_browsers(origin, origins)
    if "Access-Control-Allow-Origin" in headers:
        headers |= {
            "Access-Control-Allow-Methods": ", ".join(sorted(methods)),
            "Access-Control-Allow-Headers": _ALLOWED,
            "Access-Control-Max-Age": _MAX_AGE,
        }
    return headers
