"""The user's own history, and taking a line of it back."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from core.errors import ItemRefused
from core.model.ids import Side
from core.model.operation import NoteKind
from core.usecases.history import NAME, Line, key_of, name_of, obstacle, read_history
from core.usecases.undo import undo
from core.usecases.words import words
from functions.calls.models import Strict
from functions.calls.operation import Answer, Call
from functions.edge import problem
from functions.edge.failures import in_words
from functions.edge.problem import Refused

Name = Annotated[str, Field(pattern=NAME)]


class HistoryQuery(Strict):
    """One page, the newest lines first."""

    before: Name | None = Field(default=None, description="The last line of the page before, as `following` names it.")
    limit: int = Field(default=50, ge=1, le=100)


class LinePath(Strict):
    """A line of the user's own history."""

    line: Name


class ValueOut(Strict):
    """One value that was lost."""

    field: str = Field(description="`subject`, `text`, `location`, `time`, `privacy`, or `exception:` and a date.")
    lost: str = Field(
        description="Times are spelt `timed START END`, `all-day FIRST UNTIL` (that day is none of it) or `series ...`."
    )
    stayed: str | None = Field(description="Of a conflict: what is there instead.")


class LineOut(Strict):
    """One line: what was done, refused, conflicted or held."""

    id: str
    at: datetime
    kind: NoteKind
    code: str
    sentence: str
    remedy: str = Field(description="What helps, empty where nothing is needed.")
    side: Side = Field(description="Where it was done, or whose value was lost.")
    activity: str = Field(description="The activity's id, where there is one.")
    event: str = Field(description="The event's id, where there is one.")
    values: list[ValueOut]
    undone: datetime | None = Field(description="When it was taken back.")
    can_be_undone: bool
    why_not: str = Field(description="Why it cannot be taken back, in a sentence; empty where it can.")


class HistoryOut(Strict):
    """A page of the last 90 days."""

    lines: list[LineOut]
    following: str | None = Field(description="`before` of the next page; null on the last one.")


class UndoneOut(Strict):
    """What was taken back."""

    sentence: str
    line: LineOut


_UNDONE = "The value is back on one side. The synchronization has started, and carries it to the other side."
_MADE_ANEW = (
    "The entry was made anew in the mailbox. The synchronization has started, and carries it to Severa, without "
    "customer and phase."
)


async def read(call: Call) -> Answer:
    """A page of the caller's own history."""
    page: HistoryQuery = call.query
    if page.before is not None:
        try:
            key_of(page.before)
        except ValueError:
            raise Refused(problem.INVALID, errors={"before": "This is not the name of a line."}) from None
    lines, more = await read_history(call.ports, call.caller.pair, page.before or "", page.limit)
    return Answer(HistoryOut(lines=[_line(line) for line in lines], following=lines[-1].name if more else None))


async def take_back(call: Call) -> Answer:
    """Restore what was lost."""
    path: LinePath = call.path
    try:
        record = await undo(call.ports, call.caller.pair, path.line)
    except ItemRefused as refusal:
        raise in_words(problem.NOT_UNDONE, refusal.code) from refusal
    if record is None:
        raise Refused(problem.NO_SUCH_LINE)
    line = Line(name_of(record.key), record, obstacle(record))
    is_entry = record.note.kind is NoteKind.DELETED
    return Answer(UndoneOut(sentence=_MADE_ANEW if is_entry else _UNDONE, line=_line(line)))


def _line(line: Line) -> LineOut:
    note, said = line.record.note, words(line.record.note.code)
    values = [ValueOut(field=name, lost=lost, stayed=note.stayed.get(name)) for name, lost in note.values.items()]
    return LineOut(
        id=line.name,
        at=line.record.at,
        kind=note.kind,
        code=note.code,
        sentence=said.sentence,
        remedy=said.remedy,
        side=note.side,
        activity=line.record.activity,
        event=line.record.event,
        values=values,
        undone=line.record.undone,
        can_be_undone=not line.obstacle,
        why_not=words(line.obstacle).sentence if line.obstacle else "",
    )
