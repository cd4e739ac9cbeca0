"""The calendars in memory keep the same contract as the real ones; they have no network that could fail."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from core.adapters.memory.microsoft import MemoryMailbox
from core.adapters.memory.severa import MemorySevera
from core.adapters.memory.undetermined import ManualClock
from core.model.company import Mailbox, SeveraUser
from core.model.essence import Essence, line, plain, with_exception
from core.model.exceptions import DateException
from core.model.ids import CompanyId, MailboxId, UserId
from core.model.operation import Draft
from core.model.rows import Stamp
from core.model.sighting import Activity, Event, Mark
from core.model.when import When, Window
from tests.contract.calendars.content import wanted
from tests.contract.calendars.harness import FaultKind
from tests.contract.calendars.reading import ReadingContract
from tests.contract.calendars.suite import SeriesContract
from tests.contract.calendars.writing import WritingContract

NOW = datetime(2026, 3, 25, 12, 30, tzinfo=UTC)
READ = {"subject": ("subject", line), "text": ("text", plain), "location": ("location", line), "when": ("when", None)}
ANNA = SeveraUser(UserId("anna"), ("anna@acme.example",), "Europe/Helsinki")
BOX = MailboxId("anna-box")


class MemoryStage:
    """A calendar in memory with a person's hand on it."""

    page = 0
    faults: frozenset[FaultKind] = frozenset()
    subject_limit = 255
    location_limit = 1000
    zone = "Europe/Helsinki"
    refuses_crossing = False

    def __init__(self) -> None:
        self.clock = ManualClock(NOW)
        self.window = Window(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC))
        self._numbers = itertools.count()

    def now(self) -> datetime:
        return self.clock.now()

    def stamp(self) -> Stamp:
        number = next(self._numbers)
        return Stamp(f"intent-{number}", Mark(CompanyId("acme"), BOX, f"activity-{number}", 0, "digest"))

    def fault(self, kind: FaultKind) -> None:
        pytest.fail(f"nothing is {kind} in memory: `faults` names none")

    def heal(self) -> None:
        """Nothing was broken."""


class MemorySeveraStage(MemoryStage):
    stamps = False
    detects_stale = False

    def __init__(self) -> None:
        super().__init__()
        self.severa = MemorySevera(self.clock, [ANNA])
        self.calendar = self.severa.calendar(ANNA, ANNA.zone)

    def draft(self, essence: Essence) -> Draft:
        return Draft(essence, "type-personal" if essence.private else "type-meeting")

    async def put(self, subject: str, when: When, **kw: Any) -> str:
        return self.severa.add(ANNA.id, typed(subject, when, **kw)).id

    async def edit(self, entry: str, **kw: Any) -> None:
        self.severa.edit(entry, edited(self.severa.get, entry, kw))

    async def change(self, entry: str, day: date, **kw: Any) -> None:
        self.severa.edit(entry, with_date(self.severa.get, entry, day, kw))

    async def cancel(self, entry: str, day: date) -> None:
        self.severa.edit(entry, with_date(self.severa.get, entry, day, None))

    async def remove(self, entry: str) -> None:
        self.severa.remove(entry)


class MemoryMailboxStage(MemoryStage):
    stamps = True
    detects_stale = True

    def __init__(self) -> None:
        super().__init__()
        self.calendar = MemoryMailbox(Mailbox(BOX, ("anna@acme.example",)), self.clock)

    def draft(self, essence: Essence) -> Draft:
        return Draft(essence, busy="busy")

    async def put(self, subject: str, when: When, **kw: Any) -> str:
        return self.calendar.add(typed(subject, when, **kw)).id

    async def edit(self, entry: str, **kw: Any) -> None:
        self.calendar.edit(entry, edited(self.calendar.get, entry, kw))

    async def change(self, entry: str, day: date, **kw: Any) -> None:
        self.calendar.edit(entry, with_date(self.calendar.get, entry, day, kw))

    async def cancel(self, entry: str, day: date) -> None:
        self.calendar.edit(entry, with_date(self.calendar.get, entry, day, None))

    async def remove(self, entry: str) -> None:
        self.calendar.remove(entry)


def typed(subject: str, when: When, *, text: str = "", location: str = "", private: bool = False) -> Essence:
    """What a person typed, as these calendars hold it: in normal form at once."""
    return wanted(subject, when, text, location, private=private)


def edited(get: Callable[[str], Activity | Event | None], entry: str, changes: dict[str, Any]) -> Essence:
    """The essence after a person's edit."""
    held = get(entry)
    assert held is not None
    return replace(held.essence, **as_held(changes))


def with_date(
    get: Callable[[str], Activity | Event | None], entry: str, day: date, changes: dict[str, Any] | None
) -> Essence:
    """The essence after a person changed one date of a series, or cancelled it."""
    held = get(entry)
    now = held.essence.on(day) if held is not None else None
    assert held is not None
    assert now is not None
    return with_exception(
        held.essence, day, DateException(day) if changes is None else replace(now, **as_held(changes))
    )


def as_held(changes: dict[str, Any]) -> dict[str, Any]:
    """What a person typed, in the form in which these calendars hold it."""
    values: dict[str, Any] = {}
    for name, value in changes.items():
        attribute, normal = READ[name]
        values[attribute] = normal(value) if normal else value
    return values


class TestMemorySevera(ReadingContract, WritingContract, SeriesContract):
    @pytest.fixture
    def harness(self) -> MemorySeveraStage:
        return MemorySeveraStage()


class TestMemoryMailbox(ReadingContract, WritingContract, SeriesContract):
    @pytest.fixture
    def harness(self) -> MemoryMailboxStage:
        return MemoryMailboxStage()
