"""Parts of Graph's answers that may be anything: absent, null, of another type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def text(value: object) -> str:
    """Text that can be encoded, empty where it is none: Exchange may cut a surrogate pair in two."""
    if not isinstance(value, str):
        return ""
    return value if value.isascii() else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def part(item: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The object of that name, an empty one where there is none."""
    value = item.get(name)
    return value if isinstance(value, dict) else {}


def objects(item: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """The objects of the list of that name, none where there is no list."""
    value = item.get(name)
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
