"""What rows of all tables have in common: instants, and bytes that are longer than one property may be."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

Row = dict[str, Any]
"""A row as the client takes and gives it: property name to value, `PartitionKey` and `RowKey` among them."""

CHUNK = 60 * 1024
"""Bytes in one property; the service allows 64 KiB (facts/microsoft.md J6)."""
MOST_BYTES = 15 * CHUNK
"""Bytes of one value in a row; the service allows a row of 1 MiB."""


def instant_text(instant: datetime | None) -> str:
    """An instant in ISO 8601, UTC, to the microsecond; empty for None."""
    return "" if instant is None else instant.astimezone(UTC).isoformat()


def instant_of(text: object) -> datetime | None:
    """The instant that was spelt; None where there is none."""
    return datetime.fromisoformat(text) if isinstance(text, str) and text else None


def tag_of(row: Any) -> str:
    """The ETag that came with a row."""
    return str(row.metadata["etag"])


def split(name: str, value: bytes) -> Row:
    """The value over as many properties (`name0`, `name1`, …) as it takes; ValueError where a row cannot hold it.

    Such a row must be written whole, never merged: a shorter value would leave the end of a longer one behind.
    """
    if len(value) > MOST_BYTES:
        raise ValueError(f"{name} is too large for a row")
    return {f"{name}{n}": value[start : start + CHUNK] for n, start in enumerate(range(0, len(value), CHUNK))}


def joined(name: str, row: Mapping[str, Any]) -> bytes:
    """What was split; empty where nothing was."""
    parts: list[bytes] = []
    while isinstance(part := row.get(f"{name}{len(parts)}"), bytes):
        parts.append(part)
    return b"".join(parts)


def split_text(name: str, text: str) -> Row | None:
    """A text, compressed and split; None where it is too large even so."""
    packed = zlib.compress(text.encode())
    return split(name, packed) if len(packed) <= MOST_BYTES else None


def joined_text(name: str, row: Mapping[str, Any]) -> str | None:
    """The text that was compressed and split; None where there is none."""
    packed = joined(name, row)
    return zlib.decompress(packed).decode() if packed else None
