"""What a run intends, as data: a closed set of operations that can be printed, compared and counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from core.model.claim import Meeting
from core.model.essence import Essence
from core.model.ids import Side
from core.model.link import Link, ParkReason
from core.model.sighting import Activity, Event, Gone, Unseen


class NoteKind(StrEnum):
    """What is told in history."""

    CONFLICT = "conflict"
    REMARK = "remark"
    REFUSAL = "refusal"
    DELETED = "deleted"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Note:
    """Something that the person concerned can read: `code` is stable, `values` are what was lost or narrowed on `side`.

    Of a conflict, `stayed` is what is there instead. Both are spelt as an essence spells them.
    """

    kind: NoteKind
    code: str
    side: Side
    values: Mapping[str, str] = field(default_factory=dict)
    stayed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry as it is to be written. `type_id`: Severa, only where the type is written. `busy`: Microsoft, on create.

    `busy` is `busy` or `oof`; afterwards free/busy belongs to the mailbox (R11). `announces`: the organizer made this
    edit of a meeting, and Exchange tells its attendees (R16).
    """

    essence: Essence
    type_id: str = ""
    busy: str = ""
    announces: bool = False


@dataclass(frozen=True, slots=True)
class Create:
    """Make the entry on `side`; `generation` is 0 for a newcomer and counts up for a revival."""

    side: Side
    draft: Draft
    generation: int = 0


@dataclass(frozen=True, slots=True)
class Update:
    """Write `fields` (and the type, where the draft names one) of the entry on `side`.

    They are named as an essence names them, the dates of a series too.
    """

    side: Side
    draft: Draft
    fields: frozenset[str]


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove the entry on `side`, to where a person can get it back if that side has such a place.

    `announces`: its organizer cancelled the meeting in Severa, and Exchange tells the attendees (R16).
    """

    side: Side
    announces: bool = False


@dataclass(frozen=True, slots=True)
class Leave:
    """Take this pair's user off the activity (R15); whoever is the last one there takes it along."""


@dataclass(frozen=True, slots=True)
class BringPeople:
    """Let the activity's participants follow the meeting's attendees, as far as these are users (R13)."""


@dataclass(frozen=True, slots=True)
class Agree:
    """Record that both ends are in agreement as they stand; no effect on either side."""


@dataclass(frozen=True, slots=True)
class Park:
    """Let the link rest, with the end that is missing if one is."""

    reason: ParkReason
    missing: Side | None = None


@dataclass(frozen=True, slots=True)
class Bury:
    """Both ends are gone: keep the link as dead, so that neither comes back by mistake."""


@dataclass(frozen=True, slots=True)
class LeaveOut:
    """A newcomer that is not synchronized, and why, in a stable code."""

    reason: str


Operation = Create | Update | Delete | Leave | BringPeople | Agree | Park | Bury | LeaveOut


@dataclass(frozen=True, slots=True)
class Picture:
    """All that is known of one entry: its link and its two ends. An unlinked one has None at the end that it lacks.

    `meeting` is set where it is a meeting that the company has a claim on, or is about to have.
    """

    link: Link | None
    activity: Activity | Unseen | Gone | None
    event: Event | Unseen | Gone | None
    meeting: Meeting | None = None

    def end(self, side: Side) -> Activity | Event | Unseen | Gone | None:
        """What is known of that side."""
        return self.activity if side is Side.SEVERA else self.event

    @property
    def seen_activity(self) -> Activity | None:
        """The activity, where it was seen."""
        return self.activity if isinstance(self.activity, Activity) else None

    @property
    def seen_event(self) -> Event | None:
        """The event, where it was seen."""
        return self.event if isinstance(self.event, Event) else None

    def id_on(self, side: Side) -> str:
        """The entry's id on that side, empty where it has none."""
        if self.link is not None:
            return self.link.id_on(side)
        end = self.end(side)
        return end.id if isinstance(end, Activity | Event) else ""


@dataclass(frozen=True, slots=True)
class Decision:
    """What the table says of one picture: operations in order, the row's reason, and what history is told."""

    operations: tuple[Operation, ...]
    reason: str
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Planned:
    """One entry's picture with its decision."""

    picture: Picture
    decision: Decision


@dataclass(frozen=True, slots=True)
class Plan:
    """What one run intends, in the order in which it is safe to do it."""

    entries: tuple[Planned, ...]
