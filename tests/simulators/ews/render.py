"""Items as answers show them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta

from tests.simulators.graph import bodies

from . import extended, series, zones
from .call import Call
from .item import Folder, Item
from .mailbox import Mailbox
from .recurrence import shown as shown_rule
from .shapes import ORDER, Shape
from .soap import Element, boolean, t

Teller = Callable[[Call, Mailbox, Item], Element | str | None]


def item_id(item: Item) -> Element:
    """ItemId."""
    return t("ItemId", Id=item.item_id, ChangeKey=item.change_key)


def calendar_item(call: Call, mailbox: Mailbox, item: Item, shape: Shape) -> Element:
    """A CalendarItem in that shape."""
    found = t("CalendarItem")
    for name in ORDER:
        if name == "ExtendedProperty":
            shown = (extended.shown(item, uri) for uri in shape.extended)
            found.extend(element for element in shown if element is not None)
        elif name in shape.names:
            told = _body(item, shape.body_type) if name == "Body" else _TELLERS[name](call, mailbox, item)
            if told is not None:
                found.append(t(name, told) if isinstance(told, str) else told)
    return found


def person(tag: str, name: str, address: str) -> Element:
    """Somebody's name and address."""
    return t(tag, t("Name", name), t("EmailAddress", address), t("RoutingType", "SMTP"))


def _body(item: Item, wanted: str) -> Element:
    kind = item.body_type if wanted == "Best" else wanted
    if kind == item.body_type:
        text = item.body
    else:
        text = bodies.from_text(item.body) if kind == "HTML" else bodies.to_text(item.body)
    return t("Body", text.replace("\r\n", "\n"), BodyType=kind)  # what a parser makes of CR LF


def _organizer(call: Call, _: Mailbox, item: Item) -> Element:
    owner = call.world.any_address(item.organizer)
    return t("Organizer", person("Mailbox", owner.display_name if owner else item.organizer, item.organizer))


def _attendees(kind: str) -> Teller:
    def told(call: Call, _: Mailbox, item: Item) -> Element | None:
        invited = [
            t("Attendee", person("Mailbox", one.name or one.address, one.address), t("ResponseType", one.response))
            for one in item.attendees
            if one.kind == kind
        ]
        return t(kind, *invited) if invited else None

    return told


def _folder(_: Call, mailbox: Mailbox, item: Item) -> Element:
    name = mailbox.calendar if item.folder is Folder.CALENDAR else mailbox.deleted_items
    return t("ParentFolderId", Id=name.text, ChangeKey="AgAAAA==")


def _recurrence(call: Call, _: Mailbox, item: Item) -> Element | None:
    if item.rule is None:
        return None
    behind = {}
    for day in (item.rule.first, item.rule.until):
        if day is not None and call.zone != zones.UTC_ZONE:
            noon = item.start.replace(year=day.year, month=day.month, day=day.day)
            behind[day] = noon.astimezone(call.zone.rules).isoformat()[-6:]
    return shown_rule(item.rule, call.schema, behind)


def _info(call: Call, tag: str, one: Item | None) -> Element | None:
    if one is None or one.slot is None:
        return None
    times = {"Start": one.start, "End": one.end, "OriginalStart": one.slot.start}
    return t(tag, item_id(one), *(t(name, call.shown(moment)) for name, moment in times.items()))


def _first(call: Call, mailbox: Mailbox, item: Item) -> Element | None:
    return _info(call, "FirstOccurrence", series.first(mailbox, item))


def _last(call: Call, mailbox: Mailbox, item: Item) -> Element | None:
    return _info(call, "LastOccurrence", series.last(mailbox, item))


def _modified(call: Call, mailbox: Mailbox, item: Item) -> Element | None:
    found = series.exceptions(mailbox, item).values() if item.rule else ()
    return _list("ModifiedOccurrences", (_info(call, "Occurrence", one) for one in found))


def _deleted(call: Call, _: Mailbox, item: Item) -> Element | None:
    gone = (series.occurrence(item, day).start for day in sorted(item.deleted))
    return _list("DeletedOccurrences", (t("DeletedOccurrence", t("Start", call.shown(start))) for start in gone))


def _list(tag: str, elements: Iterable[Element | None]) -> Element | None:
    found = list(elements)
    return t(tag, *found) if found else None


def _duration(_: Call, __: Mailbox, item: Item) -> str:
    minutes = (item.end - item.start) // timedelta(minutes=1)
    days, minutes = divmod(minutes, 1440)
    return f"P{f'{days}D' if days else ''}T{minutes // 60}H{minutes % 60}M"


def _original(call: Call, _: Mailbox, item: Item) -> str | None:
    return None if item.slot is None else call.shown(item.slot.start)


def _state(_: Call, __: Mailbox, item: Item) -> str:
    return str((1 if item.is_meeting else 0) | (0 if item.is_organizer else 2) | (4 if item.is_cancelled else 0))


def _categories(_: Call, __: Mailbox, item: Item) -> Element | None:
    return _list("Categories", (t("String", text) for text in item.categories))


def _said(of: Callable[[Item], object]) -> Teller:
    def told(_: Call, __: Mailbox, item: Item) -> str:
        found = of(item)
        return boolean(found) if isinstance(found, bool) else str(found)

    return told


def _at(of: Callable[[Item], object]) -> Teller:
    return lambda call, _, item: call.shown(of(item))  # type: ignore[arg-type]  # a datetime


_TELLERS: Mapping[str, Teller] = {
    "ItemId": lambda _, __, item: item_id(item),
    "ParentFolderId": _folder,
    "ItemClass": _said(lambda _: "IPM.Appointment"),
    "Subject": _said(lambda item: item.subject),
    "Sensitivity": _said(lambda item: item.sensitivity),
    "DateTimeReceived": _at(lambda item: item.created),
    "Size": _said(lambda item: 2000 + len(item.body)),
    "Categories": _categories,
    "Importance": _said(lambda item: item.importance),
    **{
        name: _said(lambda _: False)
        for name in ("IsSubmitted", "IsDraft", "IsFromMe", "IsResend", "IsUnmodified", "HasAttachments")
    },
    "IsOnlineMeeting": _said(lambda item: item.is_online_meeting),
    "DateTimeSent": _at(lambda item: item.created),
    "DateTimeCreated": _at(lambda item: item.created),
    "ReminderDueBy": _at(lambda item: item.start),
    "ReminderIsSet": _said(lambda item: item.reminder_is_set),
    "ReminderMinutesBeforeStart": _said(lambda item: item.reminder_minutes),
    "Culture": _said(lambda _: "en-US"),
    "LastModifiedTime": _at(lambda item: item.modified),
    "TextBody": lambda _, __, item: t("TextBody", item.text, BodyType="Text"),
    "UID": _said(lambda item: item.uid),
    "RecurrenceId": _original,
    "DateTimeStamp": _at(lambda item: item.modified),
    "Start": _at(lambda item: item.start),
    "End": _at(lambda item: item.end),
    "OriginalStart": _original,
    "IsAllDayEvent": _said(lambda item: item.all_day),
    "LegacyFreeBusyStatus": _said(lambda item: item.free_busy),
    "Location": lambda _, __, item: item.location or None,
    "IsMeeting": _said(lambda item: item.is_meeting),
    "IsCancelled": _said(lambda item: item.is_cancelled),
    "IsRecurring": _said(lambda item: item.slot is not None),
    "MeetingRequestWasSent": _said(lambda item: item.request_was_sent),
    "IsResponseRequested": _said(lambda item: item.response_requested),
    "CalendarItemType": _said(lambda item: item.kind),
    "MyResponseType": _said(lambda item: item.my_response),
    "Organizer": _organizer,
    **{kind: _attendees(kind) for kind in ("RequiredAttendees", "OptionalAttendees", "Resources")},
    "Duration": _duration,
    "TimeZone": _said(lambda item: item.start_zone.name),
    "AppointmentSequenceNumber": _said(lambda _: 0),
    "AppointmentState": _state,
    "Recurrence": _recurrence,
    "FirstOccurrence": _first,
    "LastOccurrence": _last,
    "ModifiedOccurrences": _modified,
    "DeletedOccurrences": _deleted,
    "MeetingTimeZone": lambda _, __, item: zones.shown_meeting_zone(item.start_zone, item.start.year),
    "StartTimeZone": lambda _, __, item: zones.shown("StartTimeZone", item.start_zone),
    "EndTimeZone": lambda _, __, item: zones.shown("EndTimeZone", item.end_zone),
    "StartWallClock": _said(lambda item: item.start.astimezone(item.start_zone.rules).isoformat()),
    "EndWallClock": _said(lambda item: item.end.astimezone(item.end_zone.rules).isoformat()),
    "StartTimeZoneId": _said(lambda item: item.start_zone.name),
    "EndTimeZoneId": _said(lambda item: item.end_zone.name),
    "IsOrganizer": _said(lambda item: item.is_organizer),
}
