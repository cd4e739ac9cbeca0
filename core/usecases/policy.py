"""The rules for one pair in one run, put together from settings, activity types and the user."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from core.errors import Stop
from core.model.company import CompanySettings
from core.model.ids import Pair
from core.model.policy import ActivityType, Policy
from core.model.sighting import PRIVATE_CATEGORIES, Category
from core.model.state import PairState


def build_policy(
    pair: Pair, settings: CompanySettings, state: PairState, types: Iterable[ActivityType], now: datetime
) -> Policy:
    """Raises Stop where the company has no type that an event could become."""
    known = {t.id: t for t in types}
    return Policy(
        company=pair.company,
        user=pair.user,
        now=now,
        first_sync=state.first_sync or now,
        default_type=_default_type(known, state.default_type, settings.default_type),
        personal_type=_of_category(known, Category.PERSONAL),
        ticked=settings.synced_types,
        types=known,
        conflict=settings.conflict,
        private_without_personal=settings.private_without_personal,
    )


def _default_type(known: dict[str, ActivityType], *preferred: str) -> str:
    """The user's, else the company's own choice, else the default of CalendarEntry (R10)."""
    for name in preferred:
        kind = known.get(name)
        if kind and kind.is_active and kind.category not in PRIVATE_CATEGORIES | {Category.TASK}:
            return name
    found = _of_category(known, Category.CALENDAR_ENTRY)
    if not found:
        raise Stop("no_default_type", whole_company=True)
    return found


def _of_category(known: dict[str, ActivityType], category: Category) -> str:
    active = [t for t in known.values() if t.category is category and t.is_active]
    return min(active, key=lambda t: (not t.is_default, t.name, t.id)).id if active else ""
