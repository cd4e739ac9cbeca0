"""A user's own history, page by page."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.model.ids import Pair, Side
from core.model.operation import Note, NoteKind
from core.model.rows import Record
from core.usecases.history import find_line, key_of, name_of, obstacle, read_history
from tests.support.stage import BERT, COMPANY, Stage, at, entry, make_stage

WHOLE = {"subject": "Lunch", "text": "", "location": "", "time": "timed", "privacy": "normal"}


async def lines(stage: Stage, count: int) -> list[Record]:
    """So many lines, a day apart, two of each moment."""
    now = stage.clock.now()
    note = Note(NoteKind.REMARK, "revived", Side.SEVERA)
    told = [Record(f"line-{n:02}", now - timedelta(days=n // 2), note) for n in range(count)]
    await stage.ports.history.append(stage.pair, told)
    return told


async def test_page_by_page() -> None:
    """Every line once, newest first, also where a page ends between two lines of one moment."""
    stage = await make_stage()
    told, found, before, more = await lines(stage, 9), list[Record](), "", True
    while more:
        page, more = await read_history(stage.ports, stage.pair, before, 2)
        found += [line.record for line in page]
        before = page[-1].name
    assert found == told


async def test_older_than_ninety_days() -> None:
    """It is not shown, whether housekeeping has been there or not."""
    stage = await make_stage()
    [new, _, old] = await lines(stage, 3)
    stage.clock.advance(timedelta(days=89, hours=12))
    page, more = await read_history(stage.ports, stage.pair, "", 50)
    assert (len(page), more) == (2, False)
    assert await find_line(stage.ports, stage.pair, name_of(new.key)) == new
    assert await find_line(stage.ports, stage.pair, name_of(old.key)) is None


async def test_somebody_else_s_line() -> None:
    """Nobody reads another one's history, by whatever name."""
    stage = await make_stage()
    [told] = await lines(stage, 1)
    bert = Pair(COMPANY, BERT)
    assert await read_history(stage.ports, bert, "", 50) == ((), False)
    assert await find_line(stage.ports, bert, name_of(told.key)) is None


async def test_the_name_of_a_line() -> None:
    """It says which line it is, to the microsecond; what is no name is none."""
    stage = await make_stage()
    key = (stage.clock.now().replace(microsecond=123), "delete-_a-b")
    assert key_of(name_of(key)) == key
    for wrong in ("", "line", "20261324T100000000000Z-line", "20261124T100000000000Z-"):
        with pytest.raises(ValueError):  # noqa: PT011 - whatever it says
            key_of(wrong)
    assert await find_line(stage.ports, stage.pair, "20261324T100000000000Z-line") is None


async def test_both_values_of_a_conflict() -> None:
    """History has the value that lost and the one that stayed."""
    stage = await make_stage()
    await stage.linked("Lunch")
    stage.severa.edit(stage.activity("Lunch").id, entry("Lunch", at(8), "by Severa"))
    stage.clock.advance(timedelta(minutes=5))
    stage.anna.edit(stage.event("Lunch").id, entry("Lunch", at(8), "by Outlook"))
    await stage.settle()
    [line] = (await read_history(stage.ports, stage.pair, "", 50))[0]
    note = line.record.note
    assert (note.code, note.side, line.obstacle) == ("conflict_text", Side.SEVERA, "")
    assert (note.values, note.stayed) == ({"text": "by Severa"}, {"text": "by Outlook"})


CONFLICT = Note(NoteKind.CONFLICT, "conflict_text", Side.SEVERA, {"text": "a"}, {"text": "b"})
DELETED = Note(NoteKind.DELETED, "deleted", Side.SEVERA, WHOLE)


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        (CONFLICT, ""),
        (replace(CONFLICT, values={"exception:2026-12-01": ""}, stayed={"exception:2026-12-01": "cancelled"}), ""),
        (DELETED, ""),
        (replace(DELETED, values={}), "undo_nothing"),
        (replace(CONFLICT, stayed={}), "undo_nothing"),
        (replace(CONFLICT, values={"privacy": "normal"}, stayed={"privacy": "private"}), "undo_nothing"),
        (replace(CONFLICT, values={}, stayed={}), "undo_nothing"),
        (replace(CONFLICT, values={"mood": "a"}, stayed={"mood": "b"}), "undo_nothing"),
        (replace(CONFLICT, kind=NoteKind.REMARK), "undo_nothing"),
        (replace(CONFLICT, code="meeting_set_back"), "undo_meeting"),
        (Note(NoteKind.REMARK, "masked_text", Side.SEVERA, {"text": "a"}), "undo_masked"),
        (Note(NoteKind.DELETED, "left_activity", Side.SEVERA), "undo_nothing"),
    ],
)
async def test_which_lines_can_be_taken_back(note: Note, expected: str) -> None:
    """Conflicts of which both values are known, and removed entries that are known whole."""
    stage = await make_stage()
    record = Record("line", stage.clock.now(), note)
    assert obstacle(record) == expected
    if not expected:
        assert obstacle(replace(record, is_cut=True)) == "undo_cut"
        assert obstacle(replace(record, undone=record.at)) == "undo_done"
