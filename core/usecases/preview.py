"""What the next run of a pair would do, without doing it: the run's own steps, with a pen that writes nothing."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum

from core.errors import ItemRefused, RetryLater, Stop
from core.model.ids import Pair, Side
from core.model.operation import (
    BringPeople,
    Create,
    Delete,
    Leave,
    LeaveOut,
    Operation,
    Picture,
    Plan,
    Planned,
    Update,
)
from core.model.rows import Hold
from core.model.sighting import GONE, Activity, Event, Role
from core.model.state import Head, Lease, Switch
from core.model.when import AllDay, Timed, When
from core.ports import Ports
from core.usecases.observe import observe
from core.usecases.recorder import LEASE, Recorder
from core.usecases.report import Report
from core.usecases.run import enter, intend
from core.usecases.sketch import only_looked_at, sketch
from core.usecases.world import World

LONGEST = 60.0
"""Seconds that somebody may wait for it; a first reading of two full calendars can take longer."""
AGAIN = timedelta(minutes=5)
MOST = 200
"""Entries that are listed; all of them are counted."""
LOOKS = 50
"""Entries that are read for their subject alone."""


class Does(StrEnum):
    """What would become of an entry."""

    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"
    LEFT = "left"
    LEFT_OUT = "left_out"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Foreseen:
    """One entry, and what would become of it. `code`: why it is held or left out.

    `subject` is empty for what is not in the user's own calendars. `starts` is an instant (UTC) or a date, as ISO 8601.
    """

    does: Does
    side: Side
    code: str
    subject: str
    starts: str


@dataclass(slots=True)
class Preview:
    """What would happen. `counts` by what is done and where; `left_out` and `held` by code.

    `first`: it would be the first synchronization. `joined`: entries of both sides found to be the same. `unclear`:
    entries that could not be read just now, or whose deletion is not proven yet. `more`: not all are listed.
    """

    first: bool
    counts: Counter[tuple[Does, Side]] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)
    entries: list[Foreseen] = field(default_factory=list)
    joined: int = 0
    unclear: int = 0
    more: bool = False


async def preview(ports: Ports, pair: Pair) -> Preview:
    """The plan of the next run, as if the user's own switch was on.

    Raises what stops a run; RetryLater("preview_too_long") where two calendars take too long to read.
    """
    try:
        async with asyncio.timeout(LONGEST):
            return await _look(ports, pair)
    except TimeoutError:
        raise RetryLater("preview_too_long", after=AGAIN.total_seconds()) from None


async def _look(ports: Ports, pair: Pair) -> Preview:
    found = await ports.companies.settings(pair.company)
    if found is None or not found[0].enabled:
        raise Stop("company_off")
    head, now = await ports.pairs.head(pair), ports.clock.now()
    if not head.switch.on:
        head = replace(head, switch=Switch(on=True, since=now))
    drawn = sketch(ports, head)
    lease = Lease(pair, head.epoch, now + LEASE, "")
    recorder = Recorder(drawn.ports, lease, replace(head.state, first_sync=head.state.first_sync or now))
    report = Report(first=not head.state.matched)
    world, head = await enter(drawn.ports, found[0], head, recorder, report, "preview", observes=True)
    world.microsoft = only_looked_at(world.microsoft)
    await observe(world, head)
    out = Preview(first=report.first)
    await _waiting(out, ports, head)
    if world.rows:
        await world.prepare()
        everything, intended = await intend(world)
        await _tell_all(_Teller(world, out), everything, intended, drawn.holds)
    out.left_out.update(world.report.left_out)
    out.joined = world.report.linked.total()
    pending = (await world.ports.pairs.head(pair)).pending
    out.unclear = sum(not row.hold for row in pending if (row.side, row.id) in world.aside)
    return out


async def _waiting(out: Preview, ports: Ports, head: Head) -> None:
    """What is held already stays so until a person decides."""
    for name, count in Counter(row.hold for row in head.pending if row.hold).items():
        hold = await ports.holds.find(head.pair.company, name)
        out.held[hold.reason if hold is not None else "held"] += count


async def _tell_all(teller: _Teller, everything: Plan, intended: Plan, holds: list[Hold]) -> None:
    kept = {id(planned.picture) for planned in intended.entries}
    for planned in intended.entries:
        await teller.tell(planned)
    for planned in everything.entries:
        if id(planned.picture) not in kept and (code := _held_by(holds, planned)):
            await teller.tell_held(planned, code)
    for hold in holds:
        if hold.kind == "twin":  # These are no operations of the plan.
            teller.out.held[hold.reason] += len(hold.entries)


def _held_by(holds: list[Hold], planned: Planned) -> str:
    ids = {(side, planned.picture.id_on(side)) for side in Side}
    return next((hold.reason for hold in holds if ids & set(hold.entries)), "")


@dataclass(slots=True)
class _Teller:
    """Counts and lists what is planned. Of what the run has not seen itself, some is read for its subject."""

    world: World
    out: Preview
    looks: int = LOOKS

    async def tell(self, planned: Planned) -> None:
        for does, side, code in _doings(planned.decision.operations):
            if does is Does.LEFT_OUT:
                self.out.left_out[code] += 1
            else:
                self.out.counts[does, side] += 1
            await self._list(planned.picture, does, side, code)

    async def tell_held(self, planned: Planned, code: str) -> None:
        self.out.held[code] += 1
        operation = planned.decision.operations[0]
        side = operation.side if isinstance(operation, Create | Delete) else Side.SEVERA
        await self._list(planned.picture, Does.HELD, side, code)

    async def _list(self, picture: Picture, does: Does, side: Side, code: str) -> None:
        if len(self.out.entries) == MOST:
            self.out.more = True
            return
        shown = await self._shown(picture)
        subject, starts = (shown.essence.subject, _starts(shown.essence.when)) if shown else ("", "")
        self.out.entries.append(Foreseen(does, side, code, subject, starts))

    async def _shown(self, picture: Picture) -> Activity | Event | None:
        """The end that the user sees in a calendar of their own."""
        found: Activity | Event | None = picture.seen_event or picture.seen_activity
        if found is None and picture.link is not None and self.looks:
            self.looks -= 1
            side = Side.SEVERA if picture.event is GONE else Side.MICROSOFT
            with suppress(RetryLater, ItemRefused):
                found = await self.world.read(side, picture.link.id_on(side))
        return None if isinstance(found, Activity) and found.role is Role.NONE else found


def _doings(operations: tuple[Operation, ...]) -> Iterator[tuple[Does, Side, str]]:
    for operation in operations:
        match operation:
            case Create(side):
                yield Does.CREATED, side, ""
            case Update(side):
                yield Does.UPDATED, side, ""
            case BringPeople():
                yield Does.UPDATED, Side.SEVERA, ""
            case Delete(side):
                yield Does.DELETED, side, ""
            case Leave():
                yield Does.LEFT, Side.SEVERA, ""
            case LeaveOut(reason):
                yield Does.LEFT_OUT, Side.SEVERA, reason
            case _:
                pass  # It is put on record here, and nothing is written on either side.


def _starts(when: When) -> str:
    match when:
        case Timed(start):
            return start.isoformat()
        case AllDay(first):
            return first.isoformat()
    return when.first.isoformat()
