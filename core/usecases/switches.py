"""The two switches (R2, R5): the company's, and each user's own. Each call may be made again after a crash."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from core.errors import Stop
from core.model.ids import CompanyId, Pair
from core.model.rows import Due, Member
from core.model.state import Switch
from core.ports import Ports
from core.usecases.book import next_look
from core.usecases.hints import hint, note_presence
from core.usecases.side_by_side import side_by_side


async def set_company_switch(ports: Ports, company: CompanyId, *, on: bool) -> None:
    """The administrator's switch. Off stops everything at once; links are kept. Raises Stop where nothing is set up."""
    found = await ports.companies.settings(company)
    if found is None:
        raise Stop("not_connected", whole_company=True)
    settings, tag = found
    now = ports.clock.now()
    if settings.enabled != on:
        changed = replace(settings, enabled=on, enabled_since=now if on else None)
        await ports.companies.put_settings(company, changed, tag)
    if on:
        await ports.due.put(Due(now, company))
        members = await ports.companies.members(company)
        await side_by_side(_look_at(ports, Pair(company, member.user), now) for member in members if member.on)


async def _look_at(ports: Ports, pair: Pair, now: datetime) -> None:
    await ports.due.put(Due(next_look(pair, now, away=False), pair.company, pair.user))
    await hint(ports, pair)


async def set_user_switch(ports: Ports, pair: Pair, *, on: bool) -> None:
    """The user's own switch, put by that user only. On starts the sync at once. Raises Stop("company_off").

    The feed's list of members is written so that a crash in between leaves a member too many, never one too few.
    """
    found = await ports.companies.settings(pair.company)
    if on and (found is None or not found[0].enabled):
        raise Stop("company_off")
    head, now = await ports.pairs.head(pair), ports.clock.now()
    if on:
        await ports.companies.put_member(pair.company, Member(pair.user, on=True))
    if head.switch.on != on:  # Since when it is on is kept: it says what happened while it was off.
        await ports.pairs.set_switch(pair, Switch(on=on, since=now))
    if on:
        await ports.due.put(Due(next_look(pair, now, away=False), pair.company, pair.user))
        await note_presence(ports, pair)
    else:
        await ports.companies.put_member(pair.company, Member(pair.user, on=False))
