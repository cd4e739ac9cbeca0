"""Where everything is on the running stage, and how to act as Anna from another terminal."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Final

import httpx

from infra.local import guide_exchange, guide_graph
from infra.local.azurite import PROJECT
from infra.local.outlook import ZONE, Event
from infra.local.outlook_ews import ExchangeOutlook
from infra.local.outlook_graph import GraphOutlook
from infra.local.stage import Stage
from infra.local.twins import when

SEVERA: Final = '-H "Authorization: Bearer $SEVERA_TOKEN" -H "Client_Id: $SEVERA_CLIENT"'
JSON: Final = "-H 'Content-Type: application/json'"
LIFE: Final = timedelta(days=7)
"""How long the tokens live that are handed to the person at the terminal."""


async def people(stage: Stage) -> dict[str, str]:
    """Addresses, tokens and ids as variables of the shell, so that the guide's lines work as they are printed."""
    cast = stage.cast
    event = _playable(stage)
    start = datetime.combine(stage.now().astimezone(ZONE).date() + timedelta(days=1), time(15), ZONE)
    activity = {
        "name": "Made by curl",
        "startDateTime": start.isoformat(),
        "endDateTime": (start + timedelta(hours=1)).isoformat(),
        "hasDuration": True,
        "activityType": {"guid": cast.synced[0].guid},
        "ownerUser": {"guid": cast.anna.user.guid},
    }
    return {
        **_mailbox(stage, event.id if event else ""),
        "SEVERA": f"{stage.severa_url}/v1",
        "SEVERA_TOKEN": await _severa_token(stage),
        "SEVERA_CLIENT": cast.company.client_id,
        "ANNA": cast.anna.user.guid,
        "NEW_ACTIVITY": json.dumps(activity),
        "SYNC": stage.host.base_url,
        "ANNA_TOKEN": _bearer(stage, admin=False),
        "ADMIN_TOKEN": _bearer(stage, admin=True),
    }


def write_people(path: Path, values: Mapping[str, str]) -> None:
    """A file for the shell, for the eyes of its owner."""
    path.touch(mode=0o600)
    path.write_text("".join(f"export {name}={shlex.quote(value)}\n" for name, value in values.items()))


def print_guide(stage: Stage, settings: Path, variables: Path, storage: Path) -> None:
    """Addresses, and lines to copy."""
    event = _playable(stage)
    named = f"{event.subject!r}, {when(event)}" if event else "none"
    print(
        f"""
The local stage is running. Ctrl-C ends it.
  Health    {stage.host.base_url}/health
  Severa    {stage.severa_url}/v1  (simulated)
{_places(stage)}
  Storage   Azurite, data and log in {_short(storage)}
  Settings  {_short(settings)}, for `func start` and `python -m infra.local.host`, too

Act as Anna in another terminal. First:  . {_short(variables)}
{_lines(stage)}
                   (that one is {named})
  Her activities   curl -s "$SEVERA/activities?userGuids=$ANNA" {SEVERA}
  A new activity   curl -s -X POST "$SEVERA/activities" {SEVERA} {JSON} -d "$NEW_ACTIVITY"
  Her own switch   curl -s "$SYNC/me/sync" -H "Authorization: Bearer $ANNA_TOKEN"
As the administrator, with the front end's calls (docs/http-api.md):
  The settings     curl -s "$SYNC/settings" -H "Authorization: Bearer $ADMIN_TOKEN"
  How pairs are    curl -s "$SYNC/status" -H "Authorization: Bearer $ADMIN_TOKEN"

Anna keeps navigating in Severa: what changes in Outlook arrives within 20 seconds, what changes in Severa within
about a minute, what is deleted there within a day. Every request that writes, the service's and yours, shows here:
""",
        flush=True,
    )


def _playable(stage: Stage) -> Event | None:
    """The ordinary event that is nearest to the present."""
    cast, now = stage.cast, stage.now()
    ordinary = [
        event
        for event in cast.outlook.events_of(cast.anna.mailbox)
        if not event.attendees and not event.recurs and not event.is_cancelled and not event.all_day
    ]
    return min(ordinary, key=lambda event: abs(event.start - now), default=None)


def _bearer(stage: Stage, *, admin: bool) -> str:
    """Anna's token for the front end's calls."""
    ends = int((datetime.now(UTC) + LIFE).timestamp())
    return stage.issuer.token(stage.cast.company.guid, stage.cast.anna.user.guid, admin=admin, claims={"exp": ends})


def _mailbox(stage: Stage, event: str) -> dict[str, str]:
    cast = stage.cast
    if isinstance(cast.outlook, GraphOutlook):
        return guide_graph.variables(cast.outlook, cast.anna.mailbox, event, LIFE)
    if isinstance(cast.outlook, ExchangeOutlook):
        return guide_exchange.variables(cast.outlook, cast.anna.mailbox, event, stage.now())
    return {}


def _places(stage: Stage) -> str:
    outlook = stage.cast.outlook
    if isinstance(outlook, ExchangeOutlook):
        return f"  Exchange  {outlook.url}  (simulated: {outlook.name}; it refuses what nobody logged in for)"
    authority = stage.environment["SYNC_CA_FILE"]
    graph, entra = stage.environment["SYNC_GRAPH_URL"], stage.environment["SYNC_LOGIN_URL"]
    return f"  Graph     {graph}  (simulated)\n  Entra     {entra}  (simulated; its authority: {authority})"


def _lines(stage: Stage) -> str:
    return guide_exchange.LINES if isinstance(stage.cast.outlook, ExchangeOutlook) else guide_graph.LINES


async def _severa_token(stage: Stage) -> str:
    severa, company = stage.cast.severa, stage.cast.company
    usual, severa.options.token_lifetime = severa.options.token_lifetime, LIFE
    credentials = {"client_id": company.client_id, "client_secret": company.client_secret}
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(f"{stage.severa_url}/v1/token", json=credentials)
    severa.options.token_lifetime = usual
    return str(answer.json()["access_token"])


def _short(path: Path) -> str:
    return str(path.relative_to(PROJECT)) if path.is_relative_to(PROJECT) else str(path)
