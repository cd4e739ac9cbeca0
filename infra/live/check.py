"""Ask a live tenant and a live Severa company what nobody outside knows for sure.

    python -m infra.live.check                what reading alone shows
    python -m infra.live.check --write        and what entries of our own show, which are removed again

From the environment: `LIVE_GRAPH_TOKEN` (an application's access token for Graph) with `LIVE_MAILBOX`, for Microsoft;
`LIVE_SEVERA_CLIENT_ID` and `LIVE_SEVERA_CLIENT_SECRET` with `LIVE_SEVERA_USER` (a user's guid) and `LIVE_ZONE` (that
user's, IANA), for Severa. A side without its variables is left out. `SYNC_GRAPH_URL` and `SYNC_SEVERA_URL` as in
docs/settings.md. Take a test mailbox and a test user: entries are called "Severa calendar sync: live check", lie in
the coming weeks, have neither attendees nor participants, and are removed again; in Severa, its owner may be mailed.
Ends with 1 where anything is otherwise than the service takes it to be.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import httpx

from core.settings import SETTINGS
from infra.live.found import Found
from infra.live.graph import GraphCheck
from infra.live.severa import SeveraCheck

TIMEOUT = 60.0
Check = GraphCheck | SeveraCheck


def checks(environment: Mapping[str, str], client: httpx.AsyncClient, now: datetime) -> list[tuple[str, Check]]:
    """The sides whose variables are set."""
    found: list[tuple[str, Check]] = []
    if token := environment.get("LIVE_GRAPH_TOKEN"):
        address = _address(environment, "SYNC_GRAPH_URL")
        found.append(("Microsoft Graph", GraphCheck(client, address, token, environment["LIVE_MAILBOX"], now)))
    if name := environment.get("LIVE_SEVERA_CLIENT_ID"):
        credentials = (name, environment["LIVE_SEVERA_CLIENT_SECRET"])
        zone = ZoneInfo(environment.get("LIVE_ZONE", "Europe/Helsinki"))
        address = _address(environment, "SYNC_SEVERA_URL")
        severa = SeveraCheck(client, address, credentials, environment["LIVE_SEVERA_USER"], now, zone)
        found.append(("Severa", severa))
    return found


def _address(environment: Mapping[str, str], name: str) -> str:
    default = next(setting.default for setting in SETTINGS if setting.name == name)
    return environment.get(name, default).rstrip("/")


async def ask(check: Check, *, write: bool) -> AsyncIterator[Found]:
    """Everything that one side shows. Raises httpx.HTTPError."""
    async for found in check.read():
        yield found
    if write:
        async for found in check.write():
            yield found


async def _main(*, write: bool) -> int:
    otherwise = 0
    async with httpx.AsyncClient(timeout=TIMEOUT) as client:
        sides = checks(os.environ, client, datetime.now(UTC))
        if not sides:
            print("No variable LIVE_... is set: see --help.", file=sys.stderr)
            return 2
        for name, check in sides:
            print(f"--- {name}")
            try:
                async for found in ask(check, write=write):
                    print(found.line(), end="")
                    otherwise += found.as_built is False
            except httpx.HTTPError as failure:
                print(f"It ended early: {type(failure).__name__}", file=sys.stderr)
                otherwise += 1
    return int(otherwise > 0)


def main(arguments: Sequence[str] | None = None) -> int:
    """0, or 1 where something is otherwise or could not be asked, or 2 where nothing was to be asked."""
    parser = argparse.ArgumentParser(
        prog="python -m infra.live.check", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="make, change and remove entries of our own")
    return asyncio.run(_main(write=parser.parse_args(arguments).write))


if __name__ == "__main__":
    sys.exit(main())
