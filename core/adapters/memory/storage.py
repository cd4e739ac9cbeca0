"""All the stores of one test, behind one hook."""

from __future__ import annotations

from core.adapters.memory.attic import MemoryAttic, MemoryDirectory
from core.adapters.memory.books import MemoryDueStore, MemoryHistoryStore, MemoryHoldStore
from core.adapters.memory.companies import MemoryCompanyStore
from core.adapters.memory.consents import MemoryConsentStore
from core.adapters.memory.effects import Effects
from core.adapters.memory.pairs import MemoryPairStore
from core.adapters.memory.queues import MemoryQueues
from core.adapters.memory.subscriptions import MemorySubscriptionStore
from core.ports import Clock


class MemoryStorage:
    """The counterpart of `core.adapters.storage.storage.Storage`, in memory."""

    def __init__(self, clock: Clock, effects: Effects | None = None) -> None:
        self.effects = effects or Effects()
        self.consents = MemoryConsentStore(self.effects)
        self.pairs = MemoryPairStore(self.effects)
        self.companies = MemoryCompanyStore(self.effects)
        self.due = MemoryDueStore(self.effects)
        self.history = MemoryHistoryStore(self.effects)
        self.holds = MemoryHoldStore(self.effects)
        self.queues = MemoryQueues(clock, self.effects)
        self.subscriptions = MemorySubscriptionStore(self.effects)
        self.directory = MemoryDirectory(self.companies, self.pairs)
        self.attic = MemoryAttic(self.companies, self.pairs, self.history)

    async def aclose(self) -> None:
        """Nothing to close."""
