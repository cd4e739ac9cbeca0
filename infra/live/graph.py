"""Facts of Microsoft Graph (facts/microsoft.md K). Events are without attendees, so nobody is mailed."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx

from core.adapters.graph.quirks import PREFER
from infra.live.found import SUBJECT, Found, said

_WEEK = timedelta(days=7)
_MOST_PAGES = 200


class GraphCheck:
    """One mailbox, by an application's token. `base`: Graph with its version; `now`: an aware instant."""

    def __init__(self, client: httpx.AsyncClient, base: str, token: str, mailbox: str, now: datetime) -> None:
        self._client, self._token, self._now = client, token, now
        self._root = f"{base}/users/{mailbox}"

    # --- reading ------------------------------------------------------------------------------------------------------
    async def read(self) -> AsyncIterator[Found]:
        """What reading alone shows. Raises httpx.HTTPError where Graph cannot be reached."""
        yield self._roles()
        answer = await self._send("GET", "/events?$top=1&$select=id,uid,iCalUId")
        rows = answer.json().get("value", []) if answer.status_code == 200 else []
        named = [name for name in ("iCalUId", "uid") if rows and rows[0].get(name)]
        seen = ", ".join(named) or "neither" if rows else f"{said(answer)}, no event"
        has_uid = "iCalUId" in named if rows else None
        yield Found("Which uids events tell", "K5", "iCalUId; uid is not needed", seen, has_uid)
        answer = await self._send("GET", "/events/delta")
        yield Found(
            "events/delta is not part of v1.0", "K7", "HTTP 400 or 404", said(answer), answer.status_code in (400, 404)
        )

    def _roles(self) -> Found:
        try:
            claims = json.loads(base64.urlsafe_b64decode(self._token.split(".")[1] + "=="))
            roles = sorted(claims.get("roles") or [])
        except (IndexError, ValueError):
            return Found("The application token names its roles", "K6", "roles", "not a JWT that can be read", None)
        return Found("The application token names its roles", "K6", "roles", ", ".join(roles) or "none", bool(roles))

    # --- writing ------------------------------------------------------------------------------------------------------
    async def write(self) -> AsyncIterator[Found]:
        """What events of our own show; each is removed again."""
        yield await self._stale_delete()
        for found in await self._transaction():
            yield found
        async with self._event(recurs=True) as series:
            yield await self._master_in_delta(series)
            for found in await self._by_date(series):
                yield found

    async def _stale_delete(self) -> Found:
        async with self._event() as event:
            await self._send("PATCH", f"/events/{event['id']}", {"subject": f"{SUBJECT}, edited"})
            answer = await self._send("DELETE", f"/events/{event['id']}", etag=event["@odata.etag"])
        name = "DELETE heeds no If-Match, so the event is read just before"
        return Found(name, "K1", "HTTP 204", said(answer), answer.status_code == 204)

    async def _transaction(self) -> list[Found]:
        name = uuid4().hex
        async with self._event(name) as first:
            again = await self._send("POST", "/events", self._body(name))
            same = again.status_code in (200, 201) and again.json()["id"] == first["id"]
            seen = f"{said(again)}, {'the same event' if same else 'another event'}"
            twice = Found("A transactionId makes one event only", "K4", "the same event, or HTTP 409", seen, same)
            if again.status_code == 409:
                twice = Found(twice.fact, "K4", twice.expected, said(again), as_built=True)
            elif not same and again.is_success:
                await self._send("DELETE", f"/events/{again.json()['id']}")
        later = await self._send("POST", "/events", self._body(name))
        if later.is_success:
            await self._send("DELETE", f"/events/{later.json()['id']}")
        fact = "A transactionId is free again once its event was deleted"
        return [twice, Found(fact, "K4", "HTTP 201", said(later), later.status_code == 201)]

    async def _master_in_delta(self, series: dict[str, Any]) -> Found:
        """A series that began before the window, and is changed after the first round."""
        fact = "Later rounds of delta show the master of a series that began before the window"
        start, end = self._now, self._now + 4 * _WEEK
        window = f"startDateTime={_instant(start)}&endDateTime={_instant(end)}"
        _, link = await self._round(f"{self._root}/calendarView/delta?{window}")
        await self._send("PATCH", f"/events/{series['id']}", {"subject": f"{SUBJECT}, edited"})
        if not link:
            return Found(fact, "K2", "it does", "the first round did not end", None)
        kinds, _ = await self._round(link, series["id"])
        seen = ", ".join(sorted(kinds)) or "nothing of the series"
        return Found(fact, "K2", "seriesMaster among others", seen, "seriesMaster" in kinds if kinds else None)

    async def _round(self, address: str, series: str = "") -> tuple[set[str], str]:
        """The types of what a round shows of the series, and the link to the next round."""
        kinds: set[str] = set()
        for _ in range(_MOST_PAGES):
            answer = await self._send("GET", address)
            if answer.status_code != 200:
                return kinds, ""
            page = answer.json()
            kinds |= {
                row["type"] for row in page["value"] if series and series in (row["id"], row.get("seriesMasterId"))
            }
            if "@odata.nextLink" not in page:
                return kinds, str(page.get("@odata.deltaLink", ""))
            address = str(page["@odata.nextLink"])
        return kinds, ""

    async def _by_date(self, series: dict[str, Any]) -> list[Found]:
        first = (self._now - 2 * _WEEK).date()
        dates = [f"OID.{series['id']}.{first + number * _WEEK}" for number in (3, 4)]
        changed = await self._send("PATCH", f"/events/{dates[0]}", {"subject": f"{SUBJECT}, one date"})
        removed = await self._send("DELETE", f"/events/{dates[1]}")
        name = "One date is {} by OID.<master>.<date>, with immutable ids"
        return [
            Found(name.format("changed"), "K3", "HTTP 200", said(changed), changed.status_code == 200),
            Found(name.format("deleted"), "K3", "HTTP 204", said(removed), removed.status_code == 204),
        ]

    # --- one event ----------------------------------------------------------------------------------------------------
    @asynccontextmanager
    async def _event(self, transaction: str = "", *, recurs: bool = False) -> AsyncIterator[dict[str, Any]]:
        """An event of our own, as Graph answers it, for as long as it is needed. Raises httpx.HTTPStatusError."""
        answer = await self._send("POST", "/events", self._body(transaction or uuid4().hex, recurs=recurs))
        event: dict[str, Any] = answer.raise_for_status().json()
        try:
            yield event
        finally:
            await self._send("DELETE", f"/events/{event['id']}")

    def _body(self, transaction: str, *, recurs: bool = False) -> dict[str, Any]:
        day = (self._now - 2 * _WEEK if recurs else self._now + _WEEK).replace(
            hour=3, minute=0, second=0, microsecond=0
        )
        body: dict[str, Any] = {
            "subject": SUBJECT,
            "transactionId": transaction,
            "showAs": "free",
            "isReminderOn": False,
            "start": {"dateTime": f"{day:%Y-%m-%dT%H:%M:%S}", "timeZone": "UTC"},
            "end": {"dateTime": f"{day + timedelta(minutes=15):%Y-%m-%dT%H:%M:%S}", "timeZone": "UTC"},
        }
        if recurs:
            pattern = {"type": "weekly", "interval": 1, "daysOfWeek": [f"{day:%A}".lower()], "firstDayOfWeek": "monday"}
            limits = {"type": "numbered", "startDate": f"{day:%Y-%m-%d}", "numberOfOccurrences": 8}
            body["recurrence"] = {"pattern": pattern, "range": limits}
        return body

    async def _send(self, method: str, path: str, body: Any = None, etag: str = "") -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._token}", "Prefer": PREFER}
        if etag:
            headers["If-Match"] = etag
        address = path if path.startswith("http") else f"{self._root}{path}"
        return await self._client.request(method, address, json=body, headers=headers)


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
