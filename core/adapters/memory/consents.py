"""Attempts to consent and tenants' bindings, in memory."""

from __future__ import annotations

import asyncio
from datetime import datetime

from core.adapters.memory.effects import Effects
from core.errors import StorageConflict
from core.model.consent import ConsentAttempt, TenantBinding
from core.model.ids import CompanyId, UserId


class MemoryConsentStore:
    """ConsentStore (core/ports_consent.py) in memory."""

    def __init__(self, effects: Effects | None = None) -> None:
        self._effects = effects or Effects()
        self._attempts: dict[tuple[CompanyId, str], ConsentAttempt] = {}
        self._bindings: dict[str, TenantBinding] = {}

    async def put(self, attempt: ConsentAttempt) -> None:
        """See ConsentStore.put."""
        await asyncio.sleep(0)
        with self._effects.around("consents.put"):
            if (attempt.company, attempt.digest) in self._attempts:
                raise StorageConflict("storage_conflict")
            self._attempts[attempt.company, attempt.digest] = attempt

    async def take(self, company: CompanyId, digest: str) -> ConsentAttempt | None:
        """See ConsentStore.take."""
        await asyncio.sleep(0)
        with self._effects.around("consents.take"):
            return self._attempts.pop((company, digest), None)

    async def forget(self, company: CompanyId, admin: UserId, now: datetime) -> None:
        """See ConsentStore.forget."""
        await asyncio.sleep(0)
        with self._effects.around("consents.forget"):
            self._attempts = {
                key: held
                for key, held in self._attempts.items()
                if held.company != company or (held.admin != admin and held.expires > now)
            }

    async def bind_tenant(self, binding: TenantBinding) -> TenantBinding:
        """See ConsentStore.bind_tenant."""
        await asyncio.sleep(0)
        with self._effects.around("consents.bind_tenant"):
            return self._bindings.setdefault(binding.tenant, binding)

    async def free_tenant(self, tenant: str, company: CompanyId) -> None:
        """See ConsentStore.free_tenant."""
        await asyncio.sleep(0)
        with self._effects.around("consents.free_tenant"):
            held = self._bindings.get(tenant)
            if held is not None and held.company == company:
                del self._bindings[tenant]

    async def free_tenants(self, company: CompanyId) -> int:
        """See ConsentStore.free_tenants."""
        await asyncio.sleep(0)
        with self._effects.around("consents.free_tenants"):
            theirs = [tenant for tenant, held in self._bindings.items() if held.company == company]
            for tenant in theirs:
                del self._bindings[tenant]
            return len(theirs)
