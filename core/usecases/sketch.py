"""A pen that writes nothing: ports over the real ones, for looking at what a run would do.

What is read comes from the real stores and calendars. What the run's own steps write down on their way, for a later
step to read, is kept here and forgotten. Whatever else would be written is refused, so that nothing slips through.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, cast

from core.model.ids import CompanyId, MailboxId, Pair, Side, UserId
from core.model.link import Link
from core.model.rows import Commit, Hold
from core.model.state import Head, Hint, Lease, Pending
from core.ports import CompanyStore, DueStore, HistoryStore, HoldStore, MailboxCalendar, PairStore, Ports, Queues

Key = tuple[Side, str]


class SketchPairs:
    """PairStore (core/ports.py) for one pair as it would be; what is said to other pairs goes nowhere."""

    def __init__(self, pairs: PairStore, head: Head) -> None:
        self._pairs, self._head = pairs, head
        self._pending: dict[Key, Pending] = {(row.side, row.id): row for row in head.pending}
        self._links: dict[Key, Link] = {}

    async def head(self, pair: Pair) -> Head:
        """See PairStore.head."""
        if pair != self._head.pair:
            return await self._pairs.head(pair)
        return replace(self._head, pending=tuple(self._pending.values()))

    async def links(self, pair: Pair) -> tuple[Link, ...]:
        """See PairStore.links."""
        stored = await self._pairs.links(pair)
        drawn = {link.activity: link for link in self._links.values()}
        return (*(link for link in stored if link.activity not in drawn), *drawn.values())

    async def link_of(self, pair: Pair, side: Side, entry: str) -> Link | None:
        """See PairStore.link_of."""
        return self._links.get((side, entry)) or await self._pairs.link_of(pair, side, entry)

    async def commit(self, lease: Lease, until: datetime, change: Commit) -> Lease:
        """See PairStore.commit: kept here."""
        change.check()
        for link in change.links:
            self._links |= {(side, link.id_on(side)): link for side in Side}
        for row in change.settled:
            self._pending.pop((row.side, row.id), None)
        for row in change.pending:
            self._notice(row)
        return replace(lease, until=until)

    async def notice(self, pair: Pair, pending: Sequence[Pending]) -> None:
        """See PairStore.notice: kept here."""
        if pair == self._head.pair:
            for row in pending:
                self._notice(row)

    async def set_hint(
        self,
        pair: Pair,
        hint: Hint,  # noqa: ARG002
        present_until: datetime | None = None,  # noqa: ARG002
        pending: Sequence[Pending] = (),
    ) -> bool:
        """See PairStore.set_hint: nobody is asked for."""
        await self.notice(pair, pending)
        return True

    def _notice(self, row: Pending) -> None:
        earlier = self._pending.get((row.side, row.id))
        if earlier is not None and not row.tag:
            row = replace(row, hold=row.hold or earlier.hold, verdict=row.verdict or earlier.verdict)
        self._pending[row.side, row.id] = row


@dataclass(slots=True)
class Sketch:
    """The ports, and the holds that would have been put."""

    ports: Ports
    holds: list[Hold] = field(default_factory=list)


def sketch(ports: Ports, head: Head) -> Sketch:
    """Ports that write nothing, for a run of that pair."""
    made = Sketch(ports)

    async def bind(company: CompanyId, mailbox: MailboxId, user: UserId) -> UserId:  # noqa: ARG001 - port
        return user

    async def put(hold: Hold) -> None:
        made.holds.append(hold)

    companies = _reading(
        ports.companies,
        ("settings", "members", "intents", "activity", "claim", "feed", "counter"),
        {"bind_mailbox": bind, "end": _nothing, "put_counter": _nothing},
    )
    made.ports = replace(
        ports,
        pairs=cast("PairStore", SketchPairs(ports.pairs, head)),
        companies=cast("CompanyStore", companies),
        due=cast("DueStore", _reading(ports.due, (), {"put": _nothing})),
        history=cast("HistoryStore", _reading(ports.history, (), {"append": _nothing})),
        holds=cast("HoldStore", _reading(ports.holds, (), {"put": put})),
        queues=cast("Queues", _reading(ports.queues, (), {"put": _nothing})),
    )
    return made


def only_looked_at(mailbox: MailboxCalendar) -> MailboxCalendar:
    """A mailbox to which nothing is written: what recognizing would remove from it is taken to be gone (R14)."""
    reads = ("view", "later", "read", "verify", "find_meeting", "changes")
    return cast("MailboxCalendar", _reading(mailbox, reads, {"delete": _nothing}))


async def _nothing(*_: object, **__: object) -> None:
    """It is not done."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """A store of which these methods go through, and these are answered here; others there are none."""

    methods: Mapping[str, Callable[..., Awaitable[Any]]]

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        if name not in self.methods:
            raise AttributeError(f"a sketch has no {name}")
        return self.methods[name]


def _reading(store: object, reads: tuple[str, ...], answers: Mapping[str, Callable[..., Awaitable[Any]]]) -> _Reading:
    return _Reading({**{name: getattr(store, name) for name in reads}, **answers})
