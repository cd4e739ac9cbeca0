"""What Severa's front end says to the service on a person's behalf: its real calls, with that person's bearer token."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from functions.calls.models import SettingsIn
from infra.local.cast import Person
from infra.local.issuer import Issuer


@dataclass(frozen=True, slots=True)
class FrontEnd:
    """One person's front end; `company` is the guid of theirs. Every call raises httpx.HTTPError where it is refused.

    The administrator's calls are made with a token that says so.
    """

    base_url: str
    issuer: Issuer
    company: str
    person: Person

    async def switch_on(self) -> None:
        """They switch their own sync on (R2)."""
        await self._call("PUT", "me/sync", json={"on": True})

    async def navigate(self) -> None:
        """They go to another page (R3)."""
        await self._call("POST", "presence")

    async def activity_changed(self, activity: str, people: Iterable[Person] = ()) -> None:
        """They changed an activity; `people` take part in it, as the front end shows (R4)."""
        named = ",".join(one.user.guid for one in people)
        await self._call("POST", f"activities/{activity}/changed", params={"people": named})

    async def save_settings(self, changes: Mapping[str, Any]) -> None:
        """The administrator changes the company's settings."""
        shown = await self._call("GET", "settings", admin=True)
        kept = {name: value for name, value in shown.json().items() if name in SettingsIn.model_fields}
        headers = {"If-Match": shown.headers["ETag"]}
        await self._call("PUT", "settings", admin=True, json={**kept, **changes}, headers=headers)

    async def delegate_script(self, release: str, delegate: str) -> str:
        """The administrator asks for the script that prepares the delegate user, who has that name."""
        asked = {"release": release, "delegate": delegate}
        answer = await self._call("GET", "settings/delegate-script", admin=True, params=asked)
        return str(answer.json()["script"])

    async def connection_test(self) -> list[dict[str, str]]:
        """The administrator tests the company's connection; the steps."""
        steps: list[dict[str, str]] = (await self._call("POST", "settings/test", admin=True)).json()["steps"]
        return steps

    async def _call(self, method: str, path: str, *, admin: bool = False, **more: Any) -> httpx.Response:
        token = self.issuer.token(self.company, self.person.user.guid, admin=admin)
        headers = {"Authorization": f"Bearer {token}", **more.pop("headers", {})}
        async with httpx.AsyncClient(trust_env=False, base_url=self.base_url, timeout=60.0) as client:
            return (await client.request(method, path, headers=headers, **more)).raise_for_status()
