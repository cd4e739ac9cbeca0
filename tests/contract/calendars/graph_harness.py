"""A mailbox of the Graph simulator, the adapter on it in-process, and its owner's hand."""

from __future__ import annotations

import contextlib
import itertools
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from core.adapters.graph.api import GraphApi, Limits, http_client
from core.adapters.graph.calendar import GraphCalendar
from core.adapters.graph.recurrence import build_series
from core.model.essence import Essence
from core.model.ids import CompanyId, MailboxId
from core.model.operation import Draft
from core.model.recurrence import ClockTime
from core.model.rows import Page, Stamp
from core.model.sighting import Mark
from core.model.when import AllDay, Timed, When, Window
from tests.contract.calendars.harness import FaultKind
from tests.simulators.common.faults import Action, Fault
from tests.simulators.common.inprocess import transport
from tests.simulators.graph import GraphSimulator, Options, Tenant

BASE = "https://graph.simulated/v1.0"
FAULTS = {
    FaultKind.THROTTLED: Fault(Action.STATUS, times=None, status=429, retry_after=2),
    FaultKind.UNAVAILABLE: Fault(Action.STATUS, times=None, status=503, retry_after=2),
    FaultKind.DROPPED: Fault(Action.DROP_AFTER_COMMIT, times=None),
    FaultKind.TRUNCATED: Fault(Action.TRUNCATE, times=None),
    FaultKind.HANGING: Fault(Action.DELAY, times=None, seconds=60.0),
}
NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
PATIENCE, IMPATIENCE = Limits(), Limits(read_seconds=0.05, write_seconds=0.05)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request as it left the adapter, and its answer."""

    method: str
    url: httpx.URL
    headers: httpx.Headers
    body: Any
    status: int
    answer: Any


class Wire(httpx.AsyncBaseTransport):
    """Keeps every exchange. `before` may act before a request is served; `rewrite` may change an answer's JSON."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner
        self.exchanges: list[Exchange] = []
        self.before: Callable[[httpx.Request], None] = lambda _: None
        self.rewrite: Callable[[Any], None] = lambda _: None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.before(request)
        response = await self._inner.handle_async_request(request)
        content, told = await response.aread(), None
        with contextlib.suppress(ValueError):
            told = json.loads(content)
            self.rewrite(told)
            content = json.dumps(told).encode()
        body = json.loads(request.content) if request.content else None
        self.exchanges.append(Exchange(request.method, request.url, request.headers, body, response.status_code, told))
        kept = {name: value for name, value in response.headers.items() if name != "content-length"}
        return httpx.Response(response.status_code, headers=kept, content=content, request=request)

    def sent(self, method: str | None = None, contains: str = "") -> list[Exchange]:
        """The exchanges of that method whose path has that text."""
        return [e for e in self.exchanges if method in (None, e.method) and contains in e.url.path]


class SimulatedTokens:
    """Tokens straight from the simulated tenant, without MSAL (test_graph_tokens.py has it)."""

    def __init__(self, simulator: GraphSimulator, tenant: Tenant, client_id: str) -> None:
        self._issue = lambda: simulator.people.issue_token(tenant, client_id)
        self.issued: list[str] = []

    async def token(self, refused: str = "") -> str:
        """The last token, or another one than `refused`."""
        if not self.issued or self.issued[-1] == refused:
            self.issued.append(self._issue())
        return self.issued[-1]


class GraphHarness:
    """The harness of the calendar contract (harness.py), and what the Graph tests need beside it."""

    stamps = True
    detects_stale = True
    faults = frozenset(FAULTS)
    subject_limit = 255
    location_limit = 255
    zone = "Europe/Berlin"
    """One whose Windows name leads back to it: Helsinki's is Kyiv's, too (test_graph_dates.py)."""
    refuses_crossing = True

    def __init__(self, simulator: GraphSimulator, tenant: Tenant, client_id: str, page: int, wire: Wire) -> None:
        self.simulator, self.people, self.tenant = simulator, simulator.people, tenant
        self.mailbox = self.people.add_mailbox(
            tenant, "anna@example.com", aliases=("a.berg@example.com",), time_zone="Europe/Helsinki"
        )
        self.tokens = SimulatedTokens(simulator, tenant, client_id)
        self.wire, self.http, self.page = wire, http_client(transport=wire), page
        self.api = GraphApi(BASE, self.tokens, self.http, PATIENCE)
        self.window = Window(datetime(2026, 2, 15, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
        self._numbers = itertools.count(1)

    @property
    def calendar(self) -> GraphCalendar:
        """A run of its own: what an earlier one read is forgotten."""
        return GraphCalendar(self.api, MailboxId(self.mailbox.object_id), self.page)

    def now(self) -> datetime:
        return NOW

    def draft(self, essence: Essence) -> Draft:
        return Draft(essence, busy="busy")

    def stamp(self) -> Stamp:
        number = next(self._numbers)
        mailbox = MailboxId(self.mailbox.object_id)
        return Stamp(f"transaction-{number}", Mark(CompanyId("company"), mailbox, f"activity-{number}", 0, "d" * 64))

    async def put(self, subject: str, when: When, **kw: Any) -> str:
        details: Any = times_of(when) | _details(kw)
        start, end = details.pop("start"), details.pop("end")
        return self.people.add_event(self.mailbox, subject, start, end, **details)

    async def edit(self, entry: str, **kw: Any) -> None:
        times = times_of(kw.pop("when")) if "when" in kw else {}
        self.people.edit_event(entry, **times, **_details(kw))

    async def change(self, entry: str, day: date, **kw: Any) -> None:
        times = times_of(kw.pop("when")) if "when" in kw else {}
        self.people.edit_occurrence(entry, day, **times, **_details(kw))

    async def cancel(self, entry: str, day: date) -> None:
        self.people.cancel_occurrence(entry, day)

    async def remove(self, entry: str) -> None:
        self.people.delete_event(entry)
        if not self.simulator.options.lingering:
            self.people.purge_deleted(self.mailbox)

    def fault(self, kind: FaultKind) -> None:
        self.api._limits = IMPATIENCE if kind is FaultKind.HANGING else PATIENCE
        self.simulator.faults.add(FAULTS[kind])

    def heal(self) -> None:
        self.api._limits = PATIENCE
        self.simulator.faults.clear()

    async def round(self, cursor: str | None = None) -> list[Page]:
        """All pages of one round."""
        return [page async for page in self.calendar.changes(cursor, self.window)]


@asynccontextmanager
async def graph_harness(
    options: Options | None = None,
    page: int = 3,
    held_to: Callable[[httpx.AsyncBaseTransport], httpx.AsyncBaseTransport] = lambda inner: inner,
) -> AsyncIterator[GraphHarness]:
    """A fresh simulator with one mailbox in a zone east of UTC, and the adapter on it; `held_to` wraps the wire."""
    simulator = GraphSimulator(lambda: NOW, options=options)
    tenant = simulator.people.add_tenant()
    app = simulator.people.add_app(tenant, secret="s")
    harness = GraphHarness(simulator, tenant, app.client_id, page, Wire(held_to(transport(simulator.app))))
    async with harness.http:
        yield harness


def quiet() -> Options:
    """The simulator without the lies that make an echo differ from the next read."""
    return Options(follow_up_write=False, lingering=False)


def times_of(when: When) -> dict[str, Any]:
    """Start, end and recurrence as a person in Outlook sets them."""
    match when:
        case Timed(start, end):
            return {"start": start, "end": end}
        case AllDay(first, until):
            return {"start": first, "end": until}
    found = build_series(when)
    zone = ZoneInfo(when.time.zone) if isinstance(when.time, ClockTime) else None
    start, end = (datetime.fromisoformat(found[name]["dateTime"]) for name in ("start", "end"))
    bounds = (start.date(), end.date()) if zone is None else (start.replace(tzinfo=zone), end.replace(tzinfo=zone))
    return {"start": bounds[0], "end": bounds[1], "recurrence": found["recurrence"]}


def _details(kw: dict[str, Any]) -> dict[str, Any]:
    names = {"text": "body", "location": "location", "subject": "subject"}
    details = {names[name]: value for name, value in kw.items() if name in names}
    if "private" in kw:
        details["sensitivity"] = "private" if kw["private"] else "normal"
    return details
