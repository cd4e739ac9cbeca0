"""Graph's JSON in, the model out. Pure; bytes are parsed with `json`. What we send is built in drafts.py.

The SDK's model classes take 5 to 7 ms per event, `json` 0.02 ms (facts/microsoft.md L).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.adapters.graph import mark as marks
from core.adapters.graph import quirks, zones
from core.adapters.graph.html import text_of
from core.errors import ItemRefused
from core.model.essence import Essence, essence
from core.model.sighting import Event, Mark, Shape
from core.model.when import When, all_day, timed

Json = dict[str, Any]

_SHAPES = {
    "singleInstance": Shape.SINGLE,
    "seriesMaster": Shape.SERIES,
    "occurrence": Shape.OCCURRENCE,
    "exception": Shape.EXCEPTION,
}


class Malformed(ValueError):
    """An answer that is not what it should be: cut short, or no JSON object."""


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a listing or of a delta round.

    `removed` are ids that delta calls removed, which proves nothing (facts/microsoft.md A2). `refused` are the digests
    of entries that could not be read, with why. `fingerprint` tells pages apart: id and version of each entry.
    """

    events: tuple[Event, ...]
    removed: tuple[str, ...]
    refused: tuple[ItemRefused, ...]
    fingerprint: frozenset[tuple[str, str]]
    next_link: str | None
    delta_link: str | None


def document(body: bytes) -> Json:
    """The JSON object of an answer. Raises Malformed."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Malformed("not JSON") from error
    if not isinstance(found, dict):
        raise Malformed("no JSON object")
    return found


def error_of(body: bytes) -> tuple[str, str]:
    """Code and message of an error answer, empty where it has none. The message is for comparing, never for showing."""
    try:
        error = document(body).get("error")
    except Malformed:
        return "", ""
    if not isinstance(error, dict):
        return "", ""
    return _text(error.get("code")), _text(error.get("message"))


def listing(body: bytes, *, mark_asked: bool = False) -> Listing:
    """One page. One entry that cannot be read never fails the others. Raises Malformed where the whole is no page."""
    page = document(body)
    values = page.get("value")
    if not isinstance(values, list):
        raise Malformed("no page")
    events: list[Event] = []
    removed: list[str] = []
    refused: list[ItemRefused] = []
    seen: set[tuple[str, str]] = set()
    for item in values:
        if not isinstance(item, dict):
            raise Malformed("an entry that is no object")
        identity = _text(item.get("id"))
        seen.add((identity, _version(item)))
        if identity and "@removed" in item:
            removed.append(identity)
            continue
        try:
            events.append(event(item, mark_asked=mark_asked))
        except ItemRefused as refusal:
            refused.append(refusal)
    links = (_text(page.get("@odata.nextLink")) or None, _text(page.get("@odata.deltaLink")) or None)
    return Listing(tuple(events), tuple(removed), tuple(refused), frozenset(seen), *links)


def event(item: Mapping[str, Any], *, mark_asked: bool = False) -> Event:
    """The sighting of one event, in whatever detail it came: occurrences are bare in delta (facts/microsoft.md A3).

    `mark_asked`: the request expanded our mark, so an answer without one says that there is none.
    Raises ItemRefused (`unknown_time_zone`, `unreadable_event`), with a digest of the id as its detail.
    """
    identity = _text(item.get("id"))
    shape = _SHAPES.get(_text(item.get("type")))
    version = _version(item)
    if not identity or shape is None or not version:
        raise ItemRefused("unreadable_event", digest(identity))
    return Event(
        id=identity,
        version=version,
        essence=_essence(item, identity),
        uid=_text(item.get("iCalUId")),
        created=zones.stamp(item.get("createdDateTime")),
        modified=zones.stamp(item.get("lastModifiedDateTime")),
        shape=shape,
        is_meeting=bool(item.get("attendees")),
        is_cancelled=item.get("isCancelled") is True,
        is_online=item.get("isOnlineMeeting") is True,
        transaction=_text(item.get("transactionId")) or None,
        mark=_mark(item),
        mark_read=mark_asked,
        remarks=() if item.get("isAllDay") is True else zones.remarks(item.get("originalStartTimeZone")),
    )


def brings_html(item: Mapping[str, Any]) -> bool:
    """Whether the body came as HTML although text was preferred."""
    body = item.get("body")
    return isinstance(body, dict) and bool(body.get("content")) and _text(body.get("contentType")).lower() != "text"


def digest(identity: str) -> str:
    """An id as logs may show it."""
    return hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest()[:12]


def _essence(item: Mapping[str, Any], identity: str) -> Essence:
    location = item.get("location")
    place = location.get("displayName") if isinstance(location, dict) else ""
    private = _text(item.get("sensitivity")) not in ("", "normal")
    return essence(_text(item.get("subject")), _when(item, identity), _body(item), _text(place), private=private)


def _when(item: Mapping[str, Any], identity: str) -> When:
    try:
        if item.get("isAllDay") is True:
            return all_day(zones.day(item.get("start")), zones.day(item.get("end")))
        start, end = zones.instant(item.get("start")), zones.instant(item.get("end"))
        return timed(start, end, zones.carried(item.get("originalStartTimeZone")))
    except LookupError as error:
        raise ItemRefused("unknown_time_zone", digest(identity)) from error
    except (ValueError, OverflowError) as error:
        raise ItemRefused("unreadable_event", digest(identity)) from error


def _body(item: Mapping[str, Any]) -> str:
    body = item.get("body")
    content = _text(body.get("content")) if isinstance(body, dict) else ""
    return text_of(content) if brings_html(item) else content


def _mark(item: Mapping[str, Any]) -> Mark | None:
    properties = item.get("singleValueExtendedProperties")
    for entry in properties if isinstance(properties, list) else ():
        if isinstance(entry, dict) and _text(entry.get("id")).lower() == quirks.MARK_PROPERTY.lower():
            return marks.decode(entry.get("value"))
    return None


def _version(item: Mapping[str, Any]) -> str:
    etag, key = _text(item.get("@odata.etag")), _text(item.get("changeKey"))
    return etag or (f'W/"{key}"' if key else "")


def _text(value: object) -> str:
    """Text that can be encoded: Exchange may cut a surrogate pair in two."""
    if not isinstance(value, str):
        return ""
    return value if value.isascii() else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
