"""What Severa's front end says to the service on a person's behalf: its real calls, with that person's bearer token."""

from __future__ import annotations

from collections.abc import Iterable

import httpx

from infra.local.cast import Person
from infra.local.stage import Stage


async def switch_on(stage: Stage, person: Person) -> None:
    """They switch their own sync on (R2). Raises httpx.HTTPError."""
    await _call(stage, person, "PUT", "me/sync", json={"on": True})


async def activity_changed(stage: Stage, person: Person, activity: str, people: Iterable[Person] = ()) -> None:
    """They changed an activity; `people` take part in it, as the front end shows (R4). Raises httpx.HTTPError."""
    named = ",".join(one.user.guid for one in people)
    await _call(stage, person, "POST", f"activities/{activity}/changed", params={"people": named})


async def _call(stage: Stage, person: Person, method: str, path: str, **more: object) -> None:
    token = stage.issuer.token(stage.cast.company.guid, person.user.guid)
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(trust_env=False, base_url=stage.host.base_url, headers=headers) as client:
        (await client.request(method, path, **more)).raise_for_status()  # type: ignore[arg-type]
