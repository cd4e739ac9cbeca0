"""Facts of Severa (facts/severa.md, part 4 no. 6, "verify first"). Activities are of one user, in the coming week."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from core.adapters.severa.api import PARTICIPANTS
from core.adapters.severa.quirks import CLIENT_ID, PATCH_OP, SCOPES
from infra.live.found import SUBJECT, Found, said

_WEEK = timedelta(days=7)
_NOTES = "one\n\n  two <b>&amp;</b> three  \n"
_ACTIVITIES = "/v1/activities"
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class SeveraCheck:
    """One company's credentials. `base`: Severa's REST API; `user`: the guid of whose activities they are to be.

    `colleague`: the guid of a user who becomes a participant for a moment; empty: nobody. `pause`: seconds that an
    activity's stamp has to move in.
    """

    pause = 2.0

    def __init__(
        self,
        client: httpx.AsyncClient,
        base: str,
        credentials: tuple[str, str],
        user: str,
        now: datetime,
        zone: ZoneInfo,
    ) -> None:
        self._client, self._base, self._user, self._now, self._zone = client, base, user, now, zone
        self._credentials, self._token = credentials, ""
        self.colleague = ""

    # --- reading ------------------------------------------------------------------------------------------------------
    async def read(self) -> AsyncIterator[Found]:
        """What reading alone shows. Raises httpx.HTTPError where Severa refuses the credentials, or is not reached."""
        name, secret = self._credentials
        body = {"client_id": name, "client_secret": secret, "scope": SCOPES}
        answer = (await self._send("POST", "/v1/token", body)).raise_for_status()
        token = answer.json()
        self._token = str(token["access_token"])
        lives = token.get("access_token_expires_in")
        seen = f"{lives} seconds" if lives else str(token.get("access_token_expires_utc", "not told"))
        yield Found("How long a token lives", "token lifetime", "told, and over 5 minutes", seen, _is_long(lives))
        answer = await self._send("GET", f"{_ACTIVITIES}?activityCategories=Personal&rowCount=20")
        rows = answer.json() if answer.status_code == 200 else []
        named = [row for row in rows if row.get("name")]
        seen = f"{len(named)} of {len(rows)} with a name" if rows else f"{said(answer)}, none"
        yield Found("Personal activities show their content", "API view of Personal", "all", seen, _all(named, rows))

    # --- writing ------------------------------------------------------------------------------------------------------
    async def write(self) -> AsyncIterator[Found]:
        """What activities of our own show; each is removed again. After `read`, which gets the token."""
        async with self._activity(notes=_NOTES) as made:
            yield self._zone_of(made)
            kept = made.get("notes")
            yield Found("Notes stay as they were sent", "notes format", repr(_NOTES), repr(kept), kept == _NOTES)
            author = (made.get("lastUpdatedBy") or {}).get("guid")
            seen = "nobody" if not author else "the owner" if author == self._user else "somebody else"
            yield Found("Whose name our writes bear", "lastUpdatedBy", "not the owner", seen, author != self._user)
            for found in await self._patched(str(made["guid"])):
                yield found
        yield await self._whole_days()
        if self.colleague:
            yield await self._joined()
        async for found in self._dates():
            yield found

    def _zone_of(self, made: dict[str, Any]) -> Found:
        sent, came = self._at(3), datetime.fromisoformat(str(made["startDateTime"]))
        seen = f"{made['startDateTime']} for {sent.isoformat()}"
        same = came == sent if came.tzinfo else None
        return Found("Times in answers name their offset", "zone of date-times", "the same instant", seen, same)

    async def _patched(self, guid: str) -> list[Found]:
        """Booleans as booleans, and as text."""
        found = []
        for kind, value, wanted in (("a boolean", True, True), ("text", "false", None)):
            answer = await self._patch(guid, [("isClosed", value)])
            right = answer.status_code == 200 if wanted else None
            found.append(Found(f"PATCH takes {kind} for a boolean", "value typing", "HTTP 200", said(answer), right))
        return found

    async def _whole_days(self) -> Found:
        start = self._at(0)
        whole = {"isAllDay": True, "startDateTime": _spelt(start), "endDateTime": _spelt(start + timedelta(days=1))}
        async with self._activity(**whole) as made:
            seen = f"{made['startDateTime']} to {made.get('endDateTime')}"
            ends = datetime.fromisoformat(str(made["endDateTime"]))
        return Found(
            "A whole day ends at the next midnight",
            "all-day end",
            _spelt(start + timedelta(days=1)),
            seen,
            ends == start + timedelta(days=1),
        )

    async def _joined(self) -> Found:
        async with self._activity() as made:
            await asyncio.sleep(self.pause)
            body = {"activityGuid": made["guid"], "participantGuid": self.colleague, "type": "User"}
            answer = await self._send("POST", PARTICIPANTS, body)
            now = (await self._send("GET", f"{_ACTIVITIES}/{made['guid']}")).json()
        moved = now.get("lastUpdatedDateTime") != made.get("lastUpdatedDateTime")
        seen = f"{said(answer)}, {'its stamp moved' if moved else 'its stamp stayed'}"
        fact = "A participant who comes shows in the activity's stamp"
        return Found(fact, "lastUpdatedDateTime", "either will do", seen, None if answer.is_success else False)

    async def _dates(self) -> AsyncIterator[Found]:
        """Guids of a series' dates, before and after one was changed, and what becomes of the series' own stamp."""
        day = _DAYS[self._at(3).weekday()]
        limits = {"maxOccurrences": 4, "recursUntilDate": None}
        recurs = {"frequency": "Weekly", "pattern": {"weekly": {"interval": 1, day: True}}, "range": limits}
        async with self._activity(recurrence=recurs) as series:
            before, again = await self._occurrences(series), await self._occurrences(series)
            seen = f"{len(before)} dates, {len(before & again)} with the same guid"
            yield Found(
                "Dates keep their guids", "occurrence guid stability", "all", seen, _all(before & again, before)
            )
            if not before:
                return
            one = min(before)
            await asyncio.sleep(self.pause)
            answer = await self._patch(one, [("location", "elsewhere")])
            yield Found(
                "One date is changed by its guid", "PATCH on occurrences", "HTTP 200", said(answer), answer.is_success
            )
            after = await self._send("GET", f"{_ACTIVITIES}/{one}")
            fact = "A changed date keeps its guid"
            yield Found(fact, "occurrence guid stability", "HTTP 200", said(after), after.status_code == 200)
            stamp = (await self._send("GET", f"{_ACTIVITIES}/{series['guid']}")).json()
            moved = stamp.get("lastUpdatedDateTime") != series.get("lastUpdatedDateTime")
            seen = "its stamp moved" if moved else "its stamp stayed"
            yield Found("A change of one date shows in its series", "lastUpdatedDateTime", "either will do", seen, None)
            answer = await self._send("DELETE", f"{_ACTIVITIES}/{max(before)}")
            yield Found(
                "One date is deleted by its guid", "DELETE on occurrences", "HTTP 204", said(answer), answer.is_success
            )

    async def _occurrences(self, series: dict[str, Any]) -> set[str]:
        start, end = self._now, self._now + 6 * _WEEK
        window = f"startDateTime={_spelt(start)}&endDateTime={_spelt(end)}&userGuids={self._user}&rowCount=100"
        rows = (await self._send("GET", f"{_ACTIVITIES}?{window}")).raise_for_status().json()
        return {row["guid"] for row in rows if row.get("recurrenceParentActivityGuid") == series["guid"]}

    # --- one activity -------------------------------------------------------------------------------------------------
    @asynccontextmanager
    async def _activity(self, **more: Any) -> AsyncIterator[dict[str, Any]]:
        """An activity of our own for as long as it is needed. Raises httpx.HTTPStatusError."""
        kinds = (await self._send("GET", "/v1/activitytypes?rowCount=100")).raise_for_status().json()
        kind = next(
            row["guid"] for row in kinds if row.get("category") == "CalendarEntry" and row.get("isActive", True)
        )
        start = self._at(3)
        body: dict[str, Any] = {
            "name": SUBJECT,
            "startDateTime": _spelt(start),
            "endDateTime": _spelt(start + timedelta(minutes=15)),
        }
        body |= {"hasDuration": True, "activityType": {"guid": kind}, "ownerUser": {"guid": self._user}, **more}
        made: dict[str, Any] = (await self._send("POST", _ACTIVITIES, body)).raise_for_status().json()
        try:
            yield made
        finally:
            await self._send("DELETE", f"{_ACTIVITIES}/{made['guid']}")

    def _at(self, hour: int) -> datetime:
        """That hour in a week, by the user's clocks."""
        day = (self._now + _WEEK).astimezone(self._zone)
        return day.replace(hour=hour, minute=0, second=0, microsecond=0)

    async def _patch(self, guid: str, values: list[tuple[str, Any]]) -> httpx.Response:
        body = [{"op": PATCH_OP, "path": f"/{name}", "value": value} for name, value in values]
        return await self._send("PATCH", f"{_ACTIVITIES}/{guid}", body)

    async def _send(self, method: str, path: str, body: Any = None) -> httpx.Response:
        headers = {CLIENT_ID: self._credentials[0]}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        return await self._client.request(method, f"{self._base}{path}", json=body, headers=headers)


def _spelt(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _is_long(seconds: Any) -> bool | None:
    return seconds > 300 if isinstance(seconds, int) else None


def _all(some: Any, every: Any) -> bool | None:
    return len(some) == len(every) if every else None
