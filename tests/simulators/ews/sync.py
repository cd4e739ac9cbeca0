"""SyncFolderItems: what has changed in a calendar since a state (facts/microsoft.md G3).

A state holds what the caller has been told: it grows with the folder, and nothing of it stays on the server.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import zlib
from collections.abc import Iterable
from typing import Any

from . import shapes
from .call import Call
from .errors import EwsError
from .item import Folder, Item
from .mailbox import Mailbox
from .releases import at_least
from .render import calendar_item, item_id
from .shapes import Shape
from .soap import NAMES, Element, boolean, m, t, text_of

Known = dict[str, list[int]]
"""Version number and read flag of each item that was told, by its key."""
_MOST = 512


def sync_folder_items(call: Call) -> list[Element]:
    """The changes, at most so many of them, and the next state."""
    return call.each([call.asked.body], lambda _: _answer(call), _nothing)


def _nothing() -> Iterable[Element]:
    return [m("SyncState"), m("IncludesLastItemInRange", "true")]


def _answer(call: Call) -> Iterable[Element]:
    body = call.asked.body
    shape = shapes.read(body.find("{*}ItemShape"), call.schema, of_a_folder=True)
    most = int(text_of(body, "m:MaxChangesReturned", "0"))
    if not 1 <= most <= _MOST:
        raise EwsError("ErrorSchemaValidation", "MaxChangesReturned is out of range.")
    mailbox, folder = call.known_folder(body.find("{*}SyncFolderId")[0])
    known = _unpacked(text_of(body, "m:SyncState"), mailbox, folder)
    ignored = {element.get("Id", "") for element in body.findall("m:Ignore/t:ItemId", NAMES)}
    pending = list(_pending(call, mailbox, folder, known))
    changes = []
    for kind, key, state in pending[:most]:
        item = mailbox.current(key)
        if item.item_id not in ignored:
            changes.append(_change(call, mailbox, item, kind, shape))
        known[key] = state
        if kind == "Delete":
            del known[key]
    return [
        m("SyncState", _packed(known, mailbox, folder)),
        m("IncludesLastItemInRange", boolean(len(pending) <= most)),
        m("Changes", *changes),
    ]


def _pending(call: Call, mailbox: Mailbox, folder: Folder, known: Known) -> Iterable[tuple[str, str, list[int]]]:
    """What is not as it was told: the kind of change, the item's key, and what is known of it then."""
    listed = {item.key: item for item in mailbox.listed(folder)}
    newest_first = at_least(call.release.schema, "Exchange2010_SP2")
    for item in sorted(listed.values(), key=lambda item: (item.modified, item.created), reverse=newest_first):
        state, told = [mailbox.number(item.key), int(item.is_read)], known.get(item.key)
        if told is None:
            yield "Create", item.key, state
        elif told != state:
            yield "Update" if told[0] != state[0] else "ReadFlagChange", item.key, state
    for key in [key for key in known if key not in listed]:
        yield "Delete", key, []


def _change(call: Call, mailbox: Mailbox, item: Item, kind: str, shape: Shape) -> Element:
    if kind == "Delete":
        return t(kind, t("ItemId", Id=item.listed_name.text, ChangeKey=item.change_key))
    if kind == "ReadFlagChange":
        return t(kind, item_id(item), t("IsRead", boolean(item.is_read)))
    return t(kind, calendar_item(call, mailbox, item, shape))


def _packed(known: Known, mailbox: Mailbox, folder: Folder) -> str:
    content: list[Any] = [mailbox.guid, mailbox.generation, folder.value, known]
    raw = zlib.compress(json.dumps(content, separators=(",", ":")).encode())
    return base64.b64encode(hashlib.sha256(raw).digest() + raw).decode()


def _unpacked(state: str, mailbox: Mailbox, folder: Folder) -> Known:
    """What a state holds; an empty one holds nothing. Raises EwsError (ErrorInvalidSyncStateData)."""
    if not state:
        return {}
    try:
        raw = base64.b64decode(state, validate=True)
    except (binascii.Error, ValueError) as error:
        raise EwsError("ErrorInvalidSyncStateData") from error
    if hashlib.sha256(raw[32:]).digest() != raw[:32]:
        raise EwsError("ErrorInvalidSyncStateData")
    guid, generation, name, known = json.loads(zlib.decompress(raw[32:]))
    if (guid, generation, name) != (mailbox.guid, mailbox.generation, folder.value):
        raise EwsError("ErrorInvalidSyncStateData")
    return dict(known)
