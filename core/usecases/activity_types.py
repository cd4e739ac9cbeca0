"""The activity types that an administrator may tick (R9)."""

from __future__ import annotations

from core.errors import Stop
from core.model.ids import CompanyId
from core.model.policy import ActivityType
from core.model.sighting import Category
from core.ports import Ports


async def list_activity_types(ports: Ports, company: CompanyId) -> tuple[tuple[ActivityType, bool], ...]:
    """Severa's types as they are now, each with whether it is ticked; project tasks are never synchronized (R9).

    Inactive ones are shown only where they are ticked. Raises Stop where Severa is not connected, RetryLater.
    """
    found = await ports.companies.settings(company)
    if found is None:
        raise Stop("not_connected", whole_company=True)
    settings = found[0]
    severa = await ports.gateways.severa(company, settings)
    types = [one for one in await severa.activity_types() if one.category is not Category.TASK]
    listed = [(one, one.id in settings.synced_types) for one in types]
    return tuple((one, ticked) for one, ticked in listed if one.is_active or ticked)
