"""Which memory calendars belong to which company."""

from __future__ import annotations

from core.adapters.memory.microsoft import MemoryMicrosoft
from core.adapters.memory.severa import MemorySevera
from core.errors import Stop
from core.model.company import CompanySettings
from core.model.ids import CompanyId


class MemoryGateways:
    """Gateways (core/ports.py): what was connected by `connect`."""

    def __init__(self) -> None:
        self._companies: dict[CompanyId, tuple[MemorySevera, MemoryMicrosoft]] = {}

    def connect(self, company: CompanyId, severa: MemorySevera, microsoft: MemoryMicrosoft) -> None:
        """Both calendars of a company."""
        self._companies[company] = (severa, microsoft)

    async def severa(
        self,
        company: CompanyId,
        settings: CompanySettings,  # noqa: ARG002 - port
        *,
        first_sync: bool = False,  # noqa: ARG002 - port
    ) -> MemorySevera:
        """See Gateways.severa."""
        return self._of(company)[0]

    async def microsoft(self, company: CompanyId, settings: CompanySettings) -> MemoryMicrosoft:  # noqa: ARG002 - port
        """See Gateways.microsoft."""
        return self._of(company)[1]

    def _of(self, company: CompanyId) -> tuple[MemorySevera, MemoryMicrosoft]:
        if company not in self._companies:
            raise Stop("not_connected", whole_company=True)
        return self._companies[company]
