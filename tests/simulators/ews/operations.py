"""The operations by name, and the answer to one request."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from . import soap, zones
from .call import Call
from .errors import EwsError
from .find import find_item
from .mailbox import Mailbox
from .reads import convert_id, get_folder, get_item, get_server_time_zones, resolve_names
from .releases import Release, at_least
from .soap import Asked, Element, failure, m
from .sync import sync_folder_items
from .world import World
from .writes import create_item, delete_item, update_item

_OPERATIONS: Mapping[str, Callable[[Call], list[Element]]] = {
    "ConvertId": convert_id,
    "CreateItem": create_item,
    "DeleteItem": delete_item,
    "FindItem": find_item,
    "GetFolder": get_folder,
    "GetItem": get_item,
    "GetServerTimeZones": get_server_time_zones,
    "ResolveNames": resolve_names,
    "SyncFolderItems": sync_folder_items,
    "UpdateItem": update_item,
}
_THINGS = ("ItemIds", "Items", "ItemChanges", "ParentFolderIds", "FolderIds")
_EMPTY = {"CreateItem": "Items", "GetItem": "Items", "UpdateItem": "Items", "GetFolder": "Folders"}


def answer(world: World, release: Release, asked: Asked, mailbox: Mailbox | None) -> bytes:
    """The answer to one request. Raises EwsError for an operation that the release does not know, or nobody does."""
    operation = _OPERATIONS.get(asked.operation)
    too_young = asked.operation == "GetServerTimeZones" and not at_least(asked.schema, "Exchange2010")
    if operation is None or too_young:
        raise EwsError("ErrorInvalidRequest", f"{asked.operation} is not known here.")
    call = Call(world, release, asked, mailbox)
    if call.modern and asked.zone and (asked.zone in call.missing_zones or zones.known(asked.zone) is None):
        raise EwsError("ErrorTimeZone", f"The time zone '{asked.zone}' is not known to this server.")
    try:
        messages = operation(call)
    except EwsError as error:
        messages = _refused(asked, error)
    return soap.answer(release, asked.operation, messages)


def _refused(asked: Asked, error: EwsError) -> list[Element]:
    """What is wrong with the whole request is said once for each thing in it."""
    holders = (asked.body.find(f"{{*}}{name}") for name in _THINGS)
    number = next((len(holder) for holder in holders if holder is not None), 1)
    empty = _EMPTY.get(asked.operation)
    return [failure(asked.operation, error, m(empty) if empty else None) for _ in range(number)]
