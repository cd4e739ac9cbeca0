"""Which links may be followed: our token goes nowhere but to Graph (design.md section 9, peers.md P61)."""

from __future__ import annotations

from urllib.parse import unquote

import httpx

_PORTS = {"http": 80, "https": 443}


def belongs(base: str, link: str) -> bool:
    """Whether a link has the base address's scheme, host and port, and a path below the base's.

    It is read by httpx, which also sends it, so nothing is understood in two ways.
    """
    try:
        root, url = httpx.URL(base), httpx.URL(link)
    except httpx.InvalidURL:
        return False
    same = (url.scheme, url.host, _port(url)) == (root.scheme, root.host, _port(root))
    path = unquote(url.path)
    below = path.startswith(root.path.rstrip("/") + "/")
    return same and below and not url.userinfo and not {".", ".."} & set(path.replace("\\", "/").split("/"))


def _port(url: httpx.URL) -> int | None:
    return url.port or _PORTS.get(url.scheme)
