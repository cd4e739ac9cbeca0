"""What each side may hold of an entry: masked (R10), narrowed by named rules (R22). All comparison is between these."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.model.essence import Essence, Field, line
from core.model.ids import Side
from core.model.operation import Note, NoteKind
from core.model.policy import Policy
from core.model.sighting import Activity, Category
from core.sync.mask import MASK, is_masked

MICROSOFT_SUBJECT = 255
"""Graph refuses longer subjects (facts/microsoft.md A4)."""
SEVERA_LOCATION = 1000
"""Severa's documented maximum (facts/severa.md 1.7)."""
NO_SUBJECT = "(No subject)"
"""Severa's name is required and not empty (facts/severa.md 1.7)."""


@dataclass(frozen=True, slots=True)
class Projection:
    """An entry as the other side may hold it. `narrowed` names each loss by its rule, which begins with the field."""

    essence: Essence
    narrowed: tuple[str, ...] = ()


def on_severa(essence: Essence, policy: Policy, *, masked: bool | None = None, kept: bool = False) -> Projection:
    """A Microsoft entry as Severa may hold it.

    `kept`: the activity is of a private category already; else only a Personal type keeps an entry private. `masked`
    is known of a linked entry; a new one is masked by the company's choice.
    """
    private = essence.private and (kept or bool(policy.personal_type))
    if is_masked(essence, policy) if masked is None else masked:
        return Projection(Essence(MASK, essence.when, private=private))
    narrowed = []
    subject, location = essence.subject, essence.location
    if not subject:
        subject = NO_SUBJECT
        narrowed.append("subject_missing")
    if len(location) > SEVERA_LOCATION:
        location = location[:SEVERA_LOCATION].rstrip()
        narrowed.append("location_too_long")
    return Projection(replace(essence, subject=subject, location=location, private=private), tuple(narrowed))


def on_microsoft(essence: Essence) -> Projection:
    """A Severa entry as a mailbox may hold it."""
    if len(essence.subject) <= MICROSOFT_SUBJECT:
        return Projection(essence)
    cut = essence.subject[:MICROSOFT_SUBJECT].rstrip()
    return Projection(replace(essence, subject=cut), ("subject_too_long",))


def narrowing(side: Side, projection: Projection, written: frozenset[Field]) -> list[Note]:
    """What history is told of the fields that `side` cannot hold in full (R22), once: where they are written."""
    told = [rule for rule in projection.narrowed if Field(rule.split("_", 1)[0]) in written]
    return [Note(NoteKind.REMARK, rule, side) for rule in told]


def known_as(essence: Essence) -> str:
    """The subject that entries are matched by (R6): without case, as long as Microsoft may keep it."""
    return line(on_microsoft(essence).essence.subject).casefold()


def severa_type(essence: Essence, policy: Policy, earlier: str = "") -> str:
    """The type that a Microsoft entry gets: Personal for a private one where there is one, else earlier or default."""
    if essence.private and policy.personal_type:
        return policy.personal_type
    kept = policy.types.get(earlier)
    return earlier if kept is not None and kept.is_active else policy.default_type


def busy_as(activity: Activity) -> str:
    """How a new copy shows in free/busy: absences as out of office, the rest as busy (R11)."""
    return "oof" if activity.category is Category.ABSENCES else "busy"
