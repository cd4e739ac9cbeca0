"""Claims on meetings in the `companies` table. The meeting's uid is encrypted: some calendars put addresses into it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

from core.adapters.storage.codec import from_json, to_json
from core.adapters.storage.company_rows import CompanyRows, company_row, packed_users, users_in
from core.adapters.storage.keys import range_of, safe
from core.adapters.storage.rows import tag_of
from core.adapters.storage.tables import place
from core.model.claim import Claim
from core.model.ids import CompanyId, UserId

_APART = frozenset({"uid", "attendees"})
"""What is not in the readable part of the row: encrypted, and as many as a company has users."""


class Claims(CompanyRows):
    """CompanyStore's part about claims."""

    async def claim(self, company: CompanyId, key: str) -> Claim:
        """See CompanyStore.claim."""
        row = await self._read(company, _key(key))
        if row is None:
            return Claim(key)
        sealed = row.get("uid")
        uid = self._cipher.open(company, sealed, _place(company, key)).decode() if sealed is not None else ""
        attendees = users_in("attendees", row)
        return replace(from_json(Claim, row["claim"]), uid=uid, attendees=attendees, tag=tag_of(row))

    async def put_claim(self, company: CompanyId, claim: Claim) -> Claim:
        """See CompanyStore.put_claim. Attendees are kept in the order of their ids."""
        kept = replace(claim, attendees=tuple(sorted(set(claim.attendees))))
        row = company_row(company, _key(claim.key), claim=to_json(kept, without=_APART))
        row |= packed_users("attendees", kept.attendees)
        if claim.uid:
            row["uid"] = self._cipher.seal(company, claim.uid.encode(), _place(company, claim.key))
        return replace(kept, tag=await self._table.write(place(row, claim.tag)))

    async def drop_claim(self, company: CompanyId, key: str) -> None:
        """See CompanyStore.drop_claim."""
        await self._table.remove(safe(company), _key(key))

    async def _claims_of(self, company: CompanyId, user: UserId) -> AsyncIterator[str]:
        """Keys of the claims that name a user."""
        first, before = range_of("claim:")
        async for row in self._table.between((safe(company), first), (safe(company), before)):
            claim = from_json(Claim, row["claim"])
            if user in {*claim.users(), *users_in("attendees", row)}:
                yield claim.key


def _key(claim: str) -> str:
    return f"claim:{safe(claim)}"


def _place(company: CompanyId, claim: str) -> str:
    return f"claim {company} {claim}"
