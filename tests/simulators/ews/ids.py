"""Seeded identifiers in the shapes that Exchange gives them (facts/microsoft.md G3, G4).

An item's id holds the mailbox's guid, as the real ones do; it is opaque to callers all the same.
"""

from __future__ import annotations

import base64
import binascii
import random
import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from .errors import EwsError

_HEAD = b"\x00\x03$\x00"
"""Not packed, of a mailbox known by its guid, whose text is 36 bytes long."""
_PLAIN, _OCCURRENCE = b"\x00", b"\x01"
_FILETIME_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_GLOBAL_OBJECT_ID = bytes.fromhex("040000008200E00074C5B7101A82E008")
_FOREIGN = b"vCal-Uid\x01\x00\x00\x00"


@dataclass(frozen=True, slots=True)
class ItemName:
    """What an item's id says: the mailbox, the entry in its store, and for an occurrence its original date."""

    mailbox: str
    entry: bytes
    day: date | None = None

    @property
    def text(self) -> str:
        """The id."""
        kind = _PLAIN if self.day is None else _OCCURRENCE
        when = b"" if self.day is None else self.day.toordinal().to_bytes(4, "big")
        packed = _HEAD + self.mailbox.encode() + kind + len(self.entry).to_bytes(2, "little") + self.entry + when
        return base64.b64encode(packed).decode()


def parse(text: str) -> ItemName:
    """What an id says. Raises EwsError (ErrorInvalidIdMalformed) for what is none."""
    try:
        raw = base64.b64decode(text, validate=True)
        mailbox, kind, length = raw[4:40].decode("ascii"), raw[40:41], int.from_bytes(raw[41:43], "little")
        entry, when = raw[43 : 43 + length], raw[43 + length :]
        known = raw.startswith(_HEAD) and len(entry) == length > 0 and len(when) == (4 if kind == _OCCURRENCE else 0)
        day = date.fromordinal(int.from_bytes(when, "big")) if known and kind == _OCCURRENCE else None
    except (binascii.Error, UnicodeDecodeError, ValueError, OverflowError) as error:
        raise EwsError("ErrorInvalidIdMalformed") from error
    if not known:
        raise EwsError("ErrorInvalidIdMalformed")
    return ItemName(mailbox, entry, day)


def global_object_id(uid: str) -> bytes:
    """PidLidCleanGlobalObjectId of a UID; one that came from elsewhere is wrapped (facts/microsoft.md G4)."""
    try:
        raw = bytes.fromhex(uid)
    except ValueError:
        raw = b""
    if raw.startswith(_GLOBAL_OBJECT_ID):
        return raw[:16] + bytes(4) + raw[20:]
    wrapped = _FOREIGN + uid.encode() + b"\x00"
    return _GLOBAL_OBJECT_ID + bytes(20) + len(wrapped).to_bytes(4, "little") + wrapped


def dated(uid: str, day: date) -> str:
    """The UID by which a single date of a series is known to somebody who is invited to that one only."""
    return dated_object_id(uid, day).hex().upper()


def undated(uid: str) -> tuple[str, date | None]:
    """The UID of the whole meeting, and the single date that it was of."""
    raw = bytes.fromhex(uid) if uid.startswith(_GLOBAL_OBJECT_ID.hex().upper()) else b""
    if raw[16:20] in (b"", bytes(4)):
        return uid, None
    return global_object_id(uid).hex().upper(), date(int.from_bytes(raw[16:18], "big"), raw[18], raw[19])


def dated_object_id(uid: str, day: date) -> bytes:
    """PidLidGlobalObjectId of a single date."""
    raw = global_object_id(uid)
    return raw[:16] + _date(day) + raw[20:]


def _date(day: date) -> bytes:
    return day.year.to_bytes(2, "big") + bytes((day.month, day.day))


class IdSource:
    """All identifiers of one simulator: the same seed and the same calls give the same ids."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def guid(self) -> str:
        """A mailbox's guid."""
        return str(uuid.UUID(bytes=self._random.randbytes(16), version=4))

    def entry(self) -> bytes:
        """An entry in a store."""
        return self._random.randbytes(70)

    def folder_entry(self) -> bytes:
        """An entry of a folder."""
        return self._random.randbytes(46)

    def change_key(self) -> str:
        """A version of an item."""
        return "DwAAABYAAAB" + base64.b64encode(self._random.randbytes(21)).decode()

    def uid(self, created: datetime) -> str:
        """A GlobalObjectId in hexadecimal, its instance date zero."""
        filetime = ((created - _FILETIME_EPOCH) // timedelta(microseconds=1) * 10).to_bytes(8, "little")
        tail = bytes(8) + (16).to_bytes(4, "little") + self._random.randbytes(16)
        return (_GLOBAL_OBJECT_ID + bytes(4) + filetime + tail).hex().upper()
