"""Troubles that are states of the world, not rolled for each thing: what begins, and what ends again."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from core.model.ids import CompanyId
from tests.simulation.exchange import ServerMailbox
from tests.simulation.stage import Person, Stage
from tests.simulation.weather import SKEW, Trouble
from tests.simulators.graph.directory import Consent
from tests.simulators.graph.mailbox import MailboxState
from tests.simulators.severa.options import as_sent, tidied

State = Callable[[Stage, random.Random, float], Any]


async def play(stage: Stage, trouble: Trouble) -> None:
    """Let one trouble happen, from its beginning to its end (or to the end of all troubles)."""
    await asyncio.sleep(max(0.0, trouble.at - stage.loop.time()))
    stage.tell(f"trouble {trouble.kind} begins")
    state = STATES.get(trouble.kind)
    with stage.weather.lasting(trouble) if state is None else state(stage, random.Random(trouble.dice), trouble.length):
        stage.weather.hits[trouble.kind] += state is not None
        await asyncio.sleep(trouble.length)
    stage.tell(f"trouble {trouble.kind} ends")


def _person(stage: Stage, rng: random.Random) -> Person:
    return rng.choice(stage.people)


@contextmanager
def death(stage: Stage, rng: random.Random, length: float) -> Iterator[None]:
    """A process dies at one of its next effects."""
    if (process := stage.host.one()) is not None:
        process.fuse = rng.randrange(rng.choice((8, 60)))
    yield


@contextmanager
def stall(stage: Stage, rng: random.Random, length: float) -> Iterator[None]:
    """A process stands still, longer than leases last; then it goes on as if nothing had been."""
    if (process := stage.host.one()) is not None:
        process.awake_at = stage.loop.time() + rng.uniform(20.0, 400.0)
        stage.tell(f"{process.name} stands still until {process.awake_at:.1f}")
    yield


@contextmanager
def outage(stage: Stage, rng: random.Random, length: float) -> Iterator[None]:
    """All processes stand still: time has leapt when they go on."""
    for process in stage.host.living():
        process.awake_at = stage.loop.time() + length
    yield


@contextmanager
def clock(stage: Stage, rng: random.Random, length: float) -> Iterator[None]:
    """A process's clock jumps, and back again."""
    process = stage.host.one()
    if process is not None:
        process.clock.ahead = SKEW * rng.uniform(-1.0, 1.0)
    try:
        yield
    finally:
        if process is not None:
            process.clock.ahead = timedelta()


@contextmanager
def cursors_lost(stage: Stage, rng: random.Random, length: float) -> Iterator[None]:
    """Graph forgets a mailbox's delta tokens."""
    stage.graph.people.lose_sync_state(_person(stage, rng).mailbox)
    yield


@contextmanager
def tokens_dead(stage: Stage, rng: random.Random, length: float) -> Iterator[None]:
    """All access tokens of a company are answered with 401."""
    company = _person(stage, rng).company
    stage.graph.people.revoke_tokens(company.tenant)
    stage.severa.invalidate_tokens(company.severa, refresh_tokens=rng.random() < 0.5)
    yield


def _option(options: str, name: str, values: Callable[[random.Random], Any], usual: Any) -> State:
    @contextmanager
    def state(stage: Stage, rng: random.Random, length: float) -> Iterator[None]:
        held = getattr(stage, options).options
        setattr(held, name, values(rng))
        try:
            yield
        finally:
            setattr(held, name, usual)

    return state


@contextmanager
def delta_odd(stage: Stage, rng: random.Random, length: float) -> Iterator[None]:
    """Rounds in no order, entries twice, empty pages."""
    options = stage.graph.options
    options.delta_shuffled, options.delta_twice, options.delta_empty_page = (rng.random() < 0.6 for _ in range(3))
    try:
        yield
    finally:
        options.delta_shuffled = options.delta_twice = options.delta_empty_page = False


@contextmanager
def no_consent(stage: Stage, rng: random.Random, length: float) -> Iterator[None]:
    """The consent is taken back, and given again."""
    company = stage.companies[CompanyId(_person(stage, rng).company.id)]
    people, client = stage.graph.people, company.app.client_id
    how = rng.choice((Consent.REVOKED, Consent.DISABLED))
    people.revoke_consent(company.tenant, client, how, old_tokens_live=rng.random() < 0.5)
    try:
        yield
    finally:
        people.grant_consent(company.tenant, client)
        people.revoke_tokens(company.tenant)


@contextmanager
def address_moves(stage: Stage, rng: random.Random, length: float) -> Iterator[None]:
    """A person's address leads to another mailbox for a while. Nothing may ever be written there."""
    person = _person(stage, rng)
    if stage.storage.pairs._of(person.pair).state.mailbox:  # Who was never served may belong to either.
        stage.graph.people.change_mailbox_of_address(person.user.email, person.decoy)
    try:
        yield
    finally:
        stage.graph.people.change_mailbox_of_address(person.user.email, person.mailbox, primary=True)


@contextmanager
def mailbox_away(stage: Stage, rng: random.Random, length: float) -> Iterator[None]:
    """A mailbox that answers as if it were not there."""
    mailbox = _person(stage, rng).mailbox
    mailbox.state = rng.choice((MailboxState.ON_PREMISES, MailboxState.UNLICENSED, MailboxState.DENIED))
    try:
        yield
    finally:
        mailbox.state = MailboxState.OK


@contextmanager
def narrow(stage: Stage, rng: random.Random, length: float) -> Iterator[None]:
    """Both services are slow and let few requests in."""
    graph, severa = stage.graph.options, stage.severa.options
    graph.max_concurrent, graph.service_seconds, severa.rate_limit = 1, 0.3, 5
    try:
        yield
    finally:
        graph.max_concurrent, graph.service_seconds, severa.rate_limit = 4, 0.0, None


@contextmanager
def door_shut(stage: Stage, rng: random.Random, length: float) -> Iterator[None]:
    """Nobody answers Graph's notifications."""
    stage.notices.door = False
    try:
        yield
    finally:
        stage.notices.door = True


def _of_subscription(happens: Callable[[Any, str, random.Random], None]) -> State:
    """Something happens to somebody's subscription at Graph, if there is one."""

    @contextmanager
    def state(stage: Stage, rng: random.Random, length: float) -> Iterator[None]:
        subscriptions = stage.graph.subscriptions
        if living := list(subscriptions.living()):
            happens(subscriptions, rng.choice(living), rng)
        yield

    return state


@contextmanager
def server_busy(stage: Stage, rng: random.Random, length: float) -> Iterator[None]:
    """An Exchange Server has enough of the requests for one mailbox; each that comes too early prolongs that."""
    if isinstance(mailbox := _person(stage, rng).mailbox, ServerMailbox):
        mailbox.server.people.throttle(mailbox, rng.choice((2.0, 20.0, 60.0)))
    yield


def _seconds(rng: random.Random) -> timedelta:
    return timedelta(seconds=rng.choice((3, 20, 60, 120)))


STATES: dict[str, State] = {
    "death": death,
    "stall": stall,
    "outage": outage,
    "clock": clock,
    "cursors_lost": cursors_lost,
    "tokens_dead": tokens_dead,
    "late_invitations": _option("graph", "invitations_arrive_after", _seconds, timedelta(0)),
    "delta_lag": _option("graph", "delta_lag", _seconds, timedelta(0)),
    "listing_lag": _option("severa", "visible_after", _seconds, timedelta(0)),
    "delta_odd": delta_odd,
    "no_consent": no_consent,
    "address_moves": address_moves,
    "mailbox_away": mailbox_away,
    "narrow": narrow,
    "door_shut": door_shut,
    "reauthorize": _of_subscription(lambda all_, one, _: all_.require_reauthorization(one)),
    "subscription_gone": _of_subscription(lambda all_, one, rng: all_.drop(one, told=rng.random() < 0.5)),
    "notices_missed": _of_subscription(lambda all_, one, _: all_.miss(one)),
    "server_busy": server_busy,
    "odd_texts": _option("severa", "rewrite", lambda _: tidied, as_sent),
}
