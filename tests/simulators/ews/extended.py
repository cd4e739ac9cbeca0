"""Extended properties: their names, and those that Exchange itself keeps (facts/microsoft.md G4)."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from .errors import EwsError
from .ids import dated_object_id, global_object_id, undated
from .item import Item, Property
from .soap import Element, t, text_of

_MEETING = "6ed8da90-450b-101b-98da-00aa003f1305"
_SETS: Mapping[str, str] = {
    "Meeting": _MEETING,
    "Appointment": "00062002-0000-0000-c000-000000000046",
    "Common": "00062008-0000-0000-c000-000000000046",
    "PublicStrings": "00020329-0000-0000-c000-000000000046",
    "InternetHeaders": "00020386-0000-0000-c000-000000000046",
}
GLOBAL_OBJECT_ID = Property(_MEETING, "3", "Binary")
"""PidLidGlobalObjectId, with the date of the instance in it."""
CLEAN_GLOBAL_OBJECT_ID = Property(_MEETING, "35", "Binary")
"""PidLidCleanGlobalObjectId: the way to search by UID, which itself cannot be searched for."""


def name_of(uri: Element) -> Property:
    """The name in an ExtendedFieldURI. Raises EwsError (ErrorInvalidExtendedProperty)."""
    tag, kind = uri.get("PropertyTag"), uri.get("PropertyType", "")
    if tag is not None:
        return Property("", tag.lower(), kind)
    distinguished = uri.get("DistinguishedPropertySetId")
    guid = _SETS.get(distinguished, distinguished) if distinguished else (uri.get("PropertySetId") or "").lower()
    name = uri.get("PropertyName") or uri.get("PropertyId")
    if not guid or not name:
        raise EwsError("ErrorInvalidExtendedProperty", "The extended property lacks its set, or its name.")
    return Property(guid, name, kind)


def sent(element: Element) -> tuple[Property, str]:
    """Name and value of an ExtendedProperty element. Raises EwsError."""
    return name_of(element.find("{*}ExtendedFieldURI")), text_of(element, "t:Value")


def value(item: Item, name: Property) -> str | None:
    """The value that an item has, None where it has none."""
    if name in (GLOBAL_OBJECT_ID, CLEAN_GLOBAL_OBJECT_ID):
        raw = global_object_id(item.uid)
        day = undated(item.uid)[1] if item.slot is None else item.slot.day
        if name == GLOBAL_OBJECT_ID and day is not None:
            raw = dated_object_id(item.uid, day)
        return base64.b64encode(raw).decode()
    return item.value(name)


def shown(item: Item, uri: Element) -> Element | None:
    """The ExtendedProperty element for a property that was asked for; None where the item has none."""
    found = value(item, name_of(uri))
    return None if found is None else t("ExtendedProperty", t("ExtendedFieldURI", **uri.attrib), t("Value", found))
