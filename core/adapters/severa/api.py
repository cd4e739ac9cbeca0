"""The calls to Severa's REST API that a calendar sync needs, in JSON (facts/severa.md 1.4 to 1.9)."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace

from core.adapters.severa import quirks
from core.adapters.severa.exchange import Answer, Call, Exchange, Params
from core.adapters.severa.failures import CREDENTIALS, error_type, failure, understood
from core.adapters.severa.parsing import Json, Malformed, is_guid, row, rows
from core.adapters.severa.tokens import Tokens
from core.errors import ItemRefused, RetryLater

ACTIVITIES, TYPES, USERS = "/v1/activities", "/v1/activitytypes", "/v1/users"
PARTICIPANTS = "/v1/activityparticipants"
ACTIVITY, USER = f"{ACTIVITIES}/{{guid}}", f"{USERS}/{{guid}}"
THEIR_EXCEPTIONS = f"{ACTIVITY}/exceptions"
ITS_PARTICIPANTS = f"{ACTIVITY}/activityparticipants"
ITS_PARTICIPANT = f"{ITS_PARTICIPANTS}/{{guid}}"
"""Path templates: each `{guid}` is one guid that the call names, and errors tell of the template alone."""
_HEARTBEAT = "/heartbeat/authorized"


class SeveraApi:
    """One company's API. Raises only what `failures.py` and `exchange.py` know."""

    def __init__(self, exchange: Exchange, tokens: Tokens) -> None:
        self._exchange, self._tokens = exchange, tokens

    async def one(self, path: str, guid: str) -> Json | None:
        """The row by its guid; None on 404."""
        call = _named("GET", path, guid)
        answer = await self._send(call)
        return None if answer.status == 404 else self._row(answer, call)

    async def parts(self, path: str, guid: str) -> list[Json] | None:
        """The whole of an unpaged list that belongs to something; None on 404."""
        call = _named("GET", path, guid)
        answer = await self._send(call)
        return None if answer.status == 404 else self._rows(answer, call)

    async def document(self, path: str) -> Json:
        """The one document at a path without a guid."""
        call = Call("GET", path, f"GET {path}")
        return self._row(await self._send(call), call)

    async def pages(self, path: str, filters: Params) -> AsyncGenerator[list[Json], None]:
        """Every row, page by page; the filters go with every page. It is complete, or it raises RetryLater.

        What is deleted meanwhile may push another row out of sight: a row's absence is a clue, never a proof (1.4).
        """
        token, seen = "", set[str]()
        for _ in range(quirks.MAX_PAGES):
            answer, found = await self._page(path, (*filters, ("rowCount", str(quirks.ROWS))), token)
            yield found
            token = answer.next_page
            if not token:
                return
            if token in seen:
                raise RetryLater("severa_page_token_repeated", f"GET {path}")
            seen.add(token)
        raise RetryLater("severa_too_many_pages", f"GET {path}")

    async def some(self, path: str, filters: Params, count: int) -> list[Json]:
        """At most `count` rows, any."""
        _, found = await self._page(path, (*filters, ("rowCount", str(count))), "")
        return found

    async def create(self, path: str, body: Json) -> Json:
        """POST; the created row. Raises OutcomeUnknown, ItemRefused."""
        call = Call("POST", path, f"POST {path}", body=body, writes=True)
        return self._row(await self._send(call), call)

    async def patch(self, path: str, guid: str, operations: Sequence[Json]) -> Json | None:
        """PATCH; the changed row, None on 404. Raises OutcomeUnknown, ItemRefused.

        Whether it is the right one the caller looks at: what guid a changed occurrence has is not documented.
        """
        call = replace(_named("PATCH", path, guid), body=list(operations), writes=True)
        answer = await self._send(call)
        if answer.status == 404:
            return None
        changed = self._rows(answer, call)
        with understood(call.where, writes=True):
            if not changed:
                raise Malformed("no row")
            return changed[0]

    async def delete(self, path: str, *guids: str) -> None:
        """DELETE; what is not there (404) is deleted. Raises OutcomeUnknown, ItemRefused."""
        call = replace(_named("DELETE", path, *guids), writes=True)
        answer = await self._send(call)
        if answer.status != 404:
            self._expect(answer, call)

    async def alive(self) -> None:
        """Return where Severa answers our token. Raises otherwise."""
        call = Call("GET", _HEARTBEAT, f"GET {_HEARTBEAT}")
        answer = await self._send(call)
        if answer.status != 204:
            self._expect(answer, call)

    async def _page(self, path: str, filters: Params, token: str) -> tuple[Answer, list[Json]]:
        params = (*filters, ("pageToken", token)) if token else filters
        call = Call("GET", path, f"GET {path}", params)
        answer = await self._send(call)
        return answer, self._rows(answer, call)

    async def _send(self, call: Call) -> Answer:
        """The answer under a valid token: a refused one is replaced, once."""
        token = await self._tokens.current()
        answer = await self._exchange.send(call, self._tokens.headers(token))
        if _refuses_token(answer):
            token = await self._tokens.replace(token)
            answer = await self._exchange.send(call, self._tokens.headers(token))
        return answer

    def _row(self, answer: Answer, call: Call) -> Json:
        self._expect(answer, call)
        with understood(call.where, writes=call.writes):
            return row(answer.body)

    def _rows(self, answer: Answer, call: Call) -> list[Json]:
        self._expect(answer, call)
        with understood(call.where, writes=call.writes):
            return rows(answer.body)

    def _expect(self, answer: Answer, call: Call) -> None:
        """Raise unless it is a success. A read must be answered with 200: a part (206) is not the whole (P23)."""
        if answer.status == 200 or (call.writes and 200 < answer.status < 300):
            return
        raise failure(answer.status, error_type(answer.body), call.where, writes=call.writes, after=answer.after)


def _named(method: str, path: str, *guids: str) -> Call:
    if not all(map(is_guid, guids)):
        raise ItemRefused("severa_malformed_id", f"{method} {path}")
    return Call(method, path.replace("{guid}", "{}").format(*guids), f"{method} {path}")


def _refuses_token(answer: Answer) -> bool:
    return answer.status == 401 or (answer.status == 403 and error_type(answer.body) == CREDENTIALS)
