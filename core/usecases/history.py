"""A user's own history, page by page, and which of its lines can be taken back. Nobody else reads it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from core.model.essence import Field
from core.model.exceptions import day_of
from core.model.ids import Pair
from core.model.operation import NoteKind
from core.model.rows import LineKey, Record
from core.ports import Ports
from core.usecases.housekeeping import HISTORY

_NAME = re.compile(r"(\d{8}T\d{12})Z-(.{1,200})")
_AT = "%Y%m%dT%H%M%S%f"
_RESTORED = frozenset(Field) - {Field.PRIVACY}
"""Of privacy the sides can only agree, but for an absence, which stays one."""
NAME = r"^[0-9]{8}T[0-9]{12}Z-[0-9A-Za-z_-]{1,200}$"
"""How a line is named outside: its time (UTC) and its id."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `obstacle`: why it cannot be taken back, in a stable code; empty where it can."""

    name: str
    record: Record
    obstacle: str


async def read_history(ports: Ports, pair: Pair, before: str, limit: int) -> tuple[tuple[Line, ...], bool]:
    """The newest lines of the last 90 days, or those older than the line named `before`; whether others follow."""
    since = ports.clock.now() - HISTORY
    found = await ports.history.read(pair, since, limit + 1, after=key_of(before) if before else None)
    lines = tuple(Line(name_of(record.key), record, obstacle(record)) for record in found[:limit])
    return lines, len(found) > limit


async def find_line(ports: Ports, pair: Pair, name: str) -> Record | None:
    """The line of that name, if it is this user's and not older than 90 days."""
    try:
        found = await ports.history.find(pair, key_of(name))
    except ValueError:  # No such day, or no such hour.
        return None
    return found if found is not None and found.at >= ports.clock.now() - HISTORY else None


def name_of(key: LineKey) -> str:
    """A line's name."""
    return f"{key[0].astimezone(UTC):{_AT}}Z-{key[1]}"


def key_of(name: str) -> LineKey:
    """The line that has this name. Raises ValueError for what is no such name."""
    matched = _NAME.fullmatch(name)
    if matched is None:
        raise ValueError("not the name of a line")
    return datetime.strptime(matched[1], _AT).replace(tzinfo=UTC), matched[2]


def obstacle(record: Record) -> str:
    """Why a line cannot be taken back, as far as the line itself tells."""
    note = record.note
    if record.undone is not None:
        return "undo_done"
    if note.code.startswith("masked_"):
        return "undo_masked"
    if note.code == "meeting_set_back":
        return "undo_meeting"
    if record.is_cut:
        return "undo_cut"
    if (note.kind, note.code) == (NoteKind.DELETED, "deleted"):
        return "" if set(Field) <= set(note.values) else "undo_nothing"
    is_conflict = note.kind is NoteKind.CONFLICT and len(note.values) == 1 and note.values.keys() == note.stayed.keys()
    known = all(name in _RESTORED or day_of(name) for name in note.values)
    return "" if is_conflict and known else "undo_nothing"
