"""Test a company's connection, step by step: Severa first, then the side where its mailboxes are."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from core.errors import RetryLater, Stop, SyncError
from core.model.company import CompanySettings, Version
from core.model.connection import EXCHANGE_SERVER, OFFICE365, SEVERA, Check, Finding, Outcome
from core.model.ids import CompanyId, Pair, UserId
from core.model.state import PairState
from core.ports_connection import ConnectionPorts
from core.usecases.policy import build_policy
from core.usecases.settings import read_settings

MOST_USERS = 3
"""Users beside the administrator whose mailboxes are tried."""


async def check_connection(c: ConnectionPorts, company: CompanyId, admin: UserId) -> tuple[Finding, ...]:
    """Every step of both sides. Nothing is written anywhere, and a wrong password is tried once."""
    settings, _ = await read_settings(c.ports, company)
    severa = await _findings(SEVERA, _severa(c, company, settings, admin))
    is_online = settings.version is Version.OFFICE365
    side, steps = (c.office365, OFFICE365) if is_online else (c.exchange_server, EXCHANGE_SERVER)
    addresses = await _addresses(c, company, settings, admin)
    return severa + await _findings(steps, side.check(company, settings, addresses))


async def _findings(steps: Sequence[Check], found: AsyncGenerator[Finding, None]) -> tuple[Finding, ...]:
    """One for every step: what comes after a failure is skipped."""
    ended: list[Finding] = []
    try:
        async with aclosing(found):
            async for finding in found:
                ended.append(finding)
                if finding.outcome is Outcome.FAILED:
                    break
    except SyncError as failure:
        ended.append(Finding(steps[len(ended)], Outcome.FAILED, failure.code))
    return (*ended, *(Finding(step, Outcome.SKIPPED) for step in steps[len(ended) :]))


async def _severa(
    c: ConnectionPorts, company: CompanyId, settings: CompanySettings, admin: UserId
) -> AsyncGenerator[Finding, None]:
    async for finding in c.severa.check(company, settings):
        yield finding
    severa = await c.ports.gateways.severa(company, settings)
    types = await severa.activity_types()
    policy = build_policy(Pair(company, admin), settings, PairState(), types, c.ports.clock.now())
    if policy.personal_type:
        yield Finding(Check.ACTIVITY_TYPES)
    else:
        yield Finding(Check.ACTIVITY_TYPES, Outcome.WARNED, "no_personal_type")
    async for finding in c.severa.mails(company, settings):
        yield finding


async def _addresses(
    c: ConnectionPorts, company: CompanyId, settings: CompanySettings, admin: UserId
) -> tuple[str, ...]:
    """The administrator's own first, as Severa has them; then those of some users whose sync is on."""
    found: list[str] = []
    try:
        severa = await c.ports.gateways.severa(company, settings)
        members = [m.user for m in await c.ports.companies.members(company) if m.on and m.user != admin]
        for user in (admin, *members[:MOST_USERS]):
            known = await severa.user(user)
            found += known.addresses if known is not None else ()
    except (Stop, RetryLater):
        return tuple(found)
    return tuple(found)
