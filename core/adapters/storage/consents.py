"""Attempts to consent and tenants' bindings in the `companies` table (design.md sections 6 and 9)."""

from __future__ import annotations

from datetime import datetime

from core.adapters.storage.cipher import Cipher
from core.adapters.storage.codec import from_json, to_json
from core.adapters.storage.keys import range_of, safe
from core.adapters.storage.rows import instant_of, instant_text, tag_of
from core.adapters.storage.tables import How, Table, Write
from core.errors import StorageConflict
from core.model.consent import ConsentAttempt, TenantBinding
from core.model.ids import CompanyId, UserId

_BINDING = "binding"
_PREFIX = "consent:"


class TableConsentStore:
    """ConsentStore (core/ports_consent.py). An attempt is encrypted: it holds the sign-in's secrets and an address."""

    def __init__(self, table: Table, cipher: Cipher) -> None:
        self._table = table
        self._cipher = cipher

    async def put(self, attempt: ConsentAttempt) -> None:
        """See ConsentStore.put."""
        key = _key(attempt.digest)
        row = {
            "PartitionKey": safe(attempt.company),
            "RowKey": key,
            "admin": attempt.admin,
            "expires": instant_text(attempt.expires),
            "attempt": self._cipher.seal(attempt.company, to_json(attempt).encode(), _place(attempt.company, key)),
        }
        await self._table.write(Write(row, How.INSERT))

    async def take(self, company: CompanyId, digest: str) -> ConsentAttempt | None:
        """See ConsentStore.take. The condition on the deletion makes one caller the one who gets it.

        It is a transaction because the client's own deletion takes a row that is gone already for a success.
        """
        key = _key(digest)
        row = await self._table.read(safe(company), key)
        if row is None:
            return None
        try:
            deletion = Write({"PartitionKey": safe(company), "RowKey": key}, How.DELETE, tag_of(row))
            await self._table.write_many([deletion])
        except StorageConflict:
            return None
        opened = self._cipher.open(company, row["attempt"], _place(company, key)).decode()
        return from_json(ConsentAttempt, opened)

    async def forget(self, company: CompanyId, admin: UserId, now: datetime) -> None:
        """See ConsentStore.forget."""
        first, before = range_of(_PREFIX)
        found = self._table.between(
            (safe(company), first), (safe(company), before), select=("RowKey", "admin", "expires")
        )
        for row in [row async for row in found]:
            expires = instant_of(row["expires"])
            if row["admin"] == admin or expires is None or expires <= now:
                await self._table.remove(safe(company), row["RowKey"])

    async def bind_tenant(self, binding: TenantBinding) -> TenantBinding:
        """See ConsentStore.bind_tenant. The partition is the tenant's own, so the row is one in the whole service."""
        partition = _tenant(binding.tenant)
        row = {"PartitionKey": partition, "RowKey": _BINDING, "binding": to_json(binding)}
        try:
            await self._table.write(Write(row, How.INSERT))
        except StorageConflict as conflict:
            held = await self._table.read(partition, _BINDING)
            if held is None:
                raise conflict from None
            return from_json(TenantBinding, held["binding"])
        return binding

    async def free_tenant(self, tenant: str, company: CompanyId) -> None:
        """See ConsentStore.free_tenant."""
        held = await self._table.read(_tenant(tenant), _BINDING)
        if held is not None and from_json(TenantBinding, held["binding"]).company == company:
            await self._table.remove(_tenant(tenant), _BINDING, tag_of(held))

    async def free_tenants(self, company: CompanyId) -> int:
        """See ConsentStore.free_tenants."""
        first, before = range_of("tenant:")
        bindings = [row async for row in self._table.between((first, ""), (before, ""))]
        theirs = [row for row in bindings if from_json(TenantBinding, row["binding"]).company == company]
        for row in theirs:
            await self._table.remove(row["PartitionKey"], _BINDING, tag_of(row))
        return len(theirs)


def _key(digest: str) -> str:
    return f"{_PREFIX}{safe(digest)}"


def _tenant(tenant: str) -> str:
    return f"tenant:{safe(tenant)}"


def _place(company: CompanyId, key: str) -> str:
    return f"{key} {company}"
