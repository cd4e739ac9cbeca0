"""The end of a consent: a Microsoft organization belongs to one company of the whole service."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from core.errors import RetryLater, StorageConflict
from core.model.consent import ConsentAttempt, TenantBinding
from core.ports_consent import ConsentPorts
from core.usecases.consent_rules import ConsentRefused
from core.usecases.homes import moves
from core.usecases.settings import read_settings, switched_off

_TRIES = 5


async def bind(c: ConsentPorts, attempt: ConsentAttempt) -> None:
    """Bind the proven tenant to the company, and free the one that it had. Raises ConsentRefused, RetryLater.

    A crash in between leaves a tenant too many bound to the company, never one that two companies read.
    """
    binding = TenantBinding(attempt.tenant, attempt.company, attempt.admin, attempt.person, c.ports.clock.now())
    held = await c.consents.bind_tenant(binding)
    if held.company != attempt.company:
        raise ConsentRefused("tenant_taken")
    before = await _set_tenant(c, attempt)
    if before not in ("", attempt.tenant):
        await c.consents.free_tenant(before, attempt.company)


async def _set_tenant(c: ConsentPorts, attempt: ConsentAttempt) -> str:
    """Put the tenant into the settings, whoever else writes them at the same time; the one that was there."""
    for _ in range(_TRIES):
        settings, tag = await read_settings(c.ports, attempt.company)
        if settings.tenant == attempt.tenant:
            return ""
        with suppress(StorageConflict):
            wanted = replace(settings, tenant=attempt.tenant)
            if moves(settings, wanted):
                wanted = switched_off(wanted)  # The pairs are to begin anew in the other organization's mailboxes.
            await c.ports.companies.put_settings(attempt.company, wanted, tag)
            return settings.tenant
    raise RetryLater("storage_conflict", "settings")
