"""What one transaction of a run may hold (core/model/rows.py)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.model.ids import Side
from core.model.link import Link
from core.model.operation import Note, NoteKind
from core.model.rows import MOST_ROWS, Commit, Record
from core.model.state import Pending
from tests.support.pictures import NOW, dead, linked


def links(count: int) -> tuple[Link, ...]:
    """So many links of different entries."""
    return tuple(replace(linked(), activity=f"A{n}", event=f"E{n}") for n in range(count))


def rows(count: int, name: str = "A") -> tuple[Pending, ...]:
    """So many pending rows of different entries."""
    return tuple(Pending(Side.SEVERA, f"{name}{n}") for n in range(count))


HALF = MOST_ROWS // 2


@pytest.mark.parametrize(
    "commit",
    [
        Commit(),
        Commit(links(HALF)),
        Commit(settled=rows(HALF), pending=rows(HALF, "B")),
        Commit(links(1), rows(MOST_ROWS - 3), cursor="c"),
        Commit(links(1), rows(MOST_ROWS - 3), drop_cursor=True),
    ],
)
def test_what_fits(commit: Commit) -> None:
    """98 rows, of which a link is two and a cursor one."""
    commit.check()


@pytest.mark.parametrize(
    "commit",
    [
        Commit(links(HALF), rows(1)),
        Commit(links(HALF), cursor=""),
        Commit(links(HALF), drop_cursor=True),
        Commit(settled=rows(MOST_ROWS), pending=rows(1, "B")),
    ],
)
def test_one_row_too_many(commit: Commit) -> None:
    """It is a mistake of the caller's."""
    with pytest.raises(ValueError, match="99 rows"):
        commit.check()


@pytest.mark.parametrize(
    "other", [replace(linked(), event="F"), replace(linked(), activity="B")], ids=["the activity", "the event"]
)
def test_two_links_of_one_entry(other: Link) -> None:
    """They would overwrite each other; a dead one beside a living one does not."""
    for pair in ((linked(), other), (dead(linked()), dead(other))):
        with pytest.raises(ValueError, match="links one entry twice"):
            Commit(pair).check()
    Commit((dead(linked()), other)).check()


@pytest.mark.parametrize("half", [replace(linked(), event=""), replace(linked(), activity="")])
def test_link_without_an_end(half: Link) -> None:
    """It could be found from one side only."""
    with pytest.raises(ValueError, match="both its ends"):
        Commit((half,)).check()


def test_row_that_is_settled_and_kept() -> None:
    """One of the two is wrong; the same id on the other side is another entry."""
    with pytest.raises(ValueError, match="settles and keeps"):
        Commit(settled=rows(1), pending=(Pending(Side.SEVERA, "A0", "s1"),)).check()
    Commit(settled=rows(1), pending=(Pending(Side.MICROSOFT, "A0"),)).check()


def test_line_of_history() -> None:
    """It is found by when it was written, then by its id."""
    line = Record("id", NOW, Note(NoteKind.DELETED, "deleted", Side.SEVERA))
    assert line.key == (NOW, "id")
    assert replace(line, at=NOW + timedelta(seconds=1)).key > line.key
