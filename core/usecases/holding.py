"""What the guard refuses waits for a person (R20): a hold row with ids, and pending rows that name it.

What a person has decided since (core/usecases/releasing.py) is carried out past the guard, on what both sides hold now.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from core.errors import StorageConflict
from core.model.ids import CompanyId, Side
from core.model.operation import Create, Delete, Leave, Plan, Planned
from core.model.rows import Hold
from core.model.state import PairState, Pending
from core.ports import Ports
from core.sync.guard import Guarded, Ledger, guard
from core.usecases.verdicts import as_decided
from core.usecases.world import World


async def hold(world: World, kind: str, reason: str, entries: list[tuple[Side, str]]) -> None:
    """Put entries aside. The same entries held again the same day are the same hold."""
    day = world.now.date().isoformat()
    name = f"{kind}-{world.digester.of('hold', world.pair.user, day, reason, *(e for _, e in entries))}"
    await world.ports.holds.put(
        Hold(name, world.pair.company, world.pair.user, kind, reason, world.now, tuple(entries))
    )
    held = [replace(world.rows[entry], hold=name, verdict=None) for entry in entries if entry in world.rows]
    await world.set_aside(held)
    world.report.held[kind] += len(entries)


async def guarded(world: World, plan: Plan) -> Plan:
    """The plan without what the guard refuses, which is put on hold and told in history."""
    guarded_entries = [planned for planned in plan.entries if _is_guarded(planned)]
    if not guarded_entries:
        return plan
    decided = {id(planned): after for planned in guarded_entries if (after := as_decided(world, planned)) is not None}
    free = await _still_held(world, Plan(tuple(planned for planned in plan.entries if id(planned) not in decided)))
    verdict = guard(free, await _ledger(world, free))
    await _put_aside(world, verdict)
    return Plan((*verdict.plan.entries, *decided.values()))


def _is_guarded(planned: Planned) -> bool:
    return any(isinstance(operation, Create | Delete | Leave) for operation in planned.decision.operations)


async def _still_held(world: World, plan: Plan) -> Plan:
    """A deletion on hold stays there, whatever else moved about its entry: only an edit outlives it (R18)."""
    free: list[Planned] = []
    held: list[Pending] = []
    for planned in plan.entries:
        rows = world.rows_of(planned.picture)
        name = next((row.hold for row in rows if row.hold), "")
        if name and any(isinstance(o, Delete | Leave) for o in planned.decision.operations):
            held += [replace(row, hold=name) for row in rows if not row.hold]
        else:
            free.append(planned)
    await world.set_aside(held)
    return Plan(tuple(free))


async def _ledger(world: World, plan: Plan) -> Ledger:
    """What creates are measured by is in the pair's state; only a deletion is worth reading the rest for."""
    state, links, in_company = world.recorder.state, 0, 0.0
    if any(isinstance(o, Delete | Leave) for p in plan.entries for o in p.decision.operations):
        await world.links.load()
        links = len(world.links.living())
        in_company, _ = await world.ports.companies.counter(world.pair.company, _deleted_name(world.now))
    return Ledger(
        links=links,
        deleted=within_a_day(state.deleted, world.now),
        company_deleted=int(in_company),
        created=within_a_day(state.created, world.now),
        matched=state.matched,
        empty=frozenset(world.empty),
        resumed=world.resumed,
    )


async def _put_aside(world: World, verdict: Guarded) -> None:
    for held in verdict.held:
        entries = []
        for planned in held.entries:
            ids = [(side, planned.picture.id_on(side)) for side in Side]
            entries += [entry for entry in ids if entry in world.rows]
            await world.tell(planned.picture, planned.decision.notes, world.now.date().isoformat())
        await hold(world, held.kind, held.reason, entries)


def _deleted_name(now: datetime) -> str:
    return f"deleted-{now:%Y%m%d}"


async def count_company_deletion(ports: Ports, company: CompanyId, now: datetime) -> None:
    """One more deletion of the company today. Losing the race a few times only makes the guard a little late."""
    for _ in range(5):
        value, tag = await ports.companies.counter(company, _deleted_name(now))
        try:
            await ports.companies.put_counter(company, _deleted_name(now), value + 1, tag)
        except StorageConflict:
            continue
        return


def within_a_day(buckets: Iterable[tuple[str, int]], now: datetime) -> int:
    """How many in the last 24 hours; buckets are hours like 2026112405, in UTC."""
    return sum(count for hour, count in buckets if _age_hours(hour, now) < 24)


def _age_hours(hour: str, now: datetime) -> float:
    then = datetime.strptime(hour, "%Y%m%d%H").replace(tzinfo=now.tzinfo)
    return (now - then).total_seconds() / 3600 - 1


def _counted(buckets: tuple[tuple[str, int], ...], now: datetime) -> tuple[tuple[str, int], ...]:
    """One more in this hour; older than two days is forgotten."""
    counts = {hour: count for hour, count in buckets if _age_hours(hour, now) < 48}
    hour = f"{now:%Y%m%d%H}"
    counts[hour] = counts.get(hour, 0) + 1
    return tuple(sorted(counts.items()))


def after_delete(state: PairState, now: datetime) -> PairState:
    """The state with one more deletion in its book."""
    return replace(state, deleted=_counted(state.deleted, now))


def after_create(state: PairState, now: datetime) -> PairState:
    """The state with one more create in its book; the first matching's creates do not count (R20)."""
    return replace(state, created=_counted(state.created, now)) if state.matched else state
