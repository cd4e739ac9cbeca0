"""What we send to Graph: bodies of POST and PATCH, made from drafts. Pure."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import assert_never

from core.adapters.graph import mark as marks
from core.adapters.graph import quirks
from core.adapters.graph.wire import Json, digest
from core.errors import ItemRefused
from core.model.essence import Essence, Field
from core.model.operation import Draft
from core.model.rows import Stamp
from core.model.sighting import Event
from core.model.when import AllDay, Timed, When


def creation(draft: Draft, stamp: Stamp) -> Json:
    """The body of a POST. It never names attendees, so nobody is mailed (facts/microsoft.md A5), and no reminder."""
    body = _fields(draft.essence, frozenset(Field))
    if draft.busy:
        body["showAs"] = draft.busy
    body["transactionId"] = stamp.transaction
    body["singleValueExtendedProperties"] = [{"id": quirks.MARK_PROPERTY, "value": marks.encode(stamp.mark)}]
    return body


def change(seen: Event, draft: Draft, fields: frozenset[Field]) -> Json:
    """The body of a PATCH with only those fields.

    Raises ItemRefused (`online_meeting_text`) for the text of an online meeting: its body holds the way in, and
    replacing it destroys the meeting (facts/microsoft.md A4, R12).
    """
    if Field.TEXT in fields and seen.is_online:
        raise ItemRefused("online_meeting_text", digest(seen.id))
    return _fields(draft.essence, fields)


def encode(body: Json) -> bytes:
    """The bytes of a body."""
    return json.dumps(body, separators=(",", ":")).encode("ascii")


def query_time(moment: datetime) -> str:
    """An instant as a query parameter."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _fields(content: Essence, fields: frozenset[Field]) -> Json:
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
    match when:
        case Timed(start, end):
            whole, first, last = False, start.replace(tzinfo=None).isoformat(), end.replace(tzinfo=None).isoformat()
        case AllDay(begin, until):
            # midnight in one and the same zone, whichever: the dates do not move (facts/microsoft.md A4)
            whole, first, last = True, f"{begin.isoformat()}T00:00:00", f"{until.isoformat()}T00:00:00"
        case _:
            assert_never(when)
    return {
        "start": {"dateTime": first, "timeZone": "UTC"},
        "end": {"dateTime": last, "timeZone": "UTC"},
        "isAllDay": whole,
    }
