"""Which meeting an event is of (R13): one uid in every mailbox that holds the meeting, or a single date of it.

Exchange's iCalUId is a GlobalObjectId in hex (MS-OXOCAL 2.2.1.27): a prefix of 16 bytes, the date of the instance (year
in two bytes, month, day; all zero for the whole meeting), 20 bytes of time and length, then data. Uids of other systems
stand as they are, or in the data behind `vCal-Uid` (MS-OXCICAL 2.1.3.1.1.20.26).
"""

from __future__ import annotations

from datetime import date

_PREFIX = bytes.fromhex("040000008200E00074C5B7101A82E008")
_DATE = slice(len(_PREFIX), len(_PREFIX) + 4)
_WHOLE = bytes(4)
_DATA = _DATE.stop + 20
_OTHERS = b"vCal-Uid\x01\x00\x00\x00"


def meeting_uid(uid: str) -> tuple[str, date | None]:
    """The uid of the whole meeting, and the original date where `uid` is that of a single one, in the series' zone."""
    raw = _global_object_id(uid)
    if raw is None:
        return uid, None
    found, rest = raw[_DATE], raw[_DATE.stop :]
    day = None
    if found != _WHOLE:
        try:
            day = date(int.from_bytes(found[:2], "big"), found[2], found[3])
        except ValueError:
            return uid, None  # Whatever it is, it is no date.
    return _named_by_others(raw) or (_PREFIX + _WHOLE + rest).hex().upper(), day


def spellings(uid: str) -> tuple[str, ...]:
    """How an event of that meeting may name it, the likeliest first."""
    if _global_object_id(uid) is not None:
        return (uid,)
    data = _OTHERS + uid.encode("utf-8", "replace") + b"\0"
    encoded = _PREFIX + _WHOLE + bytes(16) + len(data).to_bytes(4, "little") + data
    return uid, encoded.hex().upper()


def _global_object_id(uid: str) -> bytes | None:
    try:
        raw = bytes.fromhex(uid)
    except ValueError:
        return None
    return raw if raw.startswith(_PREFIX) and len(raw) >= _DATA else None


def _named_by_others(raw: bytes) -> str:
    data = raw[_DATA:]
    return data.removeprefix(_OTHERS).rstrip(b"\0").decode("utf-8", "replace") if data.startswith(_OTHERS) else ""
