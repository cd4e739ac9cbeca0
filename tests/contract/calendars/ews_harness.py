"""A mailbox of the Exchange Server simulator, the adapter on it in the calling thread, and its owner's hand."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from ipaddress import ip_network
from typing import Any
from zoneinfo import ZoneInfo

from core.adapters.addresses import AddressGuard
from core.adapters.ews.api import EwsApi, Limits
from core.adapters.ews.calendar import EwsCalendar
from core.adapters.ews.directory import EwsCompany
from core.adapters.ews.pinned import Target
from core.adapters.ews.server import Login, Server, Slots
from core.adapters.memory.undetermined import InlineExecutor
from core.model.essence import Essence
from core.model.ids import CompanyId, MailboxId
from core.model.operation import Draft
from core.model.pattern import YEAR, Daily, MonthlyByDay, Ordinal, Weekly
from core.model.recurrence import ClockTime, Series, count, instant
from core.model.rows import Page, Stamp
from core.model.sighting import Mark
from core.model.when import AllDay, Timed, When, Window
from tests.contract.calendars.harness import FaultKind
from tests.simulators.common.blocking import hang
from tests.simulators.common.faults import Action, Fault
from tests.simulators.common.recurrence import Rule
from tests.simulators.ews import RELEASES, EwsSimulator, Options
from tests.support.exchange import official_schemas, sessions

ANNA, ALIAS, BERT = "anna@acme.example", "a.aalto@acme.example", "bert@acme.example"
HOST = "mail.acme.example"
URL = f"https://{HOST}/EWS/Exchange.asmx"
ACCOUNT, PASSWORD = r"ACME\sync", "right"
ALL_BUT_SEARCHES = "/EWS/Exchange.asmx/(?!FindItem)"
"""A create is preceded by a search for its mark; the contract's faults of creates are about the create itself."""
FAULTS = {
    FaultKind.THROTTLED: Fault(Action.STATUS, times=None, status=429, retry_after=2),
    FaultKind.UNAVAILABLE: Fault(Action.STATUS, times=None, status=503, retry_after=2),
    FaultKind.DROPPED: Fault(Action.DROP_AFTER_COMMIT, path=ALL_BUT_SEARCHES, times=None),
    FaultKind.TRUNCATED: Fault(Action.TRUNCATE, path=ALL_BUT_SEARCHES, times=None),
    FaultKind.HANGING: Fault(Action.DELAY, path=ALL_BUT_SEARCHES, times=None, seconds=600.0),
}
_LONGEST = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}
NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


class Ticking:
    """The server's clock, which goes on by a second with every look: versions have an order."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


class EwsHarness:
    """The harness of the calendar contract (harness.py), and what the EWS tests need beside it."""

    page = 0
    stamps = True
    detects_stale = True
    faults = frozenset(FAULTS)
    subject_limit = 255
    location_limit = 255
    zone = "Europe/Berlin"
    """One whose Windows name leads back to it."""
    refuses_crossing = True

    def __init__(self, release: str, *, checked: bool = True, zone: str = "Europe/Helsinki") -> None:
        self.clock = Ticking()
        self.simulator = EwsSimulator(
            RELEASES[release],
            {ACCOUNT: PASSWORD},
            now=self.clock.now,
            sleep=hang,
            seed=7,
            options=Options(),
            schemas=official_schemas() if checked else None,
        )
        self.people = self.simulator.people
        self.mailbox = self.people.add_mailbox(ANNA, aliases=[ALIAS], zone="FLE Standard Time")
        self.bert = self.people.add_mailbox(BERT, display_name="Bert Berg")
        self.window = Window(datetime(2026, 2, 15, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
        self.known = {self.mailbox.guid: [ANNA], self.bert.guid: [BERT]}
        self._numbers = itertools.count(1)
        guard = AddressGuard(lambda *_: ["127.0.0.1"], InlineExecutor(), (ip_network("127.0.0.0/8"),))
        self.server = Server(
            Target(URL),
            Login(ACCOUNT, PASSWORD),
            guard,
            InlineExecutor(),
            self.clock,
            sessions=sessions(self.simulator),
        )
        self.api = EwsApi(self.server, InlineExecutor(), Slots(), Limits())
        self.company = EwsCompany(self.api, self._addresses, zone)

    @property
    def calendar(self) -> EwsCalendar:
        """A run of its own: what an earlier one read is forgotten."""
        return self.company.calendar(MailboxId(self.mailbox.guid))

    def now(self) -> datetime:
        return NOW

    def draft(self, essence: Essence) -> Draft:
        return Draft(essence, busy="busy")

    def stamp(self) -> Stamp:
        number = next(self._numbers)
        mark = Mark(CompanyId("company"), MailboxId(self.mailbox.guid), f"activity-{number}", 0, "d" * 64)
        return Stamp(f"transaction-{number}", mark)

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
        self.people.delete_occurrence(entry, day)

    async def remove(self, entry: str) -> None:
        self.people.delete_event(entry)

    def fault(self, kind: FaultKind) -> None:
        self.simulator.faults.add(FAULTS[kind])

    def heal(self) -> None:
        self.simulator.faults.clear()

    async def round(self, cursor: str | None = None) -> list[Page]:
        """All pages of one round."""
        return [page async for page in self.calendar.changes(cursor, self.window)]

    async def _addresses(self, mailbox: MailboxId) -> list[str]:
        return self.known.get(mailbox, [])


@asynccontextmanager
async def ews_harness(release: str = "2016", **more: Any) -> AsyncIterator[EwsHarness]:
    """A fresh server of a release with two mailboxes, and the adapter on it, warmed up."""
    harness = EwsHarness(release, **more)
    try:
        await harness.company.find_mailbox([ANNA])
        harness.simulator.exchanged.clear()
        yield harness
    finally:
        harness.company.close()


def times_of(when: When) -> dict[str, Any]:
    """Start, end and rule as a person in Outlook sets them."""
    match when:
        case Timed(start, end):
            return {"start": start, "end": end}
        case AllDay(first, until):
            return {"start": first, "end": until}
    rule = rule_of(when)
    if isinstance(when.time, ClockTime):
        zone, wall = ZoneInfo(when.time.zone), datetime.combine(when.first, when.time.start)
        start, end = instant(wall, zone, when.time.fold), instant(wall + when.time.length, zone)
        return {"start": start.astimezone(zone), "end": end.astimezone(zone), "rule": rule}
    return {"start": when.first, "end": when.first + timedelta(days=when.time.count), "rule": rule}


def rule_of(when: Series) -> Rule:
    """The recurrence in the simulator's words."""
    times, first, pattern = count(when), when.first, when.pattern
    ends: Any = {"count": times} if when.counted and when.last is not None else {"until": when.last}
    if isinstance(pattern, Daily):
        return Rule("daily", first, pattern.interval, **ends)
    if isinstance(pattern, Weekly):
        weekdays = tuple(sorted(int(day) for day in pattern.days))
        return Rule("weekly", first, pattern.interval, weekdays=weekdays, week_start=int(pattern.first_day), **ends)
    yearly = pattern.interval == YEAR
    if isinstance(pattern, MonthlyByDay):
        longest = _LONGEST.get(first.month, 31) if yearly else 31
        which: Any = {"day_of_month": min(pattern.day, longest)}
    else:
        position = -1 if pattern.ordinal is Ordinal.LAST else int(pattern.ordinal)
        which = {"weekdays": tuple(sorted(int(day) for day in pattern.days)), "position": position}
    if yearly:
        return Rule("yearly", first, month=first.month, **which, **ends)
    return Rule("monthly", first, pattern.interval, **which, **ends)


def _details(kw: dict[str, Any]) -> dict[str, Any]:
    names = {"text": "body", "location": "location", "subject": "subject"}
    details = {names[name]: value for name, value in kw.items() if name in names}
    if "private" in kw:
        details["sensitivity"] = "Private" if kw["private"] else "Normal"
    return details
