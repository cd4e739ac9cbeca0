"""Libraries are heard from their warnings on: below that they tell what they ask for, addresses and ids among it."""

from __future__ import annotations

import logging

LIBRARIES = ("azure", "httpcore", "httpx", "msal", "spnego", "urllib3")


def hush() -> None:
    """Keep the libraries' loggers quiet, in this process. Doing it twice is harmless."""
    for name in LIBRARIES:
        logging.getLogger(name).setLevel(logging.WARNING)
