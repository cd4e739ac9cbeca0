"""Ask a live tenant and a live Severa company what nobody outside knows for sure.

    python -m infra.live.check                what reading alone shows
    python -m infra.live.check --write        and what entries of our own show, which are removed again

From the environment: `LIVE_GRAPH_TOKEN` (an application's access token for Graph) with `LIVE_MAILBOX`, for Microsoft;
`LIVE_SEVERA_CLIENT_ID` and `LIVE_SEVERA_CLIENT_SECRET` with `LIVE_SEVERA_USER` (a user's guid) and `LIVE_ZONE` (that
user's, IANA; else Europe/Helsinki), for Severa. `LIVE_SEVERA_COLLEAGUE`, another user's guid, is made a participant
for a moment; without it, that is not asked. A side without its variables is left out. `SYNC_GRAPH_URL` and
`SYNC_SEVERA_URL` as in docs/settings.md. Take a test mailbox and test users: entries are called "Severa calendar sync:
live check", lie in the coming weeks, have no attendees, and are removed again; in Severa, owner and colleague may be
mailed. At the end stands what only a person can look at. Ends with 1 where anything is otherwise than the service takes
it to be, 2 where a variable is missing.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import httpx

from core.settings import SETTINGS
from infra.live.found import Found, said
from infra.live.graph import GraphCheck
from infra.live.severa import SeveraCheck

TIMEOUT = 60.0
Check = GraphCheck | SeveraCheck
BY_HAND = (
    ("Severa", "Whether a create by the API mails the owner: the inboxes of the test users, after --write."),
    (
        "K6",
        "How long RBAC for Applications takes: narrow the application, and run this until the token's roles follow.",
    ),
    ("K8", "Flex Consumption: HTTP concurrency of an instance, EasyAuth, what an update does to running executions."),
    ("K9", "When Exchange Online shuts EWS: Microsoft's own announcements."),
)
"""What no request can show: facts/microsoft.md K, facts/severa.md part 4 no. 6."""


class VariableError(Exception):
    """A sentence about the variable that is wrong."""


def checks(environment: Mapping[str, str], client: httpx.AsyncClient, now: datetime) -> list[tuple[str, Check]]:
    """The sides whose variables are set. Raises VariableError where one of a side's is missing, or is no good."""
    found: list[tuple[str, Check]] = []
    if token := environment.get("LIVE_GRAPH_TOKEN"):
        address = _address(environment, "SYNC_GRAPH_URL")
        found.append(("Microsoft Graph", GraphCheck(client, address, token, _given(environment, "LIVE_MAILBOX"), now)))
    if name := environment.get("LIVE_SEVERA_CLIENT_ID"):
        credentials = (name, _given(environment, "LIVE_SEVERA_CLIENT_SECRET"))
        zone = _zone(environment.get("LIVE_ZONE") or "Europe/Helsinki")
        address = _address(environment, "SYNC_SEVERA_URL")
        severa = SeveraCheck(client, address, credentials, _given(environment, "LIVE_SEVERA_USER"), now, zone)
        severa.colleague = environment.get("LIVE_SEVERA_COLLEAGUE", "")
        found.append(("Severa", severa))
    return found


def _given(environment: Mapping[str, str], name: str) -> str:
    if not (text := environment.get(name, "").strip()):
        raise VariableError(f"{name} is missing: see --help.")
    return text


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise VariableError(f"LIVE_ZONE is no time zone: {name}") from None


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
        try:
            sides = checks(os.environ, client, datetime.now(UTC))
        except VariableError as problem:
            print(problem, file=sys.stderr)
            return 2
        if not sides:
            print("No variable LIVE_... is set: see --help.", file=sys.stderr)
            return 2
        for name, check in sides:
            print(f"--- {name}")
            try:
                async for found in ask(check, write=write):
                    print(found.line(), end="", flush=True)
                    otherwise += found.as_built is False
            except httpx.HTTPError as failure:
                answer = failure.response if isinstance(failure, httpx.HTTPStatusError) else None
                seen = said(answer) if answer is not None else type(failure).__name__
                print(f"It ended early: {seen}", file=sys.stderr)
                otherwise += 1
        print("--- By hand")
        for source, what in BY_HAND:
            print(f"{source}: {what}")
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
