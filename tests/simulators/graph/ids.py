"""Seeded identifiers in the shapes that Graph, Exchange and Entra give them."""

from __future__ import annotations

import base64
import random
import uuid
from datetime import UTC, datetime, timedelta

REST_PREFIX = "AAMkA"
IMMUTABLE_PREFIX = "AAkAL"
_FILETIME_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_GLOBAL_OBJECT_ID = "040000008200E00074C5B7101A82E008"


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

    def shuffle(self, items: list[str]) -> None:
        """Put the items into some other, reproducible order."""
        self._random.shuffle(items)

    def _item_id(self, prefix: str) -> str:
        return prefix + base64.urlsafe_b64encode(self._random.randbytes(104)).decode("ascii").rstrip("=") + "="
