"""Calendar items in, the model out (facts/microsoft.md G3, G4). Pure; what we write is in drafts.py.

Items are read from the answers' own XML, not by exchangelib's models: these take an unreadable date for none, and on
2007 read whole days in the host's zone (facts/microsoft.md H, L).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import uuid
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date

from core.adapters import mark as marks
from core.adapters.ews import people, quirks, recurrence, times
from core.adapters.ews.soap import NAMES, Element, text
from core.adapters.guests import guests
from core.errors import ItemRefused
from core.model.essence import Essence, essence, with_exceptions
from core.model.exceptions import DateException
from core.model.ids import MailboxId
from core.model.sighting import Attendee, Event, Mark, Shape
from core.model.uid import meeting_uid, spellings
from core.model.when import When

Exceptions = Mapping[str, Element]
"""The changed occurrences of series, by their ids."""

_SHAPES = {
    "Single": Shape.SINGLE,
    "RecurringMaster": Shape.SERIES,
    "Occurrence": Shape.OCCURRENCE,
    "Exception": Shape.EXCEPTION,
}


def item_id(item: Element) -> tuple[str, str]:
    """Id and ChangeKey of an item, empty where it has none."""
    found = item.find("t:ItemId", NAMES)
    return ("", "") if found is None else (found.get("Id") or "", found.get("ChangeKey") or "")


def event(item: Element, exceptions: Exceptions | None = None) -> Event:
    """The sighting of one item, mark read; of a master with its exceptions, all of which have to be there.

    Raises ItemRefused (`unknown_time_zone`, `unreadable_event`), with a digest of the id as its detail.
    """
    identity, version = item_id(item)
    shape = shape_of(item)
    if not identity or shape is None or not version:
        raise ItemRefused("unreadable_event", digest(identity))
    try:
        content, remarks = _series(item, exceptions or {}) if shape is Shape.SERIES else _single(item)
    except LookupError as error:
        raise ItemRefused("unknown_time_zone", digest(identity)) from error
    except (ValueError, OverflowError) as error:
        raise ItemRefused("unreadable_event", digest(identity)) from error
    return Event(
        id=identity,
        version=version,
        essence=content,
        uid=_uid(item, shape),
        created=times.stamp(text(item, "t:DateTimeCreated")),
        modified=times.stamp(text(item, "t:LastModifiedTime")),
        shape=shape,
        is_meeting=people.is_meeting(item),
        is_cancelled=people.is_cancelled(item),
        is_online=text(item, "t:IsOnlineMeeting").strip() == "true",
        mark=_mark(item),
        mark_read=True,
        remarks=remarks,
        is_organizer=people.is_organizer(item),
        organizer=people.organizer(item),
        attendees=people.attendees(item),
        guests=guests(people.attendees(item), _invited(item, exceptions or {})) if shape is Shape.SERIES else (),
        response=people.own_response(item),
    )


def shape_of(item: Element) -> Shape | None:
    """Whether it stands alone or belongs to a series; None for a type that is none of Exchange's."""
    return _SHAPES.get(text(item, "t:CalendarItemType").strip())


def on_date(item: Element, day: date) -> DateException:
    """What takes place on that original date, from an occurrence or exception with all its content.

    A date that its organizer cancelled stays in an attendee's calendar, marked, and does not take place either.
    Raises ItemRefused where it cannot be read.
    """
    if people.is_cancelled(item):
        return DateException(day)
    try:
        when = times.stretch(item)
    except (ValueError, OverflowError) as error:
        raise ItemRefused("unreadable_event", digest(item_id(item)[0])) from error
    held = _essence(item, when)
    return DateException(day, when, held.subject, held.text, held.location)


def original_day(item: Element, clocks: recurrence.Clocks) -> date | None:
    """The original date of an occurrence; None where it does not say."""
    found = times.stamp(text(item, "t:OriginalStart"))
    return None if found is None else clocks.day(found)


def digest(identity: str) -> str:
    """An id as logs may show it."""
    return hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest()[:12]


def mailbox_of(folder_id: str) -> MailboxId | None:
    """The mailbox's guid, which every id in it holds and which stays when addresses change; None where it is none."""
    try:
        raw = base64.b64decode(folder_id, validate=True)
        return MailboxId(str(uuid.UUID(raw[quirks.MAILBOX_IN_ID].decode("ascii"))))
    except (binascii.Error, ValueError):
        return None


def clean_id(uid: str) -> str:
    """The CleanGlobalObjectId (base64) of the meeting with this uid (MS-OXOCAL 2.2.1.28), without a date."""
    raw = bytes.fromhex(spellings(uid)[-1])
    return base64.b64encode(raw[:16] + bytes(4) + raw[20:]).decode("ascii")


def _uid(item: Element, shape: Shape) -> str:
    """The uid as Graph tells it: that of somebody invited to a single date only has the date in it, which UID lacks."""
    found = text(item, "t:UID")
    for one in item.iterfind("t:ExtendedProperty", NAMES) if shape is Shape.SINGLE else ():
        path = one.find("t:ExtendedFieldURI", NAMES)
        if path is not None and path.get("PropertyId") == quirks.GLOBAL_OBJECT_ID:
            with suppress(ValueError):
                dated = base64.b64decode(text(one, "t:Value"), validate=True).hex().upper()
                return dated if meeting_uid(dated)[1] is not None else found
    return found


def _single(item: Element) -> tuple[Essence, tuple[str, ...]]:
    remarks = () if times.is_all_day(item) else times.remarks(item)
    return _essence(item, times.stretch(item)), remarks


def _series(item: Element, exceptions: Exceptions) -> tuple[Essence, tuple[str, ...]]:
    when, remarks = recurrence.parse_series(item)
    content = _essence(item, when)
    # One date that is private hides all of them: Severa's types are those of a series (R10), and the strictest decides.
    changed = (exceptions[identity] for identity, _ in recurrence.modified(item) if identity in exceptions)
    private = content.private or any(map(_is_private, changed))
    return with_exceptions(replace(content, private=private), _exceptions(item, exceptions)), remarks


def _exceptions(item: Element, exceptions: Exceptions) -> Iterable[DateException]:
    clocks = recurrence.clocks_of(item)
    yield from (DateException(clocks.day(start)) for start in recurrence.cancelled(item))
    for identity, start in recurrence.modified(item):
        if identity not in exceptions:
            raise ValueError("an exception without its content")
        yield on_date(exceptions[identity], clocks.day(times.instant(start)))


def _invited(item: Element, exceptions: Exceptions) -> Iterable[tuple[date, tuple[Attendee, ...]]]:
    """Who is invited to each date that was changed and takes place."""
    clocks = recurrence.clocks_of(item)
    for identity, start in recurrence.modified(item):
        if not people.is_cancelled(exceptions[identity]):
            yield clocks.day(times.instant(start)), people.attendees(exceptions[identity])


def _essence(item: Element, when: When) -> Essence:
    shown = (text(item, f"t:{name}") for name in ("Subject", "Body", "Location"))
    subject, body, place = shown
    return essence(subject, when, body, place, private=_is_private(item))


def _is_private(item: Element) -> bool:
    return text(item, "t:Sensitivity").strip() not in ("", "Normal")


def _mark(item: Element) -> Mark | None:
    for found in item.iterfind("t:ExtendedProperty", NAMES):
        path = found.find("t:ExtendedFieldURI", NAMES)
        if path is not None and path.get("PropertyName") == marks.PROPERTY_NAME:
            return marks.decode(text(found, "t:Value"))
    return None
