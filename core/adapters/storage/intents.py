"""Intents in the `companies` table. Their base is encrypted: it tells when its entry is over."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.adapters.storage.codec import from_json, to_json
from core.adapters.storage.company_rows import CompanyRows, company_row
from core.adapters.storage.keys import range_of, safe
from core.adapters.storage.rows import Row, instant_text
from core.model.ids import CompanyId, Pair, Side, UserId
from core.model.link import Intent, Link


class Intents(CompanyRows):
    """CompanyStore's part about intents."""

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
        await self._table.remove(safe(company), _key(intent))

    def _intent_row(self, intent: Intent) -> Row:
        company = intent.pair.company
        return company_row(
            company,
            _key(intent.id),
            id=intent.id,
            user=intent.pair.user,
            owner=safe(intent.pair.user),
            side=intent.side.value,
            source=intent.source,
            base=self._cipher.seal(company, to_json(intent.base).encode(), _place(company, intent.id)),
            begun=instant_text(intent.begun),
            settled_by=instant_text(intent.settled_by),
        )

    def _intent(self, company: CompanyId, row: Any) -> Intent:
        base = self._cipher.open(company, row["base"], _place(company, row["id"])).decode()
        return Intent(
            row["id"],
            Pair(company, UserId(row["user"])),
            Side(row["side"]),
            row["source"],
            from_json(Link, base),
            datetime.fromisoformat(row["begun"]),
            datetime.fromisoformat(row["settled_by"]),
        )


def _key(intent: str) -> str:
    return f"intent:{safe(intent)}"


def _place(company: CompanyId, intent: str) -> str:
    return f"intent {company} {intent}"
