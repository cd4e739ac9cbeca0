"""The `companies` table (design.md section 6)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from core.adapters.storage.cipher import Cipher
from core.adapters.storage.codec import from_json, to_json
from core.adapters.storage.forgetting import forget
from core.adapters.storage.keys import range_of, safe
from core.adapters.storage.rows import Row, instant_of, instant_text, joined_text, split_text, tag_of
from core.adapters.storage.tables import How, Table, Write, place
from core.errors import StorageConflict
from core.model.company import ActivityRow, CompanySettings, FeedState
from core.model.ids import CompanyId, MailboxId, Pair, Side, UserId
from core.model.link import Intent, Link
from core.model.rows import Forgotten, Member

_LOCK = frozenset({"locked_by", "locked_until"})
_KINDS = {"user": "users", "mailbox": "mailboxes", "a": "activities", "intent": "intents"}
"""What rows count as when a company is forgotten, by what their keys begin with."""


class TableCompanyStore:
    """CompanyStore (core/ports.py)."""

    def __init__(self, table: Table, cipher: Cipher) -> None:
        self._table = table
        self._cipher = cipher

    async def settings(self, company: CompanyId) -> tuple[CompanySettings, str] | None:
        """See CompanyStore.settings."""
        row = await self._read(company, "settings")
        return None if row is None else (from_json(CompanySettings, row["settings"]), tag_of(row))

    async def put_settings(self, company: CompanyId, settings: CompanySettings, tag: str) -> str:
        """See CompanyStore.put_settings."""
        return await self._table.write(place(_row(company, "settings", settings=to_json(settings)), tag))

    async def members(self, company: CompanyId) -> tuple[Member, ...]:
        """See CompanyStore.members."""
        first, before = range_of("user:")
        rows = self._table.between((safe(company), first), (safe(company), before))
        return tuple([Member(UserId(row["user"]), row["on"]) async for row in rows])

    async def put_member(self, company: CompanyId, member: Member) -> None:
        """See CompanyStore.put_member."""
        row = _row(company, f"user:{safe(member.user)}", user=member.user, on=member.on)
        await self._table.write(Write(row, How.REPLACE))

    async def remove_member(self, company: CompanyId, user: UserId) -> None:
        """See CompanyStore.remove_member."""
        await self._table.remove(safe(company), f"user:{safe(user)}")

    async def bind_mailbox(self, company: CompanyId, mailbox: MailboxId, user: UserId) -> UserId:
        """See CompanyStore.bind_mailbox."""
        key = f"mailbox:{safe(mailbox)}"
        earlier = await self._insert(_row(company, key, mailbox=mailbox, user=user))
        return UserId(earlier["user"]) if earlier is not None else user

    async def begin(self, intent: Intent) -> Intent | None:
        """See CompanyStore.begin."""
        earlier = await self._insert(self._intent_row(intent))
        return self._intent(intent.pair.company, earlier) if earlier is not None else None

    async def intents(self, pair: Pair) -> tuple[Intent, ...]:
        """See CompanyStore.intents: one query of the company's intents, which are few."""
        first, before = range_of("intent:")
        partition, owner = safe(pair.company), f"owner eq '{safe(pair.user)}'"
        rows = self._table.between((partition, first), (partition, before), where=owner)
        return tuple([self._intent(pair.company, row) async for row in rows])

    async def end(self, company: CompanyId, intent: str) -> None:
        """See CompanyStore.end."""
        await self._table.remove(safe(company), _intent_key(intent))

    async def activity(self, company: CompanyId, activity: str) -> ActivityRow:
        """See CompanyStore.activity."""
        row = await self._read(company, _activity_key(activity))
        if row is None:
            return ActivityRow(activity)
        holding = from_json(ActivityRow, row["holding"])
        return replace(
            holding,
            locked_by=row.get("locked_by", ""),
            locked_until=instant_of(row.get("locked_until")),
            tag=tag_of(row),
        )

    async def put_activity(self, company: CompanyId, row: ActivityRow) -> ActivityRow:
        """See CompanyStore.put_activity."""
        lock = {"locked_by": row.locked_by, "locked_until": instant_text(row.locked_until)}
        stored = {**_holding_row(company, row), **lock}
        return replace(row, tag=await self._table.write(place(stored, row.tag)))

    async def put_holders(self, company: CompanyId, rows: Sequence[ActivityRow]) -> None:
        """See CompanyStore.put_holders. More than fit into one transaction are stored in several."""
        writes = {row.activity: Write(_holding_row(company, row), How.MERGE) for row in rows}
        await self._table.write_many(list(writes.values()))

    async def feed(self, company: CompanyId) -> FeedState:
        """See CompanyStore.feed."""
        row = await self._read(company, "feed")
        text = joined_text("feed", row) if row is not None else None
        return replace(from_json(FeedState, text), tag=tag_of(row)) if text else FeedState()

    async def put_feed(self, company: CompanyId, state: FeedState) -> FeedState:
        """See CompanyStore.put_feed. What was delivered already is dropped where it is too large: it is told again."""
        body = split_text("feed", to_json(state)) or split_text("feed", to_json(replace(state, recent=())))
        if body is None:
            raise ValueError("a company's activity types do not fit into a row")
        return replace(state, tag=await self._table.write(place(_row(company, "feed", **body), state.tag)))

    async def counter(self, company: CompanyId, name: str) -> tuple[float, str]:
        """See CompanyStore.counter."""
        row = await self._read(company, f"rate:{safe(name)}")
        return (0.0, "") if row is None else (row["value"], tag_of(row))

    async def put_counter(self, company: CompanyId, name: str, value: float, tag: str) -> None:
        """See CompanyStore.put_counter."""
        await self._table.write(place(_row(company, f"rate:{safe(name)}", value=float(value)), tag))

    async def forget(self, company: CompanyId) -> Forgotten:
        """See CompanyStore.forget."""
        bounds = (safe(company), ""), (safe(company), "\x7f")
        return await forget(self._table, *bounds, lambda key: _KINDS.get(key.split(":")[0], ""), "RowKey ne 'settings'")

    async def remove_settings(self, company: CompanyId, tag: str) -> None:
        """See CompanyStore.remove_settings. A transaction: the client's own deletion takes a missing row for done."""
        await self._table.write_many([Write(_row(company, "settings"), How.DELETE, tag)])

    async def _read(self, company: CompanyId, key: str) -> Any | None:
        return await self._table.read(safe(company), key)

    async def _insert(self, row: Row) -> Any | None:
        """Insert a row; the earlier one where there is one. One that goes away in between is a conflict."""
        with _taken() as taken:
            await self._table.write(Write(row, How.INSERT))
        if not taken:
            return None
        earlier = await self._table.read(row["PartitionKey"], row["RowKey"])
        if earlier is None:
            raise taken[0]
        return earlier

    def _intent_row(self, intent: Intent) -> Row:
        """The base of an intent is encrypted: it tells when its entry is over."""
        key, company = _intent_key(intent.id), intent.pair.company
        base = self._cipher.seal(company, to_json(intent.base).encode(), _intent_place(company, intent.id))
        return _row(
            company,
            key,
            id=intent.id,
            user=intent.pair.user,
            owner=safe(intent.pair.user),
            side=intent.side.value,
            source=intent.source,
            base=base,
            begun=instant_text(intent.begun),
            settled_by=instant_text(intent.settled_by),
        )

    def _intent(self, company: CompanyId, row: Any) -> Intent:
        base = self._cipher.open(company, row["base"], _intent_place(company, row["id"])).decode()
        return Intent(
            row["id"],
            Pair(company, UserId(row["user"])),
            Side(row["side"]),
            row["source"],
            from_json(Link, base),
            datetime.fromisoformat(row["begun"]),
            datetime.fromisoformat(row["settled_by"]),
        )


@contextmanager
def _taken() -> Iterator[list[StorageConflict]]:
    """Collect the conflict that an insert met."""
    met: list[StorageConflict] = []
    try:
        yield met
    except StorageConflict as conflict:
        met.append(conflict)


def _row(company: CompanyId, key: str, **values: Any) -> Row:
    return {"PartitionKey": safe(company), "RowKey": key, **values}


def _activity_key(activity: str) -> str:
    return f"a:{safe(activity)}"


def _holding_row(company: CompanyId, row: ActivityRow) -> Row:
    """What `put_holders` may write beside a lock."""
    return _row(company, _activity_key(row.activity), holding=to_json(row, without=_LOCK))


def _intent_key(intent: str) -> str:
    return f"intent:{safe(intent)}"


def _intent_place(company: CompanyId, intent: str) -> str:
    return f"intent {company} {intent}"
