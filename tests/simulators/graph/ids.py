"""Seeded identifiers in the shapes that Graph, Exchange and Entra give them."""

from __future__ import annotations

import base64
import random
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

REST_PREFIX = "AAMkA"
IMMUTABLE_PREFIX = "AAkAL"
OID_PREFIX = "OID."
_OCCURRENCE = "FRAAgI"
_DATE_LENGTH = 11
_FILETIME_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_GLOBAL_OBJECT_ID = "040000008200E00074C5B7101A82E008"


def occurrence_id(master_id: str, day: date) -> str:
    """The id of an occurrence, made from its master's id of either form; opaque to callers."""
    prefix, rest = master_id[: len(REST_PREFIX)], master_id[len(REST_PREFIX) :]
    return prefix + _OCCURRENCE + base64.urlsafe_b64encode(f"{day:%Y%m%d}".encode()).decode().rstrip("=") + rest


def occurrence_named(item_id: str) -> tuple[str, date] | None:
    """The master's id and the date of an occurrence's id; None for any other id."""
    prefix, rest = item_id[: len(REST_PREFIX)], item_id[len(REST_PREFIX) :]
    if not rest.startswith(_OCCURRENCE):
        return None
    encoded, rest = rest[len(_OCCURRENCE) :][:_DATE_LENGTH], rest[len(_OCCURRENCE) + _DATE_LENGTH :]
    try:
        return prefix + rest, date.fromisoformat(base64.urlsafe_b64decode(encoded + "=").decode())
    except ValueError:
        return None


def oid(master_id: str, day: date) -> str:
    """`occurrenceId` (facts/microsoft.md A3)."""
    return f"{OID_PREFIX}{master_id}.{day.isoformat()}"


def oid_named(text: str) -> tuple[str, date] | None:
    """The master's id and the date of an `occurrenceId`; None for what is none."""
    master_id, _, day = text.removeprefix(OID_PREFIX).rpartition(".")
    try:
        return (master_id, date.fromisoformat(day)) if text.startswith(OID_PREFIX) and master_id else None
    except ValueError:
        return None


def occurrence_uid(master_uid: str, day: date) -> str:
    """The iCalUId of an occurrence: the master's GlobalObjectId with the instance date in it (design R13).

    An iCalUId that came from elsewhere and is no GlobalObjectId has no place for a date, and stays.
    """
    if not master_uid.startswith(_GLOBAL_OBJECT_ID):
        return master_uid
    at = len(_GLOBAL_OBJECT_ID)
    return f"{master_uid[:at]}{day.year:04X}{day.month:02X}{day.day:02X}{master_uid[at + 8 :]}"


def clean_uid(uid: str) -> str:
    """The iCalUId of the whole meeting: the instance date within the GlobalObjectId is zero (design R13)."""
    if not uid.startswith(_GLOBAL_OBJECT_ID):
        return uid
    at = len(_GLOBAL_OBJECT_ID)
    return f"{uid[:at]}00000000{uid[at + 8 :]}"


class IdSource:
    """All identifiers of one simulator: the same seed and the same calls give the same ids."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def guid(self) -> str:
        """A tenant, user, application or request id."""
        return str(uuid.UUID(bytes=self._random.randbytes(16), version=4))

    def rest_id(self) -> str:
        """An item id of the default form; it names the folder too, so it changes when the item moves."""
        return self._item_id(REST_PREFIX)

    def immutable_id(self) -> str:
        """An item id of the form that `Prefer: IdType="ImmutableId"` asks for; it stays while the mailbox keeps it."""
        return self._item_id(IMMUTABLE_PREFIX)

    def change_key(self) -> str:
        """A version of an item."""
        return base64.b64encode(self._random.randbytes(22)).decode("ascii")

    def ical_uid(self, created: datetime) -> str:
        """A GlobalObjectId in hexadecimal, its instance date zero (a single event or a series master)."""
        filetime = (created - _FILETIME_EPOCH) // timedelta(microseconds=1) * 10
        when = filetime.to_bytes(8, "little").hex().upper()
        return f"{_GLOBAL_OBJECT_ID}00000000{when}000000000000000010000000{self._random.randbytes(16).hex().upper()}"

    def token(self) -> str:
        """An opaque token for a delta link."""
        return base64.urlsafe_b64encode(self._random.randbytes(48)).decode("ascii")

    def join_url(self) -> str:
        """Where an online meeting takes place."""
        return (
            f"https://teams.microsoft.com/l/meetup-join/19%3ameeting_{self._random.randbytes(24).hex()}%40thread.v2/0"
        )

    def shuffle(self, items: list[Any]) -> None:
        """Put the items into some other, reproducible order."""
        self._random.shuffle(items)

    def _item_id(self, prefix: str) -> str:
        return prefix + base64.urlsafe_b64encode(self._random.randbytes(104)).decode("ascii").rstrip("=") + "="
