"""What each side may hold of an entry: masked (R10), narrowed by named rules (R22). All comparison is between these."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.model.essence import Essence
from core.model.policy import Policy, PrivateWithoutPersonal
from core.model.sighting import Activity, Category

MICROSOFT_SUBJECT = 255
"""Graph refuses longer subjects (facts/microsoft.md A4)."""
SEVERA_LOCATION = 1000
"""Severa's documented maximum (facts/severa.md 1.7)."""
NO_SUBJECT = "(No subject)"
"""Severa's name is required and not empty (facts/severa.md 1.7)."""
MASK = "Private"
"""What Severa shows of a private event that it cannot keep private."""


@dataclass(frozen=True, slots=True)
class Projection:
    """An entry as the other side may hold it. `narrowed` names each loss by its rule; `masked` is privacy, not a loss."""

    essence: Essence
    masked: bool = False
    narrowed: tuple[str, ...] = ()


def is_masked(essence: Essence, policy: Policy) -> bool:
    """Whether a Microsoft entry's subject, text and place stay out of Severa (R10)."""
    return (
        essence.private and not policy.personal_type and policy.private_without_personal is PrivateWithoutPersonal.MASK
    )


def on_severa(essence: Essence, policy: Policy) -> Projection:
    """A Microsoft entry as Severa may hold it. Without a Personal type, Severa cannot hold privacy itself."""
    if is_masked(essence, policy):
        return Projection(Essence(MASK, essence.when), masked=True)
    narrowed = []
    subject, location = essence.subject, essence.location
    if not subject:
        subject = NO_SUBJECT
        narrowed.append("subject_missing")
    if len(location) > SEVERA_LOCATION:
        location = location[:SEVERA_LOCATION].rstrip()
        narrowed.append("location_too_long")
    private = essence.private and bool(policy.personal_type)
    return Projection(replace(essence, subject=subject, location=location, private=private), narrowed=tuple(narrowed))


def on_microsoft(essence: Essence) -> Projection:
    """A Severa entry as a mailbox may hold it."""
    if len(essence.subject) <= MICROSOFT_SUBJECT:
        return Projection(essence)
    cut = essence.subject[:MICROSOFT_SUBJECT].rstrip()
    return Projection(replace(essence, subject=cut), narrowed=("subject_too_long",))


def severa_type(essence: Essence, policy: Policy, earlier: str = "") -> str:
    """The type that a Microsoft entry gets: Personal for a private one where there is one, else the earlier or default."""
    if essence.private and policy.personal_type:
        return policy.personal_type
    kept = policy.types.get(earlier)
    return earlier if kept is not None and kept.is_active else policy.default_type


def busy_as(activity: Activity) -> str:
    """How a new copy shows in free/busy: absences as out of office, the rest as busy (R11)."""
    return "oof" if activity.category is Category.ABSENCES else "busy"
