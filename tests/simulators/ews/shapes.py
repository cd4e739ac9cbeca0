"""Which properties of an item an answer has: ItemShape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .errors import EwsError
from .releases import has
from .soap import Element, local, text_of

ORDER = (
    "ItemId", "ParentFolderId", "ItemClass", "Subject", "Sensitivity", "Body", "DateTimeReceived", "Size", "Categories",
    "Importance", "IsSubmitted", "IsDraft", "IsFromMe", "IsResend", "IsUnmodified", "DateTimeSent", "DateTimeCreated",
    "ReminderDueBy", "ReminderIsSet", "ReminderMinutesBeforeStart", "HasAttachments", "ExtendedProperty", "Culture",
    "LastModifiedTime", "TextBody", "UID", "RecurrenceId", "DateTimeStamp", "Start", "End", "OriginalStart",
    "IsAllDayEvent", "LegacyFreeBusyStatus", "Location", "IsMeeting", "IsCancelled", "IsRecurring",
    "MeetingRequestWasSent", "IsResponseRequested", "CalendarItemType", "MyResponseType", "Organizer",
    "RequiredAttendees", "OptionalAttendees", "Resources", "Duration", "TimeZone", "AppointmentSequenceNumber",
    "AppointmentState", "Recurrence", "FirstOccurrence", "LastOccurrence", "ModifiedOccurrences", "DeletedOccurrences",
    "MeetingTimeZone", "StartTimeZone", "EndTimeZone", "IsOnlineMeeting", "StartWallClock", "EndWallClock",
    "StartTimeZoneId", "EndTimeZoneId", "IsOrganizer",
)  # fmt: skip
"""What is simulated, in the schemas' order."""
_DEFAULT = frozenset(
    {"ItemId", "Subject", "HasAttachments", "Start", "End", "LegacyFreeBusyStatus", "Location", "Organizer"}
)
_ONLY_BY_GET = frozenset(
    {
        "Body", "TextBody", "RequiredAttendees", "OptionalAttendees", "Resources", "Recurrence", "FirstOccurrence",
        "LastOccurrence", "ModifiedOccurrences", "DeletedOccurrences", "MeetingTimeZone",
    }
)  # fmt: skip
"""What no table of a folder has: FindItem and SyncFolderItems cannot tell it (facts/microsoft.md G3)."""
_NOT_IN_ALL = frozenset({"TextBody", "MeetingTimeZone", "StartWallClock", "EndWallClock"})
_BASES: Mapping[str, frozenset[str]] = {
    "IdOnly": frozenset({"ItemId"}),
    "Default": _DEFAULT,
    "AllProperties": frozenset(ORDER) - _NOT_IN_ALL,
}


@dataclass(frozen=True, slots=True)
class Shape:
    """`names` are elements, `extended` the ExtendedFieldURI elements that were sent; `body_type`: Best, HTML, Text."""

    names: frozenset[str]
    extended: tuple[Element, ...]
    body_type: str


ID_ONLY = Shape(_BASES["IdOnly"], (), "Best")


def read(element: Element, schema: str, *, of_a_folder: bool) -> Shape:
    """The shape that was asked for; `of_a_folder`: by FindItem or SyncFolderItems. Raises EwsError."""
    base = text_of(element, "t:BaseShape")
    names, extended = set(_BASES.get(base, frozenset())), []
    if of_a_folder:
        names -= _ONLY_BY_GET
    names |= {"MeetingTimeZone"} if base == "AllProperties" and not of_a_folder and not _modern(schema) else set()
    names -= {name for name in names if not has(schema, name)}
    for path in element.find("{*}AdditionalProperties") if element.find("{*}AdditionalProperties") is not None else ():
        if local(path) == "ExtendedFieldURI":
            extended.append(path)
        elif local(path) == "FieldURI":
            name = path.get("FieldURI", "").rpartition(":")[2]
            if of_a_folder and name in _ONLY_BY_GET:
                raise EwsError("ErrorInvalidPropertyRequest", f"'{name}' can only be had by GetItem.")
            names.add(name)
    return Shape(frozenset(names), tuple(extended), text_of(element, "t:BodyType") or "Best")


def _modern(schema: str) -> bool:
    return not schema.startswith("Exchange2007")
