"""The operations of EWS that this adapter uses, as XML; nothing is sent here (facts/microsoft.md G3, G5). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.adapters.ews import quirks, times
from core.adapters.ews.drafts import mark_path, meeting_path
from core.adapters.ews.soap import Element, Person, m, t
from core.model.stretch import Window

_FIELDS = (
    "item:Subject", "item:Sensitivity", "item:Body", "item:DateTimeCreated", "item:LastModifiedTime", "calendar:UID",
    "calendar:Start", "calendar:End", "calendar:OriginalStart", "calendar:IsAllDayEvent", "calendar:Location",
    "calendar:IsCancelled", "calendar:CalendarItemType", "calendar:MyResponseType", "calendar:Organizer",
    "calendar:RequiredAttendees", "calendar:OptionalAttendees", "calendar:Resources", "calendar:AppointmentState",
    "calendar:Recurrence", "calendar:ModifiedOccurrences", "calendar:DeletedOccurrences", "calendar:IsOnlineMeeting",
)  # fmt: skip
"""What an item is read with. Each property costs the server work (facts/microsoft.md G3)."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request: the operation's own element, whom it acts for, and whether it changes anything."""

    body: Element
    person: Person | None = None
    writes: bool = False


def get_items(ids: Iterable[Element], schema: str) -> Element:
    """Whole items, texts as text, with our mark."""
    zone = "MeetingTimeZone" if schema in quirks.WITHOUT_ZONES else "StartTimeZone"
    paths = (t("FieldURI", FieldURI=name) for name in (*_FIELDS, f"calendar:{zone}"))
    shape = m(
        "ItemShape",
        t("BaseShape", "IdOnly"),
        t("BodyType", "Text"),
        t("AdditionalProperties", *paths, mark_path(), meeting_path(quirks.GLOBAL_OBJECT_ID)),
    )
    return m("GetItem", shape, m("ItemIds", *ids))


def sync(folder: str, state: str) -> Element:
    """What changed in the folder since a state, ids only: a few bytes and one call of the store for all."""
    since = m("SyncState", state) if state else None
    most = m("MaxChangesReturned", str(quirks.MOST_CHANGES))
    return m("SyncFolderItems", _ids_only(), m("SyncFolderId", t("FolderId", Id=folder)), since, most)


def view(folder: str, window: Window) -> Element:
    """What a window shows, series date by date: of each the id, the kind, and the uid that tells series apart."""
    bounds = {"StartDate": times.spelt(window.start), "EndDate": times.spelt(window.end)}
    found = m("CalendarView", MaxEntriesReturned=str(quirks.MOST_VIEWED), **bounds)
    return _find(folder, _ids_only("calendar:CalendarItemType", "calendar:UID"), found)


def search(folder: str, condition: Element, offset: int = 0) -> Element:
    """The single items and masters for which a condition holds, a page of them, by their starts."""
    page = {"MaxEntriesReturned": str(quirks.MOST_VIEWED), "Offset": str(offset), "BasePoint": "Beginning"}
    order = m("SortOrder", t("FieldOrder", t("FieldURI", FieldURI="calendar:Start"), Order="Ascending"))
    return _find(folder, _ids_only(), m("IndexedPageItemView", **page), m("Restriction", condition), order)


def create(folder: str, item: Element) -> Element:
    """One item, nobody mailed. One by one: a chunk that is refused halfway tells not what it made (facts H)."""
    target = m("SavedItemFolderId", t("FolderId", Id=folder))
    return m("CreateItem", target, m("Items", item), SendMeetingInvitations="SendToNone")


def update(identity: str, version: str, changes: Sequence[Element], *, announces: bool) -> Element:
    """Changes of one item, if it is still of that version."""
    item = t("ItemChange", t("ItemId", Id=identity, ChangeKey=version), t("Updates", *changes))
    return m(
        "UpdateItem",
        m("ItemChanges", item),
        ConflictResolution="NeverOverwrite",
        SendMeetingInvitationsOrCancellations=_sends(announces=announces),
    )


def delete(identity: str, *, announces: bool) -> Element:
    """To Deleted Items, where a person can get it back."""
    return m(
        "DeleteItem",
        m("ItemIds", t("ItemId", Id=identity)),
        DeleteType="MoveToDeletedItems",
        SendMeetingCancellations=_sends(announces=announces),
    )


def own_calendar() -> Element:
    """The default calendar of whom the request acts for; its id alone."""
    calendar = m("FolderIds", t("DistinguishedFolderId", Id="calendar"))
    return m("GetFolder", m("FolderShape", t("BaseShape", "IdOnly")), calendar)


def resolve(address: str) -> Element:
    """Who has an address, primary or secondary."""
    return m("ResolveNames", m("UnresolvedEntry", f"smtp:{address}"), ReturnFullContactData="false")


def item(identity: str) -> Element:
    """An item by its id."""
    return t("ItemId", Id=identity)


def date_of_series(master: str, number: int) -> Element:
    """A date of a series by its number, counted from 1, deleted ones counted too (facts/microsoft.md G3)."""
    return t("OccurrenceItemId", RecurringMasterId=master, InstanceIndex=str(number))


def series_of(occurrence: str) -> Element:
    """The series that an occurrence is of."""
    return t("RecurringMasterItemId", OccurrenceId=occurrence)


def _find(folder: str, *parts: Element) -> Element:
    return m("FindItem", *parts, m("ParentFolderIds", t("FolderId", Id=folder)), Traversal="Shallow")


def _ids_only(*fields: str) -> Element:
    more = t("AdditionalProperties", *(t("FieldURI", FieldURI=name) for name in fields)) if fields else None
    return m("ItemShape", t("BaseShape", "IdOnly"), more)


def _sends(*, announces: bool) -> str:
    return "SendToAllAndSaveCopy" if announces else "SendToNone"
