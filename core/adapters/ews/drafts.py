"""What we write into calendar items: the properties of a draft, for a create and for an update. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from core.adapters import mark as marks
from core.adapters import zones as names
from core.adapters.ews import quirks, times
from core.adapters.ews.recurrence import build_recurrence
from core.adapters.ews.soap import Element, local, t
from core.errors import ItemRefused
from core.model.essence import PLAIN, Essence, Field
from core.model.exceptions import DateException
from core.model.operation import Draft
from core.model.recurrence import ClockTime, Series, instant
from core.model.rows import Stamp
from core.model.sighting import Event, Mark, Shape
from core.model.stretch import AllDay, Stretch, Timed
from core.model.when import When

_BUSY = {"busy": "Busy", "oof": "OOF"}
_OF_ITEMS = frozenset({"Subject", "Sensitivity", "Body"})
"""Properties of any item; all others that we write are those of calendar items."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a company's server is written to in: the schema of its release, and the zone of whole days (IANA)."""

    schema: str
    zone: str

    def zone_elements(self, zone: str) -> Iterator[Element]:
        """The elements that put an item into a zone. Raises ItemRefused for one that Windows has no name for."""
        name = "UTC" if zone == "UTC" else names.windows(zone)
        if name is None:
            raise ItemRefused("exchange_zone_unknown")
        if self.schema in quirks.WITHOUT_ZONES:
            yield t("MeetingTimeZone", TimeZoneName=name)
        else:
            yield from (t("StartTimeZone", Id=name), t("EndTimeZone", Id=name))


def creation(draft: Draft, stamp: Stamp, dialect: Dialect) -> Element:
    """The item of a create, its elements in the schemas' order. It names neither attendees nor a reminder.

    A series is created without its exceptions. Single timed entries say no zone: their instants have a `Z`.
    """
    content = draft.essence
    written = {local(element): element for element in _properties(content, PLAIN, dialect)}
    busy = t("LegacyFreeBusyStatus", _BUSY[draft.busy]) if draft.busy else None
    return t(
        "CalendarItem",
        *(written.get(name) for name in ("Subject", "Sensitivity", "Body")),
        t("ExtendedProperty", mark_path(), t("Value", marks.encode(stamp.mark))),
        *(written.get(name) for name in ("Start", "End", "IsAllDayEvent")),
        busy,
        *(written.get(name) for name in ("Location", "Recurrence", "MeetingTimeZone", "StartTimeZone", "EndTimeZone")),
    )


def change(seen: Event, draft: Draft, fields: frozenset[str], dialect: Dialect) -> list[Element]:
    """The changes of an update with only those fields. A series that is to stand alone loses its recurrence.

    Raises ItemRefused (`online_meeting_text`) for the text of an online meeting: its body holds the way in (R12).
    """
    if Field.TEXT in fields and seen.is_online:
        raise ItemRefused("online_meeting_text")
    changes = [_setting(element) for element in _properties(draft.essence, fields, dialect)]
    alone = not isinstance(draft.essence.when, Series)
    if Field.TIME in fields and seen.shape is Shape.SERIES and alone:
        changes.append(t("DeleteItemField", t("FieldURI", FieldURI="calendar:Recurrence")))
    return changes


def date_change(held: DateException, wanted: DateException, zone: str | None, *, is_online: bool) -> list[Element]:
    """The changes of one date: only what differs from what it held. Empty where nothing does, or it goes.

    `zone` is that of the series: whole days of an occurrence are midnights there. The text of an online meeting is left
    out. Raises ItemRefused: `online_meeting_text` where nothing else differs, `exchange_zone_unknown`.
    """
    if wanted.when is None or held.when is None:
        return []
    fields = {
        Field.SUBJECT: wanted.subject != held.subject,
        Field.TEXT: wanted.text != held.text,
        Field.LOCATION: wanted.location != held.location,
        Field.TIME: wanted.when != held.when,
    }
    differing = frozenset(name for name, differs in fields.items() if differs)
    if is_online and Field.TEXT in differing:
        differing -= {Field.TEXT}
        if not differing:
            raise ItemRefused("online_meeting_text")
    content = Essence(wanted.subject, wanted.when, wanted.text, wanted.location)
    elements = _plain(content, differing)
    if Field.TIME in differing:
        if zone is None and isinstance(wanted.when, AllDay):
            raise ItemRefused("exchange_zone_unknown")
        elements += _bounds(wanted.when, zone or "UTC")
    return [_setting(element) for element in elements]


def mark_path() -> Element:
    """What names the property of our mark: the same one as through Graph."""
    return t(
        "ExtendedFieldURI", PropertySetId=marks.PROPERTY_SET, PropertyName=marks.PROPERTY_NAME, PropertyType="String"
    )


def meeting_path(number: str) -> Element:
    """What names a property of meetings."""
    return t("ExtendedFieldURI", DistinguishedPropertySetId="Meeting", PropertyId=number, PropertyType="Binary")


def marked(mark: Mark) -> Element:
    """The condition that an item has this mark."""
    return _is_equal(mark_path(), marks.encode(mark))


def of_meeting(encoded: str) -> Element:
    """The condition that an item is of the meeting with this CleanGlobalObjectId (base64)."""
    return _is_equal(meeting_path(quirks.CLEAN_GLOBAL_OBJECT_ID), encoded)


def starting(after: datetime) -> Element:
    """The condition that an item, or the first date of a series, begins at that instant or later."""
    bound = t("FieldURIOrConstant", t("Constant", Value=times.spelt(after)))
    return t("IsGreaterThanOrEqualTo", t("FieldURI", FieldURI="calendar:Start"), bound)


def _is_equal(path: Element, value: str) -> Element:
    return t("IsEqualTo", path, t("FieldURIOrConstant", t("Constant", Value=value)))


def _setting(element: Element) -> Element:
    """One property for each change (facts/microsoft.md G5)."""
    name = local(element)
    uri = f"{'item' if name in _OF_ITEMS else 'calendar'}:{name}"
    return t("SetItemField", t("FieldURI", FieldURI=uri), t("CalendarItem", element))


def _properties(content: Essence, fields: frozenset[str], dialect: Dialect) -> list[Element]:
    found = _plain(content, fields)
    if Field.TIME in fields:
        found += _times(content.when, dialect)
    if Field.PRIVACY in fields:
        found.append(t("Sensitivity", "Private" if content.private else "Normal"))
    return found


def _plain(content: Essence, fields: frozenset[str]) -> list[Element]:
    found = []
    if Field.SUBJECT in fields:
        found.append(t("Subject", content.subject))
    if Field.TEXT in fields:
        found.append(t("Body", content.text, BodyType="Text"))
    if Field.LOCATION in fields:
        found.append(t("Location", content.location))
    return found


def _times(when: When, dialect: Dialect) -> list[Element]:
    if isinstance(when, Timed):
        return _bounds(when, "UTC")
    if isinstance(when, AllDay):
        return [*dialect.zone_elements(dialect.zone), *_bounds(when, dialect.zone)]
    at = when.time
    if isinstance(at, ClockTime):
        wall, rules = datetime.combine(when.first, at.start), ZoneInfo(at.zone)
        begin = instant(wall, rules, at.fold)
        end = max(begin, instant(wall + at.length, rules))
        zone, bounds = at.zone, _bounds(Timed(begin, end), at.zone)
    else:
        zone = dialect.zone
        bounds = _bounds(AllDay(when.first, when.first + timedelta(days=at.count)), zone)
    return [*dialect.zone_elements(zone), *bounds, build_recurrence(when, dialect.schema)]


def _bounds(when: Stretch, zone: str) -> list[Element]:
    for edge in (when.start, when.end) if isinstance(when, Timed) else (when.first, when.until):
        times.check(edge)
    if isinstance(when, Timed):
        first, last = when.start, when.end
    else:
        first, last = times.midnight(when.first, zone), times.midnight(when.until, zone)
    return [
        t("Start", times.spelt(first)),
        t("End", times.spelt(last)),
        t("IsAllDayEvent", "false" if isinstance(when, Timed) else "true"),
    ]
