"""Which meeting an event is of (core/model/uid.py, R13): whole meetings, single dates, uids of other systems."""

from datetime import date

import pytest

from core.model.uid import meeting_uid, spellings

PREFIX = "040000008200E00074C5B7101A82E008"
REST = "00000000" + "C0A1B2C3D4E5D601" + "0000000000000000" + "10000000"
DATA = "A1B2C3D4E5F60718293A4B5C6D7E8F90"
WHOLE = PREFIX + "00000000" + REST[8:] + DATA
"""A meeting of Exchange's: prefix, no instance, creation time, nothing, 16 bytes of data."""


def test_whole_meeting() -> None:
    """Its uid is its own, however its letters are spelt."""
    assert meeting_uid(WHOLE) == (WHOLE, None)
    assert meeting_uid(WHOLE.lower()) == (WHOLE, None)


@pytest.mark.parametrize(("stamp", "day"), [("07EA0B18", date(2026, 11, 24)), ("07E8021D", date(2024, 2, 29))])
def test_single_date_of_a_meeting(stamp: str, day: date) -> None:
    """It names the meeting that it is of, and which of its dates it is."""
    assert meeting_uid(PREFIX + stamp + WHOLE[40:]) == (WHOLE, day)


@pytest.mark.parametrize("stamp", ["07EA0D01", "07E9021D", "00010000"])
def test_something_that_is_no_date(stamp: str) -> None:
    """Where the instance's date should be there is none: the uid stands for itself."""
    uid = PREFIX + stamp + WHOLE[40:]
    assert meeting_uid(uid) == (uid, None)


@pytest.mark.parametrize(
    "uid",
    [
        "4711@calendar.example",
        "",
        "abcd",
        "DEADBEEF" * 14,
        PREFIX + "07EA0B18",
        "5f0c8a52-5d4f-4c9e-9f59-4d2bd3a3f9e1",
    ],
    ids=["of another system", "none", "short hex", "hex of somebody else's", "cut off", "a guid"],
)
def test_uid_of_another_system(uid: str) -> None:
    """It stands as it is."""
    assert meeting_uid(uid) == (uid, None)


def test_uid_of_another_system_that_exchange_wrapped() -> None:
    """Inside it is the uid that everybody else knows the meeting by; its dates are found like those of any other."""
    uid = "4711@calendar.example"
    plain, wrapped = spellings(uid)
    assert plain == uid
    assert meeting_uid(wrapped) == (uid, None)
    assert meeting_uid(wrapped[:32] + "07EA0B18" + wrapped[40:]) == (uid, date(2026, 11, 24))


def test_wrapped_uid_byte_by_byte() -> None:
    """Prefix, no instance, 16 bytes of nothing, the length of the data, `vCal-Uid` and a one, the uid, a zero."""
    wrapped = bytes.fromhex(spellings("a@b")[1])
    assert wrapped == bytes.fromhex(PREFIX) + bytes(4) + bytes(16) + b"\x10\0\0\0" + b"vCal-Uid\x01\0\0\0a@b\0"


def test_wrapped_uid_beyond_ascii() -> None:
    """It comes out as it went in."""
    assert meeting_uid(spellings("kokous-äö@esimerkki.example")[1])[0] == "kokous-äö@esimerkki.example"


def test_spelling_of_exchanges_own_uid() -> None:
    """There is one."""
    assert spellings(WHOLE) == (WHOLE,)
