"""Secrets as the service reads them: the store's, kept for a minute, else those of the operator's environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.model.ids import CompanyId
from core.ports import Clock
from core.ports_secrets import SecretStore
from core.settings import secret_name

KEPT = timedelta(seconds=60)
"""So long a process may go on with a secret that another one has replaced."""
MOST_KEPT = 1000
"""Secrets that one process keeps; beyond that the oldest ones go."""
_Key = tuple[CompanyId, str]


@dataclass(frozen=True, slots=True)
class _Kept:
    secret: str = field(repr=False)
    until: datetime


class KeptSecrets:
    """SecretStore (core/ports_secrets.py) before another one. What is in the environment can only be read."""

    def __init__(self, store: SecretStore, environment: Mapping[str, str], clock: Clock) -> None:
        self._store, self._environment, self._clock = store, environment, clock
        self._kept: dict[_Key, _Kept] = {}
        self._changes = 0

    async def secret(self, company: CompanyId, name: str) -> str | None:
        """See Secrets.secret. One that is not there is looked for each time."""
        kept = self._kept.get((company, name))
        if kept is not None and self._clock.now() < kept.until:
            return kept.secret
        return await self.fresh(company, name)

    async def fresh(self, company: CompanyId, name: str) -> str | None:
        """The secret as it is stored now, not as it was a minute ago."""
        changes, now = self._changes, self._clock.now()
        found = await self._store.secret(company, name)
        if changes == self._changes:  # else it may be older than what was written meanwhile
            self._keep((company, name), found, now)
        return found or self._environment.get(secret_name(company, name))

    async def put_secret(self, company: CompanyId, name: str, secret: str) -> None:
        """See SecretWriter.put_secret."""
        try:
            await self._store.put_secret(company, name, secret)
        finally:
            self._forget((company, name))

    async def remove_secret(self, company: CompanyId, name: str) -> bool:
        """See SecretWriter.remove_secret."""
        try:
            return await self._store.remove_secret(company, name)
        finally:
            self._forget((company, name))

    def _keep(self, key: _Key, secret: str | None, now: datetime) -> None:
        self._kept.pop(key, None)
        if secret is None:
            return
        self._kept[key] = _Kept(secret, now + KEPT)
        if len(self._kept) > MOST_KEPT:
            del self._kept[next(iter(self._kept))]

    def _forget(self, key: _Key) -> None:
        self._changes += 1
        self._kept.pop(key, None)
