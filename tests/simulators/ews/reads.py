"""GetItem, GetFolder, ResolveNames, GetServerTimeZones, ConvertId."""

from __future__ import annotations

from collections.abc import Iterable

from tzlocal.windows_tz import win_tz

from . import ids, shapes, zones
from .call import Call
from .errors import EwsError
from .item import Folder
from .mailbox import Mailbox
from .render import calendar_item, person
from .soap import Element, failure, m, success, t, text_of


def get_item(call: Call) -> list[Element]:
    """One response message per id."""
    shape = shapes.read(call.asked.body.find("{*}ItemShape"), call.schema, of_a_folder=False)

    def get(element: Element) -> Iterable[Element]:
        mailbox, item, _ = call.item(element)
        return [m("Items", calendar_item(call, mailbox, item, shape))]

    return call.each(call.asked.body.find("{*}ItemIds"), get, lambda: [m("Items")])


def get_folder(call: Call) -> list[Element]:
    """One response message per folder: the calendar, Deleted Items, and the roots, which hold nothing here."""
    shape = text_of(call.asked.body, "m:FolderShape/t:BaseShape")

    def get(element: Element) -> Iterable[Element]:
        mailbox, name = call.folder(element)
        return [m("Folders", _folder(mailbox, name, only_id=shape == "IdOnly"))]

    return call.each(call.asked.body.find("{*}FolderIds"), get, lambda: [m("Folders")])


def resolve_names(call: Call) -> list[Element]:
    """Mailboxes by an address (with or without `smtp:`), primary or secondary, or by the beginning of a name."""
    entry = text_of(call.asked.body, "m:UnresolvedEntry")
    address = entry.lower().removeprefix("smtp:")
    exact = call.world.any_address(address)
    begun = [box for box in call.world.mailboxes if box.display_name.lower().startswith(entry.lower())]
    found = [exact] if exact else begun
    if not found:
        return [failure("ResolveNames", EwsError("ErrorNameResolutionNoResults"))]
    full = call.asked.body.get("ReturnFullContactData") in ("true", "1")
    paging = {"TotalItemsInView": str(len(found)), "IncludesLastItemInRange": "true"}
    answer = m("ResolutionSet", *(_resolution(box, full=full) for box in found), **paging)
    if len(found) > 1:
        return [failure("ResolveNames", EwsError("ErrorNameResolutionMultipleResults"), answer, kind="Warning")]
    return [success("ResolveNames", answer)]


def get_server_time_zones(call: Call) -> list[Element]:
    """The zones that the server knows, by Windows' names; their rules are not simulated."""
    wanted = [element.text or "" for element in call.asked.body.findall("{*}Ids/{*}Id")]
    names = [name for name in wanted or sorted({*win_tz, "UTC"}) if name not in call.missing_zones]
    found = [t("TimeZoneDefinition", Id=name, Name=name) for name in names if zones.known(name)]
    return [success("GetServerTimeZones", m("TimeZoneDefinitions", *found))]


def convert_id(call: Call) -> list[Element]:
    """Only refusals: an id that is none, or an item that is not there. Converting is not simulated."""

    def convert(element: Element) -> Iterable[Element]:
        ids.parse(element.get("Id", ""))
        raise EwsError("ErrorInvalidOperation", "Converting is not simulated.")

    return call.each(call.asked.body.find("{*}SourceIds"), convert)


def _folder(mailbox: Mailbox, name: str, *, only_id: bool) -> Element:
    known = {Folder.CALENDAR.value: mailbox.calendar, Folder.DELETED_ITEMS.value: mailbox.deleted_items}
    if name not in (*known, "root", "msgfolderroot"):
        raise EwsError("ErrorFolderNotFound")
    item_name = known.get(name) or ids.ItemName(mailbox.guid, name.encode())
    more: list[Element] = []
    if not only_id:
        shown = {"calendar": "Calendar", "deleteditems": "Deleted Items", "root": "", "msgfolderroot": "Top"}
        kind = [t("FolderClass", "IPF.Appointment")] if name == "calendar" else []
        count = len(mailbox.listed(Folder(name))) if name in known else 0
        more = [*kind, t("DisplayName", shown[name]), t("TotalCount", str(count)), t("ChildFolderCount", "0")]
    tag = "CalendarFolder" if name == "calendar" else "Folder"
    return t(tag, t("FolderId", Id=item_name.text, ChangeKey="AgAAABY="), *more)


def _resolution(mailbox: Mailbox, *, full: bool) -> Element:
    who = person("Mailbox", mailbox.display_name, mailbox.address)
    who.append(t("MailboxType", "Mailbox"))
    if not full:
        return t("Resolution", who)
    addresses = [f"SMTP:{mailbox.address}", *(f"smtp:{alias}" for alias in mailbox.aliases)]
    entries = [
        t("Entry", address, Key=f"EmailAddress{number}") for number, address in enumerate(addresses[:3], start=1)
    ]
    contact = t("Contact", t("DisplayName", mailbox.display_name), t("EmailAddresses", *entries))
    return t("Resolution", who, contact)
