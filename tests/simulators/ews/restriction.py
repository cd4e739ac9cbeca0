"""FindItem's Restriction, as far as it is about items of a calendar."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from . import extended
from .call import Call
from .errors import EwsError
from .item import Item
from .soap import Element, boolean, local

Value = str | datetime | bytes | None
_COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "IsEqualTo": lambda found, wanted: found == wanted,
    "IsNotEqualTo": lambda found, wanted: found != wanted,
    "IsGreaterThan": lambda found, wanted: found > wanted,
    "IsGreaterThanOrEqualTo": lambda found, wanted: found >= wanted,
    "IsLessThan": lambda found, wanted: found < wanted,
    "IsLessThanOrEqualTo": lambda found, wanted: found <= wanted,
}
_FIELDS: Mapping[str, Callable[[Item], Value]] = {
    "item:Subject": lambda item: item.subject,
    "item:Sensitivity": lambda item: item.sensitivity,
    "item:DateTimeCreated": lambda item: item.created,
    "item:LastModifiedTime": lambda item: item.modified,
    "calendar:Start": lambda item: item.start,
    "calendar:End": lambda item: item.end,
    "calendar:Location": lambda item: item.location,
    "calendar:LegacyFreeBusyStatus": lambda item: item.free_busy,
    "calendar:IsRecurring": lambda item: boolean(item.rule is not None),
    "calendar:IsAllDayEvent": lambda item: boolean(item.all_day),
    "calendar:IsCancelled": lambda item: boolean(item.is_cancelled),
}
"""What can be searched for; a UID cannot (facts/microsoft.md G4)."""


def meets(call: Call, item: Item, test: Element) -> bool:
    """Whether an item meets a restriction. Raises EwsError for what cannot be searched for."""
    kind = local(test)
    if kind == "And":
        return all([meets(call, item, part) for part in test])  # noqa: C419 - each part may be refused
    if kind == "Or":
        return any([meets(call, item, part) for part in test])  # noqa: C419 - as above
    if kind == "Not":
        return not meets(call, item, test[0])
    found = _value(item, test[0])
    if kind == "Exists":
        return found is not None
    if kind == "Contains":
        return _contains(found, test)
    if kind not in _COMPARED:
        raise EwsError("ErrorUnsupportedQueryFilter", f"{kind} is not simulated.")
    wanted = test[1][0]
    other = _constant(call, wanted, found) if local(wanted) == "Constant" else _value(item, wanted)
    if found is None or other is None:
        return kind == "IsNotEqualTo"
    return _COMPARED[kind](found, other)


def _value(item: Item, path: Element) -> Value:
    if local(path) == "ExtendedFieldURI":
        name = extended.name_of(path)
        found = extended.value(item, name)
        return base64.b64decode(found) if found is not None and name.type == "Binary" else found
    name = path.get("FieldURI", "")
    if name not in _FIELDS:
        raise EwsError("ErrorUnsupportedPathForQuery", f"{name} cannot be searched for.")
    return _FIELDS[name](item)


def _constant(call: Call, constant: Element, like: Value) -> Value:
    text = str(constant.get("Value", ""))
    if isinstance(like, datetime):
        return call.moment(text)
    if isinstance(like, bytes):
        try:
            return base64.b64decode(text, validate=True)
        except binascii.Error as error:
            raise EwsError("ErrorInvalidValueForProperty", "The constant is not binary.") from error
    return text


def _contains(found: Value, test: Element) -> bool:
    wanted, text = str(test.find("{*}Constant").get("Value", "")), found if isinstance(found, str) else ""
    if "IgnoreCase" in test.get("ContainmentComparison", "Exact"):
        wanted, text = wanted.lower(), text.lower()
    mode = test.get("ContainmentMode", "FullString")
    if mode == "FullString":
        return text == wanted
    return text.startswith(wanted) if "Prefix" in mode else wanted in text
