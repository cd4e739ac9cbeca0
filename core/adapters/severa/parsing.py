"""Reads Severa's JSON field by field and believes none of it. Pure.

Whatever is missing, or of another type than documented, is `Malformed`: half an answer is no answer (P23).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

Json = Mapping[str, Any]
_GUID = re.compile(r"[0-9A-Za-z-]{1,64}")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class Malformed(ValueError):
    """The answer is not what the specification says. The message names the field, never its value."""


def rows(body: bytes) -> list[Json]:
    """A bare array of objects."""
    document = _document(body)
    if not isinstance(document, list) or not all(isinstance(row, dict) for row in document):
        raise Malformed("no array of objects")
    return document


def row(body: bytes) -> Json:
    """One object."""
    document = _document(body)
    if not isinstance(document, dict):
        raise Malformed("no object")
    return document


def is_guid(text: str) -> bool:
    """Whether this may stand in a path: the API takes lists of guids there, which nobody here means (1.5)."""
    return _GUID.fullmatch(text) is not None


def guid(row: Json, name: str = "guid") -> str:
    """A required id."""
    value = row.get(name)
    if not isinstance(value, str) or not is_guid(value):
        raise Malformed(name)
    return value


def part(row: Json, name: str) -> Json:
    """An object inside; empty where it is null or absent, so that what it must hold is missed by its own name."""
    value = row.get(name)
    if value is not None and not isinstance(value, dict):
        raise Malformed(name)
    return value or {}


def text(row: Json, name: str) -> str:
    """A text; null and absent are empty."""
    value = row.get(name)
    if value is not None and not isinstance(value, str):
        raise Malformed(name)
    return whole(value or "")


def whole(text: str) -> str:
    """The text with halves of characters replaced: JSON can carry them, UTF-8 cannot."""
    return _LONE_SURROGATE.sub("\ufffd", text)


def flag(row: Json, name: str, *, default: bool = False) -> bool:
    """A boolean; `default` where it is null or absent."""
    value = row.get(name)
    if value is not None and not isinstance(value, bool):
        raise Malformed(name)
    return default if value is None else value


def moment(row: Json, name: str) -> datetime:
    """A required date-time with an offset, as UTC. One without an offset could be anybody's: it is refused."""
    value = row.get(name)
    try:
        read = datetime.fromisoformat(value) if isinstance(value, str) else None
        if read is not None and read.tzinfo is not None:
            return read.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise Malformed(name)


def moment_or_none(row: Json, name: str) -> datetime | None:
    """A date-time that may be null or absent."""
    return None if row.get(name) is None else moment(row, name)


def zone_or_none(name: str) -> ZoneInfo | None:
    """The IANA zone of that name; None where the zone database has none (P19)."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _document(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        # not chained: the original carries the whole answer
        raise Malformed("no JSON") from None
