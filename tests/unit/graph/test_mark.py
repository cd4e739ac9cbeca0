"""The mark as a string."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.adapters import mark as marks
from core.model.ids import CompanyId, MailboxId
from core.model.sighting import Mark

GUID = "3f2b8c1e-6a0d-4f57-9c3e-2d1a7b5e8f90"
PARTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
MARKS = st.builds(
    Mark,
    st.builds(CompanyId, PARTS),
    st.builds(MailboxId, PARTS),
    PARTS,
    st.integers(0, marks.MAX_GENERATION),
    st.text("0123456789abcdef", max_size=64),
)


@given(MARKS)
def test_a_mark_comes_back(mark: Mark) -> None:
    """Whatever characters its parts have; one that would be too long is not written."""
    try:
        text = marks.encode(mark)
    except ValueError:
        return
    assert len(text) <= marks.MAX_LENGTH
    assert marks.decode(text) == mark


@given(st.text(max_size=600))
def test_any_text_is_a_mark_or_none(text: str) -> None:
    """Nothing raises, and what is read has exactly this spelling."""
    mark = marks.decode(text)
    assert mark is None or marks.encode(mark) == text


def test_a_real_mark_is_short() -> None:
    """Three guids and a digest leave plenty of room."""
    mark = Mark(CompanyId(GUID), MailboxId(GUID), GUID, 12, "f" * 64)
    assert marks.encode(mark).startswith(f"1|{GUID}|{GUID}|{GUID}|12|")
    assert len(marks.encode(mark)) < 256


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1|c|m|a|0",
        "1|c|m|a|0|d|e",
        "2|c|m|a|0|d",
        "1|c|m|a|-1|d",
        "1|c|m|a|01|d",
        "1|c|m|a|\u0664|d",
        "1|c|m|a|9999999|d",
        "1|c|m|a|x|d",
        "1|%63|m|a|0|d",
        "1|%ff|m|a|0|d",
        "1|c|m|a|0|" + "d" * 600,
    ],
)
def test_what_is_no_mark(text: str) -> None:
    """Another version, a part too many or too few, a number that is none, another spelling."""
    assert marks.decode(text) is None


@pytest.mark.parametrize("generation", [-1, marks.MAX_GENERATION + 1])
def test_a_generation_out_of_bounds(generation: int) -> None:
    """It is not written."""
    with pytest.raises(ValueError, match="generation"):
        marks.encode(Mark(CompanyId("c"), MailboxId("m"), "a", generation, "d"))
