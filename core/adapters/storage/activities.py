"""The company's rows of activities: who holds them, and who writes them just now.

Holders come and go without being read first, so each change is a property of its own, merged into the row: its value is
the user who holds the activity, or empty for one who does no more. A row that is written whole has its holders in one
value instead (`packed_users`); later changes stand beside it again. A row holds 252 properties (facts/microsoft.md J6),
so one that is refused for being full is packed and written once more. Rows of earlier deployments hold all but the lock
in one text, `holding`, and count as packed.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from azure.data.tables import TableTransactionError

from core.adapters.storage.codec import from_json
from core.adapters.storage.company_rows import CompanyRows, company_row, packed_users, users_in
from core.adapters.storage.failures import status_of, translated
from core.adapters.storage.keys import digest, range_of, safe
from core.adapters.storage.rows import Row, instant_of, instant_text, tag_of
from core.adapters.storage.tables import MOST_WRITES, How, Write, place
from core.errors import StorageConflict
from core.model.company import ActivityRow
from core.model.ids import CompanyId, Side, UserId

_CHANGE = "h_"
"""What the properties of changed holders begin with."""
_NAMEABLE = re.compile(r"[0-9A-Za-z-]{1,120}")
_REFUSED = 400
"""What a row answers that would have too many properties."""
_ANY = "*"
"""As a tag: the row is there, whatever is in it (RFC 9110 section 13.1.1)."""


class Activities(CompanyRows):
    """CompanyStore's part about activities. Holders come in the order of their ids."""

    async def activity(self, company: CompanyId, activity: str) -> ActivityRow:
        """See CompanyStore.activity."""
        row = await self._read(company, _key(activity))
        return ActivityRow(activity) if row is None else _activity(row)

    async def put_activity(self, company: CompanyId, row: ActivityRow) -> ActivityRow:
        """See CompanyStore.put_activity."""
        kept = replace(row, holders=tuple(sorted(set(row.holders))))
        return replace(kept, tag=await self._table.write(place(_whole(company, kept), row.tag)))

    async def put_holders(self, company: CompanyId, rows: Sequence[ActivityRow]) -> None:
        """See CompanyStore.put_holders. More than fit into one transaction are stored in several."""
        merged: dict[str, Row] = {}
        for row in rows:
            told = {"activity": row.activity, "origin": row.origin.value}
            if row.claim:
                told["claim"] = row.claim
            told |= {_change(user): user for user in row.holders}
            merged.setdefault(row.activity, company_row(company, _key(row.activity))).update(told)
        writes = [Write(row, How.MERGE) for row in merged.values()]
        for start in range(0, len(writes), MOST_WRITES):
            await self._merge(company, writes[start : start + MOST_WRITES])

    async def drop_holder(self, company: CompanyId, activity: str, user: UserId) -> None:
        """See CompanyStore.drop_holder. An activity without a row has no holders, and gets none."""
        row = company_row(company, _key(activity), activity=activity, **{_change(user): ""})
        await self._merge(company, [Write(row, How.MERGE, _ANY, optional=True)])

    async def _activities_of(self, company: CompanyId, user: UserId) -> AsyncIterator[str]:
        """Activities whose rows name a user: who held it and does no more is still the name of a property."""
        first, before = range_of("a:")
        async for row in self._table.between((safe(company), first), (safe(company), before)):
            known = _activity(row)
            if user in known.holders or _change(user) in row or known.locked_by.startswith(user):
                yield known.activity

    async def _merge(self, company: CompanyId, writes: Sequence[Write]) -> None:
        """One transaction. It goes on as long as a row that is refused has something to be packed."""
        with translated("companies transaction"):
            while True:
                try:
                    await self._table.transact(writes)
                except TableTransactionError as failure:
                    refused = writes[failure.index].row["activity"]
                    if status_of(failure) != _REFUSED or not await self._pack(company, refused):
                        raise
                else:
                    return

    async def _pack(self, company: CompanyId, activity: str) -> bool:
        """Write a row whole, as it is. False where that would change nothing."""
        row = await self._read(company, _key(activity))
        if row is None or not _changes(row):
            return False
        with suppress(StorageConflict):  # Somebody else was quicker, and may have packed it.
            await self.put_activity(company, _activity(row))
        return True


def _key(activity: str) -> str:
    return f"a:{safe(activity)}"


def _whole(company: CompanyId, row: ActivityRow) -> Row:
    stored = company_row(
        company,
        _key(row.activity),
        activity=row.activity,
        origin=row.origin.value,
        locked_by=row.locked_by,
        locked_until=instant_text(row.locked_until),
    )
    if row.claim:
        stored["claim"] = row.claim
    return stored | packed_users("holders", row.holders)


def _activity(row: Any) -> ActivityRow:
    text = row.get("holding")
    earlier = from_json(ActivityRow, text) if text else ActivityRow(row["activity"])
    changes = _changes(row)
    holders = {user for user in (*earlier.holders, *users_in("holders", row)) if _change(user) not in changes}
    return ActivityRow(
        earlier.activity,
        Side(row.get("origin", earlier.origin)),
        tuple(sorted(holders | {UserId(user) for user in changes.values() if user})),
        row.get("claim", earlier.claim),
        row.get("locked_by", ""),
        instant_of(row.get("locked_until")),
        tag_of(row),
    )


def _changes(row: Mapping[str, Any]) -> dict[str, str]:
    return {name: user for name, user in row.items() if name.startswith(_CHANGE)}


def _change(user: UserId) -> str:
    """The property's name: letters, digits and underscores only."""
    return f"{_CHANGE}{user.replace('-', '_') if _NAMEABLE.fullmatch(user) else digest(user)}"
