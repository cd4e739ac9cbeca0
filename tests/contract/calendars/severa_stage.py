"""The Severa adapter on the Severa simulator: a company, its users, and a person's hand on one calendar."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from core.adapters.severa.exchange import Timeouts
from core.adapters.severa.gateway import SeveraGateway
from core.adapters.severa.quirks import PatchValues
from core.adapters.severa.recurrence import build_series as built
from core.adapters.severa.tokens import Credentials
from core.model.company import SeveraUser
from core.model.essence import Essence
from core.model.ids import CompanyId, MailboxId, UserId
from core.model.operation import Draft
from core.model.recurrence import ClockTime, WholeDays
from core.model.rows import Stamp
from core.model.sighting import Mark
from core.model.when import AllDay, Series, Timed, When, Window
from tests.contract.calendars.harness import FaultKind
from tests.simulators.common.faults import Action, Fault
from tests.simulators.common.inprocess import transport
from tests.simulators.severa import SeveraSimulator, User

NOW = datetime(2026, 3, 25, 12, 30, tzinfo=UTC)
"""Some days before the clocks of Europe go forward."""
BASE = "http://severa.test"
SHORT = Timeouts(0.05, 0.05)
FAULTS = {
    FaultKind.THROTTLED: Fault(Action.STATUS, status=429, times=None),
    FaultKind.UNAVAILABLE: Fault(Action.STATUS, status=503, times=None),
    FaultKind.DROPPED: Fault(Action.DROP_AFTER_COMMIT, times=None),
    FaultKind.TRUNCATED: Fault(Action.TRUNCATE, times=None),
    FaultKind.HANGING: Fault(Action.DELAY, seconds=30.0, times=None),
}


class HandClock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at

    def advance(self, **by: float) -> None:
        self.at += timedelta(**by)


class CountingLimiter:
    """Lets everything pass, and counts."""

    def __init__(self) -> None:
        self.slots = 0
        self.pauses: list[float] = []

    async def slot(self) -> None:
        self.slots += 1

    async def paused(self, seconds: float) -> None:
        self.pauses.append(seconds)


class SeveraStage:
    """A company in the simulator, the adapter in front of it, and the harness of `anna`'s calendar."""

    page = 100
    stamps = False
    detects_stale = False
    faults = frozenset(FaultKind)
    subject_limit = 255
    location_limit = 1000
    refuses_crossing = False

    def __init__(self, zone: str, values: PatchValues) -> None:
        self.zone, self.clock = zone, HandClock()
        self.severa = SeveraSimulator(self.clock.now)
        self.severa.options.patch_values = "native" if values is PatchValues.NATIVE else "string"
        self.people = self.severa.people
        self.company = self.people.add_company("Acme", client_id="acme", client_secret="s3")
        self.types = {kind.category: kind for kind in self.people.types_of(self.company)}
        self.anna = self.people.add_user(self.company, "Anna Aalto", "anna@acme.example", timezone=zone)
        self.ben = self.people.add_user(self.company, "Ben Berg", "ben@acme.example", timezone=zone)
        self.keeper = self.anna
        """Who makes what the contract says that a person makes; Anna takes part in it, if it is not herself."""
        self.limiter = CountingLimiter()
        self.window = Window(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC))
        self._numbers = itertools.count()

    def open(
        self,
        client: httpx.AsyncClient,
        values: PatchValues,
        base: str = BASE,
        timeouts: Timeouts = SHORT,
    ) -> None:
        """Put the adapter in front of it."""
        credentials = Credentials(self.company.client_id, self.company.client_secret)
        zone = self.anna.timezone
        self.gateway = SeveraGateway(
            client, base, credentials, self.limiter, self.clock, zone, timeouts=timeouts, values=values
        )
        self.calendar = self.gateway.calendar(self.user(self.anna), zone)

    def user(self, user: Any) -> SeveraUser:
        """The user as the core knows them."""
        return SeveraUser(UserId(user.guid), (user.email,), user.timezone)

    def asked(self) -> list[str]:
        """Method and path template of every request since the last look, in order."""
        told = [f"{request.method} {request.path.removeprefix('/v1')}" for request in self.severa.requests.entries]
        self.severa.requests.reset()
        return told

    # --- the harness --------------------------------------------------------------------------------------------------
    def now(self) -> datetime:
        return self.clock.now()

    def draft(self, essence: Essence) -> Draft:
        return Draft(essence, self.types["Personal" if essence.private else "CalendarEntry"].guid)

    def stamp(self) -> Stamp:
        number = next(self._numbers)
        company, mailbox = CompanyId(self.company.guid), MailboxId("mailbox")
        return Stamp(f"intent-{number}", Mark(company, mailbox, f"activity-{number}", 0, "digest"))

    async def put(
        self,
        subject: str,
        when: When,
        *,
        private: bool = False,
        owner: User | None = None,
        participants: Iterable[User] = (),
        **kw: Any,
    ) -> str:
        """Without an owner it is `keeper`'s."""
        details: Any = _details(kw) | _bounds(when)
        start, end = details.pop("start"), details.pop("end")
        kind: Any = "Personal" if private else "CalendarEntry"
        if owner is None and self.keeper != self.anna:
            participants = [self.anna, *participants]
        made = self.people.add_activity(
            owner or self.keeper, subject, start, end, type=kind, participants=participants, **details
        )
        return made.guid

    async def edit(self, entry: str, **kw: Any) -> None:
        changes: Any = _details(kw)
        if "when" in kw:
            changes |= _bounds(kw["when"])
        self.people.edit_activity(entry, **changes)

    async def change(self, entry: str, day: date, **kw: Any) -> None:
        changes: Any = _details(kw)
        if "when" in kw:
            changes |= _bounds(kw["when"])
        self.people.edit_occurrence(entry, day, **changes)

    async def cancel(self, entry: str, day: date) -> None:
        self.people.cancel_occurrence(entry, day)

    async def remove(self, entry: str) -> None:
        self.people.remove_activity(entry)

    def fault(self, kind: FaultKind) -> None:
        self.severa.faults.add(FAULTS[kind])

    def heal(self) -> None:
        assert self.severa.faults.fired()
        self.severa.faults.clear()


@asynccontextmanager
async def severa_stage(
    zone: str = "Europe/Helsinki", values: PatchValues = PatchValues.NATIVE
) -> AsyncIterator[SeveraStage]:
    """A stage whose adapter has its token already."""
    stage = SeveraStage(zone, values)
    async with httpx.AsyncClient(transport=transport(stage.severa.app)) as client:
        stage.open(client, values)
        await stage.calendar.read("00000000-0000-0000-0000-000000000000")
        stage.severa.requests.reset()
        yield stage


def _details(kw: dict[str, Any]) -> dict[str, Any]:
    names = {"subject": "name", "text": "notes", "location": "location"}
    return {names[name]: value for name, value in kw.items() if name in names}


def _bounds(when: When) -> dict[str, Any]:
    match when:
        case Timed(start, end):
            return {"start": start, "end": end, "all_day": False}
        case AllDay(first, until):
            return {"start": first, "end": until, "all_day": True}
        case Series():
            return _recurring(when)


def _recurring(when: Series) -> dict[str, Any]:
    """Exceptions aside, what a person would type of it in Severa: in the zone that the series has."""
    at = when.time
    first = built(when, ZoneInfo(at.zone if isinstance(at, ClockTime) else "UTC"))
    if isinstance(at, WholeDays):
        until = when.first + timedelta(days=at.count)
        return {"start": when.first, "end": until, "all_day": True, "recurrence": first["recurrence"]}
    bounds = {name: datetime.fromisoformat(first[f"{name}DateTime"]) for name in ("start", "end")}
    return {**bounds, "all_day": False, "recurrence": first["recurrence"]}
