"""FindItem: a calendar view, which expands series, or a listing with a restriction, which does not (facts G3)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from dateutil.relativedelta import relativedelta

from . import series, shapes
from .call import Call
from .errors import EwsError
from .item import Folder, Item
from .mailbox import Mailbox
from .releases import at_least
from .render import calendar_item
from .restriction import meets
from .soap import Element, boolean, m, t

_BUSY_FOR = 60_000


def find_item(call: Call) -> list[Element]:
    """One response message per folder."""
    shape = shapes.read(call.asked.body.find("{*}ItemShape"), call.schema, of_a_folder=True)
    view = call.asked.body.find("{*}CalendarView")
    paged = call.asked.body.find("{*}IndexedPageItemView")
    restriction = call.asked.body.find("{*}Restriction")
    if call.asked.body.get("Traversal") != "Shallow":
        raise EwsError("ErrorInvalidOperation", "Only shallow traversal is simulated.")
    if view is not None and (restriction is not None or call.asked.body.find("{*}SortOrder") is not None):
        raise EwsError("ErrorInvalidOperation", "A calendar view takes neither a restriction nor an order.")

    def find(element: Element) -> Iterable[Element]:
        mailbox, folder = call.known_folder(element)
        if view is not None:
            found = _viewed(call, mailbox, view)
            total, shown, offset = len(found), _bounded(call, found, _most(view)), None
        else:
            found = _listed(call, mailbox, folder, restriction)
            begin = int(paged.get("Offset", "0")) if paged is not None else 0
            total, shown = len(found), _bounded(call, found[begin:], _most(paged))
            offset = begin + len(shown)
        complete = (offset if offset is not None else len(shown)) >= total
        paging = {"TotalItemsInView": str(total), "IncludesLastItemInRange": boolean(complete)}
        if offset is not None:
            paging["IndexedPagingOffset"] = str(offset)
        items = t("Items", *(calendar_item(call, mailbox, item, shape) for item in shown))
        return [m("RootFolder", items, **paging)]

    return call.each(call.asked.body.find("{*}ParentFolderIds"), find)


def _viewed(call: Call, mailbox: Mailbox, view: Element) -> list[Item]:
    start, end = (call.moment(view.get(name, "")) for name in ("StartDate", "EndDate"))
    if end < start:
        raise EwsError("ErrorCalendarEndDateIsEarlierThanStartDate")
    if end > _two_years_after(start):
        raise EwsError("ErrorCalendarViewRangeTooBig")
    found: list[Item] = []
    for item in mailbox.listed():
        if item.rule is not None:
            found += series.instances(mailbox, item, start, end)
        elif item.overlaps(start, end):
            found.append(item)
    return sorted(found, key=lambda item: (item.start, item.end))


def _listed(call: Call, mailbox: Mailbox, folder: Folder, restriction: Element | None) -> list[Item]:
    found = mailbox.listed(folder)
    if restriction is not None:
        found = [item for item in found if meets(call, item, restriction[0])]
    order = call.asked.body.find("{*}SortOrder")
    for field in reversed(order if order is not None else ()):
        path = field[0].get("FieldURI", "")
        if path not in _SORTS:
            raise EwsError("ErrorUnsupportedPathForSortGroup", f"{path} is not simulated as an order.")
        found.sort(key=_SORTS[path], reverse=field.get("Order") == "Descending")
    return found


_SORTS = {
    "calendar:Start": lambda item: item.start,
    "calendar:End": lambda item: item.end,
    "item:Subject": lambda item: item.subject,
    "item:DateTimeCreated": lambda item: item.created,
    "item:LastModifiedTime": lambda item: item.modified,
}


def _most(view: Element | None) -> int:
    most = 0 if view is None else int(view.get("MaxEntriesReturned", "0"))
    return most or 1_000_000


def _bounded(call: Call, found: list[Item], most: int) -> list[Item]:
    """EWSFindCountLimit: 2010 refuses what is beyond it, 2010 SP1 and later cut it off (facts/microsoft.md G1, G6)."""
    limit = call.options.find_count_limit
    if call.release.schema.startswith("Exchange2007") or min(most, len(found)) <= limit:
        return found[:most]
    if not at_least(call.release.schema, "Exchange2010_SP1"):
        raise EwsError("ErrorServerBusy", back_off=_BUSY_FOR)
    return found[:limit]


def _two_years_after(start: datetime) -> datetime:
    return start + relativedelta(years=2)
