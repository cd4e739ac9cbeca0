"""One run of one pair (design.md section 5): lease, observe, recognize, decide, guard, act, release."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from core.errors import LeaseLost, RetryLater, Stop, SyncError
from core.model.company import CompanySettings, SyncWhile, Version
from core.model.ids import Pair, Side
from core.model.operation import Plan
from core.model.rows import Due
from core.model.state import Head, Health
from core.ports import Ports
from core.ports_telemetry import current
from core.sync.digest import Digester
from core.sync.plan import plan
from core.usecases.act import SLICE, act
from core.usecases.binding import as_user, bind, zone_of
from core.usecases.book import next_poll
from core.usecases.gather import gather
from core.usecases.holding import guarded
from core.usecases.homes import home_of
from core.usecases.links import Links
from core.usecases.moving import has_moved, move
from core.usecases.observe import compared, observe, observe_passively
from core.usecases.owners_clock import OwnersClock
from core.usecases.passive import is_listing_due
from core.usecases.recognize import recognize
from core.usecases.recorder import LEASE, Recorder
from core.usecases.repair import begin_repair
from core.usecases.report import Outcome, Report
from core.usecases.turns import compares_now, was_off
from core.usecases.words import waits_for_a_person
from core.usecases.world import World

ROUNDS = 3
"""Another round follows at once where something arrived meanwhile; after so many the next message goes on."""
BUSY = timedelta(seconds=5)
BACKOFF = timedelta(minutes=1)
BACKOFF_MAX = timedelta(minutes=15)
"""Never longer than the regular look: the first change after an outage must not wait for hours (P57)."""


async def run_pair(ports: Ports, pair: Pair) -> Report:
    """Bring one pair into agreement. Never raises for what the two services do; the report says what happened."""
    report: Report | None = None
    began = ports.clock.now()
    for _ in range(ROUNDS):
        found = await ports.companies.settings(pair.company)
        if found is None or not found[0].enabled:
            return report or Report(Outcome.SKIPPED, "company_off")
        head = await ports.pairs.head(pair)
        reason = not_served(head, found[0], ports.clock.now())
        away = reason == "not_logged_in" and any(row.side is Side.SEVERA for row in head.pending)
        if reason and not away:
            return report or Report(Outcome.SKIPPED, reason)
        earlier, report = report, await _round(ports, found[0], head, away=away)
        if earlier is not None:
            report.follows(earlier)
        if report.outcome is not Outcome.DONE or not report.arrived or ports.clock.now() - began > SLICE:
            break
    return report or Report()


def not_served(head: Head, settings: CompanySettings, now: datetime) -> str:
    """Why a pair is not served now (R2, R3), in a stable code. A first sync that has started finishes.

    A passive pair is served where somebody's run left it something to look at (R4): that one was served.
    """
    if not head.switch.on and not head.pending and not is_listing_due(head, now):
        return "switched_off"
    if is_in_vain(head, settings, now):
        return head.state.health.code
    if not head.switch.on:
        return ""
    logged_in = head.present_until is not None and head.present_until > now
    first_sync_under_way = head.state.first_sync is not None and not head.state.matched
    if logged_in or settings.sync_while is SyncWhile.ALWAYS or first_sync_under_way:
        return ""
    return "not_logged_in"


def is_in_vain(head: Head, settings: CompanySettings, now: datetime) -> bool:
    """Whether a pair that waits for a person is left alone, longer after each failure (P41): nobody asks in between.

    Who moves a switch, or asks for a comparison, is served at once.
    """
    health = head.state.health
    if health.tried is None or not waits_for_a_person(health.code):
        return False
    moved = [at for at in (head.switch.since, settings.enabled_since) if at is not None]
    return max(moved, default=health.tried) <= health.tried and now - health.tried < _pause(health.failures - 1)


def _pause(failures: int) -> timedelta:
    return min(BACKOFF * (1 << min(max(failures, 0), 10)), BACKOFF_MAX)


async def _round(ports: Ports, settings: CompanySettings, head: Head, *, away: bool) -> Report:
    """One round; of a user who is away, only what somebody who is there shares with them (R3)."""
    now = ports.clock.now()
    report = Report(first=head.switch.on and not head.state.matched)
    lease = await ports.pairs.acquire(head, now, now + LEASE)
    if lease is None:
        current().count("lease", "busy")
        report.outcome, report.code = Outcome.BUSY, "busy"
        report.wait_until(now + BUSY)
        return report
    current().count("lease", "taken" if head.lease_until is None else "taken_over")
    current().serves(head.hint, now)
    recorder = Recorder(ports, lease, replace(head.state, first_sync=head.state.first_sync or now))
    try:
        name = f"{head.pair.user}:{lease.epoch}"
        world, head = await enter(ports, settings, head, recorder, report, name, observes=not away)
        world.away, world.passive = away, world.passive or away
        await _work(world, head)
        if report.outcome is not Outcome.SKIPPED and not _is_still_failing(world):
            recorder.state = replace(recorder.state, health=Health("ok", _since(head.state.health, "ok", now)))
    except LeaseLost as lost:
        report.outcome, report.code = Outcome.TAKEN_OVER, lost.code
        return report
    except Stop as stop:
        _fail(recorder, report, Outcome.STOPPED, stop.code, now)
    except RetryLater as late:
        _later(recorder, report, late, now)
    except Exception:  # A mistake of ours. The queue tries again, and must not find the pair taken by this very run.
        with suppress(SyncError):
            await recorder.release()
        raise
    return await _release(recorder, report, now)


def _is_still_failing(world: World) -> bool:
    """Whether what failed last time only waits for its next try: a run that tried nothing is no success (P41)."""
    waiting = [row.not_before for row in world.rows.values() if row.attempts and row.not_before is not None]
    went_through = world.report.written.total() + world.report.linked.total()
    is_waiting = any(until > world.now for until in waiting)
    return world.recorder.state.health.code == "nothing_went_through" and is_waiting and not went_through


async def enter(
    ports: Ports,
    settings: CompanySettings,
    head: Head,
    recorder: Recorder,
    report: Report,
    name: str,
    *,
    observes: bool,
) -> tuple[World, Head]:
    """The world of a run of that name under a lease, and the head that it begins with. `observes`: it may compare."""
    if has_moved(head, settings):
        head = await _moved(ports, settings, head, recorder, report)
    switched_on = max((at for at in (head.switch.since, settings.enabled_since) if at), default=None)
    active = observes and head.switch.on
    compares = active and await compares_now(ports, head.pair, recorder, report, switched_on)
    world = await _world(ports, settings, head, recorder, report, name, compares=compares)
    world.switched_on, world.resumed = switched_on, head.switch.on and was_off(recorder.state, switched_on)
    return world, head


async def _moved(ports: Ports, settings: CompanySettings, head: Head, recorder: Recorder, report: Report) -> Head:
    """The pair in its new mailbox, where everything is matched anew."""
    report.first = True
    severa = await ports.gateways.severa(head.pair.company, settings, first_sync=True)
    microsoft = await ports.gateways.microsoft(head.pair.company, settings)
    digester = Digester(ports.keys.digest_key(head.pair.company))
    return await move(ports, head, recorder, digester, severa, microsoft, home_of(settings))


async def _release(recorder: Recorder, report: Report, now: datetime) -> Report:
    try:
        report.arrived = await recorder.release()
    except LeaseLost as lost:
        report.outcome, report.code = Outcome.TAKEN_OVER, lost.code
    except RetryLater as late:
        _later(recorder, report, late, now)  # The lease runs out by itself.
    return report


def _since(health: Health, code: str, now: datetime) -> datetime:
    return health.since if health.code == code and health.since is not None else now


def _later(recorder: Recorder, report: Report, late: RetryLater, now: datetime) -> None:
    if late.after is not None:
        report.again = now + timedelta(seconds=late.after)
    else:
        report.wait_until(now + _pause(recorder.state.health.failures))
    _fail(recorder, report, Outcome.LATER, late.code, now)


def _fail(recorder: Recorder, report: Report, outcome: Outcome, code: str, now: datetime) -> None:
    report.outcome, report.code = outcome, code
    health = recorder.state.health
    failed = Health(code, _since(health, code, now), health.failures + 1, now)
    recorder.state = replace(recorder.state, health=failed)


async def _world(
    ports: Ports,
    settings: CompanySettings,
    head: Head,
    recorder: Recorder,
    report: Report,
    name: str,
    *,
    compares: bool,
) -> World:
    """The run's world. Where it compares, the user and their mailbox are looked up again (R1)."""
    severa = await ports.gateways.severa(head.pair.company, settings, first_sync=report.first)
    microsoft = await ports.gateways.microsoft(head.pair.company, settings)
    now = ports.clock.now()
    if not recorder.state.mailbox or compares:
        bound = await bind(ports, head.pair, recorder.state, severa, microsoft)
        recorder.state = replace(bound, origin=home_of(settings))
    state = recorder.state
    zone = zone_of(state, settings)
    return World(
        ports=ports,
        pair=head.pair,
        run=name,
        settings=settings,
        now=now,
        digester=Digester(ports.keys.digest_key(head.pair.company)),
        mailbox=state.mailbox,
        company=severa,
        severa=severa.calendar(as_user(head.pair, state), zone),
        microsoft=OwnersClock(microsoft.calendar(state.mailbox, zone), zone),
        mailboxes=microsoft,
        passive=not head.switch.on,
        recorder=recorder,
        links=Links(ports, head.pair, state.era),
        report=report,
        compares=compares,
    )


async def _work(world: World, head: Head) -> None:
    if world.passive:
        await observe_passively(world, head)
        if not world.rows:
            code = "not_logged_in" if world.away else "switched_off"
            world.report.outcome, world.report.code = Outcome.SKIPPED, code
    else:
        await observe(world, head)
    repairing = await begin_repair(world)
    finished = True
    if world.rows:
        await world.prepare()
        finished = await _settle(world)
    elif not world.passive:
        compared(world)
    if repairing is not None and finished:
        await repairing.finish()
    if not finished:
        world.report.wait_until(world.now)
    elif not world.recorder.state.matched and not world.passive:
        world.recorder.state = replace(world.recorder.state, matched=True)
    if world.report.noticed and not world.passive:
        await _look_again_soon(world)
    if world.report.nothing_went_through():
        raise RetryLater("nothing_went_through")  # That is no success, however orderly it ended (P41).


async def _look_again_soon(world: World) -> None:
    """Who changes something changes more: a mailbox that tells of nothing is looked at in a minute (R3)."""
    world.recorder.state = replace(world.recorder.state, noticed=world.now)
    if world.settings.version is Version.EXCHANGE_SERVER:
        pair = world.pair
        await world.ports.due.put(Due(next_poll(pair, world.now, None, world.now), pair.company, pair.user))


async def _settle(world: World) -> bool:
    """Every pending entry that may be decided now. False where time ran out."""
    _, intended = await intend(world)
    if not world.passive:
        compared(world)
    return await act(world, intended)


async def intend(world: World) -> tuple[Plan, Plan]:
    """What ought to be done about every pending entry that may be decided now, and what the guard leaves of it."""
    found = await gather(world)
    pictures = await recognize(world, found)
    await world.recorder.settle_many((None, (row,)) for row in found.done)
    everything = plan(pictures, world.policy, world.digester)
    return everything, await guarded(world, everything)
