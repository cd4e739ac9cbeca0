"""Graph's JSON in, the model out. Pure; bytes are parsed with `json`. Pages are in pages.py, what we send in drafts.py.

The SDK's model classes take 5 to 7 ms per event, `json` 0.02 ms (facts/microsoft.md L).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from core.adapters import mark as marks
from core.adapters.graph import people, quirks, recurrence, zones
from core.adapters.graph.answers import objects
from core.adapters.graph.answers import text as _text
from core.adapters.guests import guests
from core.errors import ItemRefused
from core.model.essence import Essence, essence, with_exceptions
from core.model.exceptions import DateException
from core.model.sighting import Attendee, Event, Mark, Shape
from core.model.stretch import Stretch, all_day, timed
from core.model.when import When

Json = dict[str, Any]

_SHAPES = {
    "singleInstance": Shape.SINGLE,
    "seriesMaster": Shape.SERIES,
    "occurrence": Shape.OCCURRENCE,
    "exception": Shape.EXCEPTION,
}


class Malformed(ValueError):
    """An answer that is not what it should be: cut short, or no JSON object."""


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


def event(item: Mapping[str, Any], *, mark_asked: bool = False) -> Event:
    """The sighting of one event, in whatever detail it came: occurrences are bare in delta (facts/microsoft.md A3).

    A series has the exceptions that came with it: only a GET of the master itself brings them. `mark_asked`: the
    request expanded our mark, so an answer without one says that there is none.
    Raises ItemRefused (`unknown_time_zone`, `unreadable_event`), with a digest of the id as its detail.
    """
    identity = _text(item.get("id"))
    shape = shape_of(item)
    version = version_of(item)
    if not identity or shape is None or not version:
        raise ItemRefused("unreadable_event", digest(identity))
    try:
        content, remarks = _series(item) if shape is Shape.SERIES else _single(item)
    except LookupError as error:
        raise ItemRefused("unknown_time_zone", digest(identity)) from error
    except (ValueError, OverflowError) as error:
        raise ItemRefused("unreadable_event", digest(identity)) from error
    return Event(
        id=identity,
        version=version,
        essence=content,
        uid=_text(item.get("iCalUId")),
        created=zones.stamp(item.get("createdDateTime")),
        modified=changed_at(item),
        shape=shape,
        is_meeting=people.is_meeting(item),
        is_cancelled=item.get("isCancelled") is True,
        is_online=item.get("isOnlineMeeting") is True,
        transaction=_text(item.get("transactionId")) or None,
        mark=_mark(item),
        mark_read=mark_asked,
        remarks=remarks,
        is_organizer=people.is_organizer(item),
        organizer=people.organizer(item),
        attendees=people.attendees(item),
        guests=guests(people.attendees(item), _invited(item)) if shape is Shape.SERIES else (),
        response=people.own_response(item),
    )


def shape_of(item: Mapping[str, Any]) -> Shape | None:
    """Whether it stands alone or belongs to a series; None for a type that is none of Graph's."""
    return _SHAPES.get(_text(item.get("type")))


def changed_at(item: Mapping[str, Any]) -> datetime | None:
    """When it was changed last, in UTC; None where the answer does not say so."""
    return zones.stamp(item.get("lastModifiedDateTime"))


def on_date(item: Mapping[str, Any], day: date) -> DateException:
    """What takes place on that original date, from an occurrence or exception with all its content.

    A date that its organizer cancelled stays in an attendee's calendar, marked, and does not take place either.
    Raises ValueError, LookupError as `zones.instant`.
    """
    if item.get("isCancelled") is True:
        return DateException(day)
    when = _stretch(item)
    held = _essence(item, when)
    return DateException(day, when, held.subject, held.text, held.location)


def brings_html(item: Mapping[str, Any]) -> bool:
    """Whether the body came as HTML although text was preferred."""
    body = item.get("body")
    return isinstance(body, dict) and bool(body.get("content")) and _text(body.get("contentType")).lower() != "text"


def digest(identity: str) -> str:
    """An id as logs may show it."""
    return hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest()[:12]


def version_of(item: Mapping[str, Any]) -> str:
    """The ETag that a conditional write needs, empty where there is none."""
    etag, key = _text(item.get("@odata.etag")), _text(item.get("changeKey"))
    return etag or (f'W/"{key}"' if key else "")


def _single(item: Mapping[str, Any]) -> tuple[Essence, tuple[str, ...]]:
    remarks = () if item.get("isAllDay") is True else zones.remarks(item.get("originalStartTimeZone"))
    return _essence(item, _stretch(item)), remarks


def _series(item: Mapping[str, Any]) -> tuple[Essence, tuple[str, ...]]:
    when, remarks = recurrence.parse_series(item)
    content = _essence(item, when)
    # One date that is private hides all of them: Severa's types are those of a series (R10), and the strictest decides.
    private = content.private or any(map(_is_private, objects(item, "exceptionOccurrences")))
    return with_exceptions(replace(content, private=private), _exceptions(item)), remarks


def _exceptions(item: Mapping[str, Any]) -> Iterator[DateException]:
    later = timedelta(days=recurrence.days_apart(item))
    yield from (DateException(day + later) for day in recurrence.cancelled_dates(item))
    for occurrence in objects(item, "exceptionOccurrences"):
        yield on_date(occurrence, recurrence.occurrence_date(occurrence.get("occurrenceId")) + later)


def _invited(item: Mapping[str, Any]) -> Iterator[tuple[date, tuple[Attendee, ...]]]:
    """Who is invited to each date that was changed and takes place."""
    later = timedelta(days=recurrence.days_apart(item))
    for one in objects(item, "exceptionOccurrences"):
        if one.get("isCancelled") is not True:
            yield recurrence.occurrence_date(one.get("occurrenceId")) + later, people.attendees(one)


def _essence(item: Mapping[str, Any], when: When) -> Essence:
    location = item.get("location")
    place = location.get("displayName") if isinstance(location, dict) else ""
    return essence(_text(item.get("subject")), when, _body(item), _text(place), private=_is_private(item))


def _is_private(item: Mapping[str, Any]) -> bool:
    return _text(item.get("sensitivity")) not in ("", "normal")


def _stretch(item: Mapping[str, Any]) -> Stretch:
    if item.get("isAllDay") is True:
        return all_day(zones.day(item.get("start")), zones.day(item.get("end")))
    start, end = zones.instant(item.get("start")), zones.instant(item.get("end"))
    return timed(start, end, zones.carried(item.get("originalStartTimeZone")))


def _body(item: Mapping[str, Any]) -> str:
    body = item.get("body")
    content = _text(body.get("content")) if isinstance(body, dict) else ""
    if not brings_html(item):
        return content
    from core.adapters.graph.html import text_of  # noqa: PLC0415 - few answers need what it loads

    return text_of(content)


def _mark(item: Mapping[str, Any]) -> Mark | None:
    properties = item.get("singleValueExtendedProperties")
    for entry in properties if isinstance(properties, list) else ():
        if isinstance(entry, dict) and _text(entry.get("id")).lower() == quirks.MARK_PROPERTY.lower():
            return marks.decode(entry.get("value"))
    return None
