"""The smallest builders for the pure core: a test shows what both sides held, what they hold now, and what is decided.

Privacy follows the type's category in Severa, as it does there. Times are UTC; NOW is a Tuesday noon.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from core.model.essence import Essence
from core.model.ids import CompanyId, MailboxId, Side, UserId
from core.model.link import Link, LinkState, ParkReason
from core.model.operation import Decision, Note, Operation, Picture, Update
from core.model.policy import ActivityType, Policy
from core.model.sighting import PRIVATE_CATEGORIES, UNSEEN, Activity, Category, Event, Gone, Unseen
from core.model.when import Timed, When, timed
from core.sync.digest import Digester
from core.sync.reconcile import decide
from core.sync.record import agreed, buried

NOW: Final = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
COMPANY: Final = CompanyId("company")
ANNA: Final = UserId("anna")
MAILBOX: Final = MailboxId("mailbox-of-anna")
DIGESTER: Final = Digester(b"the company's key, of 32 bytes..")
TYPES: Final = {
    kind.id: kind
    for kind in (
        ActivityType("meeting", "Meeting", Category.CALENDAR_ENTRY, is_default=True),
        ActivityType("call", "Call", Category.CALENDAR_ENTRY),
        ActivityType("old", "No longer used", Category.CALENDAR_ENTRY, is_active=False),
        ActivityType("personal", "Personal", Category.PERSONAL, is_default=True),
        ActivityType("absence", "Absence", Category.ABSENCES),
        ActivityType("visit", "Sales visit", Category.SALES_EVENT),
        ActivityType("task", "Project task", Category.TASK),
    )
}
POLICY: Final = Policy(
    company=COMPANY,
    user=ANNA,
    now=NOW,
    first_sync=NOW - timedelta(days=100),
    default_type="meeting",
    personal_type="personal",
    ticked=frozenset({"call", "visit", "absence"}),
    types=TYPES,
)
"""Calls, visits and absences travel to Microsoft; what comes from there becomes a meeting, or personal."""
NO_PERSONAL: Final = replace(POLICY, personal_type="")
"""A company without a Personal type: what is private there shows its mask."""


def at(hour: float, day: int = 1, hours: float = 1.0) -> Timed:
    """A stretch so many days after NOW's midnight."""
    start = NOW.replace(hour=0) + timedelta(days=day, hours=hour)
    return timed(start, start + timedelta(hours=hours))


LUNCH: Final = at(11)


def entry(
    subject: str = "Lunch", when: When = LUNCH, text: str = "", location: str = "", *, private: bool = False
) -> Essence:
    """An essence; lunch tomorrow unless something else is said."""
    return Essence(subject, when, text, location, private)


def activity(
    essence: Essence | str = "Lunch",
    kind: str = "call",
    *,
    id: str = "A",  # noqa: A002 - the field's name
    version: str = "s2",
    owner: UserId = ANNA,
    created: datetime | None = None,
    modified: datetime | None = None,
    has_hours: bool = False,
) -> Activity:
    """An activity; of a ticked type unless another is named."""
    content = entry(essence) if isinstance(essence, str) else essence
    category = TYPES[kind].category
    content = replace(content, private=category in PRIVATE_CATEGORIES)
    return Activity(
        id, version, content, kind, category, owner, created=created, modified=modified, has_hours=has_hours
    )


def event(
    essence: Essence | str = "Lunch",
    *,
    id: str = "E",  # noqa: A002 - the field's name
    version: str = "m2",
    created: datetime | None = None,
    modified: datetime | None = None,
    is_meeting: bool = False,
) -> Event:
    """An event."""
    content = entry(essence) if isinstance(essence, str) else essence
    return Event(
        id, version, content, uid=f"uid-{id}", created=created, modified=modified, is_meeting=is_meeting, mark_read=True
    )


def linked(
    severa: Essence | str = "Lunch",
    microsoft: Essence | str | None = None,
    *,
    kind: str = "call",
    origin: Side = Side.SEVERA,
    policy: Policy = POLICY,
) -> Link:
    """A link that was agreed while Severa held one thing and Microsoft another; the same, unless two are given."""
    held, copy = activity(severa, kind, version="s1"), event(severa if microsoft is None else microsoft, version="m1")
    if microsoft is None:
        copy = event(held.essence, version="m1")
    start = Link("A", "E", origin, given_type="" if origin is Side.SEVERA else kind)
    return replace(agreed(start, held, copy, policy, DIGESTER), agreed=NOW - timedelta(days=1))


def parked(link: Link, reason: ParkReason = ParkReason.TYPE_NOT_TICKED, missing: Side | None = None) -> Link:
    """The link at rest."""
    return replace(link, state=LinkState.PARKED, parked=reason, missing=missing)


def dead(link: Link) -> Link:
    """The link of an entry that is gone on both sides."""
    return buried(link, POLICY)


def picture(
    link: Link | None,
    severa: Activity | Unseen | Gone | None = UNSEEN,
    microsoft: Event | Unseen | Gone | None = UNSEEN,
) -> Picture:
    """What is known of one entry; an end that is not mentioned was not seen."""
    return Picture(link, severa, microsoft)


def decided(
    link: Link | None,
    severa: Activity | Unseen | Gone | None = UNSEEN,
    microsoft: Event | Unseen | Gone | None = UNSEEN,
    *,
    policy: Policy = POLICY,
) -> Decision:
    """What the table says of a picture."""
    return decide(picture(link, severa, microsoft), policy, DIGESTER)


def only(decision: Decision) -> Operation:
    """The one operation of a decision."""
    (operation,) = decision.operations
    return operation


def written(decision: Decision) -> dict[Side, dict[str, str]]:
    """What a decision writes into existing entries: by side, the fields with their new values."""
    out = {}
    for operation in decision.operations:
        if isinstance(operation, Update):
            out[operation.side] = {name: operation.draft.essence.value(name) for name in operation.fields}
    return out


def told(decision: Decision) -> dict[str, dict[str, str]]:
    """What history is told: values by code."""
    return {note.code: dict(note.values) for note in decision.notes}


def note_of(decision: Decision, code: str) -> Note:
    """The one note of that code."""
    (note,) = [note for note in decision.notes if note.code == code]
    return note
