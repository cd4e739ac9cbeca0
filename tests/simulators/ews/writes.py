"""CreateItem, UpdateItem, DeleteItem (facts/microsoft.md G5)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from . import exchange, inputs, meetings
from .call import Call, same_version
from .errors import EwsError
from .item import Folder, Item
from .mailbox import Mailbox
from .render import calendar_item, item_id
from .shapes import ID_ONLY
from .soap import Element, local, m, t

_NONE = "SendToNone"


def create_item(call: Call) -> list[Element]:
    """One response message per item; nothing keeps two creates from making two items."""
    target = call.asked.body.find("{*}SavedItemFolderId")

    def create(element: Element) -> Iterable[Element]:
        if local(element) != "CalendarItem":
            raise EwsError("ErrorInvalidOperation", f"{local(element)} is not simulated.")
        sends = _sends(call, "SendMeetingInvitations", "ErrorSendMeetingInvitationsRequired")
        mailbox, folder = (call.own_mailbox(), "calendar") if target is None else call.folder(target[0])
        if folder != Folder.CALENDAR.value:
            raise EwsError("ErrorCannotCreateCalendarItemInNonCalendarFolder", "The folder is not a calendar.")
        fields = inputs.fields_of(call, element, None)
        invited = tuple(one.address for one in fields.get("attendees", ()))
        item = exchange.create(call.world, mailbox, {**fields, "request_was_sent": bool(invited) and sends != _NONE})
        if sends != _NONE:
            meetings.send(call.world, mailbox, item, "invitation", invited, counted=True)
        return [m("Items", calendar_item(call, mailbox, item, ID_ONLY))]

    return call.each(call.asked.body.find("{*}Items"), create, lambda: [m("Items")])


def update_item(call: Call) -> list[Element]:
    """One response message per item. An occurrence becomes an exception."""
    sends = _sends(call, "SendMeetingInvitationsOrCancellations", "ErrorSendMeetingInvitationsOrCancellationsRequired")
    resolution = call.asked.body.get("ConflictResolution", "AutoResolve")

    def update(change: Element) -> Iterable[Element]:
        mailbox, before, sent = call.item(change[0])
        fields = _fields(call, change.find("{*}Updates"), before)
        _check_version(mailbox, before, sent, fields, resolution)
        if sends != _NONE and before.is_organizer and fields.get("attendees", before.attendees):
            fields["request_was_sent"] = True
        after = exchange.update(call.world, mailbox, before, fields)
        if sends != _NONE:
            _tell(call, mailbox, before, after, only_changed="Changed" in sends)
        conflicts = m("ConflictResults", t("Count", "0"))
        return [m("Items", t("CalendarItem", item_id(after))), conflicts]

    return call.each(call.asked.body.find("{*}ItemChanges"), update, lambda: [m("Items")])


def delete_item(call: Call) -> list[Element]:
    """One response message per item. The ChangeKey does not matter; by default nobody may forget SendMeeting...."""
    sends = _sends(call, "SendMeetingCancellations", "ErrorSendMeetingCancellationsRequired")
    purge = call.asked.body.get("DeleteType") != "MoveToDeletedItems"

    def delete(element: Element) -> Iterable[Element]:
        mailbox, item, _ = call.item(element)
        if sends != _NONE and item.is_organizer:
            addresses = [one.address for one in item.attendees]
            meetings.send(call.world, mailbox, item, "cancellation", addresses, counted=True)
        exchange.remove(call.world, mailbox, item, purge=purge or not item.live)
        return ()

    return call.each(call.asked.body.find("{*}ItemIds"), delete)


def _sends(call: Call, attribute: str, code: str) -> str:
    found = call.asked.body.get(attribute)
    if found is None:
        raise EwsError(code, f"{attribute} is required for calendar items.")
    return str(found)


def _fields(call: Call, updates: Element, before: Item) -> dict[str, Any]:
    """The fields that the changes of one item set, one property for each change. Raises EwsError."""
    elements, deleted = [], []
    for change in updates:
        kind = local(change)
        if kind == "DeleteItemField":
            deleted.append(change[0])
        elif kind == "SetItemField":
            elements.append(_property(change))
        else:
            raise EwsError("ErrorInvalidPropertyAppend", "Appending is not simulated.")
    fields = inputs.fields_of(call, elements, before)
    for path in deleted:
        fields |= inputs.blanks_of(path, fields, before)
    return fields


def _property(change: Element) -> Element:
    path, item = change[0], change[1]
    if len(item) != 1:
        raise EwsError("ErrorIncorrectUpdatePropertyCount", "Each change sets one property.")
    named = path.get("FieldURI", "").rpartition(":")[2] if local(path) == "FieldURI" else "ExtendedProperty"
    if local(item[0]) != named:
        raise EwsError("ErrorUpdatePropertyMismatch", "The change names another property than it sets.")
    return item[0]


def _check_version(mailbox: Mailbox, before: Item, sent: str, fields: dict[str, Any], resolution: str) -> None:
    """ChangeKey and ConflictResolution. Raises EwsError."""
    if not sent:
        raise EwsError("ErrorChangeKeyRequiredForWriteOperations", "A change key is required for this operation.")
    if same_version(before, mailbox, sent) or resolution == "AlwaysOverwrite":
        return
    known = mailbox.versions.get(sent)
    if known is None:
        raise EwsError("ErrorInvalidChangeKey")
    if resolution == "NeverOverwrite":
        raise EwsError("ErrorIrresolvableConflict")
    both = known.key == before.key
    if both and any(getattr(known, name) != getattr(before, name) != value for name, value in fields.items()):
        raise EwsError("ErrorIrresolvableConflict")


def _tell(call: Call, mailbox: Mailbox, before: Item, after: Item, *, only_changed: bool) -> None:
    """The mails of an organizer's update."""
    if not after.is_organizer:
        return
    was, now = ([one.address for one in item.attendees] for item in (before, after))
    everybody = [address for address in now if address not in was or not before.request_was_sent]
    stayed = [address for address in now if address not in everybody]
    left = [address for address in was if address not in now]
    meetings.send(call.world, mailbox, after, "invitation", everybody, counted=True)
    if not only_changed:
        meetings.send(call.world, mailbox, after, "update", stayed, counted=True)
    meetings.send(call.world, mailbox, before, "cancellation", left, counted=True)
