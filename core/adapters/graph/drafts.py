"""What we send to Graph: bodies of POST and PATCH, made from drafts. Pure."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from core.adapters import mark as marks
from core.adapters.graph import quirks
from core.adapters.graph.recurrence import build_series
from core.adapters.graph.wire import Json, digest
from core.errors import ItemRefused
from core.model.essence import PLAIN, Essence, Field
from core.model.exceptions import DateException
from core.model.operation import Draft
from core.model.rows import Stamp
from core.model.sighting import Event, Shape
from core.model.stretch import Stretch, Timed
from core.model.when import Series, When


def creation(draft: Draft, stamp: Stamp) -> Json:
    """The body of a POST. It never names attendees, so nobody is mailed (facts/microsoft.md A5), and no reminder.

    A series is created without its exceptions: there is no field for them (facts/microsoft.md A3).
    """
    body = _fields(draft.essence, PLAIN)
    if draft.busy:
        body["showAs"] = draft.busy
    body["transactionId"] = stamp.transaction
    body["singleValueExtendedProperties"] = [{"id": quirks.MARK_PROPERTY, "value": marks.encode(stamp.mark)}]
    return body


def change(seen: Event, draft: Draft, fields: frozenset[str]) -> Json:
    """The body of a PATCH with only those fields. A series that is to stand alone loses its recurrence with its time.

    Raises ItemRefused (`online_meeting_text`) for the text of an online meeting: its body holds the way in, and
    replacing it destroys the meeting (facts/microsoft.md A4, R12).
    """
    if Field.TEXT in fields and seen.is_online:
        raise ItemRefused("online_meeting_text", digest(seen.id))
    body = _fields(draft.essence, fields)
    if Field.TIME in fields and seen.shape is Shape.SERIES:
        body.setdefault("recurrence", None)
    return body


def date_change(held: DateException, wanted: DateException, *, is_online: bool) -> Json:
    """The body of a PATCH of one date: only what differs from what it held. Empty where nothing does, or it goes.

    The text of an online meeting is left out. Raises ItemRefused (`online_meeting_text`) where nothing else differs.
    """
    if wanted.when is None or held.when is None:
        return {}
    differs = {
        Field.SUBJECT: wanted.subject != held.subject,
        Field.TEXT: wanted.text != held.text,
        Field.LOCATION: wanted.location != held.location,
        Field.TIME: wanted.when != held.when,
    }
    fields = frozenset(name for name, differing in differs.items() if differing)
    if is_online and Field.TEXT in fields:
        fields -= {Field.TEXT}
        if not fields:
            raise ItemRefused("online_meeting_text", "")
    return _fields(Essence(wanted.subject, wanted.when, wanted.text, wanted.location), fields)


def encode(body: Json) -> bytes:
    """The bytes of a body."""
    return json.dumps(body, separators=(",", ":")).encode("ascii")


def query_time(moment: datetime) -> str:
    """An instant as a query parameter."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _fields(content: Essence, fields: frozenset[str]) -> Json:
    body: Json = {}
    if Field.SUBJECT in fields:
        body["subject"] = content.subject
    if Field.TEXT in fields:
        body["body"] = {"contentType": "text", "content": content.text}
    if Field.LOCATION in fields:
        body["location"] = {"displayName": content.location}
    if Field.TIME in fields:
        body.update(_times(content.when))
    if Field.PRIVACY in fields:
        body["sensitivity"] = "private" if content.private else "normal"
    return body


def _times(when: When) -> Json:
    return build_series(when) if isinstance(when, Series) else _bounds(when)


def _bounds(when: Stretch) -> Json:
    if isinstance(when, Timed):
        first, last = when.start.replace(tzinfo=None).isoformat(), when.end.replace(tzinfo=None).isoformat()
    else:
        # midnight in one and the same zone, whichever: the dates do not move (facts/microsoft.md A4)
        first, last = f"{when.first.isoformat()}T00:00:00", f"{when.until.isoformat()}T00:00:00"
    return {
        "start": {"dateTime": first, "timeZone": "UTC"},
        "end": {"dateTime": last, "timeZone": "UTC"},
        "isAllDay": not isinstance(when, Timed),
    }
