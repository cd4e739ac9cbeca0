"""The `secrets` table: companies' secrets, encrypted with the master key, where no vault is configured."""

from __future__ import annotations

from core.adapters.storage.cipher import Cipher
from core.adapters.storage.keys import safe
from core.adapters.storage.tables import How, Table, Write
from core.model.ids import CompanyId


class TableSecrets:
    """SecretStore (core/ports_secrets.py). A row that was moved to another company or name does not open."""

    def __init__(self, table: Table, cipher: Cipher) -> None:
        self._table = table
        self._cipher = cipher

    async def secret(self, company: CompanyId, name: str) -> str | None:
        """See Secrets.secret."""
        row = await self._table.read(safe(company), safe(name))
        return None if row is None else self._cipher.open(company, row["secret"], _place(company, name)).decode()

    async def put_secret(self, company: CompanyId, name: str, secret: str) -> None:
        """See SecretWriter.put_secret. It is sealed with the present master key."""
        sealed = self._cipher.seal(company, secret.encode(), _place(company, name))
        row = {"PartitionKey": safe(company), "RowKey": safe(name), "secret": sealed}
        await self._table.write(Write(row, How.REPLACE))

    async def remove_secret(self, company: CompanyId, name: str) -> bool:
        """See SecretWriter.remove_secret."""
        found = await self._table.read(safe(company), safe(name), ("RowKey",))
        await self._table.remove(safe(company), safe(name))
        return found is not None


def _place(company: CompanyId, name: str) -> str:
    return f"secret {company} {name}"
