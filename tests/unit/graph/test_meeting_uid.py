"""Which meeting an event is of, by its uid."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.uid import meeting_uid, spellings

PREFIX, REST = "040000008200E00074C5B7101A82E008", "0000BF7DFDB82DB1D30100000000000000001000"
WHOLE = f"{PREFIX}00000000{REST}00007E179DE3E9AA9C4DBB784CA0F90F0B86"
"""An iCalUId as Graph shows it (microsoft-graph-docs issue 6247), taken apart."""
FOREIGN = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60)


def test_a_whole_meeting() -> None:
    """Its uid is the meeting's, in capitals."""
    assert meeting_uid(WHOLE) == (WHOLE, None)
    assert meeting_uid(WHOLE.lower()) == (WHOLE, None)


def test_a_single_date_of_it() -> None:
    """The date is taken out, so that all its dates are one meeting."""
    assert meeting_uid(WHOLE.replace("00000000", "07EA0B18", 1)) != (WHOLE, None)
    dated = f"{PREFIX}07EA0B18{WHOLE[len(PREFIX) + 8 :]}"
    assert meeting_uid(dated) == (WHOLE, date(2026, 11, 24))


@pytest.mark.parametrize("uid", ["", "7kukuqrfedlm2f9t0vr4ji2vti@google.com", "040000008200E0", "zz", f"{PREFIX}07"])
def test_a_uid_of_another_system(uid: str) -> None:
    """It is taken as it is, what only looks like Exchange's too."""
    assert meeting_uid(uid) == (uid, None)


def test_a_date_that_is_none() -> None:
    """What is in its place then is not understood, so nothing is changed."""
    odd = f"{PREFIX}07EA0D20{WHOLE[len(PREFIX) + 8 :]}"
    assert meeting_uid(odd) == (odd, None)


def test_a_uid_that_exchange_wrapped_up() -> None:
    """The example of MS-OXCICAL 2.1.3.1.1.20.26: another system's uid within Exchange's."""
    data = "7643616C2D55696401000000" + "7B38".ljust(4, "0") + "00"
    wrapped = f"{PREFIX}07EA0B18{'00' * 16}0F000000{data}"
    assert meeting_uid(wrapped) == ("{8", date(2026, 11, 24))


@given(FOREIGN)
def test_every_spelling_leads_to_the_same_meeting(uid: str) -> None:
    """However a mailbox shows a meeting's uid, it is the same meeting."""
    meeting, _ = meeting_uid(uid)
    assert {meeting_uid(spelling) for spelling in spellings(meeting)} == {(meeting, None)}


def test_exchanges_own_uid_has_one_spelling() -> None:
    """There is nothing to wrap up."""
    assert spellings(WHOLE) == (WHOLE,)
