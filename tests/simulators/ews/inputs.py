"""What is written into items: CalendarItem elements turned into the fields of `Item`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from . import extended, zones
from .call import Call
from .errors import EwsError
from .item import Attendee, Item
from .recurrence import rule_of
from .soap import Element, local, text_of
from .zones import Zone

_TEXTS = {
    "Subject": "subject", "Sensitivity": "sensitivity", "Importance": "importance", "UID": "uid",
    "LegacyFreeBusyStatus": "free_busy", "Location": "location",
}  # fmt: skip
_FLAGS = {
    "IsAllDayEvent": "all_day", "ReminderIsSet": "reminder_is_set", "IsResponseRequested": "response_requested",
}  # fmt: skip
ATTENDEES = frozenset({"RequiredAttendees", "OptionalAttendees", "Resources"})
_ZONES = frozenset({"StartTimeZone", "EndTimeZone", "MeetingTimeZone"})
_IGNORED = frozenset(
    {"ItemClass", "When", "AllowNewTimeProposal", "ConferenceType", "MeetingWorkspaceUrl", "NetShowUrl", "Culture",
     "ReminderDueBy", "EnhancedLocation"}
)  # fmt: skip
"""What may be written, and is not kept."""
_BLANKS: Mapping[str, dict[str, Any]] = {
    "Subject": {"subject": ""},
    "Body": {"body": "", "body_type": "Text"},
    "Location": {"location": ""},
    "Categories": {"categories": ()},
    "Recurrence": {"rule": None},
    "ReminderIsSet": {"reminder_is_set": False},
    "ReminderMinutesBeforeStart": {"reminder_minutes": 0},
}
"""What becomes of a property that is deleted."""


def fields_of(call: Call, elements: Iterable[Element], before: Item | None) -> dict[str, Any]:
    """The fields that these property elements set. Raises EwsError."""
    found = list(elements)
    fields = _zone_fields(call, found, before)
    for element in found:
        name = local(element)
        if name in _TEXTS:
            fields[_TEXTS[name]] = element.text or ""
        elif name in _FLAGS:
            fields[_FLAGS[name]] = (element.text or "").strip() in ("true", "1")
        elif name in ATTENDEES:
            fields["attendees"] = _invited(element, _so_far(fields, before, "attendees"), name)
        elif name == "ExtendedProperty":
            pair = extended.sent(element)
            fields["extended"] = tuple({**dict(_so_far(fields, before, "extended")), pair[0]: pair[1]}.items())
        elif name in _OTHERS:
            fields |= _OTHERS[name](call, element, fields)
        elif name not in _IGNORED | _ZONES:
            raise EwsError("ErrorInvalidPropertySet", f"{name} is read-only for this object.")
    return fields


def blanks_of(path: Element, fields: Mapping[str, Any], before: Item) -> dict[str, Any]:
    """The fields that deleting a property sets. Raises EwsError (ErrorInvalidPropertyDelete)."""
    if local(path) == "ExtendedFieldURI":
        kept = dict(_so_far(fields, before, "extended"))
        kept.pop(extended.name_of(path), None)
        return {"extended": tuple(kept.items())}
    name = path.get("FieldURI", "").rpartition(":")[2]
    if name in ATTENDEES:
        return {"attendees": tuple(one for one in _so_far(fields, before, "attendees") if one.kind != name)}
    if name in _IGNORED:
        return {}
    if name not in _BLANKS:
        raise EwsError("ErrorInvalidPropertyDelete", f"{name} cannot be deleted.")
    return _BLANKS[name]


def _so_far(fields: Mapping[str, Any], before: Item | None, name: str) -> Any:
    return fields.get(name, getattr(before, name, ()))


def _zone_fields(call: Call, elements: Iterable[Element], before: Item | None) -> dict[str, Any]:
    """The zones of start and end: as sent, else as they were, else those of the request (facts/microsoft.md G4)."""
    by_name = {local(element): element for element in elements}
    fields: dict[str, Any] = {}
    if call.modern:
        for name, field in (("StartTimeZone", "start_zone"), ("EndTimeZone", "end_zone")):
            if name in by_name:
                fields[field] = zones.definition(by_name[name], call.missing_zones)
    elif "MeetingTimeZone" in by_name:
        zone = zones.meeting_zone(by_name["MeetingTimeZone"], call.missing_zones)
        fields = {"start_zone": zone, "end_zone": zone}
    if before is None:
        start: Zone = fields.setdefault("start_zone", call.naive_zone)
        fields.setdefault("end_zone", start)
    return fields


def _times(field: str) -> Callable[[Call, Element, Mapping[str, Any]], dict[str, Any]]:
    def read(call: Call, element: Element, fields: Mapping[str, Any]) -> dict[str, Any]:
        return {field: call.moment(element.text or "", fields.get(f"{field}_zone"))}

    return read


def _body(_: Call, element: Element, __: Mapping[str, Any]) -> dict[str, Any]:
    return {"body": element.text or "", "body_type": element.get("BodyType", "Text")}


def _categories(_: Call, element: Element, __: Mapping[str, Any]) -> dict[str, Any]:
    return {"categories": tuple(one.text or "" for one in element)}


def _minutes(_: Call, element: Element, __: Mapping[str, Any]) -> dict[str, Any]:
    return {"reminder_minutes": int(element.text or "0")}


def _recurrence(_: Call, element: Element, __: Mapping[str, Any]) -> dict[str, Any]:
    return {"rule": rule_of(element)}


_OTHERS = {
    "Start": _times("start"),
    "End": _times("end"),
    "Body": _body,
    "Categories": _categories,
    "ReminderMinutesBeforeStart": _minutes,
    "Recurrence": _recurrence,
}


def _invited(element: Element, before: Iterable[Attendee], kind: str) -> tuple[Attendee, ...]:
    """The attendees with one kind of them replaced; who was invited already keeps the answer."""
    answers = {one.address.lower(): one.response for one in before}
    new = []
    for one in element:
        address = text_of(one, "t:Mailbox/t:EmailAddress")
        if not address:
            raise EwsError("ErrorInvalidRecipients", "An attendee has no address.")
        response = answers.get(address.lower(), "Unknown")
        new.append(Attendee(address, kind, response, text_of(one, "t:Mailbox/t:Name")))
    return (*(one for one in before if one.kind != kind), *new)
