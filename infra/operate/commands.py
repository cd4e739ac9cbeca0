"""The commands, each over the ports: it writes lines for a reader, and raises what `core/errors.py` has."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from core.errors import SyncError
from core.model.ids import CompanyId, Pair, UserId
from core.model.state import Head, Repair
from core.ports import PairStore, Ports
from core.ports_live import SubscriptionStore
from core.usecases.hints import hint
from core.usecases.preview import Does, preview
from core.usecases.resync import resync
from core.usecases.status import PairStatus, company_status
from core.usecases.switches import set_company_switch, set_user_switch
from core.usecases.words import words

PAGE = 100
Row = Sequence[str]


def table(rows: Iterable[Row]) -> list[str]:
    """Rows under each other, columns as wide as their widest cell."""
    every = [tuple(row) for row in rows]
    widths = [max(len(row[column]) for row in every) for column in range(len(every[0]))] if every else []
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in every]


def when(moment: datetime | None) -> str:
    """An instant to the minute, in UTC."""
    return f"{moment:%Y-%m-%d %H:%M}Z" if moment is not None else "-"


async def known(ports: Ports, company: CompanyId) -> bool:
    """Whether anything is stored of that company: its settings, or a member."""
    return await ports.companies.settings(company) is not None or bool(await ports.companies.members(company))


async def status(
    ports: Ports, company: CompanyId, users: Sequence[UserId], subscriptions: SubscriptionStore | None = None
) -> AsyncIterator[str]:
    """The company and its pairs (all of them, or those named): state, since when, what waits, and what to do."""
    pairs: list[PairStatus] = []
    while True:
        page = await company_status(ports, company, pairs[-1].user if pairs else "", PAGE, subscriptions)
        pairs += page.pairs
        if not page.following:
            break
    switch, feed = "on" if page.settings.enabled else "off", page.feed.code or "not polled yet"
    yield f"company {switch}, feed {feed}, {page.members} members"
    wanted = [pair for pair in pairs if not users or pair.user in users]
    heading = ("user", "state", "since", "failures", "compared", "waiting", "held", "notifications")
    cells = [
        (p.user, p.code, when(p.since), str(p.failures), when(p.compared), str(p.waiting), str(p.held), told(p))
        for p in wanted
    ]
    for line in table([heading, *cells]):
        yield line
    for pair in wanted:
        if pair.repair is not None:
            yield f"{pair.user}  repair asked {when(pair.repair.asked)}, {repaired(pair.repair)}"
    for user in sorted(set(users) - {pair.user for pair in pairs}):
        yield f"{user}  no user of this company that the service knows"
    for code in sorted({code for pair in wanted for code in (pair.code, pair.notifications)} - {"ok", ""}):
        yield f"{code}: {words(code).sentence} {words(code).remedy}".rstrip()


def told(pair: PairStatus) -> str:
    """What is wrong with a pair's notifications, by its code."""
    return pair.notifications or "-"


def repaired(repair: Repair) -> str:
    """What a repair found."""
    if repair.done is None:
        return "not over yet"
    found = [f"({number}) {words(code).sentence}" for code, number in repair.found]
    return f"done {when(repair.done)}: {' '.join(found) or 'nothing to mend'}"


async def holds(ports: Ports, company: CompanyId, users: Sequence[UserId]) -> AsyncIterator[str]:
    """What waits for a person, oldest first."""
    found = [hold for hold in await ports.holds.of_company(company) if not users or hold.user in users]
    rows = [(one.id, one.user, one.kind, one.reason, when(one.since), str(len(one.entries))) for one in found]
    rows.sort(key=lambda row: row[4])
    for line in table([("hold", "user", "kind", "reason", "since", "entries"), *rows]):
        yield line


async def hints(ports: Ports, company: CompanyId, users: Sequence[UserId]) -> AsyncIterator[str]:
    """Ask for a run of each pair."""

    async def one(pair: Pair) -> str:
        return "asked" if await hint(ports, pair) else "one is on its way, or its switch is off"

    async for line in _each(ports, company, users, one):
        yield line


async def resyncs(ports: Ports, company: CompanyId, users: Sequence[UserId]) -> AsyncIterator[str]:
    """Let each pair's next run compare both sides in full and repair what is remembered; `status` says what it found.

    Its user counts as logged in for a quarter of an hour.
    """

    async def one(pair: Pair) -> str:
        await resync(ports, pair)
        return "asked"

    async for line in _each(ports, company, users, one):
        yield line


async def rejoins(ports: Ports, company: CompanyId, users: Sequence[UserId]) -> AsyncIterator[str]:
    """After lost tables: put company and pairs into the book again, and everybody's switch on who had it on."""

    async def one(pair: Pair) -> str:
        await set_user_switch(ports, pair, on=True)
        return "switched on"

    found = await ports.companies.settings(company)
    if found is not None and found[0].enabled:
        await set_company_switch(ports, company, on=True)
    async for line in _each(ports, company, users, one):
        yield line


async def verify(ports: Ports, company: CompanyId, users: Sequence[UserId]) -> AsyncIterator[str]:
    """Compare both calendars in full with the links, and write nothing: what the next full comparison would do."""
    full = replace(ports, pairs=cast("PairStore", _Forgetful(ports.pairs)))

    async def one(pair: Pair) -> str:
        found = await preview(full, pair)
        counts = {f"{does} in {side}": n for (does, side), n in found.counts.items() if does is not Does.LEFT_OUT}
        counts |= {"to be joined": found.joined, "unclear": found.unclear}
        return ", ".join(f"{name}: {number}" for name, number in sorted(counts.items()) if number) or "in agreement"

    async for line in _each(ports, company, users, one):
        yield line


async def _each(
    ports: Ports, company: CompanyId, users: Sequence[UserId], do: Callable[[Pair], Awaitable[str]]
) -> AsyncIterator[str]:
    """One line for each pair: those named, else everybody whose switch is on; a failure does not end it."""
    chosen = users or [member.user for member in await ports.companies.members(company) if member.on]
    for number, user in enumerate(chosen, 1):
        try:
            said = await do(Pair(company, user))
        except SyncError as failure:
            said = f"{failure.code}: {words(failure.code).sentence}"
        yield f"{number}/{len(chosen)}  {user}  {said}"


@dataclass(slots=True)
class _Forgetful:
    """A store of pairs whose heads tell of no cursor and no earlier comparison, so that everything is read."""

    store: PairStore

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    async def head(self, pair: Pair) -> Head:
        """See PairStore.head."""
        head = await self.store.head(pair)
        return replace(head, cursor=None, state=replace(head.state, compared=None, listed=None))


Command = Callable[[Ports, CompanyId, Sequence[UserId]], AsyncIterator[str]]
COMMANDS: dict[str, Command] = {
    "status": status,
    "holds": holds,
    "hint": hints,
    "resync": resyncs,
    "rejoin": rejoins,
    "verify": verify,
}
