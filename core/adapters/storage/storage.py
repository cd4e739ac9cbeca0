"""All the stores on one Azure Storage account."""

from __future__ import annotations

from core.adapters.storage.attic import TableAttic, TableDirectory
from core.adapters.storage.calls import StorageCalls
from core.adapters.storage.cipher import Cipher
from core.adapters.storage.clients import Clients, Connection
from core.adapters.storage.companies import TableCompanyStore
from core.adapters.storage.consents import TableConsentStore
from core.adapters.storage.due import TableDueStore
from core.adapters.storage.history import TableHistoryStore
from core.adapters.storage.holds import TableHoldStore
from core.adapters.storage.pairs import TablePairStore
from core.adapters.storage.queues import StorageQueues
from core.adapters.storage.secrets import TableSecrets
from core.adapters.storage.subscriptions import TableSubscriptionStore
from core.adapters.storage.tables import Table


class Storage:
    """The stores and the queues. Nothing is opened before it is used; everything belongs to one event loop."""

    def __init__(self, connection: Connection, cipher: Cipher) -> None:
        self.calls = StorageCalls()
        self._clients = Clients(connection, self.calls)
        self.pairs = TablePairStore(Table(self._clients, "pairs"), cipher)
        self.companies = TableCompanyStore(Table(self._clients, "companies"), cipher)
        self.consents = TableConsentStore(Table(self._clients, "companies"), cipher)
        self.due = TableDueStore(Table(self._clients, "due"))
        self.history = TableHistoryStore(Table(self._clients, "history"), cipher)
        self.holds = TableHoldStore(Table(self._clients, "holds"))
        self.secrets = TableSecrets(Table(self._clients, "secrets"), cipher)
        self.queues = StorageQueues(self._clients)
        companies, pairs, history = (Table(self._clients, name) for name in ("companies", "pairs", "history"))
        self.subscriptions = TableSubscriptionStore(companies)
        self.directory = TableDirectory(companies, pairs)
        self.attic = TableAttic(companies, pairs, history)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._clients.aclose()
